/* rfim plan: what a run will take, before anything of it is allocated. */
#include "command.h"
#include "message.h"
#include "output_file.h"
#include "plan_table.h"
#include "session.h"

#include <string.h>

static int write_json(const rfim_plan *plan, const char *path)
{
    if (!path[0]) {
        plan_table_write_json(plan, stdout);
        return 0;
    }
    FILE *file = fopen(path, "w");
    if (!file)
        return output_file_complain(path);
    plan_table_write_json(plan, file);
    int failed = ferror(file);
    failed |= fclose(file) != 0;
    if (failed)
        return output_file_complain(path);
    printf("wrote %s\n", path);
    return 0;
}

static int run_plan(const arguments *given)
{
    rfim_options options;
    rfim_context *context = NULL;
    rfim_plan *plan = NULL;
    const char *json = arguments_value(given, "json");
    int exit_status = session_open_recipe(given, "plans", &options, &context);
    if (exit_status != 0)
        return exit_status;
    exit_status = output_file_probe(json);
    if (exit_status == 0) {
        rfim_status status = rfim_plan_create(context, &options, &plan);
        if (status != RFIM_OK)
            exit_status = complain_status(context, status);
    }
    if (plan && !(json && !json[0]))
        plan_table_print(plan, &options);
    if (plan && json)
        exit_status = write_json(plan, json);
    if (exit_status == 0)
        exit_status = finish_output();
    output_file_tidy(json);
    rfim_plan_free(plan);
    rfim_context_free(context);
    return exit_status;
}

static const cli_flag plan_flags[] = {
    {"json", "[FILE.json]",
     "Everything as JSON; without a file to stdout, in place of the tables."},
    {NULL, NULL, NULL},
};

const cli_command plan_command = {
    .name = "plan",
    .summary = "what a run will take: forms, memory, flops of each subsystem",
    .usage = "[RECIPE.ini] [--OPTION VALUE ...] [--json [FILE.json]]",
    .text = "Shows what `rfim train` with the same recipe and options will take, and allocates "
            "nothing of it. For each subsystem: its metric and what the metric remembers, which "
            "are your choice; the form in which directions are worked out, which is the cheapest "
            "that serves, and why (forms: gradient, the inverse applied to the gradient; inputs, "
            "applied to X; dual, a system with as many unknowns as samples; active, dual over the "
            "samples with nu = 1; whitened, coordinates in which the metric is the identity); "
            "bytes; flops of a step, and how many of them the metric adds or saves; the estimated "
            "share of a step's time. Then everything else that takes memory, the data among it. "
            "The peak of the process is what is told in the end, within a tenth.",
    .examples = "rfim plan --preset shared-fast\n"
                "rfim plan recipes/icml2017/plain-rngd-80.ini\n"
                "rfim plan --network \"784-1024x4-10 relu\" --batch 128 --preset neuron-batch\n"
                "rfim plan --representation-first neuron --memory 500M\n",
    .sections = "data|network|optimizer|training|run",
    .flags = plan_flags,
    .least = 0,
    .most = 1,
    .words = "at most one recipe",
    .run = run_plan,
};
