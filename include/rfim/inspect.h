/* inspect.h - a look at the metrics of a trained network, subsystem by subsystem.
 *
 * EFFECTIVE LEARNING ZONE (Sun and Nielsen 2017): a neuron learns where its nu, the information
 * that its response carries about its pre-activation, is not small. With the mean and the standard
 * deviation of nu over the samples, and the largest nu that its activation and family allow, a
 * neuron is, by the first that holds,
 *
 *   dead        mean below 0.01 of the largest: hardly any sample moves it
 *   saturated   mean below 0.1 of the largest, and f levels off on both sides (tanh, sigm)
 *   linear      mean above 0.75 of the largest, and standard deviation below 0.1 of the mean: in
 *               the linear zone whatever the sample
 *   active      anything else
 *
 * The largest nu, from the slope f' (gaussian: its square / sigma^2; canonical: itself): linear,
 * relu, tanh, softplus, sin 1; sigm 1/4; elu max(1, alpha); gelu 1.1289 (at t = sqrt 2);
 * silu 1.0998 (at t = 2.3994); an activation from outside: the largest |f'| at t = -20, -19.99,
 * ..., 20.
 *
 * relu is judged by the slope f' of the forward pass, 1 or iota, so that with iota = 0 the mean is
 * the share of samples for which the neuron is above 0. Its smooth slope (docs/CONVENTIONS.md),
 * which the metric and the mean nu told here are made of, is above 0 where the neuron gives 0: a
 * neuron that reaches nobody would count as active. */
#ifndef RFIM_INSPECT_H
#define RFIM_INSPECT_H

#include <rfim/metric.h>

typedef struct rfim_inspection rfim_inspection;

typedef enum rfim_zone {
    RFIM_ZONE_NONE, /* classes of soft-max have no activation of their own */
    RFIM_ZONE_DEAD,
    RFIM_ZONE_SATURATED,
    RFIM_ZONE_LINEAR,
    RFIM_ZONE_ACTIVE
} rfim_zone;

/* representation -1: the first that fits into max_bytes of `neuron`, `shared`, `kronecker`,
 * `diagonal`; for linear modules, whose neurons all have the same block, `shared` comes first; for
 * soft-max layers it is `dense`, `kronecker`, `diagonal`. The note says what did not fit, and what
 * is lost. */
typedef struct rfim_inspect_options {
    int representation; /* rfim_representation, or -1 */
    rfim_response response;
    rfim_family family; /* of the response `own` or `next` */
    double sigma;
    rfim_damping_rule damping_rule; /* for the condition number */
    double damping;
    size_t samples;     /* of the data set, streamed; 0: all */
    size_t pictured;    /* samples in the heat maps of nu: the first ones */
    size_t max_bytes;   /* for one metric */
    const char *module; /* only this one ("layer2"); NULL: every module with parameters */
    /* Is told now and then how many samples of how many are done; NULL: nobody is. */
    void (*progress)(void *user, size_t samples, size_t of);
    void *progress_user;
} rfim_inspect_options;

/* One subsystem: a module's parameters. */
typedef struct rfim_inspected {
    char name[48];
    size_t rows, columns; /* D x m of its parameters */
    char activation[48];
    rfim_representation representation;
    rfim_response response; /* falls back to `network` where there is no `next` */
    char note[256];         /* what is not as hoped for: fallbacks, approximations; or "" */
    size_t samples;
    size_t order;       /* eigenvalues */
    size_t block_order; /* of the matrices that are factorised */
    double metric_trace;
    double largest;  /* eigenvalues of G */
    double smallest; /* may be below 0 by rounding */
    double effective_rank;
    /* Of G + Lambda: the worst block's largest over smallest eigenvalue (those of G below 0 count
     * as 0). NaN, with a note, where it could not be computed. */
    double condition;
    double damping;    /* eps in use: larger than asked for where that was not enough */
    size_t rank;       /* eigenvalues above block_order x rounding unit x the largest */
    double mean_nu;    /* over neurons and samples; soft-max: eta (1 - eta) */
    double largest_nu; /* that is possible; NaN where that is not known */
    size_t dead;       /* neurons of each zone, see above */
    size_t saturated;
    size_t linear;
    size_t active;
    size_t absolute_samples; /* that `absolute` was collected from; fewer for costly networks */
} rfim_inspected;

#ifdef __cplusplus
extern "C" {
#endif

/* Every module, what fits into 64 MB, response own, published family, sigma 1, damping 1e-3 of the
 * trace, all samples, 240 pictured. */
RFIM_API void rfim_inspect_defaults(rfim_inspect_options *options);
/* Streams the data set through the network, once, in inference mode; all metrics observe that one
 * pass. Where no module is named, a representation or response that a module cannot have is
 * replaced and noted, as long as one module has it. Errors: as rfim_metric_create; an unknown
 * module; data that do not fit the network; RFIM_DIVERGED, when nu or a metric holds NaN or
 * infinite numbers. */
RFIM_API rfim_status rfim_inspect(rfim_network *network, const rfim_dataset *dataset,
                                  const rfim_inspect_options *options, rfim_inspection **out);
RFIM_API void rfim_inspection_free(rfim_inspection *inspection);
RFIM_API size_t rfim_inspection_count(const rfim_inspection *inspection);
RFIM_API rfim_status rfim_inspection_get(const rfim_inspection *inspection, size_t index,
                                         rfim_inspected *out);
/* Eigenvalues, largest first: [order]. */
RFIM_API const double *rfim_inspection_spectrum(const rfim_inspection *inspection, size_t index);
/* Mean and standard deviation over the samples of each neuron's nu: [columns]. */
RFIM_API const double *rfim_inspection_nu(const rfim_inspection *inspection, size_t index);
RFIM_API const double *rfim_inspection_nu_spread(const rfim_inspection *inspection, size_t index);
/* The zone of each neuron: [columns]. */
RFIM_API const rfim_zone *rfim_inspection_zones(const rfim_inspection *inspection, size_t index);
/* "dead", "saturated", "linear", "active"; "-" for RFIM_ZONE_NONE */
RFIM_API const char *rfim_zone_name(rfim_zone zone);
/* Trace of each neuron's block: [columns], with respect to the response own (relative metric) and
 * network (absolute metric). */
RFIM_API const double *rfim_inspection_relative(const rfim_inspection *inspection, size_t index);
RFIM_API const double *rfim_inspection_absolute(const rfim_inspection *inspection, size_t index);
/* An SVG page: spectra, heat maps of nu, relative against absolute metric. */
RFIM_API rfim_status rfim_inspection_draw(const rfim_inspection *inspection, const char *svg_path);
/* Everything as JSON, in a file; or as text that lives as long as the inspection. */
RFIM_API rfim_status rfim_inspection_save(const rfim_inspection *inspection, const char *json_path);
RFIM_API rfim_status rfim_inspection_json(rfim_inspection *inspection, const char **text);

#ifdef __cplusplus
}
#endif
#endif
