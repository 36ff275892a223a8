/* random.h - counter-based random numbers: Philox 4x32-10.
 *
 * Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011. The key is the seed (64 bits); the counter is (position, stream), 64 bits each. So
 * number k of a stream can be had without those before it, streams never overlap, and nothing
 * depends on the number of threads. */
#ifndef RFIM_CORE_RANDOM_H
#define RFIM_CORE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Streams: who draws from a seed. Sub-streams go in the low 48 bits. */
enum {
    RFIM__STREAM_INIT = 1,      /* initial weights; sub-stream: module */
    RFIM__STREAM_SHUFFLE = 2,   /* batches; sub-stream: epoch */
    RFIM__STREAM_SPLIT = 3,     /* the `paper` split */
    RFIM__STREAM_DIGITS = 4,    /* built-in digits; sub-stream: sample */
    RFIM__STREAM_OUTCOMES = 5,  /* a model's own y; sub-stream: sample */
    RFIM__STREAM_CHECK = 6,     /* rfim_check; sub-stream: from the name of the case */
    RFIM__STREAM_TABULAR = 7,   /* the built-in regression; sub-stream: sample */
    RFIM__STREAM_RESPONSES = 8, /* responses drawn for metrics; sub-stream: collection, module */
    RFIM__STREAM_WHITENING = 9  /* which samples a constant metric is that of */
};

static inline uint64_t rfim__stream(unsigned who, uint64_t sub)
{
    return ((uint64_t)who << 48) | (sub & 0xffffffffffffu);
}

/* The four numbers at one position of one stream. */
void rfim__philox(uint64_t seed, uint64_t stream, uint64_t position, uint32_t out[4]);

/* One stream read in order. */
typedef struct rfim__random {
    uint64_t seed;
    uint64_t stream;
    uint64_t position;
    uint32_t block[4];
    unsigned left; /* unread numbers of block */
} rfim__random;

rfim__random rfim__random_start(uint64_t seed, uint64_t stream);
uint32_t rfim__random_next(rfim__random *random);
/* Uniform on [0, 1), 53 bits. */
double rfim__random_uniform(rfim__random *random);
/* Standard normal (Box and Muller, the cosine half; two uniforms a number). */
double rfim__random_normal(rfim__random *random);
/* Uniform on 0 ... count-1, without bias; count >= 1. */
uint32_t rfim__random_below(rfim__random *random, uint32_t count);
/* Fisher-Yates on `count` numbers. */
void rfim__random_shuffle(rfim__random *random, uint32_t *items, size_t count);

#endif
