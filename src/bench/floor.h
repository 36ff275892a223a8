/* floor.h - the matrix products of a step, and nothing else, by plain library calls on one thread:
 *
 *   forward   T = X W             2 n D m flops a layer
 *   backward  X^T delta           2 n D m
 *             delta W^T           2 n D m, but not for the first layer: nobody asks for the
 *                                 gradient of the data
 *
 * A step whose products are the library's cannot be faster. It computes nothing of use: its
 * operands are random, and the first one stays in the cache. */
#ifndef RFIM_BENCH_FLOOR_H
#define RFIM_BENCH_FLOOR_H

#include "algebra/algebra.h"

#include <rfim/network.h>

typedef struct rfim__bench_floor rfim__bench_floor;

/* Of the linear layers of a network; its other modules have no products. */
rfim_status rfim__bench_floor_create(const rfim_network *network, size_t batch,
                                     rfim__bench_floor **out);
/* NULL is legal. */
void rfim__bench_floor_free(rfim__bench_floor *floor);
void rfim__bench_floor_step(rfim__bench_floor *floor);
/* Flops of a step's products; first: of the first layer alone. */
double rfim__bench_floor_flops(const rfim__bench_floor *floor, double *first);

#endif
