/* real.h - elementary functions in RFIM_REAL, for *_kernels.c files. */
#ifndef RFIM_CORE_REAL_H
#define RFIM_CORE_REAL_H

#include <math.h>

#ifdef RFIM_REAL_IS_f64
#define RFIM_EXP exp
#define RFIM_EXPM1 expm1
#define RFIM_TANH_OF tanh
#define RFIM_LOG1P log1p
#define RFIM_SQRT sqrt
#define RFIM_FABS fabs
#define RFIM_ERFC erfc
#define RFIM_SIN sin
#define RFIM_COS cos
#else
#define RFIM_EXP expf
#define RFIM_EXPM1 expm1f
#define RFIM_TANH_OF tanhf
#define RFIM_LOG1P log1pf
#define RFIM_SQRT sqrtf
#define RFIM_FABS fabsf
#define RFIM_ERFC erfcf
#define RFIM_SIN sinf
#define RFIM_COS cosf
#endif

/* 1/(1+e^-t), without overflow for any t. */
static inline RFIM_REAL rfim__sigm(RFIM_REAL t)
{
    RFIM_REAL e = RFIM_EXP(-RFIM_FABS(t));
    return (t >= 0 ? 1 : e) / (1 + e);
}

#endif
