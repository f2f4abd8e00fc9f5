"""All families of tools that training conversations are written in."""

from training.families import control, databases, deployments, guide, knowledge, servers, sums, texts
from training.family import Family

FAMILIES: list[Family] = [
    *guide.FAMILIES,
    *control.FAMILIES,
    *databases.FAMILIES,
    *deployments.FAMILIES,
    *knowledge.FAMILIES,
    *servers.FAMILIES,
    *sums.FAMILIES,
    *texts.FAMILIES,
]
