/* A run in a folder: what it leaves there when it ends well, is stopped, diverges or fails. */
#include "core/context.h"
#include "core/file.h"
#include "io/jsonl.h"

#include <fcntl.h>
#include <math.h>
#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct fixture {
    rfim_context *context;
    rfim_options options;
    char root[64]; /* an empty folder; runs go below it */
    char out[RFIM_TEXT_SIZE];
    char path[RFIM_TEXT_SIZE]; /* what rfim_run_train says */
    rfim_epoch last;
    size_t stop_at; /* the step after which to stop; 0: never */
    size_t epochs_seen;
    size_t messages;
    const char *spoil; /* a file in whose place the callback puts a folder */
} fixture;

static void count_messages(void *user, rfim_log_level level, const char *message)
{
    (void)level;
    (void)message;
    ((fixture *)user)->messages++;
}

static void set(fixture *test, const char *name, const char *value)
{
    if (rfim_options_set(test->context, &test->options, name, value) != RFIM_OK)
        fail_msg("%s", rfim_context_error(test->context));
}

static void set_out(fixture *test, const char *name)
{
    snprintf(test->out, sizeof test->out, "%s/%s", test->root, name);
    set(test, "out", test->out);
}

static int set_up(void **state)
{
    fixture *test = calloc(1, sizeof *test);
    rfim_context_options settings;
    rfim_context_defaults(&settings);
    settings.log = count_messages;
    settings.log_user = test;
    assert_int_equal(rfim_context_create(&settings, &test->context), RFIM_OK);
    strcpy(test->root, "/tmp/rfim-test-XXXXXX");
    assert_non_null(mkdtemp(test->root));
    rfim_options_defaults(&test->options);
    set(test, "data", "digits:200/50/50");
    set(test, "network", "784-8-8-10 relu");
    set(test, "epochs", "3");
    set_out(test, "run");
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    fixture *test = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", test->root);
    int removed = system(command);
    rfim_context_free(test->context);
    free(test);
    return removed;
}

static int watch(void *user, const rfim_progress *progress)
{
    fixture *test = user;
    test->epochs_seen += progress->finished != NULL;
    if (test->spoil) {
        char path[RFIM_TEXT_SIZE + 32];
        snprintf(path, sizeof path, "%s/%s", test->out, test->spoil);
        unlink(path);
        mkdir(path, 0777);
    }
    return test->stop_at > 0 && progress->step >= test->stop_at;
}

static rfim_status train(fixture *test)
{
    test->epochs_seen = 0;
    return rfim_run_train(test->context, &test->options, watch, test, test->path, &test->last);
}

static const char *file(const fixture *test, const char *name)
{
    static char path[RFIM_TEXT_SIZE + 32];
    snprintf(path, sizeof path, "%s/%s", test->out, name);
    return path;
}

static bool has(const fixture *test, const char *name)
{
    return rfim__file_exists(file(test, name));
}

static void read_file(fixture *test, const char *name, uint8_t **data, size_t *size)
{
    assert_int_equal(rfim__file_read(test->context, file(test, name), data, size), RFIM_OK);
}

static rfim__jsonl *read_metrics(fixture *test)
{
    uint8_t *data = NULL;
    size_t size = 0;
    rfim__jsonl *metrics = NULL;
    read_file(test, "metrics.jsonl", &data, &size);
    assert_int_equal(rfim__jsonl_parse(test->context, "metrics", data, size, &metrics), RFIM_OK);
    rfim__release(test->context, data);
    return metrics;
}

static void expect_words(fixture *test, const char *words)
{
    if (!strstr(rfim_context_error(test->context), words))
        fail_msg("'%s' is not in: %s", words, rfim_context_error(test->context));
}

/* The run is refused with this status and these words, and leaves nothing behind. */
static void refuse(fixture *test, rfim_status status, const char *words)
{
    assert_int_equal(train(test), status);
    expect_words(test, words);
    assert_string_equal(test->path, "");
    if (rmdir(test->root) != 0)
        fail_msg("something is left in %s", test->root);
    assert_int_equal(mkdir(test->root, 0777), 0);
}

