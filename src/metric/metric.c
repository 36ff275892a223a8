#include "metric/metric.h"

#include "core/size.h"
#include "metric/damping.h"

#define RETRIES 3
#define RAISE 10.0

static void place(rfim__metric *metric, rfim__arena *arena, size_t max_samples)
{
    size_t rows = 0;
    size_t columns = 0;
    metric->table->shape(metric->order, metric->outputs, &rows, &columns);
    metric->m = rfim__arena_matrix(arena, metric->algebra, rows, columns);
    metric->p = rfim__arena_matrix(arena, metric->algebra, rows, columns);
    metric->next_p = rfim__arena_matrix(arena, metric->algebra, rows, columns);
    metric->lambda = rfim__arena_matrix(arena, metric->algebra, metric->order, metric->blocks);
    metric->next_lambda = rfim__arena_matrix(arena, metric->algebra, metric->order, metric->blocks);
    metric->work = rfim__arena_matrix(arena, metric->algebra, metric->table->work_rows(max_samples),
                                      metric->outputs);
}

rfim_status rfim__metric_create(rfim__algebra *algebra, rfim_representation representation,
                                const rfim__module *module, size_t max_samples, double sigma,
                                double prior, rfim__metric **out)
{
    rfim_context *context = algebra->context;
    *out = NULL;
    rfim__metric *metric = rfim__allocate(context, 1, sizeof *metric);
    if (!metric)
        return RFIM_ERROR_MEMORY;
    metric->table = representation == RFIM_NEURON ? &rfim__neuron_metric : &rfim__shared_metric;
    metric->algebra = algebra;
    metric->order = module->inputs + 1;
    metric->outputs = module->outputs;
    metric->blocks = representation == RFIM_NEURON ? module->outputs : 1;
    metric->sigma = sigma;
    rfim_status status = RFIM_ERROR_MEMORY;
    rfim__arena arena = {0};
    place(metric, &arena, max_samples);
    if (arena.overflow) {
        rfim__fail(context, status, "the metric `%s` of %s is more than this machine can address",
                   metric->table->name, module->name);
        goto done;
    }
    metric->bytes = arena.used;
    metric->storage = rfim__allocate(context, arena.used, 1);
    if (!metric->storage) {
        rfim__fail(context, status,
                   "no memory for the metric `%s` of %s: %.1f GB; take the representation `shared`",
                   metric->table->name, module->name, (double)arena.used * 1e-9);
        goto done;
    }
    arena = (rfim__arena){.base = metric->storage};
    place(metric, &arena, max_samples);
    status = rfim__algebra_reserve(algebra, metric->table->room(max_samples, metric->order));
    if (status != RFIM_OK)
        goto done;
    metric->table->set_identity(metric, prior, metric->m);
    metric->table->set_identity(metric, 1 / prior, metric->p);
done:
    if (status != RFIM_OK) {
        rfim__metric_free(metric);
        metric = NULL;
    }
    *out = metric;
    return status;
}

void rfim__metric_free(rfim__metric *metric)
{
    if (!metric)
        return;
    rfim_context *context = metric->algebra->context;
    rfim__release(context, metric->storage);
    rfim__release(context, metric);
}

void rfim__metric_observe(rfim__metric *metric, double keep, double add,
                          const rfim__response_view *view)
{
    metric->table->observe(metric, keep, add, view);
}

rfim__refresh rfim__metric_refresh(rfim__metric *metric, rfim_damping_rule rule, double damping)
{
    rfim__refresh result = {0};
    for (;;) {
        metric->table->diagonal(metric, metric->next_lambda);
        rfim__damping_of(metric->algebra, rule, damping, metric->next_lambda);
        size_t failed = metric->table->invert(metric, metric->next_lambda, metric->next_p);
        if (failed == 0) {
            rfim__matrix_swap(&metric->p, &metric->next_p);
            rfim__matrix_swap(&metric->lambda, &metric->next_lambda);
            metric->damping = damping;
            return result;
        }
        if (result.block == 0)
            result.block = failed;
        if (result.retries == RETRIES) {
            result.kept = true;
            return result;
        }
        result.retries++;
        damping *= RAISE;
    }
}

void rfim__metric_direction(rfim__metric *metric, rfim__matrix gradient, rfim__matrix out)
{
    metric->table->direction(metric, gradient, out);
}
