"""Exchange: a request for a response, and the answer so far. It knows no store and no engine."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from ossia.errors import ContextLengthExceeded
from ossia.server.http.access_log import Record
from ossia.server.http.body import Json
from ossia.server.http.budget import Claim
from ossia.server.http.caller import Caller
from ossia.server.http.stream import Chunk
from ossia.server.protocols.protocol import Envelope
from ossia.server.protocols.responses.builder import ResponseBuilder
from ossia.server.protocols.responses.parse import shortened
from ossia.server.protocols.responses.stored import StoredResponse
from ossia.store.models import Model
from ossia.types import Finished, GenerateRequest


class Listener(Protocol):
    """Receiver of a response's events. Once it has `started`, a failure can only be told by an event."""

    started: bool

    async def write(self, chunks: Iterable[Chunk], /) -> None: ...


@dataclass(slots=True)
class Exchange:
    """A request and its answer so far. `keep_alive` is in seconds, if the request has one."""

    envelope: Envelope
    claim: Claim
    caller: Caller
    model: Model
    keep_alive: float | None
    requires_thinking: bool
    request: GenerateRequest
    input: list[Json]
    conversation: str
    """Id of the conversation that the input and the answer join; "" if there is none."""
    builder: ResponseBuilder
    record: Record
    begun: bool = False
    """True once the response's first event is there."""
    answering: bool = False
    """True once the model's first event is there."""
    token_ids: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        return self.builder.response["id"]

    @property
    def stores(self) -> bool:
        """True if the response can be retrieved later."""
        return self.builder.response["store"]

    @property
    def background(self) -> bool:
        return self.builder.response["background"]

    def stored(self) -> StoredResponse:
        """Return the response as it is now, for the store."""
        return StoredResponse(self.builder.response, self.input, self.token_ids, self.request.space)

    def release(self) -> None:
        """Give back what was held for an answer in the background."""
        self.record.release()
        self.claim.release()

    def begin(self) -> list[Chunk]:
        """Return the response's first events; none if they were returned before."""
        if self.begun:
            return []
        self.begun = True
        return self.builder.begin()

    def shorten(self, too_long: ContextLengthExceeded) -> bool:
        """Drop the oldest turns of the prompt. Returns False if the request forbids it or only one turn is left."""
        prompt = self.request.prompt
        if self.builder.response["truncation"] != "auto" or isinstance(prompt, str):
            return False
        shorter = shortened(prompt, too_long)
        self.request = replace(self.request, prompt=shorter or prompt)
        return shorter is not None

    def remember(self, finished: Finished) -> None:
        """Keep the sampled ids, if they are exactly one whole turn."""
        if finished.reason != "length" and finished.stop_string is None:
            self.token_ids = finished.token_ids[finished.usage.prompt_tokens :]