static void a_run_leaves_its_six_files(void **state)
{
    fixture *test = *state;
    assert_int_equal(train(test), RFIM_OK);
    assert_string_equal(test->path, test->out);
    assert_int_equal(test->epochs_seen, 3);
    assert_int_equal(test->last.epoch, 3);
    static const char *const names[] = {"config.ini",        "metrics.jsonl",    "curves.svg",
                                        "model.safetensors", "best.safetensors", "run.log"};
    for (size_t index = 0; index < 6; index++)
        assert_true(has(test, names[index]));
    uint8_t *data = NULL;
    size_t size = 0;
    read_file(test, "run.log", &data, &size);
    assert_non_null(strstr((char *)data, "rfim " /* version */));
    assert_non_null(strstr((char *)data, "threads"));
    assert_non_null(strstr((char *)data, "metric     layer2: `shared`"));
    assert_non_null(strstr((char *)data, "done: 3 epochs, 12 steps"));
    rfim__release(test->context, data);
    assert_true(test->messages >= 6);
}

static void metrics_have_a_line_for_each_epoch(void **state)
{
    fixture *test = *state;
    assert_int_equal(train(test), RFIM_OK);
    rfim__jsonl *metrics = read_metrics(test);
    assert_int_equal(rfim__jsonl_lines(metrics), 3);
    static const char *const keys[] = {
        "epoch",      "step",       "samples",        "seconds",       "eval_seconds",
        "train_loss", "train_cost", "train_accuracy", "valid_loss",    "valid_accuracy",
        "test_loss",  "damping",    "test_accuracy",  "learning_rate", "step_microseconds",
        "refreshes",  "retries",    "kept",           "setup_seconds"};
    for (size_t line = 0; line < 3; line++) {
        for (size_t index = 0; index < sizeof keys / sizeof *keys; index++)
            if (isnan(rfim__jsonl_number(metrics, line, keys[index])))
                fail_msg("no number %s in line %zu", keys[index], line + 1);
        assert_true(rfim__jsonl_number(metrics, line, "epoch") == (double)(line + 1));
        assert_true(rfim__jsonl_number(metrics, line, "step") == 4.0 * (double)(line + 1));
        assert_true(rfim__jsonl_number(metrics, line, "samples") == 200.0 * (double)(line + 1));
        assert_true(isnan(rfim__jsonl_number(metrics, line, "train_error")));
    }
    /* Nine digits are written. */
    double difference = rfim__jsonl_number(metrics, 2, "test_loss") - test->last.test.loss;
    assert_true(fabs(difference) < 1e-8 * test->last.test.loss);
    rfim__jsonl_free(metrics);
}

static void an_auto_encoder_reports_errors_and_sgd_no_damping(void **state)
{
    fixture *test = *state;
    set(test, "network", "784-8-784 tanh");
    set(test, "loss", "squared");
    set(test, "optimizer", "sgd");
    set(test, "learning-rate", "0.001");
    assert_int_equal(train(test), RFIM_OK);
    rfim__jsonl *metrics = read_metrics(test);
    assert_true(rfim__jsonl_number(metrics, 0, "valid_error") > 0);
    /* The error is the loss without its factor 1/2; nine digits are written. */
    double loss = rfim__jsonl_number(metrics, 0, "train_loss");
    assert_true(fabs(rfim__jsonl_number(metrics, 0, "train_error") - 2 * loss) < 1e-7 * loss);
    assert_true(isnan(rfim__jsonl_number(metrics, 0, "train_accuracy")));
    assert_true(isnan(rfim__jsonl_number(metrics, 0, "damping")));
    rfim__jsonl_free(metrics);
}

