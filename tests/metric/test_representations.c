/* What every representation holds, against the dense oracle. */
#include "conformance.h"

/* Entries of G, relative to sqrt(G_cc G_dd), which bounds the sums of absolute products
 * (Cauchy-Schwarz): n + 40 roundings are 1e-14 in float64, and in float32 4e-6. */
static double entry_tolerance(const trial *t)
{
    return t->algebra->precision == RFIM_DOUBLE ? 1e-12 : 1e-5;
}

static void expect_equal(trial *t, const specimen *s, const double *found, const double *expected,
                         const char *what)
{
    size_t order = s->shape.order;
    for (size_t c = 0; c < order && t->compare; c++) {
        for (size_t d = 0; d < order; d++) {
            double bound = entry_tolerance(t) *
                           sqrt(expected[c * order + c] * expected[d * order + d]);
            double off = fabs(found[c * order + d] - expected[c * order + d]);
            expect(t, off <= bound, "%s, %s, %s: entry %zu %zu is %.17g, not %.17g",
                   s->metric->table->name, cases[t->shape[0]].name, what, c, d,
                   found[c * order + d], expected[c * order + d]);
        }
    }
}

/* Two observations, the second with keep and add. */
static sample_set observe_twice(trial *t, specimen *s, dense_oracle *oracle)
{
    sample_set first = draw(t, s);
    sample_set second = draw(t, s);
    observe(t, s, s->metric, 0, 1, &first);
    observe(t, s, s->metric, 0.75, 0.5, &second);
    oracle_observe(oracle, 0, 1, &first);
    oracle_observe(oracle, 0.75, 0.5, &second);
    return second;
}

static void collect_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    dense_oracle oracle = oracle_create(t, &s.shape);
    observe_twice(t, &s, &oracle);
    const double *expected = oracle_dense(t, &oracle, s.representation);
    const double *found = dense_of(t, &s, s.metric->table->multiply);
    expect_equal(t, &s, found, expected, "collected");
    rfim__metric_free(s.metric);
}

/* The same samples in another order and other pieces. */
static void pieces_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    sample_set drawn = draw(t, &s);
    uint32_t order[MOST_SAMPLES];
    size_t permuted[MOST_SAMPLES];
    for (size_t i = 0; i < drawn.samples; i++)
        order[i] = (uint32_t)i;
    rfim__random_shuffle(&t->random, order, drawn.samples);
    for (size_t i = 0; i < drawn.samples; i++)
        permuted[i] = order[i];
    observe(t, &s, s.metric, 0, 1, &drawn);
    const double *whole = dense_of(t, &s, s.metric->table->multiply);
    rfim__metric_free(s.metric);
    s.metric = metric_of(t, &s);
    observe_in_pieces(t, &s, s.metric, 0, 1, &drawn, permuted,
                      1 + rfim__random_below(&t->random, 4));
    const double *pieces = dense_of(t, &s, s.metric->table->multiply);
    expect_equal(t, &s, pieces, whole, "in pieces");
    rfim__metric_free(s.metric);
}

/* G <- keep G + add H is what observing H's samples would give. */
static void merge_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    dense_oracle oracle = oracle_create(t, &s.shape);
    sample_set mine = draw(t, &s);
    sample_set theirs = draw(t, &s);
    rfim__metric *other = metric_of(t, &s);
    observe(t, &s, s.metric, 0, 1, &mine);
    observe(t, &s, other, 0, 1, &theirs);
    expect(t, s.metric->table->merge(s.metric, 0.5, 1.5, other), "merge was refused");
    oracle_observe(&oracle, 0, 1, &mine);
    oracle_observe(&oracle, 0.5, 1.5, &theirs);
    const double *expected = oracle_dense(t, &oracle, s.representation);
    expect_equal(t, &s, dense_of(t, &s, s.metric->table->multiply), expected, "merged");
    rfim__metric_free(other);
    rfim__metric_free(s.metric);
}

