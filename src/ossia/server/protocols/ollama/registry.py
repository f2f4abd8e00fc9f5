"""POST /api/pull and /api/push, from JSON to jobs."""

from ossia.errors import InvalidRequest
from ossia.server.http.body import Body
from ossia.server.protocols.ollama.jobs import Job, model_name
from ossia.server.protocols.protocol import Services
from ossia.store.install import install
from ossia.store.name import ModelName
from ossia.store.progress import Report


def pull(services: Services, body: Body) -> Job:
    name, insecure = _remote(body)
    return lambda report: install(name, services.store, services.identity(), report, insecure=insecure)


def push(services: Services, body: Body) -> Job:
    name, insecure = _remote(body)

    def job(report: Report) -> None:
        from ossia.store.push import push

        push(name, services.store, services.identity(), report, insecure=insecure)

    return job


def _remote(body: Body) -> tuple[ModelName, bool]:
    """The name, and whether its registry is spoken to over http."""
    text, insecure = model_name(body), body.flag("insecure")
    if text.startswith("http://") and not insecure:
        raise InvalidRequest("insecure protocol http", hint='--insecure allows it, in a request "insecure": true')
    return ModelName.parse(text), insecure
