// AVX-512 with VNNI and VBMI; the products of bf16 also with BF16. Code shared with avx2 is in vector.inl.
#include "kernels.h"

#include <immintrin.h>

namespace ossia {
namespace {

using V = __m512;
constexpr int W = 16;
constexpr int tile_tokens = 5; // below, unpacking whole tiles costs more than it gains
constexpr int gemm_cols = 4;
constexpr int dot_tokens = 4;

V zero() { return _mm512_setzero_ps(); }
V set1(float x) { return _mm512_set1_ps(x); }
V load(const float* p) { return _mm512_loadu_ps(p); }
void store(float* p, V v) { _mm512_storeu_ps(p, v); }
V add(V a, V b) { return _mm512_add_ps(a, b); }
V sub(V a, V b) { return _mm512_sub_ps(a, b); }
V mul(V a, V b) { return _mm512_mul_ps(a, b); }
V div(V a, V b) { return _mm512_div_ps(a, b); }
V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
V min(V a, V b) { return _mm512_min_ps(a, b); }
V max(V a, V b) { return _mm512_max_ps(a, b); }
V round(V x) { return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
V power_of_two(V n) {
    return _mm512_castsi512_ps(
        _mm512_slli_epi32(_mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127)), 23));
}
V zero_below(V x, float limit, V y) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, set1(limit), _CMP_GE_OQ), y);
}
float reduce_add(V v) { return _mm512_reduce_add_ps(v); }
float reduce_max(V v) { return _mm512_reduce_max_ps(v); }
V load_f16(const uint8_t* p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
V load_bf16(const uint8_t* p) {
    const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}
void store_f16(uint16_t* p, V v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}
V load_i8(const uint8_t* p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
}
void prefetch(const uint8_t* p) { _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0); }
void prefetch_l2(const uint8_t* p) { _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T1); }

float half_to_float(const uint8_t* p) {
    uint16_t h;
    __builtin_memcpy(&h, p, 2);
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(h)));
}

// `value` where begin <= lane < end, else `other`.
V keep_between(V value, int begin, int end, float other) {
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __mmask16 inside = _mm512_cmpge_epi32_mask(lane, _mm512_set1_epi32(begin)) &
                             _mm512_cmplt_epi32_mask(lane, _mm512_set1_epi32(end));
    return _mm512_mask_mov_ps(set1(other), inside, value);
}

// E2M1 values, doubled, of 16 bytes' low and high nibbles.
void load_nibbles(const uint8_t* p, V& low, V& high) {
    const V values = _mm512_setr_ps(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);
    const __m512i bytes = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    low = _mm512_permutexvar_ps(bytes, values);
    high = _mm512_permutexvar_ps(_mm512_srli_epi32(bytes, 4), values);
}

float max_abs(const float* x) {
    return _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(load(x)), _mm512_abs_ps(load(x + 16))));
}

// 32 floats times `inverse` as int8; `pairs`: even elements to low, odd ones to high. Returns their sum.
int quantize_block(const float* x, float inverse, bool pairs, int8_t* low, int8_t* high) {
    V a = load(x), b = load(x + 16);
    if (pairs) {
        const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        const V odd = _mm512_permutex2var_ps(a, _mm512_add_epi32(even, _mm512_set1_epi32(1)), b);
        a = _mm512_permutex2var_ps(a, even, b);
        b = odd;
    }
    const __m512i i = _mm512_cvtps_epi32(mul(a, set1(inverse))),
                  j = _mm512_cvtps_epi32(mul(b, set1(inverse)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(low), _mm512_cvtepi32_epi8(i));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(high), _mm512_cvtepi32_epi8(j));
    return _mm512_reduce_add_epi32(_mm512_add_epi32(i, j));
}

// Four blocks of a row as unsigned bytes (value + offset) in the order of Group::q, and their scales, four
// lanes each.
struct Unpacked {
    __m512i low, high;
    V scale;
};

__m128i load16(const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }

// Lane L from p[L * stride].
__m512i load_lanes(const uint8_t* p, int64_t stride, int lanes) {
    __m512i v = _mm512_zextsi128_si512(load16(p));
    if (lanes > 1) v = _mm512_mask_broadcast_i32x4(v, 0x00f0, load16(p + stride));
    if (lanes > 2) v = _mm512_mask_broadcast_i32x4(v, 0x0f00, load16(p + 2 * stride));
    if (lanes > 3) v = _mm512_mask_broadcast_i32x4(v, 0xf000, load16(p + 3 * stride));
    return v;
}

struct MXFP4 {
    static constexpr int bytes = 17;
    static constexpr int offset = 12;
    static constexpr float unit = 0.5f; // the values are doubled

    // Values + 12 of the low nibbles; the two bits above them may be anything.
    static __m512i look_up(__m512i codes) {
        const __m128i values = _mm_setr_epi8(12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0);
        return _mm512_permutexvar_epi8(codes, _mm512_broadcast_i32x4(values));
    }

    // Byte i of the result: i-th nibble byte of four blocks that begin at byte 0 of a 64-byte load.
    static __m512i code_index() {
        const __m512i lane = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
        const __m512i in_lane =
            _mm512_broadcast_i32x4(_mm_setr_epi8(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
        return _mm512_add_epi8(in_lane, _mm512_mullo_epi32(lane, _mm512_set1_epi32(17 * 0x01010101)));
    }

    static __m512i scale_index() { // the scale byte to the top of each 32-bit lane
        const __m512i lane = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
        return _mm512_slli_epi32(_mm512_mullo_epi32(lane, _mm512_set1_epi32(17)), 24);
    }

    // The fourth block ends 4 bytes after the 64 that are loaded at once. Scale bytes 0 and 1 (2^-127 and
    // below) read as 0 and 2^-126.
    static Unpacked unpack(const uint8_t* p, int blocks) {
        const __m512i raw = blocks == 4 ? _mm512_loadu_si512(p)
                                        : _mm512_maskz_loadu_epi8((uint64_t(1) << 17 * blocks) - 1, p);
        __m512i codes = _mm512_permutexvar_epi8(code_index(), raw);
        if (blocks == 4) codes = _mm512_mask_broadcast_i32x4(codes, 0xf000, load16(p + 52));
        const __m512i scale = _mm512_maskz_permutexvar_epi8(0x8888888888888888, scale_index(), raw);
        return {look_up(codes), look_up(_mm512_srli_epi16(codes, 4)),
                _mm512_castsi512_ps(_mm512_srli_epi32(scale, 1))};
    }

    // One block of 16 rows: out[e] holds k = 4e .. 4e + 3 (in the order of Group::q) of every row.
    static void unpack_rows(const uint8_t* const* rows, int64_t at, __m512i* out);
    // The scales of one block of 16 rows as (e - 127) << 23: added to a float's bits, this multiplies it by
    // the scale. quantize() keeps activations' scales above 2^-69 and e is at least 70 here (smaller scales
    // are negligible beside the other blocks), so the result is a normal float. This saves a tenth of the
    // multiplications' time in prefill.
    static __m512i scales(const uint8_t* const* rows, int64_t at) {
        alignas(16) uint8_t e[16];
        for (int r = 0; r < 16; r++) e[r] = rows[r][at];
        const __m512i wide = _mm512_cvtepu8_epi32(_mm_max_epu8(load16(e), _mm_set1_epi8(70)));
        return _mm512_slli_epi32(_mm512_sub_epi32(wide, _mm512_set1_epi32(127)), 23);
    }
    static V scale_by(__m512i scales, V x) {
        return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(x), scales));
    }
};

struct Q8_0 {
    static constexpr int bytes = 34;
    static constexpr int offset = 128;

    static __m512i to_unsigned(__m512i v) { return _mm512_xor_si512(v, _mm512_set1_epi8(-128)); }

