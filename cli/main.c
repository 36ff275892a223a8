/* rfim - the command. Each subcommand has a file of its own, cmd_*.c. */
#include "arguments.h"
#include "help.h"
#include "message.h"

#include <stdio.h>
#include <string.h>

static int run_command(const cli_command *command, int argc, char **argv)
{
    arguments given;
    int exit_status = arguments_read(command, argc, argv, &given);
    if (exit_status == 0 && given.wants_help) {
        help_command_page(command);
        exit_status = finish_output();
    } else if (exit_status == 0) {
        exit_status = command->run(&given);
    }
    arguments_free(&given);
    return exit_status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        help_overview();
        return complain("expected a command, such as rfim train");
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "--version") == 0)
        name = "version";
    const cli_command *command = command_find(name);
    return command ? run_command(command, argc - 2, argv + 2) : 2;
}
