/* network_short.c - the short form of a network's text, rewritten as the long one:
 *   784-80-80-10 relu        784-80x8-10 tanh bna        20-64-1 relu iota=0.1
 * The activation (default relu) and its settings are those of the hidden layers, the last layer is
 * linear, AxB stands for B layers of width A, and `bna` puts a batch normalisation after the
 * activation of every hidden layer. */
#include "network/network_short.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"
#define LONGEST_WORD 63
#define MOST_SETTINGS 8

/* What follows the widths: words of the text itself, not ended. */
typedef struct tail {
    const char *activation;
    int activation_length; /* 0: not said */
    const char *settings[MOST_SETTINGS];
    int settings_length[MOST_SETTINGS];
    size_t settings_count;
    bool bna;
} tail;

static rfim_status read_word(rfim_context *context, const char *word, size_t length, tail *out)
{
    int shown = (int)(length < 40 ? length : 40);
    if (length > LONGEST_WORD)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "network text: `%.*s...` is longer than any activation or setting", shown,
                          word);
    if (length == 3 && memcmp(word, "bna", 3) == 0) {
        out->bna = true;
    } else if (memchr(word, '=', length)) {
        if (out->settings_count == MOST_SETTINGS)
            return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                              "network text: more than %d settings of one activation, from "
                              "`%.*s` on",
                              MOST_SETTINGS, shown, word);
        out->settings[out->settings_count] = word;
        out->settings_length[out->settings_count++] = (int)length;
    } else if (out->activation_length > 0) {
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "network text: `%.*s` is not expected after the activation `%.*s`; `bna` "
                          "may follow, or settings such as iota=0.1",
                          shown, word, out->activation_length, out->activation);
    } else {
        out->activation = word;
        out->activation_length = (int)length;
    }
    return RFIM_OK;
}

static rfim_status read_tail(rfim_context *context, const char *at, tail *out)
{
    rfim_status status = RFIM_OK;
    *out = (tail){.activation = "relu"};
    for (at += strspn(at, BLANKS); *at && status == RFIM_OK; at += strspn(at, BLANKS)) {
        size_t length = strcspn(at, BLANKS);
        status = read_word(context, at, length, out);
        at += length;
    }
    if (out->activation_length == 0)
        out->activation_length = 4;
    return status;
}

/* One width, "80" or "80x8"; returns where it ends, NULL when it is none. */
static const char *read_width(const char *at, size_t *width, size_t *times)
{
    char *end = NULL;
    if (!isdigit((unsigned char)*at))
        return NULL;
    unsigned long long number = strtoull(at, &end, 10);
    unsigned long long repeated = 1;
    if (*end == 'x') {
        at = end + 1;
        if (!isdigit((unsigned char)*at))
            return NULL;
        repeated = strtoull(at, &end, 10);
    }
    if (number < 1 || number > RFIM__WIDEST || repeated < 1 || repeated > RFIM__MOST_MODULES)
        return NULL;
    *width = (size_t)number;
    *times = (size_t)repeated;
    return end;
}

static void append_hidden(rfim__text *out, size_t width, const tail *words)
{
    rfim__text_format(out, "; linear %zu %.*s", width, words->activation_length, words->activation);
    for (size_t s = 0; s < words->settings_count; s++)
        rfim__text_format(out, " %.*s", words->settings_length[s], words->settings[s]);
    if (words->bna)
        rfim__text_append(out, "; batchnorm");
}

rfim_status rfim__network_expand(const char *text, rfim__text *out)
{
    rfim_context *context = out->context;
    tail words;
    if (strchr(text, ';'))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "network text: `%.80s` mixes two forms: `;` separates modules such as "
                          "`input 784; linear 10; loss squared`, widths such as `784-80-10 relu` "
                          "go without",
                          text);
    const char *widths_end = text + strcspn(text, BLANKS);
    rfim_status status = read_tail(context, widths_end, &words);
    if (status != RFIM_OK)
        return status;
    size_t layers = 0;
    for (const char *at = text;;) {
        size_t width = 0;
        size_t times = 0;
        const char *end = read_width(at, &width, &times);
        bool last = end && end == widths_end;
        if (!end || (!last && *end != '-') || (layers == 0 && (times > 1 || last)))
            return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                              "network text: `%.80s` is neither widths (1 to %d) such as "
                              "`784-80-80-10 relu` nor modules such as `input 784; linear 10`",
                              text, RFIM__WIDEST);
        if (layers + times > RFIM__MOST_MODULES + 1)
            return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                              "network text: `%.60s...` has more than %d modules", text,
                              RFIM__MOST_MODULES);
        for (size_t t = 0; t < times; t++, layers++) {
            if (layers == 0)
                rfim__text_format(out, "input %zu", width);
            else if (last && t + 1 == times)
                rfim__text_format(out, "; linear %zu", width);
            else
                append_hidden(out, width, &words);
        }
        if (last)
            break;
        at = end + 1;
    }
    const char *rest = widths_end + strspn(widths_end, BLANKS);
    if (layers == 2 && *rest)
        return rfim__fail(
            context, RFIM_ERROR_ARGUMENT,
            "network text: `%.80s` has no hidden layer that `%.40s` could be said of; "
            "leave it out",
            text, rest);
    return RFIM_OK;
}
