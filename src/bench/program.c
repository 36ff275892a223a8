#include "bench/program.h"

#include "core/context.h"
#include "core/nearest.h"
#include "optimizer/layers.h"
#include "train/presets.h"
#include "train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Learning rates are divided by this, and constant: the weights hardly move, so that however many
 * steps are timed, training stays tame. A step costs the same. */
#define TAME 100
#define EPOCHS 25 /* that one-off costs are planned for; not one of them is run to its end */

struct rfim__bench_recipe {
    const char *name;
    const char *what;
    const char *preset;   /* NULL: the floor */
    double momentum;      /* in place of the preset's; -1: the preset's */
    const char *settings; /* behind the net's text: of its activation; NULL: none */
    bool trimmed;         /* without the inputs that never vary */
};

static const rfim__bench_recipe recipes[] = {
    {"floor", "the step's matrix products alone, by plain sgemm on one thread", NULL, -1, NULL,
     false},
    {"sgd", "gradient descent, no momentum", "sgd", 0, NULL, false},
    {"sgd-trimmed", "the same on data without the inputs that are 0 in every sample", "sgd", 0,
     NULL, true},
    {"neuron-batch-hard", "neuron-batch with the metric of the hard relu (omega=0)", "neuron-batch",
     -1, "omega=0", false},
};
/* Any preset is a program too. */
static const rfim__bench_recipe of_a_preset = {"", NULL, "", -1, NULL, false};

const char *rfim_bench_program_name(size_t index)
{
    return index < sizeof recipes / sizeof *recipes ? recipes[index].name : NULL;
}

static rfim_status fail_unknown(rfim_context *context, const char *name)
{
    const char *nearest = NULL;
    for (size_t index = 0; rfim_bench_program_name(index); index++)
        rfim__nearest_consider(name, rfim_bench_program_name(index), &nearest);
    for (size_t index = 0; index < rfim_presets_count(); index++)
        rfim__nearest_consider(name, rfim_presets_info(index)->name, &nearest);
    return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                      "bench: the program '%.40s' is neither a preset nor floor, sgd-trimmed or "
                      "neuron-batch-hard; did you mean %s?",
                      name, nearest);
}

static rfim_status find_recipe(rfim__bench_program *program)
{
    for (size_t index = 0; index < sizeof recipes / sizeof *recipes; index++)
        if (strcmp(program->name, recipes[index].name) == 0)
            program->recipe = &recipes[index];
    if (!program->recipe && rfim__preset_find(program->name))
        program->recipe = &of_a_preset;
    return program->recipe ? RFIM_OK : fail_unknown(program->asker, program->name);
}

static const char *preset_of(const rfim__bench_program *program)
{
    return program->recipe == &of_a_preset ? program->name : program->recipe->preset;
}

/* The program's own context has the sentence; the asker reads another. */
static rfim_status pass_on(const rfim__bench_program *program, rfim_status status)
{
    const char *sentence = program->context ? rfim_context_error(program->context) : "";
    if (status == RFIM_OK)
        return status;
    return rfim__fail(program->asker, status, "bench: %s: %s", program->name,
                      sentence[0] ? sentence : rfim_status_text(status));
}

static rfim_status create_context(rfim__bench_program *program, size_t threads)
{
    rfim_context_options settings;
    rfim_context_defaults(&settings);
    settings.allocator = program->asker->allocator;
    settings.kernels = program->asker->kernels;
    settings.threads = threads;
    return rfim_context_create(&settings, &program->context);
}

/* Does some layer's metric go on from step to step, so that it has to be refreshed? text: of the
 * option metric-memory. */
static bool is_refreshed(rfim_context *context, const char *text)
{
    rfim_metric_memory others = RFIM_MEMORY_AUTOMATIC;
    if (rfim__layers_memory(context, text, "", &others) != RFIM_OK ||
        others == RFIM_MEMORY_AUTOMATIC || others == RFIM_MEMORY_EMA ||
        others == RFIM_MEMORY_PRIOR_BATCH)
        return true;
    return strstr(text, "=ema") || strstr(text, "=automatic") || strstr(text, "=prior+batch");
}

static size_t common_multiple(size_t a, size_t b)
{
    size_t x = a;
    size_t y = b;
    while (y > 0) {
        size_t rest = x % y;
        x = y;
        y = rest;
    }
    return a / x * b;
}

/* The net's text with what the recipe adds to its hidden activations. */
static rfim_status write_text(rfim__bench_program *program, const rfim_bench_net *net)
{
    const char *settings = program->recipe->settings;
    char *text = program->options.network;
    size_t size = sizeof program->options.network;
    bool is_relu = !strchr(net->text, ';') && strstr(net->text, "relu") && !strchr(net->text, '=');
    if (settings && !is_relu)
        return rfim__fail(program->asker, RFIM_ERROR_ARGUMENT,
                          "bench: the program %s is for networks such as `784-1024-10 relu`, found "
                          "`%.80s`",
                          program->name, net->text);
    int length = snprintf(text, size, "%s%s%s", net->text, settings ? " " : "",
                          settings ? settings : "");
    if (length < 0 || (size_t)length >= size)
        return rfim__fail(program->asker, RFIM_ERROR_ARGUMENT,
                          "bench: the network's text is longer than %d bytes", RFIM_TEXT_SIZE - 1);
    return RFIM_OK;
}

