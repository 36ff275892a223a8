/* option_table.h - the one table of options: help, INI keys, validation and defaults come from it.
 *
 * Adding an option: a field in its struct (include/rfim), one row here, and, for an option of the
 * optimiser, its value in src/optimizer/defaults.c. */
#ifndef RFIM_TRAIN_OPTION_TABLE_H
#define RFIM_TRAIN_OPTION_TABLE_H

#include <rfim/options.h>

typedef enum rfim__option_kind {
    RFIM__OPTION_SIZE,   /* size_t */
    RFIM__OPTION_SEED,   /* uint64_t */
    RFIM__OPTION_REAL,   /* double */
    RFIM__OPTION_CHOICE, /* an enum or int: the number of the choice, plus `first_choice` */
    RFIM__OPTION_BYTES,  /* size_t; as text "500M" */
    RFIM__OPTION_TEXT,   /* char[text_size] */
    RFIM__OPTION_LAYERS, /* char[text_size]: choices for all layers or layer by layer */
    RFIM__OPTION_SWITCH, /* int, 0 or 1; as text no or yes */
    RFIM__OPTION_INIT    /* rfim_init_rule; a number in its place goes to init.init_sd */
} rfim__option_kind;

/* Which methods an option says something to. */
enum {
    RFIM__FOR_SGD = 1 << RFIM_SGD,
    RFIM__FOR_ADAM = 1 << RFIM_ADAM,
    RFIM__FOR_RNGD = 1 << RFIM_RNGD,
    RFIM__FOR_ALL = RFIM__FOR_SGD | RFIM__FOR_ADAM | RFIM__FOR_RNGD
};

typedef struct rfim__option {
    rfim_option_info info;
    rfim__option_kind kind;
    size_t offset;     /* of the field in rfim_options */
    size_t text_size;  /* bytes of a text, with its end */
    int first_choice;  /* value of the first choice */
    unsigned methods;  /* RFIM__FOR_* */
    const char *value; /* the default, as text */
} rfim__option;

extern const rfim__option rfim__option_table[];
extern const size_t rfim__option_count;

/* NULL when there is no option of that name. */
const rfim__option *rfim__option_find(const char *name);
/* The name of an option that is nearest to a word. */
const char *rfim__option_nearest(const char *word);

#endif
