/* Every option of relative natural gradient descent means what docs/CONVENTIONS.md says: forty
 * steps of the library in float64 beside forty of a naive trainer (naive_rngd.h); and the report
 * tells what became of metrics that cannot be factorised. */
#include "network/small_network.h"
#include "optimizer/by_hand.h"
#include "optimizer/naive_rngd.h"
#include "optimizer/rngd.h"

#include <rfim/optimizer.h>

#define STEPS 40
#define EPOCH 20 /* steps */
#define BATCH 7
#define INPUTS 6

/* Both sides compute in float64, with directions of about 1 and blocks of condition below 1e3;
 * differences seen after forty steps are below 1e-13. */
#define TOLERANCE 1e-10

typedef struct combination {
    const char *text;
    naive_activation activations[NAIVE_LAYERS];
    size_t widths[NAIVE_LAYERS]; /* outputs of the layers; 0: no more */
    bool dead_input;             /* input 2 is always 0 */
    rfim_representation first, hidden, last;
    naive_settings settings;
} combination;

/* ... and whose responses its layers look at. */
typedef struct reaching {
    combination is;
    const char *response;
    naive_reach reaches[NAIVE_LAYERS];
} reaching;

#define RELU "relu iota=0.1 omega=0.5"
#define ELU "elu alpha=0.7"

/* Neither step control nor what goes with the default since. */
#define OLD NAIVE_FIXED, 1, 0, false, false, 0
#define OLD_RAMP(steps) NAIVE_FIXED, 1, 0, false, false, (steps)

/* Fields of the settings in order: rate, momentum, l2, weight_decay; again; metric_decay, prior;
 * metric_every, refresh_every; damping, rule; sigma; control, rho, kappa; corrected, units;
 * metric_ramp. Together they have each representation in each place, each rule of damping, both
 * passes, and periods that do not divide an epoch. */
