/* micro_kernels.c - products in registers.
 *
 * C is cut into panels of at most PANEL vectors of columns, the inner dimension into chunks whose
 * part of op(B), [chunk x panel], stays in the first cache. Blocks of rows of C are then summed up
 * in registers, from one number of A and one row of vectors of op(B) at a time. op(B) is copied
 * (packed) where it is transposed, or where its rows lie far apart and many rows of C need them.
 * The last vector of a panel lies over the one before where the columns do not fill it: its
 * numbers are worked out twice, alike. Matrices narrower than a vector are packed with zeros. */
#include "algebra/cpu/micro.h"
#include "algebra/cpu/turn.h"

#include <assert.h>
#include <string.h>

#define LANES RFIM_VECTOR_LANES
#if RFIM_VECTOR_BYTES == 64 /* 32 registers */
#define PANEL 5
#define CHUNK 128
#else /* 16 registers */
#define PANEL 3
#define CHUNK 256
#endif
#define MOST_ROWS 16
#define PACK_STRIDE 1024         /* B with rows so many bytes apart is packed */
#define PACK_ROWS 24             /* for so many rows of C */
#define AHEAD_STEP 12            /* bytes at an inner step, of what is wanted at the next step */
#define FAR ((size_t)512 * 1024) /* bytes of a C that is asked for in advance */

typedef rfim__vector vector;
typedef rfim__loose_vector loose_vector;
typedef __typeof__((vector){0} < (vector){0}) vector_mask;

#define INLINE static inline __attribute__((always_inline))

static RFIM_REAL *at(rfim__matrix x, size_t i, size_t j)
{
    return (RFIM_REAL *)x.data + i * x.stride + j;
}

/* What all blocks of rows of a panel and a chunk share. */
typedef struct panel {
    const RFIM_REAL *a; /* A_ik at a + i * a_stride + k, A^T_ik at a + i + k * a_stride */
    size_t a_stride;
    const RFIM_REAL *b; /* row k of op(B) at b + k * b_stride */
    size_t b_stride;
    size_t count;          /* of k */
    size_t b_last, c_last; /* where the last vector begins, in b, and in c and d */
    size_t rows;
    size_t width;     /* columns, if fewer than a vector; else 0 */
    vector_mask mask; /* then: of those columns */
    const RFIM_REAL *d;
    size_t d_stride;
    RFIM_REAL *c;
    size_t c_stride;
    RFIM_REAL alpha, beta;
    bool far; /* C and D are asked for in advance */
    bool test;
    vector sum; /* 0 or NaN: of 0 c */
    rfim__ahead *ahead;
} panel;

INLINE size_t offset(const panel *p, size_t v, const size_t vectors)
{
    return v == vectors - 1 ? p->c_last : v * LANES;
}

/* Fewer numbers than a vector has, in pieces of 8, 4, 2 and 1. */
INLINE void copy_narrow(RFIM_REAL *to, const RFIM_REAL *from, size_t width)
{
    RFIM__UNROLL
    for (size_t piece = LANES / 2; piece > 0; piece /= 2) {
        if ((width & piece) == 0)
            continue;
        memcpy(to, from, piece * sizeof *to);
        to += piece;
        from += piece;
    }
}

/* A row narrower than a vector, zeros behind it. Where another row follows, or the row is padded,
 * a whole vector may be read. */
INLINE vector load_narrow(const panel *p, const RFIM_REAL *row, bool whole)
{
    if (whole)
        return (vector)((vector_mask) * (const loose_vector *)row & p->mask);
    vector x = {0};
    copy_narrow((RFIM_REAL *)&x, row, p->width);
    return x;
}

/* Row i of a C that is narrower than a vector. */
INLINE void store_narrow(panel *p, vector sum, size_t i)
{
    vector out = p->alpha * sum;
    if (p->beta != 0)
        out += p->beta *
               load_narrow(p, p->d + i * p->d_stride, p->d_stride >= LANES && i + 1 < p->rows);
    copy_narrow(p->c + i * p->c_stride, (const RFIM_REAL *)&out, p->width);
    if (p->test)
        p->sum += 0 * out;
}

