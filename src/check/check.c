#include "check/check.h"

#include <stdio.h>
#include <string.h>

/* In the order in which they run: what others build on comes first. */
static const struct group {
    const char *name;
    rfim__check_group_fn *run;
} groups[] = {
    {"nu", rfim__check_nu},
    {"layers", rfim__check_layers},
    {"two layers", rfim__check_two_layers},
    {"soft-max", rfim__check_softmax},
    {"network", rfim__check_network},
    {"fim", rfim__check_fim},
    {"stochastic", rfim__check_stochastic},
    {"representations", rfim__check_representations},
    {"solving", rfim__check_solving},
    {"invariances", rfim__check_invariances},
    {"precision", rfim__check_precision},
};
#define GROUPS (sizeof groups / sizeof groups[0])

void rfim_check_defaults(rfim_check_options *options)
{
    *options = (rfim_check_options){.thorough = 0, .seed = 1, .only = NULL};
}

static bool is_wanted(const struct group *group, const rfim_check_options *options)
{
    return !options->only || strstr(group->name, options->only);
}

static rfim_status check_options(rfim_context *context, const rfim_check_options *options)
{
    char names[256] = "";
    size_t used = 0;
    for (size_t g = 0; g < GROUPS; g++) {
        if (is_wanted(&groups[g], options))
            return RFIM_OK;
        if (used < sizeof names)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", g > 0 ? ", " : "",
                                     groups[g].name);
    }
    return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                      "check: no group's name contains '%.40s'; the groups are: %s", options->only,
                      names);
}

/* The caller's memory; a failure is remembered, so that it does not pass for one of a check. */
static void *allocate(void *user, size_t alignment, size_t bytes)
{
    rfim__check *check = user;
    const rfim_allocator *allocator = &check->asker->allocator;
    void *memory = allocator->allocate(allocator->user, alignment, bytes);
    check->memory_short |= !memory;
    return memory;
}

static void release(void *user, void *memory)
{
    const rfim__check *check = user;
    check->asker->allocator.release(check->asker->allocator.user, memory);
}

static rfim_status create_context(rfim__check *check)
{
    rfim_context_options options;
    rfim_context_defaults(&options);
    options.allocator = (rfim_allocator){allocate, release, check};
    options.threads = check->asker->threads;
    options.kernels = check->asker->kernels;
    rfim_status status = rfim_context_create(&options, &check->context);
    if (status != RFIM_OK)
        return rfim__fail(check->asker, status, "check: a context of its own cannot be made: %s",
                          rfim_status_text(status));
    return RFIM_OK;
}

rfim_status rfim_check(rfim_context *context, const rfim_check_options *options, rfim_check_fn told,
                       void *user, rfim_check_summary *out)
{
    rfim_check_options defaults;
    rfim_check_defaults(&defaults);
    if (!context || !out)
        return RFIM_ERROR_ARGUMENT;
    *out = (rfim_check_summary){0};
    rfim__check check = {.asker = context,
                         .options = options ? options : &defaults,
                         .told = told,
                         .user = user,
                         .summary = out};
    double began = rfim__check_clock();
    rfim_status status = check_options(context, check.options);
    if (status == RFIM_OK)
        status = create_context(&check);
    if (status != RFIM_OK)
        return status;
    for (size_t g = 0; g < GROUPS && check.status == RFIM_OK; g++) {
        if (!is_wanted(&groups[g], check.options))
            continue;
        check.group = groups[g].name;
        groups[g].run(&check);
        rfim__check_end(&check);
    }
    out->seconds = rfim__check_clock() - began;
    rfim_context_free(check.context);
    return check.status;
}
