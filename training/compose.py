"""Mixture of all kinds of conversations that training data is made of."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from training import clients, extraction, instructions, recall, scenes, sums
from training.cases import is_held_out, is_held_out_tool
from training.conversation import Conversation
from training.prompts import Prompt, answered

Answers = Sequence[tuple[Prompt, str]]

_KINDS = (
    (scenes.draw, 73),
    (clients.draw, 13),
    (extraction.draw, 5),
    (instructions.draw, 4),
    (recall.draw, 3.5),
    (sums.draw, 1.5),
)


def draw(random: Random, answers: Answers = ()) -> Conversation:
    """Compose one conversation of any kind, in which nobody asks what an evaluation asks, or has its tools.

    Given `answers`, which are prompts with the base model's answers, it is one of those.
    """
    while True:
        conversation = _draw(random, answers)
        asked = any(is_held_out(message.content) for message in conversation.messages if message.role == "user")
        if not asked and not any(is_held_out_tool(tool.name) for tool in conversation.tools):
            return conversation


def _draw(random: Random, answers: Answers) -> Conversation:
    if answers:
        number = random.randrange(len(answers))
        return replace(answered(random, *answers[number]), lesson=number)
    compose = random.choices([kind for kind, _ in _KINDS], [weight for _, weight in _KINDS])[0]
    return compose(random)


def read_answers(path: Path) -> Answers:
    """Read the base model's answers: a JSON list of [text, goal, plans, answer]."""
    return [(Prompt(text, goal, plans), answer) for text, goal, plans, answer in json.loads(path.read_text())]
