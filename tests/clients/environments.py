"""Clients that do not live in the tests' own environment: each set of packages is installed once, into `.cache`."""

import fcntl
import hashlib
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "clients"
BIN = Path(sys.executable).parent
"""Path of Node.js, which comes as a Python package."""


@contextmanager
def locked(name: str) -> Generator[None]:
    """For one test process at a time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / name, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def made(what: str, make: Callable[[Path], object]) -> Path:
    """A folder with what `make` puts there, which is done once for each `what`."""
    name = hashlib.sha256(what.encode()).hexdigest()[:12]
    folder = CACHE / name
    with locked(f"{name}.lock"):
        if not (folder / "done").exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            (folder / "done").touch()
    return folder


def python_with(*requirements: str, python: str = sys.executable) -> Path:
    """The programs of a virtual environment with these packages."""

    def install(folder: Path) -> None:
        subprocess.run([python, "-m", "venv", "--clear", folder / "venv"], check=True)
        command = [BIN / "python", "-m", "pip", "--python", folder / "venv/bin/python", "install", "-q", *requirements]
        subprocess.run(command, check=True, capture_output=True)

    return made(" ".join([python, *requirements]), install) / "venv" / "bin"


def programs_of(package: str) -> Path:
    """The programs that an npm package brings."""
    return node_with(package) / "node_modules" / ".bin"


def node_with(*packages: str) -> Path:
    """A folder beside whose `node_modules`, with these npm packages, a script can lie."""

    def install(folder: Path) -> None:
        (folder / "package.json").write_text("{}")
        npm(folder, "install", *packages)

    return made(" ".join(packages), install)


def npm(folder: Path, *arguments: str) -> None:
    command = [BIN / "npm", *arguments, "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
