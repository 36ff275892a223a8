/* Lists of numbers among parameters and inputs, in the order of vec. */
#include "check/oracle/oracle.h"

static size_t rows_of(const rfim__oracle_module *module)
{
    switch (module->kind) {
    case RFIM__ORACLE_LINEAR:
        return module->inputs + 1;
    case RFIM__ORACLE_BATCH_NORM:
        return 2;
    case RFIM__ORACLE_ELEMENTWISE:
        break;
    }
    return 0;
}

size_t rfim__oracle_neurons(const rfim__oracle_module *modules, size_t module, size_t first_column,
                            size_t columns, rfim__oracle_entry *entries)
{
    size_t rows = rows_of(&modules[module]);
    if (entries)
        for (size_t j = 0; j < columns; j++)
            for (size_t k = 0; k < rows; k++)
                entries[j * rows + k] = (rfim__oracle_entry){module, k, first_column + j};
    return columns * rows;
}

size_t rfim__oracle_parameters(const rfim__oracle_module *modules, size_t first, size_t last,
                               rfim__oracle_entry *entries)
{
    size_t count = 0;
    for (size_t l = first; l <= last; l++)
        count += rfim__oracle_neurons(modules, l, 0, modules[l].outputs,
                                      entries ? entries + count : NULL);
    return count;
}

size_t rfim__oracle_inputs(const rfim__oracle_module *modules, rfim__oracle_entry *entries)
{
    if (entries)
        for (size_t k = 0; k < modules[0].inputs; k++)
            entries[k] = (rfim__oracle_entry){RFIM__ORACLE_INPUT, k, 0};
    return modules[0].inputs;
}
