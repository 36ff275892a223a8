/* convert.c - the same metric in another representation.
 *
 * The source is read column after column, G e. Where its neurons do not touch each other (or only
 * the blocks on the diagonal are wanted), column k of all blocks comes at once: D products with G
 * instead of N. What a smaller representation takes of G, with blocks G_jk:
 *
 *   diagonal    its diagonal
 *   neuron      G_jj
 *   shared      (1/m) sum_j G_jj, of all I (x) S the nearest one in the Frobenius norm
 *   kronecker   A (x) B / tr G, A_jk = tr G_jk and B = sum_j G_jj: the partial traces. If G is a
 *               product it is this one. Scaled so that the last entry of B is 1, as x~ says.  */
#include "metric/kronecker.h"
#include "metric/vector.h"
#include "subsystem/handle.h"

#define ALL ((size_t)-1)

typedef struct conversion {
    rfim_metric *from;
    rfim_representation wanted;
    rfim_metric *to;
} conversion;

/* from->out holds column k of neuron j of a part; j = ALL: column k of every diagonal block. false
 * ends the reading. */
typedef bool (*take_column)(const conversion *c, size_t part, size_t j, size_t k);

static rfim_representation source_of(const conversion *c)
{
    return c->from->subsystem.options.representation;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Blocks of neurons that do not touch each other? */
static bool is_block_diagonal(const conversion *c)
{
    const rfim__shape *shape = &c->from->subsystem.shape;
    switch (source_of(c)) {
    case RFIM_SHARED:
    case RFIM_NEURON:
        return true;
    case RFIM_DIAGONAL:
        return shape->count == 1;
    case RFIM_GRAM:
        return shape->count == 1 &&
               (shape->curvature == RFIM__UNIT || shape->curvature == RFIM__WEIGHTS);
    default:
        return false;
    }
}

static bool reads_blocks(const conversion *c)
{
    bool on_diagonal = c->wanted == RFIM_NEURON || c->wanted == RFIM_SHARED;
    return is_block_diagonal(c) || (source_of(c) == RFIM_KRONECKER && on_diagonal);
}

/* A number without gaps after it: one row of a matrix as a column. */
static rfim__matrix row_as_column(const rfim__algebra *algebra, rfim__matrix x, size_t row,
                                  size_t first, size_t count)
{
    rfim__matrix view = rfim__columns(algebra, rfim__rows(algebra, x, row, 1), first, count);
    view.rows = count;
    view.columns = 1;
    view.stride = 1;
    return view;
}

/* Column k of the blocks A_jj B / mass */
static void read_kronecker(const conversion *c, size_t k)
{
    rfim__metric *core = c->from->core;
    rfim__algebra *algebra = core->algebra;
    const rfim__kronecker_state *state = core->state;
    rfim__matrix means = rfim__kronecker_diagonal_of(rfim__kronecker_mean_outputs(core));
    algebra->ops.symmetrise(algebra, state->inputs);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1,
                      rfim__columns(algebra, state->inputs, k, 1), means, 0, c->from->out[0]);
}

static void read_dense(const conversion *c, size_t column)
{
    rfim__metric *core = c->from->core;
    size_t order = core->shape.order;
    rfim__vector_unflatten(core->algebra, &core->shape,
                           row_as_column(core->algebra, core->m, column, 0, order), c->from->out);
}

/* from->out <- the column, or columns, of neuron j (ALL) of a part */
static void read_column(const conversion *c, size_t part, size_t j, size_t k)
{
    rfim__metric *core = c->from->core;
    rfim__algebra *algebra = core->algebra;
    const rfim__part *at = &core->shape.parts[part];
    if (source_of(c) == RFIM_KRONECKER && j == ALL) {
        read_kronecker(c, k);
        return;
    }
    if (source_of(c) == RFIM_DENSE) {
        read_dense(c, at->first + j * at->rows + k);
        return;
    }
    for (size_t p = 0; p < core->shape.count; p++)
        algebra->ops.fill(algebra, 0, c->from->v[p]);
    rfim__matrix row = rfim__rows(algebra, c->from->v[part], k, 1);
    algebra->ops.fill(algebra, 1, j == ALL ? row : rfim__columns(algebra, row, j, 1));
    core->table->multiply(core, c->from->v, c->from->out);
}

static bool read_columns(const conversion *c, take_column take)
{
    const rfim__shape *shape = &c->from->subsystem.shape;
    if (source_of(c) == RFIM_DENSE)
        c->from->core->algebra->ops.symmetrise(c->from->core->algebra, c->from->core->m);
    for (size_t p = 0; p < shape->count; p++) {
        size_t first = reads_blocks(c) ? ALL : 0;
        size_t end = reads_blocks(c) ? 0 : shape->parts[p].columns;
        for (size_t j = first; j != end; j++)
            for (size_t k = 0; k < shape->parts[p].rows; k++) {
                read_column(c, p, j, k);
                if (!take(c, p, j, k))
                    return false;
            }
    }
    return true;
}

