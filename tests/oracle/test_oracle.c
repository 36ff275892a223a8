/*
 * The oracle is judged by properties and by numbers worked out by hand, never by the library:
 * gradients by central differences, P by P (M + lambda I) = I, nu by the golden values of the
 * mathematics page, one step of a chain of scalars written out.
 */
#include "icml2017_oracle.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_close(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance)) {
        fail_msg("%.17g is not %.17g within %g", value, expected, tolerance);
    }
}

/* Uniform on (-1, 1); a 64-bit linear congruential generator (Knuth's constants), high bits. */
static double uniform(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(int64_t)(*seed >> 11) / 4503599627370496.0 - 1.0;
}

/* Everything that a forward pass reads, gamma and beta away from 1 and 0. */
static void randomise(oracle_net *net, uint64_t *seed)
{
    for (size_t l = 0; l < net->layer_count; l++) {
        oracle_layer *layer = &net->layers[l];
        for (size_t s = 0; s < layer->D * layer->m; s++) {
            layer->weights[s] = uniform(seed);
        }
        for (size_t j = 0; layer->gamma != NULL && j < layer->m; j++) {
            layer->gamma[j] = 1.0 + .5 * uniform(seed);
            layer->beta[j] = .5 * uniform(seed);
        }
    }
}

/* One cube of side 2 per class, 3 out along the class's own axis; labels go round. x: [n x d] */
static void make_batch(double *x, int *labels, size_t n, size_t d, int classes, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++) {
        labels[i] = (int)(i % (size_t)classes);
        for (size_t k = 0; k < d; k++) {
            x[i * d + k] = uniform(seed) + (k == (size_t)labels[i] ? 3.0 : 0.0);
        }
    }
}

/* ---- gradient ---- */

/* Largest |grad - central difference| against largest |grad|, over one array of parameters. */
static void compare_gradient(oracle_net *net, const double *x, const int *labels, size_t n,
                             double *parameters, const double *grad, size_t count)
{
    const double h = 1e-5;
    double error = 0.0;
    double scale = 0.0;
    for (size_t s = 0; s < count; s++) {
        double kept = parameters[s];
        parameters[s] = kept + h;
        double above = oracle_loss(net, x, labels, n) + oracle_l2_cost(net);
        parameters[s] = kept - h;
        double below = oracle_loss(net, x, labels, n) + oracle_l2_cost(net);
        parameters[s] = kept;
        error = fmax(error, fabs(grad[s] - (above - below) / (2.0 * h)));
        scale = fmax(scale, fabs(grad[s]));
    }
    assert_true(scale > 1e-2);
    /* Truncation h^2 f'''/6 is about 1e-10, rounding 1e-16 / h about 1e-11, and scale is above
     * 1e-2: 1e-8 at most, and 1e-7 leaves a factor of ten. A wrong term is off by far more. */
    assert_true(error <= 1e-7 * scale);
}

static void check_gradient(bool bna, double iota)
{
    enum { N = 7, CLASSES = 3 };
    const size_t sizes[] = {4, 6, 5, 4, CLASSES};
    uint64_t seed = 20170806;
    double x[N * 4];
    int labels[N];
    oracle_settings settings = oracle_settings_defaults();
    settings.iota = iota;
    settings.l2 = .05; /* large enough to be seen, on the bias row too if it were there */
    oracle_net *net = oracle_create(sizes, COUNT(sizes), bna, &settings);
    /* A difference across a kink is no derivative: take a batch that is 1e-3 = 100 h away. */
    int tries = 0;
    do {
        randomise(net, &seed);
        make_batch(x, labels, N, 4, CLASSES, &seed);
    } while (oracle_kink_distance(net, x, N) < 1e-3 && ++tries < 1000);
    assert_true(tries < 1000);
    assert_close(oracle_gradient(net, x, labels, N), oracle_loss(net, x, labels, N), 0.0);
    for (size_t l = 0; l < net->layer_count; l++) {
        oracle_layer *layer = &net->layers[l];
        compare_gradient(net, x, labels, N, layer->weights, layer->grad, layer->D * layer->m);
        if (bna && l + 1 < net->layer_count) {
            compare_gradient(net, x, labels, N, layer->gamma, layer->grad_gamma, layer->m);
            compare_gradient(net, x, labels, N, layer->beta, layer->grad_beta, layer->m);
        } else {
            assert_null(layer->gamma);
        }
    }
    oracle_free(net);
}

