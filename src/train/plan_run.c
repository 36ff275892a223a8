/* plan_run.c - the parts of a plan, in the order in which a run allocates them, and whether they
 * fit into the memory that it may take. */
#include "core/number.h"
#include "core/size.h"
#include "optimizer/check.h"
#include "train/evaluate.h"
#include "train/plan_parts.h"
#include "train/weight_average.h"
#include "train/whitening_settings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The process itself: code and libraries, and what a thread adds (stack, BLAS buffer). Measured as
 * the peak of `rfim train` less what it allocates: 7 to 12 MB, 20 to 28 MB where LAPACK has work
 * (whitening, single batches) on 1 to 8 threads. */
#define PROCESS_BYTES 16e6
#define THREAD_BYTES 2e6

#define PARTS_BESIDE 16 /* the modules */
#define MOST_ROUNDS 4

typedef struct planning {
    const rfim__plan_data *data;
    const rfim_options *options;
    rfim_optimizer_options optimizer; /* memory: what metrics may take */
    rfim_network *network;            /* the caller's shapes */
    rfim_network *inner;              /* those that are trained: with a whitened first layer */
    rfim__layer_plan *layers;         /* [count] */
    rfim__slot *slots;                /* [count] */
    size_t batch;
    double whitened_bytes; /* see rfim__plan_case */
    bool whitens;
    rfim_plan *plan;
} planning;

static rfim_plan_part *add_part(planning *self, const char *name, double bytes)
{
    rfim_plan_part *part = &self->plan->parts[self->plan->count++];
    *part = (rfim_plan_part){
        .representation = -1, .response = -1, .memory = -1, .form = -1, .bytes = bytes};
    snprintf(part->name, sizeof part->name, "%s", name);
    return part;
}

/* --- parts ------------------------------------------------------------------------------------ */

/* A copy of the network's shapes, without its numbers. */
static rfim_status copy_shapes(const rfim_network *network, rfim_network **out)
{
    rfim_context *context = network->context;
    rfim_network *copy = rfim__allocate(context, 1, sizeof *copy);
    *out = copy;
    if (!copy)
        return RFIM_ERROR_MEMORY;
    *copy = (rfim_network){.context = context,
                           .algebra = network->algebra,
                           .count = network->count,
                           .loss = network->loss};
    copy->modules = rfim__allocate(context, network->count, sizeof *copy->modules);
    if (!copy->modules)
        return RFIM_ERROR_MEMORY;
    memcpy(copy->modules, network->modules, network->count * sizeof *copy->modules);
    rfim__network_lay_out(copy, &(rfim__arena){0});
    return RFIM_OK;
}

static void free_shapes(rfim_network *copy)
{
    if (!copy)
        return;
    rfim__release(copy->context, copy->modules);
    rfim__release(copy->context, copy);
}

static rfim_status plan_layers(planning *self)
{
    rfim_optimizer_options optimizer = self->optimizer;
    bool has_metrics = optimizer.method == RFIM_RNGD;
    if (!has_metrics) { /* their flops without a metric are wanted */
        rfim_optimizer_defaults(RFIM_RNGD, &optimizer);
        optimizer.l2 = self->optimizer.l2;
        optimizer.accumulate = self->optimizer.accumulate;
    }
    rfim__plan_case subject = {.algebra = self->network->algebra,
                               .modules = self->network->modules,
                               .count = self->network->count,
                               .options = &optimizer,
                               .batch = self->batch,
                               .samples = self->data->samples,
                               .whitened_bytes = self->whitened_bytes};
    rfim_status status = rfim__plan_layers(&subject, self->layers);
    for (size_t l = 0; l < self->network->count && !has_metrics; l++)
        self->layers[l] = (rfim__layer_plan){.base_flops = self->layers[l].base_flops};
    self->whitens = self->layers[0].has_metric && self->layers[0].memory == RFIM_MEMORY_DATASET;
    return status;
}

/* Samples as long as the inputs that are not always 0: less work than for a plain gradient. */
static double flops_saved(const planning *self)
{
    const rfim__module *module = &self->network->modules[0];
    double dropped = (double)(module->inputs + 1) - (double)self->data->order;
    size_t samples = rfim_optimizer_samples(&self->optimizer, self->batch, self->data->samples);
    return 4.0 * (double)samples * dropped * (double)module->outputs;
}

