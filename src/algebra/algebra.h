/* algebra.h - THE SEAM: every matrix operation of rfim goes through this one table.
 *
 * A backend fills the table: ref/ (triple loops, float64, the reference of the tests) and cpu/
 * (OpenBLAS and kernels of our own, float32 and float64). All matrices are row-major and hold
 * numbers of the algebra's precision; scalars are double. Operations do not allocate: room that
 * they need is reserved beforehand (rfim__algebra_reserve).
 *
 * The same bits for any number of threads: work is cut into tiles whose shapes depend on the
 * shapes of the operands alone, and every tile is computed by one thread. */
#ifndef RFIM_ALGEBRA_ALGEBRA_H
#define RFIM_ALGEBRA_ALGEBRA_H

#include "core/context.h"

#include <rfim/array.h>
#include <stdbool.h>

/* rows x columns numbers; row i begins `stride` numbers after row i-1. */
typedef struct rfim__matrix {
    void *data;
    size_t rows;
    size_t columns;
    size_t stride;
} rfim__matrix;

typedef struct rfim__algebra rfim__algebra;
typedef enum rfim__transposed {
    RFIM__PLAIN,
    RFIM__TRANSPOSED,
    RFIM__SYMMETRIC /* of B: it is, so that its columns can be read as rows, which is quicker */
} rfim__transposed;

/* D (D+1) / 2: the length of a packed lower triangle, row k from k (k+1) / 2. */
static inline size_t rfim__triangle(size_t order)
{
    return order * (order + 1) / 2;
}

/* Symmetric matrices: only the lower triangle counts. Nothing above it gets into a result, but
 * gram may overwrite it there; the other operations leave it alone, unless said otherwise.
 *
 * "Packed lanes": m symmetric D x D matrices, so that a vector instruction works on several. As
 * many of them as a cache line has numbers are a group, which lies in one piece of memory: a matrix
 * without gaps, [rfim__packed_rows x rfim__packed_lanes]. Entry (k,l), l <= k, of matrix j is at
 * row rfim__packed_row(D, j / lanes, k, l), column j % lanes. Lanes beyond m hold 0. */

