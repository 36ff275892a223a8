#include "bench/floor.h"

#include "algebra/plain.h"
#include "bench/operands.h"
#include "network/network.h"

#include <math.h>

/* Its input x~ is [n x D], W and its gradient [D x m], T or delta [n x m], a view into the next
 * layer's x~. */
typedef struct floor_layer {
    rfim__matrix x;
    rfim__matrix w;
    rfim__matrix gradient;
    rfim__matrix t;
} floor_layer;

struct rfim__bench_floor {
    rfim_context *context;
    floor_layer *layers;
    size_t count;
    void *block;
};

/* Gives every layer its matrices; with arena.base NULL only the bytes are counted. */
static void lay_out(rfim__bench_floor *floor, const rfim_network *network, size_t batch,
                    rfim__arena *arena)
{
    const rfim__algebra *algebra = network->algebra;
    size_t l = 0;
    for (size_t index = 0; index < network->count; index++) {
        const rfim__module *module = &network->modules[index];
        if (module->table != &rfim__linear_module)
            continue;
        floor_layer *layer = &floor->layers[l++];
        layer->x = rfim__arena_matrix(arena, algebra, batch, module->inputs + 1);
        layer->w = rfim__arena_matrix(arena, algebra, module->inputs + 1, module->outputs);
        layer->gradient = rfim__arena_matrix(arena, algebra, module->inputs + 1, module->outputs);
    }
    floor->count = l;
    floor_layer *last = &floor->layers[l - 1];
    last->t = rfim__arena_matrix(arena, algebra, batch, last->w.columns);
    for (size_t k = 0; k + 1 < l; k++)
        floor->layers[k].t = rfim__columns(algebra, floor->layers[k + 1].x, 0,
                                           floor->layers[k].w.columns);
}

/* Weights as small as initial ones are: numbers stay as they are from layer to layer. */
static void fill(rfim__bench_floor *floor)
{
    for (size_t l = 0; l < floor->count; l++) {
        const floor_layer *layer = &floor->layers[l];
        rfim__bench_fill(layer->x, 1, 2 * l + 1);
        rfim__bench_fill(layer->w, sqrt(3 / (double)layer->w.rows), 2 * l + 2);
    }
}

rfim_status rfim__bench_floor_create(const rfim_network *network, size_t batch,
                                     rfim__bench_floor **out)
{
    rfim_context *context = network->context;
    rfim_status status = RFIM_ERROR_MEMORY;
    rfim__arena arena = {0};
    *out = NULL;
    rfim__bench_floor *floor = rfim__allocate(context, 1, sizeof *floor);
    if (!floor)
        return status;
    floor->context = context;
    floor->layers = rfim__allocate(context, network->count, sizeof *floor->layers);
    if (!floor->layers)
        goto done;
    lay_out(floor, network, batch, &arena);
    floor->block = rfim__allocate(context, arena.used, 1);
    if (!floor->block)
        goto done;
    arena = (rfim__arena){.base = floor->block};
    lay_out(floor, network, batch, &arena);
    fill(floor);
    *out = floor;
    status = RFIM_OK;
done:
    if (status != RFIM_OK)
        rfim__bench_floor_free(floor);
    return status;
}

void rfim__bench_floor_free(rfim__bench_floor *floor)
{
    if (!floor)
        return;
    rfim__release(floor->context, floor->block);
    rfim__release(floor->context, floor->layers);
    rfim__release(floor->context, floor);
}

void rfim__bench_floor_step(rfim__bench_floor *floor)
{
    for (size_t l = 0; l < floor->count; l++) {
        const floor_layer *layer = &floor->layers[l];
        rfim__plain_product(RFIM__PLAIN, RFIM__PLAIN, layer->x, layer->w, 0, layer->t);
    }
    for (size_t l = floor->count; l-- > 0;) {
        const floor_layer *layer = &floor->layers[l];
        rfim__plain_product(RFIM__TRANSPOSED, RFIM__PLAIN, layer->x, layer->t, 0, layer->gradient);
        rfim__matrix inputs = layer->w; /* its rows that are no biases */
        inputs.rows--;
        if (l > 0)
            rfim__plain_product(RFIM__PLAIN, RFIM__TRANSPOSED, layer->t, inputs, 0,
                                floor->layers[l - 1].t);
    }
}

double rfim__bench_floor_flops(const rfim__bench_floor *floor, double *first)
{
    double flops = 0;
    for (size_t l = 0; l < floor->count; l++) {
        const floor_layer *layer = &floor->layers[l];
        double product = 2 * (double)layer->x.rows * (double)layer->w.rows *
                         (double)layer->w.columns;
        flops += (l > 0 ? 3 : 2) * product;
        if (l == 0)
            *first = 2 * product;
    }
    return flops;
}
