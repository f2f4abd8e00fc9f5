"""Suggestions for names that may be misspelt: of commands, options and models. Pure functions; they ask nobody."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from heapq import nsmallest
from typing import Final

from ossia.store.name import DEFAULT_TAG

KNOWN_MODELS: Final = ("tiny", "gpt-oss", "gpt-oss:20b", "gpt-oss:120b")
"""Models that need no look at a registry to be known."""

_LATEST: Final = f":{DEFAULT_TAG}"
_MOST: Final = 50  # names that are compared in earnest, which takes up to 0.1 ms for each


def closest(word: str, names: Iterable[str], similarity: float = 0.6) -> str | None:
    """Return the name that is most like the word, without regard to case; None if none is like it."""
    word, folded = word.casefold(), {name.casefold(): name for name in reversed([*names])}
    likely = nsmallest(_MOST, folded, key=lambda name: len(set(name) ^ set(word)))
    found = get_close_matches(word, likely, 1, similarity)
    return folded[found[0]] if found else None


def meant_model(name: str, local: Iterable[str], similarity: float = 0.7) -> str | None:
    """Return the model that was probably meant by a name that no local model has.

    Names whose digits differ are different models, such as gpt-oss:20b and gpt-oss:120b, and no misspellings.
    """
    asked = name.removesuffix(_LATEST).removeprefix("openai/")
    known = [each.removesuffix(_LATEST) for each in local] + [*KNOWN_MODELS]
    if name.removesuffix(_LATEST).casefold() in map(str.casefold, known):
        return None
    if asked in known:
        return asked
    return closest(asked, (each for each in known if _digits(each) == _digits(asked)), similarity)


def existing_tag(name: str, local: Iterable[str]) -> str | None:
    """Return the smallest local model that differs from `name` in its tag, if that was left out; None without any."""
    model = name.removesuffix(_LATEST).casefold()
    tagged = (each for each in local if each.rpartition(":")[0].casefold() == model)
    return min(tagged, key=lambda each: [*map(int, _digits(each))], default=None)


def _digits(name: str) -> list[str]:
    return re.findall(r"\d+", name)
