"""Results of tools of odd trades: one to three fields, and answers that say each of them."""

from collections.abc import Mapping, Set
from random import Random
from typing import Any

from training import values as v
from training.family import Draw, Result, Said
from training.rare import rare
from training.several import several

_Clause = tuple[str, Draw, str]
"""Names of a field, its draw, and clauses that say it."""


def _any_text(random: Random) -> str:
    kind = random.random()
    if kind < 0.4:
        return rare(random, capital=random.random() < 0.4)
    return v.phrase(random) if kind < 0.7 else f"{v.word(random)} {rare(random, capital=False)}"


def _count(random: Random) -> int:
    return 0 if random.random() < 0.2 else random.randint(1, 300)


def _truth(name: str, state: str = "") -> _Clause:
    """Return a boolean field, whose words for true and false are those of its name."""
    state = state or name
    return f"{name}|is_{name}", v.choice(Said(True, state), Said(False, f"not {state}")), f"it is {{{name}}}"


def _found(random: Random) -> Any:
    if random.random() < 0.25:
        return Said([], random.choice(("nothing", "none at all")))
    return v.list_of(lambda r: rare(r, capital=False) if r.random() < 0.6 else v.word(r), 1, 3)(random)


def _perhaps(draw: Draw, absent: str) -> Draw:
    return lambda random: Said(None, absent) if random.random() < 0.3 else draw(random)


_STATES = several(
    """accepted | refused | pending | confirmed | on hold | rejected | postponed | waiting for approval | adjourned |
    cancelled | booked | fully booked | declined | granted | queued | under review | withdrawn | sold | locked | void"""
)
_CLAUSES: tuple[_Clause, ...] = (
    (
        "number|order_number|id|ticket",
        v.code,
        "the number is {number} | its number is {number} | it has the number {number}",
    ),
    ("ready|ready_on|due", v.iso_date, "it will be ready on {ready} | it is due on {ready}"),
    ("price|cost|total", v.money, "it costs {price} | the price is {price} | that makes {price}"),
    ("waiting|ahead|queue", _count, "{waiting} are waiting before it | there are {waiting} ahead of you"),
    ("keeper|clerk|person|judge", v.person, "{keeper} takes care of it | the person in charge is {keeper}"),
    (
        "shelf|spot|box",
        lambda r: v.code(r) if r.random() < 0.5 else v.name(r),
        "the place is {shelf} | you'll find it at {shelf}",
    ),
    ("left|remaining|units", _count, "{left} are left | there are {left} left"),
    ("at|time|ends", v.clock, "the time is {at} | it ends at {at} | be there at {at}"),
    (
        "state|status|outcome|decision",
        v.choice(*_STATES),
        "the state is {state} | it is {state} | the answer was: {state}",
    ),
    ("note|remark|comment", _any_text, "note: {note} | there is a note: {note} | the remark says {note}"),
    ("text|line|entry|caption", _any_text, "the text is: {text} | it reads: {text} | it says {text}"),
    _truth("leading", "ahead of the others"),
    _truth("accepted"),
    _truth("open"),
    _truth("free"),
    _truth("running"),
    _truth("found"),
    (
        "partner|opponent|second",
        _perhaps(v.person, "nobody"),
        "the partner is {partner} | on the other side there is {partner}",
    ),
    ("warning|caution", _perhaps(_any_text, "none"), "the warning: {warning} | warning: {warning}"),
    ("points|score|marks", _count, "it has {points} points | the score is {points}"),
    ("possible|out_of|maximum", v.integer(300, 900), "{possible} are possible | the most possible is {possible}"),
    ("share|rate|percent", v.percent, "the share is {share} percent | {share} percent is the share"),
    ("matches|words|results", _found, "I found {matches} | this came up: {matches}"),
    ("word|term|answer", _any_text, "the word is {word} | the answer is {word} | it is {word}"),
    ("metres|distance|length_m", v.number(1, 900), "that is {metres} metres | it measures {metres} metres"),
)
_TOLD_BY_NAME = ("leading", "accepted", "open", "free", "running", "found", "partner", "warning")
_DONE = ("", "", "", "Done: ", "All right: ", "Okay, ", "It worked: ")
_PLAIN = [clause for clause in _CLAUSES if not clause[0].startswith(_TOLD_BY_NAME)]
"""Fields that can stand alone, without their name."""
_SURE = frozenset(("number", "ready", "price", "keeper", "shelf", "at"))


def another(random: Random, taken: Set[str]) -> _Clause | None:
    """Draw one more field that no name of `taken` collides with, and one clause that says it."""
    names, draw, clauses = random.choice(_CLAUSES)
    return None if taken & set(names.split("|")) else (names, draw, random.choice(several(clauses)))


def results(random: Random, thing: str, name: str, also: Mapping[str, tuple[Draw, str]] | None = None) -> list[Result]:
    """Draw a way for a call about the thing to end; `also` are fields that are always there, with clauses."""
    count = random.choice((1, 2, 2, 2, 3))
    chosen = random.sample(_CLAUSES if count > 1 or also else _PLAIN, count)
    fields: dict[str, Draw] = {key: draw for key, (draw, _) in (also or {}).items()}
    said = [[clause] for _, clause in (also or {}).values()]
    keys: set[str] = set()
    for names, draw, clauses in chosen:
        keys.add(names.partition("|")[0])
        fields.setdefault(names, draw)
        said.append(several(clauses) if len(chosen) > 1 or also else _alone(names, clauses))
    sure = keys <= _SURE and not also
    return [Result(fields, [_answer(random, said, thing, name, sure=sure) for _ in range(3)])]


def _alone(names: str, clauses: str) -> list[str]:
    """Return clauses of a field that is the only one, so that its name may not be told."""
    x = f"{{{names.partition('|')[0]}}}"
    return [f"the result is {x}", f"it says {x}", f"the answer is {x}"]


def _answer(random: Random, clauses: list[list[str]], thing: str, name: str, *, sure: bool) -> str:
    chosen = [random.choice(each) for each in clauses]
    begin = random.choice(_DONE) if sure else ""
    if not begin and random.random() < 0.35:
        begin = random.choice((f"About the {thing}: ", f"{name}: " if name else "", f"For the {thing}, "))
    text = chosen[0] if len(chosen) == 1 else f"{', '.join(chosen[:-1])} and {chosen[-1]}"
    if len(chosen) > 1 and random.random() < 0.3:
        text = ". ".join(_capital(clause) for clause in chosen)
    text = text if begin and not text[0].isupper() else _capital(text)
    return f"{begin}{text}."


def _capital(text: str) -> str:
    return text if text[:1] == "{" else text[0].upper() + text[1:]
