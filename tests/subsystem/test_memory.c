/* Memory that runs out at the k-th allocation, once or for ever, until a metric's whole life
 * succeeds: always RFIM_ERROR_MEMORY with a sentence, nothing leaks. And what allocates nothing. */
#include "network/scarce_memory.h"
#include "subsystem/kinds.h"

#include <unistd.h>

typedef struct life {
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    rfim_dataset *dataset;
    rfim_metric *metric, *converted, *loaded;
} life;

static const double inputs[] = {1, 2, 3, .4, -1, 0, 2, 1, .5, 3, -2, 1};
static const int32_t labels[] = {0, 1, 2, 0};

/* Network, trace and data; these have tests of their own. */
static rfim_status begin(life *l, const char *text)
{
    double loss = 0;
    rfim_array x = rfim_doubles(inputs, 4, 3);
    rfim_status status = rfim_network_create(l->context, text, NULL, &l->network);
    if (status == RFIM_OK)
        status = rfim_trace_create(l->network, 4, &l->trace);
    if (status == RFIM_OK)
        status = rfim_trace_forward(l->trace, x);
    if (status == RFIM_OK)
        status = rfim_trace_loss(l->trace, rfim_labels(labels, 4), &loss);
    if (status == RFIM_OK)
        status = rfim_trace_backward(l->trace);
    if (status == RFIM_OK)
        status = rfim_dataset_from_arrays(l->context, x, rfim_no_targets(), &l->dataset);
    return status;
}

static rfim_status live(life *l, const rfim_metric_options *options, const char *path)
{
    double v[64] = {0};
    rfim_metric_plan plan;
    rfim_metric_distance distance;
    rfim_status status = rfim_metric_plan_get(l->network, options, &plan);
    if (status == RFIM_OK)
        status = rfim_metric_create(l->network, options, &l->metric);
    if (status == RFIM_OK)
        status = rfim_metric_observe_dataset(l->metric, l->dataset, 0);
    if (status == RFIM_OK)
        status = rfim_metric_observe(l->metric, l->trace, 0, 1);
    if (status == RFIM_OK)
        status = rfim_metric_refresh(l->metric, RFIM_DAMPING_TRACE, .1, NULL);
    if (status == RFIM_OK)
        status = rfim_metric_direction(l->metric, l->trace, v);
    if (status == RFIM_OK)
        status = rfim_metric_convert(l->metric, RFIM_DENSE, 0, &l->converted);
    if (status == RFIM_OK)
        status = rfim_metric_compare(l->converted, l->metric, 1, &distance);
    if (status == RFIM_OK)
        status = rfim_metric_save(l->metric, path);
    if (status == RFIM_OK)
        status = rfim_metric_load(l->network, path, &l->loaded);
    if (status == RFIM_OK)
        status = rfim_metric_nu(l->trace, 0, RFIM_FAMILY_PUBLISHED, 1, v);
    return status;
}

static void end(life *l)
{
    rfim_metric_free(l->metric);
    rfim_metric_free(l->converted);
    rfim_metric_free(l->loaded);
    rfim_dataset_free(l->dataset);
    rfim_trace_free(l->trace);
    rfim_network_free(l->network);
    rfim_context_free(l->context);
}

/* Returns whether everything succeeded. */
static bool try_with(size_t fails, bool for_ever, const kind *k, const char *path)
{
    scarce_memory memory = {0};
    life l = {.context = scarce_context(&memory)};
    rfim_metric_options options = asked_of(k);
    options.max_samples = 8;
    assert_non_null(l.context);
    assert_int_equal(begin(&l, k->text), RFIM_OK);
    memory.fails = memory.calls + fails;
    memory.for_ever = for_ever;
    rfim_status status = live(&l, &options, path);
    if (status != RFIM_OK) {
        assert_int_equal(status, RFIM_ERROR_MEMORY);
        assert_non_null(strstr(rfim_context_error(l.context), "memory"));
    }
    end(&l);
    assert_int_equal(memory.blocks, 0);
    return status == RFIM_OK;
}

static void memory_that_runs_out(void **state)
{
    char path[] = "/tmp/rfim-metric-XXXXXX";
    int file = mkstemp(path);
    (void)state;
    assert_true(file >= 0);
    close(file);
    for (size_t k = 0; k < KINDS; k++)
        for (int for_ever = 0; for_ever < 2; for_ever++) {
            size_t fails = 1;
            while (!try_with(fails, for_ever, &kinds[k], path))
                assert_true(++fails < 400);
            assert_true(fails > 40); /* there were so many allocations */
        }
    unlink(path);
}

/* --- what verbs do to memory ------------------------------------------------------------------ */

