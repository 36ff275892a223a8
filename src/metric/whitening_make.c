/* whitening_make.c - how a whitening comes about: G over the data, chunk by chunk, its factor, and
 * the data in the new coordinates. Formulas: whitening.h. */
#include "core/size.h"
#include "metric/damping.h"
#include "metric/units.h"
#include "metric/whitening_rows.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define NARROW_SUM 512  /* so many products are summed in float32, then in float64 */
#define BLOCK 128       /* columns of L^-1 at a time: what is 0 above them is left out */
#define ROOM_COLUMNS 64 /* columns of W at a time, in into and fold */
/* With a larger condition float32 would lose more than 1e-3 of the direction. */
#define WORST_CONDITION (1e-3 * 0x1p24)
#define RETRIES 3
#define RAISE 10.0

/* What is needed on the way only. */
typedef struct making {
    rfim__whitening *whitening;
    const rfim_dataset *dataset;
    const rfim__whitening_settings *settings;
    rfim__algebra *work;    /* of the products: the network's, or float64 */
    rfim__matrix gram;      /* [D_w x D_w] float64: G, later L^-1 */
    rfim__matrix narrow;    /* [D_w x D_w], with work in float32: sums of the chunk, later L^-1 */
    rfim__matrix chunk;     /* [samples x D] of work: X~ */
    rfim__matrix whitened;  /* [hands group x D_w] of work: X_w */
    rfim__matrix converted; /* [hands x D_w] of the network's precision, when work has another */
    rfim__matrix lambda;    /* [D x 1] float64 */
    rfim__matrix moments;   /* [2 x D_w] of work: for units (units.h), where they are asked for */
    rfim__matrix unit;      /* [1 x D_w] of work */
    rfim__matrix line;      /* [1 x D_w] float64 */
    size_t taken;           /* samples that G is that of */
    void *block;
} making;

static double *wide_at(rfim__matrix x, size_t i, size_t j)
{
    return (double *)x.data + i * x.stride + j;
}

static void *place_bytes(rfim__arena *arena, size_t count, size_t item)
{
    void *at = arena->base ? arena->base + arena->used : NULL;
    size_t bytes = 0;
    if (!rfim__size_multiply(count, item, &bytes) || bytes > SIZE_MAX - RFIM__ALIGNMENT ||
        !rfim__size_add(arena->used, rfim__size_round_up(bytes, RFIM__ALIGNMENT), &arena->used))
        arena->overflow = true;
    return at;
}

static void place(rfim__whitening *whitening, rfim__arena *arena, size_t samples)
{
    size_t order = whitening->inputs.order;
    size_t stride = rfim__stride(order);
    size_t item = whitening->algebra->item;
    whitening->rows = (rfim__envelope){
        .rows = samples, .columns = order, .stride = stride, .item = item};
    whitening->rows.values = place_bytes(arena, whitening->inputs.numbers, item);
    whitening->rows.begins = place_bytes(arena, samples + 1, sizeof(size_t));
    whitening->rows.counts = place_bytes(arena, stride / RFIM__KEPT_UNIT + 1, sizeof(size_t));
    whitening->factor = rfim__arena_matrix(arena, whitening->wide, order, order);
    for (int r = 0; r < 2; r++)
        whitening->room[r] = rfim__arena_matrix(arena, whitening->wide, order, ROOM_COLUMNS);
}

static rfim_status fail_too_large(const rfim__whitening *whitening, const char *layer,
                                  size_t samples)
{
    return rfim__fail(whitening->algebra->context, RFIM_ERROR_MEMORY,
                      "%s: %zu whitened samples of %zu numbers are more than this machine can "
                      "address; take the metric memory `ema`",
                      layer, samples, whitening->inputs.order);
}

static void find_begins(rfim__whitening *whitening, const rfim_dataset *dataset)
{
    rfim__envelope *rows = &whitening->rows;
    rows->begins[0] = 0;
    for (size_t i = 0; i < rows->rows; i++) {
        size_t first = rfim__kept_inputs_first(&whitening->inputs, dataset, i);
        rows->begins[i + 1] = rows->begins[i] + (rows->stride - first) * rows->item;
    }
}

static rfim_status allocate(rfim__whitening *whitening, const char *layer,
                            const rfim_dataset *dataset)
{
    size_t samples = dataset->samples;
    rfim_context *context = whitening->algebra->context;
    rfim__arena arena = {0};
    place(whitening, &arena, samples);
    if (arena.overflow)
        return fail_too_large(whitening, layer, samples);
    whitening->block = rfim__allocate_unset(context, arena.used, 1);
    if (!whitening->block)
        return RFIM_ERROR_MEMORY;
    whitening->bytes = arena.used;
    arena = (rfim__arena){.base = whitening->block};
    place(whitening, &arena, samples);
    /* All but X_w, which is written row by row, padding included. */
    char *rest = (char *)whitening->rows.begins;
    memset(rest, 0, arena.used - (size_t)(rest - (char *)whitening->block));
    find_begins(whitening, dataset);
    return RFIM_OK;
}

