/* envelope.h - a matrix of which many rows begin with zeros, kept without them: what is left of a
 * row, padding included, lies straight behind what is left of the row before. */
#ifndef RFIM_METRIC_ENVELOPE_H
#define RFIM_METRIC_ENVELOPE_H

#include "algebra/algebra.h"

typedef struct rfim__envelope {
    size_t rows;
    size_t columns;
    size_t stride;  /* of a whole row, padding included: numbers */
    size_t item;    /* bytes of a number */
    size_t *begins; /* [rows + 1] row i is the bytes from begins[i] up to begins[i + 1] */
    char *values;   /* each row's padding is 0 */
    size_t *counts; /* [stride / RFIM__KEPT_UNIT + 1] room to sort in */
} rfim__envelope;

/* How many numbers of a row are left out. */
static inline size_t rfim__envelope_first(const rfim__envelope *x, size_t row)
{
    return x->stride - (x->begins[row + 1] - x->begins[row]) / x->item;
}

/* out [stride]: a whole row */
void rfim__envelope_read(const rfim__envelope *x, size_t row, void *out);
/* Row <- from number `first` of `line` [stride] on; what is before it is 0 there, or of no use. */
void rfim__envelope_write(rfim__envelope *x, size_t row, const void *line);

/* sorted [n] <- rows[0 ... n-1], or first ... first+n-1 when rows is NULL, those before that have
 * fewer zeros; equal ones stay in their order. */
void rfim__envelope_sort(const rfim__envelope *x, const uint32_t *rows, size_t first, size_t n,
                         uint32_t *sorted);

#endif
