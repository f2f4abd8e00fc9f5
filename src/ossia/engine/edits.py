"""Edits: the bias and the penalties of one sequence, as arrays that are made once and kept up to date.

A step then costs numpy's time and not the interpreter's, however many ids a request names or has repeated. It knows ids
and how often each occurred; what is done to their logits is the samplers' knowledge.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ossia.types import SamplingParams

Places = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

_NO_IDS: Final = np.empty(0, np.int64)
_NO_BIASES: Final = np.empty(0)


class Edits:
    """The edits of one sequence that only grows. Ids in `unpenalised` are never counted."""

    def __init__(self, sampling: SamplingParams, unpenalised: frozenset[int]) -> None:
        self._bias_ids, self._biases = _summed(sampling.logit_bias)
        self._window = sampling.repeat_last_n if sampling.penalises else 0
        self._unpenalised = unpenalised
        self._counts = np.zeros(0, np.int32)  # of each id of the vocabulary, in token_ids[start:stop]
        self._start = self._stop = 0

    @property
    def is_empty(self) -> bool:
        return not (self._window or self._bias_ids.size)

    def bias(self, vocab_size: int) -> tuple[Places, Doubles]:
        """Return ids, ascending, and what is added to the logit of each. Unknown ids are left out."""
        known = int(np.searchsorted(self._bias_ids, vocab_size))
        return self._bias_ids[:known], self._biases[:known]

    def repeated(self, token_ids: list[int], vocab_size: int) -> tuple[Places, Places]:
        """Return the penalised ids, ascending, and how often each occurs among the latest; none without a penalty."""
        if not self._window:
            return _NO_IDS, _NO_IDS
        start = max(len(token_ids) - self._window, 0) if self._window > 0 else 0
        if not self._counts.size:
            self._counts = np.zeros(vocab_size, np.int32)
            self._start = self._stop = start
        self._count(token_ids[self._stop :], 1)
        self._count(token_ids[self._start : start], -1)
        self._start, self._stop = start, len(token_ids)
        ids = np.flatnonzero(self._counts != 0)  # of booleans: eight times as fast
        return ids, self._counts[ids].astype(np.int64)

    def _count(self, ids: list[int], times: int) -> None:
        np.add.at(self._counts, [id for id in ids if id not in self._unpenalised], times)


def _summed(logit_bias: Sequence[tuple[int, float]]) -> tuple[Places, Doubles]:
    """Return the ids, ascending, each with the sum of its biases."""
    if not logit_bias:
        return _NO_IDS, _NO_BIASES
    known = [(id, bias) for id, bias in logit_bias if 0 <= id < 2**31]
    ids, places = np.unique(np.array([id for id, _ in known], np.int64), return_inverse=True)
    biases = np.zeros(ids.size)
    with np.errstate(all="ignore"):  # of "always" and "never" at once, too
        np.add.at(biases, places, [bias for _, bias in known])
    return ids, biases


NO_EDITS: Final = Edits(SamplingParams(), frozenset())
