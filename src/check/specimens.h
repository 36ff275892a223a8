/* specimens.h - subsystems of every kind, in which each representation is tried, and what it should
 * hold of them. */
#ifndef RFIM_CHECK_SPECIMENS_H
#define RFIM_CHECK_SPECIMENS_H

#include "check/toy.h"

typedef struct rfim__specimen {
    const char *name;
    const char *text;
    size_t first, last;
    rfim_variable variable;
    rfim_response response;
    double sigma;
    rfim__toy_data data;
    size_t samples;
    unsigned held_by; /* bits 1 << representation */
    bool thorough;    /* for the thorough check alone */
} rfim__specimen;

extern const rfim__specimen rfim__specimens[];
extern const size_t rfim__specimens_count;

/* Is this representation to be tried on it? */
bool rfim__specimen_is_for(const rfim__check *check, const rfim__specimen *specimen,
                           rfim_representation representation);
rfim__toy *rfim__specimen_create(rfim__check *check, const rfim__specimen *specimen,
                                 rfim_precision precision);
rfim_metric_options rfim__specimen_options(const rfim__specimen *specimen,
                                           rfim_representation representation);
/* What the representation should hold, [N x N], from the oracle's metric: all of it; the blocks of
 * the neurons; the diagonal; a product of means; or the linear layer's (shared). */
double *rfim__specimen_expected(rfim__toy *toy, const rfim__specimen *specimen,
                                rfim_representation representation);
/* Rows of a block of one neuron: D, 2 (batch norm), 1 (an input). */
size_t rfim__specimen_rows(const rfim__toy *toy, const rfim__specimen *specimen);

#endif
