/* group_network.c - the metric of a whole network with respect to its own response is its Fisher
 * information: by enumeration or quadrature, as J^T F J, and its diagonal blocks by the
 * back-propagation of metrics, mean_i P_l (x) h~_{l-1} h~_{l-1}^T. */
#include "check/compare.h"
#include "check/oracle/activation.h"
#include "check/oracle_of.h"

#include <math.h>

#define STEP 1e-40 /* of the complex step */

static const struct row {
    const char *name;
    const char *text; /* the last module is linear */
} rows[] = {
    {"tanh, soft-max", "input 3; linear 4 tanh; linear 3; loss softmax"},
    {"sigm tanh, sigmoid", "input 3; linear 3 sigm; linear 3 tanh; linear 2; loss sigmoid"},
    {"relu, squared", "input 3; linear 4 relu; linear 2; loss squared"},
    {"relu elu, soft-max", "input 3; linear 3 relu; linear 3 elu; linear 3; loss softmax"},
    {"gelu silu, squared", "input 3; linear 3 gelu; linear 3 silu; linear 2; loss squared"},
    {"softplus sin, soft-max", "input 2; linear 3 softplus; linear 3 sin; linear 3; loss softmax"},
    {"linear, soft-max", "input 3; linear 3; linear 3; loss softmax"},
    {"norm after tanh, soft-max", "input 3; linear 3 tanh; batchnorm; linear 3; loss softmax"},
    {"norm before elu, squared",
     "input 3; linear 3; batchnorm; activation elu; linear 2; loss squared"},
};

static const struct row wide[] = {
    {"five layers, soft-max",
     "input 5; linear 6 tanh; linear 5 elu; linear 5 sigm; linear 4 relu; linear 4; loss softmax"},
    {"wide, sigmoid", "input 8; linear 12 tanh; linear 4; loss sigmoid"},
    {"norm twice, squared",
     "input 4; linear 5 tanh; batchnorm; linear 5; batchnorm; activation silu; linear 3; "
     "loss squared"},
};

/* (1/n) sum_i J_i^T F_i J_i with the oracle's J and F. */
static double *jacobian_metric(rfim__check *check, const rfim__oracle_problem *problem)
{
    size_t order = problem->order;
    size_t m = problem->modules[problem->count - 1].outputs;
    double *g = rfim__check_numbers(check, order * order);
    double *j = rfim__check_numbers(check, m * order);
    for (size_t i = 0; i < problem->samples; i++) {
        const double *f = rfim__oracle_information(check, problem, i);
        if (!g || !j || !f || rfim__oracle_jacobian(problem, i, j) != RFIM__ORACLE_OK)
            return NULL;
        for (size_t p = 0; p < order; p++)
            for (size_t a = 0; a < m; a++)
                for (size_t b = 0; b < m; b++)
                    for (size_t q = 0; q < order; q++)
                        g[p * order + q] += j[a * order + p] * f[a * m + b] * j[b * order + q] /
                                            (double)problem->samples;
    }
    return g;
}

/* --- back-propagation of metrics -------------------------------------------------------------- */

static rfim__matrix new_matrix(rfim__check *check, size_t rows_, size_t columns)
{
    size_t stride = rfim__stride(columns);
    return (rfim__matrix){rfim__check_numbers(check, rows_ * stride), rows_, columns, stride};
}

/* d t_j / d (parameter row r of neuron j) at sample i */
static double reference(const rfim__toy *s, size_t l, size_t i, size_t j, size_t r)
{
    const rfim__oracle_module *at = &s->modules[l];
    const double *x = (l > 0 ? s->out[l - 1] : s->x) + i * at->inputs;
    if (at->kind == RFIM__ORACLE_BATCH_NORM)
        return r == 0 ? (x[j] - at->mean[j]) * at->scale[j] : 1;
    return r < at->inputs ? x[r] : 1;
}

/* f'(t) */
static double slope(const rfim__toy *s, size_t l, size_t i, size_t j)
{
    const rfim__oracle_module *at = &s->modules[l];
    double t = s->pre[l][i * at->outputs + j];
    return cimag(rfim__oracle_apply(&at->activation, t + STEP * I)) / STEP;
}

