"""Fields that requests of several APIs have, and the functions that read them.

Fields of a single vendor's API are in that vendor's folder.
"""

from typing import Annotated, Any

from msgspec import Meta

from ossia.durations import parse_duration
from ossia.errors import InvalidRequest, NotSupported
from ossia.server.http.body import BigInteger, Fields, Integer

MOST_TOOLS = 1024
"""Tools of one request; also calls in one message."""
MOST_STOPS = 64
LONGEST_STOP = 1000  # characters

ModelName = Annotated[str, Meta(description="The name of the model.", examples=["tiny"])]
Refused = Annotated[Any, Meta(description="Not supported: refused, unless it is empty.")]
KeepAlive = Annotated[
    float | str | None,
    Meta(description='How long the model stays loaded: seconds, or "5m". 0: not at all; negative: for ever.'),
]
Logprobs = Annotated[bool | None, Meta(description="Whether to tell the log probability of each token.")]
TopLogprobs = Annotated[
    Integer | None, Meta(description="How many likely tokens to tell with each, with `logprobs`: 0 to 20.")
]
Think = Annotated[
    bool | str | None,
    Meta(description="As Ollama has it: false for none at all, or low, medium, high. The API's own words overrule it."),
]

StopText = Annotated[str, Meta(max_length=LONGEST_STOP)]
StopTexts = Annotated[
    StopText | Annotated[list[StopText], Meta(max_length=MOST_STOPS)] | None,
    Meta(description="Texts that end the answer. Each is looked for after every token."),
]


Temperature = Annotated[
    float | None, Meta(description="How freely tokens are drawn: 0 takes the likeliest, 1 draws as the model learned.")
]
TopK = Annotated[Integer | None, Meta(description="So many of the likeliest tokens are drawn from; 0: all.")]
TopP = Annotated[
    float | None,
    Meta(description="The likeliest tokens with this share of the probability together are drawn from; 1: all."),
]
MinP = Annotated[
    float | None, Meta(description="Tokens below this share of the likeliest one's probability are not drawn.")
]
PresencePenalty = Annotated[
    float | None, Meta(description="Taken from the logit of every token that came before; negative: repeats it.")
]
FrequencyPenalty = Annotated[
    float | None, Meta(description="Taken from the logit of a token for each time that it came before.")
]
Seed = Annotated[
    BigInteger | None, Meta(description="The same seed draws the same tokens again. Negative: a new one each time.")
]


class Options(Fields):
    """Sampling options, in Ollama's names. An absent one is the model's own PARAMETER, or its kind's default.

    num_keep and draft_num_predict are accepted and have no effect: they are of another engine.
    """

    temperature: Temperature = None
    top_k: TopK = None
    top_p: TopP = None
    min_p: MinP = None
    typical_p: Annotated[
        float | None,
        Meta(
            description="Tokens about as surprising as expected are drawn, with this share of the probability; 1: all."
        ),
    ] = None
    repeat_last_n: Annotated[Integer | None, Meta(description="Latest tokens that penalties look at; -1: all.")] = None
    repeat_penalty: Annotated[
        float | None, Meta(description="Divides the likelihood of tokens that came before; 1: not at all.")
    ] = None
    presence_penalty: PresencePenalty = None
    frequency_penalty: FrequencyPenalty = None
    seed: Seed = None
    num_predict: Annotated[Integer | None, Meta(description="The longest answer, in tokens; negative: no limit.")] = (
        None
    )
    num_ctx: Annotated[Integer | None, Meta(description="The context's length, in tokens.")] = None
    num_gpu: Annotated[
        Integer | None,
        Meta(description="0: on the processor; more: on a GPU if there is one, with all layers unless by llama.cpp."),
    ] = None
    main_gpu: Annotated[Integer | None, Meta(description="The number of the GPU, from 0.")] = None
    num_thread: Annotated[Integer | None, Meta(description="Threads of llama.cpp, when it loads a model.")] = None
    num_batch: Annotated[Integer | None, Meta(description="Tokens of a batch of llama.cpp, when it loads a model.")] = (
        None
    )
    use_mmap: Annotated[bool | None, Meta(description="Whether llama.cpp maps a model's file, or reads it.")] = None
    stop: StopTexts = None


class ModelRequest(Fields, kw_only=True):
    """Request that needs a loaded model."""

    model: ModelName
    keep_alive: KeepAlive = None


class InferenceRequest(ModelRequest, kw_only=True):
    """Request that a model answers, at once or in a stream."""

    stream: Annotated[bool | None, Meta(description="Whether the answer is sent while it is written.")] = None
    options: Annotated[Options | None, Meta(description="The API's own names overrule these.")] = None


def keep_alive_seconds(value: float | str | None) -> float | None:
    """Return a duration in seconds; None if the request does not say. Raises InvalidRequest for anything else."""
    if value is None or value == "":
        return None
    try:
        return parse_duration(value)
    except ValueError as error:
        raise InvalidRequest(f"keep_alive: {error}") from None


def unloads(keep_alive: float | None) -> bool:
    """True if a request without a prompt unloads the model: at once with 0, and in effect with next to nothing."""
    return keep_alive is not None and keep_alive < 1


def texts(value: str | list[str] | None) -> tuple[str, ...]:
    """Return the strings of a field that takes one or several, without empty ones."""
    return tuple(text for text in ([value] if isinstance(value, str) else value or ()) if text)


def refuse(hint: str, path: str = "", /, **fields: object) -> None:
    """Raise NotSupported for the first of these fields that has a value other than null, "", [] or {}."""
    for name, value in fields.items():
        if value:
            raise NotSupported(f"{path}{name} is not supported in this version", hint)
