/* Files that are no metric, or not one of this network: each is refused with a sentence. */
#include "io/safetensors.h"
#include "subsystem/file.h"

static void other_networks(void **state)
{
    (void)state;
    place p = open_place();
    api a = api_open(kind_text, RFIM_DOUBLE, 7, 86);
    api wide = api_open("input 3; linear 5 relu; batchnorm; linear 3; loss softmax", RFIM_DOUBLE, 7,
                        86);
    api single = api_open(kind_text, RFIM_SINGLE, 7, 86);
    rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_NEURON));
    rfim_metric *loaded = NULL;
    assert_ok(&a, rfim_metric_save(metric, p.path));
    assert_refused(&wide, rfim_metric_load(wide.network, p.path, &loaded), RFIM_ERROR_SHAPE,
                   "same modules");
    assert_refused(&single, rfim_metric_load(single.network, p.path, &loaded),
                   RFIM_ERROR_UNSUPPORTED,
                   "holds numbers in double precision, the network is in single");
    assert_null(loaded);
    rfim_metric_free(metric);
    api_close(&a);
    api_close(&wide);
    api_close(&single);
    close_place(&p);
}

static void files_that_are_cut_or_missing(void **state)
{
    (void)state;
    place p = open_place();
    api a = api_open(kind_text, RFIM_DOUBLE, 7, 87);
    rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_GRAM));
    rfim_metric *loaded = NULL;
    size_t size = 0;
    assert_int_equal(rfim_metric_load(a.network, p.path, &loaded), RFIM_ERROR_IO);
    assert_ok(&a, rfim_metric_save(metric, p.path));
    uint8_t *bytes = bytes_of(p.path, &size);
    for (size_t kept = 0; kept < size; kept += 1 + kept / 7) {
        write_bytes(p.path, bytes, kept);
        assert_int_equal(rfim_metric_load(a.network, p.path, &loaded), RFIM_ERROR_FORMAT);
        assert_non_null(strstr(rfim_context_error(a.context), p.path));
        assert_null(loaded);
    }
    assert_int_equal(rfim_metric_save(metric, "/no/such/folder/x"), RFIM_ERROR_IO);
    free(bytes);
    rfim_metric_free(metric);
    api_close(&a);
    close_place(&p);
}

/* Writes a file whose metadata or arrays were changed, and tries to load it. */
typedef struct change {
    const char *key, *value; /* of the metadata; value NULL: left out */
    const char *tensor;      /* its first number becomes ... */
    double number;
    const char *dropped; /* an array that is left out */
    size_t rows;         /* left out of the arrays */
    rfim_status status;
    const char *words;
} change;

static void apply_change(api *a, const char *path, const change *c)
{
    static const char *const keys[] = {
        "format",      "network",   "first",     "last",         "first_output",   "outputs",
        "variable",    "response",  "family",    "sigma",        "representation", "kronecker_rule",
        "max_samples", "max_bytes", "refreshed", "damping_rule", "damping"};
    const char *items[2 * sizeof keys / sizeof *keys + 1] = {NULL};
    rfim__tensor tensors[4];
    double values[4][512];
    rfim__safetensors *file = NULL;
    size_t size = 0;
    size_t used = 0;
    size_t count = 0;
    uint8_t *bytes = bytes_of(path, &size);
    assert_ok(a, rfim__safetensors_parse(a->context, path, bytes, size, &file));
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        bool changed = c->key && strcmp(c->key, keys[k]) == 0;
        if (changed && !c->value)
            continue;
        items[used++] = keys[k];
        items[used++] = changed ? c->value : rfim__safetensors_metadata(file, keys[k]);
    }
    for (size_t t = 0; t < rfim__safetensors_count(file); t++) {
        rfim__tensor tensor = *rfim__safetensors_tensor(file, t);
        if (c->dropped && strcmp(c->dropped, tensor.name) == 0)
            continue;
        assert_true(rfim__tensor_numbers(&tensor) <= 512);
        rfim__tensor_read_doubles(&tensor, values[count]);
        if (c->tensor && strcmp(c->tensor, tensor.name) == 0)
            values[count][0] = c->number;
        tensor.shape[0] -= c->rows;
        tensor.data = values[count];
        tensors[count++] = tensor;
    }
    assert_ok(a, rfim__safetensors_write(a->context, path, tensors, count, items));
    rfim__safetensors_free(file);
    free(bytes);
}

