#include "network/module.h"

#include "core/number.h"

#include <stdio.h>
#include <string.h>

const rfim__module_table *const rfim__module_tables[] = {
    &rfim__linear_module,
    &rfim__batch_norm_module,
    &rfim__activation_module,
    NULL,
};

rfim__slot rfim__slot_rows(const rfim__algebra *algebra, const rfim__slot *slot, size_t first,
                           size_t n)
{
    rfim__slot part = *slot;
    part.input = rfim__rows(algebra, slot->input, first, n);
    part.firsts = slot->firsts ? slot->firsts + first : NULL;
    part.pre = rfim__rows(algebra, slot->pre, first, n);
    part.output = rfim__rows(algebra, slot->output, first, n);
    if (slot->delta.rows > 0)
        part.delta = rfim__rows(algebra, slot->delta, first, n);
    return part;
}

bool rfim__parse_width(const char *word, size_t *width)
{
    uint64_t number = 0;
    if (!rfim__number_parse_whole(word, &number) || number < 1 || number > RFIM__WIDEST)
        return false;
    *width = (size_t)number;
    return true;
}

bool rfim__parse_setting(const char *word, char *key, size_t size, double *value)
{
    const char *equals = strchr(word, '=');
    if (!equals || equals == word || (size_t)(equals - word) >= size)
        return false;
    snprintf(key, size, "%.*s", (int)(equals - word), word);
    return rfim__number_parse(equals + 1, value);
}
