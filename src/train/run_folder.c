#include "train/run_folder.h"

#include "core/file.h"
#include "train/options_file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LONGEST_SLUG 48 /* bytes of the network's text in a folder's name */

static const char *const run_files[] = {RFIM__RUN_CONFIG, RFIM__RUN_METRICS, RFIM__RUN_CURVES,
                                        RFIM__RUN_MODEL,  RFIM__RUN_BEST,    RFIM__RUN_LOG};

/* Letters and digits, with single hyphens for all else: "784-80-10 relu" -> "784-80-10-relu". */
static void make_slug(const char *text, char slug[LONGEST_SLUG + 1])
{
    size_t length = 0;
    for (; *text && length < LONGEST_SLUG; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte < 0x80 && isalnum(byte))
            slug[length++] = (char)tolower(byte);
        else if (length > 0 && slug[length - 1] != '-')
            slug[length++] = '-';
    }
    while (length > 0 && slug[length - 1] == '-')
        length--;
    slug[length] = '\0';
}

rfim_status rfim__run_folder_name(rfim_context *context, const rfim_options *options,
                                  rfim__run_folder *folder)
{
    memset(folder, 0, sizeof *folder);
    folder->lock.file = -1;
    folder->chosen = !options->run.out[0];
    if (options->run.out[0]) {
        snprintf(folder->path, sizeof folder->path, "%s", options->run.out);
        for (size_t end = strlen(folder->path); end > 1 && folder->path[end - 1] == '/'; end--)
            folder->path[end - 1] = '\0';
        return RFIM_OK;
    }
    char date[32];
    char slug[LONGEST_SLUG + 1];
    char method[16];
    struct tm local;
    time_t now = time(NULL);
    if (!localtime_r(&now, &local) || strftime(date, sizeof date, "%Y%m%d-%H%M%S", &local) == 0)
        return rfim__fail(context, RFIM_ERROR_IO, "the date cannot be had; name the folder by out");
    rfim_status status = rfim_options_get(context, options, "optimizer", method, sizeof method);
    if (status != RFIM_OK)
        return status;
    make_slug(options->network, slug);
    snprintf(folder->path, sizeof folder->path, "runs/%s-%s-%s-%llu", date, slug, method,
             (unsigned long long)options->train.seed);
    return RFIM_OK;
}

/* But for the lock, which a run that was killed leaves behind. */
static bool folder_is_empty(const char *path)
{
    DIR *entries = opendir(path);
    bool empty = true;
    if (!entries)
        return false;
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            strcmp(entry->d_name, RFIM__RUN_LOCK) != 0)
            empty = false;
    closedir(entries);
    return empty;
}

static rfim_status check_existing(rfim_context *context, const char *path, bool overwrite)
{
    char config[RFIM_TEXT_SIZE];
    if (!rfim__folder_exists(path))
        return rfim__fail(context, RFIM_ERROR_EXISTS, "%s is a file; a run needs a folder", path);
    if (access(path, W_OK | X_OK) != 0)
        return rfim__fail(context, RFIM_ERROR_IO, "the folder %s cannot be written: %s", path,
                          strerror(errno));
    if (folder_is_empty(path))
        return RFIM_OK;
    rfim_status status = rfim__path_join(context, path, RFIM__RUN_CONFIG, config, sizeof config);
    if (status != RFIM_OK)
        return status;
    if (!rfim__file_exists(config))
        return rfim__fail(context, RFIM_ERROR_EXISTS,
                          "the folder %s holds something else than a run (it has no %s): take "
                          "another folder",
                          path, RFIM__RUN_CONFIG);
    bool is_config = false;
    status = rfim__options_file_is_config(context, config, &is_config);
    if (status != RFIM_OK)
        return status;
    if (!is_config)
        return rfim__fail(context, RFIM_ERROR_EXISTS,
                          "the folder %s holds something else than a run (its %s was not written "
                          "by rfim): take another folder",
                          path, RFIM__RUN_CONFIG);
    if (!overwrite)
        return rfim__fail(context, RFIM_ERROR_EXISTS,
                          "the folder %s holds a run already: take another folder, or set "
                          "overwrite to replace it",
                          path);
    return RFIM_OK;
}

/* Bytes of the path that name its deepest folder that is there; 0: the current folder. */
static size_t find_existing(const char *path)
{
    char parent[RFIM_TEXT_SIZE];
    snprintf(parent, sizeof parent, "%s", path);
    size_t length = strlen(parent);
    while (length > 0 && !rfim__file_exists(parent)) {
        while (length > 0 && parent[length - 1] == '/')
            length--;
        while (length > 0 && parent[length - 1] != '/')
            length--;
        parent[length] = '\0';
    }
    return length;
}

rfim_status rfim__run_folder_check(rfim_context *context, rfim__run_folder *folder, bool overwrite)
{
    folder->was_there = rfim__file_exists(folder->path);
    if (folder->was_there && !folder->chosen) {
        rfim_status status = rfim__run_lock_check(context, folder->path);
        return status == RFIM_OK ? check_existing(context, folder->path, overwrite) : status;
    }
    char parent[RFIM_TEXT_SIZE];
    snprintf(parent, sizeof parent, "%s", folder->path);
    parent[find_existing(parent)] = '\0';
    if (!parent[0])
        strcpy(parent, ".");
    if (!rfim__folder_exists(parent))
        return rfim__fail(context, RFIM_ERROR_IO,
                          "the folder %s cannot be made: %s is a file, not a folder", folder->path,
                          parent);
    if (access(parent, W_OK | X_OK) != 0)
        return rfim__fail(context, RFIM_ERROR_IO, "the folder %s cannot be made: %s: %s",
                          folder->path, parent, strerror(errno));
    return RFIM_OK;
}

