/* metric.h - relative Fisher information metrics (RFIM) of parts of a network.
 *
 * A SUBSYSTEM is a run of consecutive modules (or some neurons of one layer, or the input of a
 * module). Its metric says how sensitive the RESPONSE is to its parameters theta, given what its
 * neighbours hand it, the reference theta_f (Sun and Nielsen 2017, section 3):
 *
 *     G = (1/n) sum_i J_i^T F_i J_i,     J = du/dtheta,  F = Fisher information of p(h|u) in u
 *
 * The metric is collected from samples (observe), factorised with damping (refresh), and is then
 * multiplied, solved with, or taken apart. docs/mathematics.md has every closed form.
 *
 * Vectors hold rfim_metric_order() doubles: the parameters of the subsystem's modules one after
 * another; of each module the columns of its matrix [rows x m] one after another: of neuron 0 its
 * d weights and its bias, of neuron 1, ...; of batch normalisation gamma and beta channel by
 * channel.
 *
 * See also: network.h for rfim_network_create and the trace, io.h for rfim_network_load, fim.h for
 * the Fisher information of a whole network by its definitions. */
#ifndef RFIM_METRIC_H
#define RFIM_METRIC_H

#include <rfim/data.h>
#include <rfim/network.h>

typedef struct rfim_metric rfim_metric;

/* How a metric is kept. P_i is the metric on the pre-activations t of sample i, so that a layer's
 * metric is the mean over samples of P_i (x) x~_i x~_i^T. */
typedef enum rfim_representation {
    RFIM_SHARED,    /* one block (1/n) sum_i x~_i x~_i^T / sigma^2 for every output (a linear
                     * response asked for as canonical: without sigma) */
    RFIM_NEURON,    /* one block (1/n) sum_i (P_i)_jj x~_i x~_i^T for each neuron j */
    RFIM_KRONECKER, /* (mean of P_i) (x) (mean of x~_i x~_i^T): a product of means */
    RFIM_SOFTMAX,   /* soft-max layer, exact, structured: keeps the samples */
    RFIM_DENSE,     /* every entry */
    RFIM_DIAGONAL,  /* the diagonal alone */
    RFIM_GRAM       /* exact, implicit: keeps the samples, solves in their Gram matrix */
} rfim_representation;
#define RFIM_REPRESENTATIONS 7

/* Whose sensitivity is measured. */
typedef enum rfim_response {
    RFIM_RESPONSE_OWN,    /* the output of the subsystem's last module */
    RFIM_RESPONSE_NEXT,   /* the output of the next module with weights */
    RFIM_RESPONSE_NETWORK /* what the network is trained to give: its loss is -log p of it */
} rfim_response;

/* The distribution of a response. PUBLISHED: soft-max and sigmoid losses make the last module's
 * response categorical and canonical; else tanh and sigm are canonical, all others gaussian. The
 * network's response always has the family that its loss stands for. */
typedef enum rfim_family {
    RFIM_FAMILY_PUBLISHED,
    RFIM_FAMILY_GAUSSIAN,   /* h = f(t) + sigma eps:            nu = slope(t)^2 / sigma^2 */
    RFIM_FAMILY_CANONICAL,  /* mean f(t), natural parameter t:  nu = f'(t); f must not fall */
    RFIM_FAMILY_CATEGORICAL /* classes, softmax(t):             F = diag(eta) - eta eta^T */
} rfim_family;

typedef enum rfim_variable {
    RFIM_VARIABLE_PARAMETERS, /* theta = the modules' parameters, given the input */
    RFIM_VARIABLE_INPUT       /* theta = the input of the first module, given the parameters */
} rfim_variable;

/* Damped Kronecker products: (A (x) B + Lambda)^-1 by eigenvectors, or K-FAC's
 * (A + (root/pi) I) (x) (B + pi root I), root = sqrt(lambda), pi^2 = tr(B) m / (tr(A) D). */
typedef enum rfim_kronecker_rule {
    RFIM_KRONECKER_EXACT,
    RFIM_KRONECKER_FACTORED
} rfim_kronecker_rule;

/* Lambda, what is added to a block of the metric before it is factorised (docs/CONVENTIONS.md).
 * A block: a neuron's, the shared one, or, in the other representations, the whole metric. */
typedef enum rfim_damping_rule {
    RFIM_DAMPING_TRACE,         /* lambda = eps tr(G) */
    RFIM_DAMPING_MEAN_DIAGONAL, /* lambda = eps tr(G) / D */
    RFIM_DAMPING_DIAGONAL,      /* Lambda = eps diag(G) */
    RFIM_DAMPING_ABSOLUTE       /* lambda = eps */
} rfim_damping_rule;