static void gradient_is_the_central_difference_plain(void **state)
{
    (void)state;
    check_gradient(false, 0.0);
    check_gradient(false, .1);
}

static void gradient_is_the_central_difference_bna(void **state)
{
    (void)state;
    check_gradient(true, 0.0);
    check_gradient(true, .1);
}

/* ---- nu, inverse, condition ---- */

static void nu_has_the_golden_values(void **state)
{
    (void)state;
    /* t, nu at omega 1 and iota 0, nu at omega .25 and iota .1 */
    const double golden[][3] = {
        {-1.0, 0.072329488128513, 0.015360452898371},
        {-.5, 0.142536956596551, 0.051831788618944},
        {0.0, .25, .3025},
        {.5, 0.387455619000260, 0.760966680115978},
        {2.0, 0.775803492574376, 0.998657598911901},
    };
    oracle_settings plain = oracle_settings_defaults();
    oracle_settings leaky = plain;
    leaky.omega = .25;
    leaky.iota = .1;
    for (size_t g = 0; g < COUNT(golden); g++) {
        /* The golden values have 15 decimals: half a unit there is 5e-16; 1e-14 adds roundings. */
        assert_close(oracle_nu(golden[g][0], &plain), golden[g][1], 1e-14);
        assert_close(oracle_nu(golden[g][0], &leaky), golden[g][2], 1e-14);
        leaky.sigma = 2.0;
        assert_close(oracle_nu(golden[g][0], &leaky), golden[g][2] / 4.0, 1e-14);
        leaky.sigma = 1.0;
    }
}

/* largest |P (M + lambda I) - I| over the entries of one block */
static double inverse_error(const double *P, const double *M, size_t D, double damping)
{
    double error = 0.0;
    double trace = 0.0;
    for (size_t k = 0; k < D; k++) {
        trace += M[k * D + k];
    }
    for (size_t r = 0; r < D; r++) {
        for (size_t c = 0; c < D; c++) {
            double sum = P[r * D + c] * damping * trace - (r == c ? 1.0 : 0.0);
            for (size_t k = 0; k < D; k++) {
                sum += P[r * D + k] * M[k * D + c];
            }
            error = fmax(error, fabs(sum));
        }
    }
    return error;
}

static void inverse_times_damped_metric_is_identity(void **state)
{
    (void)state;
    enum { N = 5 };
    const size_t sizes[] = {6, 8, 7, 3};
    uint64_t seed = 3;
    double x[N * 6];
    int labels[N];
    oracle_settings settings = oracle_settings_defaults();
    settings.metric_keep = .01; /* forgets M_0 = I, so that M is nearly of rank N < D */
    settings.refresh_period = 1;
    for (int bna = 0; bna < 2; bna++) {
        oracle_net *net = oracle_create(sizes, COUNT(sizes), bna == 1, &settings);
        randomise(net, &seed);
        for (int step = 0; step < 6; step++) {
            make_batch(x, labels, N, 6, 3, &seed);
            oracle_step(net, x, labels, N);
        }
        assert_int_equal(net->layers[0].blocks, 1);
        assert_int_equal(net->layers[1].blocks, 7);
        assert_int_equal(net->layers[2].blocks, 1);
        for (size_t l = 0; l < net->layer_count; l++) {
            size_t D = net->layers[l].D;
            assert_true(oracle_condition(net, l) > 10.0);
            for (size_t b = 0; b < net->layers[l].blocks; b++) {
                size_t block = b * D * D;
                /* condition <= 1 + 1/eps = 1e4, so D * 1e-16 * 1e4 is about 1e-11 */
                assert_close(inverse_error(net->layers[l].inverse + block,
                                           net->layers[l].metric + block, D, settings.damping),
                             0.0, 1e-11);
            }
        }
        oracle_free(net);
    }
}

