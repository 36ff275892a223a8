/* Built against a library in which nu of relu is 1 % off: rfim_check must fail and name the
 * culprit, and must not accuse the nu of other activations. */
#include "core/fault.h"

#include <rfim/rfim.h>
#include <stdio.h>
#include <string.h>

typedef struct verdict {
    size_t accused;   /* checks of nu of relu that failed */
    size_t slandered; /* checks of nu of others that failed */
    size_t acquitted; /* gaussian checks of nu of relu that passed */
} verdict;

static int judge(void *user, const rfim_check_result *result)
{
    verdict *v = user;
    int relu = strstr(result->name, "relu") != NULL;
    if (!result->passed)
        printf("%s, %s against %s: %.1e\n", result->group, result->name, result->against,
               result->error);
    if (strcmp(result->group, "nu") != 0)
        return 0;
    v->accused += relu && !result->passed;
    v->slandered += !relu && !result->passed;
    v->acquitted += relu && result->passed && !strstr(result->name, "canonical");
    return 0;
}

int main(void)
{
    verdict v = {0, 0, 0};
    rfim_context *context = NULL;
    rfim_check_summary summary;
    printf("nu of relu x %g\n", RFIM_FAULT_NU);
    if (rfim_context_create(NULL, &context) != RFIM_OK)
        return 1;
    rfim_status status = rfim_check(context, NULL, judge, &v, &summary);
    printf("%zu of %zu failed; nu: %zu of relu, %zu of others; %zu of relu passed\n",
           summary.failed, summary.checked, v.accused, v.slandered, v.acquitted);
    rfim_context_free(context);
    return !(status == RFIM_OK && summary.failed > v.accused && v.accused > 0 && v.slandered == 0 &&
             v.acquitted == 0);
}