static const combination combinations[] = {
    {"input 6; linear 5 " RELU "; linear 4 " RELU "; linear 3",
     {NAIVE_RELU, NAIVE_RELU, NAIVE_LINEAR},
     {5, 4, 3},
     false,
     RFIM_SHARED,
     RFIM_NEURON,
     RFIM_SHARED,
     {.02, .9, .01, 0, true, .9, 1, 1, 7, .01, NAIVE_TRACE, 1, OLD}},
    {"input 6; linear 5 tanh; linear 4 tanh; linear 3",
     {NAIVE_TANH, NAIVE_TANH, NAIVE_LINEAR},
     {5, 4, 3},
     false,
     RFIM_NEURON,
     RFIM_NEURON,
     RFIM_SHARED,
     {.05, 0, 0, .3, false, .8, .25, 3, 1, .02, NAIVE_MEAN, .5, OLD}},
    {"input 6; linear 5 sigm; linear 6 " ELU "; linear 4 tanh; linear 3 tanh; loss squared",
     {NAIVE_SIGM, NAIVE_ELU, NAIVE_TANH, NAIVE_TANH},
     {5, 6, 4, 3},
     false,
     RFIM_SHARED,
     RFIM_SHARED,
     RFIM_NEURON,
     {.04, .5, .002, .1, false, .7, 2, 3, 3, .05, NAIVE_ABSOLUTE, 2, OLD}},
    {"input 6; linear 5 " ELU "; linear 4 " ELU "; linear 3",
     {NAIVE_ELU, NAIVE_ELU, NAIVE_LINEAR},
     {5, 4, 3},
     true,
     RFIM_NEURON,
     RFIM_SHARED,
     RFIM_SHARED,
     {.03, .6, .05, 0, true, 0, 3, 3, 4, .1, NAIVE_DIAGONAL, .7, OLD}},
    {"input 6; linear 5 " RELU "; linear 4 tanh; linear 3 " RELU "; loss squared",
     {NAIVE_RELU, NAIVE_TANH, NAIVE_RELU},
     {5, 4, 3},
     false,
     RFIM_NEURON,
     RFIM_NEURON,
     RFIM_NEURON,
     {.05, .3, 0, .2, true, .6, .5, 7, 3, .03, NAIVE_DIAGONAL, 1.5, OLD_RAMP(17)}},
    {"input 6; linear 4 tanh; linear 5 sigm; linear 3; loss squared",
     {NAIVE_TANH, NAIVE_SIGM, NAIVE_LINEAR},
     {4, 5, 3},
     false,
     RFIM_SHARED,
     RFIM_SHARED,
     RFIM_SHARED,
     {.05, .8, .01, .05, false, .95, 5, 9, 11, .04, NAIVE_MEAN, .6, OLD_RAMP(33)}},
    {"input 6; linear 5 sigm; linear 6 " RELU "; linear 4 " ELU "; linear 3 sigm; loss squared",
     {NAIVE_SIGM, NAIVE_RELU, NAIVE_ELU, NAIVE_SIGM},
     {5, 6, 4, 3},
     false,
     RFIM_SHARED,
     RFIM_NEURON,
     RFIM_NEURON,
     {.02, 0, .02, 0, false, .9, .4, 1, 40, .2, NAIVE_ABSOLUTE, .8, OLD}},
    {"input 6; linear 5 tanh; linear 3 tanh; loss squared", /* nothing is hidden between */
     {NAIVE_TANH, NAIVE_TANH},
     {5, 3},
     false,
     RFIM_NEURON,
     RFIM_SHARED,
     RFIM_NEURON,
     {.05, .4, .01, .1, true, .5, .7, 2, 6, .02, NAIVE_TRACE, 1, OLD_RAMP(1000)}},
    {"input 6; linear 3 tanh; loss squared", /* a single layer is the last */
     {NAIVE_TANH},
     {3},
     false,
     RFIM_SHARED,
     RFIM_SHARED,
     RFIM_NEURON,
     {.02, .2, .03, 0, false, .6, 2, 1, 2, .05, NAIVE_DIAGONAL, 1, OLD}},
    /* Step control, the corrected average, units: the last five, from the default's on. */
    {"input 6; linear 5 " RELU "; linear 4 tanh; linear 3",
     {NAIVE_RELU, NAIVE_TANH, NAIVE_LINEAR},
     {5, 4, 3},
     true, /* an input without a unit of its own */
     RFIM_SHARED,
     RFIM_SHARED,
     RFIM_SHARED,
     {1, 0, 0, 0, false, .97, 1, 5, 20, .007, NAIVE_TRACE, 1, NAIVE_TRUST, .03, 0, true, true, 25}},
    {"input 6; linear 5 tanh; linear 4 sigm; linear 3; loss squared",
     {NAIVE_TANH, NAIVE_SIGM, NAIVE_LINEAR},
     {5, 4, 3},
     false,
     RFIM_NEURON,
     RFIM_NEURON,
     RFIM_SHARED,
     {.7, .6, 0, .1, true, .8, 2, 2, 3, .02, NAIVE_DIAGONAL, 2, NAIVE_TRUST, .5, .02, true, true,
      0}},
    {"input 6; linear 5 sigm; linear 4 " ELU "; linear 3",
     {NAIVE_SIGM, NAIVE_ELU, NAIVE_LINEAR},
     {5, 4, 3},
     false,
     RFIM_SHARED,
     RFIM_NEURON,
     RFIM_SHARED,
     {.5, .3, .01, 0, false, .9, .5, 1, 4, .03, NAIVE_MEAN, .8, NAIVE_RESPONSE, .02, 0, false, true,
      0}},
    {"input 6; linear 5 tanh; linear 3 tanh; loss squared",
     {NAIVE_TANH, NAIVE_TANH},
     {5, 3},
     false,
     RFIM_SHARED,
     RFIM_NEURON,
     RFIM_NEURON,
     {.1, 0, 0, .2, false, .6, 3, 3, 2, .05, NAIVE_ABSOLUTE, 1, NAIVE_RESPONSE, .05, 0, true, false,
      0}},
    {"input 6; linear 5 " RELU "; linear 4 " RELU "; linear 3", /* a trust region never reached */
     {NAIVE_RELU, NAIVE_RELU, NAIVE_LINEAR},
     {5, 4, 3},
     false,
     RFIM_SHARED,
     RFIM_SHARED,
     RFIM_SHARED,
     {.03, .2, 0, 0, false, .5, 1, 1, 1, .05, NAIVE_TRACE, 1, NAIVE_TRUST, .1, 100, true, false,
      0}},
    /* The outputs' movement, with many lengths and few of it to a step. */
    {"input 6; linear 5 " RELU "; linear 4 tanh; linear 3",
     {NAIVE_RELU, NAIVE_TANH, NAIVE_LINEAR},
     {5, 4, 3},
     false,
     RFIM_SHARED,
     RFIM_SHARED,
     RFIM_SHARED,
     {1, 0, 0, 0, false, .97, 1, 5, 20, .007, NAIVE_TRACE, 1, NAIVE_OUTPUT, .1, 100, true, true,
      25}},
    {"input 6; linear 5 tanh; linear 4 sigm; linear 3; loss sigmoid",
     {NAIVE_TANH, NAIVE_SIGM, NAIVE_LINEAR},
     {5, 4, 3},
     false,
     RFIM_NEURON,
     RFIM_NEURON,
     RFIM_SHARED,
     {.7, .6, 0, .1, true, .8, 2, 2, 3, .02, NAIVE_DIAGONAL, 12, NAIVE_OUTPUT, .2, 100, true, true,
      0}},
    {"input 6; linear 5 tanh; linear 3 tanh; loss squared",
     {NAIVE_TANH, NAIVE_TANH},
     {5, 3},
     false,
     RFIM_SHARED,
     RFIM_NEURON,
     RFIM_NEURON,
     {.9, .3, 0, .2, false, .6, 3, 3, 2, .001, NAIVE_ABSOLUTE, 1, NAIVE_OUTPUT, .05, 0, true, false,
      0}},
};
#define COMBINATIONS (sizeof combinations / sizeof *combinations)

