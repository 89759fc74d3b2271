/* SPDX-License-Identifier: Apache-2.0 */
/* test_rtd_file.c - places that show a distribution, and its curves in a file. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include "unit/rtd_values.h"

#include <hdf5.h>

#include "support/scratch.h"

static int leave(void **state)
{
  (void)state;
  scratch_empty_counting(NULL);
  return chdir("/") || rmdir(scratch_folder);
}

/* --- times --- */

static void check_times(tau_rtd *rtd, int n, double last)
{
  double t[MOST_TIMES];
  MUST(tau_rtd_times(rtd, n, t));
  assert_true(t[0] == 0.0);
  for (int i = 1; i < n; i++)
    if (!(t[i] > t[i - 1])) fail_msg("time %d of %d is %.17g after %.17g", i, n, t[i], t[i - 1]);
  if (fabs(t[n - 1] / last - 1.0) > 1e-9) fail_msg("the last time is %.17g, want %.17g", t[n - 1], last);
  tau_rtd_free(rtd);
}

static void times_ascend_to_where_all_but_a_thousandth_has_left(void **state)
{
  (void)state;
  const double bypass[] = {10.0, 0.0, 0.2};
  check_times(tanks(100.0, 1.0), 400, 100.0 * log(1000.0));
  check_times(tanks(100.0, 1.0), 2, 100.0 * log(1000.0));
  check_times(series_of(plug(50.0), tanks(1e-3, 1.0)), 100, 50.0 + 1e-3 * log(1000.0));
  check_times(plug(4.0), 7, 6.0); /* an atom: 1.5 times its time */
  check_times(parallel_of(plug(4.0), plug(5.0), 0.5), 50, 5.0);
  check_times(row("compartment", 3, bypass), 60, 12.5 * log(800.0));       /* 0.8 exp(-t/12.5) = 0.001 */
  check_times(row("laminar", 1, (const double[]){2.0}), 60, sqrt(1000.0)); /* (mean/2/t)^2 = 0.001 */
}

static void times_find_a_narrow_peak_beside_a_broad_one(void **state)
{
  (void)state;
  double t[200];
  int n_near = 0;
  tau_rtd *both = parallel_of(vessel(10.0, 1e6), tanks(1000.0, 1.0), 0.5); /* 0.014 s wide */
  MUST(tau_rtd_times(both, 200, t));
  for (int i = 0; i < 200; i++) n_near += fabs(t[i] - 10.0) < 0.03;
  if (n_near < 20) fail_msg("%d of 200 times are near the peak", n_near);
  tau_rtd_free(both);
}

/* --- the file --- */

