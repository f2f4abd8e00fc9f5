"""Tools made from families: their names, descriptions and JSON schemas, in the many styles of real programs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from ossia.types import Tool
from training import values as v
from training.extras import EXTRAS, OF_LISTS
from training.family import Family, Parameter


@dataclass(frozen=True, slots=True)
class Style:
    """Style in which one program writes its tools."""

    camel: bool
    kebab: bool
    described: bool
    """True if parameters have descriptions."""
    titled: bool
    """True if properties have titles, as pydantic writes them."""
    closed: bool
    """True if schemas forbid additional properties."""

    @classmethod
    def draw(cls, random: Random) -> "Style":
        naming = random.random()
        return cls(
            camel=naming < 0.24,
            kebab=0.24 <= naming < 0.29,
            described=random.random() < 0.62,
            titled=random.random() < 0.07,
            closed=random.random() < 0.12,
        )

    def name(self, snake: str) -> str:
        if self.camel:
            return _camel(snake)
        return snake.replace("_", "-") if self.kebab else snake

    def key(self, snake: str) -> str:
        return _camel(snake) if self.camel else snake


@dataclass(frozen=True, slots=True)
class Offered:
    """A tool that a family became. `keys` maps the first name of each parameter to its name in the schema."""

    family: Family
    tool: Tool
    parameters: Sequence[Parameter]
    keys: Mapping[str, str]
    required: frozenset[str]
    """First names of parameters that the schema requires."""


def first(names: str) -> str:
    return names.partition("|")[0]


def offer(random: Random, family: Family, style: Style, wanted: Sequence[str] = ()) -> Offered:
    """Return a tool of the family. `wanted` are parameters that the user will name, which may become required."""
    parameters = [*family.parameters, *_extras(random, family)]
    keys = _keys(random, parameters, style)
    listed = list(parameters)
    if random.random() < 0.12:
        random.shuffle(listed)
    required = frozenset(
        first(parameter.names)
        for parameter in parameters
        if not parameter.phrases or (first(parameter.names) in wanted and random.random() < 0.3)
    )
    described = style.described and random.random() < 0.95
    properties = {
        keys[first(p.names)]: _property(random, p, keys[first(p.names)], style, described, first(p.names) in required)
        for p in listed
    }
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required or random.random() < 0.5:
        schema["required"] = [keys[first(p.names)] for p in listed if first(p.names) in required]
    if style.closed:
        schema["additionalProperties"] = False
    name = style.name(random.choice(family.names.split("|")))
    if style.titled:
        schema["title"] = f"{name}_args"
    about = _about(random, random.choice(family.about.split("|"))) if random.random() < 0.92 else ""
    parameters_schema = schema if properties or random.random() < 0.6 else None
    return Offered(family, Tool(name, about, parameters_schema), parameters, keys, required)


def _about(random: Random, text: str) -> str:
    text = text.strip()
    if random.random() < 0.3:
        return text.rstrip(".")
    return text if text.endswith((".", "!", "?")) or not text else text + "."


def _extras(random: Random, family: Family) -> list[Parameter]:
    """Draw parameters that any tool may have, such as a limit or a note."""
    if random.random() >= 0.28:
        return []
    taken = {name for parameter in family.parameters for name in parameter.names.split("|")}
    usable = EXTRAS if _LISTING & set(re.split(r"[|_]", family.names)) else [e for e in EXTRAS if e not in OF_LISTS]
    extras = random.sample(usable, random.choice((1, 1, 1, 2, 2, 3)))
    return [extra for extra in extras if not taken & set(extra.names.split("|"))]


_LISTING = frozenset(("search", "find", "list", "lookup", "query", "show", "look"))


def _keys(random: Random, parameters: Sequence[Parameter], style: Style) -> dict[str, str]:
    """Choose the name of each parameter, all of them different."""
    keys: dict[str, str] = {}
    for parameter in parameters:
        names = [style.key(name) for name in parameter.names.split("|")]
        free = [name for name in names if name not in keys.values()] or [f"{names[0]}2"]
        keys[first(parameter.names)] = free[0] if random.random() < 0.4 else random.choice(free)
    return keys


def _property(
    random: Random, parameter: Parameter, key: str, style: Style, described: bool, required: bool
) -> dict[str, Any]:
    schema = _type(random, parameter)
    nullable = not required and parameter.type in ("string", "integer", "number") and style.titled
    if nullable:
        schema = {"anyOf": [schema, {"type": "null"}], "default": None}
    if style.titled:
        schema["title"] = key.replace("_", " ").title()
    if described and parameter.about and (about := random.choice(parameter.about.split("|"))):
        schema["description"] = about
    if not required and not nullable and parameter.choices and random.random() < 0.25:
        schema["default"] = v.value_and_words(random.choice(parameter.choices))[0]
    elif not required and not nullable and parameter.type == "string" and random.random() < 0.06:
        schema["default"] = ""
    return schema


def _type(random: Random, parameter: Parameter) -> dict[str, Any]:
    if parameter.type == "array":
        items: dict[str, Any] = {"type": parameter.items}
        if parameter.items == "array":
            items["items"] = {"type": "number"}
        if parameter.choices:
            items["enum"] = [v.value_and_words(choice)[0] for choice in parameter.choices]
        return {"type": "array", "items": items}
    if parameter.type == "object":
        return schema_of(v.value_and_words(parameter.draw(random))[0])
    schema: dict[str, Any] = {"type": parameter.type}
    if parameter.choices and parameter.type != "boolean" and random.random() < 0.97:
        schema["enum"] = [v.value_and_words(choice)[0] for choice in parameter.choices]
    return schema


def schema_of(value: Any) -> dict[str, Any]:
    """Return the JSON schema that a value suggests."""
    match value:
        case dict():
            properties = {key: schema_of(item) for key, item in value.items()}
            return {"type": "object", "properties": properties, "required": list(properties)}
        case list():
            return {"type": "array", "items": schema_of(value[0])} if value else {"type": "array"}
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer"}
        case float():
            return {"type": "number"}
        case _:
            return {"type": "string"}


def _camel(snake: str) -> str:
    head, *tail = snake.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)
