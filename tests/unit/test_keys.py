"""Keys that are valid now, and the limits of each: changes of the file count at once, and failures let nobody in."""

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.errors import TooManyRequests
from ossia.server.http.quota import Quota
from ossia.store.keyring import KeyRing, fixed_keys
from ossia.store.keys import ALL, INFERENCE, KeyFile


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json")


@pytest.fixture
def ring(file: KeyFile) -> KeyRing:
    return KeyRing(file)


def known(ring: KeyRing, secret: str) -> str | None:
    key = ring.find(secret.encode())
    return key and key.name


def test_no_key_is_needed_until_there_is_one(file: KeyFile, ring: KeyRing) -> None:
    assert not ring.needed
    assert known(ring, "ollama") is None
    secret = file.create("laptop")
    assert ring.needed
    assert known(ring, secret) == "laptop"
    assert known(ring, "ollama") is None


def test_each_change_counts_at_once(file: KeyFile, ring: KeyRing) -> None:
    """All within one tick of a file system's clock, and with one size."""
    for _ in range(20):
        one = file.create("laptop")
        assert known(ring, one) == "laptop"
        file.revoke("laptop")
        assert known(ring, one) is None
        other = file.create("laptop")
        assert (known(ring, one), known(ring, other)) == (None, "laptop")
        file.revoke("laptop")


def test_a_change_in_place_that_no_time_tells_counts(file: KeyFile, ring: KeyRing) -> None:
    """A file system may count time in steps of seconds: only an old file's time tells that it did not change."""
    secret = file.create("laptop")
    assert known(ring, secret) == "laptop"
    content = file.path.read_bytes()
    with file.path.open("r+b") as opened:  # same inode, size and mode
        opened.write(content.replace(b'"laptop"', b'"tablet"'))
    assert known(ring, secret) == "tablet"


def test_a_file_is_read_again_only_after_a_change(
    file: KeyFile, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = file.create("laptop")
    monkeypatch.setattr("ossia.store.file_state._SETTLED_NANOSECONDS", -(10**18))
    assert known(ring, secret) == "laptop"
    monkeypatch.setattr(KeyFile, "read", lambda file: pytest.fail("it did not change"))
    assert known(ring, secret) == "laptop"


def test_after_the_last_key_is_revoked_the_server_is_not_open(file: KeyFile, ring: KeyRing) -> None:
    file.create("laptop")
    file.revoke("laptop")
    assert ring.needed
    file.path.unlink()
    assert not KeyRing(file).needed, "a new server is"


def test_a_file_that_vanishes_opens_nothing(file: KeyFile, ring: KeyRing) -> None:
    """Its disk may have been unmounted."""
    secret = file.create("laptop")
    assert ring.needed
    moved = file.path.rename(file.path.with_name("elsewhere"))
    assert ring.needed
    assert known(ring, secret) is None
    moved.rename(file.path)
    assert known(ring, secret) == "laptop"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("damage", ["mode", "content", "folder", "pipe"])
def test_a_file_that_cannot_be_used_lets_nobody_in(
    file: KeyFile, ring: KeyRing, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    secret = file.create("laptop")
    assert known(ring, secret) == "laptop"
    content = file.path.read_bytes()
    if damage == "mode":
        file.path.chmod(0o644)
    elif damage == "content":
        file.path.write_bytes(content[:-10])
    else:
        file.path.unlink()
        file.path.mkdir(0o700) if damage == "folder" else os.mkfifo(file.path, 0o600)
    with caplog.at_level(logging.WARNING):
        assert [known(ring, secret) for _ in range(5)] == [None] * 5
    assert ring.needed
    assert caplog.text.count("no key in it is valid") == 1, "a flood must not fill the log"
    assert secret not in caplog.text
    if damage == "folder":
        file.path.rmdir()
    elif damage == "pipe":
        file.path.unlink()
    file.path.write_bytes(content)
    file.path.chmod(0o600)
    assert known(ring, secret) == "laptop"


def test_a_folder_that_hides_the_file_lets_nobody_in(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    ring = KeyRing(KeyFile(loop / "keys.json"))
    assert ring.needed
    assert known(ring, "x") is None


def test_keys_of_the_environment(file: KeyFile) -> None:
    ring = KeyRing(file, fixed_keys(["sk-one", "sk-two:manage"]))
    assert ring.needed
    one, two = ring.find(b"sk-one"), ring.find(b"sk-two")
    assert one is not None
    assert two is not None
    assert (one.scopes, two.scopes) == (INFERENCE, ALL)
    assert one.space != two.space
    assert [known(ring, text) for text in ("sk-two:manage", "sk-on", "sk-one ", "")] == [None] * 4
    assert fixed_keys(["sk-two", "sk-one"])[1].space == one.space, "stored responses outlive a restart"
    assert "sk-one" not in repr(one)


def test_a_short_key_is_used_and_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        fixed_keys(["x" * 16, "secret:manage"])
    assert [record.message for record in caplog.records] == [
        "key 2 of OSSIA_API_KEYS is so short that it can be guessed"
    ]


@given(st.binary(max_size=80))
def test_any_other_bytes_are_no_key(secret: bytes) -> None:
    assert KeyRing(KeyFile(Path(os.devnull) / "x"), fixed_keys(["sk-one"])).find(secret) is None


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def places() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_requests_at_once(places: ExitStack) -> None:
    quota = Quota(2, 0)
    places.enter_context(quota.place())
    places.enter_context(quota.held())
    with pytest.raises(TooManyRequests, match="2 requests running, and may have 2 at once") as refused:
        places.enter_context(quota.place())
    assert refused.value.headers == {"Retry-After": "1"}
    places.close()
    with quota.place(), quota.place():
        pass


def test_requests_in_a_minute() -> None:
    clock = Clock()
    quota = Quota(0, 2, clock)
    for _ in range(2):
        with quota.place():
            clock.now += 10
    with pytest.raises(TooManyRequests, match="2 requests a minute") as refused, quota.place():
        pass
    assert refused.value.headers == {"Retry-After": "40"}
    clock.now += 40
    with quota.place():  # the first is a minute ago
        pass
    with pytest.raises(TooManyRequests), quota.place():
        pass


@given(st.integers(1, 5), st.lists(st.integers(0, 400), max_size=40))
def test_no_minute_has_more_than_it_may(limit: int, eighths: list[int]) -> None:
    """In eighths of seconds, which are exact."""
    clock = Clock()
    quota = Quota(0, limit, clock)
    begun: list[float] = []
    for step in eighths:
        clock.now += step / 8
        try:
            with quota.place():
                begun.append(clock.now)
        except TooManyRequests as refused:
            assert len([time for time in begun if time > clock.now - 60]) == limit, "refused without need"
            clock.now += int(refused.headers["Retry-After"])
            with quota.place():  # as promised
                begun.append(clock.now)
        assert len([time for time in begun if time > clock.now - 60]) <= limit
