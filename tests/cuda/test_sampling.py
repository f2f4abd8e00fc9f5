"""The sampler in torch, on the processor, against the one in numpy: every rule, many draws, the same random numbers."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch

from ossia.engine.gpt_oss import sampler
from ossia.engine.gpt_oss.cuda.kernels.draw import BROKEN
from ossia.engine.gpt_oss.cuda.sampling import Row, Sampler, uniform
from ossia.engine.sequence import Sampled, Sequence
from ossia.types import SamplingParams
from tests.unit.test_sampler import RULES

CPU = torch.device("cpu")
ROWS = 64
Floats = npt.NDArray[np.float32]
NEAR = 1e-5
"""How near to a boundary between two ids a random number may be taken for one beyond it."""


class Allowed:
    """A constraint that allows some ids of a vocabulary, as mask and as words."""

    failed = False

    def __init__(self, mask: npt.NDArray[np.bool_]) -> None:
        self._mask = mask
        padded = np.zeros(-(-len(mask) // 32) * 32, np.bool_)
        padded[: len(mask)] = mask
        self.packed = np.packbits(padded, bitorder="little").view(np.uint32)

    def mask(self) -> npt.NDArray[np.bool_]:
        return self._mask

    def words(self) -> npt.NDArray[np.uint32]:
        return self.packed


def sequences(params: SamplingParams, vocabulary: int, constraint: Allowed | None = None) -> list[Sequence]:
    ids = [4, 5, 5, 7, 7, 7, 9, 11, 3]
    return [
        Sequence(seed, list(ids), 2, params, frozenset({9}), 100, seed, frozenset({11}), constraint)
        for seed in range(ROWS)
    ]


def drawn(logits: Floats, sequences: list[Sequence], device: "torch.device" = CPU) -> list[Sampled]:
    rows = [Row(s, s.num_sampled_tokens, s.constraint.packed if s.constraint else None) for s in sequences]
    device_sampler = Sampler(logits.shape[1], ROWS, device)
    return device_sampler.launch(torch.from_numpy(logits.copy()).to(device), rows).collect()


def assert_same_draws(logits: Floats, sequences: list[Sequence], monkeypatch, device: "torch.device" = CPU) -> None:
    """The same ids, but where the random number is within NEAR of a boundary; and that is rare."""
    expected = sampler.sample(logits, sequences)
    different = 0
    for number, (ours, oracle) in enumerate(zip(drawn(logits, sequences, device), expected, strict=True)):
        if ours.token == oracle.token:
            continue
        different += 1
        u = sampler.uniform(sequences[number].seed, sequences[number].num_sampled_tokens)
        near = set[int]()
        for moved in (u - NEAR, u + NEAR):
            with monkeypatch.context() as patch:
                patch.setattr(sampler, "uniform", lambda seed, position, moved=moved: min(max(moved, 0.0), 1 - 1e-16))
                near.add(sampler.sample(logits[number : number + 1], [sequences[number]])[0].token)
        assert ours.token in near
    assert different <= 1


@pytest.mark.parametrize(("size", "spread"), [(12, 1.0), (64, 3.0), (5000, 2.0)])
@pytest.mark.parametrize("name", RULES)
def test_every_rule_draws_as_the_oracle(name: str, size: int, spread: float, monkeypatch: pytest.MonkeyPatch):
    logits = (np.random.default_rng(size).standard_normal((ROWS, size)) * spread).astype(np.float32)
    assert_same_draws(logits, sequences(RULES[name], size), monkeypatch)


@pytest.mark.parametrize("name", ["nothing", "greedy", "Ollama's", "all filters", "everything"])
def test_rules_hold_within_a_grammar(name: str, monkeypatch: pytest.MonkeyPatch):
    random = np.random.default_rng(5)
    logits = random.standard_normal((ROWS, 1000)).astype(np.float32)
    allowed = Allowed(random.random(990) < 0.1)  # a mask may be shorter than a row: what is beyond it is forbidden
    batch = sequences(RULES[name], 1000, allowed)
    assert_same_draws(logits, batch, monkeypatch)
    assert all(allowed.mask()[sampled.token] for sampled in drawn(logits, batch))


def test_equal_logits_are_taken_in_the_order_of_ids(monkeypatch: pytest.MonkeyPatch):
    logits = np.random.default_rng(1).integers(0, 4, (ROWS, 300)).astype(np.float32)
    for name in ("greedy", "top_k", "top_p", "typical_p", "min_p"):
        assert_same_draws(logits, sequences(RULES[name], 300), monkeypatch)


def test_rows_with_different_rules_share_a_batch():
    logits = np.random.default_rng(2).standard_normal((ROWS, 500)).astype(np.float32) * 3
    batch = [
        replace_sampling(sequence, params)
        for sequence, params in zip(sequences(SamplingParams(), 500), list(RULES.values()) * 3, strict=False)
    ]
    expected = [sampled.token for sampled in sampler.sample(logits, batch)]
    tokens = [sampled.token for sampled in drawn(logits, batch)]
    assert sum(a != b for a, b in zip(tokens, expected, strict=True)) <= 1


def replace_sampling(sequence: Sequence, params: SamplingParams) -> Sequence:
    return replace(sequence, sampling=params)


def test_log_probabilities_are_of_the_raw_row():
    logits = np.random.default_rng(3).standard_normal((ROWS, 700)).astype(np.float32)
    batch = sequences(SamplingParams(top_k=3, logit_bias=((4, 50.0),)), 700)
    for number, wanted in ((0, 5), (7, 0), (63, 20)):
        batch[number] = replace_sampling(batch[number], replace(batch[number].sampling, logprobs=wanted))
    for ours, oracle in zip(drawn(logits, batch), sampler.sample(logits, batch), strict=True):
        assert ours.token == oracle.token
        assert ours.logprob == pytest.approx(oracle.logprob, abs=1e-5)
        assert [id for id, _ in ours.top] == [id for id, _ in oracle.top]
        assert [p for _, p in ours.top] == pytest.approx([p for _, p in oracle.top], abs=1e-5)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_row_that_is_not_numbers_breaks_alone(value: float):
    logits = np.random.default_rng(4).standard_normal((ROWS, 100)).astype(np.float32)
    batch = sequences(SamplingParams(top_p=0.9), 100)
    whole = drawn(logits, batch)
    logits[3, 50] = value
    broken = drawn(logits, batch)
    assert broken[3].token == BROKEN
    assert [s.token for n, s in enumerate(broken) if n != 3] == [s.token for n, s in enumerate(whole) if n != 3]


def test_random_numbers_are_the_oracles():
    for seed in (0, 1, -1, 2**63 - 1):
        assert [uniform(seed, p) for p in range(130)] == [sampler.uniform(seed, p) for p in range(130)]
