#include "io/text.h"

#include "core/file.h"
#include "core/size.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

void rfim__text_begin(rfim__text *text, rfim_context *context)
{
    memset(text, 0, sizeof *text);
    text->context = context;
}

void rfim__text_end(rfim__text *text)
{
    if (text->context)
        rfim__release(text->context, text->data);
    rfim__text_begin(text, text->context);
}

/* Makes room for size more bytes and a NUL; false when the text has failed. */
static bool make_room(rfim__text *text, size_t size)
{
    if (text->status != RFIM_OK)
        return false;
    size_t needed = 0;
    if (!rfim__size_add(text->length, size, &needed) || !rfim__size_add(needed, 1, &needed) ||
        needed > SIZE_MAX / 2) {
        text->status = rfim__fail(text->context, RFIM_ERROR_MEMORY,
                                  "a text of more than %zu bytes does not fit in memory", size);
        return false;
    }
    if (needed <= text->room)
        return true;
    size_t room = rfim__size_max(rfim__size_max(needed, 2 * text->room), 256);
    char *data = rfim__allocate(text->context, room, 1);
    if (!data) {
        text->status = RFIM_ERROR_MEMORY;
        return false;
    }
    if (text->length > 0)
        memcpy(data, text->data, text->length);
    rfim__release(text->context, text->data);
    text->data = data;
    text->room = room;
    return true;
}

void rfim__text_append_bytes(rfim__text *text, const void *data, size_t size)
{
    if (!make_room(text, size))
        return;
    if (size > 0)
        memcpy(text->data + text->length, data, size);
    text->length += size;
    text->data[text->length] = '\0';
}

void rfim__text_append(rfim__text *text, const char *words)
{
    rfim__text_append_bytes(text, words, strlen(words));
}

void rfim__text_format(rfim__text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !make_room(text, (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

/* snprintf writes the locale's decimal point, which may be any characters: what is neither digit,
 * sign nor exponent becomes one dot. */
static void undo_locale(char *digits)
{
    char *to = digits;
    for (const char *from = digits; *from; from++)
        if (strchr("0123456789+-e", *from))
            *to++ = *from;
        else if (to == digits || to[-1] != '.')
            *to++ = '.';
    *to = '\0';
}

void rfim__text_digits(rfim__text *text, double value, int digits)
{
    char number[64];
    if (isnan(value)) {
        rfim__text_append(text, "nan");
        return;
    }
    if (isinf(value)) {
        rfim__text_append(text, value > 0 ? "inf" : "-inf");
        return;
    }
    snprintf(number, sizeof number, "%.*g", digits, value);
    undo_locale(number);
    rfim__text_append(text, number);
}

size_t rfim__utf8_size(const char *words)
{
    const unsigned char *byte = (const unsigned char *)words;
    if (byte[0] < 0x80)
        return 1;
    size_t size = byte[0] >= 0xF0 ? 4 : byte[0] >= 0xE0 ? 3 : 2;
    if (byte[0] < 0xC2 || byte[0] > 0xF4)
        return 0;
    for (size_t position = 1; position < size; position++)
        if ((byte[position] & 0xC0) != 0x80)
            return 0;
    /* Longer than needed, surrogates, and what lies beyond U+10FFFF. */
    if ((byte[0] == 0xE0 && byte[1] < 0xA0) || (byte[0] == 0xED && byte[1] > 0x9F) ||
        (byte[0] == 0xF0 && byte[1] < 0x90) || (byte[0] == 0xF4 && byte[1] > 0x8F))
        return 0;
    return size;
}

void rfim__text_json_string(rfim__text *text, const char *words)
{
    rfim__text_append(text, "\"");
    while (*words) {
        size_t size = rfim__utf8_size(words);
        unsigned char byte = (unsigned char)*words;
        if (size == 0)
            rfim__text_append(text, REPLACEMENT);
        else if (byte == '"' || byte == '\\')
            rfim__text_format(text, "\\%c", byte);
        else if (byte < 0x20)
            rfim__text_format(text, "\\u%04x", (unsigned)byte);
        else
            rfim__text_append_bytes(text, words, size);
        words += rfim__size_max(size, 1);
    }
    rfim__text_append(text, "\"");
}

/* XML 1.0 has no control characters but tab and line ends, and not U+FFFE and U+FFFF. */
static bool xml_can_hold(const char *words, size_t size)
{
    unsigned char byte = (unsigned char)*words;
    if (size == 0 || (byte < 0x20 && !strchr("\t\n\r", byte)))
        return false;
    return !(size == 3 && memcmp(words, "\xEF\xBF", 2) == 0 && (unsigned char)words[2] >= 0xBE);
}

void rfim__text_xml(rfim__text *text, const char *words)
{
    while (*words) {
        size_t size = rfim__utf8_size(words);
        if (!xml_can_hold(words, size))
            rfim__text_append(text, REPLACEMENT);
        else if (strchr("&<>\"'", *words))
            rfim__text_format(text, "&#%d;", *words);
        else
            rfim__text_append_bytes(text, words, size);
        words += rfim__size_max(size, 1);
    }
}

rfim_status rfim__text_save(const rfim__text *text, const char *path)
{
    if (text->status != RFIM_OK)
        return text->status;
    return rfim__file_write(text->context, path, text->data, text->length);
}