/* Rows i ... i + rows - 1 of C from their sums. */
INLINE void store(const size_t rows, const size_t vectors, panel *p, size_t i,
                  vector sum[MOST_ROWS][PANEL])
{
    const RFIM_REAL *d = p->d + i * p->d_stride;
    RFIM_REAL *c = p->c + i * p->c_stride;
    vector tested[PANEL] = {{0}};
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++) {
        vector out[PANEL];
        RFIM__UNROLL
        for (size_t v = 0; v < vectors; v++) {
            out[v] = p->alpha * sum[r][v];
            if (p->beta != 0)
                out[v] += p->beta * *(const loose_vector *)(d + offset(p, v, vectors));
        }
        RFIM__UNROLL
        for (size_t v = 0; v < vectors; v++)
            *(loose_vector *)(c + offset(p, v, vectors)) = out[v];
        if (p->test) {
            RFIM__UNROLL
            for (size_t v = 0; v < vectors; v++)
                tested[v] += 0 * out[v];
        }
        d += p->d_stride;
        c += p->c_stride;
    }
    if (p->test) {
        RFIM__UNROLL
        for (size_t v = 0; v < vectors; v++)
            p->sum += tested[v];
    }
}

/* Row i of C and D will be wanted soon. */
INLINE void ask_in_advance(const size_t vectors, const panel *p, size_t i)
{
    RFIM__UNROLL
    for (size_t v = 0; v < vectors; v++)
        __builtin_prefetch(p->c + i * p->c_stride + v * LANES, 1);
    if (p->beta == 0 || p->d == p->c)
        return;
    RFIM__UNROLL
    for (size_t v = 0; v < vectors; v++)
        __builtin_prefetch(p->d + i * p->d_stride + v * LANES, 0);
}

/* What is wanted at the next step: a fifth of a line, so that no product waits for it; or nothing,
 * which is something that is near. */
INLINE const char *ask_later(const panel *p, size_t *step)
{
    rfim__ahead_rows *x = p->ahead ? &p->ahead->rows : NULL;
    *step = 0;
    if (!x || (x->count == 0 && x->at >= x->end))
        return (const char *)p->b;
    if (x->at >= x->end) {
        size_t bytes;
        x->at = rfim__piece(&x->pieces, *x->rows++, &bytes);
        x->end = x->at + bytes;
        x->count--;
    }
    size_t left = (size_t)(x->end - x->at);
    const char *first = x->at;
    *step = left < p->count * AHEAD_STEP ? left / p->count + 1 : AHEAD_STEP;
    x->at += p->count * *step;
    return first;
}

/* The lines that a block of rows asks for while it computes: where from, and how far it goes at a
 * step. What is wanted next: a line at a step, which is what the memory keeps up with. */
INLINE const char *ask_ahead(const panel *p, size_t *step)
{
    size_t bytes = p->count * RFIM__ALIGNMENT;
    if (!p->ahead || p->ahead->bytes < bytes)
        return ask_later(p, step);
    const char *first = p->ahead->at;
    p->ahead->at += bytes;
    p->ahead->bytes -= bytes;
    *step = RFIM__ALIGNMENT;
    return first;
}

