// Random numbers that are functions of a key and a number, and items drawn with them.
#ifndef TRIBUTARY_DRAWS_H
#define TRIBUTARY_DRAWS_H

#include "CKernels.h"
#include "dispatch.h"

/// A well mixed function of 64 bits (Steele et al. 2014, variant 13).
INLINE uint64_t mixed(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/// The n-th number of the sequence that a key names.
INLINE uint64_t numbered(uint64_t key, uint64_t n) { return mixed(key + (n + 1) * 0x9E3779B97F4A7C15u); }

/// x scaled to 0 ..< bound.
INLINE uint64_t scaled(uint64_t x, uint64_t bound) { return (uint64_t)(((unsigned __int128)x * bound) >> 64); }

INLINE int32_t drawn(const tributary_draws *draws, uint64_t number) {
    uint64_t slot = scaled(number, (uint64_t)draws->count);
    if (draws->thresholds == 0) return (int32_t)slot;
    // The low half decides within the slot; the slot came from the high bits.
    return (uint32_t)number < draws->thresholds[slot] ? (int32_t)slot : draws->others[slot];
}

#endif
