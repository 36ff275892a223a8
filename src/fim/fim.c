#include "core/number.h"
#include "core/size.h"
#include "fim/expression.h"

#define NODES 3
#define MOST 1024
#define DRAWS 1000
#define SEED 1
#define MAX_BYTES ((size_t)1 << 31)

typedef struct expression {
    const char *name;
    rfim_status (*compute)(rfim__fim_task *task);
    size_t matrices; /* N x N, out included */
} expression;

static const expression expressions[RFIM_FIM_EXPRESSIONS] = {
    [RFIM_FIM_SCORES] = {"scores", rfim__fim_scores, 1},
    [RFIM_FIM_HESSIAN] = {"hessian", rfim__fim_hessian, 1},
    [RFIM_FIM_ROOTS] = {"roots", rfim__fim_roots, 1},
    [RFIM_FIM_METRIC] = {"metric", rfim__fim_metric, 1 + RFIM__METRIC_MATRICES},
    [RFIM_FIM_OBSERVED] = {"observed", rfim__fim_observed, 1},
    [RFIM_FIM_EMPIRICAL] = {"empirical", rfim__fim_empirical, 1},
};

void rfim_fim_defaults(rfim_fim_options *options)
{
    *options = (rfim_fim_options){
        .nodes = NODES, .most = MOST, .draws = DRAWS, .seed = SEED, .max_bytes = MAX_BYTES};
}

static bool is_expression(rfim_fim_expression which)
{
    return (int)which >= 0 && (int)which < RFIM_FIM_EXPRESSIONS;
}

const char *rfim_fim_expression_name(rfim_fim_expression which)
{
    return is_expression(which) ? expressions[which].name : NULL;
}

static rfim_status check_options(rfim_context *context, const rfim_fim_options *options)
{
    if (options->nodes < 2 || options->nodes > RFIM__MOST_NODES)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "fim: quadrature has 2 to %d nodes an output, found %zu",
                          RFIM__MOST_NODES, options->nodes);
    if (options->draws < 2)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "fim: a standard error needs at least 2 draws of y, found %zu",
                          options->draws);
    return RFIM_OK;
}

/* Before anything is allocated. */
static rfim_status check_size(rfim_network *network, const expression *which,
                              const rfim_fim_options *options)
{
    size_t order = rfim_network_parameters(network);
    size_t bytes = 0;
    char taken[RFIM__BYTES_TEXT];
    char limit[RFIM__BYTES_TEXT];
    if (rfim__size_multiply(order, order, &bytes) &&
        rfim__size_multiply(bytes, which->matrices * sizeof(double), &bytes) &&
        bytes <= options->max_bytes)
        return RFIM_OK;
    rfim__bytes_text(8.0 * (double)which->matrices * (double)order * (double)order, taken);
    rfim__bytes_text((double)options->max_bytes, limit);
    return rfim__fail(network->context, RFIM_ERROR_MEMORY,
                      "fim: `%s` of %zu parameters takes %zu matri%s of %zu x %zu, %s, more than "
                      "the %s allowed; take a smaller network, or raise the limit",
                      which->name, order, which->matrices, which->matrices == 1 ? "x" : "ces",
                      order, order, taken, limit);
}

static rfim_status compute(rfim__fim_task *task, const expression *which)
{
    const rfim__subject *subject = task->subject;
    rfim__algebra *algebra = subject->network->algebra;
    algebra->ops.fill(algebra, 0, task->out);
    rfim_status status = which->compute(task);
    if (status == RFIM_OK && !algebra->ops.finite(algebra, task->out))
        status = rfim__fail(subject->context, RFIM_DIVERGED,
                            "fim: `%s` has numbers that are not finite; the network's weights or "
                            "inputs are too large",
                            which->name);
    return status;
}

rfim_status rfim_fim(rfim_network *network, rfim_array inputs, rfim_array targets,
                     rfim_fim_expression which, const rfim_fim_options *options, double *out,
                     rfim_fim_report *report)
{
    rfim_fim_options settings;
    rfim_fim_defaults(&settings);
    if (options)
        settings = *options;
    if (!network || !out)
        return RFIM_ERROR_ARGUMENT;
    if (!is_expression(which))
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "fim: the expression is one of rfim_fim_expression, found %d",
                          (int)which);
    rfim_status status = check_options(network->context, &settings);
    if (status == RFIM_OK)
        status = check_size(network, &expressions[which], &settings);
    if (status != RFIM_OK)
        return status;
    size_t order = rfim_network_parameters(network);
    rfim__subject subject;
    rfim__fim_task task = {.subject = &subject,
                           .options = &settings,
                           .targets = targets,
                           .out = {out, order, order, order},
                           .report = {.exact = 1}};
    rfim__algebra_begin(network->context);
    status = rfim__subject_begin(network, inputs, &subject);
    if (status == RFIM_OK) {
        status = compute(&task, &expressions[which]);
        rfim__subject_end(&subject);
    }
    rfim__algebra_end(network->context);
    if (status == RFIM_OK && report)
        *report = task.report;
    return status;
}