/* A = H diag(spectrum) H, H = I - 2 v v^T / v^T v a Householder reflection: [D x D] */
static void set_spectrum(double *A, const double *spectrum, size_t D, uint64_t *seed)
{
    double v[8];
    double square = 0.0;
    assert_true(D <= COUNT(v));
    for (size_t k = 0; k < D; k++) {
        v[k] = uniform(seed);
        square += v[k] * v[k];
    }
    for (size_t r = 0; r < D; r++) {
        for (size_t c = 0; c < D; c++) {
            A[r * D + c] = 0.0;
            for (size_t k = 0; k < D; k++) {
                double left = (r == k ? 1.0 : 0.0) - 2.0 * v[r] * v[k] / square;
                double right = (k == c ? 1.0 : 0.0) - 2.0 * v[k] * v[c] / square;
                A[r * D + c] += left * spectrum[k] * right;
            }
        }
    }
}

static void condition_of_a_known_spectrum(void **state)
{
    (void)state;
    const size_t sizes[] = {2, 4, 2, 2}; /* layer 1: two neurons, D = 5 */
    const double mild[] = {1.0, 2.0, 3.0, 4.0, 5.0};
    const double wide[] = {1e-3, 10.0, .5, 100.0, 2.0}; /* trace 112.501 */
    uint64_t seed = 11;
    oracle_net *net = oracle_create(sizes, COUNT(sizes), false, NULL);
    oracle_layer *layer = &net->layers[1];
    assert_close(oracle_condition(net, 1), 1.0, 0.0); /* M_0 = I */
    set_spectrum(layer->metric, wide, 5, &seed);
    set_spectrum(layer->metric + 25, mild, 5, &seed);
    double lambda = 1e-4 * 112.501;
    double expected = (100.0 + lambda) / (1e-3 + lambda);
    /* An eigenvalue of a symmetric matrix is good to 1e-16 |A| up to a small factor, so the
     * smallest has a relative error of about condition * 1e-16 = 1e-12, times D. */
    assert_close(oracle_condition(net, 1) / expected, 1.0, 1e-11);
    /* the largest over the blocks, whichever comes first */
    set_spectrum(layer->metric, mild, 5, &seed);
    set_spectrum(layer->metric + 25, wide, 5, &seed);
    assert_close(oracle_condition(net, 1) / expected, 1.0, 1e-11);
    layer->metric[3] = NAN;
    assert_true(isnan(oracle_condition(net, 1)));
    oracle_free(net);
}

/* ---- the step ---- */

static void defaults_are_those_of_the_paper(void **state)
{
    (void)state;
    oracle_settings s = oracle_settings_defaults();
    const double have[] = {s.learning_rate, s.l2,    s.metric_keep, s.damping, s.omega,
                           s.iota,          s.sigma, s.bn_eps,      s.bn_decay};
    const double want[] = {.01, 1e-3, .995, 1e-4, 1.0, 0.0, 1.0, 1e-3, .999};
    assert_memory_equal(have, want, sizeof have);
    assert_int_equal(s.refresh_period, 100);
}

/*
 * 1-1-1-2 on one sample, every activation positive, written out:
 * t1 = w1 x + b1, t2 = w2 t1 + b2, logits u_j = c_j t2 + a_j, delta_j = eta_j - [j = 0].
 */
