"""Ollama's POST /api/pull and /api/push: from requests to jobs, and the registries that other machines may name.

This machine may name any registry. For others the server asks known ones only, and does not tell what they said: it
must not become a way into the network that it is in.
"""

from typing import Final

from ossia.errors import Forbidden, InvalidRequest, RegistryError
from ossia.server.http.caller import Caller
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import Chunk
from ossia.server.protocols.ollama.jobs import Job, run_job
from ossia.server.protocols.ollama.model_types import TransferRequest
from ossia.server.services import Services
from ossia.store.install import install
from ossia.store.name import DEFAULT_HOST, ModelName
from ossia.store.progress import Report

_KNOWN: Final = (DEFAULT_HOST, "hf.co", "huggingface.co")


async def pull(call: Call[TransferRequest]) -> Chunk | None:
    services, insecure = call.services, bool(call.body.insecure)
    name = _remote_name(call)

    def job(report: Report) -> None:
        model = install(name, services.store, services.identity(), report, insecure=insecure)
        call.record.installed = str(model.name)

    return await run_job(discreet(job, call.caller), call.reply, call.body.stream)


async def push(call: Call[TransferRequest]) -> Chunk | None:
    services, insecure = call.services, bool(call.body.insecure)
    name = _remote_name(call)

    def job(report: Report) -> None:
        from ossia.store.push import push

        push(name, services.store, services.identity(), report, insecure=insecure)

    return await run_job(discreet(job, call.caller), call.reply, call.body.stream)


def _remote_name(call: Call[TransferRequest]) -> ModelName:
    """Read the model's name. Raises InvalidRequest for a registry over http, unless the request allows it."""
    body = call.body
    if body.model_name.startswith("http://") and not body.insecure:
        raise InvalidRequest("insecure protocol http", hint='--insecure allows it, in a request "insecure": true')
    name = ModelName.parse(body.model_name)
    check_registry(name, call.caller, call.services, insecure=bool(body.insecure))
    return name


def check_registry(name: ModelName, caller: Caller, services: Services, *, insecure: bool = False) -> None:
    """Raise Forbidden if the caller may not let the server ask this model's registry; `insecure` means over http."""
    host, set_ones = name.host.lower(), services.access.registries
    if caller.is_local or host in set_ones or (host in _KNOWN and not insecure):
        return
    how = " over http" if insecure else ""
    text = f"other machines may not let this server ask the registry {name.host}{how}"
    raise Forbidden(text, hint=f"ask from the server's own machine, or start it with OSSIA_REGISTRIES={host}")


def discreet(job: Job, caller: Caller) -> Job:
    """Return a job whose errors quote a registry to this machine only."""

    def work(report: Report) -> None:
        try:
            job(report)
        except RegistryError as error:
            if not caller.is_local:
                error.message = error.unquoted
            raise

    return work
