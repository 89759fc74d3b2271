/* SPDX-License-Identifier: Apache-2.0 */
/* newton.c - 0 = f(y) by Newton's method with the exact Jacobian,
 *
 *     J(y_k) d_k = -f(y_k),   y_(k+1) = y_k + lambda_k d_k,
 *
 * in the affine-covariant form of P. Deuflhard, Newton Methods for Nonlinear Problems (Springer 2004): only steps in
 * y are measured, never f, so that the units and sizes of the equations do not matter.
 * |d|^2 = mean of (d_i / max(|y_i|, scale_i))^2, both steps of a comparison with the same y.
 *
 *   contract: lambda = 1; Theta_k = |d_(k+1)| / |d_k| <= 1/2 or give up (section 2.1: then Newton-Mysovskikh holds and the root is near).
 *   damped:   NLEQ-ERR (section 3.3.3): lambda from an estimate of the Lipschitz constant, accepted when the simplified step
 *             J(y_k) d' = -f(y_k + lambda d_k) is shorter: |d'| <= (1 - lambda/4) |d_k| (restricted natural monotonicity).
 *             Where states have a lower bound trial states are held at it. Where a rate ends in a kink no damping passes the test:
 *             then a few full steps are taken all the same (as in the watchdog of R. M. Chamberlain et al., Math. Program. Study 16
 *             (1982) 1); a root is a root however it was come by.
 *
 * Rounding sets a floor under the steps. Below `taup_newton_noise` of the scale a step that no longer shrinks is rounding, and the root is
 * taken. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "num/lapack.h"
#include "solve/newton_limits.h"
#include "solve/sundials.h"

static const double trace = 1e-200; /* above nothing, and below all that could count */

struct taup_root {
  taup_system system;
  taup_linear linear;
  double *block;                        /* all below */
  double *y, *trial, *d, *before, *bar; /* iterate, next, step, the step before, the simplified step */
  double *weight;                       /* 1 / max(|y_i|, scale_i) */
  double *matrix, *re, *im, *work;      /* of the eigenvalues; NULL for a large system */
  int n_work;

  double *R; /* of the run */
  const taup_root_options *options;
  taup_failure failure;
  taup_solver_counts counts;
};

/* ---------- life ---------- */

static tau_status make_arrays(taup_root *r)
{
  const size_t n = (size_t)r->system.n;
  const bool small = r->system.n <= TAUP_MOST_EIGENVALUES;
  r->n_work = small ? taup_eigenvalues_work(r->system.n) : 0;
  r->block = taup_calloc(6 * n + (small ? n * n + 2 * n + (size_t)r->n_work : 0), sizeof *r->block);
  if (!r->block) return TAU_E_NOMEM;
  double **const arrays[] = {&r->y,      &r->trial, &r->d,  &r->before, &r->bar,
                             &r->weight, &r->re,    &r->im, &r->matrix};
  for (size_t i = 0; i < (small ? 9u : 6u); i++) *arrays[i] = r->block + i * n;
  r->work = small ? r->matrix + n * n : NULL;
  return TAU_OK;
}

tau_status taup_root_new(taup_root **out, const taup_system *system)
{
  assert(out && system && system->n > 0);
  *out = NULL;
  taup_root *r = taup_calloc(1, sizeof *r);
  if (!r) return TAU_E_NOMEM;

  r->system = *system;
  tau_status st = taup_linear_open(&r->linear, &r->system);
  if (st < 0) goto done;
  if ((st = make_arrays(r)) < 0) goto done;
  *out = r;
  r = NULL;
done:
  taup_root_free(r);
  return st;
}

void taup_root_free(taup_root *r)
{
  if (!r) return;
  taup_linear_close(&r->linear);
  taup_free(r->block);
  taup_free(r);
}

/* ---------- one step ---------- */

/* d with J d = -f(y), J as it was factored last. 0, or what taup_refusal names. */
static int simplified_step(taup_root *r, const double *y, double *d)
{
  const int n = r->system.n;
  double *b = N_VGetArrayPointer(r->linear.b);
  r->counts.n_rhs++;
  const int said = taup_system_run(&r->system, r->system.body_f, r->R, y, n, b);
  if (said != 0) return said;
  for (int i = 0; i < n; i++) b[i] = -b[i];
  if (taup_linear_solve(&r->linear) != 0) return TAUP_SINGULAR;
  memcpy(d, N_VGetArrayPointer(r->linear.x), (size_t)n * sizeof *d);
  return taup_all_finite(n, d) ? 0 : TAUP_SINGULAR;
}

