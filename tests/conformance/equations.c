/* SPDX-License-Identifier: Apache-2.0 */
/* equations.c - every row of the tables of rate laws and of k(T): the dimension of its value, and the
 * derivatives of its program to states and parameters against complex steps of the plain evaluator. A new
 * row is tested from the moment it stands in the table. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "chem/kt/kt.h"
#include "chem/law/law.h"
#include "expr/program.h"

enum { MOST = 24 };

/* An expression with its symbols: state[i] and parameter[i] are their values. */
typedef struct subject {
  const char *name;
  taup_graph *g;
  taup_node node;
  int n[4]; /* symbols by binding */
  double value[4][MOST];
} subject;

static taup_node symbol(subject *s, taup_binding binding, taup_dim dim, double value)
{
  assert_true(s->n[binding] < MOST);
  s->value[binding][s->n[binding]] = value;
  return taup_symbol(s->g, binding, s->n[binding]++, dim, "x");
}

/* A value that a chemist might write: by the dimension, inside the bounds. */
static double plausible(const taup_field *f, int i)
{
  double x = 0.7 + 0.3 * i;
  if (taup_dim_equal(f->dim, TAUP_DIM_MOLAR_ENERGY)) x = 45e3 + 1e3 * i;
  else if (taup_dim_equal(f->dim, TAUP_DIM_TEMPERATURE)) x = 310.0 + i;
  else if (taup_dim_equal(f->dim, TAUP_DIM(2, 1, -2, -1, -1))) x = -40.0;
  else if (taup_dim_equal(f->dim, TAUP_DIM_CONCENTRATION)) x = 150.0 + i;
  if (x < f->lower) x = isfinite(f->upper) ? 0.5 * (f->lower + f->upper) : f->lower + 0.5 + 0.1 * i;
  if (x > f->upper) x = isfinite(f->lower) ? 0.5 * (f->lower + f->upper) : f->upper - 0.5;
  return x;
}

/* --- the comparison --- */

static double complex_step(const subject *s, taup_binding wrt, int index)
{
  double values[4][2 * MOST], out[2];
  const double *const by_binding[4] = {values[0], values[1], values[2], values[3]};
  for (int b = 0; b < 4; b++)
    for (int i = 0; i < MOST; i++) {
      values[b][2 * i] = s->value[b][i];
      values[b][2 * i + 1] = 0.0;
    }
  const double h = 1e-100;
  values[wrt][2 * index + 1] = h;
  if (taup_complex_eval(s->g, by_binding, 1, &s->node, out) < 0)
    fail_msg("%s: %s", s->name, tau_last_error());
  return out[1] / h;
}

static double plain_value(const subject *s)
{
  double values[4][2 * MOST], out[2];
  const double *const by_binding[4] = {values[0], values[1], values[2], values[3]};
  for (int b = 0; b < 4; b++)
    for (int i = 0; i < MOST; i++) {
      values[b][2 * i] = s->value[b][i];
      values[b][2 * i + 1] = 0.0;
    }
  assert_int_equal(taup_complex_eval(s->g, by_binding, 1, &s->node, out), TAU_OK);
  return out[0];
}

/* Value and gradients as a program gives them. */
typedef struct computed {
  double value, gradient[4][MOST];
} computed;

static computed run_program(const subject *s)
{
  computed out = {0};
  taup_node nodes[1 + 2 * MOST];
  int n = 1, binding[1 + 2 * MOST], index[1 + 2 * MOST];
  nodes[0] = s->node;
  for (int wrt = TAUP_PARAMETER; wrt <= TAUP_STATE; wrt += TAUP_STATE - TAUP_PARAMETER) {
    taup_diff *d = NULL;
    const taup_partial *partials;
    assert_int_equal(taup_diff_new(&d, s->g, (taup_binding)wrt), TAU_OK);
    const int n_partials = taup_diff_of(d, s->node, &partials);
    for (int i = 0; i < n_partials; i++, n++) {
      nodes[n] = partials[i].node;
      binding[n] = wrt;
      index[n] = partials[i].symbol;
    }
    taup_diff_free(d);
  }
  if (taup_graph_status(s->g) < 0) fail_msg("%s: %s", s->name, tau_last_error());
  const taup_body body = {n, nodes, "value and gradients"};
  taup_program *p = NULL;
  assert_int_equal(taup_program_new(&p, s->g, s->n, 1, &body), TAU_OK);
  double *R = aligned_alloc(64, taup_program_bytes(p, 1)), O[1 + 2 * MOST];
  taup_program_init(p, 1, R);
  for (int b = TAUP_PARAMETER; b <= TAUP_STATE; b++)
    if (s->n[b])
      memcpy(taup_program_input(p, 1, R, (taup_binding)b, 0), s->value[b], (size_t)s->n[b] * sizeof *R);
  assert_int_equal(taup_program_prologue(p, TAUP_PARAMETER, 1, R), 0);
  assert_int_equal(taup_program_prologue(p, TAUP_INLET, 1, R), 0);
  assert_int_equal(taup_program_run(p, 0, 1, R, O), 0);
  out.value = O[0];
  for (int i = 1; i < n; i++) out.gradient[binding[i]][index[i]] = O[i];
  free(R);
  taup_program_free(p);
  return out;
}

