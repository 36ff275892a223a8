/* one_number.h - an activation's kernels at a single point, in either precision. */
#ifndef RFIM_TESTS_NETWORK_ONE_NUMBER_H
#define RFIM_TESTS_NETWORK_ONE_NUMBER_H

#include "network/small_network.h"

typedef enum one_number_kernel { VALUE, DERIVATIVE, SECOND, SLOPE } one_number_kernel;

/* f(t), f'(t), f''(t) or the slope, as the library computes it. */
static inline double one_number(const rfim__algebra *algebra, one_number_kernel kernel,
                                const rfim__activation *f, double t)
{
    const rfim__activation_kernels *kernels = rfim__activation_kernels_of(algebra);
    bool wide = algebra->precision == RFIM_DOUBLE;
    double t64 = t;
    double out64 = 1;
    float t32 = (float)t;
    float out32 = 1;
    rfim__matrix in = {wide ? (void *)&t64 : &t32, 1, 1, 1};
    rfim__matrix out = {wide ? (void *)&out64 : &out32, 1, 1, 1};
    if (kernel == VALUE)
        kernels->forward(f, in, out);
    else if (kernel == DERIVATIVE)
        kernels->backward(f, in, out);
    else if (kernel == SECOND)
        kernels->second(f, in, out);
    else
        kernels->slope(f, in, out);
    return wide ? out64 : (double)out32;
}

/* "relu iota=0.1" */
static inline rfim__activation one_activation(rfim_context *context, const char *text)
{
    rfim__activation f;
    char words[64];
    char *word[4];
    size_t count = 0;
    strcpy(words, text);
    for (char *w = strtok(words, " "); w && count < 4; w = strtok(NULL, " "))
        word[count++] = w;
    must(context, rfim__activation_parse(context, word, count, &f));
    return f;
}

#endif
