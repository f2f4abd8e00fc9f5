"""Conversations as token ids, of which some are to be learned, from files, and steps of training made of them.

A shard is an npz file: `ids` u16, all conversations one behind the other; `parts` u8, what each token is to be learned
as, or 0 (`training.conversation.PARTS`); `sizes` i32, tokens of each conversation; `lessons` i32, the number of the
teacher's lesson that it ends as, or -1 (`training.teacher`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.conversation import PARTS

Ints = npt.NDArray[np.int64]

_CHUNK: Final = 2048  # targets whose logits are computed at once
_IGNORED: Final = -100


class Corpus:
    """All conversations of some shards."""

    def __init__(self, paths: Sequence[Path]) -> None:
        shards = [np.load(path) for path in paths]
        self._ids = np.concatenate([shard["ids"] for shard in shards])
        self._parts = np.concatenate([shard["parts"] for shard in shards])
        self.sizes = np.concatenate([shard["sizes"] for shard in shards]).astype(np.int64)
        self.lessons = np.concatenate([shard["lessons"] for shard in shards])
        self._starts = np.cumsum(self.sizes) - self.sizes

    def text(self, number: int) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint8]]:
        """Return ids and parts of a conversation."""
        place = slice(self._starts[number], self._starts[number] + self.sizes[number])
        return self._ids[place], self._parts[place]


@dataclass(frozen=True)
class Step:
    """One row of T tokens, full of texts and then of token 0; on which places what follows is learned."""

    ids: Tensor
    positions: Tensor
    """Place of each token in its text."""
    starts: Tensor
    """i32[texts + 1], first token of each text, and T; what fills the row up is a text too."""
    longest: int
    places: Tensor
    """i64[n * chunk] places whose next token is learned; the last ones are filled up with any."""
    targets: Tensor
    """i64[n * chunk] the next tokens, -100 where filled up."""
    parts: Tensor
    """u8[n * chunk] what they are learned as."""
    counts: list[int]
    """Number of tokens of each of `PARTS`, and of those that the teacher teaches."""
    taught_places: Tensor
    """i64[m * chunk] places where the teacher's probabilities of the next token are learned, filled up alike."""
    taught: Tensor
    """i64[m * chunk] rows of the teacher's states for them, -1 where filled up."""
    chunk: int

    def to(self, device: torch.device) -> "Step":
        """Copy to a device, which need not be waited for."""

        def moved(part: Tensor) -> Tensor:
            return part.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else part

        tensors = {name: moved(part) for name, part in vars(self).items() if isinstance(part, Tensor)}
        return replace(self, **tensors)


class Steps:
    """Steps of `tokens` tokens each, for `epochs` times all conversations, in an order that `seed` decides.

    `rows` are the first rows of the teacher's lessons; without them all is learned token by token.
    """

    def __init__(self, corpus: Corpus, tokens: int, seed: int, epochs: float = 1, rows: Ints | None = None) -> None:
        self._corpus, self.tokens, self._rows = corpus, tokens, rows
        random = np.random.default_rng(seed)
        count = len(corpus.sizes)
        orders = [random.permutation(count) for _ in range(int(np.ceil(epochs)))]
        order = np.concatenate(orders)[: round(epochs * count)]
        order = order[corpus.sizes[order] <= tokens]
        self._texts = list(filled(order, corpus.sizes[order], tokens))

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, number: int) -> Step:
        texts = [self._corpus.text(text) for text in self._texts[number]]
        sizes = [len(ids) for ids, _ in texts]
        rest = self.tokens - sum(sizes)
        ids = np.concatenate([*(ids for ids, _ in texts), np.zeros(rest, np.uint16)]).astype(np.int64)
        starts = np.cumsum([0, *sizes, *([rest] if rest else [])], dtype=np.int32)
        positions = np.concatenate([np.arange(size) for size in (*sizes, rest)])
        learned = np.concatenate([*(np.append(parts[1:], 0) for _, parts in texts), np.zeros(rest)]).astype(np.uint8)
        taught_places, taught = self._taught(self._texts[number])
        learned[taught_places] = 0
        places = np.flatnonzero(learned)
        chunk = min(_CHUNK, self.tokens)
        filling, taught_filling = -len(places) % chunk, -len(taught) % chunk
        return Step(
            torch.from_numpy(ids),
            torch.from_numpy(positions),
            torch.from_numpy(starts),
            max(*sizes, rest),
            torch.from_numpy(np.append(places, np.arange(filling))),
            torch.from_numpy(np.pad(ids[places + 1], (0, filling), constant_values=_IGNORED)),
            torch.from_numpy(np.pad(learned[places], (0, filling))),
            [*np.bincount(learned, minlength=len(PARTS) + 1)[1:].tolist(), len(taught)],
            torch.from_numpy(np.append(taught_places, np.arange(taught_filling))),
            torch.from_numpy(np.pad(taught, (0, taught_filling), constant_values=-1)),
            chunk,
        )

    def _taught(self, numbers: Ints) -> tuple[Ints, Ints]:
        """Return the places of a row of texts that the teacher teaches, and its rows for them."""
        places, rows = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        if self._rows is not None:
            ends, lessons = np.cumsum(self._corpus.sizes[numbers]), self._corpus.lessons[numbers]
            for end, lesson in zip(ends[lessons >= 0], lessons[lessons >= 0], strict=True):
                first, last = self._rows[lesson : lesson + 2]
                places.append(np.arange(end - 1 - (last - first), end - 1))
                rows.append(np.arange(first, last))
        return np.concatenate(places), np.concatenate(rows)


def filled(order: Ints, sizes: Ints, tokens: int) -> Iterator[Ints]:
    """Cut an order of texts into steps: as many texts each as fit into `tokens`."""
    ends = np.cumsum(sizes)
    cuts = [0]
    while cuts[-1] < len(order):
        used = ends[cuts[-1] - 1] if cuts[-1] else 0
        cuts.append(int(np.searchsorted(ends, used + tokens, "right")))
    return (order[start:stop] for start, stop in pairwise(cuts))
