// AVX2 with FMA and F16C. Code shared with avx512 is in vector.inl.
#include "kernels.h"

#include <immintrin.h>

namespace ossia {
namespace {

using V = __m256;
constexpr int W = 8;
constexpr int tile_tokens = 4; // below, unpacking whole tiles costs more than it gains
constexpr int gemm_cols = 2;
constexpr int dot_tokens = 2;

V zero() { return _mm256_setzero_ps(); }
V set1(float x) { return _mm256_set1_ps(x); }
V load(const float* p) { return _mm256_loadu_ps(p); }
void store(float* p, V v) { _mm256_storeu_ps(p, v); }
V add(V a, V b) { return _mm256_add_ps(a, b); }
V sub(V a, V b) { return _mm256_sub_ps(a, b); }
V mul(V a, V b) { return _mm256_mul_ps(a, b); }
V div(V a, V b) { return _mm256_div_ps(a, b); }
V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
V min(V a, V b) { return _mm256_min_ps(a, b); }
V max(V a, V b) { return _mm256_max_ps(a, b); }
V round(V x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
V power_of_two(V n) {
    return _mm256_castsi256_ps(
        _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23));
}
V zero_below(V x, float limit, V y) { return _mm256_and_ps(_mm256_cmp_ps(x, set1(limit), _CMP_GE_OQ), y); }
__m128i load16(const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
__m128i load8(const uint8_t* p) { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)); }
V load_f16(const uint8_t* p) { return _mm256_cvtph_ps(load16(p)); }
V load_bf16(const uint8_t* p) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load16(p)), 16));
}
void store_f16(uint16_t* p, V v) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}
V load_i8(const uint8_t* p) { return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(load8(p))); }
void prefetch(const uint8_t* p) { _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0); }

float reduce_add(V v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

float reduce_max(V v) {
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}

int reduce_add(__m256i v) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}

float half_to_float(const uint8_t* p) {
    uint16_t h;
    __builtin_memcpy(&h, p, 2);
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(h)));
}

// `value` where begin <= lane < end, else `other`.
V keep_between(V value, int begin, int end, float other) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i below = _mm256_cmpgt_epi32(_mm256_set1_epi32(begin), lane);
    const __m256i inside = _mm256_andnot_si256(below, _mm256_cmpgt_epi32(_mm256_set1_epi32(end), lane));
    return _mm256_blendv_ps(set1(other), value, _mm256_castsi256_ps(inside));
}

__m128i mxfp4_values() { return _mm_setr_epi8(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12); }

// E2M1 values, doubled, of 8 bytes' low and high nibbles.
void load_nibbles(const uint8_t* p, V& low, V& high) {
    const __m128i bytes = load8(p), mask = _mm_set1_epi8(15);
    const __m128i l = _mm_shuffle_epi8(mxfp4_values(), _mm_and_si128(bytes, mask));
    const __m128i h = _mm_shuffle_epi8(mxfp4_values(), _mm_and_si128(_mm_srli_epi16(bytes, 4), mask));
    low = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(l));
    high = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(h));
}

float max_abs(const float* x) {
    const V sign = set1(-0.0f);
    V largest = zero();
    for (int i = 0; i < 32; i += 8) largest = max(largest, _mm256_andnot_ps(sign, load(x + i)));
    return reduce_max(largest);
}

