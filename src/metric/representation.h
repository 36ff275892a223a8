/* representation.h - what each representation is called and what it can hold. */
#ifndef RFIM_METRIC_REPRESENTATION_H
#define RFIM_METRIC_REPRESENTATION_H

#include "metric/shape.h"

/* Whether it can hold a metric of this shape, exactly or as the approximation that its name stands
 * for. */
bool rfim__representation_holds(rfim_representation representation, const rfim__shape *shape);
/* Whether nothing is lost. A shared metric of a layer with an activation counts as exact: it is
 * exact for the linear layer that it takes the layer for (docs/CONVENTIONS.md). */
bool rfim__representation_is_exact(rfim_representation representation, const rfim__shape *shape);

#endif
