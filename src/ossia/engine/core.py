"""The synchronous core of an engine, with three verbs: add, abort, step.

Token ids only. It knows no text, socket or device; queues and threads are outside. Only this class and its Scheduler
change a Sequence.

Masks are computed in other threads while a step runs, and are nearly always there when it is sampled. Once a step is
computed, it waits for late ones a moment at most; then their sequences sit it out. Whatever happens to a mask, only its
own sequence ends.
"""

import logging
import math
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from functools import reduce
from typing import Final

import numpy as np

from ossia.engine import figures
from ossia.engine.figures import Activity, Figures
from ossia.engine.pace import PROMPTS, SURPLUS
from ossia.engine.runner import Batch, NotNumbers, Prefill, Result, Runner, Scheduled, Step
from ossia.engine.scheduler import Scheduler
from ossia.engine.sequence import (
    Broken,
    Output,
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
    StopReason,
    Unmasked,
    Words,
)

logger = logging.getLogger(__name__)

GRACE: Final = 0.25
"""Wait of a step for late masks, as a share of the time it has taken: less than to compute their ids again."""
PATIENCE: Final = 0.05
"""Seconds that a step waits for the first mask if all of its sequences lack theirs. Newcomers wait as long."""
GLANCE: Final = 0.001
"""Seconds between looks at a device that computes a step while its masks are late."""


