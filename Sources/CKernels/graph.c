// Walks over a graph of near neighbours, where the nearer has the larger product.
#include "CKernels.h"
#include "dispatch.h"

// Marks a pool entry whose neighbours were looked at; nodes are not negative.
#define SEEN(node) (~(node))

INLINE float product(int64_t n, const float *restrict x, const float *restrict y) {
    FAST_SUMS
    float sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

// Puts a node at its place among the best `held`; returns the place, or `capacity` when it is not among them.
static int64_t insert(tributary_pool *pool, float score, int32_t node) {
    int64_t low = 0, high = pool->held;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (pool->scores[middle] >= score) low = middle + 1;
        else high = middle;
    }
    if (low >= pool->capacity) return pool->capacity;
    int64_t moved = (pool->held < pool->capacity ? pool->held : pool->capacity - 1) - low;
    memmove(pool->scores + low + 1, pool->scores + low, (size_t)moved * sizeof *pool->scores);
    memmove(pool->nodes + low + 1, pool->nodes + low, (size_t)moved * sizeof *pool->nodes);
    pool->scores[low] = score, pool->nodes[low] = node;
    if (pool->held < pool->capacity) pool->held++;
    return low;
}

DISPATCHED void tributary_graph_walk(int64_t n, const float *restrict vectors, const float *restrict query, int64_t slots,
                                     const int32_t *restrict links, uint64_t *restrict visited, tributary_pool *pool) {
    enum { MOST = 256 };
    int32_t fresh[MOST];
    for (int64_t i = 0; i < pool->held; i++) visited[pool->nodes[i] >> 6] |= 1ull << (pool->nodes[i] & 63);
    int64_t next = 0;
    while (next < pool->held) {
        int32_t node = pool->nodes[next];
        if (node < 0) {
            next++;
            continue;
        }
        pool->nodes[next] = SEEN(node);
        const int32_t *row = links + (int64_t)node * slots;
        int64_t count = 0;
        for (int64_t i = 0; i < slots && i < MOST && row[i] >= 0; i++) {
            int32_t other = row[i];
            uint64_t bit = 1ull << (other & 63);
            if (visited[other >> 6] & bit) continue;
            visited[other >> 6] |= bit;
            const char *memory = (const char *)(vectors + (int64_t)other * n);
            for (int64_t byte = 0; byte < n * 4 && byte < 512; byte += 64) __builtin_prefetch(memory + byte);
            fresh[count++] = other;
        }
        for (int64_t i = 0; i < count; i++) {
            float score = product(n, query, vectors + (int64_t)fresh[i] * n);
            if (pool->held == pool->capacity && !(score > pool->scores[pool->held - 1])) continue;
            int64_t place = insert(pool, score, fresh[i]);
            if (place < next) next = place;
        }
    }
    for (int64_t i = 0; i < pool->held; i++) pool->nodes[i] = SEEN(pool->nodes[i]);
}

DISPATCHED int64_t tributary_graph_select(int64_t n, const float *restrict vectors, int64_t count, const float *restrict scores,
                                          const int32_t *restrict nodes, int64_t limit, int32_t *restrict chosen) {
    int64_t held = 0;
    for (int64_t i = 0; i < count && held < limit; i++) {
        const float *candidate = vectors + (int64_t)nodes[i] * n;
        int is_nearest = 1;
        for (int64_t j = 0; j < held && is_nearest; j++) is_nearest = product(n, candidate, vectors + (int64_t)chosen[j] * n) <= scores[i];
        if (is_nearest) chosen[held++] = nodes[i];
    }
    return held;
}

DISPATCHED void tributary_graph_products(int64_t n, const float *restrict vectors, const float *restrict query, int64_t count,
                                         const int32_t *restrict nodes, float *restrict scores) {
    for (int64_t i = 0; i < count; i++) scores[i] = product(n, query, vectors + (int64_t)nodes[i] * n);
}
