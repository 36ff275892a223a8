#include "data/pen.h"

#include <math.h>

static double clamp(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

/* The pixels low ... high (inclusive) of one axis that lie within reach of a and b. */
static void touched(double a, double b, double reach, int *low, int *high)
{
    const double last = RFIM__CANVAS_SIZE - 1;
    *low = (int)clamp(ceil(fmin(a, b) - reach), 0, last + 1);
    *high = (int)clamp(floor(fmax(a, b) + reach), -1, last);
}

void rfim__pen_line(rfim__canvas *canvas, rfim__pen from, rfim__pen to, double softness)
{
    double reach = fmax(from.radius, to.radius) + 0.5 * softness;
    double along_x = to.x - from.x;
    double along_y = to.y - from.y;
    double length_squared = along_x * along_x + along_y * along_y;
    int left, right, top, bottom;
    touched(from.x, to.x, reach, &left, &right);
    touched(from.y, to.y, reach, &top, &bottom);
    for (int y = top; y <= bottom; y++) {
        for (int x = left; x <= right; x++) {
            double share = 0;
            if (length_squared > 0)
                share = clamp(((x - from.x) * along_x + (y - from.y) * along_y) / length_squared, 0,
                              1);
            double away_x = x - from.x - share * along_x;
            double away_y = y - from.y - share * along_y;
            double distance = sqrt(away_x * away_x + away_y * away_y);
            double radius = from.radius + share * (to.radius - from.radius);
            double depth = clamp(0.5 + (radius - distance) / softness, 0, 1);
            double ink = depth * depth * (3 - 2 * depth);
            canvas->ink[y][x] = fmax(canvas->ink[y][x], ink);
        }
    }
}