static void add_whitening(planning *self)
{
    const rfim__module *first = &self->network->modules[0];
    double bytes = 0;
    double setup_bytes = 0;
    double setup_flops = 0;
    char name[48];
    rfim__kept_inputs inputs = {.inputs = first->inputs,
                                .order = self->data->order,
                                .numbers = self->data->numbers,
                                .squares = self->data->squares};
    rfim__whitening_settings settings = rfim__whitening_settings_of(&self->optimizer, first,
                                                                    self->data->samples);
    rfim__whitening_plan(self->network->algebra, self->data->samples, &inputs, &settings, &bytes,
                         &setup_bytes, &setup_flops);
    bytes += 2 * sizeof(uint32_t) * (double)self->batch;
    if (self->optimizer.weight_decay != 0)
        bytes += (double)((first->inputs + 1 - self->data->order) * rfim__stride(first->outputs) *
                          self->network->algebra->item);
    snprintf(name, sizeof name, "%s whitened data", first->name);
    rfim_plan_part *part = add_part(self, name, bytes);
    part->setup_bytes = setup_bytes;
    part->setup_flops = setup_flops;
}

static void add_subsystem(planning *self, size_t l)
{
    const rfim__layer_plan *layer = &self->layers[l];
    rfim_plan_part *part = add_part(self, self->network->modules[l].name, (double)layer->bytes);
    part->subsystem = 1;
    part->base_flops = layer->base_flops;
    part->share = layer->base_flops + layer->cost;
    if (!layer->has_metric) {
        if (self->optimizer.method == RFIM_RNGD)
            snprintf(part->why, sizeof part->why,
                     "the metric is the identity: the plain gradient is natural");
        return;
    }
    part->representation = (int)layer->representation;
    part->response = (int)layer->response;
    part->memory = (int)layer->memory;
    part->form = (int)layer->form;
    part->wide = layer->wide;
    part->metric_flops = layer->metric_flops;
    if (layer->form == RFIM_FORM_WHITENED) {
        part->metric_flops -= flops_saved(self);
        part->share -= flops_saved(self);
    }
    snprintf(part->why, sizeof part->why, "%s", layer->why);
}

static double scratch_bytes(const planning *self)
{
    size_t most = 0;
    for (size_t l = 0; l < self->network->count; l++)
        if (self->layers[l].has_metric)
            most = rfim__size_max(most, rfim__scratch_bytes(self->network, &self->layers[l], l,
                                                            self->optimizer.sigma, self->batch));
    size_t threads = self->network->algebra->threads + (self->optimizer.refresh_delay > 0);
    return (double)most * (double)threads;
}

/* Flops, and how fast they run, to shares of their sum. */
static void share_out(rfim_plan *plan)
{
    double sum = 0;
    for (size_t index = 0; index < plan->count; index++)
        sum += plan->parts[index].share;
    for (size_t index = 0; index < plan->count && sum > 0; index++)
        plan->parts[index].share /= sum;
}

/* The shapes that are trained. */
static void make_inner(planning *self)
{
    memcpy(self->inner->modules, self->network->modules,
           self->network->count * sizeof *self->inner->modules);
    if (self->whitens) {
        self->inner->modules[0].inputs = self->data->order - 1;
        self->inner->modules[0].whitened = true;
    }
}

