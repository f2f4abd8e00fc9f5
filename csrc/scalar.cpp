// Reference kernels in plain C++, written to be read. They are also the only ones of processors that no other
// table is for, so the inner loops keep independent partial sums that a compiler can vectorise.
#include "kernels.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace ossia {
namespace {

// E2M1 values, doubled to be integers (the scale is halved instead).
constexpr int8_t mxfp4_values[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

float from_bits(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

uint32_t to_bits(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

uint16_t load_u16(const uint8_t* p) {
    uint16_t value;
    std::memcpy(&value, p, sizeof value);
    return value;
}

float bf16_to_f32(uint16_t h) { return from_bits(uint32_t(h) << 16); }

float half_to_float(uint16_t h) {
    const uint32_t sign = uint32_t(h & 0x8000) << 16;
    const uint32_t rest = uint32_t(h & 0x7fff) << 13;
    if (rest >= 0x0f800000) return from_bits(sign | 0x70000000 | rest); // infinity, NaN
    return from_bits(sign | to_bits(from_bits(rest) * 0x1p112f));       // 2^(127 - 15) rebiases the exponent
}

uint16_t float_to_half(float value) { // to nearest even
    const uint32_t bits = to_bits(value);
    const uint16_t sign = uint16_t(bits >> 16 & 0x8000);
    const uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return sign | 0x7e00;
    if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds beyond 65504
    if (magnitude < 0x38800000) {                      // subnormal: let the float adder round
        return sign | uint16_t(to_bits(from_bits(magnitude) + 0.5f) - 0x3f000000);
    }
    return sign | uint16_t((magnitude + 0xfff + (magnitude >> 13 & 1) - 0x38000000) >> 13);
}

// 2^(e - 128): half of the block's scale, for the doubled table. e < 2 gives subnormals.
float mxfp4_scale(uint8_t e) { return from_bits(e < 2 ? 0x00200000u << e : uint32_t(e - 1) << 23); }

// Returns the index of element i of a block in the order low nibbles, high nibbles.
int nibble_index(Kind kind, int i) { return kind == Kind::mxfp4_openai ? i / 2 + i % 2 * 16 : i; }

int nibble(const uint8_t* bytes, int index) {
    return index < 16 ? bytes[index] & 15 : bytes[index - 16] >> 4;
}

void dequantize(Kind kind, const uint8_t* row, int cols, float* out) {
    for (int k = 0; k < cols; k++) {
        const int b = k / block_size, i = k % block_size;
        switch (kind) {
        case Kind::f32:
            std::memcpy(out + k, row + 4 * k, 4);
            break;
        case Kind::f16:
            out[k] = half_to_float(load_u16(row + 2 * k));
            break;
        case Kind::bf16:
            out[k] = bf16_to_f32(load_u16(row + 2 * k));
            break;
        case Kind::q8_0: {
            const uint8_t* block = row + 34 * b;
            out[k] = half_to_float(load_u16(block)) * float(int8_t(block[2 + i]));
            break;
        }
        case Kind::mxfp4:
        case Kind::mxfp4_openai: {
            const uint8_t* block = row + 17 * b;
            out[k] = mxfp4_scale(block[0]) * float(mxfp4_values[nibble(block + 1, nibble_index(kind, i))]);
        }
        }
    }
}

void rms_norm(const float* x, const float* gain, float eps, int n, float* out) {
    float squares[8] = {};
    for (int i = 0; i < n; i++) squares[i % 8] += x[i] * x[i];
    float sum = 0;
    for (float s : squares) sum += s;
    const float scale = 1 / std::sqrt(sum / float(n) + eps);
    for (int i = 0; i < n; i++) out[i] = x[i] * scale * gain[i];
}

void rope(float* x, const float* cos, const float* sin, int heads, int head_dim) {
    const int half = head_dim / 2;
    for (int h = 0; h < heads; h++, x += head_dim) {
        for (int i = 0; i < half; i++) {
            const float a = x[i], b = x[i + half];
            x[i] = a * cos[i] - b * sin[i];
            x[i + half] = b * cos[i] + a * sin[i];
        }
    }
}

void swiglu(const float* gate, const float* up, const float* gate_bias, const float* up_bias, float limit,
            float alpha, int n, float* out) {
    for (int i = 0; i < n; i++) {
        const float g = std::fmin(gate[i] + gate_bias[i], limit);
        const float u = std::fmax(std::fmin(up[i] + up_bias[i], limit), -limit);
        out[i] = g / (1 + std::exp(-alpha * g)) * (u + 1);
    }
}

void quantize(const float* x, Kind kind, int cols, Group* out) {
    std::memset(out, 0, size_t(cols + 127) / 128 * sizeof(Group));
    for (int b = 0; b < cols / block_size; b++, x += block_size) {
        Group& group = out[b / group_blocks];
        const int slot = b % group_blocks;
        float largest = 0;
        for (int i = 0; i < block_size; i++) largest = std::fmax(largest, std::fabs(x[i]));
        const float inverse = largest > 0 ? 127 / largest : 0;
        for (int i = 0; i < block_size; i++) {
            const int place = nibble_index(kind, i);
            group.q[place / 16][slot][place % 16] = int8_t(std::lrint(x[i] * inverse));
        }
        for (float& scale : group.scale[slot]) scale = largest / 127;
    }
}

// Sum of products in 16 partial sums.
float dot(const float* w, const float* x, int n) {
    float sums[16] = {};
    int k = 0;
    for (; k + 16 <= n; k += 16)
        for (int i = 0; i < 16; i++) sums[i] += w[k + i] * x[k + i];
    for (; k < n; k++) sums[k % 16] += w[k] * x[k];
    float sum = 0;
    for (float s : sums) sum += s;
    return sum;
}

// Loads blocks of a row as signed bytes in the order of Group::q, and their scales.
void unpack(const Matrix& matrix, const uint8_t* row, int8_t* values, float* scales) {
    for (int b = 0; b < matrix.cols / block_size; b++, values += block_size) {
        if (matrix.kind == Kind::q8_0) {
            scales[b] = half_to_float(load_u16(row + 34 * b));
            std::memcpy(values, row + 34 * b + 2, block_size);
        } else {
            scales[b] = mxfp4_scale(row[17 * b]);
            for (int i = 0; i < block_size; i++) values[i] = mxfp4_values[nibble(row + 17 * b + 1, i)];
        }
    }
}

float dot_int8(const int8_t* w, const float* scales, const Group* x, int blocks) {
    float total = 0;
    for (int b = 0; b < blocks; b++, w += block_size) {
        const Group& group = x[b / group_blocks];
        const int slot = b % group_blocks;
        int32_t sum = 0;
        for (int i = 0; i < 16; i++) sum += w[i] * group.q[0][slot][i];
        for (int i = 0; i < 16; i++) sum += w[i + 16] * group.q[1][slot][i];
        total += float(sum) * (scales[b] * group.scale[slot][0]);
    }
    return total;
}

void matmul(const Matmul& m) {
    const Matrix& matrix = *m.matrix;
    const int blocks = matrix.cols / block_size;
    const bool is_block_kind = matrix.kind >= Kind::q8_0;
    for (int r = 0; r < m.n_rows; r++) {
        const uint8_t* row = matrix.data + (m.row + r) * matrix.stride;
        float* weights = static_cast<float*>(m.scratch);
        int8_t* values = reinterpret_cast<int8_t*>(weights + blocks);
        const bool int8 = is_block_kind && !m.exact;
        if (int8)
            unpack(matrix, row, values, weights);
        else
            dequantize(matrix.kind, row, matrix.cols, weights);
        for (int i = 0; i < m.n_tokens; i++) {
            const int64_t token = m.tokens ? m.tokens[i] : i;
            m.out[i * m.out_stride + r] =
                int8 ? dot_int8(values, weights, m.x.groups + token * ((blocks + 3) / group_blocks), blocks)
                     : dot(weights, m.x.f32 + token * matrix.cols, matrix.cols);
        }
    }
}

void f32_to_f16(const float* x, int64_t n, uint16_t* out) {
    for (int64_t i = 0; i < n; i++) out[i] = float_to_half(x[i]);
}

void f16_to_f32(const uint16_t* x, int64_t n, float* out) {
    for (int64_t i = 0; i < n; i++) out[i] = half_to_float(x[i]);
}

void transpose_keys(const float* keys, int n, int head_dim, float* out) {
    for (int j = 0; j < n; j++)
        for (int d = 0; d < head_dim; d++) out[d * chunk_keys + j] = keys[j * head_dim + d];
}

void attend(const Attend& a) {
    for (int r = 0; r < a.rows; r++) {
        const float* q = a.q + r * a.head_dim;
        float* scores = a.scores + r * chunk_keys;
        float* out = a.out + r * a.head_dim;
        float largest = -std::numeric_limits<float>::infinity(), sum = 0;
        for (int j = a.begin[r]; j < a.end[r]; j++) {
            scores[j] = 0;
            for (int d = 0; d < a.head_dim; d++) scores[j] += q[d] * a.keys[d * chunk_keys + j];
            largest = std::fmax(largest, scores[j]);
        }
        std::memset(out, 0, size_t(a.head_dim) * sizeof(float));
        for (int j = a.begin[r]; j < a.end[r]; j++) {
            const float p = std::exp(scores[j] - largest);
            sum += p;
            for (int d = 0; d < a.head_dim; d++) out[d] += p * a.values[j * a.head_dim + d];
        }
        a.max[r] = largest;
        a.sum[r] = sum;
    }
}

} // namespace

const Kernels scalar_kernels = {
    .name = "scalar",
    .tile_tokens = 1,
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
