/* Exponentials and their kin in float32 (elementary_errors.h). */
#define RFIM_REAL float
#define RFIM_REAL_IS_f32 1

#include "core/elementary_errors.h"
