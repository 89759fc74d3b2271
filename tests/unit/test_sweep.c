/* SPDX-License-Identifier: Apache-2.0 */
/* test_sweep.c - many runs into a sink: order, bits, failures, ends. */
#include "support/small_sweep.h"

#include <stdatomic.h>

#include "base/status.h"
#include "expr/program.h"
#include "support/ledger.h"
#include <tautrain/sensitivity.h>

/* --- a sink that keeps everything --- */

typedef struct kept {
  int n_blocks, most;
  int64_t next;
  double *x; /* n_observables a run */
  int *status, *code;
  int n_observables;
  int fail_at; /* block; -1 */
} kept;

static kept kept_new(int64_t first, int64_t n, int n_observables)
{
  kept k = {.next = first, .n_observables = n_observables, .fail_at = -1};
  k.x = calloc((size_t)(n * n_observables), sizeof *k.x);
  k.status = calloc((size_t)n, sizeof *k.status);
  k.code = calloc((size_t)n, sizeof *k.code);
  assert_true(k.x && k.status && k.code);
  return k;
}

static void kept_free(kept *k)
{
  free(k->x);
  free(k->status);
  free(k->code);
}

static tau_status keep(void *user, const tau_block *b, const tau_sweep_summary *summary)
{
  kept *k = user;
  const size_t at = (size_t)(b->first_run), n = (size_t)b->n, m = (size_t)k->n_observables;
  assert_int_equal(b->first_run, k->next);
  assert_true(b->n >= 1);
  if (k->n_blocks == k->fail_at) return taup_fail(TAUP_ERR_CANNOT_WRITE, "the sink is full");
  k->n_blocks++;
  k->next += b->n;
  if (b->n > k->most) k->most = b->n;
  memcpy(k->x + at * m, b->observables, n * m * sizeof *k->x);
  memcpy(k->status + at, b->status, n * sizeof *k->status);
  memcpy(k->code + at, b->code, n * sizeof *k->code);
  for (int i = 0; i < b->n; i++) assert_true(b->code[i] <= tau_sweep_n_codes(summary));
  return TAU_OK;
}

static tau_sweep_options threads(int n)
{
  tau_sweep_options o = TAU_SWEEP_OPTIONS_INIT;
  o.n_threads = n;
  return o;
}

static tau_sweep_options run_after_run(int n_threads)
{
  tau_sweep_options o = threads(n_threads);
  o.engine = TAU_ENGINE_CVODES;
  return o;
}

/* --- values and failures --- */

static void check_rows(const small_sweep *s, const kept *k, int64_t *n_failed, int64_t *first)
{
  *n_failed = 0;
  *first = -1;
  for (int64_t i = 0; i < s->design.n_runs; i++) {
    if (s->values[i] < 100.0) {
      assert_int_equal(k->status[i], TAU_OK);
      assert_int_equal(k->code[i], 0);
      assert_close(k->x[i], s->values[i] / 100.0, 1e-7);
      continue;
    }
    assert_true(isnan(k->x[i]));
    assert_int_equal(k->status[i], TAU_E_SOLVER);
    assert_int_equal(k->code[i], 1);
    if (!(*n_failed)++) *first = i;
  }
}

static void rows_come_in_order_and_failures_are_counted(void **state)
{
  (void)state;
  small_sweep s;
  int64_t n_failed, first;
  small_sweep_open(&s, coil_text, "units/coil/residence_time", "conversion/A", 1000, 10.0, 120.0);
  kept k = kept_new(0, 1000, 1);
  const tau_sink sink = {keep, &k};
  const tau_sweep_options o = threads(2);
  tau_sweep_summary *summary = NULL;
  assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, &o), TAU_OK);
  check_rows(&s, &k, &n_failed, &first);
  assert_true(n_failed > 100);
  assert_int_equal(tau_sweep_n_done(summary), 1000);
  assert_int_equal(tau_sweep_n_failed(summary), n_failed);
  assert_int_equal(tau_sweep_n_codes(summary), 1);
  const tau_sweep_message m = tau_sweep_message_of(summary, 1);
  assert_string_equal(m.id, "below-zero");
  assert_string_equal(m.unit, "coil");
  assert_non_null(strstr(m.text, "coil"));
  assert_int_equal(m.status, TAU_E_SOLVER);
  assert_int_equal(m.n_runs, n_failed);
  assert_int_equal(m.first_run, first);
  assert_int_equal(tau_sweep_engine(summary), TAU_ENGINE_LANES);
  assert_true(tau_sweep_wall_time(summary) > 0.0);
  tau_sweep_summary_free(summary);
  kept_free(&k);
  small_sweep_close(&s);
}