static void first_step_of_a_chain_of_scalars(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 1, 1, 2};
    const double x = 2.0;
    const int label = 0;
    const double w1 = .5, b1 = .25, w2 = 1.5, b2 = -.25, c0 = -1.0, c1 = .5, a0 = .125, a1 = 0.0;
    oracle_settings settings = oracle_settings_defaults();
    settings.learning_rate = .05; /* large: old and new weights give visibly different metrics */
    settings.l2 = .01;
    settings.sigma = 2.0;
    oracle_net *net = oracle_create(sizes, COUNT(sizes), false, &settings);
    memcpy(net->layers[0].weights, (double[]){w1, b1}, 2 * sizeof(double));
    memcpy(net->layers[1].weights, (double[]){w2, b2}, 2 * sizeof(double));
    memcpy(net->layers[2].weights, (double[]){c0, c1, a0, a1}, 4 * sizeof(double));

    double t1 = w1 * x + b1;
    double t2 = w2 * t1 + b2;
    double u0 = c0 * t2 + a0;
    double u1 = c1 * t2 + a1;
    double eta0 = exp(u0) / (exp(u0) + exp(u1));
    double delta0 = eta0 - 1.0;
    double delta1 = 1.0 - eta0;
    double delta_t2 = delta0 * c0 + delta1 * c1;
    double delta_t1 = delta_t2 * w2;
    /* A handful of operations on numbers of size one: 1e-14 is a hundred roundings. */
    const double tolerance = 1e-14;
    assert_close(oracle_step(net, &x, &label, 1), -log(eta0), tolerance);

    double w1_new = w1 - .05 * (delta_t1 * x + .01 * w1);
    double b1_new = b1 - .05 * delta_t1; /* no L2 on a bias */
    double w2_new = w2 - .05 * (delta_t2 * t1 + .01 * w2);
    double b2_new = b2 - .05 * delta_t2;
    assert_close(net->layers[0].weights[0], w1_new, tolerance);
    assert_close(net->layers[0].weights[1], b1_new, tolerance);
    assert_close(net->layers[1].weights[0], w2_new, tolerance);
    assert_close(net->layers[1].weights[1], b2_new, tolerance);
    assert_close(net->layers[2].weights[0], c0 - .05 * (delta0 * t2 + .01 * c0), tolerance);
    assert_close(net->layers[2].weights[1], c1 - .05 * (delta1 * t2 + .01 * c1), tolerance);
    assert_close(net->layers[2].weights[2], a0 - .05 * delta0, tolerance);
    assert_close(net->layers[2].weights[3], a1 - .05 * delta1, tolerance);
    assert_close(net->layers[1].update[0], w2_new - w2, tolerance);

    double h1 = w1_new * x + b1_new; /* the second pass */
    double h2 = w2_new * h1 + b2_new;
    double sigm = 1.0 / (1.0 + exp(-h2));
    double nu = sigm * sigm / 4.0;
    assert_true(h1 > 0.0 && h2 > 0.0);
    const double inputs[] = {x, h1, h2};
    const double factors[] = {.25, nu, .25}; /* 1/sigma^2 at the first and the last layer */
    for (size_t l = 0; l < 3; l++) {
        const double *M = net->layers[l].metric;
        double input = inputs[l];
        assert_close(M[0], .995 + .005 * factors[l] * input * input, tolerance);
        assert_close(M[1], .005 * factors[l] * input, tolerance);
        assert_close(M[2], .005 * factors[l] * input, tolerance);
        assert_close(M[3], .995 + .005 * factors[l], tolerance);
        /* itr = 0 refreshes too; 2 x 2 of condition about one */
        double p = M[0] + 1e-4 * (M[0] + M[3]);
        double q = M[3] + 1e-4 * (M[0] + M[3]);
        double determinant = p * q - M[1] * M[2];
        assert_close(net->layers[l].inverse[0], q / determinant, tolerance);
        assert_close(net->layers[l].inverse[1], -M[1] / determinant, tolerance);
        assert_close(net->layers[l].inverse[3], p / determinant, tolerance);
    }
    oracle_free(net);
}

