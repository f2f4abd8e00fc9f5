"""Clients beyond the first tier: `make test-clients-all` installs some gigabytes of them, and runs each."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.environments import BIN

SCRIPTS = Path(__file__).parent / "scripts"
RunPython = Callable[..., Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.clients_all)


@pytest.fixture
def run_python() -> RunPython:
    """Run a script of `scripts/` in an environment of its own: the object that it prints at last."""

    def run(programs: Path, name: str, **settings: str) -> Any:
        command = [programs / "python", SCRIPTS / name]
        done = subprocess.run(
            command, env=os.environ | settings, capture_output=True, text=True, check=False, timeout=100
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def run_node(folder: Path, name: str, **settings: str) -> Any:
    """Run a script of `scripts/` beside the packages of a folder: the object that it prints at last."""
    script = folder / name
    script.unlink(missing_ok=True)
    script.symlink_to(SCRIPTS / name)
    command = [BIN / "node", "--preserve-symlinks-main", script]
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
