"""The start of `ossia serve`."""

import os
from pathlib import Path

import pytest

from ossia.store.models import ModelStore
from tests.clients.conftest import running_server
from tests.waiting import wait_until


@pytest.fixture
def stray(tmp_path: Path) -> Path:
    """A blob of no model, old enough to be nobody's."""
    store = ModelStore(tmp_path / "models")
    path = store.blobs.path(store.blobs.put_bytes(b"of no model"))
    os.utime(path, (1, 1))
    return path


def test_it_makes_its_key_and_sweeps_the_store(tmp_path: Path, stray: Path) -> None:
    with running_server(tmp_path):
        wait_until(lambda: not stray.exists())
        assert (tmp_path / ".ollama" / "id_ed25519.pub").read_text().startswith("ssh-ed25519 ")


def test_it_sweeps_nothing_when_told_so_and_names_what_has_no_effect(tmp_path: Path, stray: Path) -> None:
    with running_server(tmp_path, OLLAMA_NOPRUNE="1", OLLAMA_VULKAN="1"):
        pass
    assert stray.exists()
    log = (tmp_path / "log").read_text()
    assert "OLLAMA_VULKAN is set, but has no effect here" in log
    assert "OLLAMA_NOPRUNE" not in log


def test_a_home_that_cannot_be_written_is_no_reason_not_to_serve(tmp_path: Path) -> None:
    (tmp_path / ".ollama").write_text("a file")
    with running_server(tmp_path):
        pass
    assert "id_ed25519 cannot be used" in (tmp_path / "log").read_text()
