/* pass.h - the forward pass at theta + shift, shift complex, and the complex step. */
#ifndef RFIM_CHECK_ORACLE_PASS_H
#define RFIM_CHECK_ORACLE_PASS_H

#include "check/oracle/oracle.h"

#include <complex.h>

/* h of the complex step: its square is nothing beside 1, and no product comes near underflow. */
#define RFIM__ORACLE_STEP 1e-40

/* Work memory of forward passes; one at a time. */
typedef struct rfim__oracle_pass {
    const rfim__oracle_problem *problem;
    size_t inputs;         /* d of the first module */
    size_t outputs;        /* m of the last module */
    double complex *shift; /* [N], added to theta; 0 at first, and the caller's to set */
    double complex *input; /* [d], of the current sample */
    double complex *x;     /* [widest], what the current module receives */
    double complex *pre;   /* [widest], its t */
    double complex *t;     /* [m], a result of rfim__oracle_run */
    double complex *steps; /* [N x m], row k: t with a complex step in theta_k beside shift */
} rfim__oracle_pass;

/* Checks the problem and takes the memory. Ends itself when it fails. */
rfim__oracle_status rfim__oracle_pass_begin(const rfim__oracle_problem *problem,
                                            rfim__oracle_pass *pass);
void rfim__oracle_pass_end(rfim__oracle_pass *pass);

/* t <- [outputs of module last] from what module `first` receives. Returns the largest |Im| of all
 * pre-activations on the way. */
double rfim__oracle_forward(const rfim__oracle_pass *pass, size_t first, size_t last,
                            const double complex *input, double complex *t);
/* pass->t <- the same through all modules, of a sample of the problem. */
double rfim__oracle_run(const rfim__oracle_pass *pass, size_t sample);
/* pass->steps <- of a sample; pass->t is spent. */
void rfim__oracle_steps(const rfim__oracle_pass *pass, size_t sample);

#endif
