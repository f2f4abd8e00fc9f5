"""The APIs that the server speaks: where each one's paths begin, and how it words an error."""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from ossia.errors import OssiaError
from ossia.server import chat_completions, messages, ollama
from ossia.server.schema.chat_completions import OpenAIError
from ossia.server.schema.messages import AnthropicError
from ossia.server.schema.ollama import OllamaError
from ossia.server.stream import Chunk


@dataclass(frozen=True, slots=True)
class Api:
    name: str
    prefix: str
    error: Callable[[OssiaError], Chunk]
    error_type: type[Struct]


APIS = (
    Api("Anthropic", "/v1/messages", messages.error, AnthropicError),
    Api("OpenAI", "/v1/", chat_completions.error, OpenAIError),
    Api("Ollama", "/", ollama.error, OllamaError),
)


def api_of(path: str) -> Api:
    return next(api for api in APIS if path.startswith(api.prefix))
