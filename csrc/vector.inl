// Kernels in which avx2, avx512 and neon differ only by the width of a vector. Included in the anonymous
// namespace of each, after the definitions of V, W, tile_tokens, gemm_cols, dot_tokens and the small
// functions on vectors used here.

V exp(V x) { // relative error 2e-7; 0 below -87, so that exp(-inf) = 0
    const V clamped = min(max(x, set1(-87.0f)), set1(88.0f));
    const V n = round(mul(clamped, set1(1.44269504f)));
    const V r = fma(n, set1(2.12194440e-4f), fma(n, set1(-0.693359375f), clamped)); // x - n ln 2 in two steps
    const float coefficients[] = {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f,
                                  5.0000001201e-1f};
    V p = set1(1.9875691500e-4f);
    for (float c : coefficients) p = fma(p, r, set1(c));
    const V y = mul(fma(p, mul(r, r), add(r, set1(1))), power_of_two(n));
    return zero_below(x, -87.0f, y);
}

// The first n < W floats, zero elsewhere.
V load_part(const float* x, int n) {
    alignas(64) float values[W] = {};
    for (int i = 0; i < n; i++) values[i] = x[i];
    return load(values);
}

void store_part(float* out, V v, int n) {
    alignas(64) float values[W];
    store(values, v);
    for (int i = 0; i < n; i++) out[i] = values[i];
}

V load_upto(const float* x, int n) { return n >= W ? load(x) : load_part(x, n); }

void store_upto(float* out, V v, int n) {
    if (n >= W)
        store(out, v);
    else
        store_part(out, v, n);
}

void rms_norm(const float* x, const float* gain, float eps, int n, float* out) {
    V squares[4] = {zero(), zero(), zero(), zero()};
    for (int i = 0; i < n; i += W) {
        const V v = load_upto(x + i, n - i);
        V& sum = squares[i / W % 4];
        sum = fma(v, v, sum);
    }
    const float sum = reduce_add(add(add(squares[0], squares[1]), add(squares[2], squares[3])));
    const V scale = set1(1 / __builtin_sqrtf(sum / float(n) + eps));
    for (int i = 0; i < n; i += W)
        store_upto(out + i, mul(mul(load_upto(x + i, n - i), scale), load_upto(gain + i, n - i)), n - i);
}

void rope(float* x, const float* cos, const float* sin, int heads, int head_dim) {
    const int half = head_dim / 2;
    for (int h = 0; h < heads; h++, x += head_dim)
        for (int i = 0; i < half; i += W) {
            const int n = half - i;
            const V a = load_upto(x + i, n), b = load_upto(x + half + i, n);
            const V c = load_upto(cos + i, n), s = load_upto(sin + i, n);
            store_upto(x + i, sub(mul(a, c), mul(b, s)), n);
            store_upto(x + half + i, add(mul(b, c), mul(a, s)), n);
        }
}

void swiglu(const float* gate, const float* up, const float* gate_bias, const float* up_bias, float limit,
            float alpha, int n, float* out) {
    for (int i = 0; i < n; i += W) {
        const int left = n - i;
        const V g = min(add(load_upto(gate + i, left), load_upto(gate_bias + i, left)), set1(limit));
        const V u = add(load_upto(up + i, left), load_upto(up_bias + i, left));
        const V clamped = max(min(u, set1(limit)), set1(-limit));
        const V sigmoid_inverse = add(set1(1), exp(mul(g, set1(-alpha))));
        store_upto(out + i, mul(div(g, sigmoid_inverse), add(clamped, set1(1))), left);
    }
}

// Weights of the plain kinds.
struct F32 {
    static constexpr int bytes = 4;
    static V load_at(const uint8_t* p) { return load(reinterpret_cast<const float*>(p)); }
};

struct F16 {
    static constexpr int bytes = 2;
    static V load_at(const uint8_t* p) { return load_f16(p); }
};

struct BF16 {
    static constexpr int bytes = 2;
    static V load_at(const uint8_t* p) { return load_bf16(p); }
};

