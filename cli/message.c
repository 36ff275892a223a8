#include "message.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

int complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("rfim: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return 2;
}

int complain_status(const rfim_context *context, rfim_status status)
{
    const char *sentence = rfim_context_error(context);
    complain("%s", sentence[0] ? sentence : rfim_status_text(status));
    return rfim_status_exit(status);
}

const char *suggest(const char *word, const char *const *names, size_t count, const char *before,
                    char text[SUGGESTION_SIZE])
{
    const char *nearest = rfim_name_nearest(word, names, count);
    text[0] = '\0';
    if (nearest)
        snprintf(text, SUGGESTION_SIZE, "; did you mean %s%s?", before, nearest);
    return text;
}

int find_choice(const char *option, const char *word, const char *const *names, size_t count)
{
    char suggestion[SUGGESTION_SIZE];
    char all[160] = "";
    for (size_t index = 0; index < count; index++)
        if (strcmp(word, names[index]) == 0)
            return (int)index;
    for (size_t index = 0; index < count; index++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", index > 0 ? "|" : "",
                 names[index]);
    complain("--%s: expected %s, found '%.60s'%s", option, all, word,
             suggest(word, names, count, "", suggestion));
    return -1;
}

void print_wrapped(FILE *file, size_t indent, const char *words)
{
    size_t column = 0;
    for (const char *word = words; *word;) {
        size_t length = strcspn(word, " ");
        if (column > 0 && column + 1 + length > HELP_COLUMNS) {
            fputc('\n', file);
            column = 0;
        }
        if (column == 0)
            column = (size_t)fprintf(file, "%*s", (int)indent, "");
        else
            column += (size_t)fprintf(file, " ");
        column += (size_t)fprintf(file, "%.*s", (int)length, word);
        word += length + strspn(word + length, " ");
    }
    fputc('\n', file);
}

int finish_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    complain("the output cannot be written: %s", strerror(errno));
    return 1;
}
