"""Families of tools, the unit in which training conversations are written.

A family is one thing that a program can do ("look up the weather of a place"), with all that varies between the tools
that do it: names, descriptions, parameters, how people ask for it, what the tool returns and how a person would say
that. It knows nothing of harmony or of tokens.

Alternatives stand in one string, divided by "|"; an empty alternative is drawn like any other. A template names
parameters by the first of their names: "Is it warm in {city}?".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

Type = Literal["string", "integer", "number", "boolean", "array", "object"]
Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """A value, and the words that people say for it: Said("celsius", "degrees Celsius"), Said(True, "with a lid")."""

    value: Any
    words: str


Draw = Callable[[Random], Any]
"""A random value for JSON, or a `Said` where people say it in other words."""


@dataclass(frozen=True)
class Parameter:
    names: str
    """Alternatives; the first one is how templates name it."""
    draw: Draw
    about: str = ""
    """Alternatives of its description."""
    type: Type = "string"
    items: Type = "string"
    """Type of the elements of an array."""
    choices: Sequence[Any] = ()
    """All values of an enum; `draw` draws (a Said of) one of them."""
    phrases: str = ""
    """Phrases that say an optional parameter behind the request, "{}" being the value: " in the {}| for the {}".

    A parameter with phrases is not in the schema's `required`, and most requests leave it out. One without phrases is
    required and stands in every request.
    """


@dataclass(frozen=True)
class Result:
    """One way for a call to end: what the tool returns, and answers that say it as a helpful person would."""

    fields: Mapping[str, Draw] | Callable[[Random, Arguments], Mapping[str, Any]]
    """Field's names (with alternatives) to draws; or a function of the arguments, where the result follows from
    them."""
    answers: Sequence[str]
    """Templates that may name parameters and fields; each says every field that matters."""
    weight: float = 1.0


@dataclass(frozen=True)
class Family:
    name: str
    """Unique, in snake case."""
    names: str
    """Alternatives of the tool's name, in snake case."""
    about: str
    """Alternatives of the tool's description: one sentence, sometimes two."""
    parameters: Sequence[Parameter]
    requests: Sequence[str]
    """Templates of what people ask: direct, indirect, curt, chatty; each contains every required parameter."""
    goals: str
    """Alternatives that go on from "The user wants ": "to know the weather in {city}|the forecast for {city}"."""
    results: Sequence[Result]
    near: str = ""
    """Group of families so alike that they are never offered together (say "weather")."""
