"""MXFP4 against the format's definition, against the `gguf` package, and against itself in the other order."""

import numpy as np
import numpy.typing as npt
import pytest
from gguf import GGMLQuantizationType, quants
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ossia import mxfp4
from tests.model.tiny_gpt_oss import to_openai

MAGNITUDES = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
blocks = hnp.arrays(np.uint8, st.tuples(st.integers(1, 3), st.integers(1, 4).map(lambda n: n * 17)))
values = hnp.arrays(np.float32, (2, 64), elements=st.floats(-(2.0**100), 2.0**100, width=32))


@pytest.mark.parametrize("scale", [0, 1, 120, 127, 130, 254])
def test_every_code_times_every_scale(scale: int) -> None:
    codes = np.arange(16, dtype=np.uint8)
    block = np.concatenate([[np.uint8(scale)], codes | codes[::-1] << 4])
    code_of_element = [*range(16), *reversed(range(16))]
    signed = np.float32([(-1) ** (code >> 3) * MAGNITUDES[code & 7] for code in code_of_element])
    with np.errstate(over="ignore"):
        expected = np.ldexp(signed, scale - 127)
    np.testing.assert_array_equal(mxfp4.dequantize(block), expected)


def test_a_scale_of_255_is_not_a_number() -> None:
    assert np.isnan(mxfp4.dequantize(np.full(17, 255, np.uint8))).all()


@given(blocks)
def test_openais_order_and_back(data: npt.NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(mxfp4.from_openai(*to_openai(data)), data)


@given(blocks)
def test_openais_order_is_two_neighbours_in_a_byte(data: npt.NDArray[np.uint8]) -> None:
    theirs, scales = to_openai(data)
    scales = scales % 250
    codes = np.stack([theirs & 15, theirs >> 4], axis=-1).reshape(*scales.shape, 32)
    expected = np.ldexp(mxfp4.VALUES[codes], scales[..., None].astype(np.int32) - 127).reshape(len(data), -1)
    np.testing.assert_array_equal(mxfp4.dequantize(mxfp4.from_openai(theirs, scales)), expected)


@given(blocks)
def test_dequantize_equals_the_gguf_package(data: npt.NDArray[np.uint8]) -> None:
    data[..., ::17] %= 250  # the package computes what float32 cannot hold in its own way
    np.testing.assert_array_equal(mxfp4.dequantize(data), quants.dequantize(data, GGMLQuantizationType.MXFP4))


@given(blocks)
def test_quantize_keeps_what_mxfp4_can_hold(data: npt.NDArray[np.uint8]) -> None:
    data[..., ::17] = data[..., ::17] % 200 + 4
    held = mxfp4.dequantize(data)
    np.testing.assert_array_equal(mxfp4.dequantize(mxfp4.quantize(held)), held)


@given(values)
def test_quantize_is_off_by_a_quarter_of_the_largest_at_most(data: npt.NDArray[np.float32]) -> None:
    largest = np.abs(data).reshape(2, 2, 32).max(-1, keepdims=True)
    error = np.abs(mxfp4.dequantize(mxfp4.quantize(data)) - data).reshape(2, 2, 32)
    # 8 - 6 of 8 when the largest is clipped, half a step otherwise; below 2^-126 nothing is left
    assert (error <= largest / 4 + 2**-125).all()


def test_quantize_is_nearer_than_ggmls_rule() -> None:
    data = np.random.default_rng(0).standard_normal((64, 1024), np.float32)
    ggml = quants.dequantize(quants.quantize(data, GGMLQuantizationType.MXFP4), GGMLQuantizationType.MXFP4)
    ours = mxfp4.dequantize(mxfp4.quantize(data))
    assert np.square(ours - data).sum() < 0.96 * np.square(ggml - data).sum()