template <class Weight> V load_weights(const uint8_t* p, int n) {
    if (n >= W) return Weight::load_at(p);
    alignas(64) uint8_t bytes[4 * W] = {};
    for (int i = 0; i < n * Weight::bytes; i++) bytes[i] = p[i];
    return Weight::load_at(bytes);
}

// R rows times N tokens. One accumulator for each product, k ascending: the sum does not depend on R and N.
template <class Weight, int R, int N> void dot_tile(const uint8_t* w, int64_t stride, const float* const* x,
                                                    int cols, float* out, int64_t out_stride) {
    V sums[R][N];
    for (int r = 0; r < R; r++)
        for (int i = 0; i < N; i++) sums[r][i] = zero();
    const auto step = [&](int k, auto load_w, auto load_x) {
        V values[R];
        for (int r = 0; r < R; r++) values[r] = load_w(w + r * stride + int64_t(k) * Weight::bytes);
        for (int i = 0; i < N; i++) {
            const V activation = load_x(x[i] + k);
            for (int r = 0; r < R; r++) sums[r][i] = fma(values[r], activation, sums[r][i]);
        }
    };
    int k = 0;
    for (; k + W <= cols; k += W) {
        if (R * N == 1) prefetch(w + int64_t(k) * Weight::bytes + 2048);
        step(k, [](const uint8_t* p) { return Weight::load_at(p); }, [](const float* p) { return load(p); });
    }
    if (const int left = cols - k)
        step(
            k, [left](const uint8_t* p) { return load_weights<Weight>(p, left); },
            [left](const float* p) { return load_part(p, left); });
    for (int r = 0; r < R; r++)
        for (int i = 0; i < N; i++) out[i * out_stride + r] = reduce_add(sums[r][i]);
}

template <class Weight, int R>
void dot_rows(const Matmul& m, const uint8_t* w, int64_t stride, int first, int last, float* out) {
    const int cols = m.matrix->cols;
    const float* x[dot_tokens];
    for (int i = first; i < last;) {
        const int left = last - i, n = left >= dot_tokens ? dot_tokens : left >= 2 ? 2 : 1;
        for (int j = 0; j < n; j++) x[j] = m.x.f32 + int64_t(m.tokens ? m.tokens[i + j] : i + j) * cols;
        float* to = out + i * m.out_stride;
        if (n == 1)
            dot_tile<Weight, R, 1>(w, stride, x, cols, to, m.out_stride);
        else if (n == 2)
            dot_tile<Weight, R, 2>(w, stride, x, cols, to, m.out_stride);
        else
            dot_tile<Weight, R, dot_tokens>(w, stride, x, cols, to, m.out_stride);
        i += n;
    }
}

template <class Weight> void dot_rows(const Matmul& m, const uint8_t* w, int64_t stride, int n_rows,
                                      int first, int last, float* out) {
    int r = 0; // one token: one row at a time, in the order of memory
    for (; last - first > 1 && r + 4 <= n_rows; r += 4)
        dot_rows<Weight, 4>(m, w + r * stride, stride, first, last, out + r);
    for (; r < n_rows; r++) dot_rows<Weight, 1>(m, w + r * stride, stride, first, last, out + r);
}

template <class Weight> void matmul_plain(const Matmul& m) {
    constexpr int tokens_in_l2 = 32;
    const uint8_t* w = m.matrix->data + m.row * m.matrix->stride;
    for (int i = 0; i < m.n_tokens; i += tokens_in_l2) {
        const int last = i + tokens_in_l2 < m.n_tokens ? i + tokens_in_l2 : m.n_tokens;
        dot_rows<Weight>(m, w, m.matrix->stride, m.n_rows, i, last, m.out);
    }
}

float block_scale(Kind kind, const uint8_t* block) {
    if (kind == Kind::q8_0) return half_to_float(block);
    const uint32_t e = block[0], bits = e < 2 ? 0x00200000u << e : (e - 1) << 23; // 2^(e - 128)
    float scale;
    __builtin_memcpy(&scale, &bits, sizeof scale);
    return scale;
}