/* --- is anything lost? ------------------------------------------------------------------------ */

/* Is the column 0 but for what the wanted representation holds? */
static bool is_held(const conversion *c, size_t part, size_t j, size_t k)
{
    rfim__algebra *algebra = c->from->core->algebra;
    rfim__matrix *out = c->from->out;
    rfim__matrix held = out[part];
    if (c->wanted == RFIM_DIAGONAL)
        held = rfim__rows(algebra, held, k, 1);
    if (j != ALL)
        held = rfim__columns(algebra, held, j, 1);
    algebra->ops.fill(algebra, 0, held);
    for (size_t p = 0; p < c->from->subsystem.shape.count; p++)
        if (algebra->ops.dot(algebra, out[p], out[p]) != 0)
            return false;
    return true;
}

/* Is A of a Kronecker product a diagonal? */
static bool has_diagonal_outputs(const conversion *c)
{
    rfim__algebra *algebra = c->from->core->algebra;
    const rfim__kronecker_state *state = c->from->core->state;
    for (size_t j = 1; j < state->outputs.rows; j++) {
        rfim__matrix left = rfim__columns(algebra, rfim__rows(algebra, state->outputs, j, 1), 0, j);
        if (algebra->ops.dot(algebra, left, left) != 0)
            return false;
    }
    return true;
}

static bool is_exact(const conversion *c)
{
    const rfim__shape *shape = &c->from->subsystem.shape;
    const rfim__part *part = &shape->parts[0];
    bool copies = source_of(c) == RFIM_SHARED ||
                  (source_of(c) == RFIM_GRAM && shape->curvature == RFIM__UNIT);
    if (c->wanted == RFIM_DENSE || shape->order == 1)
        return true;
    if (c->wanted == RFIM_SHARED)
        return copies || part->columns == 1;
    if (c->wanted == RFIM_KRONECKER)
        return copies || part->columns == 1 || part->rows == 1;
    if (c->wanted == RFIM_NEURON && is_block_diagonal(c))
        return true;
    if (c->wanted == RFIM_NEURON && source_of(c) == RFIM_KRONECKER)
        return has_diagonal_outputs(c);
    return read_columns(c, is_held);
}

