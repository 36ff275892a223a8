/* command.h - what a subcommand is: its words for help, the options it takes, its function. */
#ifndef RFIM_CLI_COMMAND_H
#define RFIM_CLI_COMMAND_H

#include <stddef.h>

typedef struct arguments arguments;

/* An option of one subcommand alone, beside those of the library's table. It takes a value; with a
 * metavar such as "[FILE.json]" only a word that ends so, or what follows `=`, and else "". */
typedef struct cli_flag {
    const char *name;
    const char *metavar;
    const char *help;
} cli_flag;

typedef struct cli_command {
    const char *name;
    const char *summary;                /* a line for the list of commands */
    const char *usage;                  /* what follows `rfim NAME`, one way a line */
    const char *text;                   /* what it does, in a few sentences */
    const char *examples;               /* lines to type */
    const char *const *options;         /* names from the library's table, ended by NULL */
    const char *sections;               /* or whole sections of it, "data|network"; NULL: none */
    const char *without;                /* but these of them, "standardize|split"; NULL: none */
    const cli_flag *flags;              /* ended by a name of NULL; NULL: none */
    int options_are_words;              /* `--momentum` is a topic, say */
    size_t least, most;                 /* how many words, such as files, it takes */
    const char *words;                  /* what they are, for an error */
    int (*run)(const arguments *given); /* returns the exit status */
} cli_command;

extern const cli_command train_command;
extern const cli_command plan_command;
extern const cli_command eval_command;
extern const cli_command predict_command;
extern const cli_command inspect_command;
extern const cli_command fim_command;
extern const cli_command plot_command;
extern const cli_command check_command;
extern const cli_command bench_command;
extern const cli_command data_command;
extern const cli_command help_command;
extern const cli_command version_command;

/* All commands, ended by NULL. */
extern const cli_command *const commands[];

/* NULL, after a sentence on stderr, when there is none of that name. */
const cli_command *command_find(const char *name);
int command_takes(const cli_command *command, const char *option);

#endif
