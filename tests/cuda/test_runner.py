"""CudaRunner under EngineCore, around a model of integers: rows, tables, ids that only the device knows, two in flight.

As in a transformer, what is stored for a token depends on everything stored before it, read through the device's block
table. A wrong row, table, position or latest id gives other ids than the same sequence has when it is computed plainly.
"""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ossia.engine import core as core_module
from ossia.engine.core import EngineCore, Output, Pooled, Scored, StepOutput
from ossia.engine.gpt_oss.cuda import padded
from ossia.engine.gpt_oss.cuda.forward import DecodeInputs
from ossia.engine.gpt_oss.cuda.rows import Flat
from ossia.engine.gpt_oss.cuda.runner import CudaRunner
from ossia.engine.gpt_oss.cuda.sampling import Sampler
from ossia.engine.gpt_oss.cuda.work import Computer, Decode, Work
from ossia.engine.gpt_oss.sampler import sample, score
from ossia.engine.memory import Memory
from ossia.engine.runner import Capacity, Window
from ossia.engine.sequence import Broken, Constraint, Pool, Sample, Sampled, Score, Sequence, Task
from ossia.engine.window import WindowBlocks
from ossia.types import SamplingParams
from tests.cuda import test_runner
from tests.unit.test_core import EveryThird

VOCABULARY = 40
BLOCK_SIZE = 4
ROWS = 4
WIDTH = 3


def value(before: int, token: int) -> int:
    """Value that is stored for a token after another value."""
    return int.from_bytes(hashlib.blake2b(f"{before} {token}".encode(), digest_size=2).digest(), "big")


def state(number: int) -> npt.NDArray[np.float32]:
    return np.array([number, number % 7, 1], np.float32)


