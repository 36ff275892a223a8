/* Transposed Jacobians times vectors, of every module and activation: against tangents by
 * <e, J v> = <J^T e, v>, against pulled-back metrics, and sample by sample. Inference mode holds
 * the statistics of batch normalisation constant, as both do. */
#include "network/small_network.h"

#include <stdio.h>

#define SAMPLES 6
#define MODULES 4

static const char *const activations[] = {
    "linear",        "relu", "relu iota=0.1",
    "elu alpha=0.7", "tanh", "sigm",
    "gelu",          "silu", "softplus iota=0.1 omega=0.5",
    "sin",
};
#define ACTIVATIONS (sizeof activations / sizeof *activations)

/* Sums of at most 42 products of numbers near 1, relative to the sum of their sizes. */
static const double tolerances[] = {[RFIM_SINGLE] = 1e-5, [RFIM_DOUBLE] = 1e-12};

typedef struct example {
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    rfim__algebra *algebra;
    const char *what;
    double tolerance;
} example;

static void set_up(example *e, const char *activation, rfim_precision precision)
{
    char text[160];
    snprintf(text, sizeof text,
             "input 4; batchnorm eps=0.1; linear 5 %s; activation %s; linear 3 %s; loss squared",
             activation, activation, activation);
    e->what = activation;
    e->tolerance = tolerances[precision];
    e->context = small_context(RFIM_KERNELS_AUTOMATIC);
    e->network = small_network(e->context, text, precision, 4);
    e->algebra = e->network->algebra;
    shake(e->network, 2);
    must(e->context, rfim_trace_create(e->network, SAMPLES, &e->trace));
    double *inputs = make_normal(11, 1, SAMPLES * 4);
    must(e->context, rfim_trace_forward(e->trace, rfim_doubles(inputs, SAMPLES, 4)));
    rfim__trace_pass(e->trace, RFIM__INFER);
    free(inputs);
}

static void tear_down(example *e)
{
    rfim_trace_free(e->trace);
    rfim_network_free(e->network);
    rfim_context_free(e->context);
}

/* Normal numbers in the network's precision; the caller frees the data. */
static rfim__matrix make_matrix(const example *e, uint64_t seed, size_t rows, size_t columns)
{
    rfim__matrix x = {NULL, rows, columns, rfim__stride(columns)};
    double *values = make_normal(seed, 1, rows * columns);
    x.data = calloc(rows * x.stride + 1, e->algebra->item);
    e->algebra->ops.import(e->algebra, values, x);
    free(values);
    return x;
}

static rfim__matrix copy_of(const example *e, rfim__matrix x)
{
    rfim__matrix y = make_matrix(e, 1, x.rows, x.columns);
    e->algebra->ops.combine(e->algebra, 1, x, 0, x, y);
    return y;
}

static double inner(const example *e, rfim__matrix x, rfim__matrix y)
{
    return e->algebra->ops.dot(e->algebra, x, y);
}

static void expect_same(const example *e, size_t l, rfim__matrix found, rfim__matrix expected,
                        double tolerance)
{
    for (size_t i = 0; i < expected.rows; i++)
        for (size_t j = 0; j < expected.columns; j++)
            if (!(fabs(at(e->network, found, i, j) - at(e->network, expected, i, j)) <= tolerance))
                fail_msg("%s, module %zu (%zu,%zu): %.15g, expected %.15g", e->what, l, i, j,
                         at(e->network, found, i, j), at(e->network, expected, i, j));
}

/* Calls `check` for every module of every network. */
static void over_modules(void (*check)(example *e, size_t l))
{
    for (size_t a = 0; a < ACTIVATIONS; a++) {
        for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
            example e;
            set_up(&e, activations[a], (rfim_precision)precision);
            assert_int_equal(e.network->count, MODULES);
            for (size_t l = 0; l < MODULES; l++)
                check(&e, l);
            tear_down(&e);
        }
    }
}

