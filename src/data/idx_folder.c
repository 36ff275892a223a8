#include "data/idx_folder.h"

#include "core/file.h"
#include "core/size.h"
#include "data/dataset.h"
#include "io/idx.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE (2 * RFIM_TEXT_SIZE)

/* One file, read and parsed. */
typedef struct idx_file {
    char path[PATH_SIZE];
    uint8_t *data;
    rfim__idx idx;
} idx_file;

/* The path of a file, plain or else .gz; false when there is neither. */
static bool find(const char *folder, const char *name, char path[PATH_SIZE])
{
    const char *const endings[] = {"", ".gz"};
    for (size_t ending = 0; ending < 2; ending++) {
        int length = snprintf(path, PATH_SIZE, "%s/%s%s", folder, name, endings[ending]);
        if (length > 0 && length < PATH_SIZE && rfim__file_exists(path))
            return true;
    }
    return false;
}

bool rfim__idx_folder_complete(const char *folder)
{
    char path[PATH_SIZE];
    return find(folder, "train-images-idx3-ubyte", path) &&
           find(folder, "train-labels-idx1-ubyte", path) &&
           find(folder, "t10k-images-idx3-ubyte", path) &&
           find(folder, "t10k-labels-idx1-ubyte", path);
}

static void close_file(rfim_context *context, idx_file *file)
{
    rfim__idx_free(context, &file->idx);
    rfim__release(context, file->data);
    file->data = NULL;
}

static rfim_status open_file(rfim_context *context, const char *folder, const char *name,
                             size_t dimensions, idx_file *file)
{
    size_t size = 0;
    memset(file, 0, sizeof *file);
    if (!find(folder, name, file->path))
        return rfim__fail(context, RFIM_ERROR_IO,
                          "%s is missing in %s; a data folder holds " RFIM__IDX_FILES, name,
                          folder);
    rfim_status status = rfim__file_read(context, file->path, &file->data, &size);
    if (status == RFIM_OK)
        status = rfim__idx_parse(context, file->path, file->data, size, &file->idx);
    if (status == RFIM_OK && file->idx.dimensions != dimensions)
        status = rfim__fail(context, RFIM_ERROR_FORMAT,
                            "%s has the wrong magic number 0x%08zx (%zu dimensions); %s have "
                            "0x%08zx (%zu)",
                            file->path, 0x800 + file->idx.dimensions, file->idx.dimensions,
                            dimensions == 3 ? "images" : "labels", 0x800 + dimensions, dimensions);
    if (status != RFIM_OK)
        close_file(context, file);
    return status;
}

static rfim_status check_pair(rfim_context *context, const idx_file *images, const idx_file *labels)
{
    const size_t *shape = images->idx.shape;
    if (shape[0] == 0)
        return rfim__fail(context, RFIM_ERROR_FORMAT, "%s holds no images", images->path);
    if (shape[1] == 0 || shape[2] == 0)
        return rfim__fail(context, RFIM_ERROR_FORMAT, "%s holds images of %zu x %zu pixels",
                          images->path, shape[1], shape[2]);
    if (shape[0] != labels->idx.shape[0])
        return rfim__fail(context, RFIM_ERROR_FORMAT,
                          "%s holds %zu images but %s holds %zu labels; they must be as many",
                          images->path, shape[0], labels->path, labels->idx.shape[0]);
    return RFIM_OK;
}

static rfim_status combine(rfim_context *context, const idx_file *images, const idx_file *labels,
                           rfim_dataset **out)
{
    const size_t *shape = images->idx.shape;
    size_t pixels = shape[1] * shape[2];
    rfim_status status = rfim__dataset_create(context, shape[0], pixels, RFIM_UINT8,
                                              RFIM_TARGET_LABELS, 0, out);
    if (status != RFIM_OK)
        return status;
    rfim_dataset *dataset = *out;
    dataset->image_height = shape[1];
    dataset->image_width = shape[2];
    memcpy(dataset->values, images->idx.values, images->idx.count);
    for (size_t i = 0; i < dataset->samples; i++) {
        uint8_t label = labels->idx.values[i];
        dataset->labels[i] = label;
        dataset->targets = rfim__size_max(dataset->targets, (size_t)label + 1);
    }
    return RFIM_OK;
}

static rfim_status read_pair(rfim_context *context, const char *folder, const char *images_name,
                             const char *labels_name, rfim_dataset **out)
{
    idx_file images = {.data = NULL};
    idx_file labels = {.data = NULL};
    rfim_status status = open_file(context, folder, images_name, 3, &images);
    if (status == RFIM_OK)
        status = open_file(context, folder, labels_name, 1, &labels);
    if (status == RFIM_OK)
        status = check_pair(context, &images, &labels);
    if (status == RFIM_OK)
        status = combine(context, &images, &labels, out);
    close_file(context, &images);
    close_file(context, &labels);
    return status;
}

rfim_status rfim__idx_folder_read(rfim_context *context, const char *folder, rfim_dataset **train,
                                  rfim_dataset **test)
{
    *train = NULL;
    *test = NULL;
    rfim_status status = read_pair(context, folder, "train-images-idx3-ubyte",
                                   "train-labels-idx1-ubyte", train);
    if (status == RFIM_OK)
        status = read_pair(context, folder, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
                           test);
    if (status == RFIM_OK && ((*train)->image_height != (*test)->image_height ||
                              (*train)->image_width != (*test)->image_width))
        status = rfim__fail(context, RFIM_ERROR_SHAPE,
                            "%s: training images have %zu x %zu pixels, test images %zu x %zu; "
                            "they must be the same",
                            folder, (*train)->image_height, (*train)->image_width,
                            (*test)->image_height, (*test)->image_width);
    if (status != RFIM_OK) {
        rfim_dataset_free(*train);
        rfim_dataset_free(*test);
        *train = NULL;
        *test = NULL;
        return status;
    }
    (*train)->targets = rfim__size_max((*train)->targets, (*test)->targets);
    (*test)->targets = (*train)->targets;
    return RFIM_OK;
}
