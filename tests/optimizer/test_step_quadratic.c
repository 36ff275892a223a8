/* Step control by the quadratic model: its curvature against differences of the loss, where the
 * model is exact a step to the minimum, and what goes with it; damping that follows it. The whole
 * rule against naive_rngd.h: test_rngd_options.c. */
#include "optimizer/by_hand.h"
#include "optimizer/damping_control.h"
#include "optimizer/optimizer_rig.h"
#include "optimizer/rngd.h"
#include "optimizer/step_quadratic.h"

#define INPUTS 5
#define OUTPUTS 4
#define BATCH 30

static rig begin(const char *text, rfim_precision precision)
{
    rig r = rig_with(text, precision, 4, BATCH);
    shake(r.network, 5);
    rngd_by_hand(&r.options);
    r.options.schedule = RFIM_SCHEDULE_CONSTANT;
    r.options.step_control = RFIM_STEP_QUADRATIC;
    r.options.learning_rate = 1;
    r.options.metric_every = 1;
    r.options.refresh_every = 1;
    return r;
}

static void create(rig *r)
{
    must(r->context, rfim_optimizer_create(r->trace, &r->options, &r->optimizer));
}

/* Always the same batch; the mean loss. */
static double pass(rig *r)
{
    double inputs[BATCH * INPUTS];
    double values[BATCH * OUTPUTS];
    int32_t classes[BATCH];
    double loss = 0;
    fill_normal(40, 1, inputs, BATCH * INPUTS);
    fill_normal(90, 1, values, BATCH * OUTPUTS);
    for (size_t k = 0; k < BATCH * OUTPUTS; k++) /* within (0, 1), as the sigmoid loss wants */
        values[k] = 1 / (1 + exp(-values[k]));
    for (size_t i = 0; i < BATCH; i++)
        classes[i] = (int32_t)(i * i % OUTPUTS);
    bool softmax = rfim_network_loss(r->network) == RFIM_LOSS_SOFTMAX;
    must(r->context, rfim_trace_forward(r->trace, rfim_doubles(inputs, BATCH, INPUTS)));
    must(r->context, rfim_trace_loss(r->trace,
                                     softmax ? rfim_labels(classes, BATCH)
                                             : rfim_doubles(values, BATCH, OUTPUTS),
                                     &loss));
    must(r->context, rfim_trace_backward(r->trace));
    return loss;
}

/* All numbers of the network <- base - scale step */
static void move(rig *r, const double *base, const double *step, double scale)
{
    double *numbers = calloc(all_numbers(r->network), sizeof *numbers);
    for (size_t k = 0; k < all_numbers(r->network); k++)
        numbers[k] = base[k] - scale * step[k];
    write_all(r->network, numbers);
    free(numbers);
}

/* ---- curvature ------------------------------------------------------------------------------- */

/* One layer, D and E drawn: the model has the second derivatives of the loss, which differences of
 * width 1e-3 give to 1e-6 of their size. */
static void curvature_is_that_of_the_loss(void **state)
{
    static const char *const losses[] = {"softmax", "sigmoid", "squared"};
    (void)state;
    for (size_t which = 0; which < 3; which++) {
        char text[64] = "input 5; linear 4; loss ";
        rig r = begin(strcat(text, losses[which]), RFIM_DOUBLE);
        rfim__quadratic model;
        rfim__quadratic_part part = {0};
        size_t count = all_numbers(r.network);
        must(r.context, rfim__quadratic_create(r.network, BATCH, &model));
        double *base = read_all(r.network);
        double *along[2] = {make_normal(6, 1, count), make_normal(7, 1, count)};
        pass(&r);
        write_all(r.network, along[0]);
        part.direction = r.network->modules[0].previous; /* of its shape */
        r.network->algebra->ops.combine(r.network->algebra, 1, r.network->modules[0].parameters, 0,
                                        part.direction, part.direction);
        write_all(r.network, along[1]);
        r.network->algebra->ops.combine(r.network->algebra, 1, r.network->modules[0].parameters, 0,
                                        model.last[0], model.last[0]);
        write_all(r.network, base);
        rfim__quadratic_solve(&model, r.trace, 0, &part);
        const double width = 1e-3;
        for (int pair = 0; pair < 3; pair++) {
            const double *d = along[pair == 2];
            const double *e = along[pair > 0];
            double corner[2][2];
            for (int s = 0; s < 4; s++) {
                double *both = calloc(count, sizeof *both);
                for (size_t k = 0; k < count; k++)
                    both[k] = (s & 1 ? width : -width) * d[k] + (s & 2 ? width : -width) * e[k];
                move(&r, base, both, 1);
                corner[s & 1][s >> 1] = pass(&r);
                free(both);
            }
            double expected = (corner[1][1] - corner[1][0] - corner[0][1] + corner[0][0]) /
                              (4 * width * width);
            if (!(fabs(model.square[pair] - expected) < 1e-5 * (1 + fabs(expected))))
                fail_msg("%s, pair %d: %.10g, differences give %.10g", losses[which], pair,
                         model.square[pair], expected);
        }
        rfim__quadratic_free(r.context, &model);
        free(along[0]);
        free(along[1]);
        free(base);
        rig_end(&r);
    }
}

