/* plan_table.h - a plan as tables of 79 columns, and as JSON. */
#ifndef RFIM_CLI_PLAN_TABLE_H
#define RFIM_CLI_PLAN_TABLE_H

#include <rfim/rfim.h>
#include <stdio.h>

void plan_table_print(const rfim_plan *plan, const rfim_options *options);
void plan_table_write_json(const rfim_plan *plan, FILE *file);

#endif
