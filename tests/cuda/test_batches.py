"""One new token of each of many sequences: each kernel against its reference, a step against `reference.py`."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.cuda import batches
from ossia.engine.gpt_oss.cuda.kernels import attention, group, matmul, norm, route, streams
from ossia.engine.gpt_oss.cuda.kernels import dense as products
from ossia.engine.gpt_oss.cuda.kernels.merge import merge
from ossia.engine.gpt_oss.cuda.kernels.words import OPERAND
from ossia.engine.gpt_oss.cuda.tuned import Tile, Tuning, Warps
from ossia.engine.gpt_oss.matrix import Kind
from tests.cuda.models import SMALL, Model, random_weights
from tests.cuda.packed import DEVICE, random_matrix, relative_error
from tests.cuda.test_forward import assert_near, ids_of
from tests.cuda.test_kernels import BF16, EPS, Attention, Inputs, dense, nans

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning"),  # of the interpreter
    pytest.mark.timeout(900),  # a busy machine takes minutes for what the interpreter does in 20 s
]


@pytest.fixture(autouse=True)
def on_device() -> Iterator[None]:
    torch.manual_seed(0)
    with torch.device(DEVICE):
        yield


@pytest.mark.parametrize("kind", ["f16", "bf16", "q8_0"])
@pytest.mark.parametrize(("cols", "parts"), [(320, 1), (384, 3)])
def test_a_matrix_times_tokens_in_parts(kind: str, cols: int, parts: int) -> None:
    tokens = 17
    matrix = random_matrix(kind, 128, cols)
    x, gain, operand = torch.randn(tokens, cols), torch.rand(cols), nans(tokens, cols, dtype=torch.float16)
    norm.rms_norm(x, gain, EPS, operand, order=OPERAND)
    expected = norm.rms_norm_reference(x, gain, EPS)
    assert relative_error(operand, products.in_order(expected)) < 1e-3
    out = nans(parts, tokens, 128)
    products.dense(operand, matrix, out, tile=Tile(64, 64, 320, 2))
    assert relative_error(out.sum(0), matmul.matmul_reference(expected, dense(matrix))) < 1e-3


@pytest.mark.parametrize("window", [0, 8, 128])
def test_attention_of_many_sequences(window: int) -> None:
    a = Attention(4, 512)
    positions = [0, 130, 400, 192]
    for sequence, position in enumerate(positions):
        a.fill(sequence, position)
    rows = torch.tensor([2, 0, 1, 3], dtype=torch.int32)  # places are not rows
    inputs = Inputs(rows, torch.tensor([400, 0, 130, 192], dtype=torch.int32))
    splits = min(3, attention.num_splits(window or 512, 128))  # some of more than a tile
    qkv, bias = torch.randn(2, 4, a.width), torch.randn(a.width)
    unfinished = a.unfinished(4, splits)
    shape = attention.AttentionShape(a.heads, a.kv_heads, 64, window, splits, 128)
    streams.attend_streams(qkv, bias, a.paged, inputs, unfinished, shape, tuned=Warps(4, 2), pdl=False)
    out = nans(4, a.heads * 64, dtype=torch.float16)
    merge(unfinished, a.sinks, inputs.positions, out, shape, order=OPERAND, pdl=False)
    whole = qkv.sum(0) + bias
    expected = torch.stack([a.expected(whole[b], int(row), positions[row], window) for b, row in enumerate(rows)])
    assert relative_error(out, products.in_order(expected)) < BF16
    stored = a.cache[a.tables[1, 2], 1, :, 2]  # position 130 of row 1
    assert relative_error(stored, whole[2].view(-1, 64)[-a.kv_heads :]) < BF16


@pytest.mark.parametrize("count", [6, 128])
def test_residual_and_routing_of_each_token(count: int) -> None:
    tokens, width = 5, 128
    x, added, bias, gain = (
        torch.randn(tokens, width),
        torch.randn(3, tokens, width),
        torch.randn(width),
        torch.rand(width),
    )
    total, expected = route.add_norm_reference(x, added.sum(0), bias, gain, EPS)
    x_mid, normed = nans(tokens, width), nans(tokens, width, dtype=torch.float16)
    route.add_norm(x, added, bias, gain, EPS, x_mid, normed)
    assert relative_error(x_mid, total) < 1e-6
    assert relative_error(normed, expected) < 1e-3
    weights, router_bias = torch.randn(count, width), torch.randn(count)
    logits = nans(tokens, count)
    route.router_logits(total, gain, EPS, weights, router_bias, logits)
    assert relative_error(logits, norm.rms_norm_reference(total, gain, EPS) @ weights.T + router_bias) < 1e-5


@pytest.mark.parametrize("count", [6, 128])
def test_choice_and_order_in_one_launch(count: int) -> None:
    tokens, k, block = 21, 4, 16
    logits = torch.randn(tokens, count)
    logits[3, 2] = logits[3, 4] = 9.0  # a tie
    logits[:, 1] = -9.0  # an expert that nobody chooses
    blocks = group.num_blocks(tokens * k, count, block)
    shares, order = nans(tokens, k), torch.full((blocks * block,), -7, dtype=torch.int32)
    block_experts = torch.full((blocks,), -7, dtype=torch.int32)
    group.choose_and_sort(logits, shares, order, block_experts, block=block)
    ids, expected_shares = group.choose_reference(logits, k)
    expected_order, expected_experts = group.sort_reference(ids, count, block)
    assert relative_error(shares, expected_shares) < 1e-6
    assert torch.equal(block_experts, expected_experts)
    used = int((block_experts >= 0).sum()) * block
    assert torch.equal(order[:used], expected_order[:used])


def test_weighted_sum_and_the_norm_after_it() -> None:
    tokens, width, k = 3, 128, 4
    x, y, shares, gain = (
        torch.randn(tokens, width),
        torch.randn(tokens * k, width),
        torch.rand(tokens, k),
        torch.rand(width),
    )
    out, normed = nans(tokens, width), nans(tokens, width, dtype=torch.float16)
    group.weighted_sum(x, y, shares, out, gain=gain, eps=EPS, normed=normed)
    expected = x + (y.view(tokens, k, width) * shares[..., None]).sum(1)
    assert relative_error(out, expected) < 1e-6
    assert relative_error(normed, products.in_order(norm.rms_norm_reference(expected, gain, EPS))) < 1e-3


@pytest.mark.parametrize("kind", ["bf16", "q8_0"])
def test_a_step_of_many_sequences(kind: Kind) -> None:
    weights = random_weights(replace(SMALL, hidden_size=128, intermediate_size=64), kind, "mxfp4")
    ids, lengths = ids_of(weights, 12), [5, 11, 8]
    expected = reference.forward(weights, ids, np.float64)
    model = Model(weights, tuning=Tuning(batches_from=2))
    assert model.forward.batches
    model.extend(*((row, 0, ids[:length]) for row, length in enumerate(lengths)))
    batch = [(row, length, ids[length]) for row, length in enumerate(lengths)]
    got = model.decode(*batch)
    assert_near(got, expected[lengths], 2e-2 if DEVICE == "cpu" else 1e-2)  # the interpreter cuts bits of bfloat16 off
    assert torch.equal(got, model.decode(*batch, (4, 0, 0))[:3])


@pytest.mark.parametrize("kind", ["bf16", "q8_0"])
@pytest.mark.parametrize("most_sorted", [16, 128])
def test_pieces_of_prompts_beside_new_tokens(kind: Kind, most_sorted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step is filled up, and others fill it later: neither shows."""
    monkeypatch.setattr(batches, "MOST_SORTED", most_sorted)
    weights = random_weights(replace(SMALL, hidden_size=128, intermediate_size=64), kind, "mxfp4")
    ids = ids_of(weights, 90)
    expected = reference.forward(weights, ids, np.float64)
    model = Model(weights, max_tokens=256)
    limit = 2e-2 if DEVICE == "cpu" else 1e-2  # the interpreter cuts bits of bfloat16 off
    got = model.extend_padded(32, (2, 0, ids[:19]), (1, 0, ids[:5]))
    assert_near(got, expected[[18, 4]], limit)
    got = model.extend_padded(64, (1, 5, ids[5:6]), (2, 19, ids[19:70]), (0, 0, ids[:12]))  # full
    assert_near(got, expected[[5, 69, 11]], limit)
    got = model.extend_padded(32, (0, 12, ids[12:13]), (2, 70, ids[70:83]), (1, 6, ids[6:7]))
    assert_near(got, expected[[12, 82, 6]], limit)
    alone = model.extend_padded(32, (2, 83, ids[83:84]))
    assert_near(alone, expected[[83]], limit)
