/* SPDX-License-Identifier: Apache-2.0 */
/* lanes.c - every model of the oracles that has a tube, a tank or a batch: lanes give what CVODES gives, alone and among other points.
 *
 * Both are at their default tolerances, rtol 1e-8 and 1e-14 of the largest feed. Compared are streams, heats, ends and maxima, to 1e-6 of
 * the value or 1e-8 of the largest of its kind (what is left of an exhausted species, and rates there, are rounding; the place of a
 * maximum that is approached for ever has no meaning). */
#include <dirent.h>

#include "support/small_run.h"
#include "train/bundle.h"
#include "train/train.h"
#include <tautrain.h>

enum { N_POINTS = 11, MOST_NAME = 512 };

/* Observables of one kind share a scale; NULL: not compared. */
static const char *kind_of(const char *path)
{
  static const char *const kinds[] = {
    "/c/",         "/F/",    "/T_max", "/duty", "/adiabatic_rise", "/outlet/T", "residence_time",
    "conversion/", "/stable"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strstr(path, kinds[i])) return kinds[i];
  return NULL;
}

static double scale_of(const tau_train *t, const tau_result *r, const char *kind)
{
  double most = 0.0;
  for (int i = 0; i < tau_train_n_observables(t); i++) {
    const char *path = tau_train_observable(t, i).path;
    const char *own = kind_of(path);
    if (own && strcmp(own, kind) == 0 && isfinite(tau_result_values(r)[i]))
      most = fmax(most, fabs(tau_result_values(r)[i]));
  }
  return most;
}

static void compare(const char *file, const tau_train *t, const tau_result *lanes, const tau_result *want)
{
  if (tau_result_status(lanes) != TAU_OK) fail_msg("%s: %s", file, tau_result_message(lanes));
  for (int i = 0; i < tau_train_n_observables(t); i++) {
    const tau_observable o = tau_train_observable(t, i);
    const char *kind = kind_of(o.path);
    const double x = tau_result_values(lanes)[i], y = tau_result_values(want)[i];
    if (!kind || x == y || (isnan(x) && isnan(y))) continue;
    const double allowed = 1e-6 * fabs(y) + 1e-8 * scale_of(t, want, kind);
    if (!(fabs(x - y) <= allowed)) fail_msg("%s: %s is %.12g in lanes, %.12g by CVODES", file, o.path, x, y);
  }
}

/* The model as it is, at the first, a middle and the last place; between them it runs hotter or colder feeds. */
static void fill(taup_bundle *b, const tau_train *t)
{
  for (int i = 0; i < N_POINTS; i++)
    for (int p = 0; p < tau_train_n_parameters(t); p++) {
      const tau_parameter parameter = tau_train_parameter(t, p);
      const bool varied = i % 5 != 0 && strstr(parameter.path, "concentration/");
      taup_bundle_inputs(b, i)[p] = parameter.value * (varied ? 1.0 + 0.02 * i : 1.0);
    }
}

/* How many marches were compared: 1 where lanes can take the model. */
static int check(const char *file)
{
  tau_model *m = NULL;
  tau_train *t = NULL;
  tau_result *want = NULL;
  taup_bundle *b = NULL;
  const taup_bundle_options options = {.lanes = true, .needs = TAUP_NEED_ALL};
  if (tau_model_read(&m, file) < 0) fail_msg("%s: %s", file, tau_last_error());
  const bool has_train = tau_model_n_rtds(m) == 0; /* of the oracles', the others hold distributions alone */
  if (has_train && tau_train_compile(&t, m) < 0) fail_msg("%s: %s", file, tau_last_error());
  const bool taken = has_train && !taup_lanes_refusal(t);
  if (taken) {
    tau_run_options cvodes = TAU_RUN_OPTIONS_INIT;
    cvodes.engine = TAU_ENGINE_CVODES;
    assert_int_equal(tau_train_run(&want, t, NULL, &cvodes), TAU_OK);
    assert_int_equal(taup_bundle_new(&b, t, N_POINTS, &options), TAU_OK);
    fill(b, t);
    taup_bundle_run(b, N_POINTS, NULL);
    for (int i = 0; i < N_POINTS; i += 5) compare(file, t, taup_bundle_result(b, i), want);
    for (int i = 0; i < tau_train_n_observables(t); i++) /* the same point, whatever its place */
      assert_memory_equal(&tau_result_values(taup_bundle_result(b, 0))[i],
                          &tau_result_values(taup_bundle_result(b, 5))[i], sizeof(double));
  }
  taup_bundle_free(b);
  tau_result_free(want);
  tau_train_free(t);
  tau_model_free(m);
  return taken;
}

static int check_folder(const char *folder)
{
  int n = 0;
  DIR *d = opendir(folder);
  assert_non_null(d);
  for (const struct dirent *e; (e = readdir(d));) {
    char path[MOST_NAME];
    const size_t length = strlen(e->d_name);
    if (*e->d_name == '.' || snprintf(path, sizeof path, "%s/%s", folder, e->d_name) >= (int)sizeof path)
      continue;
    if (length > 5 && strcmp(e->d_name + length - 5, ".yaml") == 0) n += check(path);
    else if (*e->d_name == 'g' && !strchr(e->d_name, '.')) n += check_folder(path);
  }
  closedir(d);
  return n;
}

static void models_of_the_oracles_march_alike(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip(); /* lanes need vectors with fused multiplication */
  const int n = check_folder(TAUTRAIN_SOURCE_DIR "/tests/oracle");
  print_message("%d models by lanes\n", n);
  assert_true(n >= 40);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(models_of_the_oracles_march_alike)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
