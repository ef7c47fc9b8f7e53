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

// Four rows at once: a sum is loaded and stored once for all of them.
DISPATCHED void tributary_column_sums(int64_t rows, int64_t n, const float *restrict x, float *restrict sums) {
    int64_t row = 0;
    for (; row + 4 <= rows; row += 4) {
        const float *restrict y = x + row * n;
        for (int64_t i = 0; i < n; i++) sums[i] += (y[i] + y[n + i]) + (y[2 * n + i] + y[3 * n + i]);
    }
    for (; row < rows; row++) {
        const float *restrict y = x + row * n;
        for (int64_t i = 0; i < n; i++) sums[i] += y[i];
    }
}

typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
#define SHUFFLED(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

// Squares of 8 x 8 turned in registers: pairs, then fours, then halves change places.
DISPATCHED void tributary_transpose(int64_t rows, int64_t columns, const float *restrict x, float *restrict out) {
    const int64_t whole_rows = rows & ~(int64_t)7, whole_columns = columns & ~(int64_t)7;
    for (int64_t column = 0; column < whole_columns; column += 8) {
        for (int64_t row = 0; row < whole_rows; row += 8) {
            eight r[8], pairs[8], fours[8];
            for (int k = 0; k < 8; k++) r[k] = *(const eight *)(x + (row + k) * columns + column);
            for (int k = 0; k < 4; k++) {
                pairs[2 * k] = SHUFFLED(r[2 * k], r[2 * k + 1], 0, 8, 1, 9, 4, 12, 5, 13);
                pairs[2 * k + 1] = SHUFFLED(r[2 * k], r[2 * k + 1], 2, 10, 3, 11, 6, 14, 7, 15);
            }
            for (int k = 0; k < 2; k++) {
                for (int odd = 0; odd < 2; odd++) {
                    fours[4 * k + 2 * odd] = SHUFFLED(pairs[4 * k + odd], pairs[4 * k + 2 + odd], 0, 1, 8, 9, 4, 5, 12, 13);
                    fours[4 * k + 2 * odd + 1] = SHUFFLED(pairs[4 * k + odd], pairs[4 * k + 2 + odd], 2, 3, 10, 11, 6, 7, 14, 15);
                }
            }
            for (int k = 0; k < 4; k++) {
                *(eight *)(out + (column + k) * rows + row) = SHUFFLED(fours[k], fours[4 + k], 0, 1, 2, 3, 8, 9, 10, 11);
                *(eight *)(out + (column + 4 + k) * rows + row) = SHUFFLED(fours[k], fours[4 + k], 4, 5, 6, 7, 12, 13, 14, 15);
            }
        }
        for (int64_t row = whole_rows; row < rows; row++) {
            for (int k = 0; k < 8; k++) out[(column + k) * rows + row] = x[row * columns + column + k];
        }
    }
    for (int64_t column = whole_columns; column < columns; column++) {
        for (int64_t row = 0; row < rows; row++) out[column * rows + row] = x[row * columns + column];
    }
}

float tributary_sigmoid_of(float x) { return 1.0f / (1.0f + expf(-x)); }

float tributary_softplus_of(float x) { return (x > 0 ? x : 0) + log1pf(expf(-fabsf(x))); }
