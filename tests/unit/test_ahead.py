"""Kernels compiled ahead: when a process is started, what is told of it, and that it ends with the server."""

import asyncio
import logging
import os
from pathlib import Path

import pytest

from ossia.config import EngineOptions
from ossia.engine import ahead
from ossia.engine.ahead import compile_ahead

MODELS = [Path("/models/a"), Path("/models/b")]


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A module that stands in for the compiler, on a machine with a GPU."""
    monkeypatch.setattr(ahead, "may_have_gpu", lambda: True)
    monkeypatch.setattr(ahead, "MODULE", "compiler_double")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    return tmp_path / "compiler_double.py"


async def test_progress_is_logged(module: Path, caplog: pytest.LogCaptureFixture) -> None:
    module.write_text("import sys\nprint(1, 2)\nprint(2, 2)\nopen(__file__ + '.args', 'w').write(repr(sys.argv[2:]))")
    caplog.set_level(logging.DEBUG)
    await compile_ahead(MODELS, EngineOptions())
    assert Path(f"{module}.args").read_text() == "['/models/a', '/models/b']"
    assert any("compiling kernels: " in record.message for record in caplog.records)


async def test_a_failure_is_told(module: Path, caplog: pytest.LogCaptureFixture) -> None:
    module.write_text("raise SystemExit(3)")
    await compile_ahead(MODELS, EngineOptions())
    assert "could not be compiled ahead (exit code 3)" in caplog.text


async def test_the_process_ends_with_the_server(module: Path) -> None:
    module.write_text(
        "import os, time\nopen(__file__ + '.pid', 'w').write(str(os.getpid()))\nprint(1, 9, flush=True)\ntime.sleep(600)"
    )
    compiling = asyncio.create_task(compile_ahead(MODELS, EngineOptions()))
    pid = Path(f"{module}.pid")
    while not (pid.exists() and pid.read_text()):
        await asyncio.sleep(0.01)
    compiling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await compiling
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


@pytest.mark.parametrize(
    ("models", "options"),
    [([], EngineOptions()), (MODELS, EngineOptions(device="cpu")), (MODELS, EngineOptions(precision="fp32"))],
)
async def test_nothing_is_compiled_for_the_processor(module: Path, models: list[Path], options: EngineOptions) -> None:
    module.write_text("open(__file__ + '.ran', 'w')")
    await compile_ahead(models, options)
    assert not Path(f"{module}.ran").exists()


@pytest.mark.parametrize("hidden", ["", "-1", " "])
def test_a_hidden_gpu_is_none(hidden: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from ossia.engine import driver

    monkeypatch.setattr(driver, "has_driver", lambda: True)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert not driver.may_have_gpu()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-8f6a3b1e-0000-0000-0000-000000000000")
    assert driver.may_have_gpu()
