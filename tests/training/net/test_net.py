"""The net computes what the file computes that is made of its update."""

from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
import pytest
import torch

from ossia import mxfp4
from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.weights import load
from ossia.store import tiny_conversion
from ossia.store.tiny_update import MATRICES, Update
from training import base as base_file
from training import export, rounding
from training.attention import packed
from training.net import Net, in_8_bits, updated

Floats = npt.NDArray[np.float32]


def awkward_values() -> Floats:
    """Values of all sizes, many of them half way between two codes."""
    random = np.random.default_rng(0)
    plain = random.normal(0, 1, (64, 64)) * np.exp2(random.integers(-12, 4, (64, 1)))
    halves = random.integers(-32, 32, (64, 64)) * 0.125
    return np.concatenate([plain, halves, np.zeros((1, 64))]).astype(np.float32)


def test_roundings_are_those_of_the_files() -> None:
    values, kind = awkward_values(), gguf.GGMLQuantizationType.Q8_0
    dense = gguf.quants.dequantize(gguf.quants.quantize(values, kind), kind)
    np.testing.assert_array_equal(rounding.q8_0(torch.from_numpy(values)), dense)
    experts = mxfp4.dequantize(mxfp4.quantize(values))
    np.testing.assert_array_equal(rounding.mxfp4(torch.from_numpy(values)), experts)


def some_update(base: Path, size: float = 0.1) -> Net:
    """Return a net whose update changes everything."""
    torch.manual_seed(0)
    net = Net(base_file.read(base), rank=5)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter += size * torch.randn_like(parameter)
    return net


def test_the_file_has_the_update(base: Path, tmp_path: Path) -> None:
    net, path = some_update(base), tmp_path / "update.safetensors"
    export.save(net, path, "test")
    update = Update(path)
    for name in MATRICES:
        factors = in_8_bits(net.factors[f"{name}:a"].data, net.factors[f"{name}:b"].data)
        weights = net.matrices.get_buffer(name)
        ours = updated(weights, factors)
        for layer in range(2):
            np.testing.assert_array_equal(update.apply(name, layer, weights[layer].numpy()), ours[layer])


TEXTS = [3, 200, 4, 17, 30, 9], [5, 6, 7, 8, 100, 101, 102]


def assert_logits_are_those_of_the_file(
    net: Net, base: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, tolerance: float
) -> None:
    path, model = folder / "update.safetensors", folder / "tiny.gguf"
    export.save(net, path, "test")
    monkeypatch.setattr(tiny_conversion, "Update", lambda: Update(path))
    tiny_conversion.convert(base, model)
    expected = np.concatenate([reference.forward(load(model), text) for text in TEXTS])
    weights, ids = net.weights(), torch.tensor([*TEXTS[0], *TEXTS[1]])
    positions = torch.tensor([*range(6), *range(7)])
    starts = torch.tensor([0, 6, 13], dtype=torch.int32)
    logits = net.logits(weights, net.states(weights, ids, positions, packed(starts, 7)))
    np.testing.assert_allclose(logits.detach(), expected, rtol=tolerance, atol=tolerance)


def test_logits_are_those_of_the_converted_file(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_logits_are_those_of_the_file(some_update(base), base, tmp_path, monkeypatch, 1e-4)


@pytest.mark.slow
def test_the_same_for_the_real_model(smollm2_gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net = some_update(smollm2_gguf, size=0.003)
    assert_logits_are_those_of_the_file(net, smollm2_gguf, tmp_path, monkeypatch, 3e-2)


def test_gradients_are_those_of_the_matrices_that_are_not_rounded(base: Path) -> None:
    """As if W + 2 B A were multiplied, at the rounded place: a step along them changes the loss as they say."""
    net = some_update(base)
    matrix = net.matrices.get_buffer("ffn_gate")
    net._shipped = lambda weights, a, b, factor, dense: (weights + 2 * b.mT @ a) * factor
    shipped = net._matrix("ffn_gate")
    a, b = net.factors["ffn_gate:a"], net.factors["ffn_gate:b"]
    direction = torch.randn_like(shipped)
    grads = torch.autograd.grad((shipped * direction).sum(), (a, b))
    plain = (matrix + 2 * b.mT @ a) * net.matrices.get_buffer("ffn_gate_factor")
    for ours, exact in zip(grads, torch.autograd.grad((plain * direction).sum(), (a, b)), strict=True):
        assert torch.linalg.norm(ours - exact) < 0.02 * torch.linalg.norm(exact)  # factors in 8 bits
