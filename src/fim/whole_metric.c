/* whole_metric.c - J^T F J: the RFIM of the whole network, by the same metric that everybody else
 * uses. It keeps three matrices of its own (RFIM__METRIC_MATRICES). */
#include "fim/expression.h"
#include "subsystem/handle.h"

/* The metric's own matrix: rfim_metric_to_dense would take N products with it. */
static void read_out(const rfim_metric *metric, rfim__matrix out)
{
    rfim__algebra *algebra = metric->network->algebra;
    algebra->ops.combine(algebra, 1, metric->core->m, 0, out, out);
    algebra->ops.symmetrise(algebra, out);
}

rfim_status rfim__fim_metric(rfim__fim_task *task)
{
    const rfim__subject *subject = task->subject;
    rfim_metric_options options;
    rfim_metric *metric = NULL;
    rfim_metric_defaults(&options);
    options.last = subject->network->count - 1;
    options.response = RFIM_RESPONSE_NETWORK;
    options.representation = RFIM_DENSE;
    options.max_bytes = task->options->max_bytes;
    rfim_status status = rfim_metric_create(subject->network, &options, &metric);
    if (status == RFIM_OK)
        status = rfim_metric_observe(metric, subject->trace, 0, 1);
    if (status == RFIM_OK)
        read_out(metric, task->out);
    rfim_metric_free(metric);
    return status;
}
