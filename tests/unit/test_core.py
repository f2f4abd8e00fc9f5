"""EngineCore over FakeRunner: whatever else happens, each sequence gets the ids that it gets alone."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import chain, count, product

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ossia.engine import core as core_module
from ossia.engine.constraint import only
from ossia.engine.core import EngineCore
from ossia.engine.runner import Batch, NotNumbers, Result, Scheduled, Window
from ossia.engine.scheduler import Scheduler
from ossia.engine.sequence import (
    Broken,
    Output,
    Pool,
    Pooled,
    Sample,
    Sampled,
    Score,
    Scored,
    Scores,
    Sequence,
    SequenceStatus,
    StateSum,
    StepOutput,
    Task,
    Unmasked,
    Words,
)
from ossia.engine.window import WindowBlocks
from ossia.types import SamplingParams
from tests.doubles.delayed_runner import DelayedRunner, DelayedStep
from tests.doubles.fake_runner import VOCABULARY, FakeRunner, FakeStep, continuation, mean


@pytest.fixture(autouse=True, scope="module")
def _no_patience() -> Iterator[None]:
    """Nobody waits for a late mask, which is there after so many steps and not after some time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core_module, "GRACE", 0.0)
        patch.setattr(core_module, "PATIENCE", 0.0)
        yield


def engine(num_blocks: int = 16, block_size: int = 4, max_sequences: int = 8, max_batched_tokens: int = 16):
    runner = FakeRunner(num_blocks, block_size, max_batched_tokens=max_batched_tokens)
    return EngineCore(runner, max_sequences=max_sequences)


def sequence(id: int, prompt: list[int], max_tokens: int = 5, stop: frozenset[int] = frozenset()) -> Sequence:
    return Sequence(id, list(prompt), Sample(SamplingParams(), max_tokens, stop_token_ids=stop))


@pytest.mark.parametrize(("quick_step", "chunks"), [(0.0, [4, 0]), (1000.0, [4, 4])])
def test_prompts_beside_answers_owe_them_time_unless_a_step_is_quick(quick_step: float, chunks: list[int]) -> None:
    runner = FakeRunner(16, 4, max_prefill_beside=4, quick_step=quick_step)
    core = EngineCore(runner, max_sequences=2)
    core.add(sequence(1, [1]))
    core.step()
    core.add(another := sequence(2, [2] * 12))
    another.client = "another"
    core.step()
    core.step()
    assert [dict(batch).get(2, 0) for batch in runner.batches[1:]] == chunks


def test_short_prompts_of_the_only_client_fill_the_batch_at_once() -> None:
    runner = FakeRunner(64, 4, max_prefill_beside=4)
    core = EngineCore(runner, max_sequences=8)
    core.add(sequence(0, [1], max_tokens=40))
    core.step()
    for id in range(1, 5):
        core.add(sequence(id, [id] * 4, max_tokens=40))
    for _ in range(4):
        core.step()
    assert [len(batch) for batch in runner.batches] == [1, 2, 3, 4, 5]


def pooling(id: int, ids: list[int]) -> Sequence:
    return Sequence(id, list(ids), Pool())


def finish(core: EngineCore) -> list[StepOutput]:
    outputs: list[StepOutput] = []
    while core.has_work:
        outputs += core.step()
    return outputs


def ids(outputs: list[StepOutput], id: int) -> list[int]:
    return [output.sampled.token for output in outputs if output.id == id]


def test_one_sequence_to_its_end():
    core = engine()
    core.add(one := sequence(1, [3, 1, 4], max_tokens=5))
    outputs = finish(core)
    assert ids(outputs, 1) == continuation([3, 1, 4], 5) == one.token_ids[3:]
    assert [output.finished for output in outputs] == [None] * 4 + ["length"]
    assert one.status is SequenceStatus.FINISHED
    assert core.step() == []


def test_a_stop_id_is_reported_and_ends_the_sequence():
    expected = continuation([3, 1, 4], 9)
    core = engine()
    core.add(sequence(1, [3, 1, 4], 9, frozenset({expected[3]})))
    outputs = finish(core)
    assert ids(outputs, 1) == expected[:4]
    assert outputs[-1].finished == "stop"


