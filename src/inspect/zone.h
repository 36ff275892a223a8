/* zone.h - the effective learning zone of a neuron, from its nu (rfim/inspect.h says which). */
#ifndef RFIM_INSPECT_ZONE_H
#define RFIM_INSPECT_ZONE_H

#include "subsystem/subsystem.h"

#include <rfim/inspect.h>

/* The largest nu that the response can have; NaN where it is not finite. */
double rfim__zone_largest_nu(const rfim__asked_response *response);
/* Is the neuron's zone judged by the slope of the forward pass in place of the one that nu reads?
 * So it is for relu: its smooth slope is above 0 where the neuron gives 0 and learns nothing. */
bool rfim__zone_is_of_hard_slope(const rfim__asked_response *response);
/* The response whose nu the zone is judged by: relu with omega 0, or the same. */
rfim__asked_response rfim__zone_response(const rfim__asked_response *response);
/* mean, spread: mean and standard deviation over the samples of that nu. */
rfim_zone rfim__zone_of(const rfim__asked_response *response, double mean, double spread);

#endif
