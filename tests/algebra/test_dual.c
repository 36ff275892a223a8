/* Dual systems over every backend (conformance.h), against the primal system that they stand for:
 * K = X X^T, and X^T S (S K S + c I)^-1 r = (X^T S^2 X + c I)^-1 X^T S r.
 *
 * X is made of small multiples of 1/8, so that K has no rounding in either precision. Solutions err
 * by u times the condition, times 8 sqrt(n) as spectra.h says; both sides are worked out in float64
 * at least, and where that is the precision under test, the other side errs as much. */
#include "spectra.h"

#define MOST_COMPARED 4 /* columns of a trial that are compared */

typedef enum system_kind { ALL_ROWS, ACTIVE_ROWS, SHARED } system_kind;

typedef struct problem {
    size_t samples, inputs, columns;
    double *x; /* [n x D] */
    operand *k, *s, *c, *r, *z;
    system_kind kind;
    bool wide;
} problem;

/* --- scratch that tells when its end is passed -------------------------------------------------
 */

typedef struct own_scratch {
    void *kept;
    size_t kept_bytes;
    uint8_t *bytes;
    size_t size;
} own_scratch;

static own_scratch scratch_begin(trial *t, size_t samples, size_t columns)
{
    own_scratch own = {t->algebra->scratch, t->algebra->scratch_bytes, NULL, 0};
    size_t piece = (rfim__dual_room(samples, columns) * t->algebra->item + 63) / 64 * 64;
    own.size = t->algebra->threads * piece;
    own.bytes = aligned_alloc(64, own.size + 64);
    assert_non_null(own.bytes);
    memset(own.bytes, GUARD, own.size + 64);
    t->algebra->scratch = own.bytes;
    t->algebra->scratch_bytes = piece;
    return own;
}

static void scratch_end(trial *t, own_scratch own)
{
    for (size_t b = 0; b < 64; b++)
        expect(t, own.bytes[own.size + b] == GUARD, "more scratch is written than reserved");
    free(own.bytes);
    t->algebra->scratch = own.kept;
    t->algebra->scratch_bytes = own.kept_bytes;
}

static size_t solve(trial *t, const problem *p)
{
    const rfim__algebra_table *ops = &t->algebra->ops;
    own_scratch own = scratch_begin(t, p->samples, p->columns);
    size_t failed = 0;
    if (p->kind == SHARED)
        failed = ops->dual_solve_shared(t->algebra, p->k->view, get(t, p->c, 0, 0), p->r->view,
                                        p->z->view, p->wide);
    else
        failed = (p->kind == ALL_ROWS ? ops->dual_solve : ops->dual_solve_active)(
            t->algebra, p->k->view, p->s->view, p->c->view, p->r->view, p->z->view, p->wide);
    scratch_end(t, own);
    return (size_t)tell(t, (double)failed);
}

/* --- problems ----------------------------------------------------------------------------------
 */

/* Some rows are the same as others; with D < n K is singular anyway. */
static void set_kernel(trial *t, problem *p)
{
    size_t n = p->samples;
    p->x = new_values(t, n * p->inputs);
    for (size_t i = 0; i < n; i++) {
        size_t from = i > 0 && uniform(t, 0, 1) < 0.2 ? rfim__random_below(&t->random, (uint32_t)i)
                                                      : i;
        for (size_t k = 0; k < p->inputs; k++)
            p->x[i * p->inputs + k] = from < i ? p->x[from * p->inputs + k]
                                               : floor(uniform(t, -8, 9)) / 8;
    }
    double *k = new_values(t, n * n);
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l <= i; l++)
            for (size_t q = 0; q < p->inputs; q++)
                k[i * n + l] += p->x[i * p->inputs + q] * p->x[l * p->inputs + q];
    p->k = lower_operand(t, k, n);
}

static double root_of(const trial *t, const problem *p, size_t i, size_t j)
{
    return p->s ? get(t, p->s, i, j) : 1;
}