static void bits_do_not_depend_on_the_number_of_threads(void **state)
{
  (void)state;
  small_sweep s;
  kept k[3];
  static const int n_threads[] = {1, 2, 4};
  small_sweep_open(&s, coil_text, "units/coil/residence_time", "outlet/c/B", 700, 10.0, 120.0);
  for (int i = 0; i < 3; i++) {
    k[i] = kept_new(0, 700, 1);
    const tau_sink sink = {keep, &k[i]};
    const tau_sweep_options o = threads(n_threads[i]);
    tau_sweep_summary *summary = NULL;
    assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, &o), TAU_OK);
    tau_sweep_summary_free(summary);
    assert_int_equal(k[i].next, 700);
    if (i == 0) continue;
    assert_memory_equal(k[i].x, k[0].x, 700 * sizeof(double));
    assert_memory_equal(k[i].status, k[0].status, 700 * sizeof(int));
    assert_memory_equal(k[i].code, k[0].code, 700 * sizeof(int));
  }
  for (int i = 0; i < 3; i++) kept_free(&k[i]);
  small_sweep_close(&s);
}

/* conversion = t / 100 s; the runs beyond 100 s fail by lanes as by CVODES, to which they are handed over. */
static void lanes_give_the_same_with_any_number_of_threads(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip(); /* lanes need vectors with fused multiplication */
  small_sweep s;
  kept k[3];
  small_sweep_open(&s, coil_text, "units/coil/residence_time", "conversion/A", 700, 10.0, 120.0);
  for (int i = 0; i < 3; i++) {
    k[i] = kept_new(0, 700, 1);
    const tau_sink sink = {keep, &k[i]};
    tau_sweep_options o = threads(i + 1);
    o.engine = TAU_ENGINE_LANES;
    tau_sweep_summary *summary = NULL;
    assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, &o), TAU_OK);
    assert_int_equal(tau_sweep_engine(summary), TAU_ENGINE_LANES);
    assert_true(tau_sweep_largest_difference(summary) < 1e-7);
    assert_true(tau_sweep_n_handed_over(summary) >= tau_sweep_n_failed(summary));
    tau_sweep_summary_free(summary);
    for (int r = 0; r < 700; r++) {
      const double want = s.values[r] / 100.0;
      assert_int_equal(k[i].status[r], want > 1.0 ? TAU_E_SOLVER : TAU_OK);
      if (want < 1.0) assert_true(fabs(k[i].x[r] - want) <= 1e-7 * want);
    }
    assert_memory_equal(k[i].x, k[0].x, 700 * sizeof(double));
  }
  for (int i = 0; i < 3; i++) kept_free(&k[i]);
  small_sweep_close(&s);
}

