#include "train/network_label.h"

#include "core/size.h"

#include <string.h>

#define MOST_EXTRAS 8
#define MANY_EQUAL 4 /* so many equal widths are written 80x4 */

/* A part of the network's text. */
typedef struct piece {
    const char *begin;
    size_t size;
} piece;

static bool same(piece a, piece b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.begin, b.begin, a.size) == 0);
}

static bool is(piece a, const char *words)
{
    return same(a, (piece){words, strlen(words)});
}

static piece trimmed(piece words)
{
    while (words.size > 0 && *words.begin == ' ')
        words = (piece){words.begin + 1, words.size - 1};
    while (words.size > 0 && words.begin[words.size - 1] == ' ')
        words.size--;
    return words;
}

/* Cuts off and returns what stands before the first `end`, or all. */
static piece take(piece *rest, char end)
{
    const char *found = rest->size > 0 ? memchr(rest->begin, end, rest->size) : NULL;
    piece head = {rest->begin, found ? (size_t)(found - rest->begin) : rest->size};
    const size_t used = rfim__size_min(rest->size, head.size + 1);
    *rest = (piece){rest->begin + used, rest->size - used};
    return trimmed(head);
}

typedef struct label_maker {
    rfim__text *text;
    piece width; /* of the last layer with a width */
    size_t times;
    bool begun;
    piece extras[MOST_EXTRAS]; /* activations, other modules, unusual losses */
    size_t extra_count;
} label_maker;

static void end_width(label_maker *label)
{
    const bool many = label->times >= MANY_EQUAL;
    for (size_t time = 0; time < (many ? 1 : label->times); time++) {
        rfim__text_append(label->text, label->begun ? "-" : "");
        rfim__text_append_bytes(label->text, label->width.begin, label->width.size);
        label->begun = true;
    }
    if (many)
        rfim__text_format(label->text, "x%zu", label->times);
    label->times = 0;
}

static void add_width(label_maker *label, piece width)
{
    if (label->times > 0 && !same(width, label->width))
        end_width(label);
    label->width = width;
    label->times++;
}

static void add_extra(label_maker *label, piece extra)
{
    for (size_t number = 0; number < label->extra_count; number++)
        if (same(label->extras[number], extra))
            return;
    if (extra.size > 0 && label->extra_count < MOST_EXTRAS)
        label->extras[label->extra_count++] = extra;
}

void rfim__network_label_append(rfim__text *text, const char *network)
{
    if (strncmp(network, "input ", 6) != 0) {
        rfim__text_append(text, network);
        return;
    }
    label_maker label = {.text = text};
    piece rest = {network, strlen(network)};
    while (rest.size > 0) {
        piece module = take(&rest, ';');
        piece words = module;
        piece kind = take(&words, ' ');
        words = trimmed(words);
        if (is(kind, "input") || is(kind, "linear")) {
            add_width(&label, take(&words, ' '));
            add_extra(&label, trimmed(words));
        } else if (!is(module, "loss softmax")) {
            add_extra(&label, module);
        }
    }
    end_width(&label);
    for (size_t number = 0; number < label.extra_count; number++) {
        rfim__text_append(text, number > 0 ? ", " : " ");
        rfim__text_append_bytes(text, label.extras[number].begin, label.extras[number].size);
    }
}
