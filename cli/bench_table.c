/* bench_table.c - what rfim bench prints. */
#include "bench_results.h"
#include "message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void bench_results_begin(bench_results *results, const rfim_context *context)
{
    memset(results, 0, sizeof *results);
    results->kernels = rfim_context_kernels(context);
    rfim_bench_machine_get(&results->before);
}

void bench_results_free(bench_results *results)
{
    for (size_t n = 0; n < results->net_count; n++)
        rfim_bench_free(results->nets[n]);
    free(results->lines);
}

int bench_results_add_kernel(bench_results *results, const rfim_bench_kernel *kernel)
{
    if (results->line_count == results->room) {
        size_t room = 2 * results->room + 64;
        bench_kernel_line *lines = realloc(results->lines, room * sizeof *lines);
        results->out_of_memory = !lines;
        if (!lines)
            return 1;
        results->lines = lines;
        results->room = room;
    }
    bench_kernel_line *line = &results->lines[results->line_count++];
    snprintf(line->name, sizeof line->name, "%s", kernel->name);
    snprintf(line->shape, sizeof line->shape, "%s", kernel->shape);
    snprintf(line->against, sizeof line->against, "%s", kernel->against);
    line->figures = *kernel;
    return 0;
}

/* "1.23", or "-" where there is nothing to be measured against. */
static const char *ratio_text(double ratio, char text[24])
{
    if (isnan(ratio))
        return "-";
    snprintf(text, 24, ratio < 99.5 ? "%.2f" : "%.0f", ratio);
    return text;
}

/* "1.21-1.25" */
static const char *range_text(const rfim_bench_spread *spread, char text[24])
{
    if (isnan(spread->median))
        return "";
    snprintf(text, 24, spread->upper < 99.5 ? "%.2f-%.2f" : "%.0f-%.0f", spread->lower,
             spread->upper);
    return text;
}

/* Microseconds in four digits or more. */
static const char *time_text(double microseconds, char text[24])
{
    snprintf(text, 24, microseconds < 999.5 ? "%.1f" : "%.0f", microseconds);
    return text;
}

void bench_print_machine(const bench_results *results)
{
    const rfim_bench_machine *machine = &results->before;
    char words[512];
    snprintf(words, sizeof words, "rfim %s%s%s, float32, kernels %s; %s, %zu threads%s%s",
             rfim_version(), machine->commit[0] ? ", commit " : "", machine->commit,
             results->kernels, machine->cpu[0] ? machine->cpu : "CPU not known", machine->threads,
             machine->waiting[0] ? ", OMP_WAIT_POLICY=" : "", machine->waiting);
    print_wrapped(stdout, 0, words);
    snprintf(words, sizeof words, "BLAS: %s", rfim_blas_description());
    print_wrapped(stdout, 0, words);
    if (!isnan(machine->load[0]))
        printf("load before: %.2f in the last minute, %.2f in the last five\n", machine->load[0],
               machine->load[1]);
}

static void print_subject(const rfim_bench_subject *subject)
{
    char words[RFIM_TEXT_SIZE + 256];
    int own = strcmp(subject->net, subject->text) == 0;
    snprintf(words, sizeof words, "%s%s%s; batch %zu of %zu samples, %.3g Mflop of products a step",
             own ? "" : subject->net, own ? "" : ": ", subject->text, subject->batch,
             subject->samples, subject->product_flops / 1e6);
    printf("\n");
    print_wrapped(stdout, 0, words);
    snprintf(words, sizeof words,
             "%zu of %zu inputs are 0 in every sample: %.1f %% of the products' flops",
             subject->constant_inputs, subject->inputs, 100 * subject->trimmed_flops);
    print_wrapped(stdout, 0, words);
}

static void print_program(const rfim_bench_program *program)
{
    char text[7][24] = {""};
    double setup = program->setup_seconds >= 0.005 ? program->setup_seconds : (double)NAN;
    printf("%-17s %3zu %7s %6s %6s %-10s %7s %-10s %6s\n", program->name, program->threads,
           time_text(program->microseconds.median, text[0]),
           ratio_text(program->to_floor.median, text[1]),
           ratio_text(program->to_sgd.median, text[2]), range_text(&program->to_sgd, text[3]),
           ratio_text(program->to_trimmed.median, text[4]),
           range_text(&program->to_trimmed, text[5]), ratio_text(setup, text[6]));
}

/* Programs on more threads against the first number of threads. */
static void print_speed_up(const rfim_bench *bench)
{
    int header = 0;
    size_t first = 0;
    for (size_t p = 0; rfim_bench_program_at(bench, p); p++) {
        const rfim_bench_program *program = rfim_bench_program_at(bench, p);
        char text[2][24];
        if (strcmp(program->name, "floor") == 0)
            continue;
        if (first == 0)
            first = program->threads;
        if (program->threads == first)
            continue;
        if (!header)
            printf("\n%-17s %3s %8s %s\n", "speed-up", "thr", "times", "quartiles");
        header = 1;
        printf("%-17s %3zu %8s %s\n", program->name, program->threads,
               ratio_text(program->speed_up.median, text[0]),
               range_text(&program->speed_up, text[1]));
    }
}

void bench_print_net(const rfim_bench *bench)
{
    rfim_bench_subject subject;
    rfim_bench_subject_get(bench, &subject);
    print_subject(&subject);
    printf("\n%-17s %3s %7s %6s %6s %-10s %7s %-10s %6s\n", "program", "thr", "us", "/floor",
           "/sgd", "quartiles", "/trim'd", "quartiles", "set-up");
    for (size_t p = 0; rfim_bench_program_at(bench, p); p++)
        print_program(rfim_bench_program_at(bench, p));
    print_speed_up(bench);
}

void bench_print_kernels(const bench_results *results)
{
    char text[4][24];
    const bench_kernel_line *last = NULL;
    if (results->line_count > 0)
        printf("\n%-34s %3s %9s %7s %6s %s\n", "kernel / calls that do the same", "thr", "us",
               "GF/s", "ratio", "quartiles");
    for (size_t k = 0; k < results->line_count; k++) {
        const bench_kernel_line *line = &results->lines[k];
        const rfim_bench_kernel *figures = &line->figures;
        if (!last || strcmp(last->name, line->name) != 0)
            printf("%s / %s\n", line->name, line->against);
        last = line;
        snprintf(text[3], sizeof text[3], "%.1f",
                 1e-3 * figures->flops / figures->microseconds.median);
        printf("  %-32s %3zu %9s %7s %6s %s\n", line->shape, figures->threads,
               time_text(figures->microseconds.median, text[0]), figures->flops > 0 ? text[3] : "-",
               ratio_text(figures->ratio.median, text[1]), range_text(&figures->ratio, text[2]));
    }
}
