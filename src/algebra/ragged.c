#include "algebra/ragged.h"

#include "core/size.h"

/* A step of 784-80x8-10 with groups of 10, 15 and 25 of 50 rows: 243, 244 and 232 us (254 without):
 * what is read of W serves all rows of a group. */
#define FEW 64       /* rows whose products are short: */
#define FEW_ROWS 25  /* a group of them */
#define MANY_ROWS 48 /* a group of more */
#define NEAR 32      /* columns more that are not worth a group of their own */

/* Where the group of rows that begins at i ends. */
static size_t group_end(const uint32_t *firsts, size_t n, size_t i)
{
    size_t rows = n <= FEW ? FEW_ROWS : MANY_ROWS;
    size_t end = rfim__size_min(i + rows, n);
    while (end < n && (!firsts || firsts[end] < firsts[i] + NEAR))
        end = rfim__size_min(end + rows, n);
    return end;
}

/* Rows [row, +rows) of x from that column on. */
static rfim__matrix from(const rfim__algebra *algebra, rfim__matrix x, size_t row, size_t rows,
                         size_t column)
{
    return rfim__columns(algebra, rfim__rows(algebra, x, row, rows), column, x.columns - column);
}

void rfim__ragged_multiply(rfim__algebra *algebra, rfim__matrix x, const uint32_t *firsts,
                           rfim__matrix w, rfim__matrix c)
{
    double keep = 0;
    if (!firsts) {
        algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, x, w, 0, c);
        return;
    }
    size_t before = firsts[0];
    if (group_end(firsts, x.rows, 0) < x.rows) {
        algebra->ops.fill(algebra, 0, c);
        keep = 1;
    }
    for (size_t i = 0, end; i < x.rows; i = end) {
        end = group_end(firsts, x.rows, i);
        size_t next = end < x.rows ? firsts[end] : x.columns;
        algebra->ops.gemm(
            algebra, RFIM__PLAIN, RFIM__PLAIN, 1,
            rfim__columns(algebra, rfim__rows(algebra, x, 0, end), before, next - before),
            rfim__rows(algebra, w, before, next - before), keep, rfim__rows(algebra, c, 0, end));
        before = next;
    }
}

/* Columns of X that the rows up to a group's end are 0 before are the next group's. */
bool rfim__ragged_multiply_add(rfim__algebra *algebra, double alpha, rfim__matrix x,
                               const uint32_t *firsts, rfim__matrix y, double beta, rfim__matrix d,
                               rfim__matrix c)
{
    if (!firsts)
        return algebra->ops.gemm_add(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, alpha, x, y, beta, d,
                                     c);
    bool finite = true;
    size_t before = firsts[0];
    if (before > 0)
        finite = algebra->ops.combine_finite(algebra, beta, rfim__rows(algebra, d, 0, before), 0,
                                             rfim__rows(algebra, d, 0, before),
                                             rfim__rows(algebra, c, 0, before));
    for (size_t i = 0, end; i < x.rows; i = end) {
        end = group_end(firsts, x.rows, i);
        size_t next = end < x.rows ? firsts[end] : x.columns;
        rfim__matrix block = rfim__columns(algebra, rfim__rows(algebra, x, 0, end), before,
                                           next - before);
        if (next > before)
            finite = algebra->ops.gemm_add(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, alpha, block,
                                           rfim__rows(algebra, y, 0, end), beta,
                                           rfim__rows(algebra, d, before, next - before),
                                           rfim__rows(algebra, c, before, next - before)) &&
                     finite;
        before = next;
    }
    return finite;
}

/* sum over i in [first, end), j in [begin, last) of (X X^T)_ij (Y Y^T)_ij, X from `column` on */
static double block_square(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y, size_t first,
                           size_t end, size_t begin, size_t last, size_t column, rfim__matrix xx,
                           rfim__matrix yy)
{
    xx = rfim__columns(algebra, rfim__rows(algebra, xx, 0, end - first), 0, last - begin);
    yy = rfim__columns(algebra, rfim__rows(algebra, yy, 0, end - first), 0, last - begin);
    if (end == first || last == begin)
        return 0;
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1,
                      from(algebra, x, first, end - first, column),
                      from(algebra, x, begin, last - begin, column), 0, xx);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1,
                      rfim__rows(algebra, y, first, end - first),
                      rfim__rows(algebra, y, begin, last - begin), 0, yy);
    return algebra->ops.dot(algebra, xx, yy);
}

/* A group's rows with themselves, and twice with those before it, which begin no later. */
double rfim__ragged_square(rfim__algebra *algebra, rfim__matrix x, const uint32_t *firsts,
                           rfim__matrix y, rfim__matrix xx, rfim__matrix yy)
{
    double sum = 0;
    for (size_t i = 0, end; i < x.rows; i = end) {
        size_t first = firsts ? firsts[i] : 0;
        end = group_end(firsts, x.rows, i);
        sum += block_square(algebra, x, y, i, end, i, end, first, xx, yy) +
               2 * block_square(algebra, x, y, i, end, 0, i, first, xx, yy);
    }
    return sum;
}
