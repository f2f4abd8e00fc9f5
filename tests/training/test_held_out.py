"""Held-out cases are not in the data: no family of training has the name of a held-out tool, no prompt is a held-out
request."""

import json
import re
from pathlib import Path
from random import Random

import pytest

from training.cases import SETS, is_held_out
from training.families import FAMILIES
from training.prompts import chat_prompts

FOLDER = Path(__file__).parents[2] / "training"


def squeezed(text: str) -> str:
    return re.sub(r"\W|_", "", text.casefold())


def held_out(name: str) -> set[str]:
    return {squeezed(tool["name"]) for tool in json.loads((FOLDER / f"{name}.json").read_text())["tools"]}


@pytest.mark.parametrize("name", SETS)
def test_no_family_has_a_held_out_name(name: str) -> None:
    taken = held_out(name)
    collide = [
        family.name for family in FAMILIES if taken & set(map(squeezed, (family.name, *family.names.split("|"))))
    ]
    assert collide == []


def test_no_tool_is_in_both_sets() -> None:
    assert not held_out("dev") & held_out("blind")


@pytest.mark.parametrize("text", ["what is a VOLCANO", "Thanks a lot!", "How does a fridge work?"])
def test_prompts_of_small_talk_s_check_are_held_out(text: str) -> None:
    assert is_held_out(text)


def test_no_prompt_is_a_held_out_request() -> None:
    assert not any(is_held_out(prompt.text) for prompt in chat_prompts(Random(0), 5000))
