/* session.h - a context for the command, and where its log goes. */
#ifndef RFIM_CLI_SESSION_H
#define RFIM_CLI_SESSION_H

#include "arguments.h"

#include <rfim/rfim.h>

/* Lines of the log on stderr; warnings are marked as such. user: NULL. */
void log_to_stderr(void *user, rfim_log_level level, const char *message);
/* The same, but warnings only. */
void log_warnings(void *user, rfim_log_level level, const char *message);

/* Options as arguments_apply resolves them, and a context with their threads and kernels that
 * tells its warnings on stderr. 0, or an exit status after a complaint; *context is then NULL. */
int session_open(const arguments *given, const char *recipe, rfim_options *options,
                 rfim_context **context);

/* The same for a command that takes a model, with the config.ini of its run ("": none). Kept models
 * take inputs as they are, so data are opened without standardising them. */
int session_open_model(const arguments *given, const char *config, rfim_options *options,
                       rfim_context **context);

/* The same with the recipe that may be the command's only word. verb: what the command does with
 * the run of a recipe, for the complaint that a run folder stands in its place. */
int session_open_recipe(const arguments *given, const char *verb, rfim_options *options,
                        rfim_context **context);

/* A model file, or the last model of a run folder: its path, and the folder's config.ini or "".
 * 0, or an exit status after a complaint. */
int find_model(const char *where, char path[RFIM_TEXT_SIZE], char config[RFIM_TEXT_SIZE]);

#endif