// 32 floats times `inverse` as int8; `pairs`: even elements to low, odd ones to high. Returns their sum.
int quantize_block(const float* x, float inverse, bool pairs, int8_t* low, int8_t* high) {
    __m256i v[4];
    for (int i = 0; i < 4; i++) v[i] = _mm256_cvtps_epi32(mul(load(x + 8 * i), set1(inverse)));
    const int sum = reduce_add(_mm256_add_epi32(_mm256_add_epi32(v[0], v[1]), _mm256_add_epi32(v[2], v[3])));
    const __m256i words = _mm256_packs_epi16(_mm256_packs_epi32(v[0], v[1]), _mm256_packs_epi32(v[2], v[3]));
    __m256i bytes = _mm256_permutevar8x32_epi32(words, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    if (pairs) {
        const __m128i split = _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
        bytes = _mm256_shuffle_epi8(bytes, _mm256_broadcastsi128_si256(split));
        bytes = _mm256_permute4x64_epi64(bytes, 0xd8);
    }
    _mm_storeu_si128(reinterpret_cast<__m128i*>(low), _mm256_castsi256_si128(bytes));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(high), _mm256_extracti128_si256(bytes, 1));
    return sum;
}

__m256i load_lanes(const uint8_t* low, const uint8_t* high) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(load16(low)), load16(high), 1);
}

// Loads two blocks of a row in the order of Group::q, and their scales, four lanes each.
struct Unpacked {
    __m256i low, high;
    V scale;
};

__m256i widen(__m256i words) { return _mm256_madd_epi16(words, _mm256_set1_epi16(1)); }

struct MXFP4 {
    static constexpr int bytes = 17;
    static constexpr int offset = 12;
    static constexpr float unit = 0.5f; // the values are doubled

    // Values + 12 of the low nibbles.
    static __m256i look_up(__m256i codes) {
        const __m128i values = _mm_add_epi8(mxfp4_values(), _mm_set1_epi8(12));
        return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(values),
                                   _mm256_and_si256(codes, _mm256_set1_epi8(15)));
    }

    // Scale bytes 0 and 1 (2^-127 and below) read as 0 and 2^-126.
    static float scale(const uint8_t* p) {
        return _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(p[0] << 23)));
    }

    // A second block that does not exist has activations of 0: the first one stands in for it.
    static Unpacked unpack(const uint8_t* p, bool two) {
        const uint8_t* q = two ? p + 17 : p;
        const __m256i codes = load_lanes(p + 1, q + 1);
        return {look_up(codes), look_up(_mm256_srli_epi16(codes, 4)),
                _mm256_set_m128(_mm_set1_ps(scale(q)), _mm_set1_ps(scale(p)))};
    }

    // start + sums of four products: at most 4 * 24 * 127 = 12192 before widening.
    static __m256i dot(__m256i start, __m256i low, __m256i high, __m256i q_low, __m256i q_high) {
        const __m256i words =
            _mm256_add_epi16(_mm256_maddubs_epi16(low, q_low), _mm256_maddubs_epi16(high, q_high));
        return _mm256_add_epi32(start, widen(words));
    }

    // The same over eight vectors of weights, four products each: at most 8 * 24 * 127 = 24384 before
    // widening.
    static __m256i dot8(__m256i start, const __m256i* w, const __m256i* q) {
        for (int e = 0; e < 8; e += 4) {
            const __m256i a =
                _mm256_add_epi16(_mm256_maddubs_epi16(w[e], q[e]), _mm256_maddubs_epi16(w[e + 1], q[e + 1]));
            const __m256i b = _mm256_add_epi16(_mm256_maddubs_epi16(w[e + 2], q[e + 2]),
                                               _mm256_maddubs_epi16(w[e + 3], q[e + 3]));
            start = _mm256_add_epi32(start, widen(_mm256_add_epi16(a, b)));
        }
        return start;
    }

    // One block of 8 rows: out[e] holds k = 4e .. 4e + 3 (in the order of Group::q) of every row.
    static void unpack_rows(const uint8_t* const* rows, int64_t at, __m256i* out);
};

struct Q8_0 {
    static constexpr int bytes = 34;
    static constexpr int offset = 0; // unsigned * signed could overflow: |w| * (sign(w) a) instead

    static float scale(const uint8_t* p) { return half_to_float(p); }

