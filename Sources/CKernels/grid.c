// Stochastic rounding to the integer grid.
#include "CKernels.h"
#include "dispatch.h"

// A product and a sum rounded once would be other numbers on CPUs with fused instructions: the integers must agree on all.
#define UNFUSED _Pragma("clang fp contract(off) reassociate(off)")

// Sixteen consecutive values, the first at a multiple of 16, share eight words: SplitMix64's outputs from `key` that have the numbers
// 8 (i / 16) + i % 8. The first eight values take a word's upper 32 bits, the others its lower 32.
#define GOLDEN 0x9e3779b97f4a7c15u

INLINE uint64_t word_of(uint64_t key, uint64_t index) {
    uint64_t bits = key + (index / 16 * 8 + index % 8 + 1) * GOLDEN;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
    return bits ^ bits >> 31;
}

#define UPPER(word) ((word) >> 12 & 0x000fffff00000000u)
#define LOWER(word) ((word) << 20 & 0x000fffff00000000u)

// Down from the value plus a uniform number in [0, 1): up with probability equal to the fraction. `bits` has the number's 32 bits in
// front of a mantissa. |value factor| is below 2^62.
INLINE int64_t rounded(float value, double factor, uint64_t bits) {
    UNFUSED
    bits |= 0x3ff0000000000000u;
    double uniform;
    memcpy(&uniform, &bits, sizeof uniform);
    return (int64_t)__builtin_floor((double)value * factor + (uniform - 1.0));
}

INLINE int64_t rounded_alone(float value, double factor, uint64_t key, uint64_t index) {
    const uint64_t word = word_of(key, index);
    return rounded(value, factor, index % 16 < 8 ? UPPER(word) : LOWER(word));
}

typedef uint64_t words __attribute__((vector_size(64), aligned(8), may_alias));
typedef int64_t integers __attribute__((vector_size(64), aligned(8), may_alias));
typedef double doubles __attribute__((vector_size(64)));
typedef float floats __attribute__((vector_size(32), aligned(4), may_alias));

DISPATCHED uint64_t tributary_add_rounded(int64_t n, const float *restrict x, double factor, uint64_t key, int64_t first,
                                          int64_t *restrict sum) {
    UNFUSED
    // The product of two numbers of 32 bits is one instruction.
#define SQUARE(value) ((uint64_t)((int64_t)(int32_t)(value) * (int32_t)(value)))
    uint64_t squares = 0;
    int64_t i = 0;
    for (; i < n && (first + i) % 16 != 0; i++) {
        const int64_t value = rounded_alone(x[i], factor, key, (uint64_t)(first + i));
        squares += SQUARE(value);
        sum[i] = (int64_t)((uint64_t)sum[i] + (uint64_t)value);
    }
    words lane_squares = {0};
    words state = key + ((uint64_t)(first + i) / 2 + (words){1, 2, 3, 4, 5, 6, 7, 8}) * GOLDEN;
    for (; i + 16 <= n; i += 16, state += 8 * GOLDEN) {
        words bits = (state ^ state >> 30) * 0xbf58476d1ce4e5b9u;
        bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
        bits = bits ^ bits >> 31;
        for (int half = 0; half < 2; half++) {
            const words mantissa = (half == 0 ? UPPER(bits) : LOWER(bits)) | 0x3ff0000000000000u;
            const doubles values = __builtin_convertvector(*(const floats *)(x + i + 8 * half), doubles);
            const doubles moved = values * factor + ((doubles)mantissa - 1.0);
            const words integer = (words)__builtin_convertvector(__builtin_elementwise_floor(moved), integers);
            const integers low = (integers)(integer << 32) >> 32;
            lane_squares += (words)(low * low);
            words *place = (words *)(sum + i + 8 * half);
            *place += integer;
        }
    }
    for (int lane = 0; lane < 8; lane++) squares += lane_squares[lane];
    for (; i < n; i++) {
        const int64_t value = rounded_alone(x[i], factor, key, (uint64_t)(first + i));
        squares += SQUARE(value);
        sum[i] = (int64_t)((uint64_t)sum[i] + (uint64_t)value);
    }
    return squares;
}

DISPATCHED void tributary_subtract_rounded(int64_t n, const float *restrict x, double factor, uint64_t key, int64_t first,
                                           int64_t *restrict sum) {
    for (int64_t i = 0; i < n; i++) {
        const uint64_t value = (uint64_t)rounded_alone(x[i], factor, key, (uint64_t)(first + i));
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
