/* Which form a layer gets, what is refused, and that a memory limit is kept. */
#include "network/network.h"
#include "optimizer/by_hand.h"
#include "optimizer/form.h"
#include "optimizer/layers.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LAYERS 8

typedef struct subject {
    rfim_context *context;
    rfim_network *network;
    rfim_optimizer_options options;
    double whitened_bytes;
    rfim__layer_plan plans[LAYERS];
} subject;

static void set_up(subject *s, const char *text)
{
    memset(s, 0, sizeof *s);
    assert_int_equal(rfim_context_create(NULL, &s->context), RFIM_OK);
    assert_int_equal(rfim_network_create(s->context, text, NULL, &s->network), RFIM_OK);
    assert_true(s->network->count <= LAYERS);
    rngd_by_hand(&s->options);
}

static void tear_down(subject *s)
{
    rfim_network_free(s->network);
    rfim_context_free(s->context);
}

static rfim_status plan(subject *s, size_t batch, size_t samples)
{
    rfim__plan_case what = {.algebra = s->network->algebra,
                            .modules = s->network->modules,
                            .count = s->network->count,
                            .options = &s->options,
                            .batch = batch,
                            .samples = samples,
                            .whitened_bytes = s->whitened_bytes};
    return rfim__plan_layers(&what, s->plans);
}

static void expect_first(subject *s, size_t samples, rfim_metric_memory memory)
{
    assert_int_equal(plan(s, 50, samples), RFIM_OK);
    assert_int_equal(s->plans[0].memory, memory);
    assert_true((memory == RFIM_MEMORY_DATASET) == (s->plans[0].form == RFIM_FORM_WHITENED));
}

static void expect_refusal(subject *s, rfim_status status, const char *const *words)
{
    assert_int_equal(plan(s, 50, 1000), status);
    for (; *words; words++)
        if (!strstr(rfim_context_error(s->context), *words))
            fail_msg("`%s` is not in: %s", *words, rfim_context_error(s->context));
}

#define REFUSED(s, ...)                                                                            \
    expect_refusal(s, RFIM_ERROR_ARGUMENT, (const char *const[]){__VA_ARGS__, NULL})

static void wide_layers_take_the_inverse_to_the_inputs(void **state)
{
    (void)state;
    subject s;
    set_up(&s, "784-80-80-10 relu");
    s.options.hidden = RFIM_SHARED;
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    assert_int_equal(s.plans[0].form, RFIM_FORM_INPUTS);   /* 50 < 80 */
    assert_int_equal(s.plans[1].form, RFIM_FORM_INPUTS);   /* 50 < 80 */
    assert_int_equal(s.plans[2].form, RFIM_FORM_GRADIENT); /* 10 outputs < 50 samples */
    assert_int_equal(plan(&s, 200, 0), RFIM_OK);
    assert_int_equal(s.plans[0].form, RFIM_FORM_GRADIENT);
    tear_down(&s);
}

static void flops_are_those_of_the_tables(void **state)
{
    (void)state;
    subject s;
    set_up(&s, "784-80-80-10 relu");
    s.options.hidden = RFIM_NEURON;
    s.options.metric_every = 10;
    s.options.refresh_every = 100;
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    double D = 81, m = 80, n = 50;
    double expected = m * n * D * D / 10 + m * D * D * D / 100 + 2 * m * D * D;
    assert_true(fabs(s.plans[1].metric_flops / expected - 1) < 1e-12);
    assert_true(s.plans[0].base_flops == 4.0 * 50 * 785 * 80);
    assert_true(s.plans[1].base_flops == 6.0 * 50 * 81 * 80);
    snprintf(s.options.metric_memory, sizeof s.options.metric_memory, "layer2=batch,ema");
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    assert_int_equal(s.plans[1].form, RFIM_FORM_DUAL);
    expected = 2 * n * n * D + m * n * n * n / 3 + 2 * n * n * m;
    assert_true(fabs(s.plans[1].metric_flops / expected - 1) < 1e-12);
    tear_down(&s);
}

static void single_batches_take_the_smaller_system(void **state)
{
    (void)state;
    subject s;
    set_up(&s, "input 300; linear 64 relu omega=0; linear 64 relu; linear 10; loss softmax");
    strcpy(s.options.metric_memory, "batch");
    s.options.first = RFIM_NEURON;
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    assert_int_equal(s.plans[0].form, RFIM_FORM_DUAL); /* picking rows costs as much as it saves */
    assert_int_equal(s.plans[1].form, RFIM_FORM_DUAL);
    assert_int_equal(s.plans[2].form, RFIM_FORM_DUAL);
    assert_int_equal(plan(&s, 128, 0), RFIM_OK);
    assert_int_equal(s.plans[0].form, RFIM_FORM_ACTIVE);
    assert_int_equal(plan(&s, 1000, 0), RFIM_OK);
    assert_int_equal(s.plans[1].form, RFIM_FORM_GRADIENT); /* D = 65 */
    tear_down(&s);
}

