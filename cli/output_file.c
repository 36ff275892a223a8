#include "output_file.h"

#include "message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int output_file_complain(const char *path)
{
    complain("%s cannot be written: %s", path, strerror(errno));
    return 1;
}

int output_file_probe(const char *path)
{
    if (!path || !path[0])
        return 0;
    FILE *file = fopen(path, "a");
    return file && fclose(file) == 0 ? 0 : output_file_complain(path);
}

void output_file_tidy(const char *path)
{
    struct stat info;
    if (path && path[0] && stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0)
        remove(path);
}
