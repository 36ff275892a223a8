/* learning.h - one training through the public interface, and what it reported after each epoch. */
#ifndef TESTS_TRAIN_LEARNING_H
#define TESTS_TRAIN_LEARNING_H

#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PAPER_NETWORK "784-80-80-80-10 relu"

typedef struct history {
    rfim_epoch epochs[32];
} history;

static inline int keep(void *user, const rfim_progress *progress)
{
    history *h = user;
    if (progress->finished)
        h->epochs[progress->finished->epoch] = *progress->finished;
    return 0;
}

/* Settings: "name=value name=value ..." */
static inline rfim_epoch train(const char *where, const char *network_text, const char *settings,
                               history *h)
{
    rfim_context *context = NULL;
    rfim_options options;
    rfim_splits splits;
    rfim_network *network = NULL;
    rfim_epoch last;
    assert_int_equal(rfim_context_create(NULL, &context), RFIM_OK);
    rfim_options_defaults(&options);
    char text[256];
    strcpy(text, settings);
    char *rest = NULL;
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *equals = strchr(word, '=');
        *equals = '\0';
        assert_int_equal(rfim_options_set(context, &options, word, equals + 1), RFIM_OK);
    }
    snprintf(options.data.where, sizeof options.data.where, "%s", where);
    options.init.seed = options.train.seed;
    assert_int_equal(rfim_splits_open(context, &options.data, &splits), RFIM_OK);
    assert_int_equal(rfim_network_create(context, network_text, &options.init, &network), RFIM_OK);
    assert_int_equal(rfim_train(network, &splits, &options, keep, h, &last), RFIM_OK);
    rfim_network_free(network);
    rfim_splits_free(&splits);
    rfim_context_free(context);
    return last;
}

#endif