static void coupled_l2_takes_the_gradient(void **state)
{
    (void)state;
    subject s;
    set_up(&s, "784-80-80-10 relu");
    s.options.l2 = 1e-3;
    strcpy(s.options.metric_memory, "batch");
    s.options.hidden = RFIM_SHARED;
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    for (size_t l = 0; l < 3; l++)
        assert_int_equal(s.plans[l].form, RFIM_FORM_GRADIENT);
    strcpy(s.options.form, "layer1=dual");
    REFUSED(&s, "layer1", "`dual`", "--l2", "--weight-decay");
    strcpy(s.options.form, "layer2=inputs");
    REFUSED(&s, "layer2", "`inputs`", "--l2");
    strcpy(s.options.form, "automatic");
    strcpy(s.options.metric_memory, "ema,layer2=prior+batch");
    REFUSED(&s, "layer2", "`prior+batch`", "--l2", "--weight-decay");
    tear_down(&s);
}

static void forms_that_cannot_serve_are_refused_by_name(void **state)
{
    (void)state;
    subject s;
    set_up(&s, "20-60-30-10 relu");
    strcpy(s.options.form, "dual");
    REFUSED(&s, "layer1", "`dual`", "`ema`");
    strcpy(s.options.form, "layer2=inputs");
    REFUSED(&s, "layer2", "`inputs`", "`shared`");
    strcpy(s.options.form, "layer1=whitened");
    REFUSED(&s, "layer1", "`whitened`", "`dataset`");
    strcpy(s.options.metric_memory, "prior+batch");
    strcpy(s.options.form, "gradient");
    REFUSED(&s, "`gradient`", "`prior+batch`", "`dual`");
    strcpy(s.options.metric_memory, "batch");
    strcpy(s.options.form, "layer3=dual");
    REFUSED(&s, "layer3", "`dual`", "more samples than it has inputs");
    strcpy(s.options.form, "layer2=active");
    REFUSED(&s, "layer2", "`active`", "omega=0");
    strcpy(s.options.form, "layer2=dual");
    s.options.hidden = RFIM_SHARED;
    strcpy(s.options.form, "layer2=active");
    REFUSED(&s, "layer2", "`active`", "`neuron`");
    s.options.hidden = RFIM_NEURON;
    strcpy(s.options.form, "layer2=dual");
    s.options.damping_rule = RFIM_DAMPING_DIAGONAL;
    REFUSED(&s, "layer2", "`dual`", "`diagonal`");
    strcpy(s.options.form, "layer9=dual");
    REFUSED(&s, "form", "`layer9`", "layer3");
    strcpy(s.options.form, "norm1=dual");
    REFUSED(&s, "form", "`norm1`", "layer3");
    strcpy(s.options.form, "layer2=duel");
    REFUSED(&s, "form", "`duel`", "did you mean dual");
    strcpy(s.options.form, "automatic");
    strcpy(s.options.metric_memory, "layer1=btach");
    REFUSED(&s, "metric-memory", "`btach`", "did you mean batch");
    tear_down(&s);
}

static void the_data_set_is_for_the_first_layer_s_shared_metric(void **state)
{
    (void)state;
    subject s;
    set_up(&s, "20-30-30-10 relu");
    strcpy(s.options.metric_memory, "layer1=dataset,ema");
    assert_int_equal(plan(&s, 50, 1000), RFIM_OK);
    assert_int_equal(s.plans[0].form, RFIM_FORM_WHITENED);
    assert_true(s.plans[0].metric_flops == 0);
    assert_int_equal(s.plans[1].memory, RFIM_MEMORY_EMA);
    s.options.l2 = 0.1;
    REFUSED(&s, "layer1", "`dataset`", "--weight-decay");
    s.options.l2 = 0;
    s.options.metric_pass = RFIM_METRIC_PASS_AGAIN;
    REFUSED(&s, "layer1", "`dataset`", "--metric-pass");
    s.options.metric_pass = RFIM_METRIC_PASS_TRAINING;
    s.options.first = RFIM_NEURON;
    REFUSED(&s, "layer1", "`dataset`", "--representation-first");
    s.options.first = RFIM_SHARED;
    strcpy(s.options.metric_memory, "dataset");
    REFUSED(&s, "layer2", "`dataset`", "first layer");
    strcpy(s.options.metric_memory, "layer1=dataset");
    assert_int_equal(plan(&s, 50, 0), RFIM_ERROR_ARGUMENT); /* an optimiser sees no data set */
    assert_non_null(strstr(rfim_context_error(s.context), "rfim_trainer"));
    tear_down(&s);
}

