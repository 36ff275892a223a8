#include "optimizer/step_control.h"

#include <math.h>

bool rfim__step_control_measures(const rfim_optimizer_options *options)
{
    return options->step_control == RFIM_STEP_TRUST ||
           options->step_control == RFIM_STEP_RESPONSE || options->step_control == RFIM_STEP_OUTPUT;
}

bool rfim__step_control_waits(const rfim_optimizer_options *options)
{
    return options->step_control != RFIM_STEP_FIXED;
}

/* A rounded q may come out below 0 where the direction is next to nothing. */
static double length(double square)
{
    return square > 0 ? sqrt(square) : 0;
}

static double sum_of_squares(const rfim__move *moves, size_t count)
{
    double squares = 0;
    for (size_t l = 0; l < count; l++)
        squares += moves[l].square;
    return squares;
}

/* All layers together go no farther than sqrt(kappa). */
static void stay_within(double kappa, double learning_rate, rfim__move *moves, size_t count)
{
    double wanted = learning_rate * length(sum_of_squares(moves, count));
    double factor = wanted > sqrt(kappa) ? sqrt(kappa) / wanted : 1;
    for (size_t l = 0; l < count; l++)
        moves[l].factor = factor;
}

/* The squared length with which responses move by rho each, root-mean-square, or kappa. */
static double response_kappa(const rfim_optimizer_options *options, const rfim__move *moves,
                             size_t count)
{
    double outputs = 0;
    for (size_t l = 0; l < count; l++)
        outputs += (double)moves[l].outputs;
    return options->kappa > 0 ? options->kappa : options->rho * options->rho * outputs;
}

/* Behind batch normalisation the gain says nothing (docs/optimizer.md, section 2). Elsewhere:
 * a step of squared length kappa moves the outputs by sqrt(kappa sum q) / |g| at least. Where that
 * is more than 8 times its length, it counts as 8 times. */
#define MOST_GAIN 64.0

static double output_kappa(const rfim_optimizer_options *options, const rfim__output_view *output,
                           const rfim__move *moves, size_t count)
{
    if (output->normalised)
        return INFINITY;
    double reach = options->rho_output * options->rho_output * sqrt((double)output->outputs) /
                   output->curvature;
    double gain = sum_of_squares(moves, count) / output->square;
    return gain > 0 ? reach / fmin(gain, MOST_GAIN) : INFINITY;
}

static void response(const rfim_optimizer_options *options, rfim__move *moves, size_t count)
{
    for (size_t l = 0; l < count; l++) {
        double wanted = options->learning_rate * length(moves[l].square);
        moves[l].factor = wanted > 0 ? options->rho * sqrt((double)moves[l].outputs) / wanted : 0;
    }
}

void rfim__step_control(const rfim_optimizer_options *options, const rfim__output_view *output,
                        rfim__move *moves, size_t count)
{
    switch (options->step_control) {
    case RFIM_STEP_TRUST:
        stay_within(response_kappa(options, moves, count), options->learning_rate, moves, count);
        return;
    case RFIM_STEP_RESPONSE:
        response(options, moves, count);
        return;
    case RFIM_STEP_OUTPUT:
        stay_within(fmin(response_kappa(options, moves, count),
                         output_kappa(options, output, moves, count)),
                    options->learning_rate, moves, count);
        return;
    case RFIM_STEP_FIXED:
    case RFIM_STEP_QUADRATIC:
        break;
    }
    for (size_t l = 0; l < count; l++)
        moves[l].factor = 1;
}
