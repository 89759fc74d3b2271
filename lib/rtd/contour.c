/* SPDX-License-Identifier: Apache-2.0 */
/* contour.c - where the integral of inversion is taken.
 *
 *     f(t) = 1/(2 pi i) int exp(phi(s) + s t) ds,   phi = K(s) - M ln s
 *     s(u) = s_0 + i w u - b (w u)^2,   phi'(s_0) + t = 0,   w = 1/sqrt(phi''(s_0))
 *
 * The contour passes the real saddle s_0, where the integrand is as large as the result and no larger: relative accuracy in both tails,
 * for Pe = 1e6 as for 0.001. There it has the curvature of steepest descent, b = -phi'''/(6 phi''), kept between 0.2/(s_0 - e) and
 * 0.5/(s_0 - l): e is the edge (all singularities but those of loops lie on the real axis left of it; a parabola goes round them), l the
 * nearest singularity (the pole at 0 where there is one). For one pole and for dispersion this is 1/3 to 1/4 over the distance, the
 * parabola of J. A. C. Weideman and L. N. Trefethen, Math. Comp. 76 (2007) 1341, doi 10.1090/S0025-5718-07-01945-X. The trapezoid rule
 * converges geometrically on it; for a narrow peak it is that of a Gauss curve.
 *
 * Loops have complex poles. The change of arg(1 - q) along the contour counts those on its right; where there is one, or where the
 * integrand grows along the contour, it is bent less. A straight line is always right of all. Nodes at u < 0 are conjugate. */
#include "rtd/contour.h"

#include <math.h>
#include <string.h>

#include "num/complex.h"

typedef double complex number;

/* --- space --- */

static size_t block_size(const tau_rtd *rtd)
{
  const size_t m = TAUP_RTD_BLOCK;
  return m * (2 + (size_t)rtd->n_parameters + (size_t)rtd->n_factors) + taup_rtd_work(rtd, TAUP_RTD_BLOCK);
}

tau_status taup_rtd_contour_start(taup_rtd_contour *c)
{
  c->block = taup_calloc(block_size(c->rtd), sizeof *c->block);
  c->edge = taup_rtd_edge(c->rtd, c->term);
  return c->block ? TAU_OK : TAU_E_NOMEM;
}

void taup_rtd_contour_free(taup_rtd_contour *c)
{
  taup_free(c->block);
  taup_free(c->nodes);
  taup_free(c->gradients);
}

/* --- the saddle --- */

static double low_end(const taup_rtd_contour *c)
{
  return c->order > 0 && !c->left ? fmax(c->edge, 0.0) : c->edge;
}

static void exponent(taup_rtd_contour *c, double s)
{
  const double M = c->order;
  taup_rtd_derivatives(c->rtd, c->term, s, c->block, c->phi);
  if (!c->order) return;
  c->phi[0] -= M * log(fabs(s));
  c->phi[1] -= M / s;
  c->phi[2] += M / (s * s);
  c->phi[3] -= 2.0 * M / (s * s * s);
}

/* Next place between the brackets: Newton's, or towards the end that it passes. */
static double next_place(const taup_rtd_contour *c, double s, double slope, double down, double up)
{
  const double low = low_end(c), newton = s - slope / c->phi[2];
  if (newton > down && newton < up && newton - low < 10.0 * (s - low)) return newton;
  if (!(slope > 0.0)) { /* the saddle lies above */
    if (isinf(up)) return low + 8.0 * (s - low);
    return c->left && up == 0.0 ? 0.125 * s : 0.5 * (s + up);
  }
  return down == low ? low + 0.125 * (s - low) : 0.5 * (s + down);
}

/* Late times of a transform that is finite at its edge (laminar flow, open ends) have their saddle at the edge or nowhere: 0.7/t off it
 * the integrand is larger by 2, and the trapezoid sees a scale. One of a pole, the widest there is, lies 1/t off. */
static void keep_off_edge(taup_rtd_contour *c, double s, double t)
{
  const double low = low_end(c), off = 0.7 / t;
  c->s_0 = s;
  if (s - low < off && !(c->left && low + off >= 0.0)) {
    c->s_0 = low + off;
    exponent(c, c->s_0);
  }
  c->width = fmin(1.0 / sqrt(fabs(c->phi[2])), c->s_0 - low);
}

