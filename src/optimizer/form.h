/* form.h - the metric of one layer at work in training: from what a step leaves on the trace to the
 * layer's direction, in the form that was planned (plan.h). */
#ifndef RFIM_OPTIMIZER_FORM_H
#define RFIM_OPTIMIZER_FORM_H

#include "metric/metric.h"
#include "optimizer/mean_nu.h"
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
    rfim__metric
        *outputs;    /* kronecker: the factor of the outputs, `metric` is that of the inputs */
    double relative; /* damping of the factors in use, relative */
    double asked;    /* kronecker: of each factor, at the last rfim__form_prepare */
    void *block;     /* of the work areas, where they are the form's own */
    /* Work areas, each as the form needs it, of one direction only. n: samples of a batch, at most.
     */
    rfim__matrix natural;  /* [D x m] the inverse times the gradient */
    rfim__matrix half;     /* kronecker: [D x m] that of the inputs alone */
    rfim__matrix inputs;   /* [n x D] the inverse times X */
    rfim__matrix deltas;   /* kronecker: [n x m] delta times the inverse of the outputs */
    rfim__matrix kernel;   /* [n x n] */
    rfim__matrix diagonal; /* [n x 1] what stands for the kernel's own */
    rfim__matrix root;     /* [n x m] s = sqrt(nu) */
    rfim__matrix solution; /* [n x m] */
    rfim__matrix damping;  /* [1 x m] c */
    rfim__matrix last;     /* [D x m] the last direction, where it is part of a dual system */
    rfim__matrix image;    /* [n x m] what it does to the responses */
    rfim__mean_nu mean_nu; /* divides directions */
};

struct rfim__form_table {
    /* Lays out the work areas for n samples (with arena->base NULL only counts). */
    void (*place)(rfim__form *form, const rfim__algebra *algebra, const rfim__module *module,
                  size_t n, rfim__arena *arena);
    /* Numbers of scratch that a thread needs, once it is laid out; NULL: none. */
    size_t (*room)(const rfim__form *form, size_t n);
    void (*direct)(rfim__form *form, rfim_trace *trace, rfim__direction *direction);
};

extern const rfim__form_table rfim__gradient_form;
extern const rfim__form_table rfim__inputs_form;
extern const rfim__form_table rfim__dual_form;
extern const rfim__form_table
    rfim__plain_form; /* whitened: the plain gradient is the natural one */

extern const rfim__form_table rfim__kronecker_gradient_form;
extern const rfim__form_table rfim__kronecker_inputs_form;

/* The table of the form that is planned. */
const rfim__form_table *rfim__form_table_of(const rfim__layer_plan *plan);
/* work: room for the work areas, which other layers may have as well if directions are used one
 * after the other; NULL: a block of its own. */
rfim_status rfim__form_create(rfim_optimizer *optimizer, size_t l, const rfim__layer_plan *plan,
                              void *work, rfim__form **out);
void rfim__form_free(rfim__form *form);
/* Bytes of the work areas; SIZE_MAX: more than can be. */
size_t rfim__form_work_bytes(const rfim__algebra *algebra, const rfim__layer_plan *plan,
                             const rfim__module *module, size_t batch);
/* Bytes that rfim__form_create takes of the algebra's numbers, work areas included; SIZE_MAX: more
 * than can be. */
size_t rfim__form_bytes(rfim__algebra *algebra, const rfim__layer_plan *plan,
                        const rfim__module *module, double sigma, size_t batch);
/* Numbers of scratch that it reserves for every thread. */
size_t rfim__form_room(rfim__algebra *algebra, const rfim__layer_plan *plan,
                       const rfim__module *module, double sigma, size_t batch);

/* The layer's direction, before step control. */
void rfim__form_direct(rfim__form *form, rfim_trace *trace, rfim__direction *direction);
/* Takes what the last pass left on the trace into the mean of nu: collection number `count`, from
 * 1, which weighs `add`, or 1 / count where that is more. */
void rfim__form_observe_nu(rfim__form *form, const rfim_trace *trace, size_t count, double add);
/* Does it have a metric that is remembered from step to step? */
bool rfim__form_remembers(const rfim__form *form);
#define RFIM__FORM_METRICS 2
/* The metrics that a refresh factorises; returns how many. */
size_t rfim__form_metrics(const rfim__form *form, rfim__metric *out[RFIM__FORM_METRICS]);

/* What the batch on the trace is of a collection. */
rfim__collection rfim__optimizer_collection(const rfim_optimizer *optimizer,
                                            const rfim_trace *trace, double keep, double add);
/* Collects what the last pass left on the trace: the batch, as its share of the step's samples; of
 * kronecker, the inputs. */
void rfim__form_observe(rfim__form *form, const rfim_trace *trace, double keep, double add);
/* A refresh: its metrics are prepared, factorised, and then taken into use, with a note of how that
 * went. reports: one of each metric; returns how many those are. */
void rfim__form_prepare(rfim__form *form);
size_t rfim__form_accept(rfim__form *form, const rfim_metric_refresh_report *reports);
/* The three of them. */
void rfim__form_refresh(rfim__form *form);
/* Memory `batch` of the primal forms: collects this batch of a step; and then factorises the step's
 * metric. */
void rfim__form_gather(rfim__form *form, const rfim_trace *trace);
void rfim__form_of_batch(rfim__form *form, const rfim_trace *trace);

#endif
