/* csv.h - tables as RFC 4180 says: fields between commas, rows ended by CR LF, quotes doubled. */
#ifndef RFIM_IO_CSV_H
#define RFIM_IO_CSV_H

#include "io/text.h"

#include <stdbool.h>

/* A table in the making:
 *     rfim__csv table;
 *     rfim__csv_begin(&table, context);
 *     rfim__csv_string(&table, "sample"); rfim__csv_string(&table, "class");
 *     rfim__csv_end_row(&table);
 *     ...
 *     return rfim__csv_save(&table, path); */
typedef struct rfim__csv {
    rfim__text text;
    bool row_begun;
} rfim__csv;

void rfim__csv_begin(rfim__csv *table, rfim_context *context);
void rfim__csv_string(rfim__csv *table, const char *words);
void rfim__csv_count(rfim__csv *table, size_t value);
/* At most so many significant digits (9 tell every float32 apart, 17 every float64). NaN and
 * infinities are written nan, inf and -inf, which Python, R and C read. */
void rfim__csv_number(rfim__csv *table, double value, int digits);
void rfim__csv_end_row(rfim__csv *table);
/* Writes the file and frees the table, also when it fails. */
rfim_status rfim__csv_save(rfim__csv *table, const char *path);
/* Frees a table that was not saved. */
void rfim__csv_end(rfim__csv *table);

#endif