rfim_status rfim__bench_program_choose(rfim_context *asker, const char *name,
                                       const rfim_bench_net *net, size_t threads,
                                       rfim__bench_program *out)
{
    rfim_optimizer_options *optimizer = &out->options.optimizer;
    memset(out, 0, sizeof *out);
    out->asker = asker;
    out->period = 1;
    snprintf(out->name, sizeof out->name, "%s", name);
    rfim_options_defaults(&out->options);
    rfim_status status = find_recipe(out);
    if (status == RFIM_OK)
        status = write_text(out, net);
    if (status != RFIM_OK)
        return status;
    status = create_context(out, threads);
    if (status == RFIM_OK && preset_of(out))
        status = rfim_options_set(out->context, &out->options, "preset", preset_of(out));
    if (status != RFIM_OK)
        return pass_on(out, status);
    out->options.train.batch = net->batch;
    out->options.train.epochs = EPOCHS;
    optimizer->learning_rate /= TAME;
    optimizer->schedule = RFIM_SCHEDULE_CONSTANT;
    optimizer->metric_ramp = 0; /* steps as they are once it is over */
    if (out->recipe->momentum >= 0)
        optimizer->momentum = out->recipe->momentum;
    if (threads == 1)
        optimizer->refresh_delay = 0;
    if (preset_of(out) && optimizer->method == RFIM_RNGD &&
        is_refreshed(out->context, optimizer->metric_memory))
        out->period = common_multiple(optimizer->refresh_every, optimizer->metric_every);
    return RFIM_OK;
}

static rfim_status choose_data(rfim__bench_program *program, const rfim__bench_data *data)
{
    char text[RFIM_TEXT_SIZE];
    program->splits.train = data->splits.train;
    if (!program->recipe->trimmed || !data->trimmed)
        return RFIM_OK;
    program->splits.train = data->trimmed;
    if (!rfim__bench_resize(program->options.network, data->trimmed->inputs, text, sizeof text))
        return RFIM_ERROR_ARGUMENT;
    memcpy(program->options.network, text, sizeof text);
    return RFIM_OK;
}

/* Without some inputs an autoencoder would be another: it would have fewer outputs as well. */
static rfim_status refuse_autoencoder(rfim__bench_program *program, const rfim__bench_data *data)
{
    bool gives_inputs_back = rfim_network_loss(program->network) != RFIM_LOSS_SOFTMAX &&
                             rfim_network_outputs(program->network) == data->inputs.inputs;
    if (program->recipe->trimmed && gives_inputs_back)
        return rfim__fail(program->context, RFIM_ERROR_ARGUMENT,
                          "a network that gives its inputs back cannot do without some of them");
    return RFIM_OK;
}

rfim_status rfim__bench_program_open(rfim__bench_program *program, const rfim__bench_data *data)
{
    size_t batch = program->options.train.batch;
    size_t epoch = data->splits.train->samples / batch;
    rfim_status status = choose_data(program, data);
    if (status == RFIM_OK)
        status = rfim_network_create(program->context, program->options.network,
                                     &program->options.init, &program->network);
    if (status == RFIM_OK)
        status = refuse_autoencoder(program, data);
    if (status != RFIM_OK)
        return pass_on(program, status);
    if (program->period > 1 && epoch % program->period != 0)
        program->period = epoch; /* refreshes are counted from its beginning */
    if (preset_of(program))
        status = rfim_trainer_create(program->network, &program->splits, &program->options,
                                     &program->trainer);
    else
        status = rfim__bench_floor_create(program->network, batch, &program->floor);
    return pass_on(program, status);
}

void rfim__bench_program_close(rfim__bench_program *program)
{
    rfim_trainer_free(program->trainer);
    rfim__bench_floor_free(program->floor);
    rfim_network_free(program->network);
    rfim_context_free(program->context);
    program->trainer = NULL;
    program->floor = NULL;
    program->network = NULL;
    program->context = NULL;
}

rfim_status rfim__bench_program_run(rfim__bench_program *program, size_t steps, double *seconds)
{
    rfim_status status = RFIM_OK;
    double start = rfim__now();
    if (program->floor) {
        rfim__algebra_begin(program->context);
        for (size_t step = 0; step < steps; step++)
            rfim__bench_floor_step(program->floor);
        rfim__algebra_end(program->context);
    } else {
        for (size_t step = 0; step < steps && status == RFIM_OK; step++)
            status = rfim_trainer_step(program->trainer, NULL);
    }
    *seconds = rfim__now() - start;
    return pass_on(program, status);
}

const char *rfim__bench_program_what(const rfim__bench_program *program)
{
    const rfim_preset_info *preset = rfim__preset_find(program->name);
    return program->recipe->what ? program->recipe->what : preset ? preset->help : "";
}

double rfim__bench_program_setup(const rfim__bench_program *program)
{
    return program->trainer ? rfim_trainer_setup_seconds(program->trainer) : 0;
}
