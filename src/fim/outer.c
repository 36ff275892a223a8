/* outer.c - sums of outer products over samples and outcomes: out = (1/n) sum_i sum_y g g^T,
 * g = J_i^T c(y). Cost: N^2 flops an outcome. */
#include "core/size.h"
#include "fim/expression.h"
#include "fim/pull.h"
#include "fim/spread.h"

#include <math.h>

#define PIECE 128 /* outcomes at a time */

/* What one piece of drawn gradients g = v/sqrt(S) tells of the spread of X = v v^T:
 * |X_s|_F = |v_s|^2 and <X_s, X_r>_F = (v_s . v_r)^2.   products: [PIECE x PIECE] */
static void measure(rfim__algebra *algebra, rfim__matrix gradients, double draws,
                    rfim__matrix products, rfim__spread *spread)
{
    size_t count = gradients.rows;
    products.rows = products.columns = count;
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, draws, gradients, gradients, 0,
                      products);
    for (size_t s = 0; s < count; s++) {
        const double *row = rfim__row(products, s);
        for (size_t r = 0; r < count; r++) {
            if (s == r)
                spread->squares += row[s] * row[s];
            else
                spread->products += row[r] * row[r];
        }
    }
    spread->count += (double)count;
    spread->pairs += (double)count * (double)(count - 1);
}

static void add_sample(rfim__fim_task *task, const rfim__outcomes *outcomes, const rfim__pull *pull,
                       size_t sample, rfim__cotangents_fn fill, rfim__spread *spread,
                       rfim__matrix products)
{
    const rfim__subject *subject = task->subject;
    rfim__algebra *algebra = subject->network->algebra;
    for (size_t first = 0; first < outcomes->count; first += PIECE) {
        size_t count = rfim__size_min(outcomes->count - first, PIECE);
        fill(subject, outcomes, sample, first, rfim__pull_cotangents(pull, count));
        rfim__matrix gradients = rfim__pull_sample(pull, sample, count);
        algebra->ops.gram(algebra, 1, 1 / (double)subject->samples, gradients, task->out);
        if (outcomes->kind == RFIM__DRAWN)
            measure(algebra, gradients, (double)outcomes->count, products, spread);
    }
    if (outcomes->kind == RFIM__DRAWN)
        rfim__spread_next(spread);
}

rfim_status rfim__fim_outer(rfim__fim_task *task, rfim__cotangents_fn fill)
{
    const rfim__subject *subject = task->subject;
    rfim__algebra *algebra = subject->network->algebra;
    rfim__outcomes outcomes;
    rfim__pull pull;
    rfim__spread spread = {0};
    rfim_status status = rfim__outcomes_begin(subject, task->options, &outcomes);
    if (status != RFIM_OK)
        return status;
    status = rfim__pull_begin(subject, rfim__size_min(outcomes.count, PIECE), &pull);
    if (status != RFIM_OK)
        goto no_pull;
    rfim__matrix products = {NULL, PIECE, PIECE, PIECE};
    products.data = rfim__allocate(subject->context, (size_t)PIECE * PIECE, sizeof(double));
    if (!products.data) {
        status = RFIM_ERROR_MEMORY;
        goto done;
    }
    for (size_t i = 0; i < subject->samples; i++) {
        rfim__outcomes_list(&outcomes, i, rfim__subject_response(subject, i));
        add_sample(task, &outcomes, &pull, i, fill, &spread, products);
    }
    algebra->ops.symmetrise(algebra, task->out);
    task->report.exact = outcomes.kind != RFIM__DRAWN;
    task->report.outcomes = outcomes.count;
    task->report.standard_error = rfim__spread_error(
        &spread, subject->samples, outcomes.count,
        sqrt(algebra->ops.dot(algebra, task->out, task->out)));
done:
    rfim__release(subject->context, products.data);
    rfim__pull_end(&pull);
no_pull:
    rfim__outcomes_end(&outcomes);
    return status;
}
