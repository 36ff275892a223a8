/* density.h - the density p(y|t) of a response, factor by factor: p(y|t) is a product over factors,
 * one an output (categorical: one in all). Complex in t, real in y.
 *
 * What does not depend on t may be left out of log p; `base`, the t at theta, is where integrals
 * and ratios of probabilities start. */
#ifndef RFIM_CHECK_ORACLE_DENSITY_H
#define RFIM_CHECK_ORACLE_DENSITY_H

#include "check/oracle/oracle.h"
#include "check/oracle/quadrature.h"

#include <complex.h>

typedef struct rfim__oracle_density {
    const rfim__oracle_response *response;
    const rfim__oracle_memory *memory;
    size_t outputs;            /* m */
    size_t factors;            /* m, categorical: 1 */
    double complex *base;      /* t at theta [m], real */
    rfim__oracle_rule hermite; /* gaussian */
    rfim__oracle_rule path;    /* bregman: A(t) - A(base) = integral of mean from base to t */
    /* The outcomes of every factor at t = base, one after the other: enumerated, or nodes. */
    size_t *first;  /* [factors + 1]: factor j has rows first[j] ... first[j + 1] - 1 */
    size_t rows;    /* first[factors] */
    double *y;      /* [rows] */
    double *weight; /* [rows]: probabilities, or the weights of an expectation */
    double *stride; /* [rows]: the weights of an integral (gaussian); of a sum 1 */
    size_t room;    /* rows that there is memory for */
} rfim__oracle_density;

/* Memory for everything but outcomes. Ends itself when it fails. */
rfim__oracle_status rfim__oracle_density_begin(const rfim__oracle_problem *problem, size_t outputs,
                                               rfim__oracle_density *density);
void rfim__oracle_density_end(rfim__oracle_density *density);

/* base <- Re t */
void rfim__oracle_density_base(rfim__oracle_density *density, const double complex *t);
/* Lists the outcomes at base. bregman: one an output, y = mean(base), which is all that an expected
 * log p needs. */
rfim__oracle_status rfim__oracle_outcomes(rfim__oracle_density *density);
void rfim__oracle_outcomes_forget(rfim__oracle_density *density);

/* All combinations of the factors' outcomes, as the row of each, outcome [factors]: the first one,
 * and how many there are; 0 when they are more than four million. */
size_t rfim__oracle_combinations(const rfim__oracle_density *density, size_t *outcome);
/* The next one; false after the last. */
bool rfim__oracle_next(const rfim__oracle_density *density, size_t *outcome);

/* Whether all labels [samples x factors] can be the response's. */
bool rfim__oracle_labels_are_legal(const rfim__oracle_density *density, const double *y,
                                   size_t samples);

/* log p of one factor's y at t [m], up to what does not depend on t */
double complex rfim__oracle_log(const rfim__oracle_density *density, size_t factor, double y,
                                const double complex *t);
/* sqrt(p) of a row of the outcomes at t [m]; not for bregman */
double complex rfim__oracle_root(const rfim__oracle_density *density, size_t factor, size_t row,
                                 const double complex *t);
/* integral of the mean function from a to t along the straight line; bregman */
double complex rfim__oracle_path(const rfim__oracle_density *density, double a, double complex t);

#endif
