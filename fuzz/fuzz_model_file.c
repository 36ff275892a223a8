/* Any bytes as a model file. What is loaded must save and load again, and predict. Half of the
 * inputs are a network's text, a newline and numbers, put into a well-formed file, so that
 * mutations reach what lies behind the format. */
#include "core/file.h"
#include "io/safetensors.h"
#include "network/network.h"

#include <rfim/io.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_TENSORS 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file that pretends to be a model: the shapes that the text wants as far as the numbers last. */
static void write_model(rfim_context *context, const char *path, const char *text,
                        const uint8_t *numbers, size_t count)
{
    const char *metadata[] = {"format", "rfim-model-1", "network", text, NULL};
    rfim__tensor tensors[MOST_TENSORS];
    rfim_tensor_info info[MOST_TENSORS];
    rfim__module *modules = NULL;
    size_t modules_count = 0;
    rfim_loss_kind loss;
    size_t t = 0;
    if (rfim__network_parse(context, text, &modules, &modules_count, &loss) != RFIM_OK)
        return;
    for (size_t l = 0; l < modules_count; l++) {
        rfim__module_tensor own[RFIM__MODULE_TENSORS];
        size_t owned = modules[l].table->tensors(&modules[l], own);
        for (size_t o = 0; o < owned && t < MOST_TENSORS; o++, t++) {
            size_t rows = modules[l].outputs;
            if (own[o].rows > count / 4 / rows)
                break;
            snprintf(info[t].name, sizeof info[t].name, "%s.%s", modules[l].name, own[o].suffix);
            tensors[t] = (rfim__tensor){
                info[t].name, RFIM_FLOAT32, own[o].vector ? 1 : 2, {rows, own[o].rows}, numbers};
            numbers += 4 * rows * own[o].rows;
            count -= 4 * rows * own[o].rows;
        }
    }
    rfim__safetensors_write(context, path, tensors, t, metadata);
    rfim__release(context, modules);
}

static void use(rfim_context *context, const char *path)
{
    rfim_network *network = NULL;
    rfim_network *again = NULL;
    if (rfim_network_load(context, path, &network) != RFIM_OK)
        return;
    size_t d = rfim_network_inputs(network);
    size_t m = rfim_network_outputs(network);
    double *room = calloc(d + m, sizeof *room);
    if (room && rfim_network_predict(network, rfim_doubles(room, 1, d), room + d) != RFIM_OK)
        abort();
    if (rfim_network_save(network, path) != RFIM_OK ||
        rfim_network_load(context, path, &again) != RFIM_OK ||
        strcmp(rfim_network_text(network), rfim_network_text(again)) != 0)
        abort();
    free(room);
    rfim_network_free(again);
    rfim_network_free(network);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    rfim_context *context = NULL;
    if (size == 0 || rfim_context_create(NULL, &context) != RFIM_OK)
        return 0;
    snprintf(path, sizeof path, "/tmp/rfim-fuzz-model-%ld", (long)getpid());
    unlink(path);
    const uint8_t *line = memchr(data + 1, '\n', size - 1);
    if (data[0] & 1 && line) {
        char *text = calloc((size_t)(line - data) + 1, 1);
        uint8_t *numbers = malloc(size); /* aligned */
        if (text && numbers) {
            size_t count = size - (size_t)(line - data) - 1;
            memcpy(text, data + 1, (size_t)(line - data) - 1);
            memcpy(numbers, line + 1, count);
            write_model(context, path, text, numbers, count);
        }
        free(text);
        free(numbers);
    } else {
        rfim__file_write(context, path, data + 1, size - 1);
    }
    use(context, path);
    unlink(path);
    rfim_context_free(context);
    return 0;
}
