"""Threads: nothing that a client holds open takes those that other requests need."""

import fcntl
import hashlib
import json
import socket

import pytest

from ossia.server.protocols.ollama.jobs import MOST_JOBS
from ossia.store.models import ModelStore
from tests.api.conftest import NAME
from tests.hostile.conftest import Attack, answer_of, post_head
from tests.waiting import wait_until

MANY = 40  # more than any pool has threads

DIGEST = "sha256:" + "0" * 64
UPLOAD = f"/api/blobs/{DIGEST}"


@pytest.mark.parametrize(
    "sent",
    [
        post_head(UPLOAD, "Content-Length: 1000") + b"x",
        post_head(UPLOAD, "Transfer-Encoding: chunked") + b"ff\r\nhalf a chunk",
        post_head(UPLOAD, "Content-Length: 1000", "Expect: 100-continue"),
        post_head(UPLOAD, "Transfer-Encoding: chunked"),
    ],
    ids=["one byte", "half a chunk", "nothing, which was asked for", "nothing"],
)
def test_uploads_that_stall_hold_no_thread(server: Attack, sent: bytes) -> None:
    attacked = server()
    begun = attacked.begin()
    for _ in range(MANY):
        attacked.attack(sent)
    attacked.finish(begun)
    attacked.serves_others()
    whole = b"a whole upload"
    digest = f"sha256:{hashlib.sha256(whole).hexdigest()}"
    assert attacked.request("POST", f"/api/blobs/{digest}", whole).status == 201


def test_uploads_of_what_is_there_hold_no_thread(server: Attack, store: ModelStore) -> None:
    attacked, digest = server(), store.blobs.put_bytes(b"here")
    for _ in range(MANY):
        attacked.attack(post_head(f"/api/blobs/{digest}", "Content-Length: 4") + b"h")
    attacked.serves_others()


def test_an_upload_that_stalls_ends_with_an_error_and_leaves_nothing(server: Attack, store: ModelStore) -> None:
    before = sorted(store.blobs.root.iterdir())
    attacked = server(body_seconds=0.2)
    answer = answer_of(attacked.attack(post_head(UPLOAD, "Content-Length: 1000") + b"x"))
    assert answer.status == 408
    assert "OSSIA_BODY_TIMEOUT" in answer.json["hint"]
    wait_until(lambda: sorted(store.blobs.root.iterdir()) == before)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/api/delete", {"model": NAME}),
        ("POST", "/api/copy", {"source": NAME, "destination": "another"}),
        ("POST", "/api/create", {"model": "another", "from": NAME, "stream": False}),
    ],
)
def test_requests_that_wait_for_the_stores_lock_hold_no_others(
    server: Attack, store: ModelStore, method: str, path: str, body: dict[str, object]
) -> None:
    attacked, data = server(), json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n\r\n".encode()
    with (store.root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = [attacked.attack(head + data) for _ in range(MANY)]
        attacked.serves_others()
    assert {answer_of(connection).status for connection in waiting} <= {200, 404}


def test_pulls_from_a_registry_that_says_nothing_hold_no_others(server: Attack) -> None:
    attacked = server()
    with socket.create_server(("127.0.0.1", 0)) as registry:
        name = f"http://127.0.0.1:{registry.getsockname()[1]}/library/x"
        body = {"model": name, "insecure": True, "stream": False}
        data = json.dumps(body).encode()
        for _ in range(MOST_JOBS):
            attacked.attack(post_head("/api/pull", f"Content-Length: {len(data)}") + data)
        wait_until(lambda: attacked.request("POST", "/api/create", {"model": "x", "from": NAME}).status == 503)
        attacked.serves_others()
    wait_until(lambda: attacked.request("POST", "/api/create", {"model": "x", "from": NAME}).status == 200)
