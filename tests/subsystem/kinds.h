/* kinds.h - a subsystem for every representation, small enough to be made dense. */
#ifndef RFIM_TESTS_SUBSYSTEM_KINDS_H
#define RFIM_TESTS_SUBSYSTEM_KINDS_H

#include "subsystem/subject.h"

#define KINDS 11

typedef struct kind {
    const char *text;
    size_t first, last;
    rfim_response response;
    rfim_representation representation;
    rfim_kronecker_rule rule;
} kind;

static const char *const kind_text = "input 3; linear 4 relu; batchnorm; linear 3; loss softmax";

static const kind kinds[KINDS] = {
    {kind_text, 0, 0, RFIM_RESPONSE_OWN, RFIM_SHARED, RFIM_KRONECKER_EXACT},
    {kind_text, 0, 0, RFIM_RESPONSE_OWN, RFIM_NEURON, RFIM_KRONECKER_EXACT},
    {kind_text, 1, 1, RFIM_RESPONSE_NEXT, RFIM_NEURON, RFIM_KRONECKER_EXACT},
    {kind_text, 0, 0, RFIM_RESPONSE_NEXT, RFIM_KRONECKER, RFIM_KRONECKER_EXACT},
    {kind_text, 2, 2, RFIM_RESPONSE_OWN, RFIM_KRONECKER, RFIM_KRONECKER_FACTORED},
    {kind_text, 2, 2, RFIM_RESPONSE_OWN, RFIM_SOFTMAX, RFIM_KRONECKER_EXACT},
    {kind_text, 0, 2, RFIM_RESPONSE_NETWORK, RFIM_DENSE, RFIM_KRONECKER_EXACT},
    {kind_text, 2, 2, RFIM_RESPONSE_OWN, RFIM_DENSE, RFIM_KRONECKER_EXACT},
    {kind_text, 0, 2, RFIM_RESPONSE_NETWORK, RFIM_DIAGONAL, RFIM_KRONECKER_EXACT},
    {kind_text, 0, 0, RFIM_RESPONSE_OWN, RFIM_GRAM, RFIM_KRONECKER_EXACT},
    {kind_text, 0, 2, RFIM_RESPONSE_NETWORK, RFIM_GRAM, RFIM_KRONECKER_EXACT},
};

static inline rfim_metric_options asked_of(const kind *k)
{
    rfim_metric_options options = asked(k->first, k->last, k->response, k->representation);
    options.kronecker_rule = k->rule;
    return options;
}

#endif
