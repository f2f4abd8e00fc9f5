"""Arithmetic on packed weights, and the two calls of programmatic dependent launch: functions that kernels share.

An E2M1 code's three magnitude bits, moved to bits 11 to 9 of a float16, and its sign to bit 15 make exactly its value
times 2^-14 (subnormals included): no table and no multiplication; the block's scale takes the 2^14. Products are summed
four at a time in float16, whose 11 bits are more than bfloat16's 8, then in float32.
"""

import os

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia import mxfp4
from ossia.engine.gpt_oss.cuda.layout import MAGNITUDE_BITS, SIGN_BITS

ASM = tl.constexpr(os.environ.get("TRITON_INTERPRET") != "1")  # the interpreter knows no PTX

# Activations for MXFP4 are stored times 2^6, so that products stay clear of float16's subnormals; |x| < 1023 then fits.
X_SCALE = tl.constexpr(64.0)
X_LARGEST = tl.constexpr(65504.0)
PLAIN, PAIRS, OPERAND = tl.constexpr(0), tl.constexpr(1), tl.constexpr(2)  # orders of a token; see `store_half`
MX_BIAS = tl.constexpr(14 - 6)
FEW_EXPERTS = tl.constexpr(32)
# Activations for int8 are stored times 2^-4, so that sums of two products with 127 stay inside float16.
INT8_SCALE = tl.constexpr(0.0625)
MINUS_1152_TWICE = tl.constexpr(-461314944)  # 0xE480E480


def _code_asm(i: int, word: str) -> str:
    """Puts code i of each half of a word into the register a, as float16 times 2^-14; needs a register b."""
    left, sign_left = 9 - MAGNITUDE_BITS[i], 15 - SIGN_BITS[i]
    if left == sign_left:
        return f"shl.b32 a, {word}, {left}; and.b32 a, a, 0x8E008E00;"
    shifts = f"shl.b32 a, {word}, {left}; shl.b32 b, {word}, {sign_left};"
    return shifts + "and.b32 b, b, 0x80008000; and.b32 a, a, 0x0E000E00; or.b32 a, a, b;"


def _mx_dot_asm() -> str:
    """Dot product of a word's eight codes ($1) and four pairs of float16 ($2 to $5)."""
    body = "{ .reg .b32 a, b, c; .reg .b16 l, h; .reg .f32 f, g;"
    for i in range(4):
        body += _code_asm(i, "$1")
        body += "mul.rn.f16x2 c, a, $2;" if i == 0 else f"fma.rn.f16x2 c, a, ${i + 2}, c;"
    return body + "mov.b32 {l, h}, c; cvt.f32.f16 f, l; cvt.f32.f16 g, h; add.f32 $0, f, g; }"


def _mx_values_asm() -> str:
    """A word's eight codes ($8) times the pair $9: those of code i in $2i, of the low half, and $2i+1."""
    products = (f"{_code_asm(i, '$8')} mul.rn.f16x2 a, a, $9; mov.b32 {{${2 * i}, ${2 * i + 1}}}, a;" for i in range(4))
    return "{ .reg .b32 a, b;" + "".join(products) + "}"


MX_DOT = tl.constexpr(_mx_dot_asm())
MX_VALUES = tl.constexpr(_mx_values_asm())
MAGNITUDES = tl.constexpr(MAGNITUDE_BITS)
SIGNS = tl.constexpr(SIGN_BITS)

# Four int8 against two pairs of float16: PRMT makes of byte u the float16 1024 + u, and 1152 is taken off.
INT8_DOT = tl.constexpr(
    "{ .reg .b32 q, a, b, c; .reg .b16 l, h; .reg .f32 f, g; xor.b32 q, $1, 0x80808080;"
    "prmt.b32 a, q, 0x64646464, 0x4140; prmt.b32 b, q, 0x64646464, 0x4342;"
    "add.rn.f16x2 a, a, $4; add.rn.f16x2 b, b, $4; mul.rn.f16x2 c, a, $2; fma.rn.f16x2 c, b, $3, c;"
    "mov.b32 {l, h}, c; cvt.f32.f16 f, l; cvt.f32.f16 g, h; add.f32 $0, f, g; }"
)
INT8_VALUES = tl.constexpr(
    "{ .reg .b32 q, a; xor.b32 q, $4, 0x80808080; prmt.b32 a, q, 0x64646464, 0x4140; add.rn.f16x2 a, a, $6;"
    "mul.rn.f16x2 a, a, $5; mov.b32 {$0, $1}, a; prmt.b32 a, q, 0x64646464, 0x4342; add.rn.f16x2 a, a, $6;"
    "mul.rn.f16x2 a, a, $5; mov.b32 {$2, $3}, a; }"
)


