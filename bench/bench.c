/* bench.c - what a training step costs: SGD, Adam and RNGD on the paper's network, beside the time
 * of its matrix products alone, on one thread.
 *
 * The programs take turns, block by block, and a block is a whole number of refresh periods, so
 * that collecting and factorising metrics are in the time of a step. Absolute times vary with the
 * machine and with whoever else uses it: read the ratios, which are medians over blocks of a
 * program's time divided by another's in the same block. */
#include <cblas.h>
#include <omp.h>
#include <rfim/rfim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NETWORK "784-80-80-80-10 relu"
#define BATCH 50
#define BATCHES 40 /* different ones, in turn */
#define BLOCK 100  /* steps: the presets' refresh period */
#define BLOCKS 21
#define INPUTS 784

static const size_t widths[] = {784, 80, 80, 80, 10};
#define LAYERS 4

static float *inputs; /* [BATCHES x BATCH x INPUTS] */
static int32_t labels[BATCHES * BATCH];

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void fail(rfim_context *context, const char *what)
{
    fprintf(stderr, "rfim_bench: %s: %s\n", what, context ? rfim_context_error(context) : "");
    exit(1);
}

/* The products of one step, by plain single-threaded library calls: 6 n D m flops a layer, 4 n D m
 * for the first, which needs no gradient of its input. */
typedef struct products {
    float *x[LAYERS + 1];
    float *w[LAYERS];
    float *gradient[LAYERS];
} products;

static float *random_floats(size_t count)
{
    float *values = malloc(count * sizeof *values);
    if (!values)
        fail(NULL, "no memory");
    for (size_t k = 0; k < count; k++)
        values[k] = (float)(k * 2654435761u % 1000) / 1000.f - 0.5f;
    return values;
}

static void products_create(products *p)
{
    p->x[0] = random_floats(BATCH * (widths[0] + 1));
    for (size_t l = 0; l < LAYERS; l++) {
        p->x[l + 1] = random_floats(BATCH * (widths[l + 1] + 1));
        p->w[l] = random_floats((widths[l] + 1) * widths[l + 1]);
        p->gradient[l] = random_floats((widths[l] + 1) * widths[l + 1]);
    }
}

static void products_step(products *p)
{
    for (size_t l = 0; l < LAYERS; l++) {
        int D = (int)widths[l] + 1;
        int m = (int)widths[l + 1];
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, BATCH, m, D, 1, p->x[l], D, p->w[l],
                    m, 0, p->x[l + 1], m + 1);
    }
    for (size_t l = LAYERS; l-- > 0;) {
        int D = (int)widths[l] + 1;
        int m = (int)widths[l + 1];
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, D, m, BATCH, 1, p->x[l], D,
                    p->x[l + 1], m + 1, 0, p->gradient[l], m);
        if (l > 0)
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, BATCH, D - 1, m, 1, p->x[l + 1],
                        m + 1, p->w[l], m, 0, p->x[l], D);
    }
}

/* One way of training. */
typedef struct program {
    const char *name;
    const char *preset; /* NULL: the products alone */
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    rfim_optimizer *optimizer;
    products products;
    double block[BLOCKS]; /* microseconds a step */
} program;

static void program_create(program *p)
{
    if (!p->preset) {
        products_create(&p->products);
        return;
    }
    rfim_context_options settings;
    rfim_options options;
    rfim_context_defaults(&settings);
    settings.threads = 1;
    if (rfim_context_create(&settings, &p->context) != RFIM_OK)
        fail(NULL, "no context");
    rfim_options_defaults(&options);
    if (rfim_options_set(p->context, &options, "preset", p->preset) != RFIM_OK ||
        rfim_network_create(p->context, NETWORK, &options.init, &p->network) != RFIM_OK ||
        rfim_trace_create(p->network, BATCH, &p->trace) != RFIM_OK)
        fail(p->context, p->name);
    options.optimizer.learning_rate *= 0.01; /* many steps on few samples: stay where it is tame */
    options.optimizer.steps = 0;
    options.optimizer.schedule = RFIM_SCHEDULE_CONSTANT;
    if (strcmp(p->name, "sgd") == 0)
        options.optimizer.momentum = 0;
    if (rfim_optimizer_create(p->trace, &options.optimizer, &p->optimizer) != RFIM_OK)
        fail(p->context, p->name);
}

