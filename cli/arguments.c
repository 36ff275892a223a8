#include "arguments.h"

#include "message.h"

#include <stdlib.h>
#include <string.h>

static const cli_flag *find_flag(const cli_command *command, const char *name)
{
    for (const cli_flag *flag = command->flags; flag && flag->name; flag++)
        if (strcmp(flag->name, name) == 0)
            return flag;
    return NULL;
}

static const rfim_option_info *find_option(const char *name)
{
    for (size_t index = 0; index < rfim_options_count(); index++)
        if (strcmp(rfim_options_info(index)->name, name) == 0)
            return rfim_options_info(index);
    return NULL;
}

static int complain_unknown(const cli_command *command, const char *name)
{
    const char *names[80];
    char suggestion[SUGGESTION_SIZE];
    size_t count = 0;
    if (find_option(name))
        return complain("--%s is no option of rfim %s; see rfim help %s", name, command->name,
                        command->name);
    for (const cli_flag *flag = command->flags; flag && flag->name; flag++)
        names[count++] = flag->name;
    for (size_t index = 0; index < rfim_options_count(); index++)
        if (command_takes(command, rfim_options_info(index)->name) && count < 79)
            names[count++] = rfim_options_info(index)->name;
    names[count++] = "help";
    return complain("there is no option '--%.60s' of rfim %s%s", name, command->name,
                    suggest(name, names, count, "--", suggestion));
}

/* Of an option "--json [FILE.json]": takes the next word only if it ends as FILE.json does. */
static int is_value_of(const char *metavar, const char *word)
{
    const char *ending = strrchr(metavar, '.');
    size_t length = ending ? strlen(ending) - 1 : 0; /* without ] */
    return word && strlen(word) > length && length > 0 &&
           strncmp(word + strlen(word) - length, ending, length) == 0;
}

/* Reads argv[*at], which begins with "--", and its value. */
static int read_option(arguments *out, int argc, char **argv, int *at)
{
    char *name = argv[*at] + 2;
    char *value = strchr(name, '=');
    if (value)
        *value++ = '\0';
    const cli_flag *flag = find_flag(out->command, name);
    const rfim_option_info *info = command_takes(out->command, name) ? find_option(name) : NULL;
    if (!flag && !info)
        return complain_unknown(out->command, name);
    const char *metavar = flag ? flag->metavar : info->metavar;
    if (!value && !metavar)
        value = "yes";
    if (!value && metavar[0] == '[' && !is_value_of(metavar, *at + 1 < argc ? argv[*at + 1] : NULL))
        value = "";
    /* A value may begin with one hyphen, as -1 does, but two begin the next option. */
    if (!value && (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0))
        return complain("--%s expects a value: --%s %s", name, name,
                        info && info->choices ? info->choices : metavar);
    if (!value)
        value = argv[++*at];
    out->settings[out->setting_count++] = (cli_setting){name, value};
    return 0;
}

static int is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static int is_word(const cli_command *command, const char *argument)
{
    if (argument[0] != '-' || argument[1] == '\0')
        return 1;
    return command->options_are_words && strncmp(argument, "--", 2) == 0 && argument[2] &&
           !is_help(argument);
}

int arguments_read(const cli_command *command, int argc, char **argv, arguments *out)
{
    memset(out, 0, sizeof *out);
    out->command = command;
    out->words = calloc((size_t)argc + 1, sizeof *out->words);
    out->settings = calloc((size_t)argc + 1, sizeof *out->settings);
    if (!out->words || !out->settings) {
        complain("no memory for the command line");
        return 1;
    }
    int only_words = 0;
    for (int at = 0; at < argc; at++) {
        int exit_status = 0;
        if (only_words || is_word(command, argv[at]))
            out->words[out->word_count++] = argv[at];
        else if (strcmp(argv[at], "--") == 0)
            only_words = 1;
        else if (is_help(argv[at]))
            out->wants_help = 1;
        else if (argv[at][1] == '-')
            exit_status = read_option(out, argc, argv, &at);
        else
            exit_status = complain("there is no option '%.60s': options begin with two hyphens",
                                   argv[at]);
        if (exit_status != 0)
            return exit_status;
    }
    if (out->wants_help)
        return 0;
    if (out->word_count < command->least)
        return complain("rfim %s expects %s; see rfim help %s", command->name, command->words,
                        command->name);
    if (out->word_count > command->most)
        return complain("rfim %s expects %s, but there is '%.60s' too; see rfim help %s",
                        command->name, command->words, out->words[command->most], command->name);
    return 0;
}

void arguments_free(arguments *given)
{
    free(given->words);
    free(given->settings);
}

const char *arguments_value(const arguments *given, const char *name)
{
    const char *value = NULL;
    for (size_t index = 0; index < given->setting_count; index++)
        if (strcmp(given->settings[index].name, name) == 0)
            value = given->settings[index].value;
    return value;
}

static int is_bundle(const char *name)
{
    return strcmp(name, "preset") == 0 || strcmp(name, "optimizer") == 0;
}

/* Sets --preset and --optimizer. That both name the same method is checked with the rest. */
static rfim_status apply_bundle(rfim_context *context, const arguments *given,
                                rfim_options *options)
{
    const char *preset = arguments_value(given, "preset");
    const char *optimizer = arguments_value(given, "optimizer");
    rfim_status status = RFIM_OK;
    if (optimizer)
        status = rfim_options_set(context, options, "optimizer", optimizer);
    rfim_method method = options->optimizer.method;
    if (status == RFIM_OK && preset)
        status = rfim_options_set(context, options, "preset", preset);
    /* rfim_options_check has the sentence for a preset that is for another method. */
    if (status == RFIM_OK && optimizer && preset && options->optimizer.method != method) {
        options->optimizer.method = method;
        status = rfim_options_check(context, options);
    }
    return status;
}

rfim_status arguments_apply(rfim_context *context, const arguments *given, const char *recipe,
                            rfim_options *options)
{
    rfim_options_defaults(options);
    rfim_status status = apply_bundle(context, given, options);
    if (status == RFIM_OK && recipe) {
        const char **except = calloc(given->setting_count + 1, sizeof *except);
        if (!except)
            return RFIM_ERROR_MEMORY;
        for (size_t index = 0; index < given->setting_count; index++)
            except[index] = given->settings[index].name;
        status = rfim_options_read(context, options, recipe, except);
        free(except);
    }
    for (size_t index = 0; status == RFIM_OK && index < given->setting_count; index++) {
        const cli_setting *setting = &given->settings[index];
        if (!is_bundle(setting->name) && !find_flag(given->command, setting->name))
            status = rfim_options_set(context, options, setting->name, setting->value);
    }
    return status;
}
