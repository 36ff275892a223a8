#include "plan_table.h"

#include "json.h"
#include "message.h"

#include <string.h>

#define WORD_SIZE 32

/* Three digits and a unit: "9.83 MB". */
static const char *scaled(double number, const char *const units[7], char text[WORD_SIZE])
{
    size_t unit = 0;
    double size = number < 0 ? -number : number;
    for (; size >= 999.5 && unit < 6; unit++)
        size /= 1000;
    snprintf(text, WORD_SIZE, "%s%.3g%s", number < 0 ? "-" : "", size, units[unit]);
    return text;
}

static const char *bytes_text(double bytes, char text[WORD_SIZE])
{
    static const char *const units[7] = {" B", " kB", " MB", " GB", " TB", " PB", " EB"};
    return scaled(bytes, units, text);
}

static const char *flops_text(double flops, char text[WORD_SIZE])
{
    static const char *const units[7] = {"", " k", " M", " G", " T", " P", " E"};
    return scaled(flops, units, text);
}

static int has_metric(const rfim_plan_part *part)
{
    return part->representation >= 0;
}

static void print_subsystem(const rfim_plan_part *part)
{
    char bytes[WORD_SIZE];
    char flops[WORD_SIZE];
    char added[WORD_SIZE];
    const char *metric = "-";
    const char *memory = "-";
    const char *form = "-";
    if (has_metric(part)) {
        metric = rfim_representation_name((rfim_representation)part->representation);
        memory = rfim_metric_memory_name((rfim_metric_memory)part->memory);
        form = rfim_form_name((rfim_form)part->form);
    }
    printf("%-10.10s %-9s %-11s %-8s %8s %10s %9s %5.1f %%\n", part->name, metric, memory, form,
           bytes_text(part->bytes, bytes), flops_text(part->base_flops + part->metric_flops, flops),
           has_metric(part) ? flops_text(part->metric_flops, added) : "-", 100 * part->share);
}

static void print_other(const rfim_plan_part *part)
{
    char text[WORD_SIZE];
    printf("%-31s %10s", part->name, bytes_text(part->bytes, text));
    if (part->setup_bytes > 0 || part->setup_flops > 0)
        printf(" %12s", bytes_text(part->setup_bytes, text));
    if (part->setup_flops > 0)
        printf(" %11s", flops_text(part->setup_flops, text));
    putchar('\n');
}

/* What all steps and all set-up take. */
static void print_totals(const rfim_plan *plan)
{
    char words[400];
    char bytes[WORD_SIZE];
    char step[WORD_SIZE];
    char setup[WORD_SIZE];
    double base = 0;
    double metric = 0;
    double once = 0;
    for (size_t index = 0; index < rfim_plan_parts(plan); index++) {
        const rfim_plan_part *part = rfim_plan_part_at(plan, index);
        base += part->base_flops;
        metric += part->metric_flops;
        once += part->setup_flops;
    }
    snprintf(
        words, sizeof words,
        "%s at most, at work or before the first step. %zu steps of %sflop each, %.2f times what "
        "plain gradients take.",
        bytes_text(rfim_plan_bytes(plan), bytes), rfim_plan_steps(plan),
        flops_text(base + metric, step), base > 0 ? (base + metric) / base : 1);
    print_wrapped(stdout, 0, words);
    if (once <= 0)
        return;
    snprintf(words, sizeof words, "Set-up, once: %sflop, as many as %.0f of the steps.",
             flops_text(once, setup), once / (base + metric));
    print_wrapped(stdout, 0, words);
}

