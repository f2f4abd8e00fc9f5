"""OpenAI's GET /v1/models: the stored models."""

import asyncio

from ossia.server.http.body import NoBody
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import Chunk
from ossia.store.models import Model


async def list_models(call: Call[NoBody]) -> Chunk:
    models = await asyncio.to_thread(call.services.store.list)
    return {"object": "list", "data": [_described(model) for model in models]}


async def show_model(call: Call[NoBody]) -> Chunk:
    return _described(await call.services.resolve(call.path("model")))


def _described(model: Model) -> Chunk:
    created = int(model.modified_at.timestamp())
    return {"id": str(model.name), "object": "model", "created": created, "owned_by": model.name.namespace}
