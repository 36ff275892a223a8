/* Labels of groups of runs: short, and never two alike. */
#include "io/text.h"
#include "train/network_label.h"
#include "train/run_groups.h"

#include <string.h>

static const rfim__run_record *first_run(const rfim__run_group *group)
{
    return group->runs[0];
}

/* The last part of a path: "b" of "a/b/". */
static void append_folder_name(rfim__text *text, const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    rfim__text_append_bytes(text, path + begin, end - begin);
}

static bool differs_anywhere(const rfim__run_groups *groups, const char *key)
{
    for (size_t number = 1; number < groups->count; number++)
        if (!rfim__same_setting(rfim__run_setting(first_run(&groups->groups[number]), key),
                                rfim__run_setting(first_run(&groups->groups[0]), key)))
            return true;
    return false;
}

/* Moves what text holds into the group's label and empties the text. */
static rfim_status take_label(rfim__run_group *group, rfim__text *text)
{
    rfim_status status = text->status;
    if (status != RFIM_OK) {
        rfim__text_end(text);
        return status;
    }
    rfim__text_append(text, ""); /* a label is never NULL */
    rfim__release(text->context, group->label);
    group->label = text->data;
    rfim__text_begin(text, text->context);
    return group->label ? RFIM_OK : RFIM_ERROR_MEMORY;
}

/* Appends the network, if config.ini names it: in one setting, or as a list of modules. */
static void append_network(rfim__text *text, const rfim__run_record *run)
{
    const char *network = rfim__run_setting(run, "network");
    const char *input = rfim__run_setting(run, "input");
    const char *modules = rfim__run_setting(run, "module");
    rfim__text all;
    rfim__text_begin(&all, text->context);
    if (!network && input && modules) {
        rfim__text_format(&all, "input %s; %s", input, modules);
        network = all.data;
    }
    if (network) {
        rfim__text_append(text, text->length > 0 ? ", " : "");
        rfim__network_label_append(text, network);
    }
    if (all.status != RFIM_OK)
        text->status = all.status;
    rfim__text_end(&all);
}

static bool networks_differ(const rfim__run_groups *groups)
{
    return differs_anywhere(groups, "network") || differs_anywhere(groups, "input") ||
           differs_anywhere(groups, "module");
}

static rfim_status base_label(rfim__run_groups *groups, rfim__run_group *group)
{
    const rfim__run_record *run = first_run(group);
    const char *optimizer = rfim__run_setting(run, "optimizer");
    const char *rate = rfim__run_setting(run, "learning-rate");
    rfim__text text;
    rfim__text_begin(&text, groups->context);
    if (!optimizer) {
        append_folder_name(&text, run->path);
        return take_label(group, &text);
    }
    rfim__text_append(&text, optimizer);
    if (rate)
        rfim__text_format(&text, ", learning-rate %s", rate);
    if (networks_differ(groups))
        append_network(&text, run);
    return take_label(group, &text);
}

static bool has_twin(const rfim__run_groups *groups, const rfim__run_group *group)
{
    for (size_t number = 0; number < groups->count; number++) {
        const rfim__run_group *other = &groups->groups[number];
        if (other != group && strcmp(other->label, group->label) == 0)
            return true;
    }
    return false;
}

/* Appends ", key value" to all groups labelled `label`, when the key differs among them. */
static rfim_status tell_apart(rfim__run_groups *groups, const char *label, const char *key)
{
    const char *value = NULL;
    bool seen = false, differs = false;
    for (size_t number = 0; number < groups->count; number++) {
        const rfim__run_group *group = &groups->groups[number];
        if (strcmp(group->label, label) != 0)
            continue;
        const char *own = rfim__run_setting(first_run(group), key);
        differs = differs || (seen && !rfim__same_setting(own, value));
        value = own;
        seen = true;
    }
    rfim_status status = RFIM_OK;
    for (size_t number = 0; differs && number < groups->count && status == RFIM_OK; number++) {
        rfim__run_group *group = &groups->groups[number];
        if (strcmp(group->label, label) != 0)
            continue;
        const char *own = rfim__run_setting(first_run(group), key);
        rfim__text text;
        rfim__text_begin(&text, groups->context);
        rfim__text_format(&text, "%s, %s %s", group->label, key, own ? own : "not set");
        status = take_label(group, &text);
    }
    return status;
}

