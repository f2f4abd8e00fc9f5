"""Engine double that plays back a script of events. It knows no model and no text."""

import asyncio
import threading
from collections.abc import AsyncGenerator

import numpy as np

from ossia.config import Settings
from ossia.engine import Embedding, Relevance, Start
from ossia.engine.figures import Figures
from ossia.engine.memory import Memory
from ossia.errors import InputTooLong, InvalidRequest, ModelCrashed
from ossia.server.pool import EnginePool
from ossia.store.models import Model
from ossia.types import EmbedRequest, Event, Finished, GenerateRequest, Timings, Usage

DONE = Finished("stop", Usage(11, 7, 3, 2), Timings(0.5, 0.25))

VOCABULARY = 201088


class Hang:
    """Step of a script that emits nothing until the client leaves or the engine is closed."""


class ScriptedEngine:
    """Engine that yields its script's events and raises its exceptions.

    It records each request; `aborted` is set when a stream is closed before its script ends.
    """

    def __init__(self, *script: Event | Exception | Hang, tools: bool = True, thinking: bool = True) -> None:
        self.script = script
        self.context_length = 8192
        self.embedding_length = 8
        self.places = 32
        self.alive = True
        self.memory = Memory(host=1000)
        self.device = "the processor"
        self.gpus: tuple[int, ...] = ()
        self.gpu_bytes = 0
        self.resident_bytes = 700
        self.supports_tools = tools
        self.supports_thinking = thinking
        self.requests: list[GenerateRequest] = []
        self.spaces: list[str] = []  # of embeddings
        self.started = threading.Event()
        self.aborted = threading.Event()
        self.closed = False
        self._gone = asyncio.Event()

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        self.requests.append(request)
        self.started.set()
        finished = False
        try:
            for step in self.script:
                await asyncio.sleep(0)  # give way, as an engine that waits for its model does
                match step:
                    case Exception():
                        raise step
                    case Hang():
                        await self._gone.wait()
                        yield Finished("error", error=ModelCrashed("the model was unloaded"))
                    case _:
                        yield step
            finished = True
        except Exception:
            finished = True
            raise
        finally:
            if not finished:
                self.aborted.set()

    async def count_tokens(self, request: GenerateRequest) -> int:
        """Number of characters in the messages."""
        self.requests.append(request)
        return sum(len(message.content) for message in request.prompt if not isinstance(message, str))

    async def embed(self, request: EmbedRequest) -> Embedding:
        """Vector of 8 shares: element i is the share of ids (of bytes, for a text) that are i modulo 8."""
        self.spaces.append(request.space)
        self.started.set()
        for step in self.script:
            await self._obey(step)
        text = request.text
        ids = list(text.encode() if isinstance(text, str) else text)
        if not all(0 <= id < VOCABULARY for id in ids):
            raise InvalidRequest("there is no such token")
        limit = min(self.context_length, request.context_length or self.context_length)
        if not ids:
            raise InvalidRequest("the input is empty")
        if len(ids) > limit and not request.truncate:
            raise InputTooLong(len(ids), limit)
        ids = ids[:limit]
        counts = np.bincount(np.array(ids) % 8, minlength=8)
        return Embedding((counts / len(ids)).astype(np.float32), len(ids))

    async def rank(self, query: str, document: str, *, space: str = "") -> Relevance:
        """Count the letters that both have."""
        self.spaces.append(space)
        self.started.set()
        for step in self.script:
            await self._obey(step)
        return Relevance(float(len({*query} & {*document})), len(query) + len(document))

    async def _obey(self, step: Event | Exception | Hang) -> None:
        if isinstance(step, Exception):
            raise step
        if isinstance(step, Hang):
            try:
                await self._gone.wait()
            except asyncio.CancelledError:
                self.aborted.set()
                raise
            raise ModelCrashed("the model was unloaded")

    async def figures(self) -> Figures:
        return Figures()

    async def check(self) -> None:
        """Its process always answers."""

    async def close(self) -> None:
        self.alive = False
        self.closed = True
        self._gone.set()


def pool_of(engine: ScriptedEngine, settings: Settings | None = None) -> EnginePool:
    """Pool in which the engine is every model's, also after it was unloaded."""

    async def load(model: Model, start: Start) -> ScriptedEngine:
        engine.alive = True
        return engine

    return EnginePool(settings or Settings(), load)
