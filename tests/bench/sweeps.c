/* SPDX-License-Identifier: Apache-2.0 */
/* sweeps.c - sweeps by the lanes against hand-written CVODE programs (base.h) in a loop, at equal error, in one process.
 *
 *     sweeps NETWORKS POINTS.json OUT.json [SECONDS]
 *
 * The errors of both sides are root mean squares over the points of a sample and all species, against the base at tighter tolerances. Of
 * the coil ours runs at rtol 1e-6, the base at the loosest rtol of a ladder at which its error is at most ours. Of the stiff problems the
 * base runs at 1e-8, and ours at the loosest at which its error is at most the base's. atol goes with rtol on both sides.
 *
 * Ours is timed over all points, in blocks into memory, all concentrations of the outlet kept, by one thread and by two, which must give
 * the same bits; the base over the sample. No point is checked by CVODES while it is timed (tau_sweep_options.n_checked), but all are
 * counted that went there. POINTS.json holds the sample, its right answers and what ours did, for the peers.
 *
 * Exit status 1 where a side fails, no tolerance is good enough, or two threads give other bits than one. */
#include "bench/sweeps.h"

#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/coil.h"

enum { FEWEST_ROUNDS = 5 };
static const double rung = 0.7498942093324559; /* 10^(-1/8) */

/* --- the two programs --- */

static bool open_train(sides *s, const char *folder)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, s->w->file);
  if (tau_model_read(&s->model, path) < 0 || tau_train_compile(&s->train, s->model) < 0 ||
      tau_inputs_new(&s->inputs, s->train) < 0)
    return false;
  for (int i = 0; i < s->w->problem.n; i++) {
    snprintf(path, sizeof path, "outlet/c/%s", tau_train_species(s->train, i));
    if ((s->observables[i] = tau_train_observable_index(s->train, path)) < 0) return false;
  }
  if (!s->w->k) return coil_parameters(s->train, s->parameters);
  for (int j = 0; j < s->w->n_k; j++) {
    snprintf(path, sizeof path, "reactions/%s/k", tau_train_reaction(s->train, j));
    if ((s->parameters[j] = tau_train_parameter_index(s->train, path)) < 0) return false;
    s->nominal[j] = tau_train_parameter(s->train, s->parameters[j]).value;
  }
  return tau_inputs_set(s->inputs, "units/vessel/time", s->w->end * s->w->seconds_per_time) >= 0;
}

/* k times e^u, u uniform in -0.5 to 0.5. */
static void draw_constants(const sides *s)
{
  unsigned long long state = 20231;
  double *x = s->values;
  for (int i = 0; i < s->w->n_points; i++)
    for (int j = 0; j < s->n_varied; j++) *x++ = s->nominal[j] * exp(uniform(&state) - 0.5);
}

static bool open_sides(sides *s, const work *w, const char *folder)
{
  *s = (sides){.w = w, .n_varied = w->k ? w->n_k : N_COIL};
  const size_t m = (size_t)s->n_varied, n = (size_t)w->problem.n;
  s->values = calloc((size_t)w->n_points * m, sizeof(double));
  s->sample = calloc((size_t)w->n_sample * m, sizeof(double));
  s->c = calloc((size_t)w->n_points * n, sizeof(double));
  s->c2 = calloc((size_t)w->n_points * n, sizeof(double));
  s->mine = calloc((size_t)w->n_sample * n, sizeof(double));
  s->reference = calloc((size_t)w->n_sample * n, sizeof(double));
  s->base = base_new(&w->problem);
  if (!s->values || !s->sample || !s->c || !s->c2 || !s->mine || !s->reference || !s->base ||
      !open_train(s, folder))
    return false;
  if (w->k) draw_constants(s);
  else draw_coil(w->n_points, s->values);
  for (int i = 0; i < w->n_sample; i++) {
    const size_t from = (size_t)(i * (w->n_points / w->n_sample));
    memcpy(s->sample + (size_t)i * m, s->values + from * m, m * sizeof(double));
  }
  return true;
}

