"""Requests about models that are deleted at the same moment, and clients that leave at the wrong one."""

import json
import threading
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from ossia.errors import ModelNotFound
from ossia.regular_file import open_regular
from ossia.server.protocols.responses.database import Database
from ossia.store.models import ModelStore
from tests.api.conftest import NAME
from tests.hostile.conftest import Attack, post_head
from tests.waiting import PATIENCE, wait_until


@pytest.fixture
def vanishing(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a model whose manifest is gone when it is to be read."""
    store.copy(NAME, "vanishing")
    manifest = next((store.root / "manifests").glob("*/*/vanishing/latest"))

    def open_late(path: Path) -> BinaryIO:
        if path == manifest:
            manifest.unlink(missing_ok=True)
        return open_regular(path)

    monkeypatch.setattr("ossia.store.models.open_regular", open_late)
    return "vanishing"


@pytest.mark.parametrize("path", ["/api/tags", "/v1/models"])
def test_a_listing_goes_without_it(server: Attack, vanishing: str, path: str) -> None:
    answer = server().request("GET", path)
    assert answer.status == 200
    assert vanishing not in answer.body.decode()
    assert NAME in answer.body.decode()


@pytest.mark.parametrize("path", ["/api/show", "/api/chat", "/v1/chat/completions"])
def test_it_is_not_found(server: Attack, vanishing: str, path: str) -> None:
    body = {"model": vanishing, "messages": [{"role": "user", "content": "Hello"}]}
    assert server().request("POST", path, body).status == 404


def test_its_manifest_is_not_found(store: ModelStore, vanishing: str) -> None:
    with pytest.raises(ModelNotFound):
        store.manifest(vanishing)


def test_listings_hold_while_models_come_and_go(server: Attack, store: ModelStore) -> None:
    attacked, stop = server(), threading.Event()

    def come_and_go() -> None:
        while not stop.is_set():
            store.copy(NAME, "someone/fleeting")
            store.delete("someone/fleeting")

    thread = threading.Thread(target=come_and_go)
    thread.start()
    try:
        statuses = {attacked.request("GET", path).status for path in ["/api/tags", "/v1/models"] * 50}
    finally:
        stop.set()
        thread.join()
    assert statuses == {200}


@pytest.mark.parametrize("copies", [["copy"], ["someone/copy", "copy:2"], [f"copy{index}" for index in range(8)]])
def test_an_answer_of_a_model_goes_on_while_its_copies_are_deleted(server: Attack, copies: list[str]) -> None:
    """They share the weights, and so the process that has loaded them."""
    attacked = server()
    begun = attacked.begin()
    for name in copies:
        assert attacked.request("POST", "/api/copy", {"source": NAME, "destination": name}).status == 200
        assert attacked.request("DELETE", "/api/delete", {"model": name}).status == 200
    attacked.finish(begun)
    attacked.serves_others()
    assert len(attacked.request("GET", "/api/ps").json["models"]) == 1
    assert not attacked.engine.closed


def test_the_last_of_its_names_unloads_it(server: Attack, store: ModelStore) -> None:
    attacked = server()
    attacked.serves_others()
    store.copy(NAME, "copy")
    for name, loaded in ((NAME, 1), ("copy", 0)):
        assert attacked.request("DELETE", "/api/delete", {"model": name}).status == 200
        assert len(attacked.request("GET", "/api/ps").json["models"]) == loaded


def test_a_copy_is_whole_or_its_source_is_not_found(store: ModelStore) -> None:
    """It reads and writes under one lock: a source that is replaced meanwhile is no error of the server."""
    stop = threading.Event()

    def replace() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            store.create("changing", base=store.resolve(NAME), system=f"number {number}")

    store.copy(NAME, "changing")
    thread = threading.Thread(target=replace)
    thread.start()
    try:
        for _ in range(50):
            store.copy("changing", "copied")
            assert store.resolve("copied").manifest
    finally:
        stop.set()
        thread.join()


def test_who_leaves_while_the_answer_is_stored_finds_it_in_the_conversation(
    server: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    attacked = server()
    path = "/v1/conversations/" + attacked.request("POST", "/v1/conversations", b"{}").json["id"]
    attacked.engine.released.clear()
    body = json.dumps({"model": NAME, "input": "Hello", "conversation": path.rpartition("/")[2], "stream": True})
    client = attacked.attack(post_head("/v1/responses", f"Content-Length: {len(body)}") + body.encode())
    told = b""
    while b"one" not in told:
        told += client.recv(10_000)
    held, started = threading.Event(), threading.Event()
    guarded = Database._guarded  # pyright: ignore[reportPrivateUsage]

    def hold(self: Database, work: Any) -> Any:
        started.set()
        assert held.wait(PATIENCE)
        return guarded(self, work)

    monkeypatch.setattr(Database, "_guarded", hold)
    attacked.engine.released.set()
    assert started.wait(PATIENCE)
    client.close()
    wait_until(lambda: not any(queue.running for queue in attacked.pool.queues()))
    held.set()
    items = attacked.request("GET", f"{path}/items").json["data"]
    assert [item["role"] for item in items] == ["assistant", "user"]
