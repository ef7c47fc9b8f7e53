#include "CKernels.h"
#include "lanes.h"

#include <math.h>

// One row of least squares over n gathered vectors y (the rows `columns` of `table`):
// (sum y y^T + gram + ridge I) x = sum y.

/// x by `steps` of conjugate gradient from the x given; vectors of 16 blocks floats, blocks a constant where it is small. Returns the
/// objective x (A x - 2 b), which every step lowers by length times squares.
INLINE double conjugate_row(const int64_t blocks, int64_t n, const int32_t *columns, const float *table, const float *gram, float ridge,
                          int32_t steps, float *x, float *space) {
    FUSED
    const int64_t width = blocks * LANES;
    float *r = space, *p = space + width, *Ap = space + 2 * width;
    // One pass over the vectors: Ap = gram v + ridge v + sum y (y.v - target), where target is 1 for the residual and 0 after.
#define PASS(v, target, sign)                                                       \
    do {                                                                            \
        lanes sum[blocks], own[blocks];                                             \
        dots = 0;                                                                   \
        for (int64_t b = 0; b < blocks; b++) {                                      \
            own[b] = LOAD((v) + b * LANES);                                         \
            sum[b] = own[b] * ridge;                                                \
        }                                                                           \
        for (int64_t k = 0; k < width; k++) {                                       \
            float factor = (v)[k];                                                  \
            const float *row = gram + k * width;                                    \
            for (int64_t b = 0; b < blocks; b++) sum[b] += factor * LOAD(row + b * LANES); \
        }                                                                           \
        for (int64_t e = 0; e < n; e++) {                                           \
            const float *y = table + (int64_t)columns[e] * width;                   \
            lanes product = LOAD(y) * own[0];                                       \
            for (int64_t b = 1; b < blocks; b++) product += LOAD(y + b * LANES) * own[b]; \
            float dot;                                                              \
            LANE_SUM(dot, product);                                                 \
            dots += dot;                                                            \
            dot -= (target);                                                        \
            for (int64_t b = 0; b < blocks; b++) sum[b] += dot * LOAD(y + b * LANES); \
        }                                                                           \
        for (int64_t b = 0; b < blocks; b++) STORE((sign), sum[b]), (sign) += LANES; \
    } while (0)

    float *out = r, dots;
    PASS(x, 1.0f, out);
    float squares = 0;
    double objective = 0;
    {
        // x (A x - 2 b) = x (A x - b) - x b, and x b is the sum of the dots.
        lanes total = {0}, along = {0};
        for (int64_t b = 0; b < blocks; b++) {
            lanes v = -LOAD(r + b * LANES);
            along += v * LOAD(x + b * LANES);
            STORE(r + b * LANES, v);
            STORE(p + b * LANES, v);
            total += v * v;
        }
        LANE_SUM(squares, total);
        float toward;
        LANE_SUM(toward, along);
        objective = -(double)toward - (double)dots;
    }
    for (int32_t step = 0; step < steps && squares > 1e-20f; step++) {
        out = Ap;
        PASS(p, 0.0f, out);
        lanes total = {0};
        for (int64_t b = 0; b < blocks; b++) total += LOAD(p + b * LANES) * LOAD(Ap + b * LANES);
        float curvature;
        LANE_SUM(curvature, total);
        if (!(curvature > 0)) break;
        float length = squares / curvature;
        objective -= (double)length * (double)squares;
        total = (lanes){0};
        for (int64_t b = 0; b < blocks; b++) {
            STORE(x + b * LANES, LOAD(x + b * LANES) + length * LOAD(p + b * LANES));
            lanes v = LOAD(r + b * LANES) - length * LOAD(Ap + b * LANES);
            STORE(r + b * LANES, v);
            total += v * v;
        }
        float next;
        LANE_SUM(next, total);
        float ratio = next / squares;
        for (int64_t b = 0; b < blocks; b++) STORE(p + b * LANES, LOAD(r + b * LANES) + ratio * LOAD(p + b * LANES));
        squares = next;
    }
    return objective;
#undef PASS
}

DISPATCHED double tributary_als_conjugate(int64_t rows, int64_t width, const int64_t *offsets, const int32_t *columns, const float *table,
                                        const float *gram, const float *ridges, int32_t steps, float *x, float *space) {
    FUSED
    double objective = 0;
    for (int64_t row = 0; row < rows; row++) {
        const int32_t *own = columns + offsets[row];
        const int64_t n = offsets[row + 1] - offsets[row];
        float *target = x + row * width;
        if (n == 0) {
            memset(target, 0, (size_t)width * sizeof(float));
            continue;
        }
        switch (width / LANES) {
        case 1: objective += conjugate_row(1, n, own, table, gram, ridges[row], steps, target, space); break;
        case 2: objective += conjugate_row(2, n, own, table, gram, ridges[row], steps, target, space); break;
        case 3: objective += conjugate_row(3, n, own, table, gram, ridges[row], steps, target, space); break;
        case 4: objective += conjugate_row(4, n, own, table, gram, ridges[row], steps, target, space); break;
        case 8: objective += conjugate_row(8, n, own, table, gram, ridges[row], steps, target, space); break;
        default: objective += conjugate_row(width / LANES, n, own, table, gram, ridges[row], steps, target, space); break;
        }
    }
    return objective;
}

