"""/api/embed, /api/embeddings and /v1/embeddings over the wire, with an engine that counts bytes."""

import asyncio
import base64
import json
import math
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import ollama
import openai
import pytest

from ossia.engine import Embedding
from ossia.errors import ModelCrashed, OssiaError
from ossia.server.protocols import each
from ossia.types import EmbedRequest
from tests.api.conftest import NAME, Api
from tests.doubles.scripted_engine import Hang, ScriptedEngine
from tests.waiting import PATIENCE

ROUTES = ["/api/embed", "/api/embeddings", "/v1/embeddings"]


def counted(text: str | list[int], dimensions: int = 8) -> list[float]:
    """Return the scripted engine's embedding."""
    ids = list(text.encode()) if isinstance(text, str) else text
    return [sum(id % 8 == i for id in ids) / len(ids) for i in range(dimensions)]


def unit(vector: Sequence[float]) -> Any:
    length = math.sqrt(sum(value**2 for value in vector))
    return pytest.approx([value / length for value in vector], abs=1e-6)


def ask(api: Api, path: str, text: str, **fields: Any) -> Any:
    return api.post(path, **{"prompt" if path == "/api/embeddings" else "input": text}, **fields)


# Ollama


def test_embed_gives_unit_vectors_in_order_and_the_counts_that_clients_need(api: Api) -> None:
    answer = api.post("/api/embed", input=["abc", "b"])
    body = answer.json
    assert (answer.status, body["model"]) == (200, NAME)
    assert body["embeddings"] == [unit(counted("abc")), unit(counted("b"))]
    assert body["prompt_eval_count"] == 4
    assert min(body["total_duration"], body["load_duration"]) >= 1
    assert body.keys() == {"model", "embeddings", "total_duration", "load_duration", "prompt_eval_count"}


def test_embed_takes_one_string(api: Api) -> None:
    assert api.post("/api/embed", input="abc").json["embeddings"] == [unit(counted("abc"))]


def test_vectors_are_cut_and_then_of_length_one_again(api: Api) -> None:
    body = api.post("/api/embed", input=["abcdefgh"], dimensions=3).json
    assert body["embeddings"] == [unit(counted("abcdefgh", 3))]


def test_a_vector_that_is_cut_to_nothing_stays_zero(api: Api) -> None:
    assert api.post("/api/embed", input="a", dimensions=1).json["embeddings"] == [[0.0]]


@pytest.mark.parametrize("nothing", [None, "", []])
def test_an_empty_input_only_loads(api: Api, nothing: Any) -> None:
    body = api.post("/api/embed", input=nothing).json
    assert body["embeddings"] == []
    assert min(body["total_duration"], body["load_duration"], body["prompt_eval_count"]) >= 1
    assert len(api.loads) == 1


def test_the_old_route_leaves_the_length_as_it_is(api: Api) -> None:
    assert api.post("/api/embeddings", prompt="abc").json == {"embedding": pytest.approx(counted("abc"))}


def test_the_old_route_with_an_empty_prompt_only_loads(api: Api) -> None:
    assert api.post("/api/embeddings", prompt="").json == {"embedding": []}
    assert len(api.loads) == 1


def test_what_is_too_long_is_truncated(api: Api) -> None:
    body = api.post("/api/embed", input=["abcde"], options={"num_ctx": 3}).json
    assert (body["embeddings"], body["prompt_eval_count"]) == ([unit(counted("abc"))], 3)


def test_what_is_too_long_is_refused_in_ollamas_words_where_truncation_is_not_wanted(api: Api) -> None:
    answer = api.post("/api/embed", input=["ab", "abcde"], truncate=False, options={"num_ctx": 3})
    assert (answer.status, answer.json["error"]) == (400, "the input length exceeds the context length")
    assert "5 tokens" in answer.json["hint"]
    assert api.post("/api/embed", input="abc", truncate=False, options={"num_ctx": 3}).status == 200


def test_keep_alive_of_zero_unloads(api: Api) -> None:
    assert api.post("/api/embed", input="abc", keep_alive=0).status == 200
    api.post("/api/embed", input="abc")
    assert len(api.loads) == 2


@pytest.mark.parametrize("input", [5, True, {}, ["a", 1], [["a"]], [None]])
def test_wrong_inputs(api: Api, input: Any) -> None:
    answer = api.post("/api/embed", input=input)
    assert (answer.status, answer.json["error"]) == (400, "invalid input type")
    assert not api.loads


def test_an_empty_text_among_others_is_refused(api: Api) -> None:
    answer = api.post("/api/embed", input=["abc", ""])
    assert (answer.status, answer.json["error"]) == (400, "the input is empty")


# OpenAI


def test_openais_shape(api: Api) -> None:
    body = api.post("/v1/embeddings", input=["abc", "b"]).json
    data = [
        {"object": "embedding", "embedding": unit(counted("abc")), "index": 0},
        {"object": "embedding", "embedding": unit(counted("b")), "index": 1},
    ]
    usage = {"prompt_tokens": 4, "total_tokens": 4}
    assert body == {"object": "list", "data": data, "model": NAME, "usage": usage}


def test_base64_is_little_endian_float32(api: Api) -> None:
    (item,) = api.post("/v1/embeddings", input="abc", encoding_format="base64", dimensions=5).json["data"]
    assert list(struct.unpack("<5f", base64.b64decode(item["embedding"]))) == unit(counted("abc", 5))


