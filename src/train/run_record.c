#include "train/run_record.h"

#include "core/file.h"
#include "core/size.h"
#include "io/ini.h"
#include "io/jsonl.h"
#include "train/options_file.h"

#include <math.h>
#include <string.h>

#define PATH_SIZE 4096

static rfim__setting *find_setting(const rfim__run_record *run, const char *key)
{
    for (size_t number = 0; number < run->setting_count; number++)
        if (strcmp(run->settings[number].key, key) == 0)
            return &run->settings[number];
    return NULL;
}

/* A setting without key and value, at the end of the list. */
static rfim__setting *add_setting(rfim__run_record *run)
{
    if (run->setting_count == run->setting_room) {
        const size_t room = rfim__size_max(64, 2 * run->setting_room);
        rfim__setting *settings = rfim__allocate(run->context, room, sizeof *settings);
        if (!settings)
            return NULL;
        if (run->setting_count > 0)
            memcpy(settings, run->settings, run->setting_count * sizeof *settings);
        rfim__release(run->context, run->settings);
        run->settings = settings;
        run->setting_room = room;
    }
    return &run->settings[run->setting_count++];
}

static rfim_status keep_setting(void *user, const rfim__ini_entry *entry)
{
    rfim__run_record *run = user;
    rfim__setting *known = find_setting(run, entry->key);
    if (!known) {
        rfim__setting *added = add_setting(run);
        if (!added)
            return RFIM_ERROR_MEMORY;
        added->key = rfim__copy_text(run->context, entry->key);
        added->value = added->key ? rfim__copy_text(run->context, entry->value) : NULL;
        return added->value ? RFIM_OK : RFIM_ERROR_MEMORY;
    }
    rfim__text joined;
    rfim__text_begin(&joined, run->context);
    rfim__text_format(&joined, "%s; %s", known->value, entry->value);
    rfim_status status = joined.status;
    if (status == RFIM_OK) {
        rfim__release(run->context, known->value);
        known->value = joined.data; /* the text's memory is the context's */
    }
    return status;
}

static rfim_status read_config(rfim__run_record *run)
{
    char path[PATH_SIZE];
    uint8_t *data = NULL;
    size_t size = 0;
    rfim_status status = rfim__path_join(run->context, run->path, "config.ini", path, sizeof path);
    if (status != RFIM_OK || !rfim__file_exists(path))
        return status;
    status = rfim__file_read(run->context, path, &data, &size);
    if (status == RFIM_OK)
        status = rfim__ini_parse(run->context, path, data, size, keep_setting, run);
    rfim__release(run->context, data);
    return status;
}

static rfim_status keep_columns(rfim__run_record *run, const char *path, const rfim__jsonl *file)
{
    static const char *const keys[] = {
#define COLUMN_KEY(name, key) key,
        RFIM__COLUMN_LIST(COLUMN_KEY)
#undef COLUMN_KEY
    };
    run->epochs = rfim__jsonl_lines(file);
    if (run->epochs == 0)
        return rfim__fail(run->context, RFIM_ERROR_FORMAT,
                          "the run %s has no finished epoch yet (%s has no line)", run->path, path);
    run->columns = rfim__allocate(run->context, run->epochs, RFIM__COLUMNS * sizeof(double));
    if (!run->columns)
        return RFIM_ERROR_MEMORY;
    for (size_t column = 0; column < RFIM__COLUMNS; column++)
        for (size_t line = 0; line < run->epochs; line++)
            run->columns[column * run->epochs + line] = rfim__jsonl_number(file, line,
                                                                           keys[column]);
    for (size_t line = 0; line < run->epochs; line++)
        if (isnan(run->columns[line]))
            return rfim__fail(run->context, RFIM_ERROR_FORMAT,
                              "%s: entry %zu has no number \"epoch\"", path, line + 1);
    return RFIM_OK;
}

static rfim_status fail_without_metrics(const rfim__run_record *run)
{
    char config[PATH_SIZE];
    bool is_run = false;
    rfim_status status = rfim__path_join(run->context, run->path, "config.ini", config,
                                         sizeof config);
    if (status == RFIM_OK && rfim__file_exists(config))
        status = rfim__options_file_is_config(run->context, config, &is_run);
    if (status != RFIM_OK)
        return status;
    if (is_run)
        return rfim__fail(run->context, RFIM_ERROR_IO,
                          "the run %s has no finished epoch: there is nothing to draw", run->path);
    return rfim__fail(run->context, RFIM_ERROR_IO,
                      "%s has no metrics.jsonl; expected the folder of a run, such as `rfim train` "
                      "makes",
                      run->path);
}

static rfim_status read_metrics(rfim__run_record *run)
{
    char path[PATH_SIZE];
    uint8_t *data = NULL;
    size_t size = 0;
    rfim__jsonl *file = NULL;
    rfim_status status = rfim__path_join(run->context, run->path, "metrics.jsonl", path,
                                         sizeof path);
    if (status != RFIM_OK)
        return status;
    if (!rfim__folder_exists(run->path))
        return rfim__fail(run->context, RFIM_ERROR_IO,
                          "%s is not a folder; expected the folder of a run, such as `rfim train` "
                          "makes",
                          run->path);
    if (!rfim__file_exists(path))
        return fail_without_metrics(run);
    status = rfim__file_read(run->context, path, &data, &size);
    if (status == RFIM_OK)
        status = rfim__jsonl_parse(run->context, path, data, size, &file);
    if (status == RFIM_OK)
        status = keep_columns(run, path, file);
    rfim__jsonl_free(file);
    rfim__release(run->context, data);
    return status;
}

rfim_status rfim__run_record_read(rfim_context *context, const char *path, rfim__run_record *out)
{
    memset(out, 0, sizeof *out);
    out->context = context;
    out->path = path;
    rfim_status status = read_metrics(out);
    return status == RFIM_OK ? read_config(out) : status;
}

void rfim__run_record_free(rfim__run_record *run)
{
    for (size_t number = 0; number < run->setting_count; number++) {
        rfim__release(run->context, run->settings[number].key);
        rfim__release(run->context, run->settings[number].value);
    }
    if (run->context) {
        rfim__release(run->context, run->settings);
        rfim__release(run->context, run->columns);
    }
    memset(run, 0, sizeof *run);
}

const double *rfim__run_column(const rfim__run_record *run, rfim__column column)
{
    return run->columns + (size_t)column * run->epochs;
}

const char *rfim__run_setting(const rfim__run_record *run, const char *key)
{
    const rfim__setting *setting = find_setting(run, key);
    return setting ? setting->value : NULL;
}
