"""Pulling from a real registry through a proxy that errs: it ends well, or with a clear error and a store as good as
before."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ossia.errors import InvalidModelFile, OssiaError, RegistryError, RegistryUnavailable, StoreError
from ossia.store.http import Limits
from ossia.store.identity import Identity
from ossia.store.models import ModelStore
from ossia.store.name import ModelName
from ossia.store.partial import Partial
from ossia.store.progress import Progress, ignore
from ossia.store.pull import DigestMismatch, pull
from tests.registry.conftest import LIMITS, PARTS, Stored
from tests.registry.proxy import Faults, Proxy
from tests.registry.server import Registry
from tests.registry.tokens import TokenServer
from tests.waiting import PATIENCE

Fetch = Callable[..., list[str]]
PART = 16 << 20


class Left(Exception):
    """Raised by a report of somebody who does not wait any more."""


def files(store: ModelStore) -> list[str]:
    return sorted(path.name for path in store.blobs.root.iterdir())


def fails(fetch: Fetch, store: ModelStore, kind: type[OssiaError], text: str, limits: Limits = LIMITS) -> OssiaError:
    """The pull must end in this error, and leave no model."""
    with pytest.raises(kind, match=text) as caught:
        fetch(limits)
    assert store.list() == []
    return caught.value


# ---- what goes well


def test_a_pull_tells_what_ollama_tells(fetch: Fetch, store: ModelStore, proxy: Proxy, stored: Stored) -> None:
    said = fetch()
    assert said[:3] == ["pulling manifest", f"pulling {stored.weights[7:19]}", "verifying sha256 digest"]
    assert said[-2:] == ["writing manifest", "success"]
    assert len(said) == 7  # and two small blobs
    assert len(files(store)) == 3
    assert len([asked for asked in proxy.blobs() if stored.weights in asked.path]) == PARTS
    assert proxy.asked[0].headers["user-agent"].startswith("ollama/")
    assert store.resolve(f"{proxy.host}/library/X").system == "Be brief."


def test_progress_counts_to_the_end(store: ModelStore, proxy: Proxy, identity: Identity, stored: Stored) -> None:
    said: list[Progress] = []
    pull(ModelName.parse(f"{proxy.host}/library/x"), store, identity, said.append, insecure=True)
    counted = [progress.completed for progress in said if progress.digest == stored.weights]
    assert counted == sorted(counted)
    assert (counted[0], counted[-1]) == (0, stored.size)
    assert {progress.total for progress in said if progress.digest == stored.weights} == {stored.size}


def test_what_is_here_is_not_fetched_again(fetch: Fetch, store: ModelStore, proxy: Proxy, stored: Stored) -> None:
    fetch()
    proxy.asked.clear()
    said = fetch()
    assert proxy.blobs() == []
    assert f"pulling {stored.weights[7:19]}" in said
    assert "verifying sha256 digest" not in said


def test_a_blob_that_is_not_whole_is_fetched(fetch: Fetch, store: ModelStore, stored: Stored) -> None:
    fetch()
    store.blobs.path(stored.weights).write_bytes(b"cut short")
    fetch()
    assert store.blobs.path(stored.weights).stat().st_size == stored.size


def test_two_pulls_of_one_blob_fetch_it_once(
    store: ModelStore, proxy: Proxy, identity: Identity, stored: Stored
) -> None:
    proxy.faults.slow = 0.001
    said: dict[int, list[Progress]] = {0: [], 1: []}

    def work(number: int) -> None:
        pull(ModelName.parse(f"{proxy.host}/library/x"), store, identity, said[number].append, insecure=True)

    threads = [threading.Thread(target=work, args=(number,)) for number in said]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(asked.sent for asked in proxy.blobs() if stored.weights in asked.path) == stored.size
    for lines in said.values():
        assert lines[-1].status == "success"
        assert [line for line in lines if line.digest == stored.weights][-1].completed == stored.size


def test_the_second_takes_over_when_the_first_leaves(
    store: ModelStore, proxy: Proxy, identity: Identity, stored: Stored
) -> None:
    proxy.faults.slow = 0.002
    name = ModelName.parse(f"{proxy.host}/library/x")
    halfway, waiting, leaving = threading.Event(), threading.Event(), threading.Event()

    def hold(total: int) -> None:
        if total > 1 << 20:
            halfway.set()
            assert leaving.wait(PATIENCE)

    def first(progress: Progress) -> None:
        if leaving.is_set():
            raise Left

    def second(progress: Progress) -> None:
        if progress.digest == stored.weights:
            waiting.set()

    def leave() -> None:
        with pytest.raises(Left):
            pull(name, store, identity, first, insecure=True, limits=LIMITS)

    proxy.on_bytes = hold
    thread = threading.Thread(target=leave)
    thread.start()
    assert halfway.wait(PATIENCE)
    other = threading.Thread(target=pull, args=(name, store, identity, second), kwargs={"insecure": True})
    other.start()
    assert waiting.wait(PATIENCE)
    leaving.set()
    thread.join()
    other.join()
    assert store.resolve(str(name)).digest == stored.digest


# ---- interrupted


def test_a_pull_that_was_left_goes_on_where_it_was(
    fetch: Fetch, store: ModelStore, proxy: Proxy, identity: Identity, stored: Stored
) -> None:
    chance = random.Random(0)
    proxy.faults.slow = 0.01  # of what is sent and not yet read nothing stays
    name = ModelName.parse(f"{proxy.host}/library/x")
    for _ in range(5):
        until = proxy.blob_bytes + chance.randrange(stored.size // 8)

        def report(progress: Progress, until: int = until) -> None:
            if proxy.blob_bytes >= until:
                raise Left

        with pytest.raises(Left):
            pull(name, store, identity, report, insecure=True, limits=LIMITS)
        assert store.list() == []
    proxy.faults.slow = 0
    fetch()
    assert sum(asked.sent for asked in proxy.blobs() if stored.weights in asked.path) < stored.size + PART


def test_a_download_that_ollama_began_is_finished(
    fetch: Fetch, store: ModelStore, proxy: Proxy, stored: Stored
) -> None:
    """Ollama's parts are of other sizes, and its records are not padded."""
    fetch()
    blob = store.blobs.path(stored.weights)
    half = stored.size // 2
    partial = blob.with_name(f"{blob.name}-partial")
    partial.write_bytes(blob.read_bytes()[:half] + bytes(stored.size - half))
    for number, (offset, size) in enumerate(((0, half), (half, stored.size - half))):
        record = {"N": number, "Offset": offset, "Size": size, "Completed": size if number == 0 else 0}
        Path(f"{partial}-{number}").write_text(json.dumps(record) + "\n")
    blob.unlink()
    proxy.asked.clear()
    fetch()
    assert [asked.range for asked in proxy.blobs()] == [(half, stored.size - 1)]
    assert len(files(store)) == 3