/// a[i][j] += sum over the vectors of y_i y_j for j from the lane of i on: four rows and up to four lanes of columns at a time, held in
/// registers over all vectors.
INLINE void add_outer_products(const int64_t across, int64_t n, const int32_t *columns, const float *table, int64_t width, int64_t i,
                               int64_t j, float *a) {
    FUSED
    lanes sum[4][across];
    for (int64_t r = 0; r < 4; r++)
        for (int64_t b = 0; b < across; b++) sum[r][b] = LOAD(a + (i + r) * width + j + b * LANES);
    for (int64_t e = 0; e < n; e++) {
        const float *y = table + (int64_t)columns[e] * width;
        lanes right[across];
        for (int64_t b = 0; b < across; b++) right[b] = LOAD(y + j + b * LANES);
        for (int64_t r = 0; r < 4; r++) {
            float left = y[i + r];
            for (int64_t b = 0; b < across; b++) sum[r][b] += left * right[b];
        }
    }
    for (int64_t r = 0; r < 4; r++)
        for (int64_t b = 0; b < across; b++) STORE(a + (i + r) * width + j + b * LANES, sum[r][b]);
}

/// The upper triangle of a (from the lane of the diagonal on) becomes U with U^T U = a; the diagonal of U is stored inverted. Pivots
/// that rounding took below `least` leave their unknown at zero.
INLINE void factorize(const int64_t blocks, float *a, float least) {
    FUSED
    const int64_t width = blocks * LANES;
    for (int64_t i = 0; i < width; i++) {
        const int64_t first = i / LANES;
        float *row = a + i * width;
        lanes sum[blocks];
        for (int64_t b = 0; b < blocks; b++) sum[b] = LOAD(row + b * LANES);
        for (int64_t k = 0; k < i; k++) {
            const float *above = a + k * width;
            float factor = above[i];
            for (int64_t b = first; b < blocks; b++) sum[b] -= factor * LOAD(above + b * LANES);
        }
        for (int64_t b = first; b < blocks; b++) STORE(row + b * LANES, sum[b]);
        float pivot = row[i];
        float inverse = pivot > least ? 1.0f / sqrtf(pivot) : 0.0f;
        for (int64_t b = first; b < blocks; b++) STORE(row + b * LANES, LOAD(row + b * LANES) * inverse);
        row[i] = inverse;
    }
}

/// x = a^-1 x with a as `factorize` left it.
INLINE void substitute(int64_t width, const float *a, float *x) {
    FAST_SUMS
    for (int64_t i = 0; i < width; i++) {
        const float *row = a + i * width;
        float value = x[i] * row[i];
        x[i] = value;
        for (int64_t j = i + 1; j < width; j++) x[j] -= value * row[j];
    }
    for (int64_t i = width - 1; i >= 0; i--) {
        const float *row = a + i * width;
        float sum = x[i];
        for (int64_t j = i + 1; j < width; j++) sum -= row[j] * x[j];
        x[i] = sum * row[i];
    }
}

INLINE void solve_in_place(int64_t width, float *a, float *x) {
    float largest = 0;
    for (int64_t i = 0; i < width; i++) largest = a[i * width + i] > largest ? a[i * width + i] : largest;
    const float least = largest * 1e-7f;
    switch (width / LANES) {
    case 1: factorize(1, a, least); break;
    case 2: factorize(2, a, least); break;
    case 3: factorize(3, a, least); break;
    case 4: factorize(4, a, least); break;
    case 8: factorize(8, a, least); break;
    default: factorize(width / LANES, a, least); break;
    }
    substitute(width, a, x);
}

DISPATCHED double tributary_als_exact(int64_t rows, int64_t width, const int64_t *offsets, const int32_t *columns, const float *table,
                                    const float *gram, const float *ridges, float *x, float *space) {
    FUSED
    double objective = 0;
    for (int64_t row = 0; row < rows; row++) {
        const int32_t *own = columns + offsets[row];
        const int64_t n = offsets[row + 1] - offsets[row];
        float *target = x + row * width;
        memset(target, 0, (size_t)width * sizeof(float));
        if (n == 0) continue;
        memcpy(space, gram, (size_t)(width * width) * sizeof(float));
        for (int64_t i = 0; i < width; i += 4) {
            int64_t j = i / LANES * LANES;
            for (; j + 4 * LANES <= width; j += 4 * LANES) add_outer_products(4, n, own, table, width, i, j, space);
            switch ((width - j) / LANES) {
            case 1: add_outer_products(1, n, own, table, width, i, j, space); break;
            case 2: add_outer_products(2, n, own, table, width, i, j, space); break;
            case 3: add_outer_products(3, n, own, table, width, i, j, space); break;
            default: break;
            }
        }
        for (int64_t i = 0; i < width; i++) space[i * width + i] += ridges[row];
        for (int64_t e = 0; e < n; e++) {
            const float *y = table + (int64_t)own[e] * width;
            for (int64_t j = 0; j < width; j++) target[j] += y[j];
        }
        memcpy(space + width * width, target, (size_t)width * sizeof(float));
        solve_in_place(width, space, target);
        for (int64_t j = 0; j < width; j++) objective -= (double)space[width * width + j] * (double)target[j];
    }
    return objective;
}

DISPATCHED void tributary_solve_symmetric(int64_t width, float *a, float *x) {
    FUSED
    solve_in_place(width, a, x);
}