typedef struct rfim_metric_options {
    size_t first, last;  /* the subsystem: modules first ... last, from 0 */
    size_t first_output; /* a group of neurons of ONE layer: first_output ... +outputs-1 */
    size_t outputs;      /* 0: all of them */
    rfim_variable variable;
    rfim_response response;
    rfim_family family; /* of the response `own` or `next` */
    double sigma;       /* of gaussian responses `own` and `next`; the network's has sigma 1 */
    rfim_representation representation;
    rfim_kronecker_rule kronecker_rule;
    size_t max_samples; /* softmax and gram keep at most so many samples */
    size_t max_bytes;   /* a metric that takes more is refused, before anything is allocated;
                         * 0: no limit */
} rfim_metric_options;

/* What a metric will take; counted, nothing allocated. */
typedef struct rfim_metric_plan {
    size_t order;         /* numbers of a vector */
    size_t blocks;        /* matrices that are factorised ... */
    size_t factor_order;  /* ... of this order each */
    double bytes;         /* kept: collected, factorised, work areas; what max_bytes limits */
    double scratch_bytes; /* of all threads together, shared by all metrics of the network */
    double observe_flops; /* per sample */
    double refresh_flops;
    double solve_flops;
} rfim_metric_plan;

/* What became of a refresh. */
typedef struct rfim_metric_refresh_report {
    size_t retries; /* times that the damping was raised tenfold, three at most */
    double damping; /* eps in use */
    int kept;       /* 1: it did not help, the last good factor stays */
    size_t block;   /* which block failed first, from 1; 0: none */
    int wide;       /* 1: float32 failed, or was not asked for, and float64 was taken inside */
} rfim_metric_refresh_report;

/* How far a metric is from another one of the same subsystem. */
typedef struct rfim_metric_distance {
    double frobenius; /* |G - H|_F / |H|_F */
    double quadratic; /* largest |v^T (G - H) v| / v^T (H + lambda I) v over all v */
} rfim_metric_distance;