static void place_making(making *m, rfim__arena *arena)
{
    const rfim__whitening *whitening = m->whitening;
    size_t order = whitening->inputs.order;
    size_t all = whitening->inputs.inputs + 1;
    size_t samples = rfim__size_min(RFIM__WHITENING_CHUNK, m->dataset->samples);
    bool mixed = m->work->precision != whitening->algebra->precision;
    bool narrow = m->work->precision == RFIM_SINGLE;
    m->gram = rfim__arena_matrix(arena, whitening->wide, order, order);
    m->narrow = rfim__arena_matrix(arena, m->work, narrow ? order : 0, order);
    m->chunk = rfim__arena_matrix(arena, m->work, samples, all);
    size_t hands = rfim__whitening_hands(whitening->algebra, samples);
    m->whitened = rfim__arena_matrix(arena, m->work,
                                     hands * rfim__size_min(RFIM__WHITENING_GROUP, samples), order);
    m->converted = rfim__arena_matrix(arena, whitening->algebra, mixed ? hands : 0, order);
    size_t units = m->settings->units ? order : 0;
    m->lambda = rfim__arena_matrix(arena, whitening->wide, all, 1);
    m->moments = rfim__arena_matrix(arena, m->work, units > 0 ? 2 : 0, units);
    m->unit = rfim__arena_matrix(arena, m->work, units > 0 ? 1 : 0, units);
    m->line = rfim__arena_matrix(arena, whitening->wide, 1, order);
}

static rfim_status begin_making(making *m)
{
    rfim_context *context = m->whitening->algebra->context;
    rfim__arena arena = {0};
    rfim__release(context, m->block);
    m->block = NULL;
    place_making(m, &arena);
    if (arena.overflow)
        return fail_too_large(m->whitening, m->settings->layer, m->dataset->samples);
    m->block = rfim__allocate(context, arena.used, 1);
    if (!m->block)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = m->block};
    place_making(m, &arena);
    return RFIM_OK;
}

static rfim__whitening_samples samples_of(const making *m)
{
    return (rfim__whitening_samples){.dataset = m->dataset,
                                     .inputs = &m->whitening->inputs,
                                     .rows = &m->whitening->rows,
                                     .work = m->work,
                                     .chunk = m->chunk,
                                     .taken = m->taken,
                                     .layer = m->settings->layer};
}

/* G <- G + X^T X, the lower triangle; with `work` in float32 the products are. */
static void add(const making *m, rfim__matrix x, rfim__matrix gram)
{
    rfim__algebra *wide = m->whitening->wide;
    rfim__matrix narrow = rfim__columns(m->work, rfim__rows(m->work, m->narrow, 0, x.columns), 0,
                                        x.columns);
    if (m->work->precision == RFIM_DOUBLE) {
        wide->ops.gram(wide, 1, 1, x, gram);
        return;
    }
    m->work->ops.gram(m->work, 0, 1, x, narrow);
    for (size_t k = 0; k < narrow.rows; k++) {
        rfim__matrix line = rfim__columns(wide, m->line, 0, k + 1);
        rfim__matrix sum = rfim__columns(wide, rfim__rows(wide, gram, k, 1), 0, k + 1);
        rfim__matrix part = rfim__rows(m->work, narrow, k, 1);
        m->work->ops.export(m->work, rfim__columns(m->work, part, 0, k + 1), line.data);
        wide->ops.combine(wide, 1, sum, 1, line, sum);
    }
}

/* The same of samples rows[0 ...], some at a time, from the first input on that is not 0 in all of
 * them. */
static void add_all(const making *m, const uint32_t *rows, rfim__matrix x)
{
    const rfim__algebra *wide = m->whitening->wide;
    for (size_t i = 0; i < x.rows; i += NARROW_SUM) {
        size_t first = rfim__envelope_first(&m->whitening->rows, rows[i]);
        rfim__matrix some = rfim__rows(m->work, x, i, rfim__size_min(NARROW_SUM, x.rows - i));
        rfim__matrix gram = rfim__rows(wide, m->gram, first, x.columns - first);
        add(m, rfim__columns(m->work, some, first, x.columns - first),
            rfim__columns(wide, gram, first, x.columns - first));
    }
}

