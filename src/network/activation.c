#include "network/activation.h"

#include "core/nearest.h"
#include "core/number.h"
#include "network/module.h"

#include <stdio.h>
#include <string.h>

#define LARGEST 1e6              /* of omega and alpha */
#define NARROWEST_SOFTPLUS 1e-30 /* 1/omega is finite in float32 */

static const char *const names[RFIM__ACTIVATIONS] = {
    [RFIM__LINEAR] = "linear", [RFIM__RELU] = "relu", [RFIM__ELU] = "elu",
    [RFIM__TANH] = "tanh",     [RFIM__SIGM] = "sigm", [RFIM__GELU] = "gelu",
    [RFIM__SILU] = "silu",     [RFIM__SIN] = "sin",   [RFIM__SOFTPLUS] = "softplus",
};

rfim__activation rfim__activation_defaults(rfim__activation_kind kind)
{
    rfim__activation f = {.kind = kind, .iota = 0, .omega = 1, .alpha = 1};
    return f;
}

/* The activations from outside, one after the other: NULL begins, NULL ends. */
static const rfim__custom_activation *next_custom(const rfim_context *context,
                                                  const rfim__custom_activation *custom)
{
    return (const void *)(custom ? custom->kept.next : context->activations);
}

bool rfim__activation_find(const rfim_context *context, const char *name, rfim__activation *out)
{
    for (int kind = 0; kind < RFIM__ACTIVATIONS; kind++) {
        if (strcmp(names[kind], name) == 0) {
            *out = rfim__activation_defaults((rfim__activation_kind)kind);
            return true;
        }
    }
    for (const rfim__custom_activation *c = next_custom(context, NULL); c;
         c = next_custom(context, c)) {
        if (strcmp(c->name, name) == 0) {
            *out = rfim__activation_defaults(RFIM__CUSTOM);
            out->custom = c;
            return true;
        }
    }
    return false;
}

const char *rfim__activation_name(rfim__activation_kind kind)
{
    return kind < RFIM__ACTIVATIONS ? names[kind] : NULL;
}

const char *rfim__activation_label(const rfim__activation *f)
{
    return f->kind == RFIM__CUSTOM ? f->custom->name : names[f->kind];
}

bool rfim__activation_is_increasing(const rfim__activation *f)
{
    switch (f->kind) {
    case RFIM__GELU:
    case RFIM__SILU:
    case RFIM__SIN:
        return false;
    case RFIM__CUSTOM:
        return f->custom->told.increasing != 0;
    default:
        return true;
    }
}

void rfim__setting_append(char *text, size_t size, size_t *used, const char *key, double value)
{
    char number[RFIM__NUMBER_SIZE];
    rfim__number_text(value, number);
    *used += (size_t)snprintf(text + *used, size - *used, " %s=%s", key, number);
}

static bool has_iota_and_omega(const rfim__activation *f)
{
    return f->kind == RFIM__RELU || f->kind == RFIM__SOFTPLUS;
}

bool rfim__activation_set(rfim__activation *f, const char *name, double value)
{
    double narrowest = f->kind == RFIM__SOFTPLUS ? NARROWEST_SOFTPLUS : 0;
    if (has_iota_and_omega(f) && strcmp(name, "iota") == 0 && value >= 0 && value < 1)
        f->iota = value;
    else if (has_iota_and_omega(f) && strcmp(name, "omega") == 0 && value >= narrowest &&
             value < LARGEST)
        f->omega = value;
    else if (f->kind == RFIM__ELU && strcmp(name, "alpha") == 0 && value > 0 && value < LARGEST)
        f->alpha = value;
    else
        return false;
    return true;
}

