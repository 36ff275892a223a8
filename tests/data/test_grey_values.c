/* What the network sees of each of the 256 grey values is what rfim_dataset_read_inputs says: from
 * data sets and from arrays, in either precision, with every set of kernels. */
#include "data/gather.h"
#include "network/small_network.h"

#include <rfim/data.h>

#define GREYS 256
#define COLUMNS 16

static void expect_greys(const rfim_trace *trace, const rfim_dataset *data,
                         rfim_precision precision)
{
    for (size_t i = 0; i < GREYS / COLUMNS; i++) {
        double seen[COLUMNS];
        must(trace->network->context, rfim_dataset_read_inputs(data, i, seen));
        for (size_t k = 0; k < COLUMNS; k++) {
            size_t grey = i * COLUMNS + k;
            double expected = precision == RFIM_DOUBLE ? seen[k] : (double)(float)seen[k];
            double found = at(trace->network, trace->inputs, i, k);
            assert_true(seen[k] == (double)grey / 255); /* the nearest number to it */
            if (found != expected)
                fail_msg("grey %zu, precision %d: %.17g, not %.17g", grey, (int)precision, found,
                         expected);
        }
        assert_true(at(trace->network, trace->inputs, i, COLUMNS) == 1);
    }
}

static void check(rfim_kernels kernels, rfim_precision precision)
{
    rfim_context *context = small_context(kernels);
    if (!context)
        return; /* not on this CPU */
    rfim_network *network = small_network(context, "16-2", precision, 1);
    rfim_trace *trace = NULL;
    rfim_dataset *data = NULL;
    uint8_t greys[GREYS];
    for (size_t grey = 0; grey < GREYS; grey++)
        greys[grey] = (uint8_t)grey;
    rfim_array bytes = rfim_bytes(greys, GREYS / COLUMNS, COLUMNS);
    must(context, rfim_dataset_from_arrays(context, bytes, rfim_no_targets(), &data));
    must(context, rfim_trace_create(network, GREYS / COLUMNS, &trace));
    must(context, rfim__trace_load(trace, data, NULL, 0, GREYS / COLUMNS));
    expect_greys(trace, data, precision);
    must(context, rfim_trace_forward(trace, bytes));
    expect_greys(trace, data, precision);
    rfim_trace_free(trace);
    rfim_dataset_free(data);
    rfim_network_free(network);
    rfim_context_free(context);
}

static void grey_values_reach_the_network_as_they_are_read(void **state)
{
    (void)state;
    for (int kernels = RFIM_KERNELS_PORTABLE; kernels <= RFIM_KERNELS_AVX512; kernels++) {
        check((rfim_kernels)kernels, RFIM_SINGLE);
        check((rfim_kernels)kernels, RFIM_DOUBLE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grey_values_reach_the_network_as_they_are_read),
    };
    return cmocka_run_group_tests_name("data: grey values", tests, NULL, NULL);
}
