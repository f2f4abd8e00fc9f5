"""The store of responses: what stays, what goes, who may write at once, and what a crash leaves."""

import asyncio
import logging
import os
import signal
import sqlite3
import subprocess
import sys
from array import array
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ossia.errors import ConversationNotFound, InvalidRequest, PreviousResponseNotFound, StoreError
from ossia.server.http.stream import to_json
from ossia.server.protocols.responses import store as store_module
from ossia.server.protocols.responses.store import ResponseStore
from ossia.server.protocols.responses.stored import StoredResponse, outputs
from tests.waiting import PATIENCE

_DAY = 24 * 3600.0


def response(id: str, previous: str | None = None, status: str = "completed", text: str = "Hi") -> StoredResponse:
    output = [{"id": f"msg_{id}", "type": "message", "text": text}]
    whole = {"id": id, "status": status, "error": None, "previous_response_id": previous, "output": output}
    return StoredResponse(whole, [{"id": f"in_{id}", "text": "Zürich 🦀"}], (1, 200_000, 3))


class Clock:
    def __init__(self) -> None:
        self.now = 1000 * _DAY

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def opened(path: Path, **settings: Any) -> AsyncGenerator[ResponseStore]:
    store = ResponseStore(path / "responses.db", **settings)
    try:
        yield store
    finally:
        await store.close()


async def keep(store: ResponseStore, *responses: StoredResponse) -> None:
    for each in responses:
        await store.add(each)
        await store.update(each)


async def there(store: ResponseStore, *ids: str) -> list[str]:
    return [id for id in ids if await store.get(id)]


async def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await keep(store, response("a"))
        assert await store.get("a") == response("a")
        assert await store.get("b") is None
    async with opened(tmp_path) as store:
        assert await store.get("a") == response("a")
    assert (tmp_path / "responses.db").stat().st_mode & 0o777 == 0o600


async def test_nothing_is_made_before_something_is_asked(tmp_path: Path) -> None:
    async with opened(tmp_path / "x") as store:
        assert await store.with_items([]) == []
    assert not (tmp_path / "x").exists()


