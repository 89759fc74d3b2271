/* SPDX-License-Identifier: Apache-2.0 */
/* field_group.c - the elements of a field in groups of eight: in which order their insides are eliminated, their memory, and Newton's
 * matrix and steps by them (the arithmetic is in field_kernels.c).
 *
 * States are eliminated in the order of H. M. Markowitz (Manag. Sci. 3 (1957) 255), each with all its inner points; an entry of the factors
 * is there for all inner points of two states or for none.
 *
 * Invariant: the block of a set holds everything but the plan's integers; each array in it begins at a multiple of 64 bytes. What stands
 * behind the n numbers of a column of the sweep is 0. */
#include "solve/field_group.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

enum { K = TAUP_BVP_K, INNER = TAUP_BVP_INNER, W = TAUP_GROUP, COEFFICIENTS = 2 * K + K * K };

struct taup_groups {
  taup_group_plan plan;
  const taup_group_kernels *kernels;
  taup_group_work work;
  int *integers;
  void *block; /* as allocated */
  double *R, *out, *states;
  double *over_scale,
    *ratio; /* n: 1 / scale; of each entry of df/dy: scale of its column over that of its row */
  taup_group *groups;
  taup_swept *swept;
  double *last; /* S at the outlet */
  double *closing, *t, *u, *r;
};

/* --- the plan --- */

/* Entries besides the diagonal, in row and column i of what is left, multiplied: what i's elimination may fill. */
static int cost_of(const bool *full, const bool *done, int n, int i)
{
  int row = 0, column = 0;
  for (int k = 0; k < n; k++) {
    if (done[k] || k == i) continue;
    row += full[i * n + k];
    column += full[k * n + i];
  }
  return row * column;
}

static void fill(bool *full, const bool *done, int n, int i)
{
  for (int r = 0; r < n; r++)
    for (int c = 0; c < n && full[r * n + i] && !done[r]; c++)
      if (full[i * n + c] && !done[c]) full[r * n + c] = true;
}

/* full: the pattern of df/dy with its diagonal; afterwards that of the factors. */
static void choose_order(taup_group_plan *p, bool *full, bool *done)
{
  const int n = p->n;
  for (int k = 0; k < n; k++) {
    int best = -1, least = 0;
    for (int i = 0; i < n; i++) {
      if (done[i]) continue;
      const int cost = cost_of(full, done, n, i);
      if (best >= 0 && cost >= least) continue;
      best = i;
      least = cost;
    }
    fill(full, done, n, best);
    done[best] = true;
    p->order[k] = best;
    p->place[best] = INNER * k;
  }
}

static int count_factors(taup_group_plan *p, const bool *full)
{
  int count = 0;
  for (int R = 0; R < p->m; R++) {
    p->first[R] = count;
    for (int c = 0; c < p->m; c++) {
      if (!full[p->order[R / INNER] * p->n + p->order[c / INNER]]) continue;
      if (c == R) p->diagonal[R] = count;
      if (p->of_unknown) p->of_unknown[count] = c;
      count++;
    }
  }
  return p->first[p->m] = count;
}

static void list_rows(taup_group_plan *p, const taup_system *s)
{
  int count = 0;
  for (int r = 0; r < p->n; r++) {
    p->row_first[r] = count;
    for (int c = 0; c < p->n; c++)
      for (int k = s->column_start[c]; k < s->column_start[c + 1]; k++) {
        if (s->row[k] != r) continue;
        p->column[count] = c;
        p->entry[count++] = k;
      }
  }
  p->row_first[p->n] = count;
}