static void program_step(program *p, size_t step)
{
    if (!p->preset) {
        products_step(&p->products);
        return;
    }
    size_t batch = step % BATCHES;
    double loss = 0;
    if (rfim_trace_forward(p->trace, rfim_floats(inputs + batch * BATCH * INPUTS, BATCH, INPUTS)) ||
        rfim_trace_loss(p->trace, rfim_labels(labels + batch * BATCH, BATCH), &loss) ||
        rfim_trace_backward(p->trace) || rfim_optimizer_step(p->optimizer, p->trace))
        fail(p->context, p->name);
}

static void program_free(program *p)
{
    rfim_optimizer_free(p->optimizer);
    rfim_trace_free(p->trace);
    rfim_network_free(p->network);
    rfim_context_free(p->context);
    for (size_t l = 0; !p->preset && l < LAYERS; l++) {
        free(p->products.x[l]);
        free(p->products.w[l]);
        free(p->products.gradient[l]);
    }
    if (!p->preset)
        free(p->products.x[LAYERS]);
}

/* Built-in digits: about as many zeros as MNIST has. */
static void load_data(void)
{
    rfim_context *context = NULL;
    rfim_splits splits;
    rfim_options options;
    rfim_options_defaults(&options);
    strcpy(options.data.where, "digits:2000/10/10");
    inputs = malloc(sizeof *inputs * BATCHES * BATCH * INPUTS);
    if (!inputs || rfim_context_create(NULL, &context) != RFIM_OK)
        fail(NULL, "no memory");
    if (rfim_splits_open(context, &options.data, &splits) != RFIM_OK)
        fail(context, "digits");
    for (size_t i = 0; i < BATCHES * BATCH; i++) {
        double pixels[INPUTS];
        double class = 0;
        if (rfim_dataset_read_inputs(splits.train, i, pixels) ||
            rfim_dataset_read_targets(splits.train, i, &class))
            fail(context, "digits");
        for (size_t k = 0; k < INPUTS; k++)
            inputs[i * INPUTS + k] = (float)pixels[k];
        labels[i] = (int32_t) class;
    }
    rfim_splits_free(&splits);
    rfim_context_free(context);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *values)
{
    double sorted[BLOCKS];
    memcpy(sorted, values, sizeof sorted);
    qsort(sorted, BLOCKS, sizeof *sorted, ascending);
    return sorted[BLOCKS / 2];
}

static double median_ratio(const program *a, const program *b)
{
    double ratio[BLOCKS];
    for (size_t k = 0; k < BLOCKS; k++)
        ratio[k] = a->block[k] / b->block[k];
    return median(ratio);
}

/* "Intel(R) Xeon(R) ..." from the kernel, where it tells. */
static void print_cpu(void)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "model name", 10) == 0) {
            printf("CPU: %s", strchr(line, ':') + 2);
            break;
        }
    if (file)
        fclose(file);
}

int main(void)
{
    program programs[] = {
        {.name = "products"},
        {.name = "sgd", .preset = "sgd"},
        {.name = "adam", .preset = "adam"},
        {.name = "rngd", .preset = "rngd"},
        {.name = "rngd icml2017", .preset = "icml2017"},
    };
    const size_t count = sizeof programs / sizeof *programs;
    load_data();
    for (size_t p = 0; p < count; p++)
        program_create(&programs[p]);
    omp_set_num_threads(1);
    openblas_set_num_threads(1); /* for the products alone; the library sees to itself */
    for (size_t block = 0; block <= BLOCKS; block++) { /* the first one warms up */
        for (size_t p = 0; p < count; p++) {
            double start = now();
            for (size_t step = 0; step < BLOCK; step++)
                program_step(&programs[p], step);
            if (block > 0)
                programs[p].block[block - 1] = 1e6 * (now() - start) / BLOCK;
        }
    }
    printf("%s, batch %d, float32, one thread, %d blocks of %d steps, rfim %s, kernels %s\n",
           NETWORK, BATCH, BLOCKS, BLOCK, rfim_version(),
           rfim_context_kernels(programs[1].context));
    print_cpu();
    printf("BLAS: %s\n\n", rfim_blas_description());
    printf("| program | microseconds a step | / products | / sgd |\n|---|---|---|---|\n");
    for (size_t p = 0; p < count; p++)
        printf("| %s | %.0f | %.2f | %.2f |\n", programs[p].name, median(programs[p].block),
               median_ratio(&programs[p], &programs[0]), median_ratio(&programs[p], &programs[1]));
    for (size_t p = 0; p < count; p++)
        program_free(&programs[p]);
    free(inputs);
    return 0;
}