static double number_at(hid_t file, const char *path)
{
  double x[16] = {0};
  const hid_t id = H5Dopen2(file, path, H5P_DEFAULT);
  if (id < 0) fail_msg("there is no %s", path);
  const hid_t space = H5Dget_space(id);
  const hssize_t n = H5Sget_simple_extent_npoints(space);
  assert_in_range(n, 1, 16);
  assert_true(H5Dread(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
  H5Sclose(space);
  H5Dclose(id);
  return x[n - 1]; /* the last one */
}

/* Times that are asked for together share a contour: the last bits differ. */
static void check_curve(hid_t file, const char *path, double want)
{
  const double got = number_at(file, path);
  if (!(fabs(got / want - 1.0) < 1e-13)) fail_msg("%s: %.17g, want %.17g", path, got, want);
}

static void a_file_holds_what_is_computed(void **state)
{
  (void)state;
  const double t[] = {0.0, 1.0, 2.5}, bypass[] = {10.0, 0.0, 0.2};
  tau_rtd *tank = row("compartment", 3, bypass), *two = series_of(plug(1.0), tanks(3.0, 2.0));
  const tau_rtd *const rtds[] = {tank, two};
  tau_rtd_moments m;
  tau_rtd_save_options options = TAU_RTD_SAVE_OPTIONS_INIT;
  options.n_times = 3;
  options.times = t;
  options.title = "two of them";
  MUST(tau_rtd_save("two.h5", 2, (const char *const[]){"tank", "L\xc3\xa4nge 2"}, rtds, &options));
  tau_rtd_get_moments(two, &m);

  const hid_t file = H5Fopen("two.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
  assert_true(file >= 0);
  assert_true(number_at(file, "rtd/tank/time") == 2.5);
  check_curve(file, "rtd/tank/E", at_time(tau_rtd_density, tank, 2.5));
  check_curve(file, "rtd/L\xc3\xa4nge 2/F", at_time(tau_rtd_cumulative, two, 2.5));
  check_curve(file, "rtd/L\xc3\xa4nge 2/W", at_time(tau_rtd_washout, two, 2.5));
  assert_true(number_at(file, "rtd/L\xc3\xa4nge 2/moments/variance") == m.variance);
  assert_true(number_at(file, "rtd/L\xc3\xa4nge 2/parameters/value") == 2.0);
  assert_true(number_at(file, "rtd/tank/atoms/weight") == 0.2);
  assert_int_equal(H5Lexists(file, "rtd/L\xc3\xa4nge 2/atoms", H5P_DEFAULT), 0);
  assert_int_equal(H5Lexists(file, "model", H5P_DEFAULT), 0);
  H5Fclose(file);
  tau_rtd_free(tank);
  tau_rtd_free(two);
}

static void check_refused(tau_status want, const char *said, const char *file, const char *const names[2],
                          const tau_rtd_save_options *options)
{
  tau_rtd *one = plug(1.0);
  const tau_status st = tau_rtd_save(file, 2, names, (const tau_rtd *const[]){one, one}, options);
  if (st != want || !strstr(tau_last_error(), said))
    fail_msg("status %d, '%s'; want %d, '%s'", (int)st, tau_last_error(), (int)want, said);
  tau_rtd_free(one);
}

static void what_cannot_be_written_is_said(void **state)
{
  (void)state;
  const double back[] = {1.0, 1.0};
  const char *const good[] = {"a", "b"};
  tau_rtd_save_options wrong = TAU_RTD_SAVE_OPTIONS_INIT, few = TAU_RTD_SAVE_OPTIONS_INIT;
  wrong.n_times = 2;
  wrong.times = back;
  few.n_times = 1;
  check_refused(TAU_E_VALUE, "are named 'a'", "n.h5", (const char *const[]){"a", "a"}, NULL);
  check_refused(TAU_E_VALUE, "'b/c'", "n.h5", (const char *const[]){"a", "b/c"}, NULL);
  check_refused(TAU_E_VALUE, "named ''", "n.h5", (const char *const[]){"", "b"}, NULL);
  check_refused(TAU_E_VALUE, "UTF-8", "n.h5", (const char *const[]){"\xff", "b"}, NULL);
  check_refused(TAU_E_VALUE, "must ascend", "n.h5", good, &wrong);
  check_refused(TAU_E_VALUE, "at least 2", "n.h5", good, &few);
  check_refused(TAU_E_IO, "none", "none/n.h5", good, NULL);
  assert_int_not_equal(access("n.h5", F_OK), 0);

  tau_rtd *one = plug(1.0);
  MUST(tau_rtd_save("n.h5", 1, good, (const tau_rtd *const[]){one}, NULL));
  tau_rtd_free(one);
  check_refused(TAU_E_EXISTS, "exists", "n.h5", good, NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(times_ascend_to_where_all_but_a_thousandth_has_left),
    cmocka_unit_test(times_find_a_narrow_peak_beside_a_broad_one),
    cmocka_unit_test(a_file_holds_what_is_computed),
    cmocka_unit_test(what_cannot_be_written_is_said),
  };
  return cmocka_run_group_tests(tests, scratch_enter, leave);
}
