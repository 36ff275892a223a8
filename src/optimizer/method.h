/* method.h - an optimisation method as a table of functions, and what all of them share. */
#ifndef RFIM_OPTIMIZER_METHOD_H
#define RFIM_OPTIMIZER_METHOD_H

#include "network/trace.h"
#include "optimizer/accumulator.h"
#include "optimizer/momentum.h"

#include <rfim/optimizer.h>

typedef struct rfim__method_table {
    const char *name;
    /* Makes optimizer->state; free undoes whatever of it was made. */
    rfim_status (*create)(rfim_optimizer *optimizer);
    void (*free)(rfim_optimizer *optimizer);
    /* Of a batch that makes a step with others, unless it is the last: what else the method wants
     * of it than the gradient; may be NULL. */
    void (*gather)(rfim_optimizer *optimizer, rfim_trace *trace);
    /* Before the first module is updated, when all that the step goes by is on the trace; may be
     * NULL. rate: of this step. */
    void (*prepare)(rfim_optimizer *optimizer, rfim_trace *trace, double rate);
    /* *direction <- where the parameters of module l go, by what the backward pass has left on the
     * trace, before momentum. rate: of this step. Modules are updated one after the other: work
     * areas of a direction are free again at the next. */
    void (*direct)(rfim_optimizer *optimizer, rfim_trace *trace, size_t l, double rate,
                   rfim__direction *direction);
    /* What remains once the network has been updated; may be NULL. */
    void (*finish)(rfim_optimizer *optimizer, rfim_trace *trace);
} rfim__method_table;

struct rfim_optimizer {
    rfim_network *network;
    rfim_optimizer_options options;
    size_t max_samples; /* of a batch */
    const rfim__method_table *method;
    void *state; /* the method's own */
    rfim__mirror momentum;
    rfim__accumulator accumulator;
    rfim_optimizer_report report;
    size_t since_epoch; /* steps since the epoch began: the paper's itr */
};

/* Which module is updated at turn 0 ... count-1 of a step, and the other way round. They take turns
 * from first to last and from last to first, so that the metrics that were used last are still in
 * the cache at the next step. */
static inline size_t rfim__turn_module(size_t count, size_t step, size_t turn)
{
    return step % 2 == 0 ? turn : count - 1 - turn;
}

extern const rfim__method_table rfim__sgd_method;
extern const rfim__method_table rfim__adam_method;
extern const rfim__method_table rfim__rngd_method;

/* The direction of the plain gradient of module l, coupled L2 and momentum before the method
 * included: a product where nothing needs the gradient itself. Once a module and step. */
rfim__direction rfim__gradient_direction(const rfim_optimizer *optimizer, const rfim_trace *trace,
                                         size_t l);
/* The same as a matrix. */
rfim__matrix rfim__whole_gradient(const rfim_optimizer *optimizer, const rfim_trace *trace,
                                  size_t l);

#endif
