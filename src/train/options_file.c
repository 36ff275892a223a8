/* options_file.c - recipes and config.ini.
 *
 * A recipe is read twice: first for its keys and the bundle it names (`optimizer`, `preset`), then
 * for the values that go on top of the bundle, so that the order of keys does not matter. */
#include "train/options_file.h"

#include "core/file.h"
#include "core/nearest.h"
#include "io/ini.h"
#include "train/option_value.h"
#include "train/presets.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MOST_OPTIONS 64
#define CONFIG_TITLE "# Every option of a run, written by rfim"

typedef struct recipe_reader {
    rfim_context *context;
    const char *path;
    const char *const *except; /* names ended by NULL, or NULL */
    rfim_options *options;
    bool seen[MOST_OPTIONS];
    bool has_parts; /* the network comes line by line */
    bool has_input;
    char optimizer[64]; /* as the recipe names them; empty when it does not */
    char preset[64];
    bool drops_optimizer; /* its [optimizer] is for another bundle than the one asked for */
} recipe_reader;

static bool is_excepted(const recipe_reader *recipe, const char *name)
{
    for (const char *const *except = recipe->except; except && *except; except++)
        if (strcmp(*except, name) == 0)
            return true;
    return false;
}

/* `input = 784` and `module = linear 80 relu` in [network] are parts of the option `network`. */
static bool is_network_part(const char *key)
{
    return strcmp(key, "input") == 0 || strcmp(key, "module") == 0;
}

static const char *section_of(const char *key)
{
    if (is_network_part(key))
        return "network";
    const rfim__option *option = rfim__option_find(key);
    return option ? option->info.section : NULL;
}

/* kind: what an option or section is called; marks: what stands around its name. */
static rfim_status fail_unknown(rfim_context *context, const char *kind, const char marks[3],
                                const char *name, const char *nearest)
{
    if (!rfim__nearest_is_near(name, nearest))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT, "there is no %s %c%.60s%c", kind, marks[0],
                          name, marks[1]);
    bool is_section = marks[0] == '[';
    return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                      "there is no %s %c%.60s%c; did you mean %s%s%s?", kind, marks[0], name,
                      marks[1], is_section ? "[" : "", nearest, is_section ? "]" : "");
}

static rfim_status check_place(const recipe_reader *recipe, const rfim__ini_entry *entry)
{
    const char *section = section_of(entry->key);
    const char *nearest = NULL;
    bool known = false;
    for (size_t index = 0; index < rfim__option_count; index++) {
        const char *name = rfim__option_table[index].info.section;
        known = known || strcmp(name, entry->section) == 0;
        rfim__nearest_consider(entry->section, name, &nearest);
    }
    if (entry->section[0] && !known)
        return fail_unknown(recipe->context, "section", "[]", entry->section, nearest);
    if (!section) {
        nearest = rfim__option_nearest(entry->key);
        rfim__nearest_consider(entry->key, "module", &nearest);
        rfim__nearest_consider(entry->key, "input", &nearest);
        return fail_unknown(recipe->context, "option", "''", entry->key, nearest);
    }
    if (strcmp(section, entry->section) != 0)
        return rfim__fail(recipe->context, RFIM_ERROR_ARGUMENT,
                          "%s belongs in the section [%s], not %s%s%s", entry->key, section,
                          entry->section[0] ? "in [" : "before the first section", entry->section,
                          entry->section[0] ? "]" : "");
    return RFIM_OK;
}

/* Marks what the key sets, and refuses what would set it twice. */
static rfim_status check_once(recipe_reader *recipe, const rfim__ini_entry *entry)
{
    bool repeats = false;
    if (is_network_part(entry->key)) {
        bool is_input = strcmp(entry->key, "input") == 0;
        repeats = is_input && recipe->has_input;
        recipe->has_input = recipe->has_input || is_input;
        recipe->has_parts = true;
    } else {
        bool *seen = &recipe->seen[rfim__option_find(entry->key) - rfim__option_table];
        repeats = *seen;
        *seen = true;
    }
    if (repeats)
        return rfim__fail(recipe->context, RFIM_ERROR_ARGUMENT, "%s is set twice; keep one",
                          entry->key);
    if (recipe->has_parts && recipe->seen[rfim__option_find("network") - rfim__option_table])
        return rfim__fail(recipe->context, RFIM_ERROR_ARGUMENT,
                          "the network is given by `network` and by `input` and `module`; keep "
                          "one of the two");
    return RFIM_OK;
}

