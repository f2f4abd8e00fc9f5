"""Families of invented things: tools whose names, parameters and values are any words of the vocabulary.

They teach to read a declaration instead of remembering one: nothing about them can be guessed.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from training import values as v
from training.family import Draw, Family, Parameter, Result, Type

_VERBS = {
    "get": ("Get", "to see"),
    "check": ("Check", "to check"),
    "create": ("Create", "to create"),
    "update": ("Update", "to update"),
    "delete": ("Delete", "to delete"),
    "find": ("Find", "to find"),
    "start": ("Start", "to start"),
    "stop": ("Stop", "to stop"),
    "set": ("Set", "to set"),
    "send": ("Send", "to send"),
    "list": ("List", "to list"),
    "compute": ("Compute", "to compute"),
    "load": ("Load", "to load"),
    "fetch": ("Fetch", "to fetch"),
    "move": ("Move", "to move"),
    "register": ("Register", "to register"),
    "measure": ("Measure", "to measure"),
    "open": ("Open", "to open"),
    "rate": ("Rate", "to rate"),
    "mix": ("Mix", "to mix"),
}
_KINDS: list[tuple[Type, Draw]] = [
    ("string", v.name),
    ("string", v.name),
    ("string", v.word),
    ("string", v.word),
    ("string", v.thing),
    ("string", v.person),
    ("string", v.code),
    ("string", v.iso_date),
    ("string", v.clock),
    ("string", v.city),
    ("string", v.phrase),
    ("string", v.filename),
    ("integer", v.integer(1, 99)),
    ("integer", v.integer(1, 9999)),
    ("number", v.number(0, 500, 2)),
    ("number", v.money),
    ("array", v.list_of(v.word, 2, 4)),
]


def synthetic(random: Random) -> Family:
    """Draw a family with one to four parameters."""
    verb = random.choice(list(_VERBS))
    noun, field = v.word(random), v.word(random)
    keys = list(dict.fromkeys(_key(random) for _ in range(random.choice((1, 2, 2, 3, 3, 4)))))
    parameters = [_parameter(random, key) for key in keys if key != field]
    if random.random() < 0.4:
        return _attribute(random, noun, field, parameters)
    said, wants = _VERBS[verb]
    tail = _tail(random, parameters)
    return Family(
        f"synthetic_{verb}_{noun}",
        f"{verb}_{noun}|{verb}_{noun}|{noun}_{verb}|{verb}_a_{noun}",
        f"{said} a {noun}|{said}s the {noun}|{said} one {noun} of the system|",
        parameters,
        [
            f"{said} the {noun}{tail}.",
            f"{said} the {noun}{tail}",
            f"Please {verb} the {noun}{tail}.",
            f"Can you {verb} the {noun}{tail}?",
            f"I need you to {verb} one {noun}{tail}.",
            f"Could you {verb} the {noun}{tail}, please?",
            f"We have to {verb} the {noun}{tail}",
        ],
        f"{wants} one {noun}|{wants} the {noun}",
        _results(random, noun, field),
        near=f"synthetic {noun}",
    )


def _attribute(random: Random, noun: str, field: str, parameters: list[Parameter]) -> Family:
    """Return a family that looks up the attribute `field` of a thing of the kind `noun`."""
    key = random.choice((noun, f"{noun}_name", "name", f"{noun}_id", "id"))
    parameters = [p for p in parameters if p.names != key][:2]
    of = Parameter(key, random.choice((v.name, v.name, v.word, v.code, v.person)), f"The {noun}|Name of the {noun}|")
    x = f"{{{key}}}"
    tail = _tail(random, parameters)
    return Family(
        f"synthetic_{noun}_{field}",
        f"get_{noun}_{field}|{noun}_{field}|get_{field}|find_{field}|lookup_{noun}_{field}",
        f"Get the {field} of a {noun}|Returns the {field} of the given {noun}|Look up the {field}|",
        [of, *parameters],
        [
            f"What is the {field} of {x}{tail}?",
            f"What {field} does the {noun} {x} have{tail}?",
            f"{field} of {x}{tail}",
            f"Tell me the {field} of the {noun} {x}{tail}.",
            f"I'd like to know the {field} of {x}{tail}.",
            f"Look up {x}{tail} and tell me the {field}.",
            f"For the {noun} {x}{tail}, which {field} is it?",
        ],
        f"to know the {field} of {x}|the {field} of {x}",
        [
            Result(
                {field: random.choice((v.word, v.integer(1, 9999), v.name, v.money, v.code))},
                (f"The {field} of {x} is {{{field}}}.", f"It's {{{field}}}.", f"{x} has the {field} {{{field}}}."),
            )
        ],
        near=f"synthetic {noun}",
    )


def _key(random: Random) -> str:
    word = v.word(random)
    return (
        f"{word}_{random.choice(('id', 'name', 'type', 'code', 'count', v.word(random)))}"
        if random.random() < 0.25
        else word
    )


def _parameter(random: Random, key: str) -> Parameter:
    said = key.replace("_", " ")
    about = f"The {said}|{said.capitalize()}||{said.capitalize()} to use"
    if random.random() < 0.15:
        choices = list(dict.fromkeys(v.word(random) for _ in range(random.randint(2, 4))))
        return Parameter(key, v.choice(*choices), about, choices=choices)
    if random.random() < 0.12:
        return Parameter(key, v.flag(f"with {said}", f"without {said}"), about, "boolean")
    kind, draw = random.choice(_KINDS)
    return Parameter(key, draw, about, kind)


def _tail(random: Random, parameters: list[Parameter]) -> str:
    """Return " with size {size}, colour {colour} and weight {weight}" in one of many forms."""
    said: list[str] = []
    for parameter in parameters:
        name, x = parameter.names.replace("_", " "), f"{{{parameter.names}}}"
        if parameter.type == "boolean":
            said.append(x)
        else:
            said.append(
                random.choice(
                    (f"{name} {x}", f"{name} {x}", f"{x} as {name}", f"{name}: {x}", f"{name} = {x}", f"the {name} {x}")
                )
            )
    if not said:
        return ""
    if random.random() < 0.2:
        return f" ({', '.join(said)})"
    text = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    return f" {text}" if text.startswith(("{", "with ")) and parameters[0].type == "boolean" else f" with {text}"


def _results(random: Random, noun: str, field: str) -> list[Result]:
    fields: list[tuple[dict[str, Draw] | Callable[[Random, Any], Any], tuple[str, ...]]] = [
        (
            {"id": v.code, "status": v.status},
            (f"Done: the {noun} has the id {{id}} and is {{status}}.", f"The {noun} {{id}} is now {{status}}."),
        ),
        (
            {field: v.word},
            (f"Done. The {field} of the {noun} is {{{field}}}.", f"That gave {{{field}}} as the {field}."),
        ),
        ({field: v.integer(1, 9999)}, (f"Done, the {field} is {{{field}}}.", f"It worked: {field} {{{field}}}.")),
        (
            {"message": v.choice("done", "ok", "success", "completed")},
            (f"The {noun} is taken care of.", "Done!", f"All done with the {noun}."),
        ),
        (
            {field: v.name, "total": v.money},
            (
                f"The {field} is {{{field}}}, with a total of {{total}}.",
                f"It's {{{field}}} and the total is {{total}}.",
            ),
        ),
    ]
    return [Result(*random.choice(fields))]