def mxfp4_reference(words: Tensor, scales: Tensor) -> Tensor:
    """Words i32[..., n * 4] and scales u8[..., n] as values f32[..., n * 32]."""
    table = torch.tensor(mxfp4.VALUES, device=words.device)
    halves = torch.stack([words & 0xFFFF, words >> 16 & 0xFFFF], -1)
    codes = [halves >> m & 7 | (halves >> s & 1) << 3 for m, s in zip(MAGNITUDE_BITS, SIGN_BITS, strict=True)]
    values = table[torch.stack(codes, -1).long()].reshape(*scales.shape, 32)
    return (values * torch.exp2(scales.float() - 127)[..., None]).flatten(-2)


def q8_0_reference(words: Tensor, scales: Tensor) -> Tensor:
    """Words i32[..., n * 8] and scales f16[..., n] as values f32[..., n * 32]."""
    values = words.contiguous().view(torch.int8).reshape(*scales.shape, 32)
    return (values.float() * scales.float()[..., None]).flatten(-2)


@triton.jit
def wait_then_release(PDL: tl.constexpr):
    """Wait for the kernel before, then let the next one start.

    In this order a load before the wait may read whatever was written two launches ago or earlier, since the kernel
    before has passed its own wait. Every program of every kernel comes here exactly once, also one that has no work.
    """
    if PDL:
        tl.extra.cuda.gdc_wait()
        tl.extra.cuda.gdc_launch_dependents()


@triton.jit
def _half_as_float(word, HALF: tl.constexpr):
    return ((word >> (16 * HALF)) & 0xFFFF).to(tl.int16).to(tl.float16, bitcast=True)


@triton.jit
def mx_dot(word, x0, x1, x2, x3):
    """Dot products f32 of 8 codes a word with x: pair i is (x[8w + i], x[8w + 4 + i]); times 2^-14."""
    if ASM:
        return tl.inline_asm_elementwise(
            MX_DOT, "=f,r,r,r,r,r", [word, x0, x1, x2, x3], dtype=tl.float32, is_pure=True, pack=1
        )
    else:
        x = (x0, x1, x2, x3)
        total = tl.zeros_like(word).to(tl.float32)
        for half in tl.static_range(2):
            for i in tl.static_range(4):
                bits = ((word >> (16 * half + MAGNITUDES[i])) & 7) << 9 | ((word >> (16 * half + SIGNS[i])) & 1) << 15
                code = bits.to(tl.int16).to(tl.float16, bitcast=True)
                total += code.to(tl.float32) * _half_as_float(x[i], half).to(tl.float32)
        return total


@triton.jit
def mx_values(word, power):
    """The 8 codes of words, times a power of two, as tensors of float16: code i of the low half, code i of the high
    half, i = 0 to 3. `power` is a pair of equal float16 that take the 2^14 too."""
    if ASM:
        return tl.inline_asm_elementwise(
            MX_VALUES, "=&h,=&h,=&h,=&h,=&h,=&h,=&h,=&h,r,r", [word, power],
            dtype=(tl.float16, tl.float16, tl.float16, tl.float16, tl.float16, tl.float16, tl.float16, tl.float16),
            is_pure=True, pack=1,
        )  # fmt: skip
    else:
        values = ()
        for n in tl.static_range(8):
            i: tl.constexpr = n // 2
            half: tl.constexpr = n % 2
            bits = ((word >> (16 * half + MAGNITUDES[i])) & 7) << 9 | ((word >> (16 * half + SIGNS[i])) & 1) << 15
            code = bits.to(tl.int16).to(tl.float16, bitcast=True)
            values = values + (code * _half_as_float(power, 0),)
        return values


@triton.jit
def power_pair(scale):
    """Pair of float16 2^(scale - 127 + 14) of E8M0 bytes up to 128, for `mx_values`; 0 where it is below 2^-14."""
    power = tl.maximum(scale.to(tl.int32) - (127 - 14 - 15), 0) << 10
    return power | (power << 16)


