// The fast part of the exact discrete Gaussian: proposals, and every decision that one word and 64-bit weights settle.
#ifndef TRIBUTARY_CKERNELS_GAUSSIAN_H
#define TRIBUTARY_CKERNELS_GAUSSIAN_H

#include <stdint.h>

/// |tributary_gaussian_weight(x, sigma, powers) - 2^64 exp(-x^2/(2 sigma^2))| is below this. The proof is in gaussian.c.
#define TRIBUTARY_GAUSSIAN_MARGIN 128
/// Heights are multiples of 2^-7.
#define TRIBUTARY_GAUSSIAN_LEVEL_BITS 7
/// A cell is bucket << 16 | level, with these bits.
#define TRIBUTARY_GAUSSIAN_BOUNDARY 0x80000000u
#define TRIBUTARY_GAUSSIAN_TAIL 0x40000000u

/// Cells of equal area under and across the curve exp(-x^2/(2 sigma^2)): buckets of `width` integers, levels of height 2^-7.
typedef struct {
    const uint32_t *cells;
    uint64_t cell_count;
    /// 1 <= width <= 2^40
    uint64_t width;
    /// 1 <= sigma <= 2^40
    uint64_t sigma;
    /// floor(2^64 exp(-k/32)) for k = 0 ... 511, the first one 2^64 - 1
    const uint64_t *powers;
} tributary_gaussian_table;

typedef enum {
    /// The output is full, or fewer than two words are left.
    TRIBUTARY_GAUSSIAN_PAUSED = 0,
    /// A number in the boundary cell `level`, at `x`, whose first word `word` does not decide.
    TRIBUTARY_GAUSSIAN_UNDECIDED = 1,
    /// A number beyond the buckets, with this sign.
    TRIBUTARY_GAUSSIAN_BEYOND = 2,
} tributary_gaussian_outcome;

typedef struct {
    uint64_t x;
    uint64_t level;
    uint64_t word;
    int32_t negative;
} tributary_gaussian_case;

/// 2^64 exp(-x^2/(2 sigma^2)) within the margin. x < 5.6 sigma, x < 2^43.
uint64_t tributary_gaussian_weight(uint64_t x, uint64_t sigma, const uint64_t *powers);

/// Appends draws to out[*filled ..< count], reading words[*position ..< word_count], until one of the outcomes; `open` receives its case.
tributary_gaussian_outcome tributary_draw_gaussian(const tributary_gaussian_table *table, const uint64_t *words, int64_t word_count,
                                                   int64_t *position, int64_t *out, int64_t count, int64_t *filled,
                                                   tributary_gaussian_case *open);

#endif
