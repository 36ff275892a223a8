#include "train/trainer.h"

#include "core/size.h"
#include "data/dataset.h"
#include "network/network_clone.h"

#include <math.h>
#include <time.h>

double rfim__now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void rfim__trainer_undo(rfim_trainer *trainer)
{
    if (!trainer->may_undo)
        return;
    trainer->may_undo = false;
    trainer->fresh = false;
    trainer->share[0] = trainer->share[1];
    rfim__network_undo(trainer->inner);
}

/* first: parameters of the first layer as they are trained; share: what has not decayed. */
static void fold(rfim_trainer *trainer, rfim__matrix first, double share)
{
    rfim__algebra *algebra = trainer->network->algebra;
    const rfim__kept_inputs *inputs = &trainer->whitening->inputs;
    rfim__matrix w = trainer->network->modules[0].parameters;
    rfim__whitening_fold(trainer->whitening, first, w);
    for (size_t k = 0; k < trainer->dropped.rows; k++) {
        rfim__matrix initial = rfim__rows(algebra, trainer->dropped, k, 1);
        algebra->ops.combine(algebra, share, initial, 0, initial,
                             rfim__rows(algebra, w, inputs->dropped[k], 1));
    }
}

/* The average, with weights that are not in it yet, module by module. That of a whitened layer is
 * worked out where the caller's network, which is not trained, keeps no weights. */
static void read_average(rfim_trainer *trainer)
{
    const rfim__weight_average *average = trainer->average;
    rfim_network *network = trainer->network;
    bool adds = trainer->fresh || average->steps == 0;
    double share = adds ? rfim__weight_average_share(average) : 0;
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        bool whitened = l == 0 && trainer->whitening;
        rfim__matrix out = module->parameters;
        if (whitened)
            out = rfim__rows(network->algebra, module->previous, 0,
                             trainer->inner->modules[0].parameters.rows);
        rfim__weight_average_read(average, l, share, out, module->state);
        if (whitened)
            fold(trainer, out, (1 - share) * trainer->mean_share + share * trainer->share[0]);
    }
}

void rfim__trainer_read(rfim_trainer *trainer)
{
    if (trainer->inner == trainer->network)
        return;
    rfim__network_copy(trainer->network, trainer->inner, trainer->whitening ? 1 : 0);
    if (trainer->average)
        read_average(trainer);
    else if (trainer->whitening)
        fold(trainer, trainer->inner->modules[0].parameters, trainer->share[0]);
}

/* The loss of the weights is finite: the average takes them in. */
static void add_to_average(rfim_trainer *trainer)
{
    if (!trainer->average || !trainer->fresh)
        return;
    double share = rfim__weight_average_share(trainer->average);
    trainer->mean_share += share * (trainer->share[0] - trainer->mean_share);
    rfim__weight_average_add(trainer->average);
    trainer->fresh = false;
}

/* Samples rows[0 ... n-1] and their targets onto the trace. */
static rfim_status load(rfim_trainer *trainer, const uint32_t *rows, size_t n)
{
    rfim_status status = RFIM_OK;
    if (trainer->whitening) {
        rfim__matrix x = rfim__trace_begin(trainer->trace, n);
        rfim__envelope_sort(&trainer->whitening->rows, rows, 0, n, trainer->sorted);
        rows = trainer->sorted;
        rfim__whitening_gather(trainer->whitening, rows, 0, x, trainer->firsts);
        trainer->trace->slots[0].firsts = trainer->firsts;
    } else
        status = rfim__trace_load(trainer->trace, trainer->data, rows, 0, n);
    if (status == RFIM_OK)
        status = rfim__trace_load_targets(trainer->trace, trainer->data, trainer->source, rows, 0);
    return status;
}

/* Asks for the batch that begins at `position`, if the epoch has one: its rows lie anywhere in
 * memory. */
static void ask_ahead(const rfim_trainer *trainer, size_t position)
{
    rfim__algebra *algebra = trainer->inner->algebra;
    size_t n = rfim__size_min(trainer->trace->max_samples, trainer->data->samples - position);
    const rfim__whitening *whitening = trainer->whitening;
    rfim__pieces samples = {
        .data = trainer->data->values,
        .bytes = trainer->data->inputs * rfim__type_size(trainer->data->type),
    };
    if (whitening)
        samples = (rfim__pieces){.data = whitening->rows.values, .begins = whitening->rows.begins};
    rfim__algebra_ahead_rows(algebra, samples, trainer->batches->rows + position, n);
}

/* A batch of a step of `whole` samples, and how far they have come. */
typedef struct part {
    size_t first, n, whole;
} part;

