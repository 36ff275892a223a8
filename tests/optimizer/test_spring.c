/* Momentum of the kind spring in dual forms, which hand the last direction to their system through
 * delta: the same steps as the primal form makes, which adds Lambda times it to the gradient (that
 * one against naive_rngd.h: test_rngd_options.c); and which forms serve which kind of momentum. */
#include "optimizer/by_hand.h"
#include "optimizer/optimizer_rig.h"
#include "optimizer/rngd.h"

#include <stdio.h>

#define INPUTS 20
#define OUTPUTS 3
#define BATCH 7
#define STEPS 20

static rig begin(const char *text)
{
    rig r = rig_with(text, RFIM_DOUBLE, 4, BATCH);
    shake(r.network, 5);
    rngd_by_hand(&r.options);
    r.options.schedule = RFIM_SCHEDULE_CONSTANT;
    r.options.learning_rate = 0.05;
    r.options.damping = 0.1;
    r.options.sigma = 1.3;
    r.options.momentum = 0.9;
    r.options.momentum_kind = RFIM_MOMENTUM_SPRING;
    return r;
}

static rfim_status create(rig *r)
{
    return rfim_optimizer_create(r->trace, &r->options, &r->optimizer);
}

static void step(rig *r, size_t number)
{
    double inputs[BATCH * INPUTS];
    double values[BATCH * OUTPUTS];
    double loss = 0;
    size_t n = number % 4 == 3 ? BATCH - 2 : BATCH;
    fill_normal(40 + number, 1, inputs, BATCH * INPUTS);
    fill_normal(90 + number, 1, values, BATCH * OUTPUTS);
    must(r->context, rfim_trace_forward(r->trace, rfim_doubles(inputs, n, INPUTS)));
    must(r->context, rfim_trace_loss(r->trace, rfim_doubles(values, n, OUTPUTS), &loss));
    must(r->context, rfim_trace_backward(r->trace));
    must(r->context, rfim_optimizer_step(r->optimizer, r->trace));
}

/* Both sides solve systems of condition 1e3 at most in float64: 1e-9 of weights near 1. */
static void same_steps(rig *a, rig *b)
{
    must(a->context, create(a));
    must(b->context, create(b));
    for (size_t s = 0; s < STEPS; s++) {
        step(a, s);
        step(b, s);
        double *found = read_all(a->network);
        double *expected = read_all(b->network);
        for (size_t k = 0; k < all_numbers(a->network); k++)
            if (!(fabs(found[k] - expected[k]) <= 1e-9))
                fail_msg("step %zu, number %zu: %.15g, not %.15g", s, k, found[k], expected[k]);
        free(found);
        free(expected);
    }
}

static const struct {
    const char *text;
    rfim_representation representation;
    const char *form;
} duals[] = {
    {"input 20; linear 15 tanh; linear 12 sigm; linear 3; loss squared", RFIM_NEURON, "dual"},
    {"input 20; linear 15 relu; linear 12 relu; linear 3; loss squared", RFIM_NEURON, "dual"},
    {"input 20; linear 15 relu; linear 12 tanh; linear 3; loss squared", RFIM_SHARED, "dual"},
    {"input 20; linear 15 relu omega=0; linear 12 relu omega=0; linear 3; loss squared",
     RFIM_NEURON, "layer2=active,dual"},
};

static void dual_forms_step_as_the_primal_one(void **state)
{
    (void)state;
    for (size_t d = 0; d < sizeof duals / sizeof *duals; d++) {
        rig rigs[2];
        for (int dual = 0; dual < 2; dual++) {
            rig *r = &rigs[dual];
            *r = begin(duals[d].text);
            r->options.hidden = duals[d].representation;
            r->options.sigma = strstr(duals[d].form, "active") ? 1 : 1.3;
            strcpy(r->options.metric_memory, "batch");
            strcpy(r->options.form, dual ? duals[d].form : "gradient");
        }
        same_steps(&rigs[1], &rigs[0]);
        assert_true(rfim__rngd_form(rigs[1].optimizer, 1)->plan.form >= RFIM_FORM_DUAL);
        assert_int_equal(rfim__rngd_form(rigs[0].optimizer, 1)->plan.form, RFIM_FORM_GRADIENT);
        rig_end(&rigs[0]);
        rig_end(&rigs[1]);
    }
}

