"""Pushing to a real registry, and to one that errs."""

import dataclasses
import hashlib
import json
import socket
import time
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ossia.errors import InvalidModelFile, ModelNotFound, OssiaError, RegistryError, RegistryUnavailable, StoreError
from ossia.store.identity import Identity
from ossia.store.manifest import MANIFEST
from ossia.store.models import Model, ModelStore
from ossia.store.name import ModelName
from ossia.store.progress import Progress, ignore
from ossia.store.pull import pull
from ossia.store.push import push
from tests.model import random_lora
from tests.registry.conftest import LIMITS, write_gguf
from tests.registry.proxy import Faults, Proxy
from tests.registry.server import Registry
from tests.registry.tokens import TokenServer
from tests.waiting import PATIENCE

Send = Callable[..., list[Progress]]


@pytest.fixture
def model(store: ModelStore, proxy: Proxy, tmp_path: Path) -> Model:
    """One whose blobs no registry has."""
    seed = int.from_bytes(hashlib.sha256(str(tmp_path).encode()).digest()[:4])
    file = write_gguf(tmp_path / "model.gguf", 3, seed)
    return store.create(f"{proxy.host}/me/new:7b", files=[file], parameters={"seed": seed})


@pytest.fixture
def send(store: ModelStore, model: Model, identity: Identity) -> Send:
    def send() -> list[Progress]:
        said: list[Progress] = []
        push(model.name, store, identity, said.append, insecure=True, limits=LIMITS)
        return said

    return send


def in_registry(registry: Registry, model: Model) -> Any:
    request = urllib.request.Request(f"http://{registry.host}/v2/me/new/manifests/7b", headers={"Accept": MANIFEST})
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        data = response.read()
    assert hashlib.sha256(data).hexdigest() == model.digest
    return json.loads(data)


def test_push_delete_pull_gives_the_same_model(
    send: Send, store: ModelStore, model: Model, registry: Registry, identity: Identity
) -> None:
    said = send()
    assert (said[0].status, said[-2].status, said[-1].status) == ("retrieving manifest", "pushing manifest", "success")
    weights = model.manifest.of_kind("model")[0]
    counted = [progress for progress in said if progress.digest == weights.digest]
    assert counted[-1] == Progress(f"pushing {weights.digest[7:19]}", weights.digest, weights.size, weights.size)
    in_registry(registry, model)
    store.delete(str(model.name))
    assert list(store.blobs.root.iterdir()) == []
    assert pull(model.name, store, identity, ignore, insecure=True).digest == model.digest


def test_an_adapter_goes_along(
    send: Send, store: ModelStore, model: Model, registry: Registry, identity: Identity, tmp_path: Path
) -> None:
    lora = random_lora.write(tmp_path / "lora.gguf", "gpt-oss")
    changed = store.create(str(model.name), base=model, adapters=[lora])
    send()
    kinds = [layer["mediaType"] for layer in in_registry(registry, changed)["layers"]]
    assert "application/vnd.ollama.image.adapter" in kinds
    with pytest.raises(InvalidModelFile, match="is not an adapter"):
        store.create("other", base=changed, adapters=[changed.path])
    with pytest.raises(InvalidModelFile, match="for models of architecture 'llama'"):
        store.create("other", base=changed, adapters=[random_lora.write(tmp_path / "llama.gguf")])
    store.delete(str(model.name))
    [adapter] = pull(model.name, store, identity, ignore, insecure=True).adapters
    assert adapter.read_bytes() == lora.read_bytes()


def test_what_the_registry_has_is_not_sent_again(send: Send, proxy: Proxy, store: ModelStore, model: Model) -> None:
    send()
    proxy.asked.clear()
    store.create(str(model.name), base=model, system="Be brief.")
    send()
    assert len([asked for asked in proxy.asked if asked.method == "PATCH"]) == 2  # the system text and the config


