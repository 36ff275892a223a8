/* nearest.h - "did you mean": the nearest known name by edit distance. */
#ifndef RFIM_CORE_NEAREST_H
#define RFIM_CORE_NEAREST_H

#include <stddef.h>

/* Edits (insert, delete, replace, swap of neighbours) that turn a into b. */
size_t rfim__edit_distance(const char *a, const char *b);

/* Keeps in *best the nearer of *best and name to `word`. Start with *best = NULL. */
void rfim__nearest_consider(const char *word, const char *name, const char **best);

/* The nearest of the words in `choices`, separated by `|`, copied to out (size bytes). */
void rfim__nearest_choice(const char *word, const char *choices, char *out, size_t size);

#endif
