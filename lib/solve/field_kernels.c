/* SPDX-License-Identifier: Apache-2.0 */
/* field_kernels.c - the elimination of eight elements at once, and the sweep over what is left of them (field_group.h); compiled once a
 * vector unit.
 *
 * Inside an element (I - h P J) is factored by rows in the order of the plan, without exchanges. What is left binds its ends,
 *
 *     y_0 = A y_1 + B g_0 + r_y         g_1 = C y_1 + D g_0 + r_g
 *
 * and the inlet g = S y + t, with S = 0 and t its value at s = 0. From element to element (invariant imbedding; U. M. Ascher, R. M. M.
 * Mattheij, R. D. Russell, Numerical Solution of Boundary Value Problems, SIAM 1995, ch. 4.5)
 *
 *     y_0 = U y_1 + u       U = (I - B S)^-1 A       u = (I - B S)^-1 (B t + r_y)
 *     S_1 = C + D S U                                t_1 = D S u + D t + r_g
 *
 * Matrices of the sweep are columns of q numbers, those beyond n being 0. */
#include "solve/field_group.h"

#include "solve/lanes_vector.h"

enum { K = TAUP_BVP_K, INNER = TAUP_BVP_INNER, W = TAUP_LANES };
_Static_assert(TAUP_LANES == TAUP_GROUP, "a group is a vector");

static const double most_factor = 1e4; /* of an elimination without exchanges, and of an inverse in a sweep */

/* Rows of the coefficients. */
static inline lanes e_of(const taup_group *g, int row) { return at(g->coefficients, row); }
static inline lanes rest_of(const taup_group *g, int row) { return at(g->coefficients, K + row); }
static inline lanes hP(const taup_group *g, int row, int j)
{
  return at(g->coefficients, 2 * K + row * K + j);
}
static inline lanes slope_of(const taup_group_plan *p, const taup_group *g, int j, int k)
{
  return at(g->J, j * p->n_entries + k);
}

static bool all_within(lanes worst, lanes numbers)
{
  double most[W], sum[W];
  store_lanes(most, worst);
  store_lanes(sum, numbers);
  for (int k = 0; k < W; k++)
    if (!(most[k] <= most_factor) || sum[k] != 0.0) return false;
  return true;
}

/* --- inside --- */

/* Row l of state r of I - h P J into `row`, and of its right-hand sides into X. */
static void write_row(const taup_group_plan *p, const taup_group *g, int r, int l, double *row)
{
  const int n = p->n, R = p->place[r] + l;
  double *X = g->X + (ptrdiff_t)R * 2 * n * W;
  for (int k = p->first[R]; k < p->first[R + 1]; k++) put(row, p->of_unknown[k], splat(0.0));
  for (int c = 0; c < 2 * n; c++) put(X, c, splat(0.0));
  for (int t = p->row_first[r]; t < p->row_first[r + 1]; t++) {
    const int c = p->column[t], k = p->entry[t];
    for (int j = 0; j < INNER; j++) put(row, p->place[c] + j, -hP(g, l + 1, j) * slope_of(p, g, j, k));
    put(X, c, hP(g, l + 1, INNER) * slope_of(p, g, INNER, k));
  }
  put(row, R, at(row, R) + 1.0);
  put(X, r, at(X, r) + e_of(g, l + 1));
  put(X, n + r, rest_of(g, l + 1));
}

static void factor_row(const taup_group_plan *p, const taup_group *g, int R, double *row, lanes *worst)
{
  for (int i = p->first[R]; i < p->diagonal[R]; i++) {
    const int k = p->of_unknown[i];
    const lanes factor = at(row, k) * at(g->pivots, k);
    *worst = larger(magnitude(factor), *worst);
    put(g->lu, i, factor);
    for (int u = p->diagonal[k] + 1; u < p->first[k + 1]; u++) {
      const int c = p->of_unknown[u];
      put(row, c, fused(-factor, at(g->lu, u), at(row, c)));
    }
  }
  put(g->pivots, R, 1.0 / at(row, R));
  for (int i = p->diagonal[R]; i < p->first[R + 1]; i++) put(g->lu, i, at(row, p->of_unknown[i]));
}