@pytest.mark.parametrize(
    "record",
    [
        "",
        "{",
        "[]",
        '{"N": 0, "Offset": 0, "Size": 5, "Completed": 6}',
        '{"N": 0, "Offset": 0, "Size": 99, "Completed": 9}',
        '{"N": 0, "Offset": -1, "Size": 5, "Completed": 1}',
        '{"N": 7, "Offset": 0, "Size": 5, "Completed": 1}',
        '{"N": 0, "Offset": 0, "Size": "5", "Completed": 1}',
    ],
)
def test_records_that_cannot_be_right_begin_anew(tmp_path: Path, record: str) -> None:
    path = tmp_path / "blob-partial"
    path.write_bytes(b"wrong")
    Path(f"{path}-0").write_text(record)
    partial = Partial.lock(path, 5)
    assert partial
    with closing(partial):
        assert [(part.offset, part.size, part.completed) for part in partial.parts] == [(0, 5, 0)]
        assert not partial.resumed


def test_wrong_bytes_of_an_earlier_time_are_fetched_again(fetch: Fetch, store: ModelStore, stored: Stored) -> None:
    store.blobs.root.mkdir(parents=True)
    partial = store.blobs.root / f"{stored.weights.replace(':', '-')}-partial"
    partial.write_bytes(bytes(stored.size))
    Path(f"{partial}-0").write_text(json.dumps({"N": 0, "Offset": 0, "Size": stored.size, "Completed": stored.size}))
    fetch()


