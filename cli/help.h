/* help.h - the pages of help, made from the tables of commands and options. */
#ifndef RFIM_CLI_HELP_H
#define RFIM_CLI_HELP_H

#include "arguments.h"

void help_overview(void);
void help_command_page(const cli_command *command);
void help_option(const rfim_option_info *info);
void help_presets(void);

#endif
