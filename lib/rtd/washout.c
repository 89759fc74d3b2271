/* SPDX-License-Identifier: Apache-2.0 */
/* washout.c - W and E between knots by Chebyshev polynomials of degree 10, pieces halved until the last coefficients vanish.
 *
 * E is -dW/dt of the polynomial: its noise in a long tail, times the length of the tail, is that of W then.
 * Knots stand where W has a corner: at the delays of the terms (onset of laminar flow, plugs, points of measured curves), which are the
 * only places where the inverse transform is not smooth. A piece is good when the last two coefficients are below 1e-13, and its value
 * behind its begin is W there: a layer that ends before the first node is not seen by the nodes. Of derivatives they are to be below 1e-9
 * of the largest derivative. At 40 halvings (a power of t at 0) a piece is left. Pieces of one generation are asked for together.
 * L. N. Trefethen, Approximation Theory and Approximation Practice (2013), ch. 3 and 8. */
#include "rtd/washout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "rtd/rtd.h"

enum { DEGREE = 10, N = DEGREE + 1, MOST_HALVINGS = 40, MOST_PIECES = 20000 };
static const double least = 1e-12;     /* W at the end */
static const double precision = 1e-13; /* of the last coefficients */
static const double at_begin = 1e-12;  /* of the value there */
static const double of_slopes = 1e-9;  /* of their last coefficients, to the largest slope */
static const double behind = 4e-14;    /* a begin, of the end: atoms and corners there are past */
static const double pi = 3.14159265358979323846;

typedef struct piece {
  double a, b, atom;  /* atom: at a */
  int halvings, slot; /* slot: of its slopes; -1: not there */
  bool good;
  double W[N], E[N]; /* coefficients; those of E to the place x in the piece, -1 to 1 */
} piece;

struct taup_washout {
  int refs, n, capacity, n_parameters;
  piece *pieces;
  double end, end_atom;
  double *slopes; /* n_slots x n_parameters x 2 x N; NULL: not made */
  int n_slots, slot_capacity;
  double *largest;       /* slope of each parameter */
  double *moves, *shift; /* (n + 1) x n_parameters */
};

/* --- Chebyshev --- */

static double node(int k) { return cos(pi * (k + 0.5) / N); }

/* Of what the values are more than the first, so that where they are all the same there is no noise. */
static void to_coefficients(const double *values, int stride, double *c)
{
  for (int j = 0; j < N; j++) {
    double sum = 0.0;
    for (int k = 0; k < N; k++) sum += (values[k * stride] - values[0]) * cos(pi * j * (k + 0.5) / N);
    c[j] = sum * (j == 0 ? 1.0 : 2.0) / N;
  }
  c[0] += values[0];
}

/* Clenshaw's recurrence. */
static double value(const double *c, double x)
{
  double b1 = 0.0, b2 = 0.0;
  for (int j = DEGREE; j > 0; j--) {
    const double b = c[j] + 2.0 * x * b1 - b2;
    b2 = b1;
    b1 = b;
  }
  return c[0] + x * b1 - b2;
}

/* The derivative of the recurrence. */
static double slope(const double *c, double x)
{
  double b1 = 0.0, b2 = 0.0, d1 = 0.0, d2 = 0.0;
  for (int j = DEGREE; j > 0; j--) {
    const double b = c[j] + 2.0 * x * b1 - b2, d = 2.0 * (b1 + x * d1) - d2;
    b2 = b1;
    b1 = b;
    d2 = d1;
    d1 = d;
  }
  return b1 + x * d1 - d2;
}

static double place(const piece *p, double t) { return (2.0 * t - p->a - p->b) / (p->b - p->a); }

static void times_of(const piece *p, double *t)
{
  for (int k = 0; k < N; k++) t[k] = 0.5 * (p->a + p->b) + 0.5 * (p->b - p->a) * node(k);
}

/* --- pieces --- */

