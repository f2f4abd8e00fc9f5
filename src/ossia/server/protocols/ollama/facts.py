"""Facts of a GGUF file that Ollama's API tells: metadata, tensors and capabilities.

They are read once for each file and kept: clients such as litellm ask /api/show several times for every completion.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from ossia.engine.facts import ModelFacts
from ossia.gguf import GGUF
from ossia.server.http.body import Json
from ossia.server.http.stream import Chunk

_TOLD_ELSEWHERE: Final = ("general.name", "tokenizer.chat_template")


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one file: those of its model, and its tables. `metadata` has no lists, which are long; `lists` are
    their names."""

    path: Path
    metadata: Json
    lists: tuple[str, ...]
    tensors: list[Chunk]
    model: ModelFacts

    def model_info(self, verbose: bool) -> Chunk:
        """The metadata, with empty lists unless `verbose`. The name and the chat template stand elsewhere."""
        metadata: Mapping[str, object] = GGUF.open(self.path).metadata if verbose else {}
        info = self.metadata | {name: metadata.get(name, []) for name in self.lists}
        return {name: value for name, value in info.items() if name not in _TOLD_ELSEWHERE}


@lru_cache(maxsize=64)
def facts(path: Path) -> Facts:
    """Read the file's header. Raises InvalidModelFile. A blob's path is its content's hash, so it never gets stale."""
    gguf = GGUF.open(path)
    lists = tuple(name for name, value in gguf.metadata.items() if isinstance(value, list))
    metadata = {name: value for name, value in gguf.metadata.items() if name not in lists}
    metadata.setdefault("general.parameter_count", sum(math.prod(t.shape) for t in gguf.tensors.values()))
    tensors = [
        {"name": info.name, "type": info.type_name, "shape": list(reversed(info.shape))}
        for info in gguf.tensors.values()
    ]
    return Facts(path, metadata, lists, tensors, ModelFacts.of(gguf))
