"""Worker: the device that a model is loaded onto, and what is told of it."""

import pytest

from ossia.config import EngineOptions
from ossia.engine import wire, worker
from ossia.engine.gpt_oss.cuda.device import Device, Gpu, NoGpu

GPU = Gpu(0, "NVIDIA Test", (9, 0), 10, 20)


def loaded(monkeypatch: pytest.MonkeyPatch, options: EngineOptions, device: Device, fits: bool = True) -> str:
    """What is told of the device, where a GPU's and the processor's engines are not really loaded."""

    def on_gpu(message: wire.Load, gpu: Gpu) -> tuple[None, str]:
        if not fits:
            raise NoGpu("the model does not fit", hint="unload others")
        return None, gpu.name

    monkeypatch.setattr(worker, "choose", lambda wanted: Device(None) if wanted == "cpu" else device)
    monkeypatch.setattr(worker, "load_on_gpu", on_gpu)
    monkeypatch.setattr(worker, "load_on_processor", lambda message: None)
    return worker.load(wire.Load("model.gguf", options, None))[1]


def test_a_gpu_is_taken(monkeypatch: pytest.MonkeyPatch):
    assert loaded(monkeypatch, EngineOptions(), Device(GPU)) == "NVIDIA Test"


def test_without_a_gpu_the_processor_is_taken_and_the_reason_told(monkeypatch: pytest.MonkeyPatch):
    assert loaded(monkeypatch, EngineOptions(), Device(None, "too old")) == "the processor: too old"
    assert loaded(monkeypatch, EngineOptions(), Device(None)) == "the processor"


def test_what_does_not_fit_runs_on_the_processor_unless_a_gpu_was_asked_for(monkeypatch: pytest.MonkeyPatch):
    told = loaded(monkeypatch, EngineOptions(), Device(GPU), fits=False)
    assert told == "the processor: the model does not fit (unload others)"
    with pytest.raises(NoGpu):
        loaded(monkeypatch, EngineOptions(device="cuda"), Device(GPU), fits=False)


def test_exact_numbers_are_the_processors(monkeypatch: pytest.MonkeyPatch):
    assert loaded(monkeypatch, EngineOptions(precision="fp32"), Device(GPU)) == "the processor"
