/* SPDX-License-Identifier: Apache-2.0 */
/* tracer_signal.c - a measured signal freed of its base line, cut, and continued beyond its end.
 *
 *     base line   b(t) = b0 + b1 (t - tc), least squares through the first n_low and last n_high points; b1 = 0 unless drift is asked for
 *     y = +-(raw - b)
 *     tail        y ~ yT exp(-r (t - T)), t > T the last point: least squares on the last points, Gauss-Newton
 *     noise       standard deviation about the base line; or of r_i = y_i - (cubic through the two points on either side), scaled to the
 *                 variance of y (T. Gasser, L. Sroka and C. Jennen-Steinmetz, Biometrika 73 (1986) 625, with the line; B. Seifert,
 *                 T. Gasser and A. Wolf, Biometrika 80 (1993) 373, higher orders); the line where there are fewer than 7 points
 *
 * A step goes from one level to another: its y is the distance from the level it goes to, which falls to 0 like the washout. */
#include "study/tracer.h"

#include <math.h>

#include "base/status.h"

static bool in_group(int i, int n, int n_low, int n_high) { return i < n_low || i >= n - n_high; }

static double group_mean(const taup_curve *c, const double *x, int n_low, int n_high)
{
  double sum = 0.0;
  int n = 0;
  for (int i = 0; i < c->n_all; i++)
    if (in_group(i, c->n_all, n_low, n_high)) sum += x[i], n++;
  return n > 0 ? sum / n : 0.0;
}

/* The base line of a pulse, or the level that a step goes to. */
static void fit_base(taup_curve *c, bool with_drift)
{
  double cross = 0.0;
  c->base = group_mean(c, c->raw, c->n_low, c->n_high);
  c->centre = group_mean(c, c->t, c->n_low, c->n_high);
  for (int i = 0; with_drift && i < c->n_all; i++)
    if (in_group(i, c->n_all, c->n_low, c->n_high)) {
      c->spread += (c->t[i] - c->centre) * (c->t[i] - c->centre);
      cross += (c->t[i] - c->centre) * (c->raw[i] - c->base);
    }
  if (c->spread > 0.0) c->drift = cross / c->spread;
}

static int twentieth(const taup_curve *c) { return c->n_all >= 40 ? c->n_all / 20 : 2; }

static tau_status base_of_pulse(taup_curve *c, const tau_tracer_options *o, const char *name)
{
  if (o->baseline == TAU_BASELINE_NONE) return TAU_OK;
  if (o->baseline == TAU_BASELINE_CONSTANT && !isnan(o->baseline_value)) {
    c->base = o->baseline_value;
    return TAU_OK;
  }
  const bool with_drift = o->baseline == TAU_BASELINE_LINEAR, chosen = o->n_first == 0 && o->n_last == 0;
  c->n_low = chosen ? twentieth(c) : o->n_first;
  c->n_high = chosen && with_drift ? twentieth(c) : chosen ? 0 : o->n_last;
  if (c->n_low + c->n_high >= c->n_all)
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "%s: the base line takes %d points of %d; fewer are needed", name,
                     c->n_low + c->n_high, c->n_all);
  if (with_drift && c->n_low + c->n_high < 2)
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "%s: a linear base line needs at least 2 points, not %d", name,
                     c->n_low + c->n_high);
  fit_base(c, with_drift);
  return TAU_OK;
}

/* One level of a step: a number where it is given, else the mean of points at its end of the curve. */
static double step_level(const taup_curve *c, double given, int n_low, int n_high)
{
  return isnan(given) ? group_mean(c, c->raw, n_low, n_high) : given;
}

