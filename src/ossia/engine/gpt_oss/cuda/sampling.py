"""Logits to ids on the device, for all rows of a batch, as `engine/gpt_oss/sampler.py` does it for one on the host.

Rules edit rows of logits where they stand, each what the ones before left; then a kernel draws from what remains.
Nothing here waits for the device, and logits never cross to the host.

A grammar and the penalties depend on the latest id, so whoever calls knows it; the draw itself needs only the number of
ids sampled before.
"""

from collections.abc import Sequence as Items
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.draw import BROKEN, DrawKernels, draw_slowly
from ossia.engine.gpt_oss.cuda.kernels.order import COUNT, MASS, NUMBERS
from ossia.engine.gpt_oss.cuda.kernels.select import Rows, Selection, likeliest, unpacked
from ossia.engine.gpt_oss.cuda.rules import FILTERED_AT_ONCE, Draw, changes, edit, restrict_rows
from ossia.engine.gpt_oss.cuda.transfer import pinned, staging, to_host, upload
from ossia.engine.sequence import Sampled

CONTROL: Final = np.dtype([("u", "<f8"), ("temperature", "<f4"), ("slot", "<i4"), ("row", "<i4"), ("unused", "<i4")])
"""Numbers that the draw reads for each row of logits: see kernels/draw.py."""
UNIFORMS: Final = 64  # random numbers that are made together


@dataclass(frozen=True, slots=True)
class LogProbs:
    """Log probabilities of r ids, and of as many of the likeliest as wanted, on their way to the host."""

    packed: Tensor
    wanted: list[int]

    def sampled(self, tokens: Items[int]) -> list[Sampled]:
        """The ids with their log probabilities; only when the device has come that far."""
        found: list[Sampled] = []
        for token, wanted, total, chosen, ids, logits in zip(tokens, self.wanted, *unpacked(self.packed), strict=True):
            order = np.lexsort((ids, -logits))[:wanted]  # of equally likely ids the lower comes first
            best = tuple((int(ids[i]), float(logits[i] - total)) for i in order)
            found.append(Sampled(token, float(chosen - total), best))
        return found


@dataclass(frozen=True, slots=True)
class Drawn:
    """Ids i32[R] on their way to the host, with the log probabilities of those rows that ask for them."""

    tokens: Tensor
    scored: list[int]
    logprobs: LogProbs | None

    def sampled(self) -> list[Sampled]:
        """The ids, BROKEN for a row that is not numbers; only when the device has come that far."""
        tokens: list[int] = self.tokens.tolist()
        sampled = [Sampled(token) for token in tokens]
        if self.logprobs:
            for number, score in zip(
                self.scored, self.logprobs.sampled([tokens[row] for row in self.scored]), strict=True
            ):
                if score.token != BROKEN:
                    sampled[number] = score
        return sampled


