"""Blobs: the name is the content's hash, and only whole files ever have such a name."""

import hashlib
import os
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ossia.errors import InvalidModelFile, StoreError
from ossia.store.blobs import BlobStore, InvalidDigest, Upload


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "store" / "blobs")


def sha(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def test_bytes_are_kept_under_their_hash(blobs: BlobStore) -> None:
    digest = blobs.put_bytes(b"hello")
    assert digest == sha(b"hello")
    assert blobs.path(digest).name == digest.replace(":", "-")
    assert blobs.read(digest) == b"hello"
    assert blobs.path(digest).stat().st_mode & 0o777 == 0o644


def test_a_file_is_copied_and_progress_ends_at_the_total(blobs: BlobStore, tmp_path: Path) -> None:
    data = os.urandom(9 << 20)
    source = tmp_path / "model.gguf"
    source.write_bytes(data)
    steps: list[tuple[int, int]] = []
    digest = blobs.put_file(source, progress=lambda done, total: steps.append((done, total)))
    assert digest == sha(data)
    assert blobs.path(digest).read_bytes() == data == source.read_bytes()
    assert len(steps) == 3
    assert steps[-1] == (len(data), len(data))
    assert [file.name for file in blobs.root.iterdir()] == [blobs.path(digest).name]


def test_a_file_is_moved(blobs: BlobStore, tmp_path: Path) -> None:
    source = tmp_path / "model.gguf"
    source.write_bytes(b"weights")
    digest = blobs.put_file(source, move=True)
    assert digest == sha(b"weights")
    assert blobs.read(digest) == b"weights"
    assert not source.exists()


@pytest.mark.parametrize("move", [False, True])
def test_a_blob_of_the_store_is_taken_as_it_is(blobs: BlobStore, move: bool) -> None:
    digest = blobs.put_bytes(b"weights")
    steps: list[int] = []
    assert blobs.put_file(blobs.path(digest), move=move, progress=lambda done, total: steps.append(done)) == digest
    assert steps == []
    assert blobs.read(digest) == b"weights"


def test_an_interrupted_copy_leaves_nothing(blobs: BlobStore, tmp_path: Path) -> None:
    source = tmp_path / "model.gguf"
    source.write_bytes(b"weights")

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        blobs.put_file(source, progress=interrupt)
    assert list(blobs.root.iterdir()) == []


def aged(path: Path, hours: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    then = time.time() - hours * 3600
    os.utime(path, (then, then))
    return path


def aged_folder(path: Path, hours: float) -> Path:
    (path / "inside").mkdir(parents=True)
    return aged(path, hours)


def test_sweep_deletes_what_nobody_needs_any_more_and_nothing_else(blobs: BlobStore) -> None:
    digest = "sha256-" + "0a" * 32
    gone = [
        *(aged(blobs.root / ".tmp-old", 2), aged(blobs.root / ("sha256-" + "1b" * 32), 25)),
        aged_folder(blobs.root / ".tmp-folder", 2),
        *(aged(blobs.root / f"{digest}-partial", 200), aged(blobs.root / f"{digest}-partial-7", 200)),
    ]
    kept = [
        *(aged(blobs.root / ".tmp-fresh", 0.5), aged(blobs.root / ("sha256-" + "2c" * 32), 23)),
        *(aged(blobs.root / digest, 1000), aged(blobs.root / ("sha256-" + "3d" * 32 + "-partial-1"), 100)),
        aged(blobs.root / "notes.txt", 1000),
    ]
    blobs.sweep({digest.replace("-", ":")})
    assert [path for path in gone if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []


def test_a_blob_that_comes_in_pieces(blobs: BlobStore) -> None:
    digest = "sha256:" + hashlib.sha256(b"weights").hexdigest()
    upload = Upload(blobs, digest.upper().replace("SHA", "sha"))
    upload.write(b"wei")
    upload.write(b"ghts")
    upload.commit()
    upload.close()
    assert blobs.path(digest).read_bytes() == b"weights"
    assert blobs.has(digest, 7)
    assert not blobs.has(digest, 6)
    assert len(list(blobs.root.iterdir())) == 1


def test_pieces_with_another_hash_or_an_end_too_early_leave_nothing(blobs: BlobStore) -> None:
    digest = "sha256:" + hashlib.sha256(b"weights").hexdigest()
    others, cut_short = Upload(blobs, digest), Upload(blobs, digest)
    others.write(b"others")
    with pytest.raises(InvalidModelFile, match="digest mismatch, expected"):
        others.commit()
    others.close()
    cut_short.write(b"wei")
    cut_short.close()
    assert list(blobs.root.iterdir()) == []


def test_devices_and_folders_are_refused(blobs: BlobStore, tmp_path: Path) -> None:
    for path in (Path("/dev/zero"), tmp_path, tmp_path / "absent"):
        with pytest.raises(InvalidModelFile, match="is not a file"):
            blobs.put_file(path)


def test_a_missing_and_a_huge_blob_cannot_be_read(blobs: BlobStore) -> None:
    with pytest.raises(InvalidModelFile, match="is missing"):
        blobs.read(sha(b"absent"))
    digest = blobs.put_bytes(b"x" * ((16 << 20) + 1))
    with pytest.raises(InvalidModelFile, match="too large"):
        blobs.read(digest)


def test_a_store_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match=r"cannot write to the model store in .*blobs"):
        BlobStore(tmp_path / "blobs").put_bytes(b"x")


@given(st.text() | st.text("sha256:-/.0aF", max_size=80))
@example("sha256:../../../etc/passwd")
@example(f"sha256:{'0' * 64}/../x")
@example(f"sha256:{'0' * 64}\n")
def test_only_a_digest_names_a_blob(text: str) -> None:
    with pytest.raises(InvalidDigest, match=r"^invalid digest format$"):
        BlobStore(Path("/blobs")).path(text)


@given(st.text("0123456789abcdefABCDEF", min_size=64, max_size=64), st.sampled_from(":-"))
def test_every_digest_is_a_path_in_the_folder(digits: str, separator: str) -> None:
    assert BlobStore(Path("/blobs")).path(f"sha256{separator}{digits}") == Path(f"/blobs/sha256-{digits.lower()}")