/* A row is what tau_train_run gives for the same parameters, bit for bit: lanes of eight and of one. */
static void a_row_is_a_run(void **state)
{
  (void)state;
  small_sweep s;
  small_sweep_open(&s, coil_text, "units/coil/residence_time", "outlet/c/B", 20, 10.0, 90.0);
  kept k = kept_new(0, 20, 1);
  const tau_sink sink = {keep, &k};
  tau_sweep_summary *summary = NULL;
  tau_inputs *in = NULL;
  assert_int_equal(tau_inputs_new(&in, s.train), TAU_OK);
  assert_int_equal(tau_inputs_set(in, "feeds/f/concentration/A", 1500.0), TAU_OK);
  assert_int_equal(tau_sweep(&summary, s.train, in, &s.design, &s.kept, &sink, NULL), TAU_OK);
  for (int i = 0; i < 20; i++) {
    assert_int_equal(tau_inputs_set_index(in, s.parameter, s.values[i]), TAU_OK);
    tau_result *r = small_result_of(s.train, in);
    assert_true(small_value(r, "outlet/c/B") == k.x[i]);
    tau_result_free(r);
  }
  tau_inputs_free(in);
  tau_sweep_summary_free(summary);
  kept_free(&k);
  small_sweep_close(&s);
}

/* The model gives a residence time; the design a volume in its place: t = V / (1 mL/min). */
static void a_design_may_replace_an_alternative(void **state)
{
  (void)state;
  small_sweep s;
  small_sweep_open(&s, coil_text, "units/coil/volume", "conversion/A", 10, 0.1e-6, 1.5e-6);
  kept k = kept_new(0, 10, 1);
  const tau_sink sink = {keep, &k};
  tau_sweep_summary *summary = NULL;
  assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, NULL), TAU_OK);
  for (int i = 0; i < 10; i++) assert_close(k.x[i], s.values[i] / (1e-6 / 60.0) / 100.0, 1e-7);
  tau_sweep_summary_free(summary);
  kept_free(&k);
  small_sweep_close(&s);
}

/* --- profiles --- */

typedef struct profile_want {
  const small_sweep *s;
  int n_points;
  double end; /* longest time that is marched [s] */
} profile_want;

/* c_A(t) = 1000 - 10 t along the coil [mol/m^3, s]; positions are volumes. */
static tau_status check_profile(void *user, const tau_block *b, const tau_sweep_summary *summary)
{
  const profile_want *w = user;
  const tau_block_profile *p = &b->profiles[0];
  static const double flow = 1e-6 / 60.0;
  (void)summary;
  assert_int_equal(p->n_points, w->n_points);
  for (int row = 0; row < b->n; row++) {
    const double *at = p->position + (ptrdiff_t)row * p->n_points,
                 *c = p->c + (ptrdiff_t)row * p->n_points * 2;
    const double t_end = fmin(b->inputs[row], w->end);
    const bool failed = b->status[row] != TAU_OK;
    int n = 0;
    for (; n < p->n_points && !isnan(at[n]); n++) {
      assert_close(c[2 * n], 1000.0 - 10.0 * at[n] / flow, 1e-4);
      assert_close(c[2 * n] + c[2 * n + 1], 1000.0, 1e-6);
      assert_close(p->T[(ptrdiff_t)row * p->n_points + n], 298.15, 1e-9);
      assert_true(n == 0 || at[n] > at[n - 1]);
    }
    if (failed) assert_int_equal(n, 0);
    else assert_close_rel(at[n - 1], t_end * flow, 1e-6);
    for (; n < p->n_points; n++) assert_true(isnan(at[n]) && isnan(c[2 * n]) && isnan(c[2 * n + 1]));
  }
  return TAU_OK;
}

static void sweep_profiles(const char *text, int n_points, double end)
{
  small_sweep s;
  small_sweep_open(&s, text, "units/coil/residence_time", "conversion/A", 40, 10.0, 110.0);
  s.kept.n_profiles = 1;
  profile_want w = {&s, n_points, end};
  const tau_sink sink = {check_profile, &w};
  tau_sweep_summary *summary = NULL;
  assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, NULL), TAU_OK);
  assert_int_equal(tau_sweep_n_done(summary), 40);
  tau_sweep_summary_free(summary);
  small_sweep_close(&s);
}

static void profiles_reach_the_end_of_each_run(void **state)
{
  (void)state;
  sweep_profiles(coil_text, 101, INFINITY);
  sweep_profiles(at_text, 4, INFINITY);
  sweep_profiles(until_text, 102, 25.5);
}