class EngineCore:
    def __init__(self, runner: Runner, *, max_sequences: int) -> None:
        """Create an empty engine in which at most `max_sequences` sequences run at a time."""
        self.runner = runner
        self.capacity = runner.capacity
        self.scheduler = Scheduler(self.capacity, max_sequences=max_sequences)
        self._sequences: dict[int, Sequence] = {}
        self._launched: tuple[Batch, Step, float] | None = None  # not sampled yet, with its launching time
        self._in_flight: deque[tuple[Batch, Step, float]] = deque()  # sampled and not collected, oldest first
        self._is_blocked = False
        self._landed_at = 0.0
        self._activity = Activity()
        self._has_prepared_runner = False
        self._is_checked = True  # since there was work

    @property
    def has_work(self) -> bool:
        return bool(self._sequences or self.num_in_flight)

    @property
    def num_in_flight(self) -> int:
        return len(self._in_flight) + (self._launched is not None)

    @property
    def can_step(self) -> bool:
        """True if a step would do something: false also while all sequences sit out."""
        return self.has_work and (not self._is_blocked or any(map(_may_go_on, self.scheduler.running)))

    def tell_of_masks(self, tell: Callable[[], None]) -> None:
        """Call `tell` in some thread, as soon as there is a mask for which a sequence sits out."""
        for sequence in self.scheduler.running:
            if sequence.lacks_mask and sequence.constraint:
                sequence.constraint.words.add_done_callback(lambda _: tell())

    def add(self, sequence: Sequence) -> None:
        """Queue a new sequence. Raises ValueError if it could never be run to its end or if its id is in use."""
        room = self.capacity.num_blocks * self.capacity.block_size
        max_tokens = sequence.task.max_tokens if isinstance(sequence.task, Sample) else None
        if sequence.id in self._sequences:
            raise ValueError(f"sequence {sequence.id} is there already")
        if sequence.num_prompt_tokens < 1 or (max_tokens is not None and max_tokens < 1):
            raise ValueError("a sequence has a prompt and room for an answer")
        if sequence.num_prompt_tokens + (max_tokens or 0) > room:
            raise ValueError(f"{sequence.num_prompt_tokens} tokens and {max_tokens or 0} more do not fit into {room}")
        self._sequences[sequence.id] = sequence
        self.scheduler.add(sequence)
        self._is_blocked = self._is_checked = False

    def abort(self, id: int) -> None:
        """Forget a sequence. An unknown id is ignored: its sequence may just have ended."""
        if sequence := self._sequences.get(id):
            self._remove(sequence)
            self._is_blocked = False

    @property
    def is_prepared(self) -> bool:
        """True if `prepare` has nothing to do."""
        return self._is_checked and self._has_prepared_runner

    def prepare(self) -> None:
        """Do a part of what is left for idle times: assert that no block was lost, and then let the runner do what
        first steps would wait for."""
        assert not self.has_work, "nobody waits for it"
        if self._is_checked:
            self._has_prepared_runner = not self.runner.prepare()
        else:
            self.scheduler.check_integrity()  # takes milliseconds, for which no answer should wait
            self._is_checked = True

    def step(self) -> list[Output]:
        """Launch one batch and collect what is due: an output for each id sampled and each sequence read to its end.

        A runner of depth d keeps d - 1 steps in flight. The latest is sampled by the next call, so that its masks are
        made while the caller hands the outputs on.
        """
        self._sample()
        outputs = self._give_up()
        if self.scheduler.is_short_of_blocks:
            outputs += self._collect(keep=0)
        batch = self.scheduler.schedule()
        self._is_blocked = not (batch.items or self._in_flight)
        if self._is_blocked:
            assert all(sequence.lacks_mask for sequence in self.scheduler.running), "they wait for nothing else"
        outputs += self._launch(batch) if batch.items else self._collect(keep=0)
        self._activity.collected(sum(isinstance(output, StepOutput) for output in outputs))
        return outputs

    def figures(self) -> Figures:
        """Return what was done so far, and how full the engine is. Another thread may ask, in the middle of a step."""
        blocks, activity = self.scheduler.blocks, self._activity
        return Figures(
            running=len(self.scheduler.running),
            waiting=len(self.scheduler.waiting),
            blocks=blocks.num_blocks,
            blocks_used=blocks.num_blocks - blocks.num_available,
            blocks_cached=blocks.num_cached,
            preemptions=self.scheduler.num_preemptions,
            sampled=activity.sampled,
            tokens_per_second=activity.tokens_per_second,
            steps=tuple(activity.steps),
            batched=activity.batched,
            compiled=figures.compilations.count,
            compile_seconds=figures.compilations.seconds,
            masked=figures.masks.count,
            mask_seconds=figures.masks.seconds,
        )

    def _launch(self, batch: Batch) -> list[Output]:
        """Launch a batch, and collect earlier ones while its forward pass runs: its masks depend on all ids before."""
        depth = self.capacity.depth
        began = time.monotonic()
        self._launched = batch, self.runner.launch(batch), began
        self._activity.launched(len(batch.items))
        is_constrained = any(item.sequence.constraint for item in batch.items)
        outputs = self._collect(keep=0 if is_constrained else max(depth - 2, 0))
        if depth == 1:
            self._sample()
            outputs += self._collect(keep=0)
        return outputs

    def _sample(self) -> None:
        """Start to sample the step that was launched last."""
        if self._launched:
            batch, step, began = self._launched
            self._launched = None
            masks = _ready_masks(batch, step, max(began, self._landed_at))  # the device began it after the one before
            step.sample(masks)
            self._in_flight.append((self._withhold(batch, masks), step, began))

    def _withhold(self, batch: Batch, masks: dict[int, Words]) -> Batch:
        """Return the batch without the ids of sequences whose masks are missing: those sit out from now on."""
        items = [
            self.scheduler.withhold(item) if _wants_mask(item) and item.sequence.id not in masks else item
            for item in batch.items
        ]
        return replace(batch, items=tuple(items))

    def _give_up(self) -> list[Output]:
        """End the sequences whose masks will not come."""
        hopeless = [sequence for sequence in self.scheduler.running if sequence.lacks_mask and _is_hopeless(sequence)]
        for sequence in hopeless:
            self._remove(sequence)
        return [Unmasked(sequence.id, is_late=not _has_failed(sequence)) for sequence in hopeless]

    def _collect(self, *, keep: int) -> list[Output]:
        """Wait for the oldest steps, until `keep` of them are in flight."""
        outputs: list[Output] = []
        while len(self._in_flight) > keep:
            batch, step, began = self._in_flight.popleft()
            results = step.collect()
            self._note_time(batch, began)
            for item, result in zip(batch.items, results, strict=True):
                if output := self._take(item, result):
                    outputs.append(output)
        return outputs

    def _note_time(self, batch: Batch, began: float) -> None:
        """Tell the pace how long a batch took: since it was launched, or since the one before it was done."""
        now = time.monotonic()
        seconds = now - max(began, self._landed_at)
        if batch.num_plain and batch.owe_nothing:
            self.scheduler.pace.took_for_nothing(seconds, num_plain=batch.num_plain)
        elif batch.num_plain:
            self.scheduler.pace.took(seconds, num_plain=batch.num_plain, share=_share_of_extras(batch))
        elif batch.num_tokens:
            self.scheduler.pace.computed(seconds, batch.num_tokens)
        self._landed_at = now

    def _take(self, item: Scheduled, result: Result) -> Output | None:
        """Put an item's result into its sequence, unless that has ended since the item was launched."""
        sequence = item.sequence
        self.scheduler.landed(item)
        if sequence.status is SequenceStatus.FINISHED:
            return None
        if isinstance(item.purpose, Prefill):  # whatever was sampled for an item that was withheld
            result = None
        if _is_broken(result):  # its blocks are not committed, so that no other sequence shares them
            self._remove(sequence)
            return Broken(sequence.id)
        self.scheduler.commit(item)
        match result:
            case Sampled():
                return self._append(sequence, result)
            case StateSum() | Scores():
                sequence.partial.append(result)
                return self._reading(sequence) if item.stop == len(sequence.token_ids) else None
            case _:
                return None

    def _append(self, sequence: Sequence, sampled: Sampled) -> StepOutput:
        task = sequence.task
        assert isinstance(task, Sample), "ids are sampled for sequences that ask for them"
        sequence.token_ids.append(sampled.token)
        if task.constraint:
            task.constraint.accept(sampled.token)
        if finished := _stop_reason(sequence, task):
            self._remove(sequence)
        elif task.constraint:
            task.constraint.prepare()
        return StepOutput(sequence.id, sampled, finished, sequence.num_cached_tokens)

    def _reading(self, sequence: Sequence) -> Pooled | Scored:
        self._remove(sequence)
        if isinstance(sequence.task, Score):
            tokens = [token for part in sequence.partial if isinstance(part, Scores) for token in part.tokens]
            return Scored(sequence.id, tokens)
        sums = [part.values for part in sequence.partial if isinstance(part, StateSum)]
        return Pooled(sequence.id, reduce(np.add, sums) / len(sequence.token_ids))

    def _remove(self, sequence: Sequence) -> None:
        del self._sequences[sequence.id]
        self.scheduler.remove(sequence)