#ifdef __cplusplus
extern "C" {
#endif

/* Module 0, all its neurons, response own, published family, sigma 1, dense, at most 1024 samples
 * kept, at most 2 GiB. */
RFIM_API void rfim_metric_defaults(rfim_metric_options *options);
/* Checks the options as rfim_metric_create does, but for memory. */
RFIM_API rfim_status rfim_metric_plan_get(rfim_network *network, const rfim_metric_options *options,
                                          rfim_metric_plan *out);
/* An empty metric (G = 0). It lives in the network's precision, and not longer than the network.
 * RFIM_ERROR_UNSUPPORTED: a response that is not there, a family that does not fit, a
 * representation that cannot hold the metric (the sentence says which can).
 * RFIM_ERROR_MEMORY: more than max_bytes (the sentence says how much). */
RFIM_API rfim_status rfim_metric_create(rfim_network *network, const rfim_metric_options *options,
                                        rfim_metric **out);
RFIM_API void rfim_metric_free(rfim_metric *metric);
RFIM_API void rfim_metric_options_get(const rfim_metric *metric, rfim_metric_options *out);
RFIM_API size_t rfim_metric_order(const rfim_metric *metric);
/* "shared", "neuron", ... and "own", "next", "network": what options and files say. */
RFIM_API const char *rfim_representation_name(rfim_representation representation);
RFIM_API const char *rfim_response_name(rfim_response response);

/* --- collecting ------------------------------------------------------------------------------- */

/* G <- keep G + add x mean over the samples of the batch last passed forward on the trace (batch
 * normalisation: with the statistics of that pass, as constants). */
RFIM_API rfim_status rfim_metric_observe(rfim_metric *metric, rfim_trace *trace, double keep,
                                         double add);
/* G <- mean over the first `samples` samples of a data set (0: all), streamed in pieces, in
 * inference mode (batch normalisation: moving averages). */
RFIM_API rfim_status rfim_metric_observe_dataset(rfim_metric *metric, const rfim_dataset *dataset,
                                                 size_t samples);
/* G <- keep G + add H. H: of the same subsystem, response and representation. When G is the mean
 * over n1 samples and H over n2, keep = n1/(n1 + n2) and add = n2/(n1 + n2) give the mean over all
 * of them; the same weights serve rfim_metric_observe. (A kronecker metric adds its two factors
 * apart.) */
RFIM_API rfim_status rfim_metric_merge(rfim_metric *metric, double keep, double add,
                                       const rfim_metric *other);
/* G <- scale I; softmax and gram can only be emptied (scale 0). The factor goes. */
RFIM_API rfim_status rfim_metric_reset(rfim_metric *metric, double scale);

/* --- factorising and solving ------------------------------------------------------------------ */

/* Factorises G + Lambda. When a block is not positive definite: again with ten times the damping,
 * three times at most; then the last good factor stays and
 * RFIM_ERROR_NOT_POSITIVE_DEFINITE is returned. report may be NULL. */
RFIM_API rfim_status rfim_metric_refresh(rfim_metric *metric, rfim_damping_rule rule, double eps,
                                         rfim_metric_refresh_report *report);
/* Lambda of the factor in use, [order]. An error before the first refresh. (kronecker `factored`:
 * the diagonal of what the damped product adds.) */
RFIM_API rfim_status rfim_metric_damping(rfim_metric *metric, double *lambda);
/* out <- (G + Lambda)^-1 v, with the factor of the last refresh; backward stable. out may be v. */
RFIM_API rfim_status rfim_metric_solve(rfim_metric *metric, const double *v, double *out);
/* out <- S v with S S^T = (G + Lambda)^-1: normal numbers v give draws with that covariance. S is
 * [order x order] for all representations but gram and softmax, which refuse. */
RFIM_API rfim_status rfim_metric_sqrt_solve(rfim_metric *metric, const double *v, double *out);
/* log det(G + Lambda), to an absolute error of about rounding x tr(G)/lambda where G is singular;
 * gram and softmax: also where they keep more samples than G has rank. */
RFIM_API rfim_status rfim_metric_log_det(rfim_metric *metric, double *out);
/* The gradient of the mean loss that is on the trace (after rfim_trace_backward), as a vector. */
RFIM_API rfim_status rfim_metric_gradient(rfim_metric *metric, const rfim_trace *trace,
                                          double *out);
/* The natural gradient (G + Lambda)^-1 x that gradient. gram and softmax that remember just the
 * batch of this trace, of no more samples than a neuron has parameters, go straight from delta
 * where that is as accurate as rfim_metric_solve (docs/mathematics.md). */
RFIM_API rfim_status rfim_metric_direction(rfim_metric *metric, const rfim_trace *trace,
                                           double *out);
/* The subsystem's parameters as a vector, and back. Not for RFIM_VARIABLE_INPUT. */
RFIM_API rfim_status rfim_metric_parameters(rfim_metric *metric, double *theta);
RFIM_API rfim_status rfim_metric_parameters_set(rfim_metric *metric, const double *theta);

/* --- looking ---------------------------------------------------------------------------------- */

/* out <- G v (without damping). out may be v. */
RFIM_API rfim_status rfim_metric_multiply(rfim_metric *metric, const double *v, double *out);
/* v^T G v */
RFIM_API rfim_status rfim_metric_quadratic(rfim_metric *metric, const double *v, double *out);
/* tr G; a shared metric counts its m copies. */
RFIM_API rfim_status rfim_metric_metric_trace(rfim_metric *metric, double *out);
/* diag G: [order] */
RFIM_API rfim_status rfim_metric_diagonal(rfim_metric *metric, double *out);
/* The eigenvalues of G, [order], largest first. */
RFIM_API rfim_status rfim_metric_spectrum(rfim_metric *metric, double *out);
/* tr(G)^2 / |G|_F^2, between 1 and order; 0 when G = 0. */
RFIM_API rfim_status rfim_metric_effective_rank(rfim_metric *metric, double *out);
/* G as [order x order], row-major. */
RFIM_API rfim_status rfim_metric_to_dense(rfim_metric *metric, double *out);

/* --- between representations, and files ------------------------------------------------------- */

/* The same metric in another representation. Where that is not exact: approximate = 0 refuses, 1
 * gives the natural approximation (diagonal, diagonal blocks, their mean, partial traces); how
 * good it is: rfim_metric_compare. softmax and gram cannot be made from others. What has been
 * collected is converted, not the factor: refresh the new metric before solving with it. */
RFIM_API rfim_status rfim_metric_convert(rfim_metric *metric, rfim_representation representation,
                                         int approximate, rfim_metric **out);
/* Distance of the metric from `reference`, of the same order. lambda = damping tr(H)/order.
 * Both are made dense. */
RFIM_API rfim_status rfim_metric_compare(rfim_metric *metric, rfim_metric *reference,
                                         double damping, rfim_metric_distance *out);
/* A safetensors file with what has been collected and the options. */
RFIM_API rfim_status rfim_metric_save(rfim_metric *metric, const char *path);
/* For a network with the same modules; refreshed again when it had been. */
RFIM_API rfim_status rfim_metric_load(rfim_network *network, const char *path, rfim_metric **out);

/* --- responses -------------------------------------------------------------------------------- */

/* nu of module `module` on the batch last passed forward: how much information each response
 * carries about its pre-activation. nu: [n x m] row-major. Categorical: (F_i)_jj = eta (1 - eta).
 */
RFIM_API rfim_status rfim_metric_nu(rfim_trace *trace, size_t module, rfim_family family,
                                    double sigma, double *nu);

#ifdef __cplusplus
}
#endif
#endif
