"""GET /v1/models: the stored models, in the shape that the client knows: OpenAI's, Anthropic's or Codex's.

A client of Anthropic's API sends the header `anthropic-version`, and Codex its `client_version` in the query.
"""

from ossia.server.http.body import NoBody
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import Chunk
from ossia.server.protocols.openai.catalog import catalog
from ossia.server.protocols.openai.types import ModelsQuery
from ossia.store.models import Model


async def list_models(call: Call[NoBody]) -> Chunk:
    models = await call.services.briefly(call.services.store.list)
    if call.query(ModelsQuery).client_version is not None:
        return {"models": await call.services.briefly(catalog, models)}
    if not _is_anthropics(call):
        return {"object": "list", "data": [_described(model) for model in models]}
    data = [_described_to_anthropic(model) for model in models]
    first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {"data": data, "first_id": first, "last_id": last, "has_more": False}


async def show_model(call: Call[NoBody]) -> Chunk:
    """Return one model, in OpenAI's shape under the name that was asked for."""
    name = call.path("model")
    model = await call.resolve(name)
    return _described_to_anthropic(model) if _is_anthropics(call) else _described(model) | {"id": name}


def _is_anthropics(call: Call[NoBody]) -> bool:
    return "anthropic-version" in call.request.headers


def _described(model: Model) -> Chunk:
    created = int(model.modified_at.timestamp())
    return {"id": str(model.name), "object": "model", "created": created, "owned_by": model.name.namespace}


def _described_to_anthropic(model: Model) -> Chunk:
    created = model.modified_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    name = str(model.name)
    return {"type": "model", "id": name, "display_name": name, "created_at": created, "lifecycle": "active"}
