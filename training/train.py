"""Training of the update on shards of conversations: AdamW, one stream of steps, resumable.

A checkpoint is written every minute. Who starts the same training again goes on from there, with the same losses as if
nothing had happened, unless the time was limited.
"""

import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from training.attention import packed
from training.conversation import PARTS
from training.net import Net, Weights
from training.shards import Step, Steps
from training.teacher import Teacher

CHECKPOINT_SECONDS: Final = 60.0
WARM_UP: Final = 40  # steps
LOWEST: Final = 0.03  # of the learning rate, at the end
EXPERT_RATE: Final = 0.5  # of the learning rate: a matrix itself moves more by a step than the product of factors


@dataclass(frozen=True)
class Plan:
    """Settings of a training."""

    rate: float = 2e-3
    seconds: float = math.inf
    """Limit of the time that all runs together may take; the learning rate falls in time with it."""
    weights: Sequence[float] = (1.0, 2.0, 1.0, 4.0)
    """Of a token of thoughts, calls and answers, and of one that the teacher teaches: most of the loss are thoughts,
    whose words are chance; a call must be right to the letter, and 0.05 nats is all that chat may be off."""
    report_every: int = 50
    """Steps"""


class Trainer:
    """A net, its optimizer, and how far they are. `steps` were made with the rows of the teacher, if there is one."""

    def __init__(self, net: Net, steps: Steps, plan: Plan, checkpoint: Path, teacher: Teacher | None = None) -> None:
        self.net, self._steps, self._plan, self._checkpoint, self._teacher = net, steps, plan, checkpoint, teacher
        fused = net.device.type == "cuda"
        expert = list(net.expert.parameters())
        others = [parameter for parameter in net.parameters() if all(parameter is not one for one in expert)]
        groups = [{"params": others, "share": 1.0}, {"params": expert, "share": EXPERT_RATE}]
        self._optimizer = torch.optim.AdamW(groups, plan.rate, (0.9, 0.98), weight_decay=0, fused=fused)
        self._step, self._seconds = 0, 0.0
        if checkpoint.exists():
            self._resume()

    def run(self, stop_after: int | None = None) -> list[list[float]]:
        """Train to the end, or for some steps; return the losses of each of `PARTS`, and the teacher's."""
        losses: list[Tensor] = []
        before, started, saved, first = self._seconds, time.monotonic(), time.monotonic(), self._step
        while self._part < 1 and (stop_after is None or len(losses) < stop_after):
            losses.append(self._train(self._steps[self._step].to(self.net.device)))
            self._step += 1
            self._seconds = before + time.monotonic() - started
            if self._step % self._plan.report_every == 0 or len(losses) in (1, 5, 20):
                self._report(losses, self._step - first, time.monotonic() - started)
            if time.monotonic() - saved > CHECKPOINT_SECONDS:
                self.save()
                saved = time.monotonic()
        self.save()
        return [loss.tolist() for loss in losses]

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        part = self._checkpoint.with_suffix(".part")
        state = dict(self.net.named_parameters())
        torch.save([state, self._optimizer.state_dict(), self._step, self._seconds], part)
        os.replace(part, self._checkpoint)

    def _resume(self) -> None:
        state, optimizer, self._step, self._seconds = torch.load(self._checkpoint, map_location=self.net.device)
        self.net.load_state_dict(state, strict=False)
        self._optimizer.load_state_dict(optimizer)
        print(f"going on from step {self._step}", flush=True)

    @property
    def _part(self) -> float:
        """Part of the training that is done, from 0 to 1."""
        return max(self._step / len(self._steps), self._seconds / self._plan.seconds)

    def _train(self, step: Step) -> Tensor:
        """Make a step along the weighed mean of all losses; return the means of each kind."""
        for group in self._optimizer.param_groups:
            group["lr"] = self._plan.rate * group["share"] * learning_rate(self._step, self._part)
        losses = losses_of(self.net, step, self._teacher)
        weighed = sum(weight * loss for weight, loss in zip(self._plan.weights, losses, strict=True))
        self._optimizer.zero_grad(set_to_none=True)
        (weighed / max(1, sum(step.counts))).backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self._optimizer.step()
        return torch.stack([sums / max(1, count) for sums, count in zip(losses.detach(), step.counts, strict=True)])

    def _report(self, losses: list[Tensor], steps: int, seconds: float) -> None:
        means = torch.stack(losses[-self._plan.report_every :]).mean(0).tolist()
        shown = ", ".join(f"{name} {mean:.4f}" for name, mean in zip((*PARTS, "from the base"), means, strict=True))
        left = seconds / steps * (len(self._steps) - self._step)
        speed = steps * self._steps.tokens / seconds
        print(
            f"step {self._step} of {len(self._steps)} ({self._part:.0%}): {shown}, "
            f"{speed / 1000:.1f}k tokens/s, {seconds:.0f} s, {left:.0f} s left",
            flush=True,
        )


def learning_rate(step: int, part: float) -> float:
    """Return the share of the full rate: rising from 0, then falling as a cosine."""
    return min(1.0, (step + 1) / WARM_UP) * (LOWEST + (1 - LOWEST) * (1 + math.cos(math.pi * min(part, 1))) / 2)


def losses_of(net: Net, step: Step, teacher: Teacher | None = None) -> Tensor:
    """Return sums: cross-entropies of tokens for each of `PARTS`, and divergences from the teacher's probabilities."""
    weights = net.weights()
    states = net.states(weights, step.ids, step.positions, packed(step.starts, step.longest))
    chunks = zip(states.index_select(0, step.places).split(step.chunk), step.targets.split(step.chunk), strict=True)
    nothing = states.new_zeros(0, dtype=torch.float32)
    losses = torch.cat([nothing, *(net.loss(weights, *chunk) for chunk in chunks)])
    sums = [(losses * (step.parts == part)).sum() for part in range(1, len(PARTS) + 1)]
    divergence = nothing.sum()
    if teacher:
        chunks = zip(step.taught_places.split(step.chunk), step.taught.split(step.chunk), strict=True)
        divergence = sum((_divergence(net, weights, states, teacher, *chunk) for chunk in chunks), divergence)
    return torch.stack([*sums, divergence])


def _divergence(net: Net, weights: Weights, states: Tensor, teacher: Teacher, places: Tensor, rows: Tensor) -> Tensor:
    ours, taught = states.index_select(0, places), teacher.states.index_select(0, rows.clamp(min=0))
    return net.divergence(weights, ours, taught, (teacher.rows, teacher.bias), rows >= 0)
