"""Arguments that do not fit raise ValueError or TypeError, and nothing is read beyond the weights' last byte."""

import mmap
from collections.abc import Callable
from ctypes import CDLL, addressof, c_char, c_int, c_size_t, c_void_p

import numpy as np
import pytest
from numpy.random import Generator

from ossia import _cpu
from tests.kernels import oracle
from tests.kernels.oracle import KINDS, U8


def f32(*shape: int) -> oracle.F32:
    return np.zeros(shape, np.float32)


def i32(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.int32)


def mxfp4(rows: int, cols: int) -> _cpu.Matrix:
    return _cpu.Matrix(np.zeros((rows, cols // 32 * 17), np.uint8), "mxfp4", cols)


def attend(
    *,
    q: tuple[int, ...] = (2, 4, 16),
    cache: tuple[int, ...] = (3, 2, 2, 4, 16),
    context: int = 2,
    start: tuple[int, ...] = (0, 2),
    block: int = 0,
    window: int = 0,
    out: tuple[int, ...] = (2, 64),
) -> None:
    _cpu.attention(
        f32(*q),
        f32(*cache),
        np.full((1, 1), block, np.int32),
        np.array(start, np.int32),
        np.array([context], np.int32),
        f32(q[1]),
        window,
        1.0,
        f32(*out),
    )


def moe(*, expert: int = 0, inner: int = 32, bias: int = 32, k: int = 1) -> None:
    _cpu.moe(
        f32(1, 32),
        np.full((1, k), expert, np.int32),
        f32(1, 1),
        mxfp4(2 * inner, 32),
        mxfp4(64, 32),
        mxfp4(64, 32),
        f32(2, bias),
        f32(2, bias),
        f32(2, 32),
        7.0,
        1.7,
        f32(1, 32),
        False,
    )


CASES: dict[str, Callable[[], object]] = {
    "unknown kind": lambda: _cpu.Matrix(np.zeros((1, 32), np.uint8), "q4_0", 32),
    "cols not of blocks": lambda: _cpu.Matrix(np.zeros((1, 17), np.uint8), "mxfp4", 33),
    "row too short": lambda: _cpu.Matrix(np.zeros((1, 16), np.uint8), "mxfp4", 32),
    "row too long": lambda: _cpu.Matrix(np.zeros((1, 35), np.uint8), "q8_0", 32),
    "no columns": lambda: _cpu.Matrix(np.zeros((1, 0), np.uint8), "f32", 0),
    "negative columns": lambda: _cpu.Matrix(np.zeros((1, 0), np.uint8), "f32", -32),
    "backward rows": lambda: _cpu.Matrix(np.zeros((2, 17), np.uint8)[::-1], "mxfp4", 32),
    "repeated rows": lambda: _cpu.Matrix(np.broadcast_to(np.zeros(17, np.uint8), (4, 17)), "mxfp4", 32),
    "strided bytes": lambda: _cpu.Matrix(np.zeros((2, 34), np.uint8)[:, ::2], "mxfp4", 32),
    "id too large": lambda: _cpu.embed(mxfp4(4, 32), np.array([4], np.int32), f32(1, 32)),
    "id negative": lambda: _cpu.embed(mxfp4(4, 32), np.array([-1], np.int32), f32(1, 32)),
    "embed out": lambda: _cpu.embed(mxfp4(4, 32), i32(2), f32(1, 32)),
    "x of other width": lambda: _cpu.linear(f32(1, 64), [mxfp4(4, 32)], [None], f32(1, 4), False),
    "out of other width": lambda: _cpu.linear(f32(1, 32), [mxfp4(4, 32)], [None], f32(1, 5), False),
    "out too short": lambda: _cpu.linear(f32(2, 32), [mxfp4(4, 32)], [None], f32(1, 4), False),
    "no matrix": lambda: _cpu.linear(f32(1, 32), [], [], f32(1, 0), False),
    "no bias list": lambda: _cpu.linear(f32(1, 32), [mxfp4(4, 32)], [], f32(1, 4), False),
    "bias of other size": lambda: _cpu.linear(f32(1, 32), [mxfp4(4, 32)], [f32(3)], f32(1, 4), False),
    "gain": lambda: _cpu.rms_norm(f32(2, 8), f32(7), 1e-5, f32(2, 8)),
    "norm out": lambda: _cpu.rms_norm(f32(2, 8), f32(8), 1e-5, f32(2, 9)),
    "odd head": lambda: _cpu.rope(f32(1, 1, 3), f32(1, 1), f32(1, 1)),
    "angles": lambda: _cpu.rope(f32(2, 1, 4), f32(1, 2), f32(2, 2)),
    "slot too large": lambda: _cpu.store_kv(f32(1, 2, 16), f32(1, 2, 16), f32(3, 2, 2, 4, 16), np.array([12])),
    "slot negative": lambda: _cpu.store_kv(f32(1, 2, 16), f32(1, 2, 16), f32(3, 2, 2, 4, 16), np.array([-1])),
    "cache of ints": lambda: _cpu.store_kv(
        f32(1, 2, 16), f32(1, 2, 16), np.zeros((3, 2, 2, 4, 16), np.int16), np.array([0])
    ),
    "cache without values": lambda: _cpu.store_kv(f32(1, 2, 16), f32(1, 2, 16), f32(3, 1, 2, 4, 16), np.array([0])),
    "heads of no group": lambda: attend(q=(2, 3, 16), out=(2, 48)),
    "head of other size": lambda: attend(q=(2, 4, 32), out=(2, 128)),
    "head not of 16": lambda: attend(q=(2, 4, 8), cache=(3, 2, 2, 4, 8), out=(2, 32)),
    "more queries than context": lambda: attend(context=1),
    "table too short": lambda: attend(context=5),
    "block too large": lambda: attend(block=3),
    "block negative": lambda: attend(block=-1),
    "starts beyond tokens": lambda: attend(start=(0, 3)),
    "starts too early": lambda: attend(start=(-1, 2)),
    "window negative": lambda: attend(window=-1),
    "attention out": lambda: attend(out=(2, 63)),
    "k of zero": lambda: _cpu.route(f32(1, 4), 0, i32(1, 0), f32(1, 0)),
    "k of too many": lambda: _cpu.route(f32(1, 4), 5, i32(1, 5), f32(1, 5)),
    "expert too large": lambda: moe(expert=2),
    "expert negative": lambda: moe(expert=-1),
    "gate of other size": lambda: moe(inner=31),
    "biases of other size": lambda: moe(bias=33),
    "weights of other size": lambda: moe(k=2),
    "no threads": lambda: _cpu.set_threads(0),
    "unknown isa": lambda: _cpu.set_isa("mmx"),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_values_raise(name: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        CASES[name]()


def test_good_values_of_the_same_calls_do_not_raise() -> None:
    attend()
    moe()


@pytest.mark.parametrize(
    "call",
    [
        lambda: _cpu.rms_norm(np.zeros((2, 8)), f32(8), 1e-5, f32(2, 8)),
        lambda: _cpu.rms_norm(f32(2, 8), f32(8), 1e-5, f32(8, 2).T),
        lambda: _cpu.embed(mxfp4(4, 32), np.zeros(1, np.int64), f32(1, 32)),
        lambda: _cpu.Matrix(np.zeros((1, 17), np.int8), "mxfp4", 32),
    ],
)
def test_other_dtypes_and_layouts_are_not_copied_in_silence(call: Callable[[], object]) -> None:
    with pytest.raises(TypeError):
        call()


def test_read_only_weights_stay_alive(rng: Generator) -> None:
    data = oracle.encode(rng, "q8_0", 4, 32)
    data.flags.writeable = False
    expected = oracle.decode("q8_0", data).astype(np.float32)
    matrix = _cpu.Matrix(data, "q8_0", 32)
    assert (matrix.rows, matrix.cols, matrix.kind) == (4, 32, "q8_0")
    del data
    out = f32(4, 32)
    _cpu.embed(matrix, np.arange(4, dtype=np.int32), out)
    np.testing.assert_array_equal(out, expected)


def before_a_forbidden_page(data: U8) -> U8:
    """A copy that ends where a page begins that may not be read."""
    page = mmap.PAGESIZE
    size = -(-data.size // page) * page
    memory = mmap.mmap(-1, size + page)
    start = addressof((c_char * len(memory)).from_buffer(memory))
    protect = CDLL(None, use_errno=True).mprotect
    protect.argtypes = c_void_p, c_size_t, c_int
    assert protect(start + size, page, 0) == 0
    copy = np.frombuffer(memory, np.uint8)[size - data.size : size].reshape(data.shape)
    copy[:] = data
    return copy


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cols", [32, 64, 96, 128, 160])
def test_nothing_beyond_the_last_byte_is_read(isa: str, rng: Generator, kind: str, cols: int) -> None:
    data = before_a_forbidden_page(oracle.encode(rng, kind, 34, cols))
    w = _cpu.Matrix(data, kind, cols)
    for tokens in (1, 2, 3, 4, 9):
        x = rng.standard_normal((tokens, cols), np.float32)
        for exact in (True, False):
            _cpu.linear(x, [w], [None], f32(tokens, 34), exact)
    _cpu.embed(w, np.array([33], np.int32), f32(1, cols))