/* Why each form is taken; a reason that several subsystems have is told once. */
static void print_reasons(const rfim_plan *plan)
{
    size_t count = rfim_plan_parts(plan);
    int any = 0;
    for (size_t index = 0; index < count; index++) {
        const char *why = rfim_plan_part_at(plan, index)->why;
        char words[RFIM_TEXT_SIZE] = "";
        size_t first = 0;
        while (strcmp(rfim_plan_part_at(plan, first)->why, why) != 0)
            first++;
        if (!why[0] || first < index)
            continue;
        for (size_t other = index; other < count; other++) {
            const rfim_plan_part *part = rfim_plan_part_at(plan, other);
            size_t length = strlen(words);
            if (strcmp(part->why, why) == 0 && length + sizeof part->name < sizeof words / 2)
                snprintf(words + length, sizeof words - length, "%s%s", length > 0 ? ", " : "",
                         part->name);
        }
        size_t length = strlen(words);
        snprintf(words + length, sizeof words - length, ": %s.", why);
        print_wrapped(stdout, 0, words);
        any = 1;
    }
    if (any)
        putchar('\n');
}

void plan_table_print(const rfim_plan *plan, const rfim_options *options)
{
    char words[RFIM_TEXT_SIZE + 128];
    snprintf(words, sizeof words, "%s, batch %zu, %s precision, %s", options->network,
             options->train.batch, options->init.precision == RFIM_DOUBLE ? "double" : "single",
             options->preset);
    print_wrapped(stdout, 0, words);
    printf("\n%-10s %-9s %-11s %-8s %8s %10s %9s %7s\n", "subsystem", "metric", "memory", "form",
           "bytes", "flops/step", "of metric", "share");
    for (size_t index = 0; index < rfim_plan_parts(plan); index++)
        if (rfim_plan_part_at(plan, index)->subsystem)
            print_subsystem(rfim_plan_part_at(plan, index));
    putchar('\n');
    print_reasons(plan);
    printf("%-31s %10s %12s %11s\n", "besides", "bytes", "set-up, more", "flops, once");
    for (size_t index = 0; index < rfim_plan_parts(plan); index++)
        if (!rfim_plan_part_at(plan, index)->subsystem)
            print_other(rfim_plan_part_at(plan, index));
    putchar('\n');
    print_totals(plan);
}

static void write_part(const rfim_plan_part *part, FILE *file)
{
    fprintf(file, "{\"name\": ");
    json_string(file, part->name);
    fprintf(file, ", \"subsystem\": %s", part->subsystem ? "true" : "false");
    if (has_metric(part)) {
        fprintf(file, ", \"metric\": ");
        json_string(file, rfim_representation_name((rfim_representation)part->representation));
        fprintf(file, ", \"response\": ");
        json_string(file, rfim_response_name((rfim_response)part->response));
        fprintf(file, ", \"memory\": ");
        json_string(file, rfim_metric_memory_name((rfim_metric_memory)part->memory));
        fprintf(file, ", \"form\": ");
        json_string(file, rfim_form_name((rfim_form)part->form));
        fprintf(file, ", \"wide\": %s", part->wide ? "true" : "false");
    }
    json_number(file, "bytes", part->bytes);
    json_number(file, "setup_bytes", part->setup_bytes);
    json_number(file, "setup_flops", part->setup_flops);
    if (part->subsystem) {
        json_number(file, "base_flops", part->base_flops);
        json_number(file, "metric_flops", part->metric_flops);
        json_number(file, "share", part->share);
        fprintf(file, ", \"why\": ");
        json_string(file, part->why);
    }
    fputc('}', file);
}

void plan_table_write_json(const rfim_plan *plan, FILE *file)
{
    fprintf(file, "{\n  \"version\": ");
    json_string(file, rfim_version());
    fprintf(file, ",\n  \"steps\": %zu", rfim_plan_steps(plan));
    fprintf(file, ",\n  \"bytes\": %.0f,\n  \"parts\": [", rfim_plan_bytes(plan));
    for (size_t index = 0; index < rfim_plan_parts(plan); index++) {
        fprintf(file, "%s\n    ", index > 0 ? "," : "");
        write_part(rfim_plan_part_at(plan, index), file);
    }
    fprintf(file, "\n  ]\n}\n");
}
