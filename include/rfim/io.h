/* io.h - models in files, predictions in files, pictures of runs and of data. */
#ifndef RFIM_IO_H
#define RFIM_IO_H

#include <rfim/data.h>
#include <rfim/network.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A model file: safetensors, with the network's text in its metadata. It depends on nothing but
 * the weights. Written under another name first, then moved into place. */
RFIM_API rfim_status rfim_network_save(const rfim_network *network, const char *path);
/* Reads a model file; the network has the precision that the file has. */
RFIM_API rfim_status rfim_network_load(rfim_context *context, const char *path, rfim_network **out);

/* Draws runs over one another: training and validation loss (log scale), and accuracy or error,
 * against epochs. Runs that differ in the seed only become one curve, mean and range.
 * paths: `count` run folders. Writes an SVG file. */
RFIM_API rfim_status rfim_plot_runs(rfim_context *context, const char *const *paths, size_t count,
                                    const char *svg_path);

/* Draws the first rows x columns samples of an image data set, with their classes. The ending of
 * path (.svg or .png) says the format. */
RFIM_API rfim_status rfim_dataset_draw(const rfim_dataset *dataset, size_t rows, size_t columns,
                                       const char *path);

#ifdef __cplusplus
}
#endif
#endif
