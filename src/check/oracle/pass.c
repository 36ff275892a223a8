/* A step in an entry (k, j) of W moves t_j by step times what the entry is multiplied with, so that
 * no parameters are copied: t_j = sum_k W_kj x~_k + sum over the entries of theta in this column of
 * shift x~_k. */
#include "check/oracle/pass.h"

#include "check/oracle/activation.h"
#include "check/oracle/memory.h"
#include "check/oracle/quadrature.h"

#include <math.h>

static bool activation_is_legal(const rfim__oracle_activation *f)
{
    if (f->function == RFIM__ORACLE_GIVEN)
        return f->value && f->derivative;
    return f->function != RFIM__ORACLE_SOFTPLUS || f->omega > 0;
}

static bool module_is_legal(const rfim__oracle_module *module)
{
    if (module->inputs == 0 || module->outputs == 0 || !activation_is_legal(&module->activation))
        return false;
    switch (module->kind) {
    case RFIM__ORACLE_LINEAR:
        return module->parameters != NULL;
    case RFIM__ORACLE_BATCH_NORM:
        return module->parameters && module->mean && module->scale &&
               module->inputs == module->outputs;
    case RFIM__ORACLE_ELEMENTWISE:
        return module->inputs == module->outputs;
    }
    return false;
}

static bool entry_is_legal(const rfim__oracle_problem *problem, const rfim__oracle_entry *entry)
{
    if (entry->module == RFIM__ORACLE_INPUT)
        return entry->row < problem->modules[0].inputs && entry->column == 0;
    if (entry->module >= problem->count)
        return false;
    const rfim__oracle_module *module = &problem->modules[entry->module];
    size_t rows = rfim__oracle_neurons(problem->modules, entry->module, 0, 1, NULL);
    return entry->row < rows && entry->column < module->outputs;
}

static bool response_is_legal(const rfim__oracle_response *response)
{
    switch (response->family) {
    case RFIM__ORACLE_BERNOULLI01:
    case RFIM__ORACLE_BERNOULLI11:
    case RFIM__ORACLE_CATEGORICAL:
    case RFIM__ORACLE_POISSON:
        return true;
    case RFIM__ORACLE_GAUSSIAN:
        return response->sigma > 0 && activation_is_legal(&response->mean);
    case RFIM__ORACLE_BREGMAN:
        return activation_is_legal(&response->mean);
    }
    return false;
}

static bool problem_is_legal(const rfim__oracle_problem *problem)
{
    const rfim__oracle_memory *memory = &problem->memory;
    if (!problem->modules || problem->count == 0 || !problem->x || problem->samples == 0 ||
        !problem->theta || problem->order == 0 || !memory->allocate || !memory->release ||
        problem->nodes == 1 || problem->nodes > RFIM__ORACLE_MOST_NODES ||
        !response_is_legal(&problem->response))
        return false;
    for (size_t l = 0; l < problem->count; l++)
        if (!module_is_legal(&problem->modules[l]) ||
            (l > 0 && problem->modules[l].inputs != problem->modules[l - 1].outputs))
            return false;
    for (size_t k = 0; k < problem->order; k++)
        if (!entry_is_legal(problem, &problem->theta[k]))
            return false;
    return true;
}

rfim__oracle_status rfim__oracle_pass_begin(const rfim__oracle_problem *problem,
                                            rfim__oracle_pass *pass)
{
    *pass = (rfim__oracle_pass){.problem = problem};
    if (!problem_is_legal(problem))
        return RFIM__ORACLE_SHAPE;
    size_t widest = problem->modules[0].inputs;
    for (size_t l = 0; l < problem->count; l++)
        if (problem->modules[l].outputs > widest)
            widest = problem->modules[l].outputs;
    pass->inputs = problem->modules[0].inputs;
    pass->outputs = problem->modules[problem->count - 1].outputs;
    const rfim__oracle_memory *memory = &problem->memory;
    pass->shift = rfim__oracle_array(memory, problem->order, 1, sizeof *pass->shift);
    pass->input = rfim__oracle_array(memory, pass->inputs, 1, sizeof *pass->input);
    pass->x = rfim__oracle_array(memory, widest, 1, sizeof *pass->x);
    pass->pre = rfim__oracle_array(memory, widest, 1, sizeof *pass->pre);
    pass->t = rfim__oracle_array(memory, pass->outputs, 1, sizeof *pass->t);
    pass->steps = rfim__oracle_array(memory, problem->order, pass->outputs, sizeof *pass->steps);
    if (pass->shift && pass->input && pass->x && pass->pre && pass->t && pass->steps)
        return RFIM__ORACLE_OK;
    rfim__oracle_pass_end(pass);
    return RFIM__ORACLE_MEMORY;
}

