#include "small_matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void *oracle_zeroed(size_t count, size_t size)
{
    void *block = calloc(count > 0 ? count : 1, size);
    if (block == NULL) {
        abort();
    }
    return block;
}

double *oracle_doubles(size_t count)
{
    return oracle_zeroed(count, sizeof(double));
}

void oracle_set_identity(double *A, size_t D)
{
    for (size_t r = 0; r < D; r++) {
        for (size_t c = 0; c < D; c++) {
            A[r * D + c] = r == c ? 1.0 : 0.0;
        }
    }
}

void oracle_damp(const double *M, size_t D, double damping, double *damped)
{
    double trace = 0.0;
    for (size_t r = 0; r < D; r++) {
        trace += M[r * D + r];
    }
    memcpy(damped, M, D * D * sizeof(double));
    for (size_t r = 0; r < D; r++) {
        damped[r * D + r] += damping * trace;
    }
}

static void swap_rows(double *A, size_t D, size_t p, size_t q)
{
    for (size_t c = 0; c < D; c++) {
        double kept = A[p * D + c];
        A[p * D + c] = A[q * D + c];
        A[q * D + c] = kept;
    }
}

void oracle_invert(double *A, size_t D, double *inverse)
{
    oracle_set_identity(inverse, D);
    for (size_t p = 0; p < D; p++) {
        size_t best = p;
        for (size_t r = p + 1; r < D; r++) {
            if (fabs(A[r * D + p]) > fabs(A[best * D + p])) {
                best = r;
            }
        }
        if (best != p) {
            swap_rows(A, D, p, best);
            swap_rows(inverse, D, p, best);
        }
        double pivot = A[p * D + p];
        for (size_t c = 0; c < D; c++) {
            A[p * D + c] /= pivot;
            inverse[p * D + c] /= pivot;
        }
        for (size_t r = 0; r < D; r++) {
            double factor = A[r * D + p];
            if (r == p) {
                continue;
            }
            for (size_t c = 0; c < D; c++) {
                A[r * D + c] -= factor * A[p * D + c];
                inverse[r * D + c] -= factor * inverse[p * D + c];
            }
        }
    }
}

/* A <- J^T A J with the rotation J in the plane (p, q) that makes A[p][q] zero. */
static void jacobi_rotate(double *A, size_t D, size_t p, size_t q)
{
    double apq = A[p * D + q];
    if (apq == 0.0) {
        return;
    }
    double theta = (A[q * D + q] - A[p * D + p]) / (2.0 * apq);
    double tangent = (theta >= 0.0 ? 1.0 : -1.0) / (fabs(theta) + sqrt(theta * theta + 1.0));
    double cosine = 1.0 / sqrt(tangent * tangent + 1.0);
    double sine = tangent * cosine;
    for (size_t r = 0; r < D; r++) {
        double arp = A[r * D + p];
        double arq = A[r * D + q];
        A[r * D + p] = cosine * arp - sine * arq;
        A[r * D + q] = sine * arp + cosine * arq;
    }
    for (size_t c = 0; c < D; c++) {
        double apc = A[p * D + c];
        double aqc = A[q * D + c];
        A[p * D + c] = cosine * apc - sine * aqc;
        A[q * D + c] = sine * apc + cosine * aqc;
    }
}

double oracle_symmetric_condition(double *A, size_t D)
{
    enum { MAX_SWEEPS = 60 }; /* convergence is quadratic: about ten are needed */
    for (int sweep = 0; sweep < MAX_SWEEPS; sweep++) {
        double off = 0.0;
        double all = 0.0;
        for (size_t r = 0; r < D; r++) {
            for (size_t c = 0; c < D; c++) {
                all += A[r * D + c] * A[r * D + c];
                off += r == c ? 0.0 : A[r * D + c] * A[r * D + c];
            }
        }
        if (!isfinite(all)) {
            return NAN;
        }
        if (off <= 1e-30 * all) { /* off-diagonal norm 1e-15 of the whole: the unit roundoff */
            break;
        }
        for (size_t p = 0; p < D; p++) {
            for (size_t q = p + 1; q < D; q++) {
                jacobi_rotate(A, D, p, q);
            }
        }
    }
    double largest = fabs(A[0]);
    double smallest = fabs(A[0]);
    for (size_t r = 1; r < D; r++) {
        largest = fmax(largest, fabs(A[r * D + r]));
        smallest = fmin(smallest, fabs(A[r * D + r]));
    }
    return largest / smallest;
}
