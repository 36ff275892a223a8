#include "io/chart_axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Steps and logarithms of what lies between these neither overflow nor vanish. */
#define LARGEST 1e300
#define SMALLEST 1e-300
#define LEAST_LOGARITHMIC_RATIO 5.0 /* spans two or more of the labels 1, 2 and 5 */

#define FEW_DECADES 8   /* have minor ticks inside */
#define MANY_DECADES 24 /* more have ticks at labels only */

void rfim__range_begin(rfim__range *range)
{
    range->low = INFINITY;
    range->high = -INFINITY;
    range->positive_low = INFINITY;
}

void rfim__range_include(rfim__range *range, const double *values, size_t count)
{
    for (size_t point = 0; values && point < count; point++) {
        if (!isfinite(values[point]))
            continue;
        const double value = fmax(-LARGEST, fmin(LARGEST, values[point]));
        range->low = fmin(range->low, value);
        range->high = fmax(range->high, value);
        if (value > 0)
            range->positive_low = fmin(range->positive_low, fmax(value, SMALLEST));
    }
}

bool rfim__range_spans_decades(const rfim__range *range)
{
    return range->positive_low <= range->high / LEAST_LOGARITHMIC_RATIO;
}

bool rfim__range_widen(rfim__range *range)
{
    const double side = sqrt(1.001 * LEAST_LOGARITHMIC_RATIO); /* safe from rounding */
    if (!(range->positive_low <= range->high))
        return false;
    if (rfim__range_spans_decades(range))
        return true;
    const double middle = sqrt(range->positive_low) * sqrt(range->high);
    range->positive_low = fmax(SMALLEST, middle / side);
    range->low = fmin(range->low, range->positive_low);
    range->high = fmax(range->positive_low * side * side, range->high);
    return true;
}

/* Adds a tick; one that would lie off the table is left out. */
static rfim__tick *add_tick(rfim__axis *axis, double value, bool minor)
{
    if (axis->count == RFIM__AXIS_TICKS)
        return NULL;
    rfim__tick *tick = &axis->ticks[axis->count++];
    tick->value = value;
    tick->minor = minor;
    tick->label[0] = '\0';
    return tick;
}

/* A minus sign instead of a hyphen, and a dot whatever the locale's decimal point is. */
static void tidy_label(char *label)
{
    char tidy[RFIM__TICK_TEXT];
    size_t length = 0;
    bool dot = false;
    for (const char *from = label; *from && length + 4 < sizeof tidy; from++) {
        const bool known = strchr("0123456789e+", *from) != NULL;
        if (*from == '-') {
            memcpy(tidy + length, "\xE2\x88\x92", 3); /* U+2212 */
            length += 3;
        } else if (known || !dot) {
            tidy[length++] = known ? *from : '.';
            dot = !known;
        }
    }
    tidy[length] = '\0';
    memcpy(label, tidy, length + 1);
}

/* The label of a tick on an axis whose ticks lie `step` apart: as many decimals as the step has. */
static void label_linear(rfim__tick *tick, double step)
{
    const double size = fmax(fabs(tick->value), step);
    if (fabs(tick->value) < step / 2)
        tick->value = 0; /* not -0, nor the rounding error of a sum */
    const int decimals = (int)fmax(0, -floor(log10(step) + 1e-9));
    if (size >= 1e6 || decimals > 6)
        snprintf(tick->label, sizeof tick->label, "%.4g", tick->value);
    else
        snprintf(tick->label, sizeof tick->label, "%.*f", decimals, tick->value);
    tidy_label(tick->label);
}

/* 1, 2 or 5 times a power of ten, not below `raw`. */
static double round_step(double raw)
{
    const double power = pow(10, floor(log10(raw)));
    const double ratio = raw / power;
    return power * (ratio <= 1 + 1e-9 ? 1 : ratio <= 2 + 1e-9 ? 2 : ratio <= 5 + 1e-9 ? 5 : 10);
}

void rfim__axis_linear(rfim__axis *axis, const rfim__range *range, size_t wanted, bool whole)
{
    double low = range->low;
    double high = range->high;
    if (!(low <= high)) { /* nothing seen */
        low = 0;
        high = 1;
    }
    /* A single value, or values that differ by rounding only. */
    const double least = fmax(SMALLEST, fmax(fabs(low), fabs(high)) * 1e-9);
    if (high - low <= least) {
        const double margin = whole ? 1 : low == 0 ? 1 : fabs(low) / 10;
        low -= margin;
        high += margin;
    }
    double step = round_step(high / (double)wanted - low / (double)wanted);
    if (whole)
        step = fmax(step, 1);
    const double first = floor(low / step + 1e-9);
    const double last = ceil(high / step - 1e-9);
    axis->logarithmic = false;
    axis->low = first * step;
    axis->high = last * step;
    axis->count = 0;
    const size_t steps = (size_t)lround(last - first); /* a few more than wanted */
    for (size_t number = 0; number <= steps; number++) {
        rfim__tick *tick = add_tick(axis, (first + (double)number) * step, false);
        if (tick)
            label_linear(tick, step);
    }
}

