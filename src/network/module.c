#include "network/module.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const rfim__module_table *const rfim__module_tables[] = {
    &rfim__linear_module,
    &rfim__batch_norm_module,
    NULL,
};

bool rfim__parse_setting(const char *word, char *key, size_t size, double *value)
{
    const char *equals = strchr(word, '=');
    if (!equals || equals == word || equals[1] == '\0' || (size_t)(equals - word) >= size)
        return false;
    snprintf(key, size, "%.*s", (int)(equals - word), word);
    char *end = NULL;
    *value = strtod(equals + 1, &end);
    return *end == '\0' && isfinite(*value);
}
