"""ResponseStore: responses in one SQLite file, for thirty days and up to a total size.

A stored response consists of the response object, its input items and its sampled ids. It belongs to a space, and for
all others it is not there. Several servers may use the file at once. Of a response's content the store knows only the
id, the status and the ids of the items.

All SQL runs in one thread. The connection is opened on first use.
"""

import asyncio
import fcntl
import logging
import os
import sqlite3
import time
from array import array
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from ossia.errors import InvalidRequest, PreviousResponseNotFound, StoreError
from ossia.server.http.body import Json
from ossia.server.http.stream import to_json

logger = logging.getLogger(__name__)

_SECONDS: Final = 30 * 24 * 3600.0
_BYTES: Final = 1 << 30
_MOST_READ: Final = 64 << 20
"""Bytes of responses that one request may refer to, which is more than any context has room for."""
_VERSION: Final = 2
_SCHEMA: Final = """
CREATE TABLE responses (
    id TEXT PRIMARY KEY,
    previous_id TEXT,
    created REAL NOT NULL,
    size INTEGER NOT NULL,
    unfinished INTEGER NOT NULL,
    response TEXT NOT NULL,
    input TEXT NOT NULL,
    token_ids BLOB NOT NULL,
    space TEXT NOT NULL DEFAULT ''
);
CREATE INDEX responses_by_age ON responses (created, size);
CREATE TABLE items (
    id TEXT PRIMARY KEY,
    response_id TEXT NOT NULL REFERENCES responses (id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX items_by_response ON items (response_id);
"""
_SPACES: Final = "ALTER TABLE responses ADD COLUMN space TEXT NOT NULL DEFAULT ''"
"""Change from version 1 to 2. Older responses are everybody's who has no key."""
_ABANDONED: Final = """
UPDATE responses SET unfinished = 0, response = json_set(response, '$.status', 'failed', '$.error',
    json_object('code', 'server_error', 'message', 'the server ended before the answer did')) WHERE unfinished
"""

_OLD: Final = """
WITH depths AS (
    SELECT id, size, sum(size) OVER (PARTITION BY space ORDER BY created DESC, rowid DESC) AS depth FROM responses
), sums AS (SELECT id, sum(size) OVER (ORDER BY depth, id) AS sum FROM depths)
DELETE FROM responses WHERE id IN (SELECT id FROM sums WHERE sum > ?)
"""

_Row = tuple[int, bool, str, str, bytes]
"""Columns of a response: size, unfinished, response, input, token_ids."""

_object = msgspec.json.Decoder(Json).decode
_objects = msgspec.json.Decoder(list[Json]).decode
_T = TypeVar("_T")


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


