"""Compile kernels without loading models: `python -m ossia.engine.gpt_oss.cuda.precompile OPTIONS MODEL...`.

A model is a JSON list of its files. No context is made and no memory of the GPU taken, since a model may be loaded
meanwhile, and the processor is left to others. Each printed line tells how many kernels are done, and of how many.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from ossia.config import EngineOptions
from ossia.engine.gpt_oss.cuda.device import NoGpu, choose, visible_gpu
from ossia.errors import OssiaError
from ossia.split import open_model

NICE: Final = 10


def main() -> None:
    os.nice(NICE)
    options = msgspec.json.decode(sys.argv[1], type=EngineOptions)
    try:
        gpu = choose(options.device, visible_gpu).gpu
    except NoGpu:
        return  # loading a model tells why
    if gpu:
        for model in sys.argv[2:]:
            files = map(Path, msgspec.json.decode(model, type=list[str]))
            compile_model([*files], options, has_pdl=gpu.capability >= (9, 0))


def compile_model(files: list[Path], options: EngineOptions, has_pdl: bool) -> None:
    """Compile the kernels of one model, if it can be run at all: loading it tells why not."""
    from ossia.engine.gpt_oss.cuda.assemble import compile_kernels
    from ossia.engine.gpt_oss.cuda.compile import keep_kernels
    from ossia.engine.gpt_oss.weights import from_gguf

    keep_kernels()
    with suppress(OssiaError):
        weights = from_gguf(open_model(*files))
        compile_kernels(weights, options, has_pdl, lambda part, done, total: print(done, total, flush=True))


if __name__ == "__main__":
    main()
