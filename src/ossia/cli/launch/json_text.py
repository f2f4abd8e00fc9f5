"""Values set in a JSON text, all else of which stays as it is: comments, order, indentation, keys that nobody knows.

Reads JSON with comments and trailing commas, and JSON5 (json5.org): such are the settings files that people edit.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ossia.errors import InvalidRequest

_TOKEN: Final = re.compile(
    r"""(?P<blank>(?:[\s\ufeff]+|//[^\n]*|/\*.*?\*/)+)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<sign>[{}\[\]:,])
      | (?P<word>[^\s{}\[\]:,"'/]+)""",
    re.VERBOSE | re.DOTALL,
)
_CLOSING: Final = {"{": "}", "[": "]"}
_EMPTY: Final[dict[str, object]] = {"{": {}, "[": []}


class Having(NamedTuple):
    """Step of a path into a list: its first object with such a member."""

    key: str
    value: str


Path = tuple[str | Having, ...]


@dataclass(slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Node:
    """A value in the text. `members` are those of an object by their keys, or a list's by their places."""

    start: int
    end: int = 0
    opening: str = ""
    value: str = ""
    members: list[tuple[str, "_Node"]] = field(default_factory=list[tuple[str, "_Node"]])

    def at(self, step: str | Having) -> "_Node | None":
        """Return the value one step further; None if it is missing. Of equal keys the last counts."""
        if isinstance(step, Having):
            named = [node for _, node in self.members if (member := node.at(step.key)) and member.value == step.value]
            return named[0] if named and self.opening == "[" else None
        found = [node for key, node in self.members if key == step]
        return found[-1] if found and self.opening == "{" else None


def has(text: str, path: Path) -> bool:
    """True if there is a value at a path. Raises InvalidRequest if the text is not JSON."""
    node: _Node | None = _parsed(text)
    for step in path:
        node = node and node.at(step)
    return node is not None


def with_value(text: str, path: Path, value: object) -> str:
    """Return the text with a value at a path. What is missing on the way is made.

    Raises InvalidRequest if the text is not JSON.
    """
    node = _parsed(text)
    for depth, step in enumerate(path):
        if node.opening != _opening(step):
            return with_value(_replaced(text, node, _EMPTY[_opening(step)]), path, value)
        if (further := node.at(step)) is None:
            if isinstance(step, Having):
                return with_value(_inserted(text, node, "", {step.key: step.value}), path, value)
            if depth == len(path) - 1:
                return _inserted(text, node, step, value)
            return with_value(_inserted(text, node, step, _EMPTY[_opening(path[depth + 1])]), path, value)
        node = further
    return _replaced(text, node, value)


def _opening(step: str | Having) -> str:
    return "[" if isinstance(step, Having) else "{"


def _replaced(text: str, node: _Node, value: object) -> str:
    written = json.dumps(value, ensure_ascii=False)
    if written == text[node.start : node.end]:
        return text
    return text[: node.start] + _written(text, value, _indent_at(text, node.start)) + text[node.end :]


def _inserted(text: str, node: _Node, key: str, value: object) -> str:
    """Return the text with one more member at the end of an object, or of a list, whose members have no key."""
    is_long = "\n" in text[node.start : node.end] or not node.members
    outer = _indent_at(text, node.start)
    inner = _indent_at(text, node.members[-1][1].start) if node.members and is_long else outer + _unit(text)
    name = "" if node.opening == "[" else f"{json.dumps(key)}: "
    member = name + (_written(text, value, inner) if is_long else json.dumps(value, ensure_ascii=False))
    last = node.members[-1][1].end if node.members else node.start + 1
    between = text[last : node.end - 1]  # comments, blanks, and perhaps a comma
    if node.members and not _has_comma(between):
        between = "," + between
    kept = between.rstrip()
    after = between[len(kept) :] or (f"\n{outer}" if is_long else "")
    return text[:last] + kept + (f"\n{inner}" if is_long else " ") + member + after + text[node.end - 1 :]


def _has_comma(text: str) -> bool:
    return any(token.text == "," for token in _tokens(text))


def _written(text: str, value: object, indent: str) -> str:
    """Write a value as it stands at this indentation in the text."""
    return json.dumps(value, ensure_ascii=False, indent=_unit(text)).replace("\n", f"\n{indent}")


def _unit(text: str) -> str:
    """Return one step of the text's indentation."""
    found = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    return found[1] if found else "  "


def _indent_at(text: str, position: int) -> str:
    """Return the indentation of a line."""
    line = text[text.rfind("\n", 0, position) + 1 : position]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _parsed(text: str) -> _Node:
    tokens = [token for token in _tokens(text) if token.kind != "blank"]
    try:
        node, rest = _value(tokens, 0)
    except (IndexError, RecursionError):
        raise InvalidRequest("it ends too early, or is nested too deeply") from None
    if rest != len(tokens):
        raise _unexpected(text, tokens[rest])
    return node


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        if (found := _TOKEN.match(text, position)) is None:
            raise _unexpected(text, _Token("", text[position], position, position + 1))
        yield _Token(found.lastgroup or "", found[0], position, found.end())
        position = found.end()


def _unexpected(text: str, token: _Token) -> InvalidRequest:
    return InvalidRequest(f"line {text.count(chr(10), 0, token.start) + 1}: unexpected {token.text[:20]!r}")


def _value(tokens: list[_Token], place: int) -> tuple[_Node, int]:
    """Read a value that begins at a token's place, and return it with the place behind it."""
    token = tokens[place]
    node = _Node(token.start, token.end)
    if token.text not in _CLOSING:
        if token.kind == "sign":
            raise InvalidRequest(f"unexpected {token.text!r}")
        node.value = _string(token)
        return node, place + 1
    node.opening, place = token.text, place + 1
    while tokens[place].text != _CLOSING[node.opening]:
        key, place = _key(tokens, place) if node.opening == "{" else ("", place)
        member, place = _value(tokens, place)
        node.members.append((key, member))
        if tokens[place].text == ",":
            place += 1
        elif tokens[place].text != _CLOSING[node.opening]:
            raise InvalidRequest(f"a comma is missing before {tokens[place].text[:20]!r}")
    node.end = tokens[place].end
    return node, place + 1


def _key(tokens: list[_Token], place: int) -> tuple[str, int]:
    if tokens[place].kind == "sign" or tokens[place + 1].text != ":":
        raise InvalidRequest(f"a key and a colon are missing at {tokens[place].text[:20]!r}")
    return _string(tokens[place]), place + 2


def _string(token: _Token) -> str:
    """Return the text that a string or a word means; escapes that only JSON5 has stay as they are."""
    if token.kind != "string":
        return token.text
    inner = token.text[1:-1]
    if token.text[0] == "'":
        inner = re.sub(r"\\(.)|\"", lambda found: "'" if found[1] == "'" else found[0] if found[1] else r"\"", inner)
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError:
        return inner