/* x(R) -= sum of entries `first` to `last` of the factors, each times the row of x that it stands for; `wide` of X's columns from c on. */
static inline void take_rows(const taup_group_plan *p, const taup_group *g, const int which[3], int c,
                             const int wide)
{
  const int n_columns = 2 * p->n;
  double *own = g->X + ((ptrdiff_t)which[0] * n_columns + c) * W;
  lanes sum[4];
  for (int i = 0; i < wide; i++) sum[i] = at(own, i);
  for (int k = which[1]; k < which[2]; k++) {
    const lanes factor = -at(g->lu, k);
    const double *from = g->X + ((ptrdiff_t)p->of_unknown[k] * n_columns + c) * W;
    for (int i = 0; i < wide; i++) sum[i] = fused(factor, at(from, i), sum[i]);
  }
  for (int i = 0; i < wide; i++) put(own, i, sum[i]);
}

static void take_all(const taup_group_plan *p, const taup_group *g, int R, int first, int last)
{
  const int which[3] = {R, first, last};
  int c = 0;
  for (; c + 4 <= 2 * p->n; c += 4) take_rows(p, g, which, c, 4);
  if (c < 2 * p->n) take_rows(p, g, which, c, 2);
}

/* What the state's own row of df/dy times X adds to y_0 and g_1. */
static inline void add_columns(const taup_group_plan *p, const taup_group *g, int r, int c,
                               const double *weights, const int wide)
{
  const int n = p->n;
  lanes y[4], flux[4];
  for (int i = 0; i < wide; i++) y[i] = flux[i] = splat(0.0);
  for (int t = p->row_first[r]; t < p->row_first[r + 1]; t++)
    for (int j = 0; j < INNER; j++) {
      const double *x = g->X + ((ptrdiff_t)(p->place[p->column[t]] + j) * 2 * n + c) * W;
      const lanes of_y = at(weights, 2 * (t * INNER + j)), of_g = at(weights, 2 * (t * INNER + j) + 1);
      for (int i = 0; i < wide; i++) {
        y[i] = fused(of_y, at(x, i), y[i]);
        flux[i] = fused(of_g, at(x, i), flux[i]);
      }
    }
  for (int i = 0; i < wide; i++) {
    put(g->piece, (c + i) * n + r, y[i]);
    put(g->piece, (2 * n + c + i) * n + r, flux[i]);
  }
}

static void add(double *x, int i, lanes v) { put(x, i, at(x, i) + v); }

static void write_piece(const taup_group_work *w, const taup_group *g, int r)
{
  const taup_group_plan *p = w->plan;
  const int n = p->n;
  const lanes h = at(g->h, 0);
  for (int t = p->row_first[r]; t < p->row_first[r + 1]; t++)
    for (int j = 0; j < INNER; j++) {
      const lanes slope = slope_of(p, g, j, p->entry[t]);
      put(w->scratch, 2 * (t * INNER + j), hP(g, 0, j) * slope);
      put(w->scratch, 2 * (t * INNER + j) + 1, h * w->b[j] * slope);
    }
  int c = 0;
  for (; c + 4 <= 2 * n; c += 4) add_columns(p, g, r, c, w->scratch, 4);
  if (c < 2 * n) add_columns(p, g, r, c, w->scratch, 2);
  for (int t = p->row_first[r]; t < p->row_first[r + 1]; t++) {
    const lanes slope = slope_of(p, g, INNER, p->entry[t]);
    add(g->piece, p->column[t] * n + r, hP(g, 0, INNER) * slope);
    add(g->piece, (2 * n + p->column[t]) * n + r, h * w->b[INNER] * slope);
  }
  add(g->piece, r * n + r, e_of(g, 0));
  add(g->piece, (n + r) * n + r, rest_of(g, 0));
  add(g->piece, (3 * n + r) * n + r, splat(1.0));
}

static bool eliminate(const taup_group_work *w, const taup_group *g)
{
  const taup_group_plan *p = w->plan;
  lanes worst = splat(0.0), numbers = splat(0.0);
  for (int k = 0; k < p->n; k++)
    for (int l = 0; l < INNER; l++) {
      const int R = k * INNER + l;
      write_row(p, g, p->order[k], l, w->scratch);
      factor_row(p, g, R, w->scratch, &worst);
      numbers += no_number(at(g->pivots, R));
      take_all(p, g, R, p->first[R], p->diagonal[R]);
    }
  if (!all_within(worst, numbers)) return false;
  for (int R = p->m - 1; R >= 0; R--) {
    double *row = g->X + (ptrdiff_t)R * 2 * p->n * W;
    take_all(p, g, R, p->diagonal[R] + 1, p->first[R + 1]);
    for (int c = 0; c < 2 * p->n; c++) put(row, c, at(row, c) * at(g->pivots, R));
  }
  for (int r = 0; r < p->n; r++) write_piece(w, g, r);
  return true;
}

/* --- steps --- */

