#include "data/digits.h"

#include "core/random.h"
#include "data/dataset.h"
#include "data/digit_outlines.h"
#include "data/distortion.h"
#include "data/pen.h"

#include <math.h>
#include <string.h>

#define SIZE RFIM__CANVAS_SIZE
#define PIXELS (SIZE * SIZE)
#define CURVE_PARTS 12 /* straight parts that a curve or line is cut into */
#define TREMBLE 0.018  /* box units: standard deviation of an outline's points */

/* Sub-streams of one seed: what is drawn (bits 42 up), the split (40, 41), a number (the rest). */
enum { DRAW_SAMPLE = 0, DRAW_LABELS = 1 };

static rfim__random start(uint64_t seed, unsigned what, rfim__digits_split split, size_t number)
{
    uint64_t sub = (uint64_t)what << 42 | (uint64_t)split << 40 | (uint64_t)number;
    return rfim__random_start(seed, rfim__stream(RFIM__STREAM_DIGITS, sub));
}

static int draw_label(uint64_t seed, rfim__digits_split split, size_t sample)
{
    uint32_t order[RFIM__DIGIT_CLASSES];
    rfim__random random = start(seed, DRAW_LABELS, split, sample / RFIM__DIGIT_CLASSES);
    for (uint32_t j = 0; j < RFIM__DIGIT_CLASSES; j++)
        order[j] = j;
    rfim__random_shuffle(&random, order, RFIM__DIGIT_CLASSES);
    return (int)order[sample % RFIM__DIGIT_CLASSES];
}

/* How one digit is written. */
typedef struct hand {
    rfim__distortion distortion;
    double radius;   /* pixels: half the width of the pen */
    double swell;    /* share by which the radius grows and shrinks along the way */
    double phase;    /* radians: where along the way */
    double softness; /* pixels over which ink fades */
    double gap;      /* steps of the outline: where the pen fails; below 0: nowhere */
    double noise;    /* standard deviation of the grey values */
    double ink;      /* grey value of full ink */
} hand;

static hand draw_hand(rfim__random *random)
{
    hand it;
    it.distortion = rfim__distortion_draw(random, SIZE);
    it.radius = rfim__random_between(random, 0.75, 1.75);
    it.swell = rfim__random_between(random, 0.0, 0.35);
    it.phase = rfim__random_between(random, 0.0, 6.28);
    it.softness = rfim__random_between(random, 1.1, 2.0);
    it.gap = rfim__random_between(random, -24.0, 4.0);
    it.noise = rfim__random_between(random, 0.0, 0.05);
    it.ink = rfim__random_between(random, 0.75, 1.0);
    return it;
}

/* The pen at the point (x, y) of the box, `step` steps after the outline's beginning. */
static rfim__pen place(const hand *it, double x, double y, double step)
{
    rfim__pen pen = {x, y, it->radius * (1 + it->swell * sin(2.0 * step + it->phase))};
    rfim__distortion_apply(&it->distortion, &pen.x, &pen.y);
    return pen;
}

/* The points of a step, each moved a little; a line becomes a curve with trembling handles. */
static void tremble(rfim__random *random, const rfim__outline_step *step, const double from[2],
                    double x[4], double y[4])
{
    int last = step->move == RFIM__PEN_CURVE ? 2 : 0;
    x[0] = from[0];
    y[0] = from[1];
    x[3] = step->x[last] + TREMBLE * rfim__random_normal(random);
    y[3] = step->y[last] + TREMBLE * rfim__random_normal(random);
    for (int k = 1; k <= 2; k++) {
        double share = k / 3.0;
        x[k] = last ? step->x[k - 1] : x[0] + share * (x[3] - x[0]);
        y[k] = last ? step->y[k - 1] : y[0] + share * (y[3] - y[0]);
        x[k] += TREMBLE * rfim__random_normal(random);
        y[k] += TREMBLE * rfim__random_normal(random);
    }
}

static double bezier(const double points[4], double t)
{
    double u = 1 - t;
    return u * u * u * points[0] + 3 * u * u * t * points[1] + 3 * u * t * t * points[2] +
           t * t * t * points[3];
}

static void write_outline(rfim__random *random, const hand *it, rfim__outline outline,
                          rfim__canvas *canvas)
{
    double at[2] = {0, 0};
    for (size_t step = 0; step < outline.count; step++) {
        double x[4], y[4];
        tremble(random, &outline.steps[step], at, x, y);
        at[0] = x[3];
        at[1] = y[3];
        if (outline.steps[step].move == RFIM__PEN_LIFT)
            continue;
        rfim__pen from = place(it, x[0], y[0], (double)step);
        for (int part = 1; part <= CURVE_PARTS; part++) {
            double t = (double)part / CURVE_PARTS;
            double way = (double)step + t;
            rfim__pen to = place(it, bezier(x, t), bezier(y, t), way);
            if (fabs(way - it->gap) > 0.12)
                rfim__pen_line(canvas, from, to, it->softness);
            from = to;
        }
    }
}

static void add_specks(rfim__random *random, rfim__canvas *canvas)
{
    int count = (int)rfim__random_below(random, 12) - 8;
    for (int speck = 0; speck < count; speck++) {
        rfim__pen pen = {rfim__random_between(random, 0, SIZE - 1),
                         rfim__random_between(random, 0, SIZE - 1),
                         rfim__random_between(random, 0.1, 0.7)};
        rfim__pen_line(canvas, pen, pen, 1.2);
    }
}

/* pixels: [28 x 28] row-major grey values. */
static void draw_digit(uint64_t seed, rfim__digits_split split, size_t sample, int digit,
                       uint8_t *pixels)
{
    rfim__random random = start(seed, DRAW_SAMPLE, split, sample);
    rfim__canvas canvas;
    memset(&canvas, 0, sizeof canvas);
    size_t variants = rfim__outline_count(digit);
    size_t variant = rfim__random_below(&random, (uint32_t)variants);
    hand it = draw_hand(&random);
    write_outline(&random, &it, rfim__outline_get(digit, variant), &canvas);
    add_specks(&random, &canvas);
    for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++) {
            double grey = it.ink * canvas.ink[y][x] + it.noise * rfim__random_normal(&random);
            pixels[y * SIZE + x] = (uint8_t)lround(255 * fmin(fmax(grey, 0), 1));
        }
    }
}

rfim_status rfim__digits_create(rfim_context *context, uint64_t seed, rfim__digits_split split,
                                size_t samples, rfim_dataset **out)
{
    rfim_dataset *dataset = NULL;
    rfim_status status = rfim__dataset_create(context, samples, PIXELS, RFIM_UINT8,
                                              RFIM_TARGET_LABELS, RFIM__DIGIT_CLASSES, &dataset);
    *out = dataset;
    if (status != RFIM_OK)
        return status;
    dataset->image_height = SIZE;
    dataset->image_width = SIZE;
    uint8_t *pixels = dataset->values;
#pragma omp parallel for num_threads((int)context->threads) schedule(static)
    for (size_t i = 0; i < samples; i++) {
        int digit = draw_label(seed, split, i);
        dataset->labels[i] = digit;
        draw_digit(seed, split, i, digit, pixels + i * PIXELS);
    }
    return RFIM_OK;
}
