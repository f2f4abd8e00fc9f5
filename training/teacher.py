"""The base itself as the teacher of what `tiny` should go on saying: as it is shipped, in its own format.

A lesson is a text of the teacher's that ends as a text of the student's does. For each of its last tokens the student
learns the teacher's probabilities, not the token alone: a token says one thing that the base could have said, its
probabilities all of them, so that few texts, seen often, are not learnt by heart. The teacher reads each lesson once,
before the training; kept are its last states, of which a product makes the probabilities.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ossia.tokenizer import Tokenizer
from training.answers import END, question
from training.attention import packed
from training.net import Net, Weights
from training.shards import Ints, filled

_ROW: Final = 32_768  # tokens that the teacher reads at once


class Lesson(NamedTuple):
    """Ids of a text of the teacher's, and how many of its last tokens the student's text has as well."""

    ids: list[int]
    learned: int


class Teacher:
    """The base's states for all lessons."""

    def __init__(self, net: Net, lessons: Sequence[Lesson]) -> None:
        self.starts: Ints = np.cumsum([0, *(lesson.learned for lesson in lessons)])
        """i64[lessons + 1], the first row of each lesson in `states`, and their number."""
        self.states = read(net, net.base_weights(), lessons)
        """[N, D] normalised states, one for each token that is learned, which it is foretold from."""
        self.rows, self.bias = net.base_head()


def lessons(tokenizer: Tokenizer, folder: Path) -> tuple[list[Lesson], list[Lesson]]:
    """Return the lessons of the base's answers, and of plain texts: its own, and those answers again. All count on."""
    rows = json.loads((folder / "answers.json").read_text())
    pairs = [(prompt, answer) for prompt, _, _, answer in rows]
    texts = [*json.loads((folder / "texts.json").read_text()), *(answer for _, answer in pairs)]
    return of_answers(tokenizer, pairs), of_texts(tokenizer, texts)


def of_answers(tokenizer: Tokenizer, pairs: Sequence[tuple[str, str]]) -> list[Lesson]:
    """Return lessons of prompts with answers. `<|im_end|>` at an answer's end is the student's `<|return|>`."""
    end = tokenizer.special_tokens[END]
    answers = [(prompt, tokenizer.encode(answer)) for prompt, answer in pairs]
    return [Lesson([*question(tokenizer, prompt), *ids, end], len(ids) + 1) for prompt, ids in answers]


def of_texts(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Lesson]:
    """Return lessons of plain texts, of which all but the first token is foretold."""
    return [Lesson(ids, len(ids) - 1) for ids in map(tokenizer.encode, texts)]


@torch.no_grad()
def read(net: Net, weights: Weights, lessons: Sequence[Lesson]) -> Tensor:
    """Return the states [N, D] from which the last tokens of all lessons are foretold."""
    sizes = np.array([len(lesson.ids) for lesson in lessons])
    with torch.compiler.set_stance("force_eager"):  # few rows, each of another size
        rows = filled(np.arange(len(lessons)), sizes, _ROW)
        return torch.cat([_read(net, weights, [lessons[number] for number in row]) for row in rows])


def _read(net: Net, weights: Weights, lessons: Sequence[Lesson]) -> Tensor:
    sizes = [len(lesson.ids) for lesson in lessons]
    starts = np.cumsum([0, *sizes], dtype=np.int32)
    ids = np.concatenate([lesson.ids for lesson in lessons])
    positions = np.concatenate([np.arange(size) for size in sizes])
    places = [np.arange(end - 1 - lesson.learned, end - 1) for end, lesson in zip(starts[1:], lessons, strict=True)]
    parts = [torch.from_numpy(part).to(net.device) for part in (ids, positions, starts, np.concatenate(places))]
    return net.states(weights, *parts[:2], packed(parts[2], max(sizes)))[parts[3]]
