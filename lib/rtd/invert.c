/* SPDX-License-Identifier: Apache-2.0 */
/* invert.c - the inverse of a product of factors at many times.
 *
 *     f(t) = exp(phi_0 + s_0 t) h/pi Im( g_0/2 + sum_k g_k ),   g_k = exp(phi_k - phi_0 + (s_k - s_0) t) s'(u_k)
 *
 * Times near each other share a contour: window [t_low, t_high] about its own time. Off its saddle the integrand is larger than the
 * result by exp((t - t_c)^2/(2 phi'')); it is kept below exp(4.5), so two digits are the price. The step is halved until the sum
 * stays; convergence is geometric, so halving squares the error: d between two steps leaves d^1.5 or less.
 *
 * A cumulative is taken right of the pole at 0 before the mean, and left of it behind: that is the washout, with its sign.
 * Where there is no left (laminar flow: the cut begins at 0), (1 - G)/s has no pole, and is inverted right of 0. */
#include <math.h>
#include <string.h>

#include "rtd/contour.h"

typedef double complex number;

enum { MOST_LEVELS = 5, N_PROBES = 2 };

static const double first_step = 0.45, good_enough = 3e-9, lowest_exponent = -735.0;

typedef struct inversion {
  taup_rtd_inverse *in;
  taup_rtd_contour c;
  int width;     /* numbers a time: 1, or 2 + n_parameters */
  double *sums;  /* [window][width], at the finest level so far */
  double *last;  /* the same, one level before */
  double *size;  /* [window]: sum of the sizes of the terms */
  double *times; /* [window]: and the probes */
  int capacity;
  double mean; /* of the product */
} inversion;

/* --- sums over nodes --- */

static void add_node(inversion *v, int k, double t, double *sum, double *size)
{
  const taup_rtd_contour *c = &v->c;
  const taup_rtd_node *n = &c->nodes[k];
  const number z = n->log_g - c->nodes[0].log_g + (n->s - c->s_0) * t;
  const double r = exp(creal(z)) * (k ? 1.0 : 0.5);
  const double re = r * cos(cimag(z)), im = r * sin(cimag(z));
  const double gx = re * creal(n->step) - im * cimag(n->step), gy = re * cimag(n->step) + im * creal(n->step);
  sum[0] += gy;
  *size += fabs(gx) + fabs(gy);
  if (v->width == 1) return;
  sum[1] += gx * cimag(n->s) + gy * creal(n->s);
  const number *d = c->gradients + (size_t)k * (size_t)(v->width - 2);
  for (int j = 0; j < v->width - 2; j++) sum[2 + j] += gx * cimag(d[j]) + gy * creal(d[j]);
}

/* Nodes from..n - 1 added to the sums of the m times of a window. */
static void add_nodes(inversion *v, int from, int m, const double *t)
{
  for (int j = 0; j < m; j++)
    for (int k = from; k < v->c.n; k++)
      if (creal(v->c.nodes[k].log_g) - creal(v->c.nodes[0].log_g) +
            (creal(v->c.nodes[k].s) - v->c.s_0) * t[j] >
          -44.0)
        add_node(v, k, t[j], v->sums + (size_t)j * (size_t)v->width, &v->size[j]);
}

/* Largest change of a number between two levels, relative to it, or to 1e-5 of the largest of its kind (slope to a parameter) in the
 * window, or to what rounding leaves. */
static double change_of(const inversion *v, int m, double h, int kind)
{
  double most = 0.0, largest = 0.0;
  for (int j = 0; j < m; j++) largest = fmax(largest, h * fabs(v->sums[j * v->width + kind]));
  for (int j = 0; j < m; j++) {
    const double now = h * v->sums[j * v->width + kind], before = 2.0 * h * v->last[j * v->width + kind];
    const double floor = kind ? 0.1 * largest : 1e-5 * h * v->size[j];
    const double scale = fmax(fabs(now), floor);
    if (scale > 0.0) most = fmax(most, fabs(now - before) / scale);
  }
  return most;
}