/* Rows i ... i + rows - 1 of C. */
INLINE void block(const bool turned, const size_t rows, const size_t vectors, panel *p, size_t i)
{
    const size_t a_row = turned ? 1 : p->a_stride;
    const size_t a_column = turned ? p->a_stride : 1;
    const RFIM_REAL *a = p->a + i * a_row;
    const RFIM_REAL *b = p->b;
    const size_t last = p->b_last;
    vector sum[MOST_ROWS][PANEL];
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++) {
        RFIM__UNROLL
        for (size_t v = 0; v < vectors; v++)
            sum[r][v] = (vector){0};
    }
    size_t line;
    const char *ahead = ask_ahead(p, &line);
    size_t rest = p->count;
    size_t steps = p->far ? rest / rows : rest; /* between two rows that are asked for */
    for (size_t r = 0; rest > 0; r++) {
        size_t count = r + 1 < rows && steps < rest ? steps : rest;
        rest -= count;
        if (p->far)
            ask_in_advance(vectors, p, i + r);
        for (; count > 0; count--) {
            vector right[PANEL];
            __builtin_prefetch(ahead, 0, 2);
            ahead += line;
            RFIM__UNROLL
            for (size_t v = 0; v < vectors; v++)
                right[v] = *(const loose_vector *)(b + (v == vectors - 1 ? last : v * LANES));
            RFIM__UNROLL
            for (size_t q = 0; q < rows; q++) {
                RFIM_REAL number = a[q * a_row];
                RFIM__UNROLL
                for (size_t v = 0; v < vectors; v++)
                    sum[q][v] += number * right[v];
            }
            a += a_column;
            b += p->b_stride;
        }
    }
    if (vectors > 1 || p->width == 0) {
        store(rows, vectors, p, i, sum);
        return;
    }
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++)
        store_narrow(p, sum[r][0], i + r);
}

/* All rows of a panel, `most` at a time. */
INLINE void blocks(const bool turned, const size_t most, const size_t vectors, panel *p)
{
    size_t i = 0;
    for (; i + most <= p->rows; i += most)
        block(turned, most, vectors, p, i);
    for (; most > 8 && i + 8 <= p->rows; i += 8)
        block(turned, 8, vectors, p, i);
    for (; most > 4 && i + 4 <= p->rows; i += 4)
        block(turned, 4, vectors, p, i);
    for (; i + 2 <= p->rows; i += 2)
        block(turned, 2, vectors, p, i);
    if (i < p->rows)
        block(turned, 1, vectors, p, i);
}

/* As many rows as there are registers for. */
#define BLOCKS(most, vectors)                                                                      \
    static void plain_##vectors(panel *p)                                                          \
    {                                                                                              \
        blocks(false, most, vectors, p);                                                           \
    }                                                                                              \
    static void turned_##vectors(panel *p)                                                         \
    {                                                                                              \
        blocks(true, most, vectors, p);                                                            \
    }
#if RFIM_VECTOR_BYTES == 64
BLOCKS(16, 1)
BLOCKS(12, 2)
BLOCKS(9, 3)
BLOCKS(6, 4)
BLOCKS(5, 5)
static void (*const panels_of[2][PANEL])(panel *) = {
    {plain_1, plain_2, plain_3, plain_4, plain_5},
    {turned_1, turned_2, turned_3, turned_4, turned_5},
};
#else
BLOCKS(8, 1)
BLOCKS(6, 2)
BLOCKS(4, 3)
static void (*const panels_of[2][PANEL])(panel *) = {
    {plain_1, plain_2, plain_3},
    {turned_1, turned_2, turned_3},
};
#endif

/* to [count x vectors] <- rows first ... of op(B), columns column ... column + width - 1 */
static void pack(const rfim__product *p, const panel *x, size_t first, size_t column, size_t width,
                 size_t vectors, vector *to)
{
    for (size_t v = 0; v < vectors && width >= LANES; v++) {
        size_t j = column + offset(x, v, vectors);
        if (p->tb)
            rfim__turn_rows(at(p->b, j, first), p->b.stride, x->count, (RFIM_REAL *)(to + v),
                            vectors * LANES);
        else
            for (size_t k = 0; k < x->count; k++)
                to[k * vectors + v] = *(const loose_vector *)at(p->b, first + k, j);
    }
    for (size_t k = 0; k < x->count && width < LANES; k++) {
        if (p->tb) {
            to[k] = (vector){0};
            for (size_t j = 0; j < width; j++)
                ((RFIM_REAL *)(to + k))[j] = *at(p->b, column + j, first + k);
        } else {
            to[k] = load_narrow(x, at(p->b, first + k, column),
                                p->b.stride >= LANES && first + k + 1 < p->b.rows);
        }
    }
}

