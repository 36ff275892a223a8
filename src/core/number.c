#include "core/number.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The decimal point of strtod and printf is the locale's; for our texts it is always a dot. */
typedef struct c_locale {
    locale_t own;
    locale_t before;
} c_locale;

static c_locale c_locale_enter(void)
{
    c_locale locale = {newlocale(LC_ALL_MASK, "C", (locale_t)0), (locale_t)0};
    if (locale.own)
        locale.before = uselocale(locale.own);
    return locale;
}

static void c_locale_leave(c_locale locale)
{
    if (!locale.own)
        return;
    uselocale(locale.before);
    freelocale(locale.own);
}

bool rfim__number_parse(const char *text, double *out)
{
    /* strtod would also take blanks, hexadecimals, "inf" and "nan". */
    if (text[0] == '\0' || strspn(text, "+-.0123456789eE") != strlen(text))
        return false;
    char *end = NULL;
    c_locale locale = c_locale_enter();
    double number = strtod(text, &end);
    c_locale_leave(locale);
    if (end == text || *end != '\0' || !isfinite(number))
        return false;
    *out = number;
    return true;
}

bool rfim__number_parse_whole(const char *text, uint64_t *out)
{
    uint64_t number = 0;
    if (text[0] == '\0')
        return false;
    for (const char *digit = text; *digit; digit++) {
        if (!isdigit((unsigned char)*digit))
            return false;
        if (__builtin_mul_overflow(number, (uint64_t)10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*digit - '0'), &number))
            return false;
    }
    *out = number;
    return true;
}

/* "1e-08" -> "1e-8" */
static void shorten_exponent(char *text)
{
    char *digits = strchr(text, 'e');
    if (!digits)
        return;
    digits++;
    if (*digits == '+')
        memmove(digits, digits + 1, strlen(digits));
    else if (*digits == '-')
        digits++;
    size_t zeros = strspn(digits, "0");
    memmove(digits, digits + zeros, strlen(digits + zeros) + 1);
}

void rfim__number_text(double number, char text[RFIM__NUMBER_SIZE])
{
    c_locale locale = c_locale_enter();
    /* With fewer than 6 digits, 50 would become 5e+01; %g drops zeros that are not needed. */
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, RFIM__NUMBER_SIZE, "%.*g", digits, number);
        /* Not a number never equals itself, and 17 digits always suffice. */
        if (strtod(text, NULL) == number)
            break;
    }
    c_locale_leave(locale);
    shorten_exponent(text);
}

static const char byte_units[] = "kMGT";

bool rfim__bytes_parse(const char *text, size_t *out)
{
    char number[RFIM__NUMBER_SIZE];
    size_t length = strspn(text, "0123456789.");
    const char *end = text + length;
    const char *unit = *end ? strchr(byte_units, *end == 'K' ? 'k' : *end) : NULL;
    double bytes = 0;
    if (length >= sizeof number)
        return false;
    snprintf(number, sizeof number, "%.*s", (int)length, text);
    if (unit)
        end++;
    if (unit && *end == 'B')
        end++;
    if (*end || !rfim__number_parse(number, &bytes))
        return false;
    if (unit)
        bytes *= pow(1000, (double)(unit - byte_units) + 1);
    if (bytes >= 0x1p63)
        return false;
    uint64_t whole = (uint64_t)bytes;
    if (!unit && rfim__number_parse_whole(number, &whole) && whole > SIZE_MAX)
        return false;
    *out = (size_t)whole;
    return true;
}

void rfim__bytes_exact(size_t bytes, char text[RFIM__NUMBER_SIZE])
{
    size_t unit = 0;
    for (; bytes > 0 && bytes % 1000 == 0 && unit < strlen(byte_units); unit++)
        bytes /= 1000;
    snprintf(text, RFIM__NUMBER_SIZE, "%zu%.1s", bytes, unit > 0 ? &byte_units[unit - 1] : "");
}

void rfim__bytes_text(double bytes, char text[RFIM__BYTES_TEXT])
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    for (; bytes >= 999.5 && unit + 1 < sizeof units / sizeof *units; unit++)
        bytes /= 1000;
    c_locale locale = c_locale_enter();
    if (bytes < 1e6)
        snprintf(text, RFIM__BYTES_TEXT, "%.3g %s", bytes, units[unit]);
    else
        snprintf(text, RFIM__BYTES_TEXT, "more memory than there is");
    c_locale_leave(locale);
}