/* What is done with a run's file: PATH is its path, ASIDE where it lies while its fate is open. */
typedef void (*file_fn)(const char *path, const char *aside);

static void remove_file(const char *path, const char *aside)
{
    (void)aside;
    unlink(path);
}

static void set_aside(const char *path, const char *aside)
{
    rename(path, aside);
}

static void bring_back(const char *path, const char *aside)
{
    rename(aside, path);
}

static void drop_aside(const char *path, const char *aside)
{
    (void)path;
    unlink(aside);
}

static void for_files(const char *folder, file_fn run)
{
    char path[RFIM_TEXT_SIZE + 64];
    char aside[RFIM_TEXT_SIZE + 64];
    for (size_t index = 0; index < sizeof run_files / sizeof *run_files; index++) {
        snprintf(path, sizeof path, "%s/%s", folder, run_files[index]);
        snprintf(aside, sizeof aside, "%s/%s.old", folder, run_files[index]);
        run(path, aside);
    }
}

/* Those that were made and are empty: not one that somebody else has put something in. */
static void remove_folders(const rfim__run_folder *folder)
{
    char path[RFIM_TEXT_SIZE];
    snprintf(path, sizeof path, "%s", folder->path);
    for (size_t end = strlen(path); end > folder->existing; end--) {
        if (path[end] != '/' && path[end] != '\0')
            continue;
        path[end] = '\0';
        rmdir(path);
    }
}

static rfim_status fail_to_make(rfim_context *context, const rfim__run_folder *folder)
{
    return rfim__fail(context, RFIM_ERROR_IO, "the folder %s cannot be made: %s", folder->path,
                      strerror(errno));
}

/* The folders above the run's own. */
static rfim_status make_parents(rfim_context *context, rfim__run_folder *folder)
{
    char path[RFIM_TEXT_SIZE];
    snprintf(path, sizeof path, "%s", folder->path);
    folder->existing = find_existing(path);
    for (size_t end = folder->existing; path[end]; end++) {
        if (path[end + 1] != '/')
            continue;
        path[end + 1] = '\0';
        if (mkdir(path, 0777) != 0) {
            if (errno != EEXIST)
                return fail_to_make(context, folder);
            folder->existing = end + 1;
        }
        path[end + 1] = '/';
    }
    return RFIM_OK;
}

/* mkdir itself says whether the name was free: two runs may begin in the same second. */
static rfim_status make_chosen(rfim_context *context, rfim__run_folder *folder)
{
    size_t length = strlen(folder->path);
    for (unsigned copy = 2; mkdir(folder->path, 0777) != 0; copy++) {
        if (errno != EEXIST)
            return fail_to_make(context, folder);
        snprintf(folder->path + length, sizeof folder->path - length, "-%u", copy);
    }
    return RFIM_OK;
}

static rfim_status make_named(rfim_context *context, rfim__run_folder *folder, bool overwrite)
{
    if (mkdir(folder->path, 0777) == 0)
        return RFIM_OK;
    if (errno != EEXIST)
        return fail_to_make(context, folder);
    folder->existing = strlen(folder->path);
    if (!folder->was_there && !overwrite && rfim__folder_exists(folder->path))
        return rfim__fail(context, RFIM_ERROR_EXISTS,
                          "the folder %s was made by somebody else meanwhile: take another folder",
                          folder->path);
    return RFIM_OK;
}

rfim_status rfim__run_folder_make(rfim_context *context, rfim__run_folder *folder, bool overwrite)
{
    rfim_status status = make_parents(context, folder);
    if (status == RFIM_OK)
        status = folder->chosen ? make_chosen(context, folder)
                                : make_named(context, folder, overwrite);
    if (status == RFIM_OK)
        status = rfim__run_lock_take(context, folder->path, &folder->lock);
    /* Only now nobody else changes what is there. */
    if (status == RFIM_OK)
        status = check_existing(context, folder->path, overwrite);
    if (status == RFIM_OK) {
        for_files(folder->path, set_aside);
        return RFIM_OK;
    }
    rfim__run_folder_leave(folder);
    remove_folders(folder);
    return status;
}

void rfim__run_folder_leave(rfim__run_folder *folder)
{
    rfim__run_lock_release(folder->path, &folder->lock);
}

void rfim__run_folder_settle(const rfim__run_folder *folder)
{
    for_files(folder->path, drop_aside);
}

void rfim__run_folder_remove(rfim__run_folder *folder)
{
    for_files(folder->path, remove_file);
    for_files(folder->path, bring_back);
    rfim__run_folder_leave(folder);
    remove_folders(folder);
}

rfim_status rfim__run_folder_file(rfim_context *context, const rfim__run_folder *folder,
                                  const char *name, char path[RFIM_TEXT_SIZE])
{
    return rfim__path_join(context, folder->path, name, path, RFIM_TEXT_SIZE);
}