/* Each output j of a neuron layer moves by its own P_j, of a shared layer by the one P. */
static void update_is_the_preconditioned_gradient(void **state)
{
    (void)state;
    enum { N = 6 };
    const size_t sizes[] = {3, 4, 2, 3};
    uint64_t seed = 29;
    double x[N * 3];
    int labels[N];
    oracle_net *net = oracle_create(sizes, COUNT(sizes), true, NULL);
    randomise(net, &seed);
    make_batch(x, labels, N, 3, 3, &seed);
    for (size_t l = 0; l < net->layer_count; l++) {
        for (size_t s = 0; s < net->layers[l].blocks * net->layers[l].D * net->layers[l].D; s++) {
            net->layers[l].inverse[s] = uniform(&seed);
        }
    }
    oracle_net *before = oracle_copy(net);
    oracle_step(net, x, labels, N);
    oracle_gradient(before, x, labels, N);
    for (size_t l = 0; l < net->layer_count; l++) {
        const oracle_layer *old = &before->layers[l];
        for (size_t j = 0; j < old->m; j++) {
            for (size_t r = 0; r < old->D; r++) {
                double move = 0.0;
                for (size_t c = 0; c < old->D; c++) {
                    size_t block = l == 1 ? j : 0;
                    move -= .01 * old->inverse[(block * old->D + r) * old->D + c] *
                            old->grad[c * old->m + j];
                }
                /* sums of at most five terms of size one */
                assert_close(net->layers[l].weights[r * old->m + j],
                             old->weights[r * old->m + j] + move, 1e-14);
            }
        }
        for (size_t j = 0; old->gamma != NULL && j < old->m; j++) {
            assert_close(net->layers[l].gamma[j], old->gamma[j] - .01 * old->grad_gamma[j], 1e-14);
            assert_close(net->layers[l].beta[j], old->beta[j] - .01 * old->grad_beta[j], 1e-14);
        }
    }
    oracle_free(before);
    oracle_free(net);
}

/* With learning rate 0 both passes agree, so nu of every neuron can be had from x directly. */
static void neuron_metric_has_the_nu_of_its_output(void **state)
{
    (void)state;
    enum { N = 5, M1 = 4, M2 = 3 };
    const size_t sizes[] = {2, M1, M2, 2};
    uint64_t seed = 31;
    double x[N * 2];
    int labels[N];
    oracle_settings settings = oracle_settings_defaults();
    settings.learning_rate = 0.0;
    settings.iota = .1;
    oracle_net *net = oracle_create(sizes, COUNT(sizes), false, &settings);
    randomise(net, &seed);
    make_batch(x, labels, N, 2, 2, &seed);
    oracle_step(net, x, labels, N);
    const double *W = net->layers[0].weights;
    const double *V = net->layers[1].weights;
    for (size_t j = 0; j < M2; j++) {
        double mean[M1 + 1][M1 + 1] = {{0.0}};
        for (size_t i = 0; i < N; i++) {
            double h[M1 + 1];
            double t = V[M1 * M2 + j];
            for (size_t k = 0; k < M1; k++) {
                h[k] = x[2 * i] * W[k] + x[2 * i + 1] * W[M1 + k] + W[2 * M1 + k];
                h[k] = fmax(h[k], .1 * h[k]);
                t += h[k] * V[k * M2 + j];
            }
            h[M1] = 1.0;
            double slope = .1 + .9 / (1.0 + exp(-.9 * t));
            for (size_t r = 0; r <= M1; r++) {
                for (size_t c = 0; c <= M1; c++) {
                    mean[r][c] += slope * slope * h[r] * h[c] / N;
                }
            }
        }
        for (size_t r = 0; r <= M1; r++) {
            for (size_t c = 0; c <= M1; c++) {
                double expected = .005 * mean[r][c] + (r == c ? .995 : 0.0);
                /* a few roundings of numbers of size one */
                assert_close(net->layers[1].metric[(j * (M1 + 1) + r) * (M1 + 1) + c], expected,
                             1e-14);
            }
        }
    }
    oracle_free(net);
}

