/* optimizer.h - stochastic gradient descent, Adam, and relative natural gradient descent. */
#ifndef RFIM_OPTIMIZER_H
#define RFIM_OPTIMIZER_H

#include <rfim/metric.h>
#include <stdint.h>

typedef struct rfim_optimizer rfim_optimizer;

typedef enum rfim_method { RFIM_SGD, RFIM_ADAM, RFIM_RNGD } rfim_method;

typedef enum rfim_schedule_rule {
    RFIM_SCHEDULE_CONSTANT,
    RFIM_SCHEDULE_LINEAR, /* to 0 over the planned steps */
    RFIM_SCHEDULE_COSINE  /* to 0 over the planned steps */
} rfim_schedule_rule;

/* What a step keeps of the steps before it (docs/optimizer.md, section 8). */
typedef enum rfim_momentum_kind {
    RFIM_MOMENTUM_AFTER,    /* heavy ball: v <- momentum v + direction, W <- W - rate v */
    RFIM_MOMENTUM_BEFORE,   /* the method goes by an exponential mean of the gradients */
    RFIM_MOMENTUM_NESTEROV, /* v as above, W <- W - rate (direction + momentum v) */
    RFIM_MOMENTUM_SPRING    /* rngd: damping pulls the direction to momentum times the last one */
} rfim_momentum_kind;

/* How far along its directions a step of rngd goes (docs/optimizer.md, section 2). */
typedef enum rfim_step_control {
    RFIM_STEP_FIXED,     /* by the learning rate alone */
    RFIM_STEP_TRUST,     /* no farther than a trust region over the whole network allows */
    RFIM_STEP_RESPONSE,  /* so far that the response of every subsystem moves by rho */
    RFIM_STEP_QUADRATIC, /* to the minimum of the batch's quadratic model along the direction and
                            the last step, times the learning rate */
    RFIM_STEP_OUTPUT /* as `trust`, nor farther than lets the network's outputs on the batch move by
                        rho_output */
} rfim_step_control;

/* What happens to the damping over the run (docs/optimizer.md, section 3). */
typedef enum rfim_damping_control {
    RFIM_DAMPING_CONTROL_FIXED,
    RFIM_DAMPING_CONTROL_LM /* Levenberg-Marquardt: down where step control's quadratic model
                               predicts the decrease well, up where it does not */
} rfim_damping_control;

/* How a metric that remembers is averaged over its collections. */
typedef enum rfim_metric_average {
    RFIM_AVERAGE_EXPONENTIAL, /* M <- decay M + (1 - decay) G from the first collection on */
    RFIM_AVERAGE_CORRECTED    /* the plain mean of the prior and the collections so far, until that
                                 is the longer memory of the two; of a first layer, whose inputs are
                                 the data, for good */
} rfim_metric_average;

/* In which units of a layer's inputs prior and damping are meant. */
typedef enum rfim_metric_units {
    RFIM_UNITS_GIVEN,  /* those that they come in */
    RFIM_UNITS_TYPICAL /* each input's typical size where it is active: no change of a column's unit
                          makes a difference */
} rfim_metric_units;

/* What stands for nu in a metric that the neurons of a layer share. */
typedef enum rfim_shared_nu {
    RFIM_NU_ONE, /* 1, as if responses were linear (paper, section 5) */
    RFIM_NU_MEAN /* its mean over neurons, samples and collections: G = mean nu x mean x x^T */
} rfim_shared_nu;

/* Which pass the metric is read off. */
typedef enum rfim_metric_pass {
    RFIM_METRIC_PASS_TRAINING, /* the training pass itself: costs no extra pass */
    RFIM_METRIC_PASS_AGAIN     /* a second forward pass on the batch with the new weights (paper) */
} rfim_metric_pass;

/* How the response that layers look at beyond their own gets to them (docs/optimizer.md, 10). */
typedef enum rfim_curvature {
    RFIM_CURVATURE_EXACT,  /* one way back for each output of the response */
    RFIM_CURVATURE_SAMPLED /* one way back in all, of a response drawn for each sample */
} rfim_curvature;