@pytest.mark.parametrize("input", [[97, 98], [[97, 98]]])
def test_token_ids(api: Api, input: Any) -> None:
    body = api.post("/v1/embeddings", input=input).json
    assert [item["embedding"] for item in body["data"]] == [unit(counted([97, 98]))]
    assert body["usage"]["prompt_tokens"] == 2


def test_lists_of_token_ids(api: Api) -> None:
    body = api.post("/v1/embeddings", input=[[1, 2, 3], [4]]).json
    assert [item["embedding"] for item in body["data"]] == [unit(counted([1, 2, 3])), unit(counted([4]))]


@pytest.mark.parametrize("input", [None, 5, True, {}, ["a", 1], [1, True], [1.5], [["a"]], [[1], "a"], [None]])
def test_wrong_inputs_of_openais(api: Api, input: Any) -> None:
    answer = api.post("/v1/embeddings", input=input)
    assert answer.status == 400
    assert answer.json["error"]["type"] == "invalid_request_error"
    assert "invalid input: it must be" in answer.json["error"]["message"]


@pytest.mark.parametrize("input", ["", [], [""], ["a", ""], [[]], [[1], []]])
def test_empty_inputs_of_openais(api: Api, input: Any) -> None:
    answer = api.post("/v1/embeddings", input=input)
    assert answer.status == 400
    assert "it is empty" in answer.json["error"]["message"]


def test_an_unknown_encoding(api: Api) -> None:
    error = api.post("/v1/embeddings", input="a", encoding_format="int8").json["error"]
    assert error["message"] == "Invalid value for 'encoding_format' = int8. Supported values: ['float', 'base64']."


def test_openais_route_refuses_what_is_too_long_with_both_numbers(api: Api) -> None:
    answer = api.post("/v1/embeddings", input="abcde", options={"num_ctx": 3})
    error = answer.json["error"]
    assert (answer.status, error["type"], error["code"]) == (400, "invalid_request_error", "context_length_exceeded")
    assert "5 tokens" in error["message"]
    assert "is 3" in error["message"]
    assert api.post("/v1/embeddings", input="abcde", options={"num_ctx": 3}, truncate=True).status == 200


def test_the_sdk_decodes_base64_to_the_same_numbers(openai_client: openai.OpenAI) -> None:
    encoded = openai_client.embeddings.create(model=NAME, input=["abc", "b"])
    plain = openai_client.embeddings.create(model=NAME, input=["abc", "b"], encoding_format="float")
    assert [item.embedding for item in encoded.data] == [item.embedding for item in plain.data]


def test_the_ollama_sdk(ollama_client: ollama.Client) -> None:
    answer = ollama_client.embed(NAME, ["abc", "b"], dimensions=4)
    assert [list(vector) for vector in answer.embeddings] == [unit(counted("abc", 4)), unit(counted("b", 4))]
    assert list(ollama_client.embeddings(NAME, "abc").embedding) == pytest.approx(counted("abc"))


# every route


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("dimensions", [0, -1, 9, 1.5, "many"])
def test_dimensions_that_there_are_not(api: Api, path: str, dimensions: Any) -> None:
    answer = ask(api, path, "abc", dimensions=dimensions)
    assert answer.status == 400
    assert "dimensions must be" in json.dumps(answer.json)


@pytest.mark.parametrize("path", ROUTES)
def test_an_unknown_model_is_not_found(api: Api, path: str) -> None:
    assert ask(api, path, "a", model="absent").status == 404


@pytest.mark.parametrize("path", ROUTES)
def test_a_model_that_crashes_is_an_error(api: Api, path: str) -> None:
    api.say(ModelCrashed("the model's process was killed by signal 9"))
    answer = ask(api, path, "abc")
    assert answer.status == 500
    assert "killed by signal 9" in json.dumps(answer.json["error"])


@pytest.mark.parametrize("path", ROUTES)
def test_a_client_that_leaves_aborts_the_engine(api: Api, path: str) -> None:
    api.say(Hang())
    connection = api.connect()
    field = "prompt" if path == "/api/embeddings" else "input"
    connection.request("POST", path, json.dumps({"model": NAME, field: "abc"}))
    assert api.engine.started.wait(PATIENCE)
    connection.close()
    assert api.engine.aborted.wait(PATIENCE)


class Counting(ScriptedEngine):
    """Holds every text until as many are there as it waits for; fails at the text "bad"."""

    def __init__(self, together: int) -> None:
        super().__init__()
        self.running = self.most = 0
        self.barrier = asyncio.Barrier(together)

    async def embed(self, request: EmbedRequest) -> Embedding:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.barrier.wait()
            if request.text == "bad":
                raise OssiaError("bad")
            return await super().embed(request)
        finally:
            self.running -= 1


async def test_inputs_are_computed_together_but_not_all_of_a_long_list() -> None:
    engine, texts = Counting(each.AT_ONCE), [chr(97 + i % 26) for i in range(4 * each.AT_ONCE)]
    found = await each.each_of([*map(EmbedRequest, texts)], engine.embed)
    assert engine.most == each.AT_ONCE
    for text, embedding in zip(texts, found, strict=True):
        np.testing.assert_allclose(embedding.vector, counted(text))


async def test_the_first_failure_is_raised_and_ends_the_rest() -> None:
    engine = Counting(3)
    with pytest.raises(OssiaError, match="bad"):
        await each.each_of([EmbedRequest(text) for text in ("a", "bad", "b", "c", "d")], engine.embed)
    assert engine.running == 0