static void close_sides(sides *s)
{
  tau_inputs_free(s->inputs);
  tau_train_free(s->train);
  tau_model_free(s->model);
  base_free(s->base);
  free(s->values);
  free(s->sample);
  free(s->c);
  free(s->c2);
  free(s->mine);
  free(s->reference);
}

static double atol_at(const work *w, double rtol) { return w->atol * rtol / NOMINAL_RTOL; }

/* The sink: rows of n concentrations. */
typedef struct rows {
  int n;
  double *c;
} rows;

static tau_status keep(void *user, const tau_block *block, const tau_sweep_summary *summary)
{
  const rows *r = user;
  (void)summary;
  memcpy(r->c + block->first_run * r->n, block->observables, (size_t)(block->n * r->n) * sizeof(double));
  return TAU_OK;
}

/* By the lanes; what failed and what went to CVODES is counted. */
static bool sweep(sides *s, int n, const double *values, double rtol, int n_threads, double *c)
{
  tau_sweep_summary *summary = NULL;
  tau_sweep_options options = TAU_SWEEP_OPTIONS_INIT;
  options.run.rtol = rtol;
  options.run.atol = 1e3 * atol_at(s->w, rtol);
  options.engine = TAU_ENGINE_LANES;
  options.n_threads = n_threads;
  options.n_checked = 0;
  const tau_design design = {n, s->n_varied, s->parameters, values};
  const tau_kept kept = {.n_observables = s->w->problem.n, .observables = s->observables};
  rows r = {s->w->problem.n, c};
  const tau_sink sink = {keep, &r};
  const tau_status st = tau_sweep(&summary, s->train, s->inputs, &design, &kept, &sink, &options);
  s->n_handed_over = st < 0 ? 0 : (long long)tau_sweep_n_handed_over(summary);
  s->n_failed = st < 0 ? 0 : (long long)tau_sweep_n_failed(summary);
  tau_sweep_summary_free(summary);
  return st >= 0;
}

base_run base_point(const sides *s, int i, double *k, double *start)
{
  const work *w = s->w;
  const double *x = s->sample + (ptrdiff_t)i * s->n_varied;
  base_run run = {.user = k, .start = w->start, .end = w->end};
  if (w->k) {
    for (int j = 0; j < w->n_k; j++) k[j] = w->k[j] * (x[j] / s->nominal[j]);
    return run;
  }
  base_snar_k(x[COIL_T], k);
  memset(start, 0, SNAR_N * sizeof *start);
  start[0] = x[COIL_NITRO] / 2e3;
  start[1] = x[COIL_AMINE] / 2e3;
  run.start = start;
  run.end = x[COIL_TAU];
  return run;
}

/* The base over the sample. */
static bool loop(sides *s, double rtol, double atol, double *c)
{
  double k[MOST_K], start[SNAR_N];
  const size_t n = (size_t)s->w->problem.n;
  for (int i = 0; i < s->w->n_sample; i++) {
    base_run run = base_point(s, i, k, start);
    run.rtol = rtol;
    run.atol = atol;
    const double *end = base_solve(s->base, &run, NULL);
    if (!end) return false;
    memcpy(c + (size_t)i * n, end, n * sizeof *c);
  }
  return true;
}

/* --- equal error --- */

double scale_of(const sides *s, int i, double reference)
{
  if (!s->w->k) return s->sample[i * N_COIL + COIL_NITRO] / 2e3;
  return fabs(reference) + s->w->atol / NOMINAL_RTOL;
}

static error error_of(const sides *s, const double *c, double factor)
{
  const int n = s->w->problem.n;
  error e = {0.0, 0.0};
  for (int i = 0; i < s->w->n_sample; i++)
    for (int k = 0; k < n; k++) {
      const double right = s->reference[i * n + k];
      const double off = fabs(c[i * n + k] * factor - right) / scale_of(s, i, right);
      e.rms += off * off;
      if (!(off <= e.most)) e.most = off; /* also NAN */
    }
  e.rms = sqrt(e.rms / (n * s->w->n_sample));
  return e;
}