/* What came later (naive_more), each on a combination of its own. */
static const struct {
    combination of;
    naive_more more;
} later[] = {
    {{"input 6; linear 5 sigm; linear 4 tanh; linear 3",
      {NAIVE_SIGM, NAIVE_TANH, NAIVE_LINEAR},
      {5, 4, 3},
      false,
      RFIM_SHARED,
      RFIM_SHARED,
      RFIM_SHARED,
      {.6, 0, .02, 0, false, .9, 1, 2, 3, .2, NAIVE_TRACE, 1, NAIVE_FIXED, 1, 0, true, true, 9}},
     {.quadratic = true, .lm = true, .mean_nu = true}},
    {{"input 6; linear 5 sigm; linear 4 tanh; linear 3",
      {NAIVE_SIGM, NAIVE_TANH, NAIVE_LINEAR},
      {5, 4, 3},
      true,
      RFIM_SHARED,
      RFIM_SHARED,
      RFIM_SHARED,
      {1, .9, 0, 0, false, .9, 1, 2, 3, .1, NAIVE_MEAN, 1, NAIVE_TRUST, .05, 0, true, true, 9}},
     {.kind = NAIVE_SPRING, .mean_nu = true}},
    {{"input 6; linear 5 tanh; linear 4 tanh; linear 3",
      {NAIVE_TANH, NAIVE_TANH, NAIVE_LINEAR},
      {5, 4, 3},
      false,
      RFIM_SHARED,
      RFIM_NEURON,
      RFIM_SHARED,
      {.6, 0, .02, 0, false, .9, 1, 2, 3, .3, NAIVE_TRACE, 1, OLD}},
     {.quadratic = true, .lm = true}},
    {{"input 6; linear 5 " RELU "; linear 4 sigm; linear 3 tanh; loss squared",
      {NAIVE_RELU, NAIVE_SIGM, NAIVE_TANH},
      {5, 4, 3},
      true,
      RFIM_NEURON,
      RFIM_SHARED,
      RFIM_SHARED,
      {1.5, 0, 0, .05, true, .9, 1, 2, 3, .2, NAIVE_ABSOLUTE, 1, OLD}},
     {.quadratic = true, .lm = true}},
    {{"input 6; linear 5 tanh; linear 4 " RELU "; linear 3",
      {NAIVE_TANH, NAIVE_RELU, NAIVE_LINEAR},
      {5, 4, 3},
      true,
      RFIM_SHARED,
      RFIM_NEURON,
      RFIM_SHARED,
      {.3, 0, .02, .1, false, .9, 1, 2, 5, .05, NAIVE_TRACE, 1, OLD}},
     {.quadratic = true}},
    {{"input 6; linear 5 sigm; linear 4 " ELU "; linear 3 tanh; loss squared",
      {NAIVE_SIGM, NAIVE_ELU, NAIVE_TANH},
      {5, 4, 3},
      false,
      RFIM_NEURON,
      RFIM_SHARED,
      RFIM_NEURON,
      {.5, 0, 0, 0, false, .97, 2, 3, 4, .1, NAIVE_DIAGONAL, 1.5, NAIVE_FIXED, 1, 0, true, true,
       7}},
     {.quadratic = true}},
    {{"input 6; linear 3 tanh; loss squared",
      {NAIVE_TANH},
      {3},
      false,
      RFIM_SHARED,
      RFIM_SHARED,
      RFIM_NEURON,
      {.2, 0, .03, 0, true, .6, 2, 1, 2, .05, NAIVE_MEAN, 1, OLD}},
     {.quadratic = true}},
    {{"input 6; linear 5 tanh; linear 4 " RELU "; linear 3",
      {NAIVE_TANH, NAIVE_RELU, NAIVE_LINEAR},
      {5, 4, 3},
      false,
      RFIM_SHARED,
      RFIM_NEURON,
      RFIM_SHARED,
      {.05, .8, .02, .1, false, .9, 1, 2, 5, .05, NAIVE_TRACE, 1, OLD}},
     {.kind = NAIVE_BEFORE}},
    {{"input 6; linear 5 " RELU "; linear 4 tanh; linear 3",
      {NAIVE_RELU, NAIVE_TANH, NAIVE_LINEAR},
      {5, 4, 3},
      true,
      RFIM_SHARED,
      RFIM_SHARED,
      RFIM_SHARED,
      {1, .9, 0, 0, false, .97, 1, 5, 20, .007, NAIVE_TRACE, 1, NAIVE_TRUST, .05, 0, true, true,
       0}},
     {.kind = NAIVE_BEFORE}},
    {{"input 6; linear 5 tanh; linear 4 sigm; linear 3; loss squared",
      {NAIVE_TANH, NAIVE_SIGM, NAIVE_LINEAR},
      {5, 4, 3},
      false,
      RFIM_NEURON,
      RFIM_SHARED,
      RFIM_SHARED,
      {.02, .7, .01, .1, true, .8, 1, 2, 3, .02, NAIVE_DIAGONAL, 2, OLD}},
     {.kind = NAIVE_NESTEROV}},
    {{"input 6; linear 5 sigm; linear 4 " ELU "; linear 3",
      {NAIVE_SIGM, NAIVE_ELU, NAIVE_LINEAR},
      {5, 4, 3},
      false,
      RFIM_SHARED,
      RFIM_NEURON,
      RFIM_SHARED,
      {.5, .6, 0, 0, false, .9, .5, 1, 4, .03, NAIVE_MEAN, .8, NAIVE_RESPONSE, .02, 0, false, true,
       0}},
     {.kind = NAIVE_NESTEROV}},
    {{"input 6; linear 5 tanh; linear 4 " RELU "; linear 3",
      {NAIVE_TANH, NAIVE_RELU, NAIVE_LINEAR},
      {5, 4, 3},
      true,
      RFIM_NEURON,
      RFIM_SHARED,
      RFIM_NEURON,
      {.7, .9, .01, .1, false, .9, 2, 2, 3, .1, NAIVE_DIAGONAL, 2, NAIVE_TRUST, .1, 0, true, true,
       0}},
     {.kind = NAIVE_SPRING}},
    {{"input 6; linear 5 tanh; linear 3 tanh; loss squared",
      {NAIVE_TANH, NAIVE_TANH},
      {5, 3},
      false,
      RFIM_SHARED,
      RFIM_NEURON,
      RFIM_NEURON,
      {.05, .95, 0, 0, true, .6, 1, 3, 2, .3, NAIVE_ABSOLUTE, 1, OLD}},
     {.kind = NAIVE_SPRING}},
    {{"input 6; linear 5 sigm; linear 4 " RELU "; linear 3", /* as the default */
      {NAIVE_SIGM, NAIVE_RELU, NAIVE_LINEAR},
      {5, 4, 3},
      false,
      RFIM_SHARED,
      RFIM_SHARED,
      RFIM_SHARED,
      {1, 0, 0, 0, false, .97, 1, 5, 20, .007, NAIVE_TRACE, 1, NAIVE_TRUST, .02, 0, true, true, 0}},
     {.mean_nu = true}},
    {{"input 6; linear 5 " ELU "; linear 4 tanh; linear 3 sigm; loss squared",
      {NAIVE_ELU, NAIVE_TANH, NAIVE_SIGM},
      {5, 4, 3},
      false,
      RFIM_SHARED,
      RFIM_NEURON,
      RFIM_SHARED,
      {.02, .5, .01, .1, true, .6, 1, 3, 2, .1, NAIVE_MEAN, 2, OLD_RAMP(17)}},
     {.mean_nu = true}},
    {{"input 6; linear 5 tanh; linear 4 sigm; linear 3",
      {NAIVE_TANH, NAIVE_SIGM, NAIVE_LINEAR},
      {5, 4, 3},
      false,
      RFIM_SHARED,
      RFIM_SHARED,
      RFIM_SHARED,
      {.3, .8, 0, 0, false, .9, 1, 1, 2, .05, NAIVE_TRACE, 1, NAIVE_RESPONSE, .05, 0, true, false,
       0}},
     {.kind = NAIVE_BEFORE, .mean_nu = true}},
};
#define LATER (sizeof later / sizeof *later)