    static Unpacked unpack(const uint8_t* p, int blocks) {
        uint64_t halves = 0;
        for (int b = 0; b < blocks; b++) {
            uint16_t half;
            __builtin_memcpy(&half, p + 34 * b, 2);
            halves |= uint64_t(half) << 16 * b;
        }
        const __m512i lanes = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
        const V scales = _mm512_castps128_ps512(_mm_cvtph_ps(_mm_cvtsi64_si128(int64_t(halves))));
        return {to_unsigned(load_lanes(p + 2, 34, blocks)), to_unsigned(load_lanes(p + 18, 34, blocks)),
                _mm512_permutexvar_ps(lanes, scales)};
    }

    static void unpack_rows(const uint8_t* const* rows, int64_t at, __m512i* out);
    static __m512i scales(const uint8_t* const* rows, int64_t at) {
        alignas(32) uint8_t halves[32];
        for (int r = 0; r < 16; r++) __builtin_memcpy(halves + 2 * r, rows[r] + at, 2);
        return _mm512_castps_si512(load_f16(halves));
    }
    static V scale_by(__m512i scales, V x) { return mul(_mm512_castsi512_ps(scales), x); }
};

// 16 bytes of 16 rows, transposed: 32-bit lane r of out[d] is the d-th word of row r.
void transpose_rows(const uint8_t* const* rows, int64_t at, __m512i* out) {
    __m512i z[4];
    for (int i = 0; i < 4; i++) {
        z[i] = _mm512_zextsi128_si512(load16(rows[i] + at));
        z[i] = _mm512_mask_broadcast_i32x4(z[i], 0x00f0, load16(rows[4 + i] + at));
        z[i] = _mm512_mask_broadcast_i32x4(z[i], 0x0f00, load16(rows[8 + i] + at));
        z[i] = _mm512_mask_broadcast_i32x4(z[i], 0xf000, load16(rows[12 + i] + at));
    }
    const __m512i a = _mm512_unpacklo_epi32(z[0], z[1]), b = _mm512_unpackhi_epi32(z[0], z[1]);
    const __m512i c = _mm512_unpacklo_epi32(z[2], z[3]), d = _mm512_unpackhi_epi32(z[2], z[3]);
    out[0] = _mm512_unpacklo_epi64(a, c);
    out[1] = _mm512_unpackhi_epi64(a, c);
    out[2] = _mm512_unpacklo_epi64(b, d);
    out[3] = _mm512_unpackhi_epi64(b, d);
}

void MXFP4::unpack_rows(const uint8_t* const* rows, int64_t at, __m512i* out) {
    transpose_rows(rows, at + 1, out);
    for (int e = 0; e < 4; e++) {
        out[4 + e] = look_up(_mm512_srli_epi16(out[e], 4));
        out[e] = look_up(out[e]);
    }
}

void Q8_0::unpack_rows(const uint8_t* const* rows, int64_t at, __m512i* out) {
    transpose_rows(rows, at + 2, out);
    transpose_rows(rows, at + 18, out + 4);
    for (int e = 0; e < 8; e++) out[e] = to_unsigned(out[e]);
}

