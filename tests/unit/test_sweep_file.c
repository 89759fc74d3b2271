/* SPDX-License-Identifier: Apache-2.0 */
/* test_sweep_file.c - a sweep's file: what stands in it, going on where it was left, what is refused, parts. */
#define _DEFAULT_SOURCE /* flock, mkdtemp */
#include "support/small_sweep.h"

#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "expr/program.h"
#include "support/bytes.h"
#include "support/scratch.h"

enum { N = 400 };

/* --- a sweep that is half good, half failures --- */

static small_sweep sweep;
static tau_kept without; /* sensitivities, which lanes do not carry */
static int by[2];        /* derivatives to k0 and to the residence time t: t / (1000 mol/m^3), 0.01 / s */
static const char design_text[] = "residence_time: 10 to 190 s\nsecond line\n";

static int set_up(void **state)
{
  if (scratch_enter(state)) return -1;
  signal(SIGXFSZ, SIG_IGN);
  small_sweep_open(&sweep, coil_text, "units/coil/residence_time", "conversion/A", N, 10.0, 190.0);
  sweep.kept.n_profiles = 1;
  by[0] = small_parameter(sweep.train, "reactions/r/parameters/k0");
  by[1] = sweep.parameter;
  without = sweep.kept;
  sweep.kept.n_sensitivities = 2;
  sweep.kept.sensitivities = by;
  return 0;
}

static int tear_down(void **state)
{
  small_sweep_close(&sweep);
  return scratch_leave(state);
}

static tau_sweep_plan plan_of(const small_sweep *s)
{
  return (tau_sweep_plan){.train = s->train,
                          .n_runs = s->design.n_runs,
                          .n_varied = 1,
                          .parameters = &s->parameter,
                          .kept = &s->kept,
                          .design = design_text,
                          .command = "a test"};
}

static int stop_after(void *user, int64_t n_done, int64_t n_runs)
{
  (void)n_runs;
  return n_done >= *(int64_t *)user;
}

/* Goes on with a file until at least `enough` more runs are done; its status. */
static tau_status go_on(const char *file, const small_sweep *s, const tau_sweep_plan *plan, int64_t enough)
{
  tau_sweep_file *f = NULL;
  tau_sweep_summary *summary = NULL;
  tau_sweep_options o = TAU_SWEEP_OPTIONS_INIT;
  int64_t n_done = -1;
  tau_status st = tau_sweep_file_open(&f, file, plan, false, &n_done);
  if (st < 0) {
    assert_null(f);
    return st;
  }
  if (plan->options) o = *plan->options;
  o.n_threads = 2;
  o.first_run = plan->first_run + n_done;
  o.progress = stop_after;
  o.user = &enough;
  const tau_design rest = {plan->n_runs - n_done, 1, &s->parameter, s->values + plan->first_run + n_done};
  const tau_sink sink = tau_sweep_file_sink(f);
  st = tau_sweep(&summary, s->train, plan->inputs, &rest, plan->kept, &sink, &o);
  if (st >= 0) assert_int_equal(tau_sweep_file_add(f, summary), TAU_OK);
  const tau_status end = tau_sweep_file_close(f);
  tau_sweep_summary_free(summary);
  return st < 0 ? st : end < 0 ? end : st;
}

static void make(const char *file, const small_sweep *s, const tau_sweep_plan *plan)
{
  const tau_status st = go_on(file, s, plan, INT64_MAX);
  if (st != TAU_OK) fail_msg("%s: %s: %s", file, tau_status_name(st), tau_last_error());
}

/* --- reading it as others would --- */

/* All of a dataset, as doubles; *n: how many. */
static double *numbers(const char *file, const char *path, int *n)
{
  const hid_t f = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT), id = H5Dopen2(f, path, H5P_DEFAULT);
  if (id < 0) fail_msg("no %s in %s", path, file);
  const hid_t space = H5Dget_space(id);
  *n = (int)H5Sget_simple_extent_npoints(space);
  double *x = calloc((size_t)*n + 1, sizeof *x);
  assert_non_null(x);
  assert_true(H5Dread(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
  H5Sclose(space);
  H5Dclose(id);
  H5Fclose(f);
  return x;
}

static void fixed_text(const char *file, const char *path, size_t n_bytes, int row, char *out)
{
  const hid_t f = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT), id = H5Dopen2(f, path, H5P_DEFAULT);
  const hid_t type = H5Dget_type(id);
  assert_int_equal(H5Tget_size(type), n_bytes);
  char *all = calloc(300, n_bytes);
  assert_non_null(all);
  assert_true(H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, all) >= 0);
  memcpy(out, all + (size_t)row * n_bytes, n_bytes);
  free(all);
  H5Tclose(type);
  H5Dclose(id);
  H5Fclose(f);
}

