/* conformance.h - runs one property over every backend of the algebra seam: ref, and cpu in both
 * precisions, with every set of kernels that this CPU has, on 1, 2 and 4 threads.
 *
 * A property fills operands, calls one operation and compares with a naive formula. What it may
 * not touch is watched here: bytes outside of the matrices, operands that are only read, and that
 * the bits are the same for any number of threads. RFIM_TEST_SEED in the environment tries other
 * random numbers; a failure prints the seed and the shape. */
#ifndef RFIM_TESTS_ALGEBRA_CONFORMANCE_H
#define RFIM_TESTS_ALGEBRA_CONFORMANCE_H

#include "algebra/algebra.h"
#include "core/cpu_features.h"
#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GUARD_BYTES 128
#define GUARD 0xff /* bytes of a NaN in both precisions: reading it shows as well as writing it */
#define MOST_OPERANDS 24
#define MOST_VALUES 256

/* A matrix in the middle of guard bytes. */
typedef struct operand {
    rfim__matrix view;
    uint8_t *bytes;
    size_t size;
    uint8_t *before; /* what the bytes were, if the operation may only read it */
} operand;

typedef struct trial {
    rfim__algebra *algebra;
    double unit;  /* largest relative error of one rounding: 2^-24 or 2^-53 */
    bool compare; /* else only the bits matter: a run on another number of threads */
    size_t shape[3];
    uint64_t seed;
    rfim__random random;
    char backend[64];
    operand operands[MOST_OPERANDS];
    size_t count;
    void *values[MOST_VALUES]; /* copies that end with the trial */
    size_t value_count;
    double told[16]; /* scalars that the operations returned */
    size_t told_count;
} trial;

typedef void (*property)(trial *t);

__attribute__((format(printf, 3, 4))) static inline void expect(const trial *t, bool holds,
                                                                const char *format, ...)
{
    if (holds)
        return;
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    fail_msg("%s, shape %zu %zu %zu, seed %llu: %s", t->backend, t->shape[0], t->shape[1],
             t->shape[2], (unsigned long long)t->seed, what);
}

static inline double uniform(trial *t, double low, double high)
{
    return low + (high - low) * rfim__random_uniform(&t->random);
}

/* A number as the algebra's precision holds it. */
static inline double rounded(const trial *t, double number)
{
    return t->algebra->precision == RFIM_DOUBLE ? number : (double)(float)number;
}

static inline double get(const trial *t, const operand *x, size_t i, size_t j)
{
    size_t index = i * x->view.stride + j;
    return t->algebra->precision == RFIM_DOUBLE ? ((double *)x->view.data)[index]
                                                : (double)((float *)x->view.data)[index];
}

static inline void set(const trial *t, const operand *x, size_t i, size_t j, double number)
{
    size_t index = i * x->view.stride + j;
    if (t->algebra->precision == RFIM_DOUBLE)
        ((double *)x->view.data)[index] = number;
    else
        ((float *)x->view.data)[index] = (float)number;
}

/* rows x columns NaN, at any place in memory that an item may have. */
static inline operand *new_strided_operand(trial *t, size_t rows, size_t columns, size_t stride)
{
    size_t item = t->algebra->item;
    operand *x = &t->operands[t->count++];
    assert_true(t->count <= MOST_OPERANDS);
    size_t start = GUARD_BYTES + item * rfim__random_below(&t->random, 3);
    x->size = start + rows * stride * item + GUARD_BYTES;
    x->bytes = aligned_alloc(64, (x->size + 63) / 64 * 64);
    x->before = NULL;
    assert_non_null(x->bytes);
    memset(x->bytes, GUARD, x->size);
    x->view = (rfim__matrix){x->bytes + start, rows, columns, stride};
    return x;
}

/* The same, rows with or without gaps. */
static inline operand *new_operand(trial *t, size_t rows, size_t columns)
{
    static const size_t gaps[] = {0, 0, 1, 5, 16};
    return new_strided_operand(t, rows, columns, columns + gaps[rfim__random_below(&t->random, 5)]);
}