def test_a_pull_by_another_program_that_is_killed(
    fetch: Fetch, store: ModelStore, proxy: Proxy, stored: Stored
) -> None:
    code = f"""
from pathlib import Path
from ossia.store.identity import Identity
from ossia.store.models import ModelStore
from ossia.store.name import ModelName
from ossia.store.progress import ignore
from ossia.store.pull import pull
name = ModelName.parse("{proxy.host}/library/x")
pull(name, ModelStore(Path({str(store.root)!r})), Identity.load(Path.home()), ignore, insecure=True)
"""
    proxy.faults.slow, most = 0.005, stored.size * 3 // 4
    with subprocess.Popen([sys.executable, "-c", code], env=os.environ) as process:
        proxy.on_bytes = lambda total: total > most and process.kill()
    proxy.faults.slow, proxy.on_bytes = 0, lambda total: None
    assert store.list() == []
    fetch()
    assert sum(asked.sent for asked in proxy.blobs() if stored.weights in asked.path) < most + stored.size


@pytest.mark.parametrize("place", ["/manifests/", "/blobs/", "/token"])
def test_a_pull_from_a_silent_registry_is_left_at_once(
    store: ModelStore, proxy: Proxy, identity: Identity, stored: Stored, place: str
) -> None:
    proxy.faults = Faults(silent_for=place, tokens=TokenServer("signed"))
    left_at = 0.0

    def report(progress: Progress) -> None:
        nonlocal left_at
        if any(place in asked.path for asked in proxy.asked):
            left_at = time.monotonic()
            raise Left

    with pytest.raises(Left):
        pull(ModelName.parse(f"{proxy.host}/library/x"), store, identity, report, insecure=True)
    assert time.monotonic() - left_at < 20  # and not the 30 s of a read


# ---- faults of the network and of the registry


@pytest.mark.parametrize(
    "faults",
    [
        Faults(cut_after=3 << 20, cuts=5),
        Faults(cut_after=0, cuts=3),
        Faults(statuses=[500, 502, 503]),
        Faults(statuses=[429], retry_after="0"),
        Faults(statuses=[503, 500], statuses_for="/manifests/"),
        Faults(statuses=[429], statuses_for="/manifests/", retry_after="Thu, 01 Jan 1970 00:00:00 GMT"),
        Faults(no_ranges=True),
        Faults(no_ranges=True, cut_after=20 << 20, cuts=2),
        Faults(tokens=TokenServer("signed")),
        Faults(tokens=TokenServer("plain")),
        Faults(tokens=TokenServer("signed", good_for=5)),
    ],
    ids=lambda faults: str({name: value for name, value in vars(faults).items() if value != getattr(Faults(), name)}),
)
def test_what_is_overcome(fetch: Fetch, store: ModelStore, proxy: Proxy, faults: Faults) -> None:
    proxy.faults = faults
    assert fetch()[-1] == "success"
    assert len(files(store)) == 3


def test_a_registry_that_stalls_now_and_then(fetch: Fetch, proxy: Proxy) -> None:
    proxy.faults = Faults(stalls=2)
    assert fetch(replace(LIMITS, read=0.5, tries=50))[-1] == "success"


def test_what_broke_off_is_not_fetched_twice(fetch: Fetch, proxy: Proxy, stored: Stored) -> None:
    proxy.faults = Faults(cut_after=3 << 20, cuts=5)
    fetch()
    assert sum(asked.sent for asked in proxy.blobs() if stored.weights in asked.path) == stored.size