def test_a_stop_id_as_the_very_last_token_is_a_stop():
    expected = continuation([3, 1, 4], 4)
    core = engine()
    core.add(sequence(1, [3, 1, 4], 4, frozenset({expected[3]})))
    assert finish(core)[-1].finished == "stop"


def test_a_stop_id_in_the_prompt_does_not_end_it():
    core = engine()
    core.add(sequence(1, [3, 1, 4], 1, frozenset({4})))
    assert finish(core)[-1].finished == "length"


def test_the_next_turn_computes_only_what_is_new():
    core = engine()
    core.add(first := sequence(1, list(range(10)), max_tokens=4))
    finish(core)
    core.runner.batches.clear()
    prompt = [*first.token_ids, 40, 41]  # 13 of 14 ids were computed: three full blocks
    core.add(sequence(2, prompt, max_tokens=3))
    outputs = finish(core)
    assert core.runner.batches[0] == [(2, 4)]
    assert {output.num_cached_tokens for output in outputs} == {12}
    assert ids(outputs, 2) == continuation(prompt, 3)


@pytest.mark.parametrize("task", [Sample(SamplingParams(), 1), Pool(), Score(1)])
def test_another_space_computes_all_of_it(task: Sample | Pool | Score):
    """Else the time that an answer takes would tell what others have asked."""
    core = engine()
    prompt = list(range(9))
    core.add(Sequence(1, list(prompt), task, "a"))
    finish(core)
    held: dict[str, int] = {}
    for id, space in enumerate(("b", "", "a"), 2):
        core.add(Sequence(id, list(prompt), Sample(SamplingParams(), 1), space))
        held[space] = finish(core)[-1].num_cached_tokens
    assert held == {"b": 0, "": 0, "a": 8}


def test_with_a_window_the_next_turn_is_found_beside_prompts_of_others():
    """It parts from the first at the end of its prompt, whose window is kept longest though the answer went on."""
    window = least_window(8, 6, block_size=4, num_sequences=2, num_in_flight=16)
    core = EngineCore(FakeRunner(200, 4, max_batched_tokens=16, window=window), max_sequences=2)
    prompt = [7 * number % 50 for number in range(61)]
    core.add(sequence(1, prompt, max_tokens=40))
    finish(core)
    for id in (2, 3):
        core.add(sequence(id, [id, *range(90)], max_tokens=2))
    finish(core)
    core.add(sequence(4, [*prompt, 9, 9, 9], max_tokens=3))
    outputs = finish(core)
    assert {output.num_cached_tokens for output in outputs} == {60}
    assert ids(outputs, 4) == continuation([*prompt, 9, 9, 9], 3)


def test_with_a_window_a_common_beginning_is_kept_once_prompts_have_parted_after_it():
    """The first time it is computed again, since its window was passed and others took the blocks."""
    window = least_window(8, 6, block_size=4, num_sequences=2, num_in_flight=16)
    core = EngineCore(FakeRunner(400, 4, max_batched_tokens=16, window=window), max_sequences=2)
    common, cached = [7 * number % 50 for number in range(60)], list[int]()
    for id in range(1, 5):
        core.add(sequence(id, [*common, id, *range(40)], max_tokens=2))
        cached.append(finish(core)[0].num_cached_tokens)
        core.add(sequence(id + 100, [id, *range(90)], max_tokens=2))
        finish(core)
    assert cached == [0, 0, 60, 60]


def test_a_prompt_that_is_cached_to_its_last_id_is_computed_from_its_last_block():
    core = engine()
    for id in (1, 2):
        core.add(sequence(id, list(range(8)), max_tokens=1))
        outputs = finish(core)
    assert [output.num_cached_tokens for output in outputs] == [4]
    assert ids(outputs, 2) == continuation(range(8), 1)


def test_an_aborted_sequence_gives_nothing_more_and_unknown_ids_are_ignored():
    core = engine()
    core.add(gone := sequence(1, [1, 2, 3], 30))
    core.add(sequence(2, [1, 2, 3], 5))
    core.step()
    core.abort(1)
    core.abort(1)
    core.abort(77)
    outputs = finish(core)
    assert ids(outputs, 1) == []
    assert gone.status is SequenceStatus.FINISHED
    assert gone.block_table == []
    core.add(sequence(1, [9], 1))  # the id is free again
    assert ids(finish(core), 1) == continuation([9], 1)


