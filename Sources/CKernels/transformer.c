#include "CKernels.h"
#include "dropout.h"

DISPATCHED void tributary_dropout(int64_t n, float *restrict x, uint64_t key, uint32_t threshold, float kept) {
    for (int64_t i = 0; i < n; i++) x[i] *= dropout_factor(key, (uint64_t)i, threshold, kept);
}

DISPATCHED void tributary_embed(int64_t rows, int64_t n, const int32_t *restrict items, const float *restrict table, float scale,
                                const int32_t *restrict places, const float *restrict positions, float *restrict out) {
    FUSED
    for (int64_t row = 0; row < rows; row++) {
        const float *restrict item = table + (int64_t)items[row] * n;
        const float *restrict place = positions + (int64_t)places[row] * n;
        float *restrict to = out + row * n;
        for (int64_t i = 0; i < n; i++) to[i] = scale * item[i] + place[i];
    }
}

DISPATCHED void tributary_residual(int64_t rows, int64_t n, const float *restrict y, const float *restrict bias,
                                   const float *restrict x, uint64_t key, uint32_t threshold, float kept, float *restrict out) {
    FUSED
    for (int64_t row = 0; row < rows; row++) {
        const int64_t start = row * n;
        if (threshold == 0) {
            for (int64_t i = 0; i < n; i++) out[start + i] = x[start + i] + y[start + i] + bias[i];
        } else {
            for (int64_t i = 0; i < n; i++) {
                float factor = dropout_factor(key, (uint64_t)(start + i), threshold, kept);
                out[start + i] = x[start + i] + (y[start + i] + bias[i]) * factor;
            }
        }
    }
}

DISPATCHED void tributary_relu(int64_t rows, int64_t n, const float *restrict bias, uint64_t key, uint32_t threshold, float kept,
                               float *restrict x) {
    for (int64_t row = 0; row < rows; row++) {
        float *restrict y = x + row * n;
        const int64_t start = row * n;
        if (threshold == 0) {
            for (int64_t i = 0; i < n; i++) {
                float value = y[i] + bias[i];
                y[i] = value > 0 ? value : 0;
            }
        } else {
            for (int64_t i = 0; i < n; i++) {
                float value = y[i] + bias[i];
                y[i] = (value > 0 ? value : 0) * dropout_factor(key, (uint64_t)(start + i), threshold, kept);
            }
        }
    }
}

// What was dropped is zero, like what was negative: both have no slope.
DISPATCHED void tributary_relu_backward(int64_t n, const float *restrict y, float kept, float *restrict gradient) {
    for (int64_t i = 0; i < n; i++) gradient[i] = y[i] > 0 ? gradient[i] * kept : 0.0f;
}

// gelu(x) = x Phi(x), with Phi(x) close to sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)) (Hendrycks and Gimpel 2016, section 2).
INLINE float gelu_share(float x) {
    FUSED
    return fast_sigmoid(1.5957691216057308f * (x + 0.044715f * x * x * x));
}

DISPATCHED void tributary_gelu(int64_t rows, int64_t n, const float *restrict bias, uint64_t key, uint32_t threshold, float kept,
                               float *restrict x, float *restrict out) {
    FUSED
    for (int64_t row = 0; row < rows; row++) {
        const int64_t start = row * n;
        for (int64_t i = 0; i < n; i++) {
            float value = x[start + i] + bias[i];
            x[start + i] = value;
            float factor = threshold == 0 ? 1.0f : dropout_factor(key, (uint64_t)(start + i), threshold, kept);
            out[start + i] = value * gelu_share(value) * factor;
        }
    }
}

DISPATCHED void tributary_gelu_backward(int64_t n, const float *restrict x, uint64_t key, uint32_t threshold, float kept,
                                        float *restrict gradient) {
    FUSED
    for (int64_t i = 0; i < n; i++) {
        float value = x[i];
        float share = gelu_share(value);
        float slope = share + value * share * (1.0f - share) * 1.5957691216057308f * (1.0f + 3.0f * 0.044715f * value * value);
        float factor = threshold == 0 ? 1.0f : dropout_factor(key, (uint64_t)i, threshold, kept);
        gradient[i] *= slope * factor;
    }
}
