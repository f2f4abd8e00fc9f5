"""Mixture of all kinds of conversations that training data is made of, apart from answers of the base model."""

from random import Random

from training import scenes
from training.conversation import Conversation


def draw(random: Random) -> Conversation:
    """Compose one conversation of any kind."""
    return scenes.draw(random)