/* 1-1-2 on two samples: the activations are 1 and 3, so mean 2 and variance 1 (divisor n). */
static void moving_averages_take_the_first_pass_once(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 1, 2};
    const double x[] = {1.0, 3.0};
    const int labels[] = {0, 1};
    oracle_settings settings = oracle_settings_defaults();
    settings.learning_rate = .5; /* the second pass sees other activations */
    settings.bn_decay = .75;
    oracle_net *net = oracle_create(sizes, COUNT(sizes), true, &settings);
    oracle_layer *hidden = &net->layers[0];
    hidden->weights[0] = 1.0;
    net->layers[1].weights[0] = 1.0;
    hidden->moving_var[0] = 5.0;
    double loss = oracle_loss(net, x, labels, 2);
    assert_true(fabs(oracle_loss_moving(net, x, labels, 2) - loss) > 1e-3);
    assert_close(oracle_step(net, x, labels, 2), loss, 0.0);
    /* exact numbers up to one rounding of .25 * 2 and .75 * 5 + .25 * 1 */
    assert_close(hidden->moving_mean[0], .25 * 2.0, 1e-15);
    assert_close(hidden->moving_var[0], .75 * 5.0 + .25 * 1.0, 1e-15);

    /* the metric above reads the second pass with its batch statistics: the mean of its input is
     * beta exactly and the mean square is beta^2 + gamma^2 var / (var + eps) */
    double first = hidden->weights[0] * 1.0 + hidden->weights[1];
    double second = hidden->weights[0] * 3.0 + hidden->weights[1];
    assert_true(first > 0.0 && second > 0.0);
    double var = (second - first) * (second - first) / 4.0;
    double beta = hidden->beta[0];
    double square = beta * beta + hidden->gamma[0] * hidden->gamma[0] * var / (var + 1e-3);
    assert_close(net->layers[1].metric[0], .995 + .005 * square, 1e-14);
    assert_close(net->layers[1].metric[1], .005 * beta, 1e-14);
    oracle_free(net);
}

static void inverse_is_refreshed_every_period_of_the_epoch(void **state)
{
    (void)state;
    enum { N = 4 };
    const size_t sizes[] = {2, 3, 3, 2};
    /* begin_epoch before steps 0 and 5; period 3 */
    const bool refreshed[] = {true, false, false, true, false, true, false};
    uint64_t seed = 5;
    double x[N * 2];
    int labels[N];
    oracle_settings settings = oracle_settings_defaults();
    settings.refresh_period = 3;
    oracle_net *net = oracle_create(sizes, COUNT(sizes), false, &settings);
    randomise(net, &seed);
    for (size_t step = 0; step < COUNT(refreshed); step++) {
        if (step == 0 || step == 5) {
            oracle_begin_epoch(net);
            assert_int_equal(net->itr, 0);
        }
        oracle_net *before = oracle_copy(net);
        make_batch(x, labels, N, 2, 2, &seed);
        oracle_step(net, x, labels, N);
        assert_int_equal(net->itr, before->itr + 1);
        for (size_t l = 0; l < net->layer_count; l++) {
            size_t bytes = net->layers[l].D * net->layers[l].D * sizeof(double);
            bool same = memcmp(net->layers[l].inverse, before->layers[l].inverse, bytes) == 0;
            assert_int_equal(same, !refreshed[step]);
            assert_memory_not_equal(net->layers[l].metric, before->layers[l].metric, bytes);
        }
        oracle_free(before);
    }
    oracle_free(net);
}

static void one_layer_and_two_layers_are_shared(void **state)
{
    (void)state;
    const size_t sizes[] = {4, 3, 2};
    for (size_t count = 2; count <= 3; count++) {
        oracle_net *net = oracle_create(sizes, count, false, NULL);
        for (size_t l = 0; l < net->layer_count; l++) {
            assert_int_equal(net->layers[l].blocks, 1);
        }
        oracle_free(net);
    }
}

