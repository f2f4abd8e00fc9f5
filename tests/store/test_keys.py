"""The file of API keys: what it keeps, who may read it, and commands that change it at one time."""

import errno
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ossia.errors import InvalidRequest, StoreError
from ossia.store.identity import Identity
from ossia.store.keys import ALL, INFERENCE, KeyFile, digest_of


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "new" / "keys.json")


def test_a_key_is_made_once_and_only_its_hash_is_kept(file: KeyFile) -> None:
    secret = file.create("laptop", INFERENCE, at_once=2, per_minute=30)
    (key,) = file.read()
    assert (key.name, key.scopes, key.at_once, key.per_minute) == ("laptop", INFERENCE, 2, 30)
    assert key.digest == digest_of(secret.encode())
    assert secret.startswith("ossia-")
    assert len(secret) >= len("ossia-") + 32
    content = file.path.read_text()
    assert secret not in content
    assert secret.removeprefix("ossia-") not in content


def test_the_file_is_its_owners_alone(file: KeyFile) -> None:
    before = os.umask(0)
    try:
        file.create("laptop")
        file.create("phone")
        file.revoke("laptop")
    finally:
        os.umask(before)
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.path.parent.iterdir() if path != file.path] == ["keys.lock"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o666, 0o777, 0o610])
def test_a_file_that_others_may_use_is_refused(file: KeyFile, mode: int) -> None:
    file.create("laptop")
    file.path.chmod(mode)
    for use in (file.read, lambda: file.create("phone"), lambda: file.revoke("laptop")):
        with pytest.raises(StoreError, match=f"its mode is {mode:o}") as refused:
            use()
        assert refused.value.hint == f"chmod 600 {file.path}"
    file.path.chmod(0o600)
    assert [key.name for key in file.read()] == ["laptop"]


WHOLE = '{"keys": [{"name": "x", "digest": "0", "space": "1", %s}]}'


@pytest.mark.parametrize("value", ['"at_once": -1', '"per_minute": 1e30', '"scopes": ["root"]', '"created": "soon"'])
def test_values_that_no_command_writes_are_refused(file: KeyFile, value: str) -> None:
    file.create("laptop")
    file.path.write_text(WHOLE % '"at_once": 1')
    assert file.read()[0].name == "x"
    file.path.write_text(WHOLE % value)
    with pytest.raises(StoreError, match="does not hold API keys"):
        file.read()


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"keys": [{"name": "x"}]}', b"\xff\xfe", b'{"keys": [{"name": 5}]}', b"null"]
)
def test_a_damaged_file_is_refused_and_not_quoted(file: KeyFile, content: bytes) -> None:
    file.create("laptop")
    file.path.write_bytes(content)
    with pytest.raises(StoreError, match=r"does not hold API keys, or is damaged$"):
        file.read()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_no_matter_of_rights(file: KeyFile, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint of both was whose file it is."""

    def full(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "mkstemp", full)
    for use in (lambda: file.create("laptop"), lambda: Identity.load(file.path.parent)):
        with pytest.raises(StoreError, match=os.strerror(number)) as refused:
            use()
        assert refused.value.hint == "free some space"


def test_there_need_not_be_a_file(file: KeyFile) -> None:
    assert file.read() == ()
    assert file.state() is None
    assert not file.path.parent.exists()


def test_a_name_is_taken_until_it_is_revoked_and_then_another_keys(file: KeyFile) -> None:
    first = file.create("laptop")
    with pytest.raises(InvalidRequest, match="there is a key laptop already"):
        file.create("laptop")
    (old,) = file.read()
    assert file.revoke("laptop") == 0
    assert file.read() == ()
    with pytest.raises(InvalidRequest, match="there is no key 'laptop'"):
        file.revoke("laptop")
    assert file.create("laptop") != first
    (new,) = file.read()
    assert new.space != old.space


@pytest.mark.parametrize("name", ["", " ", "a b", "../x", "-x", "a\nb", "ü", "x" * 65, "a,b", "\x1b[2J"])
def test_names_are_harmless(file: KeyFile, name: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be a key's name"):
        file.create(name)
    assert file.state() is None


def test_who_may_manage_may_infer(file: KeyFile) -> None:
    file.create("admin", ["manage"])
    assert [key.scopes for key in file.read()] == [ALL]


def test_the_state_differs_after_each_change(file: KeyFile) -> None:
    """Of the size, where a file system counts time in steps that are longer than this takes."""
    states = [file.state()]
    for change in (lambda: file.create("a"), lambda: file.create("longer"), lambda: file.revoke("a")):
        change()
        states.append(file.state())
    file.path.chmod(0o644)
    states.append(file.state())
    assert len(set(states)) == len(states)


def test_commands_at_one_time_lose_no_key(tmp_path: Path) -> None:
    """The file was read, changed and written by each, so the last one would win."""
    names = [f"key{i}" for i in range(6)]
    program = "import sys; from ossia.cli.arguments import main; sys.exit(main(['key', 'create', sys.argv[1]]))"
    environment = {**os.environ, "HOME": str(tmp_path)}
    running = [
        subprocess.Popen([sys.executable, "-c", program, name], env=environment, stdout=subprocess.PIPE, text=True)
        for name in names
    ]
    made = [process.communicate(timeout=60)[0] for process in running]
    keys = KeyFile(tmp_path / ".ollama" / "ossia-keys.json").read()
    assert sorted(key.name for key in keys) == names
    assert {key.digest for key in keys} == {digest_of(text.strip().encode()) for text in made}


def test_the_content_is_for_people_too(file: KeyFile) -> None:
    file.create("laptop")
    assert list(json.loads(file.path.read_text())) == ["keys"]
    assert file.path.read_text().count("\n") > 5