    static Unpacked unpack(const uint8_t* p, bool two) {
        const uint8_t* q = two ? p + 34 : p;
        return {load_lanes(p + 2, q + 2), load_lanes(p + 18, q + 18),
                _mm256_set_m128(_mm_set1_ps(scale(q)), _mm_set1_ps(scale(p)))};
    }

    static __m256i products(__m256i w, __m256i q) { // at most 2 * 128 * 127 = 32512 before widening
        return widen(_mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(q, w)));
    }

    static __m256i dot(__m256i start, __m256i low, __m256i high, __m256i q_low, __m256i q_high) {
        return _mm256_add_epi32(start, _mm256_add_epi32(products(low, q_low), products(high, q_high)));
    }

    static __m256i dot8(__m256i start, const __m256i* w, const __m256i* q) {
        for (int e = 0; e < 8; e++) start = _mm256_add_epi32(start, products(w[e], q[e]));
        return start;
    }

    static void unpack_rows(const uint8_t* const* rows, int64_t at, __m256i* out);
};

// 16 bytes of 8 rows, transposed: 32-bit lane r of out[d] is the d-th word of row r.
void transpose_rows(const uint8_t* const* rows, int64_t at, __m256i* out) {
    __m256i z[4];
    for (int i = 0; i < 4; i++) z[i] = load_lanes(rows[i] + at, rows[4 + i] + at);
    const __m256i a = _mm256_unpacklo_epi32(z[0], z[1]), b = _mm256_unpackhi_epi32(z[0], z[1]);
    const __m256i c = _mm256_unpacklo_epi32(z[2], z[3]), d = _mm256_unpackhi_epi32(z[2], z[3]);
    out[0] = _mm256_unpacklo_epi64(a, c);
    out[1] = _mm256_unpackhi_epi64(a, c);
    out[2] = _mm256_unpacklo_epi64(b, d);
    out[3] = _mm256_unpackhi_epi64(b, d);
}

void MXFP4::unpack_rows(const uint8_t* const* rows, int64_t at, __m256i* out) {
    transpose_rows(rows, at + 1, out);
    for (int e = 0; e < 4; e++) {
        out[4 + e] = look_up(_mm256_srli_epi16(out[e], 4));
        out[e] = look_up(out[e]);
    }
}

void Q8_0::unpack_rows(const uint8_t* const* rows, int64_t at, __m256i* out) {
    transpose_rows(rows, at + 2, out);
    transpose_rows(rows, at + 18, out + 4);
}

__m256i load_q(const void* p) { return _mm256_load_si256(static_cast<const __m256i*>(p)); }

// Few tokens: R rows stream past N tokens; a row is unpacked once for all of them.
template <class Blocks, int R, int N> void stream_rows(const uint8_t* w, int64_t stride, int blocks,
                                                       const Group* const* x, float* out,
                                                       int64_t out_stride) {
    V sums[R][N];
    for (int r = 0; r < R; r++)
        for (int i = 0; i < N; i++) sums[r][i] = zero();
    const uint8_t* ahead = w + R * stride; // the rows of the next tile, in the order of memory
    int left = blocks / 2;
    const auto step = [&](int b, bool two) {
        Unpacked u[R];
        for (int r = 0; r < R; r++) {
            prefetch(ahead);
            ahead += 2 * Blocks::bytes;
            if (--left == 0) {
                ahead += stride - blocks / 2 * 2 * Blocks::bytes;
                left = blocks / 2;
            }
            u[r] = Blocks::unpack(w + r * stride + int64_t(b) * Blocks::bytes, two);
        }
        for (int i = 0; i < N; i++) {
            const Group& group = x[i][b / group_blocks];
            const int slot = b % group_blocks;
            const __m256i low = load_q(group.q[0][slot]), high = load_q(group.q[1][slot]);
            const __m256i start = load_q(group.start[slot]);
            const V scale = load(group.scale[slot]);
            for (int r = 0; r < R; r++) {
                const __m256i sum = Blocks::dot(start, u[r].low, u[r].high, low, high);
                sums[r][i] = fma(mul(_mm256_cvtepi32_ps(sum), u[r].scale), scale, sums[r][i]);
            }
        }
    };
    int b = 0;
    for (; b + 2 <= blocks; b += 2) step(b, true);
    if (b < blocks) step(b, false);
    for (int r = 0; r < R; r++)
        for (int i = 0; i < N; i++) out[i * out_stride + r] = reduce_add(sums[r][i]);
}