/* <e, J v> = <J^T e, v> for the input, and through t for the weights of a layer:
 * <e, J dW> = <x~^T delta, dW>. */
static void check_adjoint(example *e, size_t l)
{
    const rfim__module *module = &e->network->modules[l];
    const rfim__slot *slot = &e->trace->slots[l];
    rfim__matrix still = {0};
    rfim__matrix dx = make_matrix(e, 31, SAMPLES, module->inputs);
    rfim__matrix dw = make_matrix(e, 32, module->parameters.rows, module->outputs);
    rfim__matrix cotangent = make_matrix(e, 33, SAMPLES, module->outputs);
    rfim__matrix delta = copy_of(e, cotangent);
    rfim__matrix back = make_matrix(e, 34, SAMPLES, module->inputs);
    rfim__matrix moved = make_matrix(e, 35, SAMPLES, module->outputs);
    module->table->pull_back(e->algebra, module, slot, false, delta, back);
    module->table->tangent(e->algebra, module, slot, dx, still, moved);
    double forward = inner(e, cotangent, moved);
    double backward = inner(e, back, dx);
    double size = sqrt(inner(e, cotangent, cotangent) * inner(e, moved, moved)) + 0.01;
    if (!(fabs(forward - backward) <= e->tolerance * size))
        fail_msg("%s, module %zu: <e, J v> = %.15g, <J^T e, v> = %.15g", e->what, l, forward,
                 backward);
    if (module->table == &rfim__linear_module) {
        rfim__matrix gradient = make_matrix(e, 36, module->parameters.rows, module->outputs);
        e->algebra->ops.gemm(e->algebra, RFIM__TRANSPOSED, RFIM__PLAIN, 1, slot->input, delta, 0,
                             gradient);
        module->table->tangent(e->algebra, module, slot, still, dw, moved);
        forward = inner(e, cotangent, moved);
        backward = inner(e, gradient, dw);
        size = sqrt(inner(e, cotangent, cotangent) * inner(e, moved, moved)) + 0.01;
        if (!(fabs(forward - backward) <= e->tolerance * size))
            fail_msg("%s, weights of module %zu: <e, J v> = %.15g, <J^T e, v> = %.15g", e->what, l,
                     forward, backward);
        free(gradient.data);
    }
    free(dx.data);
    free(dw.data);
    free(cotangent.data);
    free(delta.data);
    free(back.data);
    free(moved.data);
}

static void vectors_are_pulled_back_by_the_transposed_jacobian(void **state)
{
    (void)state;
    over_modules(check_adjoint);
}

/* P = sum_r p_r p_r^T: its pull-back is the same sum over the pulled-back p_r. */
static void check_metric(example *e, size_t l)
{
    enum { RANK = 2 };
    const rfim__module *module = &e->network->modules[l];
    const rfim__slot *slot = &e->trace->slots[l];
    size_t d = module->inputs;
    size_t m = module->outputs;
    rfim__matrix p = make_matrix(e, 41, m, m);
    rfim__matrix room_p = make_matrix(e, 42, m, m);
    rfim__matrix room = make_matrix(e, 43, d, m);
    rfim__matrix found = make_matrix(e, 44, d, d);
    rfim__matrix expected = make_matrix(e, 45, d, d);
    for (size_t i = 0; i < SAMPLES; i++) {
        rfim__slot one = rfim__slot_rows(e->algebra, slot, i, 1);
        for (size_t r = 0; r < RANK; r++) {
            rfim__matrix vector = make_matrix(e, 46 + r, 1, m);
            rfim__matrix back = make_matrix(e, 48, 1, d);
            double keep = r == 0 ? 0 : 1;
            e->algebra->ops.gemm(e->algebra, RFIM__TRANSPOSED, RFIM__PLAIN, 1, vector, vector, keep,
                                 p);
            module->table->pull_back(e->algebra, module, &one, false, vector, back);
            e->algebra->ops.gemm(e->algebra, RFIM__TRANSPOSED, RFIM__PLAIN, 1, back, back, keep,
                                 expected);
            free(vector.data);
            free(back.data);
        }
        module->table->pull_back_metric(e->algebra, module, slot, i, p, room_p, room, found);
        double size = sqrt(inner(e, expected, expected)) + 0.01;
        expect_same(e, l, found, expected, e->tolerance * size);
    }
    free(p.data);
    free(room_p.data);
    free(room.data);
    free(found.data);
    free(expected.data);
}

