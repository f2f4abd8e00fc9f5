"""Replay: both engines for gpt-oss without a process; each "samples" the ids that it is given.

Above the ids everything is real. What stands for llama.cpp streams as that does: an id whose bytes end within a
character is left out, and the next that completes it comes with the text of both.
"""

import os
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ossia.engine.child import Mailbox
from ossia.engine.codec import Codec
from ossia.engine.llama_cpp import wire
from ossia.engine.llama_cpp.gpt_oss import GptOssByLlamaCpp
from ossia.engine.llama_cpp.sizes import Sizes
from ossia.engine.llama_cpp.start import LoadedModel
from ossia.engine.memory import Memory
from ossia.engine.native import NativeEngine
from ossia.engine.sequence import Sampled, StepOutput
from ossia.engine.wire import Add, Ready
from ossia.tokenizer import Tokenizer
from ossia.types import Event, Finished, GenerateRequest, Started, Timings, ToolCallDelta
from tests.doubles.worker_process import CAPACITY, FACTS


@dataclass
class Replay:
    """Engines with one vocabulary and one chat format."""

    codec: Codec
    """Codec of both, whose sandboxes are to be closed."""

    async def by_native(self, request: GenerateRequest, ids: Sequence[int]) -> list[Event]:
        child: Any = _Child(ids)
        engine = NativeEngine(child, FACTS, self.codec)
        return comparable([event async for event in engine.generate(request)])

    async def by_llama_cpp(self, request: GenerateRequest, ids: Sequence[int]) -> list[Event]:
        process: Any = _LlamaProcess(streamed(self.codec.tokenizer, ids))
        model = LoadedModel(process, Sizes(2, 8192, 512, 0), Memory(host=1))
        engine = GptOssByLlamaCpp(model, FACTS, self.codec)
        return comparable([event async for event in engine.generate(request)])


def comparable(events: list[Event]) -> list[Event]:
    """Return events without what differs from run to run: times, what was cached, and the random ids of calls."""

    def plain(event: Event) -> Event:
        match event:
            case ToolCallDelta():
                return replace(event, id="")
            case Finished():
                return replace(event, usage=replace(event.usage, cached_tokens=0), timings=Timings())
            case _:
                return event

    return [plain(event) for event in events if not isinstance(event, Started)]


def streamed(tokenizer: Tokenizer, ids: Sequence[int]) -> Iterator[wire.Chunk]:
    """Yield the chunks in which llama.cpp streams ids."""
    data = b""
    for count, id in enumerate(ids, 1):
        data += tokenizer.token_bytes(id)
        times = wire.Times(predicted_n=count)
        if not _is_cut(data):
            yield wire.Chunk(content=data.decode("utf-8", "replace"), tokens=[id], timings=times)
            data = b""
        elif count == len(ids):
            yield wire.Chunk(stop=True, stop_type="limit", timings=times)


def _is_cut(data: bytes) -> bool:
    """True if the data end within a character."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False


class _Child:
    """Stands for a Child."""

    ready = Ready(CAPACITY, places=2)

    def __init__(self, ids: Sequence[int]) -> None:
        self._sampled = ids

    def next_id(self) -> int:
        return 0

    @contextmanager
    def outputs(self, add: Add) -> Generator[Mailbox]:
        mailbox = Mailbox()
        for count, id in enumerate(self._sampled, 1):
            is_end, is_last = id in add.stop_token_ids, count == add.max_tokens
            mailbox.put(StepOutput(add.id, Sampled(id), "stop" if is_end else "length" if is_last else None, 0))
        yield mailbox


class _LlamaProcess:
    """Stands for a LlamaProcess."""

    ready = wire.Ready("cpu", has_grammars=True)

    def __init__(self, chunks: Iterator[wire.Chunk]) -> None:
        self._chunks = chunks
        self.process = self
        self.pid = os.getpid()

    def may_share(self, space: str) -> bool:
        return True

    async def stream(self, target: str, body: object) -> AsyncGenerator[wire.Chunk]:
        for chunk in self._chunks:
            yield chunk
