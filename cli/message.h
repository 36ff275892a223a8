/* message.h - what goes to the person: complaints, and text broken into lines. */
#ifndef RFIM_CLI_MESSAGE_H
#define RFIM_CLI_MESSAGE_H

#include <rfim/rfim.h>
#include <stddef.h>
#include <stdio.h>

#define HELP_COLUMNS 79

/* "rfim: SENTENCE" on stderr. Returns 2, the exit status of wrong usage. */
__attribute__((format(printf, 1, 2))) int complain(const char *format, ...);
/* The context's sentence for a status on stderr; returns the exit status. */
int complain_status(const rfim_context *context, rfim_status status);

#define SUGGESTION_SIZE 160
/* "; did you mean BEFOREname?" for the nearest of the names, or "" when none is near. */
const char *suggest(const char *word, const char *const *names, size_t count, const char *before,
                    char text[SUGGESTION_SIZE]);

/* Where an option's word stands among the names; -1, after a complaint, when it is not there. */
int find_choice(const char *option, const char *word, const char *const *names, size_t count);

/* Writes words broken into lines of at most HELP_COLUMNS, each indented. */
void print_wrapped(FILE *file, size_t indent, const char *words);
/* The exit status: 1, after a complaint, when stdout could not be written. */
int finish_output(void);

#endif
