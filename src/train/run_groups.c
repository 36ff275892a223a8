#include "train/run_groups.h"

#include "core/size.h"

#include <math.h>
#include <string.h>

bool rfim__same_setting(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool rfim__is_seed(const char *key)
{
    return strcmp(key, "seed") == 0 || strcmp(key, "data-seed") == 0;
}

/* Whether b has every setting of a, seeds aside. */
static bool agrees(const rfim__run_record *a, const rfim__run_record *b)
{
    for (size_t number = 0; number < a->setting_count; number++) {
        const rfim__setting *setting = &a->settings[number];
        if (!rfim__is_seed(setting->key) &&
            !rfim__same_setting(setting->value, rfim__run_setting(b, setting->key)))
            return false;
    }
    return true;
}

static bool belong_together(const rfim__run_record *a, const rfim__run_record *b)
{
    return a->setting_count > 0 && b->setting_count > 0 && agrees(a, b) && agrees(b, a);
}

/* The value of a column at an epoch; NaN when the run did not get there. */
static double value_at(const rfim__run_record *run, rfim__column column, double epoch, size_t hint)
{
    const double *epochs = rfim__run_column(run, RFIM__COLUMN_EPOCH);
    const double *values = rfim__run_column(run, column);
    if (hint < run->epochs && epochs[hint] == epoch)
        return values[hint];
    for (size_t line = 0; line < run->epochs; line++)
        if (epochs[line] == epoch)
            return values[line];
    return NAN;
}

/* Mean and range of one column, over the runs whose value is a number. */
static void summarise_column(rfim__run_group *group, const double *epochs, rfim__column column)
{
    for (size_t line = 0; line < group->epochs; line++) {
        double sum = 0, low = INFINITY, high = -INFINITY;
        size_t seen = 0;
        for (size_t number = 0; number < group->run_count; number++) {
            const double value = value_at(group->runs[number], column, epochs[line], line);
            if (isnan(value))
                continue;
            sum += value;
            low = fmin(low, value);
            high = fmax(high, value);
            seen++;
        }
        const size_t place = (size_t)column * group->epochs + line;
        group->mean[place] = seen > 0 ? sum / (double)seen : (double)NAN;
        group->low[place] = seen > 0 ? low : (double)NAN;
        group->high[place] = seen > 0 ? high : (double)NAN;
    }
}

static rfim_status summarise(rfim_context *context, rfim__run_group *group)
{
    const rfim__run_record *longest = group->runs[0];
    for (size_t number = 1; number < group->run_count; number++)
        if (group->runs[number]->epochs > longest->epochs)
            longest = group->runs[number];
    group->epochs = longest->epochs;
    const size_t numbers = RFIM__COLUMNS * group->epochs;
    group->mean = rfim__allocate(context, numbers, sizeof *group->mean);
    group->low = rfim__allocate(context, numbers, sizeof *group->low);
    group->high = rfim__allocate(context, numbers, sizeof *group->high);
    if (!group->mean || !group->low || !group->high)
        return RFIM_ERROR_MEMORY;
    const double *epochs = rfim__run_column(longest, RFIM__COLUMN_EPOCH);
    for (size_t column = 0; column < RFIM__COLUMNS; column++)
        summarise_column(group, epochs, (rfim__column)column);
    return RFIM_OK;
}

/* Puts a run into the group it belongs to, or into a new one. */
static rfim_status add_run(rfim__run_groups *groups, const rfim__run_record *run, size_t room)
{
    rfim__run_group *group = groups->groups;
    rfim__run_group *const end = group + groups->count;
    while (group < end && !belong_together(group->runs[0], run))
        group++;
    if (group == end) {
        group->runs = rfim__allocate(groups->context, room, sizeof *group->runs);
        if (!group->runs)
            return RFIM_ERROR_MEMORY;
        groups->count++;
    }
    group->runs[group->run_count++] = run;
    return RFIM_OK;
}

rfim_status rfim__run_groups_make(rfim_context *context, const rfim__run_record *runs, size_t count,
                                  rfim__run_groups *out)
{
    memset(out, 0, sizeof *out);
    out->context = context;
    out->groups = rfim__allocate(context, count, sizeof *out->groups);
    if (!out->groups)
        return RFIM_ERROR_MEMORY;
    rfim_status status = RFIM_OK;
    for (size_t number = 0; number < count && status == RFIM_OK; number++)
        status = add_run(out, &runs[number], count - number);
    for (size_t number = 0; number < out->count && status == RFIM_OK; number++)
        status = summarise(context, &out->groups[number]);
    return status == RFIM_OK ? rfim__run_labels_make(out) : status;
}

void rfim__run_groups_free(rfim__run_groups *groups)
{
    for (size_t number = 0; number < groups->count; number++) {
        rfim__run_group *group = &groups->groups[number];
        rfim__release(groups->context, group->runs);
        rfim__release(groups->context, group->mean);
        rfim__release(groups->context, group->low);
        rfim__release(groups->context, group->high);
        rfim__release(groups->context, group->label);
    }
    if (groups->context) {
        rfim__release(groups->context, groups->groups);
        rfim__release(groups->context, groups->title);
    }
    memset(groups, 0, sizeof *groups);
}