/* Which samples a metric remembers (docs/CONVENTIONS.md): different algorithms, not forms of one.
 */
typedef enum rfim_metric_memory {
    RFIM_MEMORY_AUTOMATIC,  /* of a first layer the data set, where that is possible, else ema */
    RFIM_MEMORY_EMA,        /* an exponential mean over the collections so far */
    RFIM_MEMORY_BATCH,      /* the samples of this step alone */
    RFIM_MEMORY_DATASET,    /* the training set, once for all; the first layer only */
    RFIM_MEMORY_PRIOR_BATCH /* an exponential mean of the shared metric, and this step's samples */
} rfim_metric_memory;

/* How the direction (M + Lambda)^-1 gradient is worked out: forms of one damped system, equal up to
 * rounding. */
typedef enum rfim_form {
    RFIM_FORM_AUTOMATIC, /* the cheapest that serves */
    RFIM_FORM_GRADIENT,  /* primal: the inverse applied to the gradient */
    RFIM_FORM_INPUTS,    /* primal: the inverse applied to X; no plain gradient is formed */
    RFIM_FORM_DUAL,      /* a system with as many unknowns as samples, straight from delta */
    RFIM_FORM_ACTIVE,    /* dual, over the samples with nu = 1 alone (hard relu) */
    RFIM_FORM_WHITENED   /* the layer is kept in coordinates in which its metric is I */
} rfim_form;

#define RFIM_LAYERS_TEXT                                                                           \
    512 /* bytes of a setting for all layers or layer by layer, with its end                       \
         */

typedef struct rfim_optimizer_options {
    rfim_method method;
    double learning_rate;
    rfim_schedule_rule schedule;
    size_t warmup;   /* steps over which the rate rises linearly from 0 */
    size_t steps;    /* planned steps in all, for the schedule; 0: constant only */
    double momentum; /* sgd, rngd: what a step keeps of the last one */
    rfim_momentum_kind momentum_kind;
    size_t accumulate;   /* batches that make one step together (rfim_optimizer_accumulate); 1: each
                            is one */
    double l2;           /* coupled: the gradient gets l2 W, the cost l2 |W|^2 / 2; no biases */
    double weight_decay; /* decoupled: W <- (1 - rate weight_decay) W - ...; no biases */
    double adam_beta1;
    double adam_beta2;
    double adam_epsilon;
    /* rngd: RFIM_SHARED, RFIM_NEURON or RFIM_KRONECKER */
    rfim_representation first;  /* of the first linear module */
    rfim_representation hidden; /* of those between; a network of one linear module has `last` */
    rfim_representation last;   /* of the last linear module */
    char response[RFIM_LAYERS_TEXT]; /* own|next|network, for all layers or layer by layer, as
                                        metric_memory below */
    rfim_curvature curvature;
    uint64_t seed; /* of what is drawn; rfim_train takes its own */
    rfim_step_control step_control;
    double rho;   /* trust, output, response: how far a step moves responses, a root-mean-square per
                     output, in units of sigma; the schedule applies to it */
    double kappa; /* trust, output: the squared radius; 0: rho^2 times the outputs of all
                     subsystems */
    double rho_output; /* output: how far a step moves the network's outputs on its own batch, in
                          units of 1 / sqrt(curvature of the cost), times the fourth root of how
                          many there are; the schedule applies to it; without effect where there
                          is batch normalisation */
    rfim_metric_pass metric_pass;
    rfim_metric_average metric_average;
    double metric_decay; /* M <- decay M + (1 - decay) G at each collection */
    double metric_prior; /* M_0 = prior I; 0: none, which the average `corrected` can do without */
    double metric_prior_samples; /* above 0: M_0 = prior metric_prior_samples / (samples of a step)
                                    I, so that the prior is worth so many samples */
    rfim_metric_units metric_units;
    rfim_shared_nu shared_nu;
    size_t metric_every;  /* collect at every so many steps */
    size_t refresh_every; /* factorise at every so many steps; counted from each epoch's start */
    size_t metric_ramp; /* over so many first steps both periods grow from 1; 0: no ramp. The decay
                           is then that of the steps between two collections */
    double damping;     /* 0: 0.025 / samples of a step, and more where there are few in all */
    size_t dataset_samples; /* memory dataset: its metric is that of so many samples for each input,
                               drawn evenly from all, or of more where that takes no time; 0: of
                               all */
    double damping_dataset; /* memory dataset: damping relative to the trace is so many times the
                               layer's inputs / training samples at least; 0: as elsewhere */
    rfim_damping_rule damping_rule;
    rfim_damping_control damping_control;
    double sigma; /* of gaussian responses */
    /* For all layers, or layer by layer: "ema", "layer1=dataset,layer3=batch,ema"; names as
     * rfim_network_module_name gives them. */
    char metric_memory[RFIM_LAYERS_TEXT]; /* automatic|ema|batch|dataset|prior+batch */
    char form[RFIM_LAYERS_TEXT];          /* automatic|gradient|inputs|dual|active|whitened */
    size_t refresh_delay; /* steps after which a factor takes the place of the last one, worked out
                             by a thread of its own meanwhile; 0: at once, by this thread */
    size_t memory; /* bytes that training may take (of an optimiser by itself: that its metrics
                      may); 0: no limit */
} rfim_optimizer_options;

