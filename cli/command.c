#include "command.h"

#include "message.h"

#include <rfim/rfim.h>
#include <string.h>

const cli_command *const commands[] = {&train_command,
                                       &plan_command,
                                       &eval_command,
                                       &predict_command,
                                       &inspect_command,
                                       &fim_command,
                                       &plot_command,
                                       &check_command,
                                       &bench_command,
                                       &data_command,
                                       &help_command,
                                       &version_command,
                                       NULL};

const cli_command *command_find(const char *name)
{
    const char *names[16];
    char suggestion[SUGGESTION_SIZE];
    size_t count = 0;
    for (; commands[count]; count++) {
        if (strcmp(commands[count]->name, name) == 0)
            return commands[count];
        names[count] = commands[count]->name;
    }
    complain("there is no command '%.60s'%s", name,
             suggest(name, names, count, "rfim ", suggestion)[0] ? suggestion : "; see rfim help");
    return NULL;
}

/* Whether a word is one of those in "a|b|c". */
static int is_among(const char *word, const char *list)
{
    size_t length = strlen(word);
    for (const char *item = list; item;) {
        if (strncmp(item, word, length) == 0 && (item[length] == '|' || item[length] == '\0'))
            return 1;
        item = strchr(item, '|');
        item = item ? item + 1 : NULL;
    }
    return 0;
}

int command_takes(const cli_command *command, const char *option)
{
    for (const char *const *name = command->options; name && *name; name++)
        if (strcmp(*name, option) == 0)
            return 1;
    for (size_t index = 0; index < rfim_options_count(); index++) {
        const rfim_option_info *info = rfim_options_info(index);
        if (strcmp(info->name, option) == 0)
            return is_among(info->section, command->sections) &&
                   !is_among(option, command->without);
    }
    return 0;
}
