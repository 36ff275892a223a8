/* mirror.h - matrices like the parameters of every module, which an optimiser keeps from step to
 * step: means, momentum, sums. */
#ifndef RFIM_OPTIMIZER_MIRROR_H
#define RFIM_OPTIMIZER_MIRROR_H

#include "network/network.h"

typedef struct rfim__mirror {
    rfim__matrix *matrices; /* [modules x copies] in one block */
    size_t copies;          /* of each module; 0: nothing is kept */
    void *block;
} rfim__mirror;

/* All 0. With no copies it takes nothing. */
rfim_status rfim__mirror_create(const rfim_network *network, size_t copies, rfim__mirror *out);
void rfim__mirror_free(rfim_context *context, rfim__mirror *mirror);
/* Bytes of its matrices are added to an arena without a base. */
void rfim__mirror_count(const rfim_network *network, size_t copies, rfim__arena *arena);

/* Copy c of module l. */
static inline rfim__matrix rfim__mirror_of(const rfim__mirror *mirror, size_t l, size_t c)
{
    return mirror->matrices[l * mirror->copies + c];
}

#endif
