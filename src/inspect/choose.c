#include "inspect/choose.h"

#include "core/number.h"
#include "metric/representation.h"
#include "subsystem/handle.h"

#include <math.h>

/* Flops that the absolute metrics may take, over all samples and modules: some ten seconds. */
#define ABSOLUTE_FLOPS 5e11

typedef struct choice {
    const rfim_inspection *inspection;
    rfim_network *network;
    rfim__inspected *subsystem;
    rfim_metric_options options;
    rfim_metric_plan plan;
} choice;

#define CANDIDATES 4
static const rfim_representation of_layers[CANDIDATES] = {RFIM_NEURON, RFIM_SHARED, RFIM_KRONECKER,
                                                          RFIM_DIAGONAL};
/* All its blocks are the same. */
static const rfim_representation of_linear[CANDIDATES] = {RFIM_SHARED, RFIM_NEURON, RFIM_KRONECKER,
                                                          RFIM_DIAGONAL};
static const rfim_representation of_classes[CANDIDATES] = {RFIM_DENSE, RFIM_KRONECKER,
                                                           RFIM_DIAGONAL, RFIM_DIAGONAL};

typedef enum fit { FITS, TOO_LARGE, CANNOT } fit;

/* CANNOT: the context keeps the sentence why. */
static rfim_status try(choice *c, rfim_representation representation, fit *out)
{
    c->options.representation = representation;
    rfim_status status = rfim_metric_plan_get(c->network, &c->options, &c->plan);
    *out = status != RFIM_OK                              ? CANNOT
           : c->plan.bytes > (double)c->options.max_bytes ? TOO_LARGE
                                                          : FITS;
    return status == RFIM_ERROR_UNSUPPORTED ? RFIM_OK : status;
}

static void note_misfit(choice *c, fit misfit)
{
    char taken[RFIM__BYTES_TEXT];
    char limit[RFIM__BYTES_TEXT];
    const char *name = rfim_representation_name(c->options.representation);
    rfim__bytes_text(c->plan.bytes, taken);
    rfim__bytes_text((double)c->options.max_bytes, limit);
    if (misfit == TOO_LARGE)
        rfim__inspected_note(c->subsystem, "%s would take %s, more than %s", name, taken, limit);
    else
        rfim__inspected_note(c->subsystem, "%s cannot hold this metric", name);
}

/* What the representation leaves out. */
static void note_loss(choice *c)
{
    const rfim__shape *shape = &c->subsystem->metric->subsystem.shape;
    rfim_representation representation = c->options.representation;
    bool linear = c->subsystem->own.activation.kind == RFIM__LINEAR;
    if (representation == RFIM_SHARED && !linear)
        rfim__inspected_note(c->subsystem, "shared: taken as a linear layer, without nu");
    if (rfim__representation_is_exact(representation, shape))
        return;
    if (representation == RFIM_NEURON)
        rfim__inspected_note(c->subsystem, "neuron: without the terms between neurons");
    if (representation == RFIM_KRONECKER)
        rfim__inspected_note(c->subsystem, "kronecker: a product of means");
    if (representation == RFIM_DIAGONAL)
        rfim__inspected_note(c->subsystem, "diagonal: without all other entries");
}

/* The response asked for; where there is no next module with weights, the network's. */
static rfim_status choose_response(choice *c, bool named, bool *as_asked)
{
    fit found = FITS;
    rfim_status status = try(c, RFIM_DIAGONAL, &found); /* holds everything there is */
    if (status != RFIM_OK || found != CANNOT)
        return status;
    if (named || c->options.response != RFIM_RESPONSE_NEXT)
        return RFIM_ERROR_UNSUPPORTED;
    c->options.response = RFIM_RESPONSE_NETWORK;
    c->options.family = RFIM_FAMILY_PUBLISHED;
    status = try(c, RFIM_DIAGONAL, &found);
    if (status != RFIM_OK || found == CANNOT)
        return status != RFIM_OK ? status : RFIM_ERROR_UNSUPPORTED;
    *as_asked = false;
    rfim__inspected_note(c->subsystem, "no next module with weights: response network");
    return RFIM_OK;
}

static const rfim_representation *candidates_for(const choice *c)
{
    const rfim__asked_response *own = &c->subsystem->own;
    if (own->family == RFIM_FAMILY_CATEGORICAL)
        return of_classes;
    return own->family == RFIM_FAMILY_GAUSSIAN && own->activation.kind == RFIM__LINEAR ? of_linear
                                                                                       : of_layers;
}