/* With a metric that forgets nothing of its prior p I, `prior+batch` of the shared metric is
 * `batch` damped by p: p / sigma^2 sigma^2 I + G. Until its first refresh its factor is I / p. */
static void a_prior_pulls_as_damping_does(void **state)
{
    (void)state;
    rig prior = begin(duals[2].text);
    rig batch = begin(duals[2].text);
    prior.options.hidden = batch.options.hidden = RFIM_SHARED;
    prior.options.damping_rule = batch.options.damping_rule = RFIM_DAMPING_ABSOLUTE;
    strcpy(prior.options.metric_memory, "prior+batch");
    strcpy(batch.options.metric_memory, "batch");
    strcpy(batch.options.form, "gradient");
    prior.options.metric_decay = 1;
    prior.options.metric_prior = 0.5;
    prior.options.damping = 1e-12;
    batch.options.damping = 0.5;
    same_steps(&prior, &batch);
    rig_end(&prior);
    rig_end(&batch);
}

/* ---- which forms serve ----------------------------------------------------------------------- */

static void the_planner_takes_a_form_with_a_gradient(void **state)
{
    (void)state;
    for (int kind = RFIM_MOMENTUM_AFTER; kind <= RFIM_MOMENTUM_SPRING; kind++) {
        bool wants = kind == RFIM_MOMENTUM_BEFORE || kind == RFIM_MOMENTUM_SPRING;
        rig r = begin(duals[2].text);
        r.options.hidden = RFIM_SHARED;
        r.options.momentum_kind = (rfim_momentum_kind)kind;
        r.options.step_control = RFIM_STEP_TRUST;
        strcpy(r.options.metric_memory, "layer1=ema,batch");
        must(r.context, create(&r));
        for (size_t l = 0; l < 2; l++) {
            bool is_gradient = rfim__rngd_form(r.optimizer, l)->plan.form == RFIM_FORM_GRADIENT;
            assert_int_equal(is_gradient, wants);
        }
        rig_end(&r);
    }
}

static void refuse(rfim_momentum_kind kind, rfim_method method, rfim_step_control control,
                   const char *memory, const char *form, const char *words)
{
    rig r = begin(duals[0].text);
    r.options.momentum_kind = kind;
    r.options.method = method;
    r.options.step_control = control;
    r.options.hidden = RFIM_SHARED;
    strcpy(r.options.metric_memory, memory);
    strcpy(r.options.form, form);
    refused(r.context, create(&r), RFIM_ERROR_ARGUMENT, words);
    rig_end(&r);
}

static void what_cannot_be_is_refused_by_name(void **state)
{
    (void)state;
    refuse(RFIM_MOMENTUM_BEFORE, RFIM_RNGD, RFIM_STEP_FIXED, "prior+batch", "automatic",
           "--momentum-kind before");
    refuse(RFIM_MOMENTUM_BEFORE, RFIM_RNGD, RFIM_STEP_FIXED, "ema", "layer2=inputs,automatic",
           "layer2 cannot take the form `inputs`");
    refuse(RFIM_MOMENTUM_SPRING, RFIM_RNGD, RFIM_STEP_FIXED, "ema", "layer2=inputs,automatic",
           "--momentum-kind spring");
    refuse(RFIM_MOMENTUM_SPRING, RFIM_RNGD, RFIM_STEP_TRUST, "prior+batch", "automatic",
           "--step-control fixed");
    refuse(RFIM_MOMENTUM_SPRING, RFIM_SGD, RFIM_STEP_FIXED, "ema", "automatic",
           "momentum_kind spring");
    refuse((rfim_momentum_kind)7, RFIM_RNGD, RFIM_STEP_FIXED, "ema", "automatic",
           "rfim_momentum_kind");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dual_forms_step_as_the_primal_one),
        cmocka_unit_test(a_prior_pulls_as_damping_does),
        cmocka_unit_test(the_planner_takes_a_form_with_a_gradient),
        cmocka_unit_test(what_cannot_be_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