def test_preempted_sequences_continue_with_the_same_ids():
    core = engine(num_blocks=6)
    prompts = {id: [id, *range(6)] for id in range(3)}
    for id, prompt in prompts.items():
        core.add(sequence(id, prompt, max_tokens=17))
    outputs = finish(core)
    assert core.scheduler.num_preemptions > 0
    for id, prompt in prompts.items():
        assert ids(outputs, id) == continuation(prompt, 17)
    assert Counter(output.num_cached_tokens for output in outputs) == {0: 51}


@pytest.mark.parametrize(
    ("prompt", "max_tokens", "words"),
    [(60, 5, "do not fit into 64"), (0, 5, "a prompt"), (5, 0, "room for an answer"), (3, 3, "there already")],
)
def test_sequences_that_could_never_run_are_refused(prompt: int, max_tokens: int, words: str):
    core = engine(num_blocks=16, block_size=4)
    core.add(sequence(1, [0] * 59, 5))
    with pytest.raises(ValueError, match=words):
        core.add(sequence(1 if words.startswith("there") else 2, [0] * prompt, max_tokens))
    assert len(finish(core)) == 5


def test_a_sequence_that_pools_is_computed_whole_and_gives_its_mean_once():
    core = engine(max_batched_tokens=4)
    for id in (1, 2):  # the second time, all of its blocks are cached
        core.runner.batches.clear()
        core.add(pooling(id, list(range(9))))
        (output,) = finish(core)
        assert isinstance(output, Pooled)
        assert (output.id, output.mean[0]) == (id, mean(range(9)))
        assert core.runner.batches == [[(id, 4)], [(id, 4)], [(id, 1)]]
    core.add(sequence(3, list(range(9)), max_tokens=1))
    (output,) = finish(core)
    assert output.num_cached_tokens == 8


def test_a_sequence_that_scores_is_computed_whole_and_tells_of_each_id_but_the_first():
    core = engine(max_batched_tokens=4)
    found: list[list[Sampled]] = []
    for id in (1, 2):  # the second time, all of its blocks are cached
        core.add(Sequence(id, list(range(9)), Score(1)))
        (output,) = finish(core)
        assert isinstance(output, Scored)
        assert [sampled.token for sampled in output.tokens] == list(range(1, 9))
        found.append(output.tokens)
    assert found[0] == found[1]


@pytest.mark.parametrize("life", [0, 30])
def test_a_step_is_launched_before_the_one_before_it_is_collected(life: int):
    """With a grammar, too: only its mask waits for the id before."""
    runner = DelayedRunner(FakeRunner(16, 4))
    core = EngineCore(runner, max_sequences=8)
    core.add(Ask([3, 1, 4], 5, frozenset(), life).sequence(1))
    in_flight: list[int] = []
    launch = runner.launch

    def counted(batch: Batch) -> DelayedStep:
        in_flight.append(len(runner.in_flight))
        return launch(batch)

    runner.launch = counted
    assert len(finish(core)) == 5
    assert in_flight == [0, 1, 1, 1, 1]


class SlowStep(FakeStep):
    """Step of a device that has computed it when somebody has looked three times; then the masks are there."""

    looks = 0

    @property
    def is_computed(self) -> bool:
        self.looks += 1
        for item in self.batch.items:
            if isinstance(item.sequence.constraint, EveryThird):
                item.sequence.constraint.tick()
        return self.looks > 3


def test_masks_are_awaited_as_long_as_the_device_computes_their_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_module, "GLANCE", 0.0)
    runner = FakeRunner(16, 4)
    launch = runner.launch
    runner.launch = lambda batch: SlowStep(runner, launch(batch).batch)
    core = EngineCore(runner, max_sequences=8)
    ask = Ask([3, 1, 4], 6, frozenset(), 30, (3,))
    core.add(ask.sequence(1))
    core.add(sequence(2, [9, 9, 9], 6))
    outputs = [output for _ in range(6) for output in core.step()]
    assert not core.has_work, "no step was without one of them"
    assert ids(outputs, 1) == ask.alone()


