// The best of many scores: products of a query with the rows of a table, compared with the worst score kept as soon as they are
// known, so that the table is read once and no array of scores is written.
#include "CKernels.h"
#include "dispatch.h"

typedef float lanes __attribute__((vector_size(64)));
// Sixteen floats at any address.
typedef float stored_lanes __attribute__((vector_size(64), aligned(4)));
#define LOAD(x) (*(const stored_lanes *)(x))

// Rows whose scores are compared at once.
enum { BLOCK = 32 };
// Floats between what is read and what is asked for.
#ifndef AHEAD
enum { AHEAD = 2048 };
#endif

// Always in this order, so that a row has the same score wherever it stands in a block.
INLINE float lane_sum(const lanes *v) {
    float s[16];
    memcpy(s, v, sizeof s);
    for (int half = 8; half > 0; half /= 2)
        for (int i = 0; i < half; i++) s[i] += s[i + half];
    return s[0];
}

// out[r] = query . rows[r], r < 4.
INLINE void four_products(int64_t n, const float *restrict query, const float *restrict rows, float *restrict out) {
    FUSED
    lanes a = {0}, b = {0}, c = {0}, d = {0};
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
        lanes q = LOAD(query + i);
        // The four rows are read side by side, which the processor's own prefetching does not follow when they are long; asking for
        // the memory ahead in its order lets it.
        const float *ahead = rows + AHEAD + 4 * i;
        for (int line = 0; line < 4; line++) __builtin_prefetch(ahead + 16 * line);
        a += q * LOAD(rows + i);
        b += q * LOAD(rows + n + i);
        c += q * LOAD(rows + 2 * n + i);
        d += q * LOAD(rows + 3 * n + i);
    }
    float s = lane_sum(&a), t = lane_sum(&b), u = lane_sum(&c), v = lane_sum(&d);
    for (; i < n; i++) {
        s += query[i] * rows[i];
        t += query[i] * rows[n + i];
        u += query[i] * rows[2 * n + i];
        v += query[i] * rows[3 * n + i];
    }
    out[0] = s, out[1] = t, out[2] = u, out[3] = v;
}

INLINE float one_product(int64_t n, const float *restrict query, const float *restrict row) {
    FUSED
    lanes a = {0};
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) a += LOAD(query + i) * LOAD(row + i);
    float s = lane_sum(&a);
    for (; i < n; i++) s += query[i] * row[i];
    return s;
}

// Whether a stands behind b in the answer: a lower score, or the same and a later row.
static inline int is_worse(float score, int32_t row, float other, int32_t other_row) {
    return score < other || (score == other && row > other_row);
}

// Restores the heap, the worst on top, after the entry at `place` was replaced.
static void sift_down(int64_t count, float *scores, int32_t *rows, int64_t place) {
    float score = scores[place];
    int32_t row = rows[place];
    for (;;) {
        int64_t child = 2 * place + 1;
        if (child >= count) break;
        if (child + 1 < count && is_worse(scores[child + 1], rows[child + 1], scores[child], rows[child])) child++;
        if (!is_worse(scores[child], rows[child], score, row)) break;
        scores[place] = scores[child], rows[place] = rows[child];
        place = child;
    }
    scores[place] = score, rows[place] = row;
}

static void sift_up(float *scores, int32_t *rows, int64_t place) {
    float score = scores[place];
    int32_t row = rows[place];
    while (place > 0) {
        int64_t parent = (place - 1) / 2;
        if (!is_worse(score, row, scores[parent], rows[parent])) break;
        scores[place] = scores[parent], rows[place] = rows[parent];
        place = parent;
    }
    scores[place] = score, rows[place] = row;
}

static int contains(const int32_t *sorted, int64_t count, int32_t value) {
    int64_t low = 0, high = count;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (sorted[middle] < value) low = middle + 1;
        else high = middle;
    }
    return low < count && sorted[low] == value;
}

// Takes the block's scores that belong among the best; few do, so this need not be fast.
static void take(tributary_best *best, const float *scores, int64_t count, int32_t first) {
    for (int64_t i = 0; i < count; i++) {
        float score = scores[i];
        int32_t row = first + (int32_t)i;
        int is_full = best->held == best->capacity;
        // Not a number never belongs. Rows come in order, so that among equals the one held stands before.
        if (is_full ? !(score > best->scores[0]) : score != score) continue;
        if (contains(best->excluded, best->excluded_count, row)) continue;
        if (is_full) {
            best->scores[0] = score, best->rows[0] = row;
            sift_down(best->held, best->scores, best->rows, 0);
        } else {
            best->scores[best->held] = score, best->rows[best->held] = row;
            sift_up(best->scores, best->rows, best->held++);
        }
    }
}

INLINE int any_above(const float *scores, float bar) {
    int found = 0;
    for (int i = 0; i < BLOCK; i++) found |= scores[i] > bar;
    return found;
}

DISPATCHED void tributary_best_products(int64_t count, int64_t n, const float *restrict table, const float *restrict bias,
                                        const float *restrict query, int32_t first, tributary_best *best) {
    float scores[BLOCK];
    int64_t row = 0;
    for (; row + BLOCK <= count; row += BLOCK) {
        const float *block = table + row * n;
        for (int i = 0; i < BLOCK; i += 4) four_products(n, query, block + i * n, scores + i);
        if (bias) for (int i = 0; i < BLOCK; i++) scores[i] += bias[row + i];
        if (best->held < best->capacity || any_above(scores, best->scores[0])) take(best, scores, BLOCK, first + (int32_t)row);
    }
    for (int64_t i = row; i < count; i++) scores[i - row] = one_product(n, query, table + i * n) + (bias ? bias[i] : 0);
    take(best, scores, count - row, first + (int32_t)row);
}

DISPATCHED void tributary_best_scores(int64_t count, const float *restrict values, const float *restrict bias, int32_t first,
                                      tributary_best *best) {
    float scores[BLOCK];
    int64_t row = 0;
    for (; row < count; row += BLOCK) {
        int64_t size = count - row < BLOCK ? count - row : BLOCK;
        for (int64_t i = 0; i < size; i++) scores[i] = values[row + i] + (bias ? bias[row + i] : 0);
        if (size < BLOCK || best->held < best->capacity || any_above(scores, best->scores[0])) take(best, scores, size, first + (int32_t)row);
    }
}

void tributary_best_merge(const tributary_best *other, tributary_best *best) {
    for (int64_t i = 0; i < other->held; i++) {
        float score = other->scores[i];
        int32_t row = other->rows[i];
        if (best->held < best->capacity) {
            best->scores[best->held] = score, best->rows[best->held] = row;
            sift_up(best->scores, best->rows, best->held++);
        } else if (is_worse(best->scores[0], best->rows[0], score, row)) {
            best->scores[0] = score, best->rows[0] = row;
            sift_down(best->held, best->scores, best->rows, 0);
        }
    }
}

void tributary_best_sort(tributary_best *best) {
    // Heap sort with the worst on top leaves the best first.
    for (int64_t end = best->held - 1; end > 0; end--) {
        float score = best->scores[0];
        int32_t row = best->rows[0];
        best->scores[0] = best->scores[end], best->rows[0] = best->rows[end];
        best->scores[end] = score, best->rows[end] = row;
        sift_down(end, best->scores, best->rows, 0);
    }
}

DISPATCHED float tributary_row_product(int64_t n, const float *query, const float *row) { return one_product(n, query, row); }
