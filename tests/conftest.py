"""Fixtures of every test: an environment of its own; on request, an application behind a real socket, and the embedded
model, downloaded and converted once into `.cache/tiny`."""

import fcntl
import hashlib
import importlib.util
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
import uvicorn
from starlette.types import ASGIApp

from ossia.server.listen import listen
from ossia.store import tiny_base, tiny_conversion, tiny_update
from ossia.store.http import Limits
from tests.registry.proxy import Proxy, proxy_before
from tests.registry.server import Registry, real_registry
from tests.waiting import PATIENCE

Serve = Callable[[ASGIApp], str]
collect_ignore = [] if importlib.util.find_spec("playwright") else ["browser"]
CACHE = Path(__file__).parents[1] / ".cache" / "tiny"


def cached(name: str, make: Callable[[Path], object]) -> Path:
    """The file `name` of the cache, made by whichever test process comes first."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / name
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            part = path.with_suffix(".part")
            make(part)
            part.replace(path)
    return path


@pytest.fixture(scope="session")
def smollm2_gguf() -> Path:
    """SmolLM2-135M-Instruct as published."""
    return cached("smollm2.gguf", lambda part: tiny_base.download(CACHE).replace(part))


@pytest.fixture(scope="session")
def tiny_models(smollm2_gguf: Path) -> dict[str, Path]:
    """The embedded model, by the type of its experts."""
    kinds: tuple[tiny_conversion.Experts, ...] = ("f16", "mxfp4")
    update = hashlib.sha256(tiny_update.FILE.read_bytes()).hexdigest()[:8]
    return {
        kind: cached(
            f"tiny-{tiny_conversion.version()}-{update}-{kind}.gguf",
            lambda part, kind=kind: tiny_conversion.convert(smollm2_gguf, part, kind),
        )
        for kind in kinds
    }


class _NoUpdate:
    """Stands for the update that makes tiny of SmolLM2, and changes nothing."""

    has_experts = False

    def apply(self, matrix: str, layer: int, weights: object) -> object:
        return weights

    def rows(self, side: str) -> tuple[list[int], object]:
        return [], np.empty((0, 576), np.float32)


@pytest.fixture(scope="session")
def template_model(smollm2_gguf: Path) -> Path:
    """SmolLM2 as a gpt-oss that chats with its own template: a model whose vocabulary knows nothing of harmony."""

    def make(part: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tiny_conversion, "Update", _NoUpdate)
            patch.setattr(tiny_conversion, "tokenizer_metadata", own_vocabulary)
            tiny_conversion.convert(smollm2_gguf, part)

    def own_vocabulary(metadata: Mapping[str, Any]) -> dict[str, Any]:
        return {key: metadata[key] for key in metadata if key.startswith("tokenizer.")}

    return cached("smollm2-as-gpt-oss.gguf", make)


FUZZ = int(os.environ.get("FUZZ") or 0)
"""Times more examples than usual that tests of properties try, others each time; 0 for the same few each time."""
hypothesis.settings.register_profile(
    "ossia",
    max_examples=100 * max(1, FUZZ),
    derandomize=not FUZZ,
    deadline=None,  # a busy machine is no error
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("ossia")


@pytest.fixture(autouse=True)
def clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the person who runs the tests, no model of theirs, and no proxy before a local server."""
    for name in list(os.environ):
        if name.startswith(("OLLAMA_", "OSSIA_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "models"))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost,::1")


@pytest.fixture(autouse=True, scope="session")
def no_power_cut() -> Iterator[None]:
    """Nothing is synced to the disk but by programs that tests start: it took a third of the time of many tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that fails is asked again at once."""
    for module in ("pull", "push"):
        monkeypatch.setattr(f"ossia.store.{module}.Limits", partial(Limits, backoff=0.01))


@pytest.fixture(scope="session")
def stopping() -> Iterator[list[threading.Thread]]:
    """Servers that were told to stop. uvicorn takes a fifth of a second for it, so nobody waits before the end."""
    threads: list[threading.Thread] = []
    yield threads
    for thread in threads:
        thread.join(timeout=PATIENCE)
        assert not thread.is_alive(), "a server did not shut down"


def start_server(app: ASGIApp, port: int = 0) -> tuple[str, uvicorn.Server, threading.Thread]:
    """Run an application in uvicorn, in a thread: its URL, what to tell to stop, and what to wait for then."""
    sockets = listen("127.0.0.1", port)  # so connections queue until uvicorn accepts them
    config = uvicorn.Config(
        app, ws="none", log_config=None, access_log=False, proxy_headers=False, timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=(sockets,), daemon=True)
    thread.start()
    return f"http://127.0.0.1:{sockets[0].getsockname()[1]}", server, thread


@pytest.fixture
def serve(stopping: list[threading.Thread]) -> Iterator[Serve]:
    """Run applications and shut them down cleanly; a call returns the URL."""
    servers: list[uvicorn.Server] = []

    def start(app: ASGIApp) -> str:
        url, server, thread = start_server(app)
        servers.append(server)
        stopping.append(thread)
        return url

    yield start
    for server in servers:
        server.should_exit = True


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with real_registry(tmp_path_factory.mktemp("registry")) as registry:
        yield registry


@pytest.fixture
def proxy(registry: Registry) -> Iterator[Proxy]:
    """Before the registry, honest until it is told to err."""
    with proxy_before(registry.host) as proxy:
        yield proxy
