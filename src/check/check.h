/* check.h - the inside of rfim_check: groups of checks, and what one check has to hand.
 *
 * A group is a file group_*.c: tables of cases, and a function that goes through them. A case
 * begins (rfim__check_begin), makes a small network or two (toy.h), and tells what it found:
 * an error, relative in the Frobenius norm unless said otherwise, and its tolerance. What cannot be
 * computed has the error NaN, and that fails; so does a comparison with 0 (compare.h). Everything
 * that a case makes is kept until the next one begins. Its random numbers depend on its name and
 * the seed alone. */
#ifndef RFIM_CHECK_CHECK_H
#define RFIM_CHECK_CHECK_H

#include "core/context.h"
#include "core/random.h"

#include <rfim/check.h>
#include <stdbool.h>

#define RFIM__CHECK_NAME 64 /* bytes of a name, with its end */

typedef struct rfim__check_object {
    struct rfim__check_object *next;
    void (*release)(void *object); /* NULL: the object is the block itself */
    void *object;
} rfim__check_object;

typedef struct rfim__check {
    rfim_context *context; /* its own: what is registered in it goes with it */
    rfim_context *asker;   /* the caller's */
    const rfim_check_options *options;
    rfim_check_fn told;
    void *user;
    rfim_check_summary *summary;
    bool memory_short; /* an allocation has failed */
    const char *group;
    char name[RFIM__CHECK_NAME]; /* of the case at hand; empty: there is none */
    size_t results;              /* of it */
    rfim__random random;
    double began;       /* when the check at hand did, in seconds */
    rfim_status status; /* anything but RFIM_OK ends all: stopped, or no memory */
    rfim__check_object *objects;
} rfim__check;

/* A new case: what the last one has made goes. false: no more, end the group. */
__attribute__((format(printf, 2, 3))) bool rfim__check_begin(rfim__check *check, const char *format,
                                                             ...);
/* Tells that the case's error against an oracle was to be at most `tolerance`. */
void rfim__check_near(rfim__check *check, const char *against, double error, double tolerance);
/* Tells that a mistake was to be noticed: the error must be above the bound. */
void rfim__check_beyond(rfim__check *check, const char *against, double error, double bound);
/* Is there still memory, and nobody who stopped it? Else what was made may be missing. */
bool rfim__check_is_well(const rfim__check *check);
/* Seconds since some time or other. */
double rfim__check_clock(void);
/* The end of a case: what it has made goes. One that compared nothing has failed. */
void rfim__check_end(rfim__check *check);

/* count x size zeroed bytes until the next case; NULL when there is no memory. */
void *rfim__check_room(rfim__check *check, size_t count, size_t size);
double *rfim__check_numbers(rfim__check *check, size_t count);
/* Keeps an object until the next case. When that fails it is released at once: false. */
bool rfim__check_keep(rfim__check *check, void *object, void (*release)(void *object));
/* Numbers of the case's stream. */
double rfim__check_uniform(rfim__check *check, double least, double most);
double *rfim__check_normals(rfim__check *check, size_t count);
/* How often a case of random shape or data is tried. */
size_t rfim__check_trials(const rfim__check *check);

typedef void rfim__check_group_fn(rfim__check *check);

rfim__check_group_fn rfim__check_nu;
rfim__check_group_fn rfim__check_layers;
rfim__check_group_fn rfim__check_two_layers;
rfim__check_group_fn rfim__check_softmax;
rfim__check_group_fn rfim__check_network;
rfim__check_group_fn rfim__check_fim;
rfim__check_group_fn rfim__check_stochastic;
rfim__check_group_fn rfim__check_representations;
rfim__check_group_fn rfim__check_solving;
rfim__check_group_fn rfim__check_invariances;
rfim__check_group_fn rfim__check_coordinates; /* a part of the invariances */
rfim__check_group_fn rfim__check_precision;

#endif