static void compare(const subject *s)
{
  const computed have = run_program(s);
  const double value = plain_value(s);
  if (!isfinite(value) || !(fabs(have.value - value) <= 1e-12 * fabs(value)))
    fail_msg("%s is %.17g, plainly %.17g", s->name, have.value, value);
  for (int wrt = TAUP_PARAMETER; wrt <= TAUP_STATE; wrt += TAUP_STATE - TAUP_PARAMETER)
    for (int i = 0; i < s->n[wrt]; i++) {
      const double want = complex_step(s, (taup_binding)wrt, i), got = have.gradient[wrt][i];
      /* a slope that is a difference of terms: rounding against value / argument */
      const double scale = fmax(fabs(want), 1e-2 * fabs(value / s->value[wrt][i]));
      if (!(fabs(got - want) <= 1e-12 * scale))
        fail_msg("%s: derivative to %s %d is %.17g, by complex step %.17g", s->name,
                 wrt == TAUP_STATE ? "state" : "parameter", i, got, want);
    }
}

/* --- laws --- */

typedef struct law_case {
  const taup_law *law;
  bool orders_are_parameters;
  unsigned left_out; /* bit i: optional field i */
  double c_factor;   /* concentrations: some hundred mol/m^3 times this */
} law_case;

static taup_law_term term_of(subject *s, const law_case *k, double c, double order)
{
  taup_law_term t = {.c = symbol(s, TAUP_STATE, TAUP_DIM_CONCENTRATION, c * k->c_factor),
                     .order = taup_number(s->g, order),
                     .written = order};
  if (k->orders_are_parameters) t.order = symbol(s, TAUP_PARAMETER, TAUP_DIM_NONE, order * 1.1);
  t.unit = k->orders_are_parameters ? 1000.0 : 0.0;
  return t;
}

static void check_law(const law_case *k)
{
  const taup_law *law = k->law;
  char name[120];
  subject s = {.name = name};
  taup_node p[TAUP_LAW_MOST_FIELDS];
  snprintf(name, sizeof name, "%s (orders %s, without fields %x, c x %g)", law->name,
           k->orders_are_parameters ? "parameters" : "numbers", k->left_out, k->c_factor);
  assert_int_equal(taup_graph_new(&s.g), TAU_OK);
  taup_law_term forward[3] = {term_of(&s, k, 300.0, 1.0), term_of(&s, k, 450.0, 0.5),
                              term_of(&s, k, 120.0, 2.0)};
  taup_law_term reverse[2] = {term_of(&s, k, 80.0, 1.5), term_of(&s, k, 60.0, 1.0)};
  for (int i = 0; i < law->n_fields; i++) {
    const bool own = law->fields[i].flags & TAUP_FIELD_OWN_DIM;
    const taup_dim dim = own ? law->dim(i, 3.5, 2.5) : law->fields[i].dim;
    p[i] =
      k->left_out >> i & 1u ? TAUP_NODE_NONE : symbol(&s, TAUP_PARAMETER, dim, plausible(&law->fields[i], i));
  }
  const taup_node T = symbol(&s, TAUP_STATE, TAUP_DIM_TEMPERATURE, 330.0);
  const taup_node a = symbol(&s, TAUP_PARAMETER, TAUP_DIM(0, 0, -1, 0, 0), 0.02);
  const taup_law_args in = {.p = p,
                            .n_forward = 3,
                            .n_reverse = law->flags & TAUP_LAW_REVERSIBLE ? 2 : 0,
                            .forward = forward,
                            .reverse = reverse,
                            .substrate = symbol(&s, TAUP_STATE, TAUP_DIM_CONCENTRATION, 90.0 * k->c_factor),
                            .expression = taup_mul(s.g, a, forward[0].c),
                            .T = T};
  s.node = law->rate(s.g, &in);
  if (taup_graph_status(s.g) < 0) fail_msg("%s: %s", name, tau_last_error());
  if (!taup_dim_equal(taup_node_dim(s.g, s.node), TAUP_DIM_RATE)) fail_msg("%s is no rate", name);
  compare(&s);
  taup_graph_free(s.g);
}

static void laws_have_the_dimension_and_the_slopes_of_their_rate(void **state)
{
  const taup_law *law = *state;
  unsigned optional = 0;
  for (int i = 0; i < law->n_fields; i++)
    if (law->fields[i].flags & TAUP_FIELD_OPTIONAL) optional |= 1u << i;
  for (unsigned left_out = 0; left_out < 1u << law->n_fields; left_out++) {
    if (left_out & ~optional) continue;
    for (int by_parameter = 0; by_parameter < 2; by_parameter++)
      for (double c = 1.0; c > 1e-13; c *= 1e-12) check_law(&(law_case){law, by_parameter != 0, left_out, c});
  }
}