static tau_status add_piece(taup_washout *w, double a, double b, double atom, int halvings)
{
  if (!(b > a)) return TAU_OK;
  TAU_TRY(taup_grow(&w->pieces, &w->capacity, w->n + 1, sizeof *w->pieces));
  w->pieces[w->n++] = (piece){.a = a, .b = b, .atom = atom, .halvings = halvings, .slot = -1};
  return TAU_OK;
}

/* Those of the derivative (NIST DLMF 3.11.10). */
static void differentiate(const double *c, double *d)
{
  d[DEGREE] = 0.0;
  d[DEGREE - 1] = 2.0 * DEGREE * c[DEGREE];
  for (int j = DEGREE - 1; j > 0; j--) d[j - 1] = (j + 1 <= DEGREE ? d[j + 1] : 0.0) + 2.0 * j * c[j];
  d[0] *= 0.5;
}

static tau_status ask(const tau_rtd *rtd, int n, const double *t, double *W)
{
  const taup_rtd_part *root = rtd->root;
  const bool closed = root->kind == TAUP_RTD_ROW && root->program->row->washout;
  if (!closed) return tau_rtd_washout(rtd, n, t, W, NULL);
  for (int i = 0; i < n; i++) W[i] = root->program->row->washout(rtd->values + root->first, t[i]);
  return TAU_OK;
}

static bool vanish(const double *c, double limit) { return fabs(c[DEGREE]) + fabs(c[DEGREE - 1]) <= limit; }

static bool is_good(const piece *p, double t, double W)
{
  if (p->halvings >= MOST_HALVINGS) return true;
  return vanish(p->W, precision) && fabs(value(p->W, place(p, t)) - W) <= at_begin;
}

/* Coefficients of all pieces that are not good yet. */
static tau_status evaluate(taup_washout *w, const tau_rtd *rtd)
{
  enum { ASKED = N + 1 };
  int m = 0;
  for (int i = 0; i < w->n; i++) m += !w->pieces[i].good;
  double *t = taup_calloc(2 * (size_t)m * ASKED + 1, sizeof *t);
  if (!t) return TAU_E_NOMEM;
  double *W = t + (size_t)m * ASKED, *at = t;
  for (int i = 0; i < w->n; i++) {
    if (w->pieces[i].good) continue;
    times_of(&w->pieces[i], at);
    at[N] = w->pieces[i].a + behind * w->end;
    at += ASKED;
  }
  const tau_status st = ask(rtd, m * ASKED, t, W);
  at = t;
  for (int i = 0; st == TAU_OK && i < w->n; i++) {
    piece *p = &w->pieces[i];
    if (p->good) continue;
    to_coefficients(W, 1, p->W);
    differentiate(p->W, p->E);
    p->good = is_good(p, at[N], W[N]);
    at += ASKED;
    W += ASKED;
  }
  taup_free(t);
  return st;
}

static int by_begin(const void *pa, const void *pb)
{
  const double a = ((const piece *)pa)->a, b = ((const piece *)pb)->a;
  return (a > b) - (a < b);
}

/* The pieces that are not good are halved; false when there are none. */
static tau_status halve(taup_washout *w, bool *any)
{
  const int n = w->n;
  *any = false;
  for (int i = 0; i < n && n < MOST_PIECES; i++) {
    piece *p = &w->pieces[i];
    if (p->good) continue;
    const double middle = 0.5 * (p->a + p->b), b = p->b;
    const int halvings = ++p->halvings;
    p->b = middle;
    p->slot = -1;
    *any = true;
    TAU_TRY(add_piece(w, middle, b, 0.0, halvings));
  }
  return TAU_OK;
}

/* --- knots --- */

static double atom_at(const tau_rtd *rtd, double t)
{
  double weight = 0.0;
  for (int i = 0; i < rtd->n_atoms; i++)
    if (fabs(rtd->atoms[i][0] - t) <= 1e-14 * t) weight += rtd->atoms[i][1];
  return weight;
}