/* scale I, or nothing where samples are kept; keep = 0 forgets even what is not a number. */
static void reset_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    size_t order = s.shape.order;
    dense_oracle oracle = oracle_create(t, &s.shape);
    double *identity = new_values(t, order * order);
    double scale = s.metric->table->samples ? 0 : 2.5;
    const double *nothing = dense_of(t, &s, s.metric->table->multiply);
    for (size_t c = 0; c < order * order; c++)
        expect(t, nothing[c] == 0, "a new metric is not empty");
    observe_twice(t, &s, &oracle);
    s.metric->table->set_identity(s.metric, scale);
    for (size_t c = 0; c < order; c++)
        identity[c * order + c] = scale;
    expect_equal(t, &s, dense_of(t, &s, s.metric->table->multiply), identity, "reset");
    if (!s.metric->table->samples)
        s.metric->table->set_identity(s.metric, NAN);
    oracle = oracle_create(t, &s.shape);
    sample_set again = draw(t, &s);
    observe(t, &s, s.metric, 0, 1, &again);
    oracle_observe(&oracle, 0, 1, &again);
    const double *expected = oracle_dense(t, &oracle, s.representation);
    expect_equal(t, &s, dense_of(t, &s, s.metric->table->multiply), expected, "after a reset");
    rfim__metric_free(s.metric);
}

/* What is collected survives as the tensors that a file holds. */
static void tensors_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    dense_oracle oracle = oracle_create(t, &s.shape);
    observe_twice(t, &s, &oracle);
    const double *before = dense_of(t, &s, s.metric->table->multiply);
    rfim__metric *other = metric_of(t, &s);
    rfim__metric_tensor from[RFIM__METRIC_TENSORS];
    rfim__metric_tensor to[RFIM__METRIC_TENSORS];
    size_t count = s.metric->table->tensors(s.metric, from);
    expect(t, count == other->table->tensors(other, to) && count > 0, "%zu tensors", count);
    for (size_t i = 0; i < count; i++) {
        rfim__matrix x = rfim__rows(t->algebra, *from[i].matrix, 0, from[i].rows);
        rfim__matrix y = rfim__rows(t->algebra, *to[i].matrix, 0, from[i].rows);
        t->algebra->ops.combine(t->algebra, 1, x, 0, x, y);
    }
    if (other->table->filled)
        other->table->filled(other, from[0].rows);
    rfim__metric_free(s.metric);
    s.metric = other;
    const double *after = dense_of(t, &s, s.metric->table->multiply);
    for (size_t c = 0; c < s.shape.order * s.shape.order; c++)
        expect(t, after[c] == before[c], "tensor by tensor, %s lost something",
               s.metric->table->name);
    rfim__metric_free(s.metric);
}

/* diagonal, |G|_F^2, and a product with any vector */
static void look_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    size_t order = s.shape.order;
    dense_oracle oracle = oracle_create(t, &s.shape);
    observe_twice(t, &s, &oracle);
    const double *g = oracle_dense(t, &oracle, s.representation);
    double *diagonal = new_values(t, order);
    double *v = new_values(t, order);
    double *product = new_values(t, order);
    double squares = 0;
    s.metric->table->diagonal(s.metric, s.out);
    gather(t, &s, s.out, diagonal);
    random_vector(t, order, v);
    apply(t, &s, s.metric->table->multiply, v, product);
    for (size_t c = 0; c < order && t->compare; c++) {
        double expected = 0;
        double size = 0;
        for (size_t d = 0; d < order; d++) {
            squares += g[c * order + d] * g[c * order + d];
            expected += g[c * order + d] * v[d];
            size += sqrt(g[c * order + c] * g[d * order + d]) * fabs(v[d]);
        }
        expect(t, fabs(diagonal[c] - g[c * order + c]) <= entry_tolerance(t) * g[c * order + c],
               "%s: diagonal %zu is %.17g, not %.17g", s.metric->table->name, c, diagonal[c],
               g[c * order + c]);
        expect(t, fabs(product[c] - expected) <= entry_tolerance(t) * size,
               "%s: G v %zu is %.17g, not %.17g", s.metric->table->name, c, product[c], expected);
    }
    double found = tell(t, s.metric->table->squares(s.metric));
    expect(t, !t->compare || fabs(found - squares) <= 2 * entry_tolerance(t) * squares,
           "%s: |G|^2 is %.17g, not %.17g", s.metric->table->name, found, squares);
    rfim__metric_free(s.metric);
}

