#include "optimizer/step_control.h"

#include <math.h>

bool rfim__step_control_measures(const rfim_optimizer_options *options)
{
    return options->step_control == RFIM_STEP_TRUST || options->step_control == RFIM_STEP_RESPONSE;
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

static void trust(const rfim_optimizer_options *options, rfim__move *moves, size_t count)
{
    double squares = 0;
    double outputs = 0;
    for (size_t l = 0; l < count; l++) {
        squares += moves[l].square;
        outputs += (double)moves[l].outputs;
    }
    double kappa = options->kappa > 0 ? options->kappa : options->rho * options->rho * outputs;
    double wanted = options->learning_rate * length(squares);
    double factor = wanted > sqrt(kappa) ? sqrt(kappa) / wanted : 1;
    for (size_t l = 0; l < count; l++)
        moves[l].factor = factor;
}

static void response(const rfim_optimizer_options *options, rfim__move *moves, size_t count)
{
    for (size_t l = 0; l < count; l++) {
        double wanted = options->learning_rate * length(moves[l].square);
        moves[l].factor = wanted > 0 ? options->rho * sqrt((double)moves[l].outputs) / wanted : 0;
    }
}

void rfim__step_control(const rfim_optimizer_options *options, rfim__move *moves, size_t count)
{
    switch (options->step_control) {
    case RFIM_STEP_TRUST:
        trust(options, moves, count);
        return;
    case RFIM_STEP_RESPONSE:
        response(options, moves, count);
        return;
    case RFIM_STEP_FIXED:
    case RFIM_STEP_QUADRATIC:
        break;
    }
    for (size_t l = 0; l < count; l++)
        moves[l].factor = 1;
}
