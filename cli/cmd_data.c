/* rfim data: what can be read, and what is in a data set. */
#include "command.h"
#include "message.h"
#include "session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHEET_ROWS 10 /* of a contact sheet */
#define SHEET_COLUMNS 20

static int run_list(void)
{
    fputs(
        "digits                    built in: 28 x 28 grey digits, made from --data-seed;\n"
        "                          12000 to train, 2000 to validate, 2000 to test\n"
        "digits:TRAIN/VALID/TEST   the same, with so many samples\n"
        "tabular                   built in: regression on 20 columns whose units differ by 10^6,\n"
        "                          made from --data-seed; 20000 to train, 5000 to validate,\n"
        "                          5000 to test; tabular:TRAIN/VALID/TEST as above\n"
        "mnist                     the folder that RFIM_MNIST names, or a usual place\n"
        "FOLDER                    four IDX files in the manner of MNIST, plain or .gz:\n"
        "                            train-images-idx3-ubyte   train-labels-idx1-ubyte\n"
        "                            t10k-images-idx3-ubyte    t10k-labels-idx1-ubyte\n",
        stdout);
    return finish_output();
}

/* Of one column: by Welford's sums, which do not mind its offset. */
typedef struct spread {
    double mean;
    double squares; /* of what is left without the mean */
} spread;

typedef struct totals {
    double least, most, sum;
    size_t *classes; /* samples of each */
    spread *columns; /* of the inputs */
    spread *targets; /* of target values */
    int is_image;
} totals;

static void take_in(spread *of, double value, size_t index)
{
    double change = value - of->mean;
    of->mean += change / (double)(index + 1);
    of->squares += change * (value - of->mean);
}

static double deviation(const spread *of, size_t samples)
{
    return sqrt(of->squares / (double)samples);
}

static rfim_status gather(const rfim_dataset *dataset, double *inputs, double *targets,
                          totals *found)
{
    size_t d = rfim_dataset_inputs(dataset);
    found->least = (double)INFINITY;
    found->most = -(double)INFINITY;
    for (size_t i = 0; i < rfim_dataset_samples(dataset); i++) {
        rfim_status status = rfim_dataset_read_inputs(dataset, i, inputs);
        if (status == RFIM_OK && rfim_dataset_target_kind(dataset) != RFIM_TARGET_NONE)
            status = rfim_dataset_read_targets(dataset, i, targets);
        if (status != RFIM_OK)
            return status;
        for (size_t k = 0; k < d; k++) {
            found->least = fmin(found->least, inputs[k]);
            found->most = fmax(found->most, inputs[k]);
            found->sum += inputs[k];
            take_in(&found->columns[k], inputs[k], i);
        }
        if (found->classes)
            found->classes[(size_t)targets[0]]++;
        else
            for (size_t j = 0; j < rfim_dataset_targets(dataset); j++)
                take_in(&found->targets[j], targets[j], i);
    }
    return RFIM_OK;
}

/* Images aside, columns have units of their own, which some methods mind. */
static void print_columns(const rfim_dataset *dataset, const totals *found)
{
    size_t samples = rfim_dataset_samples(dataset);
    double least = (double)INFINITY;
    double most = 0;
    size_t constants = 0;
    size_t d = rfim_dataset_inputs(dataset);
    for (size_t k = 0; k < d; k++) {
        double of = deviation(&found->columns[k], samples);
        constants += !(of > 0);
        least = of > 0 ? fmin(least, of) : least;
        most = fmax(most, of);
    }
    if (constants < d)
        printf("  standard deviations of the inputs from %.4g to %.4g", least, most);
    if (constants > 0)
        printf("%s%zu input%s never var%s", constants < d ? "; " : "  ", constants,
               constants == 1 ? "" : "s", constants == 1 ? "ies" : "y");
    printf("\n");
}

static void print_totals(const rfim_dataset *dataset, const totals *found)
{
    size_t samples = rfim_dataset_samples(dataset);
    size_t targets = rfim_dataset_targets(dataset);
    double count = (double)samples * (double)rfim_dataset_inputs(dataset);
    if (count > 0)
        printf("  inputs from %.4g to %.4g, mean %.4g\n", found->least, found->most,
               found->sum / count);
    if (count > 0 && !found->is_image)
        print_columns(dataset, found);
    if (rfim_dataset_target_kind(dataset) == RFIM_TARGET_VALUES)
        for (size_t j = 0; j < targets && j < 20 && samples > 0; j++)
            printf("  target %zu: mean %.4g, standard deviation %.4g\n", j, found->targets[j].mean,
                   deviation(&found->targets[j], samples));
    if (found->classes) {
        printf("  samples of each class:");
        for (size_t j = 0; j < targets && j < 20; j++)
            printf(" %zu", found->classes[j]);
        printf(targets > 20 ? " ...\n" : "\n");
    }
}

