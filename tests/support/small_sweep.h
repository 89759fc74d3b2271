/* SPDX-License-Identifier: Apache-2.0 */
/* small_sweep.h - sweeps whose every value is known.
 *
 * A zero-order reaction of 0.01 mol/L/s in a coil fed with 1 mol/L: conversion = t / 100 s, and a run whose residence time t is longer than
 * 100 s fails, since A would fall below zero. A mixer of one feed costs nothing and shows its flow. Include after small_run.h. */
#ifndef SMALL_SWEEP_H
#define SMALL_SWEEP_H

#include "support/small_run.h"

#define SWEEP_CHEMISTRY                                                                \
  "tautrain: 1\n"                                                                      \
  "species: {A: {}, B: {}}\n"                                                          \
  "reactions: {r: {equation: A -> B, rate: \"k0\", parameters: {k0: 0.01 mol/L/s}}}\n" \
  "feeds: {f: {flow: 1 mL/min, temperature: 25 degC, concentration: {A: 1 mol/L}}}\n"

static const char coil_text[] = SWEEP_CHEMISTRY "units: {coil: {type: pfr, in: f, residence_time: 10 s}}\n";
static const char at_text[] =
  SWEEP_CHEMISTRY "units: {coil: {type: pfr, in: f, residence_time: 50 s, at: [5 s, 15 s, 40 s]}}\n";
static const char until_text[] =
  SWEEP_CHEMISTRY "units: {coil: {type: pfr, in: f, residence_time: 10 s, until: conversion/A >= 25.5 %}}\n";
static const char mixer_text[] = SWEEP_CHEMISTRY "units: {m: {type: mixer, in: [f]}}\n";

/* One parameter over n runs, one observable, optionally the profile of unit 0. */
typedef struct small_sweep {
  tau_train *train;
  double *values;
  int parameter, observable, unit;
  tau_design design;
  tau_kept kept;
} small_sweep;

static inline int small_parameter(const tau_train *train, const char *path)
{
  const int i = tau_train_parameter_index(train, path);
  if (i < 0) fail_msg("%s", tau_last_error());
  return i;
}

/* Values from a to b, in an order that is not theirs, the same for every n. */
static inline double small_sweep_value(double a, double b, int64_t i, int64_t n)
{
  return a + (b - a) * ((double)((i * 7919) % n) + 0.5) / (double)n;
}

static inline void small_sweep_open(small_sweep *s, const char *text, const char *parameter,
                                    const char *observable, int n, double a, double b)
{
  s->train = small_train(text);
  s->parameter = small_parameter(s->train, parameter);
  s->observable = tau_train_observable_index(s->train, observable);
  assert_true(s->observable >= 0);
  s->values = calloc((size_t)n, sizeof *s->values);
  assert_non_null(s->values);
  for (int i = 0; i < n; i++) s->values[i] = small_sweep_value(a, b, i, n);
  s->unit = 0;
  s->design = (tau_design){n, 1, &s->parameter, s->values};
  s->kept = (tau_kept){.n_observables = 1, .observables = &s->observable, .profiles = &s->unit};
}

static inline void small_sweep_close(small_sweep *s)
{
  tau_train_free(s->train);
  free(s->values);
}

#endif