static bool make_plan(taup_groups *g, const taup_system *s)
{
  taup_group_plan *p = &g->plan;
  const int n = p->n = s->n, m = p->m = INNER * n;
  p->q = (n + W - 1) / W * W;
  p->n_entries = s->column_start[n];
  const size_t most = (size_t)(m * m), fixed = (size_t)(3 * n + 1 + 2 * p->n_entries + 2 * m + 1);
  bool *full = taup_calloc((size_t)(n * n + n), sizeof *full);
  g->integers = taup_calloc(fixed + most, sizeof *g->integers);
  if (full && g->integers) {
    int **const parts[] = {&p->row_first, &p->column, &p->entry,   &p->order,
                           &p->place,     &p->first,  &p->diagonal};
    const int sizes[] = {n + 1, p->n_entries, p->n_entries, n, n, m + 1, m};
    int *at = g->integers;
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
      *parts[k] = at;
      at += sizes[k];
    }
    p->of_unknown = at;
    list_rows(p, s);
    for (int r = 0; r < n; r++) {
      full[r * n + r] = true;
      for (int t = p->row_first[r]; t < p->row_first[r + 1]; t++) full[r * n + p->column[t]] = true;
    }
    choose_order(p, full, full + n * n);
    p->n_lu = count_factors(p, full);
  }
  const bool done = full && g->integers;
  taup_free(full);
  return done;
}

/* --- memory --- */

static size_t group_size(const taup_group_plan *p)
{
  return (size_t)W *
         (size_t)(1 + COEFFICIENTS + K * p->n_entries + p->n_lu + 2 * p->m + (2 * p->m + 4 * p->n) * p->n);
}

static double *cut(double **at, int count)
{
  double *here = *at;
  *at += ((size_t)count + W - 1) / W * W;
  return here;
}

static void make_group(const taup_group_plan *p, taup_group *g, double **at)
{
  const int n = p->n, m = p->m;
  *g = (taup_group){.h = cut(at, W),
                    .coefficients = cut(at, COEFFICIENTS * W),
                    .J = cut(at, K * p->n_entries * W),
                    .lu = cut(at, p->n_lu * W),
                    .pivots = cut(at, m * W),
                    .X = cut(at, m * 2 * n * W),
                    .piece = cut(at, 4 * n * n * W),
                    .x = cut(at, m * W)};
}

static int scratch_size(const taup_group_plan *p)
{
  const int gathered = (4 + INNER + K) * p->n * W, weights = 2 * INNER * p->n_entries * W;
  const int sweep = (2 * p->n + 3) * p->q, most = gathered > weights ? gathered : weights;
  return most > sweep ? most : sweep;
}

static bool make_block(taup_groups *g, const taup_system *s, int n_elements)
{
  const taup_group_plan *p = &g->plan;
  const int n_groups = (n_elements + W - 1) / W, n = p->n, q = p->q;
  const size_t R = taup_program_bytes(s->program, W) / sizeof(double), matrix = (size_t)(n * q);
  const size_t outputs = (size_t)(p->n_entries > n ? p->n_entries : n) * W;
  const size_t all = R + outputs + (size_t)((n + 2) * W + n + p->n_entries) + (size_t)scratch_size(p) +
                     (size_t)n_groups * group_size(p) + ((size_t)n_elements * 6 + 2) * matrix +
                     (size_t)(4 * n_elements + 1) * (size_t)q;
  g->groups = taup_calloc((size_t)n_groups, sizeof *g->groups);
  g->swept = taup_calloc((size_t)n_elements, sizeof *g->swept);
  g->block = taup_realloc(NULL, all + W, sizeof(double)); /* most of it is never touched */
  if (!g->groups || !g->swept || !g->block) return false;
  double *at = g->block;
  while ((uintptr_t)at % 64 != 0) at++;
  g->R = at;
  at += R;
  g->out = cut(&at, (int)outputs);
  g->states = cut(&at, n * W);
  g->over_scale = cut(&at, n);
  g->ratio = cut(&at, p->n_entries);
  g->work = (taup_group_work){.plan = p, .scratch = cut(&at, scratch_size(p))};
  for (int k = 0; k < n_groups; k++) make_group(p, &g->groups[k], &at);
  for (int e = 0; e < n_elements; e++) {
    double **const matrices[] = {&g->swept[e].S, &g->swept[e].U, &g->swept[e].inverse,
                                 &g->swept[e].B, &g->swept[e].D, &g->swept[e].DS};
    for (int k = 0; k < 6; k++) *matrices[k] = cut(&at, n * q);
  }
  g->last = cut(&at, n * q);
  g->closing = cut(&at, n * q);
  g->t = cut(&at, (n_elements + 1) * q);
  g->u = cut(&at, n_elements * q);
  g->r = cut(&at, n_elements * 2 * q);
  taup_program_init(s->program, W, g->R);
  return true;
}

