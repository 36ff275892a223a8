/* conformance.h - every representation that can hold a metric, over every kind of curvature, part
 * and sample, on every backend of the algebra (algebra/conformance.h).
 *
 * A trial's shape is: which case, which kind of samples, which form. Samples are random: fewer and
 * more than there are inputs, linearly dependent, badly scaled (inputs from 1e-3 to 1e3), with an
 * input that is never on. */
#ifndef RFIM_TESTS_METRIC_CONFORMANCE_H
#define RFIM_TESTS_METRIC_CONFORMANCE_H

#include "metric/dense_oracle.h"

typedef struct shape_case {
    const char *name;
    rfim__curvature curvature;
    size_t copies;
    size_t count;
    rfim__part_kind kinds[MOST_PARTS];
} shape_case;

static const shape_case cases[] = {
    {"unit layer", RFIM__UNIT, 1, 1, {RFIM__LAYER}},
    {"non-linear layer", RFIM__WEIGHTS, 1, 1, {RFIM__LAYER}},
    {"soft-max layer", RFIM__CLASSES, 1, 1, {RFIM__LAYER}},
    {"layer, deeper response", RFIM__FACTORS, 3, 1, {RFIM__LAYER}},
    {"unit channels", RFIM__UNIT, 1, 1, {RFIM__CHANNELS}},
    {"channels", RFIM__WEIGHTS, 1, 1, {RFIM__CHANNELS}},
    {"channels, deeper response", RFIM__FACTORS, 2, 1, {RFIM__CHANNELS}},
    {"three parts", RFIM__FACTORS, 3, 3, {RFIM__LAYER, RFIM__CHANNELS, RFIM__LAYER}},
};
#define CASES (sizeof cases / sizeof cases[0])

/* LARGE: more than one tile of work for the threads, too many numbers for the dense oracle. */
typedef enum regime { FEW, MANY, DEPENDENT, SCALED, NEVER_ON, REGIMES, LARGE = REGIMES } regime;

/* Forms: the representations, and kronecker once more with the factored damping. */
#define FORMS (RFIM_REPRESENTATIONS + 1)

static inline rfim_representation representation_of(size_t form)
{
    return form < RFIM_REPRESENTATIONS ? (rfim_representation)form : RFIM_KRONECKER;
}

static inline rfim_kronecker_rule kronecker_rule_of(size_t form)
{
    return form < RFIM_REPRESENTATIONS ? RFIM_KRONECKER_EXACT : RFIM_KRONECKER_FACTORED;
}

#define PIECE ((size_t)8) /* samples of one observation, at most */
#define MOST_SAMPLES ((size_t)64)

typedef struct specimen {
    rfim_representation representation;
    regime regime;
    bool factored;
    rfim__part parts[MOST_PARTS];
    rfim__shape shape;
    rfim__metric *metric;
    double *magnitudes; /* of every reference column, all parts one after another */
    operand *reference[MOST_PARTS];
    operand *curvature[MOST_PARTS];
    rfim__matrix v[MOST_PARTS];
    rfim__matrix out[MOST_PARTS];
} specimen;

/* --- specimens -------------------------------------------------------------------------------- */

static inline void specimen_parts(trial *t, specimen *s, const shape_case *chosen)
{
    for (size_t p = 0; p < chosen->count; p++) {
        rfim__part *part = &s->parts[p];
        bool layer = chosen->kinds[p] == RFIM__LAYER;
        *part = (rfim__part){.kind = chosen->kinds[p], .module = p, .first = s->shape.order};
        part->rows = layer ? 1 + rfim__random_below(&t->random, chosen->count == 1 ? 9 : 4) : 2;
        part->columns = 1 + rfim__random_below(&t->random, chosen->count == 1 ? 5 : 3);
        if (s->regime == LARGE) {
            part->rows = layer ? 40 : 2;
            part->columns = layer && chosen->count == 1 ? 9 : 3;
        }
        if (chosen->curvature == RFIM__CLASSES)
            part->columns++;
        s->shape.order += part->rows * part->columns;
    }
}

/* What the representation of the trial's form is asked to hold; parts point into *s. */
static inline void specimen_shape(trial *t, specimen *s)
{
    const shape_case *chosen = &cases[t->shape[0]];
    s->representation = representation_of(t->shape[2]);
    s->regime = (regime)t->shape[1];
    s->factored = kronecker_rule_of(t->shape[2]) == RFIM_KRONECKER_FACTORED;
    s->shape = (rfim__shape){.parts = s->parts,
                             .count = chosen->count,
                             .curvature = chosen->curvature,
                             .copies = chosen->copies,
                             .scale = 4,
                             .piece = PIECE,
                             .max_samples = MOST_SAMPLES,
                             .kronecker_rule = kronecker_rule_of(t->shape[2])};
    specimen_parts(t, s, chosen);
}

