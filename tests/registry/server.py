"""A real registry: CNCF's distribution, as Debian packages it (docker-registry), on a free port."""

import fcntl
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

from tests.waiting import wait_until

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


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def is_up(host: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{host}/v2/", timeout=5) as response:
            return response.status == 200
    except OSError:
        return False