@pytest.mark.parametrize("depth", [1, 2])
def test_nobody_waits_for_a_mask_that_is_late(depth: int):
    """Its sequence sits out, keeps its place, and goes on where it was; the others have a token in each step."""
    runner = FakeRunner(16, 4)
    core = EngineCore(runner if depth == 1 else DelayedRunner(runner, depth), max_sequences=8)
    ask = Ask([3, 1, 4], 6, frozenset(), 30, (0, 10**9))
    core.add(slow := ask.sequence(1))
    core.add(sequence(2, [9, 9, 9], 12))
    outputs = finish_others(core, 2)
    assert ids(outputs, 2) == continuation([9, 9, 9], 12)
    assert len(ids(outputs, 1)) == 1
    assert not core.can_step, "with nobody else, the core rests"
    assert slow in core.scheduler.running
    while core.has_work:
        assert isinstance(slow.constraint, EveryThird)
        slow.constraint.tick(10**9)
        assert core.can_step
        outputs += core.step()
    assert ids(outputs, 1) == ask.alone()


def finish_others(core: EngineCore, id: int) -> list[StepOutput]:
    """Step until the sequence has ended and nothing more can be done."""
    outputs: list[StepOutput] = []
    while core.can_step:
        outputs += core.step()
    assert any(output.finished for output in outputs if output.id == id)
    return outputs


@pytest.mark.parametrize("how", ["is overdue", "failed"])
def test_a_mask_that_never_comes_ends_its_own_sequence(how: str, caplog: pytest.LogCaptureFixture):
    core = engine()
    core.add(slow := Ask([3, 1, 4], 6, frozenset(), 30, (0, 10**9)).sequence(1))
    core.add(sequence(2, [9, 9, 9], 12))
    outputs = finish_others(core, 2)
    assert isinstance(slow.constraint, EveryThird)
    if how == "failed":
        slow.constraint.words.set_exception(RuntimeError("a bug in the parser"))
    else:
        slow.constraint.overdue = True
    assert core.can_step
    assert core.step() == [Unmasked(1, is_late=how == "is overdue")]
    assert ("a bug in the parser" in caplog.text) == (how == "failed"), "with its traceback"
    assert not core.has_work
    assert slow.block_table == []
    assert ids(outputs, 2) == continuation([9, 9, 9], 12)


def test_newcomers_run_while_others_sit_out():
    core = engine()
    core.add(Ask([3, 1, 4], 6, frozenset(), 30, (0, 10**9)).sequence(1))
    while core.can_step:
        core.step()
    core.add(sequence(2, [5, 5], 3))
    assert ids(finish_others(core, 2), 2) == continuation([5, 5], 3)
    core.abort(1)
    assert not core.has_work


class BrokenRunner(FakeRunner):
    """Runner whose results for sequence 1 are not numbers."""

    def result(self, item: Scheduled, mask: Words | None) -> Result:
        result = super().result(item, mask)
        match result:
            case StateSum() if item.sequence.id == 1:
                return StateSum(np.array([np.nan]))
            case Scores(tokens) if item.sequence.id == 1:
                return Scores([Sampled(token.token, math.nan) for token in tokens])
            case Sampled() if item.sequence.id == 1:
                return NotNumbers()
            case _:
                return result


@pytest.mark.parametrize("task", [Sample(SamplingParams(), 5), Pool(), Score(1)])
def test_results_that_are_not_numbers_end_their_own_sequence(task: Task):
    core = EngineCore(BrokenRunner(16, 4), max_sequences=8)
    core.add(Sequence(1, [3, 1, 4], task))
    core.add(sequence(2, [5, 5], 3))
    assert Broken(1) in core.step()
    assert len(finish(core)) == 2


class ForgetfulStep(FakeStep):
    def collect(self):
        return super().collect()[1:]


class ForgetfulRunner(FakeRunner):
    def launch(self, batch: Batch) -> FakeStep:
        return ForgetfulStep(self, super().launch(batch).batch)


def test_a_runner_that_answers_for_too_few_is_not_believed():
    core = EngineCore(ForgetfulRunner(8, 4), max_sequences=2)
    core.add(sequence(1, [1]))
    with pytest.raises(ValueError, match="shorter"):
        core.step()


