/* plan_parts.h - bytes of what a run allocates, by the very layouts that it is allocated by. */
#ifndef RFIM_TRAIN_PLAN_PARTS_H
#define RFIM_TRAIN_PLAN_PARTS_H

#include "train/plan.h"

/* All of these: SIZE_MAX for more than this machine can address. They change the shapes of the
 * network's matrices, which are nowhere (rfim__network_outline). */
size_t rfim__network_bytes(rfim_network *network);
/* slots: [modules], room for shapes. */
size_t rfim__trace_bytes(rfim_network *network, rfim__slot *slots, size_t samples, bool gradients);
/* Momentum, or Adam's means. */
size_t rfim__method_bytes(const rfim_network *network, const rfim_optimizer_options *options,
                          size_t batch);
/* What the curvature of responses beyond the layers' own is read in.   plans: [modules] */
size_t rfim__curvature_bytes(const rfim_network *network, const rfim__layer_plan *plans,
                             size_t batch);
/* A model file and what it is made from. */
size_t rfim__saving_bytes(const rfim_network *network);
/* float64 numbers of the largest module, that weights are drawn into. */
size_t rfim__drawing_bytes(const rfim_network *network);
/* Scratch of one thread for one layer. */
size_t rfim__scratch_bytes(const rfim_network *network, const rfim__layer_plan *plan, size_t l,
                           double sigma, size_t batch);

#endif
