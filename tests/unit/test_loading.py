"""Loading: the device that a model is loaded onto, what is told of it, and who decides where it does not fit."""

import threading
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from ossia.config import EngineOptions
from ossia.engine import loading, wire
from ossia.engine.gpt_oss.cuda.device import Device, Gpu, NoGpu
from ossia.engine.gpt_oss.cuda.memory import ContextTooLong, NoRoom
from ossia.engine.heartbeat import Pulse
from ossia.engine.loading import Later
from tests.doubles.worker_process import CAPACITY
from tests.waiting import PATIENCE

GPU = Gpu(0, "NVIDIA Test", (9, 0), 10, 20)
CORE: Any = SimpleNamespace(capacity=CAPACITY)
TOO_LARGE = NoRoom("the model does not fit", "unload others", 7, 3)
TOO_LONG = ContextTooLong("a context of 9 tokens does not fit", "ask for 5", 7, 3)


def loaded(
    monkeypatch: pytest.MonkeyPatch,
    options: EngineOptions,
    device: Device,
    problem: NoGpu | None = None,
    *,
    alone: bool = True,
) -> str:
    """Messages about the device, where a GPU's and the processor's engines are not really loaded."""
    sent: list[wire.ToParent] = []

    def on_gpu(message: wire.Load, gpu: Gpu, send: loading.Send, report: object) -> object:
        if problem:
            raise problem
        send(wire.Ready(CAPACITY, 1, gpu.name, (gpu.index,), 10))
        return CORE

    monkeypatch.setattr(loading, "choose", lambda wanted, find: Device(None) if wanted == "cpu" else device)
    monkeypatch.setattr(loading, "_load_on_gpu", on_gpu)
    monkeypatch.setattr(loading, "_load_on_processor", lambda message, places, report: CORE)
    monkeypatch.setattr(loading, "Later", lambda *_: None)
    loading.load(wire.Load(["model.gguf"], options, None, alone=alone), sent.append)
    assert isinstance(sent[-1], wire.Ready)
    return sent[-1].device


def test_a_gpu_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert loaded(monkeypatch, EngineOptions(), Device(GPU)) == "NVIDIA Test"


def test_without_a_gpu_the_processor_is_taken_and_the_reason_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert loaded(monkeypatch, EngineOptions(), Device(None, "too old")) == "the processor: too old"
    assert loaded(monkeypatch, EngineOptions(), Device(None)) == "the processor"


@pytest.mark.parametrize("device", ["auto", "auto:1"])
def test_what_does_not_fit_runs_on_the_processor(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = loaded(monkeypatch, EngineOptions(device=device), Device(GPU), TOO_LARGE)
    assert told == "the processor: the model does not fit (unload others)"


def test_what_a_gpu_holds_of_a_model_that_runs_on_the_processor_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    given_back: list[bool] = []
    monkeypatch.setattr(loading, "give_back", lambda: given_back.append(True))
    loaded(monkeypatch, EngineOptions(), Device(GPU), NoGpu("kernels compute wrong numbers"))
    assert given_back == [True]


@pytest.mark.parametrize(("device", "problem"), [("cuda", TOO_LARGE), ("cuda:1", TOO_LARGE), ("auto", TOO_LONG)])
def test_what_was_asked_for_is_refused(device: str, problem: NoGpu, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoGpu, match="does not fit") as caught:
        loaded(monkeypatch, EngineOptions(device=device), Device(GPU), problem)
    assert type(caught.value) is NoGpu, "nobody can make room"
    assert caught.value.hint == problem.hint


@pytest.mark.parametrize("device", ["auto", "cuda"])
@pytest.mark.parametrize("problem", [TOO_LARGE, TOO_LONG])
def test_where_other_models_are_the_server_decides(
    device: str, problem: NoRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NoRoom) as caught:
        loaded(monkeypatch, EngineOptions(device=device), Device(GPU), problem, alone=False)
    assert (caught.value.needed_bytes, caught.value.usable_bytes) == (7, 3)


def test_exact_numbers_are_the_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    assert loaded(monkeypatch, EngineOptions(precision="fp32"), Device(GPU)) == "the processor"


# ---- what is made later


def test_a_value_is_made_when_it_is_wanted_and_only_once() -> None:
    made: list[int] = []
    later = Later(lambda: made.append(1) or 7, seconds=600)
    assert made == []
    assert [later.result(), later.result()] == [7, 7]
    assert made == [1]


def test_a_value_is_made_early() -> None:
    made = threading.Event()
    later = Later(lambda: made.set() or 7, seconds=0)
    assert made.wait(PATIENCE)
    assert later.result() == 7


def test_a_value_is_made_early_only_while_no_step_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    monkeypatch.setattr(loading, "pulse", pulse := Pulse(beats=3, is_working=True))

    def look(seconds: float) -> None:
        """A second in which the last step ends, after some in which steps run."""
        looks.append(seconds)
        pulse.beats += len(looks) < 4
        pulse.is_working = len(looks) < 3

    monkeypatch.setattr(loading.time, "sleep", look)
    loading.wait_until_idle()
    assert looks == [loading.IDLE_SECONDS] * 4


def test_a_value_waits_for_what_it_shall_wait_for() -> None:
    made: list[str] = []
    done = threading.Event()
    Later(lambda: made.append("made") or done.set(), 0, lambda: made.append("waited"))
    assert done.wait(PATIENCE)
    assert made == ["waited", "made"]


def test_whoever_wants_the_value_hears_of_a_failure() -> None:
    tried = threading.Event()

    def fail() -> int:
        tried.set()
        raise ValueError("broken")

    later = Later(partial(fail), seconds=0)
    assert tried.wait(PATIENCE)
    with pytest.raises(ValueError, match="broken"):
        later.result()