/* Kronecker products, and responses beyond the layers' own. */
static const reaching reachings[] = {
    {{"input 6; linear 5 tanh; linear 4 " RELU "; linear 3", /* the preset kfac, exact */
      {NAIVE_TANH, NAIVE_RELU, NAIVE_LINEAR},
      {5, 4, 3},
      true,
      RFIM_KRONECKER,
      RFIM_KRONECKER,
      RFIM_KRONECKER,
      {1, 0, 0, 0, false, .95, 0, 5, 20, .001, NAIVE_MEAN, 1, NAIVE_TRUST, .03, 0, true, false, 0}},
     "network",
     {NAIVE_NETWORK, NAIVE_NETWORK, NAIVE_NETWORK}},
    {{"input 6; linear 5 sigm; linear 6 " ELU "; linear 4 tanh; linear 3; loss sigmoid",
      {NAIVE_SIGM, NAIVE_ELU, NAIVE_TANH, NAIVE_LINEAR},
      {5, 6, 4, 3},
      false,
      RFIM_NEURON,
      RFIM_KRONECKER,
      RFIM_KRONECKER,
      {.05, .5, .01, .1, true, .8, .5, 2, 3, .02, NAIVE_TRACE, .7, NAIVE_RESPONSE, .02, 0, false,
       true, 0}},
     "layer2=next,network",
     {NAIVE_NETWORK, NAIVE_NEXT, NAIVE_NETWORK, NAIVE_NETWORK}},
    {{"input 6; linear 5 " RELU "; linear 4 tanh; linear 3 " ELU "; loss squared",
      {NAIVE_RELU, NAIVE_TANH, NAIVE_ELU},
      {5, 4, 3},
      false,
      RFIM_KRONECKER,
      RFIM_KRONECKER,
      RFIM_NEURON,
      {.5, 0, 0, 0, false, .9, 2, 3, 4, .05, NAIVE_ABSOLUTE, 1.4, NAIVE_TRUST, .05, 0, true, true,
       15}},
     "next",
     {NAIVE_NEXT, NAIVE_NEXT, NAIVE_NETWORK}},
    {{"input 6; linear 5 tanh; linear 4 " ELU "; linear 3",
      {NAIVE_TANH, NAIVE_ELU, NAIVE_LINEAR},
      {5, 4, 3},
      true,
      RFIM_KRONECKER,
      RFIM_KRONECKER,
      RFIM_KRONECKER,
      {.1, .3, 0, .2, false, .6, 1, 1, 2, .05, NAIVE_TRACE, .8, NAIVE_FIXED, 1, 0, false, true, 0}},
     "own",
     {NAIVE_OWN}},
    {{"input 6; linear 5 sigm; linear 4 " RELU "; linear 3",
      {NAIVE_SIGM, NAIVE_RELU, NAIVE_LINEAR},
      {5, 4, 3},
      false,
      RFIM_NEURON,
      RFIM_NEURON,
      RFIM_NEURON,
      {.2, 0, .01, 0, true, .9, 0, 2, 5, .02, NAIVE_TRACE, 2, NAIVE_TRUST, .02, 0, true, true, 0}},
     "network",
     {NAIVE_NETWORK, NAIVE_NETWORK, NAIVE_NETWORK}},
    {{"input 6; linear 5 tanh; linear 4 sigm; linear 3; loss sigmoid",
      {NAIVE_TANH, NAIVE_SIGM, NAIVE_LINEAR},
      {5, 4, 3},
      false,
      RFIM_KRONECKER,
      RFIM_NEURON,
      RFIM_SHARED,
      {.3, 0, 0, 0, false, .9, 1, 2, 5, .02, NAIVE_MEAN, 1, NAIVE_TRUST, .02, 0, true, false, 0}},
     "layer3=own,layer2=next,network",
     {NAIVE_NETWORK, NAIVE_NEXT, NAIVE_OWN}},
};
#define REACHINGS (sizeof reachings / sizeof *reachings)

