/* Tangents and pulled-back metrics of every module and activation, in float64. Tangents against
 * sixth-order central differences of the module's own forward pass, and against its backward pass
 * by <e, J v> = <J^T e, v>; pulled-back metrics against J^T P J with J column by column from
 * tangents. Inference mode holds the statistics of batch normalisation constant, as tangents do. */
#include "network/small_network.h"

#include <stdio.h>

#define SAMPLES 3
#define STEP 1e-3

/* Differences of step 1e-3: the formula's error is about 1e-18 f^(7), rounding 1e-13. */
#define DIFFERENCE_TOLERANCE 1e-10
/* Sums of at most 20 products of numbers near 1. */
#define EXACT_TOLERANCE 1e-13

static const char *const activations[] = {
    "linear", "relu", "relu iota=0.1", "elu",  "elu alpha=0.7",
    "tanh",   "sigm", "gelu",          "silu", "softplus iota=0.1 omega=0.5",
    "sin",
};

#define MODULES 3
#define ACTIVATIONS (sizeof activations / sizeof *activations)

typedef struct example {
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    rfim__algebra *algebra;
} example;

/* A norm, the activation alone, a linear module with the activation. */
static void set_up(example *e, const char *activation)
{
    char text[160];
    snprintf(text, sizeof text,
             "input 4; batchnorm eps=0.1; activation %s; linear 5 %s; loss squared", activation,
             activation);
    e->context = small_context(RFIM_KERNELS_AUTOMATIC);
    e->network = small_network(e->context, text, RFIM_DOUBLE, 4);
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

static rfim__matrix make_matrix(uint64_t seed, size_t rows, size_t columns)
{
    rfim__matrix x = {NULL, rows, columns, rfim__stride(columns)};
    x.data = make_normal(seed, 1, rows * x.stride);
    return x;
}

static double *item(rfim__matrix x, size_t i, size_t j)
{
    return (double *)x.data + i * x.stride + j;
}

static rfim__matrix columns_of(const example *e, rfim__matrix x, size_t count)
{
    return rfim__columns(e->algebra, x, 0, count);
}

static double inner(const example *e, rfim__matrix x, rfim__matrix y)
{
    return e->algebra->ops.dot(e->algebra, x, y);
}

/* The tangent of module l along (dx, dw), into a matrix that the caller frees. */
static rfim__matrix tangent_of(example *e, size_t l, rfim__matrix dx, rfim__matrix dw)
{
    const rfim__module *module = &e->network->modules[l];
    rfim__matrix out = make_matrix(99, SAMPLES, module->outputs);
    module->table->tangent(e->algebra, module, &e->trace->slots[l], dx, dw, out);
    return out;
}

static void move(example *e, rfim__matrix x, double step, rfim__matrix direction)
{
    if (direction.data)
        e->algebra->ops.combine(e->algebra, 1, x, step, direction, x);
}

static rfim__matrix difference_of(example *e, size_t l, rfim__matrix dx, rfim__matrix dw)
{
    static const double shifts[] = {-3, -2, -1, 1, 2, 3};
    static const double weights[] = {-1, 9, -45, 45, -9, 1};
    const rfim__module *module = &e->network->modules[l];
    rfim__slot *slot = &e->trace->slots[l];
    rfim__matrix x = columns_of(e, slot->input, module->inputs);
    rfim__matrix out = make_matrix(98, SAMPLES, module->outputs);
    e->algebra->ops.fill(e->algebra, 0, out);
    for (size_t s = 0; s < 6; s++) {
        move(e, x, shifts[s] * STEP, dx);
        move(e, module->parameters, shifts[s] * STEP, dw);
        module->table->forward(e->algebra, module, slot, RFIM__INFER);
        move(e, out, weights[s] / (60 * STEP), columns_of(e, slot->output, module->outputs));
        move(e, x, -shifts[s] * STEP, dx);
        move(e, module->parameters, -shifts[s] * STEP, dw);
    }
    module->table->forward(e->algebra, module, slot, RFIM__INFER);
    return out;
}

static void expect_near(rfim__matrix found, rfim__matrix expected, double tolerance,
                        const char *what)
{
    double scale = 0.01; /* so that zeros may be off by rounding */
    for (size_t i = 0; i < expected.rows; i++)
        for (size_t j = 0; j < expected.columns; j++)
            scale = fmax(scale, fabs(*item(expected, i, j)));
    for (size_t i = 0; i < expected.rows; i++)
        for (size_t j = 0; j < expected.columns; j++)
            if (!(fabs(*item(found, i, j) - *item(expected, i, j)) <= tolerance * scale))
                fail_msg("%s (%zu,%zu): %.15g, expected %.15g", what, i, j, *item(found, i, j),
                         *item(expected, i, j));
}

static void compare_with_differences(example *e, size_t l, bool with_x, bool with_w,
                                     const char *what)
{
    const rfim__module *module = &e->network->modules[l];
    rfim__matrix dx = {0};
    rfim__matrix dw = {0};
    if (with_x)
        dx = make_matrix(21, SAMPLES, module->inputs);
    if (with_w)
        dw = make_matrix(22, module->parameters.rows, module->outputs);
    rfim__matrix found = tangent_of(e, l, dx, dw);
    rfim__matrix expected = difference_of(e, l, dx, dw);
    expect_near(found, expected, DIFFERENCE_TOLERANCE, what);
    free(found.data);
    free(expected.data);
    free(dx.data);
    free(dw.data);
}

static void tangents_are_what_differences_say(void **state)
{
    (void)state;
    for (size_t a = 0; a < ACTIVATIONS; a++) {
        example e;
        set_up(&e, activations[a]);
        for (size_t l = 0; l < MODULES; l++) {
            compare_with_differences(&e, l, true, false, activations[a]);
            compare_with_differences(&e, l, false, true, activations[a]);
            compare_with_differences(&e, l, true, true, activations[a]);
            compare_with_differences(&e, l, false, false, activations[a]);
        }
        tear_down(&e);
    }
}

/* <e, J v> = <J^T e, v>. Batch normalisation: the parameters only, as its backward pass to the
 * input goes through the batch's statistics. */
static void tangents_and_backward_passes_are_adjoint(void **state)
{
    (void)state;
    for (size_t a = 0; a < ACTIVATIONS; a++) {
        example e;
        set_up(&e, activations[a]);
        for (size_t l = 0; l < MODULES; l++) {
            const rfim__module *module = &e.network->modules[l];
            rfim__slot *slot = &e.trace->slots[l];
            bool through = module->table != &rfim__batch_norm_module;
            rfim__matrix dx = {0};
            rfim__matrix dw = make_matrix(32, module->parameters.rows, module->outputs);
            rfim__matrix cotangent = make_matrix(33, SAMPLES, module->outputs);
            rfim__matrix back = make_matrix(34, SAMPLES, module->inputs);
            if (through)
                dx = make_matrix(31, SAMPLES, module->inputs);
            rfim__matrix moved = tangent_of(&e, l, dx, dw);
            e.algebra->ops.combine(e.algebra, 1, cotangent, 0, cotangent, slot->delta);
            module->table->backward(e.algebra, module, slot, back);
            slot->gradient_formed = !module->table->product;
            rfim__trace_gradient(e.trace, l);
            double forward = inner(&e, cotangent, moved);
            double backward = SAMPLES * inner(&e, slot->gradient, dw);
            if (through)
                backward += inner(&e, back, dx);
            assert_true(!through || fabs(forward) > 0.01);
            if (!(fabs(forward - backward) <= EXACT_TOLERANCE * 20))
                fail_msg("%s, module %zu: <e, J v> = %.15g, <J^T e, v> = %.15g", activations[a], l,
                         forward, backward);
            free(dx.data);
            free(dw.data);
            free(cotangent.data);
            free(back.data);
            free(moved.data);
        }
        tear_down(&e);
    }
}

/* P = B B^T with B [m x (m-1)]: symmetric, positive semi-definite, singular. */
static rfim__matrix make_metric(example *e, size_t m)
{
    rfim__matrix b = make_matrix(41, m, m - 1);
    rfim__matrix p = make_matrix(42, m, m);
    e->algebra->ops.gemm(e->algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1, b, b, 0, p);
    free(b.data);
    return p;
}

/* J of sample i, [m x d], by tangents along the axes. */
static rfim__matrix jacobian(example *e, size_t l, size_t sample)
{
    const rfim__module *module = &e->network->modules[l];
    rfim__matrix nothing = {0};
    rfim__matrix jacobian = make_matrix(43, module->outputs, module->inputs);
    for (size_t k = 0; k < module->inputs; k++) {
        rfim__matrix dx = make_matrix(44, SAMPLES, module->inputs);
        e->algebra->ops.fill(e->algebra, 0, dx);
        *item(dx, sample, k) = 1;
        rfim__matrix moved = tangent_of(e, l, dx, nothing);
        for (size_t j = 0; j < module->outputs; j++)
            *item(jacobian, j, k) = *item(moved, sample, j);
        free(dx.data);
        free(moved.data);
    }
    return jacobian;
}

static void metrics_are_pulled_back_by_the_jacobian(void **state)
{
    (void)state;
    for (size_t a = 0; a < ACTIVATIONS; a++) {
        example e;
        set_up(&e, activations[a]);
        for (size_t l = 0; l < MODULES; l++) {
            const rfim__module *module = &e.network->modules[l];
            size_t d = module->inputs;
            size_t m = module->outputs;
            rfim__matrix p = make_metric(&e, m);
            rfim__matrix found = make_matrix(51, d, d);
            rfim__matrix expected = make_matrix(52, d, d);
            rfim__matrix room_p = make_matrix(53, m, m);
            rfim__matrix room = make_matrix(54, d, m);
            rfim__matrix half = make_matrix(55, m, d);
            for (size_t i = 0; i < SAMPLES; i++) {
                rfim__matrix j = jacobian(&e, l, i);
                e.algebra->ops.gemm(e.algebra, RFIM__PLAIN, RFIM__PLAIN, 1, p, j, 0, half);
                e.algebra->ops.gemm(e.algebra, RFIM__TRANSPOSED, RFIM__PLAIN, 1, j, half, 0,
                                    expected);
                module->table->pull_back_metric(e.algebra, module, &e.trace->slots[l], i, p, room_p,
                                                room, found);
                expect_near(found, expected, EXACT_TOLERANCE, activations[a]);
                free(j.data);
            }
            free(p.data);
            free(found.data);
            free(expected.data);
            free(room_p.data);
            free(room.data);
            free(half.data);
        }
        tear_down(&e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tangents_are_what_differences_say),
        cmocka_unit_test(tangents_and_backward_passes_are_adjoint),
        cmocka_unit_test(metrics_are_pulled_back_by_the_jacobian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
