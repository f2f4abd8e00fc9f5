"""All families of tools that training conversations are written in."""

from training.families import (
    civic,
    code,
    control,
    databases,
    deployments,
    food,
    guide,
    home,
    knowledge,
    life,
    science,
    servers,
    sums,
    texts,
    travel,
    units,
    workspace,
)
from training.family import Family

FAMILIES: list[Family] = [
    *civic.FAMILIES,
    *code.FAMILIES,
    *control.FAMILIES,
    *databases.FAMILIES,
    *deployments.FAMILIES,
    *food.FAMILIES,
    *guide.FAMILIES,
    *home.FAMILIES,
    *knowledge.FAMILIES,
    *life.FAMILIES,
    *science.FAMILIES,
    *servers.FAMILIES,
    *sums.FAMILIES,
    *texts.FAMILIES,
    *travel.FAMILIES,
    *units.FAMILIES,
    *workspace.FAMILIES,
]
