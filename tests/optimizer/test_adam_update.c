/* Adam's step in one pass against the same step in pieces: direction, then combination. */
#include "algebra/conformance.h"
#include "optimizer/adam.h"

static rfim_optimizer_options options(void)
{
    return (rfim_optimizer_options){
        .adam_beta1 = 0.875, .adam_beta2 = 0.9375, .adam_epsilon = 1e-6};
}

static const rfim__adam_kernels *kernels_of(const trial *t)
{
    return RFIM__PICK_VARIANT(rfim__adam, t->algebra->context->kernels, t->algebra->precision);
}

typedef struct parts {
    operand *gradient, *first, *second, *w, *next;
} parts;

static parts make(trial *t)
{
    parts p = {
        .gradient = random_operand(t, t->shape[0], t->shape[1]),
        .first = random_operand(t, t->shape[0], t->shape[1]),
        .second = random_operand(t, t->shape[0], t->shape[1]),
        .w = random_operand(t, t->shape[0], t->shape[1]),
        .next = new_operand(t, t->shape[0], t->shape[1]),
    };
    for (size_t i = 0; i < t->shape[0]; i++)
        for (size_t j = 0; j < t->shape[1]; j++) /* some 0, as of weights that never moved */
            set(t, p.second, i, j, fmax(get(t, p.second, i, j), 0));
    return p;
}

static bool update(const trial *t, const parts *p, double decay, rfim__matrix next)
{
    rfim_optimizer_options o = options();
    return kernels_of(t)->update(&o, 3, 0.5, decay, p->gradient->view, p->first->view,
                                 p->second->view, p->w->view, next);
}

/* Few roundings: of moments (3), root and quotient (4), the update (3), each of a number that is at
 * most |w| + rate |direction|; the root halves what its argument has. */
static void update_property(trial *t)
{
    parts p = make(t);
    double decay = 0.25;
    double *a = values_of(t, p.first);
    double *b = values_of(t, p.second);
    freeze(p.gradient);
    freeze(p.w);
    bool finite = update(t, &p, decay, p.next->view);
    expect(t, finite, "a finite update is said to be none");
    for (size_t i = 0; i < t->shape[0]; i++) {
        for (size_t j = 0; j < t->shape[1]; j++) {
            size_t at = i * t->shape[1] + j;
            double g = get(t, p.gradient, i, j);
            double first = 0.875 * a[at] + 0.125 * g;
            double second = 0.9375 * b[at] + 0.0625 * g * g;
            double size = 0.875 * fabs(a[at]) + 0.125 * fabs(g);
            double under = sqrt(second / (1 - pow(0.9375, 3))) + 1e-6;
            double step = 0.5 * first / (1 - pow(0.875, 3)) / under;
            double expected = 0.75 * get(t, p.w, i, j) - step;
            double bound = 16 * t->unit * (1 + 0.5 * size / (1 - pow(0.875, 3)) / under);
            expect(t, fabs(get(t, p.first, i, j) - first) <= 4 * t->unit, "first %zu,%zu", i, j);
            expect(t, fabs(get(t, p.second, i, j) - second) <= 4 * t->unit, "second %zu,%zu", i, j);
            expect(t, fabs(get(t, p.next, i, j) - expected) <= bound,
                   "weight %zu,%zu is %.17g, not %.17g", i, j, get(t, p.next, i, j), expected);
        }
    }
}

static void one_pass_is_the_whole_step(void **state)
{
    over_backends(*state, update_property, 50, 80, 0);
    over_shapes(*state, update_property, 20);
}

/* Into W itself, and by rows: the same bits. */
static void pieces_property(trial *t)
{
    parts p = make(t);
    operand *start = new_operand(t, t->shape[0], t->shape[1]);
    operand *moments = new_operand(t, t->shape[0], t->shape[1]);
    operand *squares = new_operand(t, t->shape[0], t->shape[1]);
    rfim__algebra *algebra = t->algebra;
    algebra->ops.combine(algebra, 1, p.w->view, 0, p.w->view, start->view);
    algebra->ops.combine(algebra, 1, p.first->view, 0, p.first->view, moments->view);
    algebra->ops.combine(algebra, 1, p.second->view, 0, p.second->view, squares->view);
    update(t, &p, 0, p.next->view);
    for (size_t i = 0; i < t->shape[0]; i++) {
        rfim_optimizer_options o = options();
        rfim__matrix w = rfim__rows(algebra, start->view, i, 1);
        kernels_of(t)->update(&o, 3, 0.5, 0, rfim__rows(algebra, p.gradient->view, i, 1),
                              rfim__rows(algebra, moments->view, i, 1),
                              rfim__rows(algebra, squares->view, i, 1), w, w);
    }
    for (size_t i = 0; i < t->shape[0]; i++)
        for (size_t j = 0; j < t->shape[1]; j++)
            expect(t, get(t, start, i, j) == get(t, p.next, i, j), "row %zu, %zu", i, j);
}

static void rows_by_themselves_and_in_place_give_the_same_bits(void **state)
{
    over_backends(*state, pieces_property, 5, 83, 0);
}

/* Also a second moment that has overflowed: its direction would be 0 for ever. */
static void trouble_property(trial *t)
{
    static const double troubles[] = {NAN, INFINITY, -INFINITY, 3e38};
    for (size_t k = 0; k < 4; k++) {
        trial one = *t;
        one.count = 0;
        parts p = make(&one);
        double huge = t->algebra->precision == RFIM_DOUBLE && k == 3 ? 1e300 : troubles[k];
        set(&one, p.gradient, t->shape[0] - 1, t->shape[1] - 1, huge);
        expect(t, !update(&one, &p, 0, p.next->view), "a gradient of %g is not told", huge);
        for (size_t o = 0; o < one.count; o++)
            free(one.operands[o].bytes);
    }
}

static void what_is_not_finite_is_told(void **state)
{
    over_backends(*state, trouble_property, 1, 1, 0);
    over_backends(*state, trouble_property, 3, 80, 0);
    over_backends(*state, trouble_property, 2, 37, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_pass_is_the_whole_step),
        cmocka_unit_test(rows_by_themselves_and_in_place_give_the_same_bits),
        cmocka_unit_test(what_is_not_finite_is_told),
    };
    return cmocka_run_group_tests_name("optimizer: Adam in one pass", tests, backends_set_up,
                                       backends_tear_down);
}
