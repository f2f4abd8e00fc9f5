"""Fixtures for pull and push: stores, a key, and a model in the registry."""

import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gguf
import numpy as np
import pytest

from ossia.store.http import Limits
from ossia.store.identity import Identity
from ossia.store.models import ModelStore
from ossia.store.name import ModelName
from ossia.store.progress import ignore
from ossia.store.pull import pull
from ossia.store.push import push
from tests.gguf_files import finish
from tests.registry.proxy import Proxy, proxy_before
from tests.registry.server import Registry

LIMITS = Limits(backoff=0.01, tries=4)
NO_HEADERS: Mapping[str, str] = {}
PARTS = 3
WEIGHTS = 16 * PARTS - 2
"""In MB: three parts."""


@dataclass(frozen=True)
class Stored:
    """The model that the registry has: its digest, and the digest and size of its weights."""

    digest: str
    weights: str
    size: int


@pytest.fixture
def elsewhere(registry: Registry) -> Iterator[Proxy]:
    """The host that blobs are redirected to."""
    with proxy_before(registry.host) as proxy:
        yield proxy


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "store")


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity.load(tmp_path_factory.mktemp("identity"))


def write_gguf(path: Path, megabytes: int, seed: int = 0) -> Path:
    writer = gguf.GGUFWriter(path, "gpt-oss")
    writer.add_tensor("output.weight", np.random.default_rng(seed).random((megabytes << 8, 1024), np.float32))
    finish(writer)
    return path


@pytest.fixture(scope="session")
def stored(registry: Registry, identity: Identity, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """`library/x` of the registry."""
    folder = tmp_path_factory.mktemp("stored")
    store = ModelStore(folder / "store")
    name = f"{registry.host}/library/x"
    model = store.create(name, files=[write_gguf(folder / "model.gguf", WEIGHTS)], system="Be brief.", move=False)
    push(model.name, store, identity, ignore, insecure=True)
    layer = model.manifest.of_kind("model")[0]
    return Stored(model.digest, layer.digest, layer.size)


@pytest.fixture
def fetch(store: ModelStore, proxy: Proxy, identity: Identity, stored: Stored) -> Callable[..., list[str]]:
    """Pull `library/x` through the proxy; returns what was reported, each status once."""

    def fetch(limits: Limits = LIMITS) -> list[str]:
        said: list[str] = []
        name = ModelName.parse(f"{proxy.host}/library/x")
        model = pull(name, store, identity, lambda progress: said.append(progress.status), insecure=True, limits=limits)
        assert model.digest == stored.digest
        assert store.missing(model.manifest) == ()
        return list(dict.fromkeys(said))

    return fetch


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 20 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system takes root")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture
def serve_manifest() -> Iterator[Callable[..., ModelName]]:
    """A registry that answers everything with this manifest, or error; returns a name there."""
    servers: list[ThreadingHTTPServer] = []

    def serve(manifest: bytes, status: int = 200, headers: Mapping[str, str] = NO_HEADERS) -> ModelName:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                for field, value in {**headers, "Content-Length": str(len(manifest))}.items():
                    self.send_header(field, value)
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(manifest)

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        servers.append(server)
        return ModelName.parse(f"127.0.0.1:{server.server_address[1]}/library/x")

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()
