"""A loaded model as the server sees it: requests in, events out.

Which engine serves a file is decided here, in one `match`; nothing else in the package asks.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ossia.config import Settings
from ossia.engine.memory import Memory
from ossia.types import Event, GenerateRequest


@dataclass(frozen=True, slots=True)
class Embedding:
    """A text as a direction in the model's space: the mean of its tokens' final states, of any length."""

    vector: npt.NDArray[np.float32]
    tokens: int


class Engine(Protocol):
    context_length: int
    """The longest prompt and answer together that this engine has room for, in tokens."""
    memory: Memory
    """Bytes of weights and KV cache when the cache is full."""
    embedding_length: int
    supports_tools: bool
    supports_thinking: bool

    @property
    def resident_bytes(self) -> int:
        """What it takes now, on a GPU if it runs there: elsewhere unused pages of the KV cache cost nothing."""
        ...

    @property
    def alive(self) -> bool:
        """False once the model's process has died or was closed; such an engine is loaded anew, not used."""
        ...

    def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        """Stream one answer. An error before the first event is raised; after it, it is the Finished event."""
        ...

    def count_tokens(self, request: GenerateRequest) -> int:
        """The length of the prompt that the request makes."""
        ...

    async def embed(
        self, text: str | Sequence[int], *, truncate: bool = True, context_length: int | None = None
    ) -> Embedding:
        """Embed a text, or ids. Of one that is too long the beginning, if it may be truncated; else InputTooLong."""
        ...

    async def close(self) -> None: ...


async def load(path: Path, settings: Settings, memory_bytes: int | None = None) -> Engine:
    """Load the model file at `path`; its KV cache is cut to what `memory_bytes` (None: this machine) leaves it.

    Raises InvalidModelFile, NotSupported or ModelCrashed.
    """
    from ossia.engine.facts import ModelFacts
    from ossia.gguf import GGUF

    gguf = await asyncio.to_thread(GGUF.open, path)
    match facts := ModelFacts.of(gguf):
        case ModelFacts(is_gpt_oss=True):
            from ossia.engine.native import NativeEngine

            return await NativeEngine.load(gguf, facts, settings.engine, memory_bytes)
        case _:
            from ossia.errors import NotSupported

            raise NotSupported(
                f"models of architecture {facts.architecture!r} cannot be run",
                hint="ossia runs gpt-oss models: architectures gpt-oss and gptoss",
            )