// Few tokens: R rows stream past N tokens; a row is unpacked once for all of them.
template <class Blocks, int R, int N> void stream_rows(const uint8_t* w, int64_t stride, int blocks,
                                                       const Group* const* x, float* out, int64_t out_stride,
                                                       const uint8_t* end) {
    V sums[R][N];
    for (int r = 0; r < R; r++)
        for (int i = 0; i < N; i++) sums[r][i] = zero();
    // Rows are prefetched one after the other, in memory order, although R streams are read; the first-level
    // cache has room for eight rows.
    constexpr int group_bytes = group_blocks * Blocks::bytes;
    const int groups = blocks / group_blocks;
    const uint8_t* ahead = w + 8 * stride;
    int left = groups;
    const auto step = [&](int g, int count) {
        Unpacked u[R];
        for (int r = 0; r < R; r++) {
            if (ahead < end)
                for (int i = 0; i < group_bytes; i += 68) prefetch(ahead + i);
            ahead += group_bytes;
            if (--left == 0) {
                ahead += stride - groups * group_bytes;
                left = groups;
            }
            u[r] = Blocks::unpack(w + r * stride + int64_t(g) * group_bytes, count);
        }
        for (int i = 0; i < N; i++) {
            const Group& group = x[i][g];
            const __m512i low = _mm512_load_si512(group.q[0]), high = _mm512_load_si512(group.q[1]);
            const __m512i start = _mm512_load_si512(group.start);
            const V scale = _mm512_load_ps(&group.scale[0][0]);
            for (int r = 0; r < R; r++) {
                const __m512i sum =
                    _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(start, u[r].low, low), u[r].high, high);
                sums[r][i] = fma(mul(_mm512_cvtepi32_ps(sum), u[r].scale), scale, sums[r][i]);
            }
        }
    };
    for (int g = 0; g < groups; g++) step(g, 4);
    switch (blocks % group_blocks) {
    case 1:
        step(groups, 1);
        break;
    case 2:
        step(groups, 2);
        break;
    case 3:
        step(groups, 3);
        break;
    }
    for (int r = 0; r < R; r++)
        for (int i = 0; i < N; i++) out[i * out_stride + r] = reduce_add(sums[r][i]);
}

const Group* groups_of(const Matmul& m, int i) {
    const int64_t groups = (m.matrix->cols + 127) / 128;
    return m.x.groups + (m.tokens ? m.tokens[i] : i) * groups;
}

template <class Blocks, int N> void stream_tokens(const Matmul& m, int first) {
    constexpr int R = N == 2 ? 4 : 2;
    const Matrix& matrix = *m.matrix;
    const int blocks = matrix.cols / block_size;
    const uint8_t* w = matrix.data + m.row * matrix.stride;
    const Group* x[N];
    for (int i = 0; i < N; i++) x[i] = groups_of(m, first + i);
    float* out = m.out + first * m.out_stride;
    const uint8_t* end = w + m.n_rows * matrix.stride;
    int r = 0;
    for (; r + R <= m.n_rows; r += R)
        stream_rows<Blocks, R, N>(w + r * matrix.stride, matrix.stride, blocks, x, out + r, m.out_stride,
                                  end);
    for (; r < m.n_rows; r++)
        stream_rows<Blocks, 1, N>(w + r * matrix.stride, matrix.stride, blocks, x, out + r, m.out_stride,
                                  end);
}

// 32 rows unpacked: bytes [blocks][2][8][64], scales [blocks][32].
template <class Blocks>
void unpack_tile(const Matrix& matrix, int64_t row, int n_rows, uint8_t* bytes, int32_t* scales) {
    const int blocks = matrix.cols / block_size;
    for (int half = 0; half < 2; half++) {
        const uint8_t* rows[16];
        for (int r = 0; r < 16; r++) {
            const int in_tile =
                half * 16 + r < n_rows ? half * 16 + r : n_rows - 1; // missing rows repeat the last
            rows[r] = matrix.data + (row + in_tile) * matrix.stride;
        }
        const uint8_t* ahead = matrix.data + (row + tile_rows + half * 16) * matrix.stride;
        for (int b = 0; b < blocks; b++) {
            for (int i = 0; i < 16 * Blocks::bytes; i += 64)
                prefetch_l2(ahead + i); // the next tile, in order
            ahead += 16 * Blocks::bytes;
            __m512i words[8];
            Blocks::unpack_rows(rows, int64_t(b) * Blocks::bytes, words);
            uint8_t* to = bytes + (b * 2 + half) * 512;
            for (int e = 0; e < 8; e++) _mm512_store_si512(to + e * 64, words[e]);
            _mm512_store_si512(scales + b * 32 + half * 16, Blocks::scales(rows, int64_t(b) * Blocks::bytes));
        }
    }
}