static rfim_status build(planning *self)
{
    self->plan->count = 0;
    rfim_status status = plan_layers(self);
    if (status != RFIM_OK)
        return status;
    make_inner(self);
    add_part(self, "process",
             PROCESS_BYTES + THREAD_BYTES * (double)self->network->algebra->threads);
    add_part(self, "data", self->data->bytes)->setup_bytes = self->data->opening_bytes;
    rfim_plan_part *part = add_part(self, "network", (double)rfim__network_bytes(self->network));
    part->setup_bytes = (double)rfim__drawing_bytes(self->network);
    if (self->whitens)
        add_whitening(self);
    if (self->whitens || self->options->train.weight_average > 0)
        add_part(self, "network in training", (double)rfim__network_bytes(self->inner));
    if (self->options->train.weight_average > 0)
        add_part(self, "weight average", (double)rfim__weight_average_bytes(self->inner));
    add_part(self, "training trace",
             (double)rfim__trace_bytes(self->inner, self->slots, self->batch, true));
    for (size_t l = 0; l < self->network->count; l++)
        if (self->network->modules[l].parameters.rows > 0)
            add_subsystem(self, l);
    if (self->optimizer.method == RFIM_RNGD)
        add_part(self, "work areas", scratch_bytes(self));
    double responses = (double)rfim__curvature_bytes(self->inner, self->layers, self->batch);
    if (responses > 0)
        add_part(self, "responses", responses);
    double kept = (double)rfim__method_bytes(self->inner, &self->optimizer, self->batch);
    if (kept > 0)
        add_part(self, self->optimizer.method == RFIM_ADAM ? "means" : "momentum and step", kept);
    add_part(self, "batches", (double)self->data->samples * sizeof(uint32_t));
    add_part(self, "evaluation trace",
             (double)rfim__trace_bytes(self->network, self->slots, RFIM__EVAL_BATCH, false));
    double saving = (double)rfim__saving_bytes(self->network);
    if (self->options->data.standardize)
        saving += (double)rfim__network_bytes(self->network);
    add_part(self, "saving the model", saving);
    share_out(self->plan);
    return RFIM_OK;
}

/* --- the memory limit ------------------------------------------------------------------------- */

/* All of it at work; metrics: just theirs. */
static double at_work(const rfim_plan *plan, bool metrics)
{
    double sum = 0;
    for (size_t index = 0; index < plan->count; index++)
        if (!metrics || plan->parts[index].subsystem)
            sum += plan->parts[index].bytes;
    return sum;
}

static rfim_status refuse(const planning *self, double taken, const char *when, size_t largest,
                          double own)
{
    char all[RFIM__BYTES_TEXT];
    char limit[RFIM__BYTES_TEXT];
    char part[RFIM__BYTES_TEXT];
    rfim__bytes_text(taken, all);
    rfim__bytes_text((double)self->options->optimizer.memory, limit);
    rfim__bytes_text(own, part);
    return rfim__fail(
        self->network->context, RFIM_ERROR_MEMORY,
        "%s the run takes %s of memory, more than the %s allowed; the largest part is "
        "`%s` with %s: take a smaller one, or allow more by --memory (`rfim plan` "
        "without --memory shows all parts)",
        when, all, limit, self->plan->parts[largest].name, part);
}

/* Refuses what takes too much before the first step. */
static rfim_status check_setup(const planning *self)
{
    const rfim_plan *plan = self->plan;
    double taken = 0;
    for (size_t index = 0; index < plan->count; index++) {
        const rfim_plan_part *part = &plan->parts[index];
        taken += part->bytes;
        if (part->setup_bytes > 0 &&
            taken + part->setup_bytes > (double)self->options->optimizer.memory)
            return refuse(self, taken + part->setup_bytes, "before its first step", index,
                          part->bytes + part->setup_bytes);
    }
    return RFIM_OK;
}

/* Refuses what is too much without any metric. */
static rfim_status check_rest(const planning *self)
{
    const rfim_plan *plan = self->plan;
    double rest = at_work(plan, false) - at_work(plan, true);
    size_t largest = 1; /* part 0 is the process */
    for (size_t index = 1; index < plan->count; index++)
        if (!plan->parts[index].subsystem && plan->parts[index].bytes > plan->parts[largest].bytes)
            largest = index;
    if (rest < (double)self->options->optimizer.memory)
        return RFIM_OK;
    return refuse(self, rest, "without its metrics", largest, plan->parts[largest].bytes);
}

