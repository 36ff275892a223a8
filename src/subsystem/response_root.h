/* response_root.h - square roots of a response's information: F(u) = sum_a c_a c_a^T, or the mean
 * of c c^T over a response that is drawn.
 *
 *   diagonal   c_a = sqrt(nu_a) e_a
 *   soft-max   c_a = sqrt(eta_a) (e_a - eta), the columns of diag(s)(I - s s^T), s = sqrt(eta)
 *   drawn      c = y - mean for classes (e_y for the class y) and for the canonical responses tanh
 *              and sigm, whose y is one of two values; sqrt(nu) z, z standard normal, for others:
 *              the score of u, but for its sign */
#ifndef RFIM_SUBSYSTEM_RESPONSE_ROOT_H
#define RFIM_SUBSYSTEM_RESPONSE_ROOT_H

#include "core/kernels.h"
#include "network/network.h"
#include "subsystem/subsystem.h"

typedef struct rfim__response_root {
    const rfim_network *network;
    const rfim__asked_response *response;
    size_t samples;           /* that were read */
    rfim__matrix information; /* [n x m]: nu or eta */
    rfim__matrix root;        /* [n x m]: sqrt of it */
    rfim__matrix others;      /* [n x m], of classes: 1 - eta */
} rfim__response_root;

/* Draws of sample i: a function of the seed, the stream, i and m alone.   all [n x m] */
typedef struct rfim__drawn_kernels {
    /* C <- e_y - eta, y a class with the probabilities eta */
    void (*classes)(uint64_t seed, uint64_t stream, rfim__matrix eta, rfim__matrix others,
                    rfim__matrix c);
    /* C_ij <- y - f_ij, y low or high with mean f_ij; C may be F */
    void (*two_values)(uint64_t seed, uint64_t stream, double low, double high, rfim__matrix f,
                       rfim__matrix c);
    /* C_ij <- s_ij z, z standard normal; C may be S */
    void (*normals)(uint64_t seed, uint64_t stream, rfim__matrix s, rfim__matrix c);
} rfim__drawn_kernels;

RFIM__DECLARE_VARIANTS(rfim__drawn_kernels, rfim__drawn);

/* Room for n samples of m outputs.   classes: of a categorical response among others */
void rfim__response_root_place(rfim__response_root *root, const rfim__algebra *algebra, size_t n,
                               size_t m, bool classes, rfim__arena *arena);
/* nu or eta of the response, and its root.   slot: of its module, rows of the samples wanted. Its
 * numbers are in the first rows and columns of the areas. */
void rfim__response_root_read(rfim__response_root *root, const rfim_network *network,
                              const rfim__asked_response *response, const rfim__slot *slot);
/* How many c_a there are: m. */
size_t rfim__response_root_copies(const rfim__response_root *root);
/* The areas as wide and long as what was read. */
rfim__matrix rfim__response_root_part(const rfim__response_root *root, rfim__matrix area);

/* C <- c_a of every sample.   C: [n x m] */
void rfim__response_root_exact(const rfim__response_root *root, size_t a, rfim__matrix c);
/* C <- a drawn c of every sample.   slot: as for read; stream: of RFIM__STREAM_RESPONSES */
void rfim__response_root_drawn(const rfim__response_root *root, const rfim__slot *slot,
                               uint64_t seed, uint64_t stream, rfim__matrix c);

/* out [n x m] <- the information of a response that is not categorical: nu */
void rfim__response_information(const rfim_network *network, const rfim__asked_response *response,
                                const rfim__slot *slot, rfim__matrix out);
/* The pre-activations (or parameters) u of a module's response, [n x m]. */
rfim__matrix rfim__response_pre(const rfim_network *network, size_t module, const rfim__slot *slot);

#endif