class Sampler:
    """Draws for at most `max_rows` rows at once, and leaves each id in `latest` i32, where the next step finds it. With
    `pdl`, the kernels of rules are launched dependently."""

    def __init__(self, vocab_size: int, max_rows: int, latest: Tensor, *, pdl: bool = False) -> None:
        device = latest.device
        self._latest = latest
        self._pdl = pdl
        self._words = torch.zeros(max_rows, -(-vocab_size // 32), dtype=torch.int32, device=device)
        self._controls = torch.zeros(max_rows, CONTROL.itemsize // 4, dtype=torch.int32, device=device)
        self._tokens = torch.zeros(max_rows, dtype=torch.int32, device=device)
        self._kernels = DrawKernels(max_rows, vocab_size, device) if device.type != "cpu" else None

    @staticmethod
    def workspace_bytes(vocab_size: int, max_rows: int) -> int:
        """Memory beyond the logits, in bytes: masks, and the work space of filtered rows."""
        return max_rows * vocab_size // 8 + FILTERED_AT_ONCE * vocab_size * 60

    def warm_up(self, logits: Tensor) -> None:
        """Launch the kernels once, before there are sequences."""
        if not logits.is_cpu:
            likeliest(logits, list(range(len(logits))), self._tokens, 1, pdl=self._pdl)
            numbers = np.zeros((len(logits), NUMBERS.itemsize // 4), np.int32)
            selection = Selection(Rows(logits, upload(numbers, logits.device), self._words, self._pdl))
            selection.narrow(COUNT, both=True)
            selection.narrow(COUNT)
            selection.narrow(MASS)
            selection.apply()
        self._launch(logits)

    def draw(self, logits: Tensor, draws: Items[Draw]) -> Drawn:
        """Draw an id from each row of logits f32[R, V], which the rules change. Does not wait."""
        scored = [number for number, draw in enumerate(draws) if draw.sampling.logprobs is not None]
        raw = logits.clone() if any(changes(draws[number], logits.shape[1]) for number in scored) else logits
        edit(logits, draws)
        slots = self._upload_masks(draws)
        restrict_rows(logits, draws, slots, self._words, pdl=self._pdl)
        tokens = self._draw(logits, draws, slots)
        logprobs = None
        if scored:
            wanted = [draws[number].sampling.logprobs or 0 for number in scored]
            logprobs = self.log_probs(raw, scored, tokens, wanted)
        return Drawn(to_host(tokens), scored, logprobs)

    def log_probs(self, logits: Tensor, rows: list[int], tokens: Tensor, wanted: list[int]) -> LogProbs:
        """Log probabilities of the ids that tokens i32[R] has for some rows of logits f32[R, V], with the likeliest."""
        most = min(max(wanted), logits.shape[1])
        return LogProbs(to_host(likeliest(logits, rows, tokens, most, pdl=self._pdl)), wanted)

    def _draw(self, logits: Tensor, draws: Items[Draw], slots: list[int]) -> Tensor:
        count = len(draws)
        controls = np.zeros(count, CONTROL)
        controls["temperature"] = [draw.sampling.temperature for draw in draws]
        controls["u"] = [uniform(draw.task.seed, draw.position) for draw in draws]
        controls["slot"] = slots
        controls["row"] = [draw.row for draw in draws]
        packed = pinned(controls.view(np.int32).reshape(count, -1), logits.device)
        self._controls[:count].copy_(packed, non_blocking=True)
        return self._launch(logits)

    def _launch(self, logits: Tensor) -> Tensor:
        """Ids i32[R], by the controls that are there."""
        numbers, tokens = self._controls[: len(logits)], self._tokens[: len(logits)]
        u, temperature = numbers.view(torch.float64)[:, 0], numbers.view(torch.float32)[:, 2]
        slots, rows = numbers[:, 3], numbers[:, 4]
        if self._kernels:
            self._kernels(logits, temperature, u, slots, self._words, tokens, rows, self._latest)
        else:
            tokens.copy_(draw_slowly(logits, temperature, u, slots, self._words))
            self._latest[rows.long()] = tokens.clamp(min=0)
        return tokens

    def _upload_masks(self, draws: Items[Draw]) -> list[int]:
        """Bring the masks to the device; the slot of each row, -1 where it has none."""
        masked = [draw.words for draw in draws if draw.words is not None]
        if masked:
            packed = staging((len(masked), self._words.shape[1]), self._words.device)
            for line, words in zip(packed.numpy(), masked, strict=True):
                size = min(len(line), len(words))
                line[:size] = words[:size].view(np.int32)
                line[size:] = 0
            self._words[: len(masked)].copy_(packed, non_blocking=True)
        numbers = iter(range(len(masked)))
        return [-1 if draw.words is None else next(numbers) for draw in draws]


# ---- random numbers


def uniform(seed: int, position: int) -> float:
    """`sampler.uniform`, of which one cipher makes many: a sequence wants those of consecutive positions."""
    return _uniforms(seed % 2**64, position // UNIFORMS)[position % UNIFORMS]


@lru_cache(maxsize=1024)
def _uniforms(key: int, chunk: int) -> list[float]:
    """Philox gives four numbers for each value of its counter, and the first of them is used."""
    bits = np.random.Philox(key=key, counter=chunk * UNIFORMS).random_raw(4 * UNIFORMS)[::4]
    return ((bits >> np.uint64(11)).astype(np.float64) * 2.0**-53).tolist()