const Group* groups_of(const Matmul& m, int i) {
    const int64_t groups = (m.matrix->cols + 127) / 128;
    return m.x.groups + (m.tokens ? m.tokens[i] : i) * groups;
}

template <class Blocks, int N> void stream_tokens(const Matmul& m, int first) {
    constexpr int R = N == 1 ? 4 : 2;
    const Matrix& matrix = *m.matrix;
    const int blocks = matrix.cols / block_size;
    const uint8_t* w = matrix.data + m.row * matrix.stride;
    const Group* x[N];
    for (int i = 0; i < N; i++) x[i] = groups_of(m, first + i);
    float* out = m.out + first * m.out_stride;
    int r = 0;
    for (; r + R <= m.n_rows; r += R)
        stream_rows<Blocks, R, N>(w + r * matrix.stride, matrix.stride, blocks, x, out + r, m.out_stride);
    for (; r < m.n_rows; r++)
        stream_rows<Blocks, 1, N>(w + r * matrix.stride, matrix.stride, blocks, x, out + r, m.out_stride);
}

// 16 rows unpacked: vectors [blocks][2][8], scales [blocks][16].
template <class Blocks>
void unpack_tile(const Matrix& matrix, int64_t row, int n_rows, __m256i* vectors, float* scales) {
    const int blocks = matrix.cols / block_size;
    for (int half = 0; half < 2; half++) {
        const uint8_t* rows[8];
        for (int r = 0; r < 8; r++) {
            const int in_tile =
                half * 8 + r < n_rows ? half * 8 + r : n_rows - 1; // missing rows repeat the last
            rows[r] = matrix.data + (row + in_tile) * matrix.stride;
        }
        for (int b = 0; b < blocks; b++) {
            Blocks::unpack_rows(rows, int64_t(b) * Blocks::bytes, vectors + (b * 2 + half) * 8);
            for (int r = 0; r < 8; r++)
                scales[b * 16 + half * 8 + r] = Blocks::scale(rows[r] + int64_t(b) * Blocks::bytes);
        }
    }
}

template <class Blocks, int N> void multiply_tile(const __m256i* w, const float* scales, int blocks,
                                                  const Group* const* x, float* out, int64_t out_stride,
                                                  int rows) {
    V sums[N][2];
    for (int i = 0; i < N; i++) sums[i][0] = sums[i][1] = zero();
    for (int b = 0; b < blocks; b++, w += 16, scales += 16) {
        const int slot = b % group_blocks;
        for (int i = 0; i < N; i++) {
            const Group& group = x[i][b / group_blocks];
            __m256i q[8];
            for (int e = 0; e < 8; e++) {
                int32_t four;
                __builtin_memcpy(&four, group.q[e / 4][slot] + e % 4 * 4, 4);
                q[e] = _mm256_set1_epi32(four);
            }
            const __m256i start = _mm256_set1_epi32(group.start[slot][0]);
            const V scale = set1(group.scale[slot][0]);
            for (int half = 0; half < 2; half++) {
                const V sum = _mm256_cvtepi32_ps(Blocks::dot8(start, w + half * 8, q));
                sums[i][half] = fma(mul(sum, scale), load(scales + half * 8), sums[i][half]);
            }
        }
    }
    for (int i = 0; i < N; i++, out += out_stride) {
        float values[16];
        store(values, sums[i][0]);
        store(values + 8, sums[i][1]);
        for (int r = 0; r < rows; r++) out[r] = values[r];
    }
}

