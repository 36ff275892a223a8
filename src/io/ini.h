/* ini.h - recipes and config.ini: [sections] with lines `key = value`.
 *
 * A line whose first character is # or ; is a comment, and so is the rest of a line from a # that
 * follows a blank. A value in double quotes is taken as it stands, with \" and \\ inside. Blanks
 * around keys and values do not count. Lines may be as long as they like. */
#ifndef RFIM_IO_INI_H
#define RFIM_IO_INI_H

#include "io/text.h"

typedef struct rfim__ini_entry {
    const char *section; /* "" before the first section */
    const char *key;     /* never empty */
    const char *value;   /* may be empty */
    size_t line;         /* from 1 */
} rfim__ini_entry;

/* Called for every key, in the order of the file, repeated keys too. A failing visit (it has
 * called rfim__fail) ends the reading; rfim__ini_parse then puts "NAME, line N: " in front of
 * its sentence. The strings live until rfim__ini_parse returns. */
typedef rfim_status (*rfim__ini_visit)(void *user, const rfim__ini_entry *entry);

/* Reads size bytes at data. name: how error sentences call the file. RFIM_ERROR_FORMAT, with the
 * line number, for what is neither section, key = value, comment nor empty. */
rfim_status rfim__ini_parse(rfim_context *context, const char *name, const void *data, size_t size,
                            rfim__ini_visit visit, void *user);

/* "[section]\n", after an empty line when it is not the first. */
void rfim__ini_write_section(rfim__text *text, const char *section);
/* "key = value\n", with quotes where rfim__ini_parse needs them. A value with a line end cannot be
 * written: the text's status becomes RFIM_ERROR_ARGUMENT. */
void rfim__ini_write_value(rfim__text *text, const char *key, const char *value);

#endif