static void check_changes(rfim_metric_options options, const change *changes, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        place p = open_place();
        api a = api_open(kind_text, RFIM_DOUBLE, 7, 88);
        rfim_metric *metric = metric_of(&a, options);
        rfim_metric *loaded = NULL;
        assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, .1, NULL));
        assert_ok(&a, rfim_metric_save(metric, p.path));
        apply_change(&a, p.path, &changes[c]);
        assert_refused(&a, rfim_metric_load(a.network, p.path, &loaded), changes[c].status,
                       changes[c].words);
        assert_non_null(strstr(rfim_context_error(a.context), p.path));
        assert_null(loaded);
        rfim_metric_free(metric);
        api_close(&a);
        close_place(&p);
    }
}

static void files_with_mistakes(void **state)
{
    static const change changes[] = {
        {.key = "format", .status = RFIM_ERROR_FORMAT, .words = "not a metric that rfim wrote"},
        {.key = "format", .value = "rfim-model-1", .status = RFIM_ERROR_FORMAT, .words = "metric"},
        {.key = "format",
         .value = "rfim-metric-2",
         .status = RFIM_ERROR_FORMAT,
         .words = "has the version `rfim-metric-2`"},
        {.key = "network", .status = RFIM_ERROR_FORMAT, .words = "network=..."},
        {.key = "first", .status = RFIM_ERROR_FORMAT, .words = "first=(a number), found `nothing`"},
        {.key = "last", .value = "-1", .status = RFIM_ERROR_FORMAT, .words = "last=(a number)"},
        {.key = "last", .value = "9", .status = RFIM_ERROR_FORMAT, .words = "found 0 to 9"},
        {.key = "outputs", .value = "9", .status = RFIM_ERROR_SHAPE, .words = "4 outputs"},
        {.key = "sigma", .value = "nan", .status = RFIM_ERROR_FORMAT, .words = "sigma=(a number)"},
        {.key = "response",
         .value = "other",
         .status = RFIM_ERROR_FORMAT,
         .words = "response=(a name), found `other`"},
        {.key = "representation",
         .value = "softmax",
         .status = RFIM_ERROR_UNSUPPORTED,
         .words = "cannot hold"},
        {.key = "representation",
         .value = "dense",
         .status = RFIM_ERROR_FORMAT,
         .words = "`metric` should have the shape 16 x 16, found 10 x 4"},
        {.key = "representation",
         .value = "kronecker",
         .status = RFIM_ERROR_FORMAT,
         .words = "should hold 3 arrays"},
        {.key = "max_bytes", .value = "10", .status = RFIM_ERROR_MEMORY, .words = "more than"},
        {.key = "damping", .value = "-1", .status = RFIM_ERROR_FORMAT, .words = "damping"},
        {.tensor = "metric",
         .number = NAN,
         .status = RFIM_ERROR_FORMAT,
         .words = "`metric` should hold finite numbers"},
        {.rows = 1, .status = RFIM_ERROR_FORMAT, .words = "shape 10 x 4, found 9 x 4"},
    };
    (void)state;
    check_changes(asked(0, 0, RFIM_RESPONSE_OWN, RFIM_NEURON), changes,
                  sizeof changes / sizeof *changes);
}

static void files_of_samples_with_mistakes(void **state)
{
    static const change changes[] = {
        {.tensor = "weights", .number = 0, .status = RFIM_ERROR_FORMAT, .words = "finite positive"},
        {.tensor = "weights", .number = -1, .status = RFIM_ERROR_FORMAT, .words = "positive"},
        {.tensor = "curvature",
         .number = INFINITY,
         .status = RFIM_ERROR_FORMAT,
         .words = "`curvature` should hold finite"},
        {.dropped = "weights", .status = RFIM_ERROR_FORMAT, .words = "should hold 3 arrays"},
        {.key = "max_samples",
         .value = "6",
         .status = RFIM_ERROR_FORMAT,
         .words = "7 samples, more than its max_samples=6"},
        {.key = "max_samples", .value = "0", .status = RFIM_ERROR_FORMAT, .words = "max_samples"},
    };
    static const change hostile[] = {
        {.key = "max_samples",
         .value = "30000000",
         .status = RFIM_ERROR_FORMAT,
         .words = "it is damaged"},
    };
    (void)state;
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_GRAM);
    check_changes(options, changes, sizeof changes / sizeof *changes);
    options.max_bytes = SIZE_MAX;
    check_changes(options, hostile, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_networks),
        cmocka_unit_test(files_that_are_cut_or_missing),
        cmocka_unit_test(files_with_mistakes),
        cmocka_unit_test(files_of_samples_with_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
