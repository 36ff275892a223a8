/* Built against a library in which one constant is 1 % off: the comparison must notice, in each
 * precision and for each kind of network. */
#include "core/fault.h"
#include "optimizer/icml2017_comparison.h"

int main(void)
{
    int missed = 0;
    printf("faults: damping x %g, L2 x %g, nu x %g\n", RFIM_FAULT_DAMPING, RFIM_FAULT_L2,
           RFIM_FAULT_NU);
    for (int bna = 0; bna < 2; bna++) {
        for (int harsh = 0; harsh < 2; harsh++) {
            recipe r = recipe_of(bna, harsh);
            double trajectory = trajectory_distance(r);
            single_steps single = single_step_excess(r);
            bool noticed = !(trajectory <= 1e-10) && !(single.worst <= 1);
            printf("%s %s: float64 trajectory %.1e, float32 steps %.2f of the tolerance: %s\n",
                   r.name, bna ? "bna" : "plain", trajectory, single.worst,
                   noticed ? "noticed" : "MISSED");
            missed += !noticed;
        }
    }
    return missed > 0;
}
