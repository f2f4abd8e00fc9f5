"""A model divided over two GPUs: its ids are those of one GPU, but where two are nearly as likely."""

from pathlib import Path

import pytest
import torch

from ossia.config import EngineOptions
from ossia.engine.core import EngineCore
from ossia.engine.gpt_oss.cuda.device import Gpu, others_like
from ossia.engine.gpt_oss.cuda.start import start
from ossia.gguf import GGUF
from ossia.types import SamplingParams
from tests.gpu.test_runner import PARTING, continued, random_ids
from tests.model.tiny_gpt_oss import Dense, random_model, write_gguf

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(torch.cuda.device_count() < 2, reason="there are no two GPUs"),
]


def core_on(count: int, path: Path, gpu: Gpu) -> EngineCore:
    options = EngineOptions(gpus=count, kv_cache_bytes=1 << 30)
    runner, memory_map = start(GGUF.open(path), gpu, options, others=others_like(gpu))
    assert memory_map.num_gpus == count
    return EngineCore(runner, max_sequences=64)


def test_two_gpus_give_the_ids_of_one(gpu: Gpu, tmp_path: Path):
    """Prompts in chunks, and answers at every range of batch sizes, in graphs. No expert is chosen by a near tie."""
    model = random_model(num_local_experts=4, intermediate_size=192)
    path = write_gguf(model, tmp_path / "model.gguf", dense=Dense.Q8_0)
    one, two, sampling = core_on(1, path, gpu), core_on(2, path, gpu), SamplingParams(temperature=0, logprobs=2)
    parted = 0
    for count, length in ((1, 70), (3, 20), (20, 30), (2, 2300)):
        prompts = [random_ids(length, seed) for seed in range(count)]
        whole, divided = (continued(core, prompts, 24, sampling) for core in (one, two))
        for alone, together in zip(whole, divided, strict=True):
            for first, second in zip(alone, together, strict=True):
                if first.token != second.token:
                    (_, best), (_, other) = first.top
                    assert best - other < PARTING
                    parted += 1
                    break
    assert parted < 10