def test_a_blob_is_mounted_from_the_repository_that_it_came_from(
    send: Send, store: ModelStore, model: Model, proxy: Proxy, registry: Registry, identity: Identity
) -> None:
    send()
    proxy.asked.clear()
    store.create(f"{proxy.host}/me/derived", base=store.resolve(str(model.name)), system="Be brief.")
    push(ModelName.parse(f"{proxy.host}/me/derived"), store, identity, ignore, insecure=True, limits=LIMITS)
    weights = model.manifest.of_kind("model")[0].digest
    mounts = [asked.path for asked in proxy.asked if asked.method == "POST" and "mount=" in asked.path]
    assert any(weights.replace(":", "%3A") in path and "from=me%2Fnew" in path for path in mounts)
    assert len([asked for asked in proxy.asked if asked.method == "PATCH"]) == 2


@pytest.mark.parametrize(
    "faults",
    [
        Faults(statuses=[500, 503], statuses_for="/uploads/"),
        Faults(statuses=[429], statuses_for="/manifests/", retry_after="0"),
        Faults(tokens=TokenServer("signed")),
        Faults(tokens=TokenServer("signed", good_for=3)),
        Faults(drop_uploads=3),
    ],
    ids=["errors", "busy", "tokens", "short tokens", "cuts"],
)
def test_what_is_overcome(send: Send, model: Model, proxy: Proxy, registry: Registry, faults: Faults) -> None:
    proxy.faults = faults
    assert send()[-1].status == "success"
    in_registry(registry, model)


@pytest.mark.parametrize(
    ("faults", "kind", "text"),
    [
        (Faults(statuses=[403] * 9, statuses_for="/uploads/"), RegistryError, "push: 403: so it is"),
        (Faults(statuses=[413] * 9, statuses_for="/uploads/"), RegistryError, "push: 413: so it is"),
        (Faults(statuses=[500] * 99), RegistryUnavailable, "push: 500: "),
        (Faults(statuses=[429], retry_after="999"), RegistryUnavailable, "push: 429: "),
        (Faults(tokens=TokenServer("signed", good_for=0)), RegistryError, "unauthorized: access denied"),
    ],
)
def test_what_is_not_overcome(send: Send, proxy: Proxy, faults: Faults, kind: type[OssiaError], text: str) -> None:
    proxy.faults = faults
    with pytest.raises(kind, match=text):
        send()


