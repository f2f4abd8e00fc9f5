"""Embeddings: CpuRunner against the reference in batches of every make-up, and the real model against llama.cpp."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from ossia.config import EngineOptions
from ossia.engine.core import EngineCore
from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.cpu import BLOCK_SIZE, CpuRunner
from ossia.engine.gpt_oss.weights import Weights, load
from ossia.engine.sequence import Pool, Pooled, Sample, Sequence, StepOutput
from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer
from ossia.types import SamplingParams
from tests.model.llama_cpp import LlamaCppEmbeddings
from tests.model.tiny_gpt_oss import random_model, write_gguf

Array = npt.NDArray[np.float64]
TEXTS = [
    "The cat sat on the mat.",
    "A kitten was lying on the rug.",
    "x",
    "Quantum field theory is the framework of particle physics. " * 60,  # several chunks
]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    return load(write_gguf(random_model(), tmp_path_factory.mktemp("model") / "tiny.gguf"))


def random_ids(count: int, seed: int = 1) -> list[int]:
    return np.random.default_rng(seed).integers(0, 500, count).tolist()


def engine(weights: Weights, *, chunk: int = 512, blocks: int = 64, exact: bool = True) -> EngineCore:
    block_bytes = weights.config.kv_bytes_per_token(4 if exact else 2) * BLOCK_SIZE
    options = EngineOptions(threads=2, precision="fp32" if exact else "int8", kv_cache_bytes=blocks * block_bytes)
    return EngineCore(CpuRunner(weights, options, max_batched_tokens=chunk), max_sequences=8)


def pooling(id: int, ids: list[int]) -> Sequence:
    return Sequence(id, list(ids), Pool())


def sampling(id: int, ids: list[int], count: int) -> Sequence:
    return Sequence(id, list(ids), Sample(SamplingParams(temperature=0), count))


def finish(core: EngineCore, *sequences: Sequence) -> tuple[dict[int, Array], dict[int, list[int]]]:
    """The means of those that pool, and the ids of the others."""
    for sequence in sequences:
        core.add(sequence)
    means: dict[int, Array] = {}
    sampled: dict[int, list[int]] = {}
    while core.has_work:
        for output in core.step():
            match output:
                case Pooled():
                    assert output.id not in means
                    means[output.id] = output.mean
                case StepOutput():
                    sampled.setdefault(output.id, []).append(output.sampled.token)
    return means, sampled


def cosine(a: Array, b: Array) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.mark.parametrize("length", [1, 2, 33, 200, 1100])
def test_the_mean_of_all_final_states_is_the_references(weights: Weights, length: int) -> None:
    ids = random_ids(length)
    means, _ = finish(engine(weights), pooling(0, ids))
    np.testing.assert_allclose(means[0], reference.embed(weights, ids, np.float64), atol=1e-4)


def test_alone_in_any_batch_and_in_any_chunks_it_is_the_same(weights: Weights) -> None:
    """Among sequences that are sampled from, whose ids it does not change either."""
    texts = [random_ids(length, seed=length) for length in (1, 5, 17, 64, 97, 130)]
    together, sampled = finish(
        engine(weights, chunk=16), sampling(100, texts[3], 30), *[pooling(*item) for item in enumerate(texts)]
    )
    for id, ids in enumerate(texts):
        alone, _ = finish(engine(weights), pooling(id, ids))
        np.testing.assert_array_equal(together[id].astype(np.float32), alone[id].astype(np.float32))
    assert sampled == finish(engine(weights), sampling(100, texts[3], 30))[1]


def test_a_cached_prefix_is_computed_again_and_serves_others(weights: Weights) -> None:
    core, ids = engine(weights), random_ids(100)
    first, _ = finish(core, pooling(0, ids))
    second, _ = finish(core, pooling(1, ids))
    np.testing.assert_array_equal(first[0], second[1])
    finish(core, answer := sampling(2, ids, 3))
    assert answer.num_cached_tokens == 96, "what was computed for an embedding is a prompt's beginning, too"


def test_a_preemption_begins_the_sum_anew(weights: Weights) -> None:
    """The answer takes the blocks of a text that is halfway."""
    core, ids = engine(weights, chunk=8, blocks=5), random_ids(90)
    means, _ = finish(core, sampling(0, random_ids(60, seed=2), 20), pooling(1, ids))
    assert core.scheduler.num_preemptions == 1
    np.testing.assert_allclose(means[1], reference.embed(weights, ids, np.float64), atol=1e-4)


def test_an_aborted_text_gives_nothing_and_frees_its_blocks(weights: Weights) -> None:
    core = engine(weights, chunk=16)
    core.add(pooling(0, random_ids(100)))
    core.step()
    core.abort(0)
    assert not core.has_work
    core.scheduler.check_integrity()


@pytest.mark.slow
@pytest.mark.parametrize("exact", [True, False], ids=["fp32", "int8"])
def test_the_real_model_agrees_with_llama_cpp(exact: bool, tiny_models: dict[str, Path]) -> None:
    """Whose vectors of different texts are far from each other: of the nearest two the cosine is 0.92."""
    model = tiny_models["f16"]
    tokenizer = Tokenizer.from_gguf(GGUF.open(model).metadata)
    texts = [tokenizer.encode(text) for text in TEXTS]
    assert len(texts[-1]) > 512
    means, _ = finish(engine(load(model), exact=exact), *[pooling(*item) for item in enumerate(texts)])
    oracle = LlamaCppEmbeddings(model)
    theirs = [np.array(oracle.embed(ids)) for ids in texts]
    cosines = [cosine(means[id], vector) for id, vector in enumerate(theirs)]
    assert min(cosines) > 0.999, cosines
    assert cosine(theirs[0], theirs[1]) < 0.95
