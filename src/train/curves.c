#include "train/curves.h"

#include "core/file.h"
#include "io/chart.h"
#include "train/run_groups.h"

#include <math.h>
#include <rfim/io.h>

#define PATH_SIZE 4096
#define PANELS 2
#define CURVES_OF_ONE 3 /* at most, of one group in one panel */
#define CURVES_OF_MANY 2

/* Colours of the curves when there is one group only. */
enum { TRAINING, VALIDATION, COST };

/* Room for what the chart points to. */
typedef struct run_picture {
    const rfim__run_groups *groups;
    rfim__series *series[PANELS];
    rfim__panel panels[PANELS];
    rfim__legend_entry *legend;
    rfim__chart chart;
} run_picture;

static bool has_numbers(const rfim__run_group *group, rfim__column column)
{
    for (size_t line = 0; line < group->epochs; line++)
        if (isfinite(group->mean[(size_t)column * group->epochs + line]))
            return true;
    return false;
}

static bool any_has_numbers(const rfim__run_groups *groups, rfim__column column)
{
    for (size_t number = 0; number < groups->count; number++)
        if (has_numbers(&groups->groups[number], column))
            return true;
    return false;
}

/* Whether the cost has an L2 term that makes it another curve than the loss. */
static bool cost_differs(const rfim__run_group *group)
{
    const double *loss = group->mean + (size_t)RFIM__COLUMN_TRAIN_LOSS * group->epochs;
    const double *cost = group->mean + (size_t)RFIM__COLUMN_TRAIN_COST * group->epochs;
    for (size_t line = 0; line < group->epochs; line++)
        if (fabs(cost[line] - loss[line]) > 1e-6 * fabs(loss[line]))
            return true;
    return false;
}

/* Adds a column of a group to a panel, if it holds any number. */
static bool add_curve(run_picture *picture, size_t panel, const rfim__run_group *group,
                      rfim__column column, size_t colour, bool dashed)
{
    if (!has_numbers(group, column))
        return false;
    const size_t place = (size_t)column * group->epochs;
    const bool band = group->run_count > 1;
    picture->series[panel][picture->panels[panel].count++] = (rfim__series){
        .x = group->mean + (size_t)RFIM__COLUMN_EPOCH * group->epochs,
        .y = group->mean + place,
        .low = band ? group->low + place : NULL,
        .high = band ? group->high + place : NULL,
        .count = group->epochs,
        .colour = colour,
        .dashed = dashed,
    };
    return true;
}

static void add_legend(run_picture *picture, const char *name, size_t colour, bool dashed)
{
    rfim__legend_entry *entry = &picture->legend[picture->chart.legend_count++];
    entry->name = name;
    entry->colour = colour;
    entry->dashed = dashed;
}

/* Columns of the second panel: accuracy, or squared error where nothing has classes. */
static void choose_second(const run_picture *picture, rfim__column *train, rfim__column *valid)
{
    const bool classes = any_has_numbers(picture->groups, RFIM__COLUMN_TRAIN_ACCURACY) ||
                         any_has_numbers(picture->groups, RFIM__COLUMN_VALID_ACCURACY);
    *train = classes ? RFIM__COLUMN_TRAIN_ACCURACY : RFIM__COLUMN_TRAIN_ERROR;
    *valid = classes ? RFIM__COLUMN_VALID_ACCURACY : RFIM__COLUMN_VALID_ERROR;
}

/* One group: a colour for each curve. */
static void draw_one(run_picture *picture, rfim__column train, rfim__column valid)
{
    const rfim__run_group *group = &picture->groups->groups[0];
    bool training = add_curve(picture, 0, group, RFIM__COLUMN_TRAIN_LOSS, TRAINING, false);
    const bool cost = cost_differs(group) &&
                      add_curve(picture, 0, group, RFIM__COLUMN_TRAIN_COST, COST, false);
    bool validation = add_curve(picture, 0, group, RFIM__COLUMN_VALID_LOSS, VALIDATION, true);
    training = add_curve(picture, 1, group, train, TRAINING, false) || training;
    validation = add_curve(picture, 1, group, valid, VALIDATION, true) || validation;
    if (training)
        add_legend(picture, "training", TRAINING, false);
    if (cost)
        add_legend(picture, "training cost (loss + L2 term)", COST, false);
    if (validation)
        add_legend(picture, "validation", VALIDATION, true);
}