def test_a_large_blob_goes_in_pieces(
    send: Send, proxy: Proxy, registry: Registry, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ossia.store.push._PIECE", 1 << 20)
    send()
    sent = [asked.headers["content-range"] for asked in proxy.asked if asked.method == "PATCH"]
    size = model.path.stat().st_size
    assert sent[:2] == ["0-1048575", "1048576-2097151"]
    assert f"3145728-{size - 1}" in sent
    in_registry(registry, model)


def test_a_push_that_nobody_waits_for_stops(
    store: ModelStore, model: Model, proxy: Proxy, identity: Identity, registry: Registry
) -> None:
    class Left(Exception):
        pass

    def report(progress: Progress) -> None:
        if progress.status.startswith("pushing"):
            raise Left

    with pytest.raises(Left):
        push(model.name, store, identity, report, insecure=True, limits=LIMITS)
    assert [asked for asked in proxy.asked if asked.method == "PUT" and "/manifests/" in asked.path] == []


def test_a_model_that_is_not_here_or_not_whole(send: Send, store: ModelStore, model: Model, identity: Identity) -> None:
    with pytest.raises(ModelNotFound):
        push(ModelName.parse("absent"), store, identity, ignore, insecure=True)
    store.blobs.delete(model.manifest.of_kind("params")[0].digest)
    with pytest.raises(StoreError, match=r"parts of .* are missing here"):
        send()


@pytest.mark.parametrize("path", ["/manifests/", "/uploads/"])
def test_what_is_sent_follows_no_redirect(
    send: Send, store: ModelStore, proxy: Proxy, elsewhere: Proxy, path: str
) -> None:
    """A registry chose which model of ours we overwrote in another one, under our signature."""
    elsewhere.faults = Faults(tokens=TokenServer("signed"))
    proxy.faults = Faults(redirect_to=elsewhere.host, redirect_writes=path)
    with pytest.raises(RegistryError, match="push: 307: "):
        send()
    assert elsewhere.asked == []


def test_bytes_for_another_host_go_there_unsigned(
    send: Send, store: ModelStore, proxy: Proxy, elsewhere: Proxy, model: Model
) -> None:
    """An upload's URL may lead anywhere; even reading there before gives no right to write."""
    elsewhere.faults = Faults(tokens=TokenServer("signed"))
    proxy.faults = Faults(redirect_to=elsewhere.host, redirect_heads=True, uploads_at=elsewhere.host)
    with pytest.raises(RegistryError, match="unauthorized: access denied"):
        send()
    assert [asked.method for asked in elsewhere.asked if asked.path.startswith("/token")] == ["GET"]  # for the HEAD
    patches = [asked for asked in elsewhere.asked if asked.method == "PATCH"]
    assert patches
    assert [asked for asked in patches if "authorization" in asked.headers] == []


def test_a_registry_may_take_its_time_with_a_whole_blob(
    store: ModelStore, proxy: Proxy, identity: Identity, registry: Registry, model: Model
) -> None:
    """It hashes what it got: a client that gave up sent everything once more."""
    proxy.faults = Faults(slow_commits=0.4)
    limits = dataclasses.replace(LIMITS, read=0.2, tries=50, first_tries=50)  # a busy machine may be slow elsewhere
    push(model.name, store, identity, ignore, insecure=True, limits=limits)
    commits = [asked for asked in proxy.asked if asked.method == "PUT" and "/blobs/" in asked.path]
    assert len(commits) == len(model.manifest.digests)
    in_registry(registry, model)


def test_a_push_to_a_registry_that_does_not_read_is_left_at_once(
    store: ModelStore, identity: Identity, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        name = f"127.0.0.1:{deaf.getsockname()[1]}/me/new"
        model = store.create(name, files=[write_gguf(tmp_path / "model.gguf", 1)])
        began = time.monotonic()

        def report(progress: Progress) -> None:
            if time.monotonic() - began > 0.3:
                raise TimeoutError

        with pytest.raises(TimeoutError):
            push(model.name, store, identity, report, insecure=True)
        assert time.monotonic() - began < 20  # and not the 60 s in which a piece has to leave


class _Bucket(BaseHTTPRequestHandler):
    """Answers as Ollama's registry does, which sends the bytes of a blob to another place."""

    protocol_version = "HTTP/1.1"

    def do_PATCH(self) -> None:
        self._take()
        location = f"http://127.0.0.1:{self.server.server_address[1]}"
        self._answer(307, {"Location": f"{location}/bucket", "Docker-Upload-Location": f"{location}/next"})

    def do_PUT(self) -> None:
        self.server.taken.append((self.path, self._take(), self.headers.get("Authorization")))  # type: ignore[attr-defined]
        self._answer(201, {})

    def do_POST(self) -> None:
        self._answer(202, {"Location": "/uploads/1"})

    def do_HEAD(self) -> None:
        self._answer(404, {})

    def _take(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_registry_that_names_another_place_for_the_bytes(store: ModelStore, model: Model, identity: Identity) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Bucket) as server:
        server.taken = []  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        name = f"127.0.0.1:{server.server_address[1]}/me/new:7b"
        store.copy(str(model.name), name)
        push(ModelName.parse(name), store, identity, ignore, insecure=True, limits=LIMITS)
        server.shutdown()
        thread.join()
        taken: list[tuple[str, bytes, str | None]] = server.taken  # type: ignore[attr-defined]
    weights = model.path.read_bytes()
    assert ("/bucket", weights, None) in taken
    etag = f"{hashlib.md5(hashlib.md5(weights).digest()).hexdigest()}-1"
    digest = model.manifest.of_kind("model")[0].digest
    assert (f"/next?digest={digest.replace(':', '%3A')}&etag={etag}", b"", None) in taken
