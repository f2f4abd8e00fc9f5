"""The sampler in torch against the one in numpy: every rule, many draws, the same random numbers."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch

from ossia.engine.gpt_oss import sampler
from ossia.engine.gpt_oss.cuda.kernels.draw import BROKEN
from ossia.engine.gpt_oss.cuda.rules import Draw
from ossia.engine.gpt_oss.cuda.sampling import Sampler, uniform
from ossia.engine.sequence import Sample, Sampled, Sequence, Words
from ossia.types import SamplingParams
from tests.unit.test_sampler import RULES

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
ROWS = 64
Floats = npt.NDArray[np.float32]
NEAR = 1e-5
"""Distance from a boundary between two ids within which a random number may be taken for one beyond it."""


def sequences(params: SamplingParams) -> list[Sequence]:
    """Sequences of one history, each with a seed of its own."""
    ids = [4, 5, 5, 7, 7, 7, 9, 11, 3]
    found: list[Sequence] = []
    for seed in range(ROWS):
        found.append(Sequence(seed, ids[:2], Sample(params, 100, seed, frozenset({9}), frozenset({11}))))
        found[-1].token_ids += ids[2:]
    return found


def oracle(logits: Floats, sequences: list[Sequence], words: Words | None = None) -> list[Sampled]:
    return sampler.sample(logits, sequences, {} if words is None else {s.id: words for s in sequences})


def drawn(logits: Floats, sequences: list[Sequence], words: Words | None = None) -> list[Sampled]:
    latest = torch.full((ROWS + 1,), -9, dtype=torch.int32, device=DEVICE)
    draws: list[Draw] = []
    for sequence in sequences:
        assert isinstance(sequence.task, Sample)
        position = len(sequence.token_ids) - sequence.num_prompt_tokens
        draws.append(Draw(sequence, sequence.task, ROWS - 1 - sequence.id, position, words))
    found = Sampler(logits.shape[1], ROWS, latest).draw(torch.from_numpy(logits.copy()).to(DEVICE), draws)
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    sampled = found.sampled()
    assert latest.tolist()[:-1] == [max(s.token, 0) for s in reversed(sampled)]  # where the next step finds them
    return sampled


def packed(mask: npt.NDArray[np.bool_]) -> Words:
    padded = np.zeros(-(-len(mask) // 32) * 32, np.bool_)
    padded[: len(mask)] = mask
    return np.packbits(padded, bitorder="little").view(np.uint32)


def assert_same_draws(
    logits: Floats, sequences: list[Sequence], monkeypatch: pytest.MonkeyPatch, words: Words | None = None
) -> None:
    """The same ids, but where the random number is within NEAR of a boundary; and that is rare."""
    expected = oracle(logits, sequences, words)
    different = 0
    for number, (ours, theirs) in enumerate(zip(drawn(logits, sequences, words), expected, strict=True)):
        if ours.token == theirs.token:
            continue
        different += 1
        u = sampler.uniform(number, len(sequences[number].token_ids) - sequences[number].num_prompt_tokens)
        near = set[int]()
        for moved in (u - NEAR, u + NEAR):
            with monkeypatch.context() as patch:
                patch.setattr(sampler, "uniform", lambda seed, position, moved=moved: min(max(moved, 0.0), 1 - 1e-16))
                near.add(oracle(logits[number : number + 1], [sequences[number]], words)[0].token)
        assert ours.token in near
    assert different <= 1


@pytest.mark.parametrize(("size", "spread"), [(12, 1.0), (64, 3.0), (5000, 2.0)])
@pytest.mark.parametrize("name", RULES)
def test_every_rule_draws_as_the_oracle(name: str, size: int, spread: float, monkeypatch: pytest.MonkeyPatch):
    logits = (np.random.default_rng(size).standard_normal((ROWS, size)) * spread).astype(np.float32)
    assert_same_draws(logits, sequences(RULES[name]), monkeypatch)


@pytest.mark.parametrize("name", ["nothing", "greedy", "Ollama's", "all filters", "everything"])
def test_rules_hold_within_a_grammar(name: str, monkeypatch: pytest.MonkeyPatch):
    random = np.random.default_rng(5)
    logits = random.standard_normal((ROWS, 1000)).astype(np.float32)
    allowed = random.random(990) < 0.1
    words = packed(allowed)  # which may be shorter than a row: what is beyond it is forbidden
    batch = sequences(RULES[name])
    assert_same_draws(logits, batch, monkeypatch, words)
    assert all(allowed[sampled.token] for sampled in drawn(logits, batch, words))


def test_equal_logits_are_taken_in_the_order_of_ids(monkeypatch: pytest.MonkeyPatch):
    logits = np.random.default_rng(1).integers(0, 4, (ROWS, 300)).astype(np.float32)
    for name in ("greedy", "top_k", "top_p", "typical_p", "min_p"):
        assert_same_draws(logits, sequences(RULES[name]), monkeypatch)


def test_rows_with_different_rules_share_a_batch():
    logits = np.random.default_rng(2).standard_normal((ROWS, 500)).astype(np.float32) * 3
    batch = sequences(SamplingParams())
    for sequence, params in zip(batch, list(RULES.values()) * 3, strict=False):
        set_sampling(sequence, params)
    expected = [sampled.token for sampled in oracle(logits, batch)]
    tokens = [sampled.token for sampled in drawn(logits, batch)]
    assert sum(a != b for a, b in zip(tokens, expected, strict=True)) <= 1


def set_sampling(sequence: Sequence, params: SamplingParams) -> None:
    assert isinstance(sequence.task, Sample)
    sequence.task = replace(sequence.task, sampling=params)


def test_log_probabilities_are_of_the_raw_row():
    logits = np.random.default_rng(3).standard_normal((ROWS, 700)).astype(np.float32)
    params = SamplingParams(top_k=3, logit_bias=((4, 50.0),))
    batch = sequences(params)
    for number, wanted in ((0, 5), (7, 0), (63, 20)):
        set_sampling(batch[number], replace(params, logprobs=wanted))
    for ours, theirs in zip(drawn(logits, batch), oracle(logits, batch), strict=True):
        assert ours.token == theirs.token
        assert ours.logprob == pytest.approx(theirs.logprob, abs=1e-5)
        assert [id for id, _ in ours.top] == [id for id, _ in theirs.top]
        assert [p for _, p in ours.top] == pytest.approx([p for _, p in theirs.top], abs=1e-5)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_row_that_is_not_numbers_breaks_alone(value: float):
    logits = np.random.default_rng(4).standard_normal((ROWS, 100)).astype(np.float32)
    batch = sequences(SamplingParams(top_p=0.9))
    whole = drawn(logits, batch)
    logits[3, 50] = value
    broken = drawn(logits, batch)
    assert broken[3].token == BROKEN
    assert [s.token for n, s in enumerate(broken) if n != 3] == [s.token for n, s in enumerate(whole) if n != 3]


def test_random_numbers_are_the_oracles():
    for seed in (0, 1, -1, 2**63 - 1):
        assert [uniform(seed, p) for p in range(130)] == [sampler.uniform(seed, p) for p in range(130)]