/* The same with J(y). */
static int newton_step(taup_root *r, const double *y, double *d)
{
  const taup_system *s = &r->system;
  r->counts.n_jacobian++;
  r->counts.n_newton++;
  const int said = taup_system_run(s, s->body_J, r->R, y, s->column_start[s->n], r->linear.values);
  if (said != 0) return said;
  if (taup_linear_factor(&r->linear) != 0) return TAUP_SINGULAR;
  return simplified_step(r, y, d);
}

static void weigh(taup_root *r, const double *y)
{
  const double *scale = r->options->scale;
  for (int i = 0; i < r->system.n; i++) r->weight[i] = 1.0 / fmax(fabs(y[i]), scale[i]);
}

static double norm(const taup_root *r, const double *d)
{
  double sum = 0.0;
  for (int i = 0; i < r->system.n; i++) {
    const double x = d[i] * r->weight[i];
    sum += x * x;
  }
  return sqrt(sum / r->system.n);
}

/* |a d + b e| */
static double norm_of_sum(const taup_root *r, double a, const double *d, double b, const double *e)
{
  double sum = 0.0;
  for (int i = 0; i < r->system.n; i++) {
    const double x = (a * d[i] + b * e[i]) * r->weight[i];
    sum += x * x;
  }
  return sqrt(sum / r->system.n);
}

static void move(const taup_root *r, const double *from, double lambda, const double *d, double *to)
{
  for (int i = 0; i < r->system.n; i++) to[i] = from[i] + lambda * d[i];
}

/* The same, held at the lower bounds. */
static void move_inside(const taup_root *r, double lambda, double *to)
{
  const double *lower = r->options->lower;
  move(r, r->y, lambda, r->d, to);
  for (int i = 0; lower && i < r->system.n; i++) to[i] = fmax(to[i], lower[i]);
}

static bool is_small(const taup_root *r, const double *d, const double *y)
{
  const taup_root_options *o = r->options;
  for (int i = 0; i < r->system.n; i++)
    if (fabs(d[i]) > o->rtol * fabs(y[i]) + o->atol[i]) return false;
  return true;
}

/* ---------- begin and end ---------- */

static void begin(taup_root *r, double *R, const double *y, const taup_root_options *options)
{
  r->R = R;
  r->options = options;
  r->failure = (taup_failure){.why = "", .worst = {-1, -1, -1}};
  r->counts = (taup_solver_counts){0};
  if (y) memcpy(r->y, y, (size_t)r->system.n * sizeof *y);
}

static tau_status fail(taup_root *r, taup_error kind, const char *why)
{
  r->failure.kind = kind;
  r->failure.why = why;
  taup_worst_three(r->system.n, r->d, r->weight, r->failure.worst);
  return taup_fail(kind, "%s, after %ld steps of Newton's method", why, r->counts.n_steps);
}

/* A step that could not be had: nothing in d is to blame, but the equations that gave no number are. */
static tau_status fail_step(taup_root *r, int said)
{
  const taup_system *s = &r->system;
  const double *f = N_VGetArrayPointer(r->linear.b);
  r->failure.kind = taup_refusal_kind(said);
  r->failure.why = taup_refusal(said);
  if (said == TAUP_NOT_FINITE &&
      !taup_rows_not_finite(s->column_start[s->n], r->linear.values, s->row, r->failure.worst))
    taup_rows_not_finite(s->n, f, NULL, r->failure.worst);
  return taup_fail_as(said == TAUP_FAILED ? TAU_E_CALLBACK : TAU_E_SOLVER, r->failure.kind,
                      "%s, after %ld steps of Newton's method", r->failure.why, r->counts.n_steps);
}

/* Take the last, small step d to the root; then one more with the same factors, which costs one f: the error falls by the ratio of d to y
 * once more. Where that finds rounding only (a longer step), it is left. */
