/* svg_words.h - words that fit into the room there is: shortened to one line, or on several. */
#ifndef RFIM_IO_SVG_WORDS_H
#define RFIM_IO_SVG_WORDS_H

#include "io/svg.h"

#define RFIM__WORDS_SIZE 512 /* bytes of a line, its NUL included */
#define RFIM__LINE_PITCH 1.4 /* from a base line to the next one, in font sizes */

/* words in at most `width` pixels: what is too much in the middle becomes an ellipsis. */
void rfim__svg_shorten(const char *words, double size, double width, char out[RFIM__WORDS_SIZE]);

/* Draws words on as many lines as they need, broken at spaces; a word that is longer than a line
 * is shortened. y: the base line of the first. svg NULL: draws nothing. Returns the lines: 0 for
 * no words or NULL. */
size_t rfim__svg_paragraph(rfim__svg *svg, double x, double y, double width,
                           const rfim__svg_font *font, const char *words);

#endif
