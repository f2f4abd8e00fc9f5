"""Mixture of all kinds of conversations that training data is made of."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from training import clients, extraction, instructions, recall, scenes
from training.cases import is_held_out
from training.conversation import Conversation
from training.prompts import Prompt, answered

CHAT = 0.17
"""Share of answers of the base model itself, if there are any."""

Answers = Sequence[tuple[Prompt, str]]

_KINDS = ((scenes.draw, 69), (clients.draw, 15), (extraction.draw, 6), (instructions.draw, 5), (recall.draw, 5))


def draw(random: Random, answers: Answers = ()) -> Conversation:
    """Compose one conversation of any kind, in which nobody asks what an evaluation asks.

    `answers` are prompts with the base model's answers.
    """
    while True:
        conversation = _draw(random, answers)
        if not any(is_held_out(message.content) for message in conversation.messages if message.role == "user"):
            return conversation


def _draw(random: Random, answers: Answers) -> Conversation:
    if answers and random.random() < CHAT:
        return answered(random, *random.choice(answers))
    compose = random.choices([kind for kind, _ in _KINDS], [weight for _, weight in _KINDS])[0]
    return compose(random)


def read_answers(path: Path) -> Answers:
    """Read the base model's answers: a JSON list of [text, goal, plans, answer]."""
    return [(Prompt(text, goal, plans), answer) for text, goal, plans, answer in json.loads(path.read_text())]