/* Collecting from a trace, factorising and looking, twice */
static void use_all_verbs(life *l)
{
    double v[64] = {0};
    double dense[64 * 64];
    double number = 0;
    bool has_root = true;
    rfim_metric_options options;
    rfim_metric_options_get(l->metric, &options);
    if (options.representation == RFIM_SOFTMAX || options.representation == RFIM_GRAM)
        has_root = false;
    assert_true(rfim_metric_order(l->metric) <= 64);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(rfim_metric_observe(l->metric, l->trace, round * .5, 1), RFIM_OK);
        assert_int_equal(rfim_metric_refresh(l->metric, RFIM_DAMPING_TRACE, .1, NULL), RFIM_OK);
        assert_int_equal(rfim_metric_gradient(l->metric, l->trace, v), RFIM_OK);
        assert_int_equal(rfim_metric_direction(l->metric, l->trace, v), RFIM_OK);
        assert_int_equal(rfim_metric_solve(l->metric, v, v), RFIM_OK);
        if (has_root)
            assert_int_equal(rfim_metric_sqrt_solve(l->metric, v, v), RFIM_OK);
        assert_int_equal(rfim_metric_multiply(l->metric, v, v), RFIM_OK);
        assert_int_equal(rfim_metric_quadratic(l->metric, v, &number), RFIM_OK);
        assert_int_equal(rfim_metric_metric_trace(l->metric, &number), RFIM_OK);
        assert_int_equal(rfim_metric_effective_rank(l->metric, &number), RFIM_OK);
        assert_int_equal(rfim_metric_log_det(l->metric, &number), RFIM_OK);
        assert_int_equal(rfim_metric_spectrum(l->metric, v), RFIM_OK);
        assert_int_equal(rfim_metric_diagonal(l->metric, v), RFIM_OK);
        assert_int_equal(rfim_metric_damping(l->metric, v), RFIM_OK);
        assert_int_equal(rfim_metric_to_dense(l->metric, dense), RFIM_OK);
        assert_int_equal(rfim_metric_parameters(l->metric, v), RFIM_OK);
    }
}

static void verbs_allocate_nothing(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        scarce_memory memory = {0};
        life l = {.context = scarce_context(&memory)};
        rfim_metric_options options = asked_of(&kinds[k]);
        options.max_samples = 8;
        assert_int_equal(begin(&l, kinds[k].text), RFIM_OK);
        assert_int_equal(rfim_metric_create(l.network, &options, &l.metric), RFIM_OK);
        size_t calls = memory.calls;
        use_all_verbs(&l);
        assert_int_equal(memory.calls, calls);
        end(&l);
        assert_int_equal(memory.blocks, 0);
    }
}

/* LAPACK and the BLAS are assembler that no sanitizer looks into: a fence stands behind each block.
 */
#define FENCE 4096
#define BRICK 0xa5
#define HEADER 64 /* how long the block is; keeps the library's alignment */

static void *fenced_allocate(void *user, size_t alignment, size_t bytes)
{
    (void)user;
    assert_true(alignment <= HEADER);
    size_t all = HEADER + bytes + FENCE;
    unsigned char *block = aligned_alloc(HEADER, (all + HEADER - 1) / HEADER * HEADER);
    if (!block)
        return NULL;
    memcpy(block, &bytes, sizeof bytes);
    memset(block + HEADER + bytes, BRICK, FENCE);
    return block + HEADER;
}

static void fenced_release(void *user, void *memory)
{
    size_t *broken = user;
    size_t bytes = 0;
    unsigned char *block = (unsigned char *)memory - HEADER;
    memcpy(&bytes, block, sizeof bytes);
    for (size_t k = 0; k < FENCE; k++)
        *broken += block[HEADER + bytes + k] != BRICK;
    free(block);
}

static void verbs_stay_in_their_blocks(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        size_t broken = 0;
        life l = {0};
        rfim_context_options context;
        rfim_context_defaults(&context);
        context.allocator = (rfim_allocator){fenced_allocate, fenced_release, &broken};
        context.threads = 1;
        assert_int_equal(rfim_context_create(&context, &l.context), RFIM_OK);
        rfim_metric_options options = asked_of(&kinds[k]);
        options.max_samples = 8;
        assert_int_equal(begin(&l, kinds[k].text), RFIM_OK);
        assert_int_equal(rfim_metric_create(l.network, &options, &l.metric), RFIM_OK);
        use_all_verbs(&l);
        end(&l);
        assert_int_equal(broken, 0);
    }
}

/* The same bits for any number of threads */
static void threads_change_no_bit(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        double *found[2];
        size_t order = 0;
        for (size_t t = 0; t < 2; t++) {
            rfim_context_options context;
            rfim_context_defaults(&context);
            context.threads = t ? 3 : 1;
            api a = api_open_with(&context, kinds[k].text, RFIM_SINGLE, 40, 5);
            rfim_metric *metric = metric_of(&a, asked_of(&kinds[k]));
            order = rfim_metric_order(metric);
            found[t] = made_up_numbers(&a, order);
            assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, .1, NULL));
            assert_ok(&a, rfim_metric_multiply(metric, found[t], found[t]));
            assert_ok(&a, rfim_metric_solve(metric, found[t], found[t]));
            rfim_metric_free(metric);
            api_close(&a);
        }
        assert_memory_equal(found[0], found[1], order * sizeof(double));
        free(found[0]);
        free(found[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_that_runs_out),
        cmocka_unit_test(verbs_allocate_nothing),
        cmocka_unit_test(verbs_stay_in_their_blocks),
        cmocka_unit_test(threads_change_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
