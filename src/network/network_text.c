/* network_text.c - networks as text, one module after the other:
 *   input 784; linear 80 relu; batchnorm; linear 10; loss softmax
 * The short form is rewritten as this one first (network_short.c), so that one parser reads both.
 */
#include "core/nearest.h"
#include "core/size.h"
#include "network/network_short.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MOST_WORDS 16

static const char *const loss_names[] = {"softmax", "sigmoid", "squared"};

const char *rfim__loss_name(rfim_loss_kind loss)
{
    return loss_names[loss];
}

static rfim_status too_long(rfim_context *context, const char *text)
{
    return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                      "network text: `%.60s...` has more than %d modules", text,
                      RFIM__MOST_MODULES);
}

typedef struct parser {
    rfim_context *context;
    rfim__module *modules; /* [room] */
    size_t room;
    size_t count;
    size_t width; /* outputs of the module before; 0 before `input` */
    size_t layers;
    rfim_loss_kind loss;
    bool loss_seen;
} parser;

static rfim_status read_input(parser *p, char **words, size_t count)
{
    size_t width = 0;
    if (count != 2 || !rfim__parse_width(words[1], &width))
        return rfim__fail(p->context, RFIM_ERROR_ARGUMENT,
                          "network text: `input` is followed by the number of inputs, 1 to %d, "
                          "found `%.40s`",
                          RFIM__WIDEST, count > 1 ? words[count - 1] : "nothing");
    if (p->width > 0)
        return rfim__fail(p->context, RFIM_ERROR_ARGUMENT,
                          "network text: `input` is said twice; it stands first, once");
    p->width = width;
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
    if (p->count == p->room)
        return too_long(p->context, words[0]);
    rfim__module *module = &p->modules[p->count];
    module->table = *table;
    module->inputs = p->width;
    rfim_status status = (*table)->parse(p->context, words + 1, count - 1, module);
    if (status != RFIM_OK)
        return status;
    /* Names count the linear modules: norm2 and activation2 follow layer2. */
    if (*table == &rfim__linear_module)
        p->layers++;
    snprintf(module->name, sizeof module->name, "%s%zu", (*table)->stem, p->layers);
    for (size_t l = 0; l < p->count; l++)
        if (strcmp(p->modules[l].name, module->name) == 0)
            return rfim__fail(p->context, RFIM_ERROR_ARGUMENT,
                              "network text: two `%s` modules without a `linear` between them; "
                              "leave one out, or put a `linear` there",
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

/* No text has more modules than pieces. */
static size_t pieces_of(const char *text)
{
    size_t pieces = 1;
    for (; *text && pieces < RFIM__MOST_MODULES; text++)
        pieces += *text == ';';
    return pieces;
}

static rfim_status read_pieces(parser *p, char *text)
{
    char *rest = NULL;
    rfim_status status = RFIM_OK;
    for (char *piece = strtok_r(text, ";", &rest); piece && status == RFIM_OK;
         piece = strtok_r(NULL, ";", &rest))
        status = read_piece(p, piece);
    return status;
}

rfim_status rfim__network_parse(rfim_context *context, const char *text, rfim__module **modules,
                                size_t *count, rfim_loss_kind *loss)
{
    parser p = {.context = context, .loss = RFIM_LOSS_SOFTMAX};
    rfim__text copy;
    *modules = NULL;
    if (!text)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "network text: there is none; for example `784-80-80-10 relu`");
    text += strspn(text, " \t\r\n");
    rfim__text_begin(&copy, context);
    rfim_status status = RFIM_OK;
    if (isdigit((unsigned char)*text))
        status = rfim__network_expand(text, &copy);
    else
        rfim__text_append(&copy, text);
    if (status == RFIM_OK)
        status = copy.status;
    if (status != RFIM_OK)
        goto done;
    p.room = pieces_of(copy.data);
    p.modules = rfim__allocate(context, p.room, sizeof *p.modules);
    status = p.modules ? read_pieces(&p, copy.data) : RFIM_ERROR_MEMORY;
    if (status == RFIM_OK && p.layers == 0)
        status = rfim__fail(context, RFIM_ERROR_ARGUMENT,
                            "network text: `%.80s` has no `linear` module; for example "
                            "`784-80-80-10 relu`",
                            text);
done:
    rfim__text_end(&copy);
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
    rfim__text out;
    rfim__text_begin(&out, context);
    rfim__text_format(&out, "input %zu", modules[0].inputs);
    for (size_t l = 0; l < count; l++) {
        char module[256];
        modules[l].table->describe(&modules[l], module, sizeof module);
        rfim__text_format(&out, "; %s", module);
    }
    rfim__text_format(&out, "; loss %s", loss_names[loss]);
    rfim_status status = out.status;
    *text = out.data; /* the caller's from now on */
    if (status != RFIM_OK) {
        *text = NULL;
        rfim__text_end(&out);
    }
    return status;
}