/* phi + s t is convex between the ends: its slope rises. The place need not be exact. */
void taup_rtd_contour_saddle(taup_rtd_contour *c, double t)
{
  double down = low_end(c), up = c->left ? 0.0 : (double)INFINITY, s = c->s_0;
  if (!(s > down && s < up)) s = c->left ? fmax(-1.0 / t, 0.5 * down) : down + 1.0 / t;
  for (int i = 0; i < 200; i++) {
    exponent(c, s);
    const double slope = c->phi[1] + t;
    if (fabs(slope) <= 0.02 * sqrt(fabs(c->phi[2])) || !(up - down > 1e-14 * fabs(s))) break;
    if (slope > 0.0) up = s;
    else down = s;
    s = next_place(c, s, slope, down, up);
  }
  keep_off_edge(c, s, t);
}

/* --- nodes --- */

static number on_contour(const taup_rtd_contour *c, double u, number *direction)
{
  const double y = c->width * u;
  *direction = taup_complex(-2.0 * c->bend * y * c->width, c->width);
  return taup_complex(c->s_0 - c->bend * y * y, y);
}

typedef struct block {
  number *s, *K, *dK, *D, *work;
} block;

static block block_of(const taup_rtd_contour *c)
{
  const size_t m = TAUP_RTD_BLOCK;
  block b = {.s = c->block};
  b.K = b.s + m;
  b.dK = b.K + m;
  b.D = b.dK + m * (size_t)c->rtd->n_parameters;
  b.work = b.D + m * (size_t)c->rtd->n_factors;
  return b;
}

/* Without slopes dK is not computed and loops are still followed. */
static void transform(const taup_rtd_contour *c, const block *b, int m)
{
  const taup_rtd_points at = {m, b->s, b->K, c->slopes ? b->dK : NULL, b->D, b->work};
  taup_rtd_log_transform(c->rtd, c->term, &at);
}

/* ln of the integrand without the time. (1 - G)/s: the part that G leaves of a step. */
static number log_integrand(const taup_rtd_contour *c, number K, number s, number *gradient_factor)
{
  *gradient_factor = 1.0;
  if (!c->washout) return c->order ? K - c->order * clog(s / c->s_0) : K;
  const number rest = 1.0 - cexp(K);
  *gradient_factor = -cexp(K) / rest;
  return clog(rest / s);
}

static void keep(taup_rtd_contour *c, const block *b, int m, const number *direction)
{
  const int np = c->rtd->n_parameters;
  for (int i = 0; i < m; i++) {
    number factor;
    const int k = c->n++;
    c->nodes[k] = (taup_rtd_node){b->s[i], log_integrand(c, b->K[i], b->s[i], &factor), direction[i]};
    for (int j = 0; c->slopes && j < np; j++)
      c->gradients[(size_t)k * (size_t)np + (size_t)j] = factor * b->dK[(size_t)j * (size_t)m + (size_t)i];
  }
}

static tau_status room(taup_rtd_contour *c, int m)
{
  const int np = c->rtd->n_parameters;
  TAU_TRY(taup_grow(&c->nodes, &c->capacity, c->n + m, sizeof *c->nodes));
  if (!c->slopes || !np) return TAU_OK;
  return taup_grow(&c->gradients, &c->gradient_capacity, (c->n + m) * np, sizeof *c->gradients);
}

/* m nodes at u, u + h, ... */
static tau_status add_nodes(taup_rtd_contour *c, double u, double h, int m)
{
  number direction[TAUP_RTD_BLOCK];
  const block b = block_of(c);
  TAU_TRY(room(c, m));
  for (int i = 0; i < m; i++) b.s[i] = on_contour(c, u + h * i, &direction[i]);
  transform(c, &b, m);
  keep(c, &b, m, direction);
  return TAU_OK;
}

/* ln of the size of node k at a time, relative to that at the saddle. */
static double height(const taup_rtd_contour *c, int k, double t)
{
  const taup_rtd_node *n = &c->nodes[k];
  return creal(n->log_g) - creal(c->nodes[0].log_g) + (creal(n->s) - c->s_0) * t;
}

typedef enum progress { GOES_ON, IS_DONE, GROWS } progress;

