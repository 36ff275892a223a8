/* case.c - what one case of a check has to hand: room, random numbers, and how it ends. */
#include "check/check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

double rfim__check_clock(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* FNV-1a, so that a case draws the same whatever ran before it. */
static uint64_t hash(uint64_t state, const char *text)
{
    for (; *text; text++)
        state = (state ^ (unsigned char)*text) * 1099511628211u;
    return state;
}

bool rfim__check_begin(rfim__check *check, const char *format, ...)
{
    char name[RFIM__CHECK_NAME];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    rfim__check_end(check);
    memcpy(check->name, name, sizeof name);
    uint64_t sub = hash(hash(14695981039346656037u, check->group), check->name);
    check->random = rfim__random_start(check->options->seed, rfim__stream(RFIM__STREAM_CHECK, sub));
    check->context->error[0] = '\0';
    check->began = rfim__check_clock();
    return rfim__check_is_well(check);
}

bool rfim__check_is_well(const rfim__check *check)
{
    return check->status == RFIM_OK && !check->memory_short;
}

static void tell(rfim__check *check, const char *against, double error, double tolerance,
                 bool passed)
{
    rfim_check_result result = {.group = check->group,
                                .name = check->name,
                                .against = against,
                                .error = error,
                                .tolerance = tolerance,
                                .passed = passed,
                                .seconds = rfim__check_clock() - check->began};
    if (check->status == RFIM_OK && check->memory_short)
        check->status = rfim__fail(check->asker, RFIM_ERROR_MEMORY, "check of %s, %s: %s",
                                   check->group, check->name, rfim_status_text(RFIM_ERROR_MEMORY));
    if (check->status != RFIM_OK)
        return;
    if (!passed && check->context->error[0])
        rfim__log(check->asker, RFIM_LOG_WARNING, "check of %s, %s: %s", check->group, check->name,
                  check->context->error);
    check->context->error[0] = '\0';
    check->results++;
    check->summary->checked++;
    check->summary->failed += !passed;
    if (check->told && check->told(check->user, &result) != 0)
        check->status = rfim__fail(check->asker, RFIM_STOPPED,
                                   "check: stopped on request after %zu checks",
                                   check->summary->checked);
    check->began = rfim__check_clock();
}

void rfim__check_near(rfim__check *check, const char *against, double error, double tolerance)
{
    tell(check, against, error, tolerance, error <= tolerance);
}

void rfim__check_beyond(rfim__check *check, const char *against, double error, double bound)
{
    tell(check, against, error, bound, error > bound && isfinite(error));
}

void rfim__check_end(rfim__check *check)
{
    if (check->name[0] && check->results == 0)
        rfim__check_near(check, "nothing", (double)NAN, 0);
    check->name[0] = '\0';
    check->results = 0;
    while (check->objects) {
        rfim__check_object *object = check->objects;
        check->objects = object->next;
        if (object->release)
            object->release(object->object);
        rfim__release(check->context, object);
    }
}

static rfim__check_object *new_object(rfim__check *check, size_t bytes)
{
    rfim__check_object *object = rfim__allocate(check->context, 1, RFIM__ALIGNMENT + bytes);
    if (!object) {
        check->memory_short = true;
        return NULL;
    }
    object->next = check->objects;
    check->objects = object;
    return object;
}

void *rfim__check_room(rfim__check *check, size_t count, size_t size)
{
    /* Sizes are those of small networks: no overflow. */
    rfim__check_object *object = new_object(check, count * size);
    return object ? (char *)object + RFIM__ALIGNMENT : NULL;
}

double *rfim__check_numbers(rfim__check *check, size_t count)
{
    return rfim__check_room(check, count, sizeof(double));
}

bool rfim__check_keep(rfim__check *check, void *object, void (*release)(void *object))
{
    rfim__check_object *kept = new_object(check, 0);
    if (!kept) {
        release(object);
        return false;
    }
    kept->object = object;
    kept->release = release;
    return true;
}

double rfim__check_uniform(rfim__check *check, double least, double most)
{
    return least + (most - least) * rfim__random_uniform(&check->random);
}

double *rfim__check_normals(rfim__check *check, size_t count)
{
    double *values = rfim__check_numbers(check, count);
    for (size_t k = 0; values && k < count; k++)
        values[k] = rfim__random_normal(&check->random);
    return values;
}

size_t rfim__check_trials(const rfim__check *check)
{
    return check->options->thorough ? 8 : 2;
}
