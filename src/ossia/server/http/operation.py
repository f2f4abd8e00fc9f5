"""What a route takes and answers, as types: for the gate at its entrance, for the document, and for whoever reads it.

Knows no protocol. A field that no type declares does not reach the code behind a route (see `gate`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from msgspec import Meta, Struct

from ossia.errors import InvalidRequest, ModelNotFound, OssiaError, ServerBusy

Integer = Annotated[int | float, Meta(extra_json_schema={"type": "integer"})]
"""JSON has one kind of number: 5.0 is an integer, 5.5 is refused where it is read."""

ModelName = Annotated[str, Meta(examples=["tiny"])]
Refused = Annotated[Any, Meta(description="Not supported: refused, unless it is empty.")]
KeepAlive = Annotated[
    float | str | None,
    Meta(description='How long the model stays loaded: seconds, or "5m". 0: not at all; negative: for ever.'),
]
Logprobs = Annotated[bool | None, Meta(description="Whether to tell the log probability of each token.")]
TopLogprobs = Annotated[
    Integer | None, Meta(description="How many likely tokens to tell with each, with `logprobs`: 0 to 20.")
]


class Fields(Struct, omit_defaults=True):
    """An object of a request. null means that a field is absent; fields that are not declared are ignored."""


Think = Annotated[
    bool | str | None,
    Meta(description="As Ollama has it: false for none at all, or low, medium, high. The API's own words overrule it."),
]


class Options(Fields):
    """How to choose tokens, in Ollama's names. What is left out is the model's own PARAMETER, or its kind's default.

    num_batch, num_gpu, main_gpu, use_mmap, num_thread, num_keep and draft_num_predict are accepted and have no effect:
    they are of another engine.
    """

    temperature: float | None = None
    top_k: Integer | None = None
    top_p: float | None = None
    min_p: float | None = None
    typical_p: float | None = None
    repeat_last_n: Annotated[Integer | None, Meta(description="Latest tokens that penalties look at; -1: all.")] = None
    repeat_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    seed: Annotated[Integer | None, Meta(description="Negative: a new one each time.")] = None
    num_predict: Annotated[Integer | None, Meta(description="The longest answer, in tokens; negative: no limit.")] = (
        None
    )
    num_ctx: Annotated[Integer | None, Meta(description="The context's length, in tokens.")] = None
    stop: Annotated[str | list[str] | None, Meta(description="Texts that end the answer.")] = None


@dataclass(frozen=True, slots=True)
class Operation:
    """`request` is the type of the JSON body, or bytes for a body that is taken as it is; `query` that of the query.

    `response` is the body of a success: a type, a media type for what is no JSON, or None for an empty body. `chunk`
    is one piece of a streamed answer. `successes` are the statuses with what they mean, `raises` the errors beside
    those that any operation may end with.
    """

    summary: str
    request: type[Struct] | type[bytes] | None = None
    response: Any = None
    chunk: Any = None
    successes: Mapping[int, str] = field(default_factory=lambda: {200: "Done"})
    raises: tuple[type[OssiaError], ...] = ()
    query: type[Struct] | None = None

    @property
    def fields(self) -> type[Struct]:
        """The type of the JSON body, where there is one."""
        assert self.request is not None
        assert issubclass(self.request, Struct)
        return self.request


OF_A_MODEL = (InvalidRequest, ModelNotFound)
INFERENCE = (*OF_A_MODEL, ServerBusy)
