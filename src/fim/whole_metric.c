/* whole_metric.c - J^T F J: the RFIM of the whole network, by the same metric that everybody else
 * uses. */
#include "fim/expression.h"

#include <rfim/metric.h>

rfim_status rfim__fim_metric(rfim__fim_task *task)
{
    const rfim__subject *subject = task->subject;
    rfim_metric_options options;
    rfim_metric *metric = NULL;
    rfim_metric_defaults(&options);
    options.last = subject->network->count - 1;
    options.response = RFIM_RESPONSE_NETWORK;
    options.representation = RFIM_DENSE;
    options.max_bytes = SIZE_MAX; /* the size of the matrix has been looked at already */
    rfim_status status = rfim_metric_create(subject->network, &options, &metric);
    if (status == RFIM_OK)
        status = rfim_metric_observe(metric, subject->trace, 0, 1);
    if (status == RFIM_OK)
        status = rfim_metric_to_dense(metric, task->out.data);
    rfim_metric_free(metric);
    return status;
}