template <class Blocks, int N> void multiply_tile(const uint8_t* bytes, const int32_t* scales, int blocks,
                                                  const Group* const* x, float* out, int64_t out_stride,
                                                  uint32_t rows) {
    V sums[N][2];
#pragma GCC unroll 8
    for (int i = 0; i < N; i++) sums[i][0] = sums[i][1] = zero();
    for (int b = 0; b < blocks; b++, bytes += 1024, scales += 32) {
        __m512i w[2][8];
#pragma GCC unroll 8
        for (int e = 0; e < 8; e++) {
            w[0][e] = _mm512_load_si512(bytes + e * 64);
            w[1][e] = _mm512_load_si512(bytes + 512 + e * 64);
        }
        const int slot = b % group_blocks;
#pragma GCC unroll 8
        for (int i = 0; i < N; i++) {
            const Group& group = x[i][b / group_blocks];
            __m512i sum0 = _mm512_set1_epi32(group.start[slot][0]), sum1 = sum0;
#pragma GCC unroll 8
            for (int e = 0; e < 8; e++) {
                int32_t four;
                __builtin_memcpy(&four, group.q[e / 4][slot] + e % 4 * 4, 4);
                const __m512i a = _mm512_set1_epi32(four);
                sum0 = _mm512_dpbusd_epi32(sum0, w[0][e], a);
                sum1 = _mm512_dpbusd_epi32(sum1, w[1][e], a);
            }
            const V scale = set1(group.scale[slot][0]);
            const V scale0 = Blocks::scale_by(_mm512_load_si512(scales), scale);
            const V scale1 = Blocks::scale_by(_mm512_load_si512(scales + 16), scale);
            sums[i][0] = fma(_mm512_cvtepi32_ps(sum0), scale0, sums[i][0]);
            sums[i][1] = fma(_mm512_cvtepi32_ps(sum1), scale1, sums[i][1]);
        }
    }
    for (int i = 0; i < N; i++, out += out_stride) {
        _mm512_mask_storeu_ps(out, __mmask16(rows), sums[i][0]);
        _mm512_mask_storeu_ps(out + 16, __mmask16(rows >> 16), sums[i][1]);
    }
}

// Many tokens: 32 rows are unpacked, then meet all tokens, six at a time.
template <class Blocks> void multiply_tiles(const Matmul& m) {
    const int blocks = m.matrix->cols / block_size;
    uint8_t* bytes = static_cast<uint8_t*>(m.scratch);
    int32_t* scales = reinterpret_cast<int32_t*>(bytes + int64_t(blocks) * 1024);
    for (int r = 0; r < m.n_rows; r += tile_rows) {
        const int n_rows = m.n_rows - r < tile_rows ? m.n_rows - r : tile_rows;
        const uint32_t rows = uint32_t((uint64_t(1) << n_rows) - 1);
        unpack_tile<Blocks>(*m.matrix, m.row + r, n_rows, bytes, scales);
        for (int i = 0; i < m.n_tokens;) {
            const int left = m.n_tokens - i;
            const Group* x[6];
            for (int j = 0; j < 6 && j < left; j++) x[j] = groups_of(m, i + j);
            float* out = m.out + i * m.out_stride + r;
            if (left >= 6)
                multiply_tile<Blocks, 6>(bytes, scales, blocks, x, out, m.out_stride, rows), i += 6;
            else if (left >= 4)
                multiply_tile<Blocks, 4>(bytes, scales, blocks, x, out, m.out_stride, rows), i += 4;
            else if (left >= 2)
                multiply_tile<Blocks, 2>(bytes, scales, blocks, x, out, m.out_stride, rows), i += 2;
            else
                multiply_tile<Blocks, 1>(bytes, scales, blocks, x, out, m.out_stride, rows), i += 1;
        }
    }
}

template <class Blocks> void matmul_int8(const Matmul& m) {
    if (m.n_tokens >= tile_tokens) return multiply_tiles<Blocks>(m);
    switch (m.n_tokens) {
    case 1:
        return stream_tokens<Blocks, 1>(m, 0);
    case 2:
        return stream_tokens<Blocks, 2>(m, 0);
    case 3:
        return stream_tokens<Blocks, 3>(m, 0);
    case 4:
        return stream_tokens<Blocks, 4>(m, 0);
    }
}