void rfim__oracle_pass_end(rfim__oracle_pass *pass)
{
    const rfim__oracle_memory *memory = &pass->problem->memory;
    rfim__oracle_release(memory, pass->shift);
    rfim__oracle_release(memory, pass->input);
    rfim__oracle_release(memory, pass->x);
    rfim__oracle_release(memory, pass->pre);
    rfim__oracle_release(memory, pass->t);
    rfim__oracle_release(memory, pass->steps);
    *pass = (rfim__oracle_pass){.problem = pass->problem};
}

/* What the parameter (k, j) is multiplied with in t_j. */
static double complex factor_of(const rfim__oracle_module *module, const double complex *x,
                                size_t k, size_t j)
{
    if (module->kind == RFIM__ORACLE_LINEAR)
        return k < module->inputs ? x[k] : 1;
    return k == 0 ? (x[j] - module->mean[j]) * module->scale[j] : 1;
}

static void pre_activation(const rfim__oracle_pass *pass, size_t l, const double complex *x,
                           double complex *t)
{
    const rfim__oracle_problem *problem = pass->problem;
    const rfim__oracle_module *module = &problem->modules[l];
    size_t rows = rfim__oracle_neurons(problem->modules, l, 0, 1, NULL);
    for (size_t j = 0; j < module->outputs; j++) {
        t[j] = module->kind == RFIM__ORACLE_ELEMENTWISE ? x[j] : 0;
        for (size_t k = 0; k < rows; k++)
            t[j] += module->parameters[k * module->outputs + j] * factor_of(module, x, k, j);
    }
    for (size_t q = 0; q < problem->order; q++) {
        const rfim__oracle_entry *entry = &problem->theta[q];
        if (entry->module == l)
            t[entry->column] += pass->shift[q] * factor_of(module, x, entry->row, entry->column);
    }
}

double rfim__oracle_forward(const rfim__oracle_pass *pass, size_t first, size_t last,
                            const double complex *input, double complex *t)
{
    const rfim__oracle_problem *problem = pass->problem;
    double reach = 0;
    for (size_t k = 0; k < problem->modules[first].inputs; k++)
        pass->x[k] = input[k];
    for (size_t q = 0; first == 0 && q < problem->order; q++)
        if (problem->theta[q].module == RFIM__ORACLE_INPUT)
            pass->x[problem->theta[q].row] += pass->shift[q];
    for (size_t l = first; l <= last; l++) {
        const rfim__oracle_module *module = &problem->modules[l];
        pre_activation(pass, l, pass->x, pass->pre);
        for (size_t j = 0; j < module->outputs; j++) {
            reach = fmax(reach, fabs(cimag(pass->pre[j])));
            pass->x[j] = rfim__oracle_apply(&module->activation, pass->pre[j]);
        }
    }
    for (size_t j = 0; j < problem->modules[last].outputs; j++)
        t[j] = pass->pre[j];
    return reach;
}

double rfim__oracle_run(const rfim__oracle_pass *pass, size_t sample)
{
    const rfim__oracle_problem *problem = pass->problem;
    for (size_t k = 0; k < pass->inputs; k++)
        pass->input[k] = problem->x[sample * pass->inputs + k];
    return rfim__oracle_forward(pass, 0, problem->count - 1, pass->input, pass->t);
}

void rfim__oracle_steps(const rfim__oracle_pass *pass, size_t sample)
{
    for (size_t k = 0; k < pass->problem->order; k++) {
        double complex shift = pass->shift[k];
        pass->shift[k] = shift + I * RFIM__ORACLE_STEP;
        rfim__oracle_run(pass, sample);
        pass->shift[k] = shift;
        for (size_t j = 0; j < pass->outputs; j++)
            pass->steps[k * pass->outputs + j] = pass->t[j];
    }
}

rfim__oracle_status rfim__oracle_output(const rfim__oracle_problem *problem, size_t sample,
                                        double *t)
{
    rfim__oracle_pass pass;
    rfim__oracle_status status = rfim__oracle_pass_begin(problem, &pass);
    if (status)
        return status;
    if (sample < problem->samples) {
        rfim__oracle_run(&pass, sample);
        for (size_t j = 0; j < pass.outputs; j++)
            t[j] = creal(pass.t[j]);
    } else
        status = RFIM__ORACLE_SHAPE;
    rfim__oracle_pass_end(&pass);
    return status;
}

rfim__oracle_status rfim__oracle_jacobian(const rfim__oracle_problem *problem, size_t sample,
                                          double *jacobian)
{
    rfim__oracle_pass pass;
    rfim__oracle_status status = rfim__oracle_pass_begin(problem, &pass);
    if (status)
        return status;
    if (sample < problem->samples) {
        rfim__oracle_steps(&pass, sample);
        for (size_t j = 0; j < pass.outputs; j++)
            for (size_t k = 0; k < problem->order; k++)
                jacobian[j * problem->order + k] = cimag(pass.steps[k * pass.outputs + j]) /
                                                   RFIM__ORACLE_STEP;
    } else
        status = RFIM__ORACLE_SHAPE;
    rfim__oracle_pass_end(&pass);
    return status;
}
