/* network_text.c - networks as text. Two forms:
 *   short   784-80-80-10 relu        784-80x8-10 tanh bna        20-64-1 relu iota=0.1
 *   long    input 784; linear 80 relu; batchnorm; linear 10; loss softmax
 * In the short form the activation (default relu) and its settings are those of the hidden layers,
 * the last layer is linear, AxB stands for B layers of width A, and `bna` puts a batch
 * normalisation after the activation of every hidden layer. Short is rewritten as long, so that
 * one parser reads both. */
#include "core/nearest.h"
#include "core/size.h"
#include "network/network.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_MODULES 2048
#define MOST_WORDS 16
#define WIDEST 10000000.0

static const char *const loss_names[] = {"softmax", "sigmoid", "squared"};

const char *rfim__loss_name(rfim_loss_kind loss)
{
    return loss_names[loss];
}

/* A text that grows by appending; overflow is remembered and reported once. */
typedef struct rope {
    char *text;
    size_t size;
    size_t used;
    bool full;
} rope;

__attribute__((format(printf, 2, 3))) static void append(rope *r, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(r->text + r->used, r->size - r->used, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= r->size - r->used)
        r->full = true;
    else
        r->used += (size_t)length;
}

static rfim_status too_long(rfim_context *context, const char *text)
{
    return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                      "network text: `%.60s...` has more than %d modules", text, MOST_MODULES);
}

/* One width of the short form, "80" or "80x8"; returns where it ends, NULL when it is none. */
static const char *read_width(const char *at, size_t *width, size_t *times)
{
    char *end = NULL;
    if (!isdigit((unsigned char)*at))
        return NULL;
    unsigned long long number = strtoull(at, &end, 10);
    *width = (size_t)number;
    *times = 1;
    if (*end == 'x') {
        at = end + 1;
        if (!isdigit((unsigned char)*at))
            return NULL;
        *times = (size_t)strtoull(at, &end, 10);
    }
    if (number < 1 || (double)number > WIDEST || *times < 1 || *times > MOST_MODULES)
        return NULL;
    return end;
}

/* Splits the words behind the widths into the activation with its settings, and bna. */
static rfim_status read_tail(rfim_context *context, const char *tail, rope *activation, bool *bna)
{
    char word[64];
    int length = 0;
    *bna = false;
    bool named = false;
    while (sscanf(tail, " %63s%n", word, &length) == 1) {
        tail += length;
        if (strcmp(word, "bna") == 0) {
            *bna = true;
        } else if (strchr(word, '=')) {
            append(activation, " %s", word);
        } else if (named) {
            const char *best = NULL;
            rfim__nearest_consider(word, "bna", &best);
            return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                              "network text: `%s` is not expected after the activation; `%s` may "
                              "follow, or settings such as iota=0.1",
                              word, best);
        } else {
            rope named_first = {activation->text, activation->size, 0, false};
            append(&named_first, " %s", word);
            activation->used = named_first.used;
            named = true;
        }
    }
    if (!named) { /* relu, with the settings found */
        char settings[256];
        snprintf(settings, sizeof settings, "%s", activation->text);
        activation->used = 0;
        append(activation, " relu%s", settings);
    }
    return RFIM_OK;
}

static rfim_status expand_short(rfim_context *context, const char *text, char **out)
{
    char activation_text[256] = "";
    rope activation = {activation_text, sizeof activation_text, 0, false};
    bool bna = false;
    size_t size = 64 * MOST_MODULES;
    const char *tail = text + strcspn(text, " \t");
    rfim_status status = read_tail(context, tail, &activation, &bna);
    if (status != RFIM_OK)
        return status;
    *out = rfim__allocate(context, size, 1);
    if (!*out)
        return RFIM_ERROR_MEMORY;
    rope long_form = {*out, size, 0, false};
    size_t layers = 0;
    for (const char *at = text;;) {
        size_t width = 0;
        size_t times = 0;
        const char *end = read_width(at, &width, &times);
        bool last = end && end == tail;
        if (!end || (!last && *end != '-') || (layers == 0 && (times > 1 || last))) {
            return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                              "network text: `%.80s` is neither widths such as "
                              "`784-80-80-10 relu` nor modules such as "
                              "`input 784; linear 10`",
                              text);
        }
        for (size_t t = 0; t < times; t++, layers++) {
            if (layers == 0)
                append(&long_form, "input %zu", width);
            else if (last && t + 1 == times)
                append(&long_form, "; linear %zu", width);
            else
                append(&long_form, "; linear %zu%s%s", width, activation.text,
                       bna ? "; batchnorm" : "");
        }
        if (last)
            break;
        at = end + 1;
    }
    return long_form.full || activation.full ? too_long(context, text) : RFIM_OK;
}

typedef struct parser {
    rfim_context *context;
    rfim__module *modules;
    size_t count;
    size_t width; /* outputs of the module before; 0 before `input` */
    size_t layers;
    rfim_loss_kind loss;
    bool loss_seen;
} parser;

static rfim_status read_input(parser *p, char **words, size_t count)
{
    char *end = NULL;
    double width = count > 1 ? strtod(words[1], &end) : 0;
    if (count != 2 || *end != '\0' || !(width >= 1 && width <= WIDEST) ||
        width != (double)(size_t)width)
        return rfim__fail(p->context, RFIM_ERROR_ARGUMENT,
                          "network text: `input` is followed by the number of inputs, found "
                          "`%.40s`",
                          count > 1 ? words[1] : "nothing");
    if (p->width > 0)
        return rfim__fail(p->context, RFIM_ERROR_ARGUMENT,
                          "network text: `input` is said twice; it stands first, once");
    p->width = (size_t)width;
    return RFIM_OK;
}