static rfim_optimizer_options options_of(const combination *c, const naive_more *more)
{
    static const rfim_damping_rule rules[] = {
        [NAIVE_TRACE] = RFIM_DAMPING_TRACE,
        [NAIVE_MEAN] = RFIM_DAMPING_MEAN_DIAGONAL,
        [NAIVE_DIAGONAL] = RFIM_DAMPING_DIAGONAL,
        [NAIVE_ABSOLUTE] = RFIM_DAMPING_ABSOLUTE,
    };
    static const rfim_step_control controls[] = {
        [NAIVE_FIXED] = RFIM_STEP_FIXED,
        [NAIVE_TRUST] = RFIM_STEP_TRUST,
        [NAIVE_RESPONSE] = RFIM_STEP_RESPONSE,
        [NAIVE_OUTPUT] = RFIM_STEP_OUTPUT,
    };
    static const rfim_momentum_kind kinds[] = {
        [NAIVE_AFTER] = RFIM_MOMENTUM_AFTER,
        [NAIVE_BEFORE] = RFIM_MOMENTUM_BEFORE,
        [NAIVE_NESTEROV] = RFIM_MOMENTUM_NESTEROV,
        [NAIVE_SPRING] = RFIM_MOMENTUM_SPRING,
    };
    const naive_settings *s = &c->settings;
    rfim_optimizer_options options;
    rfim_optimizer_defaults(RFIM_RNGD, &options);
    options.learning_rate = s->rate;
    options.schedule = RFIM_SCHEDULE_CONSTANT;
    options.momentum = s->momentum;
    options.momentum_kind = kinds[more->kind];
    options.shared_nu = more->mean_nu ? RFIM_NU_MEAN : RFIM_NU_ONE;
    options.l2 = s->l2;
    options.weight_decay = s->weight_decay;
    options.first = c->first;
    options.hidden = c->hidden;
    options.last = c->last;
    options.metric_pass = s->again ? RFIM_METRIC_PASS_AGAIN : RFIM_METRIC_PASS_TRAINING;
    options.metric_decay = s->metric_decay;
    options.metric_prior = s->prior;
    options.metric_prior_samples = 0;
    options.metric_every = s->metric_every;
    options.refresh_every = s->refresh_every;
    options.metric_ramp = s->metric_ramp;
    options.damping = s->damping;
    options.damping_rule = rules[s->rule];
    options.sigma = s->sigma;
    options.damping_control = more->lm ? RFIM_DAMPING_CONTROL_LM : RFIM_DAMPING_CONTROL_FIXED;
    options.step_control = more->quadratic ? RFIM_STEP_QUADRATIC : controls[s->control];
    options.rho_output = s->control == NAIVE_OUTPUT ? s->rho : options.rho_output;
    options.rho = s->rho > 0 ? s->rho : options.rho;
    options.kappa = s->kappa;
    options.metric_average = s->corrected ? RFIM_AVERAGE_CORRECTED : RFIM_AVERAGE_EXPONENTIAL;
    options.metric_units = s->units ? RFIM_UNITS_TYPICAL : RFIM_UNITS_GIVEN;
    return options;
}

