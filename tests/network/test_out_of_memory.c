/* Memory that runs out at the k-th allocation, once or for ever, for k = 1, 2, ... until making a
 * network, a trace and an optimiser, a step, a prediction, saving and loading all succeed: always
 * RFIM_ERROR_MEMORY with a sentence, nothing leaks, nothing crashes. */
#include "network/scarce_memory.h"
#include "network/small_network.h"

#include <rfim/io.h>
#include <rfim/optimizer.h>
#include <unistd.h>

static const double inputs[] = {1, 2, 3, 4, -1, 0, 2, 1, 5, 3, -2, 1};
static const int32_t classes[] = {0, 1, 1, 0};

typedef struct example {
    rfim_context *context;
    rfim_network *network;
    rfim_network *loaded;
    rfim_trace *trace;
    rfim_optimizer *optimizer;
    const char *path;
} example;

static rfim_status live(example *e, const char *text, const rfim_optimizer_options *options)
{
    double loss = 0;
    double numbers[64];
    rfim_status status = rfim_network_create(e->context, text, NULL, &e->network);
    if (status == RFIM_OK)
        status = rfim_trace_create(e->network, 4, &e->trace);
    if (status == RFIM_OK)
        status = rfim_optimizer_create(e->trace, options, &e->optimizer);
    for (int step = 0; step < 2 && status == RFIM_OK; step++) {
        status = rfim_trace_forward(e->trace, rfim_doubles(inputs, 4, 3));
        if (status == RFIM_OK)
            status = rfim_trace_loss(e->trace, rfim_labels(classes, 4), &loss);
        if (status == RFIM_OK)
            status = rfim_trace_backward(e->trace);
        if (status == RFIM_OK)
            status = rfim_trace_gradient(e->trace, 0, numbers);
        if (status == RFIM_OK)
            status = rfim_optimizer_step(e->optimizer, e->trace);
    }
    if (status == RFIM_OK)
        status = rfim_network_tensor_read(e->network, 0, numbers);
    if (status == RFIM_OK)
        status = rfim_network_tensor_write(e->network, 0, numbers);
    if (status == RFIM_OK)
        status = rfim_network_predict(e->network, rfim_doubles(inputs, 4, 3), numbers);
    if (status == RFIM_OK)
        status = rfim_network_save(e->network, e->path);
    if (status == RFIM_OK)
        status = rfim_network_load(e->context, e->path, &e->loaded);
    return status;
}

/* Returns whether everything succeeded. */
static bool try_with(size_t fails, bool for_ever, const char *path, const char *text,
                     const rfim_optimizer_options *options)
{
    scarce_memory memory = {.fails = fails, .for_ever = for_ever};
    example e = {.context = scarce_context(&memory), .path = path};
    if (!e.context) {
        assert_int_equal(fails, 1);
        assert_int_equal(memory.blocks, 0);
        return false;
    }
    rfim_status status = live(&e, text, options);
    if (status != RFIM_OK) {
        assert_int_equal(status, RFIM_ERROR_MEMORY);
        if (!strstr(rfim_context_error(e.context), "memory"))
            fail_msg("allocation %zu: %s", fails, rfim_context_error(e.context));
    }
    rfim_network_free(e.loaded);
    rfim_optimizer_free(e.optimizer);
    rfim_trace_free(e.trace);
    rfim_network_free(e.network);
    rfim_context_free(e.context);
    if (memory.blocks != 0)
        fail_msg("allocation %zu: %zu blocks leaked", fails, memory.blocks);
    return status == RFIM_OK;
}

static void try_all(const char *text, const rfim_optimizer_options *options)
{
    char path[] = "/tmp/rfim-test-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        size_t k = 1;
        while (!try_with(k, for_ever == 1, path, text, options) && k < 1000)
            k++;
        assert_true(k > 12 && k < 1000); /* every allocation had its turn */
    }
    unlink(path);
}

static void every_method_survives(void **state)
{
    (void)state;
    static const rfim_method methods[] = {RFIM_SGD, RFIM_ADAM, RFIM_RNGD};
    for (size_t m = 0; m < 3; m++)
        for (int momentum = 0; momentum < 2; momentum++) {
            rfim_optimizer_options options;
            rfim_optimizer_defaults(methods[m], &options);
            options.momentum = momentum ? 0.5 : 0;
            options.refresh_every = 1;
            try_all("3-4-5-2 relu", &options);
            try_all("3-4-5-2 relu bna", &options);
            try_all("input 3; linear 2", &options);
            try_all("input 3; linear 4; batchnorm; activation gelu; linear 2", &options);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
