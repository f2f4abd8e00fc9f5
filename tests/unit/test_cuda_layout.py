"""Layouts of weights on a GPU: they keep the numbers of the file, and bit tricks of the kernels read them right."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ossia import mxfp4
from ossia.engine.gpt_oss.cuda import layout
from ossia.engine.gpt_oss.matrix import Kind, dequantize

Bytes = npt.NDArray[np.uint8]


def blocks(size: int) -> st.SearchStrategy[Bytes]:
    """Rows of one to three blocks of any bytes."""
    shape = st.tuples(st.integers(1, 3), st.integers(1, 3), st.just(size))
    return shape.flatmap(lambda shape: arrays.arrays(np.uint8, shape))


@given(blocks(34))
def test_q8_0_keeps_its_numbers(data: Bytes) -> None:
    data[..., 1] &= 0x3F  # a scale that is a number below 2
    rows = data.reshape(len(data), -1)
    words, scales = layout.pack_q8_0(rows)
    assert words.shape == (len(data), data.shape[1] * 8)
    np.testing.assert_array_equal(layout.unpack_q8_0(words, scales), dequantize(rows, "q8_0"))


@pytest.mark.parametrize(("kind", "pack"), [("mxfp4", layout.pack_mxfp4), ("mxfp4_openai", layout.pack_mxfp4_openai)])
@given(data=blocks(17))
def test_mxfp4_keeps_its_numbers(kind: Kind, pack: Callable[[Bytes], tuple[layout.Words, Bytes]], data: Bytes) -> None:
    data[..., 0] = np.minimum(data[..., 0], layout.LARGEST_SCALE)
    rows = data.reshape(len(data), -1)
    words, scales = pack(rows)
    assert words.shape == (len(data), data.shape[1] * 4)
    np.testing.assert_array_equal(layout.unpack_mxfp4(words, scales), dequantize(rows, kind))


def test_a_scale_that_no_weight_has_is_the_largest() -> None:
    data = np.full((1, 17), 255, np.uint8)
    assert layout.pack_mxfp4(data)[1] == layout.LARGEST_SCALE


def test_bits_of_a_half_are_each_used_once() -> None:
    """Codes of a half lie beside each other: three bits of magnitude and one of sign, four times."""
    used = [bit + i for bit in layout.MAGNITUDE_BITS for i in range(3)] + list(layout.SIGN_BITS)
    assert sorted(used) == list(range(16))


def test_a_moved_code_is_its_value_as_float16() -> None:
    """Magnitude at bits 11 to 9 and sign at 15: the value times 2^-14, subnormals included."""
    codes = np.arange(16, dtype=np.uint16)
    halves = ((codes & 7) << 9 | codes >> 3 << 15).view(np.float16)
    np.testing.assert_array_equal(halves.astype(np.float32) * 2**14, mxfp4.VALUES)


def test_gate_and_up_take_turns() -> None:
    gate, up = np.array([[1], [3]]), np.array([[2], [4]])
    assert layout.interleave(gate, up).tolist() == [[1], [2], [3], [4]]