/* Tensors 2l and 2l + 1 of the library are the weights [m x d] and the biases of layer l. */
static void read_layer(const rfim_network *network, size_t l, const naive_layer *shape,
                       double w[NAIVE_ORDER][NAIVE_OUTPUTS])
{
    double weights[NAIVE_ORDER * NAIVE_OUTPUTS];
    double biases[NAIVE_OUTPUTS];
    size_t d = shape->order - 1;
    assert_int_equal(tensor_size(network, 2 * l), d * shape->outputs);
    must(network->context, rfim_network_tensor_read(network, 2 * l, weights));
    must(network->context, rfim_network_tensor_read(network, 2 * l + 1, biases));
    for (size_t j = 0; j < shape->outputs; j++) {
        for (size_t k = 0; k < d; k++)
            w[k][j] = weights[j * d + k];
        w[d][j] = biases[j];
    }
}

static naive_net naive_of(const combination *c, const naive_reach *reaches,
                          const rfim_network *network)
{
    static const naive_net empty;
    naive_net net = empty;
    net.settings = c->settings;
    for (size_t l = 0; l < NAIVE_LAYERS && c->widths[l] > 0; l++) {
        naive_layer *layer = &net.layer[net.layers++];
        layer->order = (l == 0 ? INPUTS : c->widths[l - 1]) + 1;
        layer->outputs = c->widths[l];
        layer->activation = c->activations[l];
        read_layer(network, l, layer, layer->w);
    }
    net.loss = rfim_network_loss(network) == RFIM_LOSS_SOFTMAX   ? NAIVE_SOFTMAX
               : rfim_network_loss(network) == RFIM_LOSS_SIGMOID ? NAIVE_SIGMOID
                                                                 : NAIVE_SQUARED;
    for (size_t l = 0; l < net.layers; l++) {
        rfim_representation own = l + 1 == net.layers ? c->last : l == 0 ? c->first : c->hidden;
        net.layer[l].neuron = own == RFIM_NEURON;
        net.layer[l].kronecker = own == RFIM_KRONECKER;
        net.layer[l].response = reaches ? reaches[l] : NAIVE_OWN;
    }
    naive_begin(&net);
    return net;
}

static double worst_difference(const rfim_network *network, const naive_net *net)
{
    double worst = 0;
    for (size_t l = 0; l < net->layers; l++) {
        const naive_layer *layer = &net->layer[l];
        double w[NAIVE_ORDER][NAIVE_OUTPUTS];
        read_layer(network, l, layer, w);
        for (size_t k = 0; k < layer->order; k++)
            for (size_t j = 0; j < layer->outputs; j++) {
                double difference = fabs(w[k][j] - layer->w[k][j]);
                if (isnan(difference))
                    return difference;
                worst = fmax(worst, difference);
            }
    }
    return worst;
}

