"""What every test gets: an environment of its own. And `serve`: an application behind a real socket."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
import uvicorn
from starlette.types import ASGIApp

Serve = Callable[[ASGIApp], str]

hypothesis.settings.register_profile("ossia", deadline=None)  # a busy machine is no error
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


@pytest.fixture(scope="session")
def stopping() -> Iterator[list[threading.Thread]]:
    """Servers that were told to stop. uvicorn takes a fifth of a second for it, so nobody waits before the end."""
    threads: list[threading.Thread] = []
    yield threads
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive(), "a server did not shut down"


@pytest.fixture
def serve(stopping: list[threading.Thread]) -> Iterator[Serve]:
    """Run applications in uvicorn, each in a thread, and shut them down cleanly; a call returns the URL."""
    servers: list[uvicorn.Server] = []

    def start(app: ASGIApp) -> str:
        listening = socket.create_server(("127.0.0.1", 0))  # so connections queue until uvicorn accepts them
        config = uvicorn.Config(app, ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        servers.append(server)
        stopping.append(thread)
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield start
    for server in servers:
        server.should_exit = True
