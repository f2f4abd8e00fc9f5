"""Each kernel against the slow reference in its own file."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch

from ossia.engine.gpt_oss.cuda.kernels import attention, embed, experts, gemv, group, matmul, norm, prefill, project
from ossia.engine.gpt_oss.cuda.kernels import router as routing
from ossia.engine.gpt_oss.cuda.kernels.merge import merge
from ossia.engine.gpt_oss.cuda.kernels.words import PAIRS, PLAIN, mxfp4_reference
from ossia.engine.gpt_oss.cuda.layout import DeviceLayer, DeviceMatrix
from ossia.engine.gpt_oss.cuda.tuned import Tile, Warps
from tests.cuda.packed import DEVICE, random_matrix, relative_error

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning"),  # of the interpreter
    pytest.mark.timeout(900),  # a busy machine takes minutes for what the interpreter does in 20 s
]
EPS = 1e-5
BF16 = 1e-2  # of what was rounded to bfloat16; the interpreter even truncates
KINDS = ("f32", "f16", "bf16", "q8_0")


@pytest.fixture(autouse=True)
def on_device() -> Iterator[None]:
    torch.manual_seed(0)
    with torch.device(DEVICE):
        yield


def nans(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.full(shape, float("nan"), dtype=dtype)


def dense(matrix: DeviceMatrix) -> torch.Tensor:
    return mxfp4_reference(matrix.values, matrix.scales) if matrix.kind == "mxfp4" else gemv.values_of(matrix)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cols", [96, 576, 2880])
def test_a_normed_token_times_a_matrix(kind: str, cols: int) -> None:
    matrix, x, gain, bias = (
        random_matrix(kind, 16, cols),
        torch.randn(cols) * 3,
        torch.rand(cols) + 0.5,
        torch.randn(16),
    )
    out = nans(16)
    gemv.norm_gemv(x, gain, EPS, matrix, bias, out, group=4, programs=3, warps=4, pdl=False)
    assert relative_error(out, gemv.norm_gemv_reference(x, gain, EPS, matrix, bias)) < 1e-3


@pytest.mark.parametrize("kind", ["f16", "bf16", "q8_0"])
@pytest.mark.parametrize("cols", [96, 2880])
def test_a_few_tokens_times_a_matrix(kind: str, cols: int) -> None:
    matrix, x, bias, residual = random_matrix(kind, 8, cols), torch.randn(3, cols), torch.randn(8), torch.randn(3, 8)
    normed, out, one = nans(3, cols, dtype=torch.float16), nans(3, 8), torch.ones(cols)
    norm.rms_norm(x, one, EPS, normed, order=PAIRS if kind == "q8_0" else PLAIN)
    gemv.few_gemv(normed, matrix, bias, out, residual=residual, group=2, programs=3, warps=2, pdl=False)
    expected = matmul.matmul_reference(norm.rms_norm_reference(x, one, EPS), dense(matrix), bias, residual)
    assert relative_error(out, expected) < 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_the_embedding_takes_an_unknown_id_from_the_device(kind: str) -> None:
    matrix = random_matrix(kind, 40, 96)
    ids, rows = torch.tensor([3, -1, 39, -1], dtype=torch.int32), torch.tensor([0, 2, 1, 0], dtype=torch.int32)
    last = torch.tensor([7, 8, 9], dtype=torch.int32)
    x = nans(4, 96)
    embed.embed(matrix, ids, rows, last, x)
    assert torch.equal(x, embed.embed_reference(matrix, ids, rows, last))


def test_norm() -> None:
    x, gain, out = torch.randn(3, 576) * 5, torch.rand(576), nans(3, 576)
    norm.rms_norm(x, gain, EPS, out)
    assert relative_error(out, norm.rms_norm_reference(x, gain, EPS)) < 1e-6


@pytest.mark.parametrize("groups", [0, 3])
def test_router(groups: int) -> None:
    width, count = 96, 8
    batch = 1 if groups else 3
    x, sums, sums_bias = torch.randn(batch, width), torch.randn(max(groups, 1), width), torch.randn(width)
    gain, weights, bias = torch.rand(width) + 0.5, torch.randn(count, width), torch.randn(count)
    x_mid, planes, logits = nans(batch, width), nans(batch, width, dtype=torch.float16), nans(batch, count)
    routing.router(
        x, sums, sums_bias, gain, EPS, weights, bias, x_mid, planes, logits, groups=groups, warps=4, pdl=False
    )
    total = x + sums.sum(0) + sums_bias if groups else x
    normed, expected = routing.router_reference(total, gain, EPS, weights, bias)
    assert relative_error(logits, expected) < 1e-5
    assert relative_error(routing.from_planes(planes), normed) < 1e-3
    assert torch.isnan(x_mid).all() if not groups else relative_error(x_mid, total) < 1e-6


def layer_of_experts(experts_count: int, width: int, inner: int) -> DeviceLayer:
    none = torch.empty(0)
    empty = DeviceMatrix("f32", 0, 0, none)
    return DeviceLayer(
        *(none, empty, none, none, empty, none, none),
        *(torch.randn(experts_count, width) * width**-0.5, torch.randn(experts_count)),
        *(random_matrix("mxfp4", experts_count * 2 * inner, width, 1), torch.randn(experts_count, 2 * inner) * 0.3),
        *(random_matrix("mxfp4", experts_count * width, inner, 2), torch.randn(experts_count, width) * 0.3),
    )


@pytest.mark.parametrize(
    ("count", "batch", "width", "inner", "rows"), [(8, 1, 1056, 32, 1), (8, 3, 64, 96, 2), (128, 2, 64, 32, 2)]
)
def test_experts_of_a_few_tokens(count: int, batch: int, width: int, inner: int, rows: int) -> None:
    """1056 is more than a piece of a row."""
    one = torch.ones(width)
    layer = layer_of_experts(count, width, inner)
    x, logits, x_mid = torch.randn(batch, width), torch.randn(batch, count), torch.randn(batch, width)
    planes, inner_planes = (nans(n, width, dtype=torch.float16) for n, width in ((batch, width), (batch * 4, inner)))
    weights = layer.router[:4], layer.router_bias[:4]
    routing.router(x, None, None, one, EPS, *weights, None, planes, nans(batch, 4), groups=0, warps=4, pdl=False)
    normed = routing.router_reference(x, one, EPS, *weights)[0]
    expected_inner, expected = experts.experts_reference(normed, logits, layer, 4, 7.0, 1.702)
    experts.gate_up(planes, logits, layer, inner_planes, limit=7.0, alpha=1.702, programs=16, warps=4, pdl=False)
    assert relative_error(routing.from_planes(inner_planes).view(batch, 4, inner), expected_inner) < 1e-3
    if width < 1056 or DEVICE == "cuda":  # the interpreter takes half a minute for so many rows
        out = nans(batch, width)
        experts.down(inner_planes, logits, layer, x_mid, out, programs=8, rows=rows, warps=4, pdl=False)
        assert relative_error(out - x_mid, expected) < 2e-3


@pytest.mark.parametrize("kind", [*KINDS, "mxfp4"])
@pytest.mark.parametrize("split", [False, True])
def test_several_tokens_times_a_matrix(kind: str, split: bool) -> None:
    matrix, x, bias, residual = random_matrix(kind, 40, 224), torch.randn(5, 224), torch.randn(40), torch.randn(5, 40)
    out = nans(5, 40)
    matmul.matmul(x, matrix, bias, out, residual=residual, tile=Tile(16, 32, 64, 2), split=split)
    assert relative_error(out, matmul.matmul_reference(x, dense(matrix), bias, residual)) < 1e-3


@pytest.mark.parametrize("count", [6, 32, 100, 128])
def test_the_best_experts_and_their_shares(count: int) -> None:
    logits, ids, shares = torch.randn(7, count), torch.full((7, 4), -1, dtype=torch.int32), nans(7, 4)
    logits[2, 1] = logits[2, 5] = logits[2, 3] = 9.0  # the first of equals is the better
    logits[3] = 1.0
    group.choose(logits, ids, shares)
    expected_ids, expected_shares = group.choose_reference(logits, 4)
    assert torch.equal(ids, expected_ids)
    assert relative_error(shares, expected_shares) < 1e-6


def test_sorting_by_expert_is_stable_and_whole() -> None:
    ids = torch.randint(0, 5, (700, 2), dtype=torch.int32)
    ids[ids == 3] = 4  # an expert that nobody chose
    blocks = group.num_blocks(ids.numel(), 5, 16)
    order, block_experts = (
        torch.full((blocks * 16,), -7, dtype=torch.int32),
        torch.full((blocks,), -7, dtype=torch.int32),
    )
    group.sort_by_expert(ids, torch.empty(5, dtype=torch.int32), order, block_experts, block=16)
    expected_order, expected_experts = group.sort_reference(ids, 5, 16)
    assert torch.equal(block_experts, expected_experts)
    used = int((block_experts >= 0).sum()) * 16
    assert torch.equal(order[:used], expected_order[:used])


@pytest.mark.parametrize("kind", ["f16", "q8_0", "mxfp4"])
def test_experts_of_many_tokens(kind: str) -> None:
    tokens, count, width, inner, k = 20, 4, 96, 64, 2
    x, logits, x_mid = torch.randn(tokens, width), torch.randn(tokens, count), torch.randn(tokens, width)
    gate_up, down = random_matrix(kind, count * 2 * inner, width, 1), random_matrix(kind, count * width, inner, 2)
    gate_up_bias, down_bias = torch.randn(count, 2 * inner), torch.randn(count, width)
    ids, shares = torch.empty(tokens, k, dtype=torch.int32), nans(tokens, k)
    group.choose(logits, ids, shares)
    expected_ids, expected_shares = group.choose_reference(logits, k)
    assert torch.equal(ids, expected_ids)
    assert relative_error(shares, expected_shares) < 1e-6
    blocks = group.num_blocks(tokens * k, count, 16)
    order, block_experts = torch.empty(blocks * 16, dtype=torch.int32), torch.empty(blocks, dtype=torch.int32)
    group.sort_by_expert(ids, torch.empty(count, dtype=torch.int32), order, block_experts, block=16)
    y, z, out = nans(tokens * k, inner), nans(tokens * k, width), nans(tokens, width)
    options = {"tile": Tile(16, 32, 32, 2), "split": True}
    matmul.grouped_matmul(x, gate_up, gate_up_bias, y, order, block_experts, glu=(7.0, 1.702), sharing=k, **options)
    matmul.grouped_matmul(y, down, down_bias, z, order, block_experts, glu=None, sharing=1, **options)
    group.weighted_sum(x_mid, z, shares, out)
    flat = ids.flatten().long()
    both = matmul.grouped_reference(
        x.repeat_interleave(k, 0), dense(gate_up).view(count, -1, width), gate_up_bias, flat
    )
    expected = experts.swiglu_reference(both[:, 0::2], both[:, 1::2], 7.0, 1.702)
    expected = matmul.grouped_reference(expected, dense(down).view(count, width, inner), down_bias, flat)
    expected = x_mid + (expected.view(tokens, k, width) * shares[..., None]).sum(1)
    assert relative_error(out, expected) < 1e-3


class Attention:
    """A paged cache whose blocks lie in disorder, and the same keys and values by position."""

    heads, kv_heads, head_dim, context = 6, 2, 64, 1024

    def __init__(self, sequences: int, longest: int) -> None:
        blocks = -(-longest // 64)
        self.tables = torch.randperm(sequences * blocks).int().view(sequences, blocks)
        self.cache = nans(sequences * blocks, 2, self.kv_heads, 64, self.head_dim, dtype=torch.bfloat16)
        self.keys, self.values = (
            torch.randn(sequences, self.kv_heads, longest, self.head_dim).bfloat16() for _ in "kv"
        )
        angles = torch.arange(self.context)[:, None] * 0.3 ** torch.arange(self.head_dim // 2)
        self.cos, self.sin = angles.cos() * 1.3, angles.sin() * 1.3
        self.sinks = torch.randn(self.heads)
        self.width = (self.heads + 2 * self.kv_heads) * self.head_dim

    @property
    def paged(self) -> attention.Paged:
        return attention.Paged(self.cache, self.tables, self.cos, self.sin)

    def unfinished(self, tokens: int, splits: int) -> attention.Unfinished:
        partial = nans(tokens, splits, self.heads * self.head_dim, dtype=torch.float16)
        return attention.Unfinished(partial, nans(tokens, splits, 2, self.heads))

    def fill(self, sequence: int, tokens: int) -> None:
        """Put the first tokens into the cache; all else stays NaN."""
        for t in range(tokens):
            block = self.cache[self.tables[sequence, t // 64]]
            block[0, :, t % 64], block[1, :, t % 64] = self.keys[sequence, :, t], self.values[sequence, :, t]

    def expected(self, qkv: torch.Tensor, sequence: int, position: int, window: int) -> torch.Tensor:
        keys, values = self.keys[sequence, :, :position].float(), self.values[sequence, :, :position].float()
        return attention.attention_reference(
            qkv, keys, values, self.cos, self.sin, position, window or position + 1, self.sinks
        )


@pytest.mark.parametrize(
    ("window", "most", "tile"), [(0, 16, 128), (0, 1, 128), (0, 32, 16), (8, 16, 128), (128, 16, 128)]
)
def test_decode_attention(window: int, most: int, tile: int) -> None:
    a = Attention(3, 512)
    positions = [0, 130, 400]
    for sequence, position in enumerate(positions):
        a.fill(sequence, position)
    rows = torch.tensor([2, 0, 1], dtype=torch.int32)  # places are not rows
    inputs = Inputs(rows, torch.tensor([400, 0, 130], dtype=torch.int32))
    splits = min(most, attention.num_splits(window or 512, tile))  # of one tile, or of several
    qkv = torch.randn(3, a.width)
    unfinished = a.unfinished(3, splits)
    shape = attention.AttentionShape(a.heads, a.kv_heads, 64, window, splits, tile)
    attention.decode_attention(qkv, a.paged, inputs, unfinished, shape, tuned=Warps(4, 3), pdl=False)
    out = nans(3, a.heads * 64)
    merge(unfinished, a.sinks, inputs.positions, out, shape, pdl=False)
    expected = torch.stack([a.expected(qkv[b], int(row), positions[row], window) for b, row in enumerate(rows)])
    assert relative_error(out, expected) < BF16
    stored = a.cache[a.tables[1, 2], 1, :, 2]  # position 130 of row 1
    assert relative_error(stored, qkv[2].view(-1, 64)[-a.kv_heads :]) < BF16

    matrix, sums = random_matrix("bf16", 32, a.heads * 64), nans(3, 32)
    first = (unfinished, a.sinks, inputs.positions[:1])
    project.project(*first, matrix, sums, shape, group=2, rows=16, warps=4, pdl=False)
    assert relative_error(sums, project.project_reference(out[0], matrix, 3)) < 1e-4
    matrix = random_matrix("q8_0", 32, a.heads * 64)
    project.project(*first, matrix, sums, shape, group=2, rows=16, warps=4, pdl=False)
    assert relative_error(sums, project.project_reference(out[0], matrix, 3)) < 1e-3


class Inputs:
    def __init__(self, rows: torch.Tensor, positions: torch.Tensor) -> None:
        self.rows, self.positions = rows, positions


@dataclass(frozen=True, slots=True)
class Pieces:
    positions: torch.Tensor
    sequences: torch.Tensor
    rows: torch.Tensor
    query_start: torch.Tensor
    tiles: torch.Tensor


@pytest.mark.parametrize("window", [0, 8, 128])
def test_prefill_attention(window: int) -> None:
    a = Attention(2, 192)
    spans = [(0, 20), (125, 133)]  # from and to, of each sequence
    query_start = [0, 20, 28]
    a.fill(1, 125)
    positions = torch.cat([torch.arange(*span) for span in spans]).int()
    sequences = torch.tensor([0] * 20 + [1] * 8, dtype=torch.int32)
    qkv = torch.randn(28, a.width)
    kv = prefill.rotate_reference(qkv.view(28, -1, 64)[:, a.heads : a.heads + 2], a.cos[positions], a.sin[positions])
    for token, (sequence, position) in enumerate(zip(sequences, positions, strict=True)):
        a.keys[sequence, :, position] = kv[token].bfloat16()
        a.values[sequence, :, position] = qkv[token].view(-1, 64)[-2:].bfloat16()
    rows = torch.arange(2, dtype=torch.int32)
    queries, out = nans(28, a.heads, 64, dtype=torch.bfloat16), nans(28, a.heads * 64)
    tiles = torch.from_numpy(prefill.attention_tiles(query_start)).to(DEVICE)
    inputs = Pieces(positions, sequences, rows, torch.tensor(query_start, dtype=torch.int32), tiles)
    prefill.rotate_and_store(qkv, inputs, a.paged, queries, kv_heads=2)
    prefill.prefill_attention(queries, inputs, a.paged, a.sinks, out, kv_heads=2, window=window)
    expected = torch.stack([a.expected(qkv[t], int(sequences[t]), int(positions[t]), window) for t in range(28)])
    assert relative_error(out, expected) < BF16
