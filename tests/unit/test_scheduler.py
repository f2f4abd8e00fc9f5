"""Scheduler: who runs in a step, rule by rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.engine.memory import Memory
from ossia.engine.pace import PROMPTS, SHORT_PROMPT, STEP_SECONDS, SURPLUS, Pace
from ossia.engine.runner import Batch, Capacity, Scheduled
from ossia.engine.scheduler import Scheduler
from ossia.engine.sequence import Sample, Sequence, SequenceStatus
from ossia.types import SamplingParams


def scheduler(
    num_blocks: int = 100,
    block_size: int = 4,
    max_sequences: int = 8,
    max_batched_tokens: int = 16,
    max_prefill_beside: int | None = None,
    min_prefill: int | None = None,
):
    capacity = Capacity(
        block_size,
        num_blocks,
        max_batched_tokens,
        num_blocks * block_size,
        Memory(host=0),
        max_prefill_beside=max_prefill_beside,
        min_prefill=min_prefill,
    )
    return Scheduler(capacity, max_sequences=max_sequences)


def sequence(id: int, num_tokens: int, first: int | None = None, client: str = "") -> Sequence:
    """A prompt that shares nothing with that of another id, unless both have the same `first`."""
    ids = [1000 * id if first is None else first, *range(1, num_tokens)]
    return Sequence(id, ids, Sample(SamplingParams(), max_tokens=100), client=client)


def run(scheduler: Scheduler, batch: Batch) -> list[tuple[int, int]]:
    """Do with a batch what the core does, and tell who ran how many tokens."""
    for item in batch.items:
        scheduler.landed(item)
        scheduler.commit(item)
        if isinstance(item.purpose, Sample):
            item.sequence.token_ids.append(7)
    scheduler.check_integrity()
    return [(item.sequence.id, item.num_tokens) for item in batch.items]


def step(scheduler: Scheduler) -> list[tuple[int, int]]:
    return run(scheduler, scheduler.schedule())


def test_a_long_prompt_is_computed_in_chunks_and_samples_at_its_end():
    s = scheduler()
    s.add(sequence(1, 40))
    batches: list[Batch] = []
    for _ in range(4):
        batches.append(s.schedule())
        run(s, batches[-1])
    assert [b.num_tokens for b in batches] == [16, 16, 8, 1]
    assert [isinstance(b.items[0].purpose, Sample) for b in batches] == [False, False, True, True]


def test_decodes_come_first_and_prompts_share_what_is_left():
    s = scheduler()
    s.add(sequence(1, 3))
    step(s)
    s.add(sequence(2, 20))
    s.add(sequence(3, 8))
    s.add(sequence(4, 8))
    assert step(s) == [(1, 1), (2, 15)]
    assert step(s) == [(1, 1), (2, 5), (3, 8), (4, 2)]
    assert step(s) == [(1, 1), (2, 1), (3, 1), (4, 6)]


def test_prompts_beside_an_answer_are_computed_in_smaller_chunks():
    s = scheduler(max_prefill_beside=4)
    s.add(answered := sequence(1, 3))
    assert step(s) == [(1, 3)]
    s.add(sequence(2, 33))
    assert step(s) == [(1, 1), (2, 4)]
    assert step(s) == [(1, 1), (2, 4)]
    s.remove(answered)
    assert step(s) == [(2, 16)]  # nobody waits any more


def test_prompts_beside_an_answer_that_sits_out_are_computed_in_smaller_chunks():
    """Its mask may be there before the step ends."""
    s = scheduler(max_prefill_beside=4)
    s.add(answered := sequence(1, 3))
    step(s)
    s.add(sequence(2, 20))
    batch = s.schedule()
    item = s.withhold(batch.items[0])
    run(s, Batch((item, *batch.items[1:])))
    assert answered.lacks_mask
    assert step(s) == [(2, 4)]


def test_who_gave_up_blocks_is_told_with_the_next_batch_that_has_work():
    """A batch without items is never launched, so what it released would be lost."""
    s = scheduler()
    s.add(first := sequence(1, 3))
    assert s.schedule().released == ()
    s.landed(Scheduled(first, 0, 3, first.task))
    s.remove(first)
    assert s.schedule().items == ()
    s.add(sequence(2, 3))
    assert s.schedule().released == (1,)


def test_no_more_sequences_run_than_allowed_and_the_next_follows_in_order():
    s = scheduler(max_sequences=2)
    sequences = [sequence(i, 2) for i in range(4)]
    for each in sequences:
        s.add(each)
    assert step(s) == [(0, 2), (1, 2)]
    s.remove(sequences[0])
    assert step(s) == [(1, 1), (2, 2)]
    assert sequences[0].status is SequenceStatus.FINISHED
    assert list(s.waiting) == [sequences[3]]


def test_a_sequence_waits_until_there_are_blocks_for_its_whole_prompt():
    """And those behind it wait too, though they would fit: nobody is overtaken."""
    s = scheduler(num_blocks=4)
    first, large, small = sequence(1, 6), sequence(2, 9), sequence(3, 1)
    for each in (first, large, small):
        s.add(each)
    assert step(s) == [(1, 6)]
    assert step(s) == [(1, 1)]
    s.remove(first)
    assert step(s) == [(2, 9), (3, 1)]


def test_decodes_beyond_the_budget_wait_for_a_step():
    s = scheduler(max_batched_tokens=2)
    for i in range(3):
        s.add(sequence(i, 1))
    assert step(s) == [(0, 1), (1, 1)]
    assert step(s) == [(0, 1), (1, 1)]
    s.remove(s.running[0])
    assert step(s) == [(1, 1), (2, 1)]


def test_the_latest_sequence_is_preempted_and_continues_from_its_cached_blocks():
    s = scheduler(num_blocks=5)
    first, second = sequence(1, 7), sequence(2, 11)
    s.add(first)
    s.add(second)
    assert step(s) == [(1, 7), (2, 9)]
    assert step(s) == [(1, 1), (2, 2)]
    assert step(s) == [(1, 1)]  # it needs a third block, and the five are taken
    assert second.status is SequenceStatus.PREEMPTED
    assert (second.block_table, second.num_computed_tokens) == ([], 0)
    assert list(s.waiting) == [second]
    assert s.num_preemptions == 1
    s.remove(first)
    assert step(s) == [(2, 4)]  # 12 ids, of which two blocks are still cached
    assert second.num_cached_tokens == 0, "what its own first run left is not a cached prompt"


def test_chunks_of_prompts_alone_are_as_large_as_newcomers_can_wait_for():
    s = scheduler(min_prefill=4)
    s.add(sequence(1, 99))
    assert step(s) == [(1, 4)]  # how long it takes is not known yet
    s.pace.computed(STEP_SECONDS, 10)
    assert step(s) == [(1, 10)]
    s.pace.computed(STEP_SECONDS, 1)
    assert step(s) == [(1, 4)]  # fewer ids would cost speed
    s.pace.computed(STEP_SECONDS, 1000)
    assert step(s) == [(1, 16)]


def test_a_long_prompt_takes_turns_with_shorter_ones():
    """Of its own client too, but those of others come first; a longer prompt waits for its end."""
    s = scheduler()
    s.add(sequence(0, 80, client="A"))
    assert step(s) == [(0, 16)]
    s.add(sequence(7, 64, client="C"))
    s.add(sequence(8, 22, client="A"))
    s.add(short := sequence(9, 14, client="B"))
    assert step(s) == [(9, 14), (8, 2)]
    s.remove(short)
    assert step(s) == [(0, 16)]
    assert step(s) == [(8, 16)]
    assert step(s) == [(0, 16)]
    assert step(s) == [(8, 4), (0, 12)]


def test_a_prompt_that_begins_as_the_first_waits_for_what_it_can_share():
    """Unlike one with the same ids in the same places, but another id before them."""
    s = scheduler()
    s.add(sequence(1, 60, first=5))
    step(s)
    s.add(sequence(2, 40, first=5))
    s.add(other := sequence(3, 30))
    assert step(s) == [(3, 16)]
    s.remove(other)
    assert [step(s) for _ in range(4)] == [[(1, 16)], [(1, 16)], [(1, 12), (2, 4)], [(1, 1), (2, 1)]]


def test_a_prompt_whose_beginning_is_cached_counts_as_short():
    s = scheduler()
    s.add(earlier := sequence(1, 81))
    for _ in range(6):
        step(s)
    s.remove(earlier)
    s.add(sequence(2, 60))
    step(s)
    s.add(sequence(1, 90))
    assert step(s) == [(1, 10), (2, 6)]


arrivals = st.tuples(st.integers(0, 12), st.integers(1, 60))


@given(st.integers(2, 20), st.integers(2, 300), st.lists(arrivals, min_size=1, max_size=6))
def test_newcomers_and_a_long_prompt_wait_for_each_other_no_longer_than_they_take(
    budget: int, longest: int, newcomers: list[tuple[int, int]]
):
    """`newcomers` are steps and numbers of ids, of which `budget` are computed in a step."""
    s = scheduler(num_blocks=1000, max_batched_tokens=budget)
    s.add(long := sequence(0, longest))
    total, waits = sum(size for _, size in newcomers), dict[int, int]()
    for now in range(longest + total + 20):
        for id, (moment, size) in enumerate(newcomers, start=1):
            if moment == now:
                s.add(sequence(id, size))
                if size < long.num_pending_tokens or long.status is SequenceStatus.FINISHED:
                    waits[id] = now + 2 * (-(-total // budget) + 2)
        step(s)
        for done in [each for each in s.running if len(each.token_ids) > each.num_prompt_tokens]:
            s.remove(done)
            assert now < waits.get(done.id, 1000)
            assert done is not long or now < 2 * (-(-longest // budget) + 1)
        if now > 12 and not s.running and not s.waiting:
            break
    assert not s.running
    assert not s.waiting


def test_a_client_with_many_answers_gets_as_many_as_others_while_it_owes_time():
    """In turn, so that all of them go on."""
    s = scheduler()
    for id in (0, 1, 2, 9):
        s.add(sequence(id, 2, client="B" if id == 9 else "A"))
    step(s)
    batch = s.schedule()
    assert (batch.num_plain, batch.num_surplus) == (2, 2)
    run(s, batch)
    s.pace.took(1.0, num_plain=2, share=SURPLUS)
    assert [{id for id, _ in step(s)} - {9} for _ in range(3)] == [{0}, {1}, {2}]
    assert s.schedule().num_surplus == 0


def test_prompts_wait_while_they_owe_time_to_answers():
    s = scheduler()
    s.add(answered := sequence(1, 3, client="A"))
    step(s)
    s.add(sequence(2, 20, client="B"))
    assert step(s) == [(1, 1), (2, 15)]
    s.pace.took(0.1, num_plain=1)
    s.pace.took(0.5, num_plain=1, share=PROMPTS)
    assert step(s) == [(1, 1)]
    s.remove(answered)
    assert step(s) == [(2, 5)]


def test_short_prompts_of_the_only_client_owe_its_answers_nothing():
    s = scheduler(num_blocks=1000, max_prefill_beside=9)
    s.add(sequence(0, 3))
    step(s)
    s.add(sequence(1, SHORT_PROMPT + 100))
    assert step(s) == [(0, 1), (1, 9)]
    s.pace.took(1.0, num_plain=1)
    s.pace.took(5.0, num_plain=1, share=PROMPTS)
    s.add(sequence(2, 12))
    s.add(sequence(3, 4))
    batch = s.schedule()
    assert batch.owe_nothing
    assert run(s, batch) == [(0, 1), (2, 9)]
    assert step(s) == [(0, 1), (2, 3), (3, 4)]
    assert step(s) == [(0, 1), (2, 1), (3, 1)], "the long prompt waits"


def test_a_short_prompt_owes_time_as_soon_as_somebody_else_is_here():
    s = scheduler()
    s.add(sequence(1, 3, client="A"))
    step(s)
    s.add(sequence(2, 4, client="A"))
    s.add(sequence(3, 20, client="B"))
    assert not s.schedule().owe_nothing


def test_a_newcomer_begins_while_others_owe_time_but_one_at_a_time():
    """Its client owes nothing; and many newcomers are extras like all others."""
    s = scheduler()
    s.add(sequence(1, 3, client="A"))
    step(s)
    s.pace.took(0.1, num_plain=1)
    s.pace.took(0.5, num_plain=1, share=SURPLUS)
    for id, client in ((2, "A"), (3, "B"), (4, "C")):
        s.add(sequence(id, 20, client=client))
    assert step(s) == [(1, 1), (3, 15)]
    s.pace.took(0.5, num_plain=1, share=PROMPTS)
    assert step(s) == [(1, 1)]


@pytest.mark.parametrize("share", [PROMPTS, SURPLUS])
@pytest.mark.parametrize("newcomers", [True, False])
def test_the_pace_gives_extras_their_share_of_the_time(share: float, newcomers: bool):
    pace, plain, extra = Pace(), 0, 0
    pace.took(9.0, num_plain=30)  # tells nothing of steps with another number of answers
    for _ in range(10_000):
        with_extras = pace.allows_extras or (newcomers and pace.allows_newcomer)
        pace.took(9.0 if with_extras else 1.0, num_plain=2, share=share if with_extras else None)
        plain, extra = plain + (not with_extras), extra + with_extras
    assert extra * 8 / (plain + extra * 9) == pytest.approx(share, rel=0.1)


def test_a_step_whose_prompts_owe_nothing_pays_for_others_as_a_plain_one():
    """So a long prompt gets its share, even if short ones come with every step."""
    pace = Pace()
    pace.took(1.0, num_plain=2)
    pace.took(4.9, num_plain=2, share=PROMPTS)
    for _ in range(7):  # (4.9 - 1) * 2 - 1
        assert not pace.allows_extras
        pace.took_for_nothing(9.0, num_plain=2)
    assert pace.allows_extras
    pace.took(5.0, num_plain=3, share=PROMPTS)
    assert not pace.allows_extras
    pace.took_for_nothing(9.0, num_plain=3)  # no plain one is known
    assert pace.allows_extras


def test_prompts_run_at_each_step_that_is_quick_enough():
    pace = Pace(quick_step=0.025)
    pace.took(0.002, num_plain=1)
    pace.took(0.025, num_plain=1, share=PROMPTS)
    assert pace.allows_extras
    pace.took(0.026, num_plain=1, share=PROMPTS)
    assert not pace.allows_extras
    pace = Pace(quick_step=0.025)
    pace.took(0.002, num_plain=1)
    pace.took(0.025, num_plain=1, share=SURPLUS)  # one client's answers still leave the time to others
    assert not pace.allows_extras


def test_blocks_are_taken_from_the_client_with_the_most():
    s = scheduler(num_blocks=4)
    many = [sequence(id, 4, client="A") for id in range(3)]
    for each in (*many, sequence(9, 4, client="B")):
        s.add(each)
    assert len(step(s)) == 4
    assert step(s) == [(9, 1), (0, 1)]
    assert [each.id for each in s.running] == [0, 9]
    assert list(s.waiting) == many[1:]


def test_a_client_without_blocks_gets_those_that_become_free():
    """Before what was preempted of a client that has some."""
    s = scheduler(num_blocks=4)
    for id in range(4):
        s.add(sequence(id, 4, client="A"))
    assert len(step(s)) == 4
    s.add(sequence(9, 3, client="B"))
    assert step(s) == [(0, 1), (1, 1)]
    s.remove(s.running[1])
    assert step(s) == [(0, 1), (9, 3)]


def test_preempted_sequences_wait_in_order_of_arrival_before_new_ones():
    s = scheduler(num_blocks=4)
    sequences = [sequence(i, 4) for i in range(4)]
    for each in sequences:
        s.add(each)
    assert step(s) == [(0, 4), (1, 4), (2, 4), (3, 4)]
    s.add(sequence(9, 1))
    assert step(s) == [(0, 1), (1, 1)]
    assert [each.id for each in s.waiting] == [2, 3, 9]
    assert s.num_preemptions == 2


def test_a_sequence_that_needs_a_block_itself_goes_when_it_is_the_latest():
    s = scheduler(num_blocks=3)
    first, second = sequence(1, 5), sequence(2, 4)
    s.add(first)
    s.add(second)
    assert step(s) == [(1, 5), (2, 4)]
    assert step(s) == [(1, 1)]
    assert second.status is SequenceStatus.PREEMPTED


def test_a_prompt_that_came_at_the_same_time_shares_what_the_first_has_computed():
    s = scheduler()
    first, second = sequence(1, 40, first=0), sequence(2, 40, first=0)
    s.add(first)
    s.add(second)
    assert [step(s) for _ in range(3)] == [[(1, 16)], [(1, 16)], [(1, 8), (2, 8)]]
    assert second.num_cached_tokens == 32
    assert second.block_table[:8] == first.block_table[:8]


def test_a_prompt_in_the_middle_of_its_chunks_can_be_removed_and_leaves_them_cached():
    s = scheduler()
    first, second = sequence(1, 40, first=0), sequence(2, 40, first=0)
    s.add(first)
    step(s)
    s.remove(first)
    s.check_integrity()
    s.add(second)
    step(s)
    assert second.num_cached_tokens == 16


def test_a_waiting_sequence_can_be_removed():
    s = scheduler(max_sequences=1)
    sequences = [sequence(i, 2) for i in range(3)]
    for each in sequences:
        s.add(each)
    step(s)
    s.remove(sequences[1])
    s.remove(sequences[0])
    assert step(s) == [(2, 2)]
