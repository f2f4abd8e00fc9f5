"""The sampler against slow plain Python, rule by rule, over the whole range of the random number.

A draw is a step function of one number in [0, 1). Where that number is replaced by N points of an even grid, each id
must come within one of N times its probability: an exact test, without false alarms.
"""

import itertools
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ossia.engine.constraint import only
from ossia.engine.gpt_oss import sampler
from ossia.engine.gpt_oss.sampler import at_least, draw, largest, nucleus, sample, typical, uniform
from ossia.engine.runner import NotNumbers
from ossia.engine.sequence import Sample, Sequence
from ossia.types import SamplingParams

Floats = npt.NDArray[np.float32]
POINTS = 400
OUTPUT = [4, 5, 5, 7, 7, 7, 9, 11, 3]


def sequence(
    params: SamplingParams,
    token_ids: list[int] | None = None,
    seed: int = 0,
    num_prompt_tokens: int = 2,
    unpenalised_ids: frozenset[int] = frozenset(),
) -> Sequence:
    ids = OUTPUT if token_ids is None else token_ids
    made = Sequence(1, ids[:num_prompt_tokens], Sample(params, 100, seed, unpenalised_ids=unpenalised_ids))
    made.token_ids += ids[num_prompt_tokens:]
    return made


def row_of(size: int, seed: int, spread: float) -> Floats:
    """Random logits, of which that of the id that OUTPUT has most often is the largest."""
    row = (np.random.default_rng(seed).standard_normal(size) * spread).astype(np.float32)
    row[7] = row.max() + 0.1
    row.flags.writeable = False  # the sampler may not change it
    return row


def one(row: Floats, params: SamplingParams, **kwargs: object) -> int:
    return sample(row[None], [sequence(params, **kwargs)])[0].token


# ---- the oracle: the rules as their papers and llama.cpp's help text put them


def distribution(row: Floats, ids: list[int], params: SamplingParams) -> dict[int, float]:
    """Every id that can come, with its probability."""
    scores = adjusted([float(x) for x in row], ids, params)
    if params.temperature == 0:
        return {scores.index(max(scores)): 1.0}
    scores = [x / params.temperature for x in scores]
    best_first = sorted(range(len(scores)), key=lambda id: (-scores[id], id))
    probs = softmax({id: scores[id] for id in best_first[: params.top_k or None]})
    if params.typical_p < 1:
        entropy = -sum(p * math.log(p) for p in probs.values())
        probs = until_mass(probs, params.typical_p, key=lambda id: abs(-math.log(probs[id]) - entropy))
    if params.top_p < 1:
        probs = until_mass(probs, params.top_p, key=lambda id: -probs[id])
    least = params.min_p * max(probs.values())
    return normalised({id: p for id, p in probs.items() if p >= least})


def adjusted(scores: list[float], ids: list[int], params: SamplingParams) -> list[float]:
    for id, bias in params.logit_bias:
        scores[id] += bias
    n = params.repeat_last_n
    window = ids if n == -1 else ids[len(ids) - min(n, len(ids)) :]
    for id, count in Counter(window).items():
        scores[id] *= params.repeat_penalty if scores[id] < 0 else 1 / params.repeat_penalty
        scores[id] -= params.presence_penalty + count * params.frequency_penalty
    return scores


def softmax(scores: dict[int, float]) -> dict[int, float]:
    return normalised({id: math.exp(x - max(scores.values())) for id, x in scores.items()})


def normalised(probs: dict[int, float]) -> dict[int, float]:
    return {id: p / sum(probs.values()) for id, p in probs.items()}


def until_mass(probs: dict[int, float], mass: float, key) -> dict[int, float]:
    kept: dict[int, float] = {}
    for id in sorted(sorted(probs), key=key):
        kept[id] = probs[id]
        if sum(kept.values()) >= mass:
            break
    return normalised(kept)


