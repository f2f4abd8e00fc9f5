"""Phrasings of requests: an opener and the values of slots, in many orders; or the values alone."""

import re
from collections.abc import Sequence
from random import Random

from training.acts import ACTS
from training.purpose import words
from training.slot import Slot
from training.tools import first


def request(random: Random, openers: Sequence[str], noun: str, thing: str, name: str, slots: Sequence[Slot]) -> str:
    """Write one template that has all slots, and the `name` of the thing if it has one ("{harp}").

    `noun` is what is wanted in a word or two, for requests of bare values.
    """
    mixed = list(slots)
    if random.random() < 0.5:
        random.shuffle(mixed)
    kind = random.random()
    if kind < 0.2 and (mixed or name):
        return _terse(random, noun, name, mixed if kind < 0.1 else slots)
    opener = random.choice(openers)
    if name and name not in opener:
        opener = f"{opener} {name}"
    opener, mixed = _with_adjective(random, opener, thing if f" {thing}" in opener else name, mixed)
    asks = opener.split(" ")[0] in _ASKING
    if kind < 0.38 and mixed:
        return _values_apart(random, opener, mixed, "?" if asks else ".")
    text = opener + said(random, mixed)
    if asks:
        return f"{_capital(text)}?"
    if random.random() < 0.12 and text.split(" ")[0] in _VERBS:
        return f"Can you {text[0].lower()}{text[1:]}?"
    return f"{_capital(text)}{random.choice(('.', '.', '', ', please.', '!'))}"


_ASKING = words("""How Is Does What When Can Who Whose Where Where's Do Are Should Will Which Of To From Could""")
_VERBS = frozenset(opener.split(" ")[0] for act in ACTS for opener in act.openers[:2])
_UNIT = re.compile(r"(?<=\}) (?=(kg|l|ml|m3|m|mm|cm|N|h|min|s|%|°C)\b)")
_GLUED = 0.2
"""Share of sayings whose unit follows its number without a blank: "12kg"."""


def _with_adjective(random: Random, opener: str, thing: str, slots: list[Slot]) -> tuple[str, list[Slot]]:
    """Put a value before the thing or its name: "an {wood} harp", "the {year} {name}".

    Return the opener and the other slots.
    """
    usable = [slot for slot in slots if slot.adjective]
    if not usable or f" {thing}" not in opener or random.random() < 0.4:
        return opener, slots
    chosen = random.choice(usable)
    opener = opener.replace(f" {thing}", f" {{{first(chosen.names)}}} {thing}", 1).replace(" an {", " a {", 1)
    return opener, [slot for slot in slots if slot is not chosen]


def _values_apart(random: Random, opener: str, slots: Sequence[Slot], mark: str) -> str:
    """Say the values in a sentence of their own, before the opener or behind a colon."""
    values = said(random, slots).strip(" ,:")
    kind = random.random()
    if kind < 0.4 and mark == ".":
        return f"{_capital(opener)}: {values}"
    between = random.choice((". ", ". ", ": ", " - "))
    return f"{_capital(values)}{between}{_capital(opener)}{random.choice((mark, mark, ', please' + mark))}"


def said(random: Random, slots: Sequence[Slot]) -> str:
    """Say all slots behind something; a long text comes last."""
    text = ""
    for at, slot in enumerate(sorted(slots, key=lambda slot: '"' in slot.behind)):
        saying = random.choice(slot.behind.split("|"))
        if at and at == len(slots) - 1 and re.match(r",(?! and)", saying) and random.random() < 0.4:
            saying = f" and{saying[1:]}"
        text += saying.replace("{}", f"{{{first(slot.names)}}}")
    return _UNIT.sub("", text) if random.random() < _GLUED else text


def _terse(random: Random, noun: str, name: str, slots: Sequence[Slot]) -> str:
    """Say the values alone, in the order of the parameters, with a unit or a label here and there."""
    between = random.choice((", ", ", ", ", ", " ", " / ", "; ", " - "))
    parts = [name] if name else []
    for slot in slots:
        value = f"{{{first(slot.names)}}}"
        if slot.type in ("integer", "number") and random.random() < 0.6:
            value = random.choice(slot.behind.split("|")).strip(" ,:").replace("{}", value)
        elif random.random() < 0.15:
            value = f"{first(slot.names).replace('_', ' ')} {value}"
        parts.append(value)
    text = between.join(parts)
    if len(parts) < 2 or random.random() < 0.45:
        return random.choice((f"{noun}: {text}", f"{noun} {text}", f"{text} {noun}", f"{_capital(noun)}, {text}"))
    return f"{text}{random.choice(('', '', '?'))}"


def _capital(text: str) -> str:
    return text if text[:1] in "{" else text[0].upper() + text[1:]