/* Number i of eight arrays. Put together in registers: what is written number by number cannot be read as a vector at once. */
static inline lanes across(const double *const *from, int i)
{
  return (lanes){from[0][i], from[1][i], from[2][i], from[3][i],
                 from[4][i], from[5][i], from[6][i], from[7][i]};
}

/* `count` numbers of each element from x + start + element * stride, into lanes. */
static void gather(const taup_group_places *at_, const double *x, int count, int stride, double *out)
{
  const double *from[W];
  for (int k = 0; k < W; k++) from[k] = x + (ptrdiff_t)at_->element[k] * stride;
  for (int i = 0; i < count; i++) put(out, i, across(from, i));
}

static void scaled(const double *const *from, const double *scale, int count, double *out)
{
  for (int i = 0; i < count; i++) put(out, i, across(from, i) * scale[i]);
}

static bool all_numbers(const double *x, int count)
{
  lanes sum = splat(0.0);
  double of[W];
  for (int i = 0; i < count; i++) sum += no_number(at(x, i));
  store_lanes(of, sum);
  for (int k = 1; k < W; k++) of[0] += of[k];
  return of[0] == 0.0;
}

/* The states of eight elements in lanes. */
typedef struct gathered {
  double *y0, *y1, *g0, *g1, *inner, *slope;
} gathered;

static gathered gather_all(const taup_group_work *w, const taup_group_places *where, const taup_bvp_state *a)
{
  const int n = w->plan->n;
  double *x = w->scratch;
  const gathered s = {x, x + n * W, x + 2 * n * W, x + 3 * n * W, x + 4 * n * W, x + (4 + INNER) * n * W};
  gather(where, a->y, n, n, s.y0);
  gather(where, a->y + n, n, n, s.y1);
  gather(where, a->g, n, n, s.g0);
  gather(where, a->g + n, n, n, s.g1);
  gather(where, a->inner, INNER * n, INNER * n, s.inner);
  gather(where, a->slope, K * n, K * n, s.slope);
  return s;
}

/* What the equation of row `row` lacks, state i; own: what stands there. */
static inline lanes defect(const taup_group *g, const gathered *s, int n, int row, int i, lanes own)
{
  lanes sum = fused(e_of(g, row), at(s->y1, i), rest_of(g, row) * at(s->g0, i));
  for (int j = 0; j < K; j++) sum = fused(hP(g, row, j), at(s->slope, j * n + i), sum);
  return sum - own;
}

/* The same of one column. A sum waits for its last term; three wait a third as long. */
static inline lanes left_of_row(const taup_group_plan *p, const taup_group *g, int first, int last, int R)
{
  lanes sum[3] = {at(g->x, R), splat(0.0), splat(0.0)};
  int k = first;
  for (; k + 3 <= last; k += 3)
    for (int i = 0; i < 3; i++) sum[i] = fused(-at(g->lu, k + i), at(g->x, p->of_unknown[k + i]), sum[i]);
  for (; k < last; k++) sum[0] = fused(-at(g->lu, k), at(g->x, p->of_unknown[k]), sum[0]);
  return sum[0] + (sum[1] + sum[2]);
}

static void solve_inside(const taup_group_plan *p, const taup_group *g)
{
  for (int R = 0; R < p->m; R++) put(g->x, R, left_of_row(p, g, p->first[R], p->diagonal[R], R));
  for (int R = p->m - 1; R >= 0; R--)
    put(g->x, R, left_of_row(p, g, p->diagonal[R] + 1, p->first[R + 1], R) * at(g->pivots, R));
}

/* The right-hand sides of the piece, state i. */
static void piece_lacks(const taup_group_work *w, const taup_group *g, const gathered *s, int i, lanes *of_y,
                        lanes *of_g)
{
  const taup_group_plan *p = w->plan;
  const lanes h = at(g->h, 0);
  *of_y = defect(g, s, p->n, 0, i, at(s->y0, i));
  *of_g = at(s->g0, i) - at(s->g1, i);
  for (int j = 0; j < K; j++) *of_g = fused(h * w->b[j], at(s->slope, j * p->n + i), *of_g);
  for (int j = 0; j < INNER; j++) {
    lanes moved = splat(0.0);
    for (int t = p->row_first[i]; t < p->row_first[i + 1]; t++)
      moved = fused(slope_of(p, g, j, p->entry[t]), at(g->x, p->place[p->column[t]] + j), moved);
    *of_y = fused(hP(g, 0, j), moved, *of_y);
    *of_g = fused(h * w->b[j], moved, *of_g);
  }
}

