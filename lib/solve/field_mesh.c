/* SPDX-License-Identifier: Apache-2.0 */
/* field_mesh.c - where the elements of a field lie, how large the error of its grid is, and the field between the mesh points.
 *
 * A mesh is solved as it is, with its elements in pairs, and with each of them halved. At the mesh points the method is of order 2 K - 1
 * (collocation at the points of Radau IIA) where a mesh is fine enough, and of a lower one before; so the order is taken from the two
 * differences, and the error of the finest solution is the last difference over what is gained by halving. Inside the elements it is of
 * order K + 1: from the differences at their middles a mesh follows on which these are alike (U. M. Ascher, J. Christiansen, R. D. Russell,
 * Math. Comput. 33 (1979) 659).
 *
 * What is asked for between the mesh points comes from the flux and its slope at four of them, by Hermite's interpolation (order 8), and y
 * from that as in field_work.h. */
#include "solve/field_mesh.h"

#include <math.h>
#include <string.h>

#include "num/decay.h"
#include "num/root.h"
#include "solve/field_group.h"

enum { K = TAUP_BVP_K, INNER = TAUP_BVP_INNER, MOST_ROUNDS = 16, NODES = 4, DATA = 2 * NODES };

static const double rounding = 1e-15; /* relative; no error is said to be below it */

/* --- the first guess --- */

void taup_bvp_guess_clear(taup_bvp *f) { f->n_guess = 0; }

void taup_bvp_guess_add(taup_bvp *f, double s, const double *y)
{
  const ptrdiff_t n = f->n;
  if (f->n_guess == TAUP_BVP_GUESS) {
    f->n_guess /= 2;
    for (ptrdiff_t i = 1; i < f->n_guess; i++) {
      f->guess_s[i] = f->guess_s[2 * i];
      memcpy(f->guess_y + i * n, f->guess_y + 2 * i * n, (size_t)n * sizeof *y);
    }
  }
  f->guess_s[f->n_guess] = s;
  memcpy(f->guess_y + f->n_guess++ * n, y, (size_t)n * sizeof *y);
}

static void guessed(const taup_bvp *f, double s, double *y)
{
  int i = 0;
  const ptrdiff_t n = f->n;
  while (i < f->n_guess && f->guess_s[i] < s) i++;
  const double *right = f->n_guess == 0 ? f->problem->y_in : f->guess_y + (i < f->n_guess ? i : i - 1) * n;
  const double *left = i > 0 && i < f->n_guess ? right - n : right;
  const double part = left == right ? 0.0 : (s - f->guess_s[i - 1]) / (f->guess_s[i] - f->guess_s[i - 1]);
  for (int k = 0; k < n; k++)
    y[k] = (left[k] + (part > 0.0 ? part * (right[k] - left[k]) : 0.0)) / f->problem->scale[k];
}

/* How much of the guess lies before s, by its steps. */
static double steps_before(const taup_bvp *f, double s)
{
  if (f->n_guess < 2) return s;
  int i = 1, high = f->n_guess - 1;
  while (i < high) {
    const int middle = (i + high) / 2;
    if (f->guess_s[middle] < s) i = middle + 1;
    else high = middle;
  }
  const double length = f->guess_s[i] - f->guess_s[i - 1], on = s - f->guess_s[i - 1];
  return (i - 1 + (on < length ? on / length : 1.0)) / (f->n_guess - 1.0); /* it may end before 1 */
}

/* Elements that the first mesh needs up to s: some evenly, some by the steps of the guess, and one for each factor 3 by which the distance
 * from the outlet falls, down to the width of the layer there. */
static double demand(const taup_bvp *f, double s)
{
  const double layer = 10.0 / fmax(1e-13, fmin(f->problem->peclet, 1e13));
  return 4.0 * s + 4.0 * steps_before(f, s) + log((1.0 + layer) / (1.0 - s + layer)) / log(3.0);
}

typedef struct sought {
  const taup_bvp *f;
  double demand;
} sought;

static double lacking(void *user, double s)
{
  const sought *k = user;
  return demand(k->f, s) - k->demand;
}

