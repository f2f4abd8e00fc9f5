"""The start of `ossia serve`."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ossia.addresses import read_networks
from ossia.admin.serve import announce
from ossia.cli import arguments
from ossia.config import Access, Settings
from ossia.server.listen import listen
from ossia.store.models import ModelStore
from tests.clients.conftest import running_server
from tests.tls import Authority
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


@pytest.fixture
def ossia(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command with settings in its environment: its exit code and what it prints."""

    def run(*words: str, **settings: str) -> tuple[int, str, str]:
        with monkeypatch.context() as environment:
            for name, value in settings.items():
                environment.setenv(name, value)
            return arguments.main(words), *capsys.readouterr()

    return run


Ossia = Callable[..., tuple[int, str, str]]


def test_https_from_the_command_line(tmp_path: Path, ossia: Ossia) -> None:
    authority = Authority(tmp_path / "authority")
    chain, key = map(str, authority.issue("127.0.0.1"))
    trusting = {"OSSIA_CA": str(authority.file)}
    with running_server(tmp_path, OSSIA_TLS_CERT=chain, OSSIA_TLS_KEY=key) as server:
        url, address = server.url, server.url.removeprefix("https://")
        for settings in (
            {"OLLAMA_HOST": url, **trusting},
            {"OLLAMA_HOST": url, "SSL_CERT_FILE": str(authority.file)},
            {"OLLAMA_HOST": address, "OSSIA_TLS_CERT": chain, **trusting},
        ):
            code, printed, _ = ossia("list", **settings)
            assert (code, printed[:4]) == (0, "NAME")
        for settings, error, hint in (
            ({"OLLAMA_HOST": url}, "does not prove who it is", "OSSIA_CA=FILE"),
            ({"OLLAMA_HOST": url.replace("127.0.0.1", "localhost"), **trusting}, "prove who it is", "https://NAME"),
            ({"OLLAMA_HOST": f"http://{address}"}, "lost the connection", "say https://"),
            ({"OLLAMA_HOST": url, "OSSIA_CA": "/nonexistent"}, "/nonexistent cannot be used", "OSSIA_CA"),
            ({"OLLAMA_HOST": url, "OSSIA_CA": key}, f"{key} cannot be used", "OSSIA_CA"),
        ):
            code, _, told = ossia("list", **settings)
            assert code == 1
            assert error in told.splitlines()[0]
            assert hint in told.splitlines()[1]
    assert f"listening on {url}" in (tmp_path / "log").read_text()


def test_https_with_a_server_that_speaks_http(tmp_path: Path, ossia: Ossia) -> None:
    with running_server(tmp_path) as server:
        code, _, told = ossia("list", OLLAMA_HOST=server.url.replace("http", "https"))
        assert code == 1
        assert "say http://" in told


@pytest.mark.parametrize(
    ("settings", "has_keys", "said", "unsaid"),
    [
        (Settings(), False, ["other machines may use models, but not manage them"], ["key", "TLS"]),
        (Settings(access=Access(manage_from=read_networks("10.1.2.3/8"))), False, ["except from 10.0.0.0/8"], []),
        (Settings(host="0.0.0.0"), False, ["http://0.0.0.0:", "may use the models", "`ossia key", "without TLS"], []),
        (Settings(host="0.0.0.0", tls_cert=Path("c")), False, ["https://0.0.0.0:"], ["without TLS"]),
        (Settings(host="0.0.0.0"), True, ["other machines need a key, this one needs none"], ["may use", "ossia key"]),
        (Settings(access=Access(local_keys=True)), True, ["everybody needs a key"], ["this one"]),
    ],
)
def test_it_says_who_may_do_what(
    settings: Settings, has_keys: bool, said: list[str], unsaid: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    sockets = listen(settings.host, 0)
    with caplog.at_level(logging.INFO):
        announce(sockets, settings, has_keys)
    for each in sockets:
        assert str(each.getsockname()[1]) in caplog.text
        each.close()
    assert [text for text in said if text not in caplog.text] == []
    assert [text for text in unsaid if text in caplog.text] == []


def test_a_certificate_that_cannot_be_used_ends_the_start(tmp_path: Path, ossia: Ossia) -> None:
    code, _, told = ossia("serve", OLLAMA_HOST="127.0.0.1:0", OSSIA_TLS_CERT=str(tmp_path / "none.pem"))
    assert code == 1
    assert "none.pem cannot be read" in told
    assert "hint: OSSIA_TLS_CERT" in told