def test_wrong_bytes_are_never_stored(fetch: Fetch, store: ModelStore, proxy: Proxy) -> None:
    proxy.faults = Faults(wrong_bytes=True)
    error = fails(fetch, store, DigestMismatch, "digest mismatch, file must be downloaded again: want sha256:")
    assert error.hint
    assert files(store) == []


def test_a_registry_that_always_breaks_off(fetch: Fetch, store: ModelStore, proxy: Proxy) -> None:
    proxy.faults = Faults(cut_after=0)
    assert fails(fetch, store, RegistryUnavailable, "failed|less than").hint


def test_a_registry_without_ranges_that_breaks_off_here_and_there(
    fetch: Fetch, store: ModelStore, proxy: Proxy
) -> None:
    """Each time from the beginning: a little more than the last time is no progress, it went on for ever."""

    def cut_elsewhere(total: int) -> None:
        proxy.faults.cut_after = (1 + len(proxy.asked) % 2) << 20

    proxy.faults = Faults(no_ranges=True, cut_after=1 << 20)
    proxy.on_bytes = cut_elsewhere
    fails(fetch, store, RegistryUnavailable, "failed")


def test_a_registry_that_stalls_for_ever(fetch: Fetch, store: ModelStore, proxy: Proxy) -> None:
    proxy.faults = Faults(stalls=10**9)
    patience = Limits(read=0.1, backoff=0.01, tries=1)
    fails(fetch, store, RegistryUnavailable, "has stopped sending", patience)


def test_a_registry_that_is_busy_for_long(fetch: Fetch, store: ModelStore, proxy: Proxy) -> None:
    for wait, seconds in (("3600", 3600), ("9" * 400, 86400)):
        proxy.asked.clear()
        proxy.faults = Faults(statuses=[429] * 50, statuses_for="/manifests/", retry_after=wait)
        error = fails(fetch, store, RegistryUnavailable, "pull model manifest: 429: so it is")
        assert error.hint == f"try again in {seconds} seconds"
        assert len(proxy.asked) == 1


@pytest.mark.parametrize(
    "date",
    [
        "Thu, 01 Jan 2026 00:00:00",
        "Thu, 01 Jan 2026 00:00:00 -0000",
        "soon",
        "-1",
        "Thu, 01 Jan 99999999999 00:00:00 GMT",
        f"Thu, 01 Jan 2026 00:00:00 +{'9' * 20}",
        f"Thu, 01 Jan 2026 {'9' * 30}:00:00 GMT",
    ],
)
def test_a_time_to_wait_that_is_written_oddly(fetch: Fetch, proxy: Proxy, date: str) -> None:
    proxy.faults = Faults(statuses=[429], statuses_for="/manifests/", retry_after=date)
    assert fetch()[-1] == "success"


@pytest.mark.parametrize(
    ("status", "headers", "body", "text"),
    [
        (307, {"Location": "http://["}, b"", r"redirects to what is not followed: http://\["),
        (401, {"WWW-Authenticate": 'Bearer realm="http://["'}, b"", r"redirects to what is not followed: http://\["),
        (401, {"WWW-Authenticate": 'Basic realm="names"'}, b"", 'a login that is not known here: Basic realm="names"'),
        (401, {}, b"", "a login that is not known here: it names none"),
        (400, {}, b"[" * 60_000, r"pull model manifest: 400: \[\["),
        (400, {}, b'{"errors":[]}', "pull model manifest: 400: "),
    ],
)
def test_a_strange_refusal_is_one_clear_error(
    serve_manifest: Callable[..., ModelName],
    store: ModelStore,
    identity: Identity,
    status: int,
    headers: dict[str, str],
    body: bytes,
    text: str,
) -> None:
    with pytest.raises(RegistryError, match=text):
        pull(serve_manifest(body, status, headers), store, identity, ignore, insecure=True, limits=LIMITS)


