/* eigen.c - eigenvalues and eigenvectors by cyclic Jacobi rotations, as the reference.
 *
 * Golub and Van Loan, Matrix Computations, section 8.5. A rotation in the plane of rows and columns
 * (p, q) makes A_pq zero; sweeps over all (p, q) converge quadratically. It stops when all that is
 * left off the diagonal is below 2^-56 of the largest entry: less than one rounding. */
#include "algebra/ref/ref.h"

#include <math.h>

#define MOST_SWEEPS 60 /* ten are enough */

static double *at(rfim__matrix x, size_t i, size_t j)
{
    return (double *)x.data + i * x.stride + j;
}

/* The largest absolute value; NaN or infinite when an entry is. */
static double largest(rfim__matrix a)
{
    double most = 0;
    for (size_t k = 0; k < a.rows; k++) {
        for (size_t l = 0; l < a.rows; l++) {
            double size = fabs(*at(a, k, l));
            if (!(size <= most))
                most = size;
            if (!isfinite(most))
                return most;
        }
    }
    return most;
}

/* Columns p and q of X, turned by the angle with this cosine and sine */
static void turn(rfim__matrix x, size_t p, size_t q, double cosine, double sine)
{
    for (size_t k = 0; k < x.rows; k++) {
        double xp = *at(x, k, p);
        double xq = *at(x, k, q);
        *at(x, k, p) = cosine * xp - sine * xq;
        *at(x, k, q) = sine * xp + cosine * xq;
    }
}

/* A <- J^T A J, Q <- Q J with A_pq = 0 afterwards; A is symmetric, both triangles. */
static void rotate(rfim__matrix a, rfim__matrix q, size_t i, size_t j)
{
    double pivot = *at(a, i, j);
    double first = *at(a, i, i);
    double second = *at(a, j, j);
    double theta = (second - first) / (2 * pivot);
    double tangent = (theta < 0 ? -1 : 1) / (fabs(theta) + hypot(theta, 1));
    double cosine = 1 / hypot(tangent, 1);
    turn(a, i, j, cosine, tangent * cosine);
    for (size_t k = 0; k < a.rows; k++) {
        *at(a, i, k) = *at(a, k, i);
        *at(a, j, k) = *at(a, k, j);
    }
    *at(a, i, i) = first - tangent * pivot;
    *at(a, j, j) = second + tangent * pivot;
    *at(a, i, j) = *at(a, j, i) = 0;
    turn(q, i, j, cosine, tangent * cosine);
}

static bool sweep(rfim__matrix a, rfim__matrix q, double negligible)
{
    bool done = true;
    for (size_t i = 0; i < a.rows; i++) {
        for (size_t j = i + 1; j < a.rows; j++) {
            if (fabs(*at(a, i, j)) <= negligible)
                continue;
            rotate(a, q, i, j);
            done = false;
        }
    }
    return done;
}

/* w ascending, the columns of Q with it */
static void sort(rfim__matrix w, rfim__matrix q)
{
    for (size_t i = 0; i < w.columns; i++) {
        size_t least = i;
        for (size_t j = i + 1; j < w.columns; j++)
            if (*at(w, 0, j) < *at(w, 0, least))
                least = j;
        double value = *at(w, 0, i);
        *at(w, 0, i) = *at(w, 0, least);
        *at(w, 0, least) = value;
        for (size_t k = 0; k < q.rows && least != i; k++) {
            double entry = *at(q, k, i);
            *at(q, k, i) = *at(q, k, least);
            *at(q, k, least) = entry;
        }
    }
}

static size_t eigen(rfim__algebra *algebra, rfim__matrix a, bool vectors, rfim__matrix w)
{
    rfim__matrix q = {algebra->scratch, a.rows, a.rows, a.rows};
    algebra->ops.symmetrise(algebra, a);
    double size = largest(a);
    if (!isfinite(size))
        return 1;
    for (size_t k = 0; k < a.rows; k++)
        for (size_t l = 0; l < a.rows; l++)
            *at(q, k, l) = k == l ? 1 : 0;
    bool done = false;
    for (size_t s = 0; s < MOST_SWEEPS && !done; s++)
        done = sweep(a, q, 0x1p-56 * size);
    for (size_t k = 0; k < a.rows; k++)
        *at(w, 0, k) = *at(a, k, k);
    sort(w, q);
    if (vectors)
        algebra->ops.combine(algebra, 1, q, 0, q, a);
    return done ? 0 : 1;
}

static size_t eigen_room(size_t order, bool vectors)
{
    (void)vectors;
    return order > RFIM__MOST_EIGEN_ORDER ? SIZE_MAX : order * order; /* one square */
}

void rfim__ref_fill_eigen(rfim__algebra_table *table)
{
    table->eigen = eigen;
    table->eigen_room = eigen_room;
}