static double first_place(const taup_bvp *f, double x, double whole)
{
  sought k = {f, x};
  return taup_bracketed_root(lacking, &k, 0.0, -x, 1.0, whole - x, 1e-12);
}

static void guess_inside(const taup_bvp *f, taup_bvp_state *a, int e)
{
  for (int j = 0; j < INNER; j++)
    guessed(f, a->s[e] + f->method.c[j] * (a->s[e + 1] - a->s[e]),
            a->inner + ((ptrdiff_t)e * INNER + j) * f->n);
}

/* The guess on the mesh at hand. */
static void lay_guess(taup_bvp *f)
{
  taup_bvp_state *a = &f->now;
  const ptrdiff_t n = f->n;
  a->gap = 0;
  f->is_paired = false;
  a->s[0] = 0.0;
  a->s[a->n_elements] = 1.0;
  for (int k = 0; k <= a->n_elements; k++) {
    guessed(f, a->s[k], a->y + k * n);
    memcpy(a->g + k * n, a->y + k * n, (size_t)n * sizeof *a->g);
    if (k < a->n_elements) guess_inside(f, a, k);
  }
}

/* A finer mesh after others failed is no failure of its own; else the guess is what is kept. */
static bool refuse(taup_bvp *f)
{
  if (f->failure.kind != TAUP_ERR_NONE) return false;
  f->failure = (taup_failure){.kind = TAUP_ERR_NO_CONVERGENCE,
                              .why = "the first mesh would need more elements than there may be",
                              .worst = {-1, -1, -1}};
  f->now.n_elements = 1;
  lay_guess(f);
  return false;
}

bool taup_bvp_mesh_first(taup_bvp *f, double fineness)
{
  const double whole = demand(f, 1.0), wanted = 2.0 * ceil(0.5 * fineness * whole);
  if (!(2.0 * wanted <= f->most_elements)) return refuse(f);
  const int n_elements = f->now.n_elements = (int)wanted;
  for (int k = 1; k < n_elements; k++) f->now.s[k] = first_place(f, whole * k / n_elements, whole);
  lay_guess(f);
  return true;
}

/* Behind the first mesh, which has the guess, the same with its elements in pairs. */
static void add_pairs(taup_bvp *f)
{
  taup_bvp_state *a = &f->now;
  const ptrdiff_t n = f->n, first = a->n_elements + 1;
  const int n_pairs = a->n_elements / 2;
  a->gap = a->n_elements;
  a->n_elements += 1 + n_pairs;
  memset(a->inner + a->gap * INNER * n, 0, (size_t)(INNER * n) * sizeof *a->inner);
  for (int k = 0; k <= n_pairs; k++) {
    a->s[first + k] = a->s[2 * k];
    memcpy(a->y + (first + k) * n, a->y + 2 * k * n, (size_t)n * sizeof *a->y);
    memcpy(a->g + (first + k) * n, a->g + 2 * k * n, (size_t)n * sizeof *a->g);
  }
  for (int k = 0; k < n_pairs; k++) guess_inside(f, a, (int)first + k);
}

/* --- from mesh to mesh --- */

static void seen(taup_bvp *f, const taup_bvp_state *from, double s, double *y, double *g)
{
  const int e = taup_bvp_element(from, s);
  taup_bvp_collocated(f, from, e, (s - from->s[e]) / (from->s[e + 1] - from->s[e]), y, g);
}

/* The field `from` on the mesh of `to`. */
static void transfer(taup_bvp *f, const taup_bvp_state *from, taup_bvp_state *to)
{
  const ptrdiff_t n = f->n;
  for (int k = 0; k <= to->n_elements; k++) {
    seen(f, from, to->s[k], to->y + k * n, to->g + k * n);
    for (int j = 0; k < to->n_elements && j < INNER; j++)
      seen(f, from, to->s[k] + f->method.c[j] * (to->s[k + 1] - to->s[k]),
           to->inner + ((ptrdiff_t)k * INNER + j) * n, f->at_g);
  }
}

static void swap(taup_bvp_state *a, taup_bvp_state *b)
{
  const taup_bvp_state t = *a;
  *a = *b;
  *b = t;
}

