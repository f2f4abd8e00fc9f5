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

from ossia.engine.gpt_oss.cuda.kernels.draw import BROKEN, Draw, draw_slowly
from ossia.engine.gpt_oss.sampler import GREEDY, LARGEST_SCORE, penalised_ids
from ossia.engine.sequence import Sampled, Sequence
from ossia.types import SamplingParams

Words = npt.NDArray[np.uint32]

CONTROL: Final = np.dtype([("temperature", "<f4"), ("slot", "<i4"), ("u", "<f8")])
"""A row's part of what the draw reads: see kernels/draw.py."""
FILTERED_AT_ONCE: Final = 8
"""Rows that are sorted together: each takes about 60 bytes of work space for each id of the vocabulary."""
UNIFORMS: Final = 64  # random numbers that are made together


@dataclass(frozen=True, slots=True)
class Row:
    """A row of logits to draw from: the sequence, how many ids were sampled before, and the mask of its grammar.

    `words` u32[W] are packed as llguidance has them: bit i & 31 of word i >> 5 allows id i.
    """

    sequence: Sequence
    position: int
    words: Words | None = None

    @property
    def sampling(self) -> SamplingParams:
        return self.sequence.sampling


@dataclass(slots=True)
class Scores:
    """Log probabilities of r rows, on their way to the host: the chosen ids', and of the likeliest `wanted` of each."""

    rows: list[int]
    chosen: Tensor
    top_ids: Tensor
    top: Tensor
    wanted: list[int]


@dataclass(slots=True)
class Drawn:
    """Ids that were drawn, on their way to the host: `tokens` i32[R] is there when `done` has been reached."""

    tokens: Tensor
    scores: Scores | None
    done: "torch.cuda.Event | None"

    def collect(self) -> list[Sampled]:
        """Wait for the ids. A row that is not numbers has BROKEN for its id."""
        if self.done:
            self.done.synchronize()
        sampled = [Sampled(token) for token in self.tokens.tolist()]
        if scores := self.scores:
            for row, *score in zip(scores.rows, scores.chosen, scores.top_ids, scores.top, scores.wanted, strict=True):
                sampled[row] = _sampled(sampled[row].token, *score)
        return sampled


def _sampled(token: int, chosen: Tensor, top_ids: Tensor, top: Tensor, wanted: int) -> Sampled:
    if token == BROKEN:
        return Sampled(token)
    pairs = zip(top_ids[:wanted].tolist(), top[:wanted].tolist(), strict=True)
    return Sampled(token, float(chosen), tuple(pairs))


