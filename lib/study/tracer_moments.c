/* SPDX-License-Identifier: Apache-2.0 */
/* tracer_moments.c - area, mean, variance and third moment of a signal, with their standard errors.
 *
 *     pulse   A = int y dt,  C_k = int (t - m)^k y dt
 *     step    A = level,     C_k = (t_0 - m)^k A + int k (t - m)^(k-1) y dt     by parts: y = A W(t), W = 1 up to the first point t_0
 *     mean: C_1 = 0;  variance C_2/A;  third C_3/A
 *
 * All are A and sums of q_i y_i plus the tail's integral, and y is linear in the raw points; so with m fixed
 *
 *     dm = dC_1/A,  dvar = (dC_2 - var dA)/A,  dthird = (dC_3 - third dA)/A - 3 var dC_1/A
 *
 * and the gradient to each raw point is exact. Its length times the noise is the standard error. Simpson's rule on unequal steps is the
 * parabola through three points; over an odd last interval the parabola of the last three points (K. V. Cartwright, J. Math. Sci. Math.
 * Educ. 12 (2017)). */
#include "study/tracer.h"

#include <math.h>

#include "base/status.h"

/* --- rules --- */

static void trapezoid(int n, const double *t, double *w)
{
  for (int i = 0; i + 1 < n; i++) {
    w[i] += 0.5 * (t[i + 1] - t[i]);
    w[i + 1] += 0.5 * (t[i + 1] - t[i]);
  }
}

static void parabola(const double *t, double *w)
{
  const double h = t[1] - t[0], k = t[2] - t[1], s = h + k;
  w[0] += s / 6.0 * (2.0 - k / h);
  w[1] += s * s * s / (6.0 * h * k);
  w[2] += s / 6.0 * (2.0 - h / k);
}

/* The last interval alone, under the parabola of the last three points. */
static void last_interval(const double *t, double *w)
{
  const double h = t[1] - t[0], k = t[2] - t[1];
  w[0] -= k * k * k / (6.0 * h * (h + k));
  w[1] += k * (k + 3.0 * h) / (6.0 * h);
  w[2] += k * (2.0 * k + 3.0 * h) / (6.0 * (h + k));
}

void taup_rule_weights(tau_tracer_rule rule, int n, const double t[], double w[])
{
  for (int i = 0; i < n; i++) w[i] = 0.0;
  if (rule == TAU_RULE_TRAPEZOID || n < 3) {
    trapezoid(n, t, w);
    return;
  }
  for (int i = 0; i + 2 < n; i += 2) parabola(t + i, w + i);
  if (n % 2 == 0) last_interval(t + n - 3, w + n - 3);
}

/* int (d + x)^k exp(-r x) dx = sum_j binomial(k, j) d^(k-j) j!/r^(j+1) */
double taup_tail_moment(double d, int k, double rate, double *slope)
{
  double sum = 0.0, change = 0.0, binomial_factorial = 1.0; /* k!/(k-j)! */
  for (int j = 0; j <= k; j++) {
    const double term = binomial_factorial * pow(d, k - j) / pow(rate, j + 1);
    sum += term;
    change -= (j + 1) * term / rate;
    binomial_factorial *= k - j;
  }
  if (slope) *slope = change;
  return sum;
}

/* --- sums --- */

enum { N_SUMS = 4 };

/* The factor of w_i y_i in the k-th sum, d = t - m. For a step the 0-th is the level, which is no sum. */
static double kernel(const taup_curve *c, double d, int k)
{
  if (!c->is_step) return pow(d, k);
  return k > 0 ? k * pow(d, k - 1) : 0.0;
}

/* The tail's part of the k-th sum for yT = 1, and its derivative to the rate. */
static double tail_sum(const taup_curve *c, double m, int k, double *slope)
{
  const double d = c->t[c->n - 1] - m;
  *slope = 0.0;
  if (c->n_tail == 0 || (c->is_step && k == 0)) return 0.0;
  if (!c->is_step) return taup_tail_moment(d, k, c->tail_rate, slope);
  const double sum = k * taup_tail_moment(d, k - 1, c->tail_rate, slope);
  *slope *= k;
  return sum;
}

static void sums_about(const taup_curve *c, double m, bool with_tail, double C[N_SUMS])
{
  for (int k = 0; k < N_SUMS; k++) {
    double slope;
    C[k] = c->is_step ? pow(c->t[c->i_begin] - m, k) * c->level : 0.0;
    for (int i = c->i_begin; i < c->n; i++) C[k] += c->w[i] * kernel(c, c->t[i] - m, k) * c->y[i];
    if (with_tail) C[k] += c->tail_y * tail_sum(c, m, k, &slope);
  }
}

/* --- gradients --- */

