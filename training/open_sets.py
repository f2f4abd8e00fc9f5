"""Draws of things of which there are more than any list holds: hotels, devices, roads."""

from random import Random

from training import values as v
from training.family import Draw

UNLISTED = 0.35
"""Share of draws that are not in the list, so that a model learns to copy and not to choose."""


def such_as(*items: str) -> Draw:
    """Return a draw of one of the items, or of any name or word in the case of the first."""
    other = v.name if items[0][0].isupper() else v.thing

    def draw(random: Random) -> str:
        return other(random) if random.random() < UNLISTED else random.choice(items)

    return draw
