"""Function names that harmony can express, and the way back to the client's names.

The model sees TypeScript identifiers in the namespace `functions`, or those of a namespace it was trained with; a
client may use any string as a name.
"""

import re
from collections.abc import Iterable

from ossia.chat.harmony.trained import NONE, TrainedTools

_FOREIGN = re.compile(r"[^A-Za-z0-9_]")


class ToolNames:
    """A one-to-one map between clients' names and identifiers. Names that are identifiers stay as they are."""

    def __init__(self, names: Iterable[str], trained: TrainedTools = NONE) -> None:
        self.trained = trained
        self._trained_names = {recipient: name for name, recipient in trained.recipients.items()}
        names = list(dict.fromkeys(names))
        self._identifiers = {name: name for name in names if name == _identifier(name)}
        taken, numbers = set(self._identifiers), dict[str, int]()
        for name in names:
            if name not in self._identifiers:
                self._identifiers[name] = _free(_identifier(name), taken, numbers)
                taken.add(self._identifiers[name])
        self._names = {identifier: name for name, identifier in self._identifiers.items()}
        known = [*self._names.items(), *((name, name) for name in names)]
        self._folded = {spelled.casefold(): name for spelled, name in known}

    def identifier(self, name: str) -> str:
        """Return the identifier that the model sees for a name."""
        return self._identifiers.get(name) or _identifier(name)

    def recipient(self, name: str) -> str:
        """Return the recipient of a call."""
        return self.trained.recipients.get(name) or f"functions.{self.identifier(name)}"

    def resolve(self, recipient: str) -> str:
        """Return the client's name for a recipient; an undeclared name is returned unchanged.

        The model sometimes appends the content type to the name, as in `functions.searchjson`, or changes its case.
        """
        if (trained := self._trained_names.get(recipient)) is not None:
            return trained
        called = recipient.removeprefix("functions.")
        for name in (called, called.removesuffix("json")):
            if (known := self._exactly(name) or self._folded.get(name.casefold())) is not None:
                return known
        return called

    def _exactly(self, name: str) -> str | None:
        return self._names.get(name) or (name if name in self._identifiers else None)


def _identifier(name: str) -> str:
    identifier = _FOREIGN.sub("_", name) or "unnamed"
    return f"_{identifier}" if identifier[0].isdigit() else identifier


def _free(identifier: str, taken: set[str], numbers: dict[str, int]) -> str:
    """Return the identifier, or the first of identifier_2, identifier_3, ... that is not taken.

    `numbers` has the last number of each identifier, so that many equal ones take linear time.
    """
    number, free = numbers.get(identifier, 1), identifier
    while free in taken:
        number += 1
        free = f"{identifier}_{number}"
    numbers[identifier] = number
    return free
