"""Suggestions for names that may be misspelt: of commands, options and models. Pure functions; they ask nobody."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from ossia.store.name import DEFAULT_TAG

KNOWN_MODELS: Final = ("tiny", "gpt-oss", "gpt-oss:20b", "gpt-oss:120b")
"""Models that need no look at a registry to be known."""

_LATEST: Final = f":{DEFAULT_TAG}"


def closest(word: str, names: Iterable[str], similarity: float = 0.6) -> str | None:
    """Return the name that is most like the word, without regard to case; None if none is like it."""
    folded = {name.casefold(): name for name in reversed([*names])}
    found = get_close_matches(word.casefold(), folded, 1, similarity)
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
    """Return a local model that differs from `name` in its tag, if that was left out; None if there is none."""
    model = name.removesuffix(_LATEST).casefold()
    return next((each for each in local if each.rpartition(":")[0].casefold() == model), None)


def _digits(name: str) -> list[str]:
    return re.findall(r"\d+", name)
