/* ahead.c - pieces of memory that the next step wants, asked for during this one.
 *
 * What asking costs is not the lines but the pages: where a page is has to be looked up before the
 * hint counts as done, and a look-up that misses (on a virtual machine it reads two tables of
 * several levels) holds up the arithmetic around it. Many of them at once are looked up side by
 * side. So all pages are asked for here, and their lines then by products, so few at a time that
 * nothing waits for them. docs/performance.md has the measurements. */
#include "algebra/algebra.h"

#define LINE ((size_t)64)    /* bytes, nearly everywhere; another number only makes a hint worse */
#define SHORT ((size_t)1024) /* bytes; of longer pieces the processor fetches the lines between */
#define STRIDE ((size_t)256)

static bool some_are_left(const rfim__ahead_rows *x)
{
    return x->count > 0 || x->at < x->end;
}

/* The first and the last line of each: two pages, or one. */
static void ask_for_pages(const rfim__ahead_rows *x)
{
    for (size_t r = 0; r < x->count; r++) {
        size_t bytes;
        const char *piece = rfim__piece(&x->pieces, x->rows[r], &bytes);
        __builtin_prefetch(piece, 0, 2); /* to be read, into the second cache */
        __builtin_prefetch(piece + bytes - 1, 0, 2);
    }
}

static void ask_for_all(const rfim__ahead_rows *x)
{
    for (size_t r = 0; r < x->count; r++) {
        size_t bytes;
        const char *piece = rfim__piece(&x->pieces, x->rows[r], &bytes);
        size_t stride = bytes < SHORT ? LINE : STRIDE;
        for (size_t at = 0; at < bytes; at += stride)
            __builtin_prefetch(piece + at, 0, 2);
        __builtin_prefetch(piece + bytes - 1, 0, 2);
    }
}

/* Where products did not get to the end of the pieces at a step before (they are few, or have
 * several threads), they would not now either: the lines are asked for at once. */
void rfim__algebra_ahead_rows(rfim__algebra *algebra, rfim__pieces pieces, const uint32_t *rows,
                              size_t n)
{
    rfim__ahead_rows next = {.pieces = pieces, .rows = rows, .count = n};
    if (n > 0 && algebra->ahead.rows.missed) {
        ask_for_all(&next);
        return;
    }
    ask_for_pages(&next);
    algebra->ahead.rows = next;
}

void rfim__algebra_ahead_over(rfim__algebra *algebra)
{
    rfim__ahead_rows *x = &algebra->ahead.rows;
    *x = (rfim__ahead_rows){.missed = x->missed || some_are_left(x)};
}