/* Eigenvalues move by at most |E|_2 (Weyl); here E is the error of the entries. */
static void spectrum_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    size_t order = s.shape.order;
    dense_oracle oracle = oracle_create(t, &s.shape);
    observe_twice(t, &s, &oracle);
    double *found = new_values(t, order);
    expect(t, s.metric->table->spectrum(s.metric, found), "%s: no eigenvalues",
           s.metric->table->name);
    for (size_t c = 0; c < order; c++)
        for (size_t d = 0; d < 16 && c == 0; d++)
            tell(t, found[d % order]);
    if (t->compare) {
        qsort(found, order, sizeof *found, ascending);
        const double *expected = eigenvalues(t, oracle_dense(t, &oracle, s.representation), order);
        for (size_t c = 0; c < order; c++)
            expect(t, fabs(found[c] - expected[c]) <= entry_tolerance(t) * largest(expected, order),
                   "%s: eigenvalue %zu is %.17g, not %.17g", s.metric->table->name, c, found[c],
                   expected[c]);
    }
    rfim__metric_free(s.metric);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void every_representation_holds_what_the_definition_says(void **state)
{
    over_representations(*state, collect_property);
}

static void pieces_and_order_of_samples_do_not_matter(void **state)
{
    over_representations(*state, pieces_property);
}

static void merging_is_like_observing(void **state)
{
    over_representations(*state, merge_property);
}

static void a_reset_metric_is_a_multiple_of_the_identity(void **state)
{
    over_representations(*state, reset_property);
}

static void tensors_hold_everything(void **state)
{
    over_representations(*state, tensors_property);
}

static void products_diagonal_and_norm_agree_with_the_dense_matrix(void **state)
{
    over_representations(*state, look_property);
}

static void the_spectrum_is_that_of_the_dense_matrix(void **state)
{
    over_representations(*state, spectrum_property);
}

/* Which shapes each can hold (docs/mathematics.md 6). */
static void shapes_that_do_not_fit_are_not_held(void **state)
{
    (void)state;
    static const bool expected[RFIM_REPRESENTATIONS][CASES] = {
        [RFIM_SHARED] = {true},
        [RFIM_NEURON] = {true, true, true, true, true, true, true, false},
        [RFIM_KRONECKER] = {true, true, true, true},
        [RFIM_SOFTMAX] = {false, false, true},
        [RFIM_DENSE] = {true, true, true, true, true, true, true, true},
        [RFIM_DIAGONAL] = {true, true, true, true, true, true, true, true},
        [RFIM_GRAM] = {true, true, false, true, true, true, true, true}, /* softmax does */
    };
    for (size_t r = 0; r < RFIM_REPRESENTATIONS; r++) {
        for (size_t c = 0; c < CASES && rfim__metric_tables[r]; c++) {
            rfim__part parts[MOST_PARTS] = {{.kind = cases[c].kinds[0], .rows = 2, .columns = 2}};
            rfim__shape shape = {.parts = parts, .count = cases[c].count, .order = 4};
            shape.curvature = cases[c].curvature;
            if (rfim__metric_tables[r]->holds(&shape) != expected[r][c])
                fail_msg("%s and %s", rfim__metric_tables[r]->name, cases[c].name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_representation_holds_what_the_definition_says),
        cmocka_unit_test(pieces_and_order_of_samples_do_not_matter),
        cmocka_unit_test(merging_is_like_observing),
        cmocka_unit_test(a_reset_metric_is_a_multiple_of_the_identity),
        cmocka_unit_test(tensors_hold_everything),
        cmocka_unit_test(products_diagonal_and_norm_agree_with_the_dense_matrix),
        cmocka_unit_test(the_spectrum_is_that_of_the_dense_matrix),
        cmocka_unit_test(shapes_that_do_not_fit_are_not_held),
    };
    return cmocka_run_group_tests_name("metric: representations", tests, representations_set_up,
                                       backends_tear_down);
}
