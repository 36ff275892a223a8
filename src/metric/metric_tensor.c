/* metric_tensor.c - what a metric has collected, as rows and columns for files. The layout of
 * packed lanes serves the processor, and does not show in them. */
#include "core/size.h"
#include "metric/metric.h"

#include <string.h>

size_t rfim__metric_file_rows(const rfim__metric *metric, const rfim__metric_tensor *tensor)
{
    return metric->table->packed ? rfim__triangle(metric->block_order) : tensor->rows;
}

size_t rfim__metric_file_columns(const rfim__metric *metric, const rfim__metric_tensor *tensor)
{
    return metric->table->packed ? metric->blocks : tensor->matrix->columns;
}

/* Row e of all blocks in a group.   [1 x count] */
static rfim__matrix packed_part(const rfim__metric *metric, rfim__matrix packed, size_t group,
                                size_t e)
{
    size_t lanes = rfim__packed_lanes(metric->algebra);
    size_t row = group * rfim__triangle(metric->block_order) + e;
    return rfim__columns(metric->algebra, rfim__rows(metric->algebra, packed, row, 1), 0,
                         rfim__size_min(lanes, metric->blocks - group * lanes));
}

void rfim__metric_tensor_read(const rfim__metric *metric, const rfim__metric_tensor *tensor,
                              size_t rows, void *out)
{
    const rfim__algebra *algebra = metric->algebra;
    size_t groups = metric->table->packed ? rfim__packed_groups(algebra, metric->blocks) : 1;
    char *to = out;
    for (size_t i = 0; i < rows; i++) {
        for (size_t g = 0; g < groups; g++) {
            rfim__matrix part = metric->table->packed ? packed_part(metric, *tensor->matrix, g, i)
                                                      : rfim__rows(algebra, *tensor->matrix, i, 1);
            memcpy(to, part.data, part.columns * algebra->item);
            to += part.columns * algebra->item;
        }
    }
}

void rfim__metric_tensor_write(rfim__metric *metric, const rfim__metric_tensor *tensor, size_t rows,
                               const double *values)
{
    rfim__algebra *algebra = metric->algebra;
    if (!metric->table->packed) {
        algebra->ops.import(algebra, values, rfim__rows(algebra, *tensor->matrix, 0, rows));
        return;
    }
    for (size_t i = 0; i < rows; i++) {
        for (size_t g = 0; g < rfim__packed_groups(algebra, metric->blocks); g++) {
            rfim__matrix part = packed_part(metric, *tensor->matrix, g, i);
            algebra->ops.import(algebra, values, part);
            values += part.columns;
        }
    }
}