def test_a_model_that_is_not_there(fetch: Fetch, store: ModelStore, proxy: Proxy, identity: Identity) -> None:
    with pytest.raises(RegistryError, match="pull model manifest: file does not exist") as caught:
        pull(ModelName.parse(f"{proxy.host}/library/absent:7b"), store, identity, ignore, insecure=True)
    assert caught.value.status == 404
    assert (
        caught.value.hint == f"{proxy.host}/library/absent:7b is not in the registry {proxy.host}; is it spelt right?"
    )
    assert not store.root.exists()


def test_a_refusal_is_told_in_the_registrys_words(fetch: Fetch, store: ModelStore, proxy: Proxy) -> None:
    proxy.faults = Faults(statuses=[412], statuses_for="/manifests/")
    fails(fetch, store, RegistryError, "pull model manifest: 412: so it is")


@pytest.mark.parametrize("host", ["127.0.0.1:1", "nowhere.invalid"])
def test_nobody_answers(store: ModelStore, identity: Identity, host: str) -> None:
    with pytest.raises(RegistryUnavailable, match=host) as caught:
        pull(ModelName.parse(f"{host}/library/x"), store, identity, ignore, insecure=True, limits=LIMITS)
    assert caught.value.hint
    assert "is there a network" in caught.value.hint


def test_http_where_https_was_expected(store: ModelStore, identity: Identity, registry: Registry) -> None:
    with pytest.raises(RegistryUnavailable, match="no https with") as caught:
        pull(ModelName.parse(f"{registry.host}/library/x"), store, identity, ignore, limits=LIMITS)
    assert "--insecure" in str(caught.value.hint)


# ---- what a registry must not be able to do


def test_a_token_is_asked_for_as_ollama_does(fetch: Fetch, proxy: Proxy) -> None:
    tokens = TokenServer("signed")
    proxy.faults = Faults(tokens=tokens)
    fetch()
    (query,) = tokens.queries
    assert (query["service"], query["scope"]) == (["the registry"], ["repository:library/x:pull,push", "other"])
    assert query["ts"]
    assert query["nonce"]


def test_a_token_is_not_asked_for_on_another_host(fetch: Fetch, store: ModelStore, proxy: Proxy) -> None:
    """CVE-2025-51471"""
    proxy.faults = Faults(tokens=TokenServer("foreign"))
    fails(fetch, store, RegistryError, "wants a token from another host: localhost:1")


def test_a_token_that_is_not_taken(fetch: Fetch, store: ModelStore, proxy: Proxy) -> None:
    proxy.faults = Faults(tokens=TokenServer("signed", good_for=0))
    error = fails(fetch, store, RegistryError, "unauthorized: access denied")
    assert "id_ed25519.pub" in str(error.hint)


def test_a_token_answer_that_unpacks_to_gigabytes(fetch: Fetch, store: ModelStore, proxy: Proxy) -> None:
    """CVE-2024-12886"""
    proxy.faults = Faults(tokens=TokenServer("signed"), gzip_bomb=True)
    fails(fetch, store, RegistryError, "something that is no token")


def test_a_token_stays_with_its_host(fetch: Fetch, proxy: Proxy, elsewhere: Proxy, stored: Stored) -> None:
    proxy.faults = Faults(tokens=TokenServer("signed"), redirect_to=elsewhere.host)
    fetch()
    assert sum(asked.sent for asked in elsewhere.blobs() if stored.weights in asked.path) == stored.size
    assert [asked.headers for asked in elsewhere.asked if "authorization" in asked.headers] == []
    assert [asked for asked in proxy.blobs() if asked.sent] == []


def test_a_registry_that_has_moved(fetch: Fetch, proxy: Proxy, elsewhere: Proxy) -> None:
    """hf.co, for one, answers at huggingface.co, which then wants its own token."""
    proxy.faults = Faults(redirect_to=elsewhere.host, redirect_all=True)
    elsewhere.faults = Faults(tokens=TokenServer("signed"))
    assert fetch()[-1] == "success"
    assert [asked for asked in proxy.asked if "authorization" in asked.headers] == []