static rfim_status collect(const making *m)
{
    rfim__algebra *wide = m->whitening->wide;
    double sigma = m->settings->sigma;
    const rfim__unit_kernels *units = rfim__unit_kernels_of(m->work);
    const rfim__whitening_samples reader = samples_of(m);
    uint32_t rows[RFIM__WHITENING_CHUNK];
    double samples = (double)m->taken;
    wide->ops.fill(wide, 0, m->gram);
    m->work->ops.fill(m->work, 0, m->moments);
    for (size_t first = 0; first < m->taken; first += RFIM__WHITENING_CHUNK) {
        rfim__matrix x;
        rfim_status status = rfim__whitening_load_taken(&reader, first, rows, &x);
        if (status != RFIM_OK)
            return status;
        if (m->unit.rows > 0)
            units->collect(1, (double)x.rows / samples, x, m->moments);
        add_all(m, rows, x);
    }
    wide->ops.combine(wide, 1 / (samples * sigma * sigma), m->gram, 0, m->gram, m->gram);
    if (m->unit.rows > 0)
        units->of(m->moments, m->unit);
    return RFIM_OK;
}

/* The unit of input k of those that are left. */
static double unit_of(const making *m, size_t k)
{
    double unit = 1;
    if (m->unit.rows > 0)
        m->work->ops.export(m->work, rfim__columns(m->work, m->unit, k, 1), &unit);
    return unit;
}

/* L <- the factor of G + Lambda. Lambda is the one of all D inputs; those dropped have G_kk = 0.
 * false: not positive definite. */
static bool factorise(const making *m, double damping)
{
    rfim__whitening *whitening = m->whitening;
    rfim__algebra *wide = whitening->wide;
    rfim__matrix factor = whitening->factor;
    wide->ops.fill(wide, 0, m->lambda);
    for (size_t k = 0; k < whitening->inputs.order; k++)
        *wide_at(m->lambda, whitening->inputs.kept[k], 0) = *wide_at(m->gram, k, k) / unit_of(m, k);
    rfim__damping_of(wide, m->settings->rule, damping, m->lambda);
    wide->ops.combine(wide, 1, m->gram, 0, m->gram, factor);
    for (size_t k = 0; k < whitening->inputs.order; k++)
        *wide_at(factor, k, k) += *wide_at(m->lambda, whitening->inputs.kept[k], 0) * unit_of(m, k);
    if (wide->ops.cholesky(wide, factor) > 0)
        return false;
    for (size_t k = 0; k < whitening->inputs.order; k++)
        for (size_t j = k + 1; j < whitening->inputs.order; j++)
            *wide_at(factor, k, j) = 0;
    whitening->damping = damping;
    return true;
}

/* gram <- L^-1, by blocks of columns, as it is 0 above them; narrow <- the same, rounded. */
static void invert(const making *m)
{
    const rfim__whitening *whitening = m->whitening;
    rfim__algebra *wide = whitening->wide;
    size_t order = whitening->inputs.order;
    wide->ops.fill(wide, 0, m->gram);
    wide->ops.fill(wide, 1, (rfim__matrix){m->gram.data, order, 1, m->gram.stride + 1});
    for (size_t first = 0; first < order; first += BLOCK) {
        size_t columns = rfim__size_min(BLOCK, order - first);
        rfim__matrix below = rfim__rows(wide, whitening->factor, first, order - first);
        rfim__matrix block = rfim__rows(wide, m->gram, first, order - first);
        wide->ops.triangle_solve(wide, rfim__columns(wide, below, first, order - first),
                                 RFIM__PLAIN, rfim__columns(wide, block, first, columns));
    }
    for (size_t k = 0; k < m->narrow.rows; k++)
        m->work->ops.import(m->work, wide_at(m->gram, k, 0), rfim__rows(m->work, m->narrow, k, 1));
}

/* Whether the products are worked out in float64 in any case. */
static bool begins_wide(const making *m)
{
    double order = (double)m->whitening->inputs.order;
    double condition = INFINITY; /* at most; `absolute` does not know before G does */
    if (m->settings->rule == RFIM_DAMPING_TRACE)
        condition = 1 / m->settings->damping;
    else if (m->settings->rule != RFIM_DAMPING_ABSOLUTE)
        condition = order / m->settings->damping;
    return m->whitening->algebra->precision == RFIM_DOUBLE || condition > WORST_CONDITION ||
           (double)m->dataset->samples * order * order < m->settings->wide_flops;
}

