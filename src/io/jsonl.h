/* jsonl.h - one JSON object a line: how a run keeps its metrics. */
#ifndef RFIM_IO_JSONL_H
#define RFIM_IO_JSONL_H

#include "io/text.h"

#include <stdbool.h>

/* A line in the making: begin, add, then append or end. Keys come out in the order added.
 *     rfim__json_line line;
 *     rfim__json_line_begin(&line, context);
 *     rfim__json_line_count(&line, "epoch", 1);
 *     rfim__json_line_number(&line, "train_loss", 0.25);
 *     return rfim__json_line_append(&line, path); */
typedef struct rfim__json_line {
    rfim__text text;
} rfim__json_line;

void rfim__json_line_begin(rfim__json_line *line, rfim_context *context);
void rfim__json_line_count(rfim__json_line *line, const char *key, size_t value);
/* Nine significant digits; NaN and infinities, which JSON does not have, become null. */
void rfim__json_line_number(rfim__json_line *line, const char *key, double value);
void rfim__json_line_string(rfim__json_line *line, const char *key, const char *value);
void rfim__json_line_flag(rfim__json_line *line, const char *key, bool value);
/* Ends the line, appends it to the file at path (made when missing) and frees it, also when it
 * fails. Reports the first failure since begin. */
rfim_status rfim__json_line_append(rfim__json_line *line, const char *path);
/* Frees a line that was not appended. */
void rfim__json_line_end(rfim__json_line *line);

/* All lines of a file. */
typedef struct rfim__jsonl rfim__jsonl;

/* Reads size bytes; data may be freed afterwards. name: how error sentences call the file. Empty
 * lines do not count. A last line without its end that is no JSON was cut by a power failure: it
 * is left out, and counted. Any other line that is no JSON object, or has a key twice, is
 * RFIM_ERROR_FORMAT with its line number. */
rfim_status rfim__jsonl_parse(rfim_context *context, const char *name, const void *data,
                              size_t size, rfim__jsonl **out);
void rfim__jsonl_free(rfim__jsonl *file);

size_t rfim__jsonl_lines(const rfim__jsonl *file);
/* How many cut lines were left out: 0 or 1. */
size_t rfim__jsonl_cut(const rfim__jsonl *file);
/* A number of line `line` (from 0). NaN when the key is missing, null, or no number. */
double rfim__jsonl_number(const rfim__jsonl *file, size_t line, const char *key);
/* A string of line `line`; NULL when the key is missing or no string. */
const char *rfim__jsonl_string(const rfim__jsonl *file, size_t line, const char *key);

#endif