static bool error_of_ours(sides *s, double rtol, error *e)
{
  if (!s->w->solve(s, s->w->n_sample, s->sample, rtol, 1, s->mine)) return false;
  *e = error_of(s, s->mine, 1e-3);
  return true;
}

static bool error_of_base(sides *s, double rtol, error *e)
{
  if (!loop(s, rtol, atol_at(s->w, rtol), s->mine)) return false;
  *e = error_of(s, s->mine, 1.0);
  return true;
}

/* The loosest rtol from 1e-3 on with an error of at most `allowed`; 0 where there is none. A tolerance that fails is passed over. */
static double loosest(sides *s, bool (*side)(sides *, double, error *), double allowed, error *e)
{
  for (double rtol = 1e-3; rtol > 1e-13; rtol *= rung)
    if (side(s, rtol, e) && e->rms <= allowed) return rtol;
  return 0.0;
}

static bool make_equal(sides *s, equal *q)
{
  const work *w = s->w;
  *q = (equal){.base = {NAN, NAN}};
  if (!loop(s, w->reference_rtol, 1e-4 * w->atol, s->reference)) return false;
  if (w->rtol > 0.0) {
    q->rtol_ours = w->rtol;
    if (!error_of_ours(s, q->rtol_ours, &q->ours)) return false;
    if (w->limit > 0.0) return true;
    q->rtol_base = loosest(s, error_of_base, q->ours.rms, &q->base);
  } else {
    q->rtol_base = NOMINAL_RTOL;
    if (!error_of_base(s, q->rtol_base, &q->base)) return false;
    q->rtol_ours = loosest(s, error_of_ours, q->base.rms, &q->ours);
  }
  return q->rtol_ours > 0.0 && q->rtol_base > 0.0;
}

/* --- times, of a point --- */

/* The same sweep by one thread in this process and in a child at once. */
static bool solve_twice(sides *s, double rtol)
{
  int status = 1;
  const pid_t child = fork();
  if (child < 0) return false;
  const bool good = s->w->solve(s, s->w->n_points, s->values, rtol, 1, s->c2);
  if (child == 0) _exit(good ? 0 : 1);
  return waitpid(child, &status, 0) == child && status == 0 && good;
}

static bool measure(sides *s, const equal *q, double seconds, times *t)
{
  const int n = s->w->n_points;
  const double begin = now();
  if (!s->w->solve(s, n, s->values, q->rtol_ours, 1, s->c)) return false; /* the memory is touched */
  for (t->n = 0; t->n < MOST_ROUNDS && (t->n < FEWEST_ROUNDS || now() - begin < seconds); t->n++) {
    const double t0 = now(), p0 = processor_now();
    if (!s->w->solve(s, n, s->values, q->rtol_ours, 1, s->c)) return false;
    const double t1 = now(), p1 = processor_now();
    if (!s->w->solve(s, n, s->values, q->rtol_ours, 2, s->c2)) return false;
    const double t2 = now(), p2 = processor_now();
    if (s->w->limit <= 0.0 && !solve_twice(s, q->rtol_ours)) return false;
    const double t3 = now();
    if (s->w->limit <= 0.0 && !loop(s, q->rtol_base, atol_at(s->w, q->rtol_base), s->mine)) return false;
    const double t4 = now();
    t->ours[t->n] = (t1 - t0) / n;
    t->two[t->n] = (t2 - t1) / n;
    t->base[t->n] = s->w->limit > 0.0 ? s->w->limit : (t4 - t3) / s->w->n_sample;
    t->ratio[t->n] = t->ours[t->n] / t->base[t->n];
    t->threads[t->n] = 2.0 * t->two[t->n] / t->ours[t->n];
    t->processor[t->n] = (p2 - p1) / (p1 - p0);
    t->twins[t->n] = (t3 - t2) / (t1 - t0);
  }
  return true;
}

