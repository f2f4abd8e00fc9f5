#include "ops.h"

#include <algorithm>
#include <cmath>

namespace ossia {
namespace {

constexpr int bf16_tokens = 8; // fewer are bound by memory, and f32 activations are more exact

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

void add_bias(float* out, int64_t stride, int tokens, const float* bias, int n) {
    for (int i = 0; i < tokens; i++, out += stride)
        for (int r = 0; r < n; r++) out[r] += bias[r];
}

void select(const float* logits, int n, int k, int32_t* experts, float* weights) {
    for (int count = 0; count < n; count++) { // insert into a sorted list of at most k
        int place = std::min(count, k);
        for (; place > 0 && logits[count] > logits[experts[place - 1]]; place--)
            if (place < k) experts[place] = experts[place - 1];
        if (place < k) experts[place] = count;
    }
    float sum = 0;
    for (int i = 0; i < k; i++) sum += weights[i] = std::exp(logits[experts[i]] - logits[experts[0]]);
    for (int i = 0; i < k; i++) weights[i] /= sum;
}

} // namespace

Runtime::Runtime(const Kernels& table, int threads) : kernels(&table) { set_threads(threads); }

void Runtime::set_threads(int threads) {
    pool.reset();
    pool = std::make_unique<Pool>(threads);
    scratch.resize(size_t(threads));
}

bool needs_groups(Kind kind, bool exact) { return kind >= Kind::q8_0 && !exact; }

Activations prepare(Runtime& rt, const float* x, int64_t tokens, int cols, Kind kind, bool exact,
                    int max_tokens, Buffer& buffer) {
    Activations a = {x, nullptr, nullptr};
    const Kernels& kernels = *rt.kernels;
    if (needs_groups(kind, exact)) {
        const int64_t groups = ceil_div(cols, block_size * group_blocks);
        Group* out = buffer.get<Group>(tokens * groups);
        rt.pool->run(tokens,
                     [&](int64_t t, int) { kernels.quantize(x + t * cols, kind, cols, out + t * groups); });
        a.groups = out;
    } else if (kind == Kind::bf16 && !exact && kernels.to_bf16 && max_tokens >= bf16_tokens) {
        const int64_t padded = ceil_div(cols, 32) * 32;
        uint16_t* out = buffer.get<uint16_t>(tokens * padded);
        rt.pool->run(tokens, [&](int64_t t, int) {
            kernels.to_bf16(x + t * cols, cols, out + t * padded);
            std::fill(out + t * padded + cols, out + (t + 1) * padded, uint16_t(0));
        });
        a.bf16 = out;
    }
    return a;
}

// Size of a task. For few tokens about 512 KB of weights, or less if threads would be idle: each task begins
// with rows that were not prefetched and ends with some prefetched in vain, so short tasks waste memory
// bandwidth. For many tokens whole tiles.
int rows_per_task(const Runtime& rt, const Matrix& matrix, int64_t rows, int tokens) {
    const int64_t share = ceil_div(rows, 4 * rt.pool->threads());
    if (tokens >= rt.kernels->tile_tokens) return tile_rows;
    const int64_t row_bytes = std::max<int64_t>(1, std::abs(matrix.stride));
    return int(std::max<int64_t>(4, std::min<int64_t>((1 << 19) / row_bytes, share) / 4 * 4));
}

void embed(Runtime& rt, const Matrix& w, const int32_t* ids, int64_t tokens, float* out) {
    rt.pool->run(tokens, [&](int64_t t, int) {
        rt.kernels->dequantize(w.kind, w.data + ids[t] * w.stride, w.cols, out + t * w.cols);
    });
}

void rms_norm(Runtime& rt, const float* x, const float* gain, float eps, int64_t tokens, int dim,
              float* out) {
    rt.pool->run(tokens,
                 [&](int64_t t, int) { rt.kernels->rms_norm(x + t * dim, gain, eps, dim, out + t * dim); });
}

void linear(Runtime& rt, const float* x, int tokens, const std::vector<Projection>& projections, bool exact,
            float* out) {
    struct Task {
        const Projection* projection;
        int64_t row, n_rows, column;
        Activations x;
    };
    int64_t width = 0;
    for (const auto& p : projections) width += p.matrix.rows;
    std::vector<Buffer> buffers(projections.size());
    std::vector<Task> tasks;
    int64_t column = 0;
    Activations activations = {};
    for (size_t i = 0; i < projections.size(); i++) {
        const Matrix& matrix = projections[i].matrix;
        if (i == 0 || projections[i - 1].matrix.kind != matrix.kind)
            activations = prepare(rt, x, tokens, matrix.cols, matrix.kind, exact, tokens, buffers[i]);
        const int step = rows_per_task(rt, matrix, matrix.rows, tokens);
        for (int64_t row = 0; row < matrix.rows; row += step)
            tasks.push_back({&projections[i], row, std::min<int64_t>(step, matrix.rows - row), column + row,
                             activations});
        column += matrix.rows;
    }
    rt.pool->run(int64_t(tasks.size()), [&](int64_t index, int thread) {
        const Task& task = tasks[size_t(index)];
        const Matrix& matrix = task.projection->matrix;
        rt.kernels->matmul({.matrix = &matrix,
                            .row = task.row,
                            .n_rows = int(task.n_rows),
                            .x = task.x,
                            .tokens = nullptr,
                            .n_tokens = tokens,
                            .exact = exact,
                            .out = out + task.column,
                            .out_stride = width,
                            .scratch = rt.scratch[size_t(thread)].get<char>(matmul_scratch(matrix.cols))});
        if (const float* bias = task.projection->bias)
            add_bias(out + task.column, width, tokens, bias + task.row, int(task.n_rows));
    });
}

void rope(Runtime& rt, float* x, int64_t stride, int64_t tokens, int heads, int head_dim, const float* cos,
          const float* sin) {
    rt.pool->run(tokens, [&](int64_t t, int) {
        const int64_t angle = t * (head_dim / 2);
        rt.kernels->rope(x + t * stride, cos + angle, sin + angle, heads, head_dim);
    });
}

void route(Runtime& rt, const float* logits, int64_t tokens, int num_experts, int k, int32_t* experts,
           float* weights) {
    rt.pool->run(tokens, [&](int64_t t, int) {
        select(logits + t * num_experts, num_experts, k, experts + t * k, weights + t * k);
    });
}

} // namespace ossia
