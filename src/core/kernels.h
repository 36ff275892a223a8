/* kernels.h - one source, several compiled variants.
 *
 * The build compiles every `*_kernels.c` once for each precision and each instruction set, with
 *   RFIM_REAL   float or double
 *   RFIM_TAG    f32_portable, f32_avx2, f32_avx512, f64_portable, ...
 * Such a file ends with ONE exported table of functions, named by RFIM__VARIANT(table), and all
 * else in it is static. Its header declares the variants by RFIM__DECLARE_VARIANTS, and the
 * concept picks one by RFIM__PICK_VARIANT. */
#ifndef RFIM_CORE_KERNELS_H
#define RFIM_CORE_KERNELS_H

#include <rfim/array.h>
#include <rfim/context.h>

#define RFIM__JOIN_(a, b) a##_##b
#define RFIM__JOIN(a, b) RFIM__JOIN_(a, b)
#define RFIM__VARIANT(table) RFIM__JOIN(table, RFIM_TAG)

#ifdef RFIM_X86
#define RFIM__DECLARE_VARIANTS(type, table)                                                        \
    extern const type table##_f32_portable, table##_f64_portable, table##_f32_avx2,                \
        table##_f64_avx2, table##_f32_avx512, table##_f64_avx512
#define RFIM__PICK_VARIANT(table, kernels, precision)                                              \
    ((kernels) == RFIM_KERNELS_AVX512                                                              \
         ? ((precision) == RFIM_DOUBLE ? &table##_f64_avx512 : &table##_f32_avx512)                \
     : (kernels) == RFIM_KERNELS_AVX2                                                              \
         ? ((precision) == RFIM_DOUBLE ? &table##_f64_avx2 : &table##_f32_avx2)                    \
         : ((precision) == RFIM_DOUBLE ? &table##_f64_portable : &table##_f32_portable))
#else
#define RFIM__DECLARE_VARIANTS(type, table)                                                        \
    extern const type table##_f32_portable, table##_f64_portable
#define RFIM__PICK_VARIANT(table, kernels, precision)                                              \
    ((void)(kernels), (precision) == RFIM_DOUBLE ? &table##_f64_portable : &table##_f32_portable)
#endif

/* Numbers in a row are padded to a whole number of vectors; the padding is zero for ever. */
#define RFIM__LANES 16

#endif