/* With nothing said, the data set is remembered where it can be. */
static void the_automatic_memory_is_the_data_set_where_it_can_be(void **state)
{
    (void)state;
    subject s;
    set_up(&s, "20-30-30-10 relu");
    s.whitened_bytes = 1000 * 32 * 4; /* rows of 21 numbers are 32 long */
    strcpy(s.options.metric_memory, "automatic");
    expect_first(&s, 1000, RFIM_MEMORY_DATASET);
    assert_int_equal(s.plans[1].memory, RFIM_MEMORY_EMA);
    expect_first(&s, 1001, RFIM_MEMORY_EMA); /* too large */
    expect_first(&s, 0, RFIM_MEMORY_EMA);    /* none to be seen */
    s.options.l2 = 0.1;
    expect_first(&s, 1000, RFIM_MEMORY_EMA);
    s.options.l2 = 0;
    s.options.first = RFIM_NEURON;
    expect_first(&s, 1000, RFIM_MEMORY_EMA);
    s.options.first = RFIM_SHARED;
    strcpy(s.options.form, "layer1=inputs");
    expect_first(&s, 1000, RFIM_MEMORY_EMA);
    assert_int_equal(s.plans[0].form, RFIM_FORM_INPUTS);
    strcpy(s.options.form, "layer1=whitened,automatic"); /* asked for: no limit */
    expect_first(&s, 1001, RFIM_MEMORY_DATASET);
    strcpy(s.options.form, "automatic");
    s.options.step_control = RFIM_STEP_QUADRATIC;
    expect_first(&s, 1000, RFIM_MEMORY_EMA);
    s.options.step_control = RFIM_STEP_FIXED;
    s.options.momentum = 0.5;
    s.options.momentum_kind = RFIM_MOMENTUM_SPRING;
    expect_first(&s, 1000, RFIM_MEMORY_EMA);
    s.options.momentum = 0;
    s.options.metric_pass = RFIM_METRIC_PASS_AGAIN;
    expect_first(&s, 1000, RFIM_MEMORY_EMA);
    s.options.metric_pass = RFIM_METRIC_PASS_TRAINING;
    s.network->modules[0].whitened = true; /* by a trainer */
    expect_first(&s, 0, RFIM_MEMORY_DATASET);
    s.network->modules[0].whitened = false;
    tear_down(&s);
}

/* The inverse is applied to the gradient where X would have to be measured as well. */
static void a_step_that_is_measured_costs_more_on_x(void **state)
{
    (void)state;
    subject s;
    set_up(&s, "80-80-10 relu");
    s.options.hidden = RFIM_SHARED;
    s.options.first = RFIM_SHARED;
    strcpy(s.options.metric_memory, "ema");
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    assert_int_equal(s.plans[0].form, RFIM_FORM_INPUTS);
    double flops = s.plans[0].metric_flops;
    strcpy(s.options.form, "inputs,layer2=automatic");
    s.options.step_control = RFIM_STEP_RESPONSE;
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    assert_true(s.plans[0].metric_flops == flops + 2.0 * 50 * 50 * (81 + 80));
    strcpy(s.options.form, "automatic");
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    assert_int_equal(s.plans[0].form, RFIM_FORM_GRADIENT);
    assert_non_null(strstr(s.plans[0].why, "length"));
    tear_down(&s);
}

static void little_damping_asks_for_float64_factors(void **state)
{
    (void)state;
    subject s;
    set_up(&s, "784-80-80-10 relu");
    s.options.damping = 1e-4; /* 2^-24 1e4 = 6e-4 */
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    assert_false(s.plans[0].wide);
    s.options.damping = 5e-5; /* 1.2e-3 */
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    assert_true(s.plans[0].wide);
    assert_non_null(strstr(s.plans[0].why, "float64"));
    s.options.damping = 1e-2;
    s.options.damping_rule = RFIM_DAMPING_MEAN_DIAGONAL; /* 785e2 2^-24 = 4.7e-3; 81e2: 4.8e-4 */
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    assert_true(s.plans[0].wide);
    assert_false(s.plans[1].wide);
    s.options.damping_rule = RFIM_DAMPING_TRACE;
    s.options.damping = 1e-6;
    strcpy(s.options.metric_memory, "prior+batch"); /* the prior's own inverse */
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    assert_true(s.plans[1].wide);
    strcpy(s.options.metric_memory, "ema");
    s.options.damping_rule = RFIM_DAMPING_ABSOLUTE; /* who knows */
    s.options.damping = 1;
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    assert_true(s.plans[1].wide);
    tear_down(&s);
}

