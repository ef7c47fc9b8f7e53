#ifndef C_STREAM_H
#define C_STREAM_H
#include <stdint.h>

/// Adds up `count` 64-bit words: as little work per byte as reading them takes.
uint64_t stream_read(const uint64_t *words, int64_t count);

#endif