#include "vector.inl"

void transpose_16x16(__m512* rows) {
    __m512 b[16];
    for (int i = 0; i < 16; i += 4) { // 4x4 inside each 128-bit lane
        const __m512 s = _mm512_unpacklo_ps(rows[i], rows[i + 1]),
                     t = _mm512_unpackhi_ps(rows[i], rows[i + 1]);
        const __m512 u = _mm512_unpacklo_ps(rows[i + 2], rows[i + 3]);
        const __m512 v = _mm512_unpackhi_ps(rows[i + 2], rows[i + 3]);
        b[i] = _mm512_shuffle_ps(s, u, 0x44);
        b[i + 1] = _mm512_shuffle_ps(s, u, 0xee);
        b[i + 2] = _mm512_shuffle_ps(t, v, 0x44);
        b[i + 3] = _mm512_shuffle_ps(t, v, 0xee);
    }
    for (int i = 0; i < 4; i++) { // then the 4x4 of lanes
        const __m512 s = _mm512_shuffle_f32x4(b[i], b[i + 4], 0x88),
                     t = _mm512_shuffle_f32x4(b[i], b[i + 4], 0xdd);
        const __m512 u = _mm512_shuffle_f32x4(b[i + 8], b[i + 12], 0x88);
        const __m512 v = _mm512_shuffle_f32x4(b[i + 8], b[i + 12], 0xdd);
        rows[i] = _mm512_shuffle_f32x4(s, u, 0x88);
        rows[i + 4] = _mm512_shuffle_f32x4(t, v, 0x88);
        rows[i + 8] = _mm512_shuffle_f32x4(s, u, 0xdd);
        rows[i + 12] = _mm512_shuffle_f32x4(t, v, 0xdd);
    }
}

void transpose_keys(const float* keys, int n, int head_dim, float* out) {
    int j = 0;
    for (; j + 16 <= n; j += 16)
        for (int d = 0; d < head_dim; d += 16) {
            __m512 rows[16];
            for (int i = 0; i < 16; i++) rows[i] = load(keys + (j + i) * head_dim + d);
            transpose_16x16(rows);
            for (int i = 0; i < 16; i++) store(out + (d + i) * chunk_keys + j, rows[i]);
        }
    for (; j < n; j++)
        for (int d = 0; d < head_dim; d++) out[d * chunk_keys + j] = keys[j * head_dim + d];
}

void to_bf16(const float* x, int n, uint16_t* out) {
    for (int i = 0; i < n; i += W) {
        const __m512i bits = _mm512_castps_si512(load_upto(x + i, n - i));
        const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
        const __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(bits, odd), _mm512_set1_epi32(0x7fff));
        const __mmask16 some = n - i >= W ? 0xffff : __mmask16((1 << (n - i)) - 1);
        _mm512_mask_cvtepi32_storeu_epi16(out + i, some, _mm512_srli_epi32(rounded, 16));
    }
}

#define WITH_BF16 __attribute__((target("avx512bf16")))

// 32 rows as pairs along k: vector [k / 2][2] holds k and k + 1 of 16 rows; zero beyond the last column.
void unpack_bf16_tile(const Matrix& matrix, int64_t row, int n_rows, uint8_t* tile) {
    const uint8_t* ahead = matrix.data + (row + tile_rows) * matrix.stride; // the next tile, in order
    for (int k = 0; k < matrix.cols; k += 32, ahead += tile_rows * 64) {
        for (int i = 0; i < tile_rows; i++) prefetch_l2(ahead + i * 64);
        const __mmask32 some =
            matrix.cols - k >= 32 ? ~__mmask32(0) : (__mmask32(1) << (matrix.cols - k)) - 1;
        for (int half = 0; half < 2; half++) {
            __m512 pairs[16];
            for (int r = 0; r < 16; r++) {
                const int in_tile =
                    half * 16 + r < n_rows ? half * 16 + r : n_rows - 1; // missing rows repeat the last
                const uint8_t* from = matrix.data + (row + in_tile) * matrix.stride + 2 * int64_t(k);
                pairs[r] = _mm512_castsi512_ps(_mm512_maskz_loadu_epi16(some, from));
            }
            transpose_16x16(pairs);
            for (int i = 0; i < 16; i++) _mm512_store_ps(tile + (k + 2 * i + half) * 64, pairs[i]);
        }
    }
}