static tau_status levels_of_step(taup_curve *c, const tau_tracer_options *o, bool up, const char *name)
{
  if (o->baseline == TAU_BASELINE_LINEAR)
    return taup_fail(TAUP_ERR_OUT_OF_RANGE,
                     "%s: a drift cannot be told from a step; take the base line 'constant' or 'none'", name);
  const bool chosen = o->n_first == 0 && o->n_last == 0;
  const int first = chosen ? twentieth(c) : o->n_first, last = chosen ? twentieth(c) : o->n_last;
  const double base = o->baseline == TAU_BASELINE_NONE ? 0.0 : o->baseline_value;
  if (first + last >= c->n_all)
    return taup_fail(TAUP_ERR_OUT_OF_RANGE,
                     "%s: the levels of the step take %d points of %d; fewer are needed", name, first + last,
                     c->n_all);
  const double near_given = up ? base : o->level, far_given = up ? o->level : base;
  if ((isnan(near_given) && first == 0) || (isnan(far_given) && last == 0))
    return taup_fail(TAUP_ERR_OUT_OF_RANGE,
                     "%s: no points for a level of the step; give its value, or n_first and n_last", name);
  c->n_near_low = isnan(near_given) ? first : 0;
  c->n_high = isnan(far_given) ? last : 0;
  c->sign = up ? -1.0 : 1.0;
  const double near = step_level(c, near_given, c->n_near_low, 0);
  c->base = step_level(c, far_given, 0, c->n_high);
  c->level = c->sign * (near - c->base);
  return c->level > 0.0
           ? TAU_OK
           : taup_fail(TAUP_ERR_NO_SIGNAL,
                       "%s: the signal goes from %g to %g, which is no step %s; look at its kind", name, near,
                       c->base, up ? "up" : "down");
}

/* --- noise --- */

static double noise_about_base(const taup_curve *c)
{
  const int n_points = c->n_low + c->n_high, n_lost = c->spread > 0.0 ? 2 : 1;
  double sum = 0.0;
  if (n_points - n_lost < 2) return 0.0;
  for (int i = 0; i < c->n_all; i++)
    if (in_group(i, c->n_all, c->n_low, c->n_high)) {
      const double r = c->raw[i] - c->base - c->drift * (c->t[i] - c->centre);
      sum += r * r;
    }
  return sqrt(sum / (n_points - n_lost));
}

/* y_i less the value at t_i of the polynomial through its neighbours, over the square root of 1 + the sum of its weights' squares. */
static double pseudo_residual(const taup_curve *c, int i, int reach)
{
  double r = c->raw[i], norm = 1.0;
  for (int k = i - reach; k <= i + reach; k++) {
    double weight = 1.0;
    for (int j = i - reach; k != i && j <= i + reach; j++)
      if (j != i && j != k) weight *= (c->t[i] - c->t[j]) / (c->t[k] - c->t[j]);
    r -= k != i ? weight * c->raw[k] : 0.0;
    norm += k != i ? weight * weight : 0.0;
  }
  return r / sqrt(norm);
}

static double noise_of_neighbours(const taup_curve *c)
{
  const int reach = c->n_all >= 7 ? 2 : 1;
  double sum = 0.0;
  for (int i = reach; i + reach < c->n_all; i++) {
    const double r = pseudo_residual(c, i, reach);
    sum += r * r;
  }
  return sqrt(sum / (c->n_all - 2 * reach));
}

static void noise(taup_curve *c, const tau_tracer_options *o)
{
  c->m.noise = o->noise;
  c->m.noise_from = TAU_NOISE_GIVEN;
  if (!isnan(o->noise)) return;
  c->m.noise = noise_about_base(c);
  c->m.noise_from = TAU_NOISE_BASELINE;
  if (c->m.noise > 0.0) return; /* too few points there, or cleaned to zero by the instrument */
  c->m.noise = noise_of_neighbours(c);
  c->m.noise_from = TAU_NOISE_NEIGHBOURS;
}

/* --- tail --- */

/* Start of Gauss-Newton: the slope of ln y, each point weighted by y^2, so that it counts as in the fit of y itself. */
static bool tail_start(taup_curve *c)
{
  double sw = 0.0, st = 0.0, sl = 0.0, stt = 0.0, stl = 0.0;
  for (int i = c->n - c->n_tail; i < c->n; i++) {
    if (c->y[i] <= 0.0) continue;
    const double w = c->y[i] * c->y[i], x = c->t[i] - c->t[c->n - 1], l = log(c->y[i]);
    sw += w, st += w * x, sl += w * l, stt += w * x * x, stl += w * x * l;
  }
  const double det = sw * stt - st * st;
  if (!(det > 0.0)) return false;
  c->tail_rate = -(sw * stl - st * sl) / det;
  c->tail_y = exp((stt * sl - st * stl) / det);
  return c->tail_rate > 0.0 && isfinite(c->tail_y);
}

