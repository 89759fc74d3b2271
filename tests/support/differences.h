/* SPDX-License-Identifier: Apache-2.0 */
/* differences.h - exact sensitivities against central differences of tight runs, extrapolated to a step of zero.
 *
 *     D(h) = (o(p + h) - o(p - h)) / 2h,      (64 D(h) - 20 D(2h) + D(4h)) / 45 = do/dp + O(h^6)      (L. F. Richardson, 1911)
 *
 * with h = step * p. What rounding and the tolerances of the runs leave open of D is noise * |o| / (step * |p|). Where two
 * extrapolations of one level less, (4 D(h) - D(2h)) / 3 and that of 2h, lie farther apart (an observable that bends within the steps, such
 * as a maximum that reaches the end of a unit), twice their distance is left open instead, and counted as rough. */
#ifndef DIFFERENCES_H
#define DIFFERENCES_H

#include "support/small_run.h"

typedef struct differences {
  double step;      /* relative, of p */
  double tolerance; /* relative, of do/dp */
  double noise;     /* relative, of o */
  int n_compared;   /* filled */
  int n_rough;      /* of these, where differences cannot tell to the tolerance */
  double worst;     /* largest error, in units of the tolerance */
} differences;

static inline bool differences_skip(const char *path)
{
  const size_t n = strlen(path);
  return strncmp(path, "balance/", 8) == 0 || (n > 7 && strcmp(path + n - 7, "/stable") == 0) ||
         (n > 11 && strcmp(path + n - 11, "/grid_error") == 0);
}

/* Observables at p (1 + x) of parameter i. */
static inline void differences_run(const tau_train *t, tau_workspace *w, int i, double x, double *out)
{
  tau_inputs *inputs = NULL;
  const tau_result *r = NULL;
  const double p = tau_train_parameter(t, i).value;
  assert_int_equal(tau_inputs_new(&inputs, t), TAU_OK);
  if (tau_inputs_set_index(inputs, i, p != 0.0 ? p * (1.0 + x) : x) < 0) fail_msg("%s", tau_last_error());
  if (tau_train_run_in(&r, w, inputs, NULL) < 0) fail_msg("%s", tau_last_error());
  memcpy(out, tau_result_values(r), (size_t)tau_result_n_observables(r) * sizeof *out);
  tau_inputs_free(inputs);
}

/* All observables to parameter i, by differences; rough: how far two extrapolations of one level less lie apart. */
static inline void differences_of(const tau_train *t, tau_workspace *w, int i, double step, double *out,
                                  double *rough)
{
  static const double weight[] = {64.0 / 45.0, -20.0 / 45.0, 1.0 / 45.0},
                      less[] = {4.0 / 3.0, -5.0 / 3.0, 1.0 / 3.0};
  const int n = tau_train_n_observables(t);
  const double p = tau_train_parameter(t, i).value;
  double *above = calloc((size_t)n, sizeof *above), *below = calloc((size_t)n, sizeof *below);
  memset(out, 0, (size_t)n * sizeof *out);
  memset(rough, 0, (size_t)n * sizeof *rough);
  for (int level = 0; level < 3; level++) {
    const double x = step * (1 << level), h = p != 0.0 ? x * fabs(p) : x;
    differences_run(t, w, i, p < 0.0 ? -x : x, above);
    differences_run(t, w, i, p < 0.0 ? x : -x, below);
    for (int k = 0; k < n; k++) {
      const double D = (above[k] - below[k]) / (2.0 * h);
      out[k] += weight[level] * D;
      rough[k] += less[level] * D;
    }
  }
  free(above);
  free(below);
}

/* Whether a parameter is a number of things, which has no derivative. */
static inline bool differences_is_whole(const tau_train *t, int i)
{
  tau_inputs *inputs = NULL;
  assert_int_equal(tau_inputs_new(&inputs, t), TAU_OK);
  const bool refused = tau_inputs_set_index(inputs, i, tau_train_parameter(t, i).value + 0.5) < 0;
  tau_inputs_free(inputs);
  return refused && strcmp(tau_last_error_id(), "not-whole") == 0;
}

/* Every observable to every parameter that is given. */
static inline void check_differences(const tau_train *t, differences *d)
{
  const int n = tau_train_n_parameters(t), n_observables = tau_train_n_observables(t);
  int *parameters = calloc((size_t)n, sizeof *parameters), n_given = 0, n_wrong = 0;
  double *want = calloc((size_t)n_observables, sizeof *want),
         *rough = calloc((size_t)n_observables, sizeof *want);
  tau_workspace *w = NULL;
  tau_sensitivity *s = NULL;
  for (int i = 0; i < n; i++)
    if (!isnan(tau_train_parameter(t, i).value) && !differences_is_whole(t, i)) parameters[n_given++] = i;
  if (tau_train_sensitivity(&s, t, NULL, n_given, parameters, NULL) < 0) fail_msg("%s", tau_last_error());
  assert_int_equal(tau_workspace_new(&w, t), TAU_OK);
  const double *o = tau_result_values(tau_sensitivity_result(s));
  for (int j = 0; j < n_given; j++) {
    const tau_parameter p = tau_train_parameter(t, parameters[j]);
    differences_of(t, w, parameters[j], d->step, want, rough);
    for (int k = 0; k < n_observables; k++) {
      const char *path = tau_train_observable(t, k).path;
      if (differences_skip(path) || isnan(o[k])) continue;
      const double have = tau_sensitivity_value(s, k, j), scale = p.value != 0.0 ? fabs(p.value) : 1.0;
      double size =
        tau_train_observable(t, k).unit[0] ? fabs(o[k]) : fmax(fabs(o[k]), 1e-3); /* a ratio less 1 */
      if (strstr(path, "/position_")) size *= 100.0;                              /* where a top is flat */
      double open = d->tolerance * fabs(want[k]) + d->noise * size / (d->step * scale);
      if (fabs(rough[k]) > open) {
        d->n_rough++;
        open = 2.0 * fabs(rough[k]);
      }
      d->n_compared++;
      d->worst = fmax(d->worst, fabs(have - want[k]) / (open > 0.0 ? open : 1.0));
      if (fabs(have - want[k]) <= open || n_wrong++ > 20) continue;
      print_error("d %s / d %s is %.12g, by differences %.12g (%s)\n", path, p.path, have, want[k],
                  tau_sensitivity_reason(s, k, j));
    }
  }
  tau_workspace_free(w);
  tau_sensitivity_free(s);
  free(want);
  free(rough);
  free(parameters);
  if (n_wrong) fail_msg("%d of %d derivatives are wrong", n_wrong, d->n_compared);
}

#endif
