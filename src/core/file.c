/* realpath is an extension to POSIX.1-2008. */
#define _XOPEN_SOURCE 700 /* NOLINT(bugprone-reserved-identifier): the name is POSIX's */

#include "core/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

rfim_status rfim__file_read(rfim_context *context, const char *path, uint8_t **data, size_t *size)
{
    rfim_status status = RFIM_OK;
    *data = NULL;
    *size = 0;
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (!file)
        return rfim__fail(context, RFIM_ERROR_IO, "%s cannot be read: %s", path, strerror(errno));
    if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode)) {
        status = rfim__fail(context, RFIM_ERROR_IO, "%s is not a file", path);
        goto done;
    }
    size_t length = (size_t)info.st_size;
    *data = rfim__allocate(context, length + 1, 1);
    if (!*data) {
        status = RFIM_ERROR_MEMORY;
        goto done;
    }
    *size = fread(*data, 1, length, file);
    if (*size != length) {
        status = rfim__fail(context, RFIM_ERROR_IO, "%s: %zu of %zu bytes could be read", path,
                            *size, length);
        rfim__release(context, *data);
        *data = NULL;
        *size = 0;
    }
done:
    fclose(file);
    return status;
}

/* name: the file as the sentence says it, for path may be a temporary one. */
static rfim_status write_all(rfim_context *context, const char *path, const char *name,
                             const char *mode, const void *data, size_t size)
{
    FILE *file = fopen(path, mode);
    if (!file)
        return rfim__fail(context, RFIM_ERROR_IO, "%s cannot be written: %s", name,
                          strerror(errno));
    size_t written = size > 0 ? fwrite(data, 1, size, file) : 0;
    int failed = written != size || fflush(file) != 0;
    int reason = errno;
    if (fclose(file) != 0 && !failed) {
        failed = 1;
        reason = errno;
    }
    if (failed)
        return rfim__fail(context, RFIM_ERROR_IO, "%s cannot be written whole: %s", name,
                          strerror(reason));
    return RFIM_OK;
}

rfim_status rfim__file_write(rfim_context *context, const char *path, const void *data, size_t size)
{
    char temporary[4096];
    int length = snprintf(temporary, sizeof temporary, "%s.part", path);
    if (length < 0 || (size_t)length >= sizeof temporary)
        return rfim__fail(context, RFIM_ERROR_IO, "the path %.60s... is too long", path);
    rfim_status status = write_all(context, temporary, path, "wb", data, size);
    if (status == RFIM_OK && rename(temporary, path) != 0)
        status = rfim__fail(context, RFIM_ERROR_IO, "%s cannot be written: %s", path,
                            strerror(errno));
    if (status != RFIM_OK)
        unlink(temporary);
    return status;
}

rfim_status rfim__file_append(rfim_context *context, const char *path, const void *data,
                              size_t size)
{
    return write_all(context, path, path, "ab", data, size);
}

bool rfim__file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

bool rfim__folder_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool rfim__path_absolute(const char *path, char *out, size_t size)
{
    char *absolute = realpath(path, NULL);
    bool fits = absolute && strlen(absolute) < size;
    if (fits)
        memcpy(out, absolute, strlen(absolute) + 1);
    free(absolute);
    return fits;
}

rfim_status rfim__path_join(rfim_context *context, const char *folder, const char *name, char *out,
                            size_t size)
{
    size_t end = strlen(folder);
    const char *slash = end > 0 && folder[end - 1] == '/' ? "" : "/";
    int length = snprintf(out, size, "%s%s%s", folder, slash, name);
    if (length < 0 || (size_t)length >= size)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT, "the path %.60s.../%s is too long", folder,
                          name);
    return RFIM_OK;
}
