/* nearest.h - "did you mean": the nearest known name by edit distance. */
#ifndef RFIM_CORE_NEAREST_H
#define RFIM_CORE_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/* Edits (insert, delete, replace, swap of neighbours) that turn a into b. */
size_t rfim__edit_distance(const char *a, const char *b);

/* Keeps in *best the nearer of *best and name to `word`. Start with *best = NULL. */
void rfim__nearest_consider(const char *word, const char *name, const char **best);

/* Whether a name is so near to a word that it may have been meant: at most half of the word's
 * letters are edited. */
bool rfim__nearest_is_near(const char *word, const char *name);

/* The nearest of the words in `choices`, separated by `|`, copied to out (size bytes). */
void rfim__nearest_choice(const char *word, const char *choices, char *out, size_t size);

#endif
