#include "core/context.h"
#include "core/nearest.h"
#include "train/option_value.h"
#include "train/presets.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

size_t rfim_options_count(void)
{
    return rfim__option_count;
}

const rfim_option_info *rfim_options_info(size_t index)
{
    return index < rfim__option_count ? &rfim__option_table[index].info : NULL;
}

const char *rfim_name_nearest(const char *word, const char *const *names, size_t count)
{
    const char *best = NULL;
    for (size_t index = 0; index < count; index++)
        rfim__nearest_consider(word, names[index], &best);
    return best && rfim__nearest_is_near(word, best) ? best : NULL;
}

/* One seed for all that a run draws. */
static void spread_seed(rfim_options *options)
{
    options->init.seed = options->train.seed;
    options->data.split_seed = options->train.seed;
}

void rfim_options_defaults(rfim_options *options)
{
    memset(options, 0, sizeof *options);
    rfim_network_defaults(&options->init);
    rfim_optimizer_defaults(RFIM_RNGD, &options->optimizer);
    for (size_t index = 0; index < rfim__option_count; index++) {
        const rfim__option *option = &rfim__option_table[index];
        bool is_set = rfim__option_parse(option, options, option->value);
        assert(is_set);
        (void)is_set;
    }
    spread_seed(options);
}

static rfim_status fail_unknown(rfim_context *context, const char *name)
{
    const char *nearest = rfim__option_nearest(name);
    if (!rfim__nearest_is_near(name, nearest))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT, "there is no option '%.60s'", name);
    return rfim__fail(context, RFIM_ERROR_ARGUMENT, "there is no option '%.60s'; did you mean %s?",
                      name, nearest);
}

rfim_status rfim_options_set(rfim_context *context, rfim_options *options, const char *name,
                             const char *value)
{
    const rfim__option *option = rfim__option_find(name);
    if (!option)
        return fail_unknown(context, name);
    rfim_method before = options->optimizer.method;
    rfim_options changed = *options;
    if (!rfim__option_parse(option, &changed, value))
        return rfim__option_refuse(context, option, value);
    spread_seed(&changed);
    /* The method that is in use already keeps its preset: it may be another than its default. */
    bool brings_bundle = strcmp(name, "preset") == 0 ||
                         (strcmp(name, "optimizer") == 0 && changed.optimizer.method != before);
    if (brings_bundle)
        rfim__preset_apply(rfim__preset_find(value), &changed);
    *options = changed;
    return RFIM_OK;
}

rfim_status rfim_options_get(rfim_context *context, const rfim_options *options, const char *name,
                             char *text, size_t size)
{
    const rfim__option *option = rfim__option_find(name);
    if (!option)
        return fail_unknown(context, name);
    if (!rfim__option_text(option, options, text, size))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "the value of %s does not fit into %zu bytes; %d are always enough", name,
                          size, RFIM_TEXT_SIZE);
    return RFIM_OK;
}

static bool has_default(const rfim__option *option, const rfim_options *options)
{
    char text[RFIM_TEXT_SIZE];
    rfim_options defaults;
    rfim_options_defaults(&defaults);
    char expected[RFIM_TEXT_SIZE];
    return rfim__option_text(option, options, text, sizeof text) &&
           rfim__option_text(option, &defaults, expected, sizeof expected) &&
           strcmp(text, expected) == 0;
}

/* Structs can be filled without rfim_options_set: every value must be one that it would take. */
static rfim_status check_values(rfim_context *context, const rfim_options *options)
{
    for (size_t index = 0; index < rfim__option_count; index++) {
        const rfim__option *option = &rfim__option_table[index];
        char text[RFIM_TEXT_SIZE] = "";
        rfim_options scratch = *options;
        if (!rfim__option_text(option, options, text, sizeof text) ||
            !rfim__option_parse(option, &scratch, text))
            return rfim__option_refuse(context, option, text);
    }
    return RFIM_OK;
}

static const char *method_name(rfim_method method)
{
    static const char *const names[] = {"sgd", "adam", "rngd"};
    return names[method];
}

/* "sgd", or "sgd JOINT rngd": the methods that have the option. */
static void name_owners(const rfim__option *option, const char *joint, char *text, size_t size)
{
    text[0] = '\0';
    for (rfim_method method = RFIM_SGD; method <= RFIM_RNGD; method++) {
        size_t length = strlen(text);
        if (option->methods & 1u << method)
            snprintf(text + length, size - length, "%s%s", length > 0 ? joint : "",
                     method_name(method));
    }
}

static rfim_status check_method(rfim_context *context, const rfim_options *options)
{
    rfim_method method = options->optimizer.method;
    rfim_method expected = rfim__preset_method(rfim__preset_find(options->preset));
    if (method != expected)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "the preset %s is for %s, but the optimizer is %s; name one of the two",
                          options->preset, method_name(expected), method_name(method));
    for (size_t index = 0; index < rfim__option_count; index++) {
        const rfim__option *option = &rfim__option_table[index];
        if (option->methods & 1u << method || has_default(option, options))
            continue;
        char owners[64];
        char choices[64];
        name_owners(option, " and ", owners, sizeof owners);
        name_owners(option, " or ", choices, sizeof choices);
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "%s is an option of %s and does nothing for %s; leave it out, or set "
                          "optimizer to %s",
                          option->info.name, owners, method_name(method), choices);
    }
    return RFIM_OK;
}

rfim_status rfim_options_check(rfim_context *context, const rfim_options *options)
{
    rfim_status status = check_values(context, options);
    if (status == RFIM_OK)
        status = check_method(context, options);
    if (status != RFIM_OK)
        return status;
    const rfim_optimizer_options *optimizer = &options->optimizer;
    if (optimizer->refresh_delay > 0 && optimizer->refresh_delay >= optimizer->refresh_every)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "refresh-delay: expected a number below refresh-every, which is %zu, or "
                          "0, found %zu",
                          optimizer->refresh_every, optimizer->refresh_delay);
    if (options->train.target == RFIM_TARGETS_INPUTS && options->init.loss == RFIM_LOSS_SOFTMAX)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "target inputs does not go with loss softmax, which needs classes; take "
                          "sigmoid or squared");
    return RFIM_OK;
}