// Many tokens: 16 rows are unpacked, then meet all tokens, two at a time.
template <class Blocks> void multiply_tiles(const Matmul& m) {
    const int blocks = m.matrix->cols / block_size;
    __m256i* vectors = static_cast<__m256i*>(m.scratch);
    float* scales = reinterpret_cast<float*>(vectors + blocks * 16);
    for (int r = 0; r < m.n_rows; r += 16) {
        const int n_rows = m.n_rows - r < 16 ? m.n_rows - r : 16;
        unpack_tile<Blocks>(*m.matrix, m.row + r, n_rows, vectors, scales);
        for (int i = 0; i < m.n_tokens; i += 2) {
            const bool two = i + 1 < m.n_tokens;
            const Group* x[2] = {groups_of(m, i), two ? groups_of(m, i + 1) : nullptr};
            float* out = m.out + i * m.out_stride + r;
            if (two)
                multiply_tile<Blocks, 2>(vectors, scales, blocks, x, out, m.out_stride, n_rows);
            else
                multiply_tile<Blocks, 1>(vectors, scales, blocks, x, out, m.out_stride, n_rows);
        }
    }
}

template <class Blocks> void matmul_int8(const Matmul& m) {
    if (m.n_tokens >= tile_tokens) return multiply_tiles<Blocks>(m);
    for (int i = 0; i < m.n_tokens; i += 2) {
        if (i + 1 < m.n_tokens)
            stream_tokens<Blocks, 2>(m, i);
        else
            stream_tokens<Blocks, 1>(m, i);
    }
}

#include "vector.inl"

void transpose_8x8(const float* in, int64_t in_stride, float* out, int64_t out_stride) {
    V a[8], b[8];
    for (int i = 0; i < 8; i++) a[i] = load(in + i * in_stride);
    for (int i = 0; i < 8; i += 4) { // 4x4 inside each 128-bit lane
        const V s = _mm256_unpacklo_ps(a[i], a[i + 1]), t = _mm256_unpackhi_ps(a[i], a[i + 1]);
        const V u = _mm256_unpacklo_ps(a[i + 2], a[i + 3]), v = _mm256_unpackhi_ps(a[i + 2], a[i + 3]);
        b[i] = _mm256_shuffle_ps(s, u, 0x44);
        b[i + 1] = _mm256_shuffle_ps(s, u, 0xee);
        b[i + 2] = _mm256_shuffle_ps(t, v, 0x44);
        b[i + 3] = _mm256_shuffle_ps(t, v, 0xee);
    }
    for (int i = 0; i < 4; i++) { // then the 2x2 of lanes
        store(out + i * out_stride, _mm256_permute2f128_ps(b[i], b[i + 4], 0x20));
        store(out + (i + 4) * out_stride, _mm256_permute2f128_ps(b[i], b[i + 4], 0x31));
    }
}

void transpose_keys(const float* keys, int n, int head_dim, float* out) {
    int j = 0;
    for (; j + 8 <= n; j += 8)
        for (int d = 0; d < head_dim; d += 8)
            transpose_8x8(keys + j * head_dim + d, head_dim, out + d * chunk_keys + j, chunk_keys);
    for (; j < n; j++)
        for (int d = 0; d < head_dim; d++) out[d * chunk_keys + j] = keys[j * head_dim + d];
}

} // namespace

constinit const Kernels avx2_kernels = {
    .name = "avx2",
    .tile_tokens = tile_tokens,
    .dequantize = dequantize,
    .rms_norm = rms_norm,
    .rope = rope,
    .swiglu = swiglu,
    .quantize = quantize,
    .to_bf16 = nullptr,
    .matmul = matmul,
    .f32_to_f16 = f32_to_f16,
    .f16_to_f32 = f16_to_f32,
    .transpose_keys = transpose_keys,
    .attend = attend,
};

} // namespace ossia