void dequantize_block(Kind kind, const uint8_t* block, float* out) {
    const V scale = set1(block_scale(kind, block));
    if (kind == Kind::q8_0) {
        for (int i = 0; i < 32; i += W) store(out + i, mul(scale, load_i8(block + 2 + i)));
        return;
    }
    alignas(64) float pairs[32];
    float* to = kind == Kind::mxfp4_openai ? pairs : out;
    for (int i = 0; i < 16; i += W) {
        V low, high;
        load_nibbles(block + 1 + i, low, high);
        store(to + i, mul(scale, low));
        store(to + 16 + i, mul(scale, high));
    }
    if (to == out) return;
    for (int i = 0; i < 16; i++) {
        out[2 * i] = pairs[i];
        out[2 * i + 1] = pairs[16 + i];
    }
}

template <class Weight> void dequantize_plain(const uint8_t* row, int cols, float* out) {
    for (int k = 0; k < cols; k += W)
        store_upto(out + k, load_weights<Weight>(row + int64_t(k) * Weight::bytes, cols - k), cols - k);
}

void dequantize(Kind kind, const uint8_t* row, int cols, float* out) {
    switch (kind) {
    case Kind::f32:
        return dequantize_plain<F32>(row, cols, out);
    case Kind::f16:
        return dequantize_plain<F16>(row, cols, out);
    case Kind::bf16:
        return dequantize_plain<BF16>(row, cols, out);
    default:
        break;
    }
    const int bytes = kind == Kind::q8_0 ? 34 : 17;
    for (int b = 0; b < cols / block_size; b++) dequantize_block(kind, row + b * bytes, out + b * block_size);
}

void matmul_exact(const Matmul& m) {
    const int cols = m.matrix->cols;
    float* weights = static_cast<float*>(m.scratch);
    for (int r = 0; r < m.n_rows; r += 4) {
        const int rows = m.n_rows - r < 4 ? m.n_rows - r : 4;
        for (int i = 0; i < rows; i++)
            dequantize(m.matrix->kind, m.matrix->data + (m.row + r + i) * m.matrix->stride, cols,
                       weights + int64_t(i) * cols);
        dot_rows<F32>(m, reinterpret_cast<const uint8_t*>(weights), int64_t(cols) * 4, rows, 0, m.n_tokens,
                      m.out + r);
    }
}

void matmul(const Matmul& m) {
    switch (m.matrix->kind) {
    case Kind::f32:
        return matmul_plain<F32>(m);
    case Kind::f16:
        return matmul_plain<F16>(m);
    case Kind::bf16:
        return matmul_plain<BF16>(m);
    case Kind::q8_0:
        return m.exact ? matmul_exact(m) : matmul_int8<Q8_0>(m);
    default:
        return m.exact ? matmul_exact(m) : matmul_int8<MXFP4>(m);
    }
}

void quantize(const float* x, Kind kind, int cols, Group* out) {
    const bool pairs = kind == Kind::mxfp4_openai;
    const int offset = kind == Kind::q8_0 ? Q8_0::offset : MXFP4::offset;
    const float unit = kind == Kind::q8_0 ? 1.0f : MXFP4::unit;
    const int blocks = cols / block_size;
    for (int b = 0; b < (blocks + 3) / 4 * 4; b++) {
        Group& group = out[b / group_blocks];
        const int slot = b % group_blocks;
        const float largest = b < blocks ? max_abs(x + b * block_size) : 0;
        float scale = 1; // for a block of zeros; not 0, see MXFP4::scale_by in avx512
        int sum = 0;
        if (largest > 1e-18f) {
            scale = largest / 127 * unit;
            sum =
                quantize_block(x + b * block_size, 127 / largest, pairs, group.q[0][slot], group.q[1][slot]);
        } else {
            __builtin_memset(group.q[0][slot], 0, 16);
            __builtin_memset(group.q[1][slot], 0, 16);
        }
        for (int i = 0; i < 4; i++) {
            group.start[slot][i] = i == 0 ? -offset * sum : 0;
            group.scale[slot][i] = scale;
        }
    }
}

void f32_to_f16(const float* x, int64_t n, uint16_t* out) {
    for (int64_t i = 0; i < n; i += W) {
        alignas(64) uint16_t values[W];
        const int left = n - i < W ? int(n - i) : W;
        store_f16(values, load_upto(x + i, left));
        __builtin_memcpy(out + i, values, left * sizeof *out);
    }
}