static inline operand *random_operand(trial *t, size_t rows, size_t columns)
{
    operand *x = new_operand(t, rows, columns);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            set(t, x, i, j, uniform(t, -1, 1));
    return x;
}

/* From here on the operand may only be read. */
static inline void freeze(operand *x)
{
    x->before = malloc(x->size);
    assert_non_null(x->before);
    memcpy(x->before, x->bytes, x->size);
}

/* count numbers that end with the trial */
static inline double *new_values(trial *t, size_t count)
{
    double *values = calloc(count + 1, sizeof *values);
    assert_non_null(values);
    assert_true(t->value_count < MOST_VALUES);
    t->values[t->value_count++] = values;
    return values;
}

/* A copy of an operand as [rows x columns] without gaps. */
static inline double *values_of(trial *t, const operand *x)
{
    double *values = new_values(t, x->view.rows * x->view.columns);
    for (size_t i = 0; i < x->view.rows; i++)
        for (size_t j = 0; j < x->view.columns; j++)
            values[i * x->view.columns + j] = get(t, x, i, j);
    return values;
}

/* A scalar that an operation returned: it, too, is the same for any number of threads. */
static inline double tell(trial *t, double number)
{
    assert_true(t->told_count < 16);
    t->told[t->told_count++] = number;
    return number;
}

static inline void expect_only_the_matrix_was_written(const trial *t, size_t index)
{
    const operand *x = &t->operands[index];
    size_t item = t->algebra->item;
    size_t start = (size_t)((uint8_t *)x->view.data - x->bytes);
    size_t row_bytes = x->view.stride * item;
    for (size_t b = 0; b < x->size; b++) {
        bool inside = b >= start && row_bytes > 0 && b - start < x->view.rows * row_bytes &&
                      (b - start) % row_bytes < x->view.columns * item;
        if (!inside && x->bytes[b] != GUARD)
            expect(t, false, "operand %zu was written %zd bytes from its start", index,
                   (ssize_t)b - (ssize_t)start);
    }
    expect(t, !x->before || memcmp(x->before, x->bytes, x->size) == 0,
           "operand %zu is only read, but was changed", index);
}

static inline void expect_same_bits(const trial *t, const trial *first)
{
    assert_int_equal(t->count, first->count);
    for (size_t o = 0; o < t->count; o++)
        expect(t, memcmp(t->operands[o].bytes, first->operands[o].bytes, t->operands[o].size) == 0,
               "operand %zu has other bits than on one thread", o);
    expect(t, memcmp(t->told, first->told, sizeof t->told) == 0,
           "a result has other bits than on one thread");
}

static inline void trial_end(trial *t)
{
    for (size_t o = 0; o < t->count; o++) {
        free(t->operands[o].bytes);
        free(t->operands[o].before);
    }
    for (size_t v = 0; v < t->value_count; v++)
        free(t->values[v]);
}

static inline void trial_run(trial *t, property holds)
{
    t->random = rfim__random_start(t->seed, 0);
    rfim__algebra_begin(t->algebra->context);
    holds(t);
    rfim__algebra_end(t->algebra->context);
    for (size_t o = 0; o < t->count; o++)
        expect_only_the_matrix_was_written(t, o);
}

/* --- all backends ------------------------------------------------------------------------------
 */

#define MOST_VARIANTS 7 /* ref, and cpu: two precisions, three sets of kernels */
static const size_t thread_counts[] = {1, 2, 4};

typedef struct backends {
    rfim_context *contexts[4 * 3];
    size_t context_count;
    struct {
        rfim__algebra *algebra[3]; /* by thread_counts; ref: the first only */
        char name[48];
    } variants[MOST_VARIANTS];
    size_t count;
    uint64_t seed;          /* of the next shape */
    uint64_t threads_every; /* every so many shapes run on several threads, too */
} backends;