static void its_config_repeats_the_run_bit_for_bit(void **state)
{
    fixture *test = *state;
    uint8_t *models[2] = {NULL, NULL};
    size_t sizes[2];
    set(test, "preset", "icml2017");
    set(test, "learning-rate", "0.02");
    set(test, "split", "paper");
    set(test, "seed", "5");
    set(test, "init", "0.07");
    assert_int_equal(train(test), RFIM_OK);
    read_file(test, "model.safetensors", &models[0], &sizes[0]);
    char config[RFIM_TEXT_SIZE + 32];
    snprintf(config, sizeof config, "%s", file(test, "config.ini"));
    rfim_options_defaults(&test->options);
    assert_int_equal(rfim_options_read(test->context, &test->options, config, NULL), RFIM_OK);
    set_out(test, "again");
    assert_int_equal(train(test), RFIM_OK);
    read_file(test, "model.safetensors", &models[1], &sizes[1]);
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(models[0], models[1], sizes[0]);
    rfim__release(test->context, models[0]);
    rfim__release(test->context, models[1]);
}

static void a_stopped_run_keeps_its_model_and_metrics(void **state)
{
    fixture *test = *state;
    test->stop_at = 6; /* in the middle of the second epoch */
    assert_int_equal(train(test), RFIM_STOPPED);
    expect_words(test, "step 6");
    assert_string_equal(test->path, test->out);
    assert_true(has(test, "model.safetensors"));
    rfim__jsonl *metrics = read_metrics(test);
    assert_int_equal(rfim__jsonl_lines(metrics), 2);
    assert_true(rfim__jsonl_number(metrics, 1, "step") == 6);
    rfim__jsonl_free(metrics);
    uint8_t *data = NULL;
    size_t size = 0;
    read_file(test, "metrics.jsonl", &data, &size);
    assert_non_null(strstr((char *)data, "\"interrupted\": true"));
    rfim__release(test->context, data);
}

static void a_run_stopped_at_its_first_step_is_kept(void **state)
{
    fixture *test = *state;
    test->stop_at = 1;
    assert_int_equal(train(test), RFIM_STOPPED);
    assert_true(has(test, "model.safetensors"));
}

static void a_diverged_run_keeps_the_last_finite_weights(void **state)
{
    fixture *test = *state;
    set(test, "optimizer", "sgd");
    set(test, "learning-rate", "1e30");
    assert_int_equal(train(test), RFIM_DIVERGED);
    expect_words(test, "diverged");
    assert_string_equal(test->path, test->out);
    rfim_network *network = NULL;
    /* Loading refuses numbers that are not finite. */
    assert_int_equal(rfim_network_load(test->context, file(test, "model.safetensors"), &network),
                     RFIM_OK);
    rfim_network_free(network);
}

static void a_run_is_replaced_only_when_asked_for(void **state)
{
    fixture *test = *state;
    assert_int_equal(train(test), RFIM_OK);
    assert_int_equal(rfim__file_append(test->context, file(test, "notes.txt"), "mine", 4), RFIM_OK);
    assert_int_equal(train(test), RFIM_ERROR_EXISTS);
    expect_words(test, "holds a run already");
    assert_string_equal(test->path, "");
    assert_true(has(test, "model.safetensors"));

    set(test, "overwrite", "yes");
    set(test, "data", "digits:200/0/50"); /* without validation there is no best model */
    assert_int_equal(train(test), RFIM_OK);
    assert_false(has(test, "best.safetensors"));
    assert_true(has(test, "notes.txt"));
    rfim__jsonl *metrics = read_metrics(test);
    assert_int_equal(rfim__jsonl_lines(metrics), 3);
    rfim__jsonl_free(metrics);
}

static void a_wrong_option_leaves_an_earlier_run_alone(void **state)
{
    fixture *test = *state;
    assert_int_equal(train(test), RFIM_OK);
    set(test, "overwrite", "yes");
    set(test, "network", "100-10");
    assert_int_equal(train(test), RFIM_ERROR_SHAPE);
    assert_true(has(test, "model.safetensors"));
    assert_true(has(test, "metrics.jsonl"));
}

