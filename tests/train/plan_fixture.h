/* plan_fixture.h - plans and runs from options, in a folder of their own. */
#ifndef TESTS_TRAIN_PLAN_FIXTURE_H
#define TESTS_TRAIN_PLAN_FIXTURE_H

#include "core/context.h"
#include "train/plan.h"
#include "train/watched_memory.h"

#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static inline void set(rfim_context *context, rfim_options *options, const char *name,
                       const char *value)
{
    if (rfim_options_set(context, options, name, value) != RFIM_OK)
        fail_msg("%s", rfim_context_error(context));
}

/* settings: name, value, ... NULL, as on the command line; may be NULL */
static inline void fill(rfim_context *context, const char *const *settings, rfim_options *options)
{
    rfim_options_defaults(options);
    options->train.epochs = 1;
    for (size_t s = 0; settings && settings[s]; s += 2)
        set(context, options, settings[s], settings[s + 1]);
}

static inline rfim_context *context_of(size_t threads)
{
    rfim_context_options settings;
    rfim_context *context = NULL;
    rfim_context_defaults(&settings);
    settings.threads = threads;
    assert_int_equal(rfim_context_create(&settings, &context), RFIM_OK);
    return context;
}

static inline rfim_plan *plan_of(rfim_context *context, const rfim_options *options)
{
    rfim_plan *plan = NULL;
    if (rfim_plan_create(context, options, &plan) != RFIM_OK)
        fail_msg("%s", rfim_context_error(context));
    return plan;
}

static inline const rfim_plan_part *part_of(const rfim_plan *plan, const char *name)
{
    for (size_t index = 0; index < rfim_plan_parts(plan); index++)
        if (strcmp(rfim_plan_part_at(plan, index)->name, name) == 0)
            return rfim_plan_part_at(plan, index);
    fail_msg("the plan has no part %s", name);
    return NULL;
}

static inline void run(rfim_context *context, rfim_options *options, const char *folder)
{
    set(context, options, "out", folder);
    options->run.overwrite = 1;
    if (rfim_run_train(context, options, NULL, NULL, NULL, NULL) != RFIM_OK)
        fail_msg("%s", rfim_context_error(context));
}

/* state: a folder for runs. */
static inline int set_up(void **state)
{
    static char folder[] = "/tmp/rfim-plan-XXXXXX";
    *state = mkdtemp(folder);
    return *state ? 0 : -1;
}

static inline int tear_down(void **state)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", (const char *)*state);
    return system(command); /* NOLINT(cert-env33-c): our own folder */
}

#endif
