#include "data/digit_outlines.h"

/* clang-format off */
#define LIFT(x, y) {RFIM__PEN_LIFT, {x, 0, 0}, {y, 0, 0}}
#define LINE(x, y) {RFIM__PEN_LINE, {x, 0, 0}, {y, 0, 0}}
#define CURVE(x1, y1, x2, y2, x, y) {RFIM__PEN_CURVE, {x1, x2, x}, {y1, y2, y}}

static const rfim__outline_step zero_round[] = {
    LIFT(.50, .00), CURVE(-.12, -.02, -.12, 1.02, .50, 1.00), CURVE(1.12, 1.02, 1.12, -.02, .50, .00)};
static const rfim__outline_step zero_open[] = {
    LIFT(.62, .05), CURVE(.05, -.02, -.10, 1.00, .42, 1.00), CURVE(.98, 1.02, 1.08, .08, .48, .02)};
static const rfim__outline_step zero_crossed_ends[] = {
    LIFT(.40, .02), CURVE(-.05, .25, -.02, 1.03, .48, 1.00), CURVE(1.05, .97, .98, .02, .60, .02),
    CURVE(.45, .02, .38, .08, .32, .16)};

static const rfim__outline_step one_bare[] = {LIFT(.52, .00), LINE(.50, 1.00)};
static const rfim__outline_step one_bent[] = {LIFT(.58, .00), CURVE(.50, .30, .54, .70, .44, 1.00)};
static const rfim__outline_step one_serif[] = {LIFT(.30, .30), LINE(.56, .00), LINE(.54, 1.00)};
static const rfim__outline_step one_base[] = {
    LIFT(.28, .28), LINE(.54, .01), LINE(.52, 1.00), LIFT(.22, 1.00), LINE(.84, .99)};

static const rfim__outline_step two_plain[] = {
    LIFT(.06, .25), CURVE(.10, -.08, .95, -.10, .90, .30), CURVE(.85, .55, .30, .80, .05, 1.00),
    LINE(.95, .99)};
static const rfim__outline_step two_looped[] = {
    LIFT(.08, .20), CURVE(.20, -.10, .95, -.08, .85, .35), CURVE(.75, .65, .40, .95, .15, .97),
    CURVE(-.08, .98, .00, .74, .20, .77), CURVE(.45, .82, .60, 1.04, .97, .92)};
static const rfim__outline_step two_angular[] = {
    LIFT(.10, .12), CURVE(.40, -.06, .90, .00, .85, .28), LINE(.08, .97),
    CURVE(.40, .88, .60, 1.04, .95, .94)};

static const rfim__outline_step three_round[] = {
    LIFT(.08, .12), CURVE(.40, -.12, .95, .00, .80, .30), CURVE(.72, .45, .50, .48, .35, .48),
    CURVE(.70, .48, .98, .60, .90, .80), CURVE(.80, 1.08, .25, 1.03, .05, .88)};
static const rfim__outline_step three_flat[] = {
    LIFT(.10, .02), LINE(.85, .02), LINE(.42, .40), CURVE(.90, .40, 1.02, .70, .85, .88),
    CURVE(.65, 1.06, .25, 1.02, .05, .90)};
static const rfim__outline_step three_knotted[] = {
    LIFT(.10, .10), CURVE(.50, -.10, 1.00, .05, .75, .35), CURVE(.60, .52, .28, .56, .34, .46),
    CURVE(.40, .38, 1.05, .50, .90, .80), CURVE(.75, 1.10, .20, 1.02, .02, .85)};

static const rfim__outline_step four_open[] = {
    LIFT(.16, .00), LINE(.08, .56), LINE(.94, .54), LIFT(.74, .02), LINE(.70, 1.00)};
static const rfim__outline_step four_closed[] = {
    LIFT(.68, 1.00), LINE(.68, .00), LINE(.02, .68), LINE(.98, .68)};
static const rfim__outline_step four_curved[] = {
    LIFT(.16, .02), CURVE(.10, .30, -.04, .62, .28, .58), CURVE(.50, .56, .70, .50, .84, .44),
    LIFT(.84, .00), CURVE(.82, .40, .76, .70, .70, 1.00)};

static const rfim__outline_step five_one_stroke[] = {
    LIFT(.88, .02), LINE(.20, .02), LINE(.14, .42), CURVE(.50, .28, .95, .40, .90, .70),
    CURVE(.85, 1.08, .25, 1.05, .05, .88)};
static const rfim__outline_step five_with_flag[] = {
    LIFT(.22, .04), LINE(.16, .44), CURVE(.50, .32, .95, .42, .88, .74),
    CURVE(.80, 1.06, .28, 1.05, .06, .92), LIFT(.22, .05), LINE(.94, .00)};
static const rfim__outline_step five_flowing[] = {
    LIFT(.86, .03), CURVE(.45, .02, .22, .00, .18, .28), CURVE(.17, .50, .90, .34, .90, .70),
    CURVE(.88, 1.05, .30, 1.05, .05, .92)};

