/* A plan against what training then takes: allocated bytes counted one by one, and the peak of a
 * process; and what a plan says. */
#include "train/plan_fixture.h"

#include <math.h>
#include <sys/wait.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Options as on the command line: name, value, ... NULL. */
typedef struct subject {
    const char *name;
    const char *settings[16];
} subject;

/* --- against training ------------------------------------------------------------------------- */

static const subject counted[] = {
    {"sgd", {"optimizer", "sgd", "data", "digits:300/50/50"}},
    {"adam, paper split", {"optimizer", "adam", "data", "digits:300/50/50", "split", "paper"}},
    {"rngd", {"data", "digits:300/50/50", "momentum", "0.5"}},
    {"a neuron's metric of 785 inputs",
     {"network", "784-2-10", "representation-first", "neuron", "data", "digits:50/0/0"}},
    {"a delay", {"data", "digits:300/50/50", "refresh-delay", "5"}},
    {"shared-fast", {"preset", "shared-fast", "data", "digits:500/50/50"}},
    {"whitened in float32",
     {"preset", "shared-fast", "data", "digits:8000/0/0", "train-samples", "7000"}},
    {"double", {"preset", "shared-fast", "data", "digits:300/50/50", "precision", "double"}},
    {"several batches", {"data", "digits:300/50/50", "batch", "10", "accumulate", "5"}},
    {"several batches, batch, spring",
     {"data", "digits:300/50/50", "batch", "10", "accumulate", "5", "metric-memory", "batch",
      "momentum", "0.5", "momentum-kind", "spring"}},
    {"spring in dual form",
     {"preset", "neuron-batch", "data", "digits:300/50/50", "metric-memory", "batch", "momentum",
      "0.5", "momentum-kind", "spring"}},
    {"quadratic",
     {"data", "digits:300/50/50", "step-control", "quadratic", "damping-control", "lm"}},
    {"nesterov", {"data", "digits:300/50/50", "momentum", "0.5", "momentum-kind", "nesterov"}},
    {"an average", {"data", "digits:300/50/50", "weight-average", "0.99"}},
    {"an average, whitened",
     {"preset", "shared-fast", "data", "digits:300/50/50", "weight-average", "0.99"}},
    {"decay", {"preset", "shared-fast", "data", "digits:300/50/50", "weight-decay", "0.1"}},
    {"neuron-fast, bna",
     {"preset", "neuron-fast", "data", "digits:300/50/50", "network", "784-60-60-10 relu bna"}},
    {"neuron-batch", {"preset", "neuron-batch", "data", "digits:300/50/50"}},
    {"batch", {"metric-memory", "batch", "data", "digits:300/50/50"}},
    {"kfac", {"preset", "kfac", "data", "digits:300/50/50"}},
    {"next, exact, a delay",
     {"representation", "kronecker", "response", "layer1=own,layer4=own,next", "refresh-delay", "5",
      "data", "digits:300/50/50"}},
    {"network, a neuron's metric",
     {"network", "784-20-10", "representation-first", "neuron", "representation-last", "kronecker",
      "response", "network", "data", "digits:50/0/0"}},
    {"prior+batch", {"metric-memory", "prior+batch", "data", "digits:300/50/50"}},
    {"hard relu, active",
     {"network", "784-80-80-10 relu omega=0", "metric-memory", "batch", "form",
      "layer2=active,automatic", "representation", "neuron", "data", "digits:300/50/50"}},
};

/* Every byte that the run allocates, against the plan without the process itself. Below 100 kB:
 * texts, small structs, the log. */
static void a_plan_is_what_is_allocated(void **state)
{
    for (size_t s = 0; s < sizeof counted / sizeof *counted; s++) {
        rfim_context *context = context_of(2);
        rfim_options options;
        fill(context, counted[s].settings, &options);
        rfim_plan *plan = plan_of(context, &options);
        double planned = rfim_plan_bytes(plan) - part_of(plan, "process")->bytes;
        rfim__watched_memory watch;
        rfim__watched_memory_begin(&watch, context);
        run(context, &options, *state);
        rfim__watched_memory_end(&watch);
        if (fabs((double)watch.most - planned) > 1e5)
            fail_msg("%s: planned %.0f bytes, allocated %zu", counted[s].name, planned, watch.most);
        rfim_plan_free(plan);
        rfim_context_free(context);
    }
}

/* The most memory that this process has had; 0: unknown. */
static double peak(void)
{
    char line[128];
    double kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kilobytes = strtod(line + 6, NULL);
    if (file)
        fclose(file);
    return 1024 * kilobytes;
}

typedef struct measured {
    double planned, process, peak;
} measured;

/* In a process of its own: the plan, or the run. */
static void measure(const subject *it, const char *folder, int trains, measured *out)
{
    rfim_context *context = context_of(2);
    rfim_options options;
    fill(context, it->settings, &options);
    if (trains) {
        run(context, &options, folder);
        out->peak = peak();
    } else {
        rfim_plan *plan = plan_of(context, &options);
        out->planned = rfim_plan_bytes(plan);
        out->process = part_of(plan, "process")->bytes;
        rfim_plan_free(plan);
    }
    rfim_context_free(context);
}

