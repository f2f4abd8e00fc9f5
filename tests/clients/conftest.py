"""A real `ossia serve` in a process of its own, with the embedded model in its store."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from ossia.store.models import ModelStore
from tests.registry.server import free_port
from tests.waiting import wait_until


@dataclass(frozen=True)
class Server:
    url: str
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    def model_processes(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if "ossia.engine.worker" in child.cmdline()]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:
            return response.status == 200
    except OSError:
        return False


@contextmanager
def running_server(home: Path, **settings: str) -> Generator[Server]:
    """A server whose home and store are in `home`; at the end it must go when it is told to, unless it was killed.

    Its log is `home/log`.
    """
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("OLLAMA_", "OSSIA_"))},
        "HOME": str(home),
        "OLLAMA_MODELS": str(home / "models"),
        "OLLAMA_HOST": f"127.0.0.1:{port}",
        "OSSIA_PRECISION": "fp32",
        **settings,
    }
    command = [sys.executable, "-m", "ossia", "serve"]
    with (home / "log").open("ab") as log, subprocess.Popen(command, env=environment, stderr=log) as process:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(url) or process.poll() is not None, seconds=60)
        assert process.poll() is None, "the server ended at once"
        yield Server(url, process, environment)
        process.terminate()
        assert process.wait(timeout=20) in (0, -signal.SIGKILL)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, tiny_models: dict[str, Path]) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    ModelStore(home / "models").create("tiny", gguf=tiny_models["mxfp4"])
    with running_server(home) as server:
        yield server
