#include "help.h"

#include "message.h"

#include <stdio.h>
#include <string.h>

void help_overview(void)
{
    fputs("rfim trains neural networks by relative natural gradient descent, and by SGD and\n"
          "Adam for comparison.\n\n"
          "  rfim train                      train on built-in digits; a minute or so\n"
          "  rfim train --data ~/mnist       train on the MNIST files of a folder\n\n"
          "Commands:\n",
          stdout);
    for (size_t index = 0; commands[index]; index++)
        printf("  rfim %-9s %s\n", commands[index]->name, commands[index]->summary);
    fputs("\nrfim help COMMAND says more; rfim help presets lists the bundles of options.\n"
          "Exit status: 0 done, 1 failure, 2 wrong usage, 3 diverged, 130 interrupted\n"
          "(after saving).\n",
          stdout);
}

static rfim_context *make_context(void)
{
    rfim_context *context = NULL;
    rfim_context_create(NULL, &context);
    return context;
}

static void add(char *text, size_t size, const char *joint, const char *words)
{
    size_t length = strlen(text);
    snprintf(text + length, size - length, "%s%s", length > 0 ? joint : "", words);
}

/* "from 0 to below 1", "at least 1", "above 0" */
static void add_range(const rfim_option_info *info, char *text, size_t size)
{
    char range[96] = "";
    const char *minimum = info->minimum;
    if (minimum && info->maximum)
        snprintf(range, sizeof range, "from %s to %s", minimum, info->maximum);
    else if (minimum)
        snprintf(range, sizeof range, strchr(minimum, ' ') ? "%s" : "at least %s", minimum);
    else if (info->maximum)
        snprintf(range, sizeof range, strchr(info->maximum, ' ') ? "%s" : "at most %s",
                 info->maximum);
    if (range[0])
        add(text, size, ", ", range);
}

/* "default 0.1, sgd 0.05, adam 0.001": the presets that differ from the default, too. */
static void add_defaults(rfim_context *context, const rfim_option_info *info, char *text,
                         size_t size)
{
    rfim_options options;
    char value[RFIM_TEXT_SIZE];
    char expected[RFIM_TEXT_SIZE];
    char words[RFIM_TEXT_SIZE + 96];
    rfim_options_defaults(&options);
    if (rfim_options_get(context, &options, info->name, expected, sizeof expected) != RFIM_OK ||
        !expected[0])
        return;
    snprintf(words, sizeof words, "default %s", expected);
    add(text, size, "; ", words);
    int is_bundle = strcmp(info->name, "optimizer") == 0 || strcmp(info->name, "preset") == 0;
    for (size_t index = 0; index < rfim_presets_count() && !is_bundle; index++) {
        const char *preset = rfim_presets_info(index)->name;
        if (rfim_options_set(context, &options, "preset", preset) != RFIM_OK ||
            rfim_options_get(context, &options, info->name, value, sizeof value) != RFIM_OK ||
            strcmp(value, expected) == 0)
            continue;
        snprintf(words, sizeof words, "%s %s", preset, value);
        add(text, size, ", ", words);
    }
}

void help_option(const rfim_option_info *info)
{
    char facts[4 * RFIM_TEXT_SIZE] = "";
    char text[5 * RFIM_TEXT_SIZE];
    rfim_context *context = make_context();
    printf("  --%s%s%s\n", info->name, info->metavar ? " " : "",
           info->choices   ? info->choices
           : info->metavar ? info->metavar
                           : "");
    add(facts, sizeof facts, ", ", info->unit);
    add_range(info, facts, sizeof facts);
    if (context && info->metavar)
        add_defaults(context, info, facts, sizeof facts);
    snprintf(text, sizeof text, "%s%s%s%s", info->help, facts[0] ? " [" : "", facts,
             facts[0] ? "]" : "");
    print_wrapped(stdout, 6, text);
    rfim_context_free(context);
}

/* Lines, each behind some words. */
static void print_lines(const char *before, const char *lines)
{
    for (const char *line = lines; *line;) {
        size_t length = strcspn(line, "\n");
        printf("%s%.*s\n", before, (int)length, line);
        line += length + (line[length] == '\n');
    }
}

void help_command_page(const cli_command *command)
{
    char before[64];
    const char *section = "";
    snprintf(before, sizeof before, "rfim %s ", command->name);
    print_lines(before, command->usage);
    printf("\n");
    print_wrapped(stdout, 0, command->text);
    printf("\nExamples:\n");
    print_lines("  ", command->examples);
    if (command->flags)
        printf("\nOptions:\n");
    for (const cli_flag *flag = command->flags; flag && flag->name; flag++) {
        printf("  --%s%s%s\n", flag->name, flag->metavar ? " " : "",
               flag->metavar ? flag->metavar : "");
        print_wrapped(stdout, 6, flag->help);
    }
    for (size_t index = 0; index < rfim_options_count(); index++) {
        const rfim_option_info *info = rfim_options_info(index);
        if (!command_takes(command, info->name))
            continue;
        if (strcmp(section, info->section) != 0)
            printf("\nOptions, [%s] in a recipe:\n", info->section);
        section = info->section;
        help_option(info);
    }
}

void help_presets(void)
{
    print_wrapped(stdout, 0,
                  "A preset sets all options of the optimizer at once; options beside it change "
                  "one by one. --optimizer NAME brings the preset of that name. What a preset "
                  "does not mention is off or does not matter to its method.");
    for (size_t index = 0; index < rfim_presets_count(); index++) {
        const rfim_preset_info *info = rfim_presets_info(index);
        printf("\n--preset %s\n", info->name);
        print_wrapped(stdout, 2, info->help);
        print_wrapped(stdout, 6, info->settings);
    }
}
