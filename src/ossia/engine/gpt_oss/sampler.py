"""Sampler: draws the next id of each sequence from its row of logits, in numpy.

It knows ids and numbers, not what an id means or whether it ends a sequence. Rules apply in this order, each to what
the rules before it left:

    grammar, logit_bias, penalties | temperature | top_k, typical_p, top_p, min_p | draw

Temperature comes before the filters, as in OpenAI's API, vLLM, Hugging Face and Ollama's own runner, so that "the most
likely 90 %" refers to the distribution that is drawn from; in llama.cpp it comes last. At temperature 1, gpt-oss's own,
the order makes no difference. All three penalties look at the last `repeat_last_n` ids of prompt and output, as in
llama.cpp.

A draw depends only on the row, the sequence's seed and the number of ids sampled so far, not on the batch or on a
preemption. The remaining ids are walked in ascending order, not by probability, so that rounding noise in two nearly
equal logits cannot exchange them.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ossia.engine.runner import NotNumbers
from ossia.engine.sequence import Sample, Sampled, Sequence, Words
from ossia.types import SamplingParams

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Filter = Callable[[Floats, float], Ints]  # (probabilities [n], parameter) -> indices to keep, ascending

GREEDY = 1e-5  # lower temperatures count as 0: float32 logits can only tell ties apart there
LARGEST_SCORE = 1e30  # still finite when divided by GREEDY
CHUNK = 128  # values that are summed or compared as one when a row is searched
_NO_MASKS: Mapping[int, Words] = {}


def sample(
    logits: Floats, sequences: list[Sequence], masks: Mapping[int, Words] = _NO_MASKS
) -> list[Sampled | NotNumbers]:
    """Draw the next id of each sequence from its row of logits [sequences, vocabulary], which are not changed.

    `masks` holds the allowed ids of constrained sequences, by the sequence's id. Log probabilities, if asked for, are
    those of the model's own distribution, before any rule. From a row with NaN or infinity nothing is drawn.
    """
    return [_sample_row(row, sequence, masks.get(sequence.id)) for row, sequence in zip(logits, sequences, strict=True)]


def _sample_row(row: Floats, sequence: Sequence, mask: Words | None) -> Sampled | NotNumbers:
    task = sequence.task
    assert isinstance(task, Sample), "ids are sampled for sequences that ask for them"
    if not np.isfinite(row.max()):  # also the maximum of a row with a NaN in it
        return NotNumbers()
    token = _choose(row, sequence, task, mask)
    n = task.sampling.logprobs
    return Sampled(token) if n is None else score(row, token, n)


def score(row: Floats, token: int, n: int) -> Sampled:
    """Return the log probability of `token` in a row of logits, and the `n` likeliest ids."""
    logprobs = row - row.max()
    logprobs -= np.log(np.exp(logprobs).sum())
    top = tuple((int(i), float(logprobs[i])) for i in largest(logprobs, n))
    return Sampled(token, float(logprobs[token]), top)


def _choose(row: Floats, sequence: Sequence, task: Sample, mask: Words | None) -> int:
    params = task.sampling
    scores = _allowed(_adjust(row, sequence, task), mask)
    if not params.temperature >= GREEDY:
        return int(scores.argmax())
    ids = _every_id(row.size)
    if 0 < params.top_k < row.size:
        ids = top(scores, params.top_k)
        scores = scores[ids]
    weights = _exp_from_max(scores, params.temperature)
    for rule, p in _filters(params):
        kept = rule(weights / weights.sum(), p)
        ids, weights = ids[kept], weights[kept]
    return int(ids[draw(weights, uniform(task.seed, len(sequence.token_ids) - sequence.num_prompt_tokens))])


def _allowed(scores: Floats, mask: Words | None) -> Floats:
    """Return the scores with minus infinity for the ids that a grammar's mask forbids, whatever their bias."""
    if mask is None:
        return scores
    allowed = np.unpackbits(mask.view(np.uint8), bitorder="little")[: scores.size].view(np.bool_)
    result = np.full(scores.size, -np.inf, np.float32)
    np.copyto(result[: allowed.size], scores[: allowed.size], where=allowed)
    return result


def _exp_from_max(scores: Floats, temperature: float) -> Floats:
    """Return exp((scores - max) / temperature). One buffer: page faults of a second cost more than the arithmetic."""
    result = scores - scores.max()
    result /= np.float32(min(temperature, LARGEST_SCORE))
    return np.exp(result, out=result)


@lru_cache(maxsize=1)
def _every_id(vocabulary: int) -> Ints:
    return np.arange(vocabulary)


def _adjust(row: Floats, sequence: Sequence, task: Sample) -> Floats:
    """Return the row with biases and penalties applied, or itself without any. Biases of unknown ids are ignored."""
    if sequence.edits.is_empty:
        return row
    biased, bias = sequence.edits.bias(row.size)
    repeated, counts = sequence.edits.repeated(sequence.token_ids, row.size)
    scores = row.copy()
    scores[biased] = _finite(scores[biased].astype(np.float64) + bias)
    scores[repeated] = _finite(_penalise(scores[repeated].astype(np.float64), counts, task.sampling))
    return scores


def _penalise(scores: Doubles, counts: npt.NDArray[np.int64], params: SamplingParams) -> Doubles:
    """Penalise the scores of ids that occurred `counts` times: by a factor, once, and for each occurrence."""
    with np.errstate(all="ignore"):
        scores = np.where(scores > 0, scores / params.repeat_penalty, scores * params.repeat_penalty)
        return scores - params.presence_penalty - params.frequency_penalty * counts


