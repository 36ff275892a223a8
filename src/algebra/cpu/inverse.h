/* inverse.h - the operation invert_damped of algebra.h, for the cpu backend's table. */
#ifndef RFIM_ALGEBRA_CPU_INVERSE_H
#define RFIM_ALGEBRA_CPU_INVERSE_H

#include "algebra/algebra.h"

size_t rfim__cpu_invert_damped(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                               rfim__matrix p, bool wide);

#endif
