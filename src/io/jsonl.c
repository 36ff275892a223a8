#include "io/jsonl.h"

#include "core/file.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

void rfim__json_line_begin(rfim__json_line *line, rfim_context *context)
{
    rfim__text_begin(&line->text, context);
}

static void begin_value(rfim__json_line *line, const char *key)
{
    rfim__text_append(&line->text, line->text.length == 0 ? "{" : ", ");
    rfim__text_json_string(&line->text, key);
    rfim__text_append(&line->text, ": ");
}

void rfim__json_line_count(rfim__json_line *line, const char *key, size_t value)
{
    begin_value(line, key);
    rfim__text_format(&line->text, "%zu", value);
}

void rfim__json_line_number(rfim__json_line *line, const char *key, double value)
{
    begin_value(line, key);
    if (isfinite(value))
        rfim__text_digits(&line->text, value, 9);
    else
        rfim__text_append(&line->text, "null");
}

void rfim__json_line_string(rfim__json_line *line, const char *key, const char *value)
{
    begin_value(line, key);
    rfim__text_json_string(&line->text, value);
}

void rfim__json_line_flag(rfim__json_line *line, const char *key, bool value)
{
    begin_value(line, key);
    rfim__text_append(&line->text, value ? "true" : "false");
}

rfim_status rfim__json_line_append(rfim__json_line *line, const char *path)
{
    rfim__text *text = &line->text;
    rfim__text_append(text, text->length == 0 ? "{}\n" : "}\n");
    rfim_status status = text->status;
    if (status == RFIM_OK)
        status = rfim__file_append(text->context, path, text->data, text->length);
    rfim__json_line_end(line);
    return status;
}

void rfim__json_line_end(rfim__json_line *line)
{
    rfim__text_end(&line->text);
}

struct rfim__jsonl {
    rfim_context *context;
    json_t **lines; /* objects */
    size_t count;
    size_t cut;
};

static bool is_blank(const char *data, size_t size)
{
    for (size_t position = 0; position < size; position++)
        if (!strchr(" \t\r", data[position]) || data[position] == '\0')
            return false;
    return true;
}

static size_t count_lines(const char *data, size_t size)
{
    size_t lines = 1;
    for (size_t position = 0; position < size; position++)
        lines += data[position] == '\n';
    return lines;
}

/* One line without its end. whole: the file goes on after it. */
static rfim_status parse_line(rfim__jsonl *file, const char *name, size_t number, const char *data,
                              size_t size, bool whole)
{
    json_error_t error;
    json_t *object = json_loadb(data, size, JSON_REJECT_DUPLICATES, &error);
    if (!object && !whole) {
        file->cut++;
        return RFIM_OK;
    }
    if (!object)
        return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                          "%s, line %zu: a JSON object is expected, but: %s", name, number,
                          error.text);
    if (!json_is_object(object)) {
        json_decref(object);
        return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                          "%s, line %zu: a JSON object {...} is expected, not another value", name,
                          number);
    }
    file->lines[file->count++] = object;
    return RFIM_OK;
}

rfim_status rfim__jsonl_parse(rfim_context *context, const char *name, const void *data,
                              size_t size, rfim__jsonl **out)
{
    *out = NULL;
    const char *at = data ? data : "";
    const char *const end = at + size;
    rfim_status status = RFIM_ERROR_MEMORY;
    rfim__jsonl *file = rfim__allocate(context, 1, sizeof *file);
    if (!file)
        goto done;
    file->context = context;
    file->lines = rfim__allocate(context, count_lines(at, size), sizeof *file->lines);
    if (!file->lines)
        goto done;
    status = RFIM_OK;
    for (size_t number = 1; at < end && status == RFIM_OK; number++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((line_end ? line_end : end) - at);
        if (!is_blank(at, length))
            status = parse_line(file, name, number, at, length, line_end != NULL);
        at += length + (line_end ? 1 : 0);
    }
done:
    if (status != RFIM_OK)
        rfim__jsonl_free(file);
    else
        *out = file;
    return status;
}

void rfim__jsonl_free(rfim__jsonl *file)
{
    if (!file)
        return;
    for (size_t line = 0; file->lines && line < file->count; line++)
        json_decref(file->lines[line]);
    rfim__release(file->context, file->lines);
    rfim__release(file->context, file);
}

size_t rfim__jsonl_lines(const rfim__jsonl *file)
{
    return file->count;
}

size_t rfim__jsonl_cut(const rfim__jsonl *file)
{
    return file->cut;
}

double rfim__jsonl_number(const rfim__jsonl *file, size_t line, const char *key)
{
    const json_t *value = json_object_get(file->lines[line], key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

const char *rfim__jsonl_string(const rfim__jsonl *file, size_t line, const char *key)
{
    return json_string_value(json_object_get(file->lines[line], key));
}