static void loss_goes_down_in_fifty_steps(void **state)
{
    (void)state;
    enum { N = 30, CLASSES = 3 };
    const size_t deep[] = {4, 8, 8, CLASSES};
    const size_t two[] = {4, 8, CLASSES};
    const size_t one[] = {4, CLASSES};
    const size_t *sizes[] = {deep, two, one};
    const size_t counts[] = {COUNT(deep), COUNT(two), COUNT(one)};
    oracle_settings settings = oracle_settings_defaults();
    settings.learning_rate = .1;
    for (size_t shape = 0; shape < COUNT(sizes); shape++) {
        for (int bna = 0; bna < 2; bna++) {
            uint64_t seed = 77;
            double x[N * 4];
            int labels[N];
            oracle_net *net = oracle_create(sizes[shape], counts[shape], bna == 1, &settings);
            randomise(net, &seed);
            make_batch(x, labels, N, 4, CLASSES, &seed);
            double before = oracle_loss(net, x, labels, N);
            for (int step = 0; step < 50; step++) {
                oracle_step(net, x, labels, N);
            }
            /* the classes are three half-widths apart: halving the loss is a modest demand */
            assert_true(oracle_loss(net, x, labels, N) < .5 * before);
            oracle_free(net);
        }
    }
}

/* ---- copies ---- */

static void copy_and_restore_take_the_whole_state(void **state)
{
    (void)state;
    enum { N = 6 };
    const size_t sizes[] = {3, 4, 4, 3};
    uint64_t seed = 41;
    double x[N * 3];
    int labels[N];
    oracle_net *net = oracle_create(sizes, COUNT(sizes), true, NULL);
    randomise(net, &seed);
    make_batch(x, labels, N, 3, 3, &seed);
    oracle_step(net, x, labels, N);
    oracle_net *saved = oracle_copy(net);
    size_t bytes = net->state_count * sizeof(double);
    assert_memory_equal(saved->state, net->state, bytes);

    oracle_step(net, x, labels, N);
    assert_memory_not_equal(saved->state, net->state, bytes);
    oracle_net *after = oracle_copy(net);
    oracle_restore(net, saved);
    assert_memory_equal(saved->state, net->state, bytes);
    assert_int_equal(net->itr, 1);
    oracle_step(net, x, labels, N);
    assert_memory_equal(after->state, net->state, bytes);
    assert_int_equal(net->itr, after->itr);
    oracle_free(after);
    oracle_free(saved);
    oracle_free(net);
    oracle_free(NULL);
}

static void rounding_leaves_floats_only(void **state)
{
    (void)state;
    enum { N = 6 };
    const size_t sizes[] = {3, 4, 4, 3};
    uint64_t seed = 43;
    double x[N * 3];
    int labels[N];
    oracle_net *net = oracle_create(sizes, COUNT(sizes), true, NULL);
    randomise(net, &seed);
    make_batch(x, labels, N, 3, 3, &seed);
    oracle_step(net, x, labels, N);
    oracle_net *exact = oracle_copy(net);
    oracle_round_to_float(net);
    assert_memory_not_equal(net->layers[1].inverse, exact->layers[1].inverse, 25 * sizeof(double));
    for (size_t s = 0; s < net->state_count; s++) {
        assert_true(net->state[s] == (double)(float)net->state[s]);
        /* half a unit in the last place of float32: 2^-24, about 6e-8 */
        assert_close(net->state[s], exact->state[s], 6e-8 * fabs(exact->state[s]));
    }
    oracle_free(exact);
    oracle_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_is_the_central_difference_plain),
        cmocka_unit_test(gradient_is_the_central_difference_bna),
        cmocka_unit_test(nu_has_the_golden_values),
        cmocka_unit_test(inverse_times_damped_metric_is_identity),
        cmocka_unit_test(condition_of_a_known_spectrum),
        cmocka_unit_test(defaults_are_those_of_the_paper),
        cmocka_unit_test(first_step_of_a_chain_of_scalars),
        cmocka_unit_test(update_is_the_preconditioned_gradient),
        cmocka_unit_test(neuron_metric_has_the_nu_of_its_output),
        cmocka_unit_test(moving_averages_take_the_first_pass_once),
        cmocka_unit_test(inverse_is_refreshed_every_period_of_the_epoch),
        cmocka_unit_test(one_layer_and_two_layers_are_shared),
        cmocka_unit_test(loss_goes_down_in_fifty_steps),
        cmocka_unit_test(copy_and_restore_take_the_whole_state),
        cmocka_unit_test(rounding_leaves_floats_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