static tau_status finish(taup_root *r, double *y)
{
  move(r, r->y, 1.0, r->d, r->y);
  r->counts.n_steps++;
  r->counts.last_step = norm(r, r->d);
  double before = r->counts.last_step;
  /* as long as it gets better: a steep rate multiplies what is left */
  for (int i = 0; i < TAUP_NEWTON_POLISHES; i++) {
    const int said = simplified_step(r, r->y, r->bar);
    if (said < 0) return fail_step(r, said);
    const double now = norm(r, r->bar);
    if (said != 0 || !(now < before)) break;
    move(r, r->y, 1.0, r->bar, r->y);
    before = now;
  }
  memcpy(y, r->y, (size_t)r->system.n * sizeof *y);
  return TAU_OK;
}

/* ---------- full steps ---------- */

tau_status taup_root_contract(taup_root *r, double *R, double *y, const taup_root_options *options)
{
  begin(r, R, y, options);
  for (int k = 0; k < options->max_iterations; k++) {
    const int said = newton_step(r, r->y, r->d);
    if (said != 0) return fail_step(r, said);
    weigh(r, r->y);
    const double now = norm(r, r->d), last = k > 0 ? norm(r, r->before) : HUGE_VAL;
    if (is_small(r, r->d, r->y) || (now <= taup_newton_noise && now >= last)) return finish(r, y);
    if (now > taup_newton_noise && now > 0.5 * last)
      return fail(r, TAUP_ERR_NO_CONVERGENCE, "the steps do not contract");
    move(r, r->y, 1.0, r->d, r->y);
    memcpy(r->before, r->d, (size_t)r->system.n * sizeof *r->d);
    r->counts.n_steps++;
    r->counts.last_step = now;
  }
  return fail(r, TAUP_ERR_NO_CONVERGENCE, "too many iterations");
}

/* ---------- damped steps ---------- */

/* From y along d with a damping near *lambda: what the monotonicity test accepts comes in r->trial, its damping in
 * *lambda, its simplified step in r->bar. 0; TAUP_FAILED; 1: none. */
static int find_damping(taup_root *r, double *lambda)
{
  const double length = norm(r, r->d);
  bool shortened = false;
  for (int i = 0; i < TAUP_NEWTON_TRIALS && *lambda >= taup_newton_least_damping; i++) {
    const double l = *lambda;
    move_inside(r, l, r->trial);
    const int said = simplified_step(r, r->trial, r->bar);
    if (said < 0) return TAUP_FAILED;
    if (said > 0) { /* outside the domain of f: no estimate, only nearer */
      *lambda = 0.5 * l;
      shortened = true;
      continue;
    }
    const double curvature = norm_of_sum(r, 1.0, r->bar, l - 1.0, r->d); /* |d' - (1 - lambda) d| */
    *lambda = taup_newton_judge_damping(length, norm(r, r->bar), curvature, l, shortened);
    if (*lambda == l) return 0;
    shortened = shortened || *lambda < l;
  }
  return 1;
}

static double predict(const taup_root *r, double lambda)
{
  return taup_newton_predict(norm(r, r->before), norm(r, r->bar), norm_of_sum(r, 1.0, r->bar, -1.0, r->d),
                             norm(r, r->d), lambda);
}

tau_status taup_root_damped(taup_root *r, double *R, double *y, const taup_root_options *options)
{
  begin(r, R, y, options);
  int leaps = 0;
  double lambda = taup_newton_first_damping;
  for (int k = 0; k < options->max_iterations; k++) {
    const int said = newton_step(r, r->y, r->d);
    if (said != 0) return fail_step(r, said);
    weigh(r, r->y);
    const double now = norm(r, r->d);
    if (is_small(r, r->d, r->y)) return finish(r, y);
    if (k > 0) lambda = predict(r, lambda);

    const int found = find_damping(r, &lambda);
    if (found < 0) return fail_step(r, found);
    if (found > 0 && now <= taup_newton_noise) return finish(r, y);
    if (found > 0 && leaps++ >= TAUP_NEWTON_LEAPS)
      return fail(r, TAUP_ERR_NO_CONVERGENCE, "the damped steps became too small");
    if (found > 0) move_inside(r, lambda = 1.0, r->trial);
    memcpy(r->y, r->trial, (size_t)r->system.n * sizeof *r->y);
    memcpy(r->before, r->d, (size_t)r->system.n * sizeof *r->d);
    r->counts.n_steps++;
    r->counts.last_step = lambda * now;
  }
  return fail(r, TAUP_ERR_NO_CONVERGENCE, "too many iterations");
}

