"""Engine: a loaded model as the server sees it, with requests as input and events as output.

`load` chooses the engine for a file, in one `match`.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from ossia.config import EngineOptions
from ossia.engine.figures import Figures
from ossia.engine.memory import Memory
from ossia.engine.timeline import Report, silent
from ossia.errors import NotSupported, OssiaError
from ossia.types import ANYWHERE, EmbedRequest, Event, GenerateRequest, Placement


@dataclass(frozen=True, slots=True)
class Embedding:
    """A text as a vector, not normalised: the mean of its tokens' final states."""

    vector: npt.NDArray[np.float32]
    tokens: int


@dataclass(frozen=True, slots=True)
class Relevance:
    """Fit of a document to a query: the model's own number, the higher the better. `tokens` are those of both."""

    score: float
    tokens: int


@dataclass(frozen=True, slots=True)
class Start:
    """Wishes for the start of a model's process.

    Its KV cache is to fit `memory_bytes`, or this machine's memory. `device` is that of the options if it is None. On a
    GPU a context of the `placement`'s length or of 8,192 tokens must fit, whichever is less. If the process is not
    `alone` on its GPU and does not fit, NoRoom is raised. `report` is told how the start goes. `adapters` are the GGUF
    files of the model's LoRAs.
    """

    memory_bytes: int | None = None
    device: str | None = None
    placement: Placement = ANYWHERE
    alone: bool = True
    report: Report = silent
    adapters: tuple[Path, ...] = ()


PLAIN: Final = Start()


def no_ranking() -> NotSupported:
    """Return the error of a model that is not for ranking."""
    return NotSupported(
        "the model does not rerank", hint="use one that is made for it: its file has the pooling_type RANK"
    )


class NoRoom(OssiaError):
    """A model needs more of a GPU's memory than other models of this server leave."""

    def __init__(self, message: str, needed_bytes: int, usable_bytes: int) -> None:
        super().__init__(message)
        self.needed_bytes = needed_bytes
        self.usable_bytes = usable_bytes


class Engine(Protocol):
    """A loaded model, whatever computes it: many requests may use it at the same time."""

    context_length: int
    """Maximum length of a prompt and its answer together, in tokens."""
    memory: Memory
    """Bytes of weights and KV cache when the cache is full."""
    device: str
    """The device that computes, and why, in words."""
    gpus: tuple[int, ...]
    """Numbers of the GPUs on which it runs, over which it is divided; none for the processor."""
    gpu_bytes: int
    """Bytes of each of them for models: this one, but none that was there before."""
    embedding_length: int
    places: int
    """Places of its batch, without the extra ones. More sequences would wait there, first come, first served."""
    supports_tools: bool
    supports_thinking: bool

    @property
    def resident_bytes(self) -> int:
        """Memory in use now, in bytes: on the GPU if it runs there, else in pages that were used at least once."""
        ...

    @property
    def alive(self) -> bool:
        """False once the model's process has died or was closed. Such an engine must be loaded again."""
        ...

    def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        """Stream one answer. An error before the first event is raised; a later one ends the stream as Finished."""
        ...

    async def count_tokens(self, request: GenerateRequest) -> int:
        """Return the length of the request's prompt, in tokens. One that is far too long is not counted but refused."""
        ...

    async def embed(self, request: EmbedRequest) -> Embedding:
        """Return one vector. Raises InvalidRequest, InputTooLong, or NotSupported for a model that embeds nothing."""
        ...

    async def rank(self, query: str, document: str, *, space: str = "") -> Relevance:
        """Compare a document with a query. Raises NotSupported unless the model is for that, or InputTooLong."""
        ...

    async def figures(self) -> Figures:
        """Return counts of what the model's process has done. One that stands still may never answer."""
        ...

    async def check(self) -> None:
        """Make sure that the model's process answers: one that does not is ended. Takes a few seconds then."""
        ...

    async def close(self) -> None: ...


async def load(files: Sequence[Path], options: EngineOptions, start: Start = PLAIN) -> Engine:
    """Load a model from its file, or from all of them if it is split.

    Raises InvalidModelFile, NotSupported, NoRoom or ModelCrashed.
    """
    from ossia.engine.choice import choose
    from ossia.engine.facts import ModelFacts
    from ossia.split import open_model

    gguf = await asyncio.to_thread(open_model, *files)
    facts = await asyncio.to_thread(ModelFacts.of, gguf)
    options = replace(options, device=start.device or options.device)
    match await choose(facts, options), facts.is_gpt_oss:
        case "native", _ if start.adapters:
            raise NotSupported(
                "ossia's own engine cannot run a model with an ADAPTER",
                hint="OSSIA_ENGINE=llamacpp runs it by llama.cpp",
            )
        case "native", _:
            from ossia.engine.native import NativeEngine

            return await NativeEngine.load(gguf, facts, options, start)
        case _, True:
            from ossia.engine.llama_cpp.gpt_oss import GptOssByLlamaCpp

            return await GptOssByLlamaCpp.load(gguf, facts, options, start)
        case _:
            from ossia.engine.llama_cpp.engine import LlamaCppEngine

            return await LlamaCppEngine.load(gguf, facts, options, start)
