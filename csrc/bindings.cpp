// The module ossia._cpu: checks dtypes, shapes and strides, releases the GIL, calls kernels. No arithmetic.
#include "dispatch.h"
#include "ops.h"

#include <cstdlib>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;
using namespace nb::literals;

namespace ossia {
namespace {

template <class T, int N> using Array = nb::ndarray<T, nb::ndim<N>, nb::c_contig, nb::device::cpu>;
template <class T, int N> using View = nb::ndarray<T, nb::ndim<N>, nb::device::cpu>; // first stride is free
using AnyCache = nb::ndarray<nb::ndim<5>, nb::c_contig, nb::device::cpu>;

void require(bool condition, const char* message) {
    if (!condition) throw nb::value_error(message);
}

template <class A>
void require_shape(const A& array, std::initializer_list<int64_t> shape, const char* message) {
    size_t i = 0;
    for (int64_t n : shape) require(int64_t(array.shape(i++)) == n, message);
}

int to_int(int64_t n) {
    require(n <= INT32_MAX, "array too large");
    return int(n);
}

// Checks a [T, heads, head_dim] view, whose rows may be strided but must be contiguous in themselves.
template <class T> int64_t row_stride(const View<T, 3>& x, const char* message) {
    const int64_t row = int64_t(x.shape(1) * x.shape(2));
    const bool inner =
        (x.shape(2) <= 1 || x.stride(2) == 1) && (x.shape(1) <= 1 || x.stride(1) == int64_t(x.shape(2)));
    require(inner && (x.shape(0) <= 1 || x.stride(0) >= row), message);
    return x.shape(0) <= 1 ? row : x.stride(0);
}

Kind parse_kind(const std::string& name) {
    const std::pair<const char*, Kind> kinds[] = {
        {"f32", Kind::f32},   {"f16", Kind::f16},     {"bf16", Kind::bf16},
        {"q8_0", Kind::q8_0}, {"mxfp4", Kind::mxfp4}, {"mxfp4_openai", Kind::mxfp4_openai}};
    for (const auto& [text, kind] : kinds)
        if (name == text) return kind;
    throw nb::value_error(("unknown kind of matrix: " + name).c_str());
}

int64_t bytes_per_row(Kind kind, int64_t cols) {
    switch (kind) {
    case Kind::f32:
        return cols * 4;
    case Kind::f16:
    case Kind::bf16:
        return cols * 2;
    case Kind::q8_0:
        return cols / block_size * 34;
    default:
        return cols / block_size * 17;
    }
}

// A matrix that keeps the array with its weights alive.
struct BoundMatrix {
    View<const uint8_t, 2> data;
    std::string kind;
    Matrix matrix;