void f16_to_f32(const uint16_t* x, int64_t n, float* out) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(x);
    for (int64_t i = 0; i < n; i += W) {
        const int left = n - i < W ? int(n - i) : W;
        store_upto(out + i, load_weights<F16>(bytes + 2 * i, left), left);
    }
}

// out[r, c] = sum over first <= k < last of a[r, k] * b[k, c], for R rows and C vectors.
template <int R, int C> void gemm_tile(const float* a, int64_t a_stride, const float* b, int64_t b_stride,
                                       int first, int last, float* out, int64_t out_stride) {
    V sums[R][C];
    for (int r = 0; r < R; r++)
        for (int c = 0; c < C; c++) sums[r][c] = zero();
    for (int k = first; k < last; k++) {
        V columns[C];
        for (int c = 0; c < C; c++) columns[c] = load(b + k * b_stride + c * W);
        for (int r = 0; r < R; r++) {
            const V factor = set1(a[r * a_stride + k]);
            for (int c = 0; c < C; c++) sums[r][c] = fma(factor, columns[c], sums[r][c]);
        }
    }
    for (int r = 0; r < R; r++)
        for (int c = 0; c < C; c++) store(out + r * out_stride + c * W, sums[r][c]);
}

template <int R> void gemm_rows(const float* a, int64_t a_stride, const float* b, int64_t b_stride, int first,
                                int last, int cols, float* out, int64_t out_stride) {
    int c = 0;
    for (; c + gemm_cols * W <= cols; c += gemm_cols * W)
        gemm_tile<R, gemm_cols>(a, a_stride, b + c, b_stride, first, last, out + c, out_stride);
    for (; c < cols; c += W) gemm_tile<R, 1>(a, a_stride, b + c, b_stride, first, last, out + c, out_stride);
}

void gemm(const float* a, int64_t a_stride, const float* b, int64_t b_stride, int rows, int first, int last,
          int cols, float* out, int64_t out_stride) {
    int r = 0;
    for (; r + 4 <= rows; r += 4)
        gemm_rows<4>(a + r * a_stride, a_stride, b, b_stride, first, last, cols, out + r * out_stride,
                     out_stride);
    for (; r < rows; r++)
        gemm_rows<1>(a + r * a_stride, a_stride, b, b_stride, first, last, cols, out + r * out_stride,
                     out_stride);
}

// Turns scores first <= j < last (whole vectors) into exp(score - max); those outside begin .. end become 0.
void softmax_partial(float* scores, int first, int last, int begin, int end, float* max_out, float* sum_out) {
    V largest = set1(-__builtin_inff());
    for (int j = first; j < last; j += W) {
        const V s = keep_between(load(scores + j), begin - j, end - j, -__builtin_inff());
        store(scores + j, s);
        largest = max(largest, s);
    }
    const float top = reduce_max(largest);
    V sum = zero();
    for (int j = first; j < last; j += W) {
        const V p = begin < end ? exp(sub(load(scores + j), set1(top))) : zero();
        store(scores + j, p);
        sum = add(sum, p);
    }
    *max_out = top;
    *sum_out = reduce_add(sum);
}

void attend(const Attend& a) {
    int begin = chunk_keys, end = 0;
    for (int r = 0; r < a.rows; r++) {
        if (a.begin[r] >= a.end[r]) continue;
        begin = a.begin[r] < begin ? a.begin[r] : begin;
        end = a.end[r] > end ? a.end[r] : end;
    }
    const int first = begin / W * W, last = begin < end ? (end + W - 1) / W * W : first;
    gemm(a.q, a.head_dim, a.keys + first, chunk_keys, a.rows, 0, a.head_dim, last - first, a.scores + first,
         chunk_keys);
    for (int r = 0; r < a.rows; r++)
        softmax_partial(a.scores + r * chunk_keys, first, last, a.begin[r], a.end[r], a.max + r, a.sum + r);
    gemm(a.scores, chunk_keys, a.values, a.head_dim, a.rows, begin, end, a.head_dim, a.out, a.head_dim);
}
