/* subsystem.h - what a metric is asked about, resolved against a network: its parts, the module
 * whose response is measured, and how that response's information comes. */
#ifndef RFIM_SUBSYSTEM_SUBSYSTEM_H
#define RFIM_SUBSYSTEM_SUBSYSTEM_H

#include "metric/shape.h"
#include "network/network.h"

#include <rfim/metric.h>

/* The response: what is distributed how, given the pre-activation (or parameter) u. */
typedef struct rfim__asked_response {
    size_t module;      /* at whose output it lies */
    rfim_family family; /* canonical, gaussian or categorical */
    rfim__activation activation;
    double sigma;
    bool trained; /* the network's own: derivatives are those of the forward pass, not the slope */
} rfim__asked_response;

typedef struct rfim__subsystem {
    rfim_network *network;
    rfim_metric_options options; /* outputs filled in */
    rfim__asked_response response;
    rfim__part *parts; /* [shape.count], to be released */
    rfim__shape shape;
    char name[RFIM__SUBSYSTEM_NAME]; /* "layer2", "layer1 ... layer3", "input of layer1" */
} rfim__subsystem;

/* The response of a module: the published family where that is asked for. */
rfim_status rfim__subsystem_response(rfim_network *network, size_t module, rfim_family family,
                                     double sigma, rfim__asked_response *out);
/* Checks the options and resolves them. */
rfim_status rfim__subsystem_resolve(rfim_network *network, const rfim_metric_options *options,
                                    rfim__subsystem *out);
void rfim__subsystem_release(rfim__subsystem *subsystem);

#endif