class Sampler:
    """Draws for at most `max_rows` rows at once. The drawn ids stay on the device, too: the first of `tokens`."""

    def __init__(self, vocab_size: int, max_rows: int, device: torch.device) -> None:
        self._device = device
        self._vocab_size = vocab_size
        self.tokens = torch.zeros(max_rows, dtype=torch.int32, device=device)
        self._words = torch.zeros(max_rows, -(-vocab_size // 32), dtype=torch.int32, device=device)
        self._controls = torch.zeros(max_rows, 4, dtype=torch.int32, device=device)
        self._draw = Draw(max_rows, vocab_size, device) if device.type == "cuda" else None

    @staticmethod
    def workspace_bytes(vocab_size: int, max_rows: int) -> int:
        """Memory beyond the logits, in bytes: masks, and the sorting of filtered rows."""
        return max_rows * vocab_size // 8 + FILTERED_AT_ONCE * vocab_size * 60

    def launch(self, logits: Tensor, rows: Items[Row]) -> Drawn:
        """Draw an id from each row of logits f32[R, V], which the rules change. Does not wait."""
        scored = [number for number, row in enumerate(rows) if row.sampling.logprobs is not None]
        raw = logits[self._upload(np.array(scored, np.int64))] if scored else None
        edit(logits, rows)
        restrict_rows(logits, rows)
        tokens = self._draw_rows(logits, rows)
        scores = self._score(raw, tokens, rows, scored) if raw is not None else None
        on_host = to_host(tokens)
        return Drawn(on_host, scores, record(self._device))

    def score(self, logits: Tensor, tokens: Items[int], n: int) -> Scores:
        """How likely each token is by its row of logits, and the n likeliest. Does not wait."""
        ids = self._upload(np.array(tokens, np.int64))
        return _scores(logits, ids, list(range(len(tokens))), [n] * len(tokens))

    def _draw_rows(self, logits: Tensor, rows: Items[Row]) -> Tensor:
        count = len(rows)
        slots = self._upload_masks(rows)
        controls = np.zeros(count, CONTROL)
        controls["temperature"] = [row.sampling.temperature for row in rows]
        controls["slot"] = slots
        controls["u"] = [uniform(row.sequence.seed, row.position) for row in rows]
        self._controls[:count].copy_(pinned(controls.view(np.int32).reshape(count, 4), self._device), non_blocking=True)
        numbers = self._controls[:count]
        temperature, u = numbers.view(torch.float32)[:, 0], numbers.view(torch.float64)[:, 1]
        tokens = self.tokens[:count]
        if self._draw:
            self._draw(logits, temperature, u, numbers[:, 1], self._words, tokens)
        else:
            tokens.copy_(draw_slowly(logits, temperature, u, numbers[:, 1], self._words))
        return tokens

    def _upload_masks(self, rows: Items[Row]) -> list[int]:
        """Bring the masks to the device; the slot of each row, -1 where it has none."""
        masked = [row.words for row in rows if row.words is not None]
        if masked:
            packed = np.zeros((len(masked), self._words.shape[1]), np.int32)
            for line, words in zip(packed, masked, strict=True):
                size = min(len(line), len(words))
                line[:size] = words[:size].view(np.int32)
            self._words[: len(masked)].copy_(pinned(packed, self._device), non_blocking=True)
        numbers = iter(range(len(masked)))
        return [-1 if row.words is None else next(numbers) for row in rows]

    def _score(self, raw: Tensor, tokens: Tensor, rows: Items[Row], scored: list[int]) -> Scores:
        wanted = [rows[number].sampling.logprobs or 0 for number in scored]
        chosen = tokens[self._upload(np.array(scored, np.int64))].long().clamp(min=0)
        return _scores(raw, chosen, scored, wanted)

    def _upload(self, array: npt.NDArray[np.int64]) -> Tensor:
        return upload(array, self._device)


def _scores(logits: Tensor, tokens: Tensor, rows: list[int], wanted: list[int]) -> Scores:
    """Of logits f32[r, V] and ids i64[r]. A stable sort: of equally likely ids the lower comes first."""
    logprobs = logits.log_softmax(1)
    chosen = logprobs.gather(1, tokens[:, None])[:, 0]
    most = max(wanted)
    top, top_ids = logprobs.sort(dim=1, descending=True, stable=True) if most else (logprobs, logprobs)
    return Scores(rows, to_host(chosen), to_host(top_ids[:, :most]), to_host(top[:, :most]), wanted)


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


def edit(logits: Tensor, rows: Items[Row]) -> None:
    """Apply logit_bias and then penalties, where there are any."""
    vocab_size = logits.shape[1]
    biases = [
        (number, id, bias)
        for number, row in enumerate(rows)
        for id, bias in _biases(row.sampling).items()
        if 0 <= id < vocab_size
    ]
    if biases:
        places, values = _places(biases, logits.device), upload(np.array([b for *_, b in biases]), logits.device)
        logits[places] = _finite(logits[places].double() + values)
    counts = [
        (number, id, count)
        for number, row in enumerate(rows)
        for id, count in Counter(penalised_ids(row.sequence)).items()
    ]
    if counts:
        places = _places(counts, logits.device)
        rules = np.array([_penalties(rows[number].sampling, count) for number, _, count in counts])
        factor, off = upload(rules, logits.device).unbind(1)
        scores = logits[places].double()
        logits[places] = _finite(torch.where(scores > 0, scores / factor, scores * factor) - off)


def _biases(sampling: SamplingParams) -> dict[int, float]:
    """Of an id that comes twice the biases add up."""
    biases: dict[int, float] = {}
    for id, bias in sampling.logit_bias:
        biases[id] = biases.get(id, 0.0) + bias
    return biases


def _penalties(sampling: SamplingParams, count: int) -> tuple[float, float]:
    """What the score of an id that occurred `count` times is divided by, or multiplied with, and what it loses."""
    return sampling.repeat_penalty, sampling.presence_penalty + sampling.frequency_penalty * count


def _places(edits: Items[tuple[int, int, float]], device: torch.device) -> tuple[Tensor, Tensor]:
    rows, ids = upload(np.array([(row, id) for row, id, _ in edits], np.int64).T.copy(), device).unbind(0)
    return rows, ids


def _finite(scores: Tensor) -> Tensor:
    """A bias of 1e300 or a repeat_penalty of 0 means always or never, and must not end as a NaN."""
    return scores.clamp(-LARGEST_SCORE, LARGEST_SCORE).nan_to_num().float()


# ---- filters: what is left out gets minus infinity


def restrict_rows(logits: Tensor, rows: Items[Row]) -> None:
    """Apply top_k, typical_p, top_p and min_p to the rows that have them, within what their grammars allow."""
    filtered = [number for number, row in enumerate(rows) if _is_filtered(row.sampling, logits.shape[1])]
    for start in range(0, len(filtered), FILTERED_AT_ONCE):
        numbers = filtered[start : start + FILTERED_AT_ONCE]
        index = upload(np.array(numbers, np.int64), logits.device)
        scores = _masked(logits[index], [rows[number] for number in numbers])
        logits[index] = restrict(scores, [rows[number].sampling for number in numbers])


def _is_filtered(sampling: SamplingParams, vocab_size: int) -> bool:
    if not sampling.temperature >= GREEDY:
        return False
    return 0 < sampling.top_k < vocab_size or sampling.typical_p < 1 or sampling.top_p < 1 or sampling.min_p > 0


def _masked(scores: Tensor, rows: Items[Row]) -> Tensor:
    vocab_size = scores.shape[1]
    for line, row in zip(scores, rows, strict=True):
        if row.words is not None:
            bits = np.unpackbits(row.words.view(np.uint8), bitorder="little")[:vocab_size]
            forbidden = np.ones(vocab_size, np.bool_)
            forbidden[: len(bits)] = bits == 0
            line.masked_fill_(upload(forbidden, scores.device), -torch.inf)
    return scores


def restrict(scores: Tensor, sampling: Items[SamplingParams]) -> Tensor:
    """Scores f32[R, V], minus infinity where a rule leaves the id out. Ties go to the lower id, as sorts are stable."""
    values, order = scores.sort(dim=1, descending=True, stable=True)
    size = scores.shape[1]
    limits = upload(
        np.array([(min(s.temperature, LARGEST_SCORE), s.typical_p, s.top_p, min(s.min_p, 1)) for s in sampling]),
        scores.device,
    )
    temperature, typical_p, top_p, min_p = limits.split(1, dim=1)
    top_k = upload(np.array([[s.top_k if 0 < s.top_k < size else size] for s in sampling]), scores.device)
    kept = torch.arange(size, device=scores.device) < top_k
    weights = ((values - values[:, :1]) / temperature.float()).exp()
    if any(s.typical_p < 1 for s in sampling):
        kept = torch.where(typical_p < 1, _typical(_probabilities(weights, kept), typical_p), kept)
    if any(s.top_p < 1 for s in sampling):
        probabilities = _probabilities(weights, kept)
        nucleus = _until_mass(probabilities, top_p) & (probabilities > 0)
        kept = torch.where(top_p < 1, nucleus, kept)
    if any(s.min_p > 0 for s in sampling):
        probabilities = _probabilities(weights, kept)
        kept = kept & ((min_p <= 0) | (probabilities >= min_p.float() * probabilities.amax(1, keepdim=True)))
    return torch.full_like(scores, -torch.inf).scatter_(1, order, values.masked_fill(~kept, -torch.inf))


def _probabilities(weights: Tensor, kept: Tensor) -> Tensor:
    weights = weights * kept
    return weights / weights.sum(1, keepdim=True)


def _typical(probabilities: Tensor, p: Tensor) -> Tensor:
    """Those of the fewest values of mass p whose surprise is nearest to the entropy."""
    possible = probabilities > 0
    surprise = -probabilities.log()
    entropy = (probabilities * surprise).nan_to_num(0.0).sum(1, keepdim=True)  # 0 * inf is no part of it
    distance = torch.where(possible, (surprise - entropy).abs(), torch.inf)
    order = distance.sort(dim=1, stable=True).indices
    return torch.zeros_like(possible).scatter_(1, order, _until_mass(probabilities.gather(1, order), p)) & possible


def _until_mass(probabilities: Tensor, p: Tensor) -> Tensor:
    """The values from the front that together have a mass of p; at least the first that is not zero."""
    before = probabilities.double().cumsum(1).roll(1, dims=1)
    before[:, 0] = 0
    return (before < p) | (before <= 0)


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


def record(device: torch.device) -> "torch.cuda.Event | None":
    """The point that the device's stream has been given work up to."""
    if device.type != "cuda":
        return None
    event = torch.cuda.Event()
    event.record()
    return event
