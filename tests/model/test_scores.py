"""Log probabilities of a prompt's tokens: CpuRunner against the reference, however the prompt is divided."""

import numpy as np
import pytest

from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.weights import Weights
from ossia.engine.sequence import Sampled, Score, Scored, Sequence
from tests.model.test_embeddings import engine, random_ids, sampling, weights

__all__ = ["weights"]  # the fixture


def scoring(id: int, ids: list[int], top: int) -> Sequence:
    return Sequence(id, list(ids), Score(top))


def scores(weights: Weights, ids: list[int], chunk: int = 512) -> list[Sampled]:
    core = engine(weights, chunk=chunk)
    core.add(scoring(1, ids, 3))
    core.add(sampling(2, random_ids(20, seed=2), 5))  # somebody else in the same batches
    found: list[Sampled] = []
    while core.has_work:
        for output in core.step():
            if isinstance(output, Scored):
                found = output.tokens
    return found


@pytest.mark.parametrize("count", [1, 2, 40])
def test_the_references_log_probabilities(weights: Weights, count: int) -> None:
    ids = random_ids(count)
    logits = reference.forward(weights, ids, np.float64)
    expected = logits - np.log(np.exp(logits - logits.max(1, keepdims=True)).sum(1, keepdims=True))
    expected -= logits.max(1, keepdims=True)
    found = scores(weights, ids)
    assert [sampled.token for sampled in found] == ids[1:]
    for position, sampled in enumerate(found):
        assert sampled.logprob == pytest.approx(expected[position, ids[position + 1]], abs=2e-4)
        assert [id for id, _ in sampled.top] == np.argsort(-expected[position])[:3].tolist()


def test_in_pieces_they_are_the_same(weights: Weights) -> None:
    ids = random_ids(100)
    assert scores(weights, ids) == scores(weights, ids, chunk=7)
