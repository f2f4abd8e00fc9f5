"""Ollama's POST /api/pull and /api/push: from requests to jobs."""

from ossia.errors import InvalidRequest
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import Chunk
from ossia.server.protocols.ollama.jobs import run_job
from ossia.server.protocols.ollama.model_types import TransferRequest
from ossia.store.install import install
from ossia.store.name import ModelName
from ossia.store.progress import Report


async def pull(call: Call[TransferRequest]) -> Chunk | None:
    services, insecure = call.services, bool(call.body.insecure)
    name = _remote_name(call.body)

    def job(report: Report) -> None:
        install(name, services.store, services.identity(), report, insecure=insecure)

    return await run_job(job, call.reply, call.body.stream)


async def push(call: Call[TransferRequest]) -> Chunk | None:
    services, insecure = call.services, bool(call.body.insecure)
    name = _remote_name(call.body)

    def job(report: Report) -> None:
        from ossia.store.push import push

        push(name, services.store, services.identity(), report, insecure=insecure)

    return await run_job(job, call.reply, call.body.stream)


def _remote_name(body: TransferRequest) -> ModelName:
    """Read the model's name. Raises InvalidRequest for a registry over http, unless the request allows it."""
    if body.model_name.startswith("http://") and not body.insecure:
        raise InvalidRequest("insecure protocol http", hint='--insecure allows it, in a request "insecure": true')
    return ModelName.parse(body.model_name)
