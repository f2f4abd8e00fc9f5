"""An update may have an expert of its own: it stands beside three experts of the base, whose codes stay as they are."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from safetensors.numpy import save_file

from ossia import mxfp4
from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.weights import load
from ossia.gguf import GGUF
from ossia.store import tiny_conversion
from ossia.store.tiny_update import Update
from tests.training.net.small import HIDDEN, LAYERS, WIDTH, write_base

Floats = npt.NDArray[np.float32]
SHAPES = {"gate": (32, WIDTH), "up": (32, WIDTH), "down": (WIDTH, 32)}
IDS = [40, 17, 200, 3, 99]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Llama as a GGUF."""
    return write_base(tmp_path_factory.mktemp("base") / "base.gguf")


def converted(base: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, experts: dict[str, Floats]) -> Path:
    """Convert with an update of these experts, or with one that changes nothing."""
    path, rows = folder / "update.safetensors", np.zeros((1, WIDTH), np.int8)
    blocks = {f"expert.{name}": mxfp4.quantize(weights) for name, weights in experts.items()}
    scales = {f"rows.{side}_scale": np.zeros(1, np.float32) for side in ("in", "out")}
    save_file({"rows.ids": np.array([5], np.int32), "rows.in": rows, "rows.out": rows, **scales, **blocks}, path)
    monkeypatch.setattr(tiny_conversion, "Update", lambda: Update(path))
    model = folder / f"tiny-{len(experts)}.gguf"
    tiny_conversion.convert(base, model)
    return model


def random_experts(down: float) -> dict[str, Floats]:
    random = np.random.default_rng(0)
    values = {name: random.normal(0, 0.3, (LAYERS, *shape)).astype(np.float32) for name, shape in SHAPES.items()}
    return values | {"down": values["down"] * np.float32(down)}


def test_the_base_s_codes_stay_and_the_update_s_are_taken_as_they_are(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experts = random_experts(down=3)
    plain = GGUF.open(converted(base, tmp_path, monkeypatch, {}))
    model = GGUF.open(converted(base, tmp_path, monkeypatch, experts))
    for layer in range(LAYERS):
        for name, weights in experts.items():
            tensor = f"blk.{layer}.ffn_{name}_exps.weight"
            shape = (4, WIDTH, -1) if name == "down" else (4, HIDDEN // 3, -1)
            *ours, new = model.rows(tensor).reshape(shape)
            theirs = plain.rows(tensor)
            if name == "down":  # columns of experts stand side by side in the base
                theirs = theirs.reshape(4, WIDTH, -1).swapaxes(0, 1).reshape(WIDTH, -1)
                ours = [np.concatenate(ours, 1)]
            assert np.array_equal(np.concatenate(ours).ravel(), theirs.ravel())
            values = mxfp4.dequantize(new)
            rows, columns = weights.shape[1:]
            assert np.array_equal(values[:rows, :columns], mxfp4.dequantize(mxfp4.quantize(weights[layer])))
            assert np.count_nonzero(values) == np.count_nonzero(values[:rows, :columns])
    assert model.metadata["gpt-oss.expert_feed_forward_length"] == HIDDEN // 3


def test_an_expert_that_says_nothing_changes_nothing(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, silent = converted(base, tmp_path, monkeypatch, {}), random_experts(down=0)
    expected = reference.forward(load(plain), IDS)
    ours = reference.forward(load(converted(base, tmp_path, monkeypatch, silent)), IDS)
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4)
    talking = converted(base, tmp_path, monkeypatch, random_experts(down=30))
    assert np.abs(reference.forward(load(talking), IDS) - expected).max() > 0.1


def test_an_expert_computes_what_its_values_say(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In F16, where the base is not rounded, its values are the same."""
    experts = random_experts(down=3)
    model = converted(base, tmp_path, monkeypatch, experts)
    halves = tmp_path / "halves.gguf"
    tiny_conversion.convert(base, halves, "f16")
    for layer in range(LAYERS):
        for name in SHAPES:
            tensor = f"blk.{layer}.ffn_{name}_exps.weight"
            codes, rounded = GGUF.open(model).rows(tensor), GGUF.open(halves).rows(tensor).view(np.float16)
            last = mxfp4.dequantize(codes).reshape(4, -1)[-1]
            assert np.array_equal(rounded.reshape(4, -1)[-1].astype(np.float32), last)
