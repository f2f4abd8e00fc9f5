"""The official JSON-Schema-Test-Suite, draft 2020-12: it comes with the source of the jsonschema package."""

import fcntl
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = "jsonschema==4.26.0"
FOLDER = "json/tests/draft2020-12"
CACHE = Path(__file__).parents[1] / ".cache" / "json-schema-test-suite"


class Case(NamedTuple):
    """One schema with instances, and whether each is valid."""

    keyword: str
    description: str
    schema: Any
    tests: list[dict[str, Any]]


def cases() -> list[Case]:
    """Every case of the required keywords; processes that ask at once wait for the first."""
    path = CACHE / "cases.json"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with open(CACHE / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                part = path.with_suffix(".part")
                part.write_text(json.dumps(_fetch()))
                part.replace(path)
    return [Case(*case) for case in json.loads(path.read_text())]


def _fetch() -> list[Case]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--no-binary", "jsonschema", "--dest", folder, PACKAGE], check=True)
        with tarfile.open(next(Path(folder).glob("*.tar.gz"))) as tar:
            files = [member for member in tar.getmembers() if Path(member.name).match(f"*/{FOLDER}/*.json")]
            return [case for member in files for case in _cases(tar, member)]


def _cases(tar: tarfile.TarFile, member: tarfile.TarInfo) -> list[Case]:
    file = tar.extractfile(member)
    assert file
    return [
        Case(Path(member.name).stem, group["description"], group["schema"], group["tests"]) for group in json.load(file)
    ]
