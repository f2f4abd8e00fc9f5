"""The other server of a bench: any that is OpenAI-compatible, and what to do if it does not answer."""

import os
import ssl
from collections.abc import Generator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from ossia.cli.bench.asking import Target
from ossia.cli.client import Client, ServerError
from ossia.config import Settings
from ossia.errors import InvalidRequest, ServerUnreachable

_PORTS: Final = {"http": 80, "https": 443}
_HINTS: Final = {
    401: "OPENAI_API_KEY is the key that is sent to it",
    403: "OPENAI_API_KEY is the key that is sent to it",
    404: "--against-model names the model as that server does, and --against ends where /chat/completions begins",
}


class OtherClient(Client):
    """Client whose errors tell what to change of `--against`, where a client of ossia's tells of OLLAMA_HOST."""

    def lines(self, path: str, body: Mapping[str, Any]) -> Generator[bytes]:
        try:
            yield from super().lines(path, body)
        except (ServerError, ServerUnreachable) as error:
            error.hint = _hint(error)
            raise


def other(url: str, model: str) -> Target:
    """Return a model of the server at a URL, with or without /v1. Its key is OPENAI_API_KEY. Raises InvalidRequest."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise InvalidRequest(f"{url!r} is no address of a server", hint="for example http://localhost:8080") from None
    host, key = parts.hostname or "127.0.0.1", os.environ.get("OPENAI_API_KEY", "")
    client = OtherClient(Settings(scheme=parts.scheme, host=host, port=port, api_key=key))
    return Target(f"{host}:{port}", client, model, f"{parts.path.rstrip('/') or '/v1'}/chat/completions")


def _hint(error: ServerError | ServerUnreachable) -> str | None:
    if isinstance(error, ServerUnreachable):
        return "is it running, and is --against its address?"
    match error.__cause__:
        case ssl.SSLCertVerificationError():
            return "SSL_CERT_FILE=FILE trusts its certificate; --against uses the name that the certificate is for"
        case ssl.SSLError():
            return "if it speaks http, say http:// in --against"
        case _:
            return _HINTS.get(error.status, error.hint)
