/* Problems that do not fit together, and memory that is not there: a status, and nothing leaks. */
#include "check/oracle_problem.h"

static void subject_of(subject *s)
{
    subject_begin(s, 31, 2, 2);
    add_linear(s, 2, RFIM__ORACLE_TANH);
    add_batch_norm(s, RFIM__ORACLE_SOFTPLUS);
    add_linear(s, 2, RFIM__ORACLE_IDENTITY);
    respond(s, RFIM__ORACLE_GAUSSIAN, RFIM__ORACLE_IDENTITY, 1);
    all_parameters(s);
}

static double g[MOST_NUMBERS * MOST_NUMBERS];
static double more[MOST_NUMBERS * MOST_NUMBERS];

typedef void spoiler(subject *s);

static void no_samples(subject *s)
{
    s->problem.samples = 0;
}
static void no_modules(subject *s)
{
    s->problem.count = 0;
}
static void no_theta(subject *s)
{
    s->problem.order = 0;
}
static void no_weights(subject *s)
{
    s->modules[2].parameters = NULL;
}
static void no_scale(subject *s)
{
    s->modules[1].scale = NULL;
}
static void wide_module(subject *s)
{
    s->modules[2].inputs = 3;
}
static void uneven_batch_norm(subject *s)
{
    s->modules[1].inputs = 3;
}
static void row_outside(subject *s)
{
    s->theta[3].row = 3;
}
static void column_outside(subject *s)
{
    s->theta[3].column = 2;
}
static void module_outside(subject *s)
{
    s->theta[3].module = 3;
}
static void input_outside(subject *s)
{
    s->theta[3] = (rfim__oracle_entry){RFIM__ORACLE_INPUT, 2, 0};
}
static void no_sigma(subject *s)
{
    s->problem.response.sigma = 0;
}
static void no_width(subject *s)
{
    s->modules[1].activation.omega = 0;
}
static void nothing_given(subject *s)
{
    s->modules[1].activation.function = RFIM__ORACLE_GIVEN;
}
static void one_node(subject *s)
{
    s->problem.nodes = 1;
}
static void many_nodes(subject *s)
{
    s->problem.nodes = 65;
}
static void no_allocator(subject *s)
{
    s->problem.memory.allocate = NULL;
}

static void problems_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static spoiler *const spoilers[] = {
        no_samples,    no_modules,        no_theta,    no_weights,     no_scale,
        wide_module,   uneven_batch_norm, row_outside, column_outside, module_outside,
        input_outside, no_sigma,          no_width,    nothing_given,  one_node,
        many_nodes,    no_allocator};
    for (size_t c = 0; c < sizeof spoilers / sizeof spoilers[0]; c++) {
        subject s;
        subject_of(&s);
        assert_int_equal(rfim__oracle_fim_scores(&s.problem, g), RFIM__ORACLE_OK);
        spoilers[c](&s);
        if (rfim__oracle_fim_scores(&s.problem, g) != RFIM__ORACLE_SHAPE)
            fail_msg("spoiler %zu was not noticed", c);
        assert_int_equal(rfim__oracle_output(&s.problem, 0, g), RFIM__ORACLE_SHAPE);
    }
}

static void a_sample_or_draw_that_is_not_there_is_refused(void **state)
{
    (void)state;
    subject s;
    subject_of(&s);
    assert_int_equal(rfim__oracle_output(&s.problem, 2, g), RFIM__ORACLE_SHAPE);
    assert_int_equal(rfim__oracle_jacobian(&s.problem, 2, g), RFIM__ORACLE_SHAPE);
    assert_int_equal(rfim__oracle_fim_monte_carlo(&s.problem, 1, 1, g, more), RFIM__ORACLE_SHAPE);
}

static void too_many_combinations_are_refused(void **state)
{
    (void)state;
    subject s;
    subject_begin(&s, 1, 1, 2);
    add_linear(&s, 12, RFIM__ORACLE_IDENTITY);
    respond(&s, RFIM__ORACLE_GAUSSIAN, RFIM__ORACLE_IDENTITY, 1);
    all_parameters(&s);
    s.problem.joint = true;
    assert_int_equal(rfim__oracle_fim_scores(&s.problem, g), RFIM__ORACLE_UNSUPPORTED);
}

/* Every allocation fails in turn; what was taken before comes back. */
typedef struct budget {
    size_t left;
    size_t held;
} budget;

static void *scarce_allocate(void *user, size_t bytes)
{
    budget *b = user;
    if (b->left == 0)
        return NULL;
    b->left--;
    b->held++;
    return malloc(bytes);
}

static void scarce_release(void *user, void *block)
{
    budget *b = user;
    assert_non_null(block);
    b->held--;
    free(block);
}

static rfim__oracle_status ask(const subject *s, int question)
{
    static const double labels[4] = {0, 1, 1, 0};
    rfim__oracle_problem discrete = s->problem;
    discrete.response.family = RFIM__ORACLE_BERNOULLI01;
    switch (question) {
    case 0:
        return rfim__oracle_fim_scores(&s->problem, g);
    case 1:
        return rfim__oracle_fim_hessian(&s->problem, g);
    case 2:
        return rfim__oracle_fim_monte_carlo(&s->problem, 2, 1, g, more);
    case 3:
        return rfim__oracle_kl_quadratic(&s->problem, s->parameters[0], g);
    case 4:
        return rfim__oracle_empirical(&s->problem, labels, g);
    case 5:
        return rfim__oracle_fim_marginal(&discrete, 0, RFIM__ORACLE_BERNOULLI11, g);
    case 6:
        return rfim__oracle_jacobian(&s->problem, 0, g);
    default:
        return rfim__oracle_output(&s->problem, 0, g);
    }
}

static void scarce_memory_is_a_status(void **state)
{
    (void)state;
    for (int question = 0; question < 8; question++) {
        size_t failures = 0;
        for (size_t allowed = 0;; allowed++) {
            subject s;
            budget b = {.left = allowed};
            subject_of(&s);
            s.problem.memory = (rfim__oracle_memory){scarce_allocate, scarce_release, &b};
            rfim__oracle_status status = ask(&s, question);
            assert_int_equal(b.held, 0);
            if (status == RFIM__ORACLE_OK)
                break;
            assert_int_equal(status, RFIM__ORACLE_MEMORY);
            failures++;
            assert_true(allowed < 100);
        }
        assert_true(failures >= 6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems_that_do_not_fit_are_refused),
        cmocka_unit_test(a_sample_or_draw_that_is_not_there_is_refused),
        cmocka_unit_test(too_many_combinations_are_refused),
        cmocka_unit_test(scarce_memory_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