static rfim_status visit_key(void *user, const rfim__ini_entry *entry)
{
    recipe_reader *recipe = user;
    rfim_status status = check_place(recipe, entry);
    if (status == RFIM_OK)
        status = check_once(recipe, entry);
    if (status != RFIM_OK)
        return status;
    bool is_optimizer = strcmp(entry->key, "optimizer") == 0;
    if (!is_optimizer && strcmp(entry->key, "preset") != 0)
        return RFIM_OK;
    const rfim__option *option = rfim__option_find(entry->key);
    rfim_options scratch = *recipe->options;
    if (!rfim__option_parse(option, &scratch, entry->value))
        return rfim__option_refuse(recipe->context, option, entry->value);
    snprintf(is_optimizer ? recipe->optimizer : recipe->preset, sizeof recipe->preset, "%s",
             entry->value);
    return RFIM_OK;
}

/* Puts a module at the end of the network's text, or the width of its input before it. */
static rfim_status add_part(recipe_reader *recipe, const rfim__ini_entry *entry)
{
    char *text = recipe->options->network;
    char before[RFIM_TEXT_SIZE];
    snprintf(before, sizeof before, "%s", text);
    const char *joint = before[0] ? "; " : "";
    int length = strcmp(entry->key, "input") == 0
                     ? snprintf(text, RFIM_TEXT_SIZE, "input %s%s%s", entry->value, joint, before)
                     : snprintf(text, RFIM_TEXT_SIZE, "%s%s%s", before, joint, entry->value);
    if (length < 0 || length >= RFIM_TEXT_SIZE)
        return rfim__fail(recipe->context, RFIM_ERROR_ARGUMENT,
                          "the text of the network is longer than %d bytes", RFIM_TEXT_SIZE - 1);
    return RFIM_OK;
}

static rfim_status visit_value(void *user, const rfim__ini_entry *entry)
{
    recipe_reader *recipe = user;
    const rfim__option *option = rfim__option_find(entry->key);
    if (is_network_part(entry->key))
        return is_excepted(recipe, "network") ? RFIM_OK : add_part(recipe, entry);
    if (strcmp(entry->key, "optimizer") == 0 || strcmp(entry->key, "preset") == 0 ||
        is_excepted(recipe, entry->key))
        return RFIM_OK;
    if (recipe->drops_optimizer && strcmp(entry->section, "optimizer") == 0)
        return RFIM_OK;
    if (!rfim__option_parse(option, recipe->options, entry->value))
        return rfim__option_refuse(recipe->context, option, entry->value);
    return RFIM_OK;
}

/* The method in the name of which `optimizer` or `preset` speaks; both know all names of methods,
 * for each has a preset of its name. */
static rfim_method method_of(const char *name)
{
    return rfim__preset_method(rfim__preset_find(name));
}

/* Takes the recipe's bundle, or finds that another one was asked for. */
static rfim_status settle_bundle(recipe_reader *recipe)
{
    const char *bundle = recipe->preset[0] ? recipe->preset : recipe->optimizer;
    if (!bundle[0])
        return RFIM_OK;
    if (recipe->preset[0] && recipe->optimizer[0] &&
        method_of(recipe->preset) != method_of(recipe->optimizer))
        return rfim__fail(recipe->context, RFIM_ERROR_ARGUMENT,
                          "%s: the preset %s is not for the optimizer %s; name one of the two",
                          recipe->path, recipe->preset, recipe->optimizer);
    rfim_options *options = recipe->options;
    if (is_excepted(recipe, "preset")) {
        recipe->drops_optimizer = strcmp(bundle, options->preset) != 0;
    } else {
        recipe->drops_optimizer = is_excepted(recipe, "optimizer") &&
                                  method_of(bundle) != options->optimizer.method;
        if (!recipe->drops_optimizer)
            rfim__preset_apply(rfim__preset_find(bundle), options);
    }
    if (recipe->drops_optimizer)
        rfim__log(recipe->context, RFIM_LOG_WARNING,
                  "the section [optimizer] of %s is for %s: it is left out, %s was asked for",
                  recipe->path, bundle, options->preset);
    return RFIM_OK;
}