static const char *approximation(rfim_representation representation)
{
    switch (representation) {
    case RFIM_SHARED:
        return "the mean of its diagonal blocks";
    case RFIM_NEURON:
        return "its diagonal blocks";
    case RFIM_KRONECKER:
        return "its partial traces";
    default:
        return "its diagonal";
    }
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool take_dense(const conversion *c, size_t part, size_t j, size_t k)
{
    rfim__metric *to = c->to->core;
    rfim__algebra *algebra = to->algebra;
    const rfim__part *at = &to->shape.parts[part];
    rfim__matrix out = c->from->out[part];
    if (j != ALL) {
        size_t column = at->first + j * at->rows + k;
        rfim__vector_flatten(algebra, &to->shape, c->from->out,
                             row_as_column(algebra, to->m, column, 0, to->shape.order));
        return true;
    }
    for (size_t b = 0; b < at->columns; b++)
        algebra->ops.combine(
            algebra, 1, rfim__columns(algebra, out, b, 1), 0, out,
            row_as_column(algebra, to->m, b * at->rows + k, b * at->rows, at->rows));
    return true;
}

/* Row k of the packed lower triangles */
static bool take_neuron(const conversion *c, size_t part, size_t j, size_t k)
{
    rfim__metric *to = c->to->core;
    rfim__algebra *algebra = to->algebra;
    rfim__matrix out = c->from->out[part];
    size_t lanes = rfim__packed_lanes(algebra);
    for (size_t l = 0; l <= k; l++) {
        for (size_t g = 0; g < rfim__packed_groups(algebra, out.columns); g++) {
            rfim__matrix entry = rfim__packed_entry(algebra, to->m, out.rows, out.columns, g, k, l);
            rfim__matrix found = rfim__columns(algebra, rfim__rows(algebra, out, l, 1), g * lanes,
                                               entry.columns);
            if (j == ALL)
                algebra->ops.combine(algebra, 1, found, 0, found, entry);
            else if (j / lanes == g)
                algebra->ops.combine(algebra, 1, rfim__columns(algebra, found, j % lanes, 1), 0,
                                     found, rfim__columns(algebra, entry, j % lanes, 1));
        }
    }
    return true;
}

/* Row k of B <- row k + the sum of the blocks' columns k */
static void add_blocks(const conversion *c, size_t j, size_t k, rfim__matrix b)
{
    rfim__algebra *algebra = c->to->core->algebra;
    rfim__matrix out = c->from->out[0];
    rfim__matrix row = row_as_column(algebra, b, k, 0, b.columns);
    size_t first = j == ALL ? 0 : j;
    size_t end = j == ALL ? out.columns : j + 1;
    for (size_t column = first; column < end; column++)
        algebra->ops.combine(algebra, 1, rfim__columns(algebra, out, column, 1), 1, row, row);
}

static bool take_shared(const conversion *c, size_t part, size_t j, size_t k)
{
    (void)part;
    add_blocks(c, j, k, c->to->core->m);
    return true;
}

static bool take_kronecker(const conversion *c, size_t part, size_t j, size_t k)
{
    rfim__algebra *algebra = c->to->core->algebra;
    const rfim__kronecker_state *state = c->to->core->state;
    rfim__matrix found = row_as_column(algebra, c->from->out[part], k, 0, state->outputs.rows);
    rfim__matrix to = j == ALL ? rfim__kronecker_diagonal_of(state->outputs)
                               : row_as_column(algebra, state->outputs, j, 0, found.rows);
    algebra->ops.combine(algebra, 1, found, 1, to, to);
    add_blocks(c, j, k, state->inputs);
    return true;
}

/* A (x) B / tr -> A (x) B / mass with mass 1 and a last entry of B that is 1 */
static void finish_kronecker(const conversion *c)
{
    rfim__metric *core = c->to->core;
    rfim__algebra *algebra = core->algebra;
    rfim__kronecker_state *state = core->state;
    rfim__matrix diagonal = rfim__kronecker_diagonal_of(state->inputs);
    double trace = 0;
    double last = 0;
    for (size_t k = 0; k < diagonal.rows; k++) {
        algebra->ops.export(algebra, rfim__rows(algebra, diagonal, k, 1), &last);
        trace += last;
    }
    if (!(last > 0))
        last = trace;
    if (trace == 0)
        return;
    algebra->ops.combine(algebra, last / trace, state->outputs, 0, state->outputs, state->outputs);
    algebra->ops.combine(algebra, 1 / last, state->inputs, 0, state->inputs, state->inputs);
    algebra->ops.fill(algebra, 1, state->mass);
}

static void fill(const conversion *c)
{
    rfim__metric *from = c->from->core;
    rfim__metric *to = c->to->core;
    rfim__algebra *algebra = to->algebra;
    switch (c->wanted) {
    case RFIM_DENSE:
        read_columns(c, take_dense);
        break;
    case RFIM_NEURON:
        read_columns(c, take_neuron);
        break;
    case RFIM_SHARED:
        read_columns(c, take_shared);
        algebra->ops.combine(algebra, 1 / (double)to->shape.parts[0].columns, to->m, 0, to->m,
                             to->m);
        break;
    case RFIM_KRONECKER:
        algebra->ops.fill(algebra, 0, ((rfim__kronecker_state *)to->state)->outputs);
        read_columns(c, take_kronecker);
        finish_kronecker(c);
        break;
    default: /* diagonal */
        from->table->diagonal(from, c->from->out);
        rfim__vector_flatten(algebra, &to->shape, c->from->out, to->m);
        break;
    }
}

/* --- in public -------------------------------------------------------------------------------- */

static rfim_status convert(conversion *c, int approximate)
{
    const rfim_metric *from = c->from;
    const char *name = from->core->table->name;
    if (c->wanted == source_of(c)) {
        c->to->core->table->merge(c->to->core, 0, 1, from->core);
        c->to->pass = from->pass;
        return RFIM_OK;
    }
    if (!approximate && !is_exact(c))
        return rfim__fail(from->context, RFIM_ERROR_UNSUPPORTED,
                          "metric of %s: `%s` does not hold all that `%s` holds; allow an "
                          "approximation (%s), or take `dense`",
                          from->subsystem.name, rfim_representation_name(c->wanted), name,
                          approximation(c->wanted));
    fill(c);
    return RFIM_OK;
}

rfim_status rfim_metric_convert(rfim_metric *metric, rfim_representation representation,
                                int approximate, rfim_metric **out)
{
    if (out)
        *out = NULL;
    if (!metric || !out)
        return RFIM_ERROR_ARGUMENT;
    conversion c = {metric, representation, NULL};
    if ((representation == RFIM_SOFTMAX || representation == RFIM_GRAM) &&
        representation != source_of(&c))
        return rfim__fail(metric->context, RFIM_ERROR_UNSUPPORTED,
                          "metric of %s: `%s` keeps samples in a form of its own and cannot be "
                          "made from `%s`; create one, and let it observe them",
                          metric->subsystem.name, rfim_representation_name(representation),
                          metric->core->table->name);
    rfim_status status = rfim__handle_like(metric, representation, &c.to);
    if (status != RFIM_OK)
        return status;
    rfim__algebra_begin(metric->context);
    status = convert(&c, approximate);
    rfim__algebra_end(metric->context);
    if (status != RFIM_OK) {
        rfim_metric_free(c.to);
        c.to = NULL;
    }
    *out = c.to;
    return status;
}
