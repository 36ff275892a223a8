/* size.h - sizes by checked arithmetic: a wrapped product never reaches an allocator. */
#ifndef RFIM_CORE_SIZE_H
#define RFIM_CORE_SIZE_H

#include <stdbool.h>
#include <stddef.h>

/* false when the result does not fit; *out is then unspecified. */
static inline bool rfim__size_multiply(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

static inline bool rfim__size_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

/* The smallest multiple of step (a power of two) that is at least size. */
static inline size_t rfim__size_round_up(size_t size, size_t step)
{
    return (size + step - 1) & ~(step - 1);
}

static inline size_t rfim__size_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t rfim__size_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

#endif
