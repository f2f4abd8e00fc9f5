"""All families of tools that training conversations are written in: those of every module here."""

from importlib import import_module
from pkgutil import iter_modules

from training.family import Family

FAMILIES: list[Family] = [
    family for module in iter_modules(__path__, f"{__name__}.") for family in import_module(module.name).FAMILIES
]
