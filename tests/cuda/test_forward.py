"""The forward pass against `reference.py`: prompts in chunks, decodes at every range of batch sizes, all kinds."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.matrix import Kind
from ossia.engine.gpt_oss.weights import Weights
from tests.cuda.models import SMALL, Model, random_weights
from tests.cuda.packed import DEVICE

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning"),  # of the interpreter
    pytest.mark.timeout(900),  # a busy machine takes minutes for what the interpreter does in 20 s
]
FLIPPED = 0.2  # a token whose experts were a near tie may choose others


def errors(got: torch.Tensor, expected: np.ndarray) -> np.ndarray:
    """Relative error of each row."""
    difference = got.cpu().double().numpy() - expected
    return np.linalg.norm(difference, axis=1) / np.linalg.norm(expected, axis=1)


def assert_near(got: torch.Tensor, expected: np.ndarray, limit: float = 1e-2) -> None:
    assert not torch.isnan(got).any()
    found = errors(got, expected)
    assert np.median(found) < limit, found
    assert (found > limit).mean() <= FLIPPED, found


def ids_of(weights: Weights, count: int) -> list[int]:
    return np.random.default_rng(7).integers(0, weights.config.vocab_size, count).tolist()


@pytest.mark.parametrize(("dense", "experts"), [("bf16", "mxfp4"), ("q8_0", "f16"), ("f32", "f32")])
def test_a_prompt_in_chunks_and_its_continuation(dense: Kind, experts: Kind) -> None:
    weights = random_weights(SMALL, dense, experts)
    ids = ids_of(weights, 22)
    expected = reference.forward(weights, ids, np.float64)
    model = Model(weights)
    assert_near(model.extend((2, 0, ids[:13])), expected[:13])
    assert_near(model.extend((2, 13, ids[13:20])), expected[13:20])
    decoded = torch.cat([model.decode((2, position, ids[position])) for position in (20, 21)])
    assert_near(decoded, expected[20:])


@pytest.mark.parametrize("invariant", [False, True])
def test_a_batch_of_decodes(invariant: bool) -> None:
    weights = random_weights(SMALL, "bf16", "mxfp4")
    ids = ids_of(weights, 12)
    expected = reference.forward(weights, ids, np.float64)
    model = Model(weights, invariant=invariant)
    lengths = [5, 11, 8]
    model.extend(*((row, 0, ids[:length]) for row, length in enumerate(lengths)))
    got = model.decode(*((row, length, ids[length]) for row, length in enumerate(lengths)))
    assert_near(got, expected[lengths])
    if invariant:
        alone = torch.cat([model.decode((row, length, ids[length])) for row, length in enumerate(lengths)])
        assert torch.equal(got, alone)
    else:
        padded = model.decode(*((row, length, ids[length]) for row, length in enumerate(lengths)), (4, 0, 0))
        assert torch.equal(got, padded[:3])


def test_the_last_token_may_be_known_to_the_device_only() -> None:
    weights = random_weights(replace(SMALL, num_layers=1, sliding_pattern=(True,)), "bf16", "mxfp4")
    model = Model(weights)
    model.inputs.last_tokens[:3] = torch.tensor([5, 6, 7], dtype=torch.int32)
    assert torch.equal(model.decode((1, 0, -1)), model.decode((1, 0, 6)))
    assert torch.equal(model.extend((2, 0, [-1])), model.extend((2, 0, [7])))


@pytest.mark.skipif(DEVICE == "cpu", reason="the interpreter would take hours")
@pytest.mark.parametrize("dense", ["bf16", "q8_0"])
@pytest.mark.parametrize("sliding", [True, False])
def test_a_layer_of_the_20b(dense: Kind, sliding: bool) -> None:
    """Prompts in large and small tiles, and decodes of 1, 3 and 20 sequences, around the window's edge."""
    config = replace(
        SMALL,
        num_layers=1,
        hidden_size=2880,
        intermediate_size=2880,
        num_heads=64,
        num_kv_heads=8,
        num_experts=32,
        sliding_window=128,
        sliding_pattern=(sliding,),
    )
    weights = random_weights(config, dense, "mxfp4")
    ids = ids_of(weights, 200)
    expected = reference.forward(weights, ids)
    model = Model(weights, rows=24)
    assert_near(model.extend((2, 0, ids[:70]), (7, 0, ids[:58])), np.concatenate([expected[:70], expected[:58]]))
    assert_near(model.extend((2, 70, ids[70:120])), expected[70:120])
    one = torch.cat([model.decode((2, position, ids[position])) for position in range(120, 200)])
    assert_near(one, expected[120:])
    places = [(2, 126 + b, ids[126 + b]) for b in range(20)]  # each rewrites the key that is there
    for batch in (2, 3, 8, 20):
        assert_near(model.decode(*places[:batch]), expected[126 : 126 + batch])
