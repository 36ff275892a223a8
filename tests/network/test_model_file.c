/* Model files: what is saved is loaded, bit for bit; the same network gives the same bytes; and
 * every bad file gets one sentence that names the file. */
#include "core/file.h"
#include "io/safetensors.h"
#include "network/small_network.h"

#include <rfim/io.h>
#include <stdio.h>
#include <unistd.h>

typedef struct fixture {
    rfim_context *context;
    char path[64];
} fixture;

static int set_up(void **state)
{
    fixture *test = calloc(1, sizeof *test);
    test->context = small_context(RFIM_KERNELS_AUTOMATIC);
    strcpy(test->path, "/tmp/rfim-test-XXXXXX");
    int file = mkstemp(test->path);
    assert_true(file >= 0);
    close(file);
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    fixture *test = *state;
    unlink(test->path);
    rfim_context_free(test->context);
    free(test);
    return 0;
}

static const char *const networks[] = {
    "5-7-4-3 relu iota=0.1",
    "5-7-4-3 tanh bna",
    "input 5; batchnorm eps=0.1 decay=0.9; linear 17 elu alpha=0.3; linear 2 sigm; loss squared",
    "input 5; linear 4; batchnorm; activation softplus iota=0.1; linear 3 gelu; linear 3",
    "input 5; linear 4; activation sin; linear 3",
};

static void save_and_load_keep_every_bit(void **state)
{
    fixture *test = *state;
    for (size_t net = 0; net < 4; net++)
        for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
            rfim_network *network = small_network(test->context, networks[net],
                                                  (rfim_precision)precision, 2);
            shake(network, 3);
            rfim_network *loaded = NULL;
            must(test->context, rfim_network_save(network, test->path));
            must(test->context, rfim_network_load(test->context, test->path, &loaded));
            assert_string_equal(rfim_network_text(loaded), rfim_network_text(network));
            assert_int_equal(rfim_network_precision(loaded), precision);
            assert_int_equal(rfim_network_loss(loaded), rfim_network_loss(network));
            double *before = read_all(network);
            double *after = read_all(loaded);
            assert_memory_equal(after, before, all_numbers(network) * sizeof *after);
            free(before);
            free(after);
            rfim_network_free(network);
            rfim_network_free(loaded);
        }
}