typedef struct batch {
    size_t n;
    double inputs[BATCH * INPUTS];
    int32_t classes[BATCH];
    double values[BATCH * 3];
} batch;

/* The last batch of an epoch is smaller. */
static batch batch_of(size_t step, bool dead_input)
{
    batch b = {.n = step % EPOCH == EPOCH - 1 ? BATCH - 3 : BATCH};
    fill_normal(500 + step, 1, b.inputs, BATCH * INPUTS);
    fill_normal(900 + step, .5, b.values, BATCH * 3);
    for (size_t i = 0; i < b.n; i++) {
        b.classes[i] = (int32_t)((step + i * i) % 3);
        if (dead_input)
            b.inputs[i * INPUTS + 2] = 0;
    }
    return b;
}

static void pass(rfim_trace *trace, const batch *b)
{
    rfim_context *context = trace->network->context;
    bool softmax = rfim_network_loss(trace->network) == RFIM_LOSS_SOFTMAX;
    double loss = 0;
    must(context, rfim_trace_forward(trace, rfim_doubles(b->inputs, b->n, INPUTS)));
    must(context,
         rfim_trace_loss(trace,
                         softmax ? rfim_labels(b->classes, b->n) : rfim_doubles(b->values, b->n, 3),
                         &loss));
    must(context, rfim_trace_backward(trace));
}

static const naive_more nothing;

/* How far the two are apart after forty steps, and at the first step where that is too much. */
static void compare(const combination *c, const naive_more *more, const reaching *r, size_t number)
{
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network *network = small_network(context, c->text, RFIM_DOUBLE, 11 + number);
    rfim_optimizer_options options = options_of(c, more);
    if (r)
        strcpy(options.response, r->response);
    rfim_trace *trace = NULL;
    rfim_optimizer *optimizer = NULL;
    shake(network, 17);
    must(context, rfim_trace_create(network, BATCH, &trace));
    must(context, rfim_optimizer_create(trace, &options, &optimizer));
    naive_net net = naive_of(c, r ? r->reaches : NULL, network);
    net.more = *more;
    bool softmax = rfim_network_loss(network) == RFIM_LOSS_SOFTMAX;
    for (size_t step = 0; step < STEPS; step++) {
        batch b = batch_of(step, c->dead_input);
        if (step % EPOCH == 0) {
            rfim_optimizer_begin_epoch(optimizer);
            net.since_epoch = 0;
        }
        pass(trace, &b);
        must(context, rfim_optimizer_step(optimizer, trace));
        naive_step(&net, b.inputs, b.n, softmax ? b.classes : NULL, b.values);
        double worst = worst_difference(network, &net);
        if (!(worst <= TOLERANCE))
            fail_msg("combination %zu, step %zu: a weight is %g off", number, step, worst);
    }
    rfim_optimizer_report report;
    rfim_optimizer_report_get(optimizer, &report);
    assert_int_equal(report.refreshes, net.refreshes * net.layers);
    assert_int_equal(report.retries, 0);
    assert_int_equal(report.kept, 0);
    if (more->lm) /* it has gone somewhere, and in small steps */
        assert_true(fabs(net.settings.damping / c->settings.damping - 1) > 0.2);
    else
        assert_true(report.damping == c->settings.damping);
    rfim_optimizer_free(optimizer);
    rfim_trace_free(trace);
    rfim_network_free(network);
    rfim_context_free(context);
}

static void options_mean_what_is_written(void **state)
{
    (void)state;
    for (size_t c = 0; c < COMBINATIONS; c++)
        compare(&combinations[c], &nothing, NULL, c);
    for (size_t c = 0; c < LATER; c++)
        compare(&later[c].of, &later[c].more, NULL, COMBINATIONS + c);
}

static void responses_mean_what_is_written(void **state)
{
    (void)state;
    for (size_t c = 0; c < REACHINGS; c++)
        compare(&reachings[c].is, &nothing, &reachings[c], COMBINATIONS + c);
}

/* --- metrics that cannot be factorised -------------------------------------------------------- */

typedef struct rig {
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    rfim_optimizer *optimizer;
    rfim__metric *metric; /* of the second layer */
    size_t step;
} rig;

