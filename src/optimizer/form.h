/* form.h - the metric of one layer at work in training: from what a step leaves on the trace to the
 * layer's direction, in the form that was planned (plan.h). */
#ifndef RFIM_OPTIMIZER_FORM_H
#define RFIM_OPTIMIZER_FORM_H

#include "metric/metric.h"
#include "optimizer/method.h"
#include "optimizer/plan.h"

typedef struct rfim__form rfim__form;
typedef struct rfim__form_table rfim__form_table;

struct rfim__form {
    const rfim__form_table *table;
    rfim_optimizer *optimizer;
    size_t l; /* the module */
    rfim__layer_plan plan;
    rfim__metric *metric; /* what is remembered from step to step; NULL: nothing is */
    void *block;
    /* Work areas, each as the form needs it. n: samples of a batch, at most. */
    rfim__matrix natural;  /* [D x m] the inverse times the gradient */
    rfim__matrix inputs;   /* [n x D] the inverse times X */
    rfim__matrix kernel;   /* [n x n] */
    rfim__matrix diagonal; /* [n x 1] what stands for the kernel's own */
    rfim__matrix root;     /* [n x m] s = sqrt(nu) */
    rfim__matrix solution; /* [n x m] */
    rfim__matrix damping;  /* [1 x m] c */
    rfim__matrix last;     /* [D x m] the last direction, where it is part of a dual system */
    rfim__matrix image;    /* [n x m] what it does to the responses */
};

struct rfim__form_table {
    /* Lays out the work areas for n samples (with arena->base NULL only counts). */
    void (*place)(rfim__form *form, const rfim__algebra *algebra, const rfim__module *module,
                  size_t n, rfim__arena *arena);
    /* Numbers of scratch that a thread needs, once it is laid out. */
    size_t (*room)(const rfim__form *form, size_t n);
    void (*direct)(rfim__form *form, rfim_trace *trace, rfim__direction *direction);
};

extern const rfim__form_table rfim__gradient_form;
extern const rfim__form_table rfim__inputs_form;
extern const rfim__form_table rfim__dual_form;
extern const rfim__form_table
    rfim__plain_form; /* whitened: the plain gradient is the natural one */

/* The form's table. */
const rfim__form_table *rfim__form_table_of(rfim_form form);
/* What the metric of a layer remembers, as a shape; false: nothing. */
bool rfim__form_shape(const rfim__layer_plan *plan, const rfim__module *module, double sigma,
                      size_t batch, rfim__part *part, rfim__shape *shape,
                      rfim_representation *representation);
rfim_status rfim__form_create(rfim_optimizer *optimizer, size_t l, const rfim__layer_plan *plan,
                              rfim__form **out);
void rfim__form_free(rfim__form *form);
/* Bytes that rfim__form_create takes of the algebra's numbers; SIZE_MAX: more than can be. */
size_t rfim__form_bytes(rfim__algebra *algebra, const rfim__layer_plan *plan,
                        const rfim__module *module, double sigma, size_t batch);
/* Numbers of scratch that it reserves for every thread. */
size_t rfim__form_room(rfim__algebra *algebra, const rfim__layer_plan *plan,
                       const rfim__module *module, double sigma, size_t batch);

/* Collects what the last pass left on the trace: the batch, as its share of the step's samples. */
void rfim__form_observe(rfim__form *form, const rfim_trace *trace, double keep, double add);
/* Factorises what has been collected, and reports. */
void rfim__form_refresh(rfim__form *form);
/* Notes how a refresh went. */
void rfim__form_refreshed(rfim__form *form, const rfim_metric_refresh_report *result);
/* Memory `batch` of the primal forms: collects this batch of a step; and then factorises the step's
 * metric. */
void rfim__form_gather(rfim__form *form, const rfim_trace *trace);
void rfim__form_of_batch(rfim__form *form, const rfim_trace *trace);

#endif
