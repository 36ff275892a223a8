/* activation.h - scalar functions of a complex number that agree with real ones on the real axis,
 * so that f'(t) = Im f(t + i h)/h for tiny h. */
#ifndef RFIM_CHECK_ORACLE_ACTIVATION_H
#define RFIM_CHECK_ORACLE_ACTIVATION_H

#include "check/oracle/oracle.h"

#include <complex.h>

double complex rfim__oracle_apply(const rfim__oracle_activation *f, double complex t);
/* 1/(1 + e^-t) and its logarithm, for any real part */
double complex rfim__oracle_sigm(double complex t);
double complex rfim__oracle_log_sigm(double complex t);

#endif