/* --- sensitivities --- */

typedef struct slopes_want {
  const small_sweep *s;
  int n_seen;
} slopes_want;

/* conversion = k0 t / c0 and c_B = k0 t, and so their derivatives to k0, t and the concentration c0 of the feed. */
static tau_status check_slopes(void *user, const tau_block *b, const tau_sweep_summary *summary)
{
  slopes_want *w = user;
  static const double k0 = 10.0, c0 = 1000.0;
  (void)summary;
  for (int row = 0; row < b->n; row++) {
    const double t = b->inputs[row], *x = b->observables + 2 * row, *slope = b->sensitivities + 6 * row;
    if (b->status[row] != TAU_OK) {
      assert_true(t > 100.0);
      for (int i = 0; i < 6; i++) assert_true(isnan(slope[i]));
      continue;
    }
    const double want[6] = {t / c0, k0 / c0, -k0 * t / (c0 * c0), t, k0, 0.0};
    assert_close(x[0], k0 * t / c0, 1e-6);
    assert_close_rel(x[1], k0 * t, 1e-6);
    for (int i = 0; i < 6; i++) assert_true(fabs(slope[i] - want[i]) <= 1e-6 * fabs(want[i]) + 1e-9);
    w->n_seen++;
  }
  return TAU_OK;
}

static void sensitivities_are_the_derivatives(void **state)
{
  (void)state;
  small_sweep s;
  small_sweep_open(&s, coil_text, "units/coil/residence_time", "conversion/A", 300, 10.0, 120.0);
  const int observables[] = {s.observable, tau_train_observable_index(s.train, "outlet/c/B")};
  const int by[] = {small_parameter(s.train, "reactions/r/parameters/k0"), s.parameter,
                    small_parameter(s.train, "feeds/f/concentration/A")};
  const tau_kept what = {.n_observables = 2,
                         .observables = observables,
                         .n_sensitivities = 3,
                         .sensitivities = by};
  for (int engine = 0; engine < 3; engine++) {
    slopes_want w = {&s, 0};
    const tau_sink sink = {check_slopes, &w};
    tau_sweep_options o = threads(1 + engine);
    o.engine = (tau_engine)engine;
    tau_sweep_summary *summary = NULL;
    assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &what, &sink, &o), TAU_OK);
    assert_int_equal(tau_sweep_n_done(summary), 300);
    assert_true(w.n_seen > 200 && w.n_seen == 300 - tau_sweep_n_failed(summary));
    assert_int_equal(tau_sweep_engine(summary),
                     o.engine == TAU_ENGINE_CVODES ? TAU_ENGINE_CVODES : TAU_ENGINE_LANES);
    tau_sweep_summary_free(summary);
  }
  small_sweep_close(&s);
}

typedef struct slopes_kept {
  double x[20], slope[20];
} slopes_kept;

static tau_status keep_slopes(void *user, const tau_block *b, const tau_sweep_summary *summary)
{
  slopes_kept *k = user;
  (void)summary;
  memcpy(k->x + b->first_run, b->observables, (size_t)b->n * sizeof(double));
  memcpy(k->slope + b->first_run, b->sensitivities, (size_t)b->n * sizeof(double));
  return TAU_OK;
}

