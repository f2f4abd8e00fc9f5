"""Reasoning effort, in the words of Ollama (`think`) and of OpenAI (`reasoning_effort`)."""

from typing import Final

from ossia.errors import InvalidRequest
from ossia.types import ReasoningEffort

EFFORTS: Final[dict[str, ReasoningEffort]] = {
    "none": "none",
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "ultra": "high",
    "max": "high",
}
"""OpenAI's names of efforts, and what they are here."""

THINK: Final[dict[str, ReasoningEffort]] = {"low": "low", "medium": "medium", "high": "high", "max": "high"}
"""Ollama's levels of `think`, and what they are here."""


def think(value: bool | str | None) -> ReasoningEffort | None:
    """The effort of Ollama's `think`; None when it is left open, as it is by true."""
    if value is None or value is True or value == "":
        return None
    if value is False:
        return "none"
    if value not in THINK:
        raise InvalidRequest(f'invalid think value: "{value}" (must be "high", "medium", "low", "max", true, or false)')
    return THINK[value]


def effort(reasoning: str | None, reasoning_effort: str | None, think_value: bool | str | None) -> str:
    """The effort asked for, "" if none was: `reasoning.effort`, else `reasoning_effort`, else `think`."""
    asked = reasoning or reasoning_effort or think(think_value) or ""
    if asked and asked not in EFFORTS:
        raise InvalidRequest(
            f'invalid reasoning value: "{asked}" (must be "minimal", "low", "medium", "high", "xhigh", "ultra", '
            '"max", or "none")'
        )
    return asked
