"""Logits to ids on the GPU: the rules of `engine/gpt_oss/sampler.py`, which is the oracle, for all rows of a batch.

Rules edit rows of logits where they stand, each what the ones before left; then a kernel draws from what remains. Only
rows that ask for a rule pay for it. Nothing waits for the GPU but `collect`, and logits never cross to the host.

A grammar and the penalties depend on the latest id, so whoever calls knows it; the draw itself needs only the number of
ids sampled before.
"""

from collections import Counter
from collections.abc import Sequence as Items
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.draw import BROKEN, DrawKernels, draw_slowly
from ossia.engine.gpt_oss.cuda.kernels.select import select, select_slowly
from ossia.engine.gpt_oss.sampler import GREEDY, LARGEST_SCORE, penalised_ids
from ossia.engine.sequence import Sample, Sampled, Sequence, Words
from ossia.types import SamplingParams

CONTROL: Final = np.dtype([("u", "<f8"), ("temperature", "<f4"), ("slot", "<i4"), ("row", "<i4"), ("unused", "<i4")])
"""Numbers that the draw reads for each row of logits: see kernels/draw.py."""
FILTERED_AT_ONCE: Final = 8
"""Rows that are filtered together: each takes about 60 bytes of work space for each id of the vocabulary."""
UNIFORMS: Final = 64  # random numbers that are made together


@dataclass(frozen=True, slots=True)
class Draw:
    """A row of logits to draw from, of a sequence whose ids are all known, for the device's `row`.

    `position` counts the ids that were sampled before; `words` is the mask of a grammar.
    """

    sequence: Sequence
    task: Sample
    row: int
    position: int
    words: Words | None = None

    @property
    def sampling(self) -> SamplingParams:
        return self.task.sampling


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
            best = sorted(zip(ids, values, strict=True), key=lambda pair: (-pair[1], pair[0]))[:wanted]
            found.append(Sampled(token, float(self.chosen[number]), tuple(best)))
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
        self._kernels = DrawKernels(max_rows, vocab_size, device) if device.type == "cuda" else None

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
    best = choose(logprobs, torch.ones_like(logprobs), torch.full_like(chosen, most).double())
    top, top_ids = logprobs.masked_fill(~best, -torch.inf).topk(most)
    return LogProbs(to_host(chosen), to_host(top_ids), to_host(top), wanted)


# ---- random numbers


