"""Responses as they are stored. To decode them takes time, and much memory, so there are limits to what is decoded."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec.structs import asdict

from ossia.errors import InvalidRequest
from ossia.server.http.body import MOST_VALUES, Json
from ossia.server.http.budget import num_values, weight
from ossia.server.protocols.conversation import MOST_MESSAGES

MOST_READ: Final = 16 << 20
"""Bytes of stored items that one request may refer to, which is more than any context has room for."""

_object = msgspec.json.Decoder(Json).decode
_objects = msgspec.json.Decoder(list[Json]).decode
_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode


class _Turn(msgspec.Struct):
    """The part of a response that a conversation needs to go on from it."""

    id: str
    status: str
    output: msgspec.Raw
    model: str = ""
    conversation: Json | None = None


_turn = msgspec.json.Decoder(_Turn).decode


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response, the items that it answers, the sampled ids, if known, and the space that it belongs to."""

    response: Json
    input: Sequence[Json] = ()
    token_ids: tuple[int, ...] = ()
    space: str = ""

    @property
    def id(self) -> str:
        return self.response["id"]

    @property
    def unfinished(self) -> bool:
        return self.response["status"] in ("queued", "in_progress")


@dataclass(frozen=True, slots=True)
class PackedResponse:
    """A response as it lies in the store."""

    id: str
    previous_id: str | None
    response: bytes
    input: bytes
    token_ids: bytes
    space: str

    @property
    def size(self) -> int:
        return len(self.response) + len(self.input) + len(self.token_ids)

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes once it is decoded, of which an id takes ten times its own."""
        return weight(self.response) + weight(self.input) + 10 * len(self.token_ids)

    def unpacked(self) -> StoredResponse:
        return StoredResponse(_object(self.response), _objects(self.input), self._ids(), self.space)

    def items(self) -> list[msgspec.Raw]:
        """Return the items that the response answers, as they are stored."""
        return _raws(self.input)

    def turn(self, room: "Room") -> StoredResponse:
        """Return what a conversation needs to go on from it. Raises InvalidRequest if there is no room for it."""
        turn = _turn(self.response)
        fields = asdict(turn) | {"output": room.decode(bytes(turn.output))}
        return StoredResponse(fields, room.decode(self.input), self._ids(), self.space)

    def output(self, room: "Room") -> list[Json]:
        """Return the items of the output. Raises InvalidRequest if there is no room for them."""
        return room.decode(bytes(_turn(self.response).output))

    def _ids(self) -> tuple[int, ...]:
        return tuple(array("I", self.token_ids))


class Room:
    """Items and values that one request may still refer to."""

    def __init__(self) -> None:
        self._items, self._values = MOST_MESSAGES, MOST_VALUES

    def decode(self, items: bytes) -> list[Json]:
        """Decode a list of items. Raises InvalidRequest if there is no room for them."""
        self._values -= sum(num_values(items))
        decoded = _objects(items) if self._values >= 0 else []
        self._items -= len(decoded)
        if min(self._values, self._items) < 0:
            raise too_long()
        return decoded


def outputs(packed: Iterable[PackedResponse], ids: Iterable[str], room: Room) -> dict[str, Json]:
    """Return the items of responses' outputs that have one of the ids, by id. Raises InvalidRequest for too many."""
    wanted = set(ids)
    items = (item for each in packed for item in each.output(room))
    return {item["id"]: item for item in items if item["id"] in wanted}


def joined(items: Sequence[bytes]) -> bytes:
    """Return items as one list."""
    return b"[" + b",".join(items) + b"]"


def too_long() -> InvalidRequest:
    return InvalidRequest(
        "the stored conversation is too long to be continued", hint="send the end of it as input instead"
    )
