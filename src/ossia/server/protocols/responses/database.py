"""Database: the SQLite file of responses and conversations, and the one thread in which all SQL runs.

Several servers may use the file at once. It is opened on first use. What is stored in its tables is for the stores to
know.
"""

import asyncio
import fcntl
import logging
import os
import sqlite3
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from heapq import heapify, heapreplace
from math import inf
from pathlib import Path
from typing import Final, TypeVar

from ossia.errors import StoreError

logger = logging.getLogger(__name__)

MAX_BYTES: Final = 1 << 30
MAX_SECONDS: Final = 30 * 24 * 3600.0

_VERSION: Final = 3
_RESPONSES: Final = """
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
_SPACES: Final = "ALTER TABLE responses ADD COLUMN space TEXT NOT NULL DEFAULT '';"
"""Change from version 1 to 2. Older responses are everybody's who has no key."""
_CONVERSATIONS: Final = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    created REAL NOT NULL,
    used REAL NOT NULL,
    size INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    space TEXT NOT NULL
);
CREATE INDEX conversations_by_age ON conversations (used, size);
CREATE TABLE conversation_items (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    item TEXT NOT NULL,
    UNIQUE (conversation_id, id)
);
CREATE INDEX items_by_conversation ON conversation_items (conversation_id, position);
"""
_CHANGES: Final = (_RESPONSES + _CONVERSATIONS, _SPACES + _CONVERSATIONS, _CONVERSATIONS, "")
"""Statements that bring a file of each version to the present one; a new file has version 0."""
_ABANDONED: Final = """
UPDATE responses SET unfinished = 0, response = json_set(response, '$.status', 'failed', '$.error',
    json_object('code', 'server_error', 'message', 'the server ended before the answer did')) WHERE unfinished
"""
_INDEXES: Final = """
CREATE INDEX IF NOT EXISTS responses_by_space ON responses (space, created, size);
CREATE INDEX IF NOT EXISTS conversations_by_space ON conversations (space, used, size)
"""
"""Indexes that a file of this version may still lack. Without them a limit reads every row, all of a gigabyte."""

_T = TypeVar("_T")


class Database:
    """The file `path`, which need not exist yet. Every method raises StoreError if it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "responses")
        self._connection: sqlite3.Connection | None = None
        self._undo = ExitStack()

    async def run(self, work: Callable[[], _T]) -> _T:
        """Do the work in the thread and return its result. Cancelling this does not cancel the work."""
        return await asyncio.shield(asyncio.wrap_future(self._thread.submit(self._guarded, work)))

    def run_soon(self, work: Callable[[], None]) -> None:
        """Do the work without waiting, from code that must not await. A failure is logged."""
        self._thread.submit(self._guarded, work).add_done_callback(_log_failure)

    async def close(self) -> None:
        """Finish all work, and close the file."""
        await asyncio.wrap_future(self._thread.submit(self._undo.close))
        self._thread.shutdown()

    def open(self) -> sqlite3.Connection:
        """Return the connection, in the thread."""
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
                self._connection = connection
                self._undo.push(undo.pop_all())
        return self._connection

    def _guarded(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except (sqlite3.Error, OSError) as error:
            hint = "is its disk full, may its folder be written to? A damaged file can be moved away"
            text = error.strerror if isinstance(error, OSError) else error
            raise StoreError(f"{self._path} cannot be used: {text}", hint) from error


@contextmanager
def transaction(db: sqlite3.Connection, kind: str = "IMMEDIATE") -> Generator[sqlite3.Connection]:
    """One change of the file, or, if it is DEFERRED, one state of it that is read."""
    db.execute(f"BEGIN {kind}")
    try:
        yield db
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def expire(db: sqlite3.Connection, table: str, time: str, now: float, max_seconds: float) -> None:
    """Delete the rows of a table that are too old. What is from the future, by a clock that was set back, is of now."""
    db.execute(f"UPDATE {table} SET {time} = ? WHERE {time} > ?", (now, now))
    db.execute(f"DELETE FROM {table} WHERE {time} < ?", (now - max_seconds,))


class Limit:
    """Total size of a table's rows, of which the oldest go. It is looked at once a hundredth of it has been added.

    Each goes from the space that has most just then, and no more than must: who stores much loses nobody else's.
    """

    def __init__(self, table: str, time: str, max_bytes: int) -> None:
        """Take the name of the column that tells a row's age."""
        self._table, self._time, self._max_bytes = table, time, max_bytes
        self._added = inf

    def keep(self, db: sqlite3.Connection, added: int) -> None:
        """Delete what is too much, after so many bytes have been added."""
        self._added += added
        if self._added <= self._max_bytes // 100:
            return
        self._added = 0
        total = f"SELECT -sum(size), min({self._time}), space FROM {self._table} GROUP BY space"
        spaces: list[tuple[int, float, str]] = db.execute(total).fetchall()
        self._shorten(db, spaces, -sum(size for size, _, _ in spaces) - self._max_bytes)

    def _shorten(self, db: sqlite3.Connection, spaces: list[tuple[int, float, str]], excess: int) -> None:
        """Delete the oldest row of the space that has most just then, until so many bytes are gone.

        A space is its size below zero, the age of its oldest row, which decides between equals, and its name.
        """
        query = f"SELECT id, size, {self._time} FROM {self._table} WHERE space = ? ORDER BY {self._time}, rowid"
        oldest: dict[str, sqlite3.Cursor] = {}
        ids: list[tuple[str]] = []
        heapify(spaces)
        while excess > 0:
            total, _, space = spaces[0]
            if space not in oldest:
                oldest[space] = db.execute(query, (space,))
            id, size, time = next(oldest[space])
            heapreplace(spaces, (total + size, time, space))
            ids.append((id,))
            excess -= size
        db.executemany(f"DELETE FROM {self._table} WHERE id = ?", ids)


def _lock(lock: int) -> bool:
    """Wait until no other server is opening the file. Returns True if no other server has it open either."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(lock, fcntl.LOCK_SH)
        return False
    return True


def _prepare(db: sqlite3.Connection, alone: bool) -> None:
    """Create the tables that are missing. If `alone`, mark unfinished responses as failed: nobody can finish them."""
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA foreign_keys = ON")
    with transaction(db):
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise sqlite3.DatabaseError("a newer version of ossia has written it")
        for statement in _CHANGES[version].split(";"):
            db.execute(statement)
        for statement in _INDEXES.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {_VERSION}")
        if alone:
            db.execute(_ABANDONED)


def _log_failure(done: Future[None]) -> None:
    if failure := done.exception():
        logger.warning("a response could not be stored: %s", failure)
