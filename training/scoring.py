"""Scores of answers to held-out cases, with intervals, and the bars that they have to reach.

Three figures:

    tool       exactly one call, of the right tool; of chats and of requests for a missing tool: no call
    arguments  of all cases with a tool: the right tool, and exactly the expected parameters with accepted values
    final      of all cases with a tool: given the result, an answer that ends by itself and contains it

Values are compared strictly: strings by every character, case and spaces included, numbers by value (2 is 2.0, but
neither "2" nor true). A final answer contains a text if it stands there as a whole number, or where words begin; case,
thousands' commas and zeros behind the decimal point do not matter. Numbers written as words do not count.

Cases of one tool are alike. So the intervals, which cover 95 %, come from resampling tools, not cases.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from ossia.types import Message, ToolCall
from training.cases import Case, chose

FIGURES: Final = ("tool", "arguments", "final")
BARS: Final = {0.0: (92.0, 82.0, 92.0), 1.0: (85.0, 72.0, 85.0)}
"""The least percentages of the three figures, by temperature."""
_RESAMPLES: Final = 2000
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}\b)")


@dataclass(frozen=True, slots=True)
class Row:
    """A case with its answers. `tool`, `arguments` and `final` tell what is right; the last two are None without a
    tool. `failures` name the kinds of what is wrong."""

    case: Case
    answer: Message
    last: Message | None
    tool: bool
    arguments: bool | None
    final: bool | None
    failures: tuple[str, ...]

    @property
    def cluster(self) -> str:
        return self.case.tool or self.case.ask

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, default=str)


def scored(case: Case, answer: Message, last: Message | None = None) -> Row:
    """Score the first answer and, for a case with a tool, the last one, which came after the tool's result."""
    if case.tool is None:
        fine = chose(case, answer)
        return Row(case, answer, last, fine, None, None, () if fine else (f"{case.kind}: called a tool",))
    chosen = _choice_failure(case, answer)
    wrong = () if chosen else _argument_failures(case, answer.tool_calls[0])
    ending = _final_failure(case, last)
    failures = tuple(kind for kind in (chosen, *wrong, ending) if kind)
    return Row(case, answer, last, not chosen, not chosen and not wrong, not ending, failures)


def _choice_failure(case: Case, answer: Message) -> str:
    if chose(case, answer):
        return ""
    if not answer.tool_calls:
        return "refused" if answer.content else "no answer"
    return "several calls" if len(answer.tool_calls) > 1 else "other tool"


def _argument_failures(case: Case, call: ToolCall) -> tuple[str, ...]:
    assert case.arguments is not None, "a case with a tool has arguments"
    try:
        given: Any = json.loads(call.arguments)
    except ValueError:
        return ("arguments are no JSON",)
    kinds = [f"{_how_wrong(given[name], case.arguments[name])} value" for name in given if name in case.arguments]
    kinds = [kind for kind in kinds if kind != "right value"]
    kinds += ["missing key"] * bool(case.arguments.keys() - given.keys())
    kinds += ["extra key"] * bool(given.keys() - case.arguments.keys())
    return tuple(dict.fromkeys(kinds))


def _how_wrong(value: Any, accepted: Sequence[Any]) -> str:
    """Return "right", "almost right" (which is wrong: case, spaces or marks differ) or "wrong"."""
    if any(equal(value, each) for each in accepted):
        return "right"
    return "almost right" if any(_plain(value) == _plain(each) for each in accepted) else "wrong"


def equal(one: Any, other: Any) -> bool:
    """True for equal JSON values. Numbers are compared by value; true and false are no numbers."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _plain(value: Any) -> str:
    return re.sub(r"\W+", "", json.dumps(value, ensure_ascii=False)).casefold()


def _final_failure(case: Case, last: Message | None) -> str:
    if last is None or not (last.content or last.tool_calls):
        return "no final answer"
    if last.tool_calls:
        return "called again"
    return "" if any(contains(last.content, text) for text in case.says) else "final without result"


def contains(answer: str, text: str) -> bool:
    """True if the text stands in the answer as a whole number, or where a word begins."""
    answer, text = _THOUSANDS.sub("", answer), _THOUSANDS.sub("", text)
    before = r"(?<!\d)(?<!\d[.,])" if text[0].isdigit() else r"(?<!\w)"
    zeros = "0*" if re.search(r"\.\d+$", text) else r"(?:\.0+)?"
    after = rf"{zeros}(?!\d|[.,]\d)" if text[-1].isdigit() else ""
    return re.search(before + re.escape(text) + after, answer, re.IGNORECASE) is not None


# ---- figures


def figures(rows: Sequence[Row]) -> dict[str, float]:
    """Return the three figures in percent."""
    return {name: _percent(_marks(rows, name)) for name in FIGURES}


def interval(rows: Sequence[Row], name: str) -> tuple[float, float]:
    """Return the 95 % interval of a figure, by resampling tools. Each chat and each missing tool counts as one."""
    marks = _marks(rows, name)
    clusters = [np.array(each, float) for each in marks.values()]
    right, size = np.array([each.sum() for each in clusters]), np.array([len(each) for each in clusters])
    chosen = np.random.default_rng(0).integers(len(clusters), size=(_RESAMPLES, len(clusters)))
    low, high = np.percentile(100 * right[chosen].sum(1) / size[chosen].sum(1), [2.5, 97.5])
    return float(low), float(high)


def _marks(rows: Sequence[Row], name: str) -> dict[str, list[bool]]:
    """Group the marks of a figure by tool."""
    marks: dict[str, list[bool]] = {}
    for row in rows:
        mark = getattr(row, name)
        if mark is not None:
            marks.setdefault(row.cluster, []).append(mark)
    return marks


def _percent(marks: Mapping[str, Sequence[bool]]) -> float:
    flat = [mark for each in marks.values() for mark in each]
    return 100 * sum(flat) / max(1, len(flat))


def report(rows: Sequence[Row]) -> str:
    """Return the figures with their intervals, and how many answers fail in which way."""
    lines = []
    for name, percent in figures(rows).items():
        low, high = interval(rows, name)
        lines.append(f"{name:<10}{percent:6.1f} %   95 %: {low:.1f} to {high:.1f}")
    for kind in ("tool", "chat", "missing"):
        some = [row.tool for row in rows if row.case.kind == kind]
        lines.append(f"  {kind}: {sum(some)} of {len(some)} chose rightly")
    counts = Counter(kind for row in rows for kind in row.failures)
    return "\n".join([*lines, *(f"  {count:4} {kind}" for kind, count in counts.most_common())])


def below_bars(rows: Sequence[Row], temperature: float) -> list[str]:
    """Return a line for each figure that misses its bar."""
    found = figures(rows)
    bars = dict(zip(FIGURES, BARS[temperature], strict=True))
    return [f"{name}: {found[name]:.1f} % is less than {bar:g} %" for name, bar in bars.items() if found[name] < bar]
