/* Every form of a damped system is one dense float64 solve of it (dense_forms.h), with every set of
 * kernels, and has the same bits for any number of threads. */
#include "optimizer/dense_forms.h"

static const struct {
    rfim_representation representation;
    const char *memory;
    const char *form;
    const char *activation;
} cases[] = {
    {RFIM_SHARED, "ema", "gradient", "relu"},
    {RFIM_SHARED, "ema", "inputs", "tanh"},
    {RFIM_SHARED, "batch", "gradient", "relu"},
    {RFIM_SHARED, "batch", "inputs", "relu"},
    {RFIM_SHARED, "batch", "dual", "tanh"},
    {RFIM_SHARED, "prior+batch", "dual", "relu"},
    {RFIM_NEURON, "ema", "gradient", "relu"},
    {RFIM_NEURON, "ema", "gradient", "tanh"},
    {RFIM_NEURON, "batch", "gradient", "relu"},
    {RFIM_NEURON, "batch", "dual", "relu"},
    {RFIM_NEURON, "batch", "dual", "tanh"},
    {RFIM_NEURON, "batch", "dual", "relu omega=0"},
    {RFIM_NEURON, "batch", "active", "relu omega=0"},
    {RFIM_NEURON, "prior+batch", "dual", "tanh"},
    {RFIM_NEURON, "prior+batch", "dual", "relu"},
    {RFIM_NEURON, "prior+batch", "active", "relu omega=0"},
};

static const struct {
    size_t n, d, m;
} shapes[] = {{1, 5, 3}, {7, 20, 17}, {30, 12, 5}, {24, 40, 33}, {50, 3, 1}, {32, 34, 16}};

static const struct {
    rfim_damping_rule rule;
    double damping;
} dampings[] = {{RFIM_DAMPING_TRACE, 1e-2},
                {RFIM_DAMPING_MEAN_DIAGONAL, 1e-2},
                {RFIM_DAMPING_DIAGONAL, 1e-2},
                {RFIM_DAMPING_ABSOLUTE, 0.03}};

static bool is_dual(const char *form)
{
    return strcmp(form, "dual") == 0 || strcmp(form, "active") == 0;
}

static void every_form_is_the_dense_solve(void **state)
{
    (void)state;
    size_t done = 0;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        for (size_t shape = 0; shape < sizeof shapes / sizeof *shapes; shape++) {
            for (size_t r = 0; r < sizeof dampings / sizeof *dampings; r++) {
                bool hard = strcmp(cases[c].form, "active") == 0;
                if (is_dual(cases[c].form) && strcmp(cases[c].memory, "batch") == 0 &&
                    (dampings[r].rule == RFIM_DAMPING_DIAGONAL ||
                     shapes[shape].n + 3 > shapes[shape].d + 1))
                    continue; /* refused: test_plan_layers.c */
                for (int kind = RANDOM; kind <= DEAD_OUTPUTS; kind++) {
                    example e = {cases[c].activation,
                                 cases[c].representation,
                                 cases[c].memory,
                                 cases[c].form,
                                 dampings[r].rule,
                                 dampings[r].damping,
                                 hard || (done % 2) ? 1 : 0.7,
                                 shapes[shape].n,
                                 shapes[shape].d,
                                 shapes[shape].m,
                                 (data_kind)kind};
                    check(&e, RFIM_DOUBLE, RFIM_KERNELS_AUTOMATIC);
                    check(&e, RFIM_SINGLE, RFIM_KERNELS_AUTOMATIC);
                    done++;
                }
            }
        }
    }
    assert_true(done > 1000);
}

/* Where float32 factors would lose more than 1e-3, they are worked out in float64. */
static void little_damping_takes_float64_factors(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        if (strcmp(cases[c].memory, "prior+batch") == 0)
            continue;
        example e = {cases[c].activation,
                     cases[c].representation,
                     cases[c].memory,
                     cases[c].form,
                     RFIM_DAMPING_TRACE,
                     1e-5,
                     1,
                     20,
                     24,
                     9,
                     RANDOM};
        subject s;
        set_up(&s, &e, RFIM_SINGLE, RFIM_KERNELS_AUTOMATIC, 1);
        assert_true(rfim__rngd_form(s.optimizer, 0)->plan.wide);
        tear_down(&s);
        check(&e, RFIM_SINGLE, RFIM_KERNELS_AUTOMATIC);
    }
}

/* Case c on a shape and data that every form takes. */
static example example_of(size_t c)
{
    return (example){cases[c].activation,
                     cases[c].representation,
                     cases[c].memory,
                     cases[c].form,
                     RFIM_DAMPING_TRACE,
                     1e-2,
                     1,
                     24,
                     40,
                     33,
                     DUPLICATES};
}

/* Each set of kernels by itself is within the tolerance of the dense solve. */
static void every_set_of_kernels_gives_the_dense_solve(void **state)
{
    (void)state;
    for (int kernels = RFIM_KERNELS_PORTABLE; kernels <= (int)rfim__cpu_kernels(); kernels++) {
        for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
            example e = example_of(c);
            check(&e, RFIM_DOUBLE, (rfim_kernels)kernels);
            check(&e, RFIM_SINGLE, (rfim_kernels)kernels);
        }
    }
}

static void bits_do_not_depend_on_the_number_of_threads(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        example e = example_of(c);
        size_t count = (e.d + 1) * e.m;
        double *expected = NULL;
        for (size_t threads = 1; threads <= 4; threads++) {
            subject s;
            set_up(&s, &e, RFIM_SINGLE, RFIM_KERNELS_AUTOMATIC, threads);
            double *found = direction_of(&s);
            if (!expected)
                expected = found;
            assert_memory_equal(found, expected, count * sizeof *found);
            if (found != expected)
                free(found);
            tear_down(&s);
        }
        free(expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_the_dense_solve),
        cmocka_unit_test(little_damping_takes_float64_factors),
        cmocka_unit_test(every_set_of_kernels_gives_the_dense_solve),
        cmocka_unit_test(bits_do_not_depend_on_the_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