static inline rfim__metric *metric_of(const trial *t, const specimen *s)
{
    rfim__metric *metric = NULL;
    rfim__metric_settings settings = {.representation = s->representation, .name = "layer1"};
    assert_int_equal(rfim__metric_create(t->algebra, &s->shape, &settings, &metric), RFIM_OK);
    return metric;
}

static inline void specimen_create(trial *t, specimen *s)
{
    specimen_shape(t, s);
    s->metric = metric_of(t, s);
    size_t columns = 0;
    for (size_t p = 0; p < s->shape.count; p++) {
        const rfim__part *part = &s->parts[p];
        columns += reference_columns(part);
        s->reference[p] = new_operand(t, PIECE, reference_columns(part));
        s->curvature[p] = new_operand(t, PIECE * s->shape.copies, part->columns);
        s->v[p] = new_operand(t, part->rows, part->columns)->view;
        s->out[p] = new_operand(t, part->rows, part->columns)->view;
    }
    s->magnitudes = new_values(t, columns);
    for (size_t k = 0; k < columns; k++)
        s->magnitudes[k] = s->regime == SCALED ? pow(10, uniform(t, -3, 3)) : 1;
}

/* --- samples ---------------------------------------------------------------------------------- */

/* References of one part: the last input of a layer is the constant 1. */
static inline void draw_references(trial *t, const specimen *s, sample_set *drawn, size_t p,
                                   const double *magnitudes)
{
    const rfim__part *part = &s->parts[p];
    size_t columns = reference_columns(part);
    double *x = drawn->reference[p] = new_values(t, drawn->samples * columns);
    for (size_t i = 0; i < drawn->samples; i++) {
        double *xi = x + i * columns;
        for (size_t k = 0; k < columns; k++) {
            xi[k] = rounded(t, magnitudes[k] * rfim__random_normal(&t->random));
            if (s->regime == DEPENDENT && k % 3 == 1)
                xi[k] = 2 * xi[k - 1];
            if (s->regime == DEPENDENT && i % 2 == 1)
                xi[k] = xi[k - columns];
            if (s->regime == NEVER_ON && k % 4 == 0)
                xi[k] = 0;
            if (part->kind == RFIM__LAYER && k + 1 == columns)
                xi[k] = 1;
        }
    }
}

/* nu, of which some are 0; eta; or factors, of which one is dependent */
static inline void draw_factors(trial *t, const specimen *s, sample_set *drawn, size_t p)
{
    size_t m = s->parts[p].columns;
    double *f = drawn->factors[p] = new_values(t, drawn->samples * drawn->copies * m);
    for (size_t r = 0; r < drawn->samples * drawn->copies; r++) {
        double total = 0;
        for (size_t j = 0; j < m; j++) {
            double number = rfim__random_normal(&t->random);
            f[r * m + j] = s->shape.curvature == RFIM__FACTORS   ? number
                           : s->shape.curvature == RFIM__CLASSES ? exp(number)
                           : r % 5 == 2                          ? 0
                                                                 : number * number;
            if (s->regime == DEPENDENT && r % drawn->copies == 2)
                f[r * m + j] = 2 * f[(r - 1) * m + j];
            total += f[r * m + j];
        }
        for (size_t j = 0; j < m; j++)
            f[r * m + j] = rounded(t, s->shape.curvature == RFIM__CLASSES ? f[r * m + j] / total
                                                                          : f[r * m + j]);
    }
}

static inline sample_set draw(trial *t, const specimen *s)
{
    size_t inputs = s->parts[0].rows;
    sample_set drawn = {.shape = &s->shape, .copies = s->shape.copies};
    const double *magnitudes = s->magnitudes;
    drawn.samples = s->regime == FEW ? (inputs + 1) / 2 : inputs + 5;
    for (size_t p = 0; p < s->shape.count; p++) {
        draw_references(t, s, &drawn, p, magnitudes);
        if (s->shape.curvature != RFIM__UNIT)
            draw_factors(t, s, &drawn, p);
        magnitudes += reference_columns(&s->parts[p]);
    }
    return drawn;
}

/* One observation of the samples order[first] ... , `count` of them */
static inline bool observe_piece(const trial *t, const specimen *s, rfim__metric *metric,
                                 double keep, double add, const sample_set *drawn,
                                 const size_t *order, size_t count)
{
    rfim__observed_part parts[MOST_PARTS];
    for (size_t p = 0; p < s->shape.count; p++) {
        size_t columns = reference_columns(&s->parts[p]);
        size_t m = s->parts[p].columns;
        for (size_t i = 0; i < count; i++) {
            for (size_t k = 0; k < columns; k++)
                set(t, s->reference[p], i, k, drawn->reference[p][order[i] * columns + k]);
            for (size_t a = 0; a < drawn->copies && drawn->factors[p]; a++)
                for (size_t j = 0; j < m; j++)
                    set(t, s->curvature[p], a * count + i, j,
                        drawn->factors[p][(order[i] * drawn->copies + a) * m + j]);
        }
        parts[p].reference = rfim__rows(t->algebra, s->reference[p]->view, 0, count);
        parts[p].curvature = rfim__rows(t->algebra, s->curvature[p]->view, 0,
                                        drawn->copies * count);
    }
    rfim__observation seen = {count, drawn->copies, s->shape.curvature, s->shape.scale, parts};
    return metric->table->observe(metric, keep, add, &seen);
}

