"""Keys and values of 8 bits in the paged cache: codes, and a scale f16 for each token of a head after the head's codes.

A scale is of a token, so that it is multiplied with scores and weights, not with keys and values.
"""

import triton
import triton.language as tl


@triton.jit
def load_scales(
    cache, table, t, old, kvh, KV: tl.constexpr, HD: tl.constexpr, BS: tl.constexpr, HEAD: tl.constexpr
):  # fmt: skip
    """Scales f32[TILE] of 8-bit keys and values of tokens t, of one kv head."""
    block = tl.load(table + t // BS, old, other=0).to(tl.int64)
    halves = cache.to(tl.pointer_type(tl.float16), bitcast=True)
    at = ((block * (2 * KV) + kvh) * HEAD + BS * HD) // 2 + t % BS
    k = tl.load(halves + at, old, other=0.0).to(tl.float32)
    v = tl.load(halves + at + KV * HEAD // 2, old, other=0.0).to(tl.float32)
    return k, v


@triton.jit
def scale_of(largest):
    """The scale of codes whose largest magnitude is 127 then, as float16 holds it."""
    return (largest * (1 / 127)).to(tl.float16).to(tl.float32)


@triton.jit
def codes(x, scale):
    """8-bit codes of x, as float32."""
    inverse = tl.where(scale > 0, 1 / tl.where(scale > 0, scale, 1.0), 0.0)
    return tl.minimum(tl.maximum(tl.floor(x * inverse + 0.5), -127.0), 127.0)


@triton.jit
def quantized(x, AXIS: tl.constexpr):
    """8-bit codes of x along an axis, as float32, and their scale."""
    scale = scale_of(tl.max(tl.abs(x), AXIS))
    if AXIS == 1:
        return codes(x, scale[:, None]), scale
    else:
        return codes(x, scale), scale


@triton.jit
def store_scales(
    cache, table, position, kvh, k, v, KV: tl.constexpr, HD: tl.constexpr, BS: tl.constexpr, HEAD: tl.constexpr
):  # fmt: skip
    """Put the scales of an 8-bit key and value of one kv head into the cache."""
    block = tl.load(table + position // BS).to(tl.int64)
    halves = cache.to(tl.pointer_type(tl.float16), bitcast=True)
    at = ((block * (2 * KV) + kvh) * HEAD + BS * HD) // 2 + position % BS
    tl.store(halves + at, k.to(tl.float16))
    tl.store(halves + at + KV * HEAD // 2, v.to(tl.float16))


@triton.jit
def attend_scaled(q, k, v, k_scale, v_scale, seen, top, total, mixed, DOT: tl.constexpr):
    """`attend` over 8-bit keys and values, each token with a scale of its own."""
    scores = tl.where(seen, tl.dot(q, tl.trans(k.to(DOT))) * k_scale[None, :], -1e30)
    higher = tl.maximum(top, tl.max(scores, 1))
    weights = tl.exp2(scores - higher[:, None])
    keep = tl.exp2(top - higher)
    total = total * keep + tl.sum(weights, 1)
    mixed = mixed * keep[:, None] + tl.dot((weights * v_scale[None, :]).to(DOT), v.to(DOT))
    return higher, total, mixed