tau_status taup_groups_new(taup_groups **out, const taup_system *system, int most_elements)
{
  *out = NULL;
#ifdef TAUP_HAVE_X86
  if (!taup_width_is_there(W) || system->n > TAUP_GROUP_MOST_STATES) return TAU_OK;
  taup_groups *g = taup_calloc(1, sizeof *g);
  if (!g) return TAU_E_NOMEM;
  if (!make_plan(g, system) || !make_block(g, system, most_elements)) {
    taup_groups_free(g);
    return TAU_E_NOMEM;
  }
  const bool whole = taup_program_evaluator_kind(W) == TAUP_EVAL_8_AVX512;
  g->kernels = whole ? &taup_group_kernels_8_avx512 : &taup_group_kernels_8_avx2;
  *out = g;
#else
  (void)system;
  (void)most_elements;
#endif
  return TAU_OK;
}

void taup_groups_free(taup_groups *g)
{
  if (!g) return;
  taup_free(g->integers);
  taup_free(g->block);
  taup_free(g->groups);
  taup_free(g->swept);
  taup_free(g);
}

double taup_group_bytes(int n)
{
  const double m = INNER * n, q = n + W;
  return sizeof(double) * (m * m + (K + 2.0 * INNER + 4.0) * n * n + 6.0 * n * q);
}

/* --- f and df/dy --- */

void taup_groups_begin(taup_bvp *f)
{
  taup_groups *g = f->groups;
  const taup_system *s = f->system;
  const double *R = f->problem->R, *scale = f->problem->scale;
  const int n = taup_program_n_registers(s->program);
  for (int r = 0; r < n; r++)
    for (int lane = 0; lane < W; lane++) g->R[(ptrdiff_t)r * W + lane] = R[r];
  for (int i = 0; i < f->n; i++) g->over_scale[i] = 1.0 / scale[i];
  for (int c = 0; c < f->n; c++)
    for (int k = s->column_start[c]; k < s->column_start[c + 1]; k++)
      g->ratio[k] = scale[c] / scale[s->row[k]];
}

static taup_group_places places_of(const taup_bvp_state *a, int i_group)
{
  taup_group_places at = {.n_here = 0};
  for (int k = 0; k < W; k++) {
    const int i = i_group * W + k, e = i + (a->gap > 0 && i >= a->gap);
    at.element[k] = e < a->n_elements ? e : a->n_elements - 1;
    at.n_here += e < a->n_elements;
  }
  return at;
}

static const double *point(const taup_bvp_state *a, ptrdiff_t n, int e, int j)
{
  return j < INNER ? a->inner + (e * INNER + j) * n : a->y + (e + 1) * n;
}

/* A body at point j of eight elements, into out [entry * W + lane]. */
static bool run(taup_bvp *f, int body, int n_out, const taup_bvp_state *a, const taup_group_places *at, int j)
{
  taup_groups *g = f->groups;
  const taup_program *p = f->system->program;
  const double *scale = f->problem->scale;
  double *in = taup_program_input(p, W, g->R, TAUP_STATE, 0);
  const double *y[W];
  for (int lane = 0; lane < W; lane++) y[lane] = point(a, f->n, at->element[lane], j);
  g->kernels->scaled(y, scale, f->n, in);
  return taup_program_run(p, body, W, g->R, g->out) == 0 && g->kernels->all_numbers(g->out, n_out);
}

