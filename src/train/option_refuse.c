/* option_refuse.c - the sentence for a value that an option cannot have. */
#include "core/nearest.h"
#include "train/option_value.h"

#include <stdio.h>
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

static void describe_expected(const rfim__option *option, char *text, size_t size)
{
    char range[96];
    describe_range(&option->info, range, sizeof range);
    switch (option->kind) {
    case RFIM__OPTION_SIZE:
    case RFIM__OPTION_SEED:
        snprintf(text, size, "a whole number%s", range);
        break;
    case RFIM__OPTION_REAL:
        snprintf(text, size, "a number%s", range);
        break;
    case RFIM__OPTION_INIT:
        snprintf(text, size, "glorot, he or a standard deviation%s", range);
        break;
    case RFIM__OPTION_SWITCH:
        snprintf(text, size, "yes or no");
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
    describe_expected(option, expected, sizeof expected);
    if (option->info.choices)
        rfim__nearest_choice(value, option->info.choices, nearest, sizeof nearest);
    bool suggests = nearest[0] && option->kind != RFIM__OPTION_INIT && value[0];
    return rfim__fail(context, RFIM_ERROR_ARGUMENT, "%s: expected %s, found '%.60s'%s%s%s",
                      option->info.name, expected, value, suggests ? "; did you mean " : "",
                      suggests ? nearest : "", suggests ? "?" : "");
}
