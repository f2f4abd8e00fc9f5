"""Errors in the form of Ollama's API."""

from ossia.errors import OssiaError
from ossia.server.http.stream import Chunk


def error(failure: OssiaError) -> Chunk:
    return {"error": failure.message} | ({"hint": failure.hint} if failure.hint else {})
