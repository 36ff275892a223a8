/* momentum.h - what a step keeps of the steps before it (docs/optimizer.md, section 8). M: the
 * momentum, g: the gradient with coupled L2, D: the direction of the method, after step control.
 *
 *   after      v <- M v + D;  W <- W - rate v        heavy ball, Polyak 1964
 *
 *   nesterov   v <- M v + D;  W <- W - rate (D + M v)        as in Sutskever et al. 2013
 *
 *   before     v <- M v + (1 - M) g;  the method goes by v / (1 - M^t) in the place of g
 *
 *   spring     a layer's last direction is part of its damped system (form.h)
 */
#ifndef RFIM_OPTIMIZER_MOMENTUM_H
#define RFIM_OPTIMIZER_MOMENTUM_H

#include "optimizer/mirror.h"

#include <rfim/optimizer.h>

/* Is there momentum of this kind? */
static inline bool rfim__momentum_is(const rfim_optimizer_options *options, rfim_momentum_kind kind)
{
    return options->method != RFIM_ADAM && options->momentum != 0 && options->momentum_kind == kind;
}

/* What the kind keeps. */
rfim_status rfim__momentum_create(const rfim_network *network,
                                  const rfim_optimizer_options *options, rfim__mirror *out);
/* Bytes of its matrices are added to an arena without a base. */
void rfim__momentum_count(const rfim_network *network, const rfim_optimizer_options *options,
                          rfim__arena *arena);

/* before: the gradient of module l <- the mean of the gradients, at step number `step`, from 1. */
void rfim__momentum_average(const rfim__mirror *momentum, rfim__algebra *algebra,
                            const rfim_optimizer_options *options, size_t l, size_t step,
                            rfim__matrix gradient);
/* after, nesterov: takes the direction of module l in; it becomes what the weights go along. */
void rfim__momentum_add(const rfim__mirror *momentum, rfim__algebra *algebra,
                        const rfim_optimizer_options *options, size_t l,
                        rfim__direction *direction);

#endif