static int ascending(const void *pa, const void *pb)
{
  const double a = *(const double *)pa, b = *(const double *)pb;
  return (a > b) - (a < b);
}

/* Between two knots pieces grow from the first on: what happens there may be far quicker than the way to the next. */
static tau_status between(taup_washout *w, const tau_rtd *rtd, double a, double b)
{
  enum { OCTAVES = 6 };
  double from = a, atom = atom_at(rtd, a);
  for (int k = OCTAVES; k >= 0; k--) {
    const double to = k ? a + ldexp(b - a, -k) : b;
    TAU_TRY(add_piece(w, from, to, atom, 0));
    from = to;
    atom = 0.0;
  }
  return TAU_OK;
}

static tau_status first_pieces(taup_washout *w, const tau_rtd *rtd)
{
  const int n = rtd->terms.n + 2;
  double *knots = taup_calloc((size_t)n, sizeof *knots);
  if (!knots) return TAU_E_NOMEM;
  int m = 1;
  for (int i = 0; i < rtd->terms.n; i++)
    if (rtd->terms.items[i].delay < w->end) knots[m++] = rtd->terms.items[i].delay;
  knots[m++] = w->end;
  qsort(knots, (size_t)m, sizeof *knots, ascending);
  tau_status st = TAU_OK;
  for (int i = 0, j = 1; j < m && st == TAU_OK; j++) {
    if (knots[j] - knots[i] <= 1e-14 * w->end) continue;
    st = between(w, rtd, knots[i], knots[j]);
    i = j;
  }
  taup_free(knots);
  return st;
}

/* A time at which W has fallen to the least, or the last atom. */
static tau_status find_end(taup_washout *w, const tau_rtd *rtd)
{
  enum { BATCH = 8, MOST_BATCHES = 60 };
  static const double growth = 1.2;
  double last = 0.0, t[BATCH], W[BATCH], at = rtd->cumulants[0];
  bool found = rtd->n_factors == 0; /* atoms and measured curves alone, which end */
  for (int i = 0; i < rtd->terms.n; i++)
    if (found || rtd->terms.items[i].n_powers == 0) last = fmax(last, rtd->terms.items[i].delay);
  w->end = last;
  for (int k = 0; k < MOST_BATCHES && !found; k++) {
    for (int i = 0; i < BATCH; i++) t[i] = at *= growth;
    TAU_TRY(ask(rtd, BATCH, t, W));
    for (int i = 0; i < BATCH && !found; i++) {
      found = W[i] <= least;
      w->end = fmax(t[i], last);
    }
  }
  w->end_atom = atom_at(rtd, w->end);
  return TAU_OK;
}

/* --- derivatives --- */

/* Corners are where a term begins; atoms are the terms without a factor. */
static void add_moves(taup_washout *w, const tau_rtd *rtd, int i)
{
  const int np = w->n_parameters;
  const double t = taup_washout_begin(w, i);
  for (int k = 0; k < rtd->terms.n; k++) {
    const taup_rtd_term *term = &rtd->terms.items[k];
    if (fabs(term->delay - t) > 1e-14 * t) continue;
    for (int p = 0; p < np; p++) w->shift[i * np + p] = term->d_delay[p];
    if (term->n_powers > 0 || term->order > 0) continue;
    for (int p = 0; p < np; p++) w->moves[i * np + p] += term->weight * term->d_delay[p];
  }
}

static double *slopes_of(const taup_washout *w, const piece *p, int parameter)
{
  return w->slopes + ((size_t)p->slot * (size_t)w->n_parameters + (size_t)parameter) * 2 * N;
}

/* dF at the nodes of a piece, [N][n_parameters]. */
static void take_slopes(taup_washout *w, const piece *p, const double *dF)
{
  const int np = w->n_parameters;
  for (int k = 0; k < np; k++) {
    double *c = slopes_of(w, p, k);
    to_coefficients(dF + k, np, c);
    for (int j = 0; j < N; j++) {
      c[j] = -c[j];
      w->largest[k] = fmax(w->largest[k], fabs(dF[j * np + k]));
    }
    differentiate(c, c + N);
  }
}

