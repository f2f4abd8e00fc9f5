"""Ollama's endpoints about stored and loaded models: tags, ps, show, copy and delete; and the root and the version."""

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from ossia.aside import aside
from ossia.config import OLLAMA_VERSION
from ossia.engine.costs import stored_costs
from ossia.errors import InvalidModelFile, InvalidRequest
from ossia.parameters import ParameterValue
from ossia.server.http.body import NoBody
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import JSON, Chunk, to_json
from ossia.server.loaded import Loaded
from ossia.server.protocols.ollama import memory
from ossia.server.protocols.ollama.facts import file_facts
from ossia.server.protocols.ollama.model_types import CopyRequest, NameRequest, ShowRequest
from ossia.server.protocols.ollama.times import rfc3339
from ossia.store.install import is_outdated
from ossia.store.model_config import directive
from ossia.store.modelfile import Modelfile
from ossia.store.models import Model, ModelStore
from ossia.types import Message

_VOCABULARY: Final = 1 << 20
"""Bytes of a vocabulary, about, which takes a tenth of a second to show."""
_LONGEST_WORD: Final = 100
_MOST_FAMILIES: Final = 16
_FOREVER: Final = timedelta(days=290 * 365)  # Ollama's longest duration, which it shows for keep_alive -1


async def root(call: Call[NoBody]) -> None:
    await call.reply.body(b"Ollama is running", b"text/plain; charset=utf-8")  # the text that clients look for


async def version(call: Call[NoBody]) -> Chunk:
    return {"version": OLLAMA_VERSION}


async def tags(call: Call[NoBody]) -> Chunk:
    return {"models": await call.services.briefly(_tags, call.services.store)}


async def ps(call: Call[NoBody]) -> Chunk:
    now, pool = datetime.now(UTC), call.services.pool
    answer: Chunk = {"models": [_process(loaded, now) for loaded in pool.loaded()]}
    loading = [
        _identity(each.model) | {"status": each.part, "completed": each.done, "total": each.total}
        for each in pool.loading()
    ]
    return answer | ({"loading": loading} if loading else {})


async def show(call: Call[ShowRequest]) -> Chunk | None:
    model = await call.resolve(call.body.model_name)
    devices = [loaded.device for loaded in call.services.pool.loaded() if loaded.model.loads == model.loads]
    state = ({"device": "; ".join(devices)} if devices else {}) | await _memory(call, model)
    if not call.body.verbose:
        return await call.services.briefly(_shown, model, False) | state
    await call.reply.body(await aside(_VOCABULARY, _at_length, model, state), JSON)
    return None


def _at_length(model: Model, state: Chunk) -> bytes:
    """Return all that is known of a model. Its lists are encoded at once: their text takes a tenth of the memory."""
    return to_json(_shown(model, True) | state)


async def _memory(call: Call[ShowRequest], model: Model) -> Chunk:
    """Return the key `memory`, if it was asked for and the model can be run."""
    costs = await call.services.briefly(stored_costs, model.files) if call.body.memory else None
    if not costs:
        return {}
    pool = call.services.pool
    return {"memory": memory.shown(costs, pool.engine_of(model), pool.memory_bytes, pool.kv_cache_type)}


async def copy(call: Call[CopyRequest]) -> None:
    source, destination = call.body.source, call.body.destination
    if not source or not destination:
        raise InvalidRequest("source and destination are required")
    call.record.subject = f"{source} to {destination}"
    await call.services.at_length(call.services.store.copy, source, destination)
    await call.reply.empty()


async def delete(call: Call[NameRequest]) -> None:
    name, services, model = call.body.model_name, call.services, None
    with suppress(InvalidModelFile):  # a broken model must be deletable
        model = await call.resolve(name)
    await services.at_length(services.store.delete, name)
    if model and not await services.briefly(_is_stored, model):  # otherwise another model has the same weights
        await services.pool.unload(model)
    await call.reply.empty()


def _is_stored(model: Model) -> bool:
    return all(path.exists() for path in model.loads)