RULES = {
    "nothing": SamplingParams(),
    "cold": SamplingParams(temperature=0.3),
    "hot": SamplingParams(temperature=2.5),
    "greedy": SamplingParams(temperature=0),
    "greedy, penalised": SamplingParams(temperature=0, repeat_penalty=3, frequency_penalty=2),
    "top_k": SamplingParams(top_k=5),
    "top_k of one": SamplingParams(top_k=1),
    "top_k of more than there are": SamplingParams(top_k=10**6),
    "top_p": SamplingParams(top_p=0.7),
    "top_p after temperature": SamplingParams(top_p=0.7, temperature=2.0),
    "a tiny top_p": SamplingParams(top_p=1e-6),
    "min_p": SamplingParams(min_p=0.2),
    "min_p after temperature": SamplingParams(min_p=0.2, temperature=2.0),
    "typical_p": SamplingParams(typical_p=0.4),
    "typical_p, hot": SamplingParams(typical_p=0.8, temperature=1.5),
    "Ollama's": SamplingParams(temperature=0.8, top_k=40, top_p=0.9),
    "all filters": SamplingParams(temperature=1.3, top_k=30, typical_p=0.9, top_p=0.8, min_p=0.05),
    "bias": SamplingParams(logit_bias=((3, 4.0), (5, -100.0))),
    "repeat_penalty": SamplingParams(repeat_penalty=1.5),
    "repeat_penalty below one": SamplingParams(repeat_penalty=0.7),
    "presence": SamplingParams(presence_penalty=1.5),
    "frequency": SamplingParams(frequency_penalty=0.7),
    "negative penalties": SamplingParams(presence_penalty=-0.5, frequency_penalty=-0.7),
    "the last two ids": SamplingParams(repeat_penalty=2, presence_penalty=1, repeat_last_n=2),
    "none of the ids": SamplingParams(repeat_penalty=2, presence_penalty=1, repeat_last_n=0),
    "all of the ids": SamplingParams(repeat_penalty=2, presence_penalty=1, repeat_last_n=-1),
    "everything": SamplingParams(0.9, 50, 0.95, 0.01, 0.95, 4, 1.2, 0.3, 0.2, logit_bias=((1, 2.0),)),
}


@pytest.mark.parametrize(("size", "spread"), [(12, 1.0), (64, 3.0), (1000, 2.0)])
@pytest.mark.parametrize("name", RULES)
def test_rules_against_plain_python(name: str, size: int, spread: float, monkeypatch: pytest.MonkeyPatch):
    params, row = RULES[name], row_of(size, seed=size, spread=spread)
    expected = distribution(row, OUTPUT, params)
    points = iter((np.arange(POINTS) + 0.5) / POINTS)
    monkeypatch.setattr(sampler, "uniform", lambda seed, position: next(points))
    drawn = [one(row, params) for _ in range(POINTS)] if params.temperature else [one(row, params)] * POINTS
    counts = Counter(drawn)
    assert counts.keys() <= expected.keys()
    for id, p in expected.items():
        assert abs(counts[id] - p * POINTS) <= 1.001
    assert drawn == sorted(drawn), "ids are walked in ascending order"


def test_the_rules_differ():
    """Else the test above would prove little."""
    row = row_of(12, seed=12, spread=1.0)
    names: dict[tuple[tuple[int, float], ...], set[str]] = {}
    for name, params in RULES.items():
        names.setdefault(tuple(sorted(distribution(row, OUTPUT, params).items())), set()).add(name)
    assert [same for same in names.values() if len(same) > 1] == [
        {"nothing", "top_k of more than there are", "none of the ids"},
        {"greedy", "top_k of one", "a tiny top_p"},
    ]


# ---- the filters, on probabilities that are exact in float32, ties included

exact = st.lists(st.integers(0, 40), min_size=1, max_size=300).filter(any)
masses = st.integers(0, 64).map(lambda n: n / 64)


