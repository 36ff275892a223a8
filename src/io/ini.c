/* Written here rather than taken from a library: common ones cut long lines without a word, know
 * no line numbers, and read " ;" as a comment, which would cut a network's text. */
#include "io/ini.h"

#include <string.h>

static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\r';
}

/* Cuts blanks off both ends, in place. */
static char *trim(char *words)
{
    while (is_blank(*words))
        words++;
    size_t length = strlen(words);
    while (length > 0 && is_blank(words[length - 1]))
        words[--length] = '\0';
    return words;
}

/* Cuts off a comment: a # at the beginning or after a blank. */
static void cut_comment(char *words)
{
    for (char *mark = strchr(words, '#'); mark; mark = strchr(mark + 1, '#'))
        if (mark == words || is_blank(mark[-1])) {
            *mark = '\0';
            return;
        }
}

/* words begins with a quote: unpacks in place what it encloses. NULL when there is no second
 * quote, or something but a comment after it. */
static char *unquote(char *words)
{
    char *from = words + 1;
    char *to = words;
    while (*from && *from != '"') {
        if (from[0] == '\\' && (from[1] == '"' || from[1] == '\\'))
            from++;
        *to++ = *from++;
    }
    if (*from != '"')
        return NULL;
    char *rest = from + 1;
    cut_comment(rest);
    if (*trim(rest) != '\0')
        return NULL;
    *to = '\0';
    return words;
}

typedef struct ini_reader {
    rfim_context *context;
    const char *name;
    rfim__ini_visit visit;
    void *user;
    const char *section;
} ini_reader;

static rfim_status fail(const ini_reader *reader, size_t line, const char *expected,
                        const char *found)
{
    return rfim__fail(reader->context, RFIM_ERROR_FORMAT, "%s, line %zu: %s, found `%.80s`",
                      reader->name, line, expected, found);
}

static rfim_status read_section(ini_reader *reader, size_t line, char *words)
{
    char *end = strchr(words, ']');
    if (!end)
        return fail(reader, line, "a section needs a closing bracket, as in [training]", words);
    char *rest = end + 1;
    cut_comment(rest);
    if (*trim(rest) != '\0')
        return fail(reader, line, "nothing is expected after a [section]", words);
    *end = '\0';
    reader->section = trim(words + 1);
    if (*reader->section == '\0')
        return fail(reader, line, "a section needs a name, as in [training]", "[]");
    return RFIM_OK;
}

static rfim_status read_entry(ini_reader *reader, size_t line, char *words)
{
    char *sign = strchr(words, '=');
    if (!sign || sign == words)
        return fail(reader, line, "`key = value` is expected", words);
    *sign = '\0';
    rfim__ini_entry entry = {.section = reader->section, .key = trim(words), .line = line};
    if (*entry.key == '\0')
        return fail(reader, line, "a key is expected before `=`", "=");
    char *value = trim(sign + 1);
    if (*value == '"') {
        entry.value = unquote(value);
        if (!entry.value)
            return fail(reader, line,
                        "a value that begins with a quote must end with one (inside, write \\\")",
                        entry.key);
    } else {
        cut_comment(value);
        entry.value = trim(value);
    }
    rfim_status status = reader->visit(reader->user, &entry);
    if (status != RFIM_OK)
        return rfim__fail(reader->context, status, "%s, line %zu: %s", reader->name, line,
                          rfim_context_error(reader->context));
    return RFIM_OK;
}

static rfim_status read_line(ini_reader *reader, size_t line, char *words)
{
    words = trim(words);
    if (*words == '\0' || *words == '#' || *words == ';')
        return RFIM_OK;
    if (*words == '[')
        return read_section(reader, line, words);
    return read_entry(reader, line, words);
}

rfim_status rfim__ini_parse(rfim_context *context, const char *name, const void *data, size_t size,
                            rfim__ini_visit visit, void *user)
{
    /* A copy to cut up; its bytes are zero behind the last one. */
    char *copy = rfim__allocate(context, size + 1, 1);
    if (!copy)
        return RFIM_ERROR_MEMORY;
    if (size > 0)
        memcpy(copy, data, size);
    rfim_status status = RFIM_OK;
    ini_reader reader = {context, name, visit, user, ""};
    char *at = copy;
    const char *const end = copy + size;
    if (size >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
        at += 3; /* a byte order mark */
    for (size_t line = 1; at < end && status == RFIM_OK; line++) {
        char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((line_end ? line_end : end) - at);
        at[length] = '\0';
        if (strlen(at) != length)
            status = rfim__fail(context, RFIM_ERROR_FORMAT,
                                "%s, line %zu: a text file is expected, found a zero byte", name,
                                line);
        else
            status = read_line(&reader, line, at);
        at += length + 1;
    }
    rfim__release(context, copy);
    return status;
}

void rfim__ini_write_section(rfim__text *text, const char *section)
{
    rfim__text_format(text, "%s[%s]\n", text->length > 0 ? "\n" : "", section);
}

/* Whether a value would be read back as something else. */
static bool needs_quotes(const char *value)
{
    size_t length = strlen(value);
    if (length == 0)
        return false;
    if (*value == '"' || *value == '#' || is_blank(value[0]) || is_blank(value[length - 1]))
        return true;
    return strstr(value, " #") || strstr(value, "\t#") || strstr(value, "\r#");
}

void rfim__ini_write_value(rfim__text *text, const char *key, const char *value)
{
    if (strchr(value, '\n') && text->status == RFIM_OK) {
        text->status = rfim__fail(text->context, RFIM_ERROR_ARGUMENT,
                                  "%s = %.80s: a value in an INI file must stay on one line", key,
                                  value);
        return;
    }
    rfim__text_format(text, "%s = ", key);
    if (!needs_quotes(value)) {
        rfim__text_format(text, "%s\n", value);
        return;
    }
    rfim__text_append(text, "\"");
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            rfim__text_append(text, "\\");
        rfim__text_append_bytes(text, value, 1);
    }
    rfim__text_append(text, "\"\n");
}
