"""The neutral request and the closed union of events that every protocol translates to and from.

Pure values, without wire formats, a particular model's token ids, clocks or clients' identities. A non-streaming answer
is `collect` over the events of a stream.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from ossia.errors import OssiaError

Role = Literal["system", "developer", "user", "assistant", "tool"]
ReasoningEffort = Literal["none", "low", "medium", "high"]
FinishReason = Literal["stop", "length", "tool_calls", "error"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call made by the model. `arguments` is JSON text exactly as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation.

    A `tool` message carries the result of a call: `tool_call_id` names the call, `name` the function; either may be
    missing, since clients differ in what they send back. `token_ids` are an assistant's turn exactly as it was sampled,
    if known: a chat format may repeat them instead of rendering the other fields.
    """

    role: Role
    content: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None
    token_ids: tuple[int, ...] = ()

    @property
    def is_instruction(self) -> bool:
        """True for messages of the system and of the developer."""
        return self.role in ("system", "developer")


@dataclass(frozen=True, slots=True)
class Grammar:
    """A grammar that text must follow: in Lark's notation, as llguidance reads it, or a regular expression."""

    syntax: Literal["lark", "regex"]
    definition: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model may call. `parameters` is a JSON schema, or None for no parameters.

    With `strict` the schema is enforced to the letter; without it, keywords that cannot be enforced are ignored. With
    `takes_text` the call's `arguments` are plain text instead of JSON, in `grammar` if there is one.
    """

    name: str
    description: str = ""
    parameters: dict[str, Any] | None = None
    strict: bool = False
    takes_text: bool = False
    grammar: Grammar | None = None


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Limits on calls: the tools allowed (None: all), whether a call is required, and whether several may be made."""

    allowed: tuple[str, ...] | None = None
    required: bool = False
    parallel: bool = True


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """A JSON schema that the visible answer must match. The model reads `name` and `description`.

    Without `strict`, keywords that cannot be enforced are ignored.
    """

    schema: dict[str, Any] | bool
    name: str = "response"
    description: str = ""
    strict: bool = True


ANY_OBJECT = ResponseFormat({"type": "object"}, "json_object")


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """Sampling parameters. The defaults are gpt-oss's own: temperature 1 and nothing else.

    `top_k` 0, `top_p` 1, `min_p` 0, `typical_p` 1 and the penalties' neutral values switch each rule off.
    `repeat_last_n` is the number of latest tokens that penalties look at: 0 none, -1 all. `logprobs` None: not wanted;
    n: the chosen token's, and the n most likely tokens'. `max_tokens` None: until the context is full.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    typical_p: float = 1.0
    repeat_last_n: int = 64
    repeat_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    seed: int | None = None
    logit_bias: tuple[tuple[int, float], ...] = ()
    logprobs: int | None = None
    stop: tuple[str, ...] = ()
    stop_token_ids: tuple[int, ...] = ()
    max_tokens: int | None = None

    @property
    def penalises(self) -> bool:
        """True if tokens that came before are to come less often, or more often."""
        return (self.repeat_penalty, self.presence_penalty, self.frequency_penalty) != (1, 0, 0)


@dataclass(frozen=True, slots=True)
class Placement:
    """Wishes of a request for the place of its model: Ollama's num_gpu, main_gpu and num_ctx.

    `num_thread`, `num_batch` and `use_mmap` are for llama.cpp alone. All of them count when the model is loaded.
    """

    num_gpu: int | None = None
    main_gpu: int | None = None
    context_length: int | None = None
    num_thread: int | None = None
    num_batch: int | None = None
    use_mmap: bool | None = None


ANYWHERE: Final = Placement()


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """A request to a model.

    A `prompt` that is a string is a raw completion: special tokens in it count as such, no chat format is applied, and
    the answer's special tokens are returned verbatim. `context` are ids of an earlier prompt and answer, placed before
    the prompt. With `echo` a raw completion begins with the text of its prompt. The context length of the `placement`
    is also a limit on prompt and answer together. Nothing that a model keeps of a request is used by one of another
    `space`. `client` is the name under which it takes turns.
    """

    prompt: str | tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    response_format: ResponseFormat | None = None
    context: tuple[int, ...] = ()
    echo: bool = False
    reasoning_effort: ReasoningEffort = "medium"
    sampling: SamplingParams = field(default_factory=SamplingParams)
    space: str = ""
    placement: Placement = ANYWHERE
    client: str = ""


@dataclass(frozen=True, slots=True)
class EmbedRequest:
    """A text or ids to embed, in a context, space and turn like those of a GenerateRequest.

    Too long an input is cut to its beginning if it may be truncated, else refused.
    """

    text: str | Sequence[int]
    truncate: bool = True
    context_length: int | None = None
    space: str = ""
    client: str = ""


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token's text, bytes and natural log probability, and the most likely alternatives, best first.

    The first token of a prompt has no predecessor: its `logprob` is None.
    """

    token: str
    bytes: bytes
    logprob: float | None
    top: tuple["TokenLogprob", ...] = ()


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the visible answer. If requested, `logprobs` covers every token since the last delta."""

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of the model's chain of thought."""

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A fragment of call number `index` of the turn. A call's arguments are all of its fragments' together."""

    index: int
    id: str
    name: str
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts. `cached_tokens` are those of the prompt that were reused from the KV cache."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds spent on the prompt (including any wait for a place in the batch) and on the answer."""

    prompt: float = 0.0
    completion: float = 0.0


