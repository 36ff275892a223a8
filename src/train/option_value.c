#include "train/option_value.h"

#include "core/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A bound such as "0" belongs to the range, "above 0" and "below 1" do not. */
static const char *bound_number(const char *bound)
{
    const char *blank = strchr(bound, ' ');
    return blank ? blank + 1 : bound;
}

static bool is_open(const char *bound)
{
    return strchr(bound, ' ') != NULL;
}

static bool in_range(const rfim_option_info *info, double number)
{
    double bound = 0;
    if (info->minimum && rfim__number_parse(bound_number(info->minimum), &bound))
        if (number < bound || (number == bound && is_open(info->minimum)))
            return false;
    if (info->maximum && rfim__number_parse(bound_number(info->maximum), &bound))
        if (number > bound || (number == bound && is_open(info->maximum)))
            return false;
    return true;
}

/* The number of the word among choices "a|b|c"; -1 when it is none of them. */
static int find_choice(const char *choices, const char *word)
{
    size_t length = strlen(word);
    int number = 0;
    for (const char *choice = choices; choice; number++) {
        const char *end = strchr(choice, '|');
        size_t size = end ? (size_t)(end - choice) : strlen(choice);
        if (size == length && memcmp(choice, word, size) == 0)
            return number;
        choice = end ? end + 1 : NULL;
    }
    return -1;
}

/* One line that an INI file can hold. */
static bool is_one_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

static bool parse_size(const rfim__option *option, rfim_options *options, const char *value)
{
    uint64_t whole = 0;
    if (!rfim__number_parse_whole(value, &whole) || whole > SIZE_MAX ||
        !in_range(&option->info, (double)whole))
        return false;
    size_t size = (size_t)whole;
    memcpy((char *)options + option->offset, &size, sizeof size);
    return true;
}

static bool parse_seed(const rfim__option *option, rfim_options *options, const char *value)
{
    uint64_t seed = 0;
    if (!rfim__number_parse_whole(value, &seed))
        return false;
    memcpy((char *)options + option->offset, &seed, sizeof seed);
    return true;
}

static bool parse_real(const rfim__option *option, rfim_options *options, const char *value)
{
    double real = 0;
    if (!rfim__number_parse(value, &real) || !in_range(&option->info, real))
        return false;
    memcpy((char *)options + option->offset, &real, sizeof real);
    return true;
}

static bool parse_choice(const rfim__option *option, rfim_options *options, const char *value)
{
    int choice = find_choice(option->info.choices, value);
    if (choice < 0)
        return false;
    choice += option->first_choice;
    memcpy((char *)options + option->offset, &choice, sizeof choice);
    return true;
}

static bool parse_bytes(const rfim__option *option, rfim_options *options, const char *value)
{
    size_t bytes = 0;
    if (!rfim__bytes_parse(value, &bytes))
        return false;
    memcpy((char *)options + option->offset, &bytes, sizeof bytes);
    return true;
}

static bool parse_switch(const rfim__option *option, rfim_options *options, const char *value)
{
    int on = find_choice("no|yes", value);
    if (on < 0)
        return false;
    memcpy((char *)options + option->offset, &on, sizeof on);
    return true;
}

static bool parse_text(const rfim__option *option, rfim_options *options, const char *value)
{
    size_t length = strlen(value);
    bool may_be_empty = option->value[0] == '\0';
    if (length >= option->text_size || !is_one_line(value) || (length == 0 && !may_be_empty))
        return false;
    if (option->info.choices && find_choice(option->info.choices, value) < 0)
        return false;
    memset((char *)options + option->offset, 0, option->text_size);
    memcpy((char *)options + option->offset, value, length);
    return true;
}

bool rfim__option_wrong_word(const rfim__option *option, const char *value, char *word, size_t size)
{
    static const char *const gap = " ,";
    size_t words = 0;
    for (const char *at = value + strspn(value, gap); *at; at += strspn(at, gap), words++) {
        size_t length = strcspn(at, gap);
        size_t name = strcspn(at, " ,=");
        size_t begin = name < length ? name + 1 : 0;
        snprintf(word, size, "%.*s", (int)(length - begin), at + begin);
        if (find_choice(option->info.choices, word) < 0)
            return true;
        at += length;
    }
    word[0] = '\0';
    return words == 0;
}

static bool parse_layers(const rfim__option *option, rfim_options *options, const char *value)
{
    size_t length = strlen(value);
    char word[64];
    if (length >= option->text_size || !is_one_line(value) ||
        rfim__option_wrong_word(option, value, word, sizeof word))
        return false;
    memset((char *)options + option->offset, 0, option->text_size);
    memcpy((char *)options + option->offset, value, length);
    return true;
}

static bool parse_init(const rfim__option *option, rfim_options *options, const char *value)
{
    int rule = find_choice("glorot|he", value);
    double sd = options->init.init_sd;
    if (strcmp(value, "whitened") == 0) {
        rule = (int)RFIM_INIT_WHITENED;
    } else if (rule < 0) {
        if (!rfim__number_parse(value, &sd) || !in_range(&option->info, sd))
            return false;
        rule = RFIM_INIT_NORMAL;
    }
    options->init.init = (rfim_init_rule)rule;
    options->init.init_sd = sd;
    return true;
}

