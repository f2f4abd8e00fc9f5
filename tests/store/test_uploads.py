"""Blobs that clients sent and no model uses: they expire after a day, and nothing else does."""

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ossia.errors import InvalidModelFile
from ossia.store import uploads as module
from ossia.store.blobs import BlobStore
from ossia.store.models import ModelStore
from ossia.store.uploads import Uploads
from tests.api.conftest import write_gguf
from tests.waiting import PATIENCE

HOUR = 3600.0


class Clock:
    """Clock of a test, which moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


class Store(ModelStore):
    """Model store with a clock of the test's own."""

    def __init__(self, root: Path, clock: Clock) -> None:
        super().__init__(root)
        self.clock = clock
        self.uploads = Uploads(self.blobs, root / ".uploads", self._writing, self.used, clock)

    def put(self, data: bytes) -> str:
        """Store a blob, as if a client of Ollama had sent it."""
        digest = self.blobs.put_bytes(data)
        os.utime(self.blobs.path(digest), (self.clock(), self.clock()))
        return digest

    def upload(self, data: bytes) -> str:
        """Store a blob that a client has sent."""
        digest = self.put(data)
        self.uploads.add(digest)
        return digest


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Store:
    return Store(tmp_path / "models", clock)


def test_an_upload_expires_after_a_day(store: Store, clock: Clock) -> None:
    digest = store.upload(b"of no model")
    clock.now += 24 * HOUR
    store.uploads.expire()
    assert store.blobs.has(digest)
    clock.now += 1
    store.uploads.expire()
    assert not store.blobs.has(digest)
    assert (store.root / ".uploads").read_text() == ""


def test_blobs_that_no_client_of_ours_sent_stay(store: Store, clock: Clock) -> None:
    """The store may be Ollama's too: a blob whose manifest it has not written yet is none of ours."""
    others, ours = store.put(b"Ollama's"), store.upload(b"ours")
    clock.now += 1000 * HOUR
    store.uploads.expire()
    assert store.blobs.has(others)
    assert not store.blobs.has(ours)


def test_a_model_s_blobs_stay_and_are_recorded_no_longer(store: Store, clock: Clock, tmp_path: Path) -> None:
    data = write_gguf(tmp_path / "a.gguf").read_bytes()
    digest, unused = store.upload(data), store.upload(b"of no model")
    store.create("mine", files=[store.blobs.path(digest)])
    clock.now += 25 * HOUR
    store.uploads.expire()
    assert store.resolve("mine").path == store.blobs.path(digest)
    assert not store.blobs.has(unused)
    assert (store.root / ".uploads").read_text() == ""


def test_the_record_survives_a_restart(store: Store, clock: Clock) -> None:
    digest = store.upload(b"of no model")
    clock.now += 25 * HOUR
    Store(store.root, clock).uploads.expire()
    assert not store.blobs.has(digest)


def test_whoever_is_told_that_a_blob_is_there_has_a_day(store: Store, clock: Clock) -> None:
    asked, forgotten = store.upload(b"asked for"), store.upload(b"forgotten")
    clock.now += 23 * HOUR
    assert store.uploads.has(asked)
    clock.now += 23 * HOUR
    store.uploads.expire()
    assert store.blobs.has(asked)
    assert not store.uploads.has(forgotten)


def test_asking_for_another_s_blob_does_not_change_it(store: Store, clock: Clock) -> None:
    path = store.blobs.path(store.put(b"Ollama's"))
    clock.now += HOUR
    assert store.uploads.has(path.name)
    assert path.stat().st_mtime == clock.now - HOUR


def test_nothing_expires_while_a_manifest_cannot_be_read(store: Store, clock: Clock) -> None:
    digest = store.upload(b"its blob, perhaps")
    manifest = store.root / "manifests" / "registry.ollama.ai" / "library" / "broken" / "latest"
    manifest.parent.mkdir(parents=True)
    manifest.write_bytes(b"{")
    clock.now += 25 * HOUR
    store.uploads.expire()
    assert store.blobs.has(digest)
    manifest.unlink()
    store.uploads.expire()
    assert not store.blobs.has(digest)


def test_the_oldest_of_too_many_expire(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_UPLOADS", 3)
    digests: list[str] = []
    for index in range(5):
        digests.append(store.upload(str(index).encode()))
        clock.now += 1
    store.uploads.expire()
    assert [store.blobs.has(digest) for digest in digests] == [False, False, True, True, True]


def test_no_manifest_is_read_while_nothing_is_old(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    store.upload(b"new")
    monkeypatch.setattr(store.uploads, "_used", lambda: pytest.fail("it was read"))
    store.uploads.expire()


@pytest.mark.parametrize("record", [b"", b"\n\n", b"sha256:12", b"../../etc/passwd\n", b"\xff\x00", b"x" * (9 << 20)])
def test_a_record_that_is_damaged_deletes_nothing(store: Store, clock: Clock, record: bytes) -> None:
    digest = store.put(b"a blob")
    (store.root / ".uploads").write_bytes(record)
    clock.now += 1000 * HOUR
    store.uploads.expire()
    assert store.blobs.has(digest)
    assert store.uploads.has(digest)


def test_a_blob_that_is_asked_for_while_it_expires_is_kept_or_denied_but_never_promised_and_deleted(
    tmp_path: Path, clock: Clock
) -> None:
    """The expiry stops under the lock, between its look at the times and the deletion; a client asks meanwhile."""
    looked, go_on = threading.Event(), threading.Event()
    lock = threading.Lock()

    @contextmanager
    def locked() -> Iterator[None]:
        with lock:
            yield

    def used() -> frozenset[str]:
        looked.set()
        assert go_on.wait(PATIENCE)
        return frozenset()

    blobs = BlobStore(tmp_path / "blobs")
    uploads = Uploads(blobs, tmp_path / "record", locked, used, clock)
    digest = blobs.put_bytes(b"an upload")
    uploads.add(digest)
    os.utime(blobs.path(digest), (0, 0))
    answers: list[bool] = []
    expiring = threading.Thread(target=uploads.expire)
    expiring.start()
    assert looked.wait(PATIENCE)
    asking = threading.Thread(target=lambda: answers.append(uploads.has(digest)))
    asking.start()
    go_on.set()
    for thread in (expiring, asking):
        thread.join(PATIENCE)
    assert answers == [blobs.has(digest)] == [False]


def test_the_store_s_own_lock_is_the_one_that_is_held(tmp_path: Path, clock: Clock) -> None:
    """Whoever asks for an upload waits for a writer of another process, as a create does that commits."""
    store, other = Store(tmp_path, clock), Store(tmp_path, clock)
    digest = store.upload(b"an upload")
    asked: list[bool] = []
    with other._writing():
        asking = threading.Thread(target=lambda: asked.append(store.uploads.has(digest)))
        asking.start()
        asking.join(0.1)
        assert asked == []
    asking.join(PATIENCE)
    assert asked == [True]


def test_used_digests_that_are_not_known_raise(store: Store) -> None:
    assert store.used() == set()
    path = store.root / "manifests" / "a" / "b" / "c" / "d"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    with pytest.raises(InvalidModelFile):
        store.used()


def test_digests_are_recorded_in_one_spelling(store: Store, clock: Clock) -> None:
    digest = f"sha256:{hashlib.sha256(b'x').hexdigest()}"
    store.put(b"x")
    store.uploads.add(digest.upper().replace("SHA", "sha"))
    clock.now += 25 * HOUR
    store.uploads.expire()
    assert not store.blobs.has(digest)
