/* idx_folder.h - a folder with the four files of MNIST: images and labels, to train and to test. */
#ifndef RFIM_DATA_IDX_FOLDER_H
#define RFIM_DATA_IDX_FOLDER_H

#include "core/context.h"

#include <rfim/data.h>
#include <stdbool.h>

/* The files, for sentences: each may also end in .gz. */
#define RFIM__IDX_FILES                                                                            \
    "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "                \
    "t10k-labels-idx1-ubyte (each plain or .gz)"

/* Are all four files there? */
bool rfim__idx_folder_complete(const char *folder);

/* Reads the training and the test files. Both data sets get the same number of classes, the
 * largest label in either + 1. RFIM_ERROR_IO, RFIM_ERROR_FORMAT, RFIM_ERROR_SHAPE (image sizes
 * differ), RFIM_ERROR_MEMORY; *train and *test are then NULL. */
rfim_status rfim__idx_folder_read(rfim_context *context, const char *folder, rfim_dataset **train,
                                  rfim_dataset **test);

#endif
