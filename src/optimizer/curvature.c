#include "optimizer/curvature.h"

#include "core/random.h"
#include "core/size.h"
#include "optimizer/plan_response.h"

#define MODULE_BITS 12 /* of a stream: RFIM__MOST_MODULES and more */

struct rfim__curvatures {
    rfim_optimizer *optimizer;
    rfim__form *const *forms;        /* [modules] */
    rfim__asked_response *responses; /* [modules] that the layers look at */
    rfim__curvature_areas areas;
    void *block;
    size_t number;               /* of the collection, and of its batch */
    rfim__collection collection; /* as rfim__form_observe has it */
    double keep, add;            /* for this batch alone */
};

/* --- set-up ----------------------------------------------------------------------------------- */

void rfim__curvature_areas_place(rfim__curvature_areas *areas, const rfim__algebra *algebra,
                                 const rfim__module *modules, size_t count,
                                 const rfim__layer_plan *plans, size_t n, rfim__arena *arena)
{
    size_t widest = 0;
    size_t answers = 0; /* outputs of the widest response */
    bool sends = false;
    for (size_t l = 0; l < count; l++) {
        if (!rfim__plan_reads_curvature(&plans[l]))
            continue;
        sends = sends || plans[l].copies > 0;
        answers = rfim__size_max(answers, modules[plans[l].response_module].outputs);
        for (size_t k = l; k <= plans[l].response_module; k++)
            widest = rfim__size_max(widest, rfim__size_max(modules[k].outputs, modules[k].inputs));
    }
    size_t rows = widest > 0 ? n : 0;
    rfim__response_root_place(&areas->root, algebra, rows, answers, true, arena);
    areas->cotangent = rfim__arena_matrix(arena, algebra, rows, widest);
    areas->below = rfim__arena_matrix(arena, algebra, sends ? rows : 0, widest);
    areas->square = rfim__arena_matrix(arena, algebra, sends ? rows : 0, widest);
    areas->diagonal = rfim__arena_matrix(arena, algebra, widest, widest > 0);
}

/* The response as rfim_metric_* would take it for this layer. */
static rfim_status find_response(const rfim_optimizer *optimizer, size_t l,
                                 const rfim__layer_plan *plan, rfim__asked_response *out)
{
    rfim_metric_options asked;
    rfim__subsystem subsystem;
    rfim_metric_defaults(&asked);
    asked.first = asked.last = l;
    asked.response = plan->response;
    asked.representation = plan->representation;
    asked.sigma = optimizer->options.sigma;
    rfim_status status = rfim__subsystem_resolve(optimizer->network, &asked, &subsystem);
    if (status != RFIM_OK)
        return status;
    *out = subsystem.response;
    rfim__subsystem_release(&subsystem);
    return RFIM_OK;
}

static rfim_status place(rfim__curvatures *self, const rfim__layer_plan *plans)
{
    const rfim_network *network = self->optimizer->network;
    rfim__arena arena = {0};
    for (int pass = 0; pass < 2; pass++) {
        rfim__curvature_areas_place(&self->areas, network->algebra, network->modules,
                                    network->count, plans, self->optimizer->max_samples, &arena);
        if (pass == 1)
            break;
        if (arena.overflow)
            return rfim__fail(network->context, RFIM_ERROR_MEMORY,
                              "the network's responses to a batch are more than this machine can "
                              "address; take a smaller one");
        self->block = rfim__allocate(network->context, arena.used, 1);
        if (!self->block)
            return RFIM_ERROR_MEMORY;
        arena = (rfim__arena){.base = self->block};
    }
    return RFIM_OK;
}

rfim_status rfim__curvatures_create(rfim_optimizer *optimizer, rfim__form *const *forms,
                                    const rfim__layer_plan *plans, rfim__curvatures **out)
{
    const rfim_network *network = optimizer->network;
    bool any = false;
    *out = NULL;
    for (size_t l = 0; l < network->count; l++)
        any = any || rfim__plan_reads_curvature(&plans[l]);
    if (!any)
        return RFIM_OK;
    rfim__curvatures *self = rfim__allocate(network->context, 1, sizeof *self);
    *out = self;
    if (!self)
        return RFIM_ERROR_MEMORY;
    self->optimizer = optimizer;
    self->forms = forms;
    self->responses = rfim__allocate(network->context, network->count, sizeof *self->responses);
    rfim_status status = self->responses ? place(self, plans) : RFIM_ERROR_MEMORY;
    for (size_t l = 0; l < network->count && status == RFIM_OK; l++)
        if (rfim__plan_reads_curvature(&plans[l]))
            status = find_response(optimizer, l, &plans[l], &self->responses[l]);
    return status; /* the caller frees what there is */
}

