#include "metric/envelope.h"

#include "data/kept_inputs.h"

#include <string.h>

void rfim__envelope_read(const rfim__envelope *x, size_t row, void *out)
{
    size_t zeros = rfim__envelope_first(x, row) * x->item;
    memset(out, 0, zeros);
    memcpy((char *)out + zeros, x->values + x->begins[row], x->begins[row + 1] - x->begins[row]);
}

void rfim__envelope_write(rfim__envelope *x, size_t row, const void *line)
{
    size_t first = rfim__envelope_first(x, row);
    size_t bytes = (x->columns - first) * x->item;
    char *to = x->values + x->begins[row];
    memcpy(to, (const char *)line + first * x->item, bytes);
    memset(to + bytes, 0, (x->stride - x->columns) * x->item);
}

static size_t unit_of(const rfim__envelope *x, size_t row)
{
    return rfim__envelope_first(x, row) / RFIM__KEPT_UNIT;
}

void rfim__envelope_sort(const rfim__envelope *x, const uint32_t *rows, size_t first, size_t n,
                         uint32_t *sorted)
{
    size_t units = x->stride / RFIM__KEPT_UNIT + 1;
    size_t before = 0;
    memset(x->counts, 0, units * sizeof *x->counts);
    for (size_t i = 0; i < n; i++)
        x->counts[unit_of(x, rows ? rows[i] : first + i)]++;
    for (size_t u = 0; u < units; u++) {
        size_t count = x->counts[u];
        x->counts[u] = before;
        before += count;
    }
    for (size_t i = 0; i < n; i++) {
        size_t row = rows ? rows[i] : first + i;
        sorted[x->counts[unit_of(x, row)]++] = (uint32_t)row;
    }
}
