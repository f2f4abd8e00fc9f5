"""Servers that benchmarks start, each in a process of its own: ossia's, and those of other engines."""

import hashlib
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ossia.store.models import ModelStore

OSSIA = (sys.executable, "-m", "ossia", "serve")


def stored(model: Path, folder: Path, name: str) -> None:
    """Put a model into the store in a folder. On one file system it is a link, under a digest that nobody computes: to
    read 60 GB takes a minute."""
    blob = folder / "blobs" / f"sha256-{hashlib.sha256(os.fsencode(model)).hexdigest()}"
    blob.parent.mkdir(parents=True, exist_ok=True)
    try:
        blob.unlink(missing_ok=True)
        os.link(model, blob)
    except OSError:
        blob = model
    ModelStore(folder).create(name, files=[blob])


def free_port() -> int:
    """Return a port that nobody listens at, and that the system does not give away before a server takes it."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


@contextmanager
def running(
    command: tuple[str, ...], url: str, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the end, from when it answers at a URL. If it ends early, its last output is the error."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, env=os.environ | (environment or {}), stdout=output, stderr=output)
        try:
            while not answers(url):
                if process.poll() is not None:
                    output.seek(0)
                    raise RuntimeError(f"{command[0]} ended: {output.read()[-2000:].decode(errors='replace')}")
                time.sleep(0.1)
            yield process
        finally:
            process.terminate()
            process.wait()