/* Element e of `from` in two: a guess, so a polynomial serves that takes no exponentials. */
static void halve_element(const taup_bvp *f, const taup_bvp_state *from, int e, taup_bvp_state *to)
{
  const ptrdiff_t n = f->n;
  const double h = from->s[e + 1] - from->s[e], *slope = from->slope + e * K * n;
  const double *y = from->y + e * n, *g = from->g + e * n, *x = from->inner + e * INNER * n;
  double *inner = to->inner + 2 * e * INNER * n, *y_middle = to->y + (2 * e + 1) * n,
         *g_middle = to->g + (2 * e + 1) * n;
  for (int k = 0; k <= 2 * INNER; k++) {
    const double *w = f->method.halves[k];
    double *out = k < 2 * INNER ? inner + k * n : y_middle;
    for (int i = 0; i < n; i++)
      out[i] = w[0] * y[i] + w[1] * x[i] + w[2] * x[n + i] + w[3] * x[2 * n + i] + w[4] * y[n + i];
  }
  for (int i = 0; i < n; i++) {
    g_middle[i] = g[i];
    for (int j = 0; j < K; j++) g_middle[i] += h * f->method.L_middle[j] * slope[j * n + i];
  }
}

/* The field `from` on the halves of its elements. */
static void halve(const taup_bvp *f, const taup_bvp_state *from, taup_bvp_state *to)
{
  const ptrdiff_t n = f->n;
  for (int k = 0; k <= from->n_elements; k++) {
    memcpy(to->y + 2 * k * n, from->y + k * n, (size_t)n * sizeof *to->y);
    memcpy(to->g + 2 * k * n, from->g + k * n, (size_t)n * sizeof *to->g);
    if (k < from->n_elements) halve_element(f, from, k, to);
  }
}

/* now becomes coarse, and its mesh with every element halved the one at hand. */
static bool solve_halved(taup_bvp *f)
{
  const taup_bvp_state *c = &f->coarse;
  f->now.n_elements = 2 * c->n_elements;
  f->now.gap = 0;
  for (int e = 0; e < c->n_elements; e++) {
    f->now.s[2 * e] = c->s[e];
    f->now.s[2 * e + 1] = 0.5 * (c->s[e] + c->s[e + 1]);
  }
  f->now.s[f->now.n_elements] = 1.0;
  halve(f, c, &f->now);
  return taup_bvp_settle(f);
}

/* The mesh of coarse with its elements in pairs. */
static bool solve_paired(taup_bvp *f)
{
  const taup_bvp_state *c = &f->coarse;
  f->now.n_elements = c->n_elements / 2;
  f->now.gap = 0;
  for (int e = 0; e <= f->now.n_elements; e++) f->now.s[e] = c->s[2 * e];
  transfer(f, c, &f->now);
  return taup_bvp_newton(f, 1e-3 * f->problem->rtol);
}

/* |a - b| over what the tolerances leave open, the largest of all states; beside[i]: a size of state i below which it need not be told
 * exactly. */
static double apart(const taup_bvp *f, const double *a, const double *b, const double *beside)
{
  const taup_bvp_problem *p = f->problem;
  double most = 0.0;
  for (int i = 0; i < f->n; i++) {
    const double size = fabs(b[i]) > fabs(beside[i]) ? fabs(b[i]) : fabs(beside[i]);
    const double off = fabs(a[i] - b[i]) / (p->rtol * size + p->atol[i] / p->scale[i]);
    if (off > most) most = off;
  }
  return most;
}

/* A share of the largest value of each state along the tube. */
static const double *small_values(taup_bvp *f)
{
  static const double small = 1e-4;
  const taup_bvp_state *a = &f->now;
  for (int i = 0; i < f->n; i++) f->point_y[i] = 0.0;
  for (int k = 0; k <= a->n_elements; k++)
    for (int i = 0; i < f->n; i++)
      f->point_y[i] = fmax(f->point_y[i], small * fabs(a->y[(ptrdiff_t)k * f->n + i]));
  return f->point_y;
}