/* Whatever the recipe's bundle did, options that are excepted keep their values. */
static void restore_excepted(const recipe_reader *recipe, const rfim_options *before)
{
    for (const char *const *except = recipe->except; except && *except; except++) {
        const rfim__option *option = rfim__option_find(*except);
        if (option)
            rfim__option_copy(option, before, recipe->options);
    }
}

rfim_status rfim_options_read(rfim_context *context, rfim_options *options, const char *path,
                              const char *const *except)
{
    assert(rfim__option_count <= MOST_OPTIONS);
    rfim_options changed = *options;
    recipe_reader recipe = {
        .context = context, .path = path, .except = except, .options = &changed};
    uint8_t *data = NULL;
    size_t size = 0;
    rfim_status status = rfim__file_read(context, path, &data, &size);
    if (status != RFIM_OK)
        return status;
    status = rfim__ini_parse(context, path, data, size, visit_key, &recipe);
    if (status == RFIM_OK)
        status = settle_bundle(&recipe);
    if (status == RFIM_OK && recipe.has_parts && !is_excepted(&recipe, "network"))
        changed.network[0] = '\0';
    if (status == RFIM_OK)
        status = rfim__ini_parse(context, path, data, size, visit_value, &recipe);
    if (status != RFIM_OK)
        goto done;
    restore_excepted(&recipe, options);
    changed.init.seed = changed.data.split_seed = changed.train.seed;
    *options = changed;
done:
    rfim__release(context, data);
    return status;
}

rfim_status rfim_options_write(rfim_context *context, const rfim_options *options, const char *path)
{
    rfim__text text;
    rfim__text_begin(&text, context);
    rfim__text_format(&text,
                      CONFIG_TITLE " %s.\n"
                                   "# rfim train THIS_FILE --out OTHER_FOLDER runs it again.\n",
                      rfim_version());
    const char *section = "";
    for (size_t index = 0; index < rfim__option_count; index++) {
        const rfim__option *option = &rfim__option_table[index];
        char value[RFIM_TEXT_SIZE];
        if (strcmp(option->info.section, "run") == 0)
            continue;
        if (!rfim__option_text(option, options, value, sizeof value)) {
            rfim__text_end(&text);
            return rfim__option_refuse(context, option, value);
        }
        if (strcmp(option->info.section, section) != 0)
            rfim__ini_write_section(&text, option->info.section);
        section = option->info.section;
        rfim__ini_write_value(&text, option->info.name, value);
    }
    rfim_status status = rfim__text_save(&text, path);
    rfim__text_end(&text);
    return status;
}

static bool has_line(const char *text, const char *line)
{
    const size_t length = strlen(line);
    for (const char *at = strstr(text, line); at; at = strstr(at + 1, line))
        if ((at == text || at[-1] == '\n') && strchr("\r\n", at[length]))
            return true;
    return false;
}

rfim_status rfim__options_file_is_config(rfim_context *context, const char *path, bool *is_config)
{
    uint8_t *data = NULL;
    size_t size = 0;
    rfim_status status = rfim__file_read(context, path, &data, &size);
    if (status != RFIM_OK)
        return status;
    const char *text = (const char *)data; /* a NUL byte follows the last one */
    *is_config = strncmp(text, CONFIG_TITLE, strlen(CONFIG_TITLE)) == 0 ||
                 (has_line(text, "[data]") && has_line(text, "[network]") &&
                  has_line(text, "[optimizer]"));
    rfim__release(context, data);
    return RFIM_OK;
}
