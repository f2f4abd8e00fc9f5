"""Failures on a real GPU: faults of kernels, and memory that runs out or is not there. Others go on working."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from ossia.config import EngineOptions
from ossia.engine import NoRoom, wire
from ossia.engine.child import Child
from ossia.engine.gpt_oss.cuda.device import Gpu
from ossia.engine.gpt_oss.cuda.memory import RESERVE_BYTES
from ossia.errors import ModelCrashed, OssiaError
from ossia.types import SamplingParams
from tests.doubles.worker_process import run_instead
from tests.model.tiny_gpt_oss import random_model, write_gguf

pytestmark = pytest.mark.gpu

KV_BYTES = 64 << 20


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(random_model(), tmp_path_factory.mktemp("models") / "model.gguf", "gpt-oss")


async def started(path: Path, device: str = "cuda", *, alone: bool = True) -> Child:
    options = EngineOptions(device=device, kv_cache_bytes=KV_BYTES)
    return await Child.start(wire.Load([str(path)], options, None, alone=alone))


async def answered(model: Child, max_tokens: int = 40) -> list[int]:
    """Ids of an answer. Raises the error that it ends with."""
    add = wire.Add(model.next_id(), [1, 2, 3], SamplingParams(), [], [], max_tokens, 7, None)
    ids: list[int] = []
    with model.outputs(add) as mailbox:
        while not mailbox.finished or mailbox.ready:
            if not mailbox.ready:
                await mailbox.arrival()
            output = mailbox.ready.popleft()
            if isinstance(output, OssiaError):
                raise output
            ids.append(output.sampled.token)
    return ids


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("illegal address", "the GPU failed: .*illegal memory access"),
        ("assertion", "the GPU failed: .*device-side assert"),
        ("out of memory", "the GPU ran out of memory"),
    ],
)
async def test_a_fault_ends_the_answers_and_the_next_process_works(
    fault: str, message: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_instead(monkeypatch, "tests.gpu.faulty_worker")
    monkeypatch.setenv("FAULT", fault)
    model = await started(path)
    errors = await asyncio.gather(*(answered(model) for _ in range(3)), return_exceptions=True)
    for error in errors:
        assert isinstance(error, ModelCrashed)
        assert re.search(message, error.message), error.message
        assert error.hint
    assert not model.alive
    await model.close()
    monkeypatch.undo()
    model = await started(path)
    assert len(await answered(model)) == 40
    await model.close()


async def test_memory_that_runs_out_while_loading(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_instead(monkeypatch, "tests.gpu.faulty_worker")
    monkeypatch.setenv("FAULT", "out of memory at load")
    with pytest.raises(ModelCrashed, match="ran out of memory while the model was loaded") as caught:
        await started(path)
    assert "OLLAMA_GPU_OVERHEAD" in (caught.value.hint or "")


@pytest.fixture
def full(gpu: Gpu) -> Iterator[None]:
    """A GPU that another program has filled, all but what no model may take."""
    free, _ = torch.cuda.mem_get_info(gpu.index)
    taken = torch.empty(free - RESERVE_BYTES, dtype=torch.uint8, device=f"cuda:{gpu.index}")
    yield
    del taken
    torch.cuda.empty_cache()


@pytest.mark.usefixtures("full")
async def test_a_full_gpu_leaves_the_processor(path: Path) -> None:
    model = await started(path, "auto")
    assert not model.ready.gpus
    assert "does not fit on" in model.ready.device
    await model.close()
    with pytest.raises(ModelCrashed, match=r"it needs \d.*GiB .*GiB can be used") as caught:
        await started(path)
    assert "OSSIA_DEVICE=cpu" in (caught.value.hint or "")


@pytest.mark.usefixtures("full")
async def test_a_gpu_that_is_full_of_our_own_models_is_told_to_the_server(path: Path) -> None:
    with pytest.raises(NoRoom) as caught:
        await started(path, "auto", alone=False)
    assert caught.value.needed_bytes > caught.value.usable_bytes >= 0


@pytest.mark.parametrize("hidden", ["-1", "99"])
async def test_hidden_gpus(hidden: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    with pytest.raises(ModelCrashed, match="No CUDA GPUs are available"):
        await started(path)


async def test_a_gpu_by_its_uuid(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", f"GPU-{torch.cuda.get_device_properties(0).uuid}")
    model = await started(path)
    assert model.ready.gpus == (0,)
    await model.close()
