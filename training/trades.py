"""Families of odd trades: tools composed of a thing, of what is done with it, and of slots with a meaning.

There are more of them than any model remembers. So it has to read the declaration: which tool fits, and which words
of the request belong to which parameter. A request names its values by prepositions, labels, units or their place
alone, in many orders.
"""

from collections.abc import Mapping, Sequence
from random import Random

from training import values as v
from training.acts import ACTS, ATTRIBUTES, SWITCHES, THINGS
from training.clauses import results
from training.family import Family, Parameter, Result, Said
from training.phrasing import request, said
from training.rare import rare
from training.slot import SUBSTANCES, Slot
from training.slot_groups import GROUPS
from training.slot_singles import SINGLES
from training.tools import first

_Words = Mapping[str, str]


def trade(random: Random, thing: str = "") -> Family:
    """Draw a family of a trade, or one more for the same thing."""
    thing = thing or (random.choice(THINGS) if random.random() < 0.85 else v.word(random))
    kind = random.random()
    return _switch(random, thing) if kind < 0.07 else (_command if kind < 0.6 else _question)(random, thing)


def thing_of(family: Family) -> str:
    """Return the thing of a family of a trade, or nothing."""
    return family.name.split(":")[2] if family.name.startswith("trade:") else ""


def _articles(thing: str) -> _Words:
    return {"a": f"{'an' if thing[0] in 'aeio' else 'a'} {thing}", "noun": thing, "the": f"the {thing}"}


def _filled(text: str, words: _Words) -> str:
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text


def _slots(random: Random, most: int) -> list[Slot]:
    """Draw slots of different names: often a group, then single ones."""
    chosen = list(random.choice(GROUPS)) if most > 1 and random.random() < 0.5 else []
    if len(chosen) > 2 and random.random() < 0.3:
        chosen = random.sample(chosen, 2)
    wanted = random.choice((1, 2, 2, 3, 3, 4)) if most > 2 else random.choice((0, 0, 1, 1, 2))
    chosen += random.sample(SINGLES, max(0, min(wanted, most) - len(chosen)))
    if random.random() < 0.4:
        random.shuffle(chosen)
    taken: set[str] = set()
    return [
        slot for slot in chosen if not taken & set(slot.names.split("|")) and not taken.update(slot.names.split("|"))
    ]


def _parameter(slot: Slot, *, optional: bool) -> Parameter:
    said = first(slot.names).replace("_", " ")
    about = slot.about or f"|||The {said}|{said.capitalize()}"
    phrases = slot.behind if optional else ""
    return Parameter(slot.names, slot.draw, about, slot.type, slot.items, slot.choices, phrases)


_NAMED = (
    Slot("name", lambda r: rare(r, capital=True), ""),
    Slot("id|number", v.code, ""),
    Slot("name", v.name, ""),
    Slot("name|label", lambda r: v.name(r) if r.random() < 0.5 else v.word(r), ""),
)


def _subject(random: Random, thing: str) -> Slot:
    """Return the slot of a thing's own name, which is called after the thing or simply a name."""
    noun = thing.replace(" ", "_")
    slot = random.choice(_NAMED)
    return Slot(random.choice((noun, noun, f"{noun}_{first(slot.names)}", slot.names)), slot.draw, "")


def _command(random: Random, thing: str) -> Family:
    act, words = random.choice(ACTS), _articles(thing)
    slots = _slots(random, 4)
    subject = _subject(random, thing) if act.named else None
    slots = [
        slot for slot in slots if subject is None or not set(slot.names.split("|")) & set(subject.names.split("|"))
    ]
    count = random.choice((0, 1, 1, 2)) if len(slots) > 2 else random.choice((0, 1)) if len(slots) > 1 else 0
    optional = {slot.names for slot in random.sample(slots, count)}
    required = [slot for slot in slots if slot.names not in optional]
    noun = thing.replace(" ", "_")
    parameters = [
        *([_parameter(subject, optional=False)] if subject else []),
        *(_parameter(s, optional=s.names in optional) for s in slots),
    ]
    name = f"{{{first(subject.names)}}}" if subject else ""
    openers = [_filled(opener, {**words, "the": _the(random, thing, name)}) for opener in act.openers]
    goal = f"to {act.verb} {_the(random, thing, name) if subject else words['the' if act.verb == 'compute' else 'a']}"
    return Family(
        f"trade:{act.verb}:{thing}",
        f"{act.verb}_{noun}|{act.verb}_{noun}|{noun}_{act.verb}|{act.verb}_the_{noun}",
        "|".join(f"{_filled(about, words)}." for about in act.about),
        parameters,
        _requests(random, openers, thing, thing, name, required, slots),
        goal,
        results(random, thing, name),
    )


