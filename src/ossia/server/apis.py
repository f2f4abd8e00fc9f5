"""The APIs that the server speaks: where each one's paths begin, and how it words an error."""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from ossia.errors import OssiaError
from ossia.server.http.stream import Chunk
from ossia.server.protocols.anthropic import messages
from ossia.server.protocols.anthropic.types import AnthropicError
from ossia.server.protocols.ollama import chat as ollama
from ossia.server.protocols.ollama.types import OllamaError
from ossia.server.protocols.openai import chat as chat_completions
from ossia.server.protocols.openai.types import OpenAIError


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