/* sum of s_i^2 (K_ii + 1/8): no eigenvalue is larger, and it is 0 only where all of s is */
static double trace_of(const trial *t, const problem *p, size_t j)
{
    double trace = 0;
    for (size_t i = 0; i < p->samples; i++)
        trace += (get(t, p->k, i, i) + 0.125) * pow(root_of(t, p, i, j), 2);
    return trace;
}

/* Column j of S: a share of it is not 0, from no row to all of them. */
static void set_roots(trial *t, const problem *p, size_t j)
{
    double shares[] = {0, 0.1, 0.5, 0.5, 0.9, 1};
    double share = shares[rfim__random_below(&t->random, 6)];
    for (size_t i = 0; i < p->samples; i++) {
        double value = p->kind == ACTIVE_ROWS ? 1 : uniform(t, 0.01, 1);
        set(t, p->s, i, j, uniform(t, 0, 1) < share ? value : 0);
    }
}

/* shape: n, m, D; every system's condition is at most `condition`. */
static problem random_problem(trial *t, system_kind kind, bool wide, double condition)
{
    problem p = {.samples = t->shape[0], .columns = t->shape[1], .inputs = t->shape[2] + 1};
    p.kind = kind;
    p.wide = wide;
    set_kernel(t, &p);
    p.s = kind == SHARED ? NULL : new_operand(t, p.samples, p.columns);
    p.c = new_operand(t, 1, kind == SHARED ? 1 : p.columns);
    p.r = random_operand(t, p.samples, p.columns);
    p.z = t->seed % 2 ? p.r : new_operand(t, p.samples, p.columns);
    for (size_t j = 0; j < p.c->view.columns; j++) {
        if (p.s)
            set_roots(t, &p, j);
        set(t, p.c, 0, j, trace_of(t, &p, j) / condition * uniform(t, 1, 2));
    }
    freeze(p.k);
    freeze(p.c);
    if (p.s)
        freeze(p.s);
    if (p.z != p.r)
        freeze(p.r);
    return p;
}

/* --- the primal system in long double ----------------------------------------------------------
 */

/* b <- A^-1 b, A [order x order] of use no more */
static void solve_dense(long double *a, long double *b, size_t order)
{
    for (size_t k = 0; k < order; k++) {
        for (size_t l = 0; l <= k; l++) {
            long double sum = a[k * order + l];
            for (size_t q = 0; q < l; q++)
                sum -= a[k * order + q] * a[l * order + q];
            a[k * order + l] = l < k ? sum / a[l * order + l] : sqrtl(sum);
        }
        for (size_t q = 0; q < k; q++)
            b[k] -= a[k * order + q] * b[q];
        b[k] /= a[k * order + k];
    }
    for (size_t k = order; k-- > 0;) {
        for (size_t q = k + 1; q < order; q++)
            b[k] -= a[q * order + k] * b[q];
        b[k] /= a[k * order + k];
    }
}

/* (X^T S^2 X + c I)^-1 X^T S r for column j; r: [n x m] without gaps */
static long double *primal_direction(const trial *t, const problem *p, const double *r, size_t j)
{
    size_t order = p->inputs;
    long double *a = calloc(order * order, sizeof *a);
    long double *b = calloc(order, sizeof *b);
    assert_true(a && b);
    for (size_t i = 0; i < p->samples; i++) {
        const double *x = p->x + i * order;
        double s = root_of(t, p, i, j);
        for (size_t k = 0; k < order; k++) {
            b[k] += (long double)(x[k] * s) * r[i * p->columns + j];
            for (size_t l = 0; l <= k; l++)
                a[k * order + l] += (long double)(x[k] * s) * (x[l] * s);
        }
    }
    for (size_t k = 0; k < order; k++)
        a[k * order + k] += get(t, p->c, 0, p->s ? j : 0);
    solve_dense(a, b, order);
    free(a);
    return b;
}

