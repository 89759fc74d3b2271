/* SPDX-License-Identifier: Apache-2.0 */
/* worker.c - one thread of a sweep: run after run in a workspace (cvodes), or the rows of a block at once (lanes). */
#include "study/worker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/sensitivity_bundle.h"
#include <tautrain/sensitivity.h>

enum { EQUAL_PLACES = 101 }; /* of a profile without `at:` (train/compile.c) */

struct taup_sweep_worker {
  const taup_sweep_job *job;
  tau_workspace *workspace;
  tau_inputs *inputs;
  taup_bundle *bundle;                   /* engine lanes; else NULL */
  taup_sensitivity_bundle *slope_bundle; /* in its place where sensitivities are kept */
  tau_sensitivity *slopes;               /* where sensitivities are kept; else NULL */
  double *kept_slopes;                   /* of the row at hand */
  int *place; /* of each row of a block in the bundle; -1: its inputs are refused */
};

static int ask_stop(void *user, const char *unit, double fraction)
{
  const taup_sweep_job *job = user;
  (void)unit;
  (void)fraction;
  return *job->stop;
}

static unsigned needs_of(const taup_sweep_job *job)
{
  unsigned needs = job->kept->n_profiles > 0 ? TAUP_NEED_PROFILES : 0;
  for (int i = 0; i < job->kept->n_observables; i++)
    needs |= job->train->layout->observable_needs[job->kept->observables[i]];
  return needs;
}

static tau_status make_bundle(taup_sweep_worker *w)
{
  const taup_bundle_options options = {.lanes = true, .needs = needs_of(w->job)};
  const tau_kept *kept = w->job->kept;
  w->place = taup_calloc((size_t)w->job->most_rows, sizeof *w->place);
  if (!w->place) return TAU_E_NOMEM;
  if (!kept->n_sensitivities) return taup_bundle_new(&w->bundle, w->job->train, w->job->most_rows, &options);
  const taup_sensitivity_bundle_options with_slopes = {.run = options,
                                                       .n_parameters = kept->n_sensitivities,
                                                       .parameters = kept->sensitivities,
                                                       .n_observables = kept->n_observables,
                                                       .observables = kept->observables};
  return taup_sensitivity_bundle_new(&w->slope_bundle, w->job->train, w->job->most_rows, &with_slopes);
}

tau_status taup_sweep_worker_new(taup_sweep_worker **out, const taup_sweep_job *job)
{
  taup_sweep_worker *w = taup_calloc(1, sizeof *w);
  tau_status st = TAU_E_NOMEM;
  *out = NULL;
  if (!w) return st;
  w->job = job;
  if ((st = tau_inputs_copy(&w->inputs, job->inputs)) < 0) goto done;
  if ((st = tau_workspace_new(&w->workspace, job->train)) < 0) goto done;
  w->workspace->needs = needs_of(job);
  if (job->engine == TAU_ENGINE_LANES && (st = make_bundle(w)) < 0) goto done;
  const tau_kept *kept = job->kept;
  if (kept->n_sensitivities &&
      (st = tau_sensitivity_new(&w->slopes, job->train, kept->n_sensitivities, kept->sensitivities)) < 0)
    goto done;
  const size_t n_slopes = (size_t)kept->n_observables * (size_t)kept->n_sensitivities;
  w->kept_slopes = taup_calloc(n_slopes, sizeof *w->kept_slopes);
  if (!w->kept_slopes) {
    st = TAU_E_NOMEM;
    goto done;
  }
  *out = w;
  w = NULL;
done:
  taup_sweep_worker_free(w);
  return st;
}

void taup_sweep_worker_free(taup_sweep_worker *w)
{
  if (!w) return;
  taup_bundle_free(w->bundle);
  taup_sensitivity_bundle_free(w->slope_bundle);
  tau_sensitivity_free(w->slopes);
  taup_free(w->kept_slopes);
  taup_free(w->place);
  tau_workspace_free(w->workspace);
  tau_inputs_free(w->inputs);
  taup_free(w);
}

int taup_kept_points(const tau_train *train, int i_stage)
{
  const taup_unit *u = train->stages[i_stage].unit;
  if (u->n_at) return u->n_at + 1;
  return EQUAL_PLACES + (u->until ? 1 : 0);
}

/* --- rows --- */

/* Each row sets the same parameters: nothing of another row stays. */
static tau_status set_row(taup_sweep_worker *w, int64_t row)
{
  const tau_design *d = w->job->design;
  const double *x = d->values + row * d->n_varied;
  for (int i = 0; i < d->n_varied; i++) TAU_TRY(tau_inputs_set_index(w->inputs, d->parameters[i], x[i]));
  return TAU_OK;
}

static void fill(double *to, size_t n, double x)
{
  for (size_t i = 0; i < n; i++) to[i] = x;
}

