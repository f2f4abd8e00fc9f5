"""CudaRunner: batches on an NVIDIA GPU, with two steps in flight.

It decides the order of work on the device's stream; the forward pass, the draws and the books of rows are elsewhere.
Launching, sampling and copying back are queued and never wait, so the host prepares a step while the device computes
the one before: the ids that a step samples stay on the device, where the next step finds them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda import graphs, padded
from ossia.engine.gpt_oss.cuda.kernels.draw import BROKEN
from ossia.engine.gpt_oss.cuda.rows import Rows, is_decode
from ossia.engine.gpt_oss.cuda.rules import Draw
from ossia.engine.gpt_oss.cuda.sampling import Drawn, LogProbs, Sampler
from ossia.engine.gpt_oss.cuda.transfer import to_host, upload
from ossia.engine.gpt_oss.cuda.work import Computer, Decode, Work
from ossia.engine.runner import Batch, Capacity, NotNumbers, Result, Scheduled
from ossia.engine.sequence import Pool, Sample, Score, Scores, StateSum, Words

AT_ONCE: Final = 64
"""States whose logits are computed together."""
MOST_DECODED: Final = 128
"""Sequences of a step of new tokens alone; more run as prompts do."""


class CudaRunner:
    """Runs batches on the device of the computer. `sampler` leaves ids in its inputs' `last_tokens`."""

    def __init__(
        self, computer: Computer, sampler: Sampler, capacity: Capacity, tell: Callable[[Work], None] = lambda work: None
    ) -> None:
        """All work is told to `tell` before it is run here."""
        self._computer = computer
        self._sampler = sampler
        self._capacity = capacity
        self._tell = tell
        self._rows = Rows(len(computer.inputs.last_tokens) - 1)
        self._places = computer.inputs.staging.shape[1]
        self._device = computer.device
        self._first_steps = self._padding()

    @property
    def capacity(self) -> Capacity:
        return self._capacity

    def prepare(self) -> bool:
        """Run a step of padding alone, so that its graph is captured before somebody waits for it."""
        work = next(self._first_steps, None)
        if work:
            self._run(work)
        return work is not None

    def launch(self, batch: Batch) -> "Step":
        items = batch.items
        self._rows.release(batch.released)
        blocks = self._rows.new_blocks(items)
        if is_decode(items) and len(items) <= min(self._places, MOST_DECODED):
            tokens = Decode(self._rows.decodes(items, self._places), len(items))
            return Step(self, items, logits=self._run(Work(blocks, tokens)))
        flat = self._rows.flatten(items)
        return Step(self, items, states=list(self._run(Work(blocks, flat)).split(flat.num_final)))

    def logits(self, states: list[Tensor]) -> Tensor:
        """Logits [n, V] of n states [1, D]."""
        return self._computer.model.logits(torch.cat(states))

    def draw(self, items: list[Scheduled], logits: Tensor, masks: Mapping[int, Words]) -> Drawn:
        """Draw an id for each of these items, which sample, from its row of logits."""
        return self._sampler.draw(logits, [self._draw(item, masks) for item in items])

    def score(self, item: Scheduled, states: Tensor, top: int) -> list[tuple[list[int], LogProbs]]:
        """Log probabilities of the ids that follow the item's, by its states [n, D]."""
        following = item.sequence.token_ids[item.start + 1 : item.stop + 1]
        found: list[tuple[list[int], LogProbs]] = []
        for start in range(0, len(following), AT_ONCE):
            ids = following[start : start + AT_ONCE]
            logits = self._computer.model.logits(states[start : start + len(ids)])
            tokens = upload(np.array(ids, np.int32), self._device)
            found.append((ids, self._sampler.log_probs(logits, list(range(len(ids))), tokens, [top] * len(ids))))
        return found

    def record(self) -> "torch.cuda.Event | None":
        """The end of what is queued; None on a processor, where nothing waits."""
        if self._device.type != "cuda":
            return None
        event = torch.cuda.Event()
        event.record()
        return event

    def _padding(self) -> Iterator[Work]:
        """A step without a sequence of each size that may have a graph, those of short prompts first."""
        nothing = self._rows.new_blocks(())
        for size in padded.SIZES:
            yield Work(nothing, self._rows.padding(size))
        for size in graphs.SIZES:
            if size <= self._places:
                yield Work(nothing, Decode(self._rows.decodes((), self._places), size))

    def _draw(self, item: Scheduled, masks: Mapping[int, Words]) -> Draw:
        sequence, task = item.sequence, item.purpose
        assert isinstance(task, Sample), "ids are drawn for items that sample"
        row = self._rows[sequence.id].number
        return Draw(sequence, task, row, item.stop - sequence.num_prompt_tokens, masks.get(sequence.id))

    def _run(self, work: Work) -> Tensor:
        self._tell(work)
        return self._computer.run(work)


class Step:
    """A launched batch: `logits` [B, V] of a decode, or the `states` [n, D] that are wanted of each item.

    Both lie in buffers that the next launch overwrites, so they are used up by `sample`.
    """

    def __init__(
        self,
        runner: CudaRunner,
        items: tuple[Scheduled, ...],
        *,
        logits: Tensor | None = None,
        states: list[Tensor] | None = None,
    ) -> None:
        self._runner = runner
        self._items = items
        self._logits = logits
        self._states = states
        self._drawn: list[tuple[list[int], Drawn]] = []  # with the places of their items
        self._sums: dict[int, Tensor] = {}
        self._scores: dict[int, list[tuple[list[int], LogProbs]]] = {}
        self._computed = runner.record()
        self._done: torch.cuda.Event | None = None

    @property
    def is_computed(self) -> bool:
        return self._computed is None or self._computed.query()

    def sample(self, masks: Mapping[int, Words]) -> None:
        places = [place for place, item in enumerate(self._items) if isinstance(item.purpose, Sample)]
        at_once = AT_ONCE if self._logits is None else len(places)
        for start in range(0, len(places), at_once or 1):
            part = places[start : start + at_once]
            items = [self._items[place] for place in part]
            self._drawn.append((part, self._runner.draw(items, self._logits_of(part), masks)))
        for place, states in enumerate(self._states or ()):
            self._read(place, states)
        self._logits = self._states = None
        self._done = self._runner.record()

    def collect(self) -> list[Result]:
        if self._done:
            self._done.synchronize()
        results: list[Result] = [None] * len(self._items)
        for places, drawn in self._drawn:
            for place, sampled in zip(places, drawn.sampled(), strict=True):
                results[place] = NotNumbers() if sampled.token == BROKEN else sampled
        for place, values in self._sums.items():
            results[place] = StateSum(values.numpy())
        for place, parts in self._scores.items():
            results[place] = Scores([sampled for ids, found in parts for sampled in found.sampled(ids)])
        return results

    def _logits_of(self, places: list[int]) -> Tensor:
        if self._states is None:
            assert self._logits is not None, "a step is sampled once"
            return self._logits[: len(places)]
        return self._runner.logits([self._states[place] for place in places])

    def _read(self, place: int, states: Tensor) -> None:
        """Queue what is wanted of every state of an item, if it is."""
        item = self._items[place]
        match item.purpose:
            case Pool():
                self._sums[place] = to_host(states.double().sum(0))
            case Score(top=top):
                self._scores[place] = self._runner.score(item, states, top)
            case _:
                pass
