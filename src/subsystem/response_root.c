#include "subsystem/response_root.h"

#include "metric/response.h"

void rfim__response_root_place(rfim__response_root *root, const rfim__algebra *algebra, size_t n,
                               size_t m, bool classes, rfim__arena *arena)
{
    root->information = rfim__arena_matrix(arena, algebra, n, m);
    root->root = rfim__arena_matrix(arena, algebra, n, m);
    root->others = rfim__arena_matrix(arena, algebra, classes ? n : 0, m);
}

rfim__matrix rfim__response_pre(const rfim_network *network, size_t module, const rfim__slot *slot)
{
    const rfim__module *at = &network->modules[module];
    /* batch normalisation keeps a^ in `pre`; its response is its output */
    bool channels = at->table->elementwise && at->table->parameter_rows(at) > 0;
    return channels ? rfim__columns(network->algebra, slot->output, 0, at->outputs) : slot->pre;
}

void rfim__response_information(const rfim_network *network, const rfim__asked_response *response,
                                const rfim__slot *slot, rfim__matrix out)
{
    rfim__algebra *algebra = network->algebra;
    rfim__matrix u = rfim__response_pre(network, response->module, slot);
    if (response->trained && response->family == RFIM_FAMILY_GAUSSIAN) {
        algebra->ops.fill(algebra, 1, out);
        rfim__activation_kernels_of(algebra)->backward(&response->activation, u, out);
        rfim__response_kernels_of(algebra)->square(1 / (response->sigma * response->sigma), out);
        return;
    }
    rfim__response_nu(algebra, &response->activation, response->family, response->sigma, u, out);
}

rfim__matrix rfim__response_root_part(const rfim__response_root *root, rfim__matrix area)
{
    const rfim__algebra *algebra = root->network->algebra;
    return rfim__columns(algebra, rfim__rows(algebra, area, 0, root->samples), 0,
                         rfim__response_root_copies(root));
}

size_t rfim__response_root_copies(const rfim__response_root *root)
{
    return root->network->modules[root->response->module].outputs;
}

void rfim__response_root_read(rfim__response_root *root, const rfim_network *network,
                              const rfim__asked_response *response, const rfim__slot *slot)
{
    rfim__algebra *algebra = network->algebra;
    const rfim__response_kernels *kernels = rfim__response_kernels_of(algebra);
    root->network = network;
    root->response = response;
    root->samples = slot->output.rows;
    rfim__matrix information = rfim__response_root_part(root, root->information);
    rfim__matrix s = rfim__response_root_part(root, root->root);
    if (response->family == RFIM_FAMILY_CATEGORICAL) {
        kernels->softmax(rfim__response_pre(network, response->module, slot), information);
        kernels->others(information, rfim__response_root_part(root, root->others));
    } else {
        rfim__response_information(network, response, slot, information);
    }
    algebra->ops.combine(algebra, 1, information, 0, information, s);
    kernels->root(s);
}

/* sqrt(nu_a) e_a */
static void exact_diagonal(const rfim__response_root *root, size_t a, rfim__matrix c)
{
    rfim__algebra *algebra = root->network->algebra;
    rfim__matrix s = rfim__columns(algebra, rfim__response_root_part(root, root->root), a, 1);
    algebra->ops.fill(algebra, 0, c);
    algebra->ops.combine(algebra, 1, s, 0, s, rfim__columns(algebra, c, a, 1));
}

/* sqrt(eta_a) (e_a - eta), whose entry a is the sum of the other eta */
static void exact_categorical(const rfim__response_root *root, size_t a, rfim__matrix c)
{
    rfim__algebra *algebra = root->network->algebra;
    rfim__matrix eta = rfim__response_root_part(root, root->information);
    rfim__matrix s = rfim__columns(algebra, rfim__response_root_part(root, root->root), a, 1);
    rfim__matrix others = rfim__columns(algebra, rfim__response_root_part(root, root->others), a,
                                        1);
    algebra->ops.combine(algebra, -1, eta, 0, eta, c);
    algebra->ops.combine(algebra, 1, others, 0, others, rfim__columns(algebra, c, a, 1));
    algebra->ops.scale_rows(algebra, s, c);
}

void rfim__response_root_exact(const rfim__response_root *root, size_t a, rfim__matrix c)
{
    if (root->response->family == RFIM_FAMILY_CATEGORICAL)
        exact_categorical(root, a, c);
    else
        exact_diagonal(root, a, c);
}

void rfim__response_root_drawn(const rfim__response_root *root, const rfim__slot *slot,
                               uint64_t seed, uint64_t stream, rfim__matrix c)
{
    rfim__algebra *algebra = root->network->algebra;
    const rfim__asked_response *response = root->response;
    const rfim__activation *f = &response->activation;
    const rfim__drawn_kernels *kernels = RFIM__PICK_VARIANT(rfim__drawn, algebra->context->kernels,
                                                            algebra->precision);
    bool two_values = response->family == RFIM_FAMILY_CANONICAL &&
                      (f->kind == RFIM__TANH || f->kind == RFIM__SIGM);
    if (response->family == RFIM_FAMILY_CATEGORICAL) {
        kernels->classes(seed, stream, rfim__response_root_part(root, root->information),
                         rfim__response_root_part(root, root->others), c);
    } else if (two_values) {
        rfim__activation_forward(algebra, f,
                                 rfim__response_pre(root->network, response->module, slot), c);
        kernels->two_values(seed, stream, f->kind == RFIM__TANH ? -1 : 0, 1, c, c);
    } else {
        kernels->normals(seed, stream, rfim__response_root_part(root, root->root), c);
    }
}
