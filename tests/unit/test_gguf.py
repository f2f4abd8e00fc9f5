import random
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from gguf import GGMLQuantizationType as Type
from gguf import GGUFWriter, quants
from hypothesis import given, settings
from hypothesis import strategies as st

from ossia import mxfp4
from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF
from ossia.tensor_types import MXFP4_OPENAI, TENSOR_TYPES
from tests.gguf_files import finish
from tests.memory import takes_at_most

MAGIC = b"GGUF"
STRING, ARRAY, UINT8, UINT32 = 8, 9, 0, 4


def u32(number: int) -> bytes:
    return struct.pack("<I", number)


def u64(number: int) -> bytes:
    return struct.pack("<Q", number)


def string(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return u64(len(data)) + data


def header(tensors: int, values: int, version: int = 3) -> bytes:
    return MAGIC + u32(version) + u64(tensors) + u64(values)


def value(key: str | bytes, kind: int, data: bytes) -> bytes:
    return string(key) + u32(kind) + data


def tensor(name: str = "t", dims: tuple[int, ...] = (32,), kind: int = 0, offset: int = 0) -> bytes:
    return string(name) + u32(len(dims)) + b"".join(map(u64, dims)) + u32(kind) + u64(offset)


ONE_TENSOR = header(1, 0)
ONE_VALUE = header(0, 1)
DATA = bytes(1024)


def opened(path: Path, content: bytes) -> GGUF:
    path.write_bytes(content)
    return GGUF.open(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


METADATA: dict[str, Any] = {
    "t.u8": 200,
    "t.i8": -100,
    "t.u16": 60_000,
    "t.i16": -30_000,
    "t.u32": 4_000_000_000,
    "t.i32": -2_000_000_000,
    "t.u64": 2**63,
    "t.i64": -(2**62),
    "t.f32": 1.5,
    "t.f64": 0.1,
    "t.true": True,
    "t.string": "héllo\n中",
    "t.strings": ["", "a", "ĠĠ", "中" * 100],
    "t.ints": [1, -2, 3],
    "t.floats": [0.5, -1.0],
    "t.bools": [True, False],
}


def small_file(path: Path) -> dict[str, np.ndarray]:
    """Write a file of every kind of value and of a few tensors, and return these as they were stored."""
    rng = np.random.default_rng(0)
    writer = GGUFWriter(path, "gpt-oss")
    adders = {
        "u8": writer.add_uint8,
        "i8": writer.add_int8,
        "u16": writer.add_uint16,
        "i16": writer.add_int16,
        "u32": writer.add_uint32,
        "i32": writer.add_int32,
        "u64": writer.add_uint64,
        "i64": writer.add_int64,
        "f32": writer.add_float32,
        "f64": writer.add_float64,
        "true": writer.add_bool,
        "string": writer.add_string,
    }
    for key, item in METADATA.items():
        adders.get(key.removeprefix("t."), writer.add_array)(key, item)
    values = rng.standard_normal((3, 2, 64), np.float32)
    tensors = {
        "f32": values,
        "f16": values.astype(np.float16),
        "q8_0": quants.quantize(values, Type.Q8_0),
        "mxfp4": mxfp4.quantize(values),
        "vector": values[0, 0],
    }
    types = {"q8_0": Type.Q8_0, "mxfp4": Type.MXFP4}
    for name, data in tensors.items():
        writer.add_tensor(name, data, raw_dtype=types.get(name))
    finish(writer)
    return tensors


def test_reads_what_the_gguf_package_writes(path: Path) -> None:
    tensors = small_file(path)
    file = GGUF.open(path)
    assert (file.path, file.version) == (path, 3)
    assert dict(file.metadata) == METADATA | {"general.architecture": "gpt-oss"}
    assert file.array_bytes == {"t.strings": 4 * 8 + 0 + 1 + 4 + 300, "t.ints": 12, "t.floats": 8, "t.bools": 2}
    assert list(file.tensors) == list(tensors)
    assert {name: info.type_name for name, info in file.tensors.items()} == {
        "f32": "F32",
        "f16": "F16",
        "q8_0": "Q8_0",
        "mxfp4": "MXFP4",
        "vector": "F32",
    }
    assert file.tensors["mxfp4"].shape == (3, 2, 64)
    for name, data in tensors.items():
        rows = file.rows(name)
        expected = data.reshape(-1, data.shape[-1]).view(np.uint8)
        assert rows.shape == expected.shape
        assert np.array_equal(rows, expected)
        assert not rows.flags.writeable


def test_arrays_are_decoded_once_and_keep_their_type(path: Path) -> None:
    small_file(path)
    metadata = GGUF.open(path).metadata
    assert "t.bools" in metadata
    assert "t.no" not in metadata
    assert metadata["t.strings"] is metadata["t.strings"]
    assert [type(item) for item in metadata["t.bools"]] == [bool, bool]
    assert metadata.get("t.no", 7) == 7


def test_rows_outlive_the_file(path: Path) -> None:
    tensors = small_file(path)
    rows = GGUF.open(path).rows("f32")
    path.unlink()
    assert np.array_equal(rows.view(np.float32).reshape(3, 2, 64), tensors["f32"])


def test_types_and_sizes_are_those_of_the_gguf_package() -> None:
    for number, kind in TENSOR_TYPES.items():
        if number != MXFP4_OPENAI:
            theirs = Type(number)
            assert (kind.name, kind.block, kind.size) == (theirs.name, *gguf.GGML_QUANT_SIZES[theirs])


def test_a_tensor_that_is_not_there(path: Path) -> None:
    with pytest.raises(InvalidModelFile, match=r"model\.gguf: there is no tensor 'x'"):
        opened(path, header(0, 0)).rows("x")


def test_version_2_an_empty_table_and_another_alignment(path: Path) -> None:
    assert opened(path, header(0, 0, version=2)).version == 2
    table = header(1, 1) + value("general.alignment", UINT32, u32(256)) + tensor("t", (2,), offset=256)
    file = opened(path, table + bytes(-len(table) % 256) + bytes(256) + struct.pack("<2f", 1, 2))
    assert file.rows("t").view(np.float32).tolist() == [[1, 2]]


def test_values_may_be_bad_utf8(path: Path) -> None:
    strings = u32(STRING) + u64(2) + string(b"\xff") + string("ok")
    content = header(0, 2) + value("one", STRING, string(b"a\xffb")) + value("more", ARRAY, strings)
    assert dict(opened(path, content).metadata) == {"one": "a\ufffdb", "more": ["\ufffd", "ok"]}


HUGE = 2**60
HOSTILE = {
    "empty": (b"", "empty"),
    "no magic": (b"ggjt" + DATA, "not a GGUF file"),
    "magic only": (MAGIC, "ends at byte 4"),
    "version 1": (header(0, 0, version=1), "version 1 is not supported"),
    "version 0": (header(0, 0, version=0), "version 0 is not supported"),
    "version 4": (header(0, 0, version=4), "version 4 is not supported"),
    "big endian": (MAGIC + struct.pack(">IQQ", 3, 0, 0), "big endian"),
    "no counts": (MAGIC + u32(3), "ends at byte 8"),
    "absurd number of tensors": (header(HUGE, 0), f"{HUGE} tensors do not fit"),
    "absurd number of values": (header(0, HUGE), f"{HUGE} metadata values do not fit"),
    "largest counts": (header(2**64 - 1, 2**64 - 1), "do not fit"),
    "more values than there are": (header(0, 2) + value("a", UINT32, u32(1)) + DATA[:9], "the file ends"),
    "long key": (ONE_VALUE + u64(HUGE) + DATA, "more than any string"),
    "key past the end": (ONE_VALUE + u64(2000) + DATA, "the file ends"),
    "key that is not UTF-8": (ONE_VALUE + value(b"\xff\xfe", UINT32, u32(1)), "not UTF-8"),
    "key twice": (header(0, 2) + value("a", UINT32, u32(1)) * 2, "'a' occurs twice"),
    "unknown type": (ONE_VALUE + value("a", 13, DATA), "unknown type 13"),
    "scalar cut off": (ONE_VALUE + value("abc", 10, b"1234"), "the value of 'abc'"),
    "long string": (ONE_VALUE + value("a", STRING, u64(2**64 - 1)), "more than any string"),
    "string past the end": (ONE_VALUE + value("a", STRING, string("abc")[:-1]), "the value of 'a'"),
    "absurd array": (ONE_VALUE + value("a", ARRAY, u32(UINT8) + u64(HUGE) + DATA), f"{HUGE} numbers"),
    "array whose size overflows": (ONE_VALUE + value("a", ARRAY, u32(10) + u64(2**61 + 1) + DATA), "numbers"),
    "absurd array of strings": (ONE_VALUE + value("a", ARRAY, u32(STRING) + u64(HUGE) + DATA), f"{HUGE} strings"),
    "array of strings past the end": (
        ONE_VALUE + value("a", ARRAY, u32(STRING) + u64(2) + string("abc") + u64(100)),
        "the value of 'a'",
    ),
    "array with a string of absurd length": (
        ONE_VALUE + value("a", ARRAY, u32(STRING) + u64(2) + u64(2**64 - 1) + DATA),
        "the value of 'a'",
    ),
    "array that ends within a length": (
        ONE_VALUE + value("a", ARRAY, u32(STRING) + u64(2) + string("123456789012")),
        "the value of 'a'",
    ),
    "array of arrays": (ONE_VALUE + value("a", ARRAY, u32(ARRAY) + u64(1) + DATA), "array of arrays"),
    "array of the unknown": (ONE_VALUE + value("a", ARRAY, u32(99) + u64(1) + DATA), "unknown type 99"),
    "alignment 0": (ONE_VALUE + value("general.alignment", UINT32, u32(0)), "not a power of two"),
    "alignment 48": (ONE_VALUE + value("general.alignment", UINT32, u32(48)), "48, not a power of two"),
    "alignment as text": (ONE_VALUE + value("general.alignment", STRING, string("32")), "not a power of two"),
    "alignment as list": (
        ONE_VALUE + value("general.alignment", ARRAY, u32(UINT8) + u64(1) + b"\x20"),
        "not a power of two",
    ),
    "alignment past the end": (
        header(1, 1) + value("general.alignment", UINT32, u32(2**31)) + tensor() + DATA,
        "but the file at",
    ),
    "no dimension": (ONE_TENSOR + tensor(dims=()) + DATA, "0 dimensions"),
    "five dimensions": (ONE_TENSOR + tensor(dims=(1,) * 5) + DATA, "5 dimensions"),
    "absurd number of dimensions": (ONE_TENSOR + string("t") + u32(2**32 - 1) + DATA, "4294967295 dimensions"),
    "a dimension of 0": (ONE_TENSOR + tensor(dims=(32, 0)) + DATA, "dimensions"),
    "dimensions whose product overflows": (ONE_TENSOR + tensor(dims=(2**32, 2**32, 2, 1)) + DATA, "but the file at"),
    "a row that is not whole blocks": (ONE_TENSOR + tensor(dims=(33,), kind=8) + DATA, "Q8_0"),
    "unknown tensor type": (ONE_TENSOR + tensor(kind=99) + DATA, "type 99"),
    "removed tensor type": (ONE_TENSOR + tensor(kind=5) + DATA, "type 5"),
    "offset between": (ONE_TENSOR + tensor(offset=8) + DATA, "not a multiple of 32"),
    "offset past the end": (ONE_TENSOR + tensor(offset=4096) + DATA, "but the file at"),
    "absurd offset": (ONE_TENSOR + tensor(offset=2**64 - 32) + DATA, "but the file at"),
    "data cut off": (ONE_TENSOR + tensor(dims=(256,)) + DATA[:1000], "but the file at"),
    "tensor twice": (header(2, 0) + tensor() * 2 + DATA, "'t' occurs twice"),
    "name that is not UTF-8": (ONE_TENSOR + string(b"\xff") + DATA, "not UTF-8"),
    "table cut off": (ONE_TENSOR + tensor()[:-1], "the entry of tensor 't'"),
}


@pytest.mark.parametrize(("content", "text"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files(content: bytes, text: str, path: Path) -> None:
    with pytest.raises(InvalidModelFile, match=text) as caught:
        opened(path, content)
    assert caught.value.message.startswith(f"{path}: ")


def test_a_file_cut_off_says_what_to_do(path: Path) -> None:
    with pytest.raises(InvalidModelFile) as caught:
        opened(path, ONE_TENSOR + tensor() + DATA[:50])
    assert "pull it again" in (caught.value.hint or "")


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(InvalidModelFile, match="No such file"):
        GGUF.open(tmp_path / "nothing")
    with pytest.raises(InvalidModelFile, match="directory"):
        GGUF.open(tmp_path)


def read_everything(file: GGUF) -> None:
    for key in file.metadata:
        assert file.metadata[key] is not None
    for name, info in file.tensors.items():
        assert file.rows(name).nbytes == info.nbytes


@given(seed=st.integers(0, 2**32), changes=st.integers(1, 12))
@settings(max_examples=400)
def test_a_damaged_file_opens_or_is_refused_and_costs_little_memory(
    tmp_path_factory: pytest.TempPathFactory, seed: int, changes: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.gguf"
    content = bytearray(whole_file(tmp_path_factory))
    damage(content, random.Random(seed), changes)
    path.write_bytes(content)

    def opened() -> None:
        with suppress(InvalidModelFile):
            read_everything(GGUF.open(path))

    takes_at_most(1 << 20, opened)


def test_every_beginning_of_a_file_is_refused(tmp_path_factory: pytest.TempPathFactory, path: Path) -> None:
    content = whole_file(tmp_path_factory)
    end = len(content.rstrip(b"\0"))
    for length in range(0, end, 7):
        with pytest.raises(InvalidModelFile):
            opened(path, content[:length])


def whole_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.getbasetemp() / "whole.gguf"
    if not path.exists():
        small_file(path)
    return path.read_bytes()


def damage(content: bytearray, rng: random.Random, changes: int) -> None:
    """Overwrite, cut out and put in, mostly within the tables and with the numbers that hurt."""
    tables = min(len(content), 1200)
    for _ in range(changes):
        at = rng.randrange(tables)
        match rng.randrange(6):
            case 0:
                content[at : at + 1] = rng.randbytes(1)
            case 1:
                content[at : at + 8] = u64(rng.choice([0, 1, 2**31, 2**32 - 1, 2**60, 2**63, 2**64 - 1]))
            case 2:
                content[at : at + 4] = u32(rng.choice([0, 4, 8, 9, 12, 13, 39, 2**32 - 1]))
            case 3:
                del content[at : at + rng.randrange(1, 40)]
            case 4:
                content[at:at] = rng.randbytes(rng.randrange(1, 40))
            case _:
                del content[max(at, len(content) - rng.randrange(2000)) :]
        if not content:
            return
        tables = min(len(content), 1200)