static void a_folder_that_is_no_run_is_refused(void **state)
{
    fixture *test = *state;
    assert_int_equal(mkdir(test->out, 0777), 0);
    assert_int_equal(rfim__file_append(test->context, file(test, "thesis.txt"), "mine", 4),
                     RFIM_OK);
    set(test, "overwrite", "yes");
    assert_int_equal(train(test), RFIM_ERROR_EXISTS);
    expect_words(test, "something else than a run");
    assert_true(has(test, "thesis.txt"));
    assert_false(has(test, "config.ini"));
    unlink(file(test, "thesis.txt"));
    set(test, "overwrite", "no");
    assert_int_equal(train(test), RFIM_OK); /* it is empty now */
}

static void a_config_of_something_else_is_no_run(void **state)
{
    fixture *test = *state;
    assert_int_equal(mkdir(test->out, 0777), 0);
    set(test, "overwrite", "yes");
    static const char *const foreign[] = {"[server]\nport = 80\n", "", "[data]\n[network]\n"};
    for (size_t index = 0; index < 3; index++) {
        assert_int_equal(rfim__file_write(test->context, file(test, "config.ini"), foreign[index],
                                          strlen(foreign[index])),
                         RFIM_OK);
        assert_int_equal(train(test), RFIM_ERROR_EXISTS);
        expect_words(test, "something else than a run");
        assert_true(has(test, "config.ini"));
    }
    /* Without the comment at its top it is one still. */
    static const char own[] = "[data]\n\n[network]\nloss = network\n\n[optimizer]\n";
    assert_int_equal(rfim__file_write(test->context, file(test, "config.ini"), own, sizeof own - 1),
                     RFIM_OK);
    assert_int_equal(train(test), RFIM_OK);
}

/* Another process holds the lock of a run in the folder; *done is closed to end it. */
static pid_t hold_lock(const char *path, int *done)
{
    int begun[2];
    int ended[2];
    char byte = 0;
    assert_int_equal(pipe(begun), 0);
    assert_int_equal(pipe(ended), 0);
    pid_t child = fork();
    if (child == 0) {
        struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int lock = open(path, O_RDWR | O_CREAT, 0666);
        close(ended[1]);
        if (fcntl(lock, F_SETLK, &whole) == 0 && write(begun[1], "x", 1) == 1)
            while (read(ended[0], &byte, 1) > 0)
                continue;
        _exit(0);
    }
    close(begun[1]);
    close(ended[0]);
    assert_int_equal(read(begun[0], &byte, 1), 1);
    close(begun[0]);
    *done = ended[1];
    return child;
}

static void a_run_that_is_going_is_not_replaced(void **state)
{
    fixture *test = *state;
    int done = -1;
    assert_int_equal(train(test), RFIM_OK);
    assert_false(has(test, ".lock"));
    pid_t child = hold_lock(file(test, ".lock"), &done);
    set(test, "overwrite", "yes");
    assert_int_equal(train(test), RFIM_ERROR_EXISTS);
    expect_words(test, "a run is still going in the folder");
    expect_words(test, test->out);
    assert_true(has(test, "model.safetensors"));
    assert_true(has(test, ".lock"));
    close(done);
    assert_int_equal(waitpid(child, NULL, 0), child);
    /* The lock has gone with its process, though its file is there. */
    assert_int_equal(train(test), RFIM_OK);
    assert_false(has(test, ".lock"));
}

/* Nothing is lost when the run that should replace another cannot even begin. */
static void a_run_that_cannot_begin_replaces_nothing(void **state)
{
    fixture *test = *state;
    static const char *const names[] = {"config.ini", "metrics.jsonl", "model.safetensors"};
    static const char *const asides[] = {"config.ini.old", "metrics.jsonl.old",
                                         "model.safetensors.old"};
    uint8_t *before[3] = {NULL};
    size_t sizes[3] = {0};
    assert_int_equal(train(test), RFIM_OK);
    for (size_t index = 0; index < 3; index++)
        read_file(test, names[index], &before[index], &sizes[index]);
    set(test, "overwrite", "yes");
    set(test, "damping", "1e-50"); /* 0 in float32: only the optimiser sees that */
    assert_int_equal(train(test), RFIM_ERROR_ARGUMENT);
    for (size_t index = 0; index < 3; index++) {
        uint8_t *after = NULL;
        size_t size = 0;
        read_file(test, names[index], &after, &size);
        assert_int_equal(size, sizes[index]);
        assert_memory_equal(after, before[index], size);
        rfim__release(test->context, after);
        rfim__release(test->context, before[index]);
        assert_false(has(test, asides[index]));
    }
    set(test, "damping", "0.001");
    assert_int_equal(train(test), RFIM_OK);
    assert_false(has(test, "config.ini.old"));
}