/* Lambda of a metric with one block, with one for each output, and of a Kronecker product. */
static void damping_is_part_of_it(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        rig r = begin("input 5; linear 4; loss squared", RFIM_DOUBLE);
        rfim__algebra *algebra = r.network->algebra;
        rfim__quadratic model;
        rfim__matrix w = r.network->modules[0].parameters;
        double lambda[(INPUTS + 1) * 16];
        double outputs[OUTPUTS];
        fill_normal(1, 1, lambda, (INPUTS + 1) * 16);
        fill_normal(2, 1, outputs, OUTPUTS);
        must(r.context, rfim__quadratic_create(r.network, BATCH, &model));
        pass(&r);
        algebra->ops.multiply(algebra, w, w, model.last[0]);
        rfim__quadratic_part part = {.direction = w, .weight = 1};
        rfim__quadratic_solve(&model, r.trace, 0, &part);
        const double plain[3] = {model.square[0], model.square[1], model.square[2]};
        part.lambda = kind == 1 ? (rfim__matrix){lambda, INPUTS + 1, OUTPUTS, 16}
                                : (rfim__matrix){lambda, INPUTS + 1, 1, 1};
        if (kind == 2)
            part.outputs = (rfim__matrix){outputs, OUTPUTS, 1, 1};
        rfim__quadratic_solve(&model, r.trace, 0, &part);
        double sums[3] = {0, 0, 0};
        for (size_t k = 0; k <= INPUTS; k++)
            for (size_t j = 0; j < OUTPUTS; j++) {
                double d = ((double *)w.data)[k * w.stride + j];
                double weight = kind == 1 ? lambda[k * 16 + j] : lambda[k];
                if (kind == 2)
                    weight *= outputs[j];
                sums[0] += weight * d * d;
                sums[1] += weight * d * d * d; /* E = D^2, number by number */
                sums[2] += weight * d * d * d * d;
            }
        for (size_t c = 0; c < 3; c++)
            assert_true(fabs(model.square[c] - plain[c] - sums[c]) < 1e-12 * (1 + fabs(plain[c])));
        rfim__quadratic_free(r.context, &model);
        rig_end(&r);
    }
}

/* ---- where the model is exact ---------------------------------------------------------------- */

/* One layer and the squared error, next to no damping: along D and the last step nothing is left to
 * be had, and the cost falls by what the model says. The metric is the curvature itself but for the
 * first step, which goes by I / prior; so the second one is Newton's. */
static void a_quadratic_cost_is_minimised(void **state)
{
    (void)state;
    rig r = begin("input 5; linear 4; loss squared", RFIM_DOUBLE);
    r.options.last = RFIM_SHARED;
    r.options.metric_decay = 0;
    r.options.damping = 1e-12;
    r.options.damping_rule = RFIM_DAMPING_ABSOLUTE;
    create(&r);
    size_t count = all_numbers(r.network);
    for (int s = 0; s < 2; s++) {
        double before = pass(&r);
        double *from = read_all(r.network);
        must(r.context, rfim_optimizer_step(r.optimizer, r.trace));
        double *to = read_all(r.network);
        double after = pass(&r);
        double *gradient = read_gradients(r.trace);
        double slope = 0;
        for (size_t k = 0; k < count; k++)
            slope += gradient[k] * (to[k] - from[k]);
        assert_true(after < before);
        assert_true(fabs(slope) < 1e-10);
        for (size_t k = 0; k < count && s == 1; k++)
            assert_true(fabs(gradient[k]) < 1e-8);
        free(from);
        free(to);
        free(gradient);
    }
    rig_end(&r);
}

/* Networks with several layers and batch normalisation: the cost of the batch falls step by step,
 * in float32 too; and with the learning rate 0 nothing moves. */
static void costs_fall(void **state)
{
    static const char *const texts[] = {
        "input 5; linear 9 tanh; linear 8 relu; linear 4",
        "input 5; linear 9 relu; batchnorm; linear 7; activation sigm; linear 4; loss sigmoid",
        "input 5; linear 9 sigm; linear 8 elu; linear 4 tanh; loss squared",
    };
    (void)state;
    for (size_t t = 0; t < 3; t++) {
        for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
            rig r = begin(texts[t], (rfim_precision)precision);
            r.options.learning_rate = 0.5;
            r.options.damping = 0.01;
            r.options.damping_control = RFIM_DAMPING_CONTROL_LM;
            if (t == 2) { /* K-FAC's model in full */
                r.options.first = r.options.hidden = r.options.last = RFIM_KRONECKER;
                strcpy(r.options.response, "network");
            }
            create(&r);
            double first = pass(&r);
            double last = first;
            for (int s = 0; s < 12; s++) {
                must(r.context, rfim_optimizer_step(r.optimizer, r.trace));
                double now = pass(&r);
                if (!(now < last))
                    fail_msg("%s, step %d: %g after %g", texts[t], s + 1, now, last);
                last = now;
            }
            if (!(last < 0.95 * first))
                fail_msg("%s: %g after %g", texts[t], last, first);
            rig_end(&r);
        }
    }
}

