/* options.h - every setting of a run in one struct, and by name: the command line, the INI keys,
 * --help and validation all come from the one table behind these functions. */
#ifndef RFIM_OPTIONS_H
#define RFIM_OPTIONS_H

#include <rfim/data.h>
#include <rfim/network.h>
#include <rfim/optimizer.h>

/* What the network is trained to reproduce. */
typedef enum rfim_target_rule {
    RFIM_TARGETS_AUTOMATIC, /* the inputs, for sigmoid and squared loss when outputs = inputs and
                               the data have no values; otherwise the data's own targets */
    RFIM_TARGETS_DATA,      /* the data's targets; classes become one-hot for sigmoid and squared */
    RFIM_TARGETS_INPUTS     /* auto-encoder */
} rfim_target_rule;

typedef struct rfim_train_options {
    size_t epochs;
    size_t batch;          /* samples a step */
    uint64_t seed;         /* of initial weights, batches and the `paper` split */
    double weight_average; /* decay of the mean of the weights that is evaluated and kept in their
                              place; 0: the weights themselves */
    size_t eval_samples;   /* evaluate on the first so many samples of each split; 0: all */
    rfim_target_rule target;
} rfim_train_options;

typedef struct rfim_run_options {
    char out[RFIM_TEXT_SIZE]; /* run folder; empty: runs/<date>-<network>-<optimizer>-<seed> */
    size_t threads;           /* 0: as many as this process may use */
    rfim_kernels kernels;
    int overwrite; /* 1: replace an existing run folder */
    int quiet;     /* 1: no progress */
} rfim_run_options;

typedef struct rfim_options {
    rfim_data_options data;
    char network[RFIM_TEXT_SIZE]; /* as rfim_network_create takes it */
    rfim_network_options init;
    rfim_optimizer_options optimizer;
    rfim_train_options train;
    rfim_run_options run;
    char preset[64]; /* name of the bundle the optimiser's options came from */
} rfim_options;

/* One option as people see it. */
typedef struct rfim_option_info {
    const char *name;    /* "learning-rate": --learning-rate and the INI key */
    const char *section; /* "data", "network", "optimizer", "training", "run" */
    const char *metavar; /* "RATE"; NULL for a switch */
    const char *unit;    /* "samples", "steps", ...; "" when it has none */
    const char *choices; /* "constant|linear|cosine"; NULL when it is not a choice */
    const char *minimum; /* "0", or "above 0" when 0 itself is out of range; NULL: none */
    const char *maximum; /* "1", or "below 1"; NULL: none */
    const char *help;    /* one sentence */
} rfim_option_info;

/* One named bundle of optimiser options. */
typedef struct rfim_preset_info {
    const char *name;
    const char *settings; /* "optimizer=rngd learning-rate=0.01 ..." */
    const char *help;
} rfim_preset_info;

#ifdef __cplusplus
extern "C" {
#endif

RFIM_API void rfim_options_defaults(rfim_options *options);
/* Sets one option from text. `optimizer` and `preset` also set the bundle they name, so set them
 * first. An unknown name or a value out of range is an error that says what was expected and
 * names the nearest; options then stay as they were. */
RFIM_API rfim_status rfim_options_set(rfim_context *context, rfim_options *options,
                                      const char *name, const char *value);
/* The value of one option as text that rfim_options_set takes; text has room for size bytes. */
RFIM_API rfim_status rfim_options_get(rfim_context *context, const rfim_options *options,
                                      const char *name, char *text, size_t size);
/* Reads an INI recipe on top of what options hold. Sections are [data], [network], [optimizer],
 * [training] and [run]; the order of the keys does not matter. Options named in `except`
 * (NULL-terminated list of names, or NULL) are left alone: the command line has set them. */
RFIM_API rfim_status rfim_options_read(rfim_context *context, rfim_options *options,
                                       const char *path, const char *const *except);
/* Writes every option, resolved, as an INI file; [run] is left out (where and how fast). */
RFIM_API rfim_status rfim_options_write(rfim_context *context, const rfim_options *options,
                                        const char *path);
/* Checks what no single option can: that they fit together. */
RFIM_API rfim_status rfim_options_check(rfim_context *context, const rfim_options *options);

RFIM_API size_t rfim_options_count(void);
RFIM_API const rfim_option_info *rfim_options_info(size_t index);
RFIM_API size_t rfim_presets_count(void);
RFIM_API const rfim_preset_info *rfim_presets_info(size_t index);
/* The nearest of the names to a word, for "did you mean"; NULL when none is near. */
RFIM_API const char *rfim_name_nearest(const char *word, const char *const *names, size_t count);

#ifdef __cplusplus
}
#endif
#endif