def _finite(scores: Doubles) -> Doubles:
    """Clip the scores: a bias of 1e300 or a repeat_penalty of 0 means always or never, and must not become NaN."""
    return np.nan_to_num(np.clip(scores, -LARGEST_SCORE, LARGEST_SCORE))


def _filters(params: SamplingParams) -> list[tuple[Filter, float]]:
    """Return the enabled filters in order, each with its parameter."""
    filters: list[tuple[Filter, float]] = []
    if params.typical_p < 1:
        filters.append((typical, params.typical_p))
    if params.top_p < 1:
        filters.append((nucleus, params.top_p))
    if params.min_p > 0:
        filters.append((at_least, params.min_p))
    return filters


def largest(values: Floats, k: int) -> Ints:
    """Return the indices of the k largest values, best first; of equal values the lower index comes first."""
    if k <= 0:
        return np.empty(0, np.intp)
    k = min(k, values.size)
    found = _candidates(values, k)
    return found[np.argsort(-values[found], kind="stable")[:k]]


def top(values: Floats, k: int) -> Ints:
    """Return the indices of the k largest values, ascending; of equal values those with lower indices are kept.

    Values of minus infinity are left out, so there may be fewer.
    """
    found = _candidates(values, k)
    if found.size <= k:
        return found
    scores = values[found]
    least = np.partition(scores, -k)[-k]
    above, equal = found[scores > least], found[scores == least]
    return np.sort(np.concatenate([above, equal[: k - above.size]]))


def _candidates(values: Floats, k: int) -> Ints:
    """Return the indices, ascending, of a few times k values that include the k largest, but none of minus infinity.

    At least k values reach the k-th largest of the chunks' maxima.
    """
    chunk = CHUNK if k <= values.size // CHUNK else 1
    maxima = np.maximum.reduceat(values, np.arange(0, values.size, chunk))
    least = np.partition(maxima, -k)[-k]
    return np.flatnonzero(values >= least if least > -np.inf else values > least)


def typical(probs: Floats, p: float) -> Ints:
    """Return the indices of the fewest values of mass p with a surprise nearest to the entropy (arXiv:2202.00666).

    Indices are ascending.
    """
    possible = np.flatnonzero(probs)
    surprise = -np.log(probs[possible])
    entropy = (probs[possible] * surprise).sum()
    order = _ascending(np.abs(surprise - entropy))
    return np.sort(possible[order[: _count(probs[possible[order]], p)]])


def _ascending(values: Floats) -> Ints:
    """Return the stable order of values that are not negative: as integers with their indices, which is much faster."""
    keys = values.view(np.uint32).astype(np.uint64) << np.uint64(32) | np.arange(values.size, dtype=np.uint64)
    return (np.sort(keys) & np.uint64(0xFFFFFFFF)).astype(np.intp)


def nucleus(probs: Floats, p: float) -> Ints:
    """Return the indices of the fewest largest values of mass p (arXiv:1904.09751), ascending.

    Of equal values those with lower indices are kept. All values below (1 - p) / n together have less mass than 1 - p,
    so the nucleus is among the others, and only those are sorted; half of that bound leaves room for rounding.
    """
    found = np.flatnonzero(probs >= (1 - max(p, 0)) / (2 * probs.size))
    descending = np.sort(probs[found])[::-1]
    count = _count(descending, p)
    least = descending[count - 1]
    kept = found[probs[found] >= least]
    equal = np.flatnonzero(probs[kept] == least)
    return np.delete(kept, equal[equal.size - (kept.size - count) :])


def at_least(probs: Floats, p: float) -> Ints:
    """Return the indices of the values of at least p times the largest (min_p), ascending."""
    return np.flatnonzero(probs >= min(p, 1) * probs.max())


def _count(probs: Floats, p: float) -> int:
    """Return how many values from the front have a mass of p, at least one; all if rounding has left them less."""
    return min(int(np.searchsorted(np.cumsum(probs, dtype=np.float64), p)) + 1, probs.size)


def uniform(seed: int, position: int) -> float:
    """Return a number in [0, 1) that depends only on the arguments: Philox enciphers a counter."""
    bits = np.random.Philox(key=seed % 2**64, counter=position).random_raw()
    return float(bits >> 11) * 2.0**-53


def draw(weights: Floats, u: float) -> int:
    """Return the index at which the running sum of the weights exceeds u times their total; its weight is not zero.

    Searches the chunks and then one chunk: a running sum over a whole vocabulary costs ten times as much.
    """
    cumulative = np.cumsum(np.add.reduceat(weights, np.arange(0, weights.size, CHUNK), dtype=np.float64))
    target = u * cumulative[-1]
    chunk = _first_above(cumulative, target)
    target -= cumulative[chunk - 1] if chunk else 0
    inside = np.cumsum(weights[chunk * CHUNK : (chunk + 1) * CHUNK], dtype=np.float64)
    return chunk * CHUNK + _first_above(inside, target)


def _first_above(cumulative: Doubles, target: float) -> int:
    """Return the first index above the target, or the last step of the sum if rounding put the target at its end."""
    last = int(np.searchsorted(cumulative, float(cumulative[-1]), side="left"))
    return min(int(np.searchsorted(cumulative, target, side="right")), last)
