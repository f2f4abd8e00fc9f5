"""Outcomes of calls: the text that a tool returns, and an answer that says it.

A tool returns JSON of many shapes, or plain text, or an error, or nothing at all.
"""

import json
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Literal

from training import values as v
from training.asking import PLACEHOLDER, Asked, fill, fitting
from training.clauses import another
from training.family import Result
from training.several import several
from training.tools import first

VARIED = 0.3
"""Share of results whose fields are not those that a family's answers expect."""
_REFUSING = frozenset(("error", "reason", "problem", "message"))
Kind = Literal["ok", "refused", "error", "empty"]
"""A call is "refused" if the tool did not do what it was asked to, and says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    kind: Kind
    text: str
    """Exactly what the tool returned."""
    answer: str
    said: Mapping[str, str]
    """Words for the fields that matter, by the field's name in the text; of an error, its message as "error"."""
    fields: Mapping[str, Any]
    """Values by the first names of the fields; empty for an error."""


def outcome(
    random: Random, asked: Asked, values: Mapping[str, Any], errors: float = 0.07, *, naming: bool = False
) -> Outcome:
    """Draw how a call ends; `values` are its arguments by their first names.

    With `naming`, the answer says what it is about, since it will stand beside another one.
    """
    ended = _outcome(random, asked, values, errors, naming)
    if not naming or any(word in ended.answer for word in asked.words.values()):
        return ended
    subject = next((word for word in asked.words.values() if 2 < len(word) < 30), None)
    subject = subject or re.sub(r"[_-]", " ", asked.offered.tool.name)
    return replace(ended, answer=f"{subject[0].upper()}{subject[1:]}: {ended.answer}")


def _outcome(random: Random, asked: Asked, values: Mapping[str, Any], errors: float, naming: bool) -> Outcome:
    chance = random.random()
    if chance < errors:
        return _error(random, asked)
    if chance < errors * 1.3 and any(_is_search(word) for word in asked.offered.tool.name.lower().split("_")):
        return _empty(random, asked)
    results = asked.offered.family.results
    chosen = random.choices(results, [result.weight for result in results])[0]
    return success(random, asked, chosen, values, naming=naming)


def _is_search(word: str) -> bool:
    return word in ("search", "find", "list", "lookup", "query")


def success(
    random: Random, asked: Asked, result: Result, values: Mapping[str, Any], *, naming: bool = False
) -> Outcome:
    drawn = (
        result.fields(random, values)
        if callable(result.fields)
        else {key: draw(random) for key, draw in result.fields.items()}
    )
    clauses: dict[str, str] | None = None
    told = {name for names, value in drawn.items() if value is not None for name in names.split("|")}
    whole = all(v.value_and_words(value)[1] for value in drawn.values() if value is not None)
    if told and whole and not told & _REFUSING and random.random() < VARIED:
        drawn, clauses = _varied(random, asked, drawn)
    fields: dict[str, Any] = {}
    said: dict[str, str] = {}
    shown: dict[str, Any] = {}
    words: dict[str, str] = {}
    keys: dict[str, str] = {}
    for names, item in drawn.items():
        if item is None:
            continue
        value, text = v.value_and_words(item)
        names = names.split("|")
        fields[names[0]] = value
        words |= dict.fromkeys(names, _spoken(value, text))
        key = names[0] if random.random() < 0.4 else random.choice(names)
        keys[names[0]] = key
        shown[key], said[key] = value, words[names[0]]
    all_words = {**asked.words, **words}
    templates = fitting(result.answers, all_words) or list(result.answers)
    if naming:
        templates = [t for t in templates if _fields(t, asked.words)] or templates
    template = random.choice(templates)
    text = _text(random, asked, shown)
    if clauses is not None:
        clauses = {**{name: _clause(name, key, fields[name], words[name]) for name, key in keys.items()}, **clauses}
        template = _composed(random, fitting(result.answers, all_words), fields, words, clauses)
    elif len(templates) > 1 and random.random() < 0.06:  # a tool that speaks in sentences
        text, said = fill(template, all_words), {}
        template = random.choice([other for other in templates if _fields(other, words) <= _fields(template, words)])
    answer = _capitalised(template, fill(template, all_words), asked.words.keys() - words.keys())
    if "error" in words:
        return Outcome("error", text, answer, {"error": words["error"]}, fields)
    return Outcome(_kind(words, fields), text, answer, said, fields)


