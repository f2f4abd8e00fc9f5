"""ResponseStore: responses in the database, for thirty days and up to a total size.

A stored response consists of the response object, its input items and its sampled ids. It belongs to a space, and for
all others it is not there. Of a response's content the store knows only the id, the status and the ids of the items.
"""

import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from sqlite3 import Connection
from typing import Final

from msgspec import Raw

from ossia.aside import aside
from ossia.errors import BodyTooLarge, ConversationNotFound, PreviousResponseNotFound
from ossia.server.http.body import Json
from ossia.server.http.stream import to_json
from ossia.server.protocols.responses.conversations import ConversationStore, pack
from ossia.server.protocols.responses.database import MAX_BYTES, MAX_SECONDS, Database, Limit, expire, transaction
from ossia.server.protocols.responses.stored import MOST_READ, PackedResponse, StoredResponse, too_long

_Row = tuple[int, bool, str, str, bytes]
"""Columns of a response: size in bytes, unfinished, response, input, token_ids."""

_PACKED: Final = "id, previous_id, CAST(response AS BLOB), CAST(input AS BLOB), token_ids, space"
"""Columns as bytes: one wide character makes all of a text's characters wide."""


class ResponseStore:
    """Store in the file `path`, which need not exist yet. Every method raises StoreError if the file cannot be used."""

    def __init__(
        self,
        path: Path,
        max_bytes: int = MAX_BYTES,
        max_seconds: float = MAX_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = Database(path)
        self._limit = Limit("responses", "created", max_bytes)
        self._max_seconds = max_seconds
        self._clock = clock
        self.conversations = ConversationStore(self._database, max_bytes, max_seconds, clock)

    async def get(self, id: str, space: str = "") -> StoredResponse | None:
        packed = await self._database.run(lambda: self._get(id, space))
        return packed and await aside(packed.size, packed.unpacked)

    async def input(self, id: str, space: str = "") -> list[Raw] | None:
        """Return the items that a response answers, as they are stored; None if it is not there."""
        packed = await self._database.run(lambda: self._get(id, space))
        return packed and await aside(packed.size, packed.items)

    async def chain(self, id: str, space: str = "") -> list[PackedResponse]:
        """Return a response and all responses before it, oldest first.

        Raises PreviousResponseNotFound, or InvalidRequest if they are more than any context has room for.
        """
        return await self._database.run(lambda: self._chain(id, space))

    async def with_items(self, ids: Sequence[str], space: str = "") -> list[PackedResponse]:
        """Return the responses whose outputs have items with these ids, as `chain` does."""
        return await self._database.run(lambda: list(self._with_items(ids, space))) if ids else []

    async def add(self, stored: StoredResponse) -> None:
        """Store a new response. Expired responses are deleted; so are old ones if the total size is too large.

        Raises BodyTooLarge for one from which nothing could ever go on.
        """
        await self._database.run(lambda: self._add(stored))

    async def update(self, stored: StoredResponse) -> None:
        """Store the new state of a response, unless it was deleted."""
        await self._database.run(lambda: self._update(stored))

    async def finish(self, stored: StoredResponse, conversation: str, items: Sequence[Json]) -> None:
        """Store the new state of a response, and add items to a conversation of the same space, in one change.

        What was deleted, or was never stored, is left out.
        """
        await self._database.run(lambda: self._finish(stored, conversation, items))

    def update_soon(self, stored: StoredResponse) -> None:
        """Do the same without waiting, from code that must not await. Later calls see the new state."""
        self._database.run_soon(lambda: self._update(stored))

    async def delete(self, id: str, space: str = "") -> bool:
        """Delete a response. Returns False if there is none of that id."""
        return await self._database.run(lambda: self._delete(id, space))

    async def close(self) -> None:
        """Finish all writes, and close the file."""
        await self._database.close()

    # ---- in the thread

    def _get(self, id: str, space: str) -> PackedResponse | None:
        query = f"SELECT {_PACKED} FROM responses WHERE id = ? AND space = ? AND created >= ?"
        wanted = (id, space, self._clock() - self._max_seconds)
        return next((PackedResponse(*row) for row in self._database.open().execute(query, wanted)), None)

    def _chain(self, id: str, space: str) -> list[PackedResponse]:
        found: list[PackedResponse] = []
        name: str | None = id
        room = MOST_READ
        while name:
            room = self._room(room, name, space)
            packed = self._get(name, space)
            if packed is None:
                raise PreviousResponseNotFound(name)
            found.append(packed)
            name = packed.previous_id
        return found[::-1]

    def _with_items(self, ids: Sequence[str], space: str) -> Iterator[PackedResponse]:
        """Yield each response once, however many of its items are asked for."""
        query = "SELECT response_id FROM items WHERE id = ?"
        rows = (self._database.open().execute(query, (id,)).fetchone() for id in ids)
        room = MOST_READ
        for name in dict.fromkeys(row[0] for row in rows if row):
            room = self._room(room, name, space)
            if packed := self._get(name, space):
                yield packed

    def _room(self, room: int, id: str, space: str) -> int:
        """Return the bytes that are left of `room` beside a response. Raises InvalidRequest if there are none."""
        query = "SELECT size FROM responses WHERE id = ? AND space = ?"
        row = self._database.open().execute(query, (id, space)).fetchone()
        left = room - (row[0] if row else 0)
        if left < 0:
            raise too_long()
        return left

    def _add(self, stored: StoredResponse) -> None:
        now, columns = self._clock(), _columns(stored)
        if columns[0] > MOST_READ:
            raise BodyTooLarge("the response is too large to be stored", hint="send less, or store: false")
        with transaction(self._database.open()) as db:
            expire(db, "responses", "created", now, self._max_seconds)
            previous = stored.response["previous_response_id"]
            row = (stored.id, previous, now, *columns, stored.space)
            db.execute("INSERT INTO responses VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._limit.keep(db, columns[0])

    def _update(self, stored: StoredResponse) -> None:
        columns = _columns(stored)
        with transaction(self._database.open()) as db:
            self._change(db, stored, columns)

    def _finish(self, stored: StoredResponse, conversation: str, items: Sequence[Json]) -> None:
        columns, packed = _columns(stored), pack(items)
        with transaction(self._database.open()) as db:
            self._change(db, stored, columns)
            with suppress(ConversationNotFound):
                self.conversations.append(db, conversation, packed, stored.space)

    def _change(self, db: Connection, stored: StoredResponse, columns: _Row) -> None:
        changes = "size = ?, unfinished = ?, response = ?, input = ?, token_ids = ?"
        done = db.execute(f"UPDATE responses SET {changes} WHERE id = ?", (*columns, stored.id))
        if done.rowcount:
            items = [(item["id"], stored.id) for item in stored.response["output"]]
            db.executemany("INSERT OR REPLACE INTO items VALUES (?, ?)", items)
            self._limit.keep(db, columns[0])

    def _delete(self, id: str, space: str) -> bool:
        with transaction(self._database.open()) as db:
            return db.execute("DELETE FROM responses WHERE id = ? AND space = ?", (id, space)).rowcount > 0


def _columns(stored: StoredResponse) -> _Row:
    response, input, token_ids = to_json(stored.response), to_json(stored.input), array("I", stored.token_ids).tobytes()
    size = len(response) + len(input) + len(token_ids)
    return size, stored.unfinished, response.decode(), input.decode(), token_ids
