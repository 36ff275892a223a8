/* rfim plot: several runs in one picture. */
#include "command.h"
#include "message.h"
#include "session.h"

#include <stdio.h>
#include <string.h>

static int run_plot(const arguments *given)
{
    const char *path = arguments_value(given, "to");
    if (!path)
        path = "compare.svg";
    size_t length = strlen(path);
    if (length < 5 || strcmp(path + length - 4, ".svg") != 0)
        return complain("--to: expected a name that ends with .svg, found '%.60s'", path);
    rfim_options options;
    rfim_context *context = NULL;
    int exit_status = session_open(given, NULL, &options, &context);
    if (exit_status != 0)
        return exit_status;
    rfim_status status = rfim_plot_runs(context, given->words, given->word_count, path);
    if (status == RFIM_OK)
        printf("wrote %s: %zu run%s\n", path, given->word_count, given->word_count == 1 ? "" : "s");
    exit_status = status == RFIM_OK ? finish_output() : complain_status(context, status);
    rfim_context_free(context);
    return exit_status;
}

static const cli_flag plot_flags[] = {
    {"to", "FILE.svg", "The picture to write. [default compare.svg]"},
    {NULL, NULL, NULL},
};

const cli_command plot_command = {
    .name = "plot",
    .summary = "lay the curves of runs over one another",
    .usage = "RUN... [--to FILE.svg]",
    .text = "Draws loss and accuracy of several runs against epochs, as SVG. Runs that differ in "
            "their seeds only become one curve: their mean, with their range.",
    .examples = "rfim plot runs/adam runs/rngd --to adam-rngd.svg\n"
                "rfim plot runs/*\n",
    .flags = plot_flags,
    .least = 1,
    .most = 100000,
    .words = "one run folder or more",
    .run = run_plot,
};
