// Exact discrete Gaussian noise: proposals and the decisions that 64 bits settle. Integers only.
#include "CKernels.h"
#include "dispatch.h"

typedef unsigned __int128 wide;

INLINE uint64_t high(uint64_t a, uint64_t b) { return (uint64_t)((wide)a * b >> 64); }

// All errors in units of 2^-64 of the result, unless said otherwise; rho = x/sigma < 5.6, t = rho^2/2 < 16.
// ratio:  floor(2^61 rho), low by less than 2^-61.
// t:      floor(2^60 ratio^2/2): low by less than rho 2^-61 + 2^-60 < 4 2^-60, so that exp(-t) is too large by less than 4 2^-60 = 64 units.
// k, r:   t = k/32 + r, r < 1/32 with 64 digits.
// h:      1 - exp(-r) = h_1 with h_n = (r/n)(1 - h_{n+1}), h_10 = 0. The omitted rest is below r^10/10! < 2^-71. A product cut off makes
//         h_n larger by less than 1/n, the division makes it smaller by less than 1, an error of h_{n+1} enters times r/n < 1/32:
//         every h_n is off by less than 1.1.
// result: powers[k] (1 - h): powers is low by at most 1, h off by less than 1.1, the product cut off by less than 1: off by less than 4.
// Together below 68 < 128.
INLINE uint64_t weight(uint64_t x, uint64_t sigma, const uint64_t *powers) {
    uint64_t ratio = (uint64_t)(((wide)x << 61) / sigma);
    uint64_t t = (uint64_t)((wide)ratio * ratio >> 63);
    uint64_t k = t >> 55;
    uint64_t r = t << 9 >> 5;
    uint64_t h = r / 9;
    h = (r - high(r, h)) / 8;
    h = (r - high(r, h)) / 7;
    h = (r - high(r, h)) / 6;
    h = (r - high(r, h)) / 5;
    h = (r - high(r, h)) / 4;
    h = (r - high(r, h)) / 3;
    h = (r - high(r, h)) / 2;
    h = r - high(r, h);
    return powers[k] - high(powers[k], h);
}

uint64_t tributary_gaussian_weight(uint64_t x, uint64_t sigma, const uint64_t *powers) { return weight(x, sigma, powers); }

DISPATCHED tributary_gaussian_outcome tributary_draw_gaussian(const tributary_gaussian_table *table, const uint64_t *words, int64_t word_count,
                                                              int64_t *position, int64_t *out, int64_t count, int64_t *filled,
                                                              tributary_gaussian_case *open) {
    const uint32_t *cells = table->cells;
    const uint64_t cell_count = table->cell_count, width = table->width;
    // One proposal of cell_count * 2 width equally likely ones from one word, exactly (Lemire 2019): floor(word * proposals / 2^64), refused when
    // the fraction is below 2^64 mod proposals. The two multiplications give that quotient as cell * 2 width + place.
    const uint64_t proposals = cell_count * 2 * width;
    const uint64_t threshold = (0 - proposals) % proposals;
    int64_t at = *position, done = *filled;
    tributary_gaussian_outcome outcome = TRIBUTARY_GAUSSIAN_PAUSED;
    while (done < count && at + 2 <= word_count) {
        wide first = (wide)words[at++] * cell_count;
        wide second = (wide)(uint64_t)first * (2 * width);
        if ((uint64_t)second < threshold) continue;
        uint32_t cell = cells[(uint64_t)(first >> 64)];
        uint64_t place = (uint64_t)(second >> 64);
        uint64_t sign = 0 - (place & 1);
        uint64_t x = (uint64_t)(cell >> 16 & 0xff) * width + (place >> 1);
        // Zero has one sign.
        if (x == 0 && sign) continue;
        if (cell & (TRIBUTARY_GAUSSIAN_BOUNDARY | TRIBUTARY_GAUSSIAN_TAIL)) {
            open->negative = sign != 0;
            if (cell & TRIBUTARY_GAUSSIAN_TAIL) {
                outcome = TRIBUTARY_GAUSSIAN_BEYOND;
                break;
            }
            // Below the curve? The height (level + uniform number) / 2^7 lies in [height, height + 1) / 2^64.
            uint64_t word = words[at++];
            uint64_t level = cell & 0xffff;
            uint64_t height = level << (64 - TRIBUTARY_GAUSSIAN_LEVEL_BITS) | word >> TRIBUTARY_GAUSSIAN_LEVEL_BITS;
            uint64_t curve = weight(x, table->sigma, table->powers);
            if (height >= curve) {
                if (height - curve > TRIBUTARY_GAUSSIAN_MARGIN) continue;
            }
            if (height >= curve || curve - height <= TRIBUTARY_GAUSSIAN_MARGIN) {
                open->x = x;
                open->level = level;
                open->word = word;
                outcome = TRIBUTARY_GAUSSIAN_UNDECIDED;
                break;
            }
        }
        out[done++] = (int64_t)((x ^ sign) - sign);
    }
    *position = at;
    *filled = done;
    return outcome;
}