/* How far the solutions on a mesh and on its halves are apart. */
static void compare(taup_bvp *f, const taup_bvp_state *c, const taup_bvp_state *a, taup_bvp_difference *d)
{
  const ptrdiff_t n = f->n;
  const double *least = small_values(f), *y = c->y + c->n_elements * n, *fine = a->y + a->n_elements * n;
  d->mesh = 0.0;
  for (int k = 0; k <= c->n_elements; k++) {
    d->mesh = fmax(d->mesh, apart(f, c->y + k * n, a->y + 2 * k * n, least));
    d->mesh = fmax(d->mesh, apart(f, c->g + k * n, a->g + 2 * k * n, least));
  }
  d->outlet = apart(f, y, fine, fine);
}

/* By how much an error falls when the mesh is halved, less 1, from the last two differences. Where they fall by 8 and more the order is
 * about to be reached, and the next fall is taken as the mean (of their logarithms) of the last and of 2^(2 K - 1). */
static double gain(double before, double after)
{
  static const double least = 0.5, on_the_way = 8.0, reached = 128.0;
  double fall = after > 0.0 ? before / after : reached;
  if (fall > on_the_way) fall = sqrt(fall * reached);
  return fmax(least, fmin(fall, 2.0 * reached) - 1.0);
}

/* The solution at hand is that of two meshes: what they differ by is kept, and the first. False: they are so far apart that they may be
 * two of the steady states of one tube. */
static bool part_pairs(taup_bvp *f)
{
  static const double far = 0.1; /* of the scales */
  taup_bvp_state *a = &f->now, *c = &f->coarse;
  const ptrdiff_t n = f->n, first = a->gap + 1;
  c->n_elements = a->n_elements - (int)first;
  c->gap = 0;
  memcpy(c->s, a->s + first, (size_t)(c->n_elements + 1) * sizeof *c->s);
  memcpy(c->y, a->y + first * n, (size_t)((c->n_elements + 1) * n) * sizeof *c->y);
  memcpy(c->g, a->g + first * n, (size_t)((c->n_elements + 1) * n) * sizeof *c->g);
  a->n_elements = a->gap;
  a->gap = 0;
  for (ptrdiff_t k = 0; k <= c->n_elements; k++)
    for (ptrdiff_t i = 0; i < n; i++)
      if (!(fabs(c->y[k * n + i] - a->y[2 * k * n + i]) <= far)) return false;
  compare(f, c, a, &f->difference);
  return true;
}

bool taup_bvp_settle_first(taup_bvp *f)
{
  const int N = f->now.n_elements;
  if (!taup_groups_fit_both(f, N, N / 2)) return taup_bvp_settle(f);
  add_pairs(f);
  if (taup_bvp_newton(f, 1e-3 * f->problem->rtol)) {
    f->is_paired = part_pairs(f);
    return true;
  }
  if (f->stopped) return false;
  swap(&f->now, &f->origin);
  f->now.n_elements = N;
  f->now.gap = 0;
  return taup_bvp_settle(f);
}

static void estimate(taup_bvp *f)
{
  const taup_bvp_state *c = &f->coarse, *a = &f->now;
  const ptrdiff_t n = f->n;
  const taup_bvp_difference before = f->difference;
  compare(f, c, a, &f->difference);
  const double of_mesh = gain(before.mesh, f->difference.mesh),
               of_outlet = gain(before.outlet, f->difference.outlet);
  const double outlet_gain =
    fmax(of_outlet, sqrt(of_mesh * of_outlet)); /* one number may be small by chance */
  f->error = fmax(f->difference.mesh / of_mesh, f->difference.outlet / outlet_gain);
  for (int i = 0; i < n; i++) {
    const double fine = a->y[a->n_elements * n + i], difference = c->y[c->n_elements * n + i] - fine;
    f->outlet_error[i] = (fabs(difference) / outlet_gain + rounding * fabs(fine)) * f->problem->scale[i];
  }
  for (int e = 0; e < c->n_elements; e++) {
    taup_bvp_collocated(f, c, e, 0.5, f->at_y, f->at_g);
    const double *y = a->y + (2 * e + 1) * n, *g = a->g + (2 * e + 1) * n;
    f->weight[e] = pow(fmax(apart(f, f->at_g, g, y), apart(f, f->at_y, y, g)), 1.0 / (K + 1));
  }
}

