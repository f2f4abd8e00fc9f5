"""One request for a response, and its answer as far as it is there. Knows no store and no engine."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from ossia.errors import ContextLengthExceeded
from ossia.server.http.body import Json
from ossia.server.http.stream import Chunk
from ossia.server.protocols.protocol import Turn
from ossia.server.protocols.responses.builder import ResponseBuilder
from ossia.server.protocols.responses.parse import shortened
from ossia.server.protocols.responses.store import StoredResponse
from ossia.store.models import Model
from ossia.types import Finished, GenerateRequest


class Listener(Protocol):
    """Reader of a response's events. Once it has `started` to read, a failure can only be an event."""

    started: bool

    async def write(self, chunks: Iterable[Chunk], /) -> None: ...


@dataclass(slots=True)
class Exchange:
    """A request and its answer. `stays` is the seconds that the model stays loaded afterwards, if they were given;
    `stores` is true if the response can be asked for again."""

    turn: Turn
    model: Model
    stays: float | None
    thinking_asked: bool
    request: GenerateRequest
    input: list[Json]
    builder: ResponseBuilder
    stores: bool
    background: bool
    begun: bool = False
    """True once the response's first event is there."""
    answering: bool = False
    """True once the model's first event is there."""
    token_ids: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        return self.builder.response["id"]

    def stored(self) -> StoredResponse:
        """The response as it is now, to be kept."""
        return StoredResponse(self.builder.response, self.input, self.token_ids)

    def begin(self) -> list[Chunk]:
        """The response's first events; none if they are there already."""
        if self.begun:
            return []
        self.begun = True
        return self.builder.begin()

    def shorten(self, too_long: ContextLengthExceeded) -> bool:
        """Leave out the oldest turns. False if the request does not allow it or there are none."""
        prompt = self.request.prompt
        if self.builder.response["truncation"] != "auto" or isinstance(prompt, str):
            return False
        shorter = shortened(prompt, too_long)
        self.request = replace(self.request, prompt=shorter or prompt)
        return shorter is not None

    def remember(self, finished: Finished) -> None:
        """Keep the ids of the turn, if they are the whole turn and nothing more."""
        if finished.reason != "length" and finished.stop_string is None:
            self.token_ids = finished.token_ids[finished.usage.prompt_tokens :]
