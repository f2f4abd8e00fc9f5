"""Errors as OpenAI's API words them, which Responses share."""

from typing import Final

from ossia.errors import InputTooLong, OssiaError
from ossia.server.http.stream import Chunk

_TYPES: Final = {404: "not_found_error"}


def error(failure: OssiaError) -> Chunk:
    """The error as a response's body."""
    kind = "api_error" if failure.status >= 500 else _TYPES.get(failure.status, "invalid_request_error")
    return {"error": {"message": failure.message, "type": kind, "param": failure.param, "code": failure.code}}


def error_event(failure: OssiaError) -> Chunk:
    """The error as an event of a stream whose events have types, as those of responses have."""
    return {"type": "error", **error(failure)}


def embedding_error(failure: OssiaError) -> Chunk:
    """The error with the numbers of an input that is too long, which stand in its hint."""
    shown = error(failure)
    if isinstance(failure, InputTooLong):
        shown["error"]["message"] = f"{failure.message}: {failure.hint}"
    return shown