def _tags(store: ModelStore) -> list[Chunk]:
    return [_tag(model) for model in store.list()]


def _tag(model: Model) -> Chunk:
    return _identity(model) | {"modified_at": rfc3339(model.modified_at), **_readable(model)}


def _readable(model: Model) -> Chunk:
    """Return details and capabilities. Those that are read from the file are missing if it is unreadable."""
    try:
        known = file_facts(model.files)
    except (InvalidModelFile, OSError):
        return {"details": _details(model), "capabilities": []}
    lengths = {
        "context_length": known.model.context_length,
        "embedding_length": known.model.embedding_length,
    }
    return {
        "details": _details(model) | {name: length for name, length in lengths.items() if length},
        "capabilities": known.capabilities,
    }


def _identity(model: Model) -> Chunk:
    name = str(model.name)
    return {"name": name, "model": name, "size": model.size, "digest": model.digest}


def _details(model: Model) -> Chunk:
    config = model.config
    families: list[object] | None = config.get("model_families")
    family = _word(config.get("model_family"))
    return {
        "parent_model": "",
        "format": _word(config.get("model_format")) or "gguf",
        "family": family,
        "families": _words(families) or [family],
        "parameter_size": _word(config.get("model_type")),
        "quantization_level": _word(config.get("file_type")),
    }


def _word(value: object) -> str:
    """Return a word of a config, which anybody may have written: the beginning of a long one, "" for no text."""
    return value[:_LONGEST_WORD] if isinstance(value, str) else ""


def _words(values: list[object] | None) -> list[str]:
    return [_word(value) for value in values[:_MOST_FAMILIES]] if isinstance(values, list) else []


def _process(loaded: Loaded, now: datetime) -> Chunk:
    stays = _FOREVER if math.isinf(loaded.expires_in) else timedelta(seconds=loaded.expires_in)
    return _identity(loaded.model) | {
        "size": loaded.memory_bytes,
        "details": _details(loaded.model),
        "expires_at": rfc3339(now + min(stays, _FOREVER)),
        "size_vram": loaded.device_bytes,
        "device": loaded.device,
        "context_length": loaded.context_length,
    }


def _shown(model: Model, verbose: bool) -> Chunk:
    known = file_facts(model.files)
    shown: Chunk = {
        "license": "\n".join(model.licenses),
        "modelfile": _modelfile(model),
        "parameters": "\n".join(_parameter_lines(model.parameters)),
        "template": known.template(model.template),
        "system": model.system,
        "details": _details(model),
        "messages": [_message(message) for message in model.messages],
        "model_info": known.model_info(verbose),
        "tensors": known.tensors,
        "capabilities": known.capabilities,
        "modified_at": rfc3339(model.modified_at),
        "requires": directive(model.config, "requires"),
        "outdated": is_outdated(model, known.metadata),  # a key of ours
    }
    optional = ("license", "system", "messages", "requires", "outdated")
    return {name: value for name, value in shown.items() if value or name not in optional}


def _modelfile(model: Model) -> str:
    text = Modelfile(
        sources=tuple(map(str, model.files)),
        adapters=tuple(map(str, model.adapters)),
        parameters=model.parameters,
        template=model.template or None,
        system=model.system or None,
        renderer=directive(model.config, "renderer") or None,
        parser=directive(model.config, "parser") or None,
        requires=directive(model.config, "requires") or None,
        licenses=model.licenses,
        messages=model.messages,
    )
    return f'# Modelfile generated by "ossia show"\n# To build from it:\n# FROM {model.name}\n\n{text}'


def _parameter_lines(parameters: Mapping[str, ParameterValue]) -> list[str]:
    """Return a line for each value: the name padded to 30 columns, and strings in double quotes."""
    return [
        f"{name:<30} {json.dumps(value, ensure_ascii=False)}"
        for name, values in parameters.items()
        for value in (values if isinstance(values, list) else [values])
    ]


def _message(message: Message) -> Chunk:
    return {"role": message.role, "content": message.content}