void rfim__curvatures_free(rfim__curvatures *curvatures)
{
    if (!curvatures)
        return;
    rfim_context *context = curvatures->optimizer->network->context;
    rfim__release(context, curvatures->responses);
    rfim__release(context, curvatures->block);
    rfim__release(context, curvatures);
}

/* --- what has arrived ------------------------------------------------------------------------- */

static rfim__matrix diagonal_of(rfim__matrix x)
{
    return (rfim__matrix){x.data, x.rows, 1, x.stride + 1};
}

/* diag(A) <- keep diag(A) + share x sum over the samples of NU, beside what A is already. */
static void add_diagonal(const rfim__curvatures *self, const rfim__slot *slot, rfim__matrix nu,
                         rfim__matrix diagonal)
{
    rfim__algebra *algebra = self->optimizer->network->algebra;
    rfim__matrix ones = rfim__columns(algebra, slot->input, slot->input.columns - 1, 1);
    algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, self->add / (double)nu.rows, nu, ones,
                      self->keep, diagonal);
}

/* A <- keep A + add x mean of diag(eta) - eta eta^T. The diagonal is a sum of eta_j times the other
 * eta: no difference of numbers near 1, where one class has nearly all. */
static void take_classes(rfim__curvatures *self, const rfim__slot *slot, rfim__matrix a)
{
    rfim__algebra *algebra = self->optimizer->network->algebra;
    const rfim__response_root *root = &self->areas.root;
    rfim__matrix eta = rfim__response_root_part(root, root->information);
    rfim__matrix others = rfim__response_root_part(root, root->others);
    rfim__matrix kept = rfim__rows(algebra, self->areas.diagonal, 0, a.rows);
    algebra->ops.multiply(algebra, eta, others, others);
    algebra->ops.combine(algebra, 1, diagonal_of(a), 0, kept, kept);
    add_diagonal(self, slot, others, kept);
    algebra->ops.gram(algebra, self->keep, -self->add / (double)eta.rows, eta, a);
    algebra->ops.combine(algebra, 1, kept, 0, kept, diagonal_of(a));
}

/* The response is the layer's own: P_i = F, as it was read. */
static void take_own(rfim__curvatures *self, const rfim_trace *trace, size_t l)
{
    rfim__algebra *algebra = trace->network->algebra;
    const rfim__slot *slot = &trace->slots[l];
    const rfim__response_root *root = &self->areas.root;
    rfim__form *form = self->forms[l];
    rfim__matrix nu = rfim__response_root_part(root, root->information);
    bool classes = root->response->family == RFIM_FAMILY_CATEGORICAL;
    if (form->outputs && classes) {
        take_classes(self, slot, form->outputs->m);
    } else if (form->outputs) {
        rfim__matrix a = form->outputs->m;
        rfim__matrix kept = rfim__rows(algebra, self->areas.diagonal, 0, a.rows);
        algebra->ops.combine(algebra, 1, diagonal_of(a), 0, kept, kept);
        add_diagonal(self, slot, nu, kept);
        algebra->ops.combine(algebra, self->keep, a, 0, a, a);
        algebra->ops.combine(algebra, 1, kept, 0, kept, diagonal_of(a));
    } else {
        if (classes)
            algebra->ops.multiply(algebra, nu, rfim__response_root_part(root, root->others), nu);
        rfim__metric_observe_weights(form->metric, &self->collection, slot->input, nu);
    }
}

/* Copy number `copy` of what was sent back has arrived at the pre-activations of layer l. */
static void take(rfim__curvatures *self, const rfim_trace *trace, size_t l, size_t copy,
                 rfim__matrix s)
{
    rfim__algebra *algebra = trace->network->algebra;
    rfim__form *form = self->forms[l];
    double keep = copy == 0 ? self->keep : 1;
    if (form->outputs) {
        algebra->ops.gram(algebra, keep, self->add / (double)s.rows, s, form->outputs->m);
        return;
    }
    rfim__matrix nu = rfim__rows(algebra, form->metric->nu, 0, s.rows);
    rfim__matrix square = rfim__columns(algebra, rfim__rows(algebra, self->areas.square, 0, s.rows),
                                        0, s.columns);
    algebra->ops.multiply(algebra, s, s, square);
    algebra->ops.combine(algebra, 1, square, copy == 0 ? 0 : 1, nu, nu);
    if (copy + 1 == form->plan.copies)
        rfim__metric_observe_weights(form->metric, &self->collection, trace->slots[l].input, nu);
}