static void equal_networks_make_equal_files(void **state)
{
    fixture *test = *state;
    uint8_t *bytes[3] = {NULL};
    size_t sizes[3] = {0};
    double *numbers = NULL;
    for (uint64_t seed = 0; seed < 3; seed++) {
        rfim_network *network = small_network(test->context, networks[1], RFIM_SINGLE, 5 + seed);
        if (seed == 0)
            numbers = read_all(network);
        if (seed == 1) /* another network with the numbers of the first */
            write_all(network, numbers);
        must(test->context, rfim_network_save(network, test->path));
        must(test->context, rfim__file_read(test->context, test->path, &bytes[seed], &sizes[seed]));
        rfim_network_free(network);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    assert_memory_not_equal(bytes[0], bytes[2], sizes[0]);
    for (size_t k = 0; k < 3; k++)
        rfim__release(test->context, bytes[k]);
    free(numbers);
}

/* --- bad files ------------------------------------------------------------------------------- */

static void expect_bad(fixture *test, rfim_status status, const char *words)
{
    rfim_network *network = (rfim_network *)test; /* must become NULL */
    refused(test->context, rfim_network_load(test->context, test->path, &network), status, words);
    assert_non_null(strstr(rfim_context_error(test->context), test->path));
    assert_null(strchr(rfim_context_error(test->context), '\n'));
    assert_null(network);
}

static void write_bytes(fixture *test, const char *bytes, size_t size)
{
    must(test->context, rfim__file_write(test->context, test->path, bytes, size));
}

/* "2-1": layer1.weight [1 x 2], layer1.bias [1]; one thing about it is changed. */
typedef struct model {
    const char *metadata[5];
    rfim__tensor tensors[3];
    size_t count;
} model;

static const double some_numbers[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static model good_model(void)
{
    model good = {
        .metadata = {"format", "rfim-model-1", "network", "2-1", NULL},
        .tensors = {{"layer1.weight", RFIM_FLOAT64, 2, {1, 2}, some_numbers},
                    {"layer1.bias", RFIM_FLOAT64, 1, {1, 1}, some_numbers}},
        .count = 2,
    };
    return good;
}

static void write_model(fixture *test, const model *m)
{
    must(test->context,
         rfim__safetensors_write(test->context, test->path, m->tensors, m->count, m->metadata));
}

static void a_model_made_by_hand_is_read(void **state)
{
    fixture *test = *state;
    model m = good_model();
    rfim_network *network = NULL;
    write_model(test, &m);
    must(test->context, rfim_network_load(test->context, test->path, &network));
    double *numbers = read_all(network);
    assert_true(numbers[0] == 1 && numbers[1] == 2 && numbers[2] == 1);
    free(numbers);
    rfim_network_free(network);
}

static void files_that_are_no_models_are_refused(void **state)
{
    fixture *test = *state;
    write_bytes(test, "", 0);
    expect_bad(test, RFIM_ERROR_FORMAT, "safetensors");
    write_bytes(test, "hello, this is no model at all", 30);
    expect_bad(test, RFIM_ERROR_FORMAT, "safetensors");
    model m = good_model();
    m.metadata[0] = NULL;
    write_model(test, &m);
    expect_bad(test, RFIM_ERROR_FORMAT, "not a model that rfim wrote");
    m = good_model();
    m.metadata[1] = "rfim-model-2";
    write_model(test, &m);
    expect_bad(test, RFIM_ERROR_FORMAT, "not a model that rfim wrote");
    unlink(test->path);
    expect_bad(test, RFIM_ERROR_IO, "");
}

static void models_that_do_not_fit_their_text_are_refused(void **state)
{
    fixture *test = *state;
    model m = good_model();
    m.tensors[1].name = "layer1.bias2";
    write_model(test, &m);
    expect_bad(test, RFIM_ERROR_FORMAT, "no array `layer1.bias`");
    m = good_model();
    m.count = 1;
    write_model(test, &m);
    expect_bad(test, RFIM_ERROR_FORMAT, "3 numbers, the file holds 2");
    m = good_model(); /* transposed: as many numbers */
    m.tensors[0].shape[0] = 2;
    m.tensors[0].shape[1] = 1;
    write_model(test, &m);
    expect_bad(test, RFIM_ERROR_FORMAT, "shape 1 x 2, found 2 x 1");
    m = good_model(); /* a matrix where a vector should be */
    m.tensors[1].rank = 2;
    write_model(test, &m);
    expect_bad(test, RFIM_ERROR_FORMAT, "layer1.bias");
    m = good_model(); /* one array too many */
    m.tensors[2] = (rfim__tensor){"extra", RFIM_FLOAT64, 1, {4, 1}, some_numbers};
    m.count = 3;
    write_model(test, &m);
    expect_bad(test, RFIM_ERROR_FORMAT, "3 numbers, the file holds 7");
    static const char *const texts[][2] = {
        {"3-1", "4 numbers, the file holds 3"},
        {"2-1 relu tanh", "network text"},
        {"input 2; liner 1", "nearest is `linear`"},
        {"input 2; linear 1 tanh", "linear last module"},
        {"", "network text"},
        {"10000000-10000000-10", "the file holds 3"},
    };
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        m = good_model();
        m.metadata[3] = texts[k][0];
        write_model(test, &m);
        expect_bad(test, RFIM_ERROR_FORMAT, texts[k][1]);
    }
}

static void models_with_numbers_that_cannot_be_are_refused(void **state)
{
    fixture *test = *state;
    static const double wrong[] = {NAN, INFINITY, -INFINITY};
    for (size_t k = 0; k < 3; k++) {
        const double numbers[] = {1, wrong[k]};
        model m = good_model();
        m.tensors[0].data = numbers;
        write_model(test, &m);
        expect_bad(test, RFIM_ERROR_FORMAT, "layer1.weight: number 1");
    }
    rfim_network *network = small_network(test->context, "2-1-1 bna", RFIM_SINGLE, 1);
    must(test->context, rfim_network_save(network, test->path));
    rfim_network_free(network);
    uint8_t *bytes = NULL;
    size_t size = 0;
    must(test->context, rfim__file_read(test->context, test->path, &bytes, &size));
    /* the numbers: weight 2, bias 1, gamma, beta, mean, variance, weight, bias; float32 */
    bytes[size - 2 * 4 - 1] |= 0x80; /* the variance's sign */
    write_bytes(test, (const char *)bytes, size);
    expect_bad(test, RFIM_ERROR_FORMAT, "variance");
    rfim__release(test->context, bytes);
}

static void truncated_models_are_refused(void **state)
{
    fixture *test = *state;
    uint8_t *bytes = NULL;
    size_t size = 0;
    model m = good_model();
    write_model(test, &m);
    must(test->context, rfim__file_read(test->context, test->path, &bytes, &size));
    for (size_t kept = 0; kept < size; kept++) {
        write_bytes(test, (const char *)bytes, kept);
        expect_bad(test, RFIM_ERROR_FORMAT, "");
    }
    rfim__release(test->context, bytes);
}

static void saving_where_nothing_can_be_written_fails(void **state)
{
    fixture *test = *state;
    rfim_network *network = small_network(test->context, "2-1", RFIM_SINGLE, 1);
    refused(test->context, rfim_network_save(network, "/no/such/folder/model.safetensors"),
            RFIM_ERROR_IO, "/no/such/folder");
    rfim_network_free(network);
}

#define file_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        file_test(save_and_load_keep_every_bit),
        file_test(equal_networks_make_equal_files),
        file_test(a_model_made_by_hand_is_read),
        file_test(files_that_are_no_models_are_refused),
        file_test(models_that_do_not_fit_their_text_are_refused),
        file_test(models_with_numbers_that_cannot_be_are_refused),
        file_test(truncated_models_are_refused),
        file_test(saving_where_nothing_can_be_written_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