/* Tells the group from its twins by a setting of `run`, seeds aside, then by the next, as long as
 * it has twins. */
static rfim_status use_settings(rfim__run_groups *groups, rfim__run_group *group,
                                const rfim__run_record *run)
{
    rfim_status status = RFIM_OK;
    for (size_t number = 0; number < run->setting_count && status == RFIM_OK; number++) {
        if (rfim__is_seed(run->settings[number].key) || !has_twin(groups, group))
            continue;
        char *label = rfim__copy_text(groups->context, group->label);
        if (!label)
            return RFIM_ERROR_MEMORY;
        status = tell_apart(groups, label, run->settings[number].key);
        rfim__release(groups->context, label);
    }
    return status;
}

/* Labels the group, and all its twins, by their paths: folders of one name without config.ini. */
static rfim_status use_paths(rfim__run_groups *groups, const rfim__run_group *group)
{
    char *label = rfim__copy_text(groups->context, group->label);
    rfim_status status = label ? RFIM_OK : RFIM_ERROR_MEMORY;
    for (size_t number = 0; number < groups->count && status == RFIM_OK; number++) {
        rfim__run_group *twin = &groups->groups[number];
        if (strcmp(twin->label, label) != 0)
            continue;
        rfim__text text;
        rfim__text_begin(&text, groups->context);
        rfim__text_append(&text, first_run(twin)->path);
        status = take_label(twin, &text);
    }
    rfim__release(groups->context, label);
    return status;
}

static rfim_status make_unique(rfim__run_groups *groups, rfim__run_group *group)
{
    rfim_status status = RFIM_OK;
    for (size_t number = 0; number < groups->count && status == RFIM_OK; number++)
        status = use_settings(groups, group, first_run(&groups->groups[number]));
    if (status == RFIM_OK && has_twin(groups, group))
        status = use_paths(groups, group);
    return status;
}

/* "rngd, learning-rate 0.1 (3 seeds, mean and range)" */
static rfim_status append_seeds(rfim__run_groups *groups, rfim__run_group *group)
{
    if (group->run_count == 1)
        return RFIM_OK;
    bool seeds = true;
    for (size_t a = 0; a < group->run_count; a++)
        for (size_t b = 0; b < a; b++)
            if (rfim__same_setting(rfim__run_setting(group->runs[a], "seed"),
                                   rfim__run_setting(group->runs[b], "seed")))
                seeds = false;
    rfim__text text;
    rfim__text_begin(&text, groups->context);
    rfim__text_format(&text, "%s (%zu %s, mean and range)", group->label, group->run_count,
                      seeds ? "seeds" : "runs");
    return take_label(group, &text);
}

/* "784-80-80-10 relu" of several groups; of a single one "rngd, learning-rate 0.1, seed 1,
 * 784-80-80-10 relu". */
static rfim_status make_title(rfim__run_groups *groups)
{
    const rfim__run_group *group = &groups->groups[0];
    const char *seed = rfim__run_setting(first_run(group), "seed");
    rfim__text text;
    rfim__text_begin(&text, groups->context);
    if (groups->count == 1)
        rfim__text_append(&text, group->label);
    if (groups->count == 1 && group->run_count == 1 && seed)
        rfim__text_format(&text, ", seed %s", seed);
    if (!networks_differ(groups))
        append_network(&text, first_run(group));
    groups->title = text.data; /* NULL when nothing was appended */
    return text.status;
}

rfim_status rfim__run_labels_make(rfim__run_groups *groups)
{
    rfim_status status = RFIM_OK;
    for (size_t number = 0; number < groups->count && status == RFIM_OK; number++)
        status = base_label(groups, &groups->groups[number]);
    for (size_t number = 0; number < groups->count && status == RFIM_OK; number++)
        status = make_unique(groups, &groups->groups[number]);
    for (size_t number = 0; number < groups->count && status == RFIM_OK; number++)
        status = append_seeds(groups, &groups->groups[number]);
    return status == RFIM_OK ? make_title(groups) : status;
}
