#include "CKernels.h"
#include "dispatch.h"

#include <math.h>

DISPATCHED void tributary_layer_norm(int64_t rows, int64_t n, const float *restrict x, const float *restrict gain,
                                     const float *restrict bias, float epsilon, float *restrict out, float *restrict statistics) {
    FAST_SUMS
    for (int64_t row = 0; row < rows; row++) {
        const float *restrict from = x + row * n;
        float *restrict to = out + row * n;
        float sum = 0;
        for (int64_t i = 0; i < n; i++) sum += from[i];
        const float mean = sum / (float)n;
        float squares = 0;
        for (int64_t i = 0; i < n; i++) {
            float difference = from[i] - mean;
            squares += difference * difference;
        }
        const float inverse = 1.0f / __builtin_sqrtf(squares / (float)n + epsilon);
        for (int64_t i = 0; i < n; i++) to[i] = (from[i] - mean) * inverse * gain[i] + bias[i];
        statistics[2 * row] = mean;
        statistics[2 * row + 1] = inverse;
    }
}

// With u = (x - mean) inverse and v = gain dy: dx = inverse (v - mean(v) - u mean(u v)).
DISPATCHED void tributary_layer_norm_backward(int64_t rows, int64_t n, const float *restrict out_gradient, const float *restrict x,
                                              const float *restrict statistics, const float *restrict gain,
                                              float *restrict x_gradient) {
    FAST_SUMS
    for (int64_t row = 0; row < rows; row++) {
        const float *restrict dy = out_gradient + row * n;
        const float *restrict from = x + row * n;
        float *restrict dx = x_gradient + row * n;
        const float mean = statistics[2 * row], inverse = statistics[2 * row + 1];
        float sum = 0, product = 0;
        for (int64_t i = 0; i < n; i++) {
            float value = dy[i] * gain[i];
            sum += value;
            product += value * (from[i] - mean) * inverse;
        }
        sum /= (float)n;
        product /= (float)n;
        for (int64_t i = 0; i < n; i++) {
            dx[i] += inverse * (dy[i] * gain[i] - sum - (from[i] - mean) * inverse * product);
        }
    }
}

enum { WEIGHT_COLUMNS = 32 };

DISPATCHED void tributary_layer_norm_weights(int64_t rows, int64_t n, const float *restrict out_gradient, const float *restrict x,
                                             const float *restrict statistics, float *restrict gain_gradient,
                                             float *restrict bias_gradient) {
    FUSED
    int64_t start = 0;
    // The sums of so many columns stay in registers.
    for (; start + WEIGHT_COLUMNS <= n; start += WEIGHT_COLUMNS) {
        float gains[WEIGHT_COLUMNS], biases[WEIGHT_COLUMNS];
        for (int i = 0; i < WEIGHT_COLUMNS; i++) gains[i] = biases[i] = 0;
        for (int64_t row = 0; row < rows; row++) {
            const float *restrict dy = out_gradient + row * n + start;
            const float *restrict from = x + row * n + start;
            const float mean = statistics[2 * row], inverse = statistics[2 * row + 1];
            for (int i = 0; i < WEIGHT_COLUMNS; i++) {
                gains[i] += dy[i] * ((from[i] - mean) * inverse);
                biases[i] += dy[i];
            }
        }
        for (int i = 0; i < WEIGHT_COLUMNS; i++) {
            gain_gradient[start + i] += gains[i];
            bias_gradient[start + i] += biases[i];
        }
    }
    for (int64_t row = 0; row < rows; row++) {
        const float *restrict dy = out_gradient + row * n;
        const float *restrict from = x + row * n;
        const float mean = statistics[2 * row], inverse = statistics[2 * row + 1];
        for (int64_t i = start; i < n; i++) {
            gain_gradient[i] += dy[i] * ((from[i] - mean) * inverse);
            bias_gradient[i] += dy[i];
        }
    }
}