static void status_word(const char *file, char word[/* 16 */])
{
  const hid_t f = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT), id = H5Aopen(f, "status", H5P_DEFAULT);
  const hid_t type = H5Aget_type(id);
  assert_int_equal(H5Tget_size(type), 16);
  assert_true(H5Aread(id, type, word) >= 0);
  H5Tclose(type);
  H5Aclose(id);
  H5Fclose(f);
}

static const char *const everything[] = {
  "/sweep/input",
  "/sweep/output",
  "/sweep/status",
  "/sweep/code",
  "/sweep/message_status",
  "/sweep/message_runs",
  "/sweep/message_first_run",
  "/sweep/profiles/coil/c",
  "/sweep/profiles/coil/T",
  "/sweep/profiles/coil/position",
  "/sensitivity/values",
  "/parameters/value",
};

static void assert_same(const char *a, const char *b)
{
  for (size_t k = 0; k < sizeof everything / sizeof everything[0]; k++) {
    int n, m;
    double *x = numbers(a, everything[k], &n), *y = numbers(b, everything[k], &m);
    assert_int_equal(n, m);
    if (memcmp(x, y, (size_t)n * sizeof *x) != 0) fail_msg("%s differs", everything[k]);
    free(x);
    free(y);
  }
  char text[2][1024];
  for (int row = 0; row < 2; row++) {
    fixed_text(a, "/sweep/message", 1024, row, text[0]);
    fixed_text(b, "/sweep/message", 1024, row, text[1]);
    assert_string_equal(text[0], text[1]);
  }
}

static void the_file_holds_inputs_outputs_and_outcomes(void **state)
{
  (void)state;
  const tau_sweep_plan plan = plan_of(&sweep);
  int n;
  char text[1024];
  make("all.h5", &sweep, &plan);
  double *in = numbers("all.h5", "/sweep/input", &n);
  assert_int_equal(n, N);
  assert_memory_equal(in, sweep.values, N * sizeof(double));
  double *out = numbers("all.h5", "/sweep/output", &n), *status = numbers("all.h5", "/sweep/status", &n);
  double *code = numbers("all.h5", "/sweep/code", &n);
  int n_failed = 0, first = -1;
  for (int i = 0; i < N; i++) {
    const bool fails = in[i] > 100.0;
    assert_true(status[i] == (fails ? TAU_E_SOLVER : TAU_OK) && code[i] == (fails ? 1.0 : 0.0));
    if (fails) assert_true(isnan(out[i]));
    else assert_close(out[i], in[i] / 100.0, 1e-7);
    if (fails && !n_failed++) first = i;
  }
  double *runs = numbers("all.h5", "/sweep/message_runs", &n);
  assert_int_equal(n, 256);
  assert_int_equal((int)runs[0], n_failed);
  assert_int_equal((int)runs[1], 0);
  double *first_run = numbers("all.h5", "/sweep/message_first_run", &n);
  assert_int_equal((int)first_run[0], first);
  assert_int_equal((int)first_run[1], -1);
  fixed_text("all.h5", "/sweep/message_id", 64, 0, text);
  assert_string_equal(text, "below-zero");
  fixed_text("all.h5", "/sweep/message_unit", 256, 0, text);
  assert_string_equal(text, "coil");
  fixed_text("all.h5", "/sweep/message", 1024, 0, text);
  assert_non_null(strstr(text, "coil"));
  double *done = numbers("all.h5", "/sweep/n_done", &n);
  assert_int_equal((int)done[0], N);
  double *c = numbers("all.h5", "/sweep/profiles/coil/c", &n);
  assert_int_equal(n, N * 101 * 2);
  assert_close(c[0], 1000.0, 1e-9);
  status_word("all.h5", text);
  assert_string_equal(text, "complete");
  double *slopes = numbers("all.h5", "/sensitivity/values", &n);
  assert_int_equal(n, N * 2);
  for (int i = 0; i < N; i++) {
    if (in[i] > 100.0) assert_true(isnan(slopes[2 * i]) && isnan(slopes[2 * i + 1]));
    else assert_close_rel(slopes[2 * i], in[i] / 1000.0, 1e-6), assert_close(slopes[2 * i + 1], 0.01, 1e-8);
  }
  double *const all[] = {in, out, status, code, runs, first_run, done, c, slopes};
  for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) free(all[k]);
  scratch_empty(NULL);
}

