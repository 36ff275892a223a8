#include "inspect_table.h"

#include "message.h"

#include <math.h>
#include <stdio.h>

/* Three digits; "-" for what is not known. */
static void print_number(double value, int width)
{
    char text[32] = "-";
    if (!isnan(value))
        snprintf(text, sizeof text, "%.3g", value);
    printf(" %*s", width, text);
}

static void print_metric(const rfim_inspected *told)
{
    char shape[32];
    snprintf(shape, sizeof shape, "%zu x %zu", told->rows, told->columns);
    printf("%-10.10s %10.10s %-9s", told->name, shape,
           rfim_representation_name(told->representation));
    print_number(told->metric_trace, 8);
    print_number(told->largest, 8);
    print_number(told->rank < told->order ? 0 : told->smallest, 8);
    printf(" %8.1f", told->effective_rank);
    print_number(told->condition, 9);
    putchar('\n');
}

static double sum(const double *values, size_t count)
{
    double total = 0;
    for (size_t index = 0; index < count; index++)
        total += values[index];
    return total;
}

static void print_zones(const rfim_inspection *inspection, size_t index, const rfim_inspected *told)
{
    int has_zones = told->dead + told->saturated + told->linear + told->active > 0;
    printf("%-9.9s %-9.9s", told->name, told->activation);
    print_number(told->mean_nu, 7);
    print_number(told->largest_nu, 7);
    if (has_zones)
        printf(" %4zu %4zu %6zu %6zu", told->dead, told->saturated, told->linear, told->active);
    else
        printf(" %4s %4s %6s %6s", "-", "-", "-", "-");
    print_number(sum(rfim_inspection_relative(inspection, index), told->columns), 9);
    print_number(sum(rfim_inspection_absolute(inspection, index), told->columns), 9);
    putchar('\n');
}

static void print_notes(const rfim_inspected *told)
{
    char words[400];
    if (told->note[0]) {
        snprintf(words, sizeof words, "%s: %s.", told->name, told->note);
        print_wrapped(stdout, 0, words);
    }
    if (told->absolute_samples < told->samples) {
        snprintf(words, sizeof words,
                 "%s: the trace with respect to the network's response is that of the first %zu "
                 "samples.",
                 told->name, told->absolute_samples);
        print_wrapped(stdout, 0, words);
    }
}

void inspect_table_print(const rfim_inspection *inspection)
{
    rfim_inspected told;
    size_t count = rfim_inspection_count(inspection);
    int below_rounding = 0;
    printf("%-10s %10s %-9s %8s %8s %8s %8s %9s\n", "metric of", "shape", "kept as", "trace",
           "largest", "smallest", "eff.rank", "condition");
    for (size_t index = 0; index < count; index++) {
        rfim_inspection_get(inspection, index, &told);
        print_metric(&told);
        below_rounding |= told.rank < told.order;
    }
    printf("\n%-10s%-9s %7s %7s %4s %4s %6s %6s %9s %9s\n", "neurons of", "", "mean nu", "at most",
           "dead", "sat.", "linear", "active", "own trace", "net trace");
    for (size_t index = 0; index < count; index++) {
        rfim_inspection_get(inspection, index, &told);
        print_zones(inspection, index, &told);
    }
    putchar('\n');
    if (below_rounding)
        print_wrapped(stdout, 0, "A smallest eigenvalue of 0 is one below rounding level.");
    for (size_t index = 0; index < count; index++) {
        rfim_inspection_get(inspection, index, &told);
        print_notes(&told);
    }
}

void inspect_table_print_neurons(const rfim_inspection *inspection)
{
    rfim_inspected told;
    if (rfim_inspection_get(inspection, 0, &told) != RFIM_OK)
        return;
    const double *nu = rfim_inspection_nu(inspection, 0);
    const double *spread = rfim_inspection_nu_spread(inspection, 0);
    const rfim_zone *zones = rfim_inspection_zones(inspection, 0);
    const double *relative = rfim_inspection_relative(inspection, 0);
    const double *absolute = rfim_inspection_absolute(inspection, 0);
    printf("\n%8s %9s %9s  %-9s %10s %10s\n", "neuron", "mean nu", "spread", "zone", "own trace",
           "net trace");
    for (size_t j = 0; j < told.columns; j++) {
        printf("%8zu", j + 1);
        print_number(nu[j], 9);
        print_number(spread[j], 9);
        printf("  %-9s", rfim_zone_name(zones[j]));
        print_number(relative[j], 10);
        print_number(absolute[j], 10);
        putchar('\n');
    }
}
