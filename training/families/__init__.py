"""All families of tools that training conversations are written in."""

from training.families import guide
from training.family import Family

FAMILIES: list[Family] = [*guide.FAMILIES]