/* --- going on --- */

static void a_stopped_sweep_goes_on_to_the_same_file(void **state)
{
  (void)state;
  const tau_sweep_plan plan = plan_of(&sweep);
  char word[16];
  int n;
  make("whole.h5", &sweep, &plan);
  assert_int_equal(go_on("parts.h5", &sweep, &plan, 1), TAU_STOPPED_USER);
  status_word("parts.h5", word);
  assert_string_equal(word, "stopped");
  double *done = numbers("parts.h5", "/sweep/n_done", &n), *out = numbers("parts.h5", "/sweep/output", &n);
  double *status = numbers("parts.h5", "/sweep/status", &n);
  assert_true(done[0] >= 1.0 && done[0] < N);
  double *slopes = numbers("parts.h5", "/sensitivity/values", &n);
  for (int i = (int)done[0]; i < N; i++)
    assert_true(isnan(out[i]) && status[i] == 100.0 && isnan(slopes[2 * i]) && isnan(slopes[2 * i + 1]));
  free(done);
  free(slopes);
  free(out);
  free(status);
  for (int turn = 0; go_on("parts.h5", &sweep, &plan, 30) == TAU_STOPPED_USER; turn++)
    assert_true(turn < 100);
  assert_same("parts.h5", "whole.h5");
  assert_int_equal(go_on("parts.h5", &sweep, &plan, 1), TAU_OK); /* nothing is left to do */
  assert_same("parts.h5", "whole.h5");
  scratch_empty(NULL);
}

static double total(const char *file, const char *name)
{
  char path[64];
  int n;
  snprintf(path, sizeof path, "/sweep/%s", name);
  double *x = numbers(file, path, &n);
  const double value = x[0];
  assert_int_equal(n, 1);
  free(x);
  return value;
}

/* What the sweeps of a sink tell, summed by hand. */
typedef struct told {
  double handed_over, wall_time, difference;
} told;

/* Runs first ... end - 1, in lanes, into an open file. */
static void feed(tau_sweep_file *f, int64_t first, int64_t end, told *t)
{
  tau_sweep_options o = TAU_SWEEP_OPTIONS_INIT;
  tau_sweep_summary *summary = NULL;
  o.engine = TAU_ENGINE_LANES;
  o.n_checked = 3;
  o.first_run = first;
  const tau_design some = {end - first, 1, &sweep.parameter, sweep.values + first};
  const tau_sink sink = tau_sweep_file_sink(f);
  assert_int_equal(tau_sweep(&summary, sweep.train, NULL, &some, &without, &sink, &o), TAU_OK);
  assert_int_equal(tau_sweep_file_add(f, summary), TAU_OK);
  t->handed_over += (double)tau_sweep_n_handed_over(summary);
  t->wall_time += tau_sweep_wall_time(summary);
  t->difference = fmax(t->difference, tau_sweep_largest_difference(summary));
  tau_sweep_summary_free(summary);
}

static tau_sweep_file *opened(const char *file, const tau_sweep_plan *plan, int64_t want_done)
{
  tau_sweep_file *f = NULL;
  int64_t n_done = -1;
  if (tau_sweep_file_open(&f, file, plan, false, &n_done) < 0) fail_msg("%s", tau_last_error());
  assert_int_equal(n_done, want_done);
  return f;
}

static void assert_told(const char *file, const told *want)
{
  assert_true(total(file, "n_handed_over") == want->handed_over);
  assert_close_rel(total(file, "wall_time"), want->wall_time, 1e-12);
  assert_true(total(file, "largest_difference") == want->difference);
}

