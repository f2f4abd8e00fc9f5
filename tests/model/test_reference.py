"""The oracle itself: against the formulas written once more, against transformers, and rule by rule."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ossia import mxfp4
from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.matrix import Matrix
from ossia.engine.gpt_oss.weights import Layer, Weights, load
from tests.model.folders import load_folder
from tests.model.tiny_gpt_oss import Model, random_model, write_folder, write_gguf

Doubles = npt.NDArray[np.float64]
IDS = [int(i) for i in np.random.default_rng(7).integers(0, 512, 41)]


@pytest.fixture(scope="module")
def model() -> Model:
    return random_model()


@pytest.fixture(scope="module")
def weights(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Weights:
    return load(write_gguf(model, tmp_path_factory.mktemp("model") / "model.gguf"))


def by_the_formulas(model: Model, ids: list[int]) -> Doubles:
    """Token by token, head by head, expert by expert, in float64; from the published weights' own layout."""
    c, half = model.config, model.config["head_dim"] // 2
    heads, kv_heads = c["num_attention_heads"], c["num_key_value_heads"]
    bound = [half * math.log(4096 / (beta * 2 * math.pi)) / math.log(150000) for beta in (32, 1)]
    plain = [150000 ** (-i / half) for i in range(half)]
    ramp = [min(max((i - bound[0]) / (bound[1] - bound[0]), 0), 1) for i in range(half)]
    turn = np.array([f * (1 - r) + f / 32 * r for f, r in zip(plain, ramp, strict=True)])

    def get(name: str) -> Doubles:
        return model.dense[name].astype(np.float64)

    def norm(x: Doubles, name: str) -> Doubles:
        return x / math.sqrt((x @ x) / len(x) + 1e-5) * get(name)

    def apply(x: Doubles, name: str) -> Doubles:
        return get(f"{name}.weight") @ x + get(f"{name}.bias")

    def turned(x: Doubles, position: int) -> Doubles:
        number = (x[:half] + 1j * x[half:]) * np.exp(1j * position * turn) * (0.1 * math.log(32) + 1)
        return np.concatenate([number.real, number.imag])

    def attend(queries: list[Doubles], keys: list[Doubles], values: list[Doubles], name: str) -> Doubles:
        """The last position's output: of each, one vector a head."""
        outputs: list[Doubles] = []
        for head, sink in enumerate(get(f"{name}.sinks")):
            kv = head // (heads // kv_heads)
            scores = [float(queries[head] @ k.reshape(kv_heads, -1)[kv]) / math.sqrt(2 * half) for k in keys]
            total = sum(math.exp(s) for s in scores) + math.exp(sink)
            parts = [math.exp(s) / total * v.reshape(kv_heads, -1)[kv] for s, v in zip(scores, values, strict=True)]
            outputs.append(np.sum(parts, axis=0))
        return apply(np.concatenate(outputs), f"{name}.o_proj")

    def mix(x: Doubles, name: str) -> Doubles:
        scores = apply(x, f"{name}.router")
        best = sorted(range(len(scores)), key=lambda e: -scores[e])[: c["num_experts_per_tok"]]
        total = sum(math.exp(scores[e]) for e in best)
        y = np.zeros(len(x))
        for e in best:
            up_and_gate = mxfp4.dequantize(model.experts[f"{name}.experts.gate_up_proj"][e]).astype(np.float64)
            down = mxfp4.dequantize(model.experts[f"{name}.experts.down_proj"][e]).astype(np.float64)
            h = up_and_gate @ x + get(f"{name}.experts.gate_up_proj_bias")[e]
            gate, up = np.minimum(h[::2], 7), np.clip(h[1::2], -7, 7)
            inner = gate / (1 + np.exp(-1.702 * gate)) * (up + 1)
            y += math.exp(scores[e]) / total * (down @ inner + get(f"{name}.experts.down_proj_bias")[e])
        return y

    xs = [get("model.embed_tokens.weight")[i] for i in ids]
    for layer in range(c["num_hidden_layers"]):
        name = f"model.layers.{layer}"
        normed = [norm(x, f"{name}.input_layernorm.weight") for x in xs]
        q, k, v = ([apply(x, f"{name}.self_attn.{n}_proj") for x in normed] for n in "qkv")
        rotated = [
            [np.concatenate([turned(h, t) for h in x.reshape(-1, 2 * half)]) for t, x in enumerate(xs)] for xs in (q, k)
        ]
        for t in range(len(xs)):
            first = max(0, t - c["sliding_window"] + 1) if layer % 2 == 0 else 0
            queries = list(rotated[0][t].reshape(heads, -1))
            xs[t] = xs[t] + attend(queries, rotated[1][first : t + 1], v[first : t + 1], f"{name}.self_attn")
        xs = [x + mix(norm(x, f"{name}.post_attention_layernorm.weight"), f"{name}.mlp") for x in xs]
    return np.array([get("lm_head.weight") @ norm(x, "model.norm.weight") for x in xs])


