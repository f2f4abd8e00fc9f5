"""Kernels compiled ahead: when a process is started, what is told of it, and that it ends with the server."""

import asyncio
import logging
import os
from pathlib import Path

import pytest

from ossia.config import EngineOptions
from ossia.engine import ahead, driver
from ossia.engine.ahead import compile_ahead
from ossia.engine.driver import may_use_gpu

MODELS = [(Path("/models/a"),), (Path("/models/b-1"), Path("/models/b-2"))]


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A module that stands in for the compiler."""
    monkeypatch.setattr(ahead, "MODULE", "compiler_double")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    return tmp_path / "compiler_double.py"


def test_progress_is_logged(module: Path, caplog: pytest.LogCaptureFixture) -> None:
    module.write_text("import sys\nprint(1, 2)\nprint(2, 2)\nopen(__file__ + '.args', 'w').write(repr(sys.argv[2:]))")
    caplog.set_level(logging.DEBUG)
    asyncio.run(compile_ahead(MODELS, EngineOptions()))
    assert Path(f"{module}.args").read_text() == """['["/models/a"]', '["/models/b-1", "/models/b-2"]']"""
    assert any("compiling kernels: " in record.message for record in caplog.records)


def test_a_failure_is_told(module: Path, caplog: pytest.LogCaptureFixture) -> None:
    module.write_text("raise SystemExit(3)")
    asyncio.run(compile_ahead(MODELS, EngineOptions()))
    assert "could not be compiled ahead (exit code 3)" in caplog.text


def test_the_process_ends_with_the_server(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()
    monkeypatch.setattr(ahead.Timeline, "note", lambda *_: begun.set())
    module.write_text("import os, time\nprint(os.getpid(), 9, flush=True)\ntime.sleep(600)")
    started: list[asyncio.subprocess.Process] = []
    follow = ahead._follow  # pyright: ignore[reportPrivateUsage]

    async def followed(process: asyncio.subprocess.Process) -> None:
        started.append(process)
        await follow(process)

    monkeypatch.setattr(ahead, "_follow", followed)

    async def give_up() -> None:
        compiling = asyncio.create_task(compile_ahead(MODELS, EngineOptions()))
        await begun.wait()
        compiling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await compiling

    asyncio.run(give_up())
    assert [process.returncode for process in started] == [-9]


def test_without_models_there_is_nothing_to_compile(module: Path) -> None:
    module.write_text("open(__file__ + '.ran', 'w')")
    asyncio.run(compile_ahead([], EngineOptions()))
    assert not Path(f"{module}.ran").exists()


@pytest.fixture
def equipped(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine on which a GPU has all that it needs, as far as can be seen."""
    monkeypatch.setattr(driver, "has_driver", lambda: True)
    monkeypatch.setattr(driver, "find_spec", lambda name: object())
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-8f6a3b1e-0000-0000-0000-000000000000")
    assert may_use_gpu(EngineOptions())
    return monkeypatch


@pytest.mark.parametrize("options", [EngineOptions(device="cpu"), EngineOptions(precision="fp32")])
def test_a_gpu_that_is_ruled_out(options: EngineOptions, equipped: pytest.MonkeyPatch) -> None:
    assert not may_use_gpu(options)


@pytest.mark.parametrize("hidden", ["", "-1", " "])
def test_a_gpu_that_is_hidden(hidden: str, equipped: pytest.MonkeyPatch) -> None:
    equipped.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert not may_use_gpu(EngineOptions())


def test_a_gpu_without_driver_or_packages(equipped: pytest.MonkeyPatch) -> None:
    equipped.setattr(driver, "find_spec", lambda name: None)
    assert not may_use_gpu(EngineOptions())
    equipped.undo()
    equipped.setattr(driver, "has_driver", lambda: False)
    assert not may_use_gpu(EngineOptions())