def probabilities(counts: list[int]) -> Floats:
    """Multiples of 2^-20 with sum 1; the rounding goes to the largest."""
    scaled = [count * 2**20 // sum(counts) for count in counts]
    scaled[counts.index(max(counts))] += 2**20 - sum(scaled)
    return (np.array(scaled) / 2**20).astype(np.float32)


@given(exact, masses)
def test_nucleus_is_the_fewest_largest(counts: list[int], p: float):
    probs = probabilities(counts)
    expected = until_mass({i: float(x) for i, x in enumerate(probs)}, p, key=lambda i: -probs[i])
    assert nucleus(probs, p).tolist() == sorted(expected)


@given(exact, masses)
def test_at_least_is_a_fraction_of_the_largest(counts: list[int], p: float):
    probs = probabilities(counts)
    assert at_least(probs, p).tolist() == [i for i, x in enumerate(probs) if x >= p * max(probs)]


@given(exact, st.floats(0.01, 0.99))
def test_typical_keeps_the_mass_and_what_is_nearest_to_the_entropy(counts: list[int], p: float):
    probs = probabilities(counts)
    kept = typical(probs, p)
    assert kept.tolist() == sorted(set(kept.tolist()))
    assert probs[kept].sum(dtype=np.float64) >= p
    assert (probs[kept] > 0).all()
    left = np.setdiff1d(np.flatnonzero(probs), kept)
    entropy = -sum(float(x) * math.log(x) for x in probs if x)
    distance = np.abs(-np.log(probs, where=probs > 0, out=np.zeros(probs.size)) - entropy)
    if left.size:
        assert distance[kept].max() <= distance[left].min() + 1e-5


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=1000), st.integers(0, 1200))
def test_largest_is_a_stable_sort(values: list[int], k: int):
    expected = sorted(range(len(values)), key=lambda i: -values[i])[:k]
    assert largest(np.array(values, np.float32), k).tolist() == expected


@given(st.integers(0, 2**32), st.sampled_from([1, 127, 128, 129, 5000]), st.integers(0, 60))
def test_largest_of_long_rows(seed: int, size: int, k: int):
    values = np.random.default_rng(seed).standard_normal(size).astype(np.float32)
    assert largest(values, k).tolist() == np.argsort(-values, kind="stable")[:k].tolist()


@given(st.lists(st.integers(0, 3), min_size=1, max_size=600).filter(any), st.integers(0, 63))
def test_draw_inverts_the_running_sum(weights: list[int], n: int):
    sums = itertools.accumulate(weights)
    expected = next(i for i, total in enumerate(sums) if total > n / 64 * sum(weights))
    assert draw(np.array(weights, np.float32), n / 64) == expected


@pytest.mark.parametrize("seed", range(20))
def test_draw_at_the_very_end_is_still_a_possible_id(seed: int):
    """The number nearest to 1 times the total may round to the total: no id of weight 0 may come of it."""
    weights = np.random.default_rng(seed).random(1000).astype(np.float32)
    weights[-300:] = 0
    assert draw(weights, math.nextafter(1.0, 0.0)) <= 699
    assert draw(weights, 1.0) <= 699


# ---- reproducibility


def test_numbers_are_the_same_on_every_machine_and_in_every_version():
    """Seeded answers are compared by users across both: these values may never change."""
    assert [uniform(0, 0), uniform(0, 1), uniform(1, 0), uniform(2**63 - 1, 100_000), uniform(-1, 0)] == [
        0.011546754286331562,
        0.5023796042735054,
        0.3035680343067586,
        0.7966898122148942,
        0.23494158814525556,
    ]


