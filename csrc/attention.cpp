// Paged attention. A query's softmax is computed in partials over 128 keys at fixed positions, merged in
// ascending order into a state that begins with the sink. So a query has the same result, bit for bit, if it
// is part of a prefill of any size or a decode step, and however many threads walk its context.
#include "ops.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace ossia {
namespace {

constexpr int tile_queries = 16;

struct Tile {
    int sequence;
    int first, count;    // queries: rows of q
    int position;        // of the first query in its context
    int first_key, keys; // the keys that some query may see: first_key <= j < keys

    int first_chunk() const { return first_key / chunk_keys; }
    int chunks() const { return (keys + chunk_keys - 1) / chunk_keys - first_chunk(); }
};

// Softmax state of the rows of a tile, rows = queries * group, query-major.
struct State {
    float *max, *sum, *out;
};

constexpr int64_t state_size(int rows, int head_dim) { return int64_t(rows) * (head_dim + 2); }

State state_at(float* p, int rows) { return {p, p + rows, p + 2 * rows}; }

struct Scratch {
    float *q, *keys, *values, *rows, *scores;
    int32_t *begin, *end;
    State partial, state;
};

int64_t scratch_floats(int rows, int head_dim) {
    return int64_t(rows) * (head_dim + chunk_keys + 2) + 3 * int64_t(chunk_keys) * head_dim +
           2 * state_size(rows, head_dim);
}

Scratch carve(float* p, int rows, int head_dim) {
    const auto take = [&p](int64_t count) {
        float* taken = p;
        p += count;
        return taken;
    };
    Scratch s;
    s.keys = take(chunk_keys * head_dim);
    s.values = take(chunk_keys * head_dim);
    s.rows = take(chunk_keys * head_dim);
    s.scores = take(int64_t(rows) * chunk_keys);
    s.q = take(int64_t(rows) * head_dim);
    s.begin = reinterpret_cast<int32_t*>(take(rows));
    s.end = reinterpret_cast<int32_t*>(take(rows));
    s.partial = state_at(take(state_size(rows, head_dim)), rows);
    s.state = state_at(take(state_size(rows, head_dim)), rows);
    return s;
}

std::vector<Tile> make_tiles(const Attention& a) {
    std::vector<Tile> tiles;
    for (int s = 0; s < a.sequences; s++) {
        const int first = a.query_start[s], last = a.query_start[s + 1];
        for (int q = first; q < last; q += tile_queries) {
            const int count = std::min(tile_queries, last - q);
            const int position = a.context_lens[s] - (last - q);
            const int first_key = a.window ? std::max(0, position - a.window + 1) : 0;
            tiles.push_back({s, q, count, position, first_key, position + count});
        }
    }
    return tiles;
}

// Copies keys or values first .. first + n of the sequence as f32 [n, head_dim].
void gather(const Kernels& kernels, const Attention& a, int sequence, int head, int is_value, int first,
            int n, float* out) {
    const KvCache& cache = a.cache;
    const int32_t* table = a.block_tables + sequence * a.max_blocks;
    for (int j = 0; j < n;) {
        const int position = first + j, in_block = position % cache.block_size;
        const int count = std::min(n - j, cache.block_size - in_block);
        const int64_t from = cache.offset(table[position / cache.block_size], is_value, head, in_block);
        const int64_t size = int64_t(count) * cache.head_dim;
        float* to = out + int64_t(j) * cache.head_dim;
        if (cache.f16)
            kernels.f16_to_f32(static_cast<const uint16_t*>(cache.data) + from, size, to);
        else
            std::memcpy(to, static_cast<const float*>(cache.data) + from, size_t(size) * sizeof(float));
        j += count;
    }
}

void load_queries(const Attention& a, const Tile& tile, int head, float* out) {
    const int dim = a.cache.head_dim, group = a.heads / a.cache.kv_heads;
    for (int i = 0; i < tile.count; i++) {
        const float* q = a.q + (tile.first + i) * a.q_stride + int64_t(head) * group * dim;
        for (int d = 0; d < group * dim; d++) *out++ = q[d] * a.scale;
    }
}

// Computes the partial of every row of the tile over one chunk.
void attend_chunk(const Kernels& kernels, const Attention& a, const Tile& tile, int head, int chunk,
                  const Scratch& s, State partial) {
    const int dim = a.cache.head_dim, group = a.heads / a.cache.kv_heads;
    const int base = chunk * chunk_keys;
    const int from = std::max(0, tile.first_key - base), to = std::min(chunk_keys, tile.keys - base);
    gather(kernels, a, tile.sequence, head, 0, base + from, to - from, s.rows);
    kernels.transpose_keys(s.rows, to - from, dim, s.keys + from);
    gather(kernels, a, tile.sequence, head, 1, base + from, to - from, s.values + int64_t(from) * dim);
    for (int r = 0; r < tile.count * group; r++) {
        const int position = tile.position + r / group - base;
        s.begin[r] = a.window ? std::clamp(position - a.window + 1, 0, chunk_keys) : 0;
        s.end[r] = std::clamp(position + 1, 0, chunk_keys);
    }
    kernels.attend({.q = s.q,
                    .keys = s.keys,
                    .values = s.values,
                    .begin = s.begin,
                    .end = s.end,
                    .rows = tile.count * group,
                    .head_dim = dim,
                    .scores = s.scores,
                    .max = partial.max,
                    .sum = partial.sum,
                    .out = partial.out});
}

void begin(const Attention& a, int head, int rows, State state) {
    const int group = a.heads / a.cache.kv_heads;
    for (int r = 0; r < rows; r++) {
        state.max[r] = a.sinks[head * group + r % group];
        state.sum[r] = 1; // exp(sink - max); the sink has no value
    }
    std::fill(state.out, state.out + int64_t(rows) * a.cache.head_dim, 0.0f);
}

void merge(State state, State partial, int rows, int dim) {
    for (int r = 0; r < rows; r++) {
        if (partial.sum[r] == 0) continue; // no key is allowed
        const float max = std::max(state.max[r], partial.max[r]);
        const float keep = std::exp(state.max[r] - max), add = std::exp(partial.max[r] - max);
        state.max[r] = max;
        state.sum[r] = state.sum[r] * keep + partial.sum[r] * add;
        float* out = state.out + int64_t(r) * dim;
        const float* more = partial.out + int64_t(r) * dim;
        for (int d = 0; d < dim; d++) out[d] = out[d] * keep + more[d] * add;
    }
}

void finish(const Attention& a, const Tile& tile, int head, State state) {
    const int dim = a.cache.head_dim, group = a.heads / a.cache.kv_heads;
    for (int r = 0; r < tile.count * group; r++) {
        float* out = a.out + (int64_t(tile.first + r / group) * a.heads + head * group + r % group) * dim;
        for (int d = 0; d < dim; d++) out[d] = state.out[int64_t(r) * dim + d] / state.sum[r];
    }
}

// Every (tile, kv head) is a task that walks its context.
void attend_tiles(Runtime& rt, const Attention& a, const std::vector<Tile>& tiles, int max_rows) {
    const int dim = a.cache.head_dim, group = a.heads / a.cache.kv_heads, heads = a.cache.kv_heads;
    rt.pool->run(int64_t(tiles.size()) * heads, [&](int64_t index, int thread) {
        const Tile& tile = tiles[size_t(index / heads)];
        const int head = int(index % heads), rows = tile.count * group;
        const Scratch s =
            carve(rt.scratch[size_t(thread)].get<float>(scratch_floats(max_rows, dim)), max_rows, dim);
        load_queries(a, tile, head, s.q);
        begin(a, head, rows, s.state);
        for (int c = 0; c < tile.chunks(); c++) {
            attend_chunk(*rt.kernels, a, tile, head, tile.first_chunk() + c, s, s.partial);
            merge(s.state, s.partial, rows, dim);
        }
        finish(a, tile, head, s.state);
    });
}

// Too few tiles for the threads (a long decode): every (tile, kv head, chunk) is a task, merged afterwards.
void attend_chunks(Runtime& rt, const Attention& a, const std::vector<Tile>& tiles, int max_rows) {
    struct Task {
        int tile, head, chunk;
    };
    const int dim = a.cache.head_dim, group = a.heads / a.cache.kv_heads, heads = a.cache.kv_heads;
    std::vector<Task> tasks;
    std::vector<int64_t> first_task; // of each (tile, head)
    for (int t = 0; t < int(tiles.size()); t++)
        for (int head = 0; head < heads; head++) {
            first_task.push_back(int64_t(tasks.size()));
            for (int c = 0; c < tiles[size_t(t)].chunks(); c++) tasks.push_back({t, head, c});
        }
    const int64_t size = state_size(max_rows, dim);
    float* partials = rt.partials.get<float>(int64_t(tasks.size()) * size);
    rt.pool->run(int64_t(tasks.size()), [&](int64_t index, int thread) {
        const Task& task = tasks[size_t(index)];
        const Tile& tile = tiles[size_t(task.tile)];
        const Scratch s =
            carve(rt.scratch[size_t(thread)].get<float>(scratch_floats(max_rows, dim)), max_rows, dim);
        load_queries(a, tile, task.head, s.q);
        attend_chunk(*rt.kernels, a, tile, task.head, tile.first_chunk() + task.chunk, s,
                     state_at(partials + index * size, max_rows));
    });
    rt.pool->run(int64_t(tiles.size()) * heads, [&](int64_t index, int thread) {
        const Tile& tile = tiles[size_t(index / heads)];
        const int head = int(index % heads), rows = tile.count * group;
        const Scratch s =
            carve(rt.scratch[size_t(thread)].get<float>(scratch_floats(max_rows, dim)), max_rows, dim);
        begin(a, head, rows, s.state);
        for (int c = 0; c < tile.chunks(); c++)
            merge(s.state, state_at(partials + (first_task[size_t(index)] + c) * size, max_rows), rows, dim);
        finish(a, tile, head, s.state);
    });
}

} // namespace

