#include "network/activation.h"

#include "core/number.h"

#include <stdio.h>
#include <string.h>

static const char *const names[RFIM__ACTIVATIONS] = {
    [RFIM__LINEAR] = "linear", [RFIM__RELU] = "relu", [RFIM__ELU] = "elu",
    [RFIM__TANH] = "tanh",     [RFIM__SIGM] = "sigm",
};

rfim__activation rfim__activation_defaults(rfim__activation_kind kind)
{
    rfim__activation f = {.kind = kind, .iota = 0, .omega = 1, .alpha = 1};
    return f;
}

rfim__activation_kind rfim__activation_find(const char *name)
{
    int kind = 0;
    while (kind < RFIM__ACTIVATIONS && strcmp(names[kind], name) != 0)
        kind++;
    return (rfim__activation_kind)kind;
}

const char *rfim__activation_name(rfim__activation_kind kind)
{
    return kind < RFIM__ACTIVATIONS ? names[kind] : NULL;
}

void rfim__setting_append(char *text, size_t size, size_t *used, const char *key, double value)
{
    char number[RFIM__NUMBER_SIZE];
    rfim__number_text(value, number);
    *used += (size_t)snprintf(text + *used, size - *used, " %s=%s", key, number);
}

bool rfim__activation_set(rfim__activation *f, const char *name, double value)
{
    if (f->kind == RFIM__RELU && strcmp(name, "iota") == 0 && value >= 0 && value < 1)
        f->iota = value;
    else if (f->kind == RFIM__RELU && strcmp(name, "omega") == 0 && value >= 0 && value < 1e6)
        f->omega = value;
    else if (f->kind == RFIM__ELU && strcmp(name, "alpha") == 0 && value > 0 && value < 1e6)
        f->alpha = value;
    else
        return false;
    return true;
}

void rfim__activation_describe(const rfim__activation *f, char *text, size_t size)
{
    text[0] = '\0';
    if (f->kind == RFIM__LINEAR)
        return;
    size_t used = (size_t)snprintf(text, size, " %s", names[f->kind]);
    if (f->kind == RFIM__RELU && f->iota != 0)
        rfim__setting_append(text, size, &used, "iota", f->iota);
    if (f->kind == RFIM__RELU && f->omega != 1)
        rfim__setting_append(text, size, &used, "omega", f->omega);
    if (f->kind == RFIM__ELU && f->alpha != 1)
        rfim__setting_append(text, size, &used, "alpha", f->alpha);
}

const rfim__activation_kernels *rfim__activation_kernels_of(const rfim__algebra *algebra)
{
    return RFIM__PICK_VARIANT(rfim__activations, algebra->context->kernels, algebra->precision);
}
