/* SPDX-License-Identifier: Apache-2.0 */
/* sweep.c - a design through a train: workers fill blocks, the caller hands them to the sink in the order of the runs.
 *
 * Invariant: a block belongs to one worker from its first row to its last, then to the caller until the sink has taken it
 * (base/parallel.h); the checks' rows belong to whoever computes that row. Nothing else is written by two. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "study/summary.h"

enum { MOST_ROWS = 256, MOST_BLOCK_BYTES = 4 << 20, DEFAULT_CHECKS = 8 };

static const double tell_every = 0.02; /* [s] */

/* Rows that are computed again: ascending; their kept observables as computed and again. */
typedef struct checks {
  int n;
  int64_t *rows;
  double *first, *again; /* n x n_observables */
} checks;

typedef struct sweep {
  taup_sweep_job job;
  const tau_sweep_options *options;
  const tau_sink *sink;
  tau_sweep_summary *summary;
  taup_parallel parallel;
  taup_sweep_worker **workers; /* n_threads */
  taup_block *blocks;          /* n_slots */
  tau_block_profile *profiles; /* of the block that is taken */
  int *codes;                  /* of its rows */
  int *n_points;
  tau_inputs *own_inputs;
  checks checks;
  double started, told;
} sweep;

/* --- what was asked for --- */

static tau_status check_indices(const tau_train *train, const tau_design *d, const tau_kept *kept)
{
  const int n = tau_train_n_parameters(train), m = tau_train_n_observables(train);
  for (int i = 0; i < d->n_varied; i++)
    if (d->parameters[i] < 0 || d->parameters[i] >= n)
      return taup_fail(TAUP_ERR_OUT_OF_RANGE, "the design varies parameter %d; the train has 0 to %d",
                       d->parameters[i], n - 1);
  for (int i = 0; i < kept->n_observables; i++)
    if (kept->observables[i] < 0 || kept->observables[i] >= m)
      return taup_fail(TAUP_ERR_OUT_OF_RANGE, "observable %d is to be kept; the train has 0 to %d",
                       kept->observables[i], m - 1);
  for (int i = 0; i < kept->n_profiles; i++)
    if (kept->profiles[i] < 0 || kept->profiles[i] >= train->n_stages)
      return taup_fail(TAUP_ERR_OUT_OF_RANGE, "the profile of unit %d is to be kept; the train has 0 to %d",
                       kept->profiles[i], train->n_stages - 1);
  for (int i = 0; i < kept->n_sensitivities; i++)
    if (kept->sensitivities[i] < 0 || kept->sensitivities[i] >= n)
      return taup_fail(TAUP_ERR_OUT_OF_RANGE,
                       "sensitivities to parameter %d are to be kept; the train has 0 to %d",
                       kept->sensitivities[i], n - 1);
  return TAU_OK;
}

static tau_status check_sensitivities(const tau_train *train, const tau_kept *kept)
{
  for (int i = 0; i < kept->n_sensitivities; i++)
    for (int k = 0; k < i; k++)
      if (kept->sensitivities[i] == kept->sensitivities[k])
        return taup_fail(TAUP_ERR_ASKED_TWICE, "sensitivities to %s are to be kept twice",
                         train->parameters[kept->sensitivities[i]].path);
  return TAU_OK;
}

static tau_status check_profiles(const tau_train *train, const tau_kept *kept)
{
  for (int i = 0; i < kept->n_profiles; i++) {
    const taup_unit_layout *u = &train->layout->units[kept->profiles[i]];
    if (!u->coordinate)
      return taup_fail(TAUP_ERR_NO_PROFILE, "unit '%s' (%s) has no profile to be kept", u->name, u->kind);
  }
  return TAU_OK;
}

static tau_status check_varied(const tau_train *train, const tau_design *d)
{
  const taup_parameter *p = train->d.chemistry.parameters.items;
  for (int i = 0; i < d->n_varied; i++)
    for (int k = 0; k < i; k++) {
      const taup_parameter *a = &p[d->parameters[k]], *b = &p[d->parameters[i]];
      if (a == b) return taup_fail(TAUP_ERR_VARIED_TWICE, "the design varies %s twice", a->path);
      if (a->group > 0 && a->group == b->group)
        return taup_fail(TAUP_ERR_VARIED_TWICE, "the design varies %s and %s, of which only one can be given",
                         a->path, b->path);
    }
  return TAU_OK;
}

