/* rfim eval: loss and accuracy of a model. */
#include "command.h"
#include "message.h"
#include "session.h"

#include <math.h>
#include <stdio.h>

static rfim_status print_split(rfim_network *network, const char *name, const rfim_dataset *dataset,
                               rfim_target_rule target)
{
    rfim_evaluation evaluation;
    if (!dataset)
        return RFIM_OK;
    rfim_status status = rfim_evaluate(network, dataset, target, &evaluation);
    if (status != RFIM_OK)
        return status;
    printf("%-11s %9zu  loss %-12.7g ", name, evaluation.samples, evaluation.loss);
    if (isnan(evaluation.accuracy))
        printf("error %.7g\n", evaluation.error);
    else
        printf("accuracy %.2f %%\n", 100 * evaluation.accuracy);
    return RFIM_OK;
}

static int run_eval(const arguments *given)
{
    char model[RFIM_TEXT_SIZE];
    char config[RFIM_TEXT_SIZE];
    rfim_options options;
    rfim_context *context = NULL;
    rfim_network *network = NULL;
    rfim_splits splits = {NULL, NULL, NULL};
    int exit_status = find_model(given->words[0], model, config);
    if (exit_status != 0)
        return exit_status;
    exit_status = session_open_model(given, config, &options, &context);
    if (exit_status != 0)
        return exit_status;
    rfim_target_rule target = options.train.target;
    rfim_status status = rfim_network_load(context, model, &network);
    if (status == RFIM_OK && !config[0] && !arguments_value(given, "data")) {
        exit_status = complain("rfim eval of a model file needs its data: --data WHERE");
        goto done;
    }
    if (status == RFIM_OK)
        status = rfim_splits_open(context, &options.data, &splits);
    if (status == RFIM_OK)
        status = print_split(network, "training", splits.train, target);
    if (status == RFIM_OK)
        status = print_split(network, "validation", splits.valid, target);
    if (status == RFIM_OK)
        status = print_split(network, "test", splits.test, target);
    exit_status = status == RFIM_OK ? finish_output() : complain_status(context, status);
done:
    rfim_splits_free(&splits);
    rfim_network_free(network);
    rfim_context_free(context);
    return exit_status;
}

static const char *const eval_options[] = {"seed", "threads", "kernels", NULL};

const cli_command eval_command = {
    .name = "eval",
    .summary = "loss and accuracy of a model on a data set",
    .usage = "RUN|MODEL.safetensors [--data WHERE] [--OPTION VALUE ...]",
    .text = "Prints loss and accuracy (or squared error) of a model over the training, validation "
            "and test samples of a data set. A run folder stands for its last model and for the "
            "data it was trained on; a model file needs --data.",
    .examples = "rfim eval runs/adam\n"
                "rfim eval runs/adam/best.safetensors --data ~/mnist\n",
    .options = eval_options,
    .sections = "data",
    .without = "standardize", /* models take inputs as they are */
    .least = 1,
    .most = 1,
    .words = "a run folder or a model file",
    .run = run_eval,
};
