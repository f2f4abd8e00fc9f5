"""Facts of a GGUF file that Ollama's API shows: metadata, tensors and capabilities.

A file's facts are read once and kept: clients such as litellm ask /api/show several times for every completion.
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
class FileFacts:
    """Facts of one file: those of its model, its metadata except for lists, which are long, and its tensors.

    `lists` are the names of the lists.
    """

    path: Path
    metadata: Json
    lists: tuple[str, ...]
    tensors: list[Chunk]
    model: ModelFacts

    def model_info(self, verbose: bool) -> Chunk:
        """Return the metadata, with empty lists unless `verbose`. Ollama tells the name and the template elsewhere."""
        metadata: Mapping[str, object] = GGUF.open(self.path).metadata if verbose else {}
        info = self.metadata | {name: metadata.get(name, []) for name in self.lists}
        return {name: value for name, value in info.items() if name not in _TOLD_ELSEWHERE}

    @property
    def capabilities(self) -> list[str]:
        """Abilities of the model, in Ollama's words."""
        return ["completion", "tools", "thinking"] if self.model.is_harmony else ["completion"]


@lru_cache(maxsize=64)
def file_facts(path: Path) -> FileFacts:
    """Read a file's header. Raises InvalidModelFile.

    The result cannot go stale: a blob's path is the hash of its content.
    """
    gguf = GGUF.open(path)
    lists = tuple(name for name, value in gguf.metadata.items() if isinstance(value, list))
    metadata = {name: value for name, value in gguf.metadata.items() if name not in lists}
    metadata.setdefault("general.parameter_count", sum(math.prod(t.shape) for t in gguf.tensors.values()))
    tensors = [
        {"name": info.name, "type": info.type_name, "shape": list(reversed(info.shape))}
        for info in gguf.tensors.values()
    ]
    return FileFacts(path, metadata, lists, tensors, ModelFacts.of(gguf))
