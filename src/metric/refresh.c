/* refresh.c - from what a metric has collected to the factor that directions are made with. */
#include "core/size.h"
#include "metric/damping.h"
#include "metric/metric.h"
#include "metric/units.h"

#include <assert.h>

#define RETRIES 3
#define RAISE 10.0
#define SLOWNESS 2.0 /* of a flop of one inverse, in terms of a large product */

rfim__matrix rfim__metric_source(const rfim__metric *metric)
{
    return metric->snapshot.rows > 0 ? metric->snapshot : metric->m;
}

/* next_lambda <- the rule's, of the diagonal of the source */
static void set_damping(rfim__metric *metric, rfim__algebra *algebra, double damping)
{
    rfim__metric source = *metric;
    source.algebra = algebra;
    source.m = rfim__metric_source(metric);
    metric->next_damping = damping;
    metric->table->block_diagonal(&source, metric->next_lambda);
    if (metric->next_unit.rows > 0)
        rfim__unit_kernels_of(algebra)->divide(metric->next_unit, metric->next_lambda);
    rfim__damping_of(algebra, metric->next_rule, damping, metric->next_lambda);
    if (metric->next_unit.rows > 0)
        rfim__unit_kernels_of(algebra)->multiply(metric->next_unit, metric->next_lambda);
}

void rfim__metric_prepare(rfim__metric *metric, rfim_damping_rule rule, double damping)
{
    rfim__algebra *algebra = metric->algebra;
    if (metric->snapshot.rows > 0)
        algebra->ops.combine(algebra, 1, metric->m, 0, metric->m, metric->snapshot);
    algebra->ops.combine(algebra, 1, metric->unit, 0, metric->unit, metric->next_unit);
    metric->next_rule = rule;
    metric->next_damping = damping;
}

rfim_metric_refresh_report rfim__metric_factorise_next(rfim__metric *metric, rfim__algebra *algebra)
{
    rfim_metric_refresh_report report = {.damping = metric->damping};
    bool invert = metric->inverse && metric->table->invert;
    bool can_widen = invert && algebra->precision == RFIM_SINGLE;
    double damping = metric->next_damping;
    metric->next_wide = can_widen && metric->wide;
    for (;;) {
        set_damping(metric, algebra, damping);
        size_t failed = invert ? metric->table->invert(metric, algebra)
                               : metric->table->factorise(metric);
        if (failed == 0) {
            report.damping = damping;
            report.wide = metric->next_wide;
            return report;
        }
        if (report.block == 0)
            report.block = failed;
        if (can_widen && !metric->next_wide) {
            metric->next_wide = true;
            continue;
        }
        if (report.retries == RETRIES) {
            report.kept = 1;
            return report;
        }
        report.retries++;
        damping *= RAISE;
    }
}

void rfim__metric_accept(rfim__metric *metric, const rfim_metric_refresh_report *report)
{
    if (report->kept)
        return;
    metric->table->accept(metric);
    rfim__matrix_swap(&metric->lambda, &metric->next_lambda);
    metric->damping = report->damping;
    metric->factorised = true;
    metric->rule = metric->next_rule;
}

rfim_metric_refresh_report rfim__metric_refresh(rfim__metric *metric, rfim_damping_rule rule,
                                                double damping)
{
    rfim__metric_prepare(metric, rule, damping);
    rfim_metric_refresh_report report = rfim__metric_factorise_next(metric, metric->algebra);
    rfim__metric_accept(metric, &report);
    return report;
}

typedef struct together {
    rfim__algebra *algebra;
    rfim__metric *const *metrics;
    rfim_metric_refresh_report *reports;
} together;

/* One metric of them, by one thread in its own piece of the scratch */
static void factorise_one(void *data, size_t index, void *scratch)
{
    const together *job = data;
    rfim__algebra own = *job->algebra;
    own.threads = 1;
    own.scratch = scratch;
    job->reports[index] = rfim__metric_factorise_next(job->metrics[index], &own);
}

void rfim__metrics_factorise_next(rfim__algebra *algebra, rfim__metric *const *metrics,
                                  size_t count, rfim_metric_refresh_report *reports)
{
    together job = {algebra, metrics, reports};
    double flops = 0;
    for (size_t k = 0; k < count; k++) {
        double order = (double)metrics[k]->block_order;
        assert(metrics[k]->inverse && !metrics[k]->table->packed);
        flops += SLOWNESS * order * order * order;
    }
    rfim__algebra_run(algebra, count, flops, factorise_one, &job);
}

size_t rfim__metric_factorise_room(const rfim__metric *metric)
{
    if (!metric->inverse)
        return metric->table->room(metric);
    return metric->table->packed ? rfim__packed_invert_room(metric->algebra, metric->block_order)
                                 : rfim__invert_damped_room(metric->algebra, metric->block_order);
}
