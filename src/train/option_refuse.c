/* option_refuse.c - the sentence for a value that an option cannot have. */
#include "core/nearest.h"
#include "core/number.h"
#include "train/option_value.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "above 0" and "below 1", beside "0" and "1" */
static bool is_word(const char *bound)
{
    return strchr(bound, ' ') != NULL;
}

/* " from 0 to below 1", " of at least 1", " above 0", or nothing. */
static void describe_range(const rfim_option_info *info, char *text, size_t size)
{
    text[0] = '\0';
    if (info->minimum && info->maximum)
        snprintf(text, size, " from %s to %s", info->minimum, info->maximum);
    else if (info->minimum)
        snprintf(text, size, is_word(info->minimum) ? " %s" : " of at least %s", info->minimum);
    else if (info->maximum)
        snprintf(text, size, is_word(info->maximum) ? " %s" : " of at most %s", info->maximum);
}

/* "a|b|c" -> "a, b or c" */
static void describe_choices(const char *choices, char *text, size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (const char *choice = choices; choice && length < size;) {
        const char *end = strchr(choice, '|');
        int count = (int)(end ? (size_t)(end - choice) : strlen(choice));
        const char *joint = choice == choices ? "" : end ? ", " : " or ";
        length += (size_t)snprintf(text + length, size - length, "%s%.*s", joint, count, choice);
        choice = end ? end + 1 : NULL;
    }
}

/* Whether the value is a number without end, or one that no double holds. */
static bool is_infinite(const char *value)
{
    char *end = NULL;
    double number = strtod(value, &end);
    return end != value && *end == '\0' && !isfinite(number);
}

/* The greatest whole number of an option as text, when the value is a whole number above it; else
 * false. */
static bool exceeds(const rfim__option *option, const char *value, char most[RFIM__NUMBER_SIZE])
{
    uint64_t limit = UINT64_MAX;
    uint64_t number = 0;
    if (!value[0] || strspn(value, "0123456789") != strlen(value))
        return false;
    if (option->kind == RFIM__OPTION_SIZE)
        limit = SIZE_MAX;
    if (option->info.maximum)
        rfim__number_parse_whole(option->info.maximum, &limit);
    snprintf(most, RFIM__NUMBER_SIZE, "%" PRIu64, limit);
    return !rfim__number_parse_whole(value, &number) || number > limit;
}

static void describe_expected(const rfim__option *option, const char *value, char *text,
                              size_t size)
{
    char range[96];
    char most[RFIM__NUMBER_SIZE];
    const char *finite = is_infinite(value) ? "finite " : "";
    describe_range(&option->info, range, sizeof range);
    switch (option->kind) {
    case RFIM__OPTION_SIZE:
    case RFIM__OPTION_SEED:
        if (exceeds(option, value, most))
            snprintf(text, size, "at most %s", most);
        else
            snprintf(text, size, "a whole number%s", range);
        break;
    case RFIM__OPTION_REAL:
        snprintf(text, size, "a %snumber%s", finite, range);
        break;
    case RFIM__OPTION_INIT:
        snprintf(text, size, "glorot, he, whitened or a %sstandard deviation%s", finite, range);
        break;
    case RFIM__OPTION_SWITCH:
        snprintf(text, size, "yes or no");
        break;
    case RFIM__OPTION_BYTES:
        snprintf(text, size, "a number of bytes such as 64M or 2G");
        break;
    case RFIM__OPTION_LAYERS:
        describe_choices(option->info.choices, text, size);
        snprintf(text + strlen(text), size - strlen(text),
                 ", for all layers or as LAYER=WORD,...,WORD");
        break;
    case RFIM__OPTION_CHOICE:
    case RFIM__OPTION_TEXT:
        if (option->info.choices)
            describe_choices(option->info.choices, text, size);
        else
            snprintf(text, size, "one line of 1 to %zu bytes", option->text_size - 1);
        break;
    }
}

rfim_status rfim__option_refuse(rfim_context *context, const rfim__option *option,
                                const char *value)
{
    char expected[256];
    char nearest[96] = "";
    char word[64];
    describe_expected(option, value, expected, sizeof expected);
    if (option->kind == RFIM__OPTION_LAYERS &&
        rfim__option_wrong_word(option, value, word, sizeof word) && word[0])
        value = word;
    if (option->info.choices)
        rfim__nearest_choice(value, option->info.choices, nearest, sizeof nearest);
    bool suggests = nearest[0] && option->kind != RFIM__OPTION_INIT &&
                    rfim__nearest_is_near(value, nearest) && value[0];
    return rfim__fail(context, RFIM_ERROR_ARGUMENT, "%s: expected %s, found '%.60s'%s%s%s",
                      option->info.name, expected, value, suggests ? "; did you mean " : "",
                      suggests ? nearest : "", suggests ? "?" : "");
}
