/* factor.c - metrics are factorised and solved with. */
#include "core/size.h"
#include "metric/vector.h"
#include "subsystem/handle.h"

#include <math.h>
#include <string.h>

/* Says why there is no new factor. */
static rfim_status refuse_factor(rfim_metric *metric, double eps, size_t block)
{
    const char *stays = metric->core->factorised ? "; the last good factor stays" : "";
    double metric_trace = 0;
    rfim_metric_metric_trace(metric, &metric_trace);
    if (!isfinite(metric_trace))
        return rfim__fail(metric->context, RFIM_DIVERGED,
                          "metric of %s: it holds NaN or infinite numbers, so the network's "
                          "weights or inputs are far too large%s",
                          metric->subsystem.name, stays);
    return rfim__fail(metric->context, RFIM_ERROR_NOT_POSITIVE_DEFINITE,
                      "metric of %s: `%s` is not positive definite with damping %g%s (block %zu of "
                      "%zu)%s; raise the damping",
                      metric->subsystem.name, metric->core->table->name, eps,
                      eps > 0 ? ", nor with 10, 100 and 1000 times that" : "", block,
                      metric->core->blocks, stays);
}

rfim_status rfim_metric_refresh(rfim_metric *metric, rfim_damping_rule rule, double eps,
                                rfim_metric_refresh_report *report)
{
    if (!metric)
        return RFIM_ERROR_ARGUMENT;
    const rfim_metric_options *options = &metric->subsystem.options;
    if ((int)rule < 0 || rule > RFIM_DAMPING_ABSOLUTE || !(eps >= 0 && isfinite(eps)))
        return rfim__fail(metric->context, RFIM_ERROR_ARGUMENT,
                          "metric of %s: damping is a rule of rfim_damping_rule and a finite "
                          "number of at least 0, found %d and %g",
                          metric->subsystem.name, (int)rule, eps);
    if (options->representation == RFIM_KRONECKER && rule == RFIM_DAMPING_DIAGONAL &&
        options->kronecker_rule == RFIM_KRONECKER_FACTORED)
        return rfim__fail(metric->context, RFIM_ERROR_UNSUPPORTED,
                          "metric of %s: K-FAC's factored damping has no rule `diagonal`; take "
                          "another rule, or RFIM_KRONECKER_EXACT",
                          metric->subsystem.name);
    rfim__algebra_begin(metric->context);
    rfim_metric_refresh_report result = rfim__metric_refresh(metric->core, rule, eps);
    rfim__algebra_end(metric->context);
    if (report)
        *report = result;
    if (!result.kept) {
        metric->factor_pass = metric->pass;
        return RFIM_OK;
    }
    return refuse_factor(metric, eps, result.block);
}

rfim_status rfim_metric_damping(rfim_metric *metric, double *lambda)
{
    if (!metric || !lambda)
        return RFIM_ERROR_ARGUMENT;
    const rfim__shape *shape = &metric->subsystem.shape;
    rfim__metric *core = metric->core;
    rfim_status status = rfim__handle_check_factor(metric, "rfim_metric_damping");
    if (status != RFIM_OK)
        return status;
    size_t rows = shape->parts[0].rows;
    size_t columns = shape->parts[0].columns;
    rfim__algebra *algebra = core->algebra;
    if (core->block_order == shape->order) { /* one block: flat */
        algebra->ops.export(algebra, core->lambda, lambda);
        return RFIM_OK;
    }
    for (size_t j = 0; j < columns; j++) /* a column a neuron, or one for all */
        algebra->ops.export(algebra,
                            rfim__columns(algebra, core->lambda, core->blocks == 1 ? 0 : j, 1),
                            lambda + j * rows);
    return RFIM_OK;
}

/* A verb of the table that turns v into out. */
typedef void (*verb)(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out);

static rfim_status apply(rfim_metric *metric, verb turn, const double *v, double *out)
{
    rfim__algebra_begin(metric->context);
    rfim_status status = rfim__handle_import(metric, v);
    if (status == RFIM_OK) {
        turn(metric->core, metric->v, metric->out);
        rfim__handle_export(metric, metric->out, out);
    }
    rfim__algebra_end(metric->context);
    return status;
}

