/* Exponentials and their kin in float64 (elementary_errors.h). */
#define RFIM_REAL double
#define RFIM_REAL_IS_f64 1

#include "core/elementary_errors.h"