typedef struct rfim__algebra_table {
    const char *name;

    /* --- element by element ------------------------------------------------------------------ */
    /* X <- value */
    void (*fill)(rfim__algebra *algebra, double value, rfim__matrix x);
    /* Z <- alpha X + beta Y; Z may be X or Y; where a factor is 0 its matrix is not read. */
    void (*combine)(rfim__algebra *algebra, double alpha, rfim__matrix x, double beta,
                    rfim__matrix y, rfim__matrix z);
    /* As combine; is every number of Z finite? */
    bool (*combine_finite)(rfim__algebra *algebra, double alpha, rfim__matrix x, double beta,
                           rfim__matrix y, rfim__matrix z);
    /* Z_ij <- X_ij Y_ij; Z may be X or Y. */
    void (*multiply)(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y, rfim__matrix z);
    /* X_ij <- d_i X_ij.   d: [rows x 1] */
    void (*scale_rows)(rfim__algebra *algebra, rfim__matrix d, rfim__matrix x);
    /* Y <- X^T.   X: [r x c], Y: [c x r], apart from each other */
    void (*transpose)(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y);
    /* The upper triangle of a square matrix <- its lower one. */
    void (*symmetrise)(rfim__algebra *algebra, rfim__matrix a);
    /* sum of X_ij Y_ij, summed in float64 in a fixed order */
    double (*dot)(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y);
    /* Is every number finite? */
    bool (*finite)(rfim__algebra *algebra, rfim__matrix x);
    /* X <- values, and back; values: [rows x columns] without gaps */
    void (*import)(rfim__algebra *algebra, const double *values, rfim__matrix x);
    void (*export)(rfim__algebra *algebra, rfim__matrix x, double *values);

    /* --- products ---------------------------------------------------------------------------- */
    /* C <- alpha op(A) op(B) + beta C; with beta = 0, C is not read. */
    void (*gemm)(rfim__algebra *algebra, rfim__transposed ta, rfim__transposed tb, double alpha,
                 rfim__matrix a, rfim__matrix b, double beta, rfim__matrix c);
    /* C <- alpha op(A) op(B) + beta D; D [as C] is C itself or apart from it; with beta = 0, D is
     * not read. Is every number of C finite? */
    bool (*gemm_add)(rfim__algebra *algebra, rfim__transposed ta, rfim__transposed tb, double alpha,
                     rfim__matrix a, rfim__matrix b, double beta, rfim__matrix d, rfim__matrix c);
    /* G <- keep G + add X^T X.   X: [n x D], G: [D x D] */
    void (*gram)(rfim__algebra *algebra, double keep, double add, rfim__matrix x, rfim__matrix g);
    /* M_j <- keep M_j + add sum_i nu_ij x_i x_i^T.   X: [n x D], nu: [n x m], M: packed lanes */
    void (*gram_weighted)(rfim__algebra *algebra, double keep, double add, rfim__matrix x,
                          rfim__matrix nu, rfim__matrix m);

    /* --- factors ----------------------------------------------------------------------------- */
    /* A <- L with A = L L^T. Returns 0, or the first pivot (from 1) that is not positive and
     * finite; A is then of no use. (Inverting an infinite pivot would give 0: silence.) */
    size_t (*cholesky)(rfim__algebra *algebra, rfim__matrix a);
    /* L <- (L L^T)^-1, both triangles. */
    void (*cholesky_invert)(rfim__algebra *algebra, rfim__matrix l);
    /* B <- (L L^T)^-1 B.   B: [D x m] */
    void (*cholesky_solve)(rfim__algebra *algebra, rfim__matrix l, rfim__matrix b);
    /* B <- L^-1 B, or L^-T B.   L: lower triangle, B: [D x m] */
    void (*triangle_solve)(rfim__algebra *algebra, rfim__matrix l, rfim__transposed transposed,
                           rfim__matrix b);
    /* w <- the eigenvalues of A, ascending; with vectors A <- Q, whose columns are the
     * eigenvectors: A = Q diag(w) Q^T, Q^T Q = I; else A is of no use afterwards.   A: [N x N], w:
     * [1 x N]. Returns 0, or 1 when A holds a number that is not finite or the iteration did not
     * converge; both are of no use then. Works on one thread; not for training steps. */
    size_t (*eigen)(rfim__algebra *algebra, rfim__matrix a, bool vectors, rfim__matrix w);
    /* Numbers of room that eigen needs; integers take the place of a number each. SIZE_MAX for an
     * order beyond RFIM__MOST_EIGEN_ORDER. */
    size_t (*eigen_room)(size_t order, bool vectors);
    /* P <- (M + diag(lambda))^-1, both triangles.   M, P: [D x D] apart from each other, lambda:
     * [D x 1]. wide: worked out in float64 whatever the precision, then rounded. Returns 0, or the
     * first pivot (from 1) that is not positive and finite; P is then of no use. */
    size_t (*invert_damped)(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                            rfim__matrix p, bool wide);
    /* P_j <- (M_j + diag(Lambda_:j))^-1.   M, P: packed lanes, Lambda: [D x m]; P may be M. wide:
     * as above. Returns 0, or the first j (from 1) with a pivot that is not positive and finite; P
     * is then of no use. */
    size_t (*packed_invert)(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                            rfim__matrix p, bool wide);
    /* L_j <- the Cholesky factor of M_j + diag(Lambda_:j); l may be m. Returns as packed_invert. */
    size_t (*packed_cholesky)(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                              rfim__matrix l);
    /* B_:j <- (L_j L_j^T)^-1 B_:j.   L: packed lanes, B: [D x m] */
    void (*packed_solve)(rfim__algebra *algebra, rfim__matrix l, rfim__matrix b);
    /* B_:j <- L_j^-1 B_:j, or L_j^-T B_:j */
    void (*packed_triangle_solve)(rfim__algebra *algebra, rfim__matrix l,
                                  rfim__transposed transposed, rfim__matrix b);
    /* C_:j <- A_j B_:j.   A: packed lanes, B, C: [D x m] */
    void (*packed_multiply)(rfim__algebra *algebra, rfim__matrix a, rfim__matrix b, rfim__matrix c);
    /* D_kj <- (A_j)_kk.   A: packed lanes, D: [D x m] */
    void (*packed_diagonal)(rfim__algebra *algebra, rfim__matrix a, rfim__matrix d);

    /* --- dual systems: as many unknowns as there are samples ---------------------------------- */
    /* Z <- (K + c I)^-1 R.   K: [n x n], its lower triangle counts, R, Z: [n x m]; Z may be R.
     * wide: K, c and R are taken to float64, Z is rounded. Returns 0, or the first pivot (from 1)
     * that is not positive and finite; Z is then of no use. */
    size_t (*dual_solve_shared)(rfim__algebra *algebra, rfim__matrix k, double c, rfim__matrix r,
                                rfim__matrix z, bool wide);
    /* Z_:j <- S_j (S_j K S_j + c_j I)^-1 R_:j, S_j = diag(s_:j), for every j.   K: [n x n], its
     * lower triangle counts; s, R, Z: [n x m], Z may be R; c: [1 x m]. A column whose s and c are
     * all 0 gives Z_:j = 0. wide: as above. Returns 0, or the first j (from 1) with a pivot that is
     * not positive and finite; Z is then of no use. */
    size_t (*dual_solve)(rfim__algebra *algebra, rfim__matrix k, rfim__matrix s, rfim__matrix c,
                         rfim__matrix r, rfim__matrix z, bool wide);
    /* The same where every s is 0 or 1: rows with 0 are left out of the system, and give 0. */
    size_t (*dual_solve_active)(rfim__algebra *algebra, rfim__matrix k, rfim__matrix s,
                                rfim__matrix c, rfim__matrix r, rfim__matrix z, bool wide);
} rfim__algebra_table;

