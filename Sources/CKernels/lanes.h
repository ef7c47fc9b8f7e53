// Sixteen floats at a time, for kernels whose rows are padded to whole lanes. On narrower processors the compiler splits them.
#ifndef TRIBUTARY_LANES_H
#define TRIBUTARY_LANES_H

#include "dispatch.h"

typedef float lanes __attribute__((vector_size(64), aligned(4), may_alias));
#define LANES 16

// Macros, because a function would pass a vector in a way that depends on the processor.
#define LOAD(x) (*(const lanes *)(x))
#define STORE(x, v) (*(lanes *)(x) = (v))

/// Sum of the sixteen, in a fixed tree.
#define LANE_SUM(result, v)                                                                        \
    do {                                                                                           \
        typedef float half __attribute__((vector_size(32)));                                       \
        typedef float quarter __attribute__((vector_size(16)));                                    \
        half h_ = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +                          \
                  __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);                     \
        quarter q_ = __builtin_shufflevector(h_, h_, 0, 1, 2, 3) + __builtin_shufflevector(h_, h_, 4, 5, 6, 7); \
        q_ = q_ + __builtin_shufflevector(q_, q_, 2, 3, 0, 1);                                     \
        result = q_[0] + q_[1];                                                                    \
    } while (0)

/// The largest of the sixteen.
#define LANE_LARGEST(result, v)                                                                    \
    do {                                                                                           \
        typedef float half __attribute__((vector_size(32)));                                       \
        typedef float quarter __attribute__((vector_size(16)));                                    \
        half h_ = __builtin_elementwise_max(                                                       \
            (half)__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7),                           \
            (half)__builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15));                    \
        quarter q_ = __builtin_elementwise_max(                                                    \
            (quarter)__builtin_shufflevector(h_, h_, 0, 1, 2, 3), (quarter)__builtin_shufflevector(h_, h_, 4, 5, 6, 7)); \
        q_ = __builtin_elementwise_max(q_, (quarter)__builtin_shufflevector(q_, q_, 2, 3, 0, 1));  \
        result = q_[0] > q_[1] ? q_[0] : q_[1];                                                    \
    } while (0)

#endif
