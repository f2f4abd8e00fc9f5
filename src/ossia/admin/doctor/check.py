"""Check: one line of the report, and words that several lines have. It knows nothing of what is checked."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version


@dataclass(frozen=True, slots=True)
class Check:
    """A thing that was looked at, what was seen, and what to do about it: "" if it is good."""

    name: str
    text: str
    remedy: str = ""

    @property
    def is_good(self) -> bool:
        return not self.remedy


def version_of(package: str) -> str:
    """Return the version of an installed package, "" if it is not here."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
