// Stochastic rounding to the integer grid.
#include "CKernels.h"
#include "dispatch.h"

// A product and a sum rounded once would be other numbers on CPUs with fused instructions: the integers must agree on all.
#define UNFUSED _Pragma("clang fp contract(off) reassociate(off)")

// Up with probability equal to the fraction: the uniform number of coordinate `index` is SplitMix64's output number `index` from `key`, 52 bits.
// |value factor| is below 2^62.
INLINE int64_t rounded(float value, double factor, uint64_t key, uint64_t index) {
    UNFUSED
    double product = (double)value * factor;
    double low = __builtin_floor(product);
    uint64_t bits = key + (index + 1) * 0x9e3779b97f4a7c15u;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
    bits = (bits ^ bits >> 31) >> 12 | 0x3ff0000000000000u;
    double uniform;
    memcpy(&uniform, &bits, sizeof uniform);
    return (int64_t)(uniform - 1.0 < product - low ? low + 1.0 : low);
}

DISPATCHED int64_t tributary_add_rounded(int64_t n, const float *restrict x, double factor, uint64_t key, int64_t first,
                                         int64_t *restrict sum, uint64_t *restrict squares) {
    UNFUSED
    uint64_t largest = 0;
    uint64_t total = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t value = rounded(x[i], factor, key, (uint64_t)(first + i));
        uint64_t magnitude = (uint64_t)(value < 0 ? -value : value);
        largest = magnitude > largest ? magnitude : largest;
        // The product of two numbers of 32 bits is one instruction; of more, the caller does not read the sum.
        total += (uint64_t)(uint32_t)magnitude * (uint32_t)magnitude;
        sum[i] = (int64_t)((uint64_t)sum[i] + (uint64_t)value);
    }
    *squares = total;
    return (int64_t)largest;
}

DISPATCHED void tributary_subtract_rounded(int64_t n, const float *restrict x, double factor, uint64_t key, int64_t first,
                                           int64_t *restrict sum) {
    UNFUSED
    for (int64_t i = 0; i < n; i++) {
        uint64_t value = (uint64_t)rounded(x[i], factor, key, (uint64_t)(first + i));
        sum[i] = (int64_t)((uint64_t)sum[i] - value);
    }
}

// Lane l holds the sum over the indices that are l modulo 32: neither the vector width nor leaving out zeros changes it. As many lanes as
// hide the latency of an addition.
DISPATCHED void tributary_add_squares(int64_t n, const float *restrict x, int64_t first, double *restrict lanes) {
    UNFUSED
    int64_t i = 0;
    for (; i < n && (first + i) % 32 != 0; i++) lanes[(first + i) % 32] += (double)x[i] * (double)x[i];
    double sums[32];
    for (int lane = 0; lane < 32; lane++) sums[lane] = lanes[lane];
    for (; i + 32 <= n; i += 32) {
        for (int lane = 0; lane < 32; lane++) {
            double value = x[i + lane];
            sums[lane] += value * value;
        }
    }
    for (int lane = 0; lane < 32; lane++) lanes[lane] = sums[lane];
    for (; i < n; i++) lanes[(first + i) % 32] += (double)x[i] * (double)x[i];
}