static void reduce(const taup_group_work *w, const taup_group *g, const taup_group_places *where,
                   const taup_bvp_state *a, double *r)
{
  const taup_group_plan *p = w->plan;
  const int n = p->n;
  const gathered s = gather_all(w, where, a);
  for (int i = 0; i < n; i++)
    for (int l = 0; l < INNER; l++)
      put(g->x, p->place[i] + l, defect(g, &s, n, l + 1, i, at(s.inner, l * n + i)));
  solve_inside(p, g);
  for (int i = 0; i < n; i++) {
    lanes y, flux;
    double of_y[W], of_g[W];
    piece_lacks(w, g, &s, i, &y, &flux);
    store_lanes(of_y, y);
    store_lanes(of_g, flux);
    for (int k = 0; k < where->n_here; k++) {
      double *to = r + (ptrdiff_t)where->element[k] * 2 * p->q;
      to[i] = of_y[k];
      to[p->q + i] = of_g[k];
    }
  }
}

static void finish(const taup_group_work *w, const taup_group *g, const taup_group_places *where,
                   const double *step, double *step_inner)
{
  const taup_group_plan *p = w->plan;
  const int n = p->n;
  double *ends = w->scratch; /* y_1, g_0 */
  gather(where, step + 2 * n, n, 2 * n, ends);
  gather(where, step + n, n, 2 * n, ends + n * W);
  for (int i = 0; i < n; i++)
    for (int l = 0; l < INNER; l++) {
      const double *X = g->X + (ptrdiff_t)(p->place[i] + l) * 2 * n * W;
      double out[W];
      lanes sum[2] = {at(g->x, p->place[i] + l), splat(0.0)};
      for (int c = 0; c < n; c++) {
        sum[0] = fused(at(X, c), at(ends, c), sum[0]);
        sum[1] = fused(at(X, n + c), at(ends, n + c), sum[1]);
      }
      store_lanes(out, sum[0] + sum[1]);
      for (int k = 0; k < where->n_here; k++)
        step_inner[((ptrdiff_t)where->element[k] * INNER + l) * n + i] = out[k];
    }
}

/* --- the sweep --- */

static inline lanes all(double a) { return (lanes){a, a, a, a, a, a, a, a}; }

/* Column k of a unit matrix, rows i to i + 7; and the same as a mask. What is written number by number cannot be read as a vector at once,
 * so nothing in this part is. */
static inline lanes unit(int k, int i)
{
  static const double row[2 * W] = {[W] = 1.0};
  return k >= i && k < i + W ? load_lanes(row + W - (k - i)) : all(0.0);
}

static inline mask unit_mask(int k, int i) { return (mask)(unit(k, i) != 0.0); }

/* to = base + A x */
static inline void multiply(int n, int q, const double *A, const double *x, const double *base, double *to)
{
  for (int i = 0; i < q; i += W) {
    lanes sum = base ? load_lanes(base + i) : all(0.0);
    for (int c = 0; c < n; c++) sum = fused(load_lanes(A + (ptrdiff_t)c * q + i), all(x[c]), sum);
    store_lanes(to + i, sum);
  }
}

static inline void exchange_rows(double *const *matrices, int n_columns, int q, int a, int b)
{
  for (int k = 0; k < 3; k++)
    for (int c = 0; matrices[k] && c < n_columns; c++) {
      double *x = matrices[k] + (ptrdiff_t)c * q;
      const double t = x[a];
      x[a] = x[b];
      x[b] = t;
    }
}

typedef struct elimination {
  int n, q, k;          /* k: the pivot's row and column */
  const double *column; /* of the pivot */
  double over;          /* 1 / pivot */
} elimination;

/* One step of Gauss's and Jordan's elimination on columns `from` to n of a matrix: its row k over the pivot, then that times the column of
 * the pivot from all others. */
static inline void clear_row(const elimination *e, double *M, int from)
{
  for (int c = from; c < e->n; c++) {
    double *x = M + (ptrdiff_t)c * e->q;
    const lanes top = all(x[e->k] * e->over);
    for (int i = 0; i < e->q; i += W) {
      const mask own = unit_mask(e->k, i);
      const lanes left = fused(-load_lanes(e->column + i), top, load_lanes(x + i));
      store_lanes(x + i, of_bits((bits_of(left) & ~own) | (bits_of(top) & own)));
    }
  }
}

