"""Embeddings: Ollama's POST /api/embed and its older /api/embeddings, and OpenAI's /v1/embeddings.

They are no dialects, as nothing is generated: inputs become vectors, all at once. Ollama's routes truncate an input
that is too long, unless `truncate` is false; OpenAI's refuses it, unless `truncate` is true. As on
/v1/chat/completions, Ollama's `keep_alive` and `options` are taken everywhere.
"""

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from ossia.engine import Embedding, Engine
from ossia.errors import InputTooLong, InvalidRequest, OssiaError
from ossia.server.http import gate
from ossia.server.http.body import Body, is_list_of
from ossia.server.http.operation import Operation
from ossia.server.http.stream import Chunk, Reply, send_whole, until_gone
from ossia.server.protocols import embedding_types as schema
from ossia.server.protocols import sampling as options
from ossia.server.protocols.ollama import chat as ollama
from ossia.server.protocols.openai import chat as chat_completions
from ossia.server.protocols.protocol import Services, Turn

AT_ONCE = 16
"""Inputs of one request that the engine has at a time: a long list must not stand before everybody else's requests."""

Input = str | Sequence[int]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Protocol:
    """One route. `inputs` raises InvalidRequest for a body that cannot be right, before anything is loaded."""

    operation: Operation
    inputs: Callable[[Body], Sequence[Input]]
    truncates: bool
    response: Callable[[Sequence[Embedding], Turn], Chunk]
    error: Callable[[OssiaError], Chunk]


class EmbeddingsEndpoint:
    """The ASGI application behind one route. A client that leaves aborts what the engine still has of it."""

    def __init__(self, protocol: Protocol, services: Services) -> None:
        self._protocol = protocol
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await gate.read(Request(scope, receive), self._protocol.operation.fields)
        response = answer(self._protocol, self._services, body)
        await until_gone(receive, send_whole(response, self._protocol.error, Reply(send)))


async def answer(protocol: Protocol, services: Services, body: Body) -> AsyncGenerator[Chunk]:
    """The response, as the only chunk."""
    turn = Turn(body, body.text("model"))
    inputs, dimensions = protocol.inputs(body), body.integer("dimensions")
    truncate, keep_alive = body.flag("truncate", protocol.truncates), options.keep_alive(body)
    model = await services.resolve(turn.model)
    context_length = options.context_length(body.object("options"), model)
    async with services.pool.use(model, keep_alive) as lease:
        turn.load_seconds = lease.load_seconds
        _check_dimensions(dimensions, lease.engine.embedding_length)
        embeddings = await embed_all(lease.engine, inputs, truncate, context_length)
    yield protocol.response([_cut(embedding, dimensions) for embedding in embeddings], turn)


async def embed_all(
    engine: Engine, inputs: Sequence[Input], truncate: bool, context_length: int | None
) -> list[Embedding]:
    """The inputs' embeddings, in order. The first failure is raised and ends the rest."""
    places = asyncio.Semaphore(AT_ONCE)

    async def embed(text: Input) -> Embedding:
        async with places:
            return await engine.embed(text, truncate=truncate, context_length=context_length)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(embed(text)) for text in inputs]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


def _check_dimensions(dimensions: int | None, size: int) -> None:
    if dimensions is not None and not 1 <= dimensions <= size:
        raise InvalidRequest(f"dimensions must be between 1 and {size}, which is all that the model has")


def _cut(embedding: Embedding, dimensions: int | None) -> Embedding:
    """The first dimensions only. Raises OssiaError for what is no vector."""
    if not np.isfinite(embedding.vector).all():
        raise OssiaError("embedding contains NaN or Inf values")
    return replace(embedding, vector=embedding.vector[:dimensions])


def _unit(vector: Floats) -> Floats:
    """The vector with length 1; the zero vector has no direction and stays."""
    length = np.linalg.norm(vector.astype(np.float64))
    return (vector / length).astype(np.float32) if length else vector


# ---- Ollama


def _ollama_inputs(body: Body) -> Sequence[str]:
    """No text for an empty `input`, which only loads the model."""
    match body.get("input"):
        case None | "":
            return []
        case str() as text:
            return [text]
        case texts if is_list_of(texts, str):
            return texts
        case _:
            raise InvalidRequest("invalid input type", hint="input must be a string or a list of strings")


def _embed_response(embeddings: Sequence[Embedding], turn: Turn) -> Chunk:
    return {
        "model": turn.model,
        "embeddings": [_unit(embedding.vector).tolist() for embedding in embeddings],
        "total_duration": ollama.nanoseconds(turn.seconds),
        "load_duration": ollama.nanoseconds(turn.load_seconds),
        "prompt_eval_count": max(_num_tokens(embeddings), 1),
    }


def _prompt(body: Body) -> Sequence[str]:
    prompt = body.text("prompt")
    return [prompt] if prompt else []


def _embeddings_response(embeddings: Sequence[Embedding], turn: Turn) -> Chunk:
    return {"embedding": embeddings[0].vector.tolist() if embeddings else []}


def _num_tokens(embeddings: Sequence[Embedding]) -> int:
    return sum(embedding.tokens for embedding in embeddings)


# ---- OpenAI


def _openai_inputs(body: Body) -> Sequence[Input]:
    """A text, texts, ids or lists of ids."""
    _encoding(body)
    value = body.get("input")
    inputs = [value] if isinstance(value, str) or is_list_of(value, int) else value
    if not (is_list_of(inputs, str) or (is_list_of(inputs, list) and all(is_list_of(ids, int) for ids in inputs))):
        raise InvalidRequest("invalid input: it must be a string, token ids, or a list of strings or of token ids")
    if not inputs or not all(inputs):
        raise InvalidRequest("invalid input: it is empty, and an embedding is made of at least one token")
    return inputs


def _encoding(body: Body) -> Callable[[Floats], Any]:
    match body.text("encoding_format", "float"):
        case "float":
            return lambda vector: vector.tolist()
        case "base64":
            return lambda vector: base64.b64encode(vector.astype("<f4").tobytes()).decode()
        case other:
            raise InvalidRequest(
                f"Invalid value for 'encoding_format' = {other}. Supported values: ['float', 'base64']."
            )


def _openai_response(embeddings: Sequence[Embedding], turn: Turn) -> Chunk:
    encode, tokens = _encoding(turn.body), _num_tokens(embeddings)
    data = [
        {"object": "embedding", "embedding": encode(_unit(embedding.vector)), "index": index}
        for index, embedding in enumerate(embeddings)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": turn.model, "usage": usage}


def _openai_error(failure: OssiaError) -> Chunk:
    shown = chat_completions.error(failure)
    if isinstance(failure, InputTooLong):  # the numbers stand in the hint, which OpenAI's shape has no place for
        shown["error"]["message"] = f"{failure.message}: {failure.hint}"
    return shown


EMBED = Protocol(schema.EMBED, _ollama_inputs, True, _embed_response, ollama.error)
OLD_EMBEDDINGS = Protocol(schema.OLD_EMBEDDINGS, _prompt, True, _embeddings_response, ollama.error)
EMBEDDINGS = Protocol(schema.EMBEDDINGS, _openai_inputs, False, _openai_response, _openai_error)