    BoundMatrix(View<const uint8_t, 2> array, const std::string& kind_name, int64_t cols)
        : data(std::move(array)), kind(kind_name) {
        const Kind parsed = parse_kind(kind_name);
        require(cols > 0 && cols <= (1 << 24), "cols out of range");
        require(parsed < Kind::q8_0 || cols % block_size == 0, "cols must be a multiple of 32 for this kind");
        require(int64_t(data.shape(1)) == bytes_per_row(parsed, cols),
                "bytes per row do not fit kind and cols");
        require(data.stride(1) == 1, "the bytes of a row must be contiguous");
        const int64_t rows = int64_t(data.shape(0));
        const int64_t stride = rows <= 1 ? int64_t(data.shape(1)) : data.stride(0);
        require(stride >= int64_t(data.shape(1)), "rows overlap or run backwards");
        matrix = {data.data(), rows, stride, int(cols), parsed};
    }
};

Runtime& runtime() {
    static Runtime* instance = [] { // never destroyed: its threads may outlive the interpreter
        const char* isa = std::getenv("OSSIA_ISA");
        const int cores = int(std::thread::hardware_concurrency());
        return new Runtime(find_kernels(isa ? isa : ""), std::max(1, cores));
    }();
    return *instance;
}

// Runs one operation at a time, without the GIL.
template <class Operation> void run(const Operation& operation) {
    static std::mutex busy;
    Runtime& rt = runtime();
    nb::gil_scoped_release released;
    const std::lock_guard lock(busy);
    operation(rt);
}

void bind_embed(const BoundMatrix& w, const Array<const int32_t, 1>& ids, const Array<float, 2>& out) {
    const int64_t tokens = int64_t(ids.shape(0));
    require_shape(out, {tokens, w.matrix.cols}, "out must be [tokens, cols]");
    for (int64_t t = 0; t < tokens; t++)
        require(ids.data()[t] >= 0 && ids.data()[t] < w.matrix.rows, "token id out of range");
    run([&](Runtime& rt) { embed(rt, w.matrix, ids.data(), tokens, out.data()); });
}

void bind_rms_norm(const Array<const float, 2>& x, const Array<const float, 1>& gain, float eps,
                   const Array<float, 2>& out) {
    const int64_t tokens = int64_t(x.shape(0)), dim = int64_t(x.shape(1));
    require_shape(gain, {dim}, "gain must be [dim]");
    require_shape(out, {tokens, dim}, "out must have the shape of x");
    run([&](Runtime& rt) { rms_norm(rt, x.data(), gain.data(), eps, tokens, to_int(dim), out.data()); });
}

void bind_linear(const Array<const float, 2>& x, const std::vector<const BoundMatrix*>& matrices,
                 const std::vector<std::optional<Array<const float, 1>>>& biases, const Array<float, 2>& out,
                 bool exact) {
    require(!matrices.empty() && matrices.size() == biases.size(), "one bias (or None) for each matrix");
    std::vector<Projection> projections;
    int64_t width = 0;
    for (size_t i = 0; i < matrices.size(); i++) {
        require(matrices[i] != nullptr, "a matrix is None");
        const Matrix& matrix = matrices[i]->matrix;
        require(int64_t(x.shape(1)) == matrix.cols, "x must be [tokens, cols]");
        if (biases[i]) require_shape(*biases[i], {matrix.rows}, "a bias must be [rows]");
        projections.push_back({matrix, biases[i] ? biases[i]->data() : nullptr});
        width += matrix.rows;
    }
    const int tokens = to_int(int64_t(x.shape(0)));
    require_shape(out, {tokens, width}, "out must be [tokens, rows of all matrices]");
    run([&](Runtime& rt) { linear(rt, x.data(), tokens, projections, exact, out.data()); });
}

void bind_rope(const View<float, 3>& x, const Array<const float, 2>& cos, const Array<const float, 2>& sin) {
    const int64_t tokens = int64_t(x.shape(0)), dim = int64_t(x.shape(2));
    require(dim % 2 == 0, "head_dim must be even");
    require_shape(cos, {tokens, dim / 2}, "cos must be [tokens, head_dim / 2]");
    require_shape(sin, {tokens, dim / 2}, "sin must be [tokens, head_dim / 2]");
    const int64_t stride = row_stride(x, "x must be [tokens, heads, head_dim] with contiguous rows");
    run([&](Runtime& rt) {
        rope(rt, x.data(), stride, tokens, int(x.shape(1)), int(dim), cos.data(), sin.data());
    });
}

KvCache to_cache(const AnyCache& cache) {
    const nb::dlpack::dtype type = cache.dtype();
    require(type == nb::dtype<float>() || (type.code == nb::dtype<float>().code && type.bits == 16),
            "cache must be float16 or float32");
    require(cache.shape(1) == 2, "cache must be [blocks, 2, kv_heads, block_size, head_dim]");
    for (size_t i = 2; i < 5; i++)
        require(cache.shape(i) > 0 && cache.shape(i) <= 1 << 20, "cache has an empty axis");
    return {cache.data(),        type.bits == 16,     int64_t(cache.shape(0)),
            int(cache.shape(2)), int(cache.shape(3)), int(cache.shape(4))};
}

void bind_store_kv(const View<const float, 3>& k, const View<const float, 3>& v, const AnyCache& cache,
                   const Array<const int64_t, 1>& slots) {
    const KvCache to = to_cache(cache);
    const int64_t tokens = int64_t(slots.shape(0));
    require_shape(k, {tokens, to.kv_heads, to.head_dim}, "k must be [tokens, kv_heads, head_dim]");
    require_shape(v, {tokens, to.kv_heads, to.head_dim}, "v must be [tokens, kv_heads, head_dim]");
    const int64_t k_stride = row_stride(k, "rows of k must be contiguous");
    const int64_t v_stride = row_stride(v, "rows of v must be contiguous");
    for (int64_t t = 0; t < tokens; t++)
        require(slots.data()[t] >= 0 && slots.data()[t] < to.num_blocks * to.block_size, "slot out of range");
    run([&](Runtime& rt) { store_kv(rt, k.data(), k_stride, v.data(), v_stride, tokens, to, slots.data()); });
}

// Checks that every sequence's queries fit its context, and that the blocks it reads exist.
void check_sequences(const Attention& a, int64_t tokens) {
    require(a.query_start[0] == 0 && a.query_start[a.sequences] == tokens,
            "query_start must go from 0 to tokens");
    for (int s = 0; s < a.sequences; s++) {
        const int64_t queries = int64_t(a.query_start[s + 1]) - a.query_start[s];
        const int64_t context = a.context_lens[s];
        require(queries >= 0, "query_start must not decrease");
        require(context >= queries, "context_lens must count the queries");
        const int64_t blocks = (context + a.cache.block_size - 1) / a.cache.block_size;
        require(blocks <= a.max_blocks, "block table too short for the context");
        if (queries == 0) continue;
        const int64_t first = a.window ? std::max<int64_t>(0, context - queries - a.window + 1) : 0;
        for (int64_t b = first / a.cache.block_size; b < blocks; b++) {
            const int32_t block = a.block_tables[s * a.max_blocks + b];
            require(block >= 0 && block < a.cache.num_blocks, "block number out of range");
        }
    }
}

void bind_attention(const View<const float, 3>& q, const AnyCache& cache,
                    const Array<const int32_t, 2>& block_tables, const Array<const int32_t, 1>& query_start,
                    const Array<const int32_t, 1>& context_lens, const Array<const float, 1>& sinks,
                    int window, float scale, const Array<float, 2>& out) {
    const KvCache from = to_cache(cache);
    const int64_t tokens = int64_t(q.shape(0)), heads = int64_t(q.shape(1)),
                  sequences = int64_t(context_lens.shape(0));
    require(heads > 0 && heads % from.kv_heads == 0, "heads must be a multiple of kv_heads");
    require(int64_t(q.shape(2)) == from.head_dim, "q must be [tokens, heads, head_dim]");
    require(from.head_dim % 16 == 0, "head_dim must be a multiple of 16");
    require(window >= 0, "window must not be negative");
    require_shape(query_start, {sequences + 1}, "query_start must be [sequences + 1]");
    require(int64_t(block_tables.shape(0)) == sequences, "block_tables must be [sequences, max_blocks]");
    require_shape(sinks, {heads}, "sinks must be [heads]");
    require_shape(out, {tokens, heads * from.head_dim}, "out must be [tokens, heads * head_dim]");
    const Attention a = {.q = q.data(),
                         .q_stride = row_stride(q, "rows of q must be contiguous"),
                         .heads = int(heads),
                         .cache = from,
                         .block_tables = block_tables.data(),
                         .max_blocks = int64_t(block_tables.shape(1)),
                         .query_start = query_start.data(),
                         .context_lens = context_lens.data(),
                         .sequences = to_int(sequences),
                         .sinks = sinks.data(),
                         .window = window,
                         .scale = scale,
                         .out = out.data()};
    check_sequences(a, tokens);
    run([&](Runtime& rt) { attention(rt, a); });
}

void bind_route(const Array<const float, 2>& logits, int k, const Array<int32_t, 2>& experts,
                const Array<float, 2>& weights) {
    const int64_t tokens = int64_t(logits.shape(0)), num_experts = int64_t(logits.shape(1));
    require(k >= 1 && k <= num_experts, "k must be between 1 and the number of experts");
    require_shape(experts, {tokens, k}, "experts must be [tokens, k]");
    require_shape(weights, {tokens, k}, "weights must be [tokens, k]");
    run([&](Runtime& rt) {
        route(rt, logits.data(), tokens, to_int(num_experts), k, experts.data(), weights.data());
    });
}

void check_experts(const Moe& m) {
    for (int64_t i = 0; i < int64_t(m.tokens) * m.k; i++)
        require(m.experts[i] >= 0 && m.experts[i] < m.num_experts, "expert out of range");
}

void bind_moe(const Array<const float, 2>& x, const Array<const int32_t, 2>& experts,
              const Array<const float, 2>& weights, const BoundMatrix& gate, const BoundMatrix& up,
              const BoundMatrix& down, const Array<const float, 2>& gate_bias,
              const Array<const float, 2>& up_bias, const Array<const float, 2>& down_bias, float limit,
              float alpha, const Array<float, 2>& out, bool exact) {
    const int64_t tokens = int64_t(x.shape(0)), k = int64_t(experts.shape(1)), D = int64_t(x.shape(1));
    const int64_t E = int64_t(gate_bias.shape(0)), F = int64_t(gate_bias.shape(1));
    require_shape(experts, {tokens, k}, "experts must be [tokens, k]");
    require_shape(weights, {tokens, k}, "weights must be [tokens, k]");
    require(k >= 1 && tokens * k <= INT32_MAX, "bad number of experts per token");
    require_shape(up_bias, {E, F}, "up_bias must have the shape of gate_bias");
    require_shape(down_bias, {E, D}, "down_bias must be [experts, dim]");
    require_shape(out, {tokens, D}, "out must have the shape of x");
    require(gate.matrix.kind == up.matrix.kind, "gate and up must be of one kind");
    require(gate.matrix.rows == E * F && up.matrix.rows == E * F,
            "gate and up must have experts * intermediate rows");
    require(gate.matrix.cols == D && up.matrix.cols == D, "gate and up must have dim columns");
    require(down.matrix.rows == E * D && down.matrix.cols == F, "down must be [experts * dim, intermediate]");
    const Moe m = {.x = x.data(),
                   .experts = experts.data(),
                   .weights = weights.data(),
                   .tokens = to_int(tokens),
                   .k = to_int(k),
                   .num_experts = to_int(E),
                   .hidden = to_int(D),
                   .intermediate = to_int(F),
                   .gate = gate.matrix,
                   .up = up.matrix,
                   .down = down.matrix,
                   .gate_bias = gate_bias.data(),
                   .up_bias = up_bias.data(),
                   .down_bias = down_bias.data(),
                   .limit = limit,
                   .alpha = alpha,
                   .exact = exact,
                   .out = out.data()};
    check_experts(m);
    run([&](Runtime& rt) { moe(rt, m); });
}

void set_isa(const std::string& name) {
    const Kernels* table;
    try {
        table = &find_kernels(name);
    } catch (const std::invalid_argument& error) {
        throw nb::value_error(error.what());
    }
    run([&](Runtime& rt) { rt.kernels = table; });
}

std::vector<std::string> available_isas() {
    std::vector<std::string> names;
    for (const Kernels* table : available_kernels())
        if (names.empty() || names.back() != table->name) names.push_back(table->name);
    return names;
}

} // namespace
} // namespace ossia

