/* spectrum.c - eigenvalues of a symmetric matrix in float64. Cost: 4/3 N^3 flops. */
#include "algebra/algebra.h"

#include <rfim/fim.h>

rfim_status rfim_fim_spectrum(rfim_context *context, const double *matrix, size_t order,
                              double *eigenvalues)
{
    if (!context || !matrix || !eigenvalues)
        return RFIM_ERROR_ARGUMENT;
    if (order > RFIM__MOST_EIGEN_ORDER)
        return rfim__fail(context, RFIM_ERROR_MEMORY,
                          "fim: eigenvalues are for matrices of order %zu at most, found %zu",
                          RFIM__MOST_EIGEN_ORDER, order);
    rfim__algebra *algebra = NULL;
    rfim_status status = rfim__algebra_create_cpu(context, RFIM_DOUBLE, &algebra);
    if (status != RFIM_OK)
        return status;
    rfim__arena arena = {0};
    rfim__arena_matrix(&arena, algebra, order, order);
    void *block = rfim__allocate(context, arena.used, 1);
    status = block ? rfim__algebra_reserve(algebra, algebra->ops.eigen_room(order, false))
                   : RFIM_ERROR_MEMORY;
    if (status != RFIM_OK)
        goto done;
    arena = (rfim__arena){.base = block};
    rfim__matrix copy = rfim__arena_matrix(&arena, algebra, order, order);
    rfim__matrix ascending = {eigenvalues, 1, order, order};
    rfim__algebra_begin(context);
    algebra->ops.import(algebra, matrix, copy);
    size_t failed = algebra->ops.eigen(algebra, copy, false, ascending);
    rfim__algebra_end(context);
    if (failed)
        status = rfim__fail(context, RFIM_ERROR_ARGUMENT,
                            "fim: the eigenvalues of a matrix of order %zu cannot be found; it "
                            "holds NaN or infinite numbers",
                            order);
    for (size_t k = 0; k < order / 2; k++) {
        double value = eigenvalues[k];
        eigenvalues[k] = eigenvalues[order - 1 - k];
        eigenvalues[order - 1 - k] = value;
    }
done:
    rfim__release(context, block);
    rfim__algebra_free(algebra);
    return status;
}
