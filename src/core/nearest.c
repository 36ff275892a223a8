#include "core/nearest.h"

#include "core/size.h"

#include <stdio.h>
#include <string.h>

#define LONGEST 64 /* longer words are compared by their beginning */

size_t rfim__edit_distance(const char *a, const char *b)
{
    size_t rows = rfim__size_min(strlen(a), LONGEST);
    size_t columns = rfim__size_min(strlen(b), LONGEST);
    size_t distance[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= rows; i++)
        distance[i][0] = i;
    for (size_t j = 0; j <= columns; j++)
        distance[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        for (size_t j = 1; j <= columns; j++) {
            size_t replace = distance[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            size_t edit = rfim__size_min(distance[i - 1][j], distance[i][j - 1]) + 1;
            size_t least = rfim__size_min(replace, edit);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                least = rfim__size_min(least, distance[i - 2][j - 2] + 1);
            distance[i][j] = least;
        }
    }
    return distance[rows][columns];
}

void rfim__nearest_consider(const char *word, const char *name, const char **best)
{
    if (!*best || rfim__edit_distance(word, name) < rfim__edit_distance(word, *best))
        *best = name;
}

bool rfim__nearest_is_near(const char *word, const char *name)
{
    return 2 * rfim__edit_distance(word, name) <= rfim__size_min(strlen(word), LONGEST);
}

void rfim__nearest_choice(const char *word, const char *choices, char *out, size_t size)
{
    size_t best = (size_t)-1;
    out[0] = '\0';
    for (const char *start = choices; start;) {
        const char *end = strchr(start, '|');
        size_t length = end ? (size_t)(end - start) : strlen(start);
        char choice[LONGEST + 1];
        snprintf(choice, sizeof choice, "%.*s", (int)rfim__size_min(length, LONGEST), start);
        size_t distance = rfim__edit_distance(word, choice);
        if (distance < best) {
            best = distance;
            snprintf(out, size, "%s", choice);
        }
        start = end ? end + 1 : NULL;
    }
}