/* Weights that do not leap; the largest over their mean. */
static double smooth(taup_bvp *f)
{
  static const double least = 0.1, falloff = 0.4;
  const int N = f->coarse.n_elements;
  double mean = 0.0, most = 0.0;
  double *w = f->weight;
  for (int e = 0; e < N; e++) mean += w[e] / N;
  for (int e = 0; e < N; e++) w[e] = fmax(w[e], least * mean);
  const double *s = f->coarse.s;
  for (int e = 0; e < N; e++) w[e] /= s[e + 1] - s[e];
  for (int e = 1; e < N; e++) w[e] = fmax(w[e], falloff * w[e - 1]);
  for (int e = N - 1; e > 0; e--) w[e - 1] = fmax(w[e - 1], falloff * w[e]);
  mean = 0.0;
  for (int e = 0; e < N; e++) {
    w[e] *= s[e + 1] - s[e];
    mean += w[e] / N;
    most = fmax(most, w[e]);
  }
  return mean > 0.0 ? most / mean : 1.0;
}

/* A mesh of n_elements on which the weights are alike, and the solution at hand on it. */
static void spread(taup_bvp *f, int n_elements)
{
  const taup_bvp_state *c = &f->coarse;
  double total = 0.0, before = 0.0;
  for (int e = 0; e < c->n_elements; e++) total += f->weight[e];
  double *s = f->trial.s;
  int e = 0;
  for (int k = 1; k < n_elements; k++) {
    const double x = total * k / n_elements;
    while (e < c->n_elements - 1 && before + f->weight[e] < x) before += f->weight[e++];
    s[k] = c->s[e] + (x - before) / f->weight[e] * (c->s[e + 1] - c->s[e]);
  }
  s[0] = 0.0;
  s[n_elements] = 1.0;
  f->trial.n_elements = n_elements;
  f->trial.gap = 0;
  transfer(f, &f->now, &f->trial);
  swap(&f->now, &f->trial);
}

/* Whether there is a mesh for another round, of how many elements (0: the halved one serves). */
static bool choose_mesh(taup_bvp *f, int *n_elements)
{
  const int N = f->coarse.n_elements, room = f->most_elements / 2;
  const double unevenness = smooth(f), more = pow(f->error / 0.2, 1.0 / (2 * K - 1));
  const int wanted = 2 * (int)ceil(0.5 * N * fmin(4.0, fmax(0.75, more)));
  *n_elements = wanted < room ? wanted : room / 2 * 2;
  if (unevenness >= 3.0) return true;
  if (wanted > N && 2 * N <= room) *n_elements = 0;
  return N < room - 1;
}

/* f at s = 0, where no point of an element lies. */
static bool slope_at_entrance(taup_bvp *f)
{
  const ptrdiff_t n = f->n;
  double *out = f->now.slope + (ptrdiff_t)f->now.n_elements * K * n;
  for (int i = 0; i < n; i++) f->at_y[i] = f->now.y[i] * f->problem->scale[i];
  if (taup_system_run(f->system, f->system->body_f, f->problem->R, f->at_y, f->n, out) != 0) return false;
  for (int i = 0; i < n; i++) out[i] /= f->problem->scale[i];
  return true;
}

/* now is a solution on an even number of elements; afterwards it is the one on their halves, with its error. before: the difference to the
 * mesh of pairs is known. */
static bool solve_and_estimate(taup_bvp *f, bool before)
{
  swap(&f->now, &f->coarse);
  if (!before) {
    f->difference = (taup_bvp_difference){0.0, 0.0};
    if (solve_paired(f)) compare(f, &f->now, &f->coarse, &f->difference);
    else if (f->stopped) return false;
  }
  if (!solve_halved(f)) return false;
  estimate(f);
  return true;
}

/* A mesh as fine as it may be is no failure where what it gives is of use. */
static bool is_useful(taup_bvp *f)
{
  static const double useful = 1e-4;
  if (f->error <= 1.0 || f->error * f->problem->rtol <= useful) return true;
  f->failure = (taup_failure){.kind = TAUP_ERR_NO_CONVERGENCE,
                              .why = "the mesh is as fine as it may be, and its error is still too large",
                              .s = 1.0,
                              .worst = {-1, -1, -1}};
  return false;
}

