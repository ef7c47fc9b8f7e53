#include "CKernels.h"
#include "dropout.h"
#include "lanes.h"

// A tile holds consecutive rows of one sequence's square of attention, `first` the place of its first row, and the columns that its
// last row sees; row r sees the columns 0 ... first + r.

// LANES zeros, then as many that leave nothing of a score.
static const float beyond[2 * LANES] = {
    [16] = -INFINITY, [17] = -INFINITY, [18] = -INFINITY, [19] = -INFINITY, [20] = -INFINITY, [21] = -INFINITY,
    [22] = -INFINITY, [23] = -INFINITY, [24] = -INFINITY, [25] = -INFINITY, [26] = -INFINITY, [27] = -INFINITY,
    [28] = -INFINITY, [29] = -INFINITY, [30] = -INFINITY, [31] = -INFINITY,
};

// Rows are short, and a loop's last few elements one by one would cost more than all others. So a row's last part is computed in whole
// lanes too: in its place where the row is long enough, else in a copy.
// Calls of memset and memcpy for a few floats would cost more than the floats.
__attribute__((no_builtin("memset", "memcpy")))
DISPATCHED void tributary_causal_softmax(int64_t rows, int64_t columns, int64_t first, float scale, float *restrict scores) {
    FAST_SUMS
    for (int64_t row = 0; row < rows; row++) {
        float *x = scores + row * columns;
        const int64_t seen = first + row + 1 < columns ? first + row + 1 : columns;
        const int64_t whole = (seen - 1) / LANES * LANES;
        const int left = (int)(seen - whole);
        float copy[LANES];
        const int copied = whole + LANES > columns;
        float *last = x + whole;
        if (copied) {
            for (int lane = 0; lane < LANES; lane++) copy[lane] = lane < left ? x[whole + lane] : 0;
            last = copy;
        }
        lanes top = LOAD(last) + LOAD(beyond + LANES - left);
        for (int64_t i = 0; i < whole; i += LANES) top = __builtin_elementwise_max(top, LOAD(x + i));
        float largest;
        LANE_LARGEST(largest, top);
        float part[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            // What fills up the lanes has no share, where the exponential of minus infinity is only tiny.
            float value = lane < left ? fast_exp((last[lane] - largest) * scale) : 0;
            last[lane] = value;
            part[lane] = value;
        }
        for (int64_t i = 0; i < whole; i += LANES) {
            for (int lane = 0; lane < LANES; lane++) {
                float value = fast_exp((x[i + lane] - largest) * scale);
                x[i + lane] = value;
                part[lane] += value;
            }
        }
        lanes total = LOAD(part);
        float sum;
        LANE_SUM(sum, total);
        const float factor = 1.0f / sum;
        for (int64_t i = 0; i < whole; i += LANES) STORE(x + i, LOAD(x + i) * factor);
        STORE(last, LOAD(last) * factor);
        int64_t done = whole + LANES;
        if (copied) {
            for (int lane = 0; lane < left; lane++) x[whole + lane] = copy[lane];
            done = seen;
        }
        for (; done + LANES <= columns; done += LANES) STORE(x + done, (lanes){0});
        for (; done < columns; done++) x[done] = 0;
    }
}

DISPATCHED void tributary_attention_dropout(int64_t n, const float *restrict shares, uint64_t key, int64_t first,
                                            uint32_t threshold, float kept, float *restrict out) {
    for (int64_t i = 0; i < n; i++) out[i] = shares[i] * dropout_factor(key, (uint64_t)(first + i), threshold, kept);
}

// With p the softmax, m the dropout factors and g the gradient of m p: ds = p (m g - sum(p m g)) scale.
DISPATCHED void tributary_causal_softmax_backward(int64_t rows, int64_t columns, int64_t first, float scale,
                                                  const float *restrict shares, uint64_t key, int64_t index, uint32_t threshold,
                                                  float kept, float *restrict gradient) {
    FAST_SUMS
    for (int64_t row = 0; row < rows; row++) {
        const float *restrict p = shares + row * columns;
        float *restrict g = gradient + row * columns;
        const int64_t seen = first + row + 1 < columns ? first + row + 1 : columns;
        float sum = 0;
        if (threshold == 0) {
            for (int64_t i = 0; i < seen; i++) sum += p[i] * g[i];
        } else {
            const uint64_t start = (uint64_t)(index + row * columns);
            for (int64_t i = 0; i < seen; i++) {
                float value = g[i] * dropout_factor(key, start + (uint64_t)i, threshold, kept);
                g[i] = value;
                sum += p[i] * value;
            }
        }
        for (int64_t i = 0; i < seen; i++) g[i] = p[i] * (g[i] - sum) * scale;
        for (int64_t i = seen; i < columns; i++) g[i] = 0;
    }
}