async def test_an_update_replaces_and_does_not_bring_back_what_was_deleted(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.add(response("a", status="in_progress"))
        await store.update(response("a", text="Well"))
        assert await store.get("a") == response("a", text="Well")
        assert await store.delete("a")
        assert not await store.delete("a")
        await store.update(response("a"))
        assert await store.get("a") is None
        assert await store.with_items(["msg_a"]) == []


async def test_an_update_that_nobody_waits_for_is_done_before_what_comes_next(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.add(response("a", status="in_progress"))
        store.update_soon(response("a"))
        assert await store.get("a") == response("a")
        store.update_soon(response("a", text="Well"))
    async with opened(tmp_path) as store:
        assert await store.get("a") == response("a", text="Well")


async def test_an_update_whose_caller_is_cancelled_is_done(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.add(response("a", status="in_progress"))
        other = sqlite3.connect(tmp_path / "responses.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        blocked = asyncio.create_task(store.update(response("a", text="Well")))
        waiting = asyncio.create_task(store.update(response("a")))
        await asyncio.sleep(0)
        for task in (blocked, waiting):
            task.cancel()
        await asyncio.wait([blocked, waiting])
        other.execute("COMMIT")
        other.close()
        assert await store.get("a") == response("a")


async def test_chains(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await keep(store, response("a"), response("b", "a"), response("c", "b"), response("d", "b"))
        assert [each.id for each in await store.chain("c")] == ["a", "b", "c"]
        await store.delete("a")
        with pytest.raises(PreviousResponseNotFound, match="'a' not found"):
            await store.chain("d")


async def test_items(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await keep(store, response("a"), response("b"))
        names = ["msg_b", "msg_x", "msg_a"]
        found = outputs(await store.with_items(names), names)
        assert {id: item["id"] for id, item in found.items()} == {"msg_a": "msg_a", "msg_b": "msg_b"}


async def test_old_responses_go(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock=clock) as store:
        await keep(store, response("a"))
        clock.now += 20 * _DAY
        await keep(store, response("b", "a"))
        clock.now += 11 * _DAY
        assert await there(store, "a", "b") == ["b"]
        with pytest.raises(PreviousResponseNotFound):
            await store.chain("b")
        await keep(store, response("c"))
    with sqlite3.connect(tmp_path / "responses.db") as db:
        assert [id for (id,) in db.execute("SELECT id FROM responses")] == ["b", "c"]
        assert db.execute("SELECT count(*) FROM items").fetchone() == (2,)
    db.close()


async def test_a_clock_that_is_set_back_makes_nothing_new_old(tmp_path: Path) -> None:
    """New responses were once the oldest, and the first to go; older ones stayed until their time had come again."""
    clock = Clock()
    async with opened(tmp_path, clock=clock, max_bytes=10_000) as store:
        await keep(store, *(response(id, text="x" * 2900) for id in "abc"))
        kept = await store.conversations.create([{"id": "msg", "text": "x" * 8000}], {})
        clock.now -= 900 * _DAY
        await keep(store, response("d", "c", text="x" * 2900))
        assert await there(store, *"abcd") == ["b", "c", "d"]
        made = await store.conversations.create([{"id": "msg", "text": "x" * 8000}], {})
        assert await store.conversations.get(made.id)
        with pytest.raises(ConversationNotFound):
            await store.conversations.get(kept.id)
        clock.now += 31 * _DAY
        await keep(store, response("e"))
        assert await there(store, *"abcde") == ["e"]


async def test_the_oldest_go_when_all_is_too_large(tmp_path: Path) -> None:
    async with opened(tmp_path, max_bytes=10_000) as store:
        await keep(store, *(response(id, text="x" * 2900) for id in "abc"))
        assert await there(store, *"abc") == ["a", "b", "c"]
        await store.add(response("d", text="x" * 2900))
        assert await there(store, *"abcd") == ["b", "c", "d"]
        await store.update(response("d", text="x" * 8000))
        assert await there(store, *"abcd") == ["d"]


async def test_many_writers_in_one_process(tmp_path: Path) -> None:
    async with opened(tmp_path) as one, opened(tmp_path) as two:
        ids = [str(number) for number in range(40)]
        await asyncio.gather(*(keep((one, two)[int(id) % 2], response(id)) for id in ids))
        assert await there(one, *ids) == await there(two, *ids) == ids


_WRITER = """
import asyncio, sys
from pathlib import Path
from tests.api.test_response_store import keep, opened, response

async def write():
    async with opened(Path(sys.argv[1])) as store:
        for number in range(30):
            await keep(store, response(f"{sys.argv[2]}{number}"))

asyncio.run(write())
"""


def test_writers_in_several_processes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, name]) for name in "ab"]
    assert [writer.wait(PATIENCE) for writer in writers] == [0, 0]
    ids = [f"{name}{number}" for name in "ab" for number in range(30)]
    assert asyncio.run(listed(tmp_path, *ids)) == ids


async def listed(path: Path, *ids: str) -> list[str]:
    async with opened(path) as store:
        return await there(store, *ids)


_CRASH = """
import asyncio, sys
from pathlib import Path
from tests.api.test_response_store import opened, response

async def write():
    async with opened(Path(sys.argv[1])) as store:
        await store.add(response("a", status="in_progress"))
        print("written", flush=True)
        sys.stdin.read()

asyncio.run(write())
"""


def test_what_a_killed_server_did_not_finish_has_failed(tmp_path: Path) -> None:
    """But not while that server may still finish it."""
    command = [sys.executable, "-c", _CRASH, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout
        assert server.stdout.readline() == b"written\n"
        assert asyncio.run(read(tmp_path, "a"))["status"] == "in_progress"
        os.kill(server.pid, signal.SIGKILL)
    failed = asyncio.run(read(tmp_path, "a"))
    assert (failed["status"], failed["error"]["message"]) == ("failed", "the server ended before the answer did")


async def read(path: Path, id: str) -> Any:
    async with opened(path) as store:
        stored = await store.get(id)
        assert stored
        return stored.response


async def test_a_file_that_cannot_be_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "responses.db").write_text("This is no database. " * 100)
    async with opened(tmp_path) as store:
        with pytest.raises(StoreError, match=r"responses\.db cannot be used: file is not a database"):
            await store.get("a")
        with caplog.at_level(logging.WARNING):
            store.update_soon(response("a"))
    assert "a response could not be stored" in caplog.text


async def test_a_file_of_a_later_version(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "responses.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    async with opened(tmp_path) as store:
        with pytest.raises(StoreError, match="a newer version of ossia has written it"):
            await store.get("a")


async def test_a_space_is_separate(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        mine = replace(response("a"), space="mine")
        await keep(store, mine)
        for space in ("", "theirs"):
            assert await store.get("a", space) is None
            assert await store.with_items(["msg_a"], space) == []
            assert not await store.delete("a", space)
            with pytest.raises(PreviousResponseNotFound):
                await store.chain("a", space)
            await keep(store, replace(response(f"b{space}", "a"), space=space))
            with pytest.raises(PreviousResponseNotFound):  # of its own, but it continues another's
                await store.chain(f"b{space}", space)
        assert await store.get("a", "mine") == mine
        assert [each.id for each in await store.with_items(["msg_a"], "mine")] == ["a"]
        assert await store.delete("a", "mine")


async def test_the_size_of_another_spaces_response_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as store:
        await keep(store, replace(response("a", text="x" * 2000), space="mine"))
        monkeypatch.setattr(store_module, "MOST_READ", 1000)
        with pytest.raises(InvalidRequest):
            await store.chain("a", "mine")
        with pytest.raises(PreviousResponseNotFound):
            await store.chain("a", "theirs")
        assert await store.with_items(["msg_a"], "theirs") == []


async def test_who_stores_much_loses_only_their_own(tmp_path: Path) -> None:
    size = _size_of(response("a00"))
    async with opened(tmp_path, max_bytes=6 * size) as store:
        for number in range(3):
            await keep(store, replace(response(f"a0{number}"), space="a"))
        for number in range(10, 30):
            await keep(store, replace(response(f"b{number}"), space="b"))
        kept = {space: [id for id in _IDS if await store.get(id, space)] for space in "ab"}
    assert kept == {"a": ["a00", "a01", "a02"], "b": ["b27", "b28", "b29"]}


@pytest.mark.parametrize(("spaces", "max_bytes"), [(21, 20.4), (40, 20)])
async def test_no_more_goes_than_must_when_each_space_has_a_little_too_much(
    tmp_path: Path, spaces: int, max_bytes: float
) -> None:
    """Each space was once cut to an equal share, which none of its rows fitted into: everything went."""
    names = [f"{number:02}" for number in range(spaces)]
    clock, size = Clock(), _size_of(response("00", text="x" * 1000))
    async with opened(tmp_path, clock=clock, max_bytes=int(max_bytes * size)) as store:
        for name in reversed(names):
            await keep(store, replace(response(name, text="x" * 1000), space=name))
            clock.now += 1
        assert [name for name in names if await store.get(name, name)] == names[:20], "the oldest of equals go"


async def test_a_conversation_of_each_space_stays_while_all_fit(tmp_path: Path) -> None:
    async with opened(tmp_path, max_bytes=10_000) as store:
        item = {"id": "msg", "text": "x" * 500}
        made = [await store.conversations.create([item], {}, f"space {number}") for number in range(11)]
        kept = 0
        for number, each in enumerate(made):
            with suppress(ConversationNotFound):
                kept += (await store.conversations.get(each.id, f"space {number}")).id == each.id
    assert kept == 10


_IDS = [*(f"a0{number}" for number in range(3)), *(f"b{number}" for number in range(10, 30))]


def _size_of(stored: StoredResponse) -> int:
    return len(to_json(stored.response).decode()) + len(to_json(stored.input).decode()) + 4 * len(stored.token_ids)


_FIRST_VERSION = """
CREATE TABLE responses (
    id TEXT PRIMARY KEY,
    previous_id TEXT,
    created REAL NOT NULL,
    size INTEGER NOT NULL,
    unfinished INTEGER NOT NULL,
    response TEXT NOT NULL,
    input TEXT NOT NULL,
    token_ids BLOB NOT NULL
);
CREATE INDEX responses_by_age ON responses (created, size);
CREATE TABLE items (
    id TEXT PRIMARY KEY,
    response_id TEXT NOT NULL REFERENCES responses (id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX items_by_response ON items (response_id);
PRAGMA user_version = 1;
"""


async def test_a_file_of_the_first_version_belongs_to_those_without_a_key(tmp_path: Path) -> None:
    old = response("a")
    columns = (to_json(old.response).decode(), to_json(old.input).decode(), array("I", old.token_ids).tobytes())
    with sqlite3.connect(tmp_path / "responses.db") as db:
        db.executescript(_FIRST_VERSION)
        db.execute("INSERT INTO responses VALUES ('a', NULL, 1e12, 9, 0, ?, ?, ?)", columns)
        db.execute("INSERT INTO items VALUES ('msg_a', 'a')")
    db.close()
    for _ in range(2):
        async with opened(tmp_path) as store, opened(tmp_path) as other:
            assert await store.get("a") == await other.get("a") == old
            assert await store.get("a", "mine") is None
            assert [each.id for each in await store.with_items(["msg_a"])] == ["a"]
    async with opened(tmp_path) as store:
        assert (await store.conversations.create([], {"of": "a newer version"})).metadata
        await keep(store, replace(response("b"), space="mine"))
        assert await store.get("b", "mine")