static int print_size(const rfim__option *option, const rfim_options *options, char *text,
                      size_t size)
{
    size_t whole = 0;
    memcpy(&whole, (const char *)options + option->offset, sizeof whole);
    return snprintf(text, size, "%zu", whole);
}

static int print_seed(const rfim__option *option, const rfim_options *options, char *text,
                      size_t size)
{
    uint64_t seed = 0;
    memcpy(&seed, (const char *)options + option->offset, sizeof seed);
    return snprintf(text, size, "%" PRIu64, seed);
}

static int print_real(const rfim__option *option, const rfim_options *options, char *text,
                      size_t size)
{
    double real = 0;
    char number[RFIM__NUMBER_SIZE];
    memcpy(&real, (const char *)options + option->offset, sizeof real);
    rfim__number_text(real, number);
    return snprintf(text, size, "%s", number);
}

static int print_bytes(const rfim__option *option, const rfim_options *options, char *text,
                       size_t size)
{
    size_t bytes = 0;
    char number[RFIM__NUMBER_SIZE];
    memcpy(&bytes, (const char *)options + option->offset, sizeof bytes);
    rfim__bytes_exact(bytes, number);
    return snprintf(text, size, "%s", number);
}

static int print_choice(const rfim__option *option, const rfim_options *options, char *text,
                        size_t size)
{
    int choice = 0;
    memcpy(&choice, (const char *)options + option->offset, sizeof choice);
    choice -= option->first_choice;
    const char *word = choice < 0 ? NULL : option->info.choices;
    for (; word && choice > 0; choice--) {
        word = strchr(word, '|');
        word = word ? word + 1 : NULL;
    }
    if (!word)
        word = "?"; /* no choice: rfim_options_check refuses it */
    return snprintf(text, size, "%.*s", (int)strcspn(word, "|"), word);
}

static int print_switch(const rfim__option *option, const rfim_options *options, char *text,
                        size_t size)
{
    int on = 0;
    memcpy(&on, (const char *)options + option->offset, sizeof on);
    return snprintf(text, size, "%s", on ? "yes" : "no");
}

static int print_text(const rfim__option *option, const rfim_options *options, char *text,
                      size_t size)
{
    const char *field = (const char *)options + option->offset;
    return snprintf(text, size, "%.*s", (int)option->text_size, field);
}

static int print_init(const rfim__option *option, const rfim_options *options, char *text,
                      size_t size)
{
    (void)option;
    char number[RFIM__NUMBER_SIZE];
    rfim__number_text(options->init.init_sd, number);
    const char *word = options->init.init == RFIM_INIT_GLOROT     ? "glorot"
                       : options->init.init == RFIM_INIT_HE       ? "he"
                       : options->init.init == RFIM_INIT_WHITENED ? "whitened"
                                                                  : number;
    return snprintf(text, size, "%s", word);
}

/* What a kind of option can do. */
static const struct {
    bool (*parse)(const rfim__option *option, rfim_options *options, const char *value);
    int (*print)(const rfim__option *option, const rfim_options *options, char *text, size_t size);
    size_t bytes; /* of the field; 0 of a text: option->text_size */
} kinds[] = {
    [RFIM__OPTION_SIZE] = {parse_size, print_size, sizeof(size_t)},
    [RFIM__OPTION_SEED] = {parse_seed, print_seed, sizeof(uint64_t)},
    [RFIM__OPTION_REAL] = {parse_real, print_real, sizeof(double)},
    [RFIM__OPTION_CHOICE] = {parse_choice, print_choice, sizeof(int)},
    [RFIM__OPTION_BYTES] = {parse_bytes, print_bytes, sizeof(size_t)},
    [RFIM__OPTION_TEXT] = {parse_text, print_text, 0},
    [RFIM__OPTION_LAYERS] = {parse_layers, print_text, 0},
    [RFIM__OPTION_SWITCH] = {parse_switch, print_switch, sizeof(int)},
    [RFIM__OPTION_INIT] = {parse_init, print_init, sizeof(rfim_init_rule)},
};

bool rfim__option_parse(const rfim__option *option, rfim_options *options, const char *value)
{
    return kinds[option->kind].parse(option, options, value);
}

bool rfim__option_text(const rfim__option *option, const rfim_options *options, char *text,
                       size_t size)
{
    int length = kinds[option->kind].print(option, options, text, size);
    return length >= 0 && (size_t)length < size;
}

void rfim__option_copy(const rfim__option *option, const rfim_options *from, rfim_options *to)
{
    size_t bytes = kinds[option->kind].bytes;
    memcpy((char *)to + option->offset, (const char *)from + option->offset,
           bytes > 0 ? bytes : option->text_size);
    if (option->kind == RFIM__OPTION_INIT)
        to->init.init_sd = from->init.init_sd;
}
