"""Types of OpenAI's older /v1/completions: what it takes and answers."""

from functools import cached_property
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ossia.errors import InvalidRequest
from ossia.server.http.body import Integer
from ossia.server.http.operation import INFERENCE, Operation
from ossia.server.http.stream import SSE
from ossia.server.protocols.answer_fields import AnswerId, AskedModel, ChoiceIndex, Fingerprint, MadeAt
from ossia.server.protocols.openai.inputs import Inputs, TextOrIds, read_inputs
from ossia.server.protocols.openai.types import CompletionFields, CompletionUsage


class CompletionRequest(CompletionFields, kw_only=True, dict=True):
    prompt: Inputs = None
    raw: Annotated[
        bool | None,
        Meta(
            description="The prompt is a text to continue, special tokens included; with `echo` and `logprobs` it is "
            "one by default."
        ),
    ] = None
    echo: Annotated[bool | None, Meta(description="Whether to repeat the prompt before its answer.")] = None
    logprobs: Annotated[Integer | None, Meta(description="How many likely tokens to tell with each: 0 to 5.")] = None
    best_of: Annotated[Integer | None, Meta(description="No more than `n`.")] = None
    suffix: Annotated[str | None, Meta(description="Not supported: refused, unless it is empty.")] = None

    @cached_property
    def prompts(self) -> list[TextOrIds]:
        """The prompts, at least one and none empty. Raises InvalidRequest."""
        prompts = read_inputs(self.prompt)
        if not prompts or not all(prompts):
            raise InvalidRequest("prompt must be a text, token ids, or a list of texts or of lists of ids, none empty")
        return prompts

    @property
    def continues(self) -> bool:
        """True if the prompts are continued as they are, and not put as questions.

        Token ids always are, and so is a text whose own log probabilities are asked for, unless `raw` is false.
        """
        is_scored = bool(self.echo) and self.logprobs is not None
        return not isinstance(self.prompts[0], str) or (is_scored if self.raw is None else self.raw)


class CompletionLogprobs(Struct):
    """Four lists, one entry a token; `text_offset` is where the token begins in the text of the choice."""

    tokens: Annotated[list[str], Meta(description="The tokens' texts.")]
    token_logprobs: Annotated[
        list[float | None], Meta(description="Their log probabilities; null for the first of a prompt.")
    ]
    top_logprobs: Annotated[
        list[dict[str, float] | None], Meta(description="The likeliest tokens at each place, by text.")
    ]
    text_offset: Annotated[list[int], Meta(description="Where each begins in the text of the choice.")]


class CompletionChoice(Struct):
    text: Annotated[str, Meta(description="The answer, or a piece of it.")]
    index: ChoiceIndex
    logprobs: Annotated[CompletionLogprobs | None, Meta(description="Those of the text, if they were asked for.")]
    finish_reason: Annotated[Literal["stop", "length", "tool_calls"] | None, Meta(description="Why the answer ends.")]


class Completion(Struct):
    """A whole answer, or one chunk of a stream, after the last of which comes `data: [DONE]`."""

    id: AnswerId
    object: Literal["text_completion"]
    created: MadeAt
    model: AskedModel
    system_fingerprint: Fingerprint
    choices: Annotated[list[CompletionChoice], Meta(description="The answers, or the next pieces of one.")]
    usage: Annotated[CompletionUsage | UnsetType, Meta(description="Counts of tokens.")] = UNSET


COMPLETIONS = Operation(
    "The answer to a prompt",
    CompletionRequest,
    Completion,
    Completion,
    SSE,
    raises=INFERENCE,
)