tau_status taup_sweep_check_choice(const tau_train *train, const tau_design *d, const tau_kept *kept)
{
  TAU_TRY(check_indices(train, d, kept));
  TAU_TRY(check_profiles(train, kept));
  TAU_TRY(check_sensitivities(train, kept));
  return check_varied(train, d);
}

static tau_status check_values(const tau_train *train, const tau_design *d, int64_t first_run)
{
  const taup_parameter *p = train->d.chemistry.parameters.items;
  for (int64_t row = 0; row < d->n_runs; row++)
    for (int i = 0; i < d->n_varied; i++) {
      const taup_parameter *at = &p[d->parameters[i]];
      const double x = d->values[row * d->n_varied + i];
      if (x > at->lower && x < at->upper && isfinite(x)) continue;
      const tau_status st = taup_parameter_check(at, x);
      if (st < 0)
        return taup_fail_as(st, taup_last_kind(), "run %lld of the design: %s", (long long)(first_run + row),
                            tau_last_error());
    }
  return TAU_OK;
}

static tau_status check_all(const sweep *s)
{
  const taup_sweep_job *j = &s->job;
  TAU_TRY(taup_sweep_check_choice(j->train, j->design, j->kept));
  if (!(j->run.rtol > 1e-15 && j->run.rtol < 1.0))
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "rtol is %g; between 1e-15 and 1 is needed", j->run.rtol);
  return check_values(j->train, j->design, s->options->first_run);
}

/* --- memory --- */

/* Bytes of a run in a block, and beside it in a worker. */
static double run_bytes(const sweep *s)
{
  const tau_kept *kept = s->job.kept;
  double n = kept->n_observables * (1.0 + kept->n_sensitivities) + 1.0;
  for (int k = 0; k < kept->n_profiles; k++)
    n += (double)s->n_points[k] * (s->job.train->layout->n_species + 2);
  n += (1.0 + kept->n_sensitivities) * s->job.train->layout->n_data;
  return n * (double)sizeof(double);
}

static tau_status make_block(const sweep *s, taup_block *b)
{
  const tau_kept *kept = s->job.kept;
  const size_t rows = (size_t)s->parallel.most, n = (size_t)s->job.train->layout->n_species;
  const size_t slopes = (size_t)kept->n_observables * (size_t)kept->n_sensitivities;
  b->observables = taup_calloc(rows * (size_t)kept->n_observables, sizeof(double));
  b->sensitivities = taup_calloc(rows * slopes, sizeof(double));
  b->status = taup_calloc(rows, sizeof(int));
  b->cause = taup_calloc(rows, sizeof(int));
  b->profiles = taup_calloc((size_t)kept->n_profiles, sizeof *b->profiles);
  if (!b->observables || !b->sensitivities || !b->status || !b->cause || !b->profiles) return TAU_E_NOMEM;
  for (int k = 0; k < kept->n_profiles; k++) {
    const size_t points = rows * (size_t)s->n_points[k];
    double *x = taup_calloc(points * (n + 2), sizeof *x);
    if (!x) return TAU_E_NOMEM;
    b->profiles[k] = (struct taup_block_profile){x, x + 2 * points, x + points};
  }
  return TAU_OK;
}

static void free_block(const sweep *s, taup_block *b)
{
  for (int k = 0; b->profiles && k < s->job.kept->n_profiles; k++) taup_free(b->profiles[k].position);
  taup_free(b->profiles);
  taup_free(b->observables);
  taup_free(b->sensitivities);
  taup_free(b->status);
  taup_free(b->cause);
  taup_free(b->causes);
}

static tau_status make_checks(sweep *s)
{
  const int64_t n_runs = s->job.design->n_runs;
  const size_t n = (size_t)s->job.kept->n_observables;
  const int asked = s->options->n_checked;
  checks *c = &s->checks;
  int64_t most = asked >= 0 ? asked : s->job.engine == TAU_ENGINE_LANES ? DEFAULT_CHECKS : 0;
  if (most > n_runs) most = n_runs;
  c->n = (int)most;
  c->rows = taup_calloc((size_t)c->n, sizeof *c->rows);
  c->first = taup_calloc((size_t)c->n * n, sizeof(double));
  c->again = taup_calloc((size_t)c->n * n, sizeof(double));
  if (!c->rows || !c->first || !c->again) return TAU_E_NOMEM;
  for (size_t i = 0; i < (size_t)c->n * n; i++) c->first[i] = c->again[i] = NAN;
  for (int k = 0; k < c->n; k++) c->rows[k] = (int64_t)((double)n_runs * (k + 0.5) / c->n);
  return TAU_OK;
}

