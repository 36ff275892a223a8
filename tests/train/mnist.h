/* mnist.h - where tests find MNIST: ../shared/data/mnist beside the sources, then $RFIM_MNIST. */
#ifndef TESTS_TRAIN_MNIST_H
#define TESTS_TRAIN_MNIST_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* The folder, or NULL after saying that the test is skipped. */
static inline const char *mnist_folder(void)
{
    static char beside[] = RFIM_SOURCE_DIR "/../shared/data/mnist";
    struct stat info;
    if (stat(beside, &info) == 0)
        return beside;
    const char *named = getenv("RFIM_MNIST");
    if (named && stat(named, &info) == 0)
        return named;
    printf("skipped: MNIST is neither in ../shared/data/mnist nor in $RFIM_MNIST\n");
    return NULL;
}

#endif