def _share_of_extras(batch: Batch) -> float | None:
    """Return the share of the time that the batch's extras may have; None if it has none."""
    if batch.num_surplus:
        return SURPLUS
    return PROMPTS if len(batch.items) > batch.num_plain else None


def _wants_mask(item: Scheduled) -> bool:
    """True if the item's next id depends on a mask, and is still wanted."""
    is_sampled = isinstance(item.purpose, Sample) and item.purpose.constraint is not None
    return is_sampled and item.sequence.status is not SequenceStatus.FINISHED


def _ready_masks(batch: Batch, step: Step, began: float) -> dict[int, Words]:
    """Return the masks of the batch's constrained sequences, except of those that are late or have ended.

    Waits for late ones until the step is computed, and then for a share of the time since the device began it.
    """
    masks = {
        item.sequence.id: item.sequence.constraint.words
        for item in batch.items
        if item.sequence.constraint and _wants_mask(item)
    }
    late = [mask for mask in masks.values() if not mask.done()]
    while late and not step.is_computed:
        late = [*wait(late, GLANCE).not_done]
    if late and len(late) == len(batch.items):
        wait(late, PATIENCE, FIRST_COMPLETED)
    if late:
        wait(late, (time.monotonic() - began) * GRACE)
    return {id: mask.result() for id, mask in masks.items() if _is_there(mask)}


def _is_there(mask: Future[Words]) -> bool:
    return mask.done() and mask.exception() is None


def _is_hopeless(sequence: Sequence) -> bool:
    """True if the sequence's mask was given up, or should be."""
    constraint = sequence.constraint
    return constraint is not None and (
        constraint.overdue or (constraint.words.done() and not _is_there(constraint.words))
    )


def _has_failed(sequence: Sequence) -> bool:
    """True if a fault of ours kept the sequence's mask from being made. It is logged then."""
    words = sequence.constraint.words if sequence.constraint else None
    error = words.exception() if words and words.done() else None
    if error:
        logger.error("a mask could not be computed", exc_info=error)
    return error is not None


def _may_go_on(sequence: Sequence) -> bool:
    """True if the sequence does not sit out, or need not any longer."""
    constraint = sequence.constraint
    return constraint is None or constraint.words.done() or constraint.overdue


def _is_broken(result: Result) -> bool:
    """True for logits, states or log probabilities that are not numbers."""
    match result:
        case NotNumbers():
            return True
        case StateSum(values):
            return not np.isfinite(values).all()
        case Scores(tokens):
            return any(sampled.logprob is not None and math.isnan(sampled.logprob) for sampled in tokens)
        case _:
            return False


def _stop_reason(sequence: Sequence, task: Sample) -> StopReason | None:
    if task.constraint and task.constraint.failed:
        return "length"  # what was written so far is delivered, and is incomplete
    if sequence.token_ids[-1] in task.stop_token_ids:
        return "stop"
    num_sampled = len(sequence.token_ids) - sequence.num_prompt_tokens
    return "length" if num_sampled == task.max_tokens else None