def logits_of(number: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(number).standard_normal(VOCABULARY).astype(np.float32)


@dataclass
class FakeModel:
    """The forward pass of a model whose keys and values are integers."""

    inputs: DecodeInputs
    caches: list[npt.NDArray[np.int64]]  # [blocks + 1, BLOCK_SIZE] of each pool
    window: int = 0

    def decode(self, batch: int) -> Tensor:
        assert (self.inputs.rows[batch:] == ROWS).all(), "padding points to the row of nobody"
        ids, rows, positions = (part[:batch].tolist() for part in self.inputs.staging)
        return torch.from_numpy(
            np.stack([logits_of(self._store(*token)) for token in zip(ids, rows, positions, strict=True)])
        )

    def extend(self, flat: Flat) -> Tensor:
        assert np.diff(flat.query_start).tolist() == np.bincount(flat.sequences, minlength=len(flat.rows)).tolist()
        rows = flat.rows[flat.sequences].tolist()
        numbers = [self._store(*token) for token in zip(flat.ids.tolist(), rows, flat.positions.tolist(), strict=True)]
        states = np.array([state(number) for number in numbers], np.float32)
        return torch.from_numpy(states[flat.final_rows])

    def logits(self, states: Tensor) -> Tensor:
        return torch.from_numpy(np.stack([logits_of(int(number)) for number in states[:, 0].tolist()]))

    def _store(self, id: int, row: int, position: int) -> int:
        token = int(self.inputs.last_tokens[row]) if id < 0 else id
        before = 0 if position == 0 else self._stored(0, row, position - 1)
        stored = value(before, token)
        for cache, tables in zip(self.caches, self.inputs.tables, strict=True):
            cache[int(tables[row, position // BLOCK_SIZE]), position % BLOCK_SIZE] = stored
        for back in range(max(0, position - self.window + 1), position) if row < ROWS else ():
            assert self._stored(-1, row, back) == self._stored(0, row, back), "the window holds something else"
        return stored

    def _stored(self, pool: int, row: int, position: int) -> int:
        block = int(self.inputs.tables[pool, row, position // BLOCK_SIZE])
        return int(self.caches[pool][block, position % BLOCK_SIZE])


def fake(pools: list[int], window: int = 0) -> FakeModel:
    """A model whose pools have so many blocks."""

    def full(fill: int, *shape: int) -> Tensor:
        return torch.full(shape, fill, dtype=torch.int32)

    staging = full(0, 3, ROWS)
    tables = torch.stack([full(scratch, ROWS + 1, pools[0]) for scratch in pools])
    inputs = DecodeInputs(staging, *staging, tables, full(0, ROWS + 1))
    return FakeModel(inputs, [np.full((scratch + 1, BLOCK_SIZE), -1, np.int64) for scratch in pools], window)


def runner(num_blocks: int, max_batched_tokens: int = 9, depth: int = 2, window: int = 0) -> CudaRunner:
    """With a window, its pool has the least number of blocks."""
    room, num_in_flight = num_blocks * BLOCK_SIZE, depth * max_batched_tokens
    least = WindowBlocks.least(BLOCK_SIZE, window, num_sequences=ROWS, num_in_flight=num_in_flight)
    model = fake([num_blocks, least] if window else [num_blocks], window)
    inputs = model.inputs
    capacity = Capacity(
        *(BLOCK_SIZE, num_blocks, max_batched_tokens, room, Memory(0, room), depth),
        window=Window(window, least) if window else None,
    )
    return CudaRunner(Computer(model, inputs), Sampler(VOCABULARY, 64, inputs.last_tokens), capacity)


def plainly(ids: list[int], task: Task) -> list[Sampled] | npt.NDArray[np.float64]:
    """Result of a sequence, computed alone and without a device."""
    numbers = [0]
    for id in ids:
        numbers.append(value(numbers[-1], id))
    match task:
        case Pool():
            return np.mean([state(number).astype(np.float64) for number in numbers[1:]], axis=0)
        case Score(top):
            return [score(logits_of(number), id, top) for number, id in zip(numbers[1:], ids[1:], strict=False)]
        case Sample():
            sequence = Sequence(0, list(ids), replace(task))  # a task counts the ids of one sequence
            found: list[Sampled] = []
            while len(found) < task.max_tokens:
                masks = {0: task.constraint.words.result()} if task.constraint else {}
                found += sample(logits_of(numbers[-1])[None], [sequence], masks)
                sequence.token_ids.append(found[-1].token)
                numbers.append(value(numbers[-1], found[-1].token))
                if found[-1].token in task.stop_token_ids or is_last(task.constraint, found[-1].token):
                    break
            return found


def is_last(constraint: Constraint | None, token: int) -> bool:
    """True if a grammar gives up after an id, which it accepts."""
    if constraint is None:
        return False
    constraint.accept(token)
    failed = constraint.failed
    constraint.prepare()
    return failed


def collected(outputs: list[Output]) -> dict[int, list[Sampled] | npt.NDArray[np.float64]]:
    found: dict[int, list[Sampled] | npt.NDArray[np.float64]] = {}
    for output in outputs:
        match output:
            case StepOutput():
                tokens = found.setdefault(output.id, [])
                assert isinstance(tokens, list)
                tokens.append(output.sampled)
            case Pooled():
                found[output.id] = output.mean
            case Scored():
                found[output.id] = output.tokens
            case Broken():
                raise AssertionError("the model gives numbers")
    return found


def assert_equal(
    ours: list[Sampled] | npt.NDArray[np.float64], theirs: list[Sampled] | npt.NDArray[np.float64]
) -> None:
    if isinstance(theirs, np.ndarray):
        np.testing.assert_allclose(ours, theirs)
        return
    assert [s.token for s in ours] == [s.token for s in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert one.logprob == (None if other.logprob is None else pytest.approx(other.logprob, abs=1e-5))
        assert [id for id, _ in one.top] == [id for id, _ in other.top]


SAMPLINGS = [
    SamplingParams(),
    SamplingParams(temperature=0),
    SamplingParams(temperature=1.5, top_k=5, logprobs=2),
    SamplingParams(top_p=0.8, frequency_penalty=0.7, repeat_penalty=1.3, repeat_last_n=-1),
    SamplingParams(logprobs=0, logit_bias=((3, 2.0),), presence_penalty=1.0),
]
tasks = st.one_of(
    st.builds(
        Sample,
        sampling=st.sampled_from(SAMPLINGS),
        max_tokens=st.integers(1, 12),
        seed=st.integers(0, 5),
        stop_token_ids=st.sampled_from([frozenset[int](), frozenset({1, 2, 3})]),
    ),
    st.just(Pool()),
    st.builds(Score, top=st.integers(0, 3)),
)
prompts = st.lists(st.integers(0, VOCABULARY - 1), min_size=1, max_size=14)


@settings(max_examples=60, deadline=None)
@given(
    requests=st.lists(st.tuples(prompts, tasks, st.integers(0, 6)), min_size=1, max_size=7),
    num_blocks=st.integers(8, 16),
    window=st.sampled_from([0, 1, 3, 6]),
)
def test_each_sequence_gets_what_it_gets_alone(
    requests: list[tuple[list[int], Task, int]], num_blocks: int, window: int
):
    """Whoever its neighbours are, however it is cut, preempted and computed again."""
    core, outputs = EngineCore(runner(num_blocks, window=window), max_sequences=ROWS), list[Output]()
    for number, (ids, task, steps) in enumerate(requests):
        core.add(Sequence(number, list(ids), replace(task)))
        for _ in range(steps):
            outputs += core.step()
    while core.has_work:
        outputs += core.step()
    found = collected(outputs)
    for number, (ids, task, _) in enumerate(requests):
        assert_equal(found.get(number, []), plainly(ids, task))


@settings(max_examples=40, deadline=None)
@given(
    requests=st.lists(st.tuples(prompts, tasks, st.integers(0, 4), st.booleans()), min_size=2, max_size=7),
    num_blocks=st.integers(8, 12),
    window=st.sampled_from([0, 1, 3, 6]),
)
def test_aborts_leave_the_others_alone(requests: list[tuple[list[int], Task, int, bool]], num_blocks: int, window: int):
    core, outputs = EngineCore(runner(num_blocks, window=window), max_sequences=ROWS), list[Output]()
    for number, (ids, task, steps, _) in enumerate(requests):
        core.add(Sequence(number, list(ids), replace(task)))
        for _ in range(steps):
            outputs += core.step()
        if number and requests[number - 1][3]:
            core.abort(number - 1)
    while core.has_work:
        outputs += core.step()
    found = collected(outputs)
    for number, (ids, task, _, is_aborted) in enumerate(requests):
        if not is_aborted or number == len(requests) - 1:
            assert_equal(found.get(number, []), plainly(ids, task))


@dataclass(frozen=True)
class Ask:
    """A sequence with a grammar that is often late, aborted after so many steps unless that is 0."""

    prompt: list[int]
    max_tokens: int
    life: int
    lateness: tuple[int, ...]
    steps: int
    aborted: int

    def task(self, lateness: tuple[int, ...]) -> Sample:
        sampling = SAMPLINGS[len(self.prompt) % len(SAMPLINGS)]
        return Sample(sampling, self.max_tokens, seed=self.life, constraint=EveryThird(self.life, lateness))


asks = st.builds(
    Ask,
    st.one_of(prompts, st.integers(1, 20).map(lambda length: [1] * length)),  # some of them share their beginning
    st.integers(1, 12),
    st.sampled_from([2, 5, 30]),
    st.sampled_from([(0,), (1,), (0, 2), (3, 0, 1), (0, 0, 0, 9)]),
    st.integers(0, 4),
    st.sampled_from([0, 0, 1, 2, 5]),
)


@settings(max_examples=60, deadline=None)
@given(asks=st.lists(asks, min_size=1, max_size=7), num_blocks=st.integers(8, 16), window=st.sampled_from([0, 1, 3, 6]))
def test_masks_that_come_late_change_no_id(asks: list[Ask], num_blocks: int, window: int):
    """Sequences sit steps out, and their last id is computed again, beside aborts, preemption and shared beginnings."""
    core, outputs = EngineCore(runner(num_blocks, window=window), max_sequences=ROWS), list[Output]()
    grammars: list[EveryThird] = []
    left = {number: ask.aborted for number, ask in enumerate(asks) if ask.aborted}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core_module, "GRACE", 0.0)
        patch.setattr(core_module, "PATIENCE", 0.0)

        def step() -> None:
            outputs.extend(core.step() if core.can_step else [])
            core.scheduler.check_integrity()
            for grammar in grammars:
                grammar.tick()
            for number in left:
                left[number] -= number < len(grammars)
                if left[number] == 0:
                    core.abort(number)

        for number, ask in enumerate(asks):
            task = ask.task(ask.lateness)
            assert isinstance(task.constraint, EveryThird)
            grammars.append(task.constraint)
            core.add(Sequence(number, list(ask.prompt), task))
            for _ in range(ask.steps):
                step()
        while core.has_work:
            step()
    found = collected(outputs)
    for number, ask in enumerate(asks):
        ours, theirs = found.get(number, []), plainly(ask.prompt, ask.task((0,)))
        assert isinstance(theirs, list)
        assert_equal(ours, theirs[: len(ours)] if ask.aborted else theirs)


def test_a_row_that_is_not_numbers_ends_its_sequence_alone(monkeypatch: pytest.MonkeyPatch):
    """The second id of the one is never drawn; the other goes on."""
    task = Sample(SamplingParams(), 4)
    broken = value(value(value(0, 1), 2), plainly([1, 2], task)[0].token)
    right = logits_of
    not_numbers = np.full(VOCABULARY, np.nan, np.float32)
    monkeypatch.setattr(test_runner, "logits_of", lambda number: not_numbers if number == broken else right(number))
    core, outputs = EngineCore(runner(8), max_sequences=2), list[Output]()
    core.add(Sequence(1, [1, 2], task))
    core.add(Sequence(2, [3, 4], task))
    while core.has_work:
        outputs += core.step()
    assert [output for output in outputs if output.id == 1][1:] == [Broken(1)]
    assert_equal(collected([output for output in outputs if output.id == 2])[2], plainly([3, 4], task))


def test_a_long_prompt_is_scored_in_slices():
    ids = list(np.random.default_rng(0).integers(0, VOCABULARY, 150))
    core = EngineCore(runner(40, max_batched_tokens=200), max_sequences=1)
    core.add(Sequence(1, [int(id) for id in ids], Score(2)))
    (scored,) = core.step() + core.step()
    assert isinstance(scored, Scored)
    assert_equal(scored.tokens, plainly([int(id) for id in ids], Score(2)))


def test_what_is_prepared_is_padding_and_touches_nothing_of_others():
    """After a sequence whose blocks stay cached. Each size is run once, as a step that followers are told."""
    made, told = runner(12), list[Work]()
    model, core = made._computer.model, EngineCore(made, max_sequences=ROWS)
    assert isinstance(model, FakeModel)
    core.add(Sequence(1, [1, 2, 3, 4, 5], task := Sample(SamplingParams(), 6)))
    outputs = core.step()
    while core.has_work:
        outputs += core.step()
    made._tell, kept = told.append, model.caches[0][:-1].copy()
    while not core.is_prepared:
        core.prepare()
    assert (model.caches[0][:-1] == kept).all()
    sizes = [work.tokens.count if isinstance(work.tokens, Decode) else len(work.tokens.ids) for work in told]
    assert sizes == [*padded.SIZES, 1, 2, 4], "a batch has four places"
    core.add(Sequence(2, [1, 2, 3, 4, 9], replace(task)))
    while core.has_work:
        outputs += core.step()
    found = collected(outputs)
    for number, ids in ((1, [1, 2, 3, 4, 5]), (2, [1, 2, 3, 4, 9])):
        assert_equal(found[number], plainly(ids, task))
