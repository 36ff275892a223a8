/* machine.c - where figures come from: processor, load, sources. */
#include "bench/commit.h"
#include "core/context.h"

#include <math.h>
#include <rfim/bench.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "Intel(R) Xeon(R) ..." from the kernel, where it tells. */
static void read_cpu(char *text, size_t size)
{
    char line[512];
    FILE *file = fopen("/proc/cpuinfo", "r");
    text[0] = '\0';
    while (file && text[0] == '\0' && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon)
            continue;
        colon += 1 + strspn(colon + 1, " \t");
        snprintf(text, size, "%.*s", (int)strcspn(colon, "\n"), colon);
    }
    if (file)
        fclose(file);
}

static void read_load(double load[3])
{
    char line[128] = "";
    FILE *file = fopen("/proc/loadavg", "r");
    char *at = line;
    if (file && !fgets(line, sizeof line, file))
        line[0] = '\0';
    if (file)
        fclose(file);
    for (int k = 0; k < 3; k++) {
        char *end = at;
        load[k] = strtod(at, &end);
        if (end == at)
            load[k] = (double)NAN;
        at = end;
    }
}

static size_t count_threads(void)
{
    rfim_context *context = NULL;
    size_t threads = 0;
    if (rfim_context_create(NULL, &context) == RFIM_OK)
        threads = context->threads;
    rfim_context_free(context);
    return threads;
}

void rfim_bench_machine_get(rfim_bench_machine *out)
{
    const char *waiting = getenv("OMP_WAIT_POLICY");
    memset(out, 0, sizeof *out);
    read_cpu(out->cpu, sizeof out->cpu);
    read_load(out->load);
    out->threads = count_threads();
    snprintf(out->commit, sizeof out->commit, "%s", RFIM__BENCH_COMMIT);
    snprintf(out->waiting, sizeof out->waiting, "%s", waiting ? waiting : "");
}