/* A row is what tau_train_sensitivity gives by CVODES for the same inputs, bit for bit, with any number of threads. */
static void a_row_with_sensitivities_is_a_run_with_them(void **state)
{
  (void)state;
  small_sweep s;
  small_sweep_open(&s, until_text, "feeds/f/flow", "outlet/c/B", 20, 1e-9, 1e-7);
  const int by = small_parameter(s.train, "reactions/r/parameters/k0");
  s.kept.n_sensitivities = 1;
  s.kept.sensitivities = &by;
  slopes_kept k[2];
  tau_run_options cvodes = TAU_RUN_OPTIONS_INIT;
  cvodes.engine = TAU_ENGINE_CVODES;
  for (int i = 0; i < 2; i++) {
    const tau_sink sink = {keep_slopes, &k[i]};
    const tau_sweep_options o = run_after_run(1 + 2 * i);
    tau_sweep_summary *summary = NULL;
    assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, &o), TAU_OK);
    assert_int_equal(tau_sweep_n_failed(summary), 0);
    tau_sweep_summary_free(summary);
  }
  assert_memory_equal(&k[0], &k[1], sizeof k[0]);
  tau_inputs *in = NULL;
  assert_int_equal(tau_inputs_new(&in, s.train), TAU_OK);
  for (int i = 0; i < 20; i++) {
    tau_sensitivity *one = NULL;
    assert_int_equal(tau_inputs_set_index(in, s.parameter, s.values[i]), TAU_OK);
    assert_int_equal(tau_train_sensitivity(&one, s.train, in, 1, &by, &cvodes), TAU_OK);
    assert_true(tau_sensitivity_value(one, s.observable, 0) == k[0].slope[i]);
    assert_true(small_value(tau_sensitivity_result(one), "outlet/c/B") == k[0].x[i]);
    tau_sensitivity_free(one);
  }
  tau_inputs_free(in);
  small_sweep_close(&s);
}

/* --- ends --- */

static int stop_after(void *user, int64_t n_done, int64_t n_runs)
{
  (void)n_runs;
  return n_done >= *(int64_t *)user;
}

static void a_stop_keeps_what_is_done(void **state)
{
  (void)state;
  small_sweep s;
  int64_t enough = 20;
  small_sweep_open(&s, coil_text, "units/coil/residence_time", "conversion/A", 20000, 10.0, 90.0);
  kept k = kept_new(0, 20000, 1);
  const tau_sink sink = {keep, &k};
  tau_sweep_options o = run_after_run(2);
  o.progress = stop_after;
  o.user = &enough;
  tau_sweep_summary *summary = NULL;
  assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, &o), TAU_STOPPED_USER);
  assert_true(tau_sweep_n_done(summary) >= 20 && tau_sweep_n_done(summary) < 20000);
  assert_int_equal(tau_sweep_n_done(summary), k.next);
  for (int64_t i = 0; i < k.next; i++) assert_close(k.x[i], s.values[i] / 100.0, 1e-7);
  tau_sweep_summary_free(summary);
  k.next = 0;
  o = run_after_run(1);
  o.max_time = 1e-3;
  assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, &o), TAU_STOPPED_TIME);
  assert_true(tau_sweep_n_done(summary) < 20000);
  assert_int_equal(tau_sweep_n_done(summary), k.next);
  tau_sweep_summary_free(summary);
  kept_free(&k);
  small_sweep_close(&s);
}

/* The Brusselator with A = 1, B = 3 oscillates for ever; some 10^10 steps to the end are left within a second. */
static void a_stop_interrupts_a_run(void **state)
{
  (void)state;
  small_sweep s;
  int64_t none = 0;
  small_sweep_open(
    &s,
    "tautrain: 1\nspecies: {S: {}, X: {}, Y: {}, E: {}}\nreactions:\n"
    "  a: {equation: S -> X, rate: \"ka\", parameters: {ka: 1 mol/L/s}}\n"
    "  b: {equation: X -> Y, k: 3 1/s}\n"
    "  c: {equation: Y -> X, rate: \"kc*X*X*Y\", parameters: {kc: 1 L^2/mol^2/s}}\n"
    "  d: {equation: X -> E, k: 1 1/s}\n"
    "units: {b: {type: batch, time: 1e9 s, charge: {volume: 1 L, concentration: {S: 1e10 mol/L, "
    "X: 1 mol/L, Y: 1 mol/L}}}}\nsolver: {atol: 1e-6 mol/L, max_steps: 2000000000}\n",
    "units/b/time", "outlet/c/X", 2, 1e9, 2e9);
  kept k = kept_new(0, 2, 1);
  const tau_sink sink = {keep, &k};
  tau_sweep_options o = threads(1);
  o.progress = stop_after;
  o.user = &none;
  tau_sweep_summary *summary = NULL;
  assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, &o), TAU_STOPPED_USER);
  assert_int_equal(tau_sweep_n_done(summary), 0);
  assert_int_equal(k.n_blocks, 0);
  assert_true(tau_sweep_wall_time(summary) < 30.0);
  tau_sweep_summary_free(summary);
  kept_free(&k);
  small_sweep_close(&s);
}