static tau_status make_points(sweep *s)
{
  const tau_kept *kept = s->job.kept;
  s->n_points = taup_calloc((size_t)kept->n_profiles, sizeof *s->n_points);
  s->profiles = taup_calloc((size_t)kept->n_profiles, sizeof *s->profiles);
  if (!s->n_points || !s->profiles) return TAU_E_NOMEM;
  for (int k = 0; k < kept->n_profiles; k++)
    s->n_points[k] = taup_kept_points(s->job.train, kept->profiles[k]);
  s->job.n_points = s->n_points;
  return TAU_OK;
}

static int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }

static tau_status make_threads(sweep *s)
{
  taup_parallel *p = &s->parallel;
  const int64_t n_runs = s->job.design->n_runs;
  const int asked = s->options->n_threads;
  p->most = (int)fmax(1.0, fmin(fmin(MOST_ROWS, (double)n_runs), MOST_BLOCK_BYTES / run_bytes(s)));
  s->job.most_rows = p->most;
  p->n_threads = (int)at_most(asked > 0 ? asked : taup_n_processors(), n_runs > 0 ? n_runs : 1);
  p->n_slots = 2 * p->n_threads + 2;
  s->workers = taup_calloc((size_t)p->n_threads, sizeof *s->workers);
  s->blocks = taup_calloc((size_t)p->n_slots, sizeof *s->blocks);
  s->codes = taup_calloc((size_t)p->most, sizeof *s->codes);
  if (!s->workers || !s->blocks || !s->codes) return TAU_E_NOMEM;
  for (int k = 0; k < p->n_slots; k++) TAU_TRY(make_block(s, &s->blocks[k]));
  for (int k = 0; k < p->n_threads; k++) TAU_TRY(taup_sweep_worker_new(&s->workers[k], &s->job));
  return TAU_OK;
}

static tau_status make(sweep *s)
{
  if (!s->job.inputs) {
    TAU_TRY(tau_inputs_new(&s->own_inputs, s->job.train));
    s->job.inputs = s->own_inputs;
  }
  TAU_TRY(make_points(s));
  TAU_TRY(make_checks(s));
  return make_threads(s);
}

static void free_all(sweep *s)
{
  for (int k = 0; s->workers && k < s->parallel.n_threads; k++) taup_sweep_worker_free(s->workers[k]);
  for (int k = 0; s->blocks && k < s->parallel.n_slots; k++) free_block(s, &s->blocks[k]);
  taup_free(s->workers);
  taup_free(s->blocks);
  taup_free(s->codes);
  taup_free(s->profiles);
  taup_free(s->n_points);
  taup_free(s->checks.rows);
  taup_free(s->checks.first);
  taup_free(s->checks.again);
  tau_inputs_free(s->own_inputs);
}

/* --- checks --- */

static void check_rows(sweep *s, int i_thread, int64_t first, int n, const taup_block *b)
{
  const int m = s->job.kept->n_observables;
  for (int k = 0; k < s->checks.n; k++) {
    const int64_t row = s->checks.rows[k] - first;
    if (row < 0 || row >= n || b->status[row] != TAU_OK) continue;
    for (int i = 0; i < m; i++) s->checks.first[k * m + i] = b->observables[row * m + i];
    taup_sweep_again(s->workers[i_thread], s->checks.rows[k], s->checks.again + (ptrdiff_t)k * m);
  }
}

/* What is an error itself has no digits to agree in. */
static bool is_error(const char *path)
{
  const char *last = strrchr(path, '/');
  return strncmp(path, "balance/", 8) == 0 || (last && strcmp(last, "/grid_error") == 0);
}

static double largest_difference(const sweep *s)
{
  const checks *c = &s->checks;
  const int n_observables = s->job.kept->n_observables;
  double most = NAN;
  for (int i = 0; i < n_observables; i++) {
    double scale = 0.0;
    if (is_error(tau_train_observable(s->job.train, s->job.kept->observables[i]).path)) continue;
    for (int k = 0; k < c->n; k++) scale = fmax(scale, fabs(c->again[k * n_observables + i]));
    for (int k = 0; k < c->n; k++) {
      const double a = c->first[k * n_observables + i], b = c->again[k * n_observables + i];
      if (a == b) most = fmax(most, 0.0);
      else most = fmax(most, fabs(a - b) / (fabs(b) + 1e-6 * scale)); /* NAN is left out */
    }
  }
  return most;
}