def test_leaked_blocks_are_noticed_when_idle():
    core = engine()
    core.add(sequence(1, [1, 2, 3], 2))
    core.step()
    core.scheduler.blocks.append([])  # a block of nobody's
    core.step()
    with pytest.raises(AssertionError, match="tables"):
        core.prepare()


class EveryThird:
    """Grammar that allows a third of all ids, by the sum of those before, and gives up after `life` ids.

    The nth mask is there after so many ticks as `lateness` says, cyclically.
    """

    def __init__(self, life: int, lateness: tuple[int, ...] = (0,)) -> None:
        self.failed = False
        self.overdue = False
        self._life = life
        self._lateness = lateness
        self._accepted: list[int] = []
        self.prepare()

    def prepare(self) -> None:
        self.words: Future[Words] = Future()
        self._ticks = self._lateness[len(self._accepted) % len(self._lateness)]
        self.tick(0)

    def tick(self, ticks: int = 1) -> None:
        self._ticks -= ticks
        if self._ticks <= 0 and not self.words.done():
            self.words.set_result(self._compute())

    def accept(self, token: int) -> None:
        assert self.words.done(), "an id was sampled without a mask"
        assert token % 3 == sum(self._accepted) % 3 or self.failed, "the mask was another one's"
        self._accepted.append(token)

    def _compute(self) -> Words:
        self.failed = len(self._accepted) >= self._life
        return only([7] if self.failed else range(sum(self._accepted) % 3, VOCABULARY, 3), VOCABULARY)


@dataclass(frozen=True)
class Ask:
    """A sequence to be continued; with a grammar that lasts for `life` ids, unless that is 0, and is often late."""

    prompt: list[int]
    max_tokens: int
    stop: frozenset[int]
    life: int
    lateness: tuple[int, ...] = (0,)

    def sequence(self, id: int) -> Sequence:
        constraint = EveryThird(self.life, self.lateness) if self.life else None
        sampling = SamplingParams()
        task = Sample(sampling, self.max_tokens, stop_token_ids=self.stop, constraint=constraint)
        return Sequence(id, list(self.prompt), task, client="AAB"[id % 3])

    def alone(self) -> list[int]:
        return continuation(self.prompt, self.max_tokens, self.stop, EveryThird(self.life) if self.life else None)


# Prompts are built of few pieces, so that many share a prefix, some of them of whole blocks. Each value is one draw:
# drawing piece by piece takes most of the test's time.
PIECES = [(1,), (2,), (1, 2, 1), (3,) * 4, tuple(range(9))]
PROMPTS = [[*chain(*pieces)] for length in (1, 2, 3) for pieces in product(PIECES, repeat=length)]
prompts = st.sampled_from(PROMPTS)
stops = st.sampled_from([frozenset[int](), *(frozenset({id, 49 - id}) for id in range(25))])
lives = st.integers(-30, 30).map(lambda life: max(life, 0))
lateness = st.sampled_from([(0,), (0,), (1,), (0, 2), (3, 0, 1), (0, 0, 0, 9)])
asks = st.builds(Ask, prompts, st.integers(1, 20), stops, lives, lateness)
steps = st.integers(1, 4)
aborts = st.integers(-12, 0)
commands = st.lists(st.one_of(asks, asks, asks, prompts, steps, aborts), min_size=8, max_size=30)


