/* xml_check.h - a small reader that tells well-formed XML from the rest: what our pictures use,
 * and nothing else, is accepted. */
#ifndef RFIM_TESTS_IO_XML_CHECK_H
#define RFIM_TESTS_IO_XML_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define XML_DEEPEST 16

/* "&#38;" or one character that is neither markup nor control; NULL when it is not. */
static inline const char *xml_character(const char *at)
{
    if (*at == '&') {
        const size_t digits = at[1] == '#' ? strspn(at + 2, "0123456789") : 0;
        return digits > 0 && at[2 + digits] == ';' ? at + digits + 3 : NULL;
    }
    const unsigned char byte = (unsigned char)*at;
    if (byte == '<' || byte == '>' || (byte < 0x20 && byte != '\n' && byte != '\t'))
        return NULL;
    return at + 1;
}

static inline const char *xml_name(const char *at)
{
    const size_t size = strspn(at,
                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
    return size > 0 ? at + size : NULL;
}

/* One ` name="value"`. */
static inline const char *xml_attribute(const char *at)
{
    at = xml_name(at + 1);
    if (!at || at[0] != '=' || at[1] != '"')
        return NULL;
    at += 2;
    while (at && *at && *at != '"')
        at = xml_character(at);
    return at && *at == '"' ? at + 1 : NULL;
}

/* Whether text is one well-formed element and a line end. */
static inline bool xml_is_well_formed(const char *text)
{
    struct {
        const char *name;
        size_t size;
    } open[XML_DEEPEST];
    size_t depth = 0;
    const char *at = text;
    do {
        if (*at != '<') {
            at = xml_character(at);
            if (!at)
                return false;
            continue;
        }
        const bool closes = at[1] == '/';
        const char *name = at + (closes ? 2 : 1);
        at = xml_name(name);
        if (!at)
            return false;
        const size_t size = (size_t)(at - name);
        if (closes) {
            if (depth == 0 || *at != '>' || open[depth - 1].size != size ||
                memcmp(open[depth - 1].name, name, size) != 0)
                return false;
            depth--;
            at++;
            continue;
        }
        while (at && *at == ' ')
            at = xml_attribute(at);
        if (!at)
            return false;
        if (at[0] == '/' && at[1] == '>') {
            at += 2;
        } else if (*at == '>' && depth < XML_DEEPEST) {
            open[depth].name = name;
            open[depth++].size = size;
            at++;
        } else {
            return false;
        }
    } while (depth > 0 && *at);
    return depth == 0 && strcmp(at, "\n") == 0;
}

/* How often words occur in text. */
static inline size_t occurrences(const char *text, const char *words)
{
    size_t count = 0;
    for (; (text = strstr(text, words)) != NULL; text += strlen(words))
        count++;
    return count;
}

#endif
