/* bench_json.c - what rfim bench has found, as JSON. */
#include "bench_results.h"

#include <math.h>

/* A string of JSON; control characters of the words are left out. */
static void write_string(FILE *file, const char *key, const char *text)
{
    fprintf(file, "\"%s\": \"", key);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', file);
        if ((unsigned char)*text >= ' ')
            fputc(*text, file);
    }
    fputc('"', file);
}

/* JSON has no NaN. */
static void write_number(FILE *file, double number)
{
    if (isfinite(number))
        fprintf(file, "%.6g", number);
    else
        fputs("null", file);
}

static void write_spread(FILE *file, const char *key, const rfim_bench_spread *spread)
{
    fprintf(file, ",\n       \"%s\": {\"lower\": ", key);
    write_number(file, spread->lower);
    fputs(", \"median\": ", file);
    write_number(file, spread->median);
    fputs(", \"upper\": ", file);
    write_number(file, spread->upper);
    fputc('}', file);
}

static void write_load(FILE *file, const char *key, const rfim_bench_machine *machine)
{
    fprintf(file, "\"%s\": [", key);
    for (int k = 0; k < 3; k++) {
        fputs(k > 0 ? ", " : "", file);
        write_number(file, machine->load[k]);
    }
    fputc(']', file);
}

static void write_machine(FILE *file, const bench_results *results)
{
    const rfim_bench_machine *machine = &results->before;
    const struct {
        const char *key, *words;
    } lines[] = {{"version", rfim_version()},
                 {"commit", machine->commit},
                 {"cpu", machine->cpu},
                 {"blas", rfim_blas_description()},
                 {"kernel_set", results->kernels},
                 {"precision", "float32"},
                 {"omp_wait_policy", machine->waiting}};
    fputs("{\n", file);
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        fputs("  ", file);
        write_string(file, lines[k].key, lines[k].words);
        fputs(",\n", file);
    }
    fprintf(file, "  \"processors\": %zu,\n  ", machine->threads);
    write_load(file, "load_before", machine);
    fputs(",\n  ", file);
    write_load(file, "load_after", &results->after);
}

static void write_program(FILE *file, const rfim_bench_program *program)
{
    fputs("\n      {", file);
    write_string(file, "name", program->name);
    fputs(", ", file);
    write_string(file, "what", program->what);
    fprintf(file,
            ",\n       \"threads\": %zu, \"period\": %zu, \"steps_a_block\": %zu, "
            "\"setup_seconds\": ",
            program->threads, program->period, program->steps);
    write_number(file, program->setup_seconds);
    fputs(", \"fastest_microseconds\": ", file);
    write_number(file, program->fastest);
    write_spread(file, "microseconds", &program->microseconds);
    write_spread(file, "to_floor", &program->to_floor);
    write_spread(file, "to_sgd", &program->to_sgd);
    write_spread(file, "to_sgd_trimmed", &program->to_trimmed);
    write_spread(file, "speed_up", &program->speed_up);
    fputc('}', file);
}

static void write_net(FILE *file, const rfim_bench *bench)
{
    rfim_bench_subject subject;
    rfim_bench_subject_get(bench, &subject);
    fputs("\n    {", file);
    write_string(file, "name", subject.net);
    fputs(", ", file);
    write_string(file, "network", subject.text);
    fprintf(file,
            ",\n     \"batch\": %zu, \"samples\": %zu, \"blocks\": %zu, \"inputs\": %zu, "
            "\"constant_inputs\": %zu,\n     \"product_flops\": ",
            subject.batch, subject.samples, subject.blocks, subject.inputs,
            subject.constant_inputs);
    write_number(file, subject.product_flops);
    fputs(", \"trimmed_share\": ", file);
    write_number(file, subject.trimmed_flops);
    fputs(",\n     \"programs\": [", file);
    for (size_t p = 0; rfim_bench_program_at(bench, p); p++) {
        fputs(p > 0 ? "," : "", file);
        write_program(file, rfim_bench_program_at(bench, p));
    }
    fputs("]}", file);
}

static void write_kernel(FILE *file, const bench_kernel_line *line)
{
    fputs("\n      {", file);
    write_string(file, "name", line->name);
    fputs(", ", file);
    write_string(file, "shape", line->shape);
    fputs(", ", file);
    write_string(file, "against", line->against);
    fprintf(file, ", \"threads\": %zu, \"flops\": ", line->figures.threads);
    write_number(file, line->figures.flops);
    write_spread(file, "microseconds", &line->figures.microseconds);
    write_spread(file, "calls_microseconds", &line->figures.calls);
    write_spread(file, "ratio", &line->figures.ratio);
    fputc('}', file);
}

void bench_write_json(const bench_results *results, FILE *file)
{
    write_machine(file, results);
    fputs(",\n  \"nets\": [", file);
    for (size_t n = 0; n < results->net_count; n++) {
        fputs(n > 0 ? "," : "", file);
        write_net(file, results->nets[n]);
    }
    fputs("],\n  \"kernels\": [", file);
    for (size_t k = 0; k < results->line_count; k++) {
        fputs(k > 0 ? "," : "", file);
        write_kernel(file, &results->lines[k]);
    }
    fputs("]\n}\n", file);
}
