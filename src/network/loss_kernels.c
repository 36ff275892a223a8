/* loss_kernels.c - loops of the losses; formulas: loss.h. Sums over samples run in float64. */
#include "core/elementary.h"
#include "network/loss.h"

#include <string.h>

static const RFIM_REAL *row(rfim__matrix x, size_t i)
{
    return (const RFIM_REAL *)x.data + i * x.stride;
}

static RFIM_REAL *gradient_row(rfim__matrix e, size_t i)
{
    return e.data ? (RFIM_REAL *)e.data + i * e.stride : NULL;
}

/* Columns at a time: the targets of a piece of a row are laid out beside it, so that the loops over
 * it are vector code whatever the targets are. */
#define PIECE 256

/* y <- the targets of sample i from column `first` on */
static void targets_of(const rfim__targets *targets, size_t i, size_t first, size_t count,
                       RFIM_REAL *y)
{
    if (!targets->labels) {
        memcpy(y, row(targets->values, i) + first, count * sizeof *y);
        return;
    }
    memset(y, 0, count * sizeof *y);
    size_t class = (size_t)targets->labels[i];
    if (class >= first && class < first + count)
        y[class - first] = 1;
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

/* One piece of a row: e <- e^(u - top); returns the sum. */
static RFIM_REAL exponentials(size_t count, RFIM_REAL top, const RFIM_REAL *restrict u,
                              RFIM_REAL *restrict e)
{
    for (size_t j = 0; j < count;
         j++) /* by itself: gcc has no short vectors for the rest of sums */
        e[j] = rfim__exp(u[j] - top);
    RFIM_REAL total = 0;
#pragma omp simd reduction(+ : total)
    for (size_t j = 0; j < count; j++)
        total += e[j];
    return total;
}

static rfim__loss_sums softmax(rfim__matrix u, const rfim__targets *targets, rfim__matrix e)
{
    rfim__loss_sums sums = {0};
    RFIM_REAL unwanted[PIECE] = {0};
    for (size_t i = 0; i < u.rows; i++) {
        const RFIM_REAL *ui = row(u, i);
        RFIM_REAL *ei = gradient_row(e, i);
        size_t best = largest(ui, u.columns);
        size_t class = (size_t)targets->labels[i];
        RFIM_REAL top = ui[best];
        RFIM_REAL total = 0;
        for (size_t first = 0; first < u.columns; first += PIECE) {
            size_t count = u.columns - first < PIECE ? u.columns - first : PIECE;
            total += exponentials(count, top, ui + first, ei ? ei + first : unwanted);
        }
        sums.loss += log((double)total) + ((double)top - (double)ui[class]);
        sums.correct += best == class ? 1 : 0;
        if (!ei)
            continue;
        RFIM_REAL share = 1 / total;
        for (size_t j = 0; j < u.columns; j++)
            ei[j] *= share;
        ei[class] -= 1;
    }
    return sums;
}

/* One piece of a row: e <- sigm(u) - y, and the sums. */
static void sigmoid_piece(size_t count, const RFIM_REAL *restrict u, const RFIM_REAL *restrict y,
                          RFIM_REAL *restrict e, rfim__loss_sums *sums)
{
    double loss = 0;
    double error = 0;
#pragma omp simd reduction(+ : loss, error)
    for (size_t j = 0; j < count; j++) {
        /* softplus(u) - y u, without overflow */
        RFIM_REAL decay = rfim__exp(-RFIM_FABS(u[j]));
        RFIM_REAL above = u[j] > 0 ? u[j] : 0;
        RFIM_REAL gap = (u[j] >= 0 ? 1 : decay) / (1 + decay) - y[j];
        loss += ((double)above - (double)y[j] * (double)u[j]) + (double)rfim__log1p_unit(decay);
        error += (double)gap * (double)gap;
        e[j] = gap;
    }
    sums->loss += loss;
    sums->error += error;
}

/* One piece of a row: e <- u - y, and the sum. */
static void squared_piece(size_t count, const RFIM_REAL *restrict u, const RFIM_REAL *restrict y,
                          RFIM_REAL *restrict e, rfim__loss_sums *sums)
{
    double error = 0;
#pragma omp simd reduction(+ : error)
    for (size_t j = 0; j < count; j++) {
        e[j] = u[j] - y[j];
        error += (double)e[j] * (double)e[j];
    }
    sums->loss += error / 2;
    sums->error += error;
}

typedef void (*piece_fn)(size_t count, const RFIM_REAL *restrict u, const RFIM_REAL *restrict y,
                         RFIM_REAL *restrict e, rfim__loss_sums *sums);

static rfim__loss_sums by_pieces(piece_fn run, rfim__matrix u, const rfim__targets *targets,
                                 rfim__matrix e)
{
    rfim__loss_sums sums = {0};
    RFIM_REAL y[PIECE];
    RFIM_REAL unwanted[PIECE] = {0};
    for (size_t i = 0; i < u.rows; i++) {
        RFIM_REAL *ei = gradient_row(e, i);
        for (size_t first = 0; first < u.columns; first += PIECE) {
            size_t count = u.columns - first < PIECE ? u.columns - first : PIECE;
            targets_of(targets, i, first, count, y);
            run(count, row(u, i) + first, y, ei ? ei + first : unwanted, &sums);
        }
        sums.correct += is_correct(targets, u, i);
    }
    return sums;
}

static rfim__loss_sums sigmoid(rfim__matrix u, const rfim__targets *targets, rfim__matrix e)
{
    return by_pieces(sigmoid_piece, u, targets, e);
}

static rfim__loss_sums squared(rfim__matrix u, const rfim__targets *targets, rfim__matrix e)
{
    return by_pieces(squared_piece, u, targets, e);
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
