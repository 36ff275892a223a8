#include "json.h"

#include <math.h>

void json_string(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', file);
        fputc(*text, file);
    }
    fputc('"', file);
}

void json_number(FILE *file, const char *key, double number)
{
    if (isfinite(number))
        fprintf(file, ", \"%s\": %.9g", key, number);
    else
        fprintf(file, ", \"%s\": null", key);
}