class ResponseStore:
    """Store in the file `path`, which need not exist yet. Every method raises StoreError if the file cannot be used."""

    def __init__(
        self,
        path: Path,
        max_bytes: int = _BYTES,
        max_seconds: float = _SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "responses")
        self._connection: sqlite3.Connection | None = None
        self._undo = ExitStack()

    async def get(self, id: str, space: str = "") -> StoredResponse | None:
        return await self._run(lambda: self._get(id, space))

    async def chain(self, id: str, space: str = "") -> list[StoredResponse]:
        """Return a response and all responses before it, oldest first. Raises PreviousResponseNotFound."""
        return await self._run(lambda: self._chain(id, space))

    async def items(self, ids: Sequence[str], space: str = "") -> dict[str, Json]:
        """Return the items of stored outputs that have one of these ids, by id."""
        return await self._run(lambda: dict(self._items(ids, space))) if ids else {}

    async def add(self, stored: StoredResponse) -> None:
        """Store a new response. Expired responses are deleted; so are old ones if the total size is too large."""
        await self._run(lambda: self._add(stored))

    async def update(self, stored: StoredResponse) -> None:
        """Store the new state of a response, unless it was deleted."""
        await self._run(lambda: self._update(stored))

    def update_soon(self, stored: StoredResponse) -> None:
        """Do the same without waiting, from code that must not await. Later calls see the new state."""
        self._thread.submit(self._guarded, lambda: self._update(stored)).add_done_callback(_log_failure)

    async def delete(self, id: str, space: str = "") -> bool:
        """Delete a response. Returns False if there is none of that id."""
        return await self._run(lambda: self._delete(id, space))

    async def close(self) -> None:
        """Finish all writes, and close the file."""
        await asyncio.wrap_future(self._thread.submit(self._close))
        self._thread.shutdown()

    async def _run(self, work: Callable[[], _T]) -> _T:
        """Do the work in the thread and return its result. Cancelling this does not cancel the work."""
        return await asyncio.shield(asyncio.wrap_future(self._thread.submit(self._guarded, work)))

    def _guarded(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except (sqlite3.Error, OSError) as error:
            hint = "its folder must be writable (`store: false` needs none); a damaged file can be moved away"
            text = error.strerror if isinstance(error, OSError) else error
            raise StoreError(f"{self._path} cannot be used: {text}", hint) from error

    # ---- in the thread

    def _get(self, id: str, space: str) -> StoredResponse | None:
        query = "SELECT response, input, token_ids FROM responses WHERE id = ? AND space = ? AND created >= ?"
        for response, input, token_ids in self._db().execute(query, (id, space, self._clock() - self._max_seconds)):
            return StoredResponse(_object(response), _objects(input), tuple(array("I", token_ids)), space)
        return None

    def _chain(self, id: str, space: str) -> list[StoredResponse]:
        found: list[StoredResponse] = []
        name: str | None = id
        room = _MOST_READ
        while name:
            room = self._room(room, name, space)
            stored = self._get(name, space)
            if stored is None:
                raise PreviousResponseNotFound(name)
            found.append(stored)
            name = stored.response["previous_response_id"]
        return found[::-1]

    def _items(self, ids: Sequence[str], space: str) -> Iterator[tuple[str, Json]]:
        """Yield the items by their ids. A response is read once, however many of its items are asked for."""
        query = "SELECT response_id FROM items WHERE id = ?"
        rows = (self._db().execute(query, (id,)).fetchone() for id in ids)
        wanted, room = set(ids), _MOST_READ
        for name in dict.fromkeys(row[0] for row in rows if row):
            room = self._room(room, name, space)
            stored = self._get(name, space)
            for item in stored.response["output"] if stored else ():
                if item["id"] in wanted:
                    yield item["id"], item

    def _room(self, room: int, id: str, space: str) -> int:
        """Return the bytes that are left of `room` beside a response. Raises InvalidRequest if there are none."""
        row = self._db().execute("SELECT size FROM responses WHERE id = ? AND space = ?", (id, space)).fetchone()
        left = room - (row[0] if row else 0)
        if left < 0:
            raise InvalidRequest(
                "the stored conversation is too long to be continued", hint="send the end of it as input instead"
            )
        return left

    def _add(self, stored: StoredResponse) -> None:
        now = self._clock()
        with _transaction(self._db()) as db:
            db.execute("DELETE FROM responses WHERE created < ?", (now - self._max_seconds,))
            previous = stored.response["previous_response_id"]
            row = (stored.id, previous, now, *_columns(stored), stored.space)
            db.execute("INSERT INTO responses VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._limit(db)

    def _update(self, stored: StoredResponse) -> None:
        changes = "size = ?, unfinished = ?, response = ?, input = ?, token_ids = ?"
        with _transaction(self._db()) as db:
            done = db.execute(f"UPDATE responses SET {changes} WHERE id = ?", (*_columns(stored), stored.id))
            if done.rowcount:
                items = [(item["id"], stored.id) for item in stored.response["output"]]
                db.executemany("INSERT OR REPLACE INTO items VALUES (?, ?)", items)
            self._limit(db)

    def _delete(self, id: str, space: str) -> bool:
        with _transaction(self._db()) as db:
            return db.execute("DELETE FROM responses WHERE id = ? AND space = ?", (id, space)).rowcount > 0

    def _limit(self, db: sqlite3.Connection) -> None:
        """Delete old responses, as many as exceed the total size.

        The first to go is the one with the most bytes of its own space after it: who stores much loses nobody else's.
        """
        if db.execute("SELECT total(size) FROM responses").fetchone()[0] > self._max_bytes:
            db.execute(_OLD, (self._max_bytes,))

    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with ExitStack() as undo:
                lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                undo.callback(os.close, lock)
                alone = _lock(lock)
                if alone and not self._path.exists():
                    os.close(os.open(self._path, os.O_CREAT, 0o600))
                connection = undo.enter_context(closing(sqlite3.connect(self._path, 10, isolation_level=None)))
                _prepare(connection, alone)
                fcntl.flock(lock, fcntl.LOCK_SH)  # while the store is open
                self._connection, self._undo = connection, undo.pop_all()
        return self._connection

    def _close(self) -> None:
        self._undo.close()


def _lock(lock: int) -> bool:
    """Wait until no other server is opening the file. Returns True if no other server has it open either."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(lock, fcntl.LOCK_SH)
        return False
    return True


def _prepare(db: sqlite3.Connection, alone: bool) -> None:
    """Create the tables if there are none. If `alone`, mark unfinished responses as failed: nobody can finish them."""
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA foreign_keys = ON")
    with _transaction(db):
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise sqlite3.DatabaseError("a newer version of ossia has written it")
        if version == 0:
            for statement in _SCHEMA.split(";"):
                db.execute(statement)
        elif version == 1:
            db.execute(_SPACES)
        db.execute(f"PRAGMA user_version = {_VERSION}")
        if alone:
            db.execute(_ABANDONED)


@contextmanager
def _transaction(db: sqlite3.Connection) -> Generator[sqlite3.Connection]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _columns(stored: StoredResponse) -> _Row:
    response, input = to_json(stored.response).decode(), to_json(stored.input).decode()
    token_ids = array("I", stored.token_ids).tobytes()
    size = len(response) + len(input) + len(token_ids)
    return size, stored.unfinished, response, input, token_ids


def _log_failure(done: Future[None]) -> None:
    if failure := done.exception():
        logger.warning("a response could not be stored: %s", failure)