rfim_status rfim_metric_solve(rfim_metric *metric, const double *v, double *out)
{
    if (!metric || !v || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim_status status = rfim__handle_check_factor(metric, "rfim_metric_solve");
    return status == RFIM_OK ? apply(metric, metric->core->table->solve, v, out) : status;
}

rfim_status rfim_metric_sqrt_solve(rfim_metric *metric, const double *v, double *out)
{
    if (!metric || !v || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim_status status = rfim__handle_check_factor(metric, "rfim_metric_sqrt_solve");
    if (status != RFIM_OK)
        return status;
    if (!metric->core->table->sqrt_solve)
        return rfim__fail(metric->context, RFIM_ERROR_UNSUPPORTED,
                          "metric of %s: `%s` has no square root; take `dense` or `kronecker`",
                          metric->subsystem.name, metric->core->table->name);
    return apply(metric, metric->core->table->sqrt_solve, v, out);
}

rfim_status rfim_metric_multiply(rfim_metric *metric, const double *v, double *out)
{
    if (!metric || !v || !out)
        return RFIM_ERROR_ARGUMENT;
    return apply(metric, metric->core->table->multiply, v, out);
}

rfim_status rfim_metric_log_det(rfim_metric *metric, double *out)
{
    if (!metric || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim_status status = rfim__handle_check_factor(metric, "rfim_metric_log_det");
    if (status != RFIM_OK)
        return status;
    rfim__algebra_begin(metric->context);
    *out = metric->core->table->log_det(metric->core);
    rfim__algebra_end(metric->context);
    return RFIM_OK;
}

/* --- gradients -------------------------------------------------------------------------------- */

static rfim_status check_gradient(rfim_metric *metric, const rfim_trace *trace)
{
    if (metric->subsystem.options.variable == RFIM_VARIABLE_INPUT)
        return rfim__fail(metric->context, RFIM_ERROR_UNSUPPORTED,
                          "metric of %s: its variable is the input, which is not trained",
                          metric->subsystem.name);
    if (trace->network != metric->network || !trace->backward_done)
        return rfim__fail(metric->context, RFIM_ERROR_ARGUMENT,
                          "metric of %s: call rfim_trace_backward first, on a trace of the same "
                          "network",
                          metric->subsystem.name);
    return RFIM_OK;
}

/* v <- the gradients on the trace */
static void read_gradient(rfim_metric *metric, const rfim_trace *trace)
{
    rfim__algebra *algebra = metric->network->algebra;
    for (size_t p = 0; p < metric->subsystem.shape.count; p++) {
        const rfim__part *part = &metric->subsystem.shape.parts[p];
        rfim__matrix gradient = rfim__columns(algebra, rfim__trace_gradient(trace, part->module),
                                              part->first_output, part->columns);
        algebra->ops.combine(algebra, 1, gradient, 0, gradient, metric->v[p]);
    }
}

rfim_status rfim_metric_gradient(rfim_metric *metric, const rfim_trace *trace, double *out)
{
    if (!metric || !trace || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim_status status = check_gradient(metric, trace);
    if (status != RFIM_OK)
        return status;
    rfim__algebra_begin(metric->context);
    read_gradient(metric, trace);
    rfim__handle_export(metric, metric->v, out);
    rfim__algebra_end(metric->context);
    return RFIM_OK;
}

/* Whether the factor is of just the pass whose deltas lie on the trace, and these are no more than
 * the gradient of a neuron has numbers (dual.h). Of classes the deltas must sum to 0, as those of
 * the soft-max loss do. */
static bool is_dual(const rfim_metric *metric, const rfim_trace *trace)
{
    const rfim__shape *shape = &metric->subsystem.shape;
    const rfim_network *network = metric->network;
    bool classes = shape->curvature == RFIM__CLASSES && network->loss == RFIM_LOSS_SOFTMAX &&
                   shape->parts[0].module + 1 == network->count;
    return metric->core->table->direction_from_delta && shape->count == 1 &&
           shape->parts[0].kind == RFIM__LAYER && trace->samples <= shape->parts[0].rows &&
           (classes || shape->curvature == RFIM__WEIGHTS || shape->curvature == RFIM__UNIT) &&
           metric->factor_pass == trace->pass;
}

rfim_status rfim_metric_direction(rfim_metric *metric, const rfim_trace *trace, double *out)
{
    if (!metric || !trace || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim_status status = check_gradient(metric, trace);
    if (status == RFIM_OK)
        status = rfim__handle_check_factor(metric, "rfim_metric_direction");
    if (status != RFIM_OK)
        return status;
    rfim__metric *core = metric->core;
    const rfim__part *part = &metric->subsystem.shape.parts[0];
    rfim__algebra_begin(metric->context);
    read_gradient(metric, trace);
    if (is_dual(metric, trace)) {
        rfim__matrix delta = rfim__columns(core->algebra, trace->slots[part->module].delta,
                                           part->first_output, part->columns);
        core->table->direction_from_delta(core, delta, metric->v, metric->out);
    } else {
        core->table->direction(core, metric->v, metric->out);
    }
    rfim__handle_export(metric, metric->out, out);
    rfim__algebra_end(metric->context);
    return RFIM_OK;
}

/* --- parameters ------------------------------------------------------------------------------- */

static rfim_status check_parameters(const rfim_metric *metric)
{
    if (metric->subsystem.options.variable == RFIM_VARIABLE_PARAMETERS)
        return RFIM_OK;
    return rfim__fail(metric->context, RFIM_ERROR_UNSUPPORTED,
                      "metric of %s: its variable is the input; it has no parameters",
                      metric->subsystem.name);
}

static rfim__matrix parameters_of(const rfim_metric *metric, const rfim__part *part)
{
    return rfim__columns(metric->network->algebra,
                         metric->network->modules[part->module].parameters, part->first_output,
                         part->columns);
}

rfim_status rfim_metric_parameters(rfim_metric *metric, double *theta)
{
    if (!metric || !theta)
        return RFIM_ERROR_ARGUMENT;
    rfim_status status = check_parameters(metric);
    if (status != RFIM_OK)
        return status;
    rfim__algebra *algebra = metric->network->algebra;
    for (size_t p = 0; p < metric->subsystem.shape.count; p++) {
        rfim__matrix from = parameters_of(metric, &metric->subsystem.shape.parts[p]);
        algebra->ops.combine(algebra, 1, from, 0, from, metric->v[p]);
    }
    rfim__handle_export(metric, metric->v, theta);
    return RFIM_OK;
}

rfim_status rfim_metric_parameters_set(rfim_metric *metric, const double *theta)
{
    if (!metric || !theta)
        return RFIM_ERROR_ARGUMENT;
    rfim_status status = check_parameters(metric);
    if (status == RFIM_OK)
        status = rfim__handle_import(metric, theta);
    if (status != RFIM_OK)
        return status;
    rfim__algebra *algebra = metric->network->algebra;
    for (size_t p = 0; p < metric->subsystem.shape.count; p++)
        algebra->ops.combine(algebra, 1, metric->v[p], 0, metric->v[p],
                             parameters_of(metric, &metric->subsystem.shape.parts[p]));
    metric->network->edition++;
    return RFIM_OK;
}
