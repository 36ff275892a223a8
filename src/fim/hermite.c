#include "fim/hermite.h"

#include <math.h>

#define STEPS 100 /* bisection alone would need 60 */

/* q_k(x); *below <- q_{k-1}(x).   k >= 1 */
static double polynomial(size_t k, double x, double *below)
{
    double q = 1;
    *below = 0;
    for (size_t j = 1; j <= k; j++) {
        double next = (x * q - sqrt((double)(j - 1)) * *below) / sqrt((double)j);
        *below = q;
        q = next;
    }
    return q;
}

/* The one zero of q_k between low and high. */
static double zero_between(size_t k, double low, double high)
{
    double below = 0;
    int rises = polynomial(k, high, &below) > 0;
    double x = (low + high) / 2;
    for (int step = 0; step < STEPS; step++) {
        double q = polynomial(k, x, &below);
        if ((q > 0) == rises)
            high = x;
        else
            low = x;
        double next = x - q / (sqrt((double)k) * below);
        if (!(next > low && next < high))
            next = (low + high) / 2;
        if (next == x || high - low <= 0)
            break;
        x = next;
    }
    return x;
}

/* zeros [k] of q_k, in place of the k-1 of q_{k-1} */
static void next_zeros(size_t k, double *zeros)
{
    double far = 2 * sqrt((double)k); /* all zeros are nearer to 0 */
    double low = -far;
    for (size_t a = 0; a < k; a++) {
        double high = a + 1 < k ? zeros[a] : far;
        zeros[a] = 2 * a + 1 == k ? 0 : zero_between(k, low, high);
        low = high;
    }
}

void rfim__hermite_rule(size_t count, rfim__hermite *rule)
{
    rule->count = count;
    for (size_t k = 1; k <= count; k++)
        next_zeros(k, rule->node);
    for (size_t a = 0; a < count; a++) {
        double below = 0;
        polynomial(count, rule->node[a], &below);
        rule->weight[a] = 1 / ((double)count * below * below);
    }
}