static inline int backends_set_up(void **state)
{
    static const char *const precisions[] = {"float32", "float64"};
    backends *all = calloc(1, sizeof *all);
    const char *seed = getenv("RFIM_TEST_SEED");
    all->threads_every = 1;
    all->seed = seed ? strtoull(seed, NULL, 10) : 20170806;
    rfim_context_options options;
    rfim_context_defaults(&options);
    if (rfim_context_create(&options, &all->contexts[all->context_count++]) != RFIM_OK ||
        rfim__algebra_create_ref(all->contexts[0], &all->variants[0].algebra[0]) != RFIM_OK)
        return -1;
    strcpy(all->variants[0].name, "ref");
    all->count = 1;
    for (rfim_kernels k = RFIM_KERNELS_PORTABLE; k <= rfim__cpu_kernels(); k++) {
        for (size_t w = 0; w < 3; w++) {
            rfim_context *context = NULL;
            options.kernels = k;
            options.threads = thread_counts[w];
            if (rfim_context_create(&options, &context) != RFIM_OK)
                return -1;
            all->contexts[all->context_count++] = context;
            for (int p = RFIM_SINGLE; p <= RFIM_DOUBLE; p++) {
                size_t v = all->count + (size_t)p;
                snprintf(all->variants[v].name, sizeof all->variants[v].name, "cpu %s %s",
                         precisions[p], rfim_context_kernels(context));
                if (rfim__algebra_create_cpu(context, (rfim_precision)p,
                                             &all->variants[v].algebra[w]) != RFIM_OK)
                    return -1;
                all->variants[v].algebra[w]->team_flops = 0;
            }
        }
        all->count += 2;
    }
    *state = all;
    return 0;
}

static inline int backends_tear_down(void **state)
{
    backends *all = *state;
    for (size_t v = 0; v < all->count; v++)
        for (size_t w = 0; w < 3; w++)
            rfim__algebra_free(all->variants[v].algebra[w]);
    for (size_t c = 0; c < all->context_count; c++)
        rfim_context_free(all->contexts[c]);
    free(all);
    return 0;
}

/* Runs the property on every backend with the same seed, and its bits over threads. */
static inline void over_backends(backends *all, property holds, size_t a, size_t b, size_t c)
{
    uint64_t seed = all->seed++;
    for (size_t v = 0; v < all->count; v++) {
        trial trials[3] = {0};
        size_t runs = v == 0 || seed % all->threads_every > 0 ? 1 : 3;
        for (size_t w = 0; w < runs; w++) {
            trial *t = &trials[w];
            t->algebra = all->variants[v].algebra[w];
            t->unit = t->algebra->precision == RFIM_DOUBLE ? 0x1p-53 : 0x1p-24;
            t->compare = w == 0;
            t->seed = seed;
            memcpy(t->shape, (size_t[]){a, b, c}, sizeof t->shape);
            snprintf(t->backend, sizeof t->backend, "%s, %zu thread%s", all->variants[v].name,
                     thread_counts[w], w == 0 ? "" : "s");
            trial_run(t, holds);
            if (w > 0)
                expect_same_bits(t, &trials[0]);
        }
        for (size_t w = 0; w < runs; w++)
            trial_end(&trials[w]);
    }
}

/* `count` random shapes of sizes around those of vectors and tiles. */
static inline void over_shapes(backends *all, property holds, size_t count)
{
    static const uint8_t sizes[] = {0, 1, 2, 3, 7, 15, 16, 17, 31, 33, 50, 80, 81, 97, 129};
    rfim__random random = rfim__random_start(all->seed, 1);
    for (size_t s = 0; s < count; s++) {
        size_t shape[3];
        for (size_t d = 0; d < 3; d++)
            shape[d] = sizes[rfim__random_below(&random, sizeof sizes)];
        over_backends(all, holds, shape[0], shape[1], shape[2]);
    }
}

#endif
