#include "fim_table.h"

#include "message.h"

#include <math.h>
#include <stdio.h>

#define ROUNDING 1e-9 /* expressions that are equal, apart by more, would be a mistake */

void fim_table_header(void)
{
    printf("%-9s %11s %11s %11s %11s  %s\n", "", "trace", "largest", "smallest", "from metric",
           "y");
}

/* How y was summed over. */
static void describe_y(const rfim_network *network, rfim_fim_expression which,
                       const rfim_fim_report *report, char *text, size_t size)
{
    rfim_loss_kind loss = rfim_network_loss(network);
    if (which == RFIM_FIM_METRIC)
        snprintf(text, size, "closed form");
    else if (which == RFIM_FIM_OBSERVED || which == RFIM_FIM_EMPIRICAL)
        snprintf(text, size, "as observed");
    else if (!report->exact)
        snprintf(text, size, "%zu draws, s.e. %.2g", report->outcomes, report->standard_error);
    else if (loss == RFIM_LOSS_SQUARED)
        snprintf(text, size, "%zu nodes, exact", report->outcomes);
    else
        snprintf(text, size, "all %zu %s", report->outcomes,
                 loss == RFIM_LOSS_SOFTMAX ? "classes" : "outcomes");
}

void fim_table_line(const rfim_network *network, rfim_fim_expression which, const fim_line *line)
{
    char y[64];
    describe_y(network, which, &line->report, y, sizeof y);
    printf("%-9s %11.5g %11.5g %11.2e %11.2e  %s\n", rfim_fim_expression_name(which), line->trace,
           line->largest, line->smallest, line->apart, y);
}

/* Whether scores, hessian and roots are the metric, up to rounding or what drawing y may do. */
static int conclude_equal(const fim_line *lines)
{
    double apart = 0;
    double error = 0;
    int compared = 0;
    int agree = 1;
    char words[320];
    for (int which = RFIM_FIM_SCORES; which < RFIM_FIM_METRIC; which++) {
        const fim_line *line = &lines[which];
        if (!line->shown)
            continue;
        compared++;
        apart = fmax(apart, line->apart);
        error = fmax(error, line->report.standard_error);
        agree &= line->apart <= (line->report.exact ? ROUNDING : 4 * line->report.standard_error);
    }
    if (compared == 0)
        return 1;
    const char *subject = compared == 3 ? "The first four" : "It and the metric";
    if (agree && error > 0)
        snprintf(words, sizeof words,
                 "%s agree as far as draws can tell: to %.2g, with a standard error of %.2g.",
                 subject, apart, error);
    else if (agree)
        snprintf(words, sizeof words,
                 "%s agree, to %.2g: the Fisher information is the relative metric of the whole "
                 "network.",
                 subject, apart);
    else if (error > 0)
        snprintf(words, sizeof words,
                 "%s DO NOT agree: they are %.2g apart, more than four standard errors, of %.2g: "
                 "so few draws tell little, or it is a mistake in rfim.",
                 subject, apart, error);
    else
        snprintf(words, sizeof words,
                 "%s DO NOT agree: they are %.2g apart, which is a mistake in rfim.", subject,
                 apart);
    print_wrapped(stdout, 0, words);
    return agree;
}

int fim_table_conclude(const fim_line *lines)
{
    char words[320];
    int agree = conclude_equal(lines);
    if (lines[RFIM_FIM_OBSERVED].shown) {
        snprintf(words, sizeof words,
                 "`observed` is minus the Hessian at the data's own y; %.2g from the metric.",
                 lines[RFIM_FIM_OBSERVED].apart);
        print_wrapped(stdout, 0, words);
    }
    if (lines[RFIM_FIM_EMPIRICAL].shown) {
        snprintf(words, sizeof words,
                 "`empirical` is another thing, no Fisher information: outer products of scores at "
                 "the data's own y; %.2g from the metric.",
                 lines[RFIM_FIM_EMPIRICAL].apart);
        print_wrapped(stdout, 0, words);
    }
    return agree;
}