@dataclass(frozen=True, slots=True)
class Started:
    """The model has processed the prompt: its length, and how much of it was cached. Comes first in every answer."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Finished:
    """End of every stream: always last, exactly once.

    `error` is set if `reason` is "error", `stop_string` if one of the request's stop strings ended the answer.
    `token_ids` are those of the prompt and the sampled ones.
    """

    reason: FinishReason
    usage: Usage = field(default_factory=Usage)
    timings: Timings = field(default_factory=Timings)
    error: OssiaError | None = None
    stop_string: str | None = None
    token_ids: tuple[int, ...] = ()


Event = Started | TextDelta | ReasoningDelta | ToolCallDelta | Finished


@dataclass(frozen=True, slots=True)
class Collected:
    """A whole answer: the fold of a stream of events."""

    message: Message
    finished: Finished
    logprobs: tuple[TokenLogprob, ...] = ()  # of the visible answer's tokens
    reasoning_logprobs: tuple[TokenLogprob, ...] = ()


async def collect(events: AsyncIterator[Event]) -> Collected:
    """Fold a stream into one answer. Raises the error that the stream ended with, if any."""
    return fold([event async for event in events])


def fold(events: Iterable[Event]) -> Collected:
    """Fold all events into one answer. Raises the error that they end with, if any."""
    text: list[str] = []
    reasoning: list[str] = []
    calls: dict[int, ToolCall] = {}
    logprobs: list[TokenLogprob] = []
    reasoning_logprobs: list[TokenLogprob] = []
    finished = Finished("error")
    for event in events:
        match event:
            case Started():
                pass
            case TextDelta():
                text.append(event.text)
                logprobs.extend(event.logprobs)
            case ReasoningDelta():
                reasoning.append(event.text)
                reasoning_logprobs.extend(event.logprobs)
            case ToolCallDelta():
                call = calls.get(event.index) or ToolCall(event.id, event.name, "")
                calls[event.index] = replace(call, arguments=call.arguments + event.arguments)
            case Finished():
                finished = event
    if finished.reason == "error":
        raise finished.error or OssiaError("the model's answer ended without a reason")
    message = Message("assistant", "".join(text), "".join(reasoning), tuple(calls.values()))
    return Collected(message, finished, tuple(logprobs), tuple(reasoning_logprobs))
