/* form_refresh.c - what the metric of a layer at work collects, and how it comes into use. */
#include "metric/units.h"
#include "optimizer/form.h"

#include <math.h>

bool rfim__form_remembers(const rfim__form *form)
{
    return form && form->metric && form->plan.memory != RFIM_MEMORY_BATCH;
}

size_t rfim__form_metrics(const rfim__form *form, rfim__metric *out[RFIM__FORM_METRICS])
{
    out[0] = form->metric;
    out[1] = form->outputs;
    return form->outputs ? 2 : 1;
}

rfim__collection rfim__optimizer_collection(const rfim_optimizer *optimizer,
                                            const rfim_trace *trace, double keep, double add)
{
    const rfim__accumulator *accumulator = &optimizer->accumulator;
    return (rfim__collection){.keep = keep,
                              .add = add,
                              .share = rfim__accumulator_share(accumulator, trace),
                              .begins = accumulator->batches == 0};
}

void rfim__form_observe_nu(rfim__form *form, const rfim_trace *trace, size_t count, double add)
{
    double most = fmax(add, 1 / (double)count);
    const rfim__collection collection = rfim__optimizer_collection(form->optimizer, trace, 1 - most,
                                                                   most);
    rfim__mean_nu_collect(&form->mean_nu, trace, form->l, &collection);
}

void rfim__form_observe(rfim__form *form, const rfim_trace *trace, double keep, double add)
{
    const rfim__module *module = &trace->network->modules[form->l];
    double sigma = form->outputs ? 1 : form->optimizer->options.sigma;
    rfim__response_view view;
    module->table->response(module, &trace->slots[form->l], &view);
    const rfim__collection collection = rfim__optimizer_collection(form->optimizer, trace, keep,
                                                                   add);
    rfim__metric_observe_part(form->metric, &collection, sigma, &view);
}

/* The sum of a metric's diagonal, in units of its inputs, over its order; next_lambda is where the
 * diagonal goes. */
static double mean_diagonal(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    double sum = 0;
    metric->table->block_diagonal(metric, metric->next_lambda);
    if (metric->unit.rows > 0)
        rfim__unit_kernels_of(algebra)->divide(metric->unit, metric->next_lambda);
    for (size_t k = 0; k < metric->block_order; k++) {
        double entry = 0;
        algebra->ops.export(algebra, rfim__rows(algebra, metric->next_lambda, k, 1), &entry);
        sum += entry;
    }
    return sum / (double)metric->block_order;
}

/* A + (root/pi) I and B + pi root I, root = sqrt(lambda), pi^2 = (tr B / D) / (tr A / m): each gets
 * sqrt(lambda / (mean diagonal of A x that of B)) times its own mean diagonal. */
static void prepare_product(rfim__form *form)
{
    const rfim_optimizer_options *options = &form->optimizer->options;
    rfim_damping_rule rule = RFIM_DAMPING_MEAN_DIAGONAL;
    double share = options->damping;
    if (options->damping_rule == RFIM_DAMPING_TRACE)
        share *= (double)form->metric->block_order * (double)form->outputs->block_order;
    if (options->damping_rule == RFIM_DAMPING_ABSOLUTE) {
        double means = mean_diagonal(form->metric) * mean_diagonal(form->outputs);
        rule = means > 0 ? rule : RFIM_DAMPING_ABSOLUTE;
        share /= means > 0 ? means : 1;
    }
    form->asked = sqrt(share);
    rfim__metric_prepare(form->metric, rule, form->asked);
    rfim__metric_prepare(form->outputs, rule, form->asked);
}

void rfim__form_prepare(rfim__form *form)
{
    const rfim_optimizer_options *options = &form->optimizer->options;
    if (form->outputs)
        prepare_product(form);
    else
        rfim__metric_prepare(form->metric, options->damping_rule, options->damping);
}

/* The two of a product come into use together, or neither does. */
static rfim_metric_refresh_report join(const rfim__form *form,
                                       const rfim_metric_refresh_report reports[2])
{
    rfim_metric_refresh_report worse = reports[reports[1].retries > reports[0].retries];
    double raised = fmax(reports[0].damping, reports[1].damping) / form->asked;
    worse.kept = reports[0].kept || reports[1].kept;
    worse.wide = reports[0].wide || reports[1].wide;
    worse.damping = form->optimizer->options.damping * raised * raised;
    return worse;
}

static void note(rfim__form *form, const rfim_metric_refresh_report *result)
{
    rfim_optimizer *optimizer = form->optimizer;
    rfim_network *network = optimizer->network;
    bool widened = result->wide && !form->plan.wide;
    optimizer->report.refreshes++;
    optimizer->report.retries += result->retries > 0 || widened;
    optimizer->report.kept += result->kept != 0;
    if (form->relative > optimizer->report.damping)
        optimizer->report.damping = form->relative;
    if (result->retries > 0 || widened)
        rfim__log(network->context, RFIM_LOG_WARNING,
                  "step %zu: the metric of %s (block %zu) is not positive definite at damping "
                  "%g; %s",
                  optimizer->report.steps + 1, network->modules[form->l].name, result->block,
                  optimizer->options.damping,
                  result->kept          ? "the last good factor is kept"
                  : result->retries > 0 ? "it is with more"
                                        : "it is in float64");
}

size_t rfim__form_accept(rfim__form *form, const rfim_metric_refresh_report *reports)
{
    rfim__metric *metrics[RFIM__FORM_METRICS];
    size_t count = rfim__form_metrics(form, metrics);
    rfim_metric_refresh_report all = count == 2 ? join(form, reports) : reports[0];
    for (size_t k = 0; k < count && !all.kept; k++)
        rfim__metric_accept(metrics[k], &reports[k]);
    if (!all.kept)
        form->relative = all.damping;
    note(form, &all);
    return count;
}

void rfim__form_refresh(rfim__form *form)
{
    rfim__metric *metrics[RFIM__FORM_METRICS];
    rfim_metric_refresh_report reports[RFIM__FORM_METRICS];
    size_t count = rfim__form_metrics(form, metrics);
    rfim__form_prepare(form);
    for (size_t k = 0; k < count; k++)
        reports[k] = rfim__metric_factorise_next(metrics[k], metrics[k]->algebra);
    rfim__form_accept(form, reports);
}

void rfim__form_gather(rfim__form *form, const rfim_trace *trace)
{
    if (form->plan.memory == RFIM_MEMORY_BATCH)
        rfim__form_observe(form, trace, 0, 1);
}

void rfim__form_of_batch(rfim__form *form, const rfim_trace *trace)
{
    rfim__form_gather(form, trace);
    if (form->plan.memory == RFIM_MEMORY_BATCH)
        rfim__form_refresh(form);
}