/* ---------- eigenvalues ---------- */

static void spread(const taup_system *s, const double *values, double *matrix)
{
  memset(matrix, 0, (size_t)s->n * (size_t)s->n * sizeof *matrix);
  for (int j = 0; j < s->n; j++)
    for (int k = s->column_start[j]; k < s->column_start[j + 1]; k++)
      matrix[(size_t)j * (size_t)s->n + (size_t)s->row[k]] = values[k];
}

/* By insertion: falling real part, of a pair the positive imaginary part first. (qsort may allocate.) */
static void sort_pairs(int n, const double *re, const double *im, double *out)
{
  for (int i = 0; i < n; i++) {
    int k = i;
    for (; k > 0 && (out[2 * k - 2] < re[i] || (out[2 * k - 2] == re[i] && out[2 * k - 1] < im[i])); k--)
      memcpy(out + 2 * k, out + 2 * k - 2, 2 * sizeof *out);
    out[2 * k] = re[i];
    out[2 * k + 1] = im[i];
  }
}

static tau_status jacobian_at(taup_root *r, double *R, const double *y)
{
  const taup_system *s = &r->system;
  if (!r->matrix)
    return taup_fail(TAUP_ERR_TOO_MANY_STATES, "eigenvalues of %d states: at most %d are supported", s->n,
                     TAUP_MOST_EIGENVALUES);
  r->counts.n_jacobian++;
  const int said = taup_system_run(s, s->body_J, R, y, s->column_start[s->n], r->linear.values);
  return said == 0 ? TAU_OK : fail_step(r, said);
}

static tau_status eigenvalues_of_matrix(taup_root *r, double *re_im)
{
  const int n = r->system.n;
  TAU_TRY(taup_eigenvalues(n, r->matrix, r->re, r->im, r->work, r->n_work));
  sort_pairs(n, r->re, r->im, re_im);
  return TAU_OK;
}

tau_status taup_root_eigenvalues(taup_root *r, double *R, const double *y, double *re_im)
{
  begin(r, R, NULL, NULL);
  /* a rate that ends at 0 has its slope above it there: would a trace grow? */
  for (int i = 0; i < r->system.n; i++) r->trial[i] = y[i] == 0.0 ? trace : y[i];
  TAU_TRY(jacobian_at(r, R, r->trial));
  spread(&r->system, r->linear.values, r->matrix);
  return eigenvalues_of_matrix(r, re_im);
}

/* What moves a state marked absent is absent too, or the mark goes; until nothing changes. J in r->linear.values. */
static void unmark_moved(const taup_root *r, double *absent)
{
  const taup_system *s = &r->system;
  for (bool changed = true; changed;) {
    changed = false;
    for (int j = 0; j < s->n; j++)
      for (int k = s->column_start[j]; absent[j] == 0.0 && k < s->column_start[j + 1]; k++) {
        if (absent[s->row[k]] == 0.0 || r->linear.values[k] == 0.0) continue;
        absent[s->row[k]] = 0.0;
        changed = true;
      }
  }
}

/* -1 in place of all that touches them: those eigenvalues are not asked for. */
static void leave_out(int n, const double *absent, double *matrix)
{
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      if (absent[i] != 0.0 || absent[j] != 0.0)
        matrix[(size_t)j * (size_t)n + (size_t)i] = i == j ? -1.0 : 0.0;
}

tau_status taup_root_eigenvalues_within(taup_root *r, double *R, const double *start, const double *y,
                                        double *re_im)
{
  double *absent = r->bar;
  begin(r, R, NULL, NULL);
  for (int i = 0; i < r->system.n; i++) absent[i] = start[i] == 0.0 && y[i] == 0.0 ? 1.0 : 0.0;
  TAU_TRY(jacobian_at(r, R, start));
  unmark_moved(r, absent);
  TAU_TRY(jacobian_at(r, R, y));
  unmark_moved(r, absent);
  spread(&r->system, r->linear.values, r->matrix);
  leave_out(r->system.n, absent, r->matrix);
  return eigenvalues_of_matrix(r, re_im);
}

taup_solver_counts taup_root_counts(const taup_root *r) { return r->counts; }
taup_failure taup_root_failure(const taup_root *r) { return r->failure; }