static void a_sink_that_fails_ends_the_sweep_with_its_error(void **state)
{
  (void)state;
  small_sweep s;
  small_sweep_open(&s, mixer_text, "feeds/f/flow", "outlet/flow", 20000, 1e-9, 1e-8);
  kept k = kept_new(0, 20000, 1);
  k.fail_at = 2;
  const tau_sink sink = {keep, &k};
  const tau_sweep_options o = threads(4);
  tau_sweep_summary *summary = NULL;
  assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, &o), TAU_E_IO);
  assert_string_equal(tau_last_error(), "the sink is full");
  assert_string_equal(tau_last_error_id(), "cannot-write");
  assert_int_equal(k.n_blocks, 2);
  tau_sweep_summary_free(summary);
  kept_free(&k);
  small_sweep_close(&s);
}

static void blocks_are_counted_from_the_first_run_of_the_part(void **state)
{
  (void)state;
  small_sweep s;
  small_sweep_open(&s, coil_text, "units/coil/residence_time", "conversion/A", 30, 110.0, 120.0);
  kept k = kept_new(70, 100, 1);
  const tau_sink sink = {keep, &k};
  tau_sweep_options o = threads(2);
  o.first_run = 70;
  tau_sweep_summary *summary = NULL;
  assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, &o), TAU_OK);
  assert_int_equal(k.next, 100);
  assert_int_equal(tau_sweep_message_of(summary, 1).first_run, 70);
  assert_int_equal(tau_sweep_message_of(summary, 1).n_runs, 30);
  tau_sweep_summary_free(summary);
  kept_free(&k);
  small_sweep_close(&s);
}

/* A run over its own time is a row with a positive status. */
static void a_run_over_its_time_is_a_row(void **state)
{
  (void)state;
  small_sweep s;
  small_sweep_open(&s, coil_text, "units/coil/residence_time", "conversion/A", 4, 10.0, 20.0);
  kept k = kept_new(0, 4, 1);
  const tau_sink sink = {keep, &k};
  tau_sweep_options o = threads(1);
  o.run.max_time = 0.0;
  tau_sweep_summary *summary = NULL;
  assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, &o), TAU_OK);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(k.status[i], TAU_STOPPED_TIME);
    assert_true(isnan(k.x[i]));
  }
  assert_string_equal(tau_sweep_message_of(summary, 1).id, "time-limit");
  tau_sweep_summary_free(summary);
  kept_free(&k);
  small_sweep_close(&s);
}

static void no_runs_are_done_at_once(void **state)
{
  (void)state;
  small_sweep s;
  small_sweep_open(&s, coil_text, "units/coil/residence_time", "conversion/A", 1, 10.0, 20.0);
  s.design.n_runs = 0;
  kept k = kept_new(0, 1, 1);
  const tau_sink sink = {keep, &k};
  tau_sweep_summary *summary = NULL;
  assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, NULL), TAU_OK);
  assert_int_equal(tau_sweep_n_done(summary), 0);
  tau_sweep_summary_free(summary);
  kept_free(&k);
  small_sweep_close(&s);
}

/* --- what is refused --- */

static void assert_refused(const small_sweep *s, const tau_design *design, const tau_kept *what,
                           const tau_sweep_options *o, tau_status want, const char *part)
{
  kept k = kept_new(0, 1, 1);
  k.fail_at = 0; /* nothing may have run */
  const tau_sink sink = {keep, &k};
  tau_sweep_summary *summary = NULL;
  const tau_status st = tau_sweep(&summary, s->train, NULL, design, what, &sink, o);
  if (st != want || !strstr(tau_last_error(), part))
    fail_msg("%s: %s", tau_status_name(st), tau_last_error());
  assert_non_null(summary);
  tau_sweep_summary_free(summary);
  kept_free(&k);
}

