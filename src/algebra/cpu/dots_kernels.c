/* dots_kernels.c - one column of C by itself, c_i = alpha a_i . b + beta d_i: sums along the rows
 * of A, several rows at a time. Sums of as many rows as a vector has lanes are added up together,
 * by turning their square. */
#include "algebra/cpu/micro.h"
#include "algebra/cpu/turn.h"

#include <string.h>

#define LANES RFIM_VECTOR_LANES
#define ROWS (LANES < 4 ? LANES : 4) /* at a time */

typedef rfim__vector vector;
typedef rfim__loose_vector loose_vector;

/* The column b, and its last numbers once more, behind zeros that fill a vector. */
typedef struct right {
    vector whole[RFIM__DOTS_INNER / LANES];
    vector last;
} right;

static const RFIM_REAL *row_of(rfim__matrix x, size_t i)
{
    return (const RFIM_REAL *)x.data + i * x.stride;
}

static void set_right(const rfim__product *p, size_t inner, right *b)
{
    RFIM_REAL *whole = (RFIM_REAL *)b->whole;
    RFIM_REAL *last = (RFIM_REAL *)&b->last;
    size_t rest = inner % LANES;
    if (p->tb)
        memcpy(whole, p->b.data, inner * sizeof *whole);
    else
        for (size_t k = 0; k < inner; k++)
            whole[k] = *row_of(p->b, k);
    b->last = (vector){0};
    for (size_t k = 0; k < rest; k++)
        last[LANES - rest + k] = whole[inner - rest + k];
}

/* sum[r] <- what adds up to a_r . b, for ROWS rows */
static inline void multiply(const RFIM_REAL *a, size_t stride, const right *b, size_t inner,
                            vector *sum)
{
    vector own[ROWS];
    RFIM__UNROLL
    for (size_t r = 0; r < ROWS; r++)
        own[r] = b->last * *(const loose_vector *)(a + r * stride + inner - LANES);
    for (size_t v = 0; v < inner / LANES; v++) {
        RFIM__UNROLL
        for (size_t r = 0; r < ROWS; r++)
            own[r] += b->whole[v] * *(const loose_vector *)(a + r * stride + v * LANES);
    }
    RFIM__UNROLL
    for (size_t r = 0; r < ROWS; r++)
        sum[r] = own[r];
}

/* The numbers of each of the vectors, added up: number r is of x[r]. */
static inline vector add_up(const vector x[LANES])
{
    vector turned[LANES];
    vector sum = {0};
    rfim__turn_square((const RFIM_REAL *)x, LANES, (RFIM_REAL *)turned, LANES);
    RFIM__UNROLL
    for (size_t r = 0; r < LANES; r++)
        sum += turned[r];
    return sum;
}

static bool product(const rfim__product *p, bool test)
{
    right b;
    size_t inner = rfim__product_inner(p);
    RFIM_REAL alpha = (RFIM_REAL)p->alpha;
    RFIM_REAL beta = (RFIM_REAL)p->beta;
    RFIM_REAL check = 0;
    set_right(p, inner, &b);
    for (size_t i = 0; i < p->c.rows; i += LANES) {
        /* The last rows once more, where fewer are left. */
        size_t first = i + LANES <= p->c.rows ? i : p->c.rows - LANES;
        vector sums[LANES];
        for (size_t r = 0; r < LANES; r += ROWS)
            multiply(row_of(p->a, first + r), p->a.stride, &b, inner, sums + r);
        vector sum = alpha * add_up(sums);
        for (size_t r = i - first; r < LANES; r++) {
            RFIM_REAL out = sum[r];
            if (beta != 0)
                out += beta * *row_of(p->d, first + r);
            *((RFIM_REAL *)p->c.data + (first + r) * p->c.stride) = out;
            check += 0 * out;
        }
    }
    return !test || check == 0;
}

const rfim__dots_part RFIM__VARIANT(rfim__dots) = {
    .product = product,
};