bool taup_groups_evaluate(taup_bvp *f, taup_bvp_state *a)
{
  const taup_groups *g = f->groups;
  const int n = f->n;
  for (int k = 0; k * W < taup_bvp_n_real(a); k++) {
    const taup_group_places at = places_of(a, k);
    for (int j = 0; j < K; j++) {
      if (!run(f, f->system->body_f, n, a, &at, j)) return false;
      for (int lane = 0; lane < at.n_here; lane++) {
        double *slope = a->slope + ((ptrdiff_t)at.element[lane] * K + j) * n;
        for (int i = 0; i < n; i++) slope[i] = g->out[i * W + lane] * g->over_scale[i];
      }
    }
  }
  return true;
}

static bool slopes(taup_bvp *f, const taup_bvp_state *a, const taup_group_places *at, taup_group *to)
{
  const taup_system *s = f->system;
  const taup_groups *g = f->groups;
  for (int j = 0; j < K; j++) {
    if (!run(f, s->body_J, s->column_start[f->n], a, at, j)) return false;
    double *J = to->J + (ptrdiff_t)j * s->column_start[f->n] * W;
    for (int c = 0; c < f->n; c++)
      for (int k = s->column_start[c]; k < s->column_start[c + 1]; k++) {
        const double held = s->row[k] == c ? f->per_time : 0.0;
        for (int lane = 0; lane < W; lane++) J[k * W + lane] = g->ratio[k] * g->out[k * W + lane] - held;
      }
  }
  return true;
}

/* --- Newton's matrix and its steps --- */

static void coefficients(const taup_bvp *f, const taup_bvp_state *a, const taup_group_places *at,
                         taup_group *to)
{
  for (int lane = 0; lane < W; lane++) {
    const int e = at->element[lane];
    const taup_bvp_coefficients *from = &f->coefficients[e];
    double *c = to->coefficients + lane;
    to->h[lane] = a->s[e + 1] - a->s[e];
    for (int row = 0; row < K; row++) {
      c[row * W] = from->e[row];
      c[(K + row) * W] = from->rest[row];
      for (int j = 0; j < K; j++) c[(2 * K + row * K + j) * W] = to->h[lane] * from->P[row][j];
    }
  }
}

static double *S_behind(const taup_groups *g, const taup_bvp_state *a, int e)
{
  return e + 1 < a->n_elements ? g->swept[e + 1].S : g->last;
}

/* One tube, of elements `first` to `end`, from its inlet to its outlet. */
typedef struct span {
  int first, end;
  double *S, *closing; /* at the outlet; room for the inverse there */
} span;

/* What would be the element of a gap has room for the outlet before it. */
static int spans_of(const taup_groups *g, const taup_bvp_state *a, span out[2])
{
  const int N = a->n_elements, gap = a->gap;
  out[0] = (span){0, N, g->last, g->closing};
  if (gap == 0) return 1;
  out[1] = (span){gap + 1, N, g->last, g->closing};
  out[0] = (span){0, gap, g->swept[gap].S, g->swept[gap].inverse};
  return 2;
}

bool taup_groups_fit_both(const taup_bvp *f, int n_elements, int n_other)
{
  const int both = (n_elements + n_other + W - 1) / W;
  return f->groups && both < (n_elements + W - 1) / W + (n_other + W - 1) / W;
}

static bool sweep_span(const taup_groups *g, const taup_bvp_state *a, const span *tube)
{
  const taup_group_kernels *by = g->kernels;
  memset(g->swept[tube->first].S, 0, (size_t)(g->plan.n * g->plan.q) * sizeof(double));
  for (int e = tube->first; e < tube->end; e++) {
    const int i = e - (a->gap > 0 && e > a->gap);
    by->unpack(&g->work, &g->groups[i / W], i % W, &g->swept[e], S_behind(g, a, e));
  }
  for (int e = tube->first; e < tube->end; e++)
    if (!by->sweep(&g->work, &g->swept[e], S_behind(g, a, e))) return false;
  return by->close(&g->work, tube->S, tube->closing);
}