/* Pieces of memory. begins NULL: of equal length. */
typedef struct rfim__pieces {
    const char *data;
    size_t bytes;         /* of a piece, which is at data + i bytes; */
    const size_t *begins; /* or from data + begins[i] up to data + begins[i + 1] */
} rfim__pieces;

static inline const char *rfim__piece(const rfim__pieces *x, size_t i, size_t *bytes)
{
    *bytes = x->begins ? x->begins[i + 1] - x->begins[i] : x->bytes;
    return x->data + (x->begins ? x->begins[i] : i * x->bytes);
}

/* Some of them: number rows[r]. */
typedef struct rfim__ahead_rows {
    rfim__pieces pieces;
    const uint32_t *rows;
    size_t count;   /* of the pieces that have not been begun; rows are theirs */
    const char *at; /* at ... end: what is left of the one that has */
    const char *end;
    bool missed; /* at a step before products did not get to the end of them */
} rfim__ahead_rows;

/* Memory that will be wanted soon, which products bring nearer while they compute. Only those that
 * one thread works out. */
typedef struct rfim__ahead {
    const char *at;        /* for the next product but one or two: a line at every inner step */
    size_t bytes;          /* that are left */
    rfim__ahead_rows rows; /* for the next step: some of a line at every inner step */
} rfim__ahead;

struct rfim__algebra {
    rfim__algebra_table ops;
    rfim_context *context;
    rfim_precision precision;
    size_t item;       /* bytes of a number */
    size_t threads;    /* at most */
    double team_flops; /* a job with fewer flops is left to one thread; tests set 0 */
    rfim__ahead ahead;
    void *scratch; /* `threads` pieces of scratch_bytes each */
    size_t scratch_bytes;
};

/* X will be wanted soon, in the place of what was said so before. It has to live on, until then or
 * until this is said of another; results do not depend on it. */
static inline void rfim__algebra_ahead(rfim__algebra *algebra, rfim__matrix x)
{
    algebra->ahead.at = x.data;
    algebra->ahead.bytes = x.rows * x.stride * algebra->item;
}

/* Pieces rows[0 ... n-1] will be wanted at the next step: likewise, beside X. rows has to live
 * until the step is over. With n = 0 there are none, and the next ones are given to products again.
 */
void rfim__algebra_ahead_rows(rfim__algebra *algebra, rfim__pieces pieces, const uint32_t *rows,
                              size_t n);
void rfim__algebra_ahead_over(rfim__algebra *algebra);

/* Packed lanes: matrices of a group; groups of m matrices; rows of m matrices (SIZE_MAX: more than
 * this machine can address); and the row of entry (k,l), l <= k, of a group. */
static inline size_t rfim__packed_lanes(const rfim__algebra *algebra)
{
    return RFIM__ALIGNMENT / algebra->item;
}

static inline size_t rfim__packed_groups(const rfim__algebra *algebra, size_t m)
{
    size_t lanes = rfim__packed_lanes(algebra);
    return m / lanes + (m % lanes > 0 ? 1 : 0);
}

