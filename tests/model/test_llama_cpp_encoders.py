"""Encoders by llama.cpp, against its own server: embeddings with the pooling that a file names, and reranking."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xllamacpp
from gguf import PoolingType

from ossia.config import EngineOptions
from ossia.engine import load
from ossia.engine.facts import ModelFacts
from ossia.errors import InputTooLong, NotSupported
from ossia.gguf import GGUF
from ossia.types import EmbedRequest, GenerateRequest, Message, collect
from tests.model import random_bert

OPTIONS = EngineOptions(device="cpu", threads=1, num_parallel=2)
DOCUMENTS = ["a bear", "the tax law", "pandas eat bamboo"]


def oracle(path: Path, pooling: PoolingType) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.n_parallel, params.warmup = str(path), 128, 1, False
    params.cpuparams.n_threads, params.embedding, params.embd_normalize = 1, True, -1
    if pooling == PoolingType.RANK:
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_RANK
    return xllamacpp.Server(params)


@pytest.mark.parametrize("pooling", [PoolingType.MEAN, PoolingType.CLS, PoolingType.LAST])
async def test_embeddings_have_the_pooling_of_the_file(tmp_path: Path, pooling: PoolingType) -> None:
    path = random_bert.write(tmp_path / "bert.gguf", pooling)
    engine = await load((path,), OPTIONS)
    ours = await engine.embed(EmbedRequest("hello world"))
    own = oracle(path, pooling).handle_embeddings({"input": "hello world", "embd_normalize": -1})
    theirs = np.array(own["data"][0]["embedding"])
    cosine = ours.vector @ theirs / np.linalg.norm(ours.vector) / np.linalg.norm(theirs)
    assert cosine == pytest.approx(1, abs=1e-5)
    assert ours.tokens == own["usage"]["prompt_tokens"]
    with pytest.raises(NotSupported, match="does not rerank"):
        await engine.rank("a", "b")
    await engine.close()


async def test_ranking(tmp_path: Path) -> None:
    path = random_bert.write(tmp_path / "rank.gguf", PoolingType.RANK)
    facts = ModelFacts.of(GGUF.open(path))
    assert facts.purpose == "ranking"
    engine = await load((path,), OPTIONS)
    ours = await asyncio.gather(*(engine.rank("what is a panda", text) for text in DOCUMENTS))
    own = oracle(path, PoolingType.RANK).handle_rerank({"query": "what is a panda", "documents": DOCUMENTS})
    theirs = {each["index"]: each["relevance_score"] for each in own["results"]}
    assert [each.score for each in ours] == pytest.approx([theirs[index] for index in range(3)], abs=1e-4)
    assert sum(each.tokens for each in ours) == own["usage"]["prompt_tokens"]
    for long in "panda " * 30, "p" * 10_000_000:
        with pytest.raises(InputTooLong):
            await engine.rank("what is a panda", long)
    with pytest.raises(NotSupported, match="embeds nothing"):
        await engine.embed(EmbedRequest("a"))
    with pytest.raises(NotSupported, match="does not answer"):
        await collect(engine.generate(GenerateRequest((Message("user", "Hi"),))))
    await engine.close()
