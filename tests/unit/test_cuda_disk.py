"""Reading a model file: the same bytes from the page cache, from the disk past it, and where that is refused."""

import errno
import mmap
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ossia.engine.gpt_oss.cuda.disk import ALIGNMENT, ModelFile
from ossia.errors import InvalidModelFile

SIZE = 5 * ALIGNMENT + 123
CONTENT = np.random.default_rng(0).integers(0, 256, SIZE, np.uint8).tobytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Descriptor and flags of each read."""
    found: list[tuple[int, int]] = []
    read = os.preadv

    def preadv(descriptor: int, buffers: list[memoryview], offset: int, flags: int = 0) -> int:
        found.append((descriptor, flags))
        return read(descriptor, buffers, offset, flags)

    monkeypatch.setattr(os, "preadv", preadv)
    return found


def forget(path: Path) -> None:
    """Drop the file from the page cache, if the system obliges."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read(path: Path, offset: int, size: int) -> bytes:
    buffer = memoryview(mmap.mmap(-1, size + 2 * ALIGNMENT + 1))  # whose address is aligned
    file = ModelFile(path)
    try:
        start = file.read(offset, size, buffer)
        return bytes(buffer[start : start + size])
    finally:
        file.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(0, SIZE), st.integers(0, SIZE), st.booleans())
def test_every_part_is_read(path: Path, one: int, other: int, is_cached: bool):
    start, end = sorted((one, other))
    if not is_cached:
        forget(path)
    assert read(path, start, end - start) == CONTENT[start:end]


def test_what_is_cached_is_read_at_once(path: Path, calls: list[tuple[int, int]]):
    path.read_bytes()
    read(path, 100, SIZE - 100)
    assert [flags for _, flags in calls] == [os.RWF_NOWAIT]


def refuse_to_open(path: object, flags: int, *rest: object) -> int:
    if flags & os.O_DIRECT:
        raise OSError(errno.EINVAL, "not here")
    return OPEN(path, flags, *rest)  # type: ignore[arg-type]


OPEN = os.open


@pytest.mark.parametrize("refused", ["open", "read", "everything"])
def test_where_the_file_system_refuses_the_page_cache_is_used(
    refused: str, path: Path, monkeypatch: pytest.MonkeyPatch
):
    preadv = os.preadv

    def only_plain(descriptor: int, buffers: list[memoryview], offset: int, flags: int = 0) -> int:
        is_direct = fcntl_flags(descriptor) & os.O_DIRECT
        if flags or is_direct:
            raise OSError(errno.EOPNOTSUPP if flags else errno.EINVAL, "refused")
        return preadv(descriptor, buffers, offset)

    if refused != "read":
        monkeypatch.setattr(os, "open", refuse_to_open)
    if refused != "open":
        monkeypatch.setattr(os, "preadv", only_plain)
    forget(path)
    assert read(path, 5, SIZE - 7) == CONTENT[5:-2]


def fcntl_flags(descriptor: int) -> int:
    lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("flags")), 8)


@pytest.mark.parametrize("is_cached", [True, False])
def test_a_file_that_ends_early_is_refused(is_cached: bool, path: Path):
    if not is_cached:
        forget(path)
    with pytest.raises(InvalidModelFile, match=f"ends at byte {SIZE}"):
        read(path, 10, SIZE)


def test_an_error_of_the_disk_is_no_refusal(path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(descriptor: int, buffers: list[memoryview], offset: int, flags: int = 0) -> int:
        raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr(os, "preadv", broken)
    with pytest.raises(OSError, match="the disk is broken"):
        read(path, 0, 10)
