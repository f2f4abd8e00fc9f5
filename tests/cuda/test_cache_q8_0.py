"""Keys and values of 8 bits: what is stored is within half a step, and attention over it is attention over that."""

import pytest
import torch
import triton.language

from ossia.engine.gpt_oss.cuda.inputs import DeviceCache
from ossia.engine.gpt_oss.cuda.kernels import attention, flash, prefill
from ossia.engine.gpt_oss.cuda.kernels.merge import merge
from ossia.engine.gpt_oss.cuda.kernels.scaled_decode import decode_scaled_attention
from ossia.engine.gpt_oss.cuda.tuned import Warps
from tests.cuda.models import SMALL
from tests.cuda.packed import DEVICE
from tests.cuda.test_kernels import Pieces

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")]
H, KV, HD, BLOCKS, TOKENS = SMALL.num_heads, SMALL.num_kv_heads, SMALL.head_dim, 4, 150


def ints(values: object) -> torch.Tensor:
    return torch.as_tensor(values, dtype=torch.int32, device=DEVICE)


def relative_error(got: torch.Tensor, expected: torch.Tensor) -> float:
    return float((got - expected).norm() / expected.norm())


class Cached:
    """A sequence of TOKENS tokens, the last of them new, in a cache of 8 bits in disorder."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.cache = DeviceCache(SMALL, BLOCKS, DEVICE, kind="q8_0").blocks[0]
        self.cache.fill_(-1)  # scales of which are no numbers
        self.tables = ints([[2, 0, 3, 1]])
        angles = torch.arange(256, device=DEVICE)[:, None] * 0.3 ** torch.arange(HD // 2, device=DEVICE)
        self.cos, self.sin = angles.cos() * 1.3, angles.sin() * 1.3
        self.sinks = torch.randn(H, device=DEVICE)
        self.qkv = torch.randn(TOKENS, (H + 2 * KV) * HD, device=DEVICE)
        self.qkv[7, H * HD :] = 0
        self.rows, self.positions = ints([0]), torch.arange(TOKENS, dtype=torch.int32, device=DEVICE)

    @property
    def paged(self) -> attention.Paged:
        return attention.Paged(self.cache, self.tables, self.cos, self.sin)

    def piece(self, first: int, stop: int) -> Pieces:
        """The tokens from one to another."""
        start = ints([0, stop - first])
        tiles = torch.from_numpy(prefill.attention_tiles(start.cpu().numpy())).to(DEVICE)
        return Pieces(self.positions[first:stop], ints([0] * (stop - first)), self.rows, start, tiles)

    def store(self, tokens: int) -> torch.Tensor:
        """Queries of the first tokens, whose keys and values are stored."""
        queries = torch.empty(tokens, H, HD, dtype=torch.bfloat16, device=DEVICE)
        inputs = self.piece(0, tokens)
        prefill.rotate_and_store(self.qkv[:tokens], inputs, self.paged, queries, kv_heads=KV)
        return queries

    def stored(self, tokens: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Keys and values f32[KV, tokens, hd] that the cache holds."""
        blocks = self.cache[self.tables[0].long()]
        codes = blocks[..., : 64 * HD].reshape(BLOCKS, 2, KV, 64, HD).float()
        scales = blocks[..., 64 * HD :].contiguous().view(torch.float16).float()
        values = (codes * scales[..., None]).permute(1, 2, 0, 3, 4).reshape(2, KV, -1, HD)
        return values[0, :, :tokens], values[1, :, :tokens]

    def exact(self) -> tuple[torch.Tensor, torch.Tensor]:
        _, k, v = self.qkv.view(TOKENS, -1, HD).split([H, KV, KV], dim=1)
        return prefill.rotate_reference(k, self.cos[:TOKENS], self.sin[:TOKENS]).transpose(0, 1), v.transpose(0, 1)

    def expected(self, position: int, window: int) -> torch.Tensor:
        keys, values = self.stored(position)
        tables = self.cos, self.sin
        return attention.attention_reference(
            self.qkv[position], keys, values, *tables, position, window or position + 1, self.sinks
        )


def assert_within_half_a_step(got: torch.Tensor, exact: torch.Tensor) -> None:
    step = exact.abs().amax(-1, keepdim=True) / 127
    assert ((got - exact).abs() <= step * 0.51 + 1e-6).all()


def test_what_is_stored_is_within_half_a_step() -> None:
    cached = Cached()
    cached.store(TOKENS)
    for got, exact in zip(cached.stored(TOKENS), cached.exact(), strict=True):
        assert_within_half_a_step(got, exact)
        assert not got[:, 7].any()


@pytest.mark.parametrize(("window", "most"), [(0, 16), (0, 1), (8, 16)])
def test_attention_of_a_new_token(window: int, most: int) -> None:
    cached, position = Cached(), TOKENS - 1
    cached.store(position)
    splits = min(most, attention.num_splits(window or 256, 64))  # of one tile, or of several
    shape = attention.AttentionShape(H, KV, HD, window, splits, 64)
    partial = torch.empty(1, splits, H * HD, dtype=torch.float16, device=DEVICE)
    unfinished = attention.Unfinished(partial, torch.empty(1, splits, 2, H, device=DEVICE))
    out = torch.empty(1, H * HD, device=DEVICE)
    cached.positions = cached.positions[position:]
    decode_scaled_attention(
        cached.qkv[position:], cached.paged, cached, unfinished, shape, tuned=Warps(4, 2), pdl=False
    )
    merge(unfinished, cached.sinks, cached.positions, out, shape, pdl=False)
    assert relative_error(out[0], cached.expected(position, window)) < 1e-2
    for got, exact in zip(cached.stored(TOKENS), cached.exact(), strict=True):
        assert_within_half_a_step(got[:, position], exact[:, position])


@pytest.mark.parametrize("window", [0, 8])
def test_attention_of_a_prompt(window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole, and with the keys that all see, two blocks of them, in two splits."""
    cached, first = Cached(), TOKENS - 20
    queries = cached.store(TOKENS)[first:]
    arguments = queries, cached.piece(first, TOKENS), cached.paged, cached.sinks
    out, other = torch.empty(20, H * HD, device=DEVICE), torch.empty(20, H * HD, device=DEVICE)
    prefill.prefill_attention(*arguments, out, kv_heads=KV, window=window)
    flash.flash_attention(*arguments, other, kv_heads=KV, window=window, tuned=Warps(4, 2))
    expected = torch.stack([cached.expected(position, window) for position in range(first, TOKENS)])
    assert relative_error(out, expected) < 1e-2
    assert relative_error(other, out) < 1e-2
    if window:
        return
    monkeypatch.setattr(flash, "LEAST_BLOCKS", triton.language.constexpr(1))
    unfinished = attention.Unfinished(
        torch.empty(20, 2, H * HD, dtype=torch.float16, device=DEVICE),
        torch.empty(20, 2, 2, H, device=DEVICE),
        ints([0] * 20),
    )
    flash.flash_attention(*arguments, unfinished, kv_heads=KV, window=0, tuned=Warps(4, 2))
    shape = attention.AttentionShape(H, KV, HD, 0, 2, 0)
    merge(unfinished, cached.sinks, cached.positions[first:], out, shape, pdl=False)
    assert unfinished.counts is not None
    assert unfinished.counts.tolist() == [2] * 20
    assert relative_error(out, other) < 1e-3
