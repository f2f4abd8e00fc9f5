"""The key that registries know this machine by, as OpenSSH and Ollama write it."""

import multiprocessing
import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from ossia.errors import StoreError
from ossia.store.identity import Identity
from tests.registry.tokens import is_signed

URL = "https://registry.ollama.ai/token?nonce=x"


def signed(identity: Identity) -> bool:
    empty = "ZTNiMGM0NDI5OGZjMWMxNDlhZmJmNGM4OTk2ZmI5MjQyN2FlNDFlNDY0OWI5MzRjYTQ5NTk5MWI3ODUyYjg1NQ=="
    return is_signed(URL, identity.sign(f"GET,{URL},{empty}".encode()))


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "home" / ".ollama"
    first = Identity.load(folder)
    assert Identity.load(folder).public == first.public
    assert (folder / "id_ed25519").stat().st_mode & 0o777 == 0o600
    assert (folder / "id_ed25519.pub").read_text() == f"ssh-ed25519 {first.public}\n"
    assert sorted(path.name for path in folder.iterdir()) == ["id_ed25519", "id_ed25519.pub"]


def test_what_it_signs_is_verified_with_its_public_key(tmp_path: Path) -> None:
    assert signed(Identity.load(tmp_path))
    assert not is_signed(URL, Identity.load(tmp_path).sign(b"something else"))


def test_a_key_that_openssh_or_ollama_made(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    data = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    (tmp_path / "id_ed25519").write_bytes(data)
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert f"ssh-ed25519 {Identity.load(tmp_path).public}" == public


def test_openssh_reads_it(tmp_path: Path) -> None:
    Identity.load(tmp_path)
    command = ["ssh-keygen", "-y", "-f", tmp_path / "id_ed25519"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip("there is no ssh-keygen")
    assert done.stdout == (tmp_path / "id_ed25519.pub").read_text()


def load(folder: Path) -> str:
    return Identity.load(folder).public


def test_processes_that_make_it_at_once_have_the_same(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(load, [tmp_path] * 16, chunksize=1)
    assert set(keys) == {Identity.load(tmp_path).public}
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.timeout(60)
def test_a_pipe_in_place_of_the_key(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "id_ed25519")
    with pytest.raises(StoreError, match="it is not a file"):
        Identity.load(tmp_path)


def test_a_key_that_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "id_ed25519"
    other = generate_private_key(SECP256R1())
    for data in (b"junk", other.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())):
        path.write_bytes(data)
        with pytest.raises(StoreError) as caught:
            Identity.load(tmp_path)
        assert caught.value.hint == "move it away, and a new key is made"
        assert path.read_bytes() == data