/* Metrics in smaller forms, until everything fits. */
static rfim_status fit(planning *self)
{
    double limit = (double)self->options->optimizer.memory;
    for (int round = 0; round < MOST_ROUNDS; round++) {
        double taken = at_work(self->plan, false);
        rfim_status status = check_setup(self);
        if (status != RFIM_OK || taken <= limit)
            return status;
        status = check_rest(self);
        if (status != RFIM_OK)
            return status;
        /* Work areas depend on the forms: the rest is counted anew each time. */
        self->optimizer.memory = (size_t)fmax(limit - taken + at_work(self->plan, true), 1);
        status = build(self);
        if (status != RFIM_OK)
            return status;
    }
    double taken = at_work(self->plan, false);
    size_t largest = 1; /* part 0 is the process */
    for (size_t index = 1; index < self->plan->count; index++)
        if (self->plan->parts[index].bytes > self->plan->parts[largest].bytes)
            largest = index;
    if (taken > limit)
        return refuse(self, taken, "in its smallest forms", largest,
                      self->plan->parts[largest].bytes);
    return check_setup(self);
}

/* --- the whole -------------------------------------------------------------------------------- */

static rfim_status prepare(planning *self, const rfim_network *network)
{
    rfim_context *context = network->context;
    size_t parts = network->count + PARTS_BESIDE;
    rfim_status status = copy_shapes(network, &self->network);
    if (status == RFIM_OK)
        status = copy_shapes(network, &self->inner);
    self->layers = rfim__allocate(context, network->count, sizeof *self->layers);
    self->slots = rfim__allocate(context, network->count, sizeof *self->slots);
    self->plan = rfim__allocate(context, 1, sizeof *self->plan);
    if (self->plan)
        self->plan->context = context;
    if (status != RFIM_OK || !self->layers || !self->slots || !self->plan)
        return RFIM_ERROR_MEMORY;
    self->plan->parts = rfim__allocate(context, parts, sizeof *self->plan->parts);
    if (!self->plan->parts)
        return RFIM_ERROR_MEMORY;
    const rfim_train_options *train = &self->options->train;
    self->batch = rfim__size_min(train->batch, self->data->samples);
    self->optimizer = self->options->optimizer;
    size_t step = rfim_optimizer_samples(&self->optimizer, self->batch, self->data->samples);
    self->plan->steps = (self->data->samples + step - 1) / step * train->epochs;
    self->optimizer.steps = self->plan->steps;
    self->optimizer.memory = 0;
    rfim_optimizer_settle(&self->optimizer, step, self->network->modules[0].inputs,
                          self->data->samples);
    return RFIM_OK;
}

/* As it would be best; where that takes too much, without whitened samples that nobody asked for.
 */
static rfim_status build_within(planning *self)
{
    size_t limit = self->options->optimizer.memory;
    rfim_context *context = self->network->context;
    char before[RFIM__ERROR_SIZE]; /* the error sentence: no call of the user's fails here */
    memcpy(before, context->error, sizeof before);
    self->whitened_bytes = limit > 0 ? (double)limit : RFIM__WHITENED_BYTES;
    rfim_status status = build(self);
    if (status == RFIM_OK && limit > 0)
        status = fit(self);
    if (status != RFIM_ERROR_MEMORY || !self->whitens)
        return status;
    self->whitened_bytes = 0;
    self->optimizer.memory = 0;
    status = build(self);
    if (status == RFIM_OK)
        status = fit(self);
    if (status == RFIM_OK)
        memcpy(context->error, before, sizeof before);
    return status;
}

rfim_status rfim__plan_run(const rfim_network *network, const rfim__plan_data *data,
                           const rfim_options *options, rfim__plan_verdict *verdict,
                           rfim_plan **out)
{
    planning self = {.data = data, .options = options};
    *out = NULL;
    rfim_status status = prepare(&self, network);
    if (status == RFIM_OK)
        status = rfim__optimizer_check(network, &self.optimizer);
    if (status == RFIM_OK)
        status = build_within(&self);
    if (verdict)
        *verdict = (rfim__plan_verdict){self.optimizer.memory, self.whitens};
    free_shapes(self.network);
    free_shapes(self.inner);
    rfim__release(network->context, self.layers);
    rfim__release(network->context, self.slots);
    if (status != RFIM_OK) {
        rfim_plan_free(self.plan);
        self.plan = NULL;
    }
    *out = self.plan;
    return status;
}