static int make_folder_meanwhile(void *user, const rfim_progress *progress)
{
    fixture *test = user;
    if (progress->step == 0)
        mkdir(test->out, 0777);
    return 0;
}

static void a_folder_made_meanwhile_is_somebody_elses(void **state)
{
    fixture *test = *state;
    assert_int_equal(rfim_run_train(test->context, &test->options, make_folder_meanwhile, test,
                                    test->path, NULL),
                     RFIM_ERROR_EXISTS);
    expect_words(test, "meanwhile");
    assert_true(rfim__folder_exists(test->out));
    assert_int_equal(rmdir(test->out), 0); /* it is empty */
}

static int refuse_to_begin(void *user, const rfim_progress *progress)
{
    fixture *test = user;
    assert_int_equal(progress->step, 0);
    assert_int_equal(progress->steps, 12);
    assert_false(rfim__folder_exists(test->out));
    return 1;
}

static void a_run_stopped_before_it_begins_leaves_nothing(void **state)
{
    fixture *test = *state;
    assert_int_equal(
        rfim_run_train(test->context, &test->options, refuse_to_begin, test, test->path, NULL),
        RFIM_STOPPED);
    assert_string_equal(test->path, "");
    assert_false(rfim__folder_exists(test->out));
}

static void what_is_wrong_leaves_no_folder(void **state)
{
    fixture *test = *state;
    set_out(test, "deep/er/run");
    set(test, "network", "784-8-10 rleu");
    refuse(test, RFIM_ERROR_ARGUMENT, "relu");
    set(test, "network", "783-8-10 relu");
    refuse(test, RFIM_ERROR_SHAPE, "784");
    set(test, "network", "784-8-9 relu");
    refuse(test, RFIM_ERROR_SHAPE, "10 classes");
    set(test, "network", "784-8-10 relu");
    set(test, "target", "inputs");
    refuse(test, RFIM_ERROR_SHAPE, "as many outputs as inputs");
    set(test, "target", "automatic");
    set(test, "data", "/no/such/folder");
    refuse(test, RFIM_ERROR_ARGUMENT, "/no/such/folder");
    set(test, "data", "digits:200/50/50");
    test->options.optimizer.damping = (double)NAN;
    refuse(test, RFIM_ERROR_ARGUMENT,
           "damping: expected a finite number of at least 0, found 'nan'");
}

static void a_folder_that_cannot_be_made_is_found_first(void **state)
{
    fixture *test = *state;
    set_out(test, "a-file");
    assert_int_equal(rfim__file_append(test->context, test->out, "x", 1), RFIM_OK);
    assert_int_equal(train(test), RFIM_ERROR_EXISTS);
    expect_words(test, "is a file");
    set_out(test, "a-file/run");
    assert_int_equal(train(test), RFIM_ERROR_IO);
    expect_words(test, "cannot be made");
    set(test, "out", "/proc/rfim/run");
    assert_int_equal(train(test), RFIM_ERROR_IO);
    expect_words(test, "cannot be made");
}

static void a_failed_write_ends_the_run(void **state)
{
    fixture *test = *state;
    test->spoil = "metrics.jsonl";
    assert_int_equal(train(test), RFIM_ERROR_IO);
    expect_words(test, "metrics.jsonl cannot be written");
    assert_int_equal(test->epochs_seen, 1);
    assert_string_equal(test->path, test->out);
}