static void what_cannot_be_swept_is_refused_before_it_runs(void **state)
{
  (void)state;
  small_sweep s;
  small_sweep_open(&s, coil_text, "units/coil/residence_time", "conversion/A", 10, 10.0, 20.0);
  const int n_parameters = tau_train_n_parameters(s.train), n_observables = tau_train_n_observables(s.train);
  const int same[] = {s.parameter, s.parameter};
  const int two[] = {s.parameter, small_parameter(s.train, "units/coil/volume")};
  tau_design twice = {1, 2, same, s.values}, alternatives = {1, 2, two, s.values};
  tau_design no_parameter = {1, 1, &n_parameters, s.values};
  tau_kept no_observable = {.n_observables = 1, .observables = &n_observables},
           no_unit = {.n_profiles = 1, .profiles = &n_parameters};
  const int ks[] = {s.parameter, two[1], s.parameter}, below = -1;
  tau_kept slopes_twice = {.n_sensitivities = 3, .sensitivities = ks},
           no_slope = {.n_sensitivities = 1, .sensitivities = &below};
  tau_sweep_options fine = threads(1);
  fine.run.rtol = 1e-16;
  assert_refused(&s, &twice, &s.kept, NULL, TAU_E_VALUE, "twice");
  assert_refused(&s, &alternatives, &s.kept, NULL, TAU_E_VALUE, "only one");
  assert_refused(&s, &no_parameter, &s.kept, NULL, TAU_E_VALUE, "parameter");
  assert_refused(&s, &s.design, &no_observable, NULL, TAU_E_VALUE, "observable");
  assert_refused(&s, &s.design, &no_unit, NULL, TAU_E_VALUE, "unit");
  assert_refused(&s, &s.design, &slopes_twice, NULL, TAU_E_VALUE,
                 "units/coil/residence_time are to be kept twice");
  assert_string_equal(tau_last_error_id(), "asked-twice");
  assert_refused(&s, &s.design, &no_slope, NULL, TAU_E_VALUE, "sensitivities to parameter -1");
  assert_refused(&s, &s.design, &s.kept, &fine, TAU_E_VALUE, "rtol");
  s.values[7] = -1.0;
  assert_refused(&s, &s.design, &s.kept, NULL, TAU_E_VALUE, "run 7");
  s.values[7] = NAN;
  assert_refused(&s, &s.design, &s.kept, NULL, TAU_E_VALUE, "units/coil/residence_time");
  small_sweep_close(&s);
  small_sweep_open(&s, mixer_text, "feeds/f/flow", "outlet/flow", 1, 1e-9, 1e-8);
  s.kept.n_profiles = 1;
  assert_refused(&s, &s.design, &s.kept, NULL, TAU_E_UNSUPPORTED, "mixer");
  small_sweep_close(&s);
}

/* --- checks --- */

static void checked_runs_tell_the_largest_difference(void **state)
{
  (void)state;
  small_sweep s;
  small_sweep_open(&s, coil_text, "units/coil/residence_time", "conversion/A", 50, 10.0, 90.0);
  kept k = kept_new(0, 50, 1);
  const tau_sink sink = {keep, &k};
  tau_sweep_options o = threads(2);
  tau_sweep_summary *summary = NULL;
  for (int n = 0; n <= 60; n += 20) {
    o.n_checked = n;
    o.run.rtol = 1e-6;
    k.next = 0;
    assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, &o), TAU_OK);
    const double difference = tau_sweep_largest_difference(summary);
    if (n == 0) assert_true(isnan(difference));
    else assert_true(difference >= 0.0 && difference < 1e-5);
    tau_sweep_summary_free(summary);
  }
  kept_free(&k);
  small_sweep_close(&s);
}

/* --- memory --- */