static double change(const inversion *v, int m, double h)
{
  double most = 0.0;
  const int n = v->width > 1 ? v->width : 1;
  for (int kind = 0; kind < n; kind++) most = fmax(most, change_of(v, m, h, kind));
  return most;
}

static tau_status converge(inversion *v, int m, const double *t, double *h, double *left)
{
  const size_t n_bytes = (size_t)m * (size_t)v->width * sizeof *v->sums;
  memset(v->sums, 0, n_bytes);
  memset(v->size, 0, (size_t)m * sizeof *v->size);
  add_nodes(v, 0, m, t);
  *left = 1.0;
  for (int level = 1; level <= MOST_LEVELS && *left > good_enough; level++) {
    const int from = v->c.n;
    memcpy(v->last, v->sums, n_bytes);
    if (2 * from > 8 * TAUP_RTD_MOST_NODES) break;
    TAU_TRY(taup_rtd_contour_refine(&v->c, first_step, level));
    *h *= 0.5;
    add_nodes(v, from, m, t);
    *left = change(v, m, *h);
  }
  return TAU_OK;
}

/* --- windows --- */

static double ground(const inversion *v)
{
  const taup_rtd_contour *c = &v->c;
  return c->washout ? creal(c->nodes[0].log_g) : c->phi[0];
}

static void write_time(inversion *v, int i, int j, double h, double left)
{
  const double t = v->in->t[i], *sum = v->sums + (size_t)j * (size_t)v->width;
  const double high = ground(v) + v->c.s_0 * t, scale = exp(high) * h / 3.14159265358979324;
  const double rounding = 3e-16 * (4.0 + fabs(v->c.phi[0]) + fabs(v->c.s_0 * t));
  v->in->value[i] = scale * sum[0];
  v->in->error = fmax(v->in->error, fabs(scale) * (fabs(sum[0]) * pow(left, 1.5) + rounding * v->size[j]));
  if (v->width > 1)
    for (int k = 0; k < v->width - 1; k++)
      v->in->slope[(size_t)i * (size_t)(v->width - 1) + (size_t)k] = scale * sum[1 + k];
}

static void write_nothing(inversion *v, int i)
{
  v->in->value[i] = 0.0;
  if (v->width > 1)
    memset(v->in->slope + (size_t)i * (size_t)(v->width - 1), 0, (size_t)(v->width - 1) * sizeof(double));
}

static tau_status room(inversion *v, int m)
{
  if (m <= v->capacity) return TAU_OK;
  const size_t n = (size_t)m * (size_t)(2 * v->width + 2);
  double *block = taup_calloc(n, sizeof *block);
  if (!block) return TAU_E_NOMEM;
  taup_free(v->sums);
  v->sums = block;
  v->last = block + (size_t)m * (size_t)v->width;
  v->size = v->last + (size_t)m * (size_t)v->width;
  v->times = v->size + m;
  v->capacity = m;
  return TAU_OK;
}

/* The error of the trapezoid swings with time: at one time it may vanish by chance. Two more times see to that. */
static void add_probes(inversion *v, int m, const double *t)
{
  memcpy(v->times, t, (size_t)m * sizeof *t);
  v->times[m] = t[m - 1] + 0.3 / v->c.width;
  v->times[m + 1] = fmax(t[0] - 0.2 / v->c.width, 0.8 * t[0]);
}

static double reach(const inversion *v) { return 3.0 / v->c.width; }

/* The middle of a window that begins at t, whose saddle is known: as far as its own saddle still serves t. */
static void find_middle(inversion *v, double t, double last)
{
  double middle = fmin(fmin(t + reach(v), 3.0 * t), last);
  for (int i = 0; i < 6; i++) {
    taup_rtd_contour_saddle(&v->c, middle);
    if (middle - t <= reach(v)) break;
    middle = i < 4 ? 0.5 * (t + middle) : t;
  }
  v->c.t_low = t;
  v->c.t_high = fmax(t, fmin(middle + reach(v), 4.0 * middle));
}

/* Whether the result at a time is below the smallest number. */
static bool vanishes(inversion *v, double t)
{
  taup_rtd_contour_saddle(&v->c, t);
  return v->c.phi[0] + v->c.s_0 * t < lowest_exponent;
}

