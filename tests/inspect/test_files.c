/* The JSON and the page of an inspection can be read, and say what was found. */
#include "core/file.h"
#include "inspected.h"
#include "io/svg_read.h"
#include "io/xml_check.h"

#include <jansson.h>

#define SAMPLES 300

static const char text[] = "input 6; linear 5 relu omega=0; batchnorm; linear 3; loss softmax";

static void set_up(subject *s, rfim_inspection **inspection)
{
    rfim_inspect_options options;
    rfim_inspect_defaults(&options);
    double bias[] = {-100, 0, 0.1, 0, 0}; /* the first neuron is dead */
    *s = subject_of(text, RFIM_DOUBLE, SAMPLES);
    must(s->context, rfim_network_tensor_write(s->network, 1, bias));
    *inspection = look(s, &options);
}

static void check_array(const json_t *object, const char *key, const double *values, size_t count)
{
    const json_t *array = json_object_get(object, key);
    assert_int_equal(json_array_size(array), count);
    for (size_t k = 0; k < count; k++) /* nine digits are written */
        assert_near(json_number_value(json_array_get(array, k)), values[k], 1e-8);
}

static void check_json(const rfim_inspection *inspection, const char *json)
{
    json_error_t error;
    json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fail_msg("line %d: %s", error.line, error.text);
    const json_t *subsystems = json_object_get(root, "subsystems");
    assert_int_equal(json_array_size(subsystems), rfim_inspection_count(inspection));
    assert_int_equal(json_integer_value(json_object_get(root, "samples")), SAMPLES);
    assert_string_equal(json_string_value(json_object_get(root, "damping_relative_to")), "trace");
    for (size_t u = 0; u < rfim_inspection_count(inspection); u++) {
        rfim_inspected told = told_of(inspection, u);
        const json_t *at = json_array_get(subsystems, u);
        assert_string_equal(json_string_value(json_object_get(at, "name")), told.name);
        assert_string_equal(json_string_value(json_object_get(at, "representation")),
                            rfim_representation_name(told.representation));
        assert_int_equal(json_integer_value(json_object_get(at, "rank")), told.rank);
        assert_near(json_number_value(json_object_get(at, "trace")), told.metric_trace, 1e-8);
        assert_near(json_number_value(json_object_get(at, "condition")), told.condition, 1e-8);
        assert_int_equal(json_integer_value(json_object_get(at, "dead")), told.dead);
        check_array(at, "spectrum", rfim_inspection_spectrum(inspection, u), told.order);
        check_array(at, "nu", rfim_inspection_nu(inspection, u), told.columns);
        check_array(at, "nu_spread", rfim_inspection_nu_spread(inspection, u), told.columns);
        check_array(at, "relative_trace", rfim_inspection_relative(inspection, u), told.columns);
        check_array(at, "absolute_trace", rfim_inspection_absolute(inspection, u), told.columns);
        assert_int_equal(json_array_size(json_object_get(at, "zones")), told.columns);
    }
    const json_t *zones = json_object_get(json_array_get(subsystems, 0), "zones");
    assert_string_equal(json_string_value(json_array_get(zones, 0)), "dead");
    json_decref(root);
}

static void json_has_every_figure(void **state)
{
    (void)state;
    subject s;
    rfim_inspection *inspection = NULL;
    const char *json = NULL;
    uint8_t *file = NULL;
    size_t size = 0;
    set_up(&s, &inspection);
    must(s.context, rfim_inspection_json(inspection, &json));
    check_json(inspection, json);
    must(s.context, rfim_inspection_save(inspection, "inspect_files_test.json"));
    must(s.context, rfim__file_read(s.context, "inspect_files_test.json", &file, &size));
    assert_string_equal((const char *)file, json);
    remove("inspect_files_test.json");
    rfim__release(s.context, file);
    rfim_inspection_free(inspection);
    subject_free(&s);
}

static size_t count_of(const char *picture, const char *words)
{
    size_t count = 0;
    for (const char *at = picture; (at = svg_text(at, words)) != NULL; at++) {
        count++;
        at = strchr(at, '>');
    }
    return count;
}

static void the_page_has_a_row_of_pictures_for_each_module(void **state)
{
    (void)state;
    subject s;
    rfim_inspection *inspection = NULL;
    uint8_t *file = NULL;
    size_t size = 0;
    set_up(&s, &inspection);
    must(s.context, rfim_inspection_draw(inspection, "inspect_files_test.svg"));
    must(s.context, rfim__file_read(s.context, "inspect_files_test.svg", &file, &size));
    const char *picture = (const char *)file;
    assert_true(xml_is_well_formed(picture));
    assert_null(strstr(picture, "nan"));
    assert_non_null(svg_text(picture, "layer1: 7 x 5, relu"));
    assert_non_null(svg_text(picture, "norm1: 2 x 5, linear"));
    assert_non_null(svg_text(picture, "layer2: 6 x 3, softmax"));
    assert_int_equal(count_of(picture, "spectrum"), 3);
    assert_int_equal(count_of(picture, "relative and absolute metric"), 3);
    /* Two maps of nu and one of classes, each with its bar of colours. */
    size_t images = 0;
    for (const char *at = picture; (at = svg_next(at, "image")) != NULL; at++)
        images++;
    assert_int_equal(images, 6);
    remove("inspect_files_test.svg");
    rfim__release(s.context, file);
    rfim_inspection_free(inspection);
    subject_free(&s);
}

static void files_that_cannot_be_written_are_told(void **state)
{
    (void)state;
    subject s;
    rfim_inspection *inspection = NULL;
    set_up(&s, &inspection);
    refused(s.context, rfim_inspection_save(inspection, "no/such/folder/x.json"), RFIM_ERROR_IO,
            "no/such/folder");
    refused(s.context, rfim_inspection_draw(inspection, "no/such/folder/x.svg"), RFIM_ERROR_IO,
            "no/such/folder");
    assert_int_equal(rfim_inspection_save(inspection, NULL), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_inspection_draw(NULL, "x.svg"), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_inspection_json(inspection, NULL), RFIM_ERROR_ARGUMENT);
    rfim_inspection_free(inspection);
    subject_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_every_figure),
        cmocka_unit_test(the_page_has_a_row_of_pictures_for_each_module),
        cmocka_unit_test(files_that_cannot_be_written_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