/* |X^T z - direction| <= bound |X| |z| */
static void expect_direction(const trial *t, const problem *p, const double *r, size_t j,
                             double bound)
{
    long double *expected = primal_direction(t, p, r, j);
    double x = 0;
    double z = 0;
    double off = 0;
    for (size_t i = 0; i < p->samples; i++) {
        double value = get(t, p->z, i, j);
        z += value * value;
        expect(t, root_of(t, p, i, j) != 0 || value == 0, "row %zu has s = 0, and Z not", i);
        for (size_t k = 0; k < p->inputs; k++) {
            x += pow(p->x[i * p->inputs + k], 2);
            expected[k] -= p->x[i * p->inputs + k] * value;
        }
    }
    for (size_t k = 0; k < p->inputs; k++)
        off += (double)(expected[k] * expected[k]);
    free(expected);
    expect(t, sqrt(off) <= bound * sqrt(x) * sqrt(z),
           "direction %zu is off by %g of |X| |z|, bound %g", j, sqrt(off / (x * z)), bound);
}

static void expect_directions(trial *t, const problem *p, const double *r, double bound)
{
    for (size_t q = 0; q < MOST_COMPARED && q < p->columns; q++) {
        size_t j = p->columns <= MOST_COMPARED
                       ? q
                       : rfim__random_below(&t->random, (uint32_t)p->columns);
        double c = get(t, p->c, 0, p->s ? j : 0);
        if (c > 0)
            expect_direction(t, p, r, j, bound);
        for (size_t i = 0; c == 0 && i < p->samples; i++)
            expect(t, get(t, p->z, i, j) == 0, "nothing is active in column %zu, but Z is", j);
    }
}

static void holds_for(trial *t, system_kind kind)
{
    double condition = random_condition(t);
    problem p = random_problem(t, kind, t->seed % 3 == 0, condition);
    const double *r = values_of(t, p.r);
    size_t failed = solve(t, &p);
    expect(t, failed == 0, "column %zu is not positive definite", failed);
    if (t->compare)
        expect_directions(t, &p, r, residual_bound(t, p.samples, condition));
}

static void all_rows_property(trial *t)
{
    holds_for(t, ALL_ROWS);
}

static void active_rows_property(trial *t)
{
    holds_for(t, ACTIVE_ROWS);
}

static void shared_property(trial *t)
{
    holds_for(t, SHARED);
}

/* Worked in float64, only the rounding of Z is left: 2 u, and 8 sqrt(n) 2^-53 condition. */
static void wide_property(trial *t)
{
    double condition = 1e7;
    problem p = random_problem(t, (system_kind)(t->seed / 2 % 3), true, condition);
    const double *r = values_of(t, p.r);
    size_t failed = solve(t, &p);
    expect(t, failed == 0, "column %zu is not positive definite", failed);
    if (t->compare)
        expect_directions(t, &p, r,
                          2 * t->unit + 8 * 0x1p-53 * condition * sqrt((double)p.samples + 1));
}

/* Which column is the first whose system a bad number gets into? */
static size_t first_that_uses(const trial *t, const problem *p, size_t i, size_t l)
{
    for (size_t j = 0; j < p->columns; j++)
        if (p->kind == ALL_ROWS || (get(t, p->s, i, j) != 0 && get(t, p->s, l, j) != 0))
            return j + 1;
    return 0;
}