/* The first of the times from..to - 1, vanishing at from, that does not: none behind the mean, else found by halving. */
static int first_that_counts(inversion *v, int from, int to)
{
  const double *t = v->in->t;
  int before = from, n = from + 1;
  while (n < to && t[n] < v->mean) n++;
  if (t[from] >= v->mean) return to;
  while (n - before > 1) {
    const int middle = before + (n - before) / 2;
    if (vanishes(v, t[middle])) before = middle;
    else n = middle;
  }
  return n;
}

/* A loop has poles beside the real axis, and a contour may come near one: then another is taken. */
static tau_status best_contour(inversion *v, int m, double *h, double *left)
{
  v->c.shrink = fmin(1.0, 4.0 * v->c.shrink); /* begins near what the window before needed */
  for (int tries = 0; tries < 5; tries++, v->c.shrink *= 0.6) {
    *h = first_step;
    TAU_TRY(taup_rtd_contour_place(&v->c, first_step));
    TAU_TRY(converge(v, m, v->times, h, left));
    if (*left <= good_enough) break;
  }
  return TAU_OK;
}

/* One window of times from..to - 1, beginning at from; *next is where the following one begins. */
static tau_status window(inversion *v, int from, int to, int *next)
{
  const double *t = v->in->t;
  double h, left;
  int end = from + 1;
  if (vanishes(v, t[from])) {
    *next = first_that_counts(v, from, to);
    for (int i = from; i < *next; i++) write_nothing(v, i);
    return TAU_OK;
  }
  find_middle(v, t[from], t[to - 1]);
  while (end < to && t[end] <= v->c.t_high) end++;
  v->c.t_high = t[end - 1];
  TAU_TRY(room(v, end - from + N_PROBES));
  add_probes(v, end - from, t + from);
  TAU_TRY(best_contour(v, end - from + N_PROBES, &h, &left));
  for (int i = from; i < end; i++) write_time(v, i, i - from, h, left);
  *next = end;
  return TAU_OK;
}

static tau_status windows(inversion *v, int from, int to)
{
  v->c.s_0 = (double)NAN;
  v->c.shrink = 1.0;
  while (from < to) TAU_TRY(window(v, from, to, &from));
  return TAU_OK;
}

/* --- cumulatives --- */

/* What was computed is the other of F and W. */
static void complement(taup_rtd_inverse *in, int from, int to)
{
  const int width = 1 + in->rtd->n_parameters;
  for (int i = from; i < to; i++) {
    in->value[i] = 1.0 - in->value[i];
    for (int k = 0; in->slope && k < width; k++) in->slope[i * width + k] *= -1.0;
  }
}

static tau_status both_sides(inversion *v)
{
  taup_rtd_inverse *in = v->in;
  int n = 0;
  while (n < in->n && in->t[n] <= v->mean) n++;
  TAU_TRY(windows(v, 0, n));
  if (v->c.edge < 0.0) {
    v->c.left = true; /* 1/s_0 < 0 there: what comes out is 1 - F */
  } else {
    v->c.washout = true;
  }
  TAU_TRY(windows(v, n, in->n));
  if (in->washout) complement(in, 0, n);
  else complement(in, n, in->n);
  return TAU_OK;
}

static double mean_of(const inversion *v)
{
  double d[4];
  taup_rtd_derivatives(v->in->rtd, v->in->term, 0.0, v->c.block, d);
  return -d[1];
}

tau_status taup_rtd_invert(taup_rtd_inverse *in)
{
  inversion v = {.in = in};
  v.c = (taup_rtd_contour){.rtd = in->rtd, .term = in->term, .order = in->order, .slopes = in->slope != NULL};
  v.width = in->slope ? 2 + in->rtd->n_parameters : 1;
  in->error = 0.0;
  tau_status st = taup_rtd_contour_start(&v.c);
  if (st == TAU_OK) v.mean = mean_of(&v);
  if (st == TAU_OK) st = in->order == 1 ? both_sides(&v) : windows(&v, 0, in->n);
  taup_rtd_contour_free(&v.c);
  taup_free(v.sums);
  return st;
}
