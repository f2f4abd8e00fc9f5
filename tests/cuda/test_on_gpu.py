"""Checks that need the card: far positions, the window's edges; neither graphs nor dependent launch change a bit."""

from dataclasses import replace

import pytest
import torch

from ossia.engine.gpt_oss.cuda.buffers import rotary_tables
from ossia.engine.gpt_oss.cuda.graphs import StepGraphs
from ossia.engine.gpt_oss.cuda.kernels import attention, prefill
from ossia.engine.gpt_oss.cuda.kernels.merge import merge
from ossia.engine.gpt_oss.cuda.tuned import Warps
from tests.cuda.models import SMALL, Model, random_weights
from tests.cuda.packed import DEVICE, relative_error
from tests.cuda.test_kernels import Pieces

pytestmark = pytest.mark.skipif(DEVICE == "cpu", reason="needs a GPU")

H, KV, HD, LONGEST = 64, 8, 64, 131072


@pytest.fixture(scope="module")
def far() -> dict[str, torch.Tensor]:
    """A cache of 131,072 tokens in disorder, and the same keys and values in order."""
    torch.manual_seed(0)
    blocks = LONGEST // 64
    keys, values = (torch.randn(KV, LONGEST, HD, device=DEVICE).bfloat16() for _ in "kv")
    table = torch.randperm(blocks, device=DEVICE).int()
    cache = torch.empty(blocks, 2, KV, 64, HD, device=DEVICE, dtype=torch.bfloat16)
    for plane, values_in_order in enumerate((keys, values)):
        cache[table.long(), plane] = values_in_order.view(KV, blocks, 64, HD).transpose(0, 1)
    cos, sin = rotary_tables(replace(SMALL, num_heads=H, num_kv_heads=KV), LONGEST, torch.device(DEVICE))
    sinks = torch.randn(H, device=DEVICE)
    return {
        "keys": keys,
        "values": values,
        "table": table[None],
        "cache": cache,
        "cos": cos,
        "sin": sin,
        "sinks": sinks,
    }


def expected(far: dict[str, torch.Tensor], qkv: torch.Tensor, position: int, window: int) -> torch.Tensor:
    keys, values, cos, sin = (far[name].double() for name in ("keys", "values", "cos", "sin"))
    return attention.attention_reference(
        qkv.double(), keys[:, :position], values[:, :position], cos, sin, position, window or position + 1,
        far["sinks"].double(),
    )  # fmt: skip


class Inputs:
    def __init__(self, position: int) -> None:
        self.rows = torch.zeros(1, dtype=torch.int32, device=DEVICE)
        self.positions = torch.tensor([position], dtype=torch.int32, device=DEVICE)


POSITIONS = [0, 1, 63, 64, 126, 127, 128, 129, 2047, 2048, 4095, 100_000, 131_071]


@pytest.mark.parametrize("window", [0, 128])
@pytest.mark.parametrize("position", POSITIONS)
def test_attention_at_any_position(far: dict[str, torch.Tensor], position: int, window: int) -> None:
    qkv = torch.randn(1, (H + 2 * KV) * HD, device=DEVICE)
    inputs = Inputs(position)
    paged = attention.Paged(far["cache"].clone(), far["table"], far["cos"], far["sin"])
    splits = attention.num_splits(window or LONGEST, 128)
    shape = attention.AttentionShape(H, KV, HD, window, splits, 128)
    partial = torch.full((1, splits, H * HD), float("nan"), dtype=torch.float16, device=DEVICE)
    unfinished = attention.Unfinished(partial, torch.full((1, splits, 2, H), float("nan"), device=DEVICE))
    out = torch.empty(1, H * HD, device=DEVICE)
    attention.decode_attention(qkv, paged, inputs, unfinished, shape, tuned=Warps(4, 3), pdl=False)
    merge(unfinished, far["sinks"], inputs.positions, out, shape, pdl=False)
    wanted = expected(far, qkv[0], position, window)
    assert relative_error(out[0], wanted) < 6e-3

    queries = torch.empty(1, H, HD, device=DEVICE, dtype=torch.bfloat16)
    tiles, start = (
        torch.zeros(1, 2, dtype=torch.int32, device=DEVICE),
        torch.tensor([0, 1], dtype=torch.int32, device=DEVICE),
    )
    piece = Pieces(inputs.positions, torch.zeros_like(inputs.rows), inputs.rows, start, tiles)
    prefill.rotate_and_store(qkv, piece, paged, queries, kv_heads=KV)
    prefill.prefill_attention(queries, piece, paged, far["sinks"], out, kv_heads=KV, window=window)
    assert relative_error(out[0], wanted) < 6e-3


@pytest.mark.parametrize("batch", [1, 2, 8, 16])
@pytest.mark.parametrize("dense", ["bf16", "q8_0"])
def test_a_graph_and_dependent_launch_change_no_bit(dense: str, batch: int) -> None:
    """A load before the wait that came too early would show in some of 300 steps."""
    config = replace(
        SMALL, num_layers=4, hidden_size=2880, intermediate_size=288, num_heads=64, num_kv_heads=8, num_experts=32,
        sliding_window=128, sliding_pattern=(True, False) * 2, vocab_size=4096,
    )  # fmt: skip
    weights = random_weights(config, dense, "mxfp4")
    plain, graphed = Model(weights, rows=batch, pdl=False), Model(weights, rows=batch, pdl=True)
    nobody = [(batch, 0, 0)] * batch
    graphed.stage(*nobody)
    logits: dict[int, torch.Tensor] = {}
    graphs = StepGraphs(lambda size: logits.update({size: graphed.forward.decode(size)}), [batch])
    graphs.launch(batch)
    ids = list(range(batch))
    for position in range(300):
        places = [(row, position, id) for row, id in enumerate(ids)]
        wanted = plain.decode(*places)
        graphed.stage(*places)
        graphs.launch(batch)
        assert torch.equal(logits[batch], wanted), position
        ids = wanted.argmax(1).tolist()