/* Metrics are collected at the first step only, and refreshed at every one, at 0.01 times 1. */
static rig rig_of(rfim_representation representation)
{
    rig r = {.context = small_context(RFIM_KERNELS_AUTOMATIC)};
    rfim_optimizer_options options;
    rngd_by_hand(&options);
    options.learning_rate = 0.01;
    options.schedule = RFIM_SCHEDULE_CONSTANT;
    options.hidden = representation;
    options.metric_every = 1000;
    options.refresh_every = 1;
    options.damping = 0.01;
    options.damping_rule = RFIM_DAMPING_ABSOLUTE;
    r.network = small_network(r.context, "6-5-4-3 tanh", RFIM_DOUBLE, 2);
    must(r.context, rfim_trace_create(r.network, BATCH, &r.trace));
    must(r.context, rfim_optimizer_create(r.trace, &options, &r.optimizer));
    r.metric = rfim__rngd_metric(r.optimizer, 1);
    return r;
}

static void rig_end(rig *r)
{
    rfim_optimizer_free(r->optimizer);
    rfim_trace_free(r->trace);
    rfim_network_free(r->network);
    rfim_context_free(r->context);
}

static double *metric_entry(const rig *r, size_t block, size_t k, size_t l)
{
    rfim__matrix m = r->metric->m;
    bool packed = r->metric->blocks > 1;
    size_t row = packed ? k * (k + 1) / 2 + l : k;
    return (double *)m.data + row * m.stride + (packed ? block : l);
}

/* M of the second layer becomes I, but for one entry on the diagonal of its last block. */
static void set_diagonal(const rig *r, double entry)
{
    for (size_t b = 0; b < r->metric->blocks; b++)
        for (size_t k = 0; k < r->metric->block_order; k++)
            for (size_t l = 0; l <= k; l++)
                *metric_entry(r, b, k, l) = k == l ? 1 : 0;
    *metric_entry(r, r->metric->blocks - 1, 2, 2) = entry;
}

static void step_and_expect(rig *r, size_t retries, size_t kept, double damping)
{
    rfim_optimizer_report report;
    batch b = batch_of(r->step, false);
    pass(r->trace, &b);
    must(r->context, rfim_optimizer_step(r->optimizer, r->trace));
    r->step++;
    rfim_optimizer_report_get(r->optimizer, &report);
    assert_int_equal(report.steps, r->step);
    assert_int_equal(report.refreshes, 3 * r->step);
    assert_int_equal(report.retries, retries);
    assert_int_equal(report.kept, kept);
    if (!(fabs(report.damping - damping) <= 1e-15 * damping))
        fail_msg("step %zu: the damping in use is %g, not %g", r->step, report.damping, damping);
}

static void indefinite_metrics_are_damped_more_or_kept(void **state)
{
    (void)state;
    for (int representation = RFIM_SHARED; representation <= RFIM_NEURON; representation++) {
        rig r = rig_of((rfim_representation)representation);
        step_and_expect(&r, 0, 0, 0.01);
        set_diagonal(&r, -0.05); /* too much for 0.01, not for 0.1 */
        step_and_expect(&r, 1, 0, 0.1);
        set_diagonal(&r, -0.5);
        step_and_expect(&r, 2, 0, 1);
        set_diagonal(&r, -5);
        step_and_expect(&r, 3, 0, 10);
        rfim__matrix good = r.metric->factor;
        size_t bytes = good.rows * good.stride * sizeof(double);
        double *before = malloc(bytes);
        memcpy(before, good.data, bytes);
        set_diagonal(&r, -50); /* too much for the 10 of the last try */
        step_and_expect(&r, 4, 1, 10);
        step_and_expect(&r, 5, 2, 10);
        assert_ptr_equal(r.metric->factor.data, good.data);
        assert_memory_equal(r.metric->factor.data, before, bytes);
        set_diagonal(&r, 1); /* all is well again, and so is the damping */
        step_and_expect(&r, 5, 2, 0.01);
        free(before);
        rig_end(&r);
    }
}

/* One metric of three is in trouble: the others are at 0.01 all the time. */
static void only_the_metric_in_trouble_is_damped_more(void **state)
{
    (void)state;
    rig r = rig_of(RFIM_NEURON);
    step_and_expect(&r, 0, 0, 0.01);
    set_diagonal(&r, -0.5);
    step_and_expect(&r, 1, 0, 1);
    assert_true(rfim__rngd_metric(r.optimizer, 0)->damping == 0.01);
    assert_true(rfim__rngd_metric(r.optimizer, 2)->damping == 0.01);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_mean_what_is_written),
        cmocka_unit_test(responses_mean_what_is_written),
        cmocka_unit_test(indefinite_metrics_are_damped_more_or_kept),
        cmocka_unit_test(only_the_metric_in_trouble_is_damped_more),
    };
    return cmocka_run_group_tests_name("optimizer: options of rngd", tests, NULL, NULL);
}
