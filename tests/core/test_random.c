/* Random numbers: the published vectors of Philox 4x32-10, distributions, streams, shuffles. */
#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The file kat_vectors of Random123; our counter is (position, stream), our key the seed. */
static void philox_gives_the_known_answers(void **state)
{
    (void)state;
    static const struct {
        uint64_t seed, stream, position;
        uint32_t answer[4];
    } vectors[] = {
        {0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {UINT64_MAX, UINT64_MAX, UINT64_MAX, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {0x299f31d0a4093822,
         0x0370734413198a2e,
         0x85a308d3243f6a88,
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t v = 0; v < 3; v++) {
        uint32_t out[4];
        rfim__philox(vectors[v].seed, vectors[v].stream, vectors[v].position, out);
        assert_memory_equal(out, vectors[v].answer, sizeof out);
    }
}

static void a_stream_is_the_blocks_in_order(void **state)
{
    (void)state;
    rfim__random random = rfim__random_start(12, 34);
    for (uint64_t position = 0; position < 50; position++) {
        uint32_t block[4];
        rfim__philox(12, 34, position, block);
        for (size_t k = 0; k < 4; k++)
            assert_int_equal(rfim__random_next(&random), block[k]);
    }
}

/* What one stream gives does not depend on who else draws, or on when. */
static void streams_do_not_depend_on_order(void **state)
{
    (void)state;
    enum { STREAMS = 5, DRAWS = 40 };
    uint32_t alone[STREAMS][DRAWS];
    rfim__random streams[STREAMS];
    for (uint64_t s = 0; s < STREAMS; s++) {
        rfim__random random = rfim__random_start(99, rfim__stream(RFIM__STREAM_INIT, s));
        for (size_t d = 0; d < DRAWS; d++)
            alone[s][d] = rfim__random_next(&random);
        streams[s] = rfim__random_start(99, rfim__stream(RFIM__STREAM_INIT, s));
    }
    for (size_t d = 0; d < DRAWS; d++)
        for (size_t s = STREAMS; s-- > 0;)
            assert_int_equal(rfim__random_next(&streams[s]), alone[s][d]);
}

static void streams_and_seeds_differ(void **state)
{
    (void)state;
    static const uint64_t keys[][2] = {{1, 0},
                                       {2, 0},
                                       {1, 1},
                                       {(uint64_t)1 << 32, 0},
                                       {1, (uint64_t)1 << 32},
                                       {1, (uint64_t)RFIM__STREAM_INIT << 48},
                                       {1, (uint64_t)RFIM__STREAM_SHUFFLE << 48}};
    enum { KEYS = sizeof keys / sizeof keys[0] };
    for (size_t a = 0; a < KEYS; a++) {
        for (size_t b = 0; b < a; b++) {
            rfim__random x = rfim__random_start(keys[a][0], keys[a][1]);
            rfim__random y = rfim__random_start(keys[b][0], keys[b][1]);
            size_t same = 0;
            for (size_t d = 0; d < 64; d++)
                same += rfim__random_next(&x) == rfim__random_next(&y);
            assert_true(same < 2);
        }
    }
}

static void a_stream_says_who_draws_and_for_what(void **state)
{
    (void)state;
    assert_int_equal(rfim__stream(RFIM__STREAM_DIGITS, 7), ((uint64_t)4 << 48) + 7);
    /* a sub-stream that is too large may not run into somebody else's streams */
    assert_int_equal(rfim__stream(RFIM__STREAM_INIT, UINT64_MAX) >> 48, RFIM__STREAM_INIT);
}

#define DRAWS 200000

/* Moments, within 5 standard deviations of the estimate: sd sqrt((E x^2k - (E x^k)^2) / DRAWS). */
static void expect_moment(double sum, double expected, double variance)
{
    double error = fabs(sum / DRAWS - expected);
    double bound = 5 * sqrt(variance / DRAWS);
    if (error > bound)
        fail_msg("a moment is %g, not %g, bound %g", sum / DRAWS, expected, bound);
}

static void uniform_numbers_have_their_moments_and_bounds(void **state)
{
    (void)state;
    rfim__random random = rfim__random_start(5, 6);
    double sums[3] = {0};
    double least = 1;
    double most = 0;
    double product = 0;
    double before = 0;
    for (size_t d = 0; d < DRAWS; d++) {
        double u = rfim__random_uniform(&random);
        assert_true(u >= 0 && u < 1);
        /* 53 bits: every number is a multiple of 2^-53 */
        assert_true(u * 0x1p53 == floor(u * 0x1p53));
        sums[0] += u;
        sums[1] += u * u;
        sums[2] += u * u * u;
        product += (u - 0.5) * before;
        before = u - 0.5;
        least = fmin(least, u);
        most = fmax(most, u);
    }
    expect_moment(sums[0], 1.0 / 2, 1.0 / 12);
    expect_moment(sums[1], 1.0 / 3, 1.0 / 5 - 1.0 / 9);
    expect_moment(sums[2], 1.0 / 4, 1.0 / 7 - 1.0 / 16);
    expect_moment(product, 0, 1.0 / 144);
    /* missed with probability e^-20 each */
    assert_true(least < 1e-4 && most > 1 - 1e-4);
}

static void normal_numbers_have_their_moments_and_bounds(void **state)
{
    (void)state;
    rfim__random random = rfim__random_start(7, 8);
    double sums[4] = {0};
    double inside = 0;
    for (size_t d = 0; d < DRAWS; d++) {
        double z = rfim__random_normal(&random);
        /* the radius is at most sqrt(-2 log 2^-53) */
        assert_true(fabs(z) < 8.6);
        sums[0] += z;
        sums[1] += z * z;
        sums[2] += z * z * z;
        sums[3] += z * z * z * z;
        inside += fabs(z) < 1;
    }
    expect_moment(sums[0], 0, 1);
    expect_moment(sums[1], 1, 2);
    expect_moment(sums[2], 0, 15);
    expect_moment(sums[3], 3, 96);
    expect_moment(inside, 0.6826894921370859, 0.6826894921370859 * 0.3173105078629141);
}

static void numbers_below_a_count_are_below_it_and_evenly_spread(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1, 2, 3, 10, 12};
    rfim__random random = rfim__random_start(9, 10);
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        double seen[12] = {0};
        for (size_t d = 0; d < DRAWS; d++) {
            uint32_t number = rfim__random_below(&random, counts[c]);
            assert_true(number < counts[c]);
            seen[number]++;
        }
        double share = 1.0 / counts[c];
        for (uint32_t n = 0; n < counts[c]; n++)
            expect_moment(seen[n], share, share * (1 - share));
    }
    /* Of 3 x 2^30 numbers a third lies below 2^30; without rejection it would be one half. */
    double low = 0;
    for (size_t d = 0; d < DRAWS; d++)
        low += rfim__random_below(&random, 3u << 30) < (1u << 30);
    expect_moment(low, 1.0 / 3, 2.0 / 9);
    for (size_t d = 0; d < 1000; d++)
        assert_true(rfim__random_below(&random, UINT32_MAX) < UINT32_MAX);
}

static void a_shuffle_is_a_permutation(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 2, 3, 50, 1000};
    uint32_t items[1001];
    uint8_t seen[1000];
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        rfim__random random = rfim__random_start(11, c);
        size_t moved = 0;
        for (uint32_t i = 0; i <= 1000; i++)
            items[i] = i;
        memset(seen, 0, sizeof seen);
        rfim__random_shuffle(&random, items, counts[c]);
        for (size_t i = 0; i < counts[c]; i++) {
            assert_true(items[i] < counts[c]);
            assert_int_equal(seen[items[i]]++, 0);
            moved += items[i] != i;
        }
        assert_int_equal(items[counts[c]], counts[c]); /* nothing beyond the end */
        assert_true(counts[c] < 50 || moved > counts[c] / 2);
    }
}

