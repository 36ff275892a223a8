/* at_targets.c - what is taken at the observed y: the observed Fisher information (B. Efron,
 * D. Hinkley, "Assessing the accuracy of the maximum likelihood estimator", Biometrika 65, 1978)
 * and the empirical Fisher, which is a Fisher information of nothing. */
#include "fim/expression.h"
#include "fim/hessian.h"
#include "fim/pull.h"

#include <string.h>

static rfim_status load_targets(const rfim__fim_task *task)
{
    const rfim__subject *subject = task->subject;
    const rfim_network *network = subject->network;
    double loss = 0;
    bool none = !task->targets.data && task->targets.rows == 0;
    bool inputs_will_do = network->loss != RFIM_LOSS_SOFTMAX &&
                          rfim_network_inputs(network) == subject->outputs;
    if (none && !inputs_will_do)
        return rfim__fail(subject->context, RFIM_ERROR_ARGUMENT,
                          "fim: the observed y are missing; give targets of the %zu samples, "
                          "classes [n x 1] or values [n x %zu]",
                          subject->samples, subject->outputs);
    return rfim_trace_loss(subject->trace, task->targets, &loss);
}

static rfim__matrix loss_gradients(const rfim__subject *subject)
{
    return subject->trace->slots[subject->network->count - 1].delta;
}

rfim_status rfim__fim_observed(rfim__fim_task *task)
{
    const rfim__subject *subject = task->subject;
    rfim__algebra *algebra = subject->network->algebra;
    rfim__hessian hessian;
    rfim_status status = load_targets(task);
    if (status == RFIM_OK)
        status = rfim__hessian_begin(subject, &hessian);
    if (status != RFIM_OK)
        return status;
    for (size_t i = 0; i < subject->samples; i++) {
        rfim__hessian_sample(&hessian, i);
        rfim__hessian_outcome(&hessian, rfim__row(loss_gradients(subject), i), 1);
        rfim__hessian_add(&hessian, 1 / (double)subject->samples, task->out);
    }
    algebra->ops.symmetrise(algebra, task->out);
    rfim__hessian_end(&hessian);
    task->report.outcomes = 1;
    return RFIM_OK;
}

rfim_status rfim__fim_empirical(rfim__fim_task *task)
{
    const rfim__subject *subject = task->subject;
    rfim__algebra *algebra = subject->network->algebra;
    rfim__pull pull;
    rfim_status status = load_targets(task);
    if (status == RFIM_OK)
        status = rfim__pull_begin(subject, 1, &pull);
    if (status != RFIM_OK)
        return status;
    for (size_t i = 0; i < subject->samples; i++) {
        memcpy(rfim__row(rfim__pull_cotangents(&pull, 1), 0), rfim__row(loss_gradients(subject), i),
               subject->outputs * sizeof(double));
        algebra->ops.gram(algebra, 1, 1 / (double)subject->samples, rfim__pull_sample(&pull, i, 1),
                          task->out);
    }
    algebra->ops.symmetrise(algebra, task->out);
    rfim__pull_end(&pull);
    task->report.outcomes = 1;
    return RFIM_OK;
}
