"""Ended: the facts of a request that has ended, of which everything that is counted is made.

A model's name is that of an installed one, or UNKNOWN: what a client writes never becomes a label.
"""

from typing import Final

from msgspec import Struct

from ossia.types import Usage

UNKNOWN: Final = "unknown"


class Ended(Struct, frozen=True, gc=False):
    """A request that has ended. Times are in seconds since `began`, which is in seconds since the epoch.

    `asks_model` is true if a model was to answer it, whether or not that is here. `action` is the word for what a
    managing request does. `waited` is how long it waited for the model, `first_token` when its answer's first token
    came, and `gaps` are the mean times between the tokens of its answers. `parent` is the caller's `traceparent`.

    One is made for each request, and nothing that it refers to leads back to it: the garbage collector need not look.
    """

    route: str
    model: str
    asks_model: bool
    status: int
    error: str
    action: str
    began: float
    seconds: float
    waited: float | None
    first_token: float | None
    gaps: tuple[float, ...]
    usage: Usage | None
    id: str = ""
    parent: str = ""

    @property
    def failed(self) -> bool:
        """True if the client got an error, in the middle of a stream too. One that left got none."""
        return self.status != 499 and (self.status >= 400 or bool(self.error))