/* The columns of panel q: `vectors` vectors from vector `begin`. */
static void set_columns(const rfim__product *p, panel *x, size_t column, size_t vectors)
{
    size_t width = p->c.columns - column;
    width = width < vectors * LANES ? width : vectors * LANES;
    x->width = width < LANES ? width : 0;
    x->c_last = width < LANES ? 0 : width - LANES;
    for (size_t v = 0; v < LANES; v++)
        x->mask[v] = v < x->width ? -1 : 0;
    x->c = at(p->c, 0, column);
}

/* Chunk number h, from k = first. */
static void set_chunk(const rfim__product *p, panel *x, size_t column, size_t h, size_t first)
{
    bool adds = h == 0 && p->beta != 0;
    x->a = p->ta ? at(p->a, first, 0) : at(p->a, 0, first);
    x->d = adds ? at(p->d, 0, column) : x->c;
    x->d_stride = adds ? p->d.stride : x->c_stride;
    x->beta = h > 0 ? 1 : (RFIM_REAL)p->beta;
}

static bool by_panels(const rfim__product *p, bool test)
{
    vector packed[CHUNK * PANEL];
    size_t inner = rfim__product_inner(p);
    size_t all = (p->c.columns + LANES - 1) / LANES; /* vectors */
    size_t panels = (all + PANEL - 1) / PANEL;
    size_t chunks = (inner + CHUNK - 1) / CHUNK;
    bool packs = p->tb || p->c.columns < LANES ||
                 (p->b.stride * sizeof(RFIM_REAL) > PACK_STRIDE && p->c.rows >= PACK_ROWS);
    panel x = {.a_stride = p->a.stride,
               .rows = p->c.rows,
               .c_stride = p->c.stride,
               .alpha = (RFIM_REAL)p->alpha,
               .ahead = p->ahead,
               .far = p->c.rows * p->c.stride * sizeof(RFIM_REAL) > FAR};
    for (size_t q = 0; q < panels; q++) {
        size_t column = q * all / panels * LANES;
        size_t vectors = (q + 1) * all / panels - q * all / panels;
        assert(vectors >= 1 && vectors <= PANEL);
        set_columns(p, &x, column, vectors);
        for (size_t h = 0; h < chunks; h++) {
            size_t first = h * inner / chunks;
            x.count = (h + 1) * inner / chunks - first;
            set_chunk(p, &x, column, h, first);
            x.test = test && h == chunks - 1;
            x.b = packs ? (const RFIM_REAL *)packed : at(p->b, first, column);
            x.b_stride = packs ? vectors * LANES : p->b.stride;
            x.b_last = packs ? (vectors - 1) * LANES : x.c_last;
            if (packs)
                pack(p, &x, first, column, x.width ? x.width : vectors * LANES, vectors, packed);
            panels_of[p->ta == RFIM__TRANSPOSED][vectors - 1](&x);
        }
    }
    RFIM_REAL sum = 0;
    for (size_t v = 0; v < LANES; v++)
        sum += x.sum[v];
    return sum == 0;
}

/* Is the last column to be worked out apart from the others? x~ and P have one more than the
 * widths of layers, which often fill vectors. */
static bool column_is_left(const rfim__product *p)
{
    size_t inner = rfim__product_inner(p);
    return p->c.columns > LANES && p->c.columns % LANES == 1 && !p->ta && p->c.rows >= LANES &&
           inner >= LANES && inner <= RFIM__DOTS_INNER;
}

static bool product(const rfim__product *p, bool test)
{
    if (!column_is_left(p))
        return by_panels(p, test);
    size_t last = p->c.columns - 1;
    rfim__product most = *p;
    rfim__product one = *p;
    most.c.columns = last;
    if (p->turned.data) {
        one.tb = RFIM__TRANSPOSED;
        one.b = p->turned;
    }
    one.b.data = one.tb ? at(one.b, last, 0) : at(one.b, 0, last);
    one.c.data = at(p->c, 0, last);
    if (p->beta != 0)
        one.d.data = at(p->d, 0, last);
    bool finite = by_panels(&most, test);
    return RFIM__VARIANT(rfim__dots).product(&one, test) && finite;
}

const rfim__micro_part RFIM__VARIANT(rfim__micro) = {
    .product = product,
    .columns = PANEL * LANES,
};
