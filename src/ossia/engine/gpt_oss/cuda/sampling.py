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
from ossia.engine.gpt_oss.cuda.rules import FILTERED_AT_ONCE, Draw, choose, edit, restrict_rows
from ossia.engine.gpt_oss.cuda.transfer import pinned, to_host, upload
from ossia.engine.sequence import Sampled

CONTROL: Final = np.dtype([("u", "<f8"), ("temperature", "<f4"), ("slot", "<i4"), ("row", "<i4"), ("unused", "<i4")])
"""Numbers that the draw reads for each row of logits: see kernels/draw.py."""
UNIFORMS: Final = 64  # random numbers that are made together


@dataclass(frozen=True, slots=True)
class LogProbs:
    """Log probabilities of r ids on their way to the host, with those of the likeliest ids there."""

    chosen: Tensor  # f32[r]
    top_ids: Tensor  # i64[r, most]
    top: Tensor  # f32[r, most]
    wanted: list[int]

    def sampled(self, tokens: Items[int]) -> list[Sampled]:
        """The ids with their log probabilities; only when the device has come that far."""
        found: list[Sampled] = []
        for number, (token, wanted) in enumerate(zip(tokens, self.wanted, strict=True)):
            ids: list[int] = self.top_ids[number].tolist()
            values: list[float] = self.top[number].tolist()
            best = tuple(zip(ids[:wanted], values[:wanted], strict=True))
            found.append(Sampled(token, float(self.chosen[number]), best))
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
    """Draws for at most `max_rows` rows at once, and leaves each id in `latest` i32, where the next step finds it."""

    def __init__(self, vocab_size: int, max_rows: int, latest: Tensor) -> None:
        device = latest.device
        self._latest = latest
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
        choose(logits, logits, torch.ones(len(logits), dtype=torch.float64, device=logits.device))
        self._launch(logits)

    def draw(self, logits: Tensor, draws: Items[Draw]) -> Drawn:
        """Draw an id from each row of logits f32[R, V], which the rules change. Does not wait."""
        scored = [number for number, draw in enumerate(draws) if draw.sampling.logprobs is not None]
        index = upload(np.array(scored, np.int64), logits.device) if scored else None
        raw = None if index is None else logits[index]
        edit(logits, draws)
        restrict_rows(logits, draws)
        tokens = self._draw(logits, draws)
        logprobs = None
        if index is not None and raw is not None:
            wanted = [draws[number].sampling.logprobs or 0 for number in scored]
            logprobs = log_probs(raw, tokens[index].long().clamp(min=0), wanted)
        return Drawn(to_host(tokens), scored, logprobs)

    def _draw(self, logits: Tensor, draws: Items[Draw]) -> Tensor:
        count = len(draws)
        controls = np.zeros(count, CONTROL)
        controls["temperature"] = [draw.sampling.temperature for draw in draws]
        controls["u"] = [uniform(draw.task.seed, draw.position) for draw in draws]
        controls["slot"] = self._upload_masks(draws)
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
            packed = np.zeros((len(masked), self._words.shape[1]), np.int32)
            for line, words in zip(packed, masked, strict=True):
                size = min(len(line), len(words))
                line[:size] = words[:size].view(np.int32)
            self._words[: len(masked)].copy_(pinned(packed, self._words.device), non_blocking=True)
        numbers = iter(range(len(masked)))
        return [-1 if draw.words is None else next(numbers) for draw in draws]


def log_probs(logits: Tensor, tokens: Tensor, wanted: list[int]) -> LogProbs:
    """Log probabilities of ids i64[r], by logits f32[r, V], with as many of the likeliest as are wanted most."""
    logprobs = logits.log_softmax(1)
    chosen = logprobs.gather(1, tokens[:, None])[:, 0]
    most = min(max(wanted), logits.shape[1])
    if not most:
        none = chosen.new_empty(len(wanted), 0)
        return LogProbs(to_host(chosen), to_host(none), to_host(none), wanted)
    top, top_ids = logprobs.sort(dim=1, descending=True, stable=True)  # of equally likely ids the lower comes first
    return LogProbs(to_host(chosen), to_host(top_ids[:, :most]), to_host(top[:, :most]), wanted)


# ---- random numbers


def uniform(seed: int, position: int) -> float:
    """`sampler.uniform`, of which one cipher makes many: a sequence wants those of consecutive positions."""
    return _uniforms(seed % 2**64, position // UNIFORMS)[position % UNIFORMS]


@lru_cache(maxsize=1024)
def _uniforms(key: int, chunk: int) -> list[float]:
    """Philox gives four numbers for each value of its counter, and the first of them is used."""
    bits = np.random.Philox(key=key, counter=chunk * UNIFORMS).random_raw(4 * UNIFORMS)[::4]
    return ((bits >> np.uint64(11)).astype(np.float64) * 2.0**-53).tolist()
