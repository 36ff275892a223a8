/* rfim help: commands, presets and options, out of the library's tables. */
#include "help.h"
#include "message.h"

#include <stdio.h>
#include <string.h>

static int run_help(const arguments *given)
{
    if (given->word_count == 0) {
        help_overview();
        return finish_output();
    }
    const char *topic = given->words[0];
    const char *names[96];
    char suggestion[SUGGESTION_SIZE];
    size_t count = 0;
    for (size_t index = 0; commands[index]; index++) {
        if (strcmp(topic, commands[index]->name) == 0) {
            help_command_page(commands[index]);
            return finish_output();
        }
        names[count++] = commands[index]->name;
    }
    if (strcmp(topic, "presets") == 0) {
        help_presets();
        return finish_output();
    }
    names[count++] = "presets";
    const char *option = strncmp(topic, "--", 2) == 0 ? topic + 2 : topic;
    for (size_t index = 0; index < rfim_options_count() && count < 96; index++) {
        const rfim_option_info *info = rfim_options_info(index);
        if (strcmp(option, info->name) == 0) {
            help_option(info);
            return finish_output();
        }
        names[count++] = info->name;
    }
    return complain("there is no help on '%.60s'%s", topic,
                    suggest(option, names, count, "rfim help ", suggestion));
}

const cli_command help_command = {
    .name = "help",
    .summary = "help on a command, on an option, or on the presets",
    .usage = "[COMMAND|OPTION|presets]",
    .text = "Prints the help of a command, of one option, or the list of presets.",
    .examples = "rfim help train\nrfim help damping\nrfim help presets\n",
    .options_are_words = 1,
    .least = 0,
    .most = 1,
    .words = "at most one topic",
    .run = run_help,
};
