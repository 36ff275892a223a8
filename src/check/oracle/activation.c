#include "check/oracle/activation.h"

#include <math.h>

#define ROOT_2 1.41421356237309504880
#define ROOT_2_PI 2.50662827463100050242

/* log(1 + z) and e^z - 1 without the loss of a small z in the 1 */
static double complex log_1_plus(double complex z)
{
    double a = creal(z);
    double b = cimag(z);
    return .5 * log1p(2 * a + a * a + b * b) + I * atan2(b, 1 + a);
}

static double complex exp_minus_1(double complex z)
{
    double half = sin(cimag(z) / 2);
    double e = exp(creal(z));
    return expm1(creal(z)) - 2 * e * half * half + I * (e * sin(cimag(z)));
}

double complex rfim__oracle_sigm(double complex t)
{
    if (creal(t) >= 0)
        return 1 / (1 + cexp(-t));
    double complex e = cexp(t);
    return e / (1 + e);
}

double complex rfim__oracle_log_sigm(double complex t)
{
    if (creal(t) >= 0)
        return -log_1_plus(cexp(-t));
    return t - log_1_plus(cexp(t));
}

/* The larger of e^{iota t/omega} and e^{t/omega} is taken out of the logarithm. */
static double complex softplus(const rfim__oracle_activation *f, double complex t)
{
    double complex r = (1 - f->iota) / f->omega * t;
    if (creal(t) >= 0)
        return t + f->omega * log_1_plus(cexp(-r));
    return f->iota * t + f->omega * log_1_plus(cexp(r));
}

/* Phi(a + i b) = Phi(a) + i b phi(a) + O(b^2) */
static double complex gelu(double complex t)
{
    double a = creal(t);
    double density = exp(-a * a / 2) / ROOT_2_PI;
    return t * (.5 * erfc(-a / ROOT_2) + I * (cimag(t) * density));
}

double complex rfim__oracle_apply(const rfim__oracle_activation *f, double complex t)
{
    switch (f->function) {
    case RFIM__ORACLE_IDENTITY:
        break;
    case RFIM__ORACLE_RELU:
        return creal(t) > 0 ? t : f->iota * t;
    case RFIM__ORACLE_ELU:
        return creal(t) >= 0 ? t : f->alpha * exp_minus_1(t);
    case RFIM__ORACLE_TANH:
        return ctanh(t);
    case RFIM__ORACLE_SIGM:
        return rfim__oracle_sigm(t);
    case RFIM__ORACLE_GELU:
        return gelu(t);
    case RFIM__ORACLE_SILU:
        return t * rfim__oracle_sigm(t);
    case RFIM__ORACLE_SOFTPLUS:
        return softplus(f, t);
    case RFIM__ORACLE_SIN:
        return csin(t);
    case RFIM__ORACLE_EXP:
        return cexp(t);
    case RFIM__ORACLE_GIVEN:
        return f->value(f->user, creal(t)) + I * (cimag(t) * f->derivative(f->user, creal(t)));
    }
    return t;
}
