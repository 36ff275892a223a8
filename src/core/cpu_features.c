#include "core/cpu_features.h"

rfim_kernels rfim__cpu_kernels(void)
{
#ifdef RFIM_X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512cd"))
        return RFIM_KERNELS_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("bmi2"))
        return RFIM_KERNELS_AVX2;
#endif
    return RFIM_KERNELS_PORTABLE;
}
