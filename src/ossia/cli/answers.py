"""Types of the server's answers, as far as the command line reads them.

Knows the shapes that Ollama's API has, not what they are for. A field that an older server, or Ollama's own, leaves out
has a default; Go's servers write null for an empty list. What is shown must also make sense: sizes have 63 bits.
"""

from datetime import datetime
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

Json = dict[str, Any]

_MOST: Final = 2**63 - 1
Count = Annotated[int, Meta(ge=0, le=_MOST)]
Number = Annotated[int, Meta(ge=-_MOST, le=_MOST)]
Moment = Annotated[datetime, Meta(tz=True)]


class Refusal(Struct):
    """An error: a text, or OpenAI's object with a `message`; ossia adds a hint."""

    error: object = None
    hint: object = None


class Line(Refusal):
    """Line of a stream: of an answer, whose last is `done`, or of a job, which ends with success."""

    done: bool = False
    status: str | None = None

    @property
    def is_last(self) -> bool:
        return self.done or self.status == "success"


class ProgressLine(Line):
    """Line of a pull, a push or a create."""

    completed: Count | None = None
    total: Count | None = None


class Function(Struct):
    name: str
    arguments: object = None


class Call(Struct):
    function: Function


class Message(Struct):
    """Part of an assistant's message."""

    content: str | None = None
    thinking: str | None = None
    tool_calls: list[Call] | None = None


class Part(Line):
    """Line of /api/generate, which has the text itself, or of /api/chat, which has a message."""

    response: str | None = None
    thinking: str | None = None
    tool_calls: list[Call] | None = None
    message: Message | None = None
    done_reason: str | None = None
    total_duration: Number | None = None
    load_duration: Number | None = None
    prompt_eval_count: Number | None = None
    prompt_eval_duration: Number | None = None
    eval_count: Number | None = None
    eval_duration: Number | None = None


class Named(Struct):
    name: str

    def is_called_like(self, prefix: str) -> bool:
        """True if the name begins with `prefix`, in any case."""
        return self.name.lower().startswith(prefix.lower())


class Names(Struct):
    """Lists of models, of which only the names are read."""

    models: list[Named] | None = None


class Stored(Named):
    """Model in the store."""

    digest: str
    size: Count
    modified_at: Moment


class Tags(Struct):
    models: list[Stored] | None = None


class Loaded(Named):
    """Model in memory."""

    digest: str
    size: Count
    expires_at: Moment
    size_vram: Count = 0
    context_length: Count | None = None
    device: str | None = None


class Processes(Struct):
    models: list[Loaded] | None = None


class Context(Named):
    context_length: Count | None = None


class Loading(Named):
    """Model that is being loaded."""

    status: str
    completed: Count = 0
    total: Count = 0


class Running(Struct):
    """Models in memory, of which only the contexts are read, and those that are being loaded."""

    models: list[Context] | None = None
    loading: list[Loading] | None = None


class Details(Struct):
    family: str | None = None
    parameter_size: str | None = None
    quantization_level: str | None = None


class Tensor(Named):
    type: str
    shape: list[int]


class MemoryAt(Struct):
    """Memory of one conversation of a length."""

    tokens: Count
    kv_bytes: Count


class Memory(Struct):
    usable_bytes: Count
    weights_bytes: Count
    work_bytes: Count
    contexts: Annotated[list[MemoryAt], Meta(min_length=1)]
    is_on_gpu: bool = False
    kv_cache_type: str = "f16"
    weights_bytes_per_token: Count = 0


class Shown(Struct):
    """All that is known of a model."""

    modelfile: str | None = None
    parameters: str | None = None
    template: str | None = None
    system: str | None = None
    license: str | None = None
    details: Details | None = None
    model_info: dict[str, object] | None = None
    capabilities: list[str] | None = None
    messages: list[Json] | None = None
    tensors: list[Tensor] | None = None
    device: str | None = None
    outdated: bool | None = None
    memory: Memory | None = None


class JsonModels(Struct):
    """Models of which all is kept, whatever it is."""

    models: list[Json] | None = None


class Embedded(Struct):
    """Answer of /api/embed to one text."""

    embeddings: Annotated[list[list[float]], Meta(min_length=1)]
