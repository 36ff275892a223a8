/* rfim check: the library proves its metrics on this machine. */
#include "check_results.h"
#include "command.h"
#include "message.h"
#include "output_file.h"
#include "session.h"

#include <stdio.h>

static int write_json(const char *path, const check_results *results,
                      const rfim_check_summary *summary, const rfim_check_options *options)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return output_file_complain(path);
    check_results_write(results, summary, options, file);
    int failed = ferror(file);
    return fclose(file) == 0 && !failed ? 0 : output_file_complain(path);
}

/* path: where JSON goes, "" for stdout; NULL: nowhere */
static int run_checks(rfim_context *context, const rfim_check_options *options, const char *path)
{
    check_results results;
    rfim_check_summary summary;
    int to_file = path && path[0];
    int unwritten = output_file_probe(path);
    if (unwritten)
        return unwritten;
    check_results_begin(&results, path && !to_file);
    rfim_status status = rfim_check(context, options, check_results_add, &results, &summary);
    int exit_status = 0;
    if (results.out_of_memory) {
        complain("no memory for the results");
        exit_status = 1;
    } else if (status != RFIM_OK) {
        exit_status = complain_status(context, status);
    } else {
        if (results.silent)
            check_results_write(&results, &summary, options, stdout);
        else
            check_results_conclude(&results, &summary);
        if (to_file)
            unwritten = write_json(path, &results, &summary, options);
        exit_status = finish_output();
    }
    output_file_tidy(path);
    check_results_free(&results);
    return exit_status != 0 ? exit_status : unwritten || summary.failed > 0;
}

static int run_check(const arguments *given)
{
    rfim_options settings;
    rfim_context *context = NULL;
    rfim_check_options options;
    int exit_status = session_open(given, NULL, &settings, &context);
    if (exit_status != 0)
        return exit_status;
    rfim_check_defaults(&options);
    options.thorough = arguments_value(given, "thorough") != NULL;
    options.only = arguments_value(given, "only");
    const char *seed = arguments_value(given, "seed");
    rfim_status status = seed ? rfim_options_set(context, &settings, "seed", seed) : RFIM_OK;
    if (seed)
        options.seed = settings.train.seed;
    exit_status = status == RFIM_OK ? run_checks(context, &options, arguments_value(given, "json"))
                                    : complain_status(context, status);
    rfim_context_free(context);
    return exit_status;
}

static const char *const check_options[] = {"threads", "kernels", NULL};
static const cli_flag check_flags[] = {
    {"thorough", NULL,
     "The costly checks too: drawn responses (Monte Carlo), second derivatives of everything, "
     "wider networks, more random shapes."},
    {"only", "GROUP", "Only the groups whose name contains this, such as nu or layers."},
    {"seed", "SEED", "What the random networks and data are drawn from. [default 1]"},
    {"json", "[FILE.json]",
     "The results as JSON as well; without a file to stdout, in place of the table."},
    {NULL, NULL, NULL},
};

const cli_command check_command = {
    .name = "check",
    .summary = "prove every closed form against oracles, on this machine",
    .usage = "[--thorough] [--only GROUP] [--seed SEED] [--json [FILE.json]]",
    .text = "Holds every closed form, representation and identity of the metrics against oracles "
            "that share no code with them: enumeration, quadrature, second derivatives, "
            "divergences. A line for each check gives the error found and its limit; errors are "
            "relative, in the Frobenius norm. `must exceed` stands for a mistake that has to be "
            "noticed: its error is to be above the limit. Ends with status 1 when a check fails.",
    .examples = "rfim check\n"
                "rfim check --only representations\n"
                "rfim check --thorough --seed 2 --json check.json\n",
    .options = check_options,
    .flags = check_flags,
    .least = 0,
    .most = 0,
    .words = "options only",
    .run = run_check,
};
