/* activation_custom.c - activations from outside the library: a chain on the context, newest first.
 * They never move and are freed with it, so that networks may point at them. */
#include "network/activation.h"

#include <math.h>
#include <string.h>

/* Letters, digits and `_`, a letter first; the same in every locale. */
static bool is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char others[] = "0123456789_";
    if (name[0] == '\0' || !strchr(letters, name[0]))
        return false;
    for (const char *c = name; *c; c++)
        if (!strchr(letters, *c) && !strchr(others, *c))
            return false;
    return strlen(name) < RFIM__ACTIVATION_NAME;
}

rfim_status rfim_activation_register(rfim_context *context, const rfim_activation *activation)
{
    if (!context)
        return RFIM_ERROR_ARGUMENT;
    if (!activation || !activation->name || !activation->value || !activation->derivative)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "activation: it needs a name, a value and a derivative");
    if (!is_name(activation->name))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "activation: a name is a letter, then letters, digits and `_`, at most "
                          "%d in all, found `%.40s`",
                          RFIM__ACTIVATION_NAME - 1, activation->name);
    rfim__activation taken;
    /* `bna` stands where an activation may stand in the short form. */
    if (rfim__activation_find(context, activation->name, &taken) ||
        strcmp(activation->name, "bna") == 0)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "activation: the name `%s` is taken; give it another", activation->name);
    rfim__custom_activation *custom = rfim__allocate(context, 1, sizeof *custom);
    if (!custom)
        return RFIM_ERROR_MEMORY;
    memcpy(custom->name, activation->name, strlen(activation->name) + 1); /* is_name: it fits */
    custom->told = *activation;
    custom->told.name = custom->name;
    custom->kept.next = context->activations;
    context->activations = &custom->kept;
    return RFIM_OK;
}

/* f'' = [f'(t-2a) - 8 f'(t-a) + 8 f'(t+a) - f'(t+2a)] / 12 a + O(a^4). With a = 2^-10 the formula
 * is off by 3e-14 f^(6) and rounding by 2e-13; t +- a is exact for |t| < 2^40. */
double rfim__custom_second(const rfim__custom_activation *custom, double t)
{
    const rfim_activation *f = &custom->told;
    if (f->second_derivative)
        return f->second_derivative(f->user, t);
    double a = fmax(0x1p-10, fabs(t) * 0x1p-40);
    double near = f->derivative(f->user, t + a) - f->derivative(f->user, t - a);
    double far = f->derivative(f->user, t + 2 * a) - f->derivative(f->user, t - 2 * a);
    return (8 * near - far) / (12 * a);
}
