/* loss_kernels.c - loops of the losses; formulas: loss.h. Sums over samples run in float64. */
#include "core/real.h"
#include "network/loss.h"

static const RFIM_REAL *row(rfim__matrix x, size_t i)
{
    return (const RFIM_REAL *)x.data + i * x.stride;
}

static RFIM_REAL *gradient_row(rfim__matrix e, size_t i)
{
    return e.data ? (RFIM_REAL *)e.data + i * e.stride : NULL;
}

static double target(const rfim__targets *targets, size_t i, size_t j)
{
    if (targets->labels)
        return (size_t)targets->labels[i] == j ? 1 : 0;
    return (double)row(targets->values, i)[j];
}

static size_t largest(const RFIM_REAL *u, size_t count)
{
    size_t best = 0;
    for (size_t j = 1; j < count; j++)
        if (u[j] > u[best])
            best = j;
    return best;
}

static double is_correct(const rfim__targets *targets, rfim__matrix u, size_t i)
{
    return targets->labels && largest(row(u, i), u.columns) == (size_t)targets->labels[i] ? 1 : 0;
}

static rfim__loss_sums softmax(rfim__matrix u, const rfim__targets *targets, rfim__matrix e)
{
    rfim__loss_sums sums = {0};
    for (size_t i = 0; i < u.rows; i++) {
        const RFIM_REAL *ui = row(u, i);
        size_t best = largest(ui, u.columns);
        size_t class = (size_t)targets->labels[i];
        RFIM_REAL top = ui[best];
        RFIM_REAL total = 0;
        for (size_t j = 0; j < u.columns; j++)
            total += RFIM_EXP(ui[j] - top);
        sums.loss += log((double)total) + ((double)top - (double)ui[class]);
        sums.correct += best == class ? 1 : 0;
        RFIM_REAL *ei = gradient_row(e, i);
        if (!ei)
            continue;
        RFIM_REAL share = 1 / total;
        for (size_t j = 0; j < u.columns; j++)
            ei[j] = share * RFIM_EXP(ui[j] - top);
        ei[class] -= 1;
    }
    return sums;
}

static rfim__loss_sums sigmoid(rfim__matrix u, const rfim__targets *targets, rfim__matrix e)
{
    rfim__loss_sums sums = {0};
    for (size_t i = 0; i < u.rows; i++) {
        const RFIM_REAL *ui = row(u, i);
        RFIM_REAL *ei = gradient_row(e, i);
        double loss = 0;
        double error = 0;
        for (size_t j = 0; j < u.columns; j++) {
            double y = target(targets, i, j);
            /* softplus(u) - y u, without overflow */
            RFIM_REAL decay = RFIM_EXP(-RFIM_FABS(ui[j]));
            RFIM_REAL above = ui[j] > 0 ? ui[j] : 0;
            loss += (double)above - y * (double)ui[j] + (double)RFIM_LOG1P(decay);
            RFIM_REAL gap = (ui[j] >= 0 ? 1 : decay) / (1 + decay) - (RFIM_REAL)y;
            error += (double)gap * (double)gap;
            if (ei)
                ei[j] = gap;
        }
        sums.loss += loss;
        sums.error += error;
        sums.correct += is_correct(targets, u, i);
    }
    return sums;
}

static rfim__loss_sums squared(rfim__matrix u, const rfim__targets *targets, rfim__matrix e)
{
    rfim__loss_sums sums = {0};
    for (size_t i = 0; i < u.rows; i++) {
        const RFIM_REAL *ui = row(u, i);
        RFIM_REAL *ei = gradient_row(e, i);
        double error = 0;
        for (size_t j = 0; j < u.columns; j++) {
            RFIM_REAL gap = ui[j] - (RFIM_REAL)target(targets, i, j);
            error += (double)gap * (double)gap;
            if (ei)
                ei[j] = gap;
        }
        sums.error += error;
        sums.correct += is_correct(targets, u, i);
    }
    sums.loss = sums.error / 2;
    return sums;
}

static void respond(rfim_loss_kind loss, rfim__matrix u, double *out)
{
    for (size_t i = 0; i < u.rows; i++) {
        const RFIM_REAL *ui = row(u, i);
        double *oi = out + i * u.columns;
        double top = (double)ui[largest(ui, u.columns)];
        double total = 0;
        for (size_t j = 0; j < u.columns; j++) {
            double t = (double)ui[j];
            oi[j] = loss == RFIM_LOSS_SOFTMAX   ? exp(t - top)
                    : loss == RFIM_LOSS_SIGMOID ? 1 / (1 + exp(-t))
                                                : t;
            total += oi[j];
        }
        for (size_t j = 0; loss == RFIM_LOSS_SOFTMAX && j < u.columns; j++)
            oi[j] /= total;
    }
}

const rfim__loss_kernels RFIM__VARIANT(rfim__losses) = {
    .softmax = softmax,
    .sigmoid = sigmoid,
    .squared = squared,
    .respond = respond,
};
