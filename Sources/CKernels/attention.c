#include "CKernels.h"
#include "dropout.h"

// A tile holds consecutive rows of one sequence's square of attention, `first` the place of its first row, and the columns that its
// last row sees; row r sees the columns 0 ... first + r.

DISPATCHED void tributary_causal_softmax(int64_t rows, int64_t columns, int64_t first, float scale, float *restrict scores) {
    FAST_SUMS
    for (int64_t row = 0; row < rows; row++) {
        float *restrict x = scores + row * columns;
        const int64_t seen = first + row + 1 < columns ? first + row + 1 : columns;
        const float largest = largest_of(seen, x);
        float sum = 0;
        for (int64_t i = 0; i < seen; i++) {
            float value = fast_exp((x[i] - largest) * scale);
            x[i] = value;
            sum += value;
        }
        const float factor = 1.0f / sum;
        for (int64_t i = 0; i < seen; i++) x[i] *= factor;
        for (int64_t i = seen; i < columns; i++) x[i] = 0;
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