/* The first representation that fits; of what does not, creation has the sentence. */
static rfim_status choose_fitting(choice *c)
{
    const rfim_representation *candidates = candidates_for(c);
    for (size_t candidate = 0; candidate < CANDIDATES; candidate++) {
        fit found = FITS;
        rfim_status status = try(c, candidates[candidate], &found);
        if (status != RFIM_OK || found == FITS)
            return status;
        if (found == TOO_LARGE)
            note_misfit(c, found);
    }
    return RFIM_OK;
}

static rfim_status choose_representation(choice *c, bool named, bool *as_asked)
{
    int wanted = c->inspection->options.representation;
    fit found = FITS;
    if (wanted < 0)
        return choose_fitting(c);
    rfim_status status = try(c, (rfim_representation)wanted, &found);
    if (status != RFIM_OK || found == FITS || named)
        return status;
    *as_asked = false;
    note_misfit(c, found);
    return choose_fitting(c);
}

static rfim_status create_diagonal(choice *c, rfim_response response, rfim_family family,
                                   rfim_metric **out)
{
    rfim_metric_options options = c->options;
    options.representation = RFIM_DIAGONAL;
    options.response = response;
    options.family = family;
    options.max_bytes = 0;
    return rfim_metric_create(c->network, &options, out);
}

/* How many samples the absolute metrics can afford, in whole passes: a sample is passed back from
 * each output of the network, for each module. */
static size_t absolute_samples(const choice *c)
{
    size_t all = c->inspection->options.samples;
    double passes = (double)rfim_network_outputs(c->network) * (double)c->network->count;
    double flops = 2 * passes * (double)rfim_network_parameters(c->network);
    double samples = fmax(RFIM__INSPECT_PASS, ABSOLUTE_FLOPS / flops);
    return samples < (double)all ? (size_t)samples / RFIM__INSPECT_PASS * RFIM__INSPECT_PASS : all;
}

static void begin(choice *c)
{
    const rfim_inspect_options *options = &c->inspection->options;
    rfim_metric_defaults(&c->options);
    c->options.first = c->subsystem->module;
    c->options.last = c->subsystem->responds;
    c->options.response = options->response;
    c->options.family = options->family;
    c->options.sigma = options->sigma;
    c->options.max_samples = options->samples;
    c->options.max_bytes = options->max_bytes;
}

rfim_status rfim__inspect_choose(const rfim_inspection *inspection, rfim_network *network,
                                 bool named, rfim__inspected *subsystem, size_t *asked)
{
    const rfim_inspect_options *options = &inspection->options;
    choice c = {.inspection = inspection, .network = network, .subsystem = subsystem};
    bool as_asked = true;
    begin(&c);
    rfim_status status = choose_response(&c, named, &as_asked);
    if (status == RFIM_OK)
        status = choose_representation(&c, named, &as_asked);
    if (status == RFIM_OK)
        status = rfim_metric_create(network, &c.options, &subsystem->metric);
    if (status != RFIM_OK)
        return status;
    note_loss(&c);
    *asked += as_asked;
    subsystem->told.representation = c.options.representation;
    subsystem->told.response = c.options.response;
    subsystem->told.absolute_samples = absolute_samples(&c);
    status = create_diagonal(&c, RFIM_RESPONSE_OWN, options->family, &subsystem->relative);
    if (status == RFIM_OK)
        status = create_diagonal(&c, RFIM_RESPONSE_NETWORK, RFIM_FAMILY_PUBLISHED,
                                 &subsystem->absolute);
    return status;
}

rfim_status rfim__inspect_refuse(const rfim_inspection *inspection, rfim_network *network)
{
    rfim_status status = RFIM_OK;
    for (size_t u = 0; u <= inspection->count; u++) {
        size_t at = u % inspection->count; /* in the end the first one again */
        rfim_metric *metric = NULL;
        choice c = {inspection, network, &inspection->subsystems[at], {0}, {0}};
        begin(&c);
        c.options.representation = RFIM_DIAGONAL;
        if (inspection->options.representation >= 0)
            c.options.representation = (rfim_representation)inspection->options.representation;
        status = rfim_metric_create(network, &c.options, &metric);
        rfim_metric_free(metric);
        if (status == RFIM_ERROR_MEMORY)
            return status;
    }
    return status;
}