/* Runs beyond 100 s are handed over, some in each part: the last part alone has fewer than all. */
static void totals_are_those_of_all_parts_sessions_and_merged_files(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip(); /* lanes need vectors with fused multiplication */
  static const char *const parts[] = {"a.h5", "b.h5"};
  tau_sweep_options lanes = TAU_SWEEP_OPTIONS_INIT;
  lanes.engine = TAU_ENGINE_LANES;
  tau_sweep_plan plan = plan_of(&sweep);
  plan.options = &lanes;
  plan.kept = &without;
  plan.n_all = N;
  plan.n_runs = 300;
  told a = {0.0, 0.0, -1.0}, b = {0.0, 0.0, -1.0};
  tau_sweep_file *f = opened("a.h5", &plan, 0);
  feed(f, 0, 100, &a);
  const double first_alone = a.handed_over;
  feed(f, 100, 200, &a);
  assert_int_equal(tau_sweep_file_close(f), TAU_OK);
  assert_told("a.h5", &a);
  f = opened("a.h5", &plan, 200);
  feed(f, 200, 300, &a);
  assert_int_equal(tau_sweep_file_close(f), TAU_OK);
  assert_true(first_alone > 0.0 && a.handed_over > 2.0 * first_alone);
  assert_told("a.h5", &a);
  assert_int_equal(tau_sweep_file_close(opened("a.h5", &plan, 300)), TAU_OK);
  assert_told("a.h5", &a);

  plan.first_run = 300;
  plan.n_runs = N - 300;
  f = opened("b.h5", &plan, 0);
  feed(f, 300, N, &b);
  assert_int_equal(tau_sweep_file_close(f), TAU_OK);
  if (tau_sweep_merge("ab.h5", 2, parts, false) < 0) fail_msg("%s", tau_last_error());
  const told both = {a.handed_over + b.handed_over, a.wall_time + b.wall_time,
                     fmax(a.difference, b.difference)};
  assert_told("ab.h5", &both);
  scratch_empty(NULL);
}

/* A call that was never added (a kill) counts as far as its blocks were taken. */
static void what_was_not_added_counts_as_far_as_it_was_taken(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip();
  tau_sweep_plan plan = plan_of(&sweep);
  tau_sweep_options lanes = TAU_SWEEP_OPTIONS_INIT;
  tau_sweep_summary *summary = NULL;
  lanes.engine = TAU_ENGINE_LANES;
  plan.options = &lanes;
  plan.kept = &without;
  tau_sweep_file *f = opened("s.h5", &plan, 0);
  const tau_sink sink = tau_sweep_file_sink(f);
  assert_int_equal(tau_sweep(&summary, sweep.train, NULL, &sweep.design, &without, &sink, &lanes), TAU_OK);
  assert_int_equal(tau_sweep_file_close(f), TAU_OK);
  assert_true(tau_sweep_n_handed_over(summary) > 0);
  assert_true(total("s.h5", "n_handed_over") == (double)tau_sweep_n_handed_over(summary));
  assert_true(isnan(total("s.h5", "largest_difference")));
  const double missing = tau_sweep_wall_time(summary) - total("s.h5", "wall_time");
  assert_true(missing >= 0.0 && missing < 0.3);
  tau_sweep_summary_free(summary);
  scratch_empty(NULL);
}

static void assert_other(const char *file, const tau_sweep_plan *plan, tau_status want, const char *part)
{
  tau_sweep_file *f = NULL;
  int64_t n_done = -1;
  const tau_status st = tau_sweep_file_open(&f, file, plan, false, &n_done);
  if (st != want || !strstr(tau_last_error(), part) || !strstr(tau_last_error(), file) ||
      strchr(tau_last_error(), '\n'))
    fail_msg("%s: %s", tau_status_name(st), tau_last_error());
  assert_null(f);
  assert_int_equal(n_done, 0);
}

