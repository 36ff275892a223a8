/* chart_ramp.h - colours for numbers: from dark violet over blue and green to light yellow. */
#ifndef RFIM_IO_CHART_RAMP_H
#define RFIM_IO_CHART_RAMP_H

#include <stdint.h>

/* The colour (red, green, blue) at place 0 ... 1; what lies outside gets the colour of the nearer
 * end, NaN a grey that is none of the ramp's colours. */
void rfim__chart_ramp(double place, uint8_t rgb[3]);

#define RFIM__RAMP_GREY 0xc4 /* of NaN: red, green and blue alike */

#endif
