/* real.h - the C library's functions in RFIM_REAL, for *_kernels.c files. Exponentials and their
 * kin, which vectorise: elementary.h. */
#ifndef RFIM_CORE_REAL_H
#define RFIM_CORE_REAL_H

#include <math.h>

#ifdef RFIM_REAL_IS_f64
#define RFIM_SQRT sqrt
#define RFIM_FABS fabs
#define RFIM_SIN sin
#define RFIM_COS cos
#else
#define RFIM_SQRT sqrtf
#define RFIM_FABS fabsf
#define RFIM_SIN sinf
#define RFIM_COS cosf
#endif

#endif
