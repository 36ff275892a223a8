/* zone.h - the effective learning zone of a neuron, from its nu (rfim/inspect.h says which). */
#ifndef RFIM_INSPECT_ZONE_H
#define RFIM_INSPECT_ZONE_H

#include "metric/subsystem.h"

#include <rfim/inspect.h>

/* The largest nu that the response can have; NaN where it is not finite. */
double rfim__zone_largest_nu(const rfim__asked_response *response);
/* mean, spread: mean and standard deviation of nu over the samples. */
rfim_zone rfim__zone_of(const rfim__asked_response *response, double mean, double spread);

#endif
