"""Words for what is wrong with a body: msgspec's errors, told by the field's path as all our errors are."""

import re

from ossia.errors import InvalidRequest

_KINDS = {"str": "string", "bool": "boolean", "int": "number", "float": "number", "array": "list", "object": "object"}
_PLACE = re.compile(r"(?P<problem>.*?)(?: - at `\$\.?(?P<path>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
_WRONG = re.compile(r"Expected `(?P<expected>[^`]*)`, got `(?P<got>[^`]*)`")
_TOO_LONG = re.compile(r"Expected `(?P<kind>array|object|str)` of length <= (?P<most>\d+)")
_PARTS = {"array": "items", "object": "fields", "str": "characters"}
_NO_INTEGER = re.compile(r"(?P<name>\w+) must be an integer")


def invalid(path: str, problem: str) -> InvalidRequest:
    """Return an error about the field at `path`, for example "messages[2].role" that "must be user or assistant"."""
    error = InvalidRequest(f"{path} {problem}")
    error.param = path
    return error


def in_our_words(text: str, base: str) -> InvalidRequest:
    """Translate an error message of msgspec about a value that stands at `base`."""
    place = _PLACE.fullmatch(text)
    assert place
    path, problem = _problem(place["problem"], _joined(base, place["path"] or ""))
    if not path:
        return InvalidRequest(problem)
    return invalid(path, problem)


def _problem(problem: str, path: str) -> tuple[str, str]:
    """Return the field's path, and the rest of the sentence about it."""
    if missing := _MISSING.fullmatch(problem):
        return _joined(path, missing["name"]), "is required"
    if too_long := _TOO_LONG.fullmatch(problem):
        return path, f"must have at most {too_long['most']} {_PARTS[too_long['kind']]}"
    if no_integer := _NO_INTEGER.fullmatch(problem):
        return _joined(path, no_integer["name"]), "must be an integer"
    if wrong := _WRONG.fullmatch(problem):
        if wrong["got"] == "null" and not path.endswith("]"):
            return path, "is required"
        return path, f"must be {_described(wrong['expected'])}"
    return path or "the body", f"is invalid: {problem}"


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def _described(expected: str) -> str:
    """Describe msgspec's expectation: `str | array | null` is "a string or list"."""
    if expected in ("bool", "bool | null"):
        return "true or false"
    if expected in ("int", "int | null"):
        return "an integer"
    kinds = dict.fromkeys(_KINDS.get(name, name) for name in expected.split(" | ") if name != "null")
    text = " or ".join(kinds)
    return f"an {text}" if text.startswith("o") else f"a {text}"