static bool has_good_slopes(const taup_washout *w, const piece *p)
{
  for (int k = 0; k < w->n_parameters && p->halvings < MOST_HALVINGS; k++)
    if (!vanish(slopes_of(w, p, k), of_slopes * w->largest[k])) return false;
  return true;
}

/* Of all pieces that have none yet. */
static tau_status evaluate_slopes(taup_washout *w, const tau_rtd *rtd)
{
  const size_t np = (size_t)w->n_parameters;
  const int first = w->n_slots;
  for (int i = 0; i < w->n; i++)
    if (w->pieces[i].slot < 0) w->pieces[i].slot = w->n_slots++;
  const size_t n = (size_t)(w->n_slots - first) * N;
  TAU_TRY(taup_grow(&w->slopes, &w->slot_capacity, w->n_slots + 1, (np + 1) * 2 * N * sizeof *w->slopes));
  double *t = taup_calloc(n * (1 + np) + 1, sizeof *t), *dF = t + n;
  if (!t) return TAU_E_NOMEM;
  for (int i = 0; i < w->n; i++)
    if (w->pieces[i].slot >= first) times_of(&w->pieces[i], t + (size_t)(w->pieces[i].slot - first) * N);
  const tau_status st = tau_rtd_cumulative_slopes(rtd, (int)n, t, dF);
  for (int i = 0; st == TAU_OK && i < w->n; i++)
    if (w->pieces[i].slot >= first)
      take_slopes(w, &w->pieces[i], dF + (size_t)(w->pieces[i].slot - first) * N * np);
  taup_free(t);
  for (int i = 0; st == TAU_OK && i < w->n; i++)
    w->pieces[i].good = w->pieces[i].good && has_good_slopes(w, &w->pieces[i]);
  return st;
}

static tau_status add_slopes(taup_washout *w, const tau_rtd *rtd)
{
  const size_t np = (size_t)w->n_parameters;
  bool any = true;
  w->largest = taup_calloc(np + 1, sizeof *w->largest);
  if (!w->largest) return TAU_E_NOMEM;
  while (any) {
    TAU_TRY(evaluate(w, rtd));
    TAU_TRY(evaluate_slopes(w, rtd));
    TAU_TRY(halve(w, &any));
  }
  return TAU_OK;
}

static tau_status add_corners(taup_washout *w, const tau_rtd *rtd)
{
  const size_t n = ((size_t)w->n + 1) * (size_t)w->n_parameters;
  w->moves = taup_calloc(n + 1, sizeof *w->moves);
  w->shift = taup_calloc(n + 1, sizeof *w->shift);
  if (!w->moves || !w->shift) return TAU_E_NOMEM;
  for (int i = 0; i <= w->n; i++) add_moves(w, rtd, i);
  return TAU_OK;
}

/* --- life --- */

static tau_status build(taup_washout *w, const tau_rtd *rtd, bool slopes)
{
  bool any = true;
  TAU_TRY(find_end(w, rtd));
  TAU_TRY(first_pieces(w, rtd));
  while (any) {
    TAU_TRY(evaluate(w, rtd));
    TAU_TRY(halve(w, &any));
  }
  if (slopes) TAU_TRY(add_slopes(w, rtd));
  if (w->n) qsort(w->pieces, (size_t)w->n, sizeof *w->pieces, by_begin);
  return slopes ? add_corners(w, rtd) : TAU_OK;
}

tau_status taup_washout_new(taup_washout **out, const tau_rtd *rtd, bool slopes)
{
  *out = NULL;
  taup_washout *w = taup_calloc(1, sizeof *w);
  if (!w) return TAU_E_NOMEM;
  w->refs = 1;
  w->n_parameters = rtd->n_parameters;
  const tau_status st = build(w, rtd, slopes);
  if (st < 0) {
    taup_washout_free(w);
    return st;
  }
  *out = w;
  return TAU_OK;
}