/* Reasons are those of the choice. */
static void the_reason_is_told(void **state)
{
    (void)state;
    subject s;
    set_up(&s, "784-80-80-10 relu");
    s.options.hidden = RFIM_SHARED;
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    assert_non_null(strstr(s.plans[1].why, "2 n D^2 flops on X"));
    strcpy(s.options.form, "layer2=gradient");
    assert_int_equal(plan(&s, 50, 0), RFIM_OK);
    assert_non_null(strstr(s.plans[1].why, "--form"));
    tear_down(&s);
}

static size_t total_of(const subject *s)
{
    size_t total = 0;
    for (size_t l = 0; l < s->network->count; l++)
        total += s->plans[l].bytes;
    return total;
}

/* 1000 x 1000: the primal forms keep three matrices of 4 MB and X P or the gradient. */
static void a_memory_limit_is_kept_or_refused(void **state)
{
    (void)state;
    subject s;
    set_up(&s, "1000-1000-1000-10 relu");
    s.options.hidden = RFIM_SHARED;
    strcpy(s.options.metric_memory, "batch");
    s.options.l2 = 0;
    assert_int_equal(plan(&s, 1200, 0), RFIM_OK);
    size_t cheapest = total_of(&s);
    s.options.memory = cheapest;
    assert_int_equal(plan(&s, 1200, 0), RFIM_OK);
    assert_true(total_of(&s) == cheapest);
    s.options.memory = cheapest - 1;
    if (plan(&s, 1200, 0) == RFIM_OK)
        assert_true(total_of(&s) < cheapest);
    s.options.memory = 1000000;
    assert_int_equal(plan(&s, 1200, 0), RFIM_ERROR_MEMORY);
    assert_non_null(strstr(rfim_context_error(s.context), "layer"));
    assert_non_null(strstr(rfim_context_error(s.context), "--memory"));
    tear_down(&s);
}

/* Work areas of all layers are one place where step control is `fixed`, and count once; each
 * layer has its own where it looks at all directions. */
static void planned_bytes_are_those_of_the_forms(void **state)
{
    (void)state;
    static const char *const memories[] = {"ema", "batch", "prior+batch"};
    size_t saved = 0;
    for (size_t c = 0; c < 6; c++) {
        subject s;
        bool in_turn = c < 3;
        size_t metrics = 0;
        size_t works = 0;
        size_t most = 0;
        set_up(&s, "100-80-70-10 relu");
        strcpy(s.options.metric_memory, memories[c % 3]);
        s.options.step_control = in_turn ? RFIM_STEP_FIXED : RFIM_STEP_TRUST;
        assert_int_equal(plan(&s, 50, 0), RFIM_OK);
        for (size_t l = 0; l < 3; l++) {
            const rfim__layer_plan *planned = &s.plans[l];
            const rfim__module *module = &s.network->modules[l];
            size_t own = rfim__form_bytes(s.network->algebra, planned, module, s.options.sigma, 50);
            size_t work = rfim__form_work_bytes(s.network->algebra, planned, module, 50);
            assert_true(planned->work == work);
            metrics += own - work;
            works += work;
            most = work > most ? work : most;
        }
        saved += in_turn ? works - most : 0;
        assert_true(total_of(&s) == metrics + (in_turn ? most : works));
        tear_down(&s);
    }
    assert_true(saved > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_layers_take_the_inverse_to_the_inputs),
        cmocka_unit_test(flops_are_those_of_the_tables),
        cmocka_unit_test(single_batches_take_the_smaller_system),
        cmocka_unit_test(coupled_l2_takes_the_gradient),
        cmocka_unit_test(forms_that_cannot_serve_are_refused_by_name),
        cmocka_unit_test(the_data_set_is_for_the_first_layer_s_shared_metric),
        cmocka_unit_test(the_automatic_memory_is_the_data_set_where_it_can_be),
        cmocka_unit_test(a_step_that_is_measured_costs_more_on_x),
        cmocka_unit_test(little_damping_asks_for_float64_factors),
        cmocka_unit_test(the_reason_is_told),
        cmocka_unit_test(a_memory_limit_is_kept_or_refused),
        cmocka_unit_test(planned_bytes_are_those_of_the_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
