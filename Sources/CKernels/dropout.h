// Random bits by position: dropout needs no stored mask, and the same elements are dropped whatever the order of the work.
#ifndef TRIBUTARY_DROPOUT_H
#define TRIBUTARY_DROPOUT_H

#include "dispatch.h"

/// 32 well-mixed bits of (key, index): two rounds of a 32-bit finaliser with half of the key before each.
INLINE uint32_t bits_at(uint64_t key, uint64_t index) {
    uint32_t x = (uint32_t)index + (uint32_t)key;
    x ^= x >> 16;
    x *= 0x7FEB352Du;
    x ^= x >> 15;
    x *= 0x846CA68Bu;
    x ^= (x >> 16) ^ (uint32_t)(key >> 32);
    x *= 0x21F0AAADu;
    x ^= x >> 15;
    x *= 0x735A2D97u;
    return x ^ (x >> 15);
}

/// 0 with probability threshold / 2^32, else `kept`.
INLINE float dropout_factor(uint64_t key, uint64_t index, uint32_t threshold, float kept) {
    return bits_at(key, index) < threshold ? 0.0f : kept;
}

#endif
