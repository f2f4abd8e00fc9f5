"""The server's certificate: what is wrong with it is said at once, and a renewed one is taken."""

import logging
import os
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from ossia.config import Settings
from ossia.errors import OssiaError
from ossia.server.tls import Certificate
from tests.tls import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


def presented(certificate: Certificate, authority: Authority, name: str) -> None:
    """Shake hands with the certificate's context as a client who trusts the authority and wants this name."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.create_default_context(cafile=authority.file)
    client = trusting.wrap_bio(to_client, to_server, server_hostname=name)
    server = certificate.context.wrap_bio(to_server, to_client, server_side=True)
    done: set[ssl.SSLObject] = set()
    while len(done) < 2:
        for side in (client, server):
            try:
                side.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                pass


def test_a_chain_and_its_key(authority: Authority, tmp_path: Path) -> None:
    chain, key = authority.issue("box.lan", "127.0.0.1")
    presented(Certificate(chain, key), authority, "box.lan")
    both = tmp_path / "both.pem"
    both.write_bytes(key.read_bytes() + chain.read_bytes())
    presented(Certificate(both, None), authority, "127.0.0.1")
    with pytest.raises(ssl.SSLCertVerificationError):
        presented(Certificate(both, None), authority, "other.lan")


def broken(folder: Path, authority: Authority) -> dict[str, tuple[Path, Path | None]]:
    chain, key = authority.issue("a")
    _, other = authority.issue("b")
    nonsense, empty = folder / "nonsense.pem", folder / "empty.pem"
    nonsense.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    empty.touch()
    os.mkfifo(pipe := folder / "pipe.pem")
    return {
        f"{folder}/absent.pem cannot be read": (folder / "absent.pem", key),
        f"{folder}/absent.key cannot be read": (chain, folder / "absent.key"),
        f"{folder} cannot be read": (folder, key),
        f"{folder}/pipe.pem cannot be read": (pipe, key),
        "the key does not belong to the certificate": (chain, other),
        "no certificate or no key in it": (empty, key),
        "with the key in": (nonsense, key),
        "is encrypted": authority.issue("a", passphrase=b"secret"),
    }


@pytest.mark.timeout(60)
@pytest.mark.parametrize("which", range(8))
def test_what_is_wrong_is_said_at_the_start(tmp_path: Path, authority: Authority, which: int) -> None:
    text, paths = list(broken(tmp_path, authority).items())[which]
    with pytest.raises(OssiaError) as caught:
        Certificate(*paths)
    assert text in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(("days", "text"), [(-3, "expired"), (3, "is not valid yet")])
def test_dates_are_a_warning(authority: Authority, days: int, text: str, caplog: pytest.LogCaptureFixture) -> None:
    Certificate(*authority.issue("a", days=days))
    assert [text in message for message in caplog.messages] == [True]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (Settings(scheme="https"), "has no certificate"),
        (Settings(tls_key=Path("key")), "OSSIA_TLS_CERT is not"),
        (Settings(scheme="http", tls_cert=Path("certificate")), "says http"),
        (Settings(tls_cert=Path("certificate")), "cannot be read"),
    ],
)
def test_settings_that_contradict(settings: Settings, text: str) -> None:
    with pytest.raises(OssiaError, match=text) as caught:
        Certificate.of(settings)
    assert caught.value.hint


def test_no_certificate_is_no_tls() -> None:
    assert Certificate.of(Settings()) is None
    assert Certificate.of(Settings(scheme="http")) is None


@pytest.fixture
def renewed(authority: Authority) -> tuple[Certificate, Callable[..., None]]:
    """A certificate for "old", and a function that writes others over it."""
    chain, key = authority.issue("old")
    times = iter(range(1, 100))

    def write(new_chain: Path | None = None, new_key: Path | None = None) -> None:
        for old, new in ((chain, new_chain), (key, new_key)):
            if new:
                old.write_bytes(new.read_bytes())
                os.utime(old, (1, next(times)))

    return Certificate(chain, key), write


def test_a_renewed_certificate_is_taken(
    authority: Authority, renewed: tuple[Certificate, Callable[..., None]], caplog: pytest.LogCaptureFixture
) -> None:
    certificate, write = renewed
    certificate.renew()
    with caplog.at_level(logging.INFO):
        write(*authority.issue("new"))
        certificate.renew()
        certificate.renew()
    presented(certificate, authority, "new")
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("half", ["chain", "key", "nonsense"])
def test_half_a_renewal_changes_nothing_until_it_is_whole(
    authority: Authority, renewed: tuple[Certificate, Callable[..., None]], tmp_path: Path, half: str
) -> None:
    certificate, write = renewed
    chain, key = authority.issue("new")
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("half of it")
    write(*{"chain": (chain, None), "key": (None, key), "nonsense": (nonsense, key)}[half])
    certificate.renew()
    presented(certificate, authority, "old")
    write(chain, key)
    certificate.renew()
    presented(certificate, authority, "new")


def test_a_certificate_that_vanishes_changes_nothing(
    authority: Authority, renewed: tuple[Certificate, Callable[..., None]], tmp_path: Path
) -> None:
    certificate, _ = renewed
    for path in authority.folder.glob("[0-9]*"):
        path.unlink()
    certificate.renew()
    presented(certificate, authority, "old")


def test_a_certificate_out_of_reach_changes_nothing(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when its folder is closed to the server, or its disk is away for a moment: nothing may end the server."""
    certificate = Certificate(*authority.issue("box.lan"))

    def refuse(path: Path, **more: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "stat", refuse)
        certificate.renew()
    certificate.renew()
    presented(certificate, authority, "box.lan")


def test_a_form_that_openssl_alone_reads(authority: Authority, tmp_path: Path) -> None:
    chain, key = authority.issue("box.lan")
    trusted = tmp_path / "trusted.pem"
    trusted.write_text(chain.read_text().replace(" CERTIFICATE", " TRUSTED CERTIFICATE"))
    presented(Certificate(trusted, key), authority, "box.lan")
