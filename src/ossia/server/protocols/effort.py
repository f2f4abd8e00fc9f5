"""Reasoning effort, as Ollama (`think`) and OpenAI (`reasoning_effort`) spell it."""

from typing import Final

from ossia.errors import InvalidRequest
from ossia.parameters import THINK_LEVELS
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
"""Efforts by OpenAI's names. Ollama and Anthropic have some of them, which mean the same."""


def think(value: bool | str | None) -> ReasoningEffort | None:
    """Return the effort of Ollama's `think`; None if it names none, as true does not. Raises InvalidRequest."""
    if value is None or value is True or value == "":
        return None
    if value is False:
        return "none"
    if value not in THINK_LEVELS:
        raise InvalidRequest(f'invalid think value: "{value}" (must be "high", "medium", "low", "max", true, or false)')
    return EFFORTS[value]


def effort(reasoning: str | None, reasoning_effort: str | None, think_value: bool | str | None) -> str:
    """Return the effort's name, "" for none: `reasoning.effort`, else `reasoning_effort`, else `think`.

    Raises InvalidRequest.
    """
    asked = reasoning or reasoning_effort or think(think_value) or ""
    if asked and asked not in EFFORTS:
        raise InvalidRequest(
            f'invalid reasoning value: "{asked}" (must be "minimal", "low", "medium", "high", "xhigh", "ultra", '
            '"max", or "none")'
        )
    return asked


def is_thinking(asked: str) -> bool:
    """True if this is the effort of a request that asks for reasoning explicitly."""
    return asked not in ("", "none")
