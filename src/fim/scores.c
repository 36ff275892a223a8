/* scores.c - E[dl dl^T]: the score of an outcome is minus the gradient of its loss. */
#include "fim/expression.h"

#include <math.h>

/* c = sqrt(P(y)) e(y), e = d loss/du */
static void fill(const rfim__subject *subject, const rfim__outcomes *outcomes, size_t sample,
                 size_t first, rfim__matrix cotangents)
{
    rfim__algebra *algebra = subject->network->algebra;
    rfim__targets targets = rfim__outcomes_targets(outcomes, first, cotangents.rows);
    rfim__loss_of(algebra, outcomes->loss,
                  rfim__subject_responses(subject, sample, cotangents.rows), &targets, cotangents);
    for (size_t index = 0; index < cotangents.rows; index++) {
        double *c = rfim__row(cotangents, index);
        double root = sqrt(outcomes->probability[first + index]);
        for (size_t j = 0; j < cotangents.columns; j++)
            c[j] *= root;
    }
}

rfim_status rfim__fim_scores(rfim__fim_task *task)
{
    return rfim__fim_outer(task, fill);
}
