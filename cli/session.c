#include "session.h"

#include "message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void log_to_stderr(void *user, rfim_log_level level, const char *message)
{
    (void)user;
    fprintf(stderr, "%s%s\n", level == RFIM_LOG_WARNING ? "warning: " : "", message);
}

void log_warnings(void *user, rfim_log_level level, const char *message)
{
    if (level == RFIM_LOG_WARNING)
        log_to_stderr(user, level, message);
}

static int create_context(const rfim_options *options, rfim_context **context)
{
    rfim_context_options settings;
    rfim_context_defaults(&settings);
    settings.threads = options->run.threads;
    settings.kernels = options->run.kernels;
    settings.log = log_warnings;
    rfim_status status = rfim_context_create(&settings, context);
    if (status == RFIM_ERROR_UNSUPPORTED)
        complain("this CPU cannot run the kernels asked for; leave --kernels out");
    else if (status != RFIM_OK)
        complain("%s", rfim_status_text(status));
    return rfim_status_exit(status);
}

int session_open(const arguments *given, const char *recipe, rfim_options *options,
                 rfim_context **context)
{
    /* Threads and kernels are options too: they are read in a context of their own. */
    rfim_options_defaults(options);
    *context = NULL;
    rfim_context *reader = NULL;
    int exit_status = create_context(options, &reader);
    if (exit_status != 0)
        return exit_status;
    rfim_status status = arguments_apply(reader, given, recipe, options);
    exit_status = status == RFIM_OK ? create_context(options, context)
                                    : complain_status(reader, status);
    rfim_context_free(reader);
    return exit_status;
}

int session_open_model(const arguments *given, const char *config, rfim_options *options,
                       rfim_context **context)
{
    int exit_status = session_open(given, config[0] ? config : NULL, options, context);
    options->data.standardize = 0;
    return exit_status;
}

/* Whether a run folder stands where its recipe was meant; complains. */
static int is_run_folder(const char *recipe, const char *command, const char *verb)
{
    char config[RFIM_TEXT_SIZE + 16];
    struct stat info;
    size_t length = strlen(recipe);
    const char *slash = length > 0 && recipe[length - 1] == '/' ? "" : "/";
    if (stat(recipe, &info) != 0 || !S_ISDIR(info.st_mode))
        return 0;
    snprintf(config, sizeof config, "%s%sconfig.ini", recipe, slash);
    if (stat(config, &info) != 0)
        return 0;
    complain("%s is a folder; rfim %s %s %s the run in it", recipe, command, config, verb);
    return 1;
}

int session_open_recipe(const arguments *given, const char *verb, rfim_options *options,
                        rfim_context **context)
{
    const char *recipe = given->word_count > 0 ? given->words[0] : NULL;
    *context = NULL;
    if (recipe && is_run_folder(recipe, given->command->name, verb))
        return 1;
    return session_open(given, recipe, options, context);
}

int find_model(const char *where, char path[RFIM_TEXT_SIZE], char config[RFIM_TEXT_SIZE])
{
    struct stat info;
    config[0] = '\0';
    int is_folder = stat(where, &info) == 0 && S_ISDIR(info.st_mode);
    int length = snprintf(path, RFIM_TEXT_SIZE, "%s%s", where,
                          is_folder ? "/model.safetensors" : "");
    if (length < 0 || length >= RFIM_TEXT_SIZE)
        return complain("the path %.60s... is too long", where);
    if (is_folder)
        snprintf(config, RFIM_TEXT_SIZE, "%.*s/config.ini", RFIM_TEXT_SIZE - 16, where);
    if (!is_folder && stat(where, &info) != 0)
        return complain("%s cannot be read: %s", where[0] ? where : "''", strerror(errno)), 1;
    if (is_folder && stat(path, &info) != 0)
        return complain("the folder %s is no run: it has no model.safetensors", where), 1;
    return 0;
}
