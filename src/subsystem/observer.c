#include "subsystem/observer.h"

#include "core/size.h"
#include "subsystem/response_root.h"

struct rfim__observer {
    const rfim__subsystem *subsystem;
    rfim__algebra *algebra;
    void *storage;
    rfim__response_root root; /* [piece x m] of the response */
    rfim__matrix cotangent;   /* [piece x widest] */
    rfim__matrix below;       /* [piece x widest] */
    rfim__matrix *stacks;     /* [parts]: [copies piece x columns] */
    rfim__observed_part *parts;
};

/* --- set-up ----------------------------------------------------------------------------------- */

static size_t widest(const rfim__subsystem *subsystem)
{
    const rfim_network *network = subsystem->network;
    size_t width = 1;
    for (size_t l = subsystem->options.first; l <= subsystem->response.module; l++)
        width = rfim__size_max(
            width, rfim__size_max(network->modules[l].inputs, network->modules[l].outputs));
    return width;
}

static void place(rfim__observer *observer, rfim__arena *arena)
{
    const rfim__subsystem *subsystem = observer->subsystem;
    const rfim__shape *shape = &subsystem->shape;
    rfim__algebra *algebra = observer->algebra;
    size_t piece = shape->piece;
    size_t m = subsystem->network->modules[subsystem->response.module].outputs;
    size_t width = widest(subsystem);
    bool classes = subsystem->response.family == RFIM_FAMILY_CATEGORICAL;
    rfim__response_root_place(&observer->root, algebra, piece, m, classes, arena);
    observer->cotangent = rfim__arena_matrix(arena, algebra, piece, width);
    observer->below = rfim__arena_matrix(arena, algebra, piece, width);
    for (size_t p = 0; p < shape->count; p++)
        observer->stacks[p] = rfim__arena_matrix(arena, algebra, shape->copies * piece,
                                                 shape->parts[p].columns);
}

rfim_status rfim__observer_create(const rfim__subsystem *subsystem, rfim__observer **out)
{
    rfim_context *context = subsystem->network->context;
    size_t parts = subsystem->shape.count;
    rfim__arena arena = {0};
    rfim_status status = RFIM_ERROR_MEMORY;
    *out = NULL;
    rfim__observer *observer = rfim__allocate(context, 1, sizeof *observer);
    if (!observer)
        return RFIM_ERROR_MEMORY;
    observer->subsystem = subsystem;
    observer->algebra = subsystem->network->algebra;
    observer->stacks = rfim__allocate(context, parts, sizeof *observer->stacks);
    observer->parts = rfim__allocate(context, parts, sizeof *observer->parts);
    if (!observer->stacks || !observer->parts)
        goto done;
    place(observer, &arena);
    if (arena.overflow) {
        rfim__fail(context, status,
                   "metric: the response of %s has more outputs than this machine can address",
                   subsystem->name);
        goto done;
    }
    observer->storage = rfim__allocate(context, arena.used, 1);
    if (!observer->storage)
        goto done;
    arena = (rfim__arena){.base = observer->storage};
    place(observer, &arena);
    status = RFIM_OK;
done:
    if (status != RFIM_OK) {
        rfim__observer_free(observer);
        observer = NULL;
    }
    *out = observer;
    return status;
}

void rfim__observer_free(rfim__observer *observer)
{
    if (!observer)
        return;
    rfim_context *context = observer->algebra->context;
    rfim__release(context, observer->stacks);
    rfim__release(context, observer->parts);
    rfim__release(context, observer->storage);
    rfim__release(context, observer);
}

/* --- pulling back ----------------------------------------------------------------------------- */

typedef struct reading {
    rfim__observer *observer;
    const rfim_trace *trace;
    size_t first;   /* of the piece */
    size_t samples; /* of it */
} reading;

static rfim__slot slot_of(const reading *r, size_t module)
{
    return rfim__slot_rows(r->observer->algebra, &r->trace->slots[module], r->first, r->samples);
}

/* Columns of a part's group, of what arrived at its module's pre-activations. */
static void keep(const reading *r, size_t part, size_t copy, rfim__matrix cotangent)
{
    rfim__observer *observer = r->observer;
    const rfim__part *at = &observer->subsystem->shape.parts[part];
    rfim__matrix to = rfim__rows(observer->algebra, observer->stacks[part], copy * r->samples,
                                 r->samples);
    rfim__matrix from = rfim__columns(observer->algebra, cotangent, at->first_output, at->columns);
    observer->algebra->ops.combine(observer->algebra, 1, from, 0, from, to);
}