/* A -> M^-1 A, inverse = M^-1, with exchanges of rows; M is lost. A: NULL, or n columns. */
static inline bool invert(int n, int q, double *M, double *A, double *inverse)
{
  double *const all[3] = {M, inverse, A};
  for (int c = 0; c < n; c++)
    for (int i = 0; i < q; i += W) store_lanes(inverse + c * q + i, unit(c, i));
  for (int k = 0; k < n; k++) {
    double *column = M + (ptrdiff_t)k * q;
    int best = k;
    for (int r = k + 1; r < n; r++)
      if (fabs(column[r]) > fabs(column[best])) best = r;
    if (best != k) exchange_rows(all, n, q, k, best);
    const elimination e = {n, q, k, column, 1.0 / column[k]};
    clear_row(&e, M, k + 1);
    if (A) clear_row(&e, A, 0);
    clear_row(&e, inverse, 0);
  }
  lanes worst = splat(0.0), numbers = splat(0.0);
  for (int i = 0; i < n * q; i += W) {
    worst = larger(magnitude(load_lanes(inverse + i)), worst);
    numbers += no_number(load_lanes(inverse + i));
  }
  return all_within(worst, numbers);
}

/* Columns `first` to first + n of a part of the piece, of one element. */
static void take_piece(const taup_group_plan *p, const taup_group *g, int lane, int first, double *to)
{
  const double *from = g->piece + (ptrdiff_t)first * p->n * W + lane;
  for (int c = 0; c < p->n; c++) {
    for (int r = 0; r < p->n; r++) to[c * p->q + r] = from[(ptrdiff_t)(c * p->n + r) * W];
    for (int r = p->n; r < p->q; r++) to[c * p->q + r] = 0.0;
  }
}

static void unpack(const taup_group_work *w, const taup_group *g, int lane, const taup_swept *here, double *S)
{
  const taup_group_plan *p = w->plan;
  take_piece(p, g, lane, 0, here->U);
  take_piece(p, g, lane, p->n, here->B);
  take_piece(p, g, lane, 2 * p->n, S);
  take_piece(p, g, lane, 3 * p->n, here->D);
}

static inline bool sweep_columns(const taup_group_work *w, const taup_swept *here, double *S, const int q)
{
  const int n = w->plan->n;
  double *M = w->scratch;
  for (int c = 0; c < n; c++) {
    double *x = M + c * q;
    multiply(n, q, here->B, here->S + c * q, NULL, x);
    for (int i = 0; i < q; i += W) store_lanes(x + i, unit(c, i) - load_lanes(x + i));
    multiply(n, q, here->D, here->S + c * q, NULL, here->DS + c * q);
  }
  if (!invert(n, q, M, here->U, here->inverse)) return false;
  for (int c = 0; c < n; c++) multiply(n, q, here->DS, here->U + c * q, S + c * q, S + c * q);
  return true;
}

/* Most have columns of one vector. */
static bool sweep(const taup_group_work *w, const taup_swept *here, double *S)
{
  if (w->plan->q == W) return sweep_columns(w, here, S, W);
  return sweep_columns(w, here, S, w->plan->q);
}

static bool close(const taup_group_work *w, const double *S, double *inverse)
{
  const int n = w->plan->n, q = w->plan->q;
  double *M = w->scratch;
  for (int c = 0; c < n; c++)
    for (int i = 0; i < q; i += W) store_lanes(M + c * q + i, unit(c, i) - load_lanes(S + c * q + i));
  return invert(n, q, M, NULL, inverse);
}

static void forward(const taup_group_work *w, const taup_swept *here, const double *r, double *t, double *u)
{
  const int n = w->plan->n, q = w->plan->q;
  double *sum = w->scratch;
  multiply(n, q, here->B, t, r, sum);
  multiply(n, q, here->inverse, sum, NULL, u);
  multiply(n, q, here->D, t, r + q, sum);
  multiply(n, q, here->DS, u, sum, t + q);
}

/* y holds y_1, then g_1; before them come y_0 and g_0. */
static void backward(const taup_group_work *w, const taup_swept *here, const double *t, const double *u,
                     double *y)
{
  const int n = w->plan->n, q = w->plan->q;
  double *before = y - 2 * n, *sum = w->scratch;
  multiply(n, q, here->U, y, u, sum);
  multiply(n, q, here->S, sum, t, sum + q);
  memcpy(before, sum, (size_t)n * sizeof *y);
  memcpy(before + n, sum + q, (size_t)n * sizeof *y);
}

static void apply(const taup_group_work *w, const double *A, const double *x, double *out)
{
  multiply(w->plan->n, w->plan->q, A, x, NULL, out);
}

const taup_group_kernels JOIN(taup_group_kernels_, TAUP_STEP_NAME) = {scaled,  all_numbers, eliminate, reduce,
                                                                      finish,  unpack,      sweep,     close,
                                                                      forward, backward,    apply};
