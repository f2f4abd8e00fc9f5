"""Facts of a GGUF file that Ollama's API shows: metadata, tensors and capabilities.

A file's facts are read once and kept: clients such as litellm ask /api/show several times for every completion.
Anybody may have written the file, so what is shown of it is bounded by bytes, and so is what is kept.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ossia.cache import byte_cache
from ossia.engine.facts import ModelFacts
from ossia.server.http.body import Json
from ossia.server.http.stream import Chunk
from ossia.split import open_model

_TOLD_ELSEWHERE: Final = ("general.name", "tokenizer.chat_template")
_NOTE: Final = "{# harmony, the format of gpt-oss: ossia writes it itself, with tools and thinking #}"
_CAPABILITIES: Final = {"answering": "completion", "embedding": "embedding", "ranking": "rerank"}
_MOST_METADATA: Final = 1 << 20
"""Bytes of names and single values that are shown; a model has a few kilobytes, and its chat template."""
_MOST_LISTS: Final = 32 << 20
"""Bytes of lists that are shown, as they are in the file; the largest vocabularies have half of that."""
_KEPT: Final = 64 << 20
_TENSOR_BYTES: Final = 700
"""Memory of a tensor's entry, without its name."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Facts of one model's files: those of its model, its metadata except for lists, which are long, and its tensors.

    `lists` are the lists' names, with the bytes that each takes in the file.
    """

    files: tuple[Path, ...]
    metadata: Json
    lists: Mapping[str, int]
    tensors: list[Chunk]
    model: ModelFacts

    def model_info(self, verbose: bool) -> Chunk:
        """Return the metadata; lists are empty unless `verbose`, or if they are too long.

        Ollama tells the name and the template elsewhere.
        """
        lists: Json = {name: [] for name in self.lists}
        if verbose:
            gguf = open_model(*self.files)
            lists |= {name: gguf.array(name) for name in _fitting(self.lists, _MOST_LISTS)}
        return {name: value for name, value in (self.metadata | lists).items() if name not in _TOLD_ELSEWHERE}

    def template(self, own: str) -> str:
        """Return the chat template: `own`, or else the file's; "" if there is none.

        Clients such as litellm take a model for one with tools if its template has that word, so for a model that has
        them a note says so where the template does not.
        """
        in_file = self.metadata.get("tokenizer.chat_template")
        text = own or (in_file if isinstance(in_file, str) else "")
        return f"{_NOTE}{text}" if self.model.is_harmony and "tools" not in text.lower() else text

    @property
    def capabilities(self) -> list[str]:
        """Abilities of the model, in Ollama's words, which has none for ranking."""
        others = {"tools": self.model.supports_tools, "thinking": self.model.supports_thinking}
        return [_CAPABILITIES[self.model.purpose], *(name for name, supported in others.items() if supported)]


def _fitting(sizes: Mapping[str, int], limit: int) -> Iterator[str]:
    """Yield the names whose bytes fit the limit together; one that does not is left out."""
    for name, size in sizes.items():
        if size <= limit:
            limit -= size
            yield name


def _num_bytes(files: tuple[Path, ...], facts: FileFacts) -> int:
    tensors = sum(_TENSOR_BYTES + len(tensor["name"]) for tensor in facts.tensors)
    values = sum(_value_bytes(name, value) for name, value in facts.metadata.items())
    return tensors + values + sum(map(len, facts.lists))


def _value_bytes(name: str, value: object) -> int:
    return len(name.encode()) + (len(value.encode()) if isinstance(value, str) else 8)


@byte_cache(_KEPT, _num_bytes)
def file_facts(files: tuple[Path, ...]) -> FileFacts:
    """Read the header of a file, or of all parts of a model. Raises InvalidModelFile.

    The result cannot go stale: a blob's path is the hash of its content.
    """
    gguf = open_model(*files)
    values = {name: gguf.metadata[name] for name in gguf.metadata if name not in gguf.array_bytes}
    shown = set(_fitting({name: _value_bytes(name, values.get(name)) for name in gguf.metadata}, _MOST_METADATA))
    metadata = {name: value for name, value in values.items() if name in shown}
    metadata.setdefault("general.parameter_count", sum(math.prod(t.shape) for t in gguf.tensors.values()))
    tensors = [
        {"name": info.name, "type": info.type_name, "shape": list(reversed(info.shape))}
        for info in gguf.tensors.values()
    ]
    lists = {name: size for name, size in gguf.array_bytes.items() if name in shown}
    return FileFacts(files, metadata, lists, tensors, ModelFacts.of(gguf))
