#include "AllocationCounting.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

// In the thread's static block: a counter that needed memory of its own would count itself.
static __thread uint64_t taken __attribute__((tls_model("initial-exec")));

uint64_t tributary_allocations(void) { return taken; }

#ifdef __GLIBC__

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
    taken++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    taken++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    taken++;
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    taken++;
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    taken++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size) {
    taken++;
    void *memory = __libc_memalign(alignment, size);
    if (memory == NULL) return ENOMEM;
    *out = memory;
    return 0;
}

#endif
