#include "train/run_lock.h"

#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <rfim/options.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct flock whole_file(void)
{
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

static rfim_status refuse(rfim_context *context, const char *folder)
{
    return rfim__fail(context, RFIM_ERROR_EXISTS,
                      "a run is still going in the folder %s: take another folder, or wait until "
                      "that run has ended",
                      folder);
}

rfim_status rfim__run_lock_check(rfim_context *context, const char *folder)
{
    char path[RFIM_TEXT_SIZE];
    struct flock lock = whole_file();
    rfim_status status = rfim__path_join(context, folder, RFIM__RUN_LOCK, path, sizeof path);
    if (status != RFIM_OK)
        return status;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0)
        return RFIM_OK;
    if (fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
        status = refuse(context, folder);
    close(file);
    return status;
}

/* Whether the open file is the one of that name: a run that ends removes its file. */
static bool is_in_place(int file, const char *path)
{
    struct stat opened;
    struct stat named;
    return fstat(file, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

rfim_status rfim__run_lock_take(rfim_context *context, const char *folder, rfim__run_lock *lock)
{
    char path[RFIM_TEXT_SIZE];
    lock->file = -1;
    rfim_status status = rfim__path_join(context, folder, RFIM__RUN_LOCK, path, sizeof path);
    while (status == RFIM_OK) {
        struct flock whole = whole_file();
        int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file < 0)
            return rfim__fail(context, RFIM_ERROR_IO, "%s cannot be written: %s", path,
                              strerror(errno));
        int locked = fcntl(file, F_SETLK, &whole);
        bool held = locked != 0 && (errno == EACCES || errno == EAGAIN);
        if (!held && (locked != 0 || is_in_place(file, path))) {
            lock->file = file;
            return RFIM_OK;
        }
        close(file);
        if (held)
            status = refuse(context, folder);
    }
    return status;
}

void rfim__run_lock_release(const char *folder, rfim__run_lock *lock)
{
    char path[RFIM_TEXT_SIZE + 16];
    if (lock->file < 0)
        return;
    /* First the name, then the lock: who finds the file meanwhile finds it locked. */
    snprintf(path, sizeof path, "%s/%s", folder, RFIM__RUN_LOCK);
    unlink(path);
    close(lock->file);
    lock->file = -1;
}
