#include "data/distortion.h"

#include <math.h>

#define TWO_PI 6.283185307179586

double rfim__random_between(rfim__random *random, double low, double high)
{
    return low + (high - low) * rfim__random_uniform(random);
}

static void draw_waves(rfim__random *random, rfim__distortion *distortion)
{
    double strength = rfim__random_between(random, 0.01, 0.03);
    for (int wave = 0; wave < RFIM__DISTORTION_WAVES; wave++) {
        distortion->phase[wave] = TWO_PI * rfim__random_uniform(random);
        for (int axis = 0; axis < 2; axis++) {
            distortion->amplitude[wave][axis] = strength * rfim__random_normal(random);
            distortion->frequency[wave][axis] = rfim__random_between(random, -1.1, 1.1);
        }
    }
}

rfim__distortion rfim__distortion_draw(rfim__random *random, size_t size)
{
    rfim__distortion distortion;
    double pixels = (double)size;
    double scale = pixels * rfim__random_between(random, 0.58, 0.74);
    double width = scale * rfim__random_between(random, 0.58, 0.88);
    double height = scale * rfim__random_between(random, 0.88, 1.06);
    double slant = 0.12 + 0.18 * rfim__random_normal(random);
    double angle = 0.09 * rfim__random_normal(random);
    double cosine = cos(angle);
    double sine = sin(angle);
    /* Upright shear x <- x - slant y (y points down), then the rotation. */
    distortion.matrix[0][0] = cosine * width;
    distortion.matrix[0][1] = (-cosine * slant - sine) * height;
    distortion.matrix[1][0] = sine * width;
    distortion.matrix[1][1] = (-sine * slant + cosine) * height;
    double reach = 0.09 * pixels;
    for (int axis = 0; axis < 2; axis++)
        distortion.origin[axis] = 0.5 * (pixels - 1) + rfim__random_between(random, -reach, reach);
    draw_waves(random, &distortion);
    return distortion;
}

void rfim__distortion_apply(const rfim__distortion *distortion, double *x, double *y)
{
    double moved[2] = {*x - 0.5, *y - 0.5};
    for (int wave = 0; wave < RFIM__DISTORTION_WAVES; wave++) {
        const double *frequency = distortion->frequency[wave];
        double turns = frequency[0] * *x + frequency[1] * *y;
        double swing = sin(TWO_PI * turns + distortion->phase[wave]);
        for (int axis = 0; axis < 2; axis++)
            moved[axis] += distortion->amplitude[wave][axis] * swing;
    }
    const double(*matrix)[2] = distortion->matrix;
    *x = matrix[0][0] * moved[0] + matrix[0][1] * moved[1] + distortion->origin[0];
    *y = matrix[1][0] * moved[0] + matrix[1][1] * moved[1] + distortion->origin[1];
}
