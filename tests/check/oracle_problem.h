/* oracle_problem.h - small made-up networks for the oracle, and what its answers are held against.
 */
#ifndef RFIM_TESTS_CHECK_ORACLE_PROBLEM_H
#define RFIM_TESTS_CHECK_ORACLE_PROBLEM_H

#include "check/oracle/dense.h"
#include "check/oracle/oracle.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST_MODULES 4
#define MOST_NUMBERS 128 /* of a module's parameters, of all inputs, of theta */

static inline void *heap_allocate(void *user, size_t bytes)
{
    (void)user;
    return malloc(bytes);
}

static inline void heap_release(void *user, void *block)
{
    (void)user;
    assert_non_null(block);
    free(block);
}

static const rfim__oracle_memory heap = {heap_allocate, heap_release, NULL};

/* Numbers on (-1, 1), the same for a seed everywhere. */
static inline double made_up(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    uint64_t z = (*state ^ (*state >> 33)) * 0xff51afd7ed558ccdu;
    return (double)(int64_t)(z ^ (z >> 29)) / 9223372036854775808.;
}

typedef struct subject {
    uint64_t state;
    rfim__oracle_module modules[MOST_MODULES];
    double parameters[MOST_MODULES][MOST_NUMBERS];
    double mean[MOST_MODULES][16];
    double scale[MOST_MODULES][16];
    double x[MOST_NUMBERS];
    rfim__oracle_entry theta[MOST_NUMBERS];
    rfim__oracle_problem problem;
} subject;

static inline rfim__oracle_activation function_of(rfim__oracle_function function)
{
    return (rfim__oracle_activation){.function = function, .iota = .1, .omega = .5, .alpha = 1.3};
}

/* A network without modules and n samples of d inputs. */
static inline void subject_begin(subject *s, uint64_t seed, size_t samples, size_t inputs)
{
    memset(s, 0, sizeof *s);
    s->state = seed;
    for (size_t k = 0; k < samples * inputs; k++)
        s->x[k] = 1.5 * made_up(&s->state);
    s->problem = (rfim__oracle_problem){
        .modules = s->modules, .x = s->x, .samples = samples, .theta = s->theta, .memory = heap};
    s->problem.response.sigma = 1;
    s->modules[0].inputs = inputs;
}

static inline rfim__oracle_module *next_module(subject *s, rfim__oracle_kind kind, size_t outputs,
                                               rfim__oracle_function function)
{
    size_t l = s->problem.count++;
    rfim__oracle_module *module = &s->modules[l];
    if (l > 0)
        module->inputs = s->modules[l - 1].outputs;
    module->kind = kind;
    module->outputs = outputs;
    module->activation = function_of(function);
    module->parameters = s->parameters[l];
    module->mean = s->mean[l];
    module->scale = s->scale[l];
    for (size_t k = 0; k < MOST_NUMBERS; k++)
        s->parameters[l][k] = made_up(&s->state);
    for (size_t k = 0; k < 16; k++) {
        s->mean[l][k] = made_up(&s->state);
        s->scale[l][k] = 1.2 + made_up(&s->state);
    }
    return module;
}

static inline void add_linear(subject *s, size_t outputs, rfim__oracle_function function)
{
    next_module(s, RFIM__ORACLE_LINEAR, outputs, function);
}

static inline size_t inputs_of_last(const subject *s)
{
    return s->modules[s->problem.count - 1].outputs;
}

static inline void add_batch_norm(subject *s, rfim__oracle_function function)
{
    next_module(s, RFIM__ORACLE_BATCH_NORM, inputs_of_last(s), function);
}

static inline void add_elementwise(subject *s, rfim__oracle_function function)
{
    size_t width = s->problem.count ? inputs_of_last(s) : s->modules[0].inputs;
    next_module(s, RFIM__ORACLE_ELEMENTWISE, width, function);
}

static inline void respond(subject *s, rfim__oracle_family family, rfim__oracle_function mean,
                           double sigma)
{
    s->problem.response = (rfim__oracle_response){family, function_of(mean), sigma};
}

static inline void all_parameters(subject *s)
{
    size_t last = s->problem.count - 1;
    assert_true(rfim__oracle_parameters(s->modules, 0, last, NULL) <= MOST_NUMBERS);
    s->problem.order = rfim__oracle_parameters(s->modules, 0, last, s->theta);
}

typedef rfim__oracle_status way(const rfim__oracle_problem *problem, double *g);

static inline double *matrix(size_t rows, size_t columns)
{
    double *a = calloc(rows * columns, sizeof *a);
    assert_non_null(a);
    return a;
}

/* The metric by one way; to be freed. */
static inline double *metric_by(way *w, const subject *s)
{
    double *g = matrix(s->problem.order, s->problem.order);
    assert_int_equal(w(&s->problem, g), RFIM__ORACLE_OK);
    return g;
}

#define assert_near(a, b, count, tolerance)                                                        \
    do {                                                                                           \
        double apart = rfim__oracle_difference(a, b, count);                                       \
        if (!(apart <= (tolerance)))                                                               \
            fail_msg("%s and %s are %.3g apart, at most %.3g is allowed", #a, #b, apart,           \
                     (double)(tolerance));                                                         \
    } while (0)

#endif
