/* number.h - numbers to and from text, the same in every locale of the host program. */
#ifndef RFIM_CORE_NUMBER_H
#define RFIM_CORE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RFIM__NUMBER_SIZE 32 /* room for any number as text, with its end */

/* The whole text must be one finite decimal number, such as "1e-3"; *out is unchanged if not. */
bool rfim__number_parse(const char *text, double *out);
/* The whole text must be decimal digits whose value fits into 64 bits. */
bool rfim__number_parse_whole(const char *text, uint64_t *out);
/* A short text that reads back as the same number: "50", "0.01", "1e-8". */
void rfim__number_text(double number, char text[RFIM__NUMBER_SIZE]);

/* A number of bytes such as "4000000", "64M", "1.5G" or "2GB" (k, M, G, T: thousands of thousands),
 * rounded down; *out is unchanged if it is none, or more than this machine can address. */
bool rfim__bytes_parse(const char *text, size_t *out);
/* A short text that reads back as the same number of bytes: "64M", "1500k", "1023". */
void rfim__bytes_exact(size_t bytes, char text[RFIM__NUMBER_SIZE]);

/* "296 MB", "1.2 kB": three digits. */
#define RFIM__BYTES_TEXT 32
void rfim__bytes_text(double bytes, char text[RFIM__BYTES_TEXT]);

#endif