/* What an optimiser has done so far. */
typedef struct rfim_optimizer_report {
    size_t steps;
    double learning_rate; /* of the last step */
    size_t refreshes;     /* metrics factorised */
    size_t retries;       /* of those, how many needed more damping, or float64 */
    size_t kept;          /* refreshes that failed altogether: the last good factor was kept */
    double damping;       /* relative damping in use: the largest over the metrics */
} rfim_optimizer_report;

#ifdef __cplusplus
extern "C" {
#endif

/* The options of a method's default preset (`rfim help presets`). */
RFIM_API void rfim_optimizer_defaults(rfim_method method, rfim_optimizer_options *options);
/* Samples of a step, of the data's `samples` at most: those of options->accumulate batches. */
RFIM_API size_t rfim_optimizer_samples(const rfim_optimizer_options *options, size_t batch,
                                       size_t samples);
/* Settles what options leave to the data, for steps of so many samples out of `samples` that have
 * so many inputs (0: nobody knows how many there are): a damping of 0 becomes 0.025 / step_samples,
 * metric_prior what metric_prior_samples make of it. Where the damping was 0, step control is
 * `output`, kappa 0 and there are fewer than 4 samples an input, damping, rho and learning rate
 * grow (docs/optimizer.md, section 3). Settled options stay as they are. */
RFIM_API void rfim_optimizer_settle(rfim_optimizer_options *options, size_t step_samples,
                                    size_t inputs, size_t samples);
/* An optimiser of the trace's network, for batches as large as the trace takes. */
RFIM_API rfim_status rfim_optimizer_create(rfim_trace *trace, const rfim_optimizer_options *options,
                                           rfim_optimizer **out);
RFIM_API void rfim_optimizer_free(rfim_optimizer *optimizer);

/* One update of the network from the gradients on the trace (forward, loss and backward done; do
 * them again before the next step). When it fails, the network is as before; after RFIM_DIVERGED
 * go on with a new optimiser. */
RFIM_API rfim_status rfim_optimizer_step(rfim_optimizer *optimizer, rfim_trace *trace);
/* Of several batches that make one step, options->accumulate at most, all but the last: takes in
 * the gradients on the trace (and what the metric collects); the last one goes to
 * rfim_optimizer_step, which then steps as for one batch of all their `samples`. Statistics of
 * batch normalisation are each batch's own; its moving averages take those of the last. */
RFIM_API rfim_status rfim_optimizer_accumulate(rfim_optimizer *optimizer, rfim_trace *trace,
                                               size_t samples);
/* Say that an epoch begins: refreshes are counted from here (the paper's itr = 0). */
RFIM_API void rfim_optimizer_begin_epoch(rfim_optimizer *optimizer);
RFIM_API void rfim_optimizer_report_get(const rfim_optimizer *optimizer,
                                        rfim_optimizer_report *out);

#ifdef __cplusplus
}
#endif
#endif