/* All samples in the order given (NULL: as they are), in pieces of at most `most`. */
static inline void observe_in_pieces(const trial *t, const specimen *s, rfim__metric *metric,
                                     double keep, double add, const sample_set *drawn,
                                     const size_t *order, size_t most)
{
    size_t natural[MOST_SAMPLES];
    for (size_t i = 0; i < drawn->samples; i++)
        natural[i] = order ? order[i] : i;
    for (size_t first = 0; first < drawn->samples; first += most) {
        size_t count = drawn->samples - first < most ? drawn->samples - first : most;
        double share = add * (double)count / (double)drawn->samples;
        bool taken = observe_piece(t, s, metric, first == 0 ? keep : 1, share, drawn,
                                   natural + first, count);
        expect(t, taken, "an observation was refused");
    }
}

static inline void observe(const trial *t, const specimen *s, rfim__metric *metric, double keep,
                           double add, const sample_set *drawn)
{
    observe_in_pieces(t, s, metric, keep, add, drawn, NULL, PIECE);
}

/* --- vectors ---------------------------------------------------------------------------------- */

static inline double matrix_get(const trial *t, rfim__matrix x, size_t i, size_t j)
{
    operand view = {.view = x};
    return get(t, &view, i, j);
}

/* A flat vector into the matrices of the parts */
static inline void scatter(const trial *t, const specimen *s, const double *flat, rfim__matrix *v)
{
    for (size_t c = 0; c < s->shape.order; c++) {
        coordinate at = coordinate_of(&s->shape, c);
        operand view = {.view = v[at.part]};
        set(t, &view, at.row, at.output, flat[c]);
    }
}

static inline void gather(const trial *t, const specimen *s, const rfim__matrix *v, double *flat)
{
    for (size_t c = 0; c < s->shape.order; c++) {
        coordinate at = coordinate_of(&s->shape, c);
        flat[c] = matrix_get(t, v[at.part], at.row, at.output);
    }
}

/* A verb that takes a vector and gives one */
typedef void (*vector_verb)(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out);

static inline void apply(const trial *t, specimen *s, vector_verb verb, const double *v,
                         double *out)
{
    scatter(t, s, v, s->v);
    verb(s->metric, s->v, s->out);
    gather(t, s, s->out, out);
}

/* Column by column, [N x N] */
static inline double *dense_of(trial *t, specimen *s, vector_verb verb)
{
    size_t order = s->shape.order;
    double *g = new_values(t, order * order);
    double *unit = new_values(t, order);
    double *column = new_values(t, order);
    for (size_t d = 0; d < order; d++) {
        unit[d] = 1;
        apply(t, s, verb, unit, column);
        unit[d] = 0;
        for (size_t c = 0; c < order; c++)
            g[c * order + d] = column[c];
    }
    return g;
}

static inline void random_vector(trial *t, size_t count, double *v)
{
    for (size_t c = 0; c < count; c++)
        v[c] = rounded(t, rfim__random_normal(&t->random));
}

/* --- all of them ------------------------------------------------------------------------------ */

static inline int representations_set_up(void **state)
{
    int failed = backends_set_up(state);
    backends *all = *state;
    if (all)
        all->threads_every = 7; /* each case and regime in turn */
    return failed;
}

static inline bool form_exists(size_t form, const rfim__shape *shape)
{
    const rfim__metric_table *table = rfim__metric_tables[representation_of(form)];
    return table && table->holds(shape);
}

/* The property over every case and form that can hold it, and these regimes. */
static inline void over_regimes(backends *all, property holds, size_t first, size_t last)
{
    for (size_t c = 0; c < CASES; c++) {
        rfim__part parts[MOST_PARTS] = {{.rows = 2, .columns = 2}};
        rfim__shape shape = {.parts = parts, .count = cases[c].count, .order = 4};
        shape.curvature = cases[c].curvature;
        shape.copies = cases[c].copies;
        for (size_t p = 0; p < shape.count; p++)
            parts[p].kind = cases[c].kinds[p];
        for (size_t form = 0; form < FORMS; form++)
            for (size_t r = first; form_exists(form, &shape) && r <= last; r++)
                over_backends(all, holds, c, r, form);
    }
}

static inline void over_representations(backends *all, property holds)
{
    over_regimes(all, holds, FEW, NEVER_ON);
}

#endif