NB_MODULE(_cpu, m) {
    using namespace ossia;
    m.doc() = "CPU kernels of gpt-oss over weights as they stand in their file.";

    nb::class_<BoundMatrix>(m, "Matrix", "Rows of weights in a file's own format; keeps their array alive.")
        .def(nb::init<View<const uint8_t, 2>, const std::string&, int64_t>(), "data"_a.noconvert(), "kind"_a,
             "cols"_a)
        .def_prop_ro("rows", [](const BoundMatrix& b) { return b.matrix.rows; })
        .def_prop_ro("cols", [](const BoundMatrix& b) { return b.matrix.cols; })
        .def_prop_ro("kind", [](const BoundMatrix& b) { return b.kind; });

    m.def("isa", [] { return std::string(runtime().kernels->name); }, "Name of the instruction set in use.");
    m.def("available_isas", available_isas, "Instruction sets that this machine can run, the best last.");
    m.def("set_isa", set_isa, "name"_a, "Uses another of available_isas().");
    m.def("threads", [] { return runtime().pool->threads(); }, "Number of threads in use.");
    m.def(
        "set_threads",
        [](int n) {
            require(n >= 1 && n <= 1024, "number of threads out of range");
            run([&](Runtime& rt) { rt.set_threads(n); });
        },
        "n"_a, "Number of threads, the caller's among them.");
    m.def("embed", bind_embed, "w"_a, "ids"_a.noconvert(), "out"_a.noconvert(),
          "Rows ids [T] of w as f32: out [T, cols].");
    m.def("rms_norm", bind_rms_norm, "x"_a.noconvert(), "gain"_a.noconvert(), "eps"_a, "out"_a.noconvert(),
          "x / sqrt(mean(x^2) + eps) * gain for each row of x [T, D].");
    m.def("linear", bind_linear, "x"_a.noconvert(), "matrices"_a, "biases"_a, "out"_a.noconvert(), "exact"_a,
          "x [T, K] times each matrix [N_i, K] transposed, plus its bias, beside each other: out [T, sum "
          "N_i].");
    m.def("rope", bind_rope, "x"_a.noconvert(), "cos"_a.noconvert(), "sin"_a.noconvert(),
          "Rotates the halves of each head of x [T, H, hd] in place; cos and sin are [T, hd / 2].");
    m.def("store_kv", bind_store_kv, "k"_a.noconvert(), "v"_a.noconvert(), "cache"_a.noconvert(),
          "slots"_a.noconvert(),
          "Writes k, v [T, KV, hd] to slots [T] (block * block_size + offset) of cache [N, 2, KV, "
          "block_size, hd].");
    m.def("attention", bind_attention, "q"_a.noconvert(), "cache"_a.noconvert(), "block_tables"_a.noconvert(),
          "query_start"_a.noconvert(), "context_lens"_a.noconvert(), "sinks"_a.noconvert(), "window"_a,
          "scale"_a, "out"_a.noconvert(),
          "Causal attention of q [T, H, hd] with sinks [H] over the paged cache: out [T, H * hd]. Sequence s "
          "has the\n"
          "queries query_start[s] .. query_start[s + 1], the last of its context_lens[s] tokens.");
    m.def("route", bind_route, "logits"_a.noconvert(), "k"_a, "experts"_a.noconvert(),
          "weights"_a.noconvert(),
          "The k largest of logits [T, E] (ties: lowest index first) and the softmax over them.");
    m.def("moe", bind_moe, "x"_a.noconvert(), "experts"_a.noconvert(), "weights"_a.noconvert(), "gate"_a,
          "up"_a, "down"_a, "gate_bias"_a.noconvert(), "up_bias"_a.noconvert(), "down_bias"_a.noconvert(),
          "limit"_a, "alpha"_a, "out"_a.noconvert(), "exact"_a,
          "Weighted sum of the chosen experts' clamped SwiGLU networks for each row of x [T, D].");
}