bool taup_groups_factor(taup_bvp *f, const taup_bvp_state *a)
{
  taup_groups *g = f->groups;
  span tubes[2];
  const int n_tubes = spans_of(g, a, tubes);
  g->work.b = f->method.b;
  for (int k = 0; k * W < taup_bvp_n_real(a); k++) {
    const taup_group_places at = places_of(a, k);
    coefficients(f, a, &at, &g->groups[k]);
    if (!slopes(f, a, &at, &g->groups[k]) || !g->kernels->eliminate(&g->work, &g->groups[k])) return false;
  }
  for (int k = 0; k < n_tubes; k++)
    if (!sweep_span(g, a, &tubes[k])) return false;
  return true;
}

/* What the last of the equations says, y - g = r at the outlet, with g = S y + t. */
static void begin_at_outlet(taup_bvp *f, const taup_bvp_state *a, const span *tube)
{
  const taup_groups *g = f->groups;
  const ptrdiff_t n = f->n, q = g->plan.q, N = tube->end;
  double *end = f->step + N * 2 * n, *t = g->t + N * q;
  for (int i = 0; i < n; i++) g->states[i] = a->g[N * n + i] - a->y[N * n + i] + t[i];
  g->kernels->apply(&g->work, tube->closing, g->states, g->out);
  memcpy(end, g->out, (size_t)n * sizeof *end);
  g->kernels->apply(&g->work, tube->S, end, g->out);
  for (int i = 0; i < n; i++) end[n + i] = g->out[i] + t[i];
}

static void step_span(taup_bvp *f, const taup_bvp_state *a, const span *tube)
{
  taup_groups *g = f->groups;
  const taup_group_kernels *by = g->kernels;
  const ptrdiff_t n = f->n, q = g->plan.q, first = tube->first;
  double *t = g->t + first * q;
  memset(t, 0, (size_t)q * sizeof *t);
  for (int i = 0; i < n; i++) t[i] = f->problem->y_in[i] / f->problem->scale[i] - a->g[first * n + i];
  for (ptrdiff_t e = first; e < tube->end; e++)
    by->forward(&g->work, &g->swept[e], g->r + e * 2 * q, g->t + e * q, g->u + e * q);
  begin_at_outlet(f, a, tube);
  for (ptrdiff_t e = tube->end - 1; e >= first; e--)
    by->backward(&g->work, &g->swept[e], g->t + e * q, g->u + e * q, f->step + (e + 1) * 2 * n);
}

void taup_groups_step(taup_bvp *f, const taup_bvp_state *a)
{
  taup_groups *g = f->groups;
  const ptrdiff_t n = f->n, q = g->plan.q, N = a->n_elements;
  span tubes[2];
  const int n_tubes = spans_of(g, a, tubes);
  memset(g->r, 0, (size_t)(N * 2 * q) * sizeof *g->r);
  for (int k = 0; k * W < taup_bvp_n_real(a); k++) {
    const taup_group_places at = places_of(a, k);
    g->kernels->reduce(&g->work, &g->groups[k], &at, a, g->r);
  }
  for (int k = 0; k < n_tubes; k++) step_span(f, a, &tubes[k]);
  for (int k = 0; k * W < taup_bvp_n_real(a); k++) {
    const taup_group_places at = places_of(a, k);
    g->kernels->finish(&g->work, &g->groups[k], &at, f->step, f->step_inner);
  }
  if (a->gap > 0) memset(f->step_inner + a->gap * INNER * n, 0, (size_t)(INNER * n) * sizeof(double));
}
