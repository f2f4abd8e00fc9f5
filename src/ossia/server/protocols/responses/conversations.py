"""ConversationStore: conversations in the database, each a list of items that grows, and texts of the client's own.

A conversation belongs to a space, and for all others it is not there. It expires thirty days after it was last added
to, and together they have a total size. Of an item the store knows only the id.
"""

import sqlite3
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from ossia.errors import ConversationNotFound, InvalidRequest
from ossia.server.http.body import Json
from ossia.server.http.stream import to_json
from ossia.server.protocols.responses.database import Database, Limit, expire, transaction
from ossia.server.protocols.responses.paging import Wanted
from ossia.server.protocols.responses.stored import MOST_READ, too_long

_ROW: Final = 200
"""Bytes that a conversation or an item counts beside its text, so that many empty ones are not free."""

_MOST_SHOWN: Final = 4 << 20
"""Bytes of a page, unless its only item has more: a hundred items may be larger than the memory."""

_END: Final = (1 << 63) - 1
"""A position after all items."""
_ITEMS: Final = "SELECT CAST(item AS BLOB) FROM conversation_items WHERE conversation_id = ? AND position"
_OLDEST: Final = f"{_ITEMS} > ? ORDER BY position LIMIT ?"
_NEWEST: Final = f"{_ITEMS} < ? ORDER BY position DESC LIMIT ?"
_NAMED: Final = "SELECT position, CAST(item AS BLOB) FROM conversation_items WHERE conversation_id = ? AND id = ?"
_REMOVE: Final = "DELETE FROM conversation_items WHERE position = ? RETURNING length(CAST(item AS BLOB))"
_ADD: Final = "INSERT OR IGNORE INTO conversation_items (conversation_id, id, item) VALUES (?, ?, ?)"

_Packed = tuple[int, str, str]
"""Size of an item, its id, and its text."""