void attention(Runtime& rt, const Attention& a) {
    const std::vector<Tile> tiles = make_tiles(a);
    int max_rows = 0;
    for (const Tile& tile : tiles) max_rows = std::max(max_rows, tile.count * (a.heads / a.cache.kv_heads));
    const bool few = int64_t(tiles.size()) * a.cache.kv_heads < 2 * rt.pool->threads();
    if (few && rt.pool->threads() > 1)
        attend_chunks(rt, a, tiles, max_rows);
    else
        attend_tiles(rt, a, tiles, max_rows);
}

void store_kv(Runtime& rt, const float* k, int64_t k_stride, const float* v, int64_t v_stride, int64_t tokens,
              const KvCache& cache, const int64_t* slots) {
    rt.pool->run(tokens, [&](int64_t t, int) {
        const int64_t block = slots[t] / cache.block_size;
        const int position = int(slots[t] % cache.block_size);
        for (int is_value = 0; is_value < 2; is_value++)
            for (int head = 0; head < cache.kv_heads; head++) {
                const float* from = (is_value ? v + t * v_stride : k + t * k_stride) + head * cache.head_dim;
                const int64_t to = cache.offset(block, is_value, head, position);
                if (cache.f16)
                    rt.kernels->f32_to_f16(from, cache.head_dim, static_cast<uint16_t*>(cache.data) + to);
                else
                    std::copy_n(from, cache.head_dim, static_cast<float*>(cache.data) + to);
            }
    });
}

} // namespace ossia
