// NEON with the dot products of ARMv8.2. Code shared with avx2 and avx512 is in vector.inl. A V is two
// registers: two sums are under way where one would wait for itself.
#include "kernels.h"

#include <arm_neon.h>

namespace ossia {
namespace {

struct V {
    float32x4_t low, high;
};

constexpr int W = 8;
constexpr int tile_tokens = 4; // below, unpacking whole tiles costs more than it gains
constexpr int gemm_cols = 2;
constexpr int dot_tokens = 2;

V set1(float x) { return {vdupq_n_f32(x), vdupq_n_f32(x)}; }
V zero() { return set1(0); }
V load(const float* p) { return {vld1q_f32(p), vld1q_f32(p + 4)}; }
void store(float* p, V v) {
    vst1q_f32(p, v.low);
    vst1q_f32(p + 4, v.high);
}
V add(V a, V b) { return {vaddq_f32(a.low, b.low), vaddq_f32(a.high, b.high)}; }
V sub(V a, V b) { return {vsubq_f32(a.low, b.low), vsubq_f32(a.high, b.high)}; }
V mul(V a, V b) { return {vmulq_f32(a.low, b.low), vmulq_f32(a.high, b.high)}; }
V div(V a, V b) { return {vdivq_f32(a.low, b.low), vdivq_f32(a.high, b.high)}; }
V fma(V a, V b, V c) { return {vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high)}; }
V min(V a, V b) { return {vminnmq_f32(a.low, b.low), vminnmq_f32(a.high, b.high)}; }
V max(V a, V b) { return {vmaxnmq_f32(a.low, b.low), vmaxnmq_f32(a.high, b.high)}; }
V round(V x) { return {vrndnq_f32(x.low), vrndnq_f32(x.high)}; }
float32x4_t power_of_two(float32x4_t n) {
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127)), 23));
}
V power_of_two(V n) { return {power_of_two(n.low), power_of_two(n.high)}; }
float32x4_t select(uint32x4_t mask, float32x4_t value, float32x4_t other) {
    return vbslq_f32(mask, value, other);
}
V zero_below(V x, float limit, V y) {
    const float32x4_t least = vdupq_n_f32(limit), none = vdupq_n_f32(0);
    return {select(vcgeq_f32(x.low, least), y.low, none), select(vcgeq_f32(x.high, least), y.high, none)};
}
uint16x8_t load_u16(const uint8_t* p) { return vreinterpretq_u16_u8(vld1q_u8(p)); }
V load_f16(const uint8_t* p) {
    const float16x8_t h = vreinterpretq_f16_u16(load_u16(p));
    return {vcvt_f32_f16(vget_low_f16(h)), vcvt_high_f32_f16(h)};
}
V load_bf16(const uint8_t* p) {
    const uint16x8_t h = load_u16(p);
    return {vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(h), 16)),
            vreinterpretq_f32_u32(vshll_high_n_u16(h, 16))};
}
void store_f16(uint16_t* p, V v) {
    vst1q_u16(p, vreinterpretq_u16_f16(vcvt_high_f16_f32(vcvt_f16_f32(v.low), v.high)));
}
V to_floats(int8x8_t bytes) {
    const int16x8_t words = vmovl_s8(bytes);
    return {vcvtq_f32_s32(vmovl_s16(vget_low_s16(words))), vcvtq_f32_s32(vmovl_high_s16(words))};
}
V load_i8(const uint8_t* p) { return to_floats(vreinterpret_s8_u8(vld1_u8(p))); }
void prefetch(const uint8_t* p) { __builtin_prefetch(p); }
float reduce_add(V v) { return vaddvq_f32(vaddq_f32(v.low, v.high)); }
float reduce_max(V v) { return vmaxnmvq_f32(vmaxnmq_f32(v.low, v.high)); }

float half_to_float(const uint8_t* p) {
    __fp16 h;
    __builtin_memcpy(&h, p, 2);
    return h;
}

