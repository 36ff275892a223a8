/* curvature.h - the curvature P_i of layers whose metric does not read it off their own view:
 * Kronecker products, and responses beyond the layer's own (docs/mathematics.md 4.6; K-FAC, Martens
 * and Grosse 2015).
 *
 * A response's information F(u) = sum_a c_a c_a^T (subsystem/response_root.h) is sent back through
 * the modules between, one vector of every sample at a time; what arrives at the pre-activations of
 * a layer is s_a, P_i = sum_a s_ai s_ai^T. The network's response is sent back once for all layers
 * that look at it, a next module's for the layer before it. With `sampled` one c is drawn in place
 * of them, the mean of c c^T over draws is F. Where the response is the layer's own, nothing is
 * sent, nothing is drawn: P_i = F. */
#ifndef RFIM_OPTIMIZER_CURVATURE_H
#define RFIM_OPTIMIZER_CURVATURE_H

#include "optimizer/form.h"
#include "subsystem/response_root.h"

typedef struct rfim__curvatures rfim__curvatures;

/* Work areas for n samples: what rfim__curvatures_create allocates as matrices. */
typedef struct rfim__curvature_areas {
    rfim__response_root root;
    rfim__matrix cotangent; /* [n x widest] */
    rfim__matrix below;     /* [n x widest] */
    rfim__matrix square;    /* [n x widest] */
    rfim__matrix diagonal;  /* [widest x 1] */
} rfim__curvature_areas;

/* Lays them out (with arena->base NULL only counts); nothing where no layer asks for them. */
void rfim__curvature_areas_place(rfim__curvature_areas *areas, const rfim__algebra *algebra,
                                 const rfim__module *modules, size_t count,
                                 const rfim__layer_plan *plans, size_t n, rfim__arena *arena);

/* forms: [modules], must outlive it; *out NULL: no layer asks for it. */
rfim_status rfim__curvatures_create(rfim_optimizer *optimizer, rfim__form *const *forms,
                                    const rfim__layer_plan *plans, rfim__curvatures **out);
void rfim__curvatures_free(rfim__curvatures *curvatures);

/* Collects it off the last pass, by the weights of that pass.   number: of the collection, from 1;
 * add: as for rfim__form_observe, keep is 1 - add */
void rfim__curvatures_collect(rfim__curvatures *curvatures, const rfim_trace *trace, size_t number,
                              double add);

#endif