static rfim_status make_factor(making *m)
{
    rfim__whitening *whitening = m->whitening;
    rfim_context *context = whitening->algebra->context;
    double damping = m->settings->damping;
    m->work = begins_wide(m) ? whitening->wide : whitening->algebra;
    m->taken = rfim__whitening_taken(m->settings, &whitening->inputs, m->dataset->samples);
    for (int retries = 0; retries <= RETRIES; retries++) {
        rfim_status status = begin_making(m);
        if (status == RFIM_OK)
            status = collect(m);
        if (status != RFIM_OK)
            return status;
        if (factorise(m, damping))
            return RFIM_OK;
        rfim__log(context, RFIM_LOG_WARNING,
                  "the metric of %s over the data set is not positive definite at damping %g; %s",
                  m->settings->layer, damping,
                  m->work != whitening->wide ? "once more in float64"
                  : retries < RETRIES        ? "once more with ten times as much"
                                             : "given up");
        if (m->work == whitening->wide)
            damping *= RAISE;
        else
            retries--;
        m->work = whitening->wide;
    }
    return rfim__fail(context, RFIM_ERROR_NOT_POSITIVE_DEFINITE,
                      "%s: its metric over the training set is not positive definite, not even "
                      "with a damping of %g; raise the damping, or scale the inputs",
                      m->settings->layer, damping / RAISE);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static rfim_status make(rfim__whitening *whitening, const rfim_dataset *dataset,
                        const rfim__whitening_settings *settings)
{
    rfim__algebra *algebra = whitening->algebra;
    rfim_context *context = algebra->context;
    making m = {.whitening = whitening, .dataset = dataset, .settings = settings};
    double start = now();
    rfim_status status = rfim__kept_inputs_find(dataset, &whitening->inputs);
    if (status == RFIM_OK)
        status = rfim__algebra_create_cpu(context, RFIM_DOUBLE, &whitening->wide);
    if (status != RFIM_OK)
        return status;
    whitening->wide->team_flops = algebra->team_flops;
    status = allocate(whitening, settings->layer, dataset);
    if (status == RFIM_OK)
        status = make_factor(&m);
    if (status == RFIM_OK) {
        invert(&m);
        rfim__whitening_samples reader = samples_of(&m);
        status = rfim__whitening_fill(whitening, &reader, m.narrow.rows > 0 ? m.narrow : m.gram,
                                      m.whitened, m.converted);
    }
    rfim__release(context, m.block);
    if (status == RFIM_OK)
        rfim__log(context, RFIM_LOG_INFO,
                  "whitening  %s: %zu samples by the metric of %zu, damping %.3g, %zu of %zu "
                  "inputs are not always "
                  "0, %.2f s",
                  settings->layer, dataset->samples, m.taken, whitening->damping,
                  whitening->inputs.order - 1, whitening->inputs.inputs, now() - start);
    return status;
}

rfim_status rfim__whitening_create(rfim__algebra *algebra, const rfim_dataset *dataset,
                                   const rfim__whitening_settings *settings, rfim__whitening **out)
{
    rfim__whitening *whitening = rfim__allocate(algebra->context, 1, sizeof *whitening);
    *out = NULL;
    if (!whitening)
        return RFIM_ERROR_MEMORY;
    whitening->algebra = algebra;
    rfim__algebra_begin(algebra->context);
    rfim_status status = make(whitening, dataset, settings);
    rfim__algebra_end(algebra->context);
    if (status != RFIM_OK) {
        rfim__whitening_free(whitening);
        whitening = NULL;
    }
    *out = whitening;
    return status;
}

void rfim__whitening_plan(rfim__algebra *algebra, size_t samples, const rfim__kept_inputs *inputs,
                          const rfim__whitening_settings *settings, double *bytes,
                          double *setup_bytes, double *setup_flops)
{
    rfim__algebra wide = {.precision = RFIM_DOUBLE, .item = sizeof(double)};
    rfim_dataset dataset = {.samples = samples};
    rfim__whitening whitening = {.algebra = algebra, .wide = &wide, .inputs = *inputs};
    making m = {.whitening = &whitening, .dataset = &dataset, .settings = settings};
    rfim__arena kept = {0};
    rfim__arena made = {0};
    double n = (double)samples;
    double D = (double)inputs->order;
    m.work = begins_wide(&m) ? &wide : algebra;
    place(&whitening, &kept, samples);
    place_making(&m, &made);
    *bytes = kept.overflow ? INFINITY : (double)kept.used;
    *setup_bytes = made.overflow ? INFINITY : (double)made.used;
    *setup_flops = (1 + (double)rfim__whitening_taken(settings, inputs, samples) / n) *
                       inputs->squares +
                   D * D * D;
}
