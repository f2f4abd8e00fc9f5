"""A real server that pulls: killed at any moment it leaves a good store; its errors reach the API, the command line and
the exit code."""

import hashlib
import json
import random
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ossia.store.models import ModelStore
from tests.clients.conftest import Server, running_server
from tests.registry.conftest import Stored
from tests.registry.proxy import Faults, Proxy
from tests.registry.tokens import TokenServer
from tests.waiting import PATIENCE

KILLS = 5
PART = 16 << 20


def pull(server: Server, name: str, kill_at: str = "") -> list[dict[str, object]]:
    """The lines of /api/pull, as far as they come. The server is killed when it reports the status `kill_at`."""
    body = json.dumps({"model": name, "insecure": True}).encode()
    lines: list[dict[str, object]] = []
    try:
        with urllib.request.urlopen(f"{server.url}/api/pull", body, timeout=60) as response:
            for line in response:
                lines.append(json.loads(line))
                if lines[-1].get("status") == kill_at:
                    server.process.kill()
    except (OSError, ValueError):  # the server was killed
        pass
    return lines


def blobs_are_what_they_say(store: ModelStore) -> bool:
    whole = [path for path in store.blobs.root.glob("sha256-*") if "partial" not in path.name]
    return all(path.name == f"sha256-{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in whole)


def twice(proxy: Proxy, first: int, seen: bytearray) -> int:
    """Count the bytes requested since the request `first` that had been sent before; marks all as `seen`."""
    again = 0
    for asked in proxy.asked[first:]:
        if (places := asked.range) and "/blobs/" in asked.path:
            sent = slice(places[0], places[0] + asked.sent)
            again += sum(seen[sent])
            seen[sent] = b"\1" * asked.sent
    return again


def test_a_server_that_is_killed_at_any_moment(proxy: Proxy, stored: Stored, tmp_path: Path) -> None:
    chance = random.Random(20)
    store = ModelStore(tmp_path / "models")
    name, seen = f"{proxy.host}/library/x", bytearray(stored.size)
    proxy.faults.slow = 0.005  # of what is sent and not yet read nothing stays
    for _ in range(KILLS):
        first, until = len(proxy.asked), proxy.blob_bytes + chance.randrange(stored.size // KILLS)
        with running_server(tmp_path) as server:
            proxy.on_bytes = lambda total, until=until, process=server.process: total > until and process.kill()
            pull(server, name)
            server.process.kill()
        assert twice(proxy, first, seen) < PART
        assert blobs_are_what_they_say(store)
        assert store.list() == []
    proxy.on_bytes, proxy.faults.slow, first = lambda total: None, 0, len(proxy.asked)
    with running_server(tmp_path) as server:
        assert pull(server, name)[-1] == {"status": "success"}
    assert twice(proxy, first, seen) < PART
    assert store.resolve(name).digest == stored.digest
    assert [path for path in store.blobs.root.iterdir() if "partial" in path.name] == []


@pytest.mark.parametrize("moment", ["verifying sha256 digest", "writing manifest"])
def test_a_server_that_is_killed_near_the_end(proxy: Proxy, stored: Stored, tmp_path: Path, moment: str) -> None:
    store, name = ModelStore(tmp_path / "models"), f"{proxy.host}/library/x"
    with running_server(tmp_path) as server:
        pull(server, name, kill_at=moment)
        assert server.process.wait(PATIENCE) == -signal.SIGKILL
    assert blobs_are_what_they_say(store)
    assert [model.digest for model in store.list()] in ([], [stored.digest])
    with running_server(tmp_path) as server:
        assert pull(server, name)[-1] == {"status": "success"}
    assert sum(asked.sent for asked in proxy.blobs() if stored.weights in asked.path) == stored.size
    assert store.resolve(name).digest == stored.digest


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("home")) as server:
        yield server


def ossia(server: Server, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ossia", *words]
    return subprocess.run(command, env=server.environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(wrong_bytes=True), "digest mismatch, file must be downloaded again: want sha256:"),
        (Faults(statuses=[404], statuses_for="/manifests/"), "pull model manifest: file does not exist"),
        (Faults(statuses=[429], statuses_for="/manifests/", retry_after="900"), "pull model manifest: 429: so it is"),
        (Faults(tokens=TokenServer("foreign")), "127.0.0.1:"),
        (Faults(tokens=TokenServer("signed", good_for=0)), "unauthorized: access denied"),
    ],
    ids=["wrong bytes", "absent", "busy", "realm", "refused"],
)
def test_what_is_not_overcome_is_told_everywhere(
    server: Server, proxy: Proxy, stored: Stored, faults: Faults, error: str
) -> None:
    name = f"{proxy.host}/library/x"
    statuses = list(faults.statuses)
    proxy.faults = faults
    last = pull(server, name)[-1]
    assert str(last["error"]).startswith(error)
    assert last["hint"]
    faults.statuses = statuses
    done = ossia(server, "pull", name, "--insecure")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"\nerror: {error}" in done.stderr
    assert f"\nhint: {last['hint']}\n" in done.stderr
    assert ossia(server, "list").stdout.splitlines()[1:] == []


@pytest.mark.parametrize(
    "faults",
    [Faults(cut_after=3 << 20, cuts=3), Faults(statuses=[429], retry_after="1"), Faults(tokens=TokenServer("signed"))],
    ids=["cuts", "busy", "tokens"],
)
def test_what_is_overcome_is_not_told(server: Server, proxy: Proxy, stored: Stored, faults: Faults) -> None:
    name = f"{proxy.host}/library/x"
    proxy.faults = faults
    done = ossia(server, "pull", name, "--insecure")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines()[0] == "pulling manifest"
    assert done.stderr.splitlines()[-1] == "success"
    assert ossia(server, "list").stdout.splitlines()[1].split()[:2] == [f"{name}:latest", stored.digest[:12]]
    assert ossia(server, "rm", name).returncode == 0
