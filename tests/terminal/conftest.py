"""`ossia run` on a terminal, before a server that plays a script."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.doubles.scripted_server import ScriptedServer, scripted_server
from tests.terminal.terminal import Terminal

Start = Callable[..., Terminal]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        server.script["POST /api/show"] = {"capabilities": ["completion"]}
        server.script["POST /api/generate"] = {"done": True, "done_reason": "load"}
        yield server


@pytest.fixture
def environment(server: ScriptedServer, tmp_path: Path) -> dict[str, str]:
    ours = {"HOME": str(tmp_path), "OLLAMA_HOST": server.host}
    return {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | ours


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    """Starts a conversation, which ends with the test: `start(*options, rows=24, columns=80, **variables)`."""
    with ExitStack() as stack:

        def start(*options: str, rows: int = 24, columns: int = 80, **variables: str) -> Terminal:
            argv = ["-m", "ossia", "run", "x", *options]
            return stack.enter_context(
                closing(Terminal(*argv, env=environment | variables, rows=rows, columns=columns))
            )

        yield start
