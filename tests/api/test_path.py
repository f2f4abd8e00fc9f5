"""The path of a streamed chat completion through the server's process is short: few files, few calls for each token.

A profiler sees every call and resumption of a function of the package in the event loop's thread, from the bytes that
a model's process sends to the message that the ASGI server is handed. The process is a double; engine, harmony and
server are real.
"""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import ossia
from ossia.chat.harmony.format import Harmony
from ossia.config import Settings
from ossia.engine import Engine, Start
from ossia.engine.codec import Codec
from ossia.server.app import create_app
from ossia.server.pool import EnginePool
from ossia.store.models import Model, ModelStore
from tests.api.conftest import NAME
from tests.doubles.worker_process import WorkerProcess, started
from tests.vocabulary import harmony_tokenizer

MOST_FILES = 24
MOST_CALLS = 21

PACKAGE = Path(ossia.__file__).parent
TOKENIZER = harmony_tokenizer()
HEADER = TOKENIZER.encode("<|channel|>final<|message|>", special=True)
WORDS = TOKENIZER.encode(" word" * 20)
END = TOKENIZER.encode("<|return|>", special=True)
BODY = json.dumps({"model": NAME, "messages": [{"role": "user", "content": "Hello"}], "stream": True}).encode()
SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/v1/chat/completions",
    "headers": [(b"host", b"localhost")],
    "query_string": b"",
    "scheme": "http",
}


@dataclass
class Trace:
    """Profiler that records the package's functions, in the order in which they are entered or resumed."""

    files: set[str] = field(default_factory=set[str])
    tokens: list[list[str]] = field(default_factory=list[list[str]])
    """For each word of the answer, the functions that ran since the word before it was sent."""
    _functions: list[str] = field(default_factory=list[str])

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        """Callback of `sys.setprofile`."""
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(str(PACKAGE)):
            file = str(Path(code.co_filename).relative_to(PACKAGE))
            self.files.add(file)
            self._functions.append(f"{file}: {code.co_qualname}")

    def end_token(self) -> None:
        """Close the record of one word."""
        self.tokens.append(self._functions)
        self._functions = []


async def traced(app: Any, worker: WorkerProcess) -> Trace:
    """Trace of one streamed chat completion, in which every word is sampled after the one before has been sent."""
    trace = Trace()
    received = iter([{"type": "http.request", "body": BODY, "more_body": False}])

    async def receive() -> Any:
        return next(received, None) or await asyncio.Future()

    async def send(message: Any) -> None:
        if b"word" in message.get("body", b""):
            trace.end_token()
            worker.step()

    sys.setprofile(trace)
    try:
        async with asyncio.timeout(20):
            await app(SCOPE, receive, send)
    finally:
        sys.setprofile(None)
    assert len(trace.tokens) == len(WORDS)
    return trace


@pytest.fixture
async def trace(store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Trace]:
    """Trace of a request whose model was loaded by an earlier one."""
    worker = WorkerProcess([*HEADER, *WORDS[:1]], [*WORDS[1:], *END])
    monkeypatch.setattr(asyncio, "create_subprocess_exec", worker.start)
    settings = Settings(models=tmp_path / "models")

    async def load(model: Model, start: Start) -> Engine:
        return await started(Codec(TOKENIZER, Harmony(TOKENIZER)))

    pool = EnginePool(settings, load)
    app = create_app(settings, store, pool)
    await traced(app, worker)
    yield await traced(app, worker)
    await pool.close()


def test_a_request_passes_few_files_of_the_server(trace: Trace) -> None:
    files = sorted(file for file in trace.files if file.startswith("server/"))
    assert len(files) <= MOST_FILES, "\n".join([f"{len(files)} files:", *files])


def test_a_token_takes_few_calls(trace: Trace) -> None:
    """The first tokens come with the beginning of the answer and the last one with its end; those between are alike."""
    longest = max(trace.tokens[2:-2], key=len)
    assert len(longest) <= MOST_CALLS, "\n".join([f"{len(longest)} calls or resumptions:", *longest])