static progress look(const taup_rtd_contour *c, int from)
{
  bool done = true;
  for (int k = from; k < c->n; k++) {
    const double h = fmax(height(c, k, c->t_low), height(c, k, c->t_high));
    if (!(h < 3.0)) return GROWS;
    if (k >= c->n - 3 && h > -40.0) done = false;
  }
  return done ? IS_DONE : GOES_ON;
}

/* --- poles of loops --- */

static bool has_loop(const taup_rtd_contour *c)
{
  for (int k = 0; k < c->term->n_powers; k++)
    if (!c->rtd->factors[c->term->powers[k].factor].row) return true;
  return false;
}

/* Angle that D of each loop turns by along the contour, added up block by block. */
typedef struct turns {
  double turned;
  number last;
} turns;

/* A block of m places from number `from` on, a quarter of the step apart, so that no turn is missed. */
static void follow(taup_rtd_contour *c, double h, int from, int m, turns *of)
{
  const block b = block_of(c);
  const taup_rtd_points at = {m, b.s, b.K, NULL, b.D, b.work};
  number direction;
  for (int i = 0; i < m; i++) b.s[i] = on_contour(c, 0.25 * h * (from + i), &direction);
  for (int i = 0; i < m * c->rtd->n_factors; i++) b.D[i] = 1.0;
  taup_rtd_log_transform(c->rtd, c->term, &at);
  for (int f = 0; f < c->rtd->n_factors; f++)
    for (int i = 0; i < m; i++) {
      const number D = b.D[(size_t)f * (size_t)m + (size_t)i];
      if (from + i) of[f].turned += carg(D / of[f].last);
      of[f].last = D;
    }
}

/* Against its value at the end, where |q| < 1 leaves no turn open. */
static tau_status look_for_poles(taup_rtd_contour *c, double h, bool *found)
{
  const int n = 4 * c->n_coarse;
  turns *of = taup_calloc((size_t)c->rtd->n_factors, sizeof *of);
  if (!of) return TAU_E_NOMEM;
  for (int k = 0; k < n; k += TAUP_RTD_BLOCK)
    follow(c, h, k, n - k < TAUP_RTD_BLOCK ? n - k : TAUP_RTD_BLOCK, of);
  *found = false;
  for (int f = 0; f < c->rtd->n_factors; f++)
    if (!(cabs(1.0 - of[f].last) < 1.0) || fabs(of[f].turned - carg(of[f].last)) > 1.0) *found = true;
  taup_free(of);
  return TAU_OK;
}

/* --- levels --- */

static tau_status first_level(taup_rtd_contour *c, double h, progress *how)
{
  c->n = 0;
  *how = GOES_ON;
  while (*how == GOES_ON && c->n < TAUP_RTD_MOST_NODES) {
    const int from = c->n;
    TAU_TRY(add_nodes(c, h * from, h, TAUP_RTD_BLOCK));
    *how = look(c, from);
  }
  c->n_coarse = c->n;
  return TAU_OK;
}

tau_status taup_rtd_contour_place(taup_rtd_contour *c, double h)
{
  const double x = c->s_0 - c->edge, y = c->s_0 - low_end(c);
  progress how = GOES_ON;
  c->bend = fmin(fmax(-c->phi[3] / (6.0 * c->phi[2]), 0.2 / x), 0.5 / y) * c->shrink;
  for (int tries = 0; tries < 12; tries++) {
    TAU_TRY(first_level(c, h, &how));
    bool poles = how == GROWS;
    if (!poles && has_loop(c)) TAU_TRY(look_for_poles(c, h, &poles));
    if (!poles) break;
    c->shrink *= 0.25;
    c->bend = tries < 10 ? 0.25 * c->bend : 0.0;
  }
  return TAU_OK;
}

tau_status taup_rtd_contour_refine(taup_rtd_contour *c, double h, int level)
{
  const int n = c->n_coarse << (level - 1); /* as many as there are: each gets one behind it */
  const double step = h / (double)(1 << (level - 1));
  for (int k = 0; k < n; k += TAUP_RTD_BLOCK)
    TAU_TRY(add_nodes(c, step * (k + 0.5), step, n - k < TAUP_RTD_BLOCK ? n - k : TAUP_RTD_BLOCK));
  return TAU_OK;
}