def test_logits_are_those_of_the_formulas(model: Model, weights: Weights) -> None:
    expected = by_the_formulas(model, IDS)
    assert 0.5 < expected.std() < 3, "the model is too tame to tell a difference"
    # what is left in float64 are sums in another order
    np.testing.assert_allclose(reference.forward(weights, IDS, np.float64), expected, atol=1e-10)
    single = reference.forward(weights, IDS)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, atol=1e-4)


@pytest.mark.torch
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("length", [41, 200])
def test_logits_are_those_of_transformers(
    length: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    import torch
    import transformers

    folder = write_folder(random_model(), tmp_path / "model")
    ids = [int(i) for i in np.random.default_rng(length).integers(0, 512, length)]
    theirs = transformers.GptOssForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    with torch.no_grad():
        expected = theirs(torch.tensor([ids])).logits[0].numpy()
    ours = reference.forward(load_folder(folder), ids)
    record_property("largest error", float(np.abs(ours - expected).max()))
    np.testing.assert_allclose(ours, expected, atol=1e-4 if length < 100 else 2e-4)  # float32 sums grow with the length


def changed(weights: Weights, **changes: Any) -> Weights:
    return replace(weights, layers=tuple(replace(layer, **changes) for layer in weights.layers))


@pytest.mark.parametrize(("distance", "matters"), [(127, True), (128, False)])
def test_the_window_is_128_tokens_with_the_current_one(distance: int, matters: bool, tmp_path: Path) -> None:
    model = random_model(num_hidden_layers=1, sliding_window=128)
    weights = load(write_gguf(model, tmp_path / "model.gguf"))
    ids = [int(i) for i in np.random.default_rng(0).integers(0, 512, 140)]
    other = list(ids)
    other[-1 - distance] = (ids[-1 - distance] + 1) % 512
    difference = np.abs(reference.forward(weights, ids) - reference.forward(weights, other))[-1].max()
    assert difference > 1e-3 if matters else difference < 1e-5  # sums may be taken in another order


def test_which_layers_slide_matters(weights: Weights) -> None:
    swapped = replace(weights.config, sliding_pattern=(False, True, False, True))
    difference = reference.forward(replace(weights, config=swapped), IDS) - reference.forward(weights, IDS)
    assert np.abs(difference).max() > 1e-2


def test_a_low_sink_is_a_plain_softmax(weights: Weights) -> None:
    layer = changed(weights, sinks=np.full(4, -1e4, np.float32)).layers[0]
    x = np.random.default_rng(0).standard_normal((1, 128)).astype(np.float32)
    value = reference.linear(x, layer.v, layer.v_bias).reshape(1, 2, 64).repeat(2, axis=1).reshape(1, -1)
    expected = reference.linear(value, layer.out, layer.out_bias)  # the only token attends to itself alone
    np.testing.assert_allclose(reference.attention(layer, x, 8, weights.config), expected, atol=1e-5)


def test_a_high_sink_takes_everything(weights: Weights) -> None:
    layer = changed(weights, sinks=np.full(4, 1e4, np.float32)).layers[0]
    x = np.random.default_rng(0).standard_normal((9, 128)).astype(np.float32)
    expected = np.broadcast_to(layer.out_bias, (9, 128))
    np.testing.assert_allclose(reference.attention(layer, x, 8, weights.config), expected, atol=1e-5)


@pytest.mark.parametrize("gate", [-20.0, -7.0, 0.0, 6.5, 20.0])
@pytest.mark.parametrize("up", [-20.0, -6.5, 0.0, 20.0])
def test_the_gate_is_clamped_above_and_up_on_both_sides(gate: float, up: float, weights: Weights) -> None:
    layer = weights.layers[0]
    driven: Layer = replace(
        layer, gate_bias=np.full((8, 96), gate, np.float32), up_bias=np.full((8, 96), up, np.float32)
    )
    x = np.zeros((1, 128), np.float64)
    g, u = min(gate, 7.0), min(max(up, -7.0), 7.0)
    inner = np.full((1, 96), g / (1 + math.exp(-1.702 * g)) * (u + 1))
    part = reference.part(layer.down, 3, 8)
    expected = inner @ mxfp4.dequantize(part.data).T.astype(np.float64) + layer.down_bias[3]
    np.testing.assert_allclose(reference.run_expert(driven, 3, x, weights.config), expected, rtol=1e-9, atol=1e-12)


def test_of_equal_scores_the_first_experts_are_chosen(weights: Weights) -> None:
    zeros = Matrix(np.zeros((8, 512), np.uint8), "f32", 128)
    layer = replace(weights.layers[0], router=zeros, router_bias=np.zeros(8, np.float32))
    x = np.random.default_rng(0).standard_normal((2, 128)).astype(np.float32)
    expected = sum(reference.run_expert(layer, expert, x, weights.config) for expert in range(4)) / 4
    np.testing.assert_allclose(reference.experts(layer, x, weights.config), expected, atol=1e-5)
