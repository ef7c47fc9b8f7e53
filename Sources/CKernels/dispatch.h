// How the kernels are compiled: once per x86-64 level, the best one chosen by the loader; plainly on other processors.
#ifndef TRIBUTARY_DISPATCH_H
#define TRIBUTARY_DISPATCH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
#define DISPATCHED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DISPATCHED
#endif
#define INLINE static inline __attribute__((always_inline))

// Inside a kernel: sums may be reordered to fill vector lanes, products and sums may fuse. Both are fixed when compiling, so
// a kernel gives the same bits every time on one level.
#define FAST_SUMS _Pragma("clang fp reassociate(on) contract(fast)")
#define FUSED _Pragma("clang fp contract(fast)")

/// exp by range reduction to [-ln2/2, ln2/2] and a polynomial; arguments outside [-87.3, 88] are clamped, NaN stays NaN.
INLINE float fast_exp(float x) {
    FUSED
    x = x < -87.3f ? -87.3f : x;
    x = x > 88.0f ? 88.0f : x;
    const float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer in the low bits
    float shifted = x * 1.44269504088896341f + magic;
    float n = shifted - magic;
    float r = x - n * 0.693359375f;
    r = r - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127u) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

INLINE float fast_sigmoid(float x) { return 1.0f / (1.0f + fast_exp(-x)); }

INLINE float fast_tanh(float x) { return 1.0f - 2.0f / (fast_exp(2.0f * x) + 1.0f); }

#include <math.h>

/// The largest of n numbers, -infinity of none. Lanes by hand: a plain loop keeps its order because of NaN, and is ten times slower.
INLINE float largest_of(int64_t n, const float *restrict x) {
    enum { LANES = 64 };
    float lanes[LANES];
    for (int lane = 0; lane < LANES; lane++) lanes[lane] = -INFINITY;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int lane = 0; lane < LANES; lane++) lanes[lane] = x[i + lane] > lanes[lane] ? x[i + lane] : lanes[lane];
    }
    float largest = -INFINITY;
    for (int lane = 0; lane < LANES; lane++) largest = lanes[lane] > largest ? lanes[lane] : largest;
    for (; i < n; i++) largest = x[i] > largest ? x[i] : largest;
    return largest;
}

#endif
