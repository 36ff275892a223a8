#include "data/where.h"

#include "core/file.h"
#include "core/nearest.h"
#include "core/number.h"
#include "data/idx_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct built_in {
    const char *name;
    rfim__where_kind kind;
    size_t samples[3]; /* train, valid, test, unless the text has other sizes */
} built_in;

static const built_in built_ins[] = {
    {"digits", RFIM__WHERE_DIGITS, {12000, 2000, 2000}},
    {"tabular", RFIM__WHERE_TABULAR, {20000, 5000, 5000}},
};
#define BUILT_INS (sizeof built_ins / sizeof *built_ins)

static bool parse_sizes(const char *text, size_t samples[3])
{
    for (int part = 0; part < 3; part++) {
        char number[RFIM__NUMBER_SIZE];
        uint64_t value = 0;
        size_t length = strcspn(text, "/");
        if (length >= sizeof number || (text[length] == '/') != (part < 2))
            return false;
        snprintf(number, sizeof number, "%.*s", (int)length, text);
        if (!rfim__number_parse_whole(number, &value) || value > RFIM__WHERE_MOST)
            return false;
        samples[part] = (size_t)value;
        text += length + 1;
    }
    return samples[0] > 0;
}

/* Whether the text is this built-in set, or its sizes follow. */
static bool is_built_in(const char *text, const built_in *set)
{
    size_t length = strlen(set->name);
    return strncmp(text, set->name, length) == 0 && (text[length] == '\0' || text[length] == ':');
}

static rfim_status parse_built_in(rfim_context *context, const char *text, const built_in *set,
                                  rfim__where *out)
{
    const char *sizes = text + strlen(set->name);
    out->kind = set->kind;
    memcpy(out->samples, set->samples, sizeof out->samples);
    if (*sizes == '\0' || parse_sizes(sizes + 1, out->samples))
        return RFIM_OK;
    return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                      "data \"%s\": expected %s:TRAIN/VALID/TEST, such as %s:%zu/%zu/%zu: "
                      "at least 1 training sample, at most %d of each",
                      text, set->name, set->name, set->samples[0], set->samples[1], set->samples[2],
                      RFIM__WHERE_MOST);
}

/* The first of the usual places that has all four files. */
static rfim_status find_mnist(rfim_context *context, char folder[RFIM_TEXT_SIZE])
{
    const char *variable = getenv("RFIM_MNIST");
    const char *const places[] = {variable, "./mnist", "./data/mnist", "../shared/data/mnist"};
    for (size_t place = 0; place < sizeof places / sizeof places[0]; place++) {
        if (!places[place] || !rfim__idx_folder_complete(places[place]))
            continue;
        int length = snprintf(folder, RFIM_TEXT_SIZE, "%s", places[place]);
        if (length >= 0 && length < RFIM_TEXT_SIZE)
            return RFIM_OK;
    }
    return rfim__fail(context, RFIM_ERROR_IO,
                      "MNIST was found neither in $RFIM_MNIST (%s) nor in ./mnist, ./data/mnist "
                      "or ../shared/data/mnist; put " RFIM__IDX_FILES
                      " into one folder and name it",
                      variable ? variable : "not set");
}

static rfim_status parse_folder(rfim_context *context, const char *text, rfim__where *out)
{
    if (rfim__folder_exists(text)) {
        snprintf(out->folder, sizeof out->folder, "%s", text);
        return RFIM_OK;
    }
    if (rfim__file_exists(text))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "data \"%s\" is a file; name the folder that holds " RFIM__IDX_FILES,
                          text);
    if (strchr(text, '/'))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "data \"%s\": there is no such folder; other data are named digits, "
                          "tabular (either also with :TRAIN/VALID/TEST) or mnist",
                          text);
    const char *nearest = NULL;
    for (size_t set = 0; set < BUILT_INS; set++)
        rfim__nearest_consider(text, built_ins[set].name, &nearest);
    rfim__nearest_consider(text, "mnist", &nearest);
    return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                      "data \"%s\" is neither a folder nor a name that is known; did you mean "
                      "\"%s\"?",
                      text, nearest);
}

rfim_status rfim__where_parse(rfim_context *context, const char *text, rfim__where *out)
{
    memset(out, 0, sizeof *out);
    if (strlen(text) >= RFIM_TEXT_SIZE || text[0] == '\0')
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "data: expected digits, tabular, either with :TRAIN/VALID/TEST, mnist "
                          "or a folder of fewer than %d bytes, found %zu bytes",
                          RFIM_TEXT_SIZE, strlen(text));
    for (size_t set = 0; set < BUILT_INS; set++)
        if (is_built_in(text, &built_ins[set]))
            return parse_built_in(context, text, &built_ins[set], out);
    if (strcmp(text, "mnist") == 0)
        return find_mnist(context, out->folder);
    return parse_folder(context, text, out);
}
