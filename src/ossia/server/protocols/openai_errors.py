"""Errors in the form of OpenAI's API, which Responses share."""

from typing import Final

from ossia.errors import OssiaError
from ossia.server.http.stream import Chunk

_TYPES: Final = {404: "not_found_error", 429: "requests"}


def error(failure: OssiaError) -> Chunk:
    """Return the body of a response that reports the error."""
    kind = "api_error" if failure.status >= 500 else _TYPES.get(failure.status, "invalid_request_error")
    return {"error": {"message": failure.message_and_hint, "type": kind, "param": failure.param, "code": failure.code}}
