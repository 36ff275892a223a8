#include "network/loss.h"

rfim__loss_sums rfim__loss_of(const rfim__algebra *algebra, rfim_loss_kind loss, rfim__matrix u,
                              const rfim__targets *targets, rfim__matrix e)
{
    const rfim__loss_kernels *kernels = rfim__loss_kernels_of(algebra);
    switch (loss) {
    case RFIM_LOSS_SIGMOID:
        return kernels->sigmoid(u, targets, e);
    case RFIM_LOSS_SQUARED:
        return kernels->squared(u, targets, e);
    default:
        return kernels->softmax(u, targets, e);
    }
}
