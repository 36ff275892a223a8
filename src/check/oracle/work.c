#include "check/oracle/work.h"

rfim__oracle_status rfim__oracle_work_begin(const rfim__oracle_problem *problem,
                                            rfim__oracle_work *work)
{
    rfim__oracle_status status = rfim__oracle_pass_begin(problem, &work->pass);
    if (status)
        return status;
    status = rfim__oracle_density_begin(problem, work->pass.outputs, &work->density);
    if (status)
        rfim__oracle_pass_end(&work->pass);
    return status;
}

void rfim__oracle_work_end(rfim__oracle_work *work)
{
    rfim__oracle_density_end(&work->density);
    rfim__oracle_pass_end(&work->pass);
}

rfim__oracle_status rfim__oracle_work_sample(rfim__oracle_work *work, size_t sample)
{
    for (size_t k = 0; k < work->pass.problem->order; k++)
        work->pass.shift[k] = 0;
    rfim__oracle_run(&work->pass, sample);
    rfim__oracle_density_base(&work->density, work->pass.t);
    return rfim__oracle_outcomes(&work->density);
}

void rfim__oracle_add_outer(double *g, size_t order, double factor, const double *r)
{
    for (size_t a = 0; a < order; a++)
        for (size_t b = 0; b < order; b++)
            g[a * order + b] += factor * r[a] * r[b];
}