/* A gradient that is 0 leaves everything as it is. */
static void nothing_to_do_is_done(void **state)
{
    (void)state;
    rig r = begin("input 5; linear 4; loss squared", RFIM_DOUBLE);
    double *numbers = calloc(all_numbers(r.network), sizeof *numbers);
    double inputs[INPUTS] = {1, 2, 3, 4, 5};
    double values[OUTPUTS] = {0};
    double loss = 0;
    create(&r);
    write_all(r.network, numbers);
    for (int s = 0; s < 6; s++) {
        must(r.context, rfim_trace_forward(r.trace, rfim_doubles(inputs, 1, INPUTS)));
        must(r.context, rfim_trace_loss(r.trace, rfim_doubles(values, 1, OUTPUTS), &loss));
        must(r.context, rfim_trace_backward(r.trace));
        must(r.context, rfim_optimizer_step(r.optimizer, r.trace));
    }
    double *after = read_all(r.network);
    assert_memory_equal(after, numbers, all_numbers(r.network) * sizeof *after);
    free(after);
    free(numbers);
    rig_end(&r);
}

/* ---- damping -----------------------------------------------------------------------------------
 */

static void damping_follows_the_prediction(void **state)
{
    const rfim__damping_control control = {.first = 0.01};
    const double down = pow(0.95, 5);
    (void)state;
    assert_true(fabs(rfim__damping_control_next(&control, 0.1, 0.8, 1) - 0.1 * down) < 1e-15);
    assert_true(rfim__damping_control_next(&control, 0.1, 0.5, 1) == 0.1);
    assert_true(fabs(rfim__damping_control_next(&control, 0.1, 0.2, 1) - 0.1 / down) < 1e-15);
    assert_true(fabs(rfim__damping_control_next(&control, 0.1, -3, 1) - 0.1 / down) < 1e-15);
    assert_true(fabs(rfim__damping_control_next(&control, 0.1, NAN, 1) - 0.1 / down) < 1e-15);
    assert_true(rfim__damping_control_next(&control, 0.1, 1, 0) == 0.1); /* nothing was predicted */
    assert_true(rfim__damping_control_next(&control, 1.1e-5, 1, 1) == 1e-5);
    assert_true(rfim__damping_control_next(&control, 9, 0, 1) == 10);
}

/* ---- what goes with it -------------------------------------------------------------------------
 */

static void refuse(void (*change)(rfim_optimizer_options *), const char *words)
{
    rig r = begin("input 5; linear 9 tanh; linear 4", RFIM_DOUBLE);
    change(&r.options);
    refused(r.context, rfim_optimizer_create(r.trace, &r.options, &r.optimizer),
            RFIM_ERROR_ARGUMENT, words);
    rig_end(&r);
}

static void with_momentum(rfim_optimizer_options *options)
{
    options->momentum = 0.5;
}

static void with_several_batches(rfim_optimizer_options *options)
{
    options->accumulate = 2;
}

static void with_prior(rfim_optimizer_options *options)
{
    strcpy(options->metric_memory, "prior+batch");
}

static void with_inputs(rfim_optimizer_options *options)
{
    options->first = RFIM_SHARED;
    strcpy(options->form, "layer1=inputs,automatic");
}

static void with_whitened(rfim_optimizer_options *options)
{
    options->first = RFIM_SHARED;
    strcpy(options->metric_memory, "layer1=dataset,ema");
}

static void with_lm_alone(rfim_optimizer_options *options)
{
    options->step_control = RFIM_STEP_TRUST;
    options->damping_control = RFIM_DAMPING_CONTROL_LM;
}

static void with_no_control(rfim_optimizer_options *options)
{
    options->damping_control = (rfim_damping_control)2;
}

static void what_cannot_be_is_refused_by_name(void **state)
{
    (void)state;
    refuse(with_momentum, "chooses the momentum itself");
    refuse(with_several_batches, "models one batch");
    refuse(with_prior, "--step-control quadratic");
    refuse(with_inputs, "layer1 cannot take the form `inputs`");
    refuse(with_whitened, "--step-control quadratic needs its damping");
    refuse(with_lm_alone, "step_control quadratic");
    refuse(with_no_control, "rfim_damping_control");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curvature_is_that_of_the_loss),
        cmocka_unit_test(damping_is_part_of_it),
        cmocka_unit_test(a_quadratic_cost_is_minimised),
        cmocka_unit_test(costs_fall),
        cmocka_unit_test(nothing_to_do_is_done),
        cmocka_unit_test(damping_follows_the_prediction),
        cmocka_unit_test(what_cannot_be_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
