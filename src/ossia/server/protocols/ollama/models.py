"""Ollama's model endpoints, from what is stored and what is loaded to their JSON: tags, ps, show.

Pure functions of a Model. What they need of the GGUF file is read once for each file and kept: clients such as
litellm ask `/api/show` several times for every completion.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF
from ossia.server.http.stream import Chunk
from ossia.server.pool import Loaded
from ossia.store.modelfile import Modelfile
from ossia.store.models import Model
from ossia.types import Message

_FOREVER = timedelta(days=290 * 365)  # what Ollama shows for keep_alive -1: its longest duration
_HARMONY_TOKENS = {"<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|return|>", "<|call|>"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What `show` and `tags` tell of a GGUF file. `arrays` are the names of its array values."""

    metadata: dict[str, Any]
    arrays: tuple[str, ...]
    tensors: list[Chunk]
    capabilities: list[str]

    def number(self, name: str) -> int | None:
        """The value of `<architecture>.name`."""
        return self.metadata.get(f"{self.metadata.get('general.architecture')}.{name}")


@lru_cache(maxsize=64)
def facts(path: Path) -> Facts:
    """Read the file's header. Raises InvalidModelFile. A blob's path is its content's hash, so it never gets stale."""
    gguf = GGUF.open(path)
    arrays = tuple(key for key, value in gguf.metadata.items() if isinstance(value, list))
    metadata = {key: value for key, value in gguf.metadata.items() if key not in arrays}
    metadata.setdefault("general.parameter_count", sum(math.prod(t.shape) for t in gguf.tensors.values()))
    tensors = [
        {"name": info.name, "type": info.type_name, "shape": list(reversed(info.shape))}
        for info in gguf.tensors.values()
    ]
    is_harmony = _HARMONY_TOKENS.issubset(gguf.metadata.get("tokenizer.ggml.tokens", []))
    capabilities = ["completion", "tools", "thinking"] if is_harmony else ["completion"]
    return Facts(metadata, arrays, tensors, capabilities)


def tags(models: Sequence[Model]) -> Chunk:
    return {"models": [_tag(model) for model in models]}


def _tag(model: Model) -> Chunk:
    return _identity(model) | {"modified_at": _rfc3339(model.modified_at), **_readable(model)}


def _readable(model: Model) -> Chunk:
    """Details and capabilities; a file that has become unreadable is listed without those that stand in it."""
    try:
        known = facts(model.path)
    except (InvalidModelFile, OSError):
        return {"details": _details(model), "capabilities": []}
    lengths = {name: known.number(name) for name in ("context_length", "embedding_length")}
    return {
        "details": _details(model) | {name: length for name, length in lengths.items() if length},
        "capabilities": known.capabilities,
    }


def _identity(model: Model) -> Chunk:
    name = str(model.name)
    return {"name": name, "model": name, "size": model.size, "digest": model.digest}


def _details(model: Model) -> Chunk:
    config = model.config
    family = config.get("model_family") or ""
    return {
        "parent_model": "",
        "format": config.get("model_format") or "gguf",
        "family": family,
        "families": config.get("model_families") or [family],
        "parameter_size": config.get("model_type") or "",
        "quantization_level": config.get("file_type") or "",
    }


def ps(loaded: Sequence[Loaded], now: datetime) -> Chunk:
    return {"models": [_process(item, now) for item in loaded]}


def _process(item: Loaded, now: datetime) -> Chunk:
    stays = _FOREVER if math.isinf(item.expires_in) else timedelta(seconds=item.expires_in)
    return _identity(item.model) | {
        "size": item.memory_bytes,
        "details": _details(item.model),
        "expires_at": _rfc3339(now + min(stays, _FOREVER)),
        "size_vram": 0,
        "context_length": item.context_length,
    }


def show(model: Model, verbose: bool) -> Chunk:
    known = facts(model.path)
    shown: Chunk = {
        "license": "\n".join(model.licenses),
        "modelfile": _modelfile(model),
        "parameters": "\n".join(_parameter_lines(model.parameters)),
        "template": model.template or known.metadata.get("tokenizer.chat_template", ""),
        "system": model.system,
        "details": _details(model),
        "messages": [_message(message) for message in model.messages],
        "model_info": _model_info(known, model.path, verbose),
        "tensors": known.tensors,
        "capabilities": known.capabilities,
        "modified_at": _rfc3339(model.modified_at),
    }
    return {name: value for name, value in shown.items() if value or name not in ("license", "system", "messages")}


def _modelfile(model: Model) -> str:
    text = Modelfile(
        source=str(model.path),
        parameters=model.parameters,
        template=model.template or None,
        system=model.system or None,
        licenses=model.licenses,
        messages=model.messages,
    )
    return f'# Modelfile generated by "ossia show"\n# To build from it:\n# FROM {model.name}\n\n{text}'


def _parameter_lines(parameters: dict[str, Any]) -> list[str]:
    """One line for each value, the name padded to 30 columns, strings in double quotes."""
    return [
        f"{name:<30} {json.dumps(value, ensure_ascii=False)}"
        for name, values in parameters.items()
        for value in (cast(list[Any], values) if isinstance(values, list) else [values])
    ]


def _model_info(known: Facts, path: Path, verbose: bool) -> Chunk:
    """The file's metadata; arrays are empty unless `verbose`. The name and the chat template stand elsewhere."""
    metadata: Mapping[str, Any] = GGUF.open(path).metadata if verbose else {}
    info = known.metadata | {name: metadata.get(name, []) for name in known.arrays}
    return {
        key: _finite(value) for key, value in info.items() if key not in ("general.name", "tokenizer.chat_template")
    }


def _finite(value: Any) -> Any:
    """JSON has no infinities."""
    if isinstance(value, list):
        return [_finite(item) for item in cast(list[Any], value)]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _message(message: Message) -> Chunk:
    return {"role": message.role, "content": message.content}


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
