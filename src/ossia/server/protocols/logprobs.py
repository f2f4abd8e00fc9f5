"""Log probabilities of tokens, in the JSON form that Ollama and OpenAI share."""

from collections.abc import Sequence

from msgspec import Struct

from ossia import types
from ossia.server.http.stream import Chunk


class TopLogprob(Struct):
    token: str
    logprob: float
    bytes: list[int]


class TokenLogprob(Struct):
    token: str
    logprob: float
    bytes: list[int]
    top_logprobs: list[TopLogprob]


def logprobs_json(logprobs: Sequence[types.TokenLogprob]) -> list[Chunk]:
    return [{**_token_json(item), "top_logprobs": [_token_json(likely) for likely in item.top]} for item in logprobs]


def _token_json(item: types.TokenLogprob) -> Chunk:
    return {"token": item.token, "logprob": item.logprob, "bytes": list(item.bytes)}