def uniform(seed: int, position: int) -> float:
    """`sampler.uniform`, of which one cipher makes many: a sequence wants those of consecutive positions."""
    return _uniforms(seed % 2**64, position // UNIFORMS)[position % UNIFORMS]


@lru_cache(maxsize=1024)
def _uniforms(key: int, chunk: int) -> list[float]:
    """Philox gives four numbers for each value of its counter, and the first of them is used."""
    bits = np.random.Philox(key=key, counter=chunk * UNIFORMS).random_raw(4 * UNIFORMS)[::4]
    return ((bits >> np.uint64(11)).astype(np.float64) * 2.0**-53).tolist()


# ---- bias and penalties: few ids of a row, in float64


def edit(logits: Tensor, draws: Items[Draw]) -> None:
    """Apply logit_bias and then penalties, where there are any."""
    vocab_size = logits.shape[1]
    biases = [
        (number, id, bias)
        for number, draw in enumerate(draws)
        for id, bias in _biases(draw.sampling).items()
        if 0 <= id < vocab_size
    ]
    if biases:
        places, values = _places(biases, logits.device), upload(np.array([b for *_, b in biases]), logits.device)
        logits[places] = _finite(logits[places].double() + values)
    counts = [
        (number, id, count)
        for number, draw in enumerate(draws)
        for id, count in Counter(penalised_ids(draw.sequence, draw.task)).items()
    ]
    if counts:
        places = _places(counts, logits.device)
        rules = np.array([_penalties(draws[number].sampling, count) for number, _, count in counts])
        factor, off = upload(rules, logits.device).unbind(1)
        scores = logits[places].double()
        logits[places] = _finite(torch.where(scores > 0, scores / factor, scores * factor) - off)


def _biases(sampling: SamplingParams) -> dict[int, float]:
    """Bias of each id; biases of an id that comes twice add up."""
    biases: dict[int, float] = {}
    for id, bias in sampling.logit_bias:
        biases[id] = biases.get(id, 0.0) + bias
    return biases


def _penalties(sampling: SamplingParams, count: int) -> tuple[float, float]:
    """Factor and offset for the score of an id that occurred `count` times."""
    return sampling.repeat_penalty, sampling.presence_penalty + sampling.frequency_penalty * count


def _places(edits: Items[tuple[int, int, float]], device: torch.device) -> tuple[Tensor, Tensor]:
    rows, ids = upload(np.array([(row, id) for row, id, _ in edits], np.int64).T.copy(), device).unbind(0)
    return rows, ids


def _finite(scores: Tensor) -> Tensor:
    """A bias of 1e300 or a repeat_penalty of 0 means always or never, and must not end as a NaN."""
    return scores.clamp(-LARGEST_SCORE, LARGEST_SCORE).nan_to_num().float()


# ---- filters: what is left out gets minus infinity


def restrict_rows(logits: Tensor, draws: Items[Draw]) -> None:
    """Apply top_k, typical_p, top_p and min_p to the rows that have them, within what their grammars allow."""
    filtered = [number for number, draw in enumerate(draws) if _is_filtered(draw.sampling, logits.shape[1])]
    for start in range(0, len(filtered), FILTERED_AT_ONCE):
        numbers = filtered[start : start + FILTERED_AT_ONCE]
        index = upload(np.array(numbers, np.int64), logits.device)
        scores = _masked(logits[index], [draws[number] for number in numbers])
        logits[index] = restrict(scores, [draws[number].sampling for number in numbers])


def _is_filtered(sampling: SamplingParams, vocab_size: int) -> bool:
    if not sampling.temperature >= GREEDY:
        return False
    return 0 < sampling.top_k < vocab_size or sampling.typical_p < 1 or sampling.top_p < 1 or sampling.min_p > 0


def _masked(scores: Tensor, draws: Items[Draw]) -> Tensor:
    vocab_size = scores.shape[1]
    for line, draw in zip(scores, draws, strict=True):
        if draw.words is not None:
            bits = np.unpackbits(draw.words.view(np.uint8), bitorder="little")[:vocab_size]
            forbidden = np.ones(vocab_size, np.bool_)
            forbidden[: len(bits)] = bits == 0
            line.masked_fill_(upload(forbidden, scores.device), -torch.inf)
    return scores


def restrict(scores: Tensor, sampling: Items[SamplingParams]) -> Tensor:
    """Scores f32[R, V], minus infinity where a rule leaves the id out; what is not a number stays."""
    rules = [
        (_limit(s.top_k), s.typical_p, s.top_p, min(s.min_p, 1), min(s.temperature, LARGEST_SCORE)) for s in sampling
    ]
    top_k, typical_p, top_p, min_p, temperature = upload(np.array(rules), scores.device).T.contiguous().unbind(0)
    weights = ((scores - scores.amax(1, keepdim=True)) / temperature[:, None].float()).exp()
    kept = torch.ones_like(scores, dtype=torch.bool)
    if any(s.top_k > 0 for s in sampling):
        kept = choose(scores, torch.ones_like(scores), top_k)
    if any(s.typical_p < 1 for s in sampling):
        kept &= _typical(_probabilities(weights, kept), _switched(typical_p))
    if any(s.top_p < 1 for s in sampling):
        kept &= choose(scores.masked_fill(~kept, -torch.inf), _probabilities(weights, kept), _switched(top_p))
    if any(s.min_p > 0 for s in sampling):
        weights = weights * kept
        kept &= weights >= min_p[:, None].float() * weights.amax(1, keepdim=True)
    return scores.masked_fill(~kept & (scores == scores), -torch.inf)


def _limit(top_k: int) -> float:
    return top_k if top_k > 0 else float("inf")


def _switched(p: Tensor) -> Tensor:
    """Masses f64[R] to be reached, infinite where the rule is switched off."""
    return torch.where(p < 1, p, torch.inf)


def _probabilities(weights: Tensor, kept: Tensor) -> Tensor:
    weights = weights * kept
    return weights / weights.sum(1, keepdim=True)


def _typical(probabilities: Tensor, p: Tensor) -> Tensor:
    """Those of the fewest values of mass p whose surprise is nearest to the entropy."""
    possible = probabilities > 0
    surprise = -probabilities.log()
    entropy = (probabilities * surprise).nan_to_num(0.0).sum(1, keepdim=True)  # 0 * inf is no part of it
    nearness = torch.where(possible, -(surprise - entropy).abs(), -torch.inf)
    return choose(nearness, probabilities, p) & possible


def choose(keys: Tensor, weights: Tensor, targets: Tensor) -> Tensor:
    """True for the fewest largest keys of each row whose weights reach its target: see kernels/select.py."""
    return select(keys, weights, targets) if keys.is_cuda else select_slowly(keys, weights, targets)


# ---- between host and device


def pinned(array: npt.NDArray[np.generic], device: torch.device) -> Tensor:
    """The array as a tensor from which a copy to the device need not wait; torch reuses the memory after the copy."""
    tensor = torch.from_numpy(array)
    return tensor.pin_memory() if device.type == "cuda" else tensor


def upload(array: npt.NDArray[np.generic], device: torch.device) -> Tensor:
    return pinned(array, device).to(device, non_blocking=True)


def to_host(tensor: Tensor) -> Tensor:
    """A copy on the host, complete when the stream has come that far."""
    if not tensor.is_cuda:
        return tensor.clone()
    return torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True).copy_(tensor, non_blocking=True)
