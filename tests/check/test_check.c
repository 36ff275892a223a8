/* rfim_check: all pass, whatever the seed; nothing passes for nothing; what it says and when it
 * stops. */
#include "check/check.h"
#include "check/compare.h"
#include "network/scarce_memory.h"

#include <math.h>
#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MOST 1000

typedef struct record {
    char group[24];
    char name[64];
    char against[24];
    double error;
} record;

typedef struct records {
    size_t count;
    size_t stop_at; /* 0: never */
    record list[MOST];
} records;

static int set_up(void **state)
{
    return rfim_context_create(NULL, (rfim_context **)state) != RFIM_OK;
}

static int tear_down(void **state)
{
    rfim_context_free(*state);
    return 0;
}

static int take(void *user, const rfim_check_result *result)
{
    records *all = user;
    assert_true(all->count < MOST);
    record *r = &all->list[all->count++];
    assert_true(strlen(result->group) > 0 && strlen(result->group) <= 15);
    assert_true(strlen(result->against) > 0 && strlen(result->against) <= 14);
    if (strlen(result->name) == 0 || strlen(result->name) > 28)
        fail_msg("'%s' does not fit the table", result->name);
    strcpy(r->group, result->group);
    strcpy(r->name, result->name);
    strcpy(r->against, result->against);
    r->error = result->error;
    if (!result->passed)
        print_message("%s, %s against %s: %g\n", result->group, result->name, result->against,
                      result->error);
    assert_true(result->seconds >= 0 && result->tolerance > 0);
    return all->count == all->stop_at;
}

static rfim_check_summary run(rfim_context *context, uint64_t seed, const char *only, records *all)
{
    rfim_check_options options;
    rfim_check_summary summary;
    rfim_check_defaults(&options);
    assert_int_equal(options.thorough, 0);
    options.seed = seed;
    options.only = only;
    memset(all, 0, sizeof *all);
    assert_int_equal(rfim_check(context, &options, take, all, &summary), RFIM_OK);
    assert_int_equal(summary.checked, all->count);
    return summary;
}

static void all_checks_pass_and_are_different(void **state)
{
    static records all;
    rfim_check_summary summary = run(*state, 1, NULL, &all);
    assert_int_equal(summary.failed, 0);
    assert_true(summary.checked > 400 && summary.seconds > 0);
    for (size_t k = 0; k < all.count; k++)
        for (size_t l = 0; l < k; l++)
            if (strcmp(all.list[k].group, all.list[l].group) == 0 &&
                strcmp(all.list[k].name, all.list[l].name) == 0 &&
                strcmp(all.list[k].against, all.list[l].against) == 0)
                fail_msg("%s, %s is there twice", all.list[k].group, all.list[k].name);
}

static void other_seeds_pass_as_well(void **state)
{
    static records first, second;
    for (uint64_t seed = 100; seed < 102; seed++)
        assert_int_equal(run(*state, seed, NULL, &first).failed, 0);
    run(*state, 1, "layers", &first);
    run(*state, 2, "layers", &second);
    size_t same = 0;
    for (size_t k = 0; k < first.count; k++)
        same += first.list[k].error == second.list[k].error;
    assert_true(same < first.count / 4); /* other numbers */
}

/* A check depends on its name and the seed, not on what ran before it. */
static void a_group_alone_finds_what_it_finds_among_all(void **state)
{
    static records all, some;
    run(*state, 1, NULL, &all);
    run(*state, 1, "layers", &some);
    size_t found = 0;
    for (size_t k = 0; k < all.count; k++) {
        if (!strstr(all.list[k].group, "layers"))
            continue;
        assert_true(found < some.count);
        assert_string_equal(all.list[k].name, some.list[found].name);
        assert_true(all.list[k].error == some.list[found].error);
        found++;
    }
    assert_int_equal(found, some.count);
    assert_true(found > 50 && found < all.count);
}

