"""Chunks of prompts on the matrix units: each kernel against its reference, whole prompts against `reference.py`."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.cuda.kernels import experts, flash, group, library, matmul, prefill, route, sorted_experts
from ossia.engine.gpt_oss.cuda.kernels.attention import AttentionShape, Unfinished
from ossia.engine.gpt_oss.cuda.kernels.merge import merge
from ossia.engine.gpt_oss.cuda.kernels.words import mxfp4_reference
from ossia.engine.gpt_oss.cuda.tuned import Tile, Tuning, Warps
from ossia.engine.gpt_oss.matrix import Kind
from tests.cuda.models import SMALL, Model, random_weights
from tests.cuda.packed import DEVICE, random_matrix, relative_error
from tests.cuda.test_forward import assert_near, ids_of
from tests.cuda.test_kernels import BF16, EPS, Attention, Pieces, dense, nans

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning"),  # of the interpreter
    pytest.mark.timeout(900),  # a busy machine takes minutes for what the interpreter does in 20 s
]


@pytest.fixture(autouse=True)
def on_device() -> Iterator[None]:
    torch.manual_seed(0)
    with torch.device(DEVICE):
        yield


@pytest.mark.parametrize("block", [16, 32])
@pytest.mark.parametrize("depth", [64, 256])
def test_sorted_experts(block: int, depth: int) -> None:
    tokens, count, width, inner, k = 40, 5, 320, 192, 2
    x, ids = torch.randn(tokens, width), torch.randint(0, count - 1, (tokens, k), dtype=torch.int32)
    gate_up = random_matrix("mxfp4", count * 2 * inner, width, 1)
    down = random_matrix("mxfp4", count * width, inner, 2)
    gate_up_bias, down_bias = torch.randn(count, 2 * inner), torch.randn(count, width)
    blocks = group.num_blocks(tokens * k, count, block)
    order, block_experts = torch.empty(blocks * block, dtype=torch.int32), torch.empty(blocks, dtype=torch.int32)
    group.sort_by_expert(ids, torch.empty(count, dtype=torch.int32), order, block_experts, block=block)
    y, z = nans(tokens * k, inner, dtype=torch.float16), nans(tokens * k, width, dtype=torch.bfloat16)
    tile = Tile(block, 64, depth, 2)
    flat, half = ids.flatten().long(), sorted_experts.in_order(x).half()
    sorted_experts.sorted_matmul(
        half, gate_up, gate_up_bias, y, order, block_experts, glu=(7.0, 1.702), sharing=k, tile=tile
    )
    weights = mxfp4_reference(gate_up.values, gate_up.scales).view(count, -1, width)
    both = matmul.grouped_reference(x.repeat_interleave(k, 0), weights, gate_up_bias, flat)
    expected = experts.swiglu_reference(both[:, 0::2], both[:, 1::2], 7.0, 1.702)
    assert relative_error(y, sorted_experts.in_order(expected)) < 2e-3
    sorted_experts.sorted_matmul(y, down, down_bias, z, order, block_experts, glu=None, sharing=1, tile=tile)
    weights = mxfp4_reference(down.values, down.scales).view(count, width, inner)
    assert relative_error(z, matmul.grouped_reference(expected, weights, down_bias, flat)) < BF16


def test_scales_beyond_float16_are_refused() -> None:
    matrix = random_matrix("mxfp4", 64, 64)
    assert sorted_experts.can_run(matrix, 64)
    assert not sorted_experts.can_run(matrix, 96)
    assert matrix.scales is not None
    matrix.scales[3, 1] = sorted_experts.LARGEST_SCALE + 1
    assert not sorted_experts.can_run(matrix, 64)


class Long(Attention):
    context = 2048


class Prompt:
    """Tokens from and to these positions of each sequence, whose keys and values are in the cache."""

    def __init__(self, *spans: tuple[int, int]) -> None:
        self.a = a = Long(len(spans), max(stop for _, stop in spans) + 43)
        lengths = [stop - start for start, stop in spans]
        starts, self.total = np.cumsum([0, *lengths]).astype(np.int32), sum(lengths)
        for sequence, (start, _) in enumerate(spans):
            a.fill(sequence, start)
        self.positions = torch.cat([torch.arange(*span) for span in spans]).int()
        self.sequences = torch.arange(len(spans), dtype=torch.int32).repeat_interleave(torch.tensor(lengths))
        qkv, bias = torch.randn(self.total, a.width), torch.randn(a.width)
        self.full = qkv + bias
        kv = self.full.view(self.total, -1, 64)[:, a.heads : a.heads + 2]
        kv = prefill.rotate_reference(kv, a.cos[self.positions], a.sin[self.positions])
        for token, (sequence, position) in enumerate(zip(self.sequences, self.positions, strict=True)):
            a.keys[sequence, :, position] = kv[token].bfloat16()
            a.values[sequence, :, position] = self.full[token].view(-1, 64)[-2:].bfloat16()
        rows, queries = torch.arange(len(spans), dtype=torch.int32), self.empty(a.heads, 64, dtype=torch.bfloat16)
        tiles = torch.from_numpy(prefill.attention_tiles(starts)).to(DEVICE)
        starts = torch.from_numpy(starts).to(DEVICE)
        inputs = Pieces(self.positions, self.sequences, rows, starts, tiles)
        prefill.rotate_and_store(qkv, inputs, a.paged, queries, kv_heads=2, bias=bias)
        self.inputs = queries, inputs, a.paged, a.sinks

    def empty(self, *shape: int, dtype: torch.dtype = torch.float16) -> torch.Tensor:
        return nans(self.total, *shape, dtype=dtype)

    def attended(self, window: int = 0) -> torch.Tensor:
        out = self.empty(self.a.heads * 64)
        flash.flash_attention(*self.inputs, out, kv_heads=2, window=window, tuned=Warps(4, 2))
        return out

    def in_splits(self, splits: int) -> torch.Tensor:
        heads, sinks, out = self.a.heads, self.a.sinks, self.empty(self.a.heads * 64)
        partial, extremes = self.empty(splits, heads * 64), self.empty(splits, 2, heads, dtype=torch.float32)
        unfinished = Unfinished(partial, extremes, torch.full((self.total,), -1, dtype=torch.int32))
        flash.flash_attention(*self.inputs, unfinished, kv_heads=2, window=0, tuned=Warps(4, 2))
        shape = AttentionShape(heads, 2, 64, 0, splits, 0)
        merge(unfinished, sinks, self.positions, out, shape, pdl=False)
        return out

    def expected(self, window: int) -> torch.Tensor:
        tokens = zip(self.full, self.sequences.tolist(), self.positions.tolist(), strict=True)
        return torch.stack([self.a.expected(*token, window) for token in tokens])


@pytest.mark.parametrize("window", [0, 8, 128])
def test_flash_attention(window: int) -> None:
    prompt = Prompt((0, 20), (205, 213))
    assert relative_error(prompt.attended(window), prompt.expected(window)) < BF16


@pytest.mark.parametrize("start", [0, 62, 63, 64, 511, 575, 1100])
def test_flash_attention_in_splits(start: int) -> None:
    """Beside the edges of blocks, and of the first split; of the longest, the third one has less than the others."""
    prompt = Prompt((start, start + 18), (3, 4))
    assert relative_error(prompt.in_splits(3), prompt.attended()) < 1e-3


@pytest.mark.parametrize("count", [6, 128])
def test_residual_norm_and_routing(count: int) -> None:
    tokens, width, k = 21, 128, 4
    x, added, bias, gain = torch.randn(tokens, width), torch.randn(tokens, width), torch.randn(width), torch.rand(width)
    total, expected = route.add_norm_reference(x, added, bias, gain, EPS)
    normed = nans(tokens, width, dtype=torch.float16)
    route.add_norm(x, added[None], bias, gain, EPS, added, normed)
    assert relative_error(added, total) < 1e-6
    assert relative_error(normed, expected) < 1e-3
    weights, router_bias = torch.randn(count, width), torch.randn(count)
    ids, shares = torch.full((tokens, k), -1, dtype=torch.int32), nans(tokens, k)
    route.route(total, gain, EPS, weights, router_bias, ids, shares)
    logits = total * torch.rsqrt((total * total).mean(-1, keepdim=True) + EPS) * gain @ weights.T + router_bias
    expected_ids, expected_shares = group.choose_reference(logits, k)
    assert torch.equal(ids, expected_ids)
    assert relative_error(shares, expected_shares) < 1e-4


@pytest.mark.parametrize("kind", ["f16", "bf16", "q8_0"])
def test_the_librarys_product(kind: str) -> None:
    matrix, x, out = random_matrix(kind, 64, 128), torch.randn(5, 128), nans(5, 64)
    wide = torch.empty(64 * 128, dtype=torch.float16)
    assert library.can_run(matrix, wide.numel())
    operand = x.to(library.operand_type(matrix))
    library.multiply(operand, matrix, wide, out)
    assert relative_error(out, matmul.matmul_reference(operand.float(), dense(matrix))) < 1e-3


@pytest.mark.parametrize("kind", ["bf16", "q8_0"])
def test_prompts_in_chunks_and_beside_others(kind: Kind) -> None:
    weights = random_weights(replace(SMALL, hidden_size=128, intermediate_size=64), kind, "mxfp4")
    ids = ids_of(weights, 40)
    expected = reference.forward(weights, ids, np.float64)
    model = Model(weights, max_tokens=256, tuning=Tuning(prompts_from=5, sorted_few=Tile(16, 64, 64, 2)))
    assert model.forward.prompts
    limit = 2e-2 if DEVICE == "cpu" else 1e-2  # the interpreter cuts bits of bfloat16 off
    both = model.extend((2, 0, ids[:13]), (1, 0, ids[:5]))
    assert_near(both, np.concatenate([expected[:13], expected[:5]]), limit)
    assert_near(model.extend((2, 13, ids[13:39])), expected[13:39], limit)
    assert_near(model.extend((2, 39, ids[39:])), expected[39:], limit)  # one token, the other way
