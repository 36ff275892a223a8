/* cpu.c - the cpu backend put together: OpenBLAS and our kernels behind the seam. */
#include "algebra/cpu/cpu.h"

#include "algebra/cpu/blas_buffers.h"
#include "algebra/cpu/dual.h"
#include "algebra/cpu/inverse.h"
#include "core/denormals.h"
#include "core/size.h"

#include <cblas.h>
#include <omp.h>

/* About 0.15 ms of one thread with the widest vectors. Below it, waiting for each other costs more
 * than it gains, and very much more where other programs want the same cores. */
#define TEAM_FLOPS 3e7

/* LAPACK's, an integer in the place of a number */
static size_t eigen_room(size_t order, bool vectors)
{
    if (order > RFIM__MOST_EIGEN_ORDER)
        return SIZE_MAX;
    return rfim__eigen_numbers(order, vectors) + rfim__eigen_integers(order, vectors);
}

rfim_status rfim__algebra_create_cpu(rfim_context *context, rfim_precision precision,
                                     rfim__algebra **out)
{
    *out = NULL;
    rfim__algebra *algebra = rfim__allocate(context, 1, sizeof *algebra);
    if (!algebra)
        return RFIM_ERROR_MEMORY;
    rfim_kernels kernels = context->kernels;
    const rfim__elementwise_part *elementwise = RFIM__PICK_VARIANT(rfim__elementwise, kernels,
                                                                   precision);
    const rfim__product_part *product = RFIM__PICK_VARIANT(rfim__product, kernels, precision);
    const rfim__gram_part *gram = RFIM__PICK_VARIANT(rfim__gram, kernels, precision);
    const rfim__factor_part *factor = RFIM__PICK_VARIANT(rfim__factor, kernels, precision);
    const rfim__eigen_part *eigen = RFIM__PICK_VARIANT(rfim__eigen, kernels, precision);
    const rfim__packed_part *packed = RFIM__PICK_VARIANT(rfim__packed, kernels, precision);
    const rfim__packed_factor_part *packed_factor = RFIM__PICK_VARIANT(rfim__packed_factor, kernels,
                                                                       precision);
    algebra->ops = (rfim__algebra_table){.name = "cpu",
                                         .fill = elementwise->fill,
                                         .combine = elementwise->combine,
                                         .combine_finite = elementwise->combine_finite,
                                         .multiply = elementwise->multiply,
                                         .scale_rows = elementwise->scale_rows,
                                         .transpose = elementwise->transpose,
                                         .symmetrise = elementwise->symmetrise,
                                         .dot = elementwise->dot,
                                         .finite = elementwise->finite,
                                         .import = elementwise->import,
                                         .export = elementwise->export,
                                         .gemm = product->gemm,
                                         .gemm_add = product->gemm_add,
                                         .gram = product->gram,
                                         .gram_weighted = gram->gram_weighted,
                                         .cholesky = factor->cholesky,
                                         .cholesky_invert = factor->cholesky_invert,
                                         .cholesky_solve = factor->cholesky_solve,
                                         .triangle_solve = factor->triangle_solve,
                                         .invert_damped = rfim__cpu_invert_damped,
                                         .eigen = eigen->eigen,
                                         .eigen_room = eigen_room,
                                         .packed_invert = packed->invert,
                                         .packed_cholesky = packed_factor->cholesky,
                                         .packed_solve = packed_factor->solve,
                                         .packed_triangle_solve = packed_factor->triangle_solve,
                                         .packed_multiply = packed->multiply,
                                         .packed_diagonal = packed->diagonal,
                                         .dual_solve_shared = rfim__cpu_dual_solve_shared,
                                         .dual_solve = rfim__cpu_dual_solve,
                                         .dual_solve_active = rfim__cpu_dual_solve_active};
    algebra->context = context;
    algebra->precision = precision;
    algebra->item = precision == RFIM_DOUBLE ? sizeof(double) : sizeof(float);
    algebra->threads = context->threads;
    algebra->team_flops = TEAM_FLOPS;
    rfim__blas_reserve_buffers(algebra->threads);
    *out = algebra;
    return RFIM_OK;
}

size_t rfim__packed_invert_room(const rfim__algebra *algebra, size_t order)
{
    size_t room = 0;
    bool fits = algebra->item == sizeof(double)
                    ? rfim__size_multiply(order, order, &room)                  /* ref: a square */
                    : rfim__size_multiply(rfim__packed_rows(algebra, order, 1), /* cpu: a group */
                                          RFIM__ALIGNMENT / algebra->item, &room); /* in float64 */
    return fits ? room : SIZE_MAX;
}

size_t rfim__packed_cholesky_room(size_t order)
{
    return order * RFIM__LANES;
}

size_t rfim__packed_multiply_room(size_t order)
{
    return 2 * order * RFIM__LANES;
}

/* The BLAS' own threads: results depend on their number, and inside our parallel loops they only
 * get in the way. openblas_set_num_threads also sets OpenMP's default team, so both are kept and
 * put back as they were when the outermost call ends. */
void rfim__algebra_begin(rfim_context *context)
{
    if (context->math_depth++ > 0)
        return;
    context->denormals = rfim__denormals_flush();
    context->blas_threads = openblas_get_num_threads();
    context->omp_threads = omp_get_max_threads();
    if (context->blas_threads != 1 || context->omp_threads != 1)
        openblas_set_num_threads(1);
}

void rfim__algebra_end(rfim_context *context)
{
    if (--context->math_depth > 0)
        return;
    rfim__denormals_restore(context->denormals);
    if (context->blas_threads != 1 || context->omp_threads != 1) {
        openblas_set_num_threads(context->blas_threads);
        omp_set_num_threads(context->omp_threads);
    }
}