def test_a_registry_that_redirects_without_end(fetch: Fetch, store: ModelStore, proxy: Proxy) -> None:
    proxy.faults = Faults(redirect_to=proxy.host, redirect_all=True)
    fails(fetch, store, RegistryError, "redirects without end")


# ---- proxies


def test_a_registry_behind_a_proxy(
    store: ModelStore, proxy: Proxy, identity: Identity, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy alone knows where the registry is."""
    monkeypatch.setenv("HTTP_PROXY", f"http://somebody:secret@{proxy.host}")
    model = pull(ModelName.parse("registry.invalid/library/x"), store, identity, ignore, insecure=True, limits=LIMITS)
    assert model.digest == stored.digest
    assert proxy.asked[0].path == "http://registry.invalid/v2/library/x/manifests/latest"
    assert proxy.asked[0].headers["proxy-authorization"].startswith("Basic ")


def test_hosts_that_need_no_proxy(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "example.org,127.0.0.1")
    assert fetch()[-1] == "success"


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"null",
        b"[" * 100_000,
        b"{}",
        b'{"config": {}, "layers": []}',
        b'{"config": null, "layers": null}',
        b"x" * (5 << 20),
    ],
    ids=["empty", "null", "deep", "object", "no layers", "nulls", "endless"],
)
def test_a_manifest_full_of_junk_is_one_clear_error(
    serve_manifest: Callable[[bytes], ModelName], store: ModelStore, identity: Identity, manifest: bytes
) -> None:
    """CVE-2025-1975"""
    with pytest.raises((InvalidModelFile, RegistryError)):
        pull(serve_manifest(manifest), store, identity, ignore, insecure=True, limits=LIMITS)
    assert not store.root.exists()


@pytest.mark.parametrize(
    "digest",
    ["sha256:../../../../etc/passwd", "../../x", "sha256:12", "md5:" + "0" * 64, "sha256-" + "0" * 63 + "/", "", 7],
)
def test_a_digest_is_never_a_path(
    serve_manifest: Callable[[bytes], ModelName], store: ModelStore, identity: Identity, digest: object
) -> None:
    """CVE-2024-37032"""
    layer = {"mediaType": "application/vnd.ollama.image.model", "digest": digest, "size": 5}
    manifest = json.dumps({"config": layer, "layers": [layer]}).encode()
    with pytest.raises(InvalidModelFile, match="has no usable manifest"):
        pull(serve_manifest(manifest), store, identity, ignore, insecure=True, limits=LIMITS)
    assert not store.root.exists()


def test_a_size_that_no_disk_has(
    serve_manifest: Callable[[bytes], ModelName], store: ModelStore, identity: Identity
) -> None:
    layer = {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:" + "0" * 64, "size": 1 << 60}
    manifest = json.dumps({"config": layer, "layers": [layer]}).encode()
    with pytest.raises(StoreError, match="TB more are needed"):
        pull(serve_manifest(manifest), store, identity, ignore, insecure=True, limits=LIMITS)
    assert files(store) == []


def test_a_disk_that_is_too_small(proxy: Proxy, identity: Identity, stored: Stored, small_disk: Path) -> None:
    store = ModelStore(small_disk)
    with pytest.raises(StoreError, match=r"\d\d MB more are needed, but there are \d\d MB free") as caught:
        pull(ModelName.parse(f"{proxy.host}/library/x"), store, identity, ignore, insecure=True)
    assert "OLLAMA_MODELS" in str(caught.value.hint)
    assert store.list() == []


def test_a_disk_that_fills_meanwhile(
    fetch: Fetch, proxy: Proxy, identity: Identity, stored: Stored, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when another program takes the space that there was at the beginning."""
    store = ModelStore(small_disk)
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("", (), {"free": 1 << 40}))
    with pytest.raises(StoreError, match="No space left on device") as caught:
        pull(ModelName.parse(f"{proxy.host}/library/x"), store, identity, ignore, insecure=True)
    assert str(caught.value.hint).startswith("free some space")
    assert store.list() == []
