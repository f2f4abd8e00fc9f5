"""Compile the kernels of models without loading them: `python -m ossia.engine.gpt_oss.cuda.precompile OPTIONS FILE...`.

It makes no context and takes no memory of the GPU, since a model may be loaded meanwhile, and leaves the processor to
others. Each line that it prints tells how many kernels are done, and of how many.
"""

import os
import sys
from pathlib import Path
from typing import Final

import msgspec

from ossia.config import EngineOptions
from ossia.engine.gpt_oss.cuda.device import NoGpu, choose, visible_gpu
from ossia.errors import OssiaError
from ossia.gguf import GGUF

NICE: Final = 10


def main() -> None:
    os.nice(NICE)
    options = msgspec.json.decode(sys.argv[1], type=EngineOptions)
    try:
        gpu = choose(options.device, visible_gpu).gpu
    except NoGpu:
        return  # loading a model tells why
    if gpu:
        for path in sys.argv[2:]:
            compile_model(Path(path), options, has_pdl=gpu.capability >= (9, 0))


def compile_model(path: Path, options: EngineOptions, has_pdl: bool) -> None:
    """Compile the kernels of one model, if it can be run at all: loading it tells why not."""
    from ossia.engine.gpt_oss.cuda.assemble import compile_kernels
    from ossia.engine.gpt_oss.cuda.compile import keep_kernels
    from ossia.engine.gpt_oss.weights import from_gguf

    keep_kernels()
    try:
        weights = from_gguf(GGUF.open(path))
    except OssiaError:
        return
    compile_kernels(weights, options, has_pdl, lambda part, done, total: print(done, total, flush=True))


if __name__ == "__main__":
    main()
