/* A ramp in the manner of viridis (van der Walt and Smith, 2015), with anchors of its own: eleven
 * colours computed in OKLab (Ottosson, 2020) whose lightness rises by equal steps from 0.31 to
 * 0.94 and whose hue turns from violet over blue and green to yellow, so that equal differences of
 * the number look equally large (within 10 %). Because lightness alone orders the colours, they
 * are told apart by colour-blind people, and on paper without colours. Between two anchors the
 * sRGB values are interpolated linearly. */
#include "io/chart_ramp.h"

#include <math.h>
#include <stddef.h>

#define ANCHORS 11

static const uint8_t anchors[ANCHORS][3] = {{62, 22, 98},   {59, 47, 131},   {44, 74, 156},
                                            {37, 102, 161}, {47, 127, 159},  {46, 153, 158},
                                            {65, 177, 151}, {103, 198, 139}, {148, 217, 121},
                                            {197, 233, 98}, {248, 245, 77}};

void rfim__chart_ramp(double place, uint8_t rgb[3])
{
    const double at = (ANCHORS - 1) * fmax(0, fmin(1, place));
    const size_t anchor = at < ANCHORS - 1 ? (size_t)at : ANCHORS - 2;
    const double part = at - (double)anchor;
    for (size_t channel = 0; channel < 3; channel++) {
        const double from = anchors[anchor][channel];
        const double to = anchors[anchor + 1][channel];
        rgb[channel] = isnan(place) ? RFIM__RAMP_GREY : (uint8_t)lround(from + part * (to - from));
    }
}