/* Row `row` of the profiles, from a result or (NULL) of NAN. */
static void put_profiles(const taup_sweep_job *job, taup_block *b, int row, const tau_result *r)
{
  const size_t n = (size_t)job->train->layout->n_species, at = (size_t)row;
  for (int k = 0; k < job->kept->n_profiles; k++) {
    const struct taup_block_profile *to = &b->profiles[k];
    const taup_profile_store *from = r ? &r->profiles[job->kept->profiles[k]] : NULL;
    const size_t rows = (size_t)job->n_points[k];
    const size_t have = from ? (size_t)from->n_points < rows ? (size_t)from->n_points : rows : 0;
    if (have) {
      memcpy(to->position + at * rows, from->position, have * sizeof(double));
      memcpy(to->T + at * rows, from->T, have * sizeof(double));
      memcpy(to->c + at * rows * n, from->c, have * n * sizeof(double));
    }
    fill(to->position + at * rows + have, rows - have, NAN);
    fill(to->T + at * rows + have, rows - have, NAN);
    fill(to->c + (at * rows + have) * n, (rows - have) * n, NAN);
  }
}

/* Those of the kept observables [n_observables x n_sensitivities]; NULL: NAN. */
static void put_slopes(const taup_sweep_job *job, taup_block *b, int row, const double *slopes)
{
  const size_t n = (size_t)job->kept->n_observables * (size_t)job->kept->n_sensitivities;
  double *to = b->sensitivities + (size_t)row * n;
  if (slopes) memcpy(to, slopes, n * sizeof *to);
  else fill(to, n, NAN);
}

static double value_of(const taup_sweep_job *job, const tau_result *r, int i_observable)
{
  const int offset = job->train->layout->observable_offset[i_observable];
  return offset >= 0 ? r->data[offset] : r->values[i_observable];
}

static void put_result(const taup_sweep_job *job, taup_block *b, int row, const tau_result *r,
                       const double *slopes)
{
  const tau_kept *kept = job->kept;
  double *to = b->observables + (ptrdiff_t)row * kept->n_observables;
  for (int i = 0; i < kept->n_observables; i++) to[i] = value_of(job, r, kept->observables[i]);
  if (kept->n_sensitivities) put_slopes(job, b, row, slopes);
  b->status[row] = TAU_OK;
  b->cause[row] = 0;
  put_profiles(job, b, row, r);
}

tau_status taup_block_fail(const taup_sweep_job *job, taup_block *b, int row, const taup_cause *cause)
{
  int k = 0;
  while (k < b->n_causes && !(b->causes[k].kind == cause->kind && b->causes[k].i_unit == cause->i_unit)) k++;
  if (k == b->n_causes) {
    TAU_TRY(taup_grow(&b->causes, &b->capacity, k + 1, sizeof *b->causes));
    b->causes[b->n_causes++] = *cause;
  }
  b->status[row] = cause->status;
  b->cause[row] = k + 1;
  fill(b->observables + (ptrdiff_t)row * job->kept->n_observables, (size_t)job->kept->n_observables, NAN);
  if (job->kept->n_sensitivities) put_slopes(job, b, row, NULL);
  put_profiles(job, b, row, NULL);
  return TAU_OK;
}

/* The message of the thread's record, or of a run over its time. */
static tau_status put_failure(const taup_sweep_job *job, taup_block *b, int row, tau_status status,
                              const tau_result *r)
{
  taup_cause cause = {r ? r->kind : taup_last_kind(), r ? r->i_ended : -1, status, row, ""};
  const bool asks = job->why && cause.kind == TAUP_ERR_FUNCTION_FAILED;
  const char *why = asks ? job->why(job->user) : NULL;
  snprintf(cause.text, sizeof cause.text, "%s%s%s", r ? r->message : tau_last_error(),
           why && *why ? ": " : "", why ? why : "");
  return taup_block_fail(job, b, row, &cause);
}

static tau_status run_row(taup_sweep_worker *w, int64_t row, const tau_run_options *options,
                          const tau_result **r)
{
  *r = NULL;
  TAU_TRY(set_row(w, row));
  return tau_train_run_in(r, w->workspace, w->inputs, options);
}

/* The same with *slopes [kept observables x n_sensitivities] from the same run. *r is NULL where the derivatives alone failed: why stands
 * in the thread's record. */
static tau_status run_row_with_slopes(taup_sweep_worker *w, int64_t row, const tau_run_options *options,
                                      const tau_result **r, const double **slopes)
{
  *r = NULL;
  TAU_TRY(set_row(w, row));
  const tau_status st = tau_sensitivity_run(w->slopes, w->inputs, options);
  *r = tau_sensitivity_result(w->slopes);
  const tau_kept *kept = w->job->kept;
  const size_t n = (size_t)kept->n_sensitivities;
  const double *all = tau_sensitivity_values(w->slopes);
  for (int i = 0; i < kept->n_observables; i++)
    memcpy(w->kept_slopes + (size_t)i * n, all + (size_t)kept->observables[i] * n, n * sizeof *all);
  *slopes = w->kept_slopes;
  if (st == TAU_OK || (*r)->status != TAU_OK) return st;
  *r = NULL;
  return st < 0 ? st
                : taup_fail_as(st, TAUP_ERR_TIME_LIMIT, "stopped in the sensitivities: the time is over");
}

