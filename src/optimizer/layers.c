#include "optimizer/layers.h"

#include "core/nearest.h"

#include <stdio.h>
#include <string.h>

#define LONGEST 64

/* One entry of a text: "name=word" or "word". */
typedef struct entry {
    char name[LONGEST]; /* empty: for all */
    char word[LONGEST];
} entry;

/* Choice number `index`, copied to out (LONGEST bytes); false when there are fewer. */
static bool choice_at(const char *choices, size_t index, char *out)
{
    for (; index > 0 && choices; index--) {
        choices = strchr(choices, '|');
        choices = choices ? choices + 1 : NULL;
    }
    if (choices)
        snprintf(out, LONGEST, "%.*s", (int)strcspn(choices, "|"), choices);
    return choices != NULL;
}

static const char *skip(const char *text)
{
    return text + strspn(text, " ,");
}

/* The entry at *text, which then points behind it; false at the end. */
static bool next_entry(const char **text, entry *out)
{
    const char *at = skip(*text);
    size_t length = strcspn(at, " ,");
    size_t name = strcspn(at, " ,=");
    *out = (entry){{0}, {0}};
    if (length == 0)
        return false;
    if (name < length) {
        snprintf(out->name, sizeof out->name, "%.*s", (int)name, at);
        snprintf(out->word, sizeof out->word, "%.*s", (int)(length - name - 1), at + name + 1);
    } else {
        snprintf(out->word, sizeof out->word, "%.*s", (int)length, at);
    }
    *text = at + length;
    return true;
}

/* The number of the choice that the text has for a layer. */
static rfim_status look_up(rfim_context *context, const char *text, const char *choices,
                           const char *what, const char *layer, size_t *out)
{
    entry found;
    bool own = false;
    *out = 0;
    for (const char *at = text; next_entry(&at, &found);) {
        char choice[LONGEST];
        size_t index = 0;
        while (choice_at(choices, index, choice) && strcmp(choice, found.word) != 0)
            index++;
        if (!choice_at(choices, index, choice)) {
            rfim__nearest_choice(found.word, choices, choice, sizeof choice);
            return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                              "%s: expected %s, for all layers or as LAYER=WORD,...,WORD, found "
                              "`%.60s` in `%.100s`; did you mean %s?",
                              what, choices, found.word, text, choice);
        }
        bool is_named = strcmp(found.name, layer) == 0;
        if (is_named || (found.name[0] == '\0' && !own))
            *out = index;
        own = own || is_named;
    }
    return RFIM_OK;
}

const char *rfim__memory_name(rfim_metric_memory memory)
{
    static const char *const names[] = {"automatic", "ema", "batch", "dataset", "prior+batch"};
    return names[memory];
}

const char *rfim__form_name(rfim_form form)
{
    static const char *const names[] = {"automatic", "gradient", "inputs",
                                        "dual",      "active",   "whitened"};
    return names[form];
}

rfim_status rfim__layers_memory(rfim_context *context, const char *text, const char *layer,
                                rfim_metric_memory *out)
{
    size_t index = 0;
    rfim_status status = look_up(context, text, RFIM__MEMORY_CHOICES, "metric-memory", layer,
                                 &index);
    *out = (rfim_metric_memory)index;
    return status;
}

rfim_status rfim__layers_response(rfim_context *context, const char *text, const char *layer,
                                  rfim_response *out)
{
    size_t index = 0;
    rfim_status status = look_up(context, text, RFIM__RESPONSE_CHOICES, "response", layer, &index);
    *out = (rfim_response)index;
    return status;
}

rfim_status rfim__layers_form(rfim_context *context, const char *text, const char *layer,
                              rfim_form *out)
{
    size_t index = 0;
    rfim_status status = look_up(context, text, RFIM__FORM_CHOICES, "form", layer, &index);
    *out = (rfim_form)index;
    return status;
}

rfim_status rfim__layers_check(rfim_context *context, const char *text, const char *what,
                               const rfim__module *modules, size_t count)
{
    entry found;
    for (const char *at = text; next_entry(&at, &found);) {
        const char *last = "none";
        bool known = found.name[0] == '\0';
        for (size_t l = 0; l < count && !known; l++) {
            rfim__slot nowhere = {0};
            rfim__response_view view;
            if (!modules[l].table->response(&modules[l], &nowhere, &view))
                continue; /* it has no metric */
            known = strcmp(found.name, modules[l].name) == 0;
            last = modules[l].name;
        }
        if (!known)
            return rfim__fail(
                context, RFIM_ERROR_ARGUMENT,
                "%s: the network has no layer `%.60s` with a metric; the last one is %s", what,
                found.name, last);
    }
    return RFIM_OK;
}