static rfim_status describe(const char *name, const rfim_dataset *dataset)
{
    size_t height = 0;
    size_t width = 0;
    if (!dataset) {
        printf("%s: none\n", name);
        return RFIM_OK;
    }
    size_t targets = rfim_dataset_targets(dataset);
    rfim_target_kind kind = rfim_dataset_target_kind(dataset);
    rfim_dataset_image_shape(dataset, &height, &width);
    size_t samples = rfim_dataset_samples(dataset);
    size_t inputs_of_each = rfim_dataset_inputs(dataset);
    printf("%s: %zu sample%s of %zu input%s", name, samples, samples == 1 ? "" : "s",
           inputs_of_each, inputs_of_each == 1 ? "" : "s");
    if (height > 0)
        printf(" (images of %zu x %zu)", height, width);
    if (kind == RFIM_TARGET_LABELS)
        printf(", %zu classes\n", targets);
    else if (kind == RFIM_TARGET_VALUES)
        printf(", %zu target value%s\n", targets, targets == 1 ? "" : "s");
    else
        printf(", no targets\n");
    totals found = {.is_image = height > 0};
    double *inputs = calloc(rfim_dataset_inputs(dataset) + 1, sizeof *inputs);
    double *values = calloc(targets + 1, sizeof *values);
    if (kind == RFIM_TARGET_LABELS)
        found.classes = calloc(targets + 1, sizeof *found.classes);
    rfim_status status = RFIM_ERROR_MEMORY;
    found.columns = calloc(inputs_of_each + 1, sizeof *found.columns);
    found.targets = calloc(targets + 1, sizeof *found.targets);
    if (inputs && values && found.columns && found.targets &&
        (found.classes || kind != RFIM_TARGET_LABELS))
        status = gather(dataset, inputs, values, &found);
    if (status == RFIM_OK)
        print_totals(dataset, &found);
    free(inputs);
    free(values);
    free(found.classes);
    free(found.columns);
    free(found.targets);
    return status;
}

static rfim_status draw(rfim_context *context, const rfim_dataset *dataset, const char *path)
{
    (void)context;
    rfim_status status = rfim_dataset_draw(dataset, SHEET_ROWS, SHEET_COLUMNS, path);
    if (status == RFIM_OK)
        printf("wrote %s: the first training samples\n", path);
    return status;
}

static int run_info(const arguments *given)
{
    rfim_options options;
    rfim_context *context = NULL;
    rfim_splits splits = {NULL, NULL, NULL};
    int exit_status = session_open(given, NULL, &options, &context);
    if (exit_status != 0)
        return exit_status;
    const char *path = arguments_value(given, "draw");
    rfim_status status = rfim_options_set(context, &options, "data", given->words[1]);
    if (status == RFIM_OK)
        status = rfim_splits_open(context, &options.data, &splits);
    if (status == RFIM_OK)
        status = describe("training", splits.train);
    if (status == RFIM_OK)
        status = describe("validation", splits.valid);
    if (status == RFIM_OK)
        status = describe("test", splits.test);
    if (status == RFIM_OK && path)
        status = draw(context, splits.train, path);
    exit_status = status == RFIM_OK ? finish_output() : complain_status(context, status);
    rfim_splits_free(&splits);
    rfim_context_free(context);
    return exit_status;
}

static int run_data(const arguments *given)
{
    static const char *const names[] = {"list", "info"};
    const char *what = given->words[0];
    if (strcmp(what, "list") == 0 && given->word_count == 1)
        return run_list();
    if (strcmp(what, "info") == 0 && given->word_count == 2)
        return run_info(given);
    if (strcmp(what, "list") == 0)
        return complain("rfim data list expects nothing more, but there is '%.60s'",
                        given->words[1]);
    if (strcmp(what, "info") == 0)
        return complain("rfim data info expects a data set, such as digits or a folder");
    char suggestion[SUGGESTION_SIZE];
    suggest(what, names, 2, "rfim data ", suggestion);
    return complain("there is no command 'data %.60s'%s", what,
                    suggestion[0] ? suggestion : "; see rfim help data");
}

static const char *const data_options[] = {"split",       "train-samples", "data-seed",
                                           "standardize", "seed",          NULL};
static const cli_flag data_flags[] = {
    {"draw", "FILE.svg|FILE.png", "Draw the first training samples on a contact sheet."},
    {NULL, NULL, NULL},
};

const cli_command data_command = {
    .name = "data",
    .summary = "what data can be read, and what is in a data set",
    .usage = "list\ninfo WHERE [--draw FILE.svg|FILE.png] [--OPTION VALUE ...]",
    .text = "list says what can stand for WHERE. info opens a data set, splits it as training "
            "would, and describes each part; --draw makes a contact sheet of its samples.",
    .examples = "rfim data list\n"
                "rfim data info digits --draw digits.svg\n"
                "rfim data info ~/mnist --split paper --seed 2\n",
    .options = data_options,
    .flags = data_flags,
    .least = 1,
    .most = 2,
    .words = "list, or info WHERE",
    .run = run_data,
};