/* Several groups: a colour for each group, dashes for validation. */
static void draw_many(run_picture *picture, rfim__column train, rfim__column valid)
{
    bool validation = false;
    for (size_t number = 0; number < picture->groups->count; number++) {
        const rfim__run_group *group = &picture->groups->groups[number];
        add_curve(picture, 0, group, RFIM__COLUMN_TRAIN_LOSS, number, false);
        add_curve(picture, 1, group, train, number, false);
        validation |= add_curve(picture, 0, group, RFIM__COLUMN_VALID_LOSS, number, true);
        validation |= add_curve(picture, 1, group, valid, number, true);
        add_legend(picture, group->label, number, false);
    }
    if (!validation)
        return;
    picture->legend[picture->chart.legend_count].new_row = true;
    add_legend(picture, "training", RFIM__CHART_GREY, false);
    add_legend(picture, "validation", RFIM__CHART_GREY, true);
}

static void compose(run_picture *picture)
{
    rfim__column train, valid;
    choose_second(picture, &train, &valid);
    const bool classes = train == RFIM__COLUMN_TRAIN_ACCURACY;
    for (size_t panel = 0; panel < PANELS; panel++)
        picture->panels[panel] = (rfim__panel){.x_title = "epoch",
                                               .whole_x = true,
                                               .log_y = panel == 0 || !classes,
                                               .series = picture->series[panel]};
    picture->panels[0].y_title = "loss (mean over samples)";
    picture->panels[1].y_title = classes ? "accuracy (share of samples)"
                                         : "squared error (mean over samples)";
    if (picture->groups->count == 1)
        draw_one(picture, train, valid);
    else
        draw_many(picture, train, valid);
    /* A run without accuracy and error has one panel. */
    picture->chart.panels = picture->panels;
    picture->chart.panel_count = picture->panels[1].count > 0 ? PANELS : 1;
    picture->chart.legend = picture->legend;
}

static rfim_status draw_groups(rfim_context *context, const rfim__run_groups *groups,
                               const char *svg_path)
{
    run_picture picture = {.groups = groups};
    rfim__svg svg;
    rfim_status status = RFIM_ERROR_MEMORY;
    const size_t most = CURVES_OF_ONE + CURVES_OF_MANY * groups->count;
    for (size_t panel = 0; panel < PANELS; panel++) {
        picture.series[panel] = rfim__allocate(context, most, sizeof *picture.series[panel]);
        if (!picture.series[panel])
            goto done;
    }
    picture.legend = rfim__allocate(context, most, sizeof *picture.legend);
    if (!picture.legend)
        goto done;
    picture.chart.title = groups->title;
    compose(&picture);
    rfim__chart_draw(context, &picture.chart, &svg);
    status = rfim__svg_save(&svg, svg_path);
done:
    rfim__release(context, picture.legend);
    for (size_t panel = 0; panel < PANELS; panel++)
        rfim__release(context, picture.series[panel]);
    return status;
}

rfim_status rfim_plot_runs(rfim_context *context, const char *const *paths, size_t count,
                           const char *svg_path)
{
    if (!context)
        return RFIM_ERROR_ARGUMENT;
    if (!paths || count == 0 || !svg_path)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "a plot needs at least one run folder and a file to write to");
    rfim__run_groups groups = {0};
    rfim_status status = RFIM_OK;
    rfim__run_record *runs = rfim__allocate(context, count, sizeof *runs);
    if (!runs)
        return RFIM_ERROR_MEMORY;
    for (size_t number = 0; number < count && status == RFIM_OK; number++)
        status = rfim__run_record_read(context, paths[number], &runs[number]);
    if (status == RFIM_OK)
        status = rfim__run_groups_make(context, runs, count, &groups);
    if (status == RFIM_OK)
        status = draw_groups(context, &groups, svg_path);
    rfim__run_groups_free(&groups);
    for (size_t number = 0; number < count; number++)
        rfim__run_record_free(&runs[number]);
    rfim__release(context, runs);
    return status;
}

rfim_status rfim__curves_draw(rfim_context *context, const char *run_folder)
{
    char path[PATH_SIZE];
    rfim_status status = rfim__path_join(context, run_folder, "curves.svg", path, sizeof path);
    return status == RFIM_OK ? rfim_plot_runs(context, &run_folder, 1, path) : status;
}
