/* expected_hessian.c - E[-d2 l]: the Hessian of the loss at each outcome, weighted by its
 * probability. */
#include "core/size.h"
#include "fim/expression.h"
#include "fim/hessian.h"
#include "fim/spread.h"

#include <math.h>

/* e [count x m] <- d loss/du at every outcome */
static void differentiate_loss(const rfim__subject *subject, const rfim__outcomes *outcomes,
                               size_t sample, rfim__matrix e)
{
    rfim__targets targets = rfim__outcomes_targets(outcomes, 0, outcomes->count);
    rfim__loss_of(subject->network->algebra, outcomes->loss,
                  rfim__subject_responses(subject, sample, outcomes->count), &targets, e);
}

static void add_sample(rfim__fim_task *task, rfim__outcomes *outcomes, rfim__hessian *hessian,
                       size_t sample, rfim__matrix e, rfim__spread *spread)
{
    bool drawn = outcomes->kind == RFIM__DRAWN;
    double count = (double)outcomes->count;
    rfim__outcomes_list(outcomes, sample, rfim__subject_response(task->subject, sample));
    differentiate_loss(task->subject, outcomes, sample, e);
    rfim__hessian_sample(hessian, sample);
    for (size_t index = 0; index < outcomes->count; index++) {
        rfim__hessian_outcome(hessian, rfim__row(e, index), outcomes->probability[index]);
        if (drawn)
            spread->squares += rfim__hessian_squares(hessian);
    }
    rfim__hessian_add(hessian, 1 / (double)task->subject->samples, task->out);
    if (!drawn)
        return;
    spread->count = count;
    spread->products = count * count * rfim__hessian_sum_squares(hessian) - spread->squares;
    spread->pairs = count * (count - 1);
    rfim__spread_next(spread);
}

rfim_status rfim__fim_hessian(rfim__fim_task *task)
{
    const rfim__subject *subject = task->subject;
    rfim__algebra *algebra = subject->network->algebra;
    rfim__outcomes outcomes = {0};
    rfim__hessian hessian = {0};
    rfim__spread spread = {0};
    size_t row = 0;
    rfim_status status = rfim__outcomes_begin(subject, task->options, &outcomes);
    if (status != RFIM_OK)
        return status;
    if (!rfim__size_multiply(subject->outputs, sizeof(double), &row))
        row = SIZE_MAX; /* the allocation below says that this is too much */
    rfim__matrix e = {rfim__allocate(subject->context, outcomes.count, row), outcomes.count,
                      subject->outputs, subject->outputs};
    status = e.data ? rfim__hessian_begin(subject, &hessian) : RFIM_ERROR_MEMORY;
    if (status != RFIM_OK)
        goto done;
    for (size_t i = 0; i < subject->samples; i++)
        add_sample(task, &outcomes, &hessian, i, e, &spread);
    algebra->ops.symmetrise(algebra, task->out);
    task->report.exact = outcomes.kind != RFIM__DRAWN;
    task->report.outcomes = outcomes.count;
    task->report.standard_error = rfim__spread_error(
        &spread, subject->samples, outcomes.count,
        sqrt(algebra->ops.dot(algebra, task->out, task->out)));
done:
    rfim__hessian_end(&hessian);
    rfim__release(subject->context, e.data);
    rfim__outcomes_end(&outcomes);
    return status;
}
