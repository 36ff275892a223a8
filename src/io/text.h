/* text.h - a text that grows. It remembers the first failure, so that a writer appends freely and
 * looks at the status once, at the end. Numbers never follow the locale. */
#ifndef RFIM_IO_TEXT_H
#define RFIM_IO_TEXT_H

#include "core/context.h"

#include <stdbool.h>

typedef struct rfim__text {
    rfim_context *context;
    char *data;    /* length bytes and a NUL; NULL before the first append */
    size_t length; /* bytes */
    size_t room;
    rfim_status status; /* the first failure; appending after it does nothing */
} rfim__text;

void rfim__text_begin(rfim__text *text, rfim_context *context);
/* Frees the memory; the text may be begun again. A text of zeros may be ended. */
void rfim__text_end(rfim__text *text);

void rfim__text_append(rfim__text *text, const char *words);
void rfim__text_append_bytes(rfim__text *text, const void *data, size_t size);
/* printf, for whole numbers and words only: %g and %f would follow the locale. */
__attribute__((format(printf, 2, 3))) void rfim__text_format(rfim__text *text, const char *format,
                                                             ...);
/* At most so many significant digits (1 ... 17); nan, inf, -inf. */
void rfim__text_digits(rfim__text *text, double value, int digits);
/* A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD. */
void rfim__text_json_string(rfim__text *text, const char *words);
/* Words inside XML: & < > " ' are escaped, what XML cannot hold becomes U+FFFD. */
void rfim__text_xml(rfim__text *text, const char *words);

/* Bytes of the UTF-8 character at *words (1 ... 4); 0 when it is not valid UTF-8. */
size_t rfim__utf8_size(const char *words);

/* Writes the text to a file, in one piece (rfim__file_write), or reports its first failure. */
rfim_status rfim__text_save(const rfim__text *text, const char *path);

#endif