taup_washout *taup_washout_ref(taup_washout *w)
{
  w->refs++;
  return w;
}

void taup_washout_free(taup_washout *w)
{
  if (!w || --w->refs > 0) return;
  taup_free(w->pieces);
  taup_free(w->slopes);
  taup_free(w->largest);
  taup_free(w->moves);
  taup_free(w->shift);
  taup_free(w);
}

/* --- what it says --- */

int taup_washout_n(const taup_washout *w) { return w->n; }

double taup_washout_begin(const taup_washout *w, int i) { return i < w->n ? w->pieces[i].a : w->end; }

double taup_washout_atom(const taup_washout *w, int i) { return i < w->n ? w->pieces[i].atom : w->end_atom; }

int taup_washout_piece(const taup_washout *w, int near, double t)
{
  int i = near < 0 ? 0 : near >= w->n ? w->n - 1 : near;
  while (i > 0 && t < w->pieces[i].a) i--;
  while (i < w->n - 1 && t >= w->pieces[i].b) i++;
  return i;
}

double taup_washout_W(const taup_washout *w, int i, double t)
{
  return value(w->pieces[i].W, place(&w->pieces[i], t));
}

double taup_washout_E(const taup_washout *w, int i, double t)
{
  const piece *p = &w->pieces[i];
  return -2.0 / (p->b - p->a) * value(p->E, place(p, t));
}

/* The recurrences side by side, as each waits for itself. */
void taup_washout_many(int n, const taup_washout *const w[], const int i[], const double t[], double W[],
                       double E[])
{
  enum { MANY = TAUP_WASHOUT_MANY };
  const piece *p[MANY];
  double x[MANY], W1[MANY] = {0.0}, W2[MANY] = {0.0}, E1[MANY] = {0.0}, E2[MANY] = {0.0};
  for (int k = 0; k < MANY; k++) {
    const int from = k < n ? k : 0;
    p[k] = &w[from]->pieces[i[from]];
    x[k] = place(p[k], t[from]);
  }
  for (int j = DEGREE; j > 0; j--)
    for (int k = 0; k < MANY; k++) {
      const double W0 = p[k]->W[j] + 2.0 * x[k] * W1[k] - W2[k], E0 = p[k]->E[j] + 2.0 * x[k] * E1[k] - E2[k];
      W2[k] = W1[k];
      W1[k] = W0;
      E2[k] = E1[k];
      E1[k] = E0;
    }
  for (int k = 0; k < n; k++) {
    W[k] = p[k]->W[0] + x[k] * W1[k] - W2[k];
    E[k] = -2.0 / (p[k]->b - p[k]->a) * (p[k]->E[0] + x[k] * E1[k] - E2[k]);
  }
}

double taup_washout_E_slope(const taup_washout *w, int i, double t)
{
  const piece *p = &w->pieces[i];
  const double per_t = 2.0 / (p->b - p->a);
  return -per_t * per_t * slope(p->E, place(p, t));
}

void taup_washout_slopes(const taup_washout *w, int i, double t, double dW[], double dE[])
{
  const double x = place(&w->pieces[i], t), to_E = -2.0 / (w->pieces[i].b - w->pieces[i].a);
  for (int p = 0; p < w->n_parameters; p++) {
    const double *c = slopes_of(w, &w->pieces[i], p);
    dW[p] = value(c, x);
    dE[p] = to_E * value(c + N, x);
  }
}

void taup_washout_moves(const taup_washout *w, int i, double moves[])
{
  memcpy(moves, w->moves + i * w->n_parameters, (size_t)w->n_parameters * sizeof *moves);
}

void taup_washout_shift(const taup_washout *w, int i, double shift[])
{
  memcpy(shift, w->shift + i * w->n_parameters, (size_t)w->n_parameters * sizeof *shift);
}
