"""Valid inputs, changed a little where it matters: numbers, names, nesting and order, instead of random bytes.

`fuzz` is the decorator of every test here. In `make test` it tries the same few examples each time; with FUZZ=n in the
environment it tries n times as many, others each time, and keeps what fails in `.hypothesis` (`make fuzz`).
"""

import copy
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from ossia.errors import OssiaError
from tests.conftest import FUZZ
from tests.memory import takes_at_most

INTEGERS = [0, 1, 2, 3, 7, 8, 31, 32, 33, 255, 256, 65535, 65536]
INTEGERS += [2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 + 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1]
TEXTS = [
    "",
    " ",
    "\0",
    "a",
    "A" * 5000,
    "../../etc/passwd",
    "/dev/zero",
    "\x1b[2J",
    "\u202e",
    "\ud800",
    "é中🎼",
    "\n",
    "{{",
]


DEEPER = "lists, deeper than Python recurses"


class Content(bytes):
    """Content of a file, of which a report shows the beginning. pytest keeps the file in the test's `tmp_path`."""

    def __repr__(self) -> str:
        return f"{len(self)} bytes, {bytes(self[:60])!r}..."


def fuzz(examples: int) -> Callable[[Any], Any]:
    """Settings of a fuzzing test that tries so many examples in `make test`."""
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=examples * max(1, FUZZ),
        suppress_health_check=checks,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),  # making files of megabytes smaller takes minutes
    )


def bounded(
    work: Callable[[], object], *declared: type[OssiaError], memory: int = 4 << 20, calls: int = 200_000
) -> None:
    """Do the work within so many bytes of memory at one time and so many calls of Python functions.

    The declared errors are allowed. The work must be such that it can be done again.
    """
    takes_at_most(memory, partial(_count_calls, work, declared, calls))


def _count_calls(work: Callable[[], object], declared: tuple[type[OssiaError], ...], calls: int) -> None:
    made, told = 0, ""

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal made
        made += event == "call"
        assert made <= calls, "too much work"

    sys.setprofile(count)
    try:
        work()
    except declared as error:
        told = error.message
    finally:
        sys.setprofile(None)
    assert len(told) < 11_000, "the error is a copy of the input"


# ---- texts


@st.composite
def changed_text(draw: st.DrawFn, pieces: Sequence[str], more: Sequence[str] = ()) -> str:
    """Pieces of a valid text, of which a few are dropped, doubled, moved, cut or replaced by others."""
    text = list(pieces)
    for _ in range(draw(st.integers(1, 6))):
        _change(draw, text, st.sampled_from([*pieces, *more, *TEXTS]), lambda piece: piece[: len(piece) // 2])
    return "".join(text)


@st.composite
def changed_bytes(draw: st.DrawFn, pieces: Sequence[bytes], more: Sequence[bytes]) -> Content:
    """Pieces of a valid file, changed likewise; then perhaps cut off, or with a byte that is another."""
    content = list(pieces)
    for _ in range(draw(st.integers(1, 4))):
        _change(draw, content, st.sampled_from([*pieces, *more]), lambda piece: piece[: len(piece) // 2])
    data = bytearray(b"".join(content))
    if data and draw(st.booleans()):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    if draw(st.integers(0, 4)) == 0:
        del data[draw(st.integers(0, len(data))) :]
    return Content(data)


def _change(draw: st.DrawFn, pieces: list[Any], others: st.SearchStrategy[Any], cut: Callable[[Any], Any]) -> None:
    if not pieces:
        return
    index = draw(st.integers(0, len(pieces) - 1))
    match draw(st.sampled_from(["drop", "double", "move", "cut", "replace", "insert"])):
        case "drop":
            del pieces[index]
        case "double":
            pieces.insert(index, pieces[index])
        case "move":
            pieces.insert(draw(st.integers(0, len(pieces) - 1)), pieces.pop(index))
        case "cut":
            pieces[index] = cut(pieces[index])
        case "replace":
            pieces[index] = draw(others)
        case _:
            pieces.insert(index, draw(others))


# ---- JSON


def junk() -> st.SearchStrategy[Any]:
    """Values of the wrong type, size, sign or depth."""
    numbers = st.sampled_from([*INTEGERS, *(-number for number in INTEGERS), 10**30, 0.5, 1e308, -0.0])
    plain = st.none() | st.booleans() | numbers | st.sampled_from(TEXTS) | st.just(float("inf")) | st.just(float("nan"))
    deep = st.sampled_from([10, 40]).map(nested) | st.just(DEEPER)
    return plain | deep | st.lists(plain, max_size=3) | st.dictionaries(st.sampled_from(TEXTS), plain, max_size=3)


def nested(depth: int) -> Any:
    """A list in a list, so deep."""
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


@st.composite
def changed_json(draw: st.DrawFn, document: Any, more: Sequence[Any] = ()) -> Any:
    """A valid document in which a few values, at any depth, are dropped, doubled, renamed or others."""
    root = [copy.deepcopy(document)]
    others = junk() | st.sampled_from(more) if more else junk()
    for _ in range(draw(st.integers(1, 5))):
        places = [(root, 0), *_places(root[0])]
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        match draw(st.sampled_from(["drop", "replace", "replace", "copy", "rename"])):
            case "drop" if holder is not root:
                del holder[key]
            case "copy":
                source, name = places[draw(st.integers(0, len(places) - 1))]
                holder[key] = copy.deepcopy(source[name])
            case "rename" if isinstance(holder, dict):
                holder[draw(st.sampled_from([*TEXTS, *map(str, holder)]))] = holder.pop(key)
            case _:
                holder[key] = copy.deepcopy(draw(others))
    return root[0]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document, as its holder and key. Nesting that junk made is left as it is."""
    waiting = [(value, 0)]
    while waiting:
        holder, depth = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in keys if depth < 12 else ():
            yield holder, key
            waiting.append((holder[key], depth + 1))


def as_json(value: Any) -> Content:
    """JSON in which half a surrogate pair is written as the bytes that it would have, and DEEPER as lists."""
    text = json.dumps(value, ensure_ascii=False).replace(json.dumps(DEEPER), "[" * 5000 + "]" * 5000)
    return Content(text.encode("utf-8", "surrogatepass"))
