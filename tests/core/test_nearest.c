/* "Did you mean": edit distances, and the nearest of several names. */
#include "core/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void distances_count_edits(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        size_t distance;
    } pairs[] = {{"", "", 0},
                 {"", "relu", 4},
                 {"relu", "relu", 0},
                 {"rleu", "relu", 1}, /* neighbours swapped */
                 {"reul", "relu", 1},
                 {"elu", "relu", 1},
                 {"rellu", "relu", 1},
                 {"rely", "relu", 1},
                 {"adam", "sgd", 4},
                 {"damping", "dampning", 1},
                 {"kitten", "sitting", 3}};
    for (size_t p = 0; p < sizeof pairs / sizeof pairs[0]; p++) {
        assert_int_equal(rfim__edit_distance(pairs[p].a, pairs[p].b), pairs[p].distance);
        assert_int_equal(rfim__edit_distance(pairs[p].b, pairs[p].a), pairs[p].distance);
    }
}

static void words_of_any_length_are_compared(void **state)
{
    (void)state;
    char a[5000];
    char b[5000];
    memset(a, 'a', sizeof a);
    memset(b, 'b', sizeof b);
    a[sizeof a - 1] = b[sizeof b - 1] = '\0';
    assert_int_equal(rfim__edit_distance(a, a), 0);
    assert_true(rfim__edit_distance(a, b) >= 64);
    assert_true(rfim__edit_distance(a, "") >= 64);
}

static void the_nearest_name_is_kept(void **state)
{
    (void)state;
    static const char *const names[] = {"constant", "linear", "cosine", "learning-rate"};
    static const char *const words[][2] = {
        {"cosin", "cosine"}, {"linaer", "linear"}, {"learningrate", "learning-rate"}};
    for (size_t w = 0; w < 3; w++) {
        const char *best = NULL;
        for (size_t n = 0; n < 4; n++)
            rfim__nearest_consider(words[w][0], names[n], &best);
        assert_string_equal(best, words[w][1]);
    }
    const char *best = NULL;
    rfim__nearest_consider("xy", "ab", &best);
    rfim__nearest_consider("xy", "cd", &best);
    assert_string_equal(best, "ab"); /* the first of equals */
}

static void the_nearest_choice_is_copied_as_far_as_there_is_room(void **state)
{
    (void)state;
    char out[16];
    rfim__nearest_choice("adm", "sgd|adam|rngd", out, sizeof out);
    assert_string_equal(out, "adam");
    rfim__nearest_choice("rgnd", "sgd|adam|rngd", out, sizeof out);
    assert_string_equal(out, "rngd");
    rfim__nearest_choice("anything", "only", out, sizeof out);
    assert_string_equal(out, "only");
    rfim__nearest_choice("sgd", "", out, sizeof out);
    assert_string_equal(out, "");
    char little[4];
    rfim__nearest_choice("cosine", "constant|cosine", little, sizeof little);
    assert_string_equal(little, "cos");
}

static void a_name_far_from_the_word_was_not_meant(void **state)
{
    (void)state;
    assert_true(rfim__nearest_is_near("trian", "train"));
    assert_true(rfim__nearest_is_near("ot", "to"));
    assert_false(rfim__nearest_is_near("xyzzy", "train"));
    assert_false(rfim__nearest_is_near("foo", "to"));
    char word[5000];
    memset(word, 'b', sizeof word);
    word[sizeof word - 1] = '\0';
    assert_false(rfim__nearest_is_near(word, "train"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_count_edits),
        cmocka_unit_test(words_of_any_length_are_compared),
        cmocka_unit_test(the_nearest_name_is_kept),
        cmocka_unit_test(a_name_far_from_the_word_was_not_meant),
        cmocka_unit_test(the_nearest_choice_is_copied_as_far_as_there_is_room),
    };
    return cmocka_run_group_tests_name("core: nearest names", tests, NULL, NULL);
}