/* One step of Gauss-Newton on (yT, rate); its size relative to the rate, or NaN. */
static double tail_step(taup_curve *c)
{
  double a11 = 0.0, a12 = 0.0, a22 = 0.0, g1 = 0.0, g2 = 0.0;
  for (int i = c->n - c->n_tail; i < c->n; i++) {
    const double x = c->t[i] - c->t[c->n - 1], e = exp(-c->tail_rate * x), j1 = e, j2 = -c->tail_y * x * e;
    const double r = c->y[i] - c->tail_y * e;
    a11 += j1 * j1, a12 += j1 * j2, a22 += j2 * j2, g1 += j1 * r, g2 += j2 * r;
  }
  const double det = a11 * a22 - a12 * a12;
  if (!(det > 0.0)) return NAN;
  c->tail_inverse[0] = a22 / det, c->tail_inverse[1] = -a12 / det, c->tail_inverse[2] = a11 / det;
  const double dy = c->tail_inverse[0] * g1 + c->tail_inverse[1] * g2;
  const double dr = c->tail_inverse[1] * g1 + c->tail_inverse[2] * g2;
  c->tail_y += dy;
  c->tail_rate += dr;
  return fabs(dr / c->tail_rate);
}

static tau_status fit_tail(taup_curve *c, const tau_tracer_options *o, const char *name)
{
  const int fifth = c->n / 5 > 4 ? c->n / 5 : 4;
  c->n_tail = o->n_tail > 0 ? o->n_tail : fifth;
  if (c->n_tail < 3 || c->n_tail > c->n - c->i_begin)
    return taup_fail(TAUP_ERR_OUT_OF_RANGE,
                     "%s: the tail is to be fitted to %d of %d points; at least 3 are needed", name,
                     c->n_tail, c->n - c->i_begin);
  bool good = tail_start(c);
  double size = 1.0;
  for (int k = 0; good && k < 50 && size > 1e-12; k++) {
    size = tail_step(c);
    good = c->tail_rate > 0.0 && isfinite(size);
  }
  if (good && size < 1e-6 && c->tail_y > 0.0) return TAU_OK;
  return taup_fail(TAUP_ERR_NO_TAIL,
                   "%s: the last %d points (from %g s on) do not fall like exp(-t/T) to the base line; take "
                   "other points (n_tail, t_cut), "
                   "another base line, or no tail",
                   name, c->n_tail, c->t[c->n - c->n_tail]);
}

void taup_tail_slopes(const taup_curve *c, int j, double slopes[2])
{
  slopes[0] = slopes[1] = 0.0;
  if (c->n_tail == 0 || j < c->n - c->n_tail || j >= c->n) return;
  const double x = c->t[j] - c->t[c->n - 1], e = exp(-c->tail_rate * x), j1 = e, j2 = -c->tail_y * x * e;
  slopes[0] = c->tail_inverse[0] * j1 + c->tail_inverse[1] * j2;
  slopes[1] = c->tail_inverse[1] * j1 + c->tail_inverse[2] * j2;
}

/* --- all --- */

static tau_status cut(taup_curve *c, const tau_tracer_options *o, const char *name)
{
  c->n = c->n_all;
  if (o->tail != TAU_TAIL_NONE && !isnan(o->t_cut))
    while (c->n > 0 && c->t[c->n - 1] > o->t_cut - o->start) c->n--;
  while (c->is_step && c->i_begin < c->n && c->t[c->i_begin] < 0.0) c->i_begin++;
  return c->n - c->i_begin >= 3
           ? TAU_OK
           : taup_fail(TAUP_ERR_OUT_OF_RANGE,
                       "%s: %d points lie between the start and the cut; at least 3 are needed", name,
                       c->n - c->i_begin);
}

tau_status taup_curve_clean(taup_curve *c, const tau_tracer_options *o, const char *name)
{
  const bool up = c->sign < 0.0;
  TAU_TRY(cut(c, o, name));
  TAU_TRY(c->is_step ? levels_of_step(c, o, up, name) : base_of_pulse(c, o, name));
  noise(c, o);
  for (int i = 0; i < c->n_all; i++)
    c->y[i] = c->sign * (c->raw[i] - c->base - c->drift * (c->t[i] - c->centre));
  return o->tail == TAU_TAIL_EXPONENTIAL ? fit_tail(c, o, name) : TAU_OK;
}
