/* fim_table.h - what `rfim fim` prints: a line for each expression, and what to make of them. */
#ifndef RFIM_CLI_FIM_TABLE_H
#define RFIM_CLI_FIM_TABLE_H

#include <rfim/rfim.h>

/* What is told of one expression's matrix. */
typedef struct fim_line {
    int shown;
    rfim_fim_report report;
    double trace;
    double largest, smallest; /* eigenvalues */
    double apart;             /* |F - metric|_F / |metric|_F */
} fim_line;

void fim_table_header(void);
void fim_table_line(const rfim_network *network, rfim_fim_expression which, const fim_line *line);
/* The sentences under the table. lines: [RFIM_FIM_EXPRESSIONS]. 0: what should be equal is not. */
int fim_table_conclude(const fim_line *lines);

#endif