static void pulled_back_metrics_are_made_of_pulled_back_vectors(void **state)
{
    (void)state;
    over_modules(check_metric);
}

/* In two halves: first to t, then from t on, which is what metrics at a pre-activation start with;
 * without an input that is asked for, only the first half is done. */
static void check_halves(example *e, size_t l)
{
    const rfim__module *module = &e->network->modules[l];
    const rfim__slot *slot = &e->trace->slots[l];
    rfim__matrix nowhere = {0};
    rfim__matrix whole = make_matrix(e, 51, SAMPLES, module->outputs);
    rfim__matrix half = copy_of(e, whole);
    rfim__matrix before = copy_of(e, whole);
    rfim__matrix back = make_matrix(e, 52, SAMPLES, module->inputs);
    rfim__matrix again = make_matrix(e, 53, SAMPLES, module->inputs);
    module->table->pull_back(e->algebra, module, slot, false, whole, back);
    module->table->pull_back(e->algebra, module, slot, false, half, nowhere);
    expect_same(e, l, half, whole, 0);
    module->table->pull_back(e->algebra, module, slot, true, half, again);
    expect_same(e, l, half, whole, 0);
    expect_same(e, l, again, back, 0);
    if (module->table == &rfim__batch_norm_module)
        expect_same(e, l, whole, before, 0);
    free(whole.data);
    free(half.data);
    free(before.data);
    free(back.data);
    free(again.data);
}

static void the_way_to_the_preactivation_and_from_it_are_the_whole_way(void **state)
{
    (void)state;
    over_modules(check_halves);
}

/* Samples do not see each other: a part of them gives the rows of the whole, up to the rounding of
 * sums that another shape orders differently. */
static void check_part(example *e, size_t l)
{
    const rfim__module *module = &e->network->modules[l];
    const rfim__slot *slot = &e->trace->slots[l];
    rfim__matrix whole = make_matrix(e, 61, SAMPLES, module->outputs);
    rfim__matrix given = copy_of(e, whole);
    rfim__matrix back = make_matrix(e, 62, SAMPLES, module->inputs);
    module->table->pull_back(e->algebra, module, slot, false, whole, back);
    for (size_t first = 0; first < SAMPLES; first += 2) {
        rfim__slot part = rfim__slot_rows(e->algebra, slot, first, 2);
        rfim__matrix few = make_matrix(e, 63, 2, module->inputs);
        rfim__matrix vectors = rfim__rows(e->algebra, given, first, 2);
        assert_int_equal(part.input.rows, 2);
        assert_int_equal(part.output.rows, 2);
        module->table->pull_back(e->algebra, module, &part, false, vectors, few);
        expect_same(e, l, vectors, rfim__rows(e->algebra, whole, first, 2), 0);
        expect_same(e, l, few, rfim__rows(e->algebra, back, first, 2), 10 * e->tolerance);
        free(few.data);
    }
    free(whole.data);
    free(given.data);
    free(back.data);
}

static void a_part_of_the_samples_gives_their_rows(void **state)
{
    (void)state;
    over_modules(check_part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_pulled_back_by_the_transposed_jacobian),
        cmocka_unit_test(pulled_back_metrics_are_made_of_pulled_back_vectors),
        cmocka_unit_test(the_way_to_the_preactivation_and_from_it_are_the_whole_way),
        cmocka_unit_test(a_part_of_the_samples_gives_their_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
