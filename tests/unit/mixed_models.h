/* SPDX-License-Identifier: Apache-2.0 */
/* mixed_models.h - a unit run in its distribution of residence times, as text; and distributions to run it in. */
#ifndef MIXED_MODELS_H
#define MIXED_MODELS_H

#include "support/small_run.h"

/* A -> B of an order, c0 = 1000 mol/m^3, V/Q = 1 s; Da = k c0^(order - 1) * 1 s. */
typedef struct mixed_model {
  const char *kind, *rtd, *mixing; /* rtd: NULL: the kind's own */
  double order, Da;
} mixed_model;

static const char *const mixed_rtds[] = {
  "{model: tanks, n: 1}",
  "{model: tanks, n: 2.5}",
  "{model: tanks, n: 20}",
  "{model: tanks, n: 0.6}",
  "{model: dispersion, peclet: 0.01}",
  "{model: dispersion, peclet: 10}",
  "{model: dispersion, peclet: 300}",
  "{model: dispersion, peclet: 10, ends: open-closed}",
  "{model: laminar}",
  "{model: compartment, dead: 0.2, bypass: 0.1}",
  "{model: tank-exchange, stagnant: 0.3, exchange: 0.5}",
  "{series: [{model: plug, mean: 0.3 s}, {model: tanks, mean: 0.7 s, n: 2}]}",
  "{parallel: [{model: plug, mean: 0 s, fraction: 0.1}, {model: tanks, mean: 1.1111 s, n: 3, fraction: "
  "rest}]}",
  "{parallel: [{model: plug, mean: 0.8 s, fraction: 0.4}, {model: tanks, mean: 1.13 s, n: 3, fraction: "
  "rest}]}",
  "{recycle: {forward: {model: tanks, mean: 0.4 s, n: 3}, ratio: 1.5}}",
  "{model: measured, time: [0.2 s, 0.6 s, 1 s, 1.7 s, 3 s], signal: [0, 3, 2, 0.5, 0]}",
};
enum { N_MIXED_RTDS = sizeof mixed_rtds / sizeof mixed_rtds[0] };

static inline void mixed_text(char *text, size_t size, const mixed_model *m)
{
  snprintf(text, size,
           "tautrain: 1\nbare_numbers: SI\nspecies: {A: {}, B: {}}\n"
           "reactions: {r: {equation: A -> B, law: power, orders: {A: %g}, k: %.17g}}\n"
           "feeds: {f: {flow: 1e-6, concentration: {A: 1000}}}\n"
           "units: {u: {type: %s, in: f, residence_time: 1%s%s%s%s}}\n",
           m->order, m->Da * pow(1000.0, 1.0 - m->order), m->kind, m->rtd ? ", rtd: " : "",
           m->rtd ? m->rtd : "", m->mixing ? ", mixing: " : "", m->mixing ? m->mixing : "");
}

static inline tau_result *mixed_run(const mixed_model *m)
{
  char text[2048];
  mixed_text(text, sizeof text, m);
  return small_result(text);
}

/* c/c0 of A that leaves. */
static inline double mixed_left(const mixed_model *m)
{
  tau_result *r = mixed_run(m);
  const double A = small_value(r, "outlet/c/A") / 1000.0, B = small_value(r, "outlet/c/B") / 1000.0;
  assert_close(A + B, 1.0, 1e-9);
  tau_result_free(r);
  return A;
}

/* The same, with what the unit says of its own error (relative to the feed). */
static inline double mixed_left_of(const mixed_model *m, double *grid_error)
{
  tau_result *r = mixed_run(m);
  const double A = small_value(r, "outlet/c/A") / 1000.0;
  *grid_error = small_value(r, "units/u/grid_error");
  tau_result_free(r);
  return A;
}

#endif
