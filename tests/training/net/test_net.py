"""The net computes what the file computes that is made of its update."""

from dataclasses import replace
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
from ossia.store.tiny_update import Update
from training import base as base_file
from training import export, rounding
from training.attention import packed
from training.net import ATTENTION, EXPERT, Net, expert, in_8_bits, updated

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
    net = Net(base_file.read(base), rank=5, width=32)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter += size * torch.randn_like(parameter)
    return net


def test_the_file_has_the_update(base: Path, tmp_path: Path) -> None:
    net, path = some_update(base), tmp_path / "update.safetensors"
    export.save(net, path, "test")
    update = Update(path)
    for name in ATTENTION:
        factors = in_8_bits(net.factors[f"{name}:a"].data, net.factors[f"{name}:b"].data)
        weights = net.matrices.get_buffer(name)
        ours = updated(weights, factors)
        for layer in range(2):
            np.testing.assert_array_equal(update.apply(name, layer, weights[layer].numpy()), ours[layer])
    for name, factor in EXPERT.items():
        ours = expert(net.expert[name].data, torch.tensor(factor))
        for layer in range(2):
            np.testing.assert_array_equal(mxfp4.dequantize(update.expert(name, layer)), ours[layer])


def test_an_untrained_net_is_the_base(base: Path) -> None:
    net, ids = Net(base_file.read(base), rank=5, width=32), torch.tensor(TEXTS[0])
    ours, theirs = (
        net.states(weights, ids, torch.arange(6), packed(torch.tensor([0, 6], dtype=torch.int32), 6))
        for weights in (net.weights(), replace(net.base_weights(), rows_in=net.weights().rows_in))
    )
    torch.testing.assert_close(ours, theirs)


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
    """As if W + 2 B A and the expert were multiplied as they are: a step along them changes the loss as they say."""
    net = some_update(base)
    net._dense = lambda weights, a, b: weights + 2 * b.mT @ a
    net._expert = lambda weights, factor: weights * factor
    a, b, down = net.factors["attn_v:a"], net.factors["attn_v:b"], net.expert["down"]
    weights = net.weights()
    dense, direction = torch.stack(weights.qkv)[:, -32:], torch.randn(2, 32, 64)
    grads = torch.autograd.grad((dense * direction).sum(), (a, b))
    plain = net.matrices.get_buffer("attn_v") + 2 * b.mT @ a
    for ours, exact in zip(grads, torch.autograd.grad((plain * direction).sum(), (a, b)), strict=True):
        assert torch.linalg.norm(ours - exact) < 0.02 * torch.linalg.norm(exact)  # factors in 8 bits
    direction = torch.randn(2, 64, 32)
    (grad,) = torch.autograd.grad((torch.stack(weights.down) * direction).sum(), (down,))
    torch.testing.assert_close(grad, direction * EXPERT["down"])