/* d/d raw of sum_k factors[k] C_k, into c->grad; one pass for the points, then what the base line and the levels carry. */
static void gradient(taup_curve *c, const double factors[N_SUMS])
{
  const double m = c->m.mean.value;
  double tail[2] = {0.0, 0.0}, at_level = 0.0, sum = 0.0, sum_t = 0.0;
  for (int k = 0; k < N_SUMS; k++) {
    double slope;
    tail[0] += factors[k] * tail_sum(c, m, k, &slope);
    tail[1] += factors[k] * slope * c->tail_y;
    at_level += c->is_step ? factors[k] * pow(c->t[c->i_begin] - m, k) : 0.0;
  }
  for (int i = 0; i < c->n_all; i++) {
    double g = 0.0, slopes[2];
    for (int k = 0; k < N_SUMS && i >= c->i_begin && i < c->n; k++)
      g += factors[k] * c->w[i] * kernel(c, c->t[i] - m, k);
    taup_tail_slopes(c, i, slopes);
    g += tail[0] * slopes[0] + tail[1] * slopes[1];
    c->grad[i] = g;
    sum += g;
    sum_t += g * (c->t[i] - c->centre);
  }
  const int n_base = c->n_low + c->n_high, n_near = c->n_near_low + c->n_near_high;
  for (int i = 0; i < c->n_all; i++) {
    if (i < c->n_low || i >= c->n_all - c->n_high) {
      c->grad[i] -= (sum + at_level) / n_base;
      if (c->spread > 0.0) c->grad[i] -= sum_t * (c->t[i] - c->centre) / c->spread;
    }
    if (i < c->n_near_low || i >= c->n_all - c->n_near_high) c->grad[i] += at_level / n_near;
  }
}

static double error_of(taup_curve *c, const double factors[N_SUMS])
{
  double squares = 0.0;
  gradient(c, factors);
  for (int i = 0; i < c->n_all; i++) squares += c->grad[i] * c->grad[i];
  return c->m.noise * sqrt(squares);
}

double taup_curve_error(taup_curve *c, double of_mean, double of_variance)
{
  const double A = c->m.area.value, v = c->m.variance.value;
  return error_of(c, (const double[]){-of_variance * v / A, of_mean / A, of_variance / A, 0.0});
}

static void errors(taup_curve *c)
{
  tau_tracer_moments *m = &c->m;
  const double A = m->area.value, v = m->variance.value, s = sqrt(v), u = m->third.value;
  /* d skewness = d third/s^3 - 1.5 third/s^5 d var */
  const double p = 1.0 / (s * s * s), q = -1.5 * u / (s * s * s * s * s);
  m->area.error = error_of(c, (const double[]){1.0, 0.0, 0.0, 0.0});
  m->mean.error = taup_curve_error(c, 1.0, 0.0);
  m->variance.error = taup_curve_error(c, 0.0, 1.0);
  m->third.error = error_of(c, (const double[]){-u / A, -3.0 * v / A, 0.0, 1.0 / A});
  m->skewness.error = error_of(c, (const double[]){(-u * p - v * q) / A, -3.0 * v * p / A, q / A, p / A});
}

/* --- E and F --- */

static void density_of_pulse(taup_curve *c, double tail_area)
{
  double F = 0.0, all = tail_area;
  for (int i = c->i_begin; i + 1 < c->n; i++) all += 0.5 * (c->y[i] + c->y[i + 1]) * (c->t[i + 1] - c->t[i]);
  for (int i = 0; i < c->n; i++) {
    if (i > 0) F += 0.5 * (c->y[i - 1] + c->y[i]) * (c->t[i] - c->t[i - 1]);
    c->E[i] = c->y[i] / c->m.area.value;
    c->F[i] = F / all;
  }
}

/* -dW/dt by the parabola through three neighbours, at the ends by the two points. */
static void density_of_step(taup_curve *c)
{
  const double *t = c->t, *y = c->y;
  for (int i = 0; i < c->n; i++) {
    const int a = i > 0 ? i - 1 : i, b = i + 1 < c->n ? i + 1 : i;
    double slope = (y[b] - y[a]) / (t[b] - t[a]);
    if (a < i && b > i) {
      const double h = t[i] - t[a], k = t[b] - t[i];
      slope = ((y[i] - y[a]) / h * k + (y[b] - y[i]) / k * h) / (h + k);
    }
    c->E[i] = -slope / c->level;
    c->F[i] = 1.0 - y[i] / c->level;
  }
}

/* --- all --- */

/* Mean and central moments; the mean is found about the origin, then again about itself, where nothing cancels. */
static bool central(const taup_curve *c, bool with_tail, double *mean, double C[N_SUMS])
{
  *mean = 0.0;
  for (int pass = 0; pass < 3; pass++) {
    sums_about(c, *mean, with_tail, C);
    if (!(C[0] > 0.0)) return false;
    if (pass < 2) *mean += C[1] / C[0];
  }
  return C[2] > 0.0;
}

tau_status taup_curve_moments(taup_curve *c, const tau_tracer_options *o, const char *name)
{
  double C[N_SUMS], bare[N_SUMS], mean, bare_mean;
  tau_tracer_moments *m = &c->m;
  taup_rule_weights(o->rule, c->n - c->i_begin, c->t + c->i_begin, c->w + c->i_begin);
  if (!central(c, true, &mean, C) || !central(c, false, &bare_mean, bare))
    return taup_fail(TAUP_ERR_NO_SIGNAL,
                     "%s: above its base line its area is %g and its variance %g s^2, which must be above 0; "
                     "look at the base line, "
                     "the cut and the sign of the signal",
                     name, C[0], C[2] / C[0]);
  m->area.value = C[0];
  m->mean.value = mean;
  m->variance.value = C[2] / C[0];
  m->third.value = C[3] / C[0];
  m->skewness.value = m->third.value / pow(m->variance.value, 1.5);
  if (c->n_tail > 0) {
    m->tail_area = c->is_step ? 0.0 : (C[0] - bare[0]) / C[0];
    m->tail_mean = mean - bare_mean;
    m->tail_variance = C[2] / C[0] - bare[2] / bare[0];
  }
  errors(c);
  if (c->is_step) density_of_step(c);
  else density_of_pulse(c, c->n_tail > 0 ? c->tail_y / c->tail_rate : 0.0);
  return TAU_OK;
}
