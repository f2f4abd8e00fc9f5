"""A real registry: CNCF's distribution, as Debian packages it (docker-registry), on a free port."""

import fcntl
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.waiting import PATIENCE, wait_until

CONFIG = """\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {root}}}, delete: {{enabled: true}}}}
http: {{addr: "{host}"}}
"""
"""Of https://distribution.github.io/distribution/about/configuration/"""


@dataclass(frozen=True)
class Registry:
    host: str


def program() -> str:
    """The registry's path; installed when it is missing and we may."""
    if not shutil.which("docker-registry") and os.geteuid() == 0 and shutil.which("apt-get"):
        with open(Path(tempfile.gettempdir()) / "ossia-apt.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for command in (["update"], ["install", "-y", "--no-install-recommends", "docker-registry"]):
                subprocess.run(["apt-get", "-qq", *command], check=False, capture_output=True)
    found = shutil.which("docker-registry")
    if not found:
        pytest.skip("there is no docker-registry: apt-get install docker-registry")
    return found


@contextmanager
def real_registry(folder: Path) -> Generator[Registry]:
    """One that keeps its data in `folder`, while the block runs."""
    host = f"127.0.0.1:{free_port()}"
    config = folder / "config.yml"
    config.write_text(CONFIG.format(root=folder / "data", host=host))
    with subprocess.Popen(
        [program(), "serve", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        wait_until(lambda: is_up(host))
        yield Registry(host)
        process.terminate()


_PORTS = itertools.count(20_000 + os.getpid() * 61 % 12_000)  # each process of the tests begins elsewhere


def free_port() -> int:
    """A port that nobody listens at, for a program that takes it later.

    It is below those that the system gives away by itself: one of these may be another socket's by then.
    """
    return next(filter(is_free, _PORTS))


def is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def is_up(host: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{host}/v2/", timeout=PATIENCE) as response:
            return response.status == 200
    except OSError:
        return False
