#include "CStream.h"

#if defined(__x86_64__) && defined(__linux__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
uint64_t stream_read(const uint64_t *words, int64_t count) {
    // Eight sums of eight words: enough loads in flight for the memory to be the limit.
    uint64_t sums[64] = {0};
    int64_t whole = count / 64 * 64;
    for (int64_t i = 0; i < whole; i += 64)
        for (int64_t j = 0; j < 64; ++j) sums[j] += words[i + j];
    for (int64_t i = whole; i < count; ++i) sums[0] += words[i];
    uint64_t sum = 0;
    for (int64_t j = 0; j < 64; ++j) sum += sums[j];
    return sum;
}