/* The sentence on a name that nobody knows: the nearest one, and the library's own. */
static rfim_status unknown(rfim_context *context, const char *word)
{
    const char *best = NULL;
    char own[128];
    size_t used = 0;
    for (int kind = 0; kind < RFIM__ACTIVATIONS; kind++) {
        rfim__nearest_consider(word, names[kind], &best);
        used += (size_t)snprintf(own + used, sizeof own - used, "%s%s", kind > 0 ? ", " : "",
                                 names[kind]);
    }
    for (const rfim__custom_activation *c = next_custom(context, NULL); c;
         c = next_custom(context, c))
        rfim__nearest_consider(word, c->name, &best);
    return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                      "network text: there is no activation `%.40s`; the nearest is `%s` (%s; a "
                      "program makes others known by rfim_activation_register)",
                      word, best, own);
}

rfim_status rfim__activation_parse(rfim_context *context, char **words, size_t count,
                                   rfim__activation *f)
{
    size_t next = 0;
    *f = rfim__activation_defaults(RFIM__LINEAR);
    if (next < count && !strchr(words[next], '=')) {
        if (!rfim__activation_find(context, words[next], f))
            return unknown(context, words[next]);
        next++;
    }
    for (; next < count; next++) {
        char key[16];
        double value = 0;
        if (!rfim__parse_setting(words[next], key, sizeof key, &value) ||
            !rfim__activation_set(f, key, value))
            return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                              "network text: `%.40s` is no setting of `%s`; relu and softplus take "
                              "iota=0...1 (below 1) and omega (relu 0 or more, softplus %g or "
                              "more), elu takes alpha above 0, all below %g",
                              words[next], rfim__activation_label(f), NARROWEST_SOFTPLUS, LARGEST);
    }
    return RFIM_OK;
}

void rfim__activation_describe(const rfim__activation *f, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, " %s", rfim__activation_label(f));
    if (has_iota_and_omega(f) && f->iota != 0)
        rfim__setting_append(text, size, &used, "iota", f->iota);
    if (has_iota_and_omega(f) && f->omega != 1)
        rfim__setting_append(text, size, &used, "omega", f->omega);
    if (f->kind == RFIM__ELU && f->alpha != 1)
        rfim__setting_append(text, size, &used, "alpha", f->alpha);
}

const rfim__activation_kernels *rfim__activation_kernels_of(const rfim__algebra *algebra)
{
    return RFIM__PICK_VARIANT(rfim__activations, algebra->context->kernels, algebra->precision);
}

/* Of a number on one core, in ns, times the 90 operations that a product does in one: relu .05,
 * gelu .6, by way of the C library 10, else .3. */
double rfim__activation_flops(const rfim__activation *f)
{
    switch (f->kind) {
    case RFIM__LINEAR:
    case RFIM__RELU:
        return 5;
    case RFIM__GELU:
        return 54;
    case RFIM__SIN:
        return 900;
    default:
        return 27;
    }
}

typedef struct activation_job {
    const rfim__algebra *algebra;
    void (*run)(const rfim__activation *f, rfim__matrix t, rfim__matrix out);
    const rfim__activation *f;
    rfim__matrix t;
    rfim__matrix out;
} activation_job;

static void run_tile(void *job, size_t tile, void *scratch)
{
    const activation_job *j = job;
    (void)scratch;
    j->run(j->f, rfim__row_tile(j->algebra, j->t, tile), rfim__row_tile(j->algebra, j->out, tile));
}

static void run_all(activation_job *job)
{
    double flops = rfim__activation_flops(job->f) * (double)job->t.rows * (double)job->t.columns;
    if (job->f->kind == RFIM__CUSTOM) /* the caller's function, on the caller's thread */
        job->run(job->f, job->t, job->out);
    else
        rfim__algebra_run(job->algebra, rfim__row_tiles(job->t), flops, run_tile, job);
}

void rfim__activation_forward(const rfim__algebra *algebra, const rfim__activation *f,
                              rfim__matrix t, rfim__matrix h)
{
    run_all(&(activation_job){algebra, rfim__activation_kernels_of(algebra)->forward, f, t, h});
}

void rfim__activation_backward(const rfim__algebra *algebra, const rfim__activation *f,
                               rfim__matrix t, rfim__matrix e)
{
    run_all(&(activation_job){algebra, rfim__activation_kernels_of(algebra)->backward, f, t, e});
}
