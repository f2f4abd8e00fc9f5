"""Training of the update on shards of conversations: AdamW, one stream of steps, resumable.

A checkpoint is written every minute. Who starts the same training again goes on from there, with the same losses as if
nothing had happened, unless the time was limited.
"""

import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from training.attention import packed
from training.net import Net
from training.shards import Step, Steps

CHECKPOINT_SECONDS: Final = 60.0
WARM_UP: Final = 40  # steps
LOWEST: Final = 0.03  # of the learning rate, at the end


@dataclass(frozen=True)
class Plan:
    """Settings of a training."""

    rate: float = 2e-3
    seconds: float = math.inf
    """Limit of the time that all runs together may take; the learning rate falls in time with it."""
    report_every: int = 50
    """Steps"""


class Trainer:
    """A net, its optimizer, and how far they are."""

    def __init__(self, net: Net, steps: Steps, plan: Plan, checkpoint: Path) -> None:
        self.net, self._steps, self._plan, self._checkpoint = net, steps, plan, checkpoint
        fused = net.device.type == "cuda"
        self._optimizer = torch.optim.AdamW(net.parameters(), plan.rate, (0.9, 0.98), weight_decay=0, fused=fused)
        self._step, self._seconds = 0, 0.0
        if checkpoint.exists():
            self._resume()

    def run(self, stop_after: int | None = None) -> list[float]:
        """Train to the end, or for some steps; return the losses."""
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
        return [float(loss) for loss in losses]

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
        """Make a step; return its loss, a mean over the tokens that are learned."""
        for group in self._optimizer.param_groups:
            group["lr"] = self._plan.rate * learning_rate(self._step, self._part)
        loss = mean_loss(self.net, step)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self._optimizer.step()
        return loss.detach()

    def _report(self, losses: list[Tensor], steps: int, seconds: float) -> None:
        recent = torch.stack(losses[-self._plan.report_every :])
        left = seconds / steps * (len(self._steps) - self._step)
        speed = steps * self._steps.tokens / seconds
        print(
            f"step {self._step} of {len(self._steps)} ({self._part:.0%}): loss {recent.mean():.4f}, "
            f"{speed / 1000:.1f}k tokens/s, {seconds:.0f} s, {left:.0f} s left",
            flush=True,
        )


def learning_rate(step: int, part: float) -> float:
    """Return the share of the full rate: rising from 0, then falling as a cosine."""
    return min(1.0, (step + 1) / WARM_UP) * (LOWEST + (1 - LOWEST) * (1 + math.cos(math.pi * min(part, 1))) / 2)


def mean_loss(net: Net, step: Step) -> Tensor:
    weights = net.weights()
    states = net.states(weights, step.ids, step.positions, packed(step.starts, step.longest))
    parts = zip(states.index_select(0, step.places).split(step.chunk), step.targets.split(step.chunk), strict=True)
    return torch.stack([net.loss(weights, *part) for part in parts]).sum() / max(1, step.count)
