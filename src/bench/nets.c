/* nets.c - the networks that are known by name.
 *
 * paper and deep are those of Sun and Nielsen's experiments (ICML 2017) and a deeper one; the
 * autoencoder is that of Hinton and Salakhutdinov (Science, 2006); wide is where a metric for each
 * neuron would take 8 gigabytes, were it ever formed. */
#include "bench/net.h"
#include "core/nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const rfim_bench_net nets[] = {
    {"paper", "784-80-80-80-10 relu", 50, RFIM__BENCH_OWN_PROGRAMS},
    {"deep", "784-80x8-10 relu", 50, RFIM__BENCH_OWN_PROGRAMS},
    {"autoencoder",
     "input 784; linear 1000 tanh; linear 500 tanh; linear 250 tanh; linear 30; linear 250 tanh; "
     "linear 500 tanh; linear 1000 tanh; linear 784; loss sigmoid",
     250, "floor,sgd,adam,shared-fast"},
    {"wide", "784-1024x4-10 relu", 128,
     "floor,sgd,sgd-trimmed,adam,shared-fast,neuron-batch-hard,neuron-batch"},
};

const rfim_bench_net *rfim_bench_net_at(size_t index)
{
    return index < sizeof nets / sizeof *nets ? &nets[index] : NULL;
}

rfim_status rfim__bench_net_find(rfim_context *context, const char *name, rfim_bench_net *out)
{
    const char *nearest = NULL;
    for (size_t index = 0; index < sizeof nets / sizeof *nets; index++) {
        if (strcmp(name, nets[index].name) == 0) {
            *out = nets[index];
            return RFIM_OK;
        }
        rfim__nearest_consider(name, nets[index].name, &nearest);
    }
    *out = (rfim_bench_net){name, name, RFIM__BENCH_OWN_BATCH, RFIM__BENCH_OWN_PROGRAMS};
    if (isdigit((unsigned char)name[0]) || strncmp(name, "input ", 6) == 0)
        return RFIM_OK; /* making the network says what is wrong with it */
    return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                      "bench: the net '%.60s' is neither paper, deep, autoencoder, wide nor a "
                      "network's text such as `784-80-10 relu`; did you mean %s?",
                      name, nearest);
}

bool rfim__bench_resize(const char *text, size_t inputs, char *out, size_t size)
{
    size_t head = strcspn(text, "0123456789");
    size_t digits = strspn(text + head, "0123456789");
    int length = snprintf(out, size, "%.*s%zu%s", (int)head, text, inputs, text + head + digits);
    return length >= 0 && (size_t)length < size;
}