static void another_sweep_is_refused_and_named(void **state)
{
  (void)state;
  const tau_sweep_plan plan = plan_of(&sweep);
  tau_sweep_plan other;
  assert_int_equal(go_on("s.h5", &sweep, &plan, 1), TAU_STOPPED_USER);
  const file_bytes before = bytes_of("s.h5");

  tau_sweep_options o = TAU_SWEEP_OPTIONS_INIT;
  o.run.rtol = 1e-6;
  other = plan;
  other.options = &o;
  assert_other("s.h5", &other, TAU_E_VALUE, "'rtol: 1e-08' there, 'rtol: 1e-06' here");

  other = plan;
  other.design = "residence_time: 10 to 190 s\nanother line\n";
  assert_other("s.h5", &other, TAU_E_VALUE, "the design differs in line 2: 'second line' there");
  other = plan;
  other.design = NULL;
  assert_other("s.h5", &other, TAU_E_VALUE, "the design differs in line 1");

  other = plan;
  other.n_runs = N - 1;
  assert_other("s.h5", &other, TAU_E_VALUE, "'runs: 400' there, 'runs: 399' here");

  const tau_kept less = {.n_observables = 1, .observables = &sweep.observable};
  other = plan;
  other.kept = &less;
  assert_other("s.h5", &other, TAU_E_VALUE, "'profile: coil' there, '' here");
  tau_kept first = sweep.kept;
  first.n_sensitivities = 1;
  other.kept = &first;
  assert_other("s.h5", &other, TAU_E_VALUE, "'sensitivity: units/coil/residence_time' there, '' here");
  const int twice[] = {by[0], by[0]};
  first.n_sensitivities = 2;
  first.sensitivities = twice;
  assert_int_equal(tau_sweep_file_open(&(tau_sweep_file *){NULL}, "s.h5", &other, false, &(int64_t){0}),
                   TAU_E_VALUE);
  assert_string_equal(tau_last_error_id(), "asked-twice");

  tau_inputs *in = NULL;
  assert_int_equal(tau_inputs_new(&in, sweep.train), TAU_OK);
  assert_int_equal(tau_inputs_set(in, "reactions/r/parameters/k0", 5.0), TAU_OK);
  other = plan;
  other.inputs = in;
  assert_other("s.h5", &other, TAU_E_VALUE, "reactions/r/parameters/k0 is 10 there, 5 here");
  tau_inputs_free(in);

  small_sweep model;
  small_sweep_open(&model, at_text, "units/coil/residence_time", "conversion/A", N, 10.0, 190.0);
  other = plan;
  other.train = model.train;
  assert_other("s.h5", &other, TAU_E_VALUE, "the model differs in line 5");
  small_sweep_close(&model);

  assert_bytes_of("s.h5", before); /* nothing was touched */
  free(before.at);
  scratch_empty(NULL);
}

static void what_is_no_sweep_stays_unless_asked(void **state)
{
  (void)state;
  const tau_sweep_plan plan = plan_of(&sweep);
  tau_sweep_file *f = NULL;
  int64_t n_done;
  tau_result *r = small_result(coil_text);
  assert_int_equal(tau_result_save(r, "run.h5", NULL, false), TAU_OK);
  tau_result_free(r);
  bytes_to("text.h5", "mine", 4);
  assert_other("run.h5", &plan, TAU_E_EXISTS, "no sweep");
  assert_other("text.h5", &plan, TAU_E_EXISTS, "no sweep");
  assert_int_equal(tau_sweep_file_open(&f, "text.h5", &plan, true, &n_done), TAU_OK);
  assert_int_equal(n_done, 0);
  assert_int_equal(tau_sweep_file_close(f), TAU_OK);
  make("text.h5", &sweep, &plan);
  assert_int_equal(tau_sweep_file_open(&f, "text.h5", &plan, true, &n_done), TAU_OK); /* begun anew */
  assert_int_equal(n_done, 0);
  assert_int_equal(tau_sweep_file_close(f), TAU_OK);
  scratch_empty(NULL);
}

/* --- what breaks --- */

static void write_number(const char *file, const char *path, long x)
{
  const hid_t f = H5Fopen(file, H5F_ACC_RDWR, H5P_DEFAULT), id = H5Dopen2(f, path, H5P_DEFAULT);
  assert_true(H5Dwrite(id, H5T_NATIVE_LONG, H5S_ALL, H5S_ALL, H5P_DEFAULT, &x) >= 0);
  H5Dclose(id);
  H5Fclose(f);
}