static void measure_apart(const subject *it, const char *folder, int trains, measured *out)
{
    int ends[2];
    int exit_status = 0;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        measure(it, folder, trains, out);
        _exit(write(ends[1], out, sizeof *out) != (ssize_t)sizeof *out);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], out, sizeof *out), sizeof *out);
    close(ends[0]);
    assert_int_equal(waitpid(child, &exit_status, 0), child);
    assert_int_equal(exit_status, 0);
}

static const subject at_large[] = {
    {"paper net, shared-fast", {"preset", "shared-fast", "data", "digits:6000/500/500"}},
    {"784-256-256-10, a metric a neuron",
     {"network", "784-256-256-10 relu", "representation", "neuron", "data", "digits:300/50/50"}},
    {"wide auto-encoder",
     {"network", "784-1000-500-30-500-1000-784 tanh", "loss", "sigmoid", "batch", "250",
      "representation", "shared", "learning-rate", "0.001", "data", "digits:500/50/50"}},
};

/* Within a tenth, and the constant that the plan states for the process itself. */
static void a_process_takes_what_was_planned(void **state)
{
    if (SANITIZED || peak() == 0) {
        print_message("skipped: %s\n", SANITIZED ? "a sanitizer keeps memory of its own"
                                                 : "/proc/self/status has no VmHWM");
        skip();
    }
    for (size_t s = 0; s < sizeof at_large / sizeof *at_large; s++) {
        measured it = {0, 0, 0};
        measure_apart(&at_large[s], *state, 0, &it);
        measure_apart(&at_large[s], *state, 1, &it);
        double own = it.planned - it.process;
        print_message("%s: planned %.1f MB with %.0f MB for the process, took %.1f MB\n",
                      at_large[s].name, it.planned / 1e6, it.process / 1e6, it.peak / 1e6);
        assert_true(it.peak >= 0.9 * own && it.peak <= 1.1 * own + it.process);
    }
}

/* --- what a plan says ------------------------------------------------------------------------- */

static void a_plan_names_every_subsystem(void **state)
{
    (void)state;
    static const char *const settings[] = {
        "preset", "neuron-fast", "network", "784-60-40-10 relu bna", "data", "digits:300/50/50",
        "epochs", "3",           NULL};
    rfim_context *context = context_of(1);
    rfim_options options;
    fill(context, settings, &options);
    rfim_plan *plan = plan_of(context, &options);
    double share = 0;
    assert_int_equal(rfim_plan_steps(plan), 18);
    for (size_t index = 0; index < rfim_plan_parts(plan); index++)
        share += rfim_plan_part_at(plan, index)->share;
    assert_true(fabs(share - 1) < 1e-12); /* a sum of a few fractions */
    assert_null(rfim_plan_part_at(plan, rfim_plan_parts(plan)));
    const rfim_plan_part *part = part_of(plan, "layer1");
    assert_int_equal(part->memory, RFIM_MEMORY_DATASET);
    assert_int_equal(part->form, RFIM_FORM_WHITENED);
    assert_int_equal(part->representation, RFIM_SHARED);
    assert_true(part->base_flops == 4.0 * 50 * 785 * 60);
    assert_true(part->metric_flops <= 0); /* constant inputs drop out */
    part = part_of(plan, "layer2");
    assert_int_equal(part->representation, RFIM_NEURON);
    assert_int_equal(part->memory, RFIM_MEMORY_EMA);
    assert_true(part->metric_flops > 0 && part->bytes > 0 && part->why[0]);
    assert_int_equal(part->response, RFIM_RESPONSE_OWN);
    part = part_of(plan, "norm1");
    assert_int_equal(part->subsystem, 1);
    assert_int_equal(part->representation, -1);
    assert_non_null(strstr(part->why, "identity"));
    part = part_of(plan, "layer1 whitened data");
    assert_int_equal(part->subsystem, 0);
    assert_true(part->setup_flops > 0 && part->setup_bytes > 0);
    rfim_plan_free(plan);
    rfim_plan_free(NULL);
    rfim_context_free(context);
}

static void names_are_those_of_the_options(void **state)
{
    (void)state;
    assert_string_equal(rfim_metric_memory_name(RFIM_MEMORY_PRIOR_BATCH), "prior+batch");
    assert_string_equal(rfim_form_name(RFIM_FORM_WHITENED), "whitened");
    assert_string_equal(rfim_metric_memory_name((rfim_metric_memory)-1), "");
    assert_string_equal(rfim_form_name((rfim_form)6), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* first: it forks, which threads of OpenMP would not survive */
        cmocka_unit_test(a_process_takes_what_was_planned),
        cmocka_unit_test(a_plan_is_what_is_allocated),
        cmocka_unit_test(a_plan_names_every_subsystem),
        cmocka_unit_test(names_are_those_of_the_options),
    };
    return cmocka_run_group_tests_name("train: plans", tests, set_up, tear_down);
}
