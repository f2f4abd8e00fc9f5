"""Rules of sampling, as edits of rows of logits on the device: bias, penalties, and filters.

`engine/gpt_oss/sampler.py` is the oracle of each. Rows without a rule are not touched; nothing waits for the device.
"""

from collections.abc import Sequence as Items
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ossia.engine.edits import Places
from ossia.engine.gpt_oss.cuda.kernels.order import COUNT, MASS, NUMBERS
from ossia.engine.gpt_oss.cuda.kernels.select import SMALL, Rows, Selection
from ossia.engine.gpt_oss.cuda.transfer import upload
from ossia.engine.gpt_oss.sampler import GREEDY, LARGEST_SCORE
from ossia.engine.sequence import Sample, Sequence, Words
from ossia.types import SamplingParams

FILTERED_AT_ONCE: Final = 8
"""Rows that are sorted together: each takes about 60 bytes of work space for each id of the vocabulary."""
LEAST: Final = 1e-300
"""A mass that only the first reaches."""


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


def changes(draw: Draw, vocab_size: int) -> bool:
    """True if the rules may change the logits of the draw's row."""
    return not draw.sequence.edits.is_empty or _is_filtered(draw.sampling, vocab_size)


# ---- bias and penalties: few ids of a row, in float64


def edit(logits: Tensor, draws: Items[Draw]) -> None:
    """Apply logit_bias and then penalties, where there are any."""
    if all(draw.sequence.edits.is_empty for draw in draws):
        return
    vocab_size = logits.shape[1]
    biases = [draw.sequence.edits.bias(vocab_size) for draw in draws]
    if any(ids.size for ids, _ in biases):
        places = _places([ids for ids, _ in biases], logits.device)
        values = upload(np.concatenate([values for _, values in biases]), logits.device)
        logits[places] = _finite(logits[places].double() + values)
    repeated = [draw.sequence.edits.repeated(draw.sequence.token_ids, vocab_size) for draw in draws]
    if any(ids.size for ids, _ in repeated):
        places = _places([ids for ids, _ in repeated], logits.device)
        rules = [_penalties(draw.sampling, counts) for draw, (_, counts) in zip(draws, repeated, strict=True)]
        factor, off = upload(np.concatenate(rules, 1), logits.device).unbind(0)
        scores = logits[places].double()
        logits[places] = _finite(torch.where(scores > 0, scores / factor, scores * factor) - off)


def _penalties(sampling: SamplingParams, counts: Places) -> npt.NDArray[np.float64]:
    """Factors and offsets f64[2, n] for the scores of ids that occurred so many times."""
    off = sampling.presence_penalty + sampling.frequency_penalty * counts
    return np.stack([np.full(counts.size, sampling.repeat_penalty, np.float64), off.astype(np.float64)])


def _places(ids: Items[Places], device: torch.device) -> tuple[Tensor, Tensor]:
    """Rows and columns of the ids of each row."""
    numbers = np.repeat(np.arange(len(ids)), [each.size for each in ids])
    rows, columns = upload(np.stack([numbers, np.concatenate(ids)]), device).unbind(0)
    return rows, columns


def _finite(scores: Tensor) -> Tensor:
    """A bias of 1e300 or a repeat_penalty of 0 means always or never, and must not end as a NaN."""
    return scores.clamp(-LARGEST_SCORE, LARGEST_SCORE).nan_to_num().float()


# ---- filters: what is left out gets minus infinity


def restrict_rows(logits: Tensor, draws: Items[Draw], slots: Items[int], words: Tensor, *, pdl: bool = False) -> None:
    """Apply top_k, typical_p, top_p and min_p to the rows that have them, within what their grammars allow.

    `words` i32[slots, W] are the packed masks on the device, and `slots` each row's, negative where it has none.
    """
    filtered = [number for number, draw in enumerate(draws) if _is_filtered(draw.sampling, logits.shape[1])]
    slow = [number for number in filtered if logits.is_cpu or draws[number].sampling.typical_p < 1]
    for start in range(0, len(slow), FILTERED_AT_ONCE):
        numbers = slow[start : start + FILTERED_AT_ONCE]
        index = upload(np.array(numbers, np.int64), logits.device)
        scores = _masked(logits[index], [draws[number] for number in numbers])
        logits[index] = restrict(scores, [draws[number].sampling for number in numbers])
    if fast := [number for number in filtered if number not in slow]:
        select(logits, [(number, slots[number], draws[number].sampling) for number in fast], words, pdl=pdl)


def select(logits: Tensor, rows: Items[tuple[int, int, SamplingParams]], words: Tensor, *, pdl: bool = False) -> None:
    """Apply top_k, top_p and min_p by kernels to rows of logits, each with its slot."""
    lines = [(s.top_k, s.top_p, s.temperature, min(s.min_p, 1), row, slot) for row, slot, s in rows]
    numbers = np.array(lines, NUMBERS)
    on_device = upload(numbers.view(np.int32).reshape(len(rows), -1), logits.device)
    selection = Selection(Rows(logits, on_device, words, pdl))
    cut = [s for *_, s in rows if s.top_p < 1]
    both = bool(cut) and all(0 < s.top_k <= SMALL for s in cut)
    if any(s.top_k > 0 for *_, s in rows):
        selection.narrow(COUNT, both=both)
    if cut and not both:
        selection.narrow(MASS)
    selection.apply()


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
    """Scores f32[R, V], minus infinity where a rule leaves the id out; what is not a number stays.

    By sorting: the reference of the kernels in `select.py`, which do not know typical_p.
    """
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
    """bool[R, V] of keys f32[R, V], weights f32[R, V] and targets f64[R].

    Kept are the fewest largest keys with weights of `target` in all, at least one; of equal keys those with lower ids.
    A target that all together do not reach keeps all.
    """
    order = keys.sort(dim=1, descending=True, stable=True).indices
    before = weights.gather(1, order).double().cumsum(1).roll(1, dims=1)
    before[:, 0] = 0
    kept = before < targets.clamp(min=LEAST)[:, None]
    return torch.zeros_like(kept).scatter_(1, order, kept)