static void an_unknown_group_is_refused_with_those_there_are(void **state)
{
    rfim_check_summary summary;
    rfim_check_options options;
    rfim_check_defaults(&options);
    options.only = "nonsense";
    assert_int_equal(rfim_check(*state, &options, NULL, NULL, &summary), RFIM_ERROR_ARGUMENT);
    const char *sentence = rfim_context_error(*state);
    assert_non_null(strstr(sentence, "nonsense"));
    for (const char *const *group =
             (const char *const[]){"nu", "layers", "two layers", "soft-max", "network", "fim",
                                   "stochastic", "representations", "solving", "invariances",
                                   "precision", NULL};
         *group; group++)
        if (!strstr(sentence, *group))
            fail_msg("%s is not in: %s", *group, sentence);
    assert_int_equal(rfim_check(NULL, NULL, NULL, NULL, &summary), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_check(*state, NULL, NULL, NULL, NULL), RFIM_ERROR_ARGUMENT);
}

static void it_stops_when_asked_to(void **state)
{
    static records all;
    rfim_check_summary summary;
    memset(&all, 0, sizeof all);
    all.stop_at = 7;
    assert_int_equal(rfim_check(*state, NULL, take, &all, &summary), RFIM_STOPPED);
    assert_int_equal(all.count, 7);
    assert_int_equal(summary.checked, 7);
    assert_non_null(strstr(rfim_context_error(*state), "7 checks"));
}

static void nothing_stays_in_the_callers_context(void **state)
{
    static records all;
    rfim_network *network = NULL;
    run(*state, 1, "nu", &all);
    assert_int_not_equal(rfim_network_create(*state, "1-1-1 exp", NULL, &network), RFIM_OK);
}

/* Allocations that fail here and there: no check is blamed, and nothing leaks. */
static void memory_that_runs_out_is_told_as_such(void **state)
{
    rfim_check_options options;
    rfim_check_summary summary;
    (void)state;
    rfim_check_defaults(&options);
    options.only = "stochastic";
    scarce_memory memory = {0};
    rfim_context *context = scarce_context(&memory);
    assert_int_equal(rfim_check(context, &options, NULL, NULL, &summary), RFIM_OK);
    size_t calls = memory.calls;
    assert_true(calls > 100);
    for (size_t fails = 2; fails < calls; fails += 1 + calls / 150) {
        memory.calls = 0;
        memory.fails = fails;
        size_t before = memory.blocks;
        assert_int_equal(rfim_check(context, &options, NULL, NULL, &summary), RFIM_ERROR_MEMORY);
        assert_true(strlen(rfim_context_error(context)) > 0);
        assert_int_equal(summary.failed, 0);
        assert_int_equal(memory.blocks, before);
    }
    rfim_context_free(context);
    assert_int_equal(memory.blocks, 0);
}

/* --- what one case has to hand ---------------------------------------------------------------- */

static int last_passed(void *user, const rfim_check_result *result)
{
    *(int *)user = result->passed;
    return 0;
}

/* The end of a case that has told one error. */
static int verdict_on(rfim_context *context, double error, double tolerance)
{
    int passed = -1;
    rfim_check_options options = {0, 1, NULL};
    rfim_check_summary summary = {0};
    rfim__check check = {.context = context,
                         .asker = context,
                         .options = &options,
                         .told = last_passed,
                         .user = &passed,
                         .summary = &summary,
                         .group = "group"};
    assert_true(rfim__check_begin(&check, "a case"));
    if (tolerance > 0)
        rfim__check_near(&check, "nothing", error, tolerance);
    rfim__check_end(&check);
    assert_int_equal(summary.checked, 1);
    assert_int_equal(summary.failed, !passed);
    return passed;
}

static void what_is_no_number_fails(void **state)
{
    assert_true(verdict_on(*state, 1e-13, 1e-12));
    assert_false(verdict_on(*state, 2e-12, 1e-12));
    assert_false(verdict_on(*state, (double)NAN, 1e-12));
    assert_false(verdict_on(*state, (double)INFINITY, 1e-12));
    assert_false(verdict_on(*state, 0, 0)); /* told nothing at all */
}