/* --- sending back ----------------------------------------------------------------------------- */

/* Does module l take what comes back from `from`? */
static bool takes(const rfim__curvatures *self, size_t l, rfim_response response, size_t from)
{
    const rfim__form *form = self->forms[l];
    return form && form->plan.response == response && form->plan.copies > 0 &&
           form->plan.response_module == from;
}

static rfim__matrix cut(const rfim__algebra *algebra, rfim__matrix area, size_t n, size_t m)
{
    return rfim__columns(algebra, rfim__rows(algebra, area, 0, n), 0, m);
}

/* One vector of every sample, on the pre-activations of module `from`, down to module `first`. */
static void send_back(rfim__curvatures *self, const rfim_trace *trace, rfim_response response,
                      size_t from, size_t first, size_t copy)
{
    const rfim_network *network = trace->network;
    rfim__algebra *algebra = network->algebra;
    for (size_t l = from + 1; l-- > first;) {
        const rfim__module *module = &network->modules[l];
        rfim__matrix here = cut(algebra, self->areas.cotangent, trace->samples, module->outputs);
        rfim__matrix below = {0};
        if (l > first)
            below = cut(algebra, self->areas.below, trace->samples, module->inputs);
        module->table->pull_back(algebra, module, &trace->slots[l], l == from, here, below);
        if (takes(self, l, response, from))
            take(self, trace, l, copy, here);
        rfim__matrix_swap(&self->areas.cotangent, &self->areas.below);
    }
}

static void read(rfim__curvatures *self, const rfim_trace *trace, size_t l)
{
    const rfim__asked_response *response = &self->responses[l];
    rfim__response_root_read(&self->areas.root, trace->network, response,
                             &trace->slots[response->module]);
}

/* The response that layer l looks at, to all layers from l on that take it. */
static void send(rfim__curvatures *self, const rfim_trace *trace, size_t l)
{
    const rfim__layer_plan *plan = &self->forms[l]->plan;
    const rfim_optimizer_options *options = &self->optimizer->options;
    size_t from = plan->response_module;
    uint64_t stream = rfim__stream(RFIM__STREAM_RESPONSES,
                                   (uint64_t)self->number << MODULE_BITS | from);
    read(self, trace, l);
    for (size_t copy = 0; copy < plan->copies; copy++) {
        rfim__matrix c = cut(trace->network->algebra, self->areas.cotangent, trace->samples,
                             trace->network->modules[from].outputs);
        if (options->curvature == RFIM_CURVATURE_SAMPLED)
            rfim__response_root_drawn(&self->areas.root, &trace->slots[from], options->seed, stream,
                                      c);
        else
            rfim__response_root_exact(&self->areas.root, copy, c);
        send_back(self, trace, plan->response, from, l, copy);
    }
}

void rfim__curvatures_collect(rfim__curvatures *curvatures, const rfim_trace *trace, size_t number,
                              double add)
{
    bool network_sent = false;
    const rfim_optimizer *optimizer = curvatures->optimizer;
    curvatures->number = number * optimizer->options.accumulate + optimizer->accumulator.batches;
    curvatures->collection = rfim__optimizer_collection(optimizer, trace, 1 - add, add);
    curvatures->keep = curvatures->collection.begins ? 1 - add : 1;
    curvatures->add = add * curvatures->collection.share;
    for (size_t l = 0; l < trace->network->count; l++) {
        const rfim__form *form = curvatures->forms[l];
        if (!form || !rfim__plan_reads_curvature(&form->plan))
            continue;
        bool network = form->plan.response == RFIM_RESPONSE_NETWORK;
        if (form->plan.copies == 0) {
            read(curvatures, trace, l);
            take_own(curvatures, trace, l);
        } else if (!network || !network_sent) {
            send(curvatures, trace, l);
            network_sent = network_sent || network;
        }
    }
}