static bool bench(const work *w, const char *folder, double seconds, report *r)
{
  sides s;
  equal q;
  times t;
  const bool ran = open_sides(&s, w, folder) && make_equal(&s, &q) && measure(&s, &q, seconds, &t);
  const bool same = ran && memcmp(s.c, s.c2, (size_t)(w->n_points * w->problem.n) * sizeof(double)) == 0;
  if (ran) {
    fprintf(stderr, "%-22s %10.5g us, base %10.5g us, ratio %.4f, threads %.3f, error %.1e and %.1e%s\n",
            w->name, 1e6 * quantile(t.n, t.ours, 0.5), 1e6 * quantile(t.n, t.base, 0.5),
            quantile(t.n, t.ratio, 0.5), 1.0 / quantile(t.n, t.threads, 0.5), q.ours.rms, q.base.rms,
            same ? "" : "  OTHER BITS WITH 2 THREADS");
    write_sweep_row(r, &s, &q, &t);
    if (w->limit <= 0.0) write_threads_row(r, &s, &t, same);
    if (w->limit <= 0.0) write_points(r, &s, &q, &t);
  } else fprintf(stderr, "sweeps: %s could not be run to an equal error: %s\n", w->name, tau_last_error());
  close_sides(&s);
  return same;
}

static bool bench_all(const char *folder, double seconds, report *r)
{
  const work works[] = {
    {"snar", "snar.yaml", sweep, 1.0 / 80.0, 0.0, base_snar, NULL, NULL, 0, 0.0, 1.0, 1e-12, 1e-6, 1e-13,
     100000, 500},
    {"snar_1e-8", "snar.yaml", sweep, 1.0 / 80.0, 0.0, base_snar, NULL, NULL, 0, 0.0, 1.0, 1e-12, 1e-8, 1e-13,
     100000, 500},
    {"rober_1e5", "rober.yaml", sweep, 1.0 / 30.0, 0.0, base_rober, base_rober_k, base_rober_start, ROBER_N_K,
     1e5, 1.0, 1e-14, 0.0, 1e-12, 10000, 100},
    {"rober_4e10", "rober.yaml", sweep, 1.0 / 30.0, 0.0, base_rober, base_rober_k, base_rober_start,
     ROBER_N_K, 4e10, 1.0, 1e-14, 0.0, 1e-12, 10000, 100},
    {"hires", "hires.yaml", sweep, 1.0 / 10.0, 0.0, base_hires, base_hires_k, base_hires_start, HIRES_N_K,
     321.8122, 1.0, 1e-12, 0.0, 1e-12, 10000, 100},
    {"pollu", "pollu.yaml", sweep, 1.0 / 8.0, 0.0, base_pollu, base_pollu_k, base_pollu_start, POLLU_N_K,
     60.0, 60.0, 1e-14, 0.0, 1e-12, 10000, 100},
    {"rober_1e5_loose", "rober.yaml", sweep, 1.0, 2e-6, base_rober, base_rober_k, base_rober_start, ROBER_N_K,
     1e5, 1.0, 1e-11, 1e-3, 1e-12, 10000, 100},
  };
  bool good = true;
  for (size_t i = 0; i < sizeof works / sizeof *works; i++)
    good = bench(&works[i], folder, seconds, r) && good;
  good = bench_tank(folder, seconds, r) && good;
  return bench_sens(folder, seconds, r) && good;
}

int main(int argc, char **argv)
{
  if (argc < 4) {
    fprintf(stderr, "usage: sweeps NETWORKS POINTS.json OUT.json [SECONDS]\n");
    return 2;
  }
  report r = {.points = fopen(argv[2], "w"), .rows = fopen(argv[3], "w")};
  if (!r.rows || !r.points) {
    perror("sweeps");
    return 2;
  }
  fprintf(r.rows, "[");
  fprintf(r.points, "[");
  const bool good = bench_all(argv[1], argc > 4 ? atof(argv[4]) : 2.0, &r);
  fprintf(r.rows, "\n]\n");
  fprintf(r.points, "\n]\n");
  const bool written = fclose(r.rows) == 0 && fclose(r.points) == 0;
  return good && written ? 0 : 1;
}