static const rfim__outline_step six_round[] = {
    LIFT(.75, .02), CURVE(.30, .15, .08, .50, .10, .75), CURVE(.12, 1.08, .90, 1.08, .90, .72),
    CURVE(.90, .42, .30, .42, .12, .72)};
static const rfim__outline_step six_straight[] = {
    LIFT(.60, .00), CURVE(.28, .28, .05, .55, .10, .80), CURVE(.20, 1.08, .85, 1.02, .85, .75),
    CURVE(.85, .50, .40, .48, .15, .80)};
static const rfim__outline_step six_hooked[] = {
    LIFT(.85, .12), CURVE(.60, -.08, .10, .10, .06, .60), CURVE(.05, 1.10, .92, 1.10, .92, .72),
    CURVE(.90, .45, .25, .40, .10, .68)};

static const rfim__outline_step seven_plain[] = {LIFT(.05, .03), LINE(.92, .03), LINE(.35, 1.00)};
static const rfim__outline_step seven_barred[] = {
    LIFT(.05, .04), LINE(.92, .02), LINE(.38, 1.00), LIFT(.28, .50), LINE(.84, .47)};
static const rfim__outline_step seven_curved[] = {
    LIFT(.05, .10), CURVE(.30, .00, .60, .06, .95, .02), CURVE(.70, .35, .50, .60, .42, 1.00)};
static const rfim__outline_step seven_serif[] = {
    LIFT(.06, .20), LINE(.08, .03), LINE(.93, .04), CURVE(.65, .40, .50, .70, .45, 1.00)};

static const rfim__outline_step eight_from_top[] = {
    LIFT(.80, .12), CURVE(.45, -.12, .02, .10, .24, .32), CURVE(.50, .52, .97, .60, .90, .82),
    CURVE(.75, 1.10, .08, 1.06, .10, .80), CURVE(.12, .60, .82, .46, .84, .20),
    CURVE(.84, .04, .70, .01, .58, .03)};
static const rfim__outline_step eight_from_middle[] = {
    LIFT(.50, .46), CURVE(.00, .30, .16, .00, .52, .00), CURVE(.92, .00, .96, .30, .50, .46),
    CURVE(-.10, .65, .02, 1.00, .50, 1.00), CURVE(1.00, 1.00, 1.04, .65, .50, .46)};
static const rfim__outline_step eight_stacked[] = {
    LIFT(.50, .48), CURVE(.05, .46, .08, .00, .50, .00), CURVE(.92, .00, .95, .46, .50, .48),
    LIFT(.52, .50), CURVE(-.06, .50, -.06, 1.00, .50, 1.00), CURVE(1.06, 1.00, 1.06, .50, .52, .50)};

static const rfim__outline_step nine_straight[] = {
    LIFT(.86, .28), CURVE(.80, -.08, .08, -.10, .10, .28), CURVE(.10, .60, .78, .58, .86, .22),
    LINE(.76, 1.00)};
static const rfim__outline_step nine_hooked[] = {
    LIFT(.84, .26), CURVE(.76, -.08, .10, -.10, .10, .28), CURVE(.12, .58, .76, .56, .86, .18),
    CURVE(.94, .62, .88, 1.02, .20, .96)};
static const rfim__outline_step nine_bent[] = {
    LIFT(.82, .10), CURVE(.60, -.10, .04, .02, .10, .32), CURVE(.16, .56, .74, .50, .82, .12),
    CURVE(.84, .50, .72, .70, .60, 1.00)};
/* clang-format on */

#define OUTLINE(steps)                                                                             \
    {                                                                                              \
        steps, sizeof(steps) / sizeof(steps)[0]                                                    \
    }
#define VARIANTS 4

/* Fewer than VARIANTS ways end with an empty entry. */
static const rfim__outline outlines[RFIM__DIGIT_CLASSES][VARIANTS] = {
    {OUTLINE(zero_round), OUTLINE(zero_open), OUTLINE(zero_crossed_ends)},
    {OUTLINE(one_bare), OUTLINE(one_bent), OUTLINE(one_serif), OUTLINE(one_base)},
    {OUTLINE(two_plain), OUTLINE(two_looped), OUTLINE(two_angular)},
    {OUTLINE(three_round), OUTLINE(three_flat), OUTLINE(three_knotted)},
    {OUTLINE(four_open), OUTLINE(four_closed), OUTLINE(four_curved)},
    {OUTLINE(five_one_stroke), OUTLINE(five_with_flag), OUTLINE(five_flowing)},
    {OUTLINE(six_round), OUTLINE(six_straight), OUTLINE(six_hooked)},
    {OUTLINE(seven_plain), OUTLINE(seven_barred), OUTLINE(seven_curved), OUTLINE(seven_serif)},
    {OUTLINE(eight_from_top), OUTLINE(eight_from_middle), OUTLINE(eight_stacked)},
    {OUTLINE(nine_straight), OUTLINE(nine_hooked), OUTLINE(nine_bent)},
};

size_t rfim__outline_count(int digit)
{
    size_t count = 0;
    while (count < VARIANTS && outlines[digit][count].count > 0)
        count++;
    return count;
}

rfim__outline rfim__outline_get(int digit, size_t variant)
{
    return outlines[digit][variant];
}