static tau_run_options with_stop(const taup_sweep_job *job)
{
  tau_run_options o = job->run;
  o.progress = ask_stop;
  o.engine = TAU_ENGINE_CVODES;         /* of those run after run */
  memcpy(&o.user, &job, sizeof o.user); /* read only, by ask_stop */
  return o;
}

/* --- rows side by side --- */

static double *side_inputs(const taup_sweep_worker *w, int i)
{
  return w->bundle ? taup_bundle_inputs(w->bundle, i) : taup_sensitivity_bundle_inputs(w->slope_bundle, i);
}

static const tau_result *side_result(const taup_sweep_worker *w, int i)
{
  return w->bundle ? taup_bundle_result(w->bundle, i) : taup_sensitivity_bundle_result(w->slope_bundle, i);
}

static int64_t side_handed_over(const taup_sweep_worker *w)
{
  return w->bundle ? taup_bundle_n_handed_over(w->bundle)
                   : taup_sensitivity_bundle_n_handed_over(w->slope_bundle);
}

static void run_side_by_side(taup_sweep_worker *w, int n, const tau_run_options *options)
{
  if (w->bundle) taup_bundle_run(w->bundle, n, options);
  else taup_sensitivity_bundle_run(w->slope_bundle, n, options);
}

/* The rows whose inputs are good. */
static int fill_bundle(taup_sweep_worker *w, int64_t first, int n)
{
  const size_t bytes = (size_t)w->job->train->layout->n_parameters * sizeof(double);
  int m = 0;
  for (int row = 0; row < n; row++) {
    w->place[row] = -1;
    if (set_row(w, first + row) < 0) continue;
    memcpy(side_inputs(w, m), w->inputs->values, bytes);
    w->place[row] = m++;
  }
  return m;
}

/* What became of a row; where its inputs were refused or its derivatives failed, all over again for the message. */
static tau_status outcome(taup_sweep_worker *w, int64_t row, int place, const tau_run_options *options,
                          const tau_result **r, const double **slopes)
{
  *r = NULL;
  *slopes = NULL;
  if (place < 0) return set_row(w, row);
  *r = side_result(w, place);
  if (!w->slope_bundle || (*r)->status != TAU_OK) return (*r)->status;
  if (taup_sensitivity_bundle_status(w->slope_bundle, place) != TAU_OK)
    return run_row_with_slopes(w, row, options, r, slopes);
  *slopes = taup_sensitivity_bundle_values(w->slope_bundle, place);
  return TAU_OK;
}

static tau_status block_in_lanes(taup_sweep_worker *w, int64_t first, int n, taup_block *b, int *n_done)
{
  const tau_run_options options = with_stop(w->job);
  const int64_t before = side_handed_over(w);
  run_side_by_side(w, fill_bundle(w, first, n), &options);
  b->n_handed_over = (int)(side_handed_over(w) - before);
  for (int row = 0; row < n; row++) {
    const tau_result *r;
    const double *slopes;
    const tau_status st = outcome(w, first + row, w->place[row], &options, &r, &slopes);
    if (st == TAU_E_NOMEM) return st;
    if (st == TAU_STOPPED_USER) return TAU_OK;
    if (st == TAU_OK) put_result(w->job, b, row, r, slopes);
    else TAU_TRY(put_failure(w->job, b, row, st, r));
    *n_done = row + 1;
  }
  return TAU_OK;
}

tau_status taup_sweep_block(taup_sweep_worker *w, int64_t first, int n, taup_block *b, int *n_done)
{
  const tau_run_options options = with_stop(w->job);
  if (w->place) return *w->job->stop ? TAU_OK : block_in_lanes(w, first, n, b, n_done);
  for (int row = 0; row < n && !*w->job->stop; row++) {
    const tau_result *r;
    const double *slopes = NULL;
    const tau_status st = w->slopes ? run_row_with_slopes(w, first + row, &options, &r, &slopes)
                                    : run_row(w, first + row, &options, &r);
    if (st == TAU_E_NOMEM) return st;
    if (st == TAU_STOPPED_USER) return TAU_OK;
    if (st == TAU_OK) put_result(w->job, b, row, r, slopes);
    else TAU_TRY(put_failure(w->job, b, row, st, r));
    *n_done = row + 1;
  }
  return TAU_OK;
}

void taup_sweep_again(taup_sweep_worker *w, int64_t row, double *observables)
{
  static const double finest = 1e-13; /* below it the integrator meets rounding */
  const tau_kept *kept = w->job->kept;
  tau_run_options options = with_stop(w->job);
  const tau_result *r;
  options.rtol = fmin(options.rtol, fmax(options.rtol / 100.0, finest));
  const tau_status st = run_row(w, row, &options, &r);
  for (int i = 0; i < kept->n_observables; i++)
    observables[i] = st == TAU_OK ? value_of(w->job, r, kept->observables[i]) : (double)NAN;
}