/* All 24 orders of four items come equally often. */
static void a_shuffle_prefers_no_order(void **state)
{
    (void)state;
    rfim__random random = rfim__random_start(13, 0);
    double seen[256] = {0};
    size_t orders = 0;
    for (size_t d = 0; d < DRAWS; d++) {
        uint32_t items[4] = {0, 1, 2, 3};
        rfim__random_shuffle(&random, items, 4);
        seen[items[0] | items[1] << 2 | items[2] << 4 | items[3] << 6]++;
    }
    for (size_t o = 0; o < 256; o++) {
        orders += seen[o] > 0;
        if (seen[o] > 0)
            expect_moment(seen[o], 1.0 / 24, 23.0 / 576);
    }
    assert_int_equal(orders, 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_known_answers),
        cmocka_unit_test(a_stream_is_the_blocks_in_order),
        cmocka_unit_test(streams_do_not_depend_on_order),
        cmocka_unit_test(streams_and_seeds_differ),
        cmocka_unit_test(a_stream_says_who_draws_and_for_what),
        cmocka_unit_test(uniform_numbers_have_their_moments_and_bounds),
        cmocka_unit_test(normal_numbers_have_their_moments_and_bounds),
        cmocka_unit_test(numbers_below_a_count_are_below_it_and_evenly_spread),
        cmocka_unit_test(a_shuffle_is_a_permutation),
        cmocka_unit_test(a_shuffle_prefers_no_order),
    };
    return cmocka_run_group_tests_name("core: random", tests, NULL, NULL);
}