static void a_damaged_file_is_one_clear_error(void **state)
{
  (void)state;
  const tau_sweep_plan plan = plan_of(&sweep);
  make("s.h5", &sweep, &plan);
  const file_bytes whole = bytes_of("s.h5");
  bytes_to("s.h5", whole.at, whole.n / 2);
  assert_other("s.h5", &plan, TAU_E_FORMAT, "truncated");
  bytes_to("s.h5", whole.at, whole.n);
  write_number("s.h5", "/sweep/n_done", N + 1);
  assert_other("s.h5", &plan, TAU_E_FORMAT, "n_done");
  write_number("s.h5", "/sweep/n_done", -1);
  assert_other("s.h5", &plan, TAU_E_FORMAT, "n_done");
  bytes_to("s.h5", whole.at, whole.n);
  const hid_t f = H5Fopen("s.h5", H5F_ACC_RDWR, H5P_DEFAULT);
  assert_true(H5Ldelete(f, "/sweep/code", H5P_DEFAULT) >= 0);
  H5Fclose(f);
  assert_other("s.h5", &plan, TAU_E_FORMAT, "/sweep/code");
  free(whole.at);
  scratch_empty(NULL);
}

static void a_file_in_use_is_said_to_be(void **state)
{
  (void)state;
  const tau_sweep_plan plan = plan_of(&sweep);
  assert_int_equal(go_on("s.h5", &sweep, &plan, 1), TAU_STOPPED_USER);
  const int fd = open("s.h5", O_RDWR);
  assert_int_equal(flock(fd, LOCK_SH | LOCK_NB), 0); /* as a reader of HDF5 has it */
  assert_other("s.h5", &plan, TAU_E_IO, "open in another program");
  assert_string_equal(tau_last_error_id(), "sweep-file-in-use");
  close(fd);
  tau_sweep_file *f = NULL, *second = NULL;
  int64_t n_done;
  assert_int_equal(tau_sweep_file_open(&f, "s.h5", &plan, false, &n_done), TAU_OK);
  assert_int_equal(tau_sweep_file_open(&second, "s.h5", &plan, false, &n_done), TAU_E_IO);
  assert_int_equal(tau_sweep_file_open(&second, "s.h5", &plan, true, &n_done), TAU_E_IO);
  assert_int_equal(tau_sweep_file_close(f), TAU_OK);
  make("s.h5", &sweep, &plan);
  scratch_empty(NULL);
}

