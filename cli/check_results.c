#include "check_results.h"

#include "json.h"
#include "message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void check_results_begin(check_results *results, int silent)
{
    const char *terminal = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    memset(results, 0, sizeof *results);
    results->silent = silent;
    results->color = isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0 &&
                     !(no_color && no_color[0]);
}

void check_results_free(check_results *results)
{
    free(results->lines);
}

static void print_line(const check_results *results, const rfim_check_result *result)
{
    if (results->count == 0)
        printf("%-15s %-28s %-14s %7s %5s\n", "group", "check", "against", "error", "limit");
    const char *color = !results->color ? "" : result->passed ? "\033[32m" : "\033[1;31m";
    printf("%-15s %-28s %-14s %7.1e %5.0e %s%s%s\n", result->group, result->name, result->against,
           result->error, result->tolerance, color, result->passed ? "ok" : "FAILED",
           results->color ? "\033[0m" : "");
    fflush(stdout);
}

int check_results_add(void *user, const rfim_check_result *result)
{
    check_results *results = user;
    if (!results->silent)
        print_line(results, result);
    if (results->count == results->room) {
        size_t room = 2 * results->room + 256;
        check_line *lines = realloc(results->lines, room * sizeof *lines);
        results->out_of_memory = !lines;
        if (!lines)
            return 1;
        results->lines = lines;
        results->room = room;
    }
    check_line *line = &results->lines[results->count++];
    snprintf(line->group, sizeof line->group, "%s", result->group);
    snprintf(line->name, sizeof line->name, "%s", result->name);
    snprintf(line->against, sizeof line->against, "%s", result->against);
    line->error = result->error;
    line->tolerance = result->tolerance;
    line->seconds = result->seconds;
    line->passed = result->passed;
    return 0;
}

/* The words of a failed check, behind those of the ones before. */
static size_t append_failure(char *text, size_t size, size_t used, const check_line *line)
{
    int length = snprintf(text + used, size - used, "%s %s / %s against %s", used > 0 ? "," : "",
                          line->group, line->name, line->against);
    return length > 0 && (size_t)length < size - used ? used + (size_t)length : used;
}

void check_results_conclude(const check_results *results, const rfim_check_summary *summary)
{
    char sentence[128];
    if (summary->failed == 0) {
        printf("\nall %zu checks passed in %.1f s\n", summary->checked, summary->seconds);
        return;
    }
    snprintf(sentence, sizeof sentence, "%zu of %zu checks FAILED:", summary->failed,
             summary->checked);
    size_t size = sizeof sentence + summary->failed * sizeof(check_line);
    char *names = calloc(size, 1);
    char *words = calloc(size + sizeof sentence, 1);
    size_t used = 0;
    for (size_t k = 0; names && k < results->count; k++)
        if (!results->lines[k].passed)
            used = append_failure(names, size, used, &results->lines[k]);
    if (words)
        snprintf(words, size + sizeof sentence, "%s%s", sentence, names ? names : "");
    printf("\n");
    print_wrapped(stdout, 0, words ? words : sentence);
    free(names);
    free(words);
}

void check_results_write(const check_results *results, const rfim_check_summary *summary,
                         const rfim_check_options *options, FILE *file)
{
    fprintf(file, "{\n  \"version\": ");
    json_string(file, rfim_version());
    fprintf(file, ",\n  \"seed\": %llu,\n  \"thorough\": %s,\n  \"checked\": %zu,\n",
            (unsigned long long)options->seed, options->thorough ? "true" : "false",
            summary->checked);
    fprintf(file, "  \"failed\": %zu,\n  \"seconds\": %.3f,\n  \"checks\": [", summary->failed,
            summary->seconds);
    for (size_t k = 0; k < results->count; k++) {
        const check_line *line = &results->lines[k];
        fprintf(file, "%s\n    {\"group\": ", k > 0 ? "," : "");
        json_string(file, line->group);
        fprintf(file, ", \"name\": ");
        json_string(file, line->name);
        fprintf(file, ", \"against\": ");
        json_string(file, line->against);
        json_number(file, "error", line->error);
        json_number(file, "tolerance", line->tolerance);
        fprintf(file, ", \"passed\": %s", line->passed ? "true" : "false");
        json_number(file, "seconds", line->seconds);
        fputc('}', file);
    }
    fprintf(file, "\n  ]\n}\n");
}
