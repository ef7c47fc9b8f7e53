// Counts what a thread takes from the heap. Linked into the tests' executable, whose definitions of malloc and its relatives come before the
// C library's for everything in the process.
#ifndef TRIBUTARY_ALLOCATION_COUNTING_H
#define TRIBUTARY_ALLOCATION_COUNTING_H

#include <stdint.h>

/// Pieces of memory the calling thread has asked for since it began; 0 for ever where the C library is not glibc.
uint64_t tributary_allocations(void);

#endif