static rfim_status read_loss(parser *p, char **words, size_t count)
{
    const char *best = NULL;
    for (int loss = 0; loss <= (int)RFIM_LOSS_SQUARED; loss++) {
        if (count == 2 && !p->loss_seen && strcmp(words[1], loss_names[loss]) == 0) {
            p->loss = (rfim_loss_kind)loss;
            p->loss_seen = true;
            return RFIM_OK;
        }
        rfim__nearest_consider(count > 1 ? words[1] : "", loss_names[loss], &best);
    }
    return rfim__fail(p->context, RFIM_ERROR_ARGUMENT,
                      "network text: `loss` is said once, as softmax, sigmoid or squared; found "
                      "`%.40s`, the nearest is `%s`",
                      count > 1 ? words[1] : "nothing", best);
}

static rfim_status read_module(parser *p, char **words, size_t count)
{
    const rfim__module_table *const *table = rfim__module_tables;
    while (*table && strcmp((*table)->word, words[0]) != 0)
        table++;
    if (!*table) {
        const char *best = NULL;
        rfim__nearest_consider(words[0], "input", &best);
        rfim__nearest_consider(words[0], "loss", &best);
        for (table = rfim__module_tables; *table; table++)
            rfim__nearest_consider(words[0], (*table)->word, &best);
        return rfim__fail(p->context, RFIM_ERROR_ARGUMENT,
                          "network text: there is no module `%.40s`; the nearest is `%s`", words[0],
                          best);
    }
    if (p->width == 0)
        return rfim__fail(p->context, RFIM_ERROR_ARGUMENT,
                          "network text: `input N` stands before the first module, found `%.40s`",
                          words[0]);
    if (p->count == MOST_MODULES)
        return too_long(p->context, words[0]);
    rfim__module *module = &p->modules[p->count];
    module->table = *table;
    module->inputs = p->width;
    rfim_status status = (*table)->parse(p->context, words + 1, count - 1, module);
    if (status != RFIM_OK)
        return status;
    /* Names count the linear modules: norm2 follows layer2. */
    if (*table == &rfim__linear_module)
        p->layers++;
    snprintf(module->name, sizeof module->name, "%s%zu", (*table)->stem, p->layers);
    for (size_t l = 0; l < p->count; l++)
        if (strcmp(p->modules[l].name, module->name) == 0)
            return rfim__fail(p->context, RFIM_ERROR_UNSUPPORTED,
                              "network text: two `%s` modules in a row; put a `linear` between "
                              "them",
                              words[0]);
    p->width = module->outputs;
    p->count++;
    return RFIM_OK;
}

/* One piece between semicolons. */
static rfim_status read_piece(parser *p, char *piece)
{
    char *words[MOST_WORDS];
    size_t count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(piece, " \t\r\n", &rest); word;
         word = strtok_r(NULL, " \t\r\n", &rest)) {
        if (count == MOST_WORDS)
            return rfim__fail(p->context, RFIM_ERROR_ARGUMENT,
                              "network text: more than %d words for the module `%.40s`", MOST_WORDS,
                              words[0]);
        words[count++] = word;
    }
    if (count == 0)
        return RFIM_OK;
    if (strcmp(words[0], "input") == 0)
        return read_input(p, words, count);
    if (strcmp(words[0], "loss") == 0)
        return read_loss(p, words, count);
    return read_module(p, words, count);
}

rfim_status rfim__network_parse(rfim_context *context, const char *text, rfim__module **modules,
                                size_t *count, rfim_loss_kind *loss)
{
    parser p = {.context = context, .loss = RFIM_LOSS_SOFTMAX};
    char *copy = NULL;
    rfim_status status = RFIM_OK;
    text += strspn(text, " \t\r\n");
    *modules = NULL;
    if (isdigit((unsigned char)*text))
        status = expand_short(context, text, &copy);
    else if (!(copy = rfim__copy_text(context, text)))
        status = RFIM_ERROR_MEMORY;
    if (status != RFIM_OK)
        goto done;
    p.modules = rfim__allocate(context, MOST_MODULES, sizeof *p.modules);
    if (!p.modules) {
        status = RFIM_ERROR_MEMORY;
        goto done;
    }
    char *rest = NULL;
    for (char *piece = strtok_r(copy, ";", &rest); piece && status == RFIM_OK;
         piece = strtok_r(NULL, ";", &rest))
        status = read_piece(&p, piece);
    if (status == RFIM_OK && p.layers == 0)
        status = rfim__fail(context, RFIM_ERROR_ARGUMENT,
                            "network text: `%.80s` has no `linear` module; for example "
                            "`784-80-80-10 relu`",
                            text);
done:
    rfim__release(context, copy);
    if (status != RFIM_OK) {
        rfim__release(context, p.modules);
        return status;
    }
    *modules = p.modules;
    *count = p.count;
    *loss = p.loss;
    return RFIM_OK;
}

rfim_status rfim__network_describe(rfim_context *context, const rfim__module *modules, size_t count,
                                   rfim_loss_kind loss, char **text)
{
    size_t size = 128 * (count + 2);
    *text = rfim__allocate(context, size, 1);
    if (!*text)
        return RFIM_ERROR_MEMORY;
    rope r = {*text, size, 0, false};
    append(&r, "input %zu", modules[0].inputs);
    for (size_t l = 0; l < count; l++) {
        char module[128];
        modules[l].table->describe(&modules[l], module, sizeof module);
        append(&r, "; %s", module);
    }
    append(&r, "; loss %s", loss_names[loss]);
    return RFIM_OK;
}