@pytest.mark.parametrize("depth", [1, 2, 3])
@settings(max_examples=150)
@given(
    commands=commands,
    block_size=st.sampled_from([1, 2, 4, 7]),
    room=st.integers(20, 60),
    max_sequences=st.integers(1, 6),
    max_batched_tokens=st.integers(1, 40),
    max_prefill_beside=st.one_of(st.none(), st.integers(1, 8)),
    window=st.one_of(st.none(), st.tuples(st.integers(1, 12), st.integers(0, 8))),
)
def test_any_interleaving_gives_each_sequence_the_ids_it_gets_alone(
    depth: int,
    commands: list[object],
    block_size: int,
    room: int,
    max_sequences: int,
    max_batched_tokens: int,
    max_prefill_beside: int | None,
    window: tuple[int, int] | None,
):
    """With any number of steps in flight, masks that come late, and a pool for a window, with so many blocks to spare.

    A list of ids is a text to pool; a positive number is so many steps, another aborts the sequence of that number.
    """
    runner = FakeRunner(
        room // block_size,
        block_size,
        max_batched_tokens=max_batched_tokens,
        max_prefill_beside=max_prefill_beside,
        window=window and least_window(*window, block_size, max_sequences, depth * max_batched_tokens),
    )
    core = EngineCore(runner if depth == 1 else DelayedRunner(runner, depth), max_sequences=max_sequences)
    core.scheduler.schedule = checked_schedule(core.scheduler)
    wanted: dict[int, list[int]] = {}
    means: dict[int, float] = {}
    aborted: set[int] = set()
    outputs: list[Output] = []
    for command in commands:
        match command:
            case Ask(prompt, max_tokens):
                if len(prompt) + max_tokens <= room // block_size * block_size:
                    core.add(command.sequence(id := len(wanted) + len(means)))
                    wanted[id] = command.alone()
            case list(prompt):
                if len(prompt) <= room // block_size * block_size:
                    core.add(pooling(id := len(wanted) + len(means), prompt))
                    means[id] = mean(prompt)
            case int(number) if number > 0:
                for _ in range(number):
                    outputs += checked_step(core, runner)
            case int(number):
                core.abort(-number)
                core.scheduler.check_integrity()
                aborted.add(-number)
    for number in count():
        if not core.has_work:
            break
        assert number < 100 * (len(wanted) + len(means)), "something starves"
        outputs += checked_step(core, runner)
    pooled = [output for output in outputs if isinstance(output, Pooled)]
    sampled = [output for output in outputs if isinstance(output, StepOutput)]
    assert [output.mean[0] for output in pooled] == [means[output.id] for output in pooled]
    for id, expected in wanted.items():
        got = ids(sampled, id)
        assert got == (expected[: len(got)] if id in aborted else expected)
    ends = Counter(output.id for output in (*pooled, *(output for output in sampled if output.finished)))
    assert set(ends.values()) <= {1}
    assert (wanted.keys() | means.keys()) - aborted <= ends.keys()
    event(f"preemptions: {min(core.scheduler.num_preemptions, 3)}")
    event(f"means: {min(len(pooled), 3)}")
    event(f"prefixes shared: {any(output.num_cached_tokens for output in sampled)}")


def least_window(length: int, spare: int, block_size: int, num_sequences: int, num_in_flight: int) -> Window:
    least = WindowBlocks.least(block_size, length, num_sequences=num_sequences, num_in_flight=num_in_flight)
    return Window(length, least + spare)


def checked_schedule(scheduler: Scheduler) -> Callable[[], Batch]:
    """Return a `schedule` that asserts that prompts beside answers are short."""
    schedule = scheduler.schedule

    def checked() -> Batch:
        answered = {sequence.id for sequence in scheduler.running if sequence.num_pending_tokens == 1}
        num_preemptions = scheduler.num_preemptions  # what was preempted may be there again, as a prompt
        batch = schedule()
        num_decodes = sum(item.sequence.id in answered for item in batch.items)
        if num_decodes and scheduler.num_preemptions == num_preemptions:
            assert batch.num_tokens - num_decodes <= scheduler.max_prefill_beside
        return batch

    return checked


def checked_step(core: EngineCore, runner: FakeRunner) -> list[Output]:
    constraints = [sequence.constraint for sequence in core.scheduler.running]
    before = len(runner.batches), core.num_in_flight
    outputs = core.step() if core.can_step else []
    did_nothing = before == (len(runner.batches), core.num_in_flight) and not outputs
    assert not (did_nothing and core.can_step), "whoever steps as long as it can would never rest"
    for constraint in constraints:
        if isinstance(constraint, EveryThird):
            constraint.tick()
    core.scheduler.check_integrity()
    batch = runner.batches[-1] if runner.batches else []
    assert sum(num_tokens for _, num_tokens in batch) <= core.scheduler.max_batched_tokens
    assert len(core.scheduler.running) + len(core.scheduler.leaving) <= core.scheduler.max_sequences
    assert len(runner.rows) <= core.scheduler.max_sequences
    return outputs