@triton.jit
def int8_dot(word, x0, x1):
    """Dot products f32 of 4 int8 a word with the pairs x0 and x1."""
    if ASM:
        offset = tl.full([1, 1], MINUS_1152_TWICE, tl.int32)
        return tl.inline_asm_elementwise(
            INT8_DOT, "=f,r,r,r,r", [word, x0, x1, offset], dtype=tl.float32, is_pure=True, pack=1
        )
    else:
        total = tl.zeros_like(word).to(tl.float32)
        for i in tl.static_range(4):
            value = ((word << (24 - 8 * i)) >> 24).to(tl.float32)
            total += value * _half_as_float(x0 if i < 2 else x1, i % 2).to(tl.float32)
        return total


@triton.jit
def int8_values(word, scale):
    """The 4 int8 of words, first is lowest, times their block's scale, as tensors of float16."""
    if ASM:
        bits = scale.to(tl.int16, bitcast=True).to(tl.int32) & 0xFFFF
        offset = tl.full([1, 1], MINUS_1152_TWICE, tl.int32)
        return tl.inline_asm_elementwise(
            INT8_VALUES, "=&h,=&h,=&h,=&h,r,r,r", [word, bits | (bits << 16), offset],
            dtype=(tl.float16, tl.float16, tl.float16, tl.float16), is_pure=True, pack=1,
        )  # fmt: skip
    else:
        values = ()
        for i in tl.static_range(4):
            values = values + (((word << (24 - 8 * i)) >> 24).to(tl.float16) * scale,)
        return values


@triton.jit
def pack_pair(low, high):
    """Two float32 as the float16 halves of a word."""
    a = low.to(tl.float16).to(tl.int16, bitcast=True).to(tl.int32) & 0xFFFF
    b = high.to(tl.float16).to(tl.int16, bitcast=True).to(tl.int32)
    return a | (b << 16)


@triton.jit
def pairs(x, K: tl.constexpr):
    """The two pairs [1, K / 4] of every four values of x f32[K], for `int8_dot`."""
    even, odd = tl.split(tl.reshape(x, [K // 4, 2, 2]))
    x0, x2 = tl.split(even)
    x1, x3 = tl.split(odd)
    return pack_pair(x0, x1)[None, :], pack_pair(x2, x3)[None, :]


@triton.jit
def operand_place(k):
    """The place of column k among the columns of an operand of dense.py."""
    return k // 64 * 64 + k % 16 // 2 * 8 + k % 64 // 16 * 2 + k % 2


@triton.jit
def store_half(out, at, k, x, live, K: tl.constexpr, ORDER: tl.constexpr):
    """Elements k of a token x, as float16 from out + at on: one after the other, in the order of operands, or with
    PAIRS scaled and in two planes for `int8_dot`: word w of plane i is the pair (x[4w + 2i], x[4w + 2i + 1])."""
    if ORDER == PAIRS:
        x *= INT8_SCALE
        place = ((k % 4 // 2) * (K // 4) + k // 4) * 2 + k % 2
    elif ORDER == OPERAND:
        place = operand_place(k)
    else:
        place = k
    tl.store(out + at + place, tl.minimum(tl.maximum(x, -X_LARGEST), X_LARGEST).to(tl.float16), live)


@triton.jit
def power_of_two(scale, BIAS: tl.constexpr):
    """2^(scale - 127 + BIAS) of E8M0 bytes, made of the exponent's bits."""
    return ((scale.to(tl.int32) + BIAS) << 23).to(tl.float32, bitcast=True)


@triton.jit
def rank_experts(logits, E: tl.constexpr, EP: tl.constexpr, TOPK: tl.constexpr):
    """Rank of every expert by its logit, ties to the lower index, and its share: a softmax over the first TOPK.

    All others may have the rank TOPK. Of few experts, counting the larger ones needs no search; `logits` is loaded
    twice, since the two ways round have two layouts. Of 128 that would take 150 registers from the weights in flight.
    """
    i = tl.arange(0, EP)
    mine = tl.load(logits + i, i < E, other=-float("inf"))
    if EP <= FEW_EXPERTS:
        other = tl.load(logits + i, i < E, other=-float("inf"))
        ahead = (other[None, :] > mine[:, None]) | ((other[None, :] == mine[:, None]) & (i[None, :] < i[:, None]))
        rank = tl.sum(ahead.to(tl.int32), 1)
    else:
        rank = tl.full([EP], TOPK, tl.int32)
        for place in tl.static_range(TOPK):
            best = tl.argmax(tl.where(rank == TOPK, mine, -float("inf")), 0)
            rank = tl.where(i == best, place, rank)
    share = tl.where(rank < TOPK, tl.exp(mine - tl.max(mine, 0)), 0.0)
    return rank, share / tl.sum(share, 0)
