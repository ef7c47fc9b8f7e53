// Kernels of factor models: least squares of many small rows, ranked pairs, skip-grams. Tables are row-major; where `width` is said to
// be in lanes, it is a multiple of 16 and the columns beyond the model's own are zero.
#ifndef TRIBUTARY_CKERNELS_FACTORS_H
#define TRIBUTARY_CKERNELS_FACTORS_H

#include <stdint.h>

// Least squares. Row r reads the n vectors y = table[columns[offsets[r] ..< offsets[r + 1]]] (width in lanes) and solves
// (sum y y^T + gram + ridges[r] I) x = sum y; a row without vectors is zero. Returned is the sum over rows of x (A x - 2 b).

/// x[rows][width] by `steps` of conjugate gradient from what x holds; space of 3 width floats.
double tributary_als_conjugate(int64_t rows, int64_t width, const int64_t *offsets, const int32_t *columns, const float *table,
                             const float *gram, const float *ridges, int32_t steps, float *x, float *space);
/// x[rows][width] by Cholesky's method; space of width^2 + width floats. Only the upper triangle of gram is read. Directions that rounding
/// leaves without curvature get 0.
double tributary_als_exact(int64_t rows, int64_t width, const int64_t *offsets, const int32_t *columns, const float *table,
                         const float *gram, const float *ridges, float *x, float *space);
/// x = a^-1 x for a symmetric positive definite a (upper triangle, width in lanes), which is destroyed.
void tributary_solve_symmetric(int64_t width, float *a, float *x);

// Draws of items from hashed numbers, so that a draw depends on its key and number alone.

/// A distribution over 0 ..< count by Walker's alias method: slot s gives s when the number's low half is below thresholds[s], else
/// others[s]. Without thresholds it is uniform.
typedef struct {
    int64_t count;
    const uint32_t *thresholds;
    const int32_t *others;
} tributary_draws;
int32_t tributary_drawn(const tributary_draws *draws, uint64_t number);

/// Deals the events of users first_user ..< first_user + users to batches at random, each batch in the order of users; batch b is
/// starts[b] ..< starts[b + 1] of the dealt columns.
void tributary_deal(int64_t users, int64_t first_user, const int64_t *offsets, const int32_t *items, uint64_t key, int64_t batches,
                    int64_t *starts, int32_t *dealt_users, int32_t *dealt_items);

// Bayesian personalised ranking with a table of users, width in lanes.

typedef struct {
    int64_t width;
    float *users, *items, *biases;
    float rate, regularization;
    const tributary_draws *draws;
    /// Items of user u, ascending: sorted[offsets[u] ..< offsets[u + 1]].
    const int64_t *offsets;
    const int32_t *sorted;
    /// The same as one bit per user and item, or null.
    const uint64_t *seen;
    int64_t seen_words;
    /// Which of the ranges an item belongs to.
    const uint8_t *range_of;
    int64_t ranges;
} tributary_ranking;
typedef struct {
    int32_t item, user;
    float pull;
} tributary_ranking_entry;

/// Draws a negative for every event and moves the users' vectors, one event after the other, with the items as they are. What the items
/// shall move by is left in the entry columns (2 n), grouped by range: sigma(-margin), negated for the negative. Returns the summed loss
/// -log sigma(margin); adds the pairs to `trained`. `space` has 2 n entries.
double tributary_ranking_users(const tributary_ranking *task, int64_t n, const int32_t *users, const int32_t *items, uint64_t key,
                           uint64_t first_number, int32_t *entry_items, int32_t *entry_users, float *entry_pulls, int64_t *range_starts,
                           tributary_ranking_entry *space, int64_t *trained);
/// Moves the items of n entries along their users' vectors.
void tributary_ranking_items(const tributary_ranking *task, int64_t n, const int32_t *items, const int32_t *users, const float *pulls);

// Skip-grams with negative sampling on tables of inputs and outputs, width in lanes.

typedef struct {
    int64_t width, window, negatives;
    /// Whether contexts are only taken from before their centre.
    int64_t directed;
    float *input, *output;
    float rate;
    const tributary_draws *draws;
    /// An event is kept when 32 random bits are at most keep[item]; null keeps all.
    const uint32_t *keep;
    /// Set to `stamp` for every row that moves.
    int32_t *input_stamps, *output_stamps;
    int32_t stamp;
} tributary_skipgram;

/// One step of gradient descent per window of the events, whose width is drawn from 1 ... window and whose pairs share their negatives.
/// Returns the summed loss; adds the pairs of centre and context to `pairs`. `kept` has n + 2 window + negatives + 1 integers, `space`
/// (negatives + 1) (width + 4 window) floats.
double tributary_skipgrams(const tributary_skipgram *task, int64_t n, const int32_t *events, uint64_t key, int32_t *kept, float *space,
                           int64_t *pairs);
/// Rows first ..< last of the table move by the sum of what each copy's stamped rows moved by; then all copies hold the new rows.
void tributary_merge_rows(int64_t first, int64_t last, int64_t width, int64_t copies, float *const *copy, const int32_t *const *stamps,
                          int32_t stamp, float *table);

#endif