/* block += (1/n) P_l (x) (reference)(reference)^T, with P_l = D' M D' from M on the output */
static void add_block(const rfim__toy *s, size_t l, size_t i, rfim__matrix metric, double *block)
{
    size_t rows_ = rfim__toy_rows(s, l);
    size_t order = rows_ * s->modules[l].outputs;
    const double *m = metric.data;
    for (size_t p = 0; p < order; p++)
        for (size_t q = 0; q < order; q++) {
            size_t j = p / rows_;
            size_t k = q / rows_;
            block[p * order + q] += slope(s, l, i, j) * m[j * metric.stride + k] *
                                    slope(s, l, i, k) * reference(s, l, i, j, p % rows_) *
                                    reference(s, l, i, k, q % rows_) / (double)s->samples;
        }
}

/* blocks[l] <- the diagonal block of module l, by the modules' own pull_back_metric. */
static bool back_propagate(rfim__toy *s, const rfim__oracle_problem *problem, size_t i,
                           double **blocks)
{
    rfim__check *check = s->check;
    rfim__algebra *algebra = s->network->algebra;
    size_t m = s->modules[s->count - 1].outputs;
    const double *f = rfim__oracle_information(check, problem, i);
    rfim__matrix p = new_matrix(check, m, m);
    if (!f || !p.data)
        return false;
    algebra->ops.import(algebra, f, p);
    for (size_t l = s->count; l-- > 0;) {
        const rfim__module *module = &s->network->modules[l];
        size_t d = module->inputs;
        m = module->outputs;
        rfim__matrix room_p = new_matrix(check, m, m);
        rfim__matrix room = new_matrix(check, d, m);
        rfim__matrix below = new_matrix(check, d, d);
        if (!rfim__check_is_well(check))
            return false;
        if (blocks[l])
            add_block(s, l, i, p, blocks[l]);
        module->table->pull_back_metric(algebra, module, &s->trace->slots[l], i, p, room_p, room,
                                        below);
        p = below;
    }
    return true;
}

/* The largest distance of a diagonal block of G from the one that was sent back. */
static double block_error(rfim__toy *s, const rfim__oracle_problem *problem, const double *g)
{
    rfim__check *check = s->check;
    double worst = 0;
    size_t first = 0;
    double **blocks = rfim__check_room(check, s->count, sizeof *blocks);
    if (!g || !blocks)
        return (double)NAN;
    for (size_t l = 0; l < s->count; l++) {
        size_t order = rfim__toy_rows(s, l) * s->modules[l].outputs;
        blocks[l] = order > 0 ? rfim__check_numbers(check, order * order) : NULL;
    }
    if (!rfim__check_is_well(check))
        return (double)NAN;
    rfim__algebra_begin(check->context);
    bool done = true;
    for (size_t i = 0; i < s->samples && done; i++)
        done = back_propagate(s, problem, i, blocks);
    rfim__algebra_end(check->context);
    for (size_t l = 0; l < s->count && done; l++) {
        size_t order = rfim__toy_rows(s, l) * s->modules[l].outputs;
        double *own = order > 0 ? rfim__check_numbers(check, order * order) : NULL;
        if (!own)
            continue;
        for (size_t p = 0; p < order; p++)
            for (size_t q = 0; q < order; q++)
                own[p * order + q] = g[(first + p) * problem->order + first + q];
        worst = rfim__check_worse(worst, rfim__check_difference(own, blocks[l], order * order));
        first += order;
    }
    return done && rfim__check_is_well(check) ? worst : (double)NAN;
}

static void check_row(rfim__check *check, const struct row *row, size_t samples)
{
    if (!rfim__check_begin(check, "%s", row->name))
        return;
    rfim__toy *s = rfim__toy_create(check, row->text, RFIM_DOUBLE, RFIM__TOY_PLAIN, samples);
    rfim_metric_options options = rfim__toy_options(0, s ? s->count - 1 : 0);
    rfim__oracle_problem problem;
    options.response = RFIM_RESPONSE_NETWORK;
    if (!s || !rfim__oracle_problem_of(s, &options, &problem))
        return;
    bool small = row < rows + sizeof rows / sizeof rows[0] && row >= rows;
    rfim__check_by_oracle(check, s, &options,
                          check->options->thorough && small ? RFIM__BY_ALL : RFIM__BY_SCORES);
    const double *g = rfim__toy_dense(s, &options);
    rfim__check_near(
        check, "J^T F J",
        rfim__check_difference(g, jacobian_metric(check, &problem), problem.order * problem.order),
        1e-12);
    rfim__check_near(check, "back-propag.", block_error(s, &problem, g), 1e-12);
}

void rfim__check_network(rfim__check *check)
{
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        check_row(check, &rows[r], 5);
    for (size_t r = 0; check->options->thorough && r < sizeof wide / sizeof wide[0]; r++)
        check_row(check, &wide[r], 20);
}
