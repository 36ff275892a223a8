/* status.h - what a call can report. One list makes the codes, their names and their texts. */
#ifndef RFIM_STATUS_H
#define RFIM_STATUS_H

#include <rfim/export.h>

/* X(code, exit status of the command, text) */
#define RFIM_STATUS_LIST(X)                                                                        \
    X(OK, 0, "done")                                                                               \
    X(ERROR_ARGUMENT, 2, "an argument or option is wrong")                                         \
    X(ERROR_SHAPE, 1, "shapes do not fit together")                                                \
    X(ERROR_FORMAT, 1, "a file does not have the format expected")                                 \
    X(ERROR_IO, 1, "a file or folder cannot be read or written")                                   \
    X(ERROR_EXISTS, 1, "something is there already and would be lost")                             \
    X(ERROR_MEMORY, 1, "memory could not be had")                                                  \
    X(ERROR_UNSUPPORTED, 1, "this combination is not supported")                                   \
    X(ERROR_NOT_POSITIVE_DEFINITE, 1, "a metric cannot be factorised")                             \
    X(DIVERGED, 3, "the loss or a gradient became NaN or infinite")                                \
    X(STOPPED, 130, "stopped on request, after saving")

typedef enum rfim_status {
#define RFIM__STATUS_CODE(code, exit_status, text) RFIM_##code,
    RFIM_STATUS_LIST(RFIM__STATUS_CODE)
#undef RFIM__STATUS_CODE
        RFIM_STATUS_COUNT /* how many codes there are; never returned */
} rfim_status;

#ifdef __cplusplus
extern "C" {
#endif

/* "RFIM_ERROR_SHAPE" and the like; "RFIM_UNKNOWN" for a value that is no status. */
RFIM_API const char *rfim_status_name(rfim_status status);
/* The general text above. The sentence about the very case is rfim_context_error's. */
RFIM_API const char *rfim_status_text(rfim_status status);
/* The exit status by which the command reports this status: 0, 1, 2, 3 or 130. */
RFIM_API int rfim_status_exit(rfim_status status);

#ifdef __cplusplus
}
#endif
#endif
