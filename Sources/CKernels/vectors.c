#include "CKernels.h"
#include "dispatch.h"

#include <math.h>

DISPATCHED void tributary_axpy(int64_t n, float a, const float *restrict x, float *restrict y) {
    FUSED
    for (int64_t i = 0; i < n; i++) y[i] += a * x[i];
}

DISPATCHED void tributary_add(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] += x[i];
}

DISPATCHED void tributary_subtract(int64_t n, const float *x, const float *y, float *out) {
    for (int64_t i = 0; i < n; i++) out[i] = x[i] - y[i];
}

DISPATCHED void tributary_scale(int64_t n, float a, float *x) {
    for (int64_t i = 0; i < n; i++) x[i] *= a;
}

DISPATCHED void tributary_multiply(int64_t n, const float *restrict y, float *restrict x) {
    for (int64_t i = 0; i < n; i++) x[i] *= y[i];
}

DISPATCHED float tributary_dot(int64_t n, const float *restrict x, const float *restrict y) {
    FAST_SUMS
    float sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

DISPATCHED double tributary_squared_norm(int64_t n, const float *x) {
    FAST_SUMS
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

DISPATCHED int32_t tributary_is_finite(int64_t n, const float *x) {
    uint32_t found = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        found |= (bits & 0x7F800000u) == 0x7F800000u;
    }
    return found == 0;
}

DISPATCHED void tributary_exp(int64_t n, float *x) {
    for (int64_t i = 0; i < n; i++) x[i] = fast_exp(x[i]);
}

DISPATCHED void tributary_tanh(int64_t n, float *x) {
    for (int64_t i = 0; i < n; i++) x[i] = fast_tanh(x[i]);
}

DISPATCHED void tributary_sigmoid(int64_t n, float *x) {
    for (int64_t i = 0; i < n; i++) x[i] = fast_sigmoid(x[i]);
}

DISPATCHED void tributary_add_bias(int64_t rows, int64_t n, const float *restrict bias, float *restrict x) {
    for (int64_t row = 0; row < rows; row++) {
        float *restrict y = x + row * n;
        for (int64_t i = 0; i < n; i++) y[i] += bias[i];
    }
}

DISPATCHED void tributary_column_sums(int64_t rows, int64_t n, const float *restrict x, float *restrict sums) {
    for (int64_t row = 0; row < rows; row++) {
        const float *restrict y = x + row * n;
        for (int64_t i = 0; i < n; i++) sums[i] += y[i];
    }
}

DISPATCHED void tributary_transpose(int64_t rows, int64_t columns, const float *restrict x, float *restrict out) {
    for (int64_t column = 0; column < columns; column++) {
        for (int64_t row = 0; row < rows; row++) out[column * rows + row] = x[row * columns + column];
    }
}

float tributary_sigmoid_of(float x) { return 1.0f / (1.0f + expf(-x)); }

float tributary_softplus_of(float x) { return (x > 0 ? x : 0) + log1pf(expf(-fabsf(x))); }