bool taup_bvp_refine(taup_bvp *f)
{
  int n_elements = f->is_paired ? 0 : 1;
  for (int round = 0; round < MOST_ROUNDS; round++) {
    if (!solve_and_estimate(f, n_elements == 0)) return false;
    if (f->error <= 1.0 || !choose_mesh(f, &n_elements)) break;
    if (n_elements == 0) continue;
    spread(f, n_elements);
    if (!taup_bvp_settle(f)) return false;
  }
  return is_useful(f) && slope_at_entrance(f);
}

/* --- the solution --- */

int taup_bvp_n_points(const taup_bvp *f) { return f->now.n_elements + 1; }
double taup_bvp_place(const taup_bvp *f, int i) { return f->now.s[i]; }
const double *taup_bvp_outlet_error(const taup_bvp *f) { return f->outlet_error; }
double taup_bvp_error(const taup_bvp *f) { return f->error; }

/* Where the flux in an element is interpolated from: q points of the mesh, x in the element's own coordinate. */
typedef struct nodes {
  int first, q;
  double x[NODES], tau, moment[DATA];
} nodes;

static bool is_alike(const taup_bvp_state *a, int e, int other)
{
  static const double most =
    8.0; /* times as long: from farther away nothing is learnt, from nearer rounding */
  if (other < 0 || other >= a->n_elements) return false;
  const double ratio = (a->s[other + 1] - a->s[other]) / (a->s[e + 1] - a->s[e]);
  return ratio < most && ratio * most > 1.0;
}

/* Points of the mesh from which the flux in element e is interpolated: its own and the next on both sides, or the next two on one. */
static int nodes_of(const taup_bvp_state *a, int e, int *first)
{
  int q = 2;
  *first = e;
  for (int step = 1; step <= 2 && q < NODES; step++) {
    if (*first == e - step + 1 && is_alike(a, e, e - step)) {
      *first = e - step;
      q++;
    }
    if (q < NODES && *first + q - 1 == e + step && is_alike(a, e, e + step)) q++;
  }
  return q;
}

/* Newton's divided differences of values and slopes at q places x, each taken twice, in place of d: values, slopes in turn. */
static void divided_differences(int q, const double *x, double *d)
{
  double column[DATA];
  for (int k = 0; k < 2 * q; k++) column[k] = d[k - k % 2];
  for (int order = 1; order < 2 * q; order++)
    for (int k = 2 * q - 1; k >= order; k--) {
      const double width = x[k / 2] - x[(k - order) / 2];
      column[k] = order == 1 && k % 2 == 1 ? d[k] : (column[k] - column[k - 1]) / width;
    }
  memcpy(d, column, (size_t)(2 * q) * sizeof *d);
}

/* Newton's form in powers of (t - tau). */
static void about(int q, const double *x, const double *d, double tau, double *p)
{
  memset(p, 0, DATA * sizeof *p);
  for (int k = 2 * q - 1; k >= 0; k--) {
    for (int m = DATA - 1; m > 0; m--) p[m] = p[m - 1] + (tau - x[k / 2]) * p[m];
    p[0] = (tau - x[k / 2]) * p[0] + d[k];
  }
}

static double slope_at(const taup_bvp *f, int k, int i)
{
  const taup_bvp_state *a = &f->now;
  const ptrdiff_t n = f->n, at = k > 0 ? (ptrdiff_t)k * K - 1 : (ptrdiff_t)a->n_elements * K;
  return a->slope[at * n + i];
}

void taup_bvp_at(taup_bvp *f, double s, double *y) { taup_bvp_slope_at(f, s, y, NULL); }

/* At a point of the mesh. */
static void point_at(const taup_bvp *f, int k, double *y, double *slope)
{
  const double *scale = f->problem->scale;
  for (int i = 0; i < f->n; i++) {
    const ptrdiff_t at = (ptrdiff_t)k * f->n + i;
    y[i] = f->now.y[at] * scale[i];
    if (slope) slope[i] = f->problem->peclet * (f->now.y[at] - f->now.g[at]) * scale[i];
  }
}

/* By the method's own polynomials, y and g over their scales. Where a rate has a corner they may swing wide inside the element; then what
 * is between two points of the mesh is on the line between them. */
