"""Log probabilities of tokens, in the JSON form that Ollama and OpenAI share."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from ossia import types
from ossia.server.http.stream import Chunk


class TopLogprob(Struct):
    token: Annotated[str, Meta(description="The token's text.")]
    logprob: Annotated[float, Meta(description="The natural logarithm of its probability.")]
    bytes: Annotated[list[int], Meta(description="The bytes of its text, which may be a part of a character.")]


class TokenLogprob(TopLogprob):
    top_logprobs: Annotated[list[TopLogprob], Meta(description="The likeliest tokens at this place.")]


def logprobs_json(logprobs: Sequence[types.TokenLogprob]) -> list[Chunk]:
    return [{**_token_json(item), "top_logprobs": [_token_json(likely) for likely in item.top]} for item in logprobs]


def _token_json(item: types.TokenLogprob) -> Chunk:
    return {"token": item.token, "logprob": item.logprob, "bytes": list(item.bytes)}
