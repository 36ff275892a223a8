#include "train/plan_parts.h"

#include "core/size.h"
#include "network/trace.h"
#include "optimizer/accumulator.h"
#include "optimizer/adam.h"
#include "optimizer/curvature.h"
#include "optimizer/form.h"
#include "optimizer/momentum.h"
#include "optimizer/step_control.h"
#include "optimizer/step_length.h"
#include "optimizer/step_quadratic.h"

static size_t bytes_of(rfim__arena arena)
{
    return arena.overflow ? SIZE_MAX : arena.used;
}

size_t rfim__network_bytes(rfim_network *network)
{
    rfim__arena arena = {0};
    rfim__network_lay_out(network, &arena);
    return bytes_of(arena);
}

size_t rfim__trace_bytes(rfim_network *network, rfim__slot *slots, size_t samples, bool gradients)
{
    rfim__arena arena = {0};
    rfim_trace trace = {.network = network, .max_samples = samples, .slots = slots};
    rfim__trace_lay_out(&trace, &arena, gradients);
    return bytes_of(arena);
}

size_t rfim__method_bytes(const rfim_network *network, const rfim_optimizer_options *options,
                          size_t batch)
{
    rfim__arena arena = {0};
    rfim__momentum_count(network, options, &arena);
    rfim__accumulator_count(network, options, &arena);
    if (options->method == RFIM_ADAM)
        rfim__mirror_count(network, RFIM__ADAM_MEANS, &arena);
    rfim__step_length length;
    if (options->method == RFIM_RNGD && rfim__step_control_measures(options))
        rfim__step_length_place(&length, network->algebra, batch, &arena);
    if (options->method == RFIM_RNGD && options->step_control == RFIM_STEP_QUADRATIC)
        rfim__quadratic_count(network, batch, &arena);
    return bytes_of(arena);
}

size_t rfim__curvature_bytes(const rfim_network *network, const rfim__layer_plan *plans,
                             size_t batch)
{
    rfim__arena arena = {0};
    rfim__curvature_areas areas;
    rfim__curvature_areas_place(&areas, network->algebra, network->modules, network->count, plans,
                                batch, &arena);
    return bytes_of(arena);
}

size_t rfim__saving_bytes(const rfim_network *network)
{
    size_t numbers = 0;
    size_t largest = 0;
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        size_t own = (module->parameters.rows + module->state.rows) * module->outputs;
        numbers += own;
        largest = rfim__size_max(largest, own);
    }
    /* the numbers, one array of them in float64, and the file */
    return 2 * numbers * network->algebra->item + largest * sizeof(double);
}

size_t rfim__drawing_bytes(const rfim_network *network)
{
    size_t largest = 0;
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        largest = rfim__size_max(largest, (module->parameters.rows + module->state.rows) *
                                              module->outputs * sizeof(double));
    }
    return largest;
}

size_t rfim__scratch_bytes(const rfim_network *network, const rfim__layer_plan *plan, size_t l,
                           double sigma, size_t batch)
{
    size_t bytes = 0;
    size_t numbers = rfim__form_room(network->algebra, plan, &network->modules[l], sigma, batch);
    return rfim__size_multiply(numbers, network->algebra->item, &bytes) ? bytes : SIZE_MAX;
}