/* The cotangent of `copy` lies on the response's pre-activations: sends it back to the parts. */
static void send_back(const reading *r, size_t copy)
{
    rfim__observer *observer = r->observer;
    const rfim__subsystem *subsystem = observer->subsystem;
    const rfim_network *network = subsystem->network;
    bool of_input = subsystem->options.variable == RFIM_VARIABLE_INPUT;
    size_t first = subsystem->options.first;
    size_t part = subsystem->shape.count;
    bool at_pre = true;
    for (size_t l = subsystem->response.module + 1; l-- > first;) {
        const rfim__module *module = &network->modules[l];
        rfim__slot slot = slot_of(r, l);
        rfim__matrix here = rfim__columns(
            observer->algebra, rfim__rows(observer->algebra, observer->cotangent, 0, r->samples), 0,
            module->outputs);
        rfim__matrix below = rfim__columns(
            observer->algebra, rfim__rows(observer->algebra, observer->below, 0, r->samples), 0,
            module->inputs);
        if (l == first && !of_input)
            below.data = NULL;
        module->table->pull_back(observer->algebra, module, &slot, at_pre, here, below);
        at_pre = false;
        if (part > 0 && !of_input && subsystem->shape.parts[part - 1].module == l)
            keep(r, --part, copy, here);
        if (l == first && of_input)
            keep(r, 0, copy, below);
        rfim__matrix_swap(&observer->cotangent, &observer->below);
    }
}

static rfim__matrix reference_of(const reading *r, const rfim__part *part)
{
    const rfim__subsystem *subsystem = r->observer->subsystem;
    rfim__slot slot = slot_of(r, part->module);
    if (subsystem->options.variable == RFIM_VARIABLE_INPUT) /* the column of ones */
        return rfim__columns(r->observer->algebra, slot.input, slot.input.columns - 1, 1);
    if (part->kind == RFIM__LAYER)
        return slot.input;
    return rfim__columns(r->observer->algebra, slot.pre, part->first_output, part->columns);
}

/* WEIGHTS: nu at the part's own pre-activations, through the element-wise modules between. */
static void read_weights(const reading *r)
{
    rfim__observer *observer = r->observer;
    rfim__algebra *algebra = observer->algebra;
    rfim__matrix root = rfim__response_root_part(&observer->root, observer->root.root);
    algebra->ops.combine(algebra, 1, root, 0, root,
                         rfim__columns(algebra,
                                       rfim__rows(algebra, observer->cotangent, 0, r->samples), 0,
                                       root.columns));
    send_back(r, 0);
    rfim__matrix s = rfim__rows(algebra, observer->stacks[0], 0, r->samples);
    algebra->ops.multiply(algebra, s, s, s);
}

static void read_factors(const reading *r)
{
    rfim__observer *observer = r->observer;
    const rfim__subsystem *subsystem = observer->subsystem;
    size_t m = subsystem->network->modules[subsystem->response.module].outputs;
    for (size_t copy = 0; copy < subsystem->shape.copies; copy++) {
        rfim__matrix cotangent = rfim__columns(
            observer->algebra, rfim__rows(observer->algebra, observer->cotangent, 0, r->samples), 0,
            m);
        rfim__response_root_exact(&observer->root, copy, cotangent);
        send_back(r, copy);
    }
}

/* nu straight from the response, not by way of its square root. */
static void keep_information(const reading *r)
{
    rfim__response_root *root = &r->observer->root;
    keep(r, 0, 0, rfim__response_root_part(root, root->information));
}

static void read_piece(const reading *r, rfim__observation *seen)
{
    rfim__observer *observer = r->observer;
    const rfim__subsystem *subsystem = observer->subsystem;
    const rfim__shape *shape = &subsystem->shape;
    bool direct = shape->parts[0].module == subsystem->response.module;
    if (shape->curvature != RFIM__UNIT) {
        rfim__slot slot = slot_of(r, subsystem->response.module);
        rfim__response_root_read(&observer->root, subsystem->network, &subsystem->response, &slot);
    }
    if (shape->curvature == RFIM__FACTORS)
        read_factors(r);
    else if (shape->curvature == RFIM__CLASSES || (shape->curvature == RFIM__WEIGHTS && direct))
        keep_information(r);
    else if (shape->curvature == RFIM__WEIGHTS)
        read_weights(r);
    for (size_t p = 0; p < shape->count; p++) {
        observer->parts[p].reference = reference_of(r, &shape->parts[p]);
        observer->parts[p].curvature = rfim__rows(observer->algebra, observer->stacks[p], 0,
                                                  shape->copies * r->samples);
        if (shape->curvature == RFIM__UNIT)
            observer->parts[p].curvature = (rfim__matrix){0};
    }
    *seen = (rfim__observation){r->samples, shape->copies, shape->curvature, shape->scale,
                                observer->parts};
}

bool rfim__observer_read(rfim__observer *observer, const rfim_trace *trace, rfim__observe_fn take,
                         void *user)
{
    size_t piece = observer->subsystem->shape.piece;
    for (size_t first = 0; first < trace->samples; first += piece) {
        reading r = {observer, trace, first, rfim__size_min(piece, trace->samples - first)};
        rfim__observation seen;
        read_piece(&r, &seen);
        if (!take(user, &seen))
            return false;
    }
    return true;
}
