/* inspect.h - a look at the metrics of a trained network, subsystem by subsystem. */
#ifndef RFIM_INSPECT_H
#define RFIM_INSPECT_H

#include <rfim/metric.h>

typedef struct rfim_inspection rfim_inspection;

/* representation -1: what fits: `neuron` (soft-max layers `dense`), and `shared` (soft-max:
 * `kronecker`) where that passes max_bytes; batch normalisation `neuron`. */
typedef struct rfim_inspect_options {
    int representation; /* rfim_representation, or -1 */
    rfim_response response;
    rfim_family family;
    double sigma;
    rfim_damping_rule damping_rule; /* for the condition number */
    double damping;
    size_t samples;     /* of the data set, streamed; 0: all */
    size_t pictured;    /* samples in the heat maps of nu */
    size_t max_bytes;   /* for one metric */
    const char *module; /* only this one ("layer2"); NULL: every module with parameters */
} rfim_inspect_options;

/* One subsystem: a module's parameters. */
typedef struct rfim_inspected {
    char name[48];
    size_t rows, columns; /* D x m of its parameters */
    char activation[48];
    rfim_representation representation;
    rfim_response response; /* falls back to `network` where there is no `next` */
    char note[256];         /* why another representation than hoped for; or "" */
    size_t samples;
    size_t order; /* eigenvalues */
    double metric_trace;
    double largest; /* eigenvalues of G */
    double smallest;
    double effective_rank;
    double condition; /* of G + Lambda: the worst block's largest over smallest eigenvalue */
    size_t rank;      /* eigenvalues above order x eps x the largest */
    double mean_nu;   /* over neurons and samples; NaN where there is no nu (soft-max) */
    size_t dead;      /* neurons with mean nu below 0.01 of the largest nu possible ... */
    size_t saturated; /* see docs/mathematics.md, "effective learning zone" */
    size_t linear;
} rfim_inspected;

#ifdef __cplusplus
extern "C" {
#endif

RFIM_API void rfim_inspect_defaults(rfim_inspect_options *options);
/* Streams the data set through the network. */
RFIM_API rfim_status rfim_inspect(rfim_network *network, const rfim_dataset *dataset,
                                  const rfim_inspect_options *options, rfim_inspection **out);
RFIM_API void rfim_inspection_free(rfim_inspection *inspection);
RFIM_API size_t rfim_inspection_count(const rfim_inspection *inspection);
RFIM_API rfim_status rfim_inspection_get(const rfim_inspection *inspection, size_t index,
                                         rfim_inspected *out);
/* Eigenvalues, largest first: [order]. */
RFIM_API const double *rfim_inspection_spectrum(const rfim_inspection *inspection, size_t index);
/* Mean nu of each neuron: [columns]; NULL where there is none. */
RFIM_API const double *rfim_inspection_nu(const rfim_inspection *inspection, size_t index);
/* Trace of each neuron's block: [columns], with respect to the response own (relative metric) and
 * network (absolute metric). */
RFIM_API const double *rfim_inspection_relative(const rfim_inspection *inspection, size_t index);
RFIM_API const double *rfim_inspection_absolute(const rfim_inspection *inspection, size_t index);
/* An SVG page: spectra, heat maps of nu, relative against absolute metric. */
RFIM_API rfim_status rfim_inspection_draw(const rfim_inspection *inspection, const char *svg_path);
/* Everything as JSON. */
RFIM_API rfim_status rfim_inspection_save(const rfim_inspection *inspection, const char *json_path);

#ifdef __cplusplus
}
#endif
#endif
