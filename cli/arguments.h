/* arguments.h - the words after `rfim COMMAND`, sorted and turned into options. */
#ifndef RFIM_CLI_ARGUMENTS_H
#define RFIM_CLI_ARGUMENTS_H

#include "command.h"

#include <rfim/rfim.h>

typedef struct cli_setting {
    const char *name; /* as in the library's table, or of one of the command's flags */
    const char *value;
} cli_setting;

struct arguments {
    const cli_command *command;
    int wants_help;
    const char **words; /* what is no option */
    size_t word_count;
    cli_setting *settings; /* in the order given */
    size_t setting_count;
};

/* 0, or an exit status after a complaint. */
int arguments_read(const cli_command *command, int argc, char **argv, arguments *out);
void arguments_free(arguments *given);

/* The value of an option that was given, the last when several times; NULL when it was not. */
const char *arguments_value(const arguments *given, const char *name);

/* Defaults, then the bundle that --optimizer and --preset name, then the recipe (may be NULL),
 * then the other options given. */
rfim_status arguments_apply(rfim_context *context, const arguments *given, const char *recipe,
                            rfim_options *options);

#endif
