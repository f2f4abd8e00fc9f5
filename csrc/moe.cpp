#include "ops.h"

#include <algorithm>

namespace ossia {
namespace {

// The (token, expert) pairs sorted by expert; equal experts by token.
struct Pairs {
    std::vector<int32_t> start; // [E + 1]: the pairs of expert e are start[e] .. start[e + 1]
    std::vector<int32_t> token; // [pairs]
    std::vector<int32_t> row;   // [pairs]: their index, as token list of the second matmul
    std::vector<int32_t> of;    // [T, k]: pair of each choice, experts ascending
    std::vector<float> weight;  // [pairs]
};

Pairs group_by_expert(const Moe& m) {
    const size_t count = size_t(m.tokens) * size_t(m.k);
    Pairs p = {std::vector<int32_t>(size_t(m.num_experts) + 1), std::vector<int32_t>(count),
               std::vector<int32_t>(count), std::vector<int32_t>(count), std::vector<float>(count)};
    for (size_t i = 0; i < count; i++) p.start[size_t(m.experts[i]) + 1]++;
    for (int e = 0; e < m.num_experts; e++) p.start[size_t(e) + 1] += p.start[size_t(e)];
    std::vector<int32_t> next(p.start.begin(), p.start.end() - 1);
    for (size_t i = 0; i < count; i++) {
        const int32_t pair = next[size_t(m.experts[i])]++;
        p.token[size_t(pair)] = int32_t(i / size_t(m.k));
        p.row[size_t(pair)] = pair;
        p.weight[size_t(pair)] = m.weights[i];
        p.of[i] = pair;
    }
    for (int t = 0; t < m.tokens; t++) std::sort(p.of.begin() + t * m.k, p.of.begin() + (t + 1) * m.k);
    return p;
}

struct Task {
    int expert, row, n_rows; // rows of one expert
};

// The rows of every expert that has tokens, in pieces; an expert's pieces follow each other so that its
// activations stay in cache.
std::vector<Task> make_tasks(const Runtime& rt, const Pairs& pairs, const Matrix& matrix, int rows,
                             int experts) {
    int active = 0;
    for (int e = 0; e < experts; e++) active += pairs.start[size_t(e) + 1] > pairs.start[size_t(e)];
    std::vector<Task> tasks;
    for (int e = 0; e < experts; e++) {
        const int tokens = pairs.start[size_t(e) + 1] - pairs.start[size_t(e)];
        if (tokens == 0) continue;
        const int step = rows_per_task(rt, matrix, int64_t(rows) * active, tokens);
        for (int row = 0; row < rows; row += step) tasks.push_back({e, row, std::min(step, rows - row)});
    }
    return tasks;
}

} // namespace

void moe(Runtime& rt, const Moe& m) {
    const Kernels& kernels = *rt.kernels;
    const Pairs pairs = group_by_expert(m);
    const int D = m.hidden, F = m.intermediate;
    const int64_t n_pairs = int64_t(m.tokens) * m.k;
    int most = 0; // tokens of the busiest expert
    for (int e = 0; e < m.num_experts; e++)
        most = std::max(most, pairs.start[size_t(e) + 1] - pairs.start[size_t(e)]);

    const auto matmul = [&](const Matrix& matrix, const Task& task, const Activations& x, const int32_t* rows,
                            int64_t matrix_rows, float* out, int64_t stride, void* scratch) {
        const int32_t first = pairs.start[size_t(task.expert)];
        kernels.matmul({.matrix = &matrix,
                        .row = task.expert * matrix_rows + task.row,
                        .n_rows = task.n_rows,
                        .x = x,
                        .tokens = rows + first,
                        .n_tokens = pairs.start[size_t(task.expert) + 1] - first,
                        .exact = m.exact,
                        .out = out,
                        .out_stride = stride,
                        .scratch = scratch});
    };

    // Gate and up: hidden [pairs, F] = swiglu(gate x, up x).
    const Activations x = prepare(rt, m.x, m.tokens, D, m.gate.kind, m.exact, most, rt.activations);
    float* hidden = rt.hidden.get<float>(n_pairs * F);
    const std::vector<Task> up_tasks = make_tasks(rt, pairs, m.gate, F, m.num_experts);
    rt.pool->run(int64_t(up_tasks.size()), [&](int64_t index, int thread) {
        const Task& task = up_tasks[size_t(index)];
        const int32_t first = pairs.start[size_t(task.expert)], last = pairs.start[size_t(task.expert) + 1];
        const int64_t size = int64_t(last - first) * task.n_rows, bias = int64_t(task.expert) * F + task.row;
        char* scratch =
            rt.scratch[size_t(thread)].get<char>(matmul_scratch(D) + 2 * size * int64_t(sizeof(float)));
        float* gate = reinterpret_cast<float*>(scratch + matmul_scratch(D));
        float* up = gate + size;
        matmul(m.gate, task, x, pairs.token.data(), F, gate, task.n_rows, scratch);
        matmul(m.up, task, x, pairs.token.data(), F, up, task.n_rows, scratch);
        for (int32_t pair = first, at = 0; pair < last; pair++, at += task.n_rows)
            kernels.swiglu(gate + at, up + at, m.gate_bias + bias, m.up_bias + bias, m.limit, m.alpha,
                           task.n_rows, hidden + int64_t(pair) * F + task.row);
    });

    // Down: partial [pairs, D]. Then each token sums its experts in ascending order, whatever else is in the
    // batch.
    const Activations h = prepare(rt, hidden, n_pairs, F, m.down.kind, m.exact, most, rt.hidden_activations);
    float* partial = rt.partials.get<float>(n_pairs * D);
    const std::vector<Task> down_tasks = make_tasks(rt, pairs, m.down, D, m.num_experts);
    rt.pool->run(int64_t(down_tasks.size()), [&](int64_t index, int thread) {
        const Task& task = down_tasks[size_t(index)];
        float* out = partial + int64_t(pairs.start[size_t(task.expert)]) * D + task.row;
        matmul(m.down, task, h, pairs.row.data(), D, out, D,
               rt.scratch[size_t(thread)].get<char>(matmul_scratch(F)));
    });
    rt.pool->run(m.tokens, [&](int64_t t, int) {
        float* out = m.out + t * D;
        std::fill(out, out + D, 0.0f);
        for (int i = 0; i < m.k; i++) {
            const int64_t pair = pairs.of[size_t(t * m.k + i)];
            const float weight = pairs.weight[size_t(pair)];
            const int64_t expert = std::upper_bound(pairs.start.begin(), pairs.start.end(), int32_t(pair)) -
                                   pairs.start.begin() - 1;
            const float *y = partial + pair * D, *bias = m.down_bias + expert * D;
            for (int d = 0; d < D; d++) out[d] += weight * (y[d] + bias[d]);
        }
    });
}

} // namespace ossia
