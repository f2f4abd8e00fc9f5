// Compares every table of kernels that this processor can run with the scalar one, on random inputs and
// edges.
//
// The tests beside it compare with numpy, in Python; this program also runs under an emulator. It prints the
// tables and ends with 1 if a result is off, or if the last table is not the one that its argument names.
#include "../../csrc/dispatch.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

using namespace ossia;

namespace {

constexpr Kind kinds[] = {Kind::f32, Kind::f16, Kind::bf16, Kind::q8_0, Kind::mxfp4, Kind::mxfp4_openai};

using Floats = std::vector<float>;

std::mt19937 random_bits(20);
int failures = 0;

void check(bool good, const char* table, const char* kernel, int n) {
    if (good) return;
    if (failures++ < 20) std::printf("%s: %s is off at size %d\n", table, kernel, n);
}

// True if all |a - b| <= bound * largest |b| + relative * |b|; infinities must be equal.
bool close(const Floats& a, const Floats& b, float relative, float bound = 0) {
    float largest = 0;
    for (float value : b) largest = std::fmax(largest, std::fabs(value));
    for (size_t i = 0; i < b.size(); i++)
        if (a[i] != b[i] && !(std::fabs(a[i] - b[i]) <= bound * largest + relative * std::fabs(b[i])))
            return false;
    return true;
}

template <class T> bool same(const std::vector<T>& a, const std::vector<T>& b) {
    return std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

Floats normal(int n, float size = 1) {
    std::normal_distribution<float> distribution(0, size);
    Floats values(static_cast<size_t>(n));
    for (float& value : values) value = distribution(random_bits);
    return values;
}

int row_bytes(Kind kind, int cols) {
    if (kind < Kind::q8_0) return cols * (kind == Kind::f32 ? 4 : 2);
    return cols / block_size * (kind == Kind::q8_0 ? 34 : 17);
}

// Random weights of about unit size.
std::vector<uint8_t> encode(Kind kind, int rows, int cols) {
    std::vector<uint8_t> data;
    const auto put = [&data](const void* p, int n) {
        const uint8_t* bytes = static_cast<const uint8_t*>(p);
        data.insert(data.end(), bytes, bytes + n);
    };
    const auto half = [&put](float value, Kind plain) {
        uint16_t h;
        scalar_kernels.f32_to_f16(&value, 1, &h);
        if (plain == Kind::bf16) std::memcpy(&h, reinterpret_cast<const char*>(&value) + 2, 2);
        put(&h, 2);
    };
    if (kind < Kind::q8_0) {
        for (float value : normal(rows * cols)) kind == Kind::f32 ? put(&value, 4) : half(value, kind);
        return data;
    }
    for (int b = 0; b < rows * cols / block_size; b++) {
        if (kind == Kind::q8_0)
            half(float(random_bits() % 1000 + 30) * 3e-5f, kind);
        else
            data.push_back(uint8_t(122 + random_bits() % 8));
        for (int i = 0; i < (kind == Kind::q8_0 ? 32 : 16); i++) data.push_back(uint8_t(random_bits()));
    }
    return data;
}

void dequantize(const Kernels& k) {
    for (Kind kind : kinds)
        for (int cols : {32, 96, 160, 2880}) {
            const std::vector<uint8_t> row = encode(kind, 1, cols);
            Floats a(static_cast<size_t>(cols)), b = a;
            k.dequantize(kind, row.data(), cols, a.data());
            scalar_kernels.dequantize(kind, row.data(), cols, b.data());
            check(same(a, b), k.name, "dequantize", cols);
        }
}

void elementwise(const Kernels& k) {
    for (int n : {1, 3, 4, 7, 8, 15, 17, 64, 100, 2880}) {
        const Floats x = normal(n, 3), y = normal(n, 3), gain = normal(n), bias = normal(n);
        Floats a = x, b = x;
        k.rms_norm(x.data(), gain.data(), 1e-5f, n, a.data());
        scalar_kernels.rms_norm(x.data(), gain.data(), 1e-5f, n, b.data());
        check(close(a, b, 2e-6f), k.name, "rms_norm", n);
        k.swiglu(x.data(), y.data(), gain.data(), bias.data(), 7, 1.702f, n, a.data());
        scalar_kernels.swiglu(x.data(), y.data(), gain.data(), bias.data(), 7, 1.702f, n, b.data());
        check(close(a, b, 2e-6f), k.name, "swiglu", n);
        const Floats angles = normal(n), sines = normal(n);
        Floats heads = normal(3 * 2 * n), expected = heads;
        k.rope(heads.data(), angles.data(), sines.data(), 3, 2 * n);
        scalar_kernels.rope(expected.data(), angles.data(), sines.data(), 3, 2 * n);
        check(close(heads, expected, 0, 1e-6f), k.name, "rope", n);
    }
    const float extremes[] = {1e30f, -1e30f, 0, 90, -90, std::numeric_limits<float>::quiet_NaN()},
                none[6] = {};
    Floats a(6), b(6);
    k.swiglu(extremes, extremes, none, none, 7, 1.702f, 6, a.data());
    scalar_kernels.swiglu(extremes, extremes, none, none, 7, 1.702f, 6, b.data());
    check(close(a, b, 2e-6f, 1e-9f), k.name, "swiglu of extremes", 6);
}

// Every half and values between two of them, ties, subnormals, infinities.
void halves(const Kernels& k) {
    std::vector<uint16_t> all;
    for (int h = 0; h < 0x10000; h++)
        if ((h & 0x7fff) <= 0x7c00) all.push_back(uint16_t(h));
    const int n = int(all.size());
    Floats a(all.size()), b = a;
    k.f16_to_f32(all.data(), n, a.data());
    scalar_kernels.f16_to_f32(all.data(), n, b.data());
    check(same(a, b), k.name, "f16_to_f32", n);
    Floats values = normal(5000, 1e-5f);
    for (size_t i = 0; i + 1 < b.size(); i++)
        if (std::isfinite(b[i]) && std::isfinite(b[i + 1])) values.push_back((b[i] + b[i + 1]) / 2);
    for (float extreme : {65519.9f, 65520.0f, 1e30f, 0x1p-25f, 0x1p-24f, INFINITY})
        values.push_back(-extreme);
    std::vector<uint16_t> to(values.size()), expected = to;
    k.f32_to_f16(values.data(), int64_t(values.size()), to.data());
    scalar_kernels.f32_to_f16(values.data(), int64_t(values.size()), expected.data());
    check(same(to, expected), k.name, "f32_to_f16", int(values.size()));
}

// Activations in the groups of one table.
std::vector<Group> quantize(const Kernels& k, Kind kind, const Floats& x, int cols) {
    const int tokens = int(x.size()) / cols, groups = (cols + 127) / 128;
    std::vector<Group> out(static_cast<size_t>(tokens * groups));
    for (int t = 0; t < tokens; t++) k.quantize(x.data() + t * cols, kind, cols, out.data() + t * groups);
    return out;
}

Floats multiply(const Kernels& k, const Matrix& matrix, const Floats& x, const std::vector<int32_t>& tokens,
                bool exact) {
    const int cols = matrix.cols, n = int(tokens.size());
    const bool blocks = matrix.kind >= Kind::q8_0 && !exact;
    const std::vector<Group> groups = blocks ? quantize(k, matrix.kind, x, cols) : std::vector<Group>();
    std::vector<uint16_t> rounded;
    const int padded = (cols + 31) / 32 * 32, total = int(x.size()) / cols;
    if (matrix.kind == Kind::bf16 && k.to_bf16 && !exact && n >= 8) {
        rounded.resize(static_cast<size_t>(padded * total));
        for (int t = 0; t < total; t++) k.to_bf16(x.data() + t * cols, cols, rounded.data() + t * padded);
    }
    std::vector<Group> scratch(static_cast<size_t>(matmul_scratch(cols) / int64_t(sizeof(Group)) + 1));
    Floats out(static_cast<size_t>(n * (matrix.rows + 1)), 7);
    k.matmul({.matrix = &matrix,
              .row = 1,
              .n_rows = int(matrix.rows) - 1,
              .x = {x.data(), rounded.empty() ? nullptr : rounded.data(), groups.data()},
              .tokens = tokens.data(),
              .n_tokens = n,
              .exact = exact,
              .out = out.data(),
              .out_stride = matrix.rows + 1,
              .scratch = scratch.data()});
    return out;
}

void matmul(const Kernels& k, Kind kind, int rows, int cols, const Floats& x, bool exact) {
    const std::vector<uint8_t> data = encode(kind, rows, cols);
    const Matrix matrix = {data.data(), rows, row_bytes(kind, cols), cols, kind};
    const int total = int(x.size()) / cols;
    for (int n : {1, 2, 3, 4, 5, 7, 8, 9, 33}) {
        std::vector<int32_t> tokens;
        for (int i = 0; i < n; i++) tokens.push_back(i * 5 % total);
        const Floats a = multiply(k, matrix, x, tokens, exact),
                     b = multiply(scalar_kernels, matrix, x, tokens, exact);
        const bool rounded = kind == Kind::bf16 && k.to_bf16 && !exact && n >= 8;
        check(close(a, b, 0, rounded ? 0.01f : 2e-6f * std::sqrt(float(cols))), k.name, "matmul", cols);
        for (int i = 0; i < n; i++) // the columns beside the rows asked for are left alone
            check(a[size_t(i * (rows + 1) + rows)] == 7, k.name, "matmul's border", cols);
        if (!exact) continue;
        const Floats alone = multiply(k, matrix, x, {tokens.back()}, exact);
        check(std::equal(alone.begin(), alone.begin() + rows - 1, a.end() - rows - 1), k.name, "exact alone",
              cols);
    }
}

void matmuls(const Kernels& k) {
    for (Kind kind : kinds)
        for (const auto& [rows, cols] :
             {std::pair{2, 32}, {8, 64}, {38, 96}, {51, 128}, {67, 224}, {17, 2880}})
            for (bool exact : {true, false}) matmul(k, kind, rows, cols, normal(37 * cols), exact);
    for (Kind kind : {Kind::f32, Kind::f16, Kind::bf16})
        for (int cols : {1, 5, 31, 33, 50, 100}) matmul(k, kind, 9, cols, normal(37 * cols), false);
    for (Kind kind :
         {Kind::q8_0, Kind::mxfp4, Kind::mxfp4_openai}) { // blocks of every size beside each other
        Floats x;
        for (int t = 0; t < 12; t++)
            for (float size : {0.0f, 1.0f, -1.0f, 1e-20f, 1e20f, -1.0f, 0.0f}) x.insert(x.end(), 32, size);
        matmul(k, kind, 33, 7 * 32, x, false);
    }
}

// -128 * 127 in every product.
void extreme_products(const Kernels& k) {
    for (int value : {-128, 127}) {
        std::vector<uint8_t> data(32 * 68, uint8_t(value));
        for (size_t block = 0; block < 64; block++) data[block * 34] = 0, data[block * 34 + 1] = 0x3c; // 1.0
        const Matrix matrix = {data.data(), 32, 68, 64, Kind::q8_0};
        const Floats x(9 * 64, -1);
        for (const std::vector<int32_t>& tokens :
             {std::vector<int32_t>{0}, {0, 1}, {0, 1, 2, 3, 4, 5, 6, 7, 8}})
            check(close(multiply(k, matrix, x, tokens, false),
                        multiply(scalar_kernels, matrix, x, tokens, false), 1e-6f),
                  k.name, "extreme products", value);
    }
}

void attention(const Kernels& k) {
    for (int dim : {16, 48, 64, 80})
        for (int rows : {1, 3, 4, 9}) {
            Floats q = normal(rows * dim), keys(static_cast<size_t>(dim * chunk_keys), NAN),
                   transposed = keys;
            Floats values = normal(chunk_keys * dim);
            const Floats stored = normal(chunk_keys * dim);
            for (int n : {1, 7, 8, 127, 128}) {
                k.transpose_keys(stored.data(), n, dim, transposed.data());
                scalar_kernels.transpose_keys(stored.data(), n, dim, keys.data());
                for (int d = 0; d < dim; d++)
                    check(std::equal(&keys[size_t(d * chunk_keys)], &keys[size_t(d * chunk_keys)] + n,
                                     &transposed[size_t(d * chunk_keys)]),
                          k.name, "transpose_keys", n);
            }
            std::vector<int32_t> begin, end;
            for (int r = 0; r < rows; r++) {
                begin.push_back(int(random_bits() % 100));
                end.push_back(r == 2 ? begin.back() : begin.back() + 1 + int(random_bits() % 28));
            }
            const auto attend = [&](const Kernels& table, const Floats& columns) {
                Floats scores(static_cast<size_t>(rows * chunk_keys)),
                    out(static_cast<size_t>(rows * (dim + 2)));
                table.attend({q.data(), columns.data(), values.data(), begin.data(), end.data(), rows, dim,
                              scores.data(), out.data(), out.data() + rows, out.data() + 2 * rows});
                return out;
            };
            check(close(attend(k, transposed), attend(scalar_kernels, keys), 2e-5f, 2e-6f), k.name, "attend",
                  dim);
        }
}

} // namespace

int main(int count, char** arguments) {
    for (const Kernels* k : available_kernels()) {
        std::printf("%s\n", k->name);
        dequantize(*k);
        elementwise(*k);
        halves(*k);
        matmuls(*k);
        extreme_products(*k);
        attention(*k);
    }
    const char* best = available_kernels().back()->name;
    return failures > 0 || (count > 1 && std::strcmp(arguments[1], best) != 0);
}