/* digit x 10^exponent: "0.02", "500", and powers where those grow long. */
static void label_power(rfim__tick *tick, int digit, int exponent)
{
    static const char *const raised[] = {
        "\xE2\x81\xB0", "\xC2\xB9",     "\xC2\xB2",     "\xC2\xB3",     "\xE2\x81\xB4",
        "\xE2\x81\xB5", "\xE2\x81\xB6", "\xE2\x81\xB7", "\xE2\x81\xB8", "\xE2\x81\xB9"};
    if (exponent >= -3 && exponent <= 4) {
        snprintf(tick->label, sizeof tick->label, "%.*f", exponent < 0 ? -exponent : 0,
                 tick->value);
        tidy_label(tick->label);
        return;
    }
    char factor[16] = "";
    if (digit != 1)
        snprintf(factor, sizeof factor, "%d\xC3\x97", digit); /* a multiplication sign */
    const int size = exponent < 0 ? -exponent : exponent;
    snprintf(tick->label, sizeof tick->label, "%s10%s%s%s%s", factor,
             exponent < 0 ? "\xE2\x81\xBB" : "", size >= 100 ? raised[size / 100 % 10] : "",
             size >= 10 ? raised[size / 10 % 10] : "", raised[size % 10]);
}

/* Ticks of one decade from 10^exponent on that lie on the axis. labelled: 2 and 5 have labels. */
static void add_decade(rfim__axis *axis, int exponent, bool major, bool minor, bool labelled)
{
    for (int digit = 1; digit <= (minor ? 9 : 1); digit++) {
        const double value = digit * pow(10, exponent);
        if (value < axis->low * (1 - 1e-9) || value > axis->high * (1 + 1e-9))
            continue;
        const bool with_label = digit == 1 ? major : labelled && (digit == 2 || digit == 5);
        rfim__tick *tick = add_tick(axis, value, !with_label);
        if (tick && with_label)
            label_power(tick, digit, exponent);
    }
}

void rfim__axis_logarithmic(rfim__axis *axis, const rfim__range *range, size_t wanted)
{
    if (!rfim__range_spans_decades(range)) {
        rfim__axis_linear(axis, range, wanted, false);
        return;
    }
    axis->logarithmic = true;
    axis->count = 0;
    /* The ends lie on a digit of a decade: 0.02 or 3, not 0.0173. */
    const double low_power = pow(10, floor(log10(range->positive_low) + 1e-9));
    const double high_power = pow(10, floor(log10(range->high) + 1e-9));
    axis->low = floor(range->positive_low / low_power + 1e-9) * low_power;
    axis->high = ceil(range->high / high_power - 1e-9) * high_power;
    const int first = (int)floor(log10(axis->low) + 1e-9);
    const int last = (int)floor(log10(axis->high) + 1e-9);
    const int decades = last - first + 1;
    const int stride = decades / ((int)wanted + 1) + 1;
    for (int exponent = first; exponent <= last; exponent++) {
        const bool major = (exponent - first) % stride == 0;
        if (major || decades <= MANY_DECADES)
            add_decade(axis, exponent, major, decades <= FEW_DECADES, decades <= 3);
    }
}

void rfim__axis_lengthen(rfim__axis *axis, double below, double above)
{
    if (axis->logarithmic) {
        const double length = log10(axis->high) - log10(axis->low);
        axis->low *= pow(10, -below * length);
        axis->high *= pow(10, above * length);
        return;
    }
    const double length = axis->high - axis->low;
    axis->low -= below * length;
    axis->high += above * length;
}

void rfim__axis_cut(rfim__axis *axis, double low, double high)
{
    const double margin = 1e-9 * (high - low);
    size_t kept = 0;
    for (size_t number = 0; number < axis->count; number++)
        if (axis->ticks[number].value >= low - margin && axis->ticks[number].value <= high + margin)
            axis->ticks[kept++] = axis->ticks[number];
    axis->count = kept;
    axis->low = low;
    axis->high = high;
}

void rfim__axis_cells(rfim__axis *axis, size_t count, size_t wanted)
{
    const double last = count > 0 ? (double)count : 1;
    const rfim__range range = {.low = 1, .high = last, .positive_low = 1};
    rfim__axis_linear(axis, &range, wanted, true);
    rfim__axis_cut(axis, 1, last);
    axis->low = 0.5;
    axis->high = last + 0.5;
    if (count == 0)
        axis->count = 0;
}

double rfim__axis_place(const rfim__axis *axis, double value)
{
    if (!isfinite(value) || (axis->logarithmic && value <= 0))
        return NAN;
    if (axis->logarithmic)
        return (log10(value) - log10(axis->low)) / (log10(axis->high) - log10(axis->low));
    return value / (axis->high - axis->low) - axis->low / (axis->high - axis->low);
}