/* Nothing there: nothing happens, unless the law has no concentration in it. */
static void laws_stand_still_without_species(void **state)
{
  const taup_law *law = *state;
  subject s = {.name = law->name};
  taup_node p[TAUP_LAW_MOST_FIELDS];
  assert_int_equal(taup_graph_new(&s.g), TAU_OK);
  for (int i = 0; i < law->n_fields; i++) {
    const taup_dim dim =
      law->fields[i].flags & TAUP_FIELD_OWN_DIM ? law->dim(i, 0.5, 0.0) : law->fields[i].dim;
    p[i] = law->fields[i].flags & TAUP_FIELD_OPTIONAL
             ? TAUP_NODE_NONE
             : symbol(&s, TAUP_PARAMETER, dim, plausible(&law->fields[i], i));
  }
  const taup_law_term half = {.c = symbol(&s, TAUP_STATE, TAUP_DIM_CONCENTRATION, 0.0),
                              .order = taup_number(s.g, 0.5)};
  const taup_law_args in = {.p = p,
                            .n_forward = 1,
                            .forward = &half,
                            .substrate = half.c,
                            .T = TAUP_NODE_NONE,
                            .expression =
                              taup_mul(s.g, taup_const(s.g, 1.0, TAUP_DIM(0, 0, -1, 0, 0)), half.c)};
  s.node = law->rate(s.g, &in);
  const computed at_zero = run_program(&s);
  assert_true(at_zero.value == 0.0);
  assert_true(isfinite(at_zero.gradient[TAUP_STATE][0]) && at_zero.gradient[TAUP_STATE][0] > 0.0);
  s.value[TAUP_STATE][0] = -1e-12; /* past zero it pulls back */
  assert_true(run_program(&s).value < 0.0);
  taup_graph_free(s.g);
}

/* --- k(T) --- */

static void forms_of_k_have_the_dimension_and_the_slopes(void **state)
{
  const taup_kt *kt = *state;
  const taup_dim dims[] = {TAUP_DIM(0, 0, -1, 0, 0), TAUP_DIM(3, 0, -1, 0, -1),
                           TAUP_DIM(1.5f, 0, -1, 0, -0.5f), TAUP_DIM_NONE, TAUP_DIM(3, 0, 0, 0, -1)};
  static const double temperatures[] = {250.0, 298.15, 340.0, 500.0};
  for (int d = 0; d < 5; d++)
    for (int t = 0; t < 4; t++) {
      if (d < 3 ? !kt->rate : !kt->equilibrium) continue;
      char name[80];
      subject s = {.name = name};
      taup_node p[TAUP_KT_MOST_FIELDS];
      snprintf(name, sizeof name, "%s at %g K, dimension %d", kt->name, temperatures[t], d);
      assert_int_equal(taup_graph_new(&s.g), TAU_OK);
      for (int i = 0; i < kt->n_fields; i++)
        p[i] =
          symbol(&s, TAUP_PARAMETER, kt->fields[i].flags & TAUP_FIELD_OWN_DIM ? dims[d] : kt->fields[i].dim,
                 plausible(&kt->fields[i], i));
      s.node = kt->build(s.g, p, symbol(&s, TAUP_STATE, TAUP_DIM_TEMPERATURE, temperatures[t]), dims[d]);
      if (taup_graph_status(s.g) < 0) fail_msg("%s: %s", name, tau_last_error());
      if (!taup_dim_equal(taup_node_dim(s.g, s.node), dims[d])) fail_msg("%s has another dimension", name);
      assert_true(plain_value(&s) > 0.0);
      compare(&s);
      taup_graph_free(s.g);
    }
}

/* --- one test a row --- */

enum { MOST_TESTS = 256 };

static struct CMUnitTest tests[MOST_TESTS];
static char names[MOST_TESTS][96];
static int n_tests;

static void add(const char *table, const char *row, const char *what, CMUnitTestFunction test,
                const void *subject_row)
{
  if (n_tests == MOST_TESTS) abort();
  snprintf(names[n_tests], sizeof names[0], "%s_%s_%s", table, row, what);
  tests[n_tests] = (struct CMUnitTest){.name = names[n_tests],
                                       .test_func = test,
                                       .initial_state = (void *)(uintptr_t)subject_row};
  n_tests++;
}

int main(void)
{
  for (int i = 0; i < taup_n_laws; i++) {
    add("law", taup_laws[i]->name, "slopes", laws_have_the_dimension_and_the_slopes_of_their_rate,
        taup_laws[i]);
    add("law", taup_laws[i]->name, "at_zero", laws_stand_still_without_species, taup_laws[i]);
  }
  for (int i = 0; i < taup_n_kts; i++)
    add("k", taup_kts[i]->name, "slopes", forms_of_k_have_the_dimension_and_the_slopes, taup_kts[i]);
  return _cmocka_run_group_tests("equations", tests, (size_t)n_tests, NULL, NULL);
}