static void nothing_is_compared_with_nothing(void **state)
{
    static const double zero[3] = {0}, some[3] = {1, 2, 3};
    static const double spoilt[3] = {1, (double)NAN, 3};
    (void)state;
    assert_true(isnan(rfim__check_difference(zero, zero, 3)));
    assert_true(isnan(rfim__check_difference(some, zero, 3)));
    assert_true(isnan(rfim__check_difference(spoilt, some, 3)));
    assert_true(isnan(rfim__check_difference(some, spoilt, 3)));
    assert_true(isnan(rfim__check_difference(NULL, some, 3)));
    assert_true(isnan(rfim__check_difference(some, NULL, 3)));
    assert_true(rfim__check_difference(zero, some, 3) == 1);
    assert_true(rfim__check_difference(some, some, 3) == 0);
    assert_true(isnan(rfim__check_worse(1, (double)NAN)) && isnan(rfim__check_worse(NAN, 1)));
}

/* One entry that is 8 standard errors off, among 400: no norm sees it. */
static void one_wrong_entry_among_drawn_ones_is_seen(void **state)
{
    enum { ORDER = 20, COUNT = ORDER * ORDER };
    double gap[COUNT], errors[COUNT];
    (void)state;
    for (size_t k = 0; k < COUNT; k++) {
        errors[k] = 0.1;
        gap[k] = k % 2 ? 0.1 : -0.1;
    }
    double bound = rfim__check_entry_bound(ORDER);
    assert_true(bound > 5 && bound < 6); /* normal numbers: 210 of them */
    assert_true(rfim__check_worst_entry(gap, errors, COUNT) <= bound);
    errors[3] = 0; /* nothing was seen there */
    assert_true(rfim__check_worst_entry(gap, errors, COUNT) <= bound);
    gap[7] = -0.8;
    assert_true(rfim__check_norm(gap, COUNT) / rfim__check_norm(errors, COUNT) < 2);
    assert_true(rfim__check_worst_entry(gap, errors, COUNT) > bound);
    gap[8] = (double)NAN;
    assert_true(isnan(rfim__check_worst_entry(gap, errors, COUNT)));
    memset(errors, 0, sizeof errors);
    assert_true(isnan(rfim__check_worst_entry(gap, errors, COUNT)));
    assert_true(isnan(rfim__check_worst_entry(NULL, errors, COUNT)));
}

/* float32 against float64 means something where the metrics are badly conditioned. */
static void products_are_tried_with_badly_conditioned_metrics(void **state)
{
    static records all;
    size_t stated = 0;
    assert_int_equal(run(*state, 1, "precision", &all).failed, 0);
    for (size_t k = 0; k < all.count; k++)
        if (strcmp(all.list[k].against, "condition over") == 0) {
            assert_true(all.list[k].error > 1e3);
            stated++;
        }
    assert_int_equal(stated, RFIM_REPRESENTATIONS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_checks_pass_and_are_different),
        cmocka_unit_test(other_seeds_pass_as_well),
        cmocka_unit_test(a_group_alone_finds_what_it_finds_among_all),
        cmocka_unit_test(an_unknown_group_is_refused_with_those_there_are),
        cmocka_unit_test(it_stops_when_asked_to),
        cmocka_unit_test(nothing_stays_in_the_callers_context),
        cmocka_unit_test(memory_that_runs_out_is_told_as_such),
        cmocka_unit_test(products_are_tried_with_badly_conditioned_metrics),
        cmocka_unit_test(one_wrong_entry_among_drawn_ones_is_seen),
        cmocka_unit_test(what_is_no_number_fails),
        cmocka_unit_test(nothing_is_compared_with_nothing),
    };
    return cmocka_run_group_tests_name("rfim_check", tests, set_up, tear_down);
}
