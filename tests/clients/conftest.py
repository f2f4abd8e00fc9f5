"""Servers for real clients, and Node.js for those in JavaScript.

One is a real `ossia serve` in a process of its own with the embedded model; the other is the application with a double
of a model, which calls tools reliably.
"""

import gc
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from ossia.config import Settings
from ossia.server.app import create_app
from ossia.store.models import ModelStore
from tests.api.conftest import NAME, write_gguf
from tests.clients.environments import BIN, made, npm
from tests.conftest import start_server
from tests.doubles.model_double import ModelDouble
from tests.doubles.scripted_engine import pool_of
from tests.registry.server import free_port
from tests.waiting import PATIENCE, wait_until

WORKERS = {"ossia.engine.worker", "ossia.engine.llama_cpp.worker"}
NODE = Path(__file__).parent / "node"


@dataclass(frozen=True)
class Server:
    url: str
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    def model_processes(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if WORKERS & {*child.cmdline()}]

    def is_computing(self) -> bool:
        """True if a request has a place or, in our own engine, a sequence has blocks."""
        status = httpx.get(f"{self.url}/status", headers={"accept": "application/json"}).json()
        return status["requests"]["running"] > 0 or any(model["memory"]["kv_used_bytes"] for model in status["models"])

    def is_idle(self) -> bool:
        return not self.is_computing()


def answers(url: str) -> bool:
    """True if a server answers, whoever vouches for it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(url, timeout=1, context=context) as response:
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
        url = f"{'https' if 'OSSIA_TLS_CERT' in settings else 'http'}://127.0.0.1:{port}"
        try:
            wait_until(lambda: answers(url) or process.poll() is not None, seconds=60)
            assert process.poll() is None, "the server ended at once"
            yield Server(url, process, environment)
        finally:
            process.terminate()
        assert process.wait(timeout=PATIENCE) in (0, -signal.SIGKILL)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, tiny_models: dict[str, Path]) -> Iterator[Server]:
    """With `tiny`, which says the same each time unless a request asks for another temperature."""
    home = tmp_path_factory.mktemp("home")
    ModelStore(home / "models").create("tiny", files=[tiny_models["mxfp4"]], parameters={"temperature": 0})
    with running_server(home) as server:
        yield server


@pytest.fixture(scope="session")
def template_server(tmp_path_factory: pytest.TempPathFactory, template_model: Path) -> Iterator[Server]:
    """A server with `smollm2`, which has a chat template and no harmony, and says the same each time."""
    home = tmp_path_factory.mktemp("template")
    ModelStore(home / "models").create("smollm2", files=[template_model], parameters={"temperature": 0})
    with running_server(home) as server:
        yield server


@pytest.fixture(scope="session")
def llama_server(tmp_path_factory: pytest.TempPathFactory, smollm2_gguf: Path) -> Iterator[Server]:
    """A server with `smollm2` as published, an architecture that llama.cpp runs. It says the same each time."""
    home = tmp_path_factory.mktemp("llama")
    (home / "Modelfile").write_text(f"FROM {smollm2_gguf}\nPARAMETER temperature 0\n")
    with running_server(home, OSSIA_THREADS="1", OLLAMA_CONTEXT_LENGTH="2048", OLLAMA_NUM_PARALLEL="4") as server:
        command = [sys.executable, "-m", "ossia", "create", "smollm2", "-f", str(home / "Modelfile")]
        subprocess.run(command, env=server.environment, check=True, capture_output=True)
        yield server


@dataclass(frozen=True)
class Double:
    """A server in this process: `engine.requests` holds what was asked of the model."""

    url: str
    engine: ModelDouble

    @property
    def v1(self) -> str:
        return f"{self.url}/v1"


@contextmanager
def running_double(home: Path, stopping: list[threading.Thread], port: int = 0) -> Generator[Double]:
    engine, settings = ModelDouble(), Settings(models=home / "models")
    store = ModelStore(settings.models)
    store.create(NAME, files=[write_gguf(home / "gpt-oss.gguf")])
    store.create("gpt-oss:120b", base=store.resolve(NAME), licenses=["MIT"])  # equal digests would mean one model
    store.create("tiny", base=store.resolve(NAME), licenses=["Apache"])

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HOME", str(home))  # where responses are kept
        app = create_app(settings, store, pool_of(engine, settings))
    url, server, thread = start_server(app, port)
    stopping.append(thread)
    yield Double(url, engine)
    server.should_exit = True


@pytest.fixture(scope="session")
def double(tmp_path_factory: pytest.TempPathFactory, stopping: list[threading.Thread]) -> Iterator[Double]:
    with running_double(tmp_path_factory.mktemp("double"), stopping) as double:
        yield double


@pytest.fixture
def leaky() -> Iterator[None]:
    """For clients that cannot be closed: their sockets are found by the garbage collector in this test, in no other."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def scripts() -> Path:
    """The scripts of `node/`, as seen from beside the packages of package-lock.json."""

    def install(folder: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            (folder / name).write_bytes((NODE / name).read_bytes())
        npm(folder, "ci")
        (folder / "scripts").symlink_to(os.path.relpath(NODE, folder))  # the repository may be moved

    return made((NODE / "package-lock.json").read_text(), install) / "scripts"


RunScript = Callable[..., Any]


@pytest.fixture
def javascript(scripts: Path) -> RunScript:
    """Run a script of tests/clients/node with settings in its environment: the object that it prints at last."""

    def run(name: str, **settings: str) -> Any:
        command = [BIN / "node", "--preserve-symlinks-main", "--preserve-symlinks", scripts / name]
        done = subprocess.run(
            command, env=os.environ | settings, capture_output=True, text=True, check=False, timeout=100
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run