/* Forward and backward with what is on the trace; the last batch of a step also updates. */
static rfim_status learn(rfim_trainer *trainer, part batch)
{
    rfim_trace *trace = trainer->trace;
    size_t next = batch.first + batch.n;
    rfim__trace_pass(trace, RFIM__TRAIN);
    double loss = rfim__trace_loss_sums(trace).loss / (double)batch.n;
    if (!isfinite(loss)) {
        char blame[RFIM__BLAME_TEXT];
        rfim__trace_blame(trace, blame);
        rfim__trainer_undo(trainer);
        return rfim__fail(trainer->network->context, RFIM_DIVERGED,
                          "training diverged: the loss of the batch at step %zu (epoch %zu) is not "
                          "finite%s; lower the learning rate or raise the damping",
                          trainer->step + 1, trainer->epoch, blame);
    }
    trainer->loss = batch.first > 0 ? trainer->loss : 0;
    trainer->loss += batch.n == batch.whole ? loss : loss * (double)batch.n / (double)batch.whole;
    trace->loss_done = true;
    if (next == batch.whole) /* all of the step was finite */
        add_to_average(trainer);
    ask_ahead(trainer, trainer->position + next);
    rfim_status status = rfim_trace_backward(trace);
    if (status == RFIM_OK)
        status = next < batch.whole
                     ? rfim_optimizer_accumulate(trainer->optimizer, trace, batch.whole)
                     : rfim_optimizer_step(trainer->optimizer, trace);
    rfim__algebra_ahead_over(trainer->inner->algebra);
    return status;
}

/* The batches of a step of n samples. */
static rfim_status learn_all(rfim_trainer *trainer, size_t n)
{
    rfim_status status = RFIM_OK;
    part batch = {.whole = n};
    for (; batch.first < n && status == RFIM_OK; batch.first += batch.n) {
        batch.n = rfim__size_min(trainer->trace->max_samples, n - batch.first);
        status = load(trainer, trainer->batches->rows + trainer->position + batch.first, batch.n);
        if (status == RFIM_OK)
            status = learn(trainer, batch);
    }
    return status;
}

/* What remains to be noted after a whole step. */
static void count(rfim_trainer *trainer, size_t n)
{
    rfim_optimizer_report report;
    rfim_optimizer_report_get(trainer->optimizer, &report);
    trainer->share[1] = trainer->share[0];
    trainer->share[0] *= 1 - report.learning_rate * trainer->decay;
    trainer->may_undo = true;
    trainer->fresh = true;
    trainer->step++;
    trainer->samples += n;
    trainer->position += n;
    if (trainer->position == trainer->data->samples)
        trainer->position = 0;
}

/* When the loss of the batch is not finite, the weights before the last update come back: the last
 * ones whose loss was. */
rfim_status rfim__trainer_step(rfim_trainer *trainer)
{
    if (trainer->diverged)
        return rfim__fail(trainer->network->context, RFIM_DIVERGED,
                          "training has diverged at step %zu; make a new trainer, with a lower "
                          "learning rate or more damping",
                          trainer->step + 1);
    if (trainer->position == 0) {
        trainer->epoch++;
        rfim__batches_shuffle(trainer->batches, trainer->epoch);
        rfim_optimizer_begin_epoch(trainer->optimizer);
    }
    size_t n = rfim__size_min(trainer->step_samples, trainer->data->samples - trainer->position);
    rfim_status status = learn_all(trainer, n);
    if (status == RFIM_OK)
        count(trainer, n);
    trainer->diverged = status == RFIM_DIVERGED;
    if (status != RFIM_OK)
        rfim__trainer_read(trainer);
    return status;
}

rfim_status rfim_trainer_step(rfim_trainer *trainer, double *loss)
{
    if (!trainer)
        return RFIM_ERROR_ARGUMENT;
    rfim__algebra_begin(trainer->network->context);
    rfim_status status = rfim__trainer_step(trainer);
    rfim__algebra_end(trainer->network->context);
    if (status == RFIM_OK && loss)
        *loss = trainer->loss;
    return status;
}

rfim_status rfim_trainer_read(rfim_trainer *trainer)
{
    if (!trainer)
        return RFIM_ERROR_ARGUMENT;
    rfim__algebra_begin(trainer->network->context);
    rfim__trainer_read(trainer);
    rfim__algebra_end(trainer->network->context);
    return RFIM_OK;
}

double rfim_trainer_setup_seconds(const rfim_trainer *trainer)
{
    return trainer->setup_seconds;
}

void rfim_trainer_report_get(const rfim_trainer *trainer, rfim_optimizer_report *out)
{
    rfim_optimizer_report_get(trainer->optimizer, out);
}
