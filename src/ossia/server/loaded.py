"""Models in memory, and those on their way there, as they are shown. No engine and no clock is known here."""

from dataclasses import dataclass

from ossia.store.models import Model


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded model, the memory that it uses now, and how much of that is a GPU's.

    `device` tells where it runs, and why. `expires_in` is in seconds and may be infinite.
    """

    model: Model
    memory_bytes: int
    device_bytes: int
    device: str
    context_length: int
    expires_in: float


@dataclass(frozen=True, slots=True)
class Loading:
    """A model that is being loaded or waits to be: the part of that which goes on, `done` of `total`, 0 if unknown."""

    model: Model
    part: str
    done: int
    total: int
