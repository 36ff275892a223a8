/* check.h - the library proves itself on this machine: every closed form, every representation and
 * every identity against oracles that share no code with them. */
#ifndef RFIM_CHECK_H
#define RFIM_CHECK_H

#include <rfim/context.h>
#include <stdint.h>

/* One thing that was checked. */
typedef struct rfim_check_result {
    const char *group;   /* "nu", "layers", "two layers", "representations", ... */
    const char *name;    /* what was checked: "elu, gaussian" */
    const char *against; /* the oracle: "quadrature", "enumeration", "KL divergence", ... */
    double error;        /* the largest found; relative, NaN when it could not be computed */
    double tolerance;    /* the error is at most that; "must exceed", "not the same",
                            "condition over": above it */
    int passed;
    double seconds;
} rfim_check_result;

/* Is told each result as it comes; the strings live until it returns. Not 0 stops. */
typedef int (*rfim_check_fn)(void *user, const rfim_check_result *result);

typedef struct rfim_check_options {
    int thorough;     /* 1: the costly ones too: more shapes, Monte Carlo with many draws */
    uint64_t seed;    /* of the random networks and data */
    const char *only; /* a part of a group's name: only those; NULL: all. No such group: an error
                         that names them all */
} rfim_check_options;

typedef struct rfim_check_summary {
    size_t checked;
    size_t failed;
    double seconds;
} rfim_check_summary;

#ifdef __cplusplus
extern "C" {
#endif

RFIM_API void rfim_check_defaults(rfim_check_options *options);
/* RFIM_OK also when checks failed: *out counts them. RFIM_STOPPED when `told` asked for it. */
RFIM_API rfim_status rfim_check(rfim_context *context, const rfim_check_options *options,
                                rfim_check_fn told, void *user, rfim_check_summary *out);

#ifdef __cplusplus
}
#endif
#endif