size_t rfim__packed_rows(const rfim__algebra *algebra, size_t order, size_t m);

static inline size_t rfim__packed_row(size_t order, size_t group, size_t k, size_t l)
{
    return group * rfim__triangle(order) + rfim__triangle(k) + l;
}

/* Backends. */
rfim_status rfim__algebra_create_cpu(rfim_context *context, rfim_precision precision,
                                     rfim__algebra **out);
rfim_status rfim__algebra_create_ref(rfim_context *context, rfim__algebra **out);
/* One for another thread that works beside this one's: the same operations, a work area of its own
 * of so many numbers, no team. The thread calls rfim__algebra_adopt_thread once, first of all. */
rfim_status rfim__algebra_create_aside(const rfim__algebra *algebra, size_t numbers,
                                       rfim__algebra **out);
void rfim__algebra_adopt_thread(void);
void rfim__algebra_free(rfim__algebra *algebra);

/* Makes sure that every thread has room for so many numbers (may be called again). */
rfim_status rfim__algebra_reserve(rfim__algebra *algebra, size_t numbers);
/* Numbers of room that these operations need (SIZE_MAX: more than can be addressed). */
size_t rfim__invert_damped_room(const rfim__algebra *algebra, size_t order);
size_t rfim__packed_invert_room(const rfim__algebra *algebra, size_t order);
size_t rfim__packed_cholesky_room(size_t order);
size_t rfim__packed_multiply_room(size_t order); /* and packed_solve, packed_triangle_solve */
/* Of the three dual operations; SIZE_MAX for more samples than RFIM__MOST_DUAL_ORDER. */
size_t rfim__dual_room(size_t samples, size_t columns);
#define RFIM__MOST_DUAL_ORDER ((size_t)32766)
#define RFIM__MOST_EIGEN_ORDER ((size_t)32766)

/* Around all mathematics of one public call: the BLAS works on one thread inside, denormal numbers
 * are taken as 0, and both are given back as they were. Nests. */
void rfim__algebra_begin(rfim_context *context);
void rfim__algebra_end(rfim_context *context);

/* Does tile number `tile` of a job; scratch: the thread's own piece of the work area. */
typedef void (*rfim__tile_fn)(void *job, size_t tile, void *scratch);

/* Runs tiles 0 ... tiles-1 of a job once each, in any order; by several threads where `flops`, what
 * the whole job costs in terms of a product's operations, is worth it. For loops element by element
 * that live beside their concept; tiles must depend on shapes alone. */
void rfim__algebra_run(const rfim__algebra *algebra, size_t tiles, double flops, rfim__tile_fn run,
                       void *job);
/* Cuts a matrix into tiles of whole rows that suit the first cache: how many, and the rows of one
 * of them. Matrices of equal shapes are cut alike. */
size_t rfim__row_tiles(rfim__matrix x);
rfim__matrix rfim__row_tile(const rfim__algebra *algebra, rfim__matrix x, size_t tile);

/* Views. */
rfim__matrix rfim__rows(const rfim__algebra *algebra, rfim__matrix x, size_t first, size_t count);
rfim__matrix rfim__columns(const rfim__algebra *algebra, rfim__matrix x, size_t first,
                           size_t count);

/* Entry (k,l), l <= k, of packed lanes in a group.   [1 x count]: all its lanes, or those below m
 */
rfim__matrix rfim__packed_entry(const rfim__algebra *algebra, rfim__matrix packed, size_t order,
                                size_t m, size_t group, size_t k, size_t l);

void rfim__matrix_swap(rfim__matrix *a, rfim__matrix *b);

/* Stride of rows of `columns` numbers: whole vectors. */
size_t rfim__stride(size_t columns);

/* Layout of one block: first with base NULL to learn the bytes, then with the block. */
typedef struct rfim__arena {
    char *base;
    size_t used;
    bool overflow;
} rfim__arena;

/* The next rows x columns matrix of the arena (padded rows, aligned). */
rfim__matrix rfim__arena_matrix(rfim__arena *arena, const rfim__algebra *algebra, size_t rows,
                                size_t columns);
/* The next m matrices of that order as packed lanes. */
rfim__matrix rfim__arena_packed(rfim__arena *arena, const rfim__algebra *algebra, size_t order,
                                size_t m);

#endif
