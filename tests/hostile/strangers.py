"""A stranger's model on a real engine, of which only the process that computes is a double, and its sandboxes' size."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from ossia.engine import Engine
from ossia.engine.codec import Codec, Sandboxes
from ossia.engine.native import NativeEngine
from ossia.sandbox.sandbox import Allowance, Sandbox
from ossia.store.models import Model, ModelStore
from ossia.tokenizer import Tokenizer
from tests.api.conftest import write_gguf
from tests.doubles.worker_process import WorkerProcess, started
from tests.hostile.conftest import EVIL
from tests.waiting import wait_until

MB = 1 << 20
LANES = (Allowance(2, 0.1, 64 * MB, niceness=0), Allowance(1, 0.2, 128 * MB, niceness=0))
"""Lanes of a test's sandboxes, shorter than the server's. They give way to nobody: beside other tests, a fifth of a
second of processor time would take many seconds."""
SOON_IDLE = tuple(replace(lane, idle_seconds=0.05) for lane in LANES)


def stranger(
    monkeypatch: pytest.MonkeyPatch, tokenizer: Tokenizer, chat_format: Callable[[Sandboxes], object], says: list[int]
) -> Callable[[Model], Awaitable[Engine]]:
    """Function that loads the model, whose process answers everything with the ids `says`."""
    monkeypatch.setattr("asyncio.create_subprocess_exec", WorkerProcess(says).start)

    async def load(model: Model) -> NativeEngine:
        sandboxes = Sandboxes(Sandbox("templates", LANES), Sandbox("grammars", LANES))
        made: object = chat_format(sandboxes)
        return await started(Codec(tokenizer, made, [], sandboxes))  # type: ignore[arg-type]

    return load


def add_to(store: ModelStore, tmp_path: Path) -> None:
    """Store the stranger's model beside the ordinary one."""
    store.create(EVIL, files=[write_gguf(tmp_path / "evil.gguf", tokens=("evil",))])


def helpers() -> list[psutil.Process]:
    """The processes of all sandboxes of this test."""
    found: list[psutil.Process] = []
    for child in psutil.Process().children():
        try:
            if "ossia.sandbox.process" in child.cmdline():
                found.append(child)
        except psutil.Error:
            pass  # it has just ended
    return found


@contextmanager
def memory_stays_bounded() -> Iterator[None]:
    """Assert that neither the server nor a helper keeps much memory, and that no helper goes on working."""
    before = psutil.Process().memory_info().rss
    yield
    assert psutil.Process().memory_info().rss - before < 128 * MB
    assert len(helpers()) <= (sum(lane.processes for lane in LANES) + 1) * 2  # the last is of doubtful jobs
    wait_until(lambda: all(idle(helper) for helper in helpers()))


def idle(helper: psutil.Process) -> bool:
    """True if the process uses no processor time, or is gone."""
    try:
        before = helper.cpu_times().user
        return helper.cpu_percent(0.05) < 50 and helper.cpu_times().user - before < 0.04
    except psutil.Error:
        return True