// `value` where begin <= lane < end, else `other`.
V keep_between(V value, int begin, int end, float other) {
    const int32_t lanes[] = {0, 1, 2, 3};
    const int32x4_t lane = vld1q_s32(lanes), far = vaddq_s32(lane, vdupq_n_s32(4));
    const auto inside = [begin, end](int32x4_t at) {
        return vandq_u32(vcgeq_s32(at, vdupq_n_s32(begin)), vcltq_s32(at, vdupq_n_s32(end)));
    };
    const float32x4_t others = vdupq_n_f32(other);
    return {select(inside(lane), value.low, others), select(inside(far), value.high, others)};
}

int8x16_t mxfp4_values() {
    static constexpr int8_t values[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
    return vld1q_s8(values);
}

// E2M1 values, doubled, of 8 bytes' low and high nibbles.
void load_nibbles(const uint8_t* p, V& low, V& high) {
    const uint8x8_t bytes = vld1_u8(p);
    low = to_floats(vqtbl1_s8(mxfp4_values(), vand_u8(bytes, vdup_n_u8(15))));
    high = to_floats(vqtbl1_s8(mxfp4_values(), vshr_n_u8(bytes, 4)));
}

float max_abs(const float* x) {
    float32x4_t largest = vdupq_n_f32(0);
    for (int i = 0; i < 32; i += 4) largest = vmaxnmq_f32(largest, vabsq_f32(vld1q_f32(x + i)));
    return vmaxnmvq_f32(largest);
}

// 32 floats times `inverse` as int8; `pairs`: even elements to low, odd ones to high. Returns their sum.
int quantize_block(const float* x, float inverse, bool pairs, int8_t* low, int8_t* high) {
    int16x8_t words[4];
    for (int i = 0; i < 4; i++) {
        const V v = mul(load(x + 8 * i), set1(inverse));
        words[i] = vqmovn_high_s32(vqmovn_s32(vcvtnq_s32_f32(v.low)), vcvtnq_s32_f32(v.high));
    }
    const int sum = vaddlvq_s16(vaddq_s16(vaddq_s16(words[0], words[1]), vaddq_s16(words[2], words[3])));
    const int8x16_t first = vqmovn_high_s16(vqmovn_s16(words[0]), words[1]);
    const int8x16_t second = vqmovn_high_s16(vqmovn_s16(words[2]), words[3]);
    vst1q_s8(low, pairs ? vuzp1q_s8(first, second) : first);
    vst1q_s8(high, pairs ? vuzp2q_s8(first, second) : second);
    return sum;
}

// A block of a row in the order of Group::q, and its scale.
struct Unpacked {
    int8x16_t low, high;
    float scale;
};

// 16 bytes of 4 rows, transposed: 32-bit lane r of out[d] is the d-th word of row r.
void transpose_rows(const uint8_t* const* rows, int64_t at, int8x16_t* out) {
    int32x4_t z[4];
    for (int r = 0; r < 4; r++) z[r] = vreinterpretq_s32_u8(vld1q_u8(rows[r] + at));
    const int32x4_t a = vzip1q_s32(z[0], z[2]), b = vzip2q_s32(z[0], z[2]);
    const int32x4_t c = vzip1q_s32(z[1], z[3]), d = vzip2q_s32(z[1], z[3]);
    out[0] = vreinterpretq_s8_s32(vzip1q_s32(a, c));
    out[1] = vreinterpretq_s8_s32(vzip2q_s32(a, c));
    out[2] = vreinterpretq_s8_s32(vzip1q_s32(b, d));
    out[3] = vreinterpretq_s8_s32(vzip2q_s32(b, d));
}

struct MXFP4 {
    static constexpr int bytes = 17;
    static constexpr int offset = 0;
    static constexpr float unit = 0.5f; // the values are doubled

    static int8x16_t low_values(uint8x16_t codes) {
        return vqtbl1q_s8(mxfp4_values(), vandq_u8(codes, vdupq_n_u8(15)));
    }
    static int8x16_t high_values(uint8x16_t codes) {
        return vqtbl1q_s8(mxfp4_values(), vshrq_n_u8(codes, 4));
    }

    // Scale bytes 0 and 1 (2^-127 and below) read as 0 and 2^-126.
    static float scale(const uint8_t* p) {
        const uint32_t bits = uint32_t(p[0]) << 23;
        float value;
        __builtin_memcpy(&value, &bits, sizeof value);
        return value;
    }

    static Unpacked unpack(const uint8_t* p) {
        const uint8x16_t codes = vld1q_u8(p + 1);
        return {low_values(codes), high_values(codes), scale(p)};
    }

    // One block of 4 rows: out[e] holds k = 4e .. 4e + 3 (in the order of Group::q) of every row.
    static void unpack_rows(const uint8_t* const* rows, int64_t at, int8x16_t* out) {
        transpose_rows(rows, at + 1, out);
        for (int e = 0; e < 4; e++) {
            const uint8x16_t codes = vreinterpretq_u8_s8(out[e]);
            out[e] = low_values(codes);
            out[4 + e] = high_values(codes);
        }
    }
};

struct Q8_0 {
    static constexpr int bytes = 34;
    static constexpr int offset = 0;

    static float scale(const uint8_t* p) { return half_to_float(p); }

    static Unpacked unpack(const uint8_t* p) {
        return {vreinterpretq_s8_u8(vld1q_u8(p + 2)), vreinterpretq_s8_u8(vld1q_u8(p + 18)), scale(p)};
    }

    static void unpack_rows(const uint8_t* const* rows, int64_t at, int8x16_t* out) {
        transpose_rows(rows, at + 2, out);
        transpose_rows(rows, at + 18, out + 4);
    }
};

// Few tokens: R rows stream past N tokens; a row is unpacked once for all of them.
template <class Blocks, int R, int N> void stream_rows(const uint8_t* w, int64_t stride, int blocks,
                                                       const Group* const* x, float* out,
                                                       int64_t out_stride) {
    float32x4_t sums[R][N];
    for (int r = 0; r < R; r++)
        for (int i = 0; i < N; i++) sums[r][i] = vdupq_n_f32(0);
    for (int b = 0; b < blocks; b++) {
        Unpacked u[R];
        for (int r = 0; r < R; r++) u[r] = Blocks::unpack(w + r * stride + int64_t(b) * Blocks::bytes);
        for (int i = 0; i < N; i++) {
            const Group& group = x[i][b / group_blocks];
            const int slot = b % group_blocks;
            const int8x16_t low = vld1q_s8(group.q[0][slot]), high = vld1q_s8(group.q[1][slot]);
            const float scale = group.scale[slot][0];
            for (int r = 0; r < R; r++) {
                const int32x4_t sum = vdotq_s32(vdotq_s32(vdupq_n_s32(0), u[r].low, low), u[r].high, high);
                sums[r][i] = vfmaq_n_f32(sums[r][i], vcvtq_f32_s32(sum), u[r].scale * scale);
            }
        }
    }
    for (int r = 0; r < R; r++)
        for (int i = 0; i < N; i++) out[i * out_stride + r] = vaddvq_f32(sums[r][i]);
}

const Group* groups_of(const Matmul& m, int i) {
    const int64_t groups = (m.matrix->cols + 127) / 128;
    return m.x.groups + (m.tokens ? m.tokens[i] : i) * groups;
}

template <class Blocks, int N> void stream_tokens(const Matmul& m, int first) {
    constexpr int R = 4;
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

// 8 rows unpacked: vectors [blocks][2][8], each of 4 rows; scales [blocks][8].
template <class Blocks>
void unpack_tile(const Matrix& matrix, int64_t row, int n_rows, int8x16_t* vectors, float* scales) {
    const int blocks = matrix.cols / block_size;
    const uint8_t* rows[8];
    for (int r = 0; r < 8; r++) { // missing rows repeat the last
        const int in_tile = r < n_rows ? r : n_rows - 1;
        rows[r] = matrix.data + (row + in_tile) * matrix.stride;
    }
    for (int b = 0; b < blocks; b++) {
        const int64_t at = int64_t(b) * Blocks::bytes;
        for (int half = 0; half < 2; half++)
            Blocks::unpack_rows(rows + half * 4, at, vectors + (b * 2 + half) * 8);
        for (int r = 0; r < 8; r++) scales[b * 8 + r] = Blocks::scale(rows[r] + at);
    }
}

// start + the products of 16 activations with those of 4 rows.
int32x4_t dot16(int32x4_t start, const int8x16_t* w, int8x16_t q) {
    start = vdotq_laneq_s32(start, w[0], q, 0);
    start = vdotq_laneq_s32(start, w[1], q, 1);
    start = vdotq_laneq_s32(start, w[2], q, 2);
    return vdotq_laneq_s32(start, w[3], q, 3);
}

template <int N> void multiply_tile(const int8x16_t* w, const float* scales, int blocks,
                                    const Group* const* x, float* out, int64_t out_stride, int rows) {
    V sums[N];
    for (int i = 0; i < N; i++) sums[i] = zero();
    for (int b = 0; b < blocks; b++, w += 16, scales += 8) {
        const int slot = b % group_blocks;
        for (int i = 0; i < N; i++) {
            const Group& group = x[i][b / group_blocks];
            const int8x16_t low = vld1q_s8(group.q[0][slot]), high = vld1q_s8(group.q[1][slot]);
            const int32x4_t none = vdupq_n_s32(0);
            const int32x4_t first = dot16(dot16(none, w, low), w + 4, high);
            const int32x4_t second = dot16(dot16(none, w + 8, low), w + 12, high);
            const V sum = {vcvtq_f32_s32(first), vcvtq_f32_s32(second)};
            sums[i] = fma(mul(sum, set1(group.scale[slot][0])), load(scales), sums[i]);
        }
    }
    for (int i = 0; i < N; i++, out += out_stride) {
        float values[W];
        store(values, sums[i]);
        for (int r = 0; r < rows; r++) out[r] = values[r];
    }
}

// Many tokens: 8 rows are unpacked, then meet all tokens, four at a time.
template <class Blocks> void multiply_tiles(const Matmul& m) {
    const int blocks = m.matrix->cols / block_size;
    int8x16_t* vectors = static_cast<int8x16_t*>(m.scratch);
    float* scales = reinterpret_cast<float*>(vectors + blocks * 16);
    for (int r = 0; r < m.n_rows; r += 8) {
        const int n_rows = m.n_rows - r < 8 ? m.n_rows - r : 8;
        unpack_tile<Blocks>(*m.matrix, m.row + r, n_rows, vectors, scales);
        const auto multiply = [&]<int N>(int i) {
            const Group* x[N];
            for (int j = 0; j < N; j++) x[j] = groups_of(m, i + j);
            multiply_tile<N>(vectors, scales, blocks, x, m.out + i * m.out_stride + r, m.out_stride, n_rows);
        };
        int i = 0;
        for (; i + 4 <= m.n_tokens; i += 4) multiply.template operator()<4>(i);
        for (; i < m.n_tokens; i++) multiply.template operator()<1>(i);
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

void transpose_4x4(const float* in, int64_t in_stride, float* out, int64_t out_stride) {
    float32x4_t z[4];
    for (int i = 0; i < 4; i++) z[i] = vld1q_f32(in + i * in_stride);
    const float32x4_t a = vzip1q_f32(z[0], z[2]), b = vzip2q_f32(z[0], z[2]);
    const float32x4_t c = vzip1q_f32(z[1], z[3]), d = vzip2q_f32(z[1], z[3]);
    vst1q_f32(out, vzip1q_f32(a, c));
    vst1q_f32(out + out_stride, vzip2q_f32(a, c));
    vst1q_f32(out + 2 * out_stride, vzip1q_f32(b, d));
    vst1q_f32(out + 3 * out_stride, vzip2q_f32(b, d));
}

void transpose_keys(const float* keys, int n, int head_dim, float* out) {
    int j = 0;
    for (; j + 4 <= n; j += 4)
        for (int d = 0; d < head_dim; d += 4)
            transpose_4x4(keys + j * head_dim + d, head_dim, out + d * chunk_keys + j, chunk_keys);
    for (; j < n; j++)
        for (int d = 0; d < head_dim; d++) out[d * chunk_keys + j] = keys[j * head_dim + d];
}

} // namespace

constinit const Kernels neon_kernels = {
    .name = "neon",
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
