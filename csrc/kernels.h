// The kernels that each instruction set implements. Nothing here knows of threads, Python or files.
//
// Every table (scalar, avx2, avx512, neon) fills the same struct. The files that define them are compiled
// with different flags, so they share no inline function and no template: only the plain data types below.
#pragma once

#include <cstdint>

namespace ossia {

// The format of a matrix in its file. Block kinds hold 32 values of one row per block:
//   q8_0          34 bytes: fp16 scale, 32 int8
//   mxfp4         17 bytes: E8M0 scale byte, then 16 bytes; low nibble of byte j = element j, high = j + 16
//   mxfp4_openai  the same, but byte j holds elements 2j (low) and 2j + 1 (high)
enum class Kind { f32, f16, bf16, q8_0, mxfp4, mxfp4_openai };

constexpr int block_size = 32;  // values that share a scale
constexpr int group_blocks = 4; // blocks that share a Group
constexpr int tile_rows = 32;   // rows that are unpacked together when there are many tokens
constexpr int chunk_keys = 128; // keys of one attention partial; fixed, so that sums have one order

// Four blocks of activations as int8. The halves of a block are separated because one 64-byte load of weights
// gives the low nibbles of four blocks: q[0] is multiplied with those, q[1] with the high nibbles. A row of K
// values is ceil(K / 128) groups, the missing blocks zero.
struct alignas(64) Group {
    int8_t q[2][group_blocks][16];
    int32_t start[group_blocks]
                 [4];             // [b][0]: -offset * sum of the block (weights are stored + offset); else 0
    float scale[group_blocks][4]; // the block's scale, repeated four times
};

struct Matrix {
    const uint8_t* data;
    int64_t rows;
    int64_t stride; // bytes from row to row
    int cols;
    Kind kind;
};

// T rows of K values in the formats that a matmul may need; only the needed pointers are set.
struct Activations {
    const float* f32;     // [T, K]
    const uint16_t* bf16; // [T, K rounded up to 32], zero padded
    const Group* groups;  // [T, ceil(K / 128)]
};

// out[i * out_stride + r] = sum over k of W[row + r, k] * x[tokens[i], k], for i < n_tokens, r < n_rows.
struct Matmul {
    const Matrix* matrix;
    int64_t row;
    int n_rows;
    Activations x;
    const int32_t* tokens; // null: token i is row i of x
    int n_tokens;
    bool exact; // fp32 weights and activations, one fixed order per sum
    float* out;
    int64_t out_stride;
    void* scratch; // 64-byte aligned, matmul_scratch(cols) bytes
};

constexpr int64_t matmul_scratch(int64_t cols) { return (cols + 128) * 64; }

// One partial softmax: rows of queries against up to 128 keys.
struct Attend {
    const float* q;       // [rows, head_dim], already scaled
    const float* keys;    // [head_dim, 128]: transposed
    const float* values;  // [128, head_dim]
    const int32_t* begin; // [rows]: the keys begin <= j < end are allowed; the others are not read
    const int32_t* end;
    int rows;
    int head_dim;  // multiple of 16
    float* scores; // [rows, 128] scratch
    float* max;    // [rows] out: largest score (-inf when begin >= end; sum and out are 0 then)
    float* sum;    // [rows] out: sum of exp(score - max)
    float* out;    // [rows, head_dim] out: sum of exp(score - max) * value
};

struct Kernels {
    const char* name;
    int tile_tokens; // from this many tokens, matmul takes whole tiles of 32 rows

    // Converts one row of a matrix to f32, exactly.
    void (*dequantize)(Kind kind, const uint8_t* row, int cols, float* out);

    // out[i] = x[i] / sqrt(mean(x^2) + eps) * gain[i]
    void (*rms_norm)(const float* x, const float* gain, float eps, int n, float* out);

    // x [heads, head_dim] in place: the halves (a, b) of a head become (a*cos - b*sin, b*cos + a*sin).
    void (*rope)(float* x, const float* cos, const float* sin, int heads, int head_dim);

    // out[i] = g * sigmoid(alpha * g) * (u + 1), with g = min(gate, limit), u = clamp(up, -limit, limit)
    // after their biases are added.
    void (*swiglu)(const float* gate, const float* up, const float* gate_bias, const float* up_bias,
                   float limit, float alpha, int n, float* out);

    // Converts cols values to groups, in the element order and with the offset that matmul needs for `kind`.
    void (*quantize)(const float* x, Kind kind, int cols, Group* out);

    // Converts n values to bf16, rounded to nearest even; null if matmul does not need them.
    void (*to_bf16)(const float* x, int n, uint16_t* out);

    void (*matmul)(const Matmul& m);

    void (*f32_to_f16)(const float* x, int64_t n, uint16_t* out);
    void (*f16_to_f32)(const uint16_t* x, int64_t n, float* out);

    // Transposes n <= 128 keys [n, head_dim] into the columns of out [head_dim, 128].
    void (*transpose_keys)(const float* keys, int n, int head_dim, float* out);

    void (*attend)(const Attend& a);
};

extern const Kernels scalar_kernels;
extern const Kernels avx2_kernels;
extern const Kernels avx512_kernels;      // F, BW, DQ, VL, VNNI, VBMI
extern const Kernels avx512_bf16_kernels; // the same and BF16
extern const Kernels neon_kernels;        // with the dot products of ARMv8.2

} // namespace ossia
