#include "io/csv.h"

#include <string.h>

void rfim__csv_begin(rfim__csv *table, rfim_context *context)
{
    rfim__text_begin(&table->text, context);
    table->row_begun = false;
}

static void begin_field(rfim__csv *table)
{
    if (table->row_begun)
        rfim__text_append(&table->text, ",");
    table->row_begun = true;
}

void rfim__csv_string(rfim__csv *table, const char *words)
{
    begin_field(table);
    if (words[0] != '\0' && !strpbrk(words, ",\"\r\n")) {
        rfim__text_append(&table->text, words);
        return;
    }
    /* An empty field is quoted too: a row of one empty field would otherwise be an empty line. */
    rfim__text_append(&table->text, "\"");
    for (const char *quote; (quote = strchr(words, '"')) != NULL; words = quote + 1) {
        rfim__text_append_bytes(&table->text, words, (size_t)(quote - words));
        rfim__text_append(&table->text, "\"\"");
    }
    rfim__text_append(&table->text, words);
    rfim__text_append(&table->text, "\"");
}

void rfim__csv_count(rfim__csv *table, size_t value)
{
    begin_field(table);
    rfim__text_format(&table->text, "%zu", value);
}

void rfim__csv_number(rfim__csv *table, double value, int digits)
{
    begin_field(table);
    rfim__text_digits(&table->text, value, digits);
}

void rfim__csv_end_row(rfim__csv *table)
{
    rfim__text_append(&table->text, "\r\n");
    table->row_begun = false;
}

rfim_status rfim__csv_save(rfim__csv *table, const char *path)
{
    rfim_status status = rfim__text_save(&table->text, path);
    rfim__csv_end(table);
    return status;
}

void rfim__csv_end(rfim__csv *table)
{
    rfim__text_end(&table->text);
}
