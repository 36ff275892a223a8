/* json.h - pieces of JSON, for what a command writes itself. */
#ifndef RFIM_CLI_JSON_H
#define RFIM_CLI_JSON_H

#include <stdio.h>

/* A string; ours have neither control characters nor other than ASCII. */
void json_string(FILE *file, const char *text);
/* `, "key": number`; null for what is not finite: JSON has no such numbers. */
void json_number(FILE *file, const char *key, double number);

#endif
