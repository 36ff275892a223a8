/* The metric as its samples, against the dense metric by its definition. */
#include "kept_checks.h"

static const kind kinds[] = {
    {"unit", RFIM__UNIT, 1, {RFIM__LAYER}, 1},
    {"unit channels", RFIM__UNIT, 1, {RFIM__CHANNELS}, 1},
    {"weights", RFIM__WEIGHTS, 1, {RFIM__LAYER}, 1},
    {"weights channels", RFIM__WEIGHTS, 1, {RFIM__CHANNELS}, 1},
    {"factors", RFIM__FACTORS, 1, {RFIM__LAYER}, 3},
    {"factors of three parts",
     RFIM__FACTORS,
     3,
     {RFIM__LAYER, RFIM__CHANNELS, RFIM__LAYER},
     2},
};

/* n samples, D, m: more samples than inputs, fewer, one of each. */
static const size_t shapes[][3] = {{21, 5, 4}, {6, 17, 3}, {1, 9, 5}, {12, 12, 2}, {3, 1, 1}};

static void over_kinds(backends *all, property holds)
{
    subject_representation = RFIM_GRAM;
    for (size_t c = 0; c < sizeof kinds / sizeof *kinds; c++) {
        now = kinds[c];
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
            over_backends(all, holds, shapes[i][0], shapes[i][1], shapes[i][2]);
    }
}

static void test_mean_over_samples(void **state)
{
    over_kinds(*state, is_the_mean_over_samples);
}

static void test_solves(void **state)
{
    over_kinds(*state, solves_backward_stably);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mean_over_samples),
        cmocka_unit_test(test_solves),
    };
    return cmocka_run_group_tests(tests, backends_set_up, backends_tear_down);
}
