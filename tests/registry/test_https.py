"""https, which is what registries speak unless told otherwise."""

import ipaddress
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ossia.errors import RegistryError, RegistryUnavailable
from ossia.store.identity import Identity
from ossia.store.models import ModelStore
from ossia.store.name import ModelName
from ossia.store.progress import ignore
from ossia.store.pull import pull
from ossia.store.push import push
from tests.registry.conftest import LIMITS, Stored, write_gguf
from tests.registry.proxy import Faults, Proxy, proxy_before
from tests.registry.server import Registry


def write_certificate(path: Path) -> Path:
    """Key and certificate of 127.0.0.1, signed by itself."""
    key, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None)
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return write_certificate(tmp_path / "certificate.pem")


@pytest.fixture
def secure(registry: Registry, certificate: Path) -> Iterator[Proxy]:
    """The proxy, behind https."""
    with proxy_before(registry.host) as proxy:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        proxy.socket = context.wrap_socket(proxy.socket, server_side=True)
        yield proxy


def test_https_with_a_certificate_that_this_machine_trusts(
    store: ModelStore,
    identity: Identity,
    secure: Proxy,
    stored: Stored,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    model = pull(ModelName.parse(f"{secure.host}/library/x"), store, identity, ignore, limits=LIMITS)
    assert model.digest == stored.digest


def test_a_certificate_that_nobody_vouches_for(
    store: ModelStore, identity: Identity, secure: Proxy, stored: Stored
) -> None:
    with pytest.raises(RegistryUnavailable, match=r"no https with .* certificate verify failed"):
        pull(ModelName.parse(f"{secure.host}/library/x"), store, identity, ignore, limits=LIMITS)
    assert secure.asked == []


def test_https_never_becomes_http(
    store: ModelStore,
    identity: Identity,
    secure: Proxy,
    elsewhere: Proxy,
    stored: Stored,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    secure.faults = Faults(redirect_to=elsewhere.host)
    with pytest.raises(RegistryError, match="what is not followed"):
        pull(ModelName.parse(f"{secure.host}/library/x"), store, identity, ignore, limits=LIMITS)
    assert elsewhere.asked == []
    assert store.list() == []


def test_a_push_never_goes_on_in_http(
    store: ModelStore,
    identity: Identity,
    secure: Proxy,
    certificate: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The registry does not know that https is before it, and names http for what follows."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    model = store.create(f"{secure.host}/me/secret", files=[write_gguf(tmp_path / "model.gguf", 1, seed=7)])
    with pytest.raises(RegistryError, match="what is not followed"):
        push(model.name, store, identity, ignore, limits=LIMITS)
    assert {asked.method for asked in secure.asked} == {"HEAD", "POST"}
