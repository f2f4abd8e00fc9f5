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
def calls(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """True for each read that goes past the page cache."""
    found: list[bool] = []
    read = os.preadv

    def preadv(descriptor: int, buffers: list[memoryview], offset: int) -> int:
        found.append(is_direct(descriptor))
        return read(descriptor, buffers, offset)

    monkeypatch.setattr(os, "preadv", preadv)
    return found


def read(path: Path, offset: int, size: int) -> bytes:
    buffer = memoryview(mmap.mmap(-1, size + 2 * ALIGNMENT + 1))  # whose address is aligned
    mapped = np.memmap(path, np.uint8, "r")
    file = ModelFile(path, mapped.ctypes.data)
    try:
        start = file.read(offset, size, buffer)
        return bytes(buffer[start : start + size])
    finally:
        file.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.integers(0, SIZE), st.integers(0, SIZE), st.booleans())
def test_every_part_is_read(path: Path, one: int, other: int, is_cached: bool):
    start, end = sorted((one, other))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ModelFile, "_is_cached", lambda self, start, size: is_cached)
        assert read(path, start, end - start) == CONTENT[start:end]


def test_what_is_cached_is_read_at_once(path: Path, calls: list[bool]):
    path.read_bytes()
    read(path, 100, SIZE - 100)
    assert calls == [False]


def test_what_is_not_cached_is_read_past_the_cache(path: Path, calls: list[bool], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ModelFile, "_is_cached", lambda self, start, size: False)
    assert read(path, 100, SIZE - 100) == CONTENT[100:]
    assert all(calls)


def is_direct(descriptor: int) -> bool:
    lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines()
    return bool(int(next(line.split()[1] for line in lines if line.startswith("flags")), 8) & os.O_DIRECT)


@pytest.mark.parametrize("refused", ["open", "read"])
def test_where_the_file_system_refuses_the_page_cache_is_used(
    refused: str, path: Path, monkeypatch: pytest.MonkeyPatch
):
    open_file, preadv = os.open, os.preadv

    def open_plain(path: Path, flags: int) -> int:
        if flags & os.O_DIRECT:
            raise OSError(errno.EINVAL, "refused")
        return open_file(path, flags)

    def read_plain(descriptor: int, buffers: list[memoryview], offset: int) -> int:
        if is_direct(descriptor):
            raise OSError(errno.EINVAL, "refused")
        return preadv(descriptor, buffers, offset)

    monkeypatch.setattr(ModelFile, "_is_cached", lambda self, start, size: False)
    if refused == "open":
        monkeypatch.setattr(os, "open", open_plain)
    else:
        monkeypatch.setattr(os, "preadv", read_plain)
    assert read(path, 5, SIZE - 7) == CONTENT[5:-2]


@pytest.mark.parametrize("is_cached", [True, False])
def test_a_file_that_ends_early_is_refused(is_cached: bool, path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ModelFile, "_is_cached", lambda self, start, size: is_cached)
    with pytest.raises(InvalidModelFile, match=f"ends at byte {SIZE}"):
        read(path, 10, SIZE)


def test_an_error_of_the_disk_is_no_refusal(path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(descriptor: int, buffers: list[memoryview], offset: int) -> int:
        raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr(os, "preadv", broken)
    with pytest.raises(OSError, match="the disk is broken"):
        read(path, 0, 10)
