/* idx.h - the file format of MNIST: an array of bytes with its shape.
 *
 *   bytes 0, 1   zero
 *   byte 2       type of the numbers: 8 is unsigned bytes, the one kind that is read
 *   byte 3       number of dimensions
 *   then         each dimension as 32 bits, the most significant byte first
 *   then         the numbers, row-major, to the end of the file
 *
 * The whole file may be packed by gzip. Every length is checked against the file before anything
 * is allocated: a small file cannot ask for much memory. */
#ifndef RFIM_IO_IDX_H
#define RFIM_IO_IDX_H

#include "core/context.h"

#define RFIM__IDX_DIMENSIONS 4 /* at most */

typedef struct rfim__idx {
    size_t dimensions;
    size_t shape[RFIM__IDX_DIMENSIONS]; /* 1 beyond `dimensions` */
    size_t count;                       /* numbers in all: the product of the shape */
    const uint8_t *values;              /* [count]: inside the data parsed, or inside `owned` */
    uint8_t *owned;                     /* what gzip data were inflated to, or NULL */
} rfim__idx;

/* Reads a file that lies in memory. A plain file is not copied: out->values points into data.
 * name: what errors call the file. RFIM_ERROR_FORMAT, RFIM_ERROR_MEMORY. */
rfim_status rfim__idx_parse(rfim_context *context, const char *name, const uint8_t *data,
                            size_t size, rfim__idx *out);
/* Frees what parsing allocated. */
void rfim__idx_free(rfim_context *context, rfim__idx *idx);

#endif
