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

// A batch on its way through the experts: gate and up, down, then each token's sum.
class Experts {
  public:
    Experts(Runtime& rt, const Moe& m) : rt_(rt), m_(m), pairs_(group_by_expert(m)) {
        for (int e = 0; e < m.num_experts; e++) busiest_ = std::max(busiest_, end(e) - start(e));
    }

    // Returns swiglu(gate x, up x) [pairs, F].
    const float* gate_up() {
        const int D = m_.hidden, F = m_.intermediate;
        const Activations x =
            prepare(rt_, m_.x, m_.tokens, D, m_.gate.kind, m_.exact, busiest_, rt_.activations);
        float* hidden = rt_.hidden.get<float>(count() * F);
        const std::vector<Task> tasks = make_tasks(rt_, pairs_, m_.gate, F, m_.num_experts);
        rt_.pool->run(int64_t(tasks.size()), [&](int64_t index, int thread) {
            const Task& task = tasks[size_t(index)];
            const int32_t first = start(task.expert), last = end(task.expert);
            const int64_t size = int64_t(last - first) * task.n_rows;
            const int64_t bias = int64_t(task.expert) * F + task.row;
            char* scratch =
                rt_.scratch[size_t(thread)].get<char>(matmul_scratch(D) + 2 * size * int64_t(sizeof(float)));
            float* gate = reinterpret_cast<float*>(scratch + matmul_scratch(D));
            float* up = gate + size;
            matmul(m_.gate, task, x, pairs_.token.data(), F, gate, task.n_rows, scratch);
            matmul(m_.up, task, x, pairs_.token.data(), F, up, task.n_rows, scratch);
            for (int32_t pair = first, at = 0; pair < last; pair++, at += task.n_rows)
                rt_.kernels->swiglu(gate + at, up + at, m_.gate_bias + bias, m_.up_bias + bias, m_.limit,
                                    m_.alpha, task.n_rows, hidden + int64_t(pair) * F + task.row);
        });
        return hidden;
    }

    // Returns down(hidden) [pairs, D], without its bias.
    const float* down(const float* hidden) {
        const int D = m_.hidden, F = m_.intermediate;
        const Activations h =
            prepare(rt_, hidden, count(), F, m_.down.kind, m_.exact, busiest_, rt_.hidden_activations);
        float* partial = rt_.partials.get<float>(count() * D);
        const std::vector<Task> tasks = make_tasks(rt_, pairs_, m_.down, D, m_.num_experts);
        rt_.pool->run(int64_t(tasks.size()), [&](int64_t index, int thread) {
            const Task& task = tasks[size_t(index)];
            float* out = partial + int64_t(start(task.expert)) * D + task.row;
            matmul(m_.down, task, h, pairs_.row.data(), D, out, D,
                   rt_.scratch[size_t(thread)].get<char>(matmul_scratch(F)));
        });
        return partial;
    }

    // Each token sums its experts in ascending order, whatever else is in the batch.
    void sum(const float* partial) {
        const int D = m_.hidden;
        rt_.pool->run(m_.tokens, [&](int64_t t, int) {
            float* out = m_.out + t * D;
            std::fill(out, out + D, 0.0f);
            for (int i = 0; i < m_.k; i++) {
                const int64_t pair = pairs_.of[size_t(t * m_.k + i)];
                const float weight = pairs_.weight[size_t(pair)];
                const int64_t expert =
                    std::upper_bound(pairs_.start.begin(), pairs_.start.end(), int32_t(pair)) -
                    pairs_.start.begin() - 1;
                const float *y = partial + pair * D, *bias = m_.down_bias + expert * D;
                for (int d = 0; d < D; d++) out[d] += weight * (y[d] + bias[d]);
            }
        });
    }

  private:
    int64_t count() const { return int64_t(m_.tokens) * m_.k; }
    int32_t start(int expert) const { return pairs_.start[size_t(expert)]; }
    int32_t end(int expert) const { return pairs_.start[size_t(expert) + 1]; }

    // out = the task's rows of a matrix times the activations of its expert's pairs.
    void matmul(const Matrix& matrix, const Task& task, const Activations& x, const int32_t* rows,
                int64_t matrix_rows, float* out, int64_t stride, void* scratch) const {
        rt_.kernels->matmul({.matrix = &matrix,
                             .row = task.expert * matrix_rows + task.row,
                             .n_rows = task.n_rows,
                             .x = x,
                             .tokens = rows + start(task.expert),
                             .n_tokens = end(task.expert) - start(task.expert),
                             .exact = m_.exact,
                             .out = out,
                             .out_stride = stride,
                             .scratch = scratch});
    }

    Runtime& rt_;
    const Moe& m_;
    const Pairs pairs_;
    int busiest_ = 0; // tokens of the expert that has most
};

} // namespace

void moe(Runtime& rt, const Moe& m) {
    Experts experts(rt, m);
    experts.sum(experts.down(experts.gate_up()));
}

} // namespace ossia
