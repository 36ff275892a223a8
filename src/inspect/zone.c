#include "inspect/zone.h"

#include <math.h>

#define DEAD 0.01
#define SATURATED 0.1
#define LINEAR 0.75
#define STEADY 0.1

#define GELU_SLOPE 1.128904145185155  /* Phi(t) + t phi(t) at t = sqrt 2 */
#define SILU_SLOPE 1.0998393201288668 /* s(t) + t s'(t) at t = 2.3993572805 */

/* An activation from outside: what a scan finds. */
static double scan(const rfim_activation *told)
{
    double largest = 0;
    for (int step = -2000; step <= 2000; step++)
        largest = fmax(largest, fabs(told->derivative(told->user, step * 0.01)));
    return isfinite(largest) ? largest : (double)NAN;
}

static double largest_slope(const rfim__activation *f)
{
    switch (f->kind) {
    case RFIM__SIGM:
        return 0.25;
    case RFIM__ELU:
        return fmax(1, f->alpha);
    case RFIM__GELU:
        return GELU_SLOPE;
    case RFIM__SILU:
        return SILU_SLOPE;
    case RFIM__CUSTOM:
        return scan(&f->custom->told);
    default:
        return 1;
    }
}

double rfim__zone_largest_nu(const rfim__asked_response *response)
{
    double slope = largest_slope(&response->activation);
    if (response->family == RFIM_FAMILY_CATEGORICAL)
        return 0.25; /* eta (1 - eta) */
    if (response->family == RFIM_FAMILY_CANONICAL)
        return slope;
    return slope * slope / (response->sigma * response->sigma);
}

bool rfim__zone_is_of_hard_slope(const rfim__asked_response *response)
{
    return response->activation.kind == RFIM__RELU && response->activation.omega > 0 &&
           response->family != RFIM_FAMILY_CATEGORICAL;
}

rfim__asked_response rfim__zone_response(const rfim__asked_response *response)
{
    rfim__asked_response hard = *response;
    if (rfim__zone_is_of_hard_slope(response))
        hard.activation.omega = 0;
    return hard;
}

rfim_zone rfim__zone_of(const rfim__asked_response *response, double mean, double spread)
{
    double largest = rfim__zone_largest_nu(response);
    rfim__activation_kind kind = response->activation.kind;
    if (response->family == RFIM_FAMILY_CATEGORICAL || !(largest > 0) || !isfinite(mean))
        return RFIM_ZONE_NONE;
    if (mean < DEAD * largest)
        return RFIM_ZONE_DEAD;
    if (mean < SATURATED * largest && (kind == RFIM__TANH || kind == RFIM__SIGM))
        return RFIM_ZONE_SATURATED;
    if (mean > LINEAR * largest && spread < STEADY * mean)
        return RFIM_ZONE_LINEAR;
    return RFIM_ZONE_ACTIVE;
}

const char *rfim_zone_name(rfim_zone zone)
{
    static const char *const names[] = {"-", "dead", "saturated", "linear", "active"};
    return (int)zone >= 0 && (int)zone < 5 ? names[zone] : "-";
}
