/* The colours of numbers: their order, their even steps, and how colour-blind people see them. */
#include "io/chart_ramp.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define STEPS 16

static void linear_light(double place, double light[3])
{
    uint8_t rgb[3];
    rfim__chart_ramp(place, rgb);
    for (size_t channel = 0; channel < 3; channel++) {
        const double value = rgb[channel] / 255.0;
        light[channel] = value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
    }
}

/* Ottosson's OKLab: lightness, green to red, blue to yellow. */
static void perceived(const double light[3], double lab[3])
{
    const double r = light[0], g = light[1], b = light[2];
    const double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    lab[0] = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
    lab[1] = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
    lab[2] = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
}

static void equal_steps_look_equal(void **state)
{
    (void)state;
    double before[3], least = INFINITY, most = 0;
    for (size_t step = 0; step <= STEPS; step++) {
        double light[3], lab[3];
        linear_light((double)step / STEPS, light);
        perceived(light, lab);
        if (step > 0) {
            const double distance = sqrt(pow(lab[0] - before[0], 2) + pow(lab[1] - before[1], 2) +
                                         pow(lab[2] - before[2], 2));
            least = fmin(least, distance);
            most = fmax(most, distance);
            assert_true(lab[0] > before[0]);
        }
        for (size_t axis = 0; axis < 3; axis++)
            before[axis] = lab[axis];
    }
    /* 8 % by design; rounding to whole levels, at most one of about sixteen in a step, adds some.
     */
    if (most > 1.15 * least)
        fail_msg("steps differ from %g to %g", least, most);
}

/* What is left without the red or the green cones (Vienot, Brettel and Mollon, 1999). */
static void lightness_alone_orders_the_colours(void **state)
{
    (void)state;
    static const double blind[2][3] = {{0.11238, 0.88762, 0.00401}, {0.29275, 0.70725, -0.02234}};
    for (size_t kind = 0; kind < 2; kind++) {
        double before = -1;
        for (size_t step = 0; step <= STEPS; step++) {
            double light[3], lab[3];
            linear_light((double)step / STEPS, light);
            const double yellow = blind[kind][0] * light[0] + blind[kind][1] * light[1];
            const double seen[3] = {yellow, yellow,
                                    fmax(0, light[2] + blind[kind][2] * (light[0] - light[1]))};
            perceived(seen, lab);
            assert_true(lab[0] > before + 0.3 / STEPS);
            before = lab[0];
        }
    }
}

static void assert_colour(double place, const uint8_t expected[3])
{
    uint8_t rgb[3];
    rfim__chart_ramp(place, rgb);
    assert_memory_equal(rgb, expected, 3);
}

static void what_lies_outside_has_the_colour_of_the_end(void **state)
{
    (void)state;
    static const uint8_t low[3] = {62, 22, 98}, middle[3] = {46, 153, 158},
                         high[3] = {248, 245, 77};
    assert_colour(0, low);
    assert_colour(-1e300, low);
    assert_colour(-INFINITY, low);
    assert_colour(0.5, middle);
    assert_colour(1, high);
    assert_colour(1e300, high);
    assert_colour(INFINITY, high);
}

static void what_is_no_number_is_grey_and_no_number_is(void **state)
{
    (void)state;
    static const uint8_t grey[3] = {RFIM__RAMP_GREY, RFIM__RAMP_GREY, RFIM__RAMP_GREY};
    assert_colour(NAN, grey);
    for (size_t step = 0; step <= STEPS; step++) {
        uint8_t rgb[3];
        rfim__chart_ramp((double)step / STEPS, rgb);
        int least = 255, most = 0;
        for (size_t channel = 0; channel < 3; channel++) {
            least = rgb[channel] < least ? rgb[channel] : least;
            most = rgb[channel] > most ? rgb[channel] : most;
        }
        assert_true(most - least > 60);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_steps_look_equal),
        cmocka_unit_test(lightness_alone_orders_the_colours),
        cmocka_unit_test(what_lies_outside_has_the_colour_of_the_end),
        cmocka_unit_test(what_is_no_number_is_grey_and_no_number_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