static _Atomic long n_requests, n_alive, n_bytes, most_bytes;

static void *count_malloc(void *user, size_t bytes)
{
  size_t *block = malloc(bytes + 16);
  (void)user;
  if (!block) return NULL;
  *block = bytes;
  n_requests++;
  n_alive++;
  n_bytes += (long)bytes;
  if (n_bytes > most_bytes) most_bytes = n_bytes;
  return (char *)block + 16;
}

static void count_free(void *user, void *block)
{
  (void)user;
  if (!block) return;
  size_t *start = (void *)((char *)block - 16);
  n_bytes -= (long)*start;
  n_alive--;
  free(start);
}

static void *count_realloc(void *user, void *block, size_t bytes)
{
  void *moved = count_malloc(user, bytes);
  if (moved && block) {
    const size_t have = *(size_t *)(void *)((char *)block - 16);
    memcpy(moved, block, have < bytes ? have : bytes);
  }
  if (moved) count_free(user, block);
  return moved;
}

static tau_status drop(void *user, const tau_block *b, const tau_sweep_summary *summary)
{
  (void)summary;
  *(int64_t *)user += b->n;
  return TAU_OK;
}

static void memory_of(int n, long *requests, long *peak)
{
  const tau_allocator a = {count_malloc, count_realloc, count_free, NULL};
  small_sweep s;
  int64_t seen = 0;
  tau_allocator_set(&a);
  small_sweep_open(&s, mixer_text, "feeds/f/flow", "outlet/flow", n, 1e-9, 1e-8);
  n_requests = 0;
  most_bytes = n_bytes;
  const tau_sink sink = {drop, &seen};
  const tau_sweep_options o = threads(2);
  tau_sweep_summary *summary = NULL;
  assert_int_equal(tau_sweep(&summary, s.train, NULL, &s.design, &s.kept, &sink, &o), TAU_OK);
  tau_sweep_summary_free(summary);
  assert_int_equal(seen, n);
  small_sweep_close(&s);
  tau_allocator_set(NULL);
  *requests = n_requests;
  *peak = most_bytes;
  assert_int_equal(n_alive, 0);
}

static void memory_does_not_grow_with_the_runs(void **state)
{
  (void)state;
  long few_requests, few_bytes, many_requests, many_bytes;
  tau_result_free(small_result(mixer_text)); /* what is made once in a process */
  memory_of(10000, &few_requests, &few_bytes);
  memory_of(100000, &many_requests, &many_bytes);
  print_message("10,000 runs: %ld requests, %ld bytes; 100,000 runs: %ld, %ld\n", few_requests, few_bytes,
                many_requests, many_bytes);
  assert_int_equal(few_requests, many_requests);
  assert_int_equal(few_bytes, many_bytes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(rows_come_in_order_and_failures_are_counted),
    cmocka_unit_test(bits_do_not_depend_on_the_number_of_threads),
    cmocka_unit_test(lanes_give_the_same_with_any_number_of_threads),
    cmocka_unit_test(a_row_is_a_run),
    cmocka_unit_test(a_design_may_replace_an_alternative),
    cmocka_unit_test(profiles_reach_the_end_of_each_run),
    cmocka_unit_test(sensitivities_are_the_derivatives),
    cmocka_unit_test(a_row_with_sensitivities_is_a_run_with_them),
    cmocka_unit_test(a_stop_keeps_what_is_done),
    cmocka_unit_test(a_stop_interrupts_a_run),
    cmocka_unit_test(a_sink_that_fails_ends_the_sweep_with_its_error),
    cmocka_unit_test(blocks_are_counted_from_the_first_run_of_the_part),
    cmocka_unit_test(a_run_over_its_time_is_a_row),
    cmocka_unit_test(no_runs_are_done_at_once),
    cmocka_unit_test(what_cannot_be_swept_is_refused_before_it_runs),
    cmocka_unit_test(checked_runs_tell_the_largest_difference),
    cmocka_unit_test(memory_does_not_grow_with_the_runs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