/* --- the run --- */

static tau_status compute(void *user, int i_thread, int i_slot, taup_range range, int *n_done)
{
  sweep *s = user;
  taup_block *b = &s->blocks[i_slot];
  b->n_causes = b->n_handed_over = 0;
  TAU_TRY(taup_sweep_block(s->workers[i_thread], range.first, range.n, b, n_done));
  if (s->checks.n) check_rows(s, i_thread, range.first, *n_done, b);
  return TAU_OK;
}

static tau_status count_failures(sweep *s, const taup_block *b, int64_t first_run, int n)
{
  for (int row = 0; row < n; row++) {
    s->codes[row] = 0;
    if (!b->cause[row]) continue;
    TAU_TRY(taup_summary_code(s->summary, &b->causes[b->cause[row] - 1], first_run + row, &s->codes[row]));
    s->summary->codes[s->codes[row] - 1].n_runs++;
    s->summary->n_failed++;
  }
  return TAU_OK;
}

static tau_status hand_over(void *user, int i_slot, taup_range range)
{
  sweep *s = user;
  const taup_block *b = &s->blocks[i_slot];
  const int64_t first_run = s->options->first_run + range.first;
  TAU_TRY(count_failures(s, b, first_run, range.n));
  s->summary->n_done += range.n;
  s->summary->n_handed_over += b->n_handed_over;
  s->summary->wall_time = taup_clock() - s->started;
  for (int k = 0; k < s->job.kept->n_profiles; k++)
    s->profiles[k] =
      (tau_block_profile){s->n_points[k], b->profiles[k].position, b->profiles[k].c, b->profiles[k].T};
  const tau_block view = {.first_run = first_run,
                          .n = range.n,
                          .inputs = s->job.design->values + range.first * s->job.design->n_varied,
                          .observables = b->observables,
                          .sensitivities = b->sensitivities,
                          .status = b->status,
                          .code = s->codes,
                          .profiles = s->profiles};
  return s->sink->take(s->sink->user, &view, s->summary);
}

static tau_status tell(void *user)
{
  sweep *s = user;
  const tau_sweep_options *o = s->options;
  const double now = taup_clock();
  const int64_t n_runs = s->job.design->n_runs;
  if (o->max_time > 0.0 && now - s->started > o->max_time) return TAU_STOPPED_TIME;
  if (!o->progress || (now - s->told < tell_every && s->summary->n_done < n_runs)) return TAU_OK;
  s->told = now;
  return o->progress(o->user, s->summary->n_done, n_runs) ? TAU_STOPPED_USER : TAU_OK;
}

static tau_status run(sweep *s)
{
  TAU_TRY(taup_engine_of(&s->job.engine, s->job.train, s->options));
  s->summary->engine = s->job.engine;
  TAU_TRY(check_all(s));
  TAU_TRY(make(s));
  s->parallel.n_items = s->job.design->n_runs;
  const tau_status st = taup_parallel_run(&s->parallel);
  s->summary->largest_difference = largest_difference(s);
  return st == TAU_STOPPED_TIME || st == TAU_STOPPED_USER
           ? s->summary->n_done == s->job.design->n_runs ? TAU_OK : st
           : st;
}

tau_status tau_sweep(tau_sweep_summary **summary, const tau_train *train, const tau_inputs *inputs,
                     const tau_design *design, const tau_kept *kept, const tau_sink *sink,
                     const tau_sweep_options *options)
{
  static const tau_sweep_options none = TAU_SWEEP_OPTIONS_INIT;
  TAU_TRY(taup_summary_new(summary, train));
  sweep s = {.job = {.train = train, .inputs = inputs, .design = design, .kept = kept},
             .options = options ? options : &none,
             .sink = sink,
             .summary = *summary,
             .parallel = {.work = compute, .take = hand_over, .wait = tell},
             .started = taup_clock(),
             .told = -INFINITY};
  s.job.run = taup_run_options_of(train, &s.options->run);
  s.job.why = s.options->why;
  s.job.user = s.options->user;
  s.job.stop = &s.parallel.stop;
  s.parallel.user = &s;
  const tau_status st = run(&s);
  free_all(&s);
  (*summary)->wall_time = taup_clock() - s.started;
  return st;
}
