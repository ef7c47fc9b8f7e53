// Words modulo 2^b added to a vector; 40-bit words lie packed in 5 bytes each, little-endian.
#include "CKernels.h"
#include "dispatch.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "words travel little-endian and are read as they lie"
#endif

// (word ^ flip) - flip is the word for flip 0 and its negative for all ones.

DISPATCHED void tributary_add_words32(int64_t n, const void *restrict words, uint32_t flip, uint32_t *restrict sum) {
    const uint8_t *bytes = words;
    for (int64_t i = 0; i < n; i++) {
        uint32_t word;
        memcpy(&word, bytes + 4 * i, sizeof word);
        sum[i] += (word ^ flip) - flip;
    }
}

DISPATCHED void tributary_add_words64(int64_t n, const void *restrict words, uint64_t flip, uint64_t *restrict sum) {
    const uint8_t *bytes = words;
    for (int64_t i = 0; i < n; i++) {
        uint64_t word;
        memcpy(&word, bytes + 8 * i, sizeof word);
        sum[i] += (word ^ flip) - flip;
    }
}

// Only the low 40 bits of a sum mean something, so that what lies above them in a load of 8 bytes does no harm.
DISPATCHED void tributary_add_words40(int64_t n, const void *restrict words, uint64_t flip, uint64_t *restrict sum) {
    const uint8_t *bytes = words;
    int64_t i = 0;
    for (; i + 1 < n; i++) {
        uint64_t word;
        memcpy(&word, bytes + 5 * i, sizeof word);
        sum[i] += (word ^ flip) - flip;
    }
    for (; i < n; i++) {
        uint64_t word = 0;
        memcpy(&word, bytes + 5 * i, 5);
        sum[i] += (word ^ flip) - flip;
    }
}

DISPATCHED void tributary_pack_words40(int64_t n, const uint64_t *restrict words, uint8_t *restrict bytes) {
    for (int64_t i = 0; i < n; i++) memcpy(bytes + 5 * i, words + i, 5);
}