def chi_square(counts: list[int], expected: list[float]) -> float:
    return sum((c - e) ** 2 / e for c, e in zip(counts, expected, strict=True))


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([(0, i) for i in range(10_000)], id="positions of a seed"),
        pytest.param([(i, 0) for i in range(10_000)], id="seeds at the first position"),
        pytest.param([(i, i) for i in range(10_000)], id="both"),
    ],
)
def test_numbers_are_uniform_and_successive_ones_independent(arguments: list[tuple[int, int]]):
    """Chi-square of 100 bins, and of 10 × 10 bins for pairs of neighbours.

    With 99 degrees of freedom less than one chance in a million lies above 180; and since the numbers are fixed, this
    passes always or never.
    """
    numbers = [uniform(*each) for each in arguments]
    bins = Counter(int(u * 100) for u in numbers)
    assert chi_square([bins[i] for i in range(100)], [100.0] * 100) < 180
    pairs = Counter((int(u * 10), int(v * 10)) for u, v in zip(numbers[::2], numbers[1::2], strict=True))
    assert chi_square([pairs[i, j] for i in range(10) for j in range(10)], [50.0] * 100) < 180


def test_answers_over_many_positions_have_the_distribution():
    """Chi-square of 12 ids: 11 degrees of freedom, of which one chance in a million lies above 50."""
    row, params = row_of(12, seed=1, spread=1.0), SamplingParams(temperature=0.8)
    counts = Counter(one(row, params, token_ids=[0] * (2 + n), seed=42) for n in range(4000))
    expected = distribution(row, [], params)
    assert chi_square([counts[i] for i in range(12)], [4000 * expected[i] for i in range(12)]) < 50


def test_a_draw_depends_on_seed_and_position_alone():
    row = row_of(1000, seed=0, spread=1.0)
    params = SamplingParams()
    first = one(row, params, token_ids=[1, 2, 3], seed=7)
    assert one(row, params, token_ids=[9, 9, 9], seed=7) == first
    assert one(row, params, token_ids=[9] * 8, seed=7, num_prompt_tokens=7) == first
    others = {one(row, params, token_ids=[1, 2, 3], seed=seed) for seed in range(20)}
    later = {one(row, params, token_ids=[1, 2, 3] + [0] * n, seed=7) for n in range(20)}
    assert len(others) > 10
    assert len(later) > 10


def test_a_row_gives_the_same_id_in_every_batch():
    rows = np.stack([row_of(300, seed, 2.0) for seed in range(len(RULES))])
    sequences = [sequence(params, seed=i) for i, params in enumerate(RULES.values())]
    together = sample(rows, sequences)
    assert together == [sample(rows[i : i + 1], [each])[0] for i, each in enumerate(sequences)]
    assert together[::-1] == sample(rows[::-1], sequences[::-1])


# ---- log probabilities, ties, and numbers that are none


@pytest.mark.parametrize("params", [SamplingParams(temperature=0.5, top_k=2, repeat_penalty=2), SamplingParams()])
def test_logprobs_are_those_of_the_model_before_any_rule(params: SamplingParams):
    row = row_of(500, seed=3, spread=2.0)
    model = softmax({id: float(x) for id, x in enumerate(row)})
    best = sorted(model, key=lambda id: -model[id])[:4]
    (sampled,) = sample(row[None], [sequence(replace(params, logprobs=4))])
    assert sampled.token == one(row, params)
    assert sampled.logprob == pytest.approx(math.log(model[sampled.token]), abs=1e-5)
    assert [id for id, _ in sampled.top] == best
    assert [logprob for _, logprob in sampled.top] == pytest.approx([math.log(model[id]) for id in best], abs=1e-5)


def test_logprobs_only_when_asked_for():
    row = row_of(10, seed=3, spread=2.0)
    (without,) = sample(row[None], [sequence(SamplingParams())])
    (chosen_only,) = sample(row[None], [sequence(SamplingParams(logprobs=0))])
    assert (without.logprob, without.top, chosen_only.top) == (None, (), ())
    assert chosen_only.logprob is not None


def test_greedy_takes_the_lowest_of_equal_ids():
    assert one(np.array([0, 2, 1, 2], np.float32), SamplingParams(temperature=0)) == 1


def test_a_masked_id_never_comes():
    row = np.array([-np.inf, 0, -np.inf, 0], np.float32)
    assert {one(row, SamplingParams(), seed=seed) for seed in range(50)} == {1, 3}