template <int N> WITH_BF16 void multiply_bf16_tile(const uint8_t* tile, int pairs, const uint16_t* const* x,
                                                   float* out, int64_t out_stride, uint32_t rows) {
    V sums[N][2];
#pragma GCC unroll 8
    for (int i = 0; i < N; i++) sums[i][0] = sums[i][1] = zero();
    for (int k = 0; k < pairs; k++, tile += 128) {
        const __m512i w0 = _mm512_load_si512(tile), w1 = _mm512_load_si512(tile + 64);
#pragma GCC unroll 8
        for (int i = 0; i < N; i++) {
            int32_t two;
            __builtin_memcpy(&two, x[i] + 2 * k, 4);
            const __m512bh a = (__m512bh)_mm512_set1_epi32(two);
            sums[i][0] = _mm512_dpbf16_ps(sums[i][0], (__m512bh)w0, a);
            sums[i][1] = _mm512_dpbf16_ps(sums[i][1], (__m512bh)w1, a);
        }
    }
    for (int i = 0; i < N; i++, out += out_stride) {
        _mm512_mask_storeu_ps(out, __mmask16(rows), sums[i][0]);
        _mm512_mask_storeu_ps(out + 16, __mmask16(rows >> 16), sums[i][1]);
    }
}

void matmul_bf16(const Matmul& m) {
    if (m.matrix->kind != Kind::bf16 || !m.x.bf16) return matmul(m);
    const int padded = (m.matrix->cols + 31) / 32 * 32;
    uint8_t* tile = static_cast<uint8_t*>(m.scratch);
    for (int r = 0; r < m.n_rows; r += tile_rows) {
        const int n_rows = m.n_rows - r < tile_rows ? m.n_rows - r : tile_rows;
        const uint32_t rows = uint32_t((uint64_t(1) << n_rows) - 1);
        unpack_bf16_tile(*m.matrix, m.row + r, n_rows, tile);
        for (int i = 0; i < m.n_tokens;) {
            const int left = m.n_tokens - i;
            const uint16_t* x[8];
            for (int j = 0; j < 8 && j < left; j++)
                x[j] = m.x.bf16 + int64_t(m.tokens ? m.tokens[i + j] : i + j) * padded;
            float* out = m.out + i * m.out_stride + r;
            if (left >= 8)
                multiply_bf16_tile<8>(tile, padded / 2, x, out, m.out_stride, rows), i += 8;
            else if (left >= 4)
                multiply_bf16_tile<4>(tile, padded / 2, x, out, m.out_stride, rows), i += 4;
            else
                multiply_bf16_tile<1>(tile, padded / 2, x, out, m.out_stride, rows), i += 1;
        }
    }
}

constexpr Kernels table(void (*convert)(const float*, int, uint16_t*), void (*multiply)(const Matmul&)) {
    return {
        .name = "avx512",
        .tile_tokens = tile_tokens,
        .dequantize = dequantize,
        .rms_norm = rms_norm,
        .rope = rope,
        .swiglu = swiglu,
        .quantize = quantize,
        .to_bf16 = convert,
        .matmul = multiply,
        .f32_to_f16 = f32_to_f16,
        .f16_to_f32 = f16_to_f32,
        .transpose_keys = transpose_keys,
        .attend = attend,
    };
}

} // namespace

constinit const Kernels avx512_kernels = table(nullptr, matmul);
constinit const Kernels avx512_bf16_kernels = table(to_bf16, matmul_bf16);

} // namespace ossia
