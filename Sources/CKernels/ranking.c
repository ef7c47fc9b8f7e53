#include "CKernels.h"
#include "draws.h"
#include "lanes.h"

#include <math.h>

/// Whether the ascending list holds the item.
INLINE int holds(const int32_t *list, int64_t n, int32_t item) {
    while (n > 1) {
        int64_t half = n / 2;
        list = list[half] <= item ? list + half : list;
        n -= half;
    }
    return n > 0 && *list == item;
}

int32_t tributary_drawn(const tributary_draws *draws, uint64_t number) { return drawn(draws, number); }

void tributary_deal(int64_t users, int64_t first_user, const int64_t *offsets, const int32_t *items, uint64_t key, int64_t batches,
                    int64_t *starts, int32_t *dealt_users, int32_t *dealt_items) {
    memset(starts, 0, (size_t)(batches + 1) * sizeof(int64_t));
    const int64_t first = offsets[first_user], last = offsets[first_user + users];
    for (int64_t e = first; e < last; e++) starts[scaled(numbered(key, (uint64_t)e), (uint64_t)batches) + 1]++;
    for (int64_t b = 0; b < batches; b++) starts[b + 1] += starts[b];
    for (int64_t u = first_user; u < first_user + users; u++) {
        for (int64_t e = offsets[u]; e < offsets[u + 1]; e++) {
            int64_t place = starts[scaled(numbered(key, (uint64_t)e), (uint64_t)batches)]++;
            dealt_users[place] = (int32_t)u;
            dealt_items[place] = items[e];
        }
    }
    for (int64_t b = batches; b > 0; b--) starts[b] = starts[b - 1];
    starts[0] = 0;
}

INLINE float bpr_user_step(const int64_t blocks, float *user, const float *liked, const float *other, float bias, float rate, float keep) {
    FUSED
    lanes p[blocks], difference[blocks];
    for (int64_t b = 0; b < blocks; b++) {
        p[b] = LOAD(user + b * LANES);
        difference[b] = LOAD(liked + b * LANES) - LOAD(other + b * LANES);
    }
    lanes product = p[0] * difference[0];
    for (int64_t b = 1; b < blocks; b++) product += p[b] * difference[b];
    float margin;
    LANE_SUM(margin, product);
    margin += bias;
    float odds = fast_exp(margin > 40.0f ? -40.0f : -margin);
    float step = rate * (odds / (1.0f + odds));
    for (int64_t b = 0; b < blocks; b++) STORE(user + b * LANES, keep * p[b] + step * difference[b]);
    return odds;
}

DISPATCHED double tributary_ranking_users(const tributary_ranking *task, int64_t n, const int32_t *users, const int32_t *items, uint64_t key,
                                      uint64_t first_number, int32_t *entry_items, int32_t *entry_users, float *entry_pulls,
                                      int64_t *range_starts, tributary_ranking_entry *space, int64_t *trained) {
    FUSED
    const int64_t width = task->width, blocks = width / LANES;
    const float keep = 1.0f - task->rate * task->regularization;
    double loss = 0, product = 1;
    int64_t count = 0;
    memset(range_starts, 0, (size_t)(task->ranges + 1) * sizeof(int64_t));
    for (int64_t k = 0; k < n; k++) {
        const int32_t u = users[k], i = items[k];
        const int32_t *own = task->sorted + task->offsets[u];
        const int64_t events = task->offsets[u + 1] - task->offsets[u];
        int32_t j = -1;
        for (uint64_t attempt = 0; attempt < 32; attempt++) {
            int32_t candidate = drawn(task->draws, numbered(key + attempt * 0xD1B54A32D192ED03u, first_number + (uint64_t)k));
            int met = task->seen ? (int)(task->seen[(int64_t)u * task->seen_words + (candidate >> 6)] >> (candidate & 63) & 1)
                                 : holds(own, events, candidate);
            if (!met) {
                j = candidate;
                break;
            }
        }
        if (j < 0) continue;
        float *user = task->users + (int64_t)u * width;
        const float *liked = task->items + (int64_t)i * width, *other = task->items + (int64_t)j * width;
        const float bias = task->biases[i] - task->biases[j];
        float odds;
        switch (blocks) {
        case 1: odds = bpr_user_step(1, user, liked, other, bias, task->rate, keep); break;
        case 2: odds = bpr_user_step(2, user, liked, other, bias, task->rate, keep); break;
        case 4: odds = bpr_user_step(4, user, liked, other, bias, task->rate, keep); break;
        case 8: odds = bpr_user_step(8, user, liked, other, bias, task->rate, keep); break;
        default: odds = bpr_user_step(blocks, user, liked, other, bias, task->rate, keep); break;
        }
        // log of a product: one logarithm for many pairs. A NaN stays one.
        product *= 1.0 + (double)odds;
        if (!(product < 1e200)) {
            loss += log(product);
            product = 1;
        }
        const float pull = odds / (1.0f + odds);
        space[2 * count] = (tributary_ranking_entry){i, u, pull};
        space[2 * count + 1] = (tributary_ranking_entry){j, u, -pull};
        range_starts[task->range_of[i] + 1]++;
        range_starts[task->range_of[j] + 1]++;
        count++;
    }
    for (int64_t r = 0; r < task->ranges; r++) range_starts[r + 1] += range_starts[r];
    for (int64_t e = 0; e < 2 * count; e++) {
        int64_t place = range_starts[task->range_of[space[e].item]]++;
        entry_items[place] = space[e].item;
        entry_users[place] = space[e].user;
        entry_pulls[place] = space[e].pull;
    }
    for (int64_t r = task->ranges; r > 0; r--) range_starts[r] = range_starts[r - 1];
    range_starts[0] = 0;
    *trained += count;
    return loss + log(product);
}

DISPATCHED void tributary_ranking_items(const tributary_ranking *task, int64_t n, const int32_t *items, const int32_t *users, const float *pulls) {
    FUSED
    const int64_t width = task->width;
    const float keep = 1.0f - task->rate * task->regularization;
    for (int64_t e = 0; e < n; e++) {
        float *item = task->items + (int64_t)items[e] * width;
        const float *user = task->users + (int64_t)users[e] * width;
        const float step = task->rate * pulls[e];
        for (int64_t b = 0; b < width; b += LANES) STORE(item + b, keep * LOAD(item + b) + step * LOAD(user + b));
        task->biases[items[e]] = keep * task->biases[items[e]] + step;
    }
}