def test_an_id_is_drawn_only_if_the_mask_has_its_bit():
    """Also one in a second word; ids beyond the last word are forbidden, though they are the likeliest."""
    row = np.arange(80, dtype=np.float32)
    for size in (70, 64):
        (drawn,) = sample(row[None], [sequence(SamplingParams(temperature=0))], {1: only([3, 33, 60], size)})
        assert drawn.token == 60


def test_a_bias_of_an_id_beyond_the_vocabulary_is_moot():
    row = row_of(10, seed=3, spread=2.0)
    assert one(row, SamplingParams(logit_bias=((10, 50.0), (-1, 50.0)), temperature=0)) == row.argmax()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_row_that_is_not_numbers_gives_no_id_and_the_others_do(bad: float):
    rows = np.stack([row_of(300, seed=seed, spread=1.0) for seed in range(3)])
    rows[1, 200] = bad
    asked = [sequence(SamplingParams(temperature=temperature)) for temperature in (0, 0, 1)]
    first, broken, last = sample(rows, asked)
    assert broken == NotNumbers()
    assert [first, last] == sample(rows[::2], asked[::2])
    assert sample(np.full((1, 10), -np.inf, np.float32), asked[:1]) == [NotNumbers()]


def test_penalties_follow_the_window_however_it_moves():
    """The counts are kept up to date, so a sequence that has grown draws what a new one of the same ids does."""
    row, rng = row_of(50, seed=4, spread=2.0), np.random.default_rng(0)
    params = SamplingParams(temperature=0, repeat_penalty=1.3, frequency_penalty=0.2, repeat_last_n=9)
    grown = sequence(params)
    for length in (0, 1, 5, 30, 1, 9):
        grown.token_ids += rng.integers(0, 50, length).tolist()
        new = Sequence(2, list(grown.token_ids), Sample(params, 100))
        assert sample(row[None], [grown]) == sample(row[None], [new])
        latest = Counter(grown.token_ids[-9:])
        ids, counts = grown.edits.repeated(grown.token_ids, 50)
        assert dict(zip(ids.tolist(), counts.tolist(), strict=True)) == latest


@pytest.mark.parametrize("rule", [nucleus, typical])
def test_a_mass_that_rounding_has_left_unreachable_is_everything(rule: sampler.Filter):
    """The probabilities of a long row may sum up to less than p, which once led beyond the row's end."""
    probs = np.full(49_152, 1 / 49_152, np.float32) * np.float32(0.9999)
    assert rule(probs, 0.99999).size == probs.size


numbers = st.floats(allow_nan=False)


@settings(max_examples=300)
@given(
    params=st.builds(
        SamplingParams,
        temperature=numbers,
        top_k=st.integers(-5, 400),
        top_p=numbers,
        min_p=numbers,
        typical_p=numbers,
        repeat_last_n=st.integers(-1, 20),
        repeat_penalty=numbers,
        presence_penalty=numbers,
        frequency_penalty=numbers,
        logit_bias=st.lists(st.tuples(st.integers(-3, 300), numbers), max_size=3).map(tuple),
        logprobs=st.none() | st.integers(0, 300),
    ),
    flat=st.booleans(),
)
def test_no_parameters_can_bring_it_down(params: SamplingParams, flat: bool):
    """A model's process serves many: a request with absurd numbers must not end it, nor make numpy complain."""
    row = np.zeros(290, np.float32) if flat else row_of(290, seed=0, spread=5.0)
    assert 0 <= one(row, params) < 290


def test_ids_that_must_repeat_are_not_penalised() -> None:
    """The marks of a chat format stand in every message; penalised, they would go missing in the next one."""
    row = row_of(20, seed=0, spread=1.0)
    params = SamplingParams(temperature=0, repeat_penalty=100, presence_penalty=2, frequency_penalty=2)
    assert one(row, params, unpenalised_ids=frozenset({7})) == 7
    assert one(row, params) != 7
