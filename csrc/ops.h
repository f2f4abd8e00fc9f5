// Operations of a forward pass, each divided into tasks for the pool. The arithmetic is in the kernels.
//
// Shapes are checked by the caller. Results do not depend on the number of threads nor, with exact = true, on
// the rest of the batch.
#pragma once

#include "kernels.h"
#include "pool.h"

#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace ossia {

// Memory that is reused from call to call. get() invalidates what it returned before.
class Buffer {
  public:
    template <class T> T* get(int64_t count) { return static_cast<T*>(reserve(size_t(count) * sizeof(T))); }

  private:
    struct Free {
        void operator()(void* p) const { std::free(p); }
    };

    void* reserve(size_t bytes) {
        if (bytes > size_) {
            size_ = (bytes + bytes / 4 + 63) / 64 * 64;
            data_.reset();
            data_.reset(std::aligned_alloc(64, size_));
            if (!data_) {
                size_ = 0;
                throw std::bad_alloc();
            }
        }
        return data_.get();
    }

    std::unique_ptr<void, Free> data_;
    size_t size_ = 0;
};

struct Runtime {
    const Kernels* kernels;
    std::unique_ptr<Pool> pool;
    std::vector<Buffer> scratch; // one per thread
    Buffer activations, hidden, hidden_activations, partials, gathered;

    Runtime(const Kernels& table, int threads);
    void set_threads(int threads);
};

void embed(Runtime& rt, const Matrix& w, const int32_t* ids, int64_t tokens, float* out);

void rms_norm(Runtime& rt, const float* x, const float* gain, float eps, int64_t tokens, int dim, float* out);

struct Projection {
    Matrix matrix;
    const float* bias; // [rows] or null
};

// out [T, sum of rows]: the concatenated projections of one x [T, K].
void linear(Runtime& rt, const float* x, int tokens, const std::vector<Projection>& projections, bool exact,
            float* out);

// x: tokens rows of [heads, head_dim], `stride` floats apart.
void rope(Runtime& rt, float* x, int64_t stride, int64_t tokens, int heads, int head_dim, const float* cos,
          const float* sin);

// One layer's keys and values: [num_blocks, 2, kv_heads, block_size, head_dim] of f16 or f32.
struct KvCache {
    void* data;
    bool f16;
    int64_t num_blocks;
    int kv_heads, block_size, head_dim;

    int64_t offset(int64_t block, int is_value, int head, int position) const {
        return (((block * 2 + is_value) * kv_heads + head) * block_size + position) * head_dim;
    }
};

void store_kv(Runtime& rt, const float* k, int64_t k_stride, const float* v, int64_t v_stride, int64_t tokens,
              const KvCache& cache, const int64_t* slots);

struct Attention {
    const float* q; // rows of [heads, head_dim], q_stride floats apart
    int64_t q_stride;
    int heads;
    KvCache cache;
    const int32_t* block_tables; // [sequences, max_blocks]
    int64_t max_blocks;
    const int32_t* query_start;  // [sequences + 1]
    const int32_t* context_lens; // [sequences]
    int sequences;
    const float* sinks; // [heads]
    int window;         // query i sees key j iff 0 <= i - j and (window == 0 or i - j < window)
    float scale;
    float* out; // [T, heads * head_dim]
};

void attention(Runtime& rt, const Attention& a);

// Selects the k largest logits of each row (ties: lowest index first) and computes their softmax.
void route(Runtime& rt, const float* logits, int64_t tokens, int num_experts, int k, int32_t* experts,
           float* weights);

struct Moe {
    const float* x;         // [T, D]
    const int32_t* experts; // [T, k]
    const float* weights;   // [T, k]
    int tokens, k, num_experts;
    int hidden, intermediate; // D, F
    Matrix gate, up;          // [E * F, D]
    Matrix down;              // [E * D, F]
    const float *gate_bias, *up_bias, *down_bias;
    float limit, alpha;
    bool exact;
    float* out; // [T, D]
};

void moe(Runtime& rt, const Moe& m);

// Shared by linear and moe: the formats of x that a matmul with this kind of weights needs.
bool needs_groups(Kind kind, bool exact);
Activations prepare(Runtime& rt, const float* x, int64_t tokens, int cols, Kind kind, bool exact,
                    int max_tokens, Buffer& buffer);
int rows_per_task(const Runtime& rt, const Matrix& matrix, int64_t rows, int tokens);

} // namespace ossia
