"""Check of the limits that a shell or a service sets for its processes (`ulimit`), which a server meets late."""

import resource
from collections.abc import Iterator
from typing import Final

from ossia.admin.doctor.check import Check
from ossia.config import Settings
from ossia.server.serve import RESERVE
from ossia.sizes import human_size

_NAME: Final = "limits"
_UNLIMITED: Final = (
    (resource.RLIMIT_FSIZE, "-f", "{} for a file: longer downloads are cut off"),
    (resource.RLIMIT_AS, "-v", "{} of addresses for a process: larger models cannot be loaded"),
    (resource.RLIMIT_DATA, "-d", "{} of data for a process: larger models cannot be loaded"),
)
"""Limits in bytes that are better not there: the resource, its letter, and what it allows."""


def limits(settings: Settings) -> Iterator[Check]:
    """Yield a line for each limit that is too low, or one that tells of none."""
    bad = [*_files(settings), *_sizes()]
    files, _ = _hard(resource.RLIMIT_NOFILE)
    yield from bad or [Check(_NAME, f"{files} files and connections at one time")]


def _files(settings: Settings) -> Iterator[Check]:
    """Yield a line if the connections that are allowed need more file descriptors than there are."""
    wanted = settings.limits.connections + RESERVE
    text, number = _hard(resource.RLIMIT_NOFILE)
    if number < wanted:
        remedy = f"`ulimit -n {wanted}`, or LimitNOFILE={wanted} in the unit of a service"
        yield Check(_NAME, f"no more than {text} files and connections at one time", remedy)


def _sizes() -> Iterator[Check]:
    for kind, letter, what in _UNLIMITED:
        soft, _ = resource.getrlimit(kind)
        if soft != resource.RLIM_INFINITY:
            yield Check(_NAME, f"no more than {what.format(human_size(soft))}", f"`ulimit {letter} unlimited`")


def _hard(kind: int) -> tuple[str, float]:
    """Return the limit that a process can raise its own to, as a text and as a number."""
    _, hard = resource.getrlimit(kind)
    return ("any number of", float("inf")) if hard == resource.RLIM_INFINITY else (str(hard), hard)