static void by_collocation(taup_bvp *f, int e, double tau, double *y, double *g)
{
  const taup_bvp_state *a = &f->now;
  taup_bvp_collocated(f, a, e, tau, y, g);
  for (int i = 0; i < f->n; i++) {
    const ptrdiff_t left = (ptrdiff_t)e * f->n + i, right = left + f->n;
    const double size = fmax(fabs(a->y[left]), fabs(a->y[right])),
                 flux = fmax(fabs(a->g[left]), fabs(a->g[right]));
    const double line = a->y[left] + tau * (a->y[right] - a->y[left]);
    const bool turns = y[i] < 0.0 && a->y[left] >= 0.0 && a->y[right] >= 0.0;
    if (fabs(y[i] - line) <= fmax(size, flux) && !turns) continue;
    y[i] = line;
    g[i] = a->g[left] + tau * (a->g[right] - a->g[left]);
  }
}

/* State i at tau of element e and its flux from values and slopes of the flux at q points of the mesh; moment: of the exponential from tau
 * to 1. */
static double by_hermite(const taup_bvp *f, int e, int i, const nodes *at, double *g)
{
  const taup_bvp_state *a = &f->now;
  const ptrdiff_t n = f->n;
  const double h = a->s[e + 1] - a->s[e];
  double d[DATA], p[DATA], y = exp(-f->problem->peclet * h * (1.0 - at->tau)) * a->y[(e + 1) * n + i];
  for (int k = 0; k < at->q; k++) {
    d[2 * k] = a->g[(at->first + k) * n + i];
    d[2 * k + 1] = h * slope_at(f, at->first + k, i);
  }
  divided_differences(at->q, at->x, d);
  about(at->q, at->x, d, at->tau, p);
  for (int m = 0; m < DATA; m++) y += p[m] * at->moment[m];
  *g = p[0];
  return y;
}

void taup_bvp_slope_at(taup_bvp *f, double s, double *y, double *slope)
{
  static const double alike = 0.01; /* of two interpolations of a field that the mesh resolves */
  const taup_bvp_state *a = &f->now;
  const int e = taup_bvp_element(a, s);
  const double h = a->s[e + 1] - a->s[e], Pe = f->problem->peclet, *scale = f->problem->scale;
  nodes at = {.tau = (s - a->s[e]) / h};
  if (at.tau <= 0.0 || at.tau >= 1.0) {
    point_at(f, at.tau <= 0.0 ? e : e + 1, y, slope);
    return;
  }
  at.q = nodes_of(a, e, &at.first);
  for (int k = 0; k < at.q; k++) at.x[k] = (a->s[at.first + k] - a->s[e]) / h;
  taup_decay_moments(Pe * h, 1.0 - at.tau, DATA - 1, at.moment);
  by_collocation(f, e, at.tau, f->at_y, f->at_g);
  for (int i = 0; i < f->n; i++) {
    double value = f->at_y[i], g = f->at_g[i], flux = 0.0;
    const double better = at.q > 2 ? by_hermite(f, e, i, &at, &flux) : (double)NAN;
    if (fabs(better - value) <= alike * fmax(fabs(value), fabs(g))) {
      value = better;
      g = flux;
    }
    y[i] = value * scale[i];
    if (slope) slope[i] = Pe * (value - g) * scale[i];
  }
}

void taup_bvp_integrals(taup_bvp *f, double *q)
{
  const taup_system *s = f->system;
  const taup_bvp_state *a = &f->now;
  const ptrdiff_t n = f->n;
  for (int k = 0; k < s->n_q; k++) q[k] = 0.0;
  for (int e = 0; s->body_q >= 0 && e < a->n_elements; e++)
    for (int j = 0; j < K; j++) {
      const double *y = j < INNER ? a->inner + ((ptrdiff_t)e * INNER + j) * n : a->y + (e + 1) * n;
      for (int i = 0; i < n; i++) f->at_y[i] = y[i] * f->problem->scale[i];
      taup_system_run(s, s->body_q, f->problem->R, f->at_y, s->n_q, f->out);
      for (int k = 0; k < s->n_q; k++) q[k] += (a->s[e + 1] - a->s[e]) * f->method.b[j] * f->out[k];
    }
}