/* shape: n, m, D. NaN or infinity in K, NaN in s or c, a c that is too negative. */
static void broken_property(trial *t)
{
    problem p = random_problem(t, t->seed / 2 % 2 ? ACTIVE_ROWS : ALL_ROWS, t->seed % 3 == 0, 100);
    size_t i = rfim__random_below(&t->random, (uint32_t)p.samples);
    size_t l = rfim__random_below(&t->random, (uint32_t)i + 1);
    size_t bad = rfim__random_below(&t->random, (uint32_t)p.columns);
    size_t expected = bad + 1;
    free(p.k->before);
    free(p.s->before);
    free(p.c->before);
    switch (t->seed / 4 % 5) {
    case 0:
        set(t, p.k, i, l, NAN);
        expected = first_that_uses(t, &p, i, l);
        break;
    case 1:
        set(t, p.k, i, i, INFINITY);
        expected = first_that_uses(t, &p, i, i);
        break;
    case 2:
        set(t, p.s, i, bad, NAN);
        break;
    case 3:
        set(t, p.s, i, bad, 1);
        set(t, p.c, 0, bad, NAN);
        break;
    default:
        set(t, p.s, i, bad, 1);
        set(t, p.c, 0, bad, -2 * trace_of(t, &p, bad) - 1);
        set(t, p.c, 0, p.columns - 1, get(t, p.c, 0, bad));
    }
    freeze(p.k);
    freeze(p.s);
    freeze(p.c);
    size_t failed = solve(t, &p);
    expect(t, failed == expected, "column %zu is reported in place of %zu", failed, expected);
}

/* shape: n, m */
static void broken_shared_property(trial *t)
{
    size_t n = t->shape[0];
    size_t bad = 1 + rfim__random_below(&t->random, (uint32_t)n);
    problem p = {.samples = n, .columns = t->shape[1], .kind = SHARED, .wide = t->seed % 2};
    p.k = lower_operand(t, broken_matrix(t, n, bad), n);
    p.c = new_operand(t, 1, 1);
    p.r = random_operand(t, n, p.columns);
    p.z = new_operand(t, n, p.columns);
    set(t, p.c, 0, 0, 0);
    freeze(p.k);
    freeze(p.r);
    size_t failed = solve(t, &p);
    expect(t, failed == bad, "pivot %zu is reported in place of %zu", failed, bad);
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void over_usual_shapes(backends *all, property holds)
{
    over_backends(all, holds, 128, 49, 90);
    over_backends(all, holds, 50, 80, 80);
    over_backends(all, holds, 1, 1, 0);
    over_backends(all, holds, 1, 33, 5);
    over_backends(all, holds, 2, 16, 70);
    over_backends(all, holds, 5, 17, 2);
    over_backends(all, holds, 9, 15, 20);
    over_backends(all, holds, 10, 40, 3);
    over_shapes(all, holds, 40);
}

static void systems_of_all_rows(void **state)
{
    over_usual_shapes(*state, all_rows_property);
}

static void systems_of_active_rows(void **state)
{
    over_usual_shapes(*state, active_rows_property);
}

static void one_system_for_all_columns(void **state)
{
    over_backends(*state, shared_property, 100, 300, 60);
    over_usual_shapes(*state, shared_property);
}

static void wide_stands_a_condition_that_float32_does_not(void **state)
{
    for (size_t q = 0; q < 6; q++) {
        over_backends(*state, wide_property, 50, 20, 80);
        over_backends(*state, wide_property, 31, 9, 12);
    }
}

static void the_first_column_that_fails_is_named(void **state)
{
    for (size_t q = 0; q < 40; q++)
        over_backends(*state, broken_property, 1 + 3 * q % 37, 1 + 7 * q % 61, 30);
}

static void the_pivot_of_a_shared_system_that_fails_is_named(void **state)
{
    for (size_t n = 1; n < 40; n += 3)
        over_backends(*state, broken_shared_property, n, 3, 0);
}

static void too_many_samples_have_no_room(void **state)
{
    (void)state;
    assert_int_equal(rfim__dual_room(RFIM__MOST_DUAL_ORDER + 1, 1), SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(systems_of_all_rows),
        cmocka_unit_test(systems_of_active_rows),
        cmocka_unit_test(one_system_for_all_columns),
        cmocka_unit_test(wide_stands_a_condition_that_float32_does_not),
        cmocka_unit_test(the_first_column_that_fails_is_named),
        cmocka_unit_test(the_pivot_of_a_shared_system_that_fails_is_named),
        cmocka_unit_test(too_many_samples_have_no_room),
    };
    return cmocka_run_group_tests_name("algebra: dual systems", tests, backends_set_up,
                                       backends_tear_down);
}