def _switch(random: Random, thing: str) -> Family:
    """Return a family whose boolean is told by the verb of the request."""
    (names, yes, no), subject = random.choice(SWITCHES), _subject(random, thing)
    verbs = yes.split("|"), no.split("|")
    begins = random.random() < 0.5

    def draw(random: Random) -> Said:
        value = random.random() < 0.5
        verb = random.choice(verbs[0 if value else 1])
        return Said(value, verb.capitalize() if begins else verb)

    key, name = first(names), f"{{{first(subject.names)}}}"
    slots = [
        slot
        for slot in _slots(random, 2)[:1]
        if not set(slot.names.split("|")) & {*names.split("|"), *subject.names.split("|")}
    ]
    tail, the = said(random, slots), _the(random, thing, name)
    asks = (
        ("{%s} %s%s.",)
        if begins
        else ("Please {%s} %s%s.", "Can you {%s} %s%s?", "{%s} %s%s", "I want you to {%s} %s%s.")
    )
    noun, both = thing.replace(" ", "_"), f"{verbs[0][0].capitalize()} or {verbs[1][0]}"
    return Family(
        f"trade:{key}:{thing}",
        f"{verbs[0][0].replace(' ', '_')}_{noun}|{noun}_{key}|set_{noun}|{noun}_switch",
        f"{both} the {thing}.|{both} a {thing}.",
        [
            _parameter(subject, optional=False),
            *(_parameter(slot, optional=False) for slot in slots),
            Parameter(names, draw, "", "boolean"),
        ],
        [ask % (key, the, tail) for ask in asks],
        f"to {both.lower() if begins else f'{{{key}}}'} {the}",
        results(random, thing, name),
    )


def _requests(
    random: Random,
    openers: Sequence[str],
    noun: str,
    thing: str,
    name: str,
    required: Sequence[Slot],
    slots: Sequence[Slot],
) -> list[str]:
    """Return templates: one of the required slots alone, others that may name the optional ones too."""
    choices = [required, required, slots if len(slots) > len(required) else required]
    return [request(random, openers, noun, thing, name, chosen) for chosen in choices]


def _the(random: Random, thing: str, name: str) -> str:
    return random.choice((name, f"the {thing} {name}", f"{thing} {name}", f"our {thing} {name}", f"the {name}"))


def _question(random: Random, thing: str) -> Family:
    asked, words = random.choice(ATTRIBUTES), _articles(thing)
    names, draw = random.choice(SUBSTANCES)
    named = random.random() < 0.75
    subject = _subject(random, thing) if named else Slot(names, draw, "")
    slots = [s for s in _slots(random, 2) if not set(s.names.split("|")) & set(subject.names.split("|"))]
    optional = len(slots) == 1 and random.random() < 0.4
    noun, x = thing.replace(" ", "_"), f"{{{first(subject.names)}}}"
    parameters = [_parameter(subject, optional=False), *(_parameter(slot, optional=optional) for slot in slots)]
    said = _the(random, thing, x) if named else random.choice((x, f"the {x} {thing}", f"our {x} {thing}"))
    openers = [_filled(ask, {"x": said}) for ask in asked.asks]
    required = [] if optional else slots
    field = random.choice((asked.name, asked.name, "result", f"{asked.name}_value"))
    clause = _filled(asked.answers[1], {"x": x, "y": f"{{{field}}}"})
    clause = clause if clause.startswith("{") else clause[0].lower() + clause[1:]
    answers = [f"{_filled(answer, {'x': x, 'y': f'{{{field}}}'})}." for answer in asked.answers]
    goals = [f"to know {_filled(text[5:], {'a': x})}" for text in asked.about if text.startswith("Tell ")]
    return Family(
        f"trade:{asked.name}:{thing}",
        f"{noun}_{asked.name}|{noun}_{asked.name}|get_{noun}_{asked.name}|{asked.name}_of_{noun}",
        "|".join(f"{_filled(text, words)}." for text in asked.about),
        parameters,
        _requests(random, openers, f"{asked.name.replace('_', ' ')} {thing}", thing, x, required, slots),
        "|".join(goals) or f"an answer about the {thing} {x}",
        [Result({field: asked.draw}, answers), *results(random, thing, x, also={field: (asked.draw, clause)})],
    )
