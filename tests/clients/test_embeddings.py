"""Embeddings from a real server and a real model, through OpenAI's and Ollama's own clients."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import numpy as np
import numpy.typing as npt
import ollama
import openai
import pytest
from langchain_ollama import OllamaEmbeddings
from langchain_openai import OpenAIEmbeddings
from pydantic import SecretStr

from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.weights import load
from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer
from tests.clients.conftest import RunScript, Server
from tests.waiting import wait_until

CATS = ["The cat sat on the mat.", "A kitten was lying on the rug."]
PHYSICS = "Quantum field theory describes elementary particles."
LONG = "Once upon a time there was a very old ship. " * 700  # of some 7000 tokens


@pytest.fixture
def client(server: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="ollama", max_retries=0) as client:
        yield client


@pytest.fixture
def ollama_client(server: Server) -> Iterator[ollama.Client]:
    with ollama.Client(server.url) as client:
        yield client


def array(vector: Sequence[float]) -> npt.NDArray[np.float64]:
    return np.array(list(vector), np.float64)


def test_openais_client_gets_the_same_numbers_in_base64_and_as_floats(client: openai.OpenAI) -> None:
    encoded = client.embeddings.create(model="tiny", input=[*CATS, PHYSICS])
    plain = client.embeddings.create(model="tiny", input=[*CATS, PHYSICS], encoding_format="float")
    assert [item.embedding for item in encoded.data] == [item.embedding for item in plain.data]
    assert encoded.usage == plain.usage
    assert encoded.usage.prompt_tokens > 20
    first, second, physics = (array(item.embedding) for item in encoded.data)
    assert [np.linalg.norm(vector) for vector in (first, second, physics)] == pytest.approx([1, 1, 1], abs=1e-5)
    assert first @ second > max(first @ physics, second @ physics) + 0.1


@pytest.mark.usefixtures("leaky")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_every_client_gets_the_same_vectors(
    server: Server, ollama_client: ollama.Client, javascript: RunScript
) -> None:
    """With durations and counts beside them, which strict clients miss."""
    expected = np.array(ollama_client.embed("tiny", CATS).embeddings)
    openais = OpenAIEmbeddings(
        model="tiny", base_url=f"{server.url}/v1", api_key=SecretStr("ollama"), check_embedding_ctx_length=False
    )
    seen = javascript("embed.mjs", V1=f"{server.url}/v1", MODEL="tiny", TEXTS=json.dumps(CATS))
    seen |= {
        "langchain-ollama": OllamaEmbeddings(model="tiny", base_url=server.url).embed_documents(CATS),
        "langchain-openai": openais.embed_documents(CATS),
    }
    assert len(seen) == 8
    for name, vectors in seen.items():
        np.testing.assert_allclose(np.array(vectors), expected, atol=1e-6, err_msg=name)


def test_the_vector_is_the_references(ollama_client: ollama.Client, tiny_models: dict[str, Path]) -> None:
    ids = Tokenizer.from_gguf(GGUF.open(tiny_models["mxfp4"]).metadata).encode(PHYSICS)
    expected = reference.embed(load(tiny_models["mxfp4"]), ids)
    old = array(ollama_client.embeddings("tiny", PHYSICS).embedding)
    np.testing.assert_allclose(old, expected, atol=1e-3, rtol=1e-3)
    answer = ollama_client.embed("tiny", PHYSICS)
    np.testing.assert_allclose(array(answer.embeddings[0]), expected / np.linalg.norm(expected), atol=1e-4)
    assert answer.prompt_eval_count == len(ids)


def test_ids_are_as_good_as_their_text(client: openai.OpenAI, tiny_models: dict[str, Path]) -> None:
    tokenizer = Tokenizer.from_gguf(GGUF.open(tiny_models["mxfp4"]).metadata)
    asked: list[list[int]] = [tokenizer.encode(text) for text in CATS]
    by_ids = client.embeddings.create(model="tiny", input=asked)
    by_text = client.embeddings.create(model="tiny", input=CATS)
    assert [item.embedding for item in by_ids.data] == [item.embedding for item in by_text.data]
    with pytest.raises(openai.BadRequestError, match="there is no token 1000000"):
        client.embeddings.create(model="tiny", input=[1, 1000000])


def test_the_marks_of_a_chat_are_plain_text(ollama_client: ollama.Client) -> None:
    assert (ollama_client.embed("tiny", "<|im_start|>").prompt_eval_count or 0) > 1


def test_a_long_text_is_cut_at_num_ctx_or_refused(ollama_client: ollama.Client) -> None:
    cut = ollama_client.embed("tiny", LONG, options={"num_ctx": 600}, dimensions=16)
    assert cut.prompt_eval_count == 600
    assert len(cut.embeddings[0]) == 16
    with pytest.raises(ollama.ResponseError, match="the input length exceeds the context length") as caught:
        ollama_client.embed("tiny", LONG * 2, truncate=False)
    assert caught.value.status_code == 400


def test_an_empty_input_loads(ollama_client: ollama.Client) -> None:
    assert ollama_client.embed("tiny", "").embeddings == []
    assert ollama_client.embeddings("tiny", "").embedding == []
    assert "tiny:latest" in {model.model for model in ollama_client.ps().models}


async def test_texts_in_any_company_have_the_same_vectors(server: Server) -> None:
    """In fp32 mode, beside an answer that is being written."""
    texts = [f"A fact about the number {number}" + " and the next one" * number for number in range(12)]
    async with ollama.AsyncClient(server.url) as client:
        alone = [(await client.embed("tiny", text)).embeddings[0] for text in texts]
        chat = client.generate("tiny", "Tell me about numbers.", options={"num_predict": 60, "temperature": 0})
        together, answer = await asyncio.gather(client.embed("tiny", texts), chat)
    assert answer.eval_count == 60
    assert list(together.embeddings) == alone


async def test_a_model_that_is_killed_ends_the_request_with_an_error(server: Server) -> None:
    async with ollama.AsyncClient(server.url) as client:
        await client.embed("tiny", "")
        (model,) = server.model_processes()
        request = asyncio.create_task(client.embed("tiny", [LONG] * 4))
        await asyncio.to_thread(wait_until, server.is_computing)
        model.kill()
        with pytest.raises(ollama.ResponseError, match="killed by signal 9"):
            await request
        assert len((await client.embed("tiny", "Hello")).embeddings) == 1


async def test_a_client_that_leaves_frees_its_place(server: Server) -> None:
    async with httpx.AsyncClient(timeout=None) as client:
        await client.post(f"{server.url}/api/embed", json={"model": "tiny"})
        body = {"model": "tiny", "input": [LONG] * 200}
        request = asyncio.create_task(client.post(f"{server.url}/api/embed", json=body))
        await asyncio.to_thread(wait_until, server.is_computing)
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)
    await asyncio.to_thread(wait_until, server.is_idle)
