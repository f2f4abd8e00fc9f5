"""Errors in the form of Anthropic's API."""

from typing import Final

from ossia.errors import ContextLengthExceeded, OssiaError
from ossia.server.http.request_id import current_request_id
from ossia.server.http.stream import Chunk

_TYPES: Final = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    529: "overloaded_error",
}


def error(failure: OssiaError) -> Chunk:
    kind = _TYPES.get(failure.status, "invalid_request_error" if failure.status < 500 else "api_error")
    return {
        "type": "error",
        "error": {"type": kind, "message": _message(failure)},
        "request_id": current_request_id(),
    }


def _message(failure: OssiaError) -> str:
    """Return the error's text. Clients recognise a prompt that is too long by exactly this wording."""
    if isinstance(failure, ContextLengthExceeded):
        return f"prompt is too long: {failure.prompt_tokens} tokens > {failure.limit} maximum"
    return failure.message_and_hint