def _varied(random: Random, asked: Asked, drawn: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Leave fields out, and add one that other tools have. Return the fields, and the clause of what was added."""
    there = [names for names, value in drawn.items() if value is not None]
    kept = [names for names in there if random.random() < 0.65] or [random.choice(there)]
    fields, clauses = {names: drawn[names] for names in kept}, dict[str, str]()
    taken = {*asked.words, *asked.arguments, *(name for names in drawn for name in names.split("|"))}
    if random.random() < 0.4 and (more := another(random, taken)):
        names, draw, clause = more
        fields[names] = draw(random)
        clauses[first(names)] = clause
    if random.random() < 0.3:
        fields = dict(random.sample(list(fields.items()), len(fields)))
    return fields, clauses


def _composed(
    random: Random,
    templates: Sequence[str],
    fields: Mapping[str, Any],
    words: Mapping[str, str],
    clauses: Mapping[str, str],
) -> str:
    """Return an answer that says each field that is there, and no other: a template, and clauses for what it omits."""
    usable = [template for template in templates if template[-1] in ".!" and _fields(template, words)]
    template = random.choice(usable) if usable and random.random() < 0.75 else ""
    omitted = [name for name in fields if name not in PLACEHOLDER.findall(template)]
    more = [clauses[name] for name in omitted]
    ends = bool(omitted) and words[omitted[-1]].endswith((".", "!", "?"))
    sentence = f"{joined(more)}{'' if ends else '.'}" if more else ""
    return f"{template} {_begun(sentence)}".strip()


def _clause(name: str, key: str, value: Any, said: str) -> str:
    """Return "the wind is {wind}" for a field that the text calls `key`."""
    label = key.replace("_", " ")
    if isinstance(value, bool):
        return f"{label}: {{{name}}}" if said in ("yes", "no") else f"it is {{{name}}}"
    return f"the {label} {'are' if re.search('[^isu]s$', label) else 'is'} {{{name}}}"


def _begun(sentence: str) -> str:
    return sentence if sentence[:1] in ("", "{") else sentence[0].upper() + sentence[1:]


def _fields(template: str, fields: Mapping[str, str]) -> set[str]:
    """Return the fields that a template names."""
    return {name for name in PLACEHOLDER.findall(template) if name in fields}


def _capitalised(template: str, answer: str, arguments: Set[str]) -> str:
    """Begin with a capital letter if a lower-case word of the request comes first."""
    begins = re.match(r"\{(\w+)\} ", template)
    plain = re.match(r"[a-z]+ ", answer)
    return answer[0].upper() + answer[1:] if begins and plain and begins[1] in arguments else answer


def _kind(words: Mapping[str, str], fields: Mapping[str, Any]) -> Kind:
    if not any(value or value == 0 for value in fields.values()):
        return "empty"
    return "refused" if not words.keys().isdisjoint(_REFUSING) else "ok"


_EXACT = re.compile(r"\d{4}-\d\d-\d\d|[A-Z]{3}")


def _spoken(value: Any, text: str) -> str:
    """Return the words for a value of a result: codes and dates as they are, lists of objects by their values."""
    if isinstance(value, str) and _EXACT.fullmatch(value):
        return value
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {v.value_and_words(item)[1]}" for key, item in value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return ", ".join(" ".join(map(str, item.values())) for item in value)
    if isinstance(value, list) and text.startswith("["):
        return joined([str(item) for item in value])
    return text


def joined(items: list[str]) -> str:
    """Return "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else "none"


def _text(random: Random, asked: Asked, fields: dict[str, Any]) -> str:
    """Return the tool's text for fields."""
    if not fields:
        return random.choice(_EMPTY)
    only = next(iter(fields.values())) if len(fields) == 1 else None
    style = random.random()
    if only is not None and style < 0.45:
        return _plain_value(random, next(iter(fields)), only)
    if style > 0.88:
        return random.choice((", ", "\n", "; ")).join(f"{_label(random, k)}: {_scalar(x)}" for k, x in fields.items())
    return _json(random, _wrapped(random, asked, fields))


def _plain_value(random: Random, key: str, value: Any) -> str:
    text = _scalar(value)
    if random.random() < 0.7:
        return text
    return f"{_label(random, key)}{random.choice((': ', ' = ', ' is '))}{text}"


def _label(random: Random, key: str) -> str:
    label = key.replace("_", " ")
    return random.choice((label, label.capitalize(), key))


def _scalar(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _wrapped(random: Random, asked: Asked, fields: dict[str, Any]) -> Any:
    """Return what the JSON is of: the fields, beside others that nobody asked for."""
    kind = random.random()
    if kind < 0.16 and asked.arguments:
        fields = {**_echo(random, asked.arguments), **fields}
    elif kind < 0.24:
        fields = _with_noise(random, fields)
    elif kind < 0.3:
        fields = {random.choice(("result", "data", "output", "response")): fields}
    elif kind < 0.37:
        fields = {**random.choice(_GOOD), random.choice(("result", "data")): fields}
    elif kind < 0.44:
        fields = {**random.choice(_GOOD), **fields}
    return [fields] if 0.44 <= kind < 0.46 else fields


_GOOD: tuple[dict[str, Any], ...] = ({"success": True}, {"status": "ok"}, {"ok": True}, {"code": 200}, {"error": None})


def _echo(random: Random, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return some of a call's arguments: many tools repeat them in the result."""
    return {key: arguments[key] for key in random.sample(list(arguments), random.randint(1, min(2, len(arguments))))}


def _with_noise(random: Random, fields: dict[str, Any]) -> dict[str, Any]:
    noise: dict[str, Any] = {
        "timestamp": f"{v.iso_date(random)}T{v.clock(random)}:00Z",
        "request_id": v.hex_id(random),
        "source": v.word(random),
        "cached": random.random() < 0.5,
        "took_ms": random.randint(1, 900),
        "version": v.version(random),
        "warning": None,
        "next_page": None,
        "errors": [],
    }
    chosen = random.sample(list(noise), random.choice((1, 1, 2)))
    extra = {key: noise[key] for key in chosen if key not in fields}
    return {**fields, **extra} if random.random() < 0.6 else {**extra, **fields}


def _json(random: Random, value: Any) -> str:
    style = random.random()
    escaped = random.random() < 0.5  # as json.dumps writes what is not ASCII, unless told not to
    if style < 0.62:
        return json.dumps(value, ensure_ascii=escaped)
    if style < 0.8:
        return json.dumps(value, ensure_ascii=escaped, separators=(",", ":"))
    return json.dumps(value, ensure_ascii=escaped, indent=2) if style < 0.92 else str(value)


_ERRORS = several(
    """{subject} not found|No entry for {subject}|Unknown value: {subject}|{subject} does not exist|Invalid argument:
    {subject}|timeout after 30 seconds|The request timed out|permission denied|Access denied|service
    unavailable|Service temporarily unavailable|rate limit exceeded|Too many requests, try again
    later|connection refused|Could not connect to the server|internal server error|Internal error|network
    error|quota exceeded|not authorized|Authentication failed|The server is down for maintenance|already
    exists|{subject} exists already|fully booked|none left|out of stock|line busy|not on the list|record
    locked|too late|already closed|no such entry|scanner jammed|sensor offline|battery empty|outside of opening
    hours|limit reached|already taken|wrong password|no signal|not in service|value out of range|file is
    read-only|unknown user|{subject} is unavailable|no longer offered|expired yesterday|database is locked|disk
    full|invalid input|Something went wrong|the service did not respond|Upstream returned 502|API key
    expired|Device offline|No connection"""
)

_ERROR_ANSWERS = several(
    """I'm sorry, that didn't work: {error}.|That didn't work, unfortunately. The tool reported:
    {error}.|I tried, but got an error: {error}.|Sorry, I couldn't do that. The error was "{error}".|It looks
    like something went wrong: {error}. Would you like me to try again?|Unfortunately the request failed
    ({error}).|I ran into a problem: {error}. Shall I try once more?|Hmm, the tool answered with an error:
    {error}.|No luck this time. It says: {error}.|I couldn't get that for you because of an error: {error}.|The
    call failed with "{error}", so I can't tell you more right now.|Sorry about that: the tool says "{error}".
    You could try again a little later.|I wasn't able to finish this. The reason given is: {error}.|That request
    was not successful: {error}.|Something went wrong on the tool's side: {error}. Let me know if you want me to
    retry.|I'm afraid it failed: {error}."""
)


def _subject(random: Random, asked: Asked) -> str:
    """Return an argument that an error can speak of."""
    names = [value for value in asked.arguments.values() if isinstance(value, str) and 0 < len(value) < 40]
    return random.choice(names) if names else "the requested item"


def _error(random: Random, asked: Asked) -> Outcome:
    error = fill(random.choice(_ERRORS), {"subject": _subject(random, asked)})
    shape = random.randint(0, 9)
    shapes: list[Any] = [
        {"error": error},
        {"success": False, "reason": error},
        {"status": "error", "message": error},
        {"ok": False, "error": error},
        {"error": {"code": random.choice((400, 403, 404, 429, 500, 503)), "message": error}},
        {"status": "failed", "detail": error},
        {"errors": [error]},
    ]
    if shape < len(shapes):
        text = json.dumps(shapes[shape], ensure_ascii=False)
    else:
        text = random.choice((f"Error: {error}", error, f"ERROR {error}", f"Exception: {error}", f"Failed: {error}"))
    answer = fill(random.choice(_ERROR_ANSWERS), {"error": error.rstrip(".")})
    return Outcome("error", text, answer, {"error": error}, {})


_EMPTY = several(
    """[]|{"results": []}|{"results": [], "total": 0}|No results found.|null|{"items": []}|{"count":
0}|None|{"data": null}|No matches|Nothing found|(no results)|{"matches": []}"""
)
_EMPTY_ANSWERS = several(
    """I looked, but nothing came up{about}.|There are no results{about}.|I found
    nothing{about}.|The search came back empty: no results{about}.|Nothing was found{about}. Would you like to try
    something else?|Unfortunately there was no match{about}.|No results{about}, I'm afraid.|I found
    nothing{about}. Maybe a different wording helps?|It seems there is nothing{about} at the moment.|The tool
    returned no results{about}."""
)


def _empty(random: Random, asked: Asked) -> Outcome:
    subject = _subject(random, asked)
    about = f" for {subject}" if subject in asked.arguments.values() else ""
    return Outcome("empty", random.choice(_EMPTY), fill(random.choice(_EMPTY_ANSWERS), {"about": about}), {}, {})


def values_of(asked: Asked) -> dict[str, Any]:
    """Return the arguments of the family's own parameters, in its order, by their first names."""
    names = [first(parameter.names) for parameter in asked.offered.family.parameters]
    keys = asked.offered.keys
    return {name: asked.arguments[keys[name]] for name in names if keys[name] in asked.arguments}