_object = msgspec.json.Decoder(Json).decode


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation without its items; `created` is in seconds since 1970."""

    id: str
    created: float
    metadata: Json


@dataclass(frozen=True, slots=True)
class ItemsPage:
    """Items of a conversation in the order that was asked for; `has_more` is true if others follow."""

    items: Sequence[msgspec.Raw]
    has_more: bool


class ConversationStore:
    """Conversations of a database. Every method raises StoreError if its file cannot be used.

    All but `create` raise ConversationNotFound if there is no such conversation in the space.
    """

    def __init__(
        self, database: Database, max_bytes: int, max_seconds: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._limit = Limit("conversations", "used", max_bytes)
        self._max_seconds = max_seconds
        self._clock = clock

    async def create(self, items: Sequence[Json], metadata: Json, space: str = "") -> Conversation:
        made = Conversation(f"conv_{uuid.uuid4().hex}", self._clock(), metadata)
        await self._database.run(lambda: self._create(made, items, space))
        return made

    async def get(self, id: str, space: str = "") -> Conversation:
        return await self._database.run(lambda: self._get(id, space))

    async def describe(self, id: str, metadata: Json, space: str = "") -> Conversation:
        """Replace the metadata."""
        return await self._database.run(lambda: self._describe(id, metadata, space))

    async def delete(self, id: str, space: str = "") -> None:
        await self._database.run(lambda: self._delete(id, space))

    async def items(self, id: str, space: str = "") -> list[bytes]:
        """Return all items as JSON, oldest first. Raises InvalidRequest for more than any context has room for."""
        return await self._database.run(lambda: self._items(id, space))

    async def page(self, id: str, wanted: Wanted, space: str = "") -> ItemsPage:
        """Return some items. Raises InvalidRequest if the one before them is not there."""
        return await self._database.run(lambda: self._page(id, wanted, space))

    async def item(self, id: str, item_id: str, space: str = "") -> Json:
        """Return one item. Raises ConversationNotFound for an item that is not there, too."""
        return await self._database.run(lambda: self._item(id, item_id, space)[1])

    async def add(self, id: str, items: Sequence[Json], space: str = "") -> None:
        """Add all items, or none. An item whose id is there already is that item, which a client sends back."""
        await self._database.run(lambda: self._add(id, items, space))

    async def remove(self, id: str, item_id: str, space: str = "") -> Conversation:
        """Remove one item."""
        return await self._database.run(lambda: self._remove(id, item_id, space))

    # ---- in the thread

    def _create(self, made: Conversation, items: Sequence[Json], space: str) -> None:
        metadata, packed = to_json(made.metadata), pack(items)
        size = _ROW + len(metadata)
        row = (made.id, made.created, made.created, size, metadata.decode(), space)
        with transaction(self._database.open()) as db:
            db.execute("INSERT INTO conversations VALUES (?, ?, ?, ?, ?, ?)", row)
            self._insert(db, made.id, packed, size)

    def _get(self, id: str, space: str) -> Conversation:
        query = "SELECT created, metadata FROM conversations WHERE id = ? AND space = ? AND used >= ?"
        for created, metadata in self._database.open().execute(query, (id, space, self._oldest())):
            return Conversation(id, created, _object(metadata))
        raise ConversationNotFound(id)

    def _describe(self, id: str, metadata: Json, space: str) -> Conversation:
        text = to_json(metadata)
        change = "UPDATE conversations SET size = size + ? - length(CAST(metadata AS BLOB)), metadata = ? WHERE id = ?"
        with transaction(self._database.open()) as db:
            found = self._get(id, space)
            db.execute(change, (len(text), text.decode(), id))
            self._limit.keep(db, len(text))
        return Conversation(id, found.created, metadata)

    def _delete(self, id: str, space: str) -> None:
        with transaction(self._database.open()) as db:
            if not db.execute("DELETE FROM conversations WHERE id = ? AND space = ?", (id, space)).rowcount:
                raise ConversationNotFound(id)

    def _items(self, id: str, space: str) -> list[bytes]:
        with transaction(self._database.open(), "DEFERRED") as db:  # another server may add to it, or delete it
            self._get(id, space)
            (size,) = db.execute("SELECT size FROM conversations WHERE id = ?", (id,)).fetchone()
            if size > MOST_READ:
                raise too_long()
            return [item for (item,) in db.execute(_OLDEST, (id, 0, _END))]

    def _page(self, id: str, wanted: Wanted, space: str) -> ItemsPage:
        self._get(id, space)
        begin = self._begin(id, wanted, space)
        rows = self._database.open().execute(_NEWEST if wanted.newest_first else _OLDEST, (id, begin, wanted.count + 1))
        return _first(rows, wanted.count)

    def _begin(self, id: str, wanted: Wanted, space: str) -> int:
        """Return the position that a page's items follow."""
        if wanted.after is None:
            return _END if wanted.newest_first else 0
        try:
            return self._item(id, wanted.after, space)[0]
        except ConversationNotFound:
            raise InvalidRequest(f"after: there is no item {wanted.after!r}") from None

    def _item(self, id: str, item_id: str, space: str) -> tuple[int, Json]:
        """Return the position and the item."""
        self._get(id, space)
        for position, item in self._database.open().execute(_NAMED, (id, item_id)):
            return position, _object(item)
        raise ConversationNotFound(id, item_id)

    def _add(self, id: str, items: Sequence[Json], space: str) -> None:
        packed = pack(items)
        with transaction(self._database.open()) as db:
            self.append(db, id, packed, space)

    def append(self, db: sqlite3.Connection, id: str, items: Sequence[_Packed], space: str) -> None:
        """Add packed items as a part of a change, in the thread."""
        self._get(id, space)
        db.execute("UPDATE conversations SET used = ? WHERE id = ?", (self._clock(), id))
        self._insert(db, id, items)

    def _insert(self, db: sqlite3.Connection, id: str, items: Sequence[_Packed], added: int = 0) -> None:
        expire(db, "conversations", "used", self._clock(), self._max_seconds)
        size = sum(db.execute(_ADD, (id, *row)).rowcount * size for size, *row in items)
        db.execute("UPDATE conversations SET size = size + ? WHERE id = ?", (size, id))
        self._limit.keep(db, added + size)

    def _remove(self, id: str, item_id: str, space: str) -> Conversation:
        with transaction(self._database.open()) as db:
            found, (position, _) = self._get(id, space), self._item(id, item_id, space)
            freed = sum(_ROW + length for (length,) in db.execute(_REMOVE, (position,)).fetchall())
            db.execute("UPDATE conversations SET size = size - ? WHERE id = ?", (freed, id))
        return found

    def _oldest(self) -> float:
        return self._clock() - self._max_seconds


def pack(items: Sequence[Json]) -> list[_Packed]:
    """Return items as they are stored, which takes a while: before a transaction, for which other servers wait."""
    texts = [to_json(item) for item in items]
    return [(_ROW + len(text), item["id"], text.decode()) for item, text in zip(items, texts, strict=True)]


def _first(rows: Iterable[tuple[bytes]], count: int) -> ItemsPage:
    """Return at most `count` items, and fewer if they are long; the others follow on another page."""
    items, room = list[msgspec.Raw](), _MOST_SHOWN
    for (item,) in rows:
        if len(items) == count or (items and len(item) > room):
            return ItemsPage(items, has_more=True)
        items.append(msgspec.Raw(item))
        room -= len(item)
    return ItemsPage(items, has_more=False)