/* A limit on the size of files stands for a full disk. */
static void a_full_disk_is_named_and_survived(void **state)
{
  (void)state;
  const tau_sweep_plan plan = plan_of(&sweep);
  struct rlimit old;
  make("whole.h5", &sweep, &plan);
  struct stat size;
  assert_int_equal(stat("whole.h5", &size), 0);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  for (int part = 1; part < 8; part++) {
    const struct rlimit small = {(rlim_t)(size.st_size * part / 8), old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const tau_status st = go_on("full.h5", &sweep, &plan, INT64_MAX);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    if (st != TAU_E_IO || !strstr(tau_last_error(), "full.h5") || !strstr(tau_last_error(), "File too large"))
      fail_msg("%d/8: %s: %s", part, tau_status_name(st), tau_last_error());
  }
  make("full.h5", &sweep, &plan);
  assert_same("full.h5", "whole.h5");
  scratch_empty(NULL);
}

static void the_file_takes_the_run_that_is_due(void **state)
{
  (void)state;
  const tau_sweep_plan plan = plan_of(&sweep);
  tau_sweep_file *f = NULL;
  tau_sweep_summary *summary = NULL;
  tau_sweep_options o = TAU_SWEEP_OPTIONS_INIT;
  int64_t n_done;
  assert_int_equal(tau_sweep_file_open(&f, "s.h5", &plan, false, &n_done), TAU_OK);
  const tau_sink sink = tau_sweep_file_sink(f);
  o.first_run = 3;
  assert_int_equal(tau_sweep(&summary, sweep.train, NULL, &sweep.design, &sweep.kept, &sink, &o), TAU_E_VALUE);
  assert_non_null(strstr(tau_last_error(), "takes run 0 next"));
  tau_sweep_summary_free(summary);
  assert_int_equal(tau_sweep_file_close(f), TAU_OK);
  assert_int_equal(tau_sweep_file_close(NULL), TAU_OK);
  scratch_empty(NULL);
}

/* --- parts --- */

static const char *const three[] = {"b.h5", "a.h5", "c.h5"};

static void make_part(const char *file, int64_t first, int64_t n, const tau_sweep_options *options)
{
  tau_sweep_plan plan = plan_of(&sweep);
  plan.first_run = first;
  plan.n_runs = n;
  plan.n_all = N;
  plan.options = options;
  make(file, &sweep, &plan);
}

static void parts_merge_into_the_whole(void **state)
{
  (void)state;
  const tau_sweep_plan plan = plan_of(&sweep);
  make("whole.h5", &sweep, &plan);
  make_part("a.h5", 0, 150, NULL);
  make_part("b.h5", 150, 1, NULL);
  make_part("c.h5", 151, N - 151, NULL);
  if (tau_sweep_merge("merged.h5", 3, three, false) < 0) fail_msg("%s", tau_last_error());
  assert_same("merged.h5", "whole.h5");
  assert_int_equal(tau_sweep_merge("merged.h5", 3, three, false), TAU_E_EXISTS);
  assert_int_equal(tau_sweep_merge("merged.h5", 3, three, true), TAU_OK);

  struct stat merged, whole; /* numbers are not copied */
  assert_int_equal(stat("merged.h5", &merged) | stat("whole.h5", &whole), 0);
  assert_true(merged.st_size < whole.st_size / 4);

  static const char *const all[] = {"a.h5", "b.h5", "c.h5", "merged.h5"};
  char to[64];
  assert_int_equal(mkdir("moved", 0755), 0); /* and the folder may move */
  for (int i = 0; i < 4; i++) {
    snprintf(to, sizeof to, "moved/%s", all[i]);
    assert_int_equal(rename(all[i], to), 0);
  }
  assert_same("moved/merged.h5", "whole.h5");
  for (int i = 0; i < 4; i++) {
    snprintf(to, sizeof to, "moved/%s", all[i]);
    assert_int_equal(unlink(to), 0);
  }
  scratch_empty(NULL);
}

static void assert_no_merge(int n, const char *const *parts, tau_status want, const char *part)
{
  const tau_status st = tau_sweep_merge("out.h5", n, parts, false);
  if (st != want || !strstr(tau_last_error(), part))
    fail_msg("%s: %s", tau_status_name(st), tau_last_error());
  assert_int_not_equal(access("out.h5", F_OK), 0);
}

static void parts_that_do_not_belong_together_are_refused(void **state)
{
  (void)state;
  static const char *const twice[] = {"a.h5", "b.h5", "a.h5", "c.h5"}, *const none[] = {"nothing.h5"},
                           *const last[] = {"c.h5"};
  tau_sweep_options o = TAU_SWEEP_OPTIONS_INIT;
  o.run.max_steps = 7777;
  make_part("a.h5", 0, 150, NULL);
  make_part("b.h5", 150, 1, NULL);
  assert_no_merge(0, three, TAU_E_VALUE, "no parts");
  assert_no_merge(1, none, TAU_E_IO, "nothing.h5");
  assert_no_merge(2, three, TAU_E_VALUE, "runs 151 to 399 are in none");
  assert_no_merge(1, three, TAU_E_VALUE, "runs 0 to 149 are in none");
  make_part("c.h5", 151, N - 151, NULL);
  assert_no_merge(4, twice, TAU_E_VALUE, "both hold run 0");
  assert_int_equal(unlink("c.h5"), 0);
  make_part("c.h5", 151, N - 151, &o);
  assert_no_merge(3, three, TAU_E_VALUE, "max_steps: 7777");
  write_number("a.h5", "/sweep/n_done", 149);
  assert_no_merge(3, three, TAU_E_VALUE, "'a.h5' is not complete: 149 of 150");
  bytes_to("c.h5", "text", 4);
  assert_no_merge(1, last, TAU_E_FORMAT, "c.h5");
  scratch_empty(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_file_holds_inputs_outputs_and_outcomes),
    cmocka_unit_test(a_stopped_sweep_goes_on_to_the_same_file),
    cmocka_unit_test(totals_are_those_of_all_parts_sessions_and_merged_files),
    cmocka_unit_test(what_was_not_added_counts_as_far_as_it_was_taken),
    cmocka_unit_test(another_sweep_is_refused_and_named),
    cmocka_unit_test(what_is_no_sweep_stays_unless_asked),
    cmocka_unit_test(a_damaged_file_is_one_clear_error),
    cmocka_unit_test(a_file_in_use_is_said_to_be),
    cmocka_unit_test(a_full_disk_is_named_and_survived),
    cmocka_unit_test(the_file_takes_the_run_that_is_due),
    cmocka_unit_test(parts_merge_into_the_whole),
    cmocka_unit_test(parts_that_do_not_belong_together_are_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