/* Memory that runs out at the allocation numbered fail_at (from 1), and counts what is not freed.
 */
typedef struct short_memory {
    size_t asked;
    size_t fail_at;
    size_t held;
} short_memory;

static void *allocate(void *user, size_t alignment, size_t bytes)
{
    short_memory *memory = user;
    if (++memory->asked == memory->fail_at)
        return NULL;
    memory->held++;
    return aligned_alloc(alignment, bytes);
}

static void release(void *user, void *block)
{
    ((short_memory *)user)->held--;
    free(block);
}

static void short_memory_is_reported_wherever_it_strikes(void **state)
{
    fixture *test = *state;
    rfim_context_options settings;
    rfim_context_defaults(&settings);
    set(test, "data", "digits:20/5/5");
    set(test, "epochs", "1");
    set(test, "overwrite", "yes");
    rfim_status status = RFIM_ERROR_MEMORY;
    for (size_t fail_at = 2; status == RFIM_ERROR_MEMORY; fail_at++) {
        short_memory memory = {.fail_at = fail_at};
        rfim_context *context = NULL;
        settings.allocator = (rfim_allocator){allocate, release, &memory};
        assert_int_equal(rfim_context_create(&settings, &context), RFIM_OK);
        status = rfim_run_train(context, &test->options, NULL, NULL, test->path, NULL);
        assert_true(status == RFIM_OK || status == RFIM_ERROR_MEMORY);
        if (status != RFIM_OK)
            assert_non_null(strstr(rfim_context_error(context), "memory"));
        assert_int_equal(rfim__folder_exists(test->out), test->path[0] != '\0');
        /* The same allocations again: an earlier run in the folder would be looked at. */
        char command[RFIM_TEXT_SIZE + 16];
        snprintf(command, sizeof command, "rm -rf %s", test->out);
        assert_int_equal(system(command), 0);
        rfim_context_free(context);
        assert_int_equal(memory.held, 0);
    }
    assert_int_equal(status, RFIM_OK);
}

static void without_a_name_the_folder_gets_one(void **state)
{
    fixture *test = *state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(test->root), 0);
    set(test, "out", "");
    set(test, "seed", "42");
    rfim_status first = train(test);
    bool first_exists = rfim__folder_exists(test->path);
    char first_path[RFIM_TEXT_SIZE];
    snprintf(first_path, sizeof first_path, "%s", test->path);
    rfim_status second = train(test);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(first, RFIM_OK);
    assert_int_equal(second, RFIM_OK);
    assert_true(first_exists);
    assert_string_not_equal(first_path, test->path);
    assert_true(strncmp(first_path, "runs/20", 7) == 0);
    assert_string_equal(first_path + strlen("runs/20261123-142501"), "-784-8-8-10-relu-rngd-42");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_run_leaves_its_six_files),
        TEST(metrics_have_a_line_for_each_epoch),
        TEST(an_auto_encoder_reports_errors_and_sgd_no_damping),
        TEST(its_config_repeats_the_run_bit_for_bit),
        TEST(a_stopped_run_keeps_its_model_and_metrics),
        TEST(a_run_stopped_at_its_first_step_is_kept),
        TEST(a_diverged_run_keeps_the_last_finite_weights),
        TEST(a_run_is_replaced_only_when_asked_for),
        TEST(a_wrong_option_leaves_an_earlier_run_alone),
        TEST(a_folder_that_is_no_run_is_refused),
        TEST(a_config_of_something_else_is_no_run),
        TEST(a_run_that_is_going_is_not_replaced),
        TEST(a_run_that_cannot_begin_replaces_nothing),
        TEST(a_folder_made_meanwhile_is_somebody_elses),
        TEST(a_run_stopped_before_it_begins_leaves_nothing),
        TEST(what_is_wrong_leaves_no_folder),
        TEST(a_folder_that_cannot_be_made_is_found_first),
        TEST(a_failed_write_ends_the_run),
        TEST(short_memory_is_reported_wherever_it_strikes),
        TEST(without_a_name_the_folder_gets_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
