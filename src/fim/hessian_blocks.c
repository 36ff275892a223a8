/* hessian_blocks.c - H from delta and R delta, block by block; formula: hessian.h. */
#include "fim/hessian.h"
#include "network/batch_norm.h"

/* What a block (l,j), (l',j') of H is made of. */
typedef struct block {
    const double *reference; /* r of (l,j) [rows] */
    const double *moved;     /* R r in direction (l',j') [rows - 1]; NULL: 0. Its last number is 0,
                                as the last reference is 1. */
    const double *other;     /* r' of (l',j') [other_rows] */
    size_t rows, other_rows;
    size_t row, column; /* where it begins in H */
    double delta;
    double rdelta;
    bool diagonal; /* (l,j) = (l',j') */
    double pair[2], other_pair[2];
    double moved_number;
} block;

typedef void (*visit_fn)(const block *b, void *user);

/* R r: the input's derivative, of batch normalisation times its scale */
static void find_moved(const rfim__hessian *hessian, size_t l, size_t j, size_t direction, block *b)
{
    const rfim__hessian_module *part = &hessian->modules[l];
    b->moved = NULL;
    if (direction >= part->before)
        return;
    b->moved = rfim__row(part->input, direction);
    if (hessian->subject->network->modules[l].table == &rfim__batch_norm_module) {
        rfim__matrix statistics = hessian->subject->trace->slots[l].statistics;
        b->moved_number = rfim__row(statistics, RFIM__NORM_SCALE)[j] * b->moved[j];
        b->moved = &b->moved_number;
    }
}

/* Blocks (l,j), (l',j') of one l, j and l' */
static void visit_row(const rfim__hessian *hessian, bool sums, size_t l, size_t j, size_t other,
                      visit_fn visit, void *user)
{
    const rfim__subject *subject = hessian->subject;
    const rfim__hessian_module *part = &hessian->modules[l];
    const rfim__module *modules = subject->network->modules;
    size_t count = other < l ? modules[other].outputs : j + 1;
    block b = {.rows = modules[l].parameters.rows,
               .other_rows = modules[other].parameters.rows,
               .delta = rfim__row(sums ? part->sum : part->e, 0)[j]};
    b.reference = rfim__subject_reference(subject, l, hessian->sample, j, b.pair);
    b.row = subject->first[l] + j * b.rows;
    for (size_t jj = 0; jj < count; jj++) {
        size_t direction = hessian->modules[other].before + jj;
        b.other = rfim__subject_reference(subject, other, hessian->sample, jj, b.other_pair);
        b.column = subject->first[other] + jj * b.other_rows;
        b.rdelta = rfim__row(sums ? part->rsum : part->re, direction)[j];
        b.diagonal = b.row == b.column;
        find_moved(hessian, l, j, direction, &b);
        visit(&b, user);
    }
}

/* All blocks of the lower triangle; of the sums, or of the last y. */
static void visit_blocks(const rfim__hessian *hessian, bool sums, visit_fn visit, void *user)
{
    const rfim_network *network = hessian->subject->network;
    for (size_t l = 0; l < network->count; l++)
        for (size_t j = 0; j < network->modules[l].outputs; j++)
            for (size_t other = 0; other <= l; other++)
                if (network->modules[l].parameters.rows > 0 &&
                    network->modules[other].parameters.rows > 0)
                    visit_row(hessian, sums, l, j, other, visit, user);
}

/* The factor of r' in row k of a block */
static double factor(const block *b, size_t k)
{
    double moved = b->moved && k + 1 < b->rows ? b->moved[k] : 0;
    return b->reference[k] * b->rdelta + moved * b->delta;
}

typedef struct target {
    rfim__matrix out;
    double share;
} target;

static void add_block(const block *b, void *user)
{
    const target *to = user;
    for (size_t k = 0; k < b->rows; k++) {
        double *row = rfim__row(to->out, b->row + k) + b->column;
        double times = to->share * factor(b, k);
        for (size_t kk = 0; kk < b->other_rows; kk++)
            row[kk] += times * b->other[kk];
    }
}

/* |block|_F^2, of a block off the diagonal for its transpose too */
static void add_squares(const block *b, void *user)
{
    double *total = user;
    double rows = 0;
    double columns = 0;
    for (size_t k = 0; k < b->rows; k++)
        rows += factor(b, k) * factor(b, k);
    for (size_t kk = 0; kk < b->other_rows; kk++)
        columns += b->other[kk] * b->other[kk];
    *total += (b->diagonal ? 1 : 2) * rows * columns;
}

void rfim__hessian_add(rfim__hessian *hessian, double share, rfim__matrix out)
{
    target to = {out, share};
    visit_blocks(hessian, true, add_block, &to);
}

double rfim__hessian_squares(const rfim__hessian *hessian)
{
    double total = 0;
    visit_blocks(hessian, false, add_squares, &total);
    return total;
}

double rfim__hessian_sum_squares(const rfim__hessian *hessian)
{
    double total = 0;
    visit_blocks(hessian, true, add_squares, &total);
    return total;
}
