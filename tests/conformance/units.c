/* SPDX-License-Identifier: Apache-2.0 */
/* units.c - every row of the table of units, with each heat option, density and way to give its size:
 * atoms, mass and energy close, files go round, nothing is allocated in a run, limits hold. A new row is
 * tested from the moment it stands in the table. */
#include <malloc.h>

#include "conformance/unit_models.h"
#include "support/ledger.h"
#include "train/train.h"

enum { MOST_CASES = 512 };
static unit_case cases[MOST_CASES];
static int n_cases;

static bool has_energy(const unit_case *k)
{
  return k->heat == TAUP_HEAT_ADIABATIC || k->heat == TAUP_HEAT_JACKET;
}

/* --- closure --- */

static void check_mass(const tau_result *r)
{
  const tau_stream in = tau_result_inlet(r, 0);
  double out = 0.0;
  for (int i = 0; i < tau_result_n_outlets(r, 0); i++) out += tau_result_outlet(r, 0, i).mass_flow;
  assert_close_rel(out, in.mass_flow, 1e-9);
}

/* Atoms (C, H and O, all formulas are given) and sums that the stoichiometry keeps. */
static void check_balances(const tau_result *r)
{
  int n_atoms = 0;
  for (int i = 0; i < tau_result_n_balances(r); i++) {
    const tau_balance b = tau_result_balance(r, i);
    if (!(b.error <= 1e-9)) fail_msg("%s: in %.17g, out %.17g", b.name, b.in, b.out);
    n_atoms += strncmp(b.name, "atom ", 5) == 0;
  }
  assert_int_equal(n_atoms, 3);
  assert_true(small_value(r, "balance/closure") <= 1e-9);
}

static void it_closes(void **state)
{
  const unit_case *k = *state;
  tau_result *r = small_result(k->model);
  for (int i = 0; i < tau_result_n_warnings(r); i++) fail_msg("%s", tau_result_warning(r, i));
  check_balances(r);
  check_mass(r);
  if (has_energy(k)) assert_true(small_value(r, "balance/energy") <= 1e-9);
  if (k->kind->family != TAUP_JUNCTION) {
    assert_true(small_value(r, "conversion/A") > 0.05 && small_value(r, "conversion/A") < 1.0);
    if (k->heat == TAUP_HEAT_ADIABATIC)
      assert_true(small_value(r, "outlet/T") > small_value(r, "units/u/inlet/T") + 1.0);
  }
  tau_result_free(r);
}

/* --- derivatives of the compiled program --- */

static const taup_unit_program *program_of(const tau_train *t, int *i_program)
{
  *i_program = t->stages[0].reduced >= 0 ? t->stages[0].reduced : t->stages[0].program;
  return &t->programs[*i_program];
}

/* The same equations once more as a graph. */
static taup_graph *equations_of(const tau_train *t, const taup_unit_program *p, taup_callback *callbacks,
                                taup_builder *b, taup_equations *e)
{
  taup_graph *g = NULL;
  assert_int_equal(taup_graph_new(&g), TAU_OK);
  *b = (taup_builder){.g = g,
                      .chemistry = &t->d.chemistry,
                      .unit = p->unit,
                      .callbacks = callbacks,
                      .reduced = p->reduced ? t->reduced : NULL,
                      .key_reactant = t->d.key_reactant,
                      .key_product = t->d.key_product,
                      .ratio = t->d.ratio};
  if (taup_builder_write(b, e) < 0) fail_msg("%s", tau_last_error());
  return g;
}

typedef struct point {
  double *re_im[4];
  int n[4];
} point;

static point point_of(const taup_unit_program *p, double *R, const int n[4])
{
  point out = {.n = {0}};
  for (int b = TAUP_PARAMETER; b <= TAUP_STATE; b++) {
    out.n[b] = n[b];
    out.re_im[b] = calloc(2 * (size_t)n[b] + 2, sizeof(double));
    for (int i = 0; i < n[b]; i++)
      out.re_im[b][2 * i] = taup_program_input(p->program, 1, R, (taup_binding)b, i)[0];
  }
  return out;
}

static void free_point(point *at)
{
  for (int b = 0; b < 4; b++) free(at->re_im[b]);
}

/* Column `column` of df/d(symbols of wrt) by complex step. */
static void column_by_step(const taup_graph *g, const point *at, taup_binding wrt, int column, int n,
                           const taup_node *f, double *out)
{
  const double *const values[4] = {at->re_im[0], at->re_im[1], at->re_im[2], at->re_im[3]};
  double *pairs = calloc(2 * (size_t)n, sizeof *pairs);
  at->re_im[wrt][2 * column + 1] = 1e-100;
  if (taup_complex_eval(g, values, n, f, pairs) < 0) fail_msg("%s", tau_last_error());
  at->re_im[wrt][2 * column + 1] = 0.0;
  for (int i = 0; i < n; i++) out[i] = pairs[2 * i + 1] / 1e-100;
  free(pairs);
}

/* Away from where the run ended, which may be a root: there terms cancel, and slopes with them. */
static void move_away(const taup_unit_program *p, double *R)
{
  for (int i = 0; i < p->system.n; i++)
    *taup_program_input(p->program, 1, R, TAUP_STATE, i) *= 1.0 + 0.01 * (i + 1);
}

/* What an entry of the Jacobian is rounded against: the largest f / x, since an entry may be a difference
 * of larger terms. */
static double scale_of(double entry, double most_f, double x)
{
  return fmax(fabs(entry), most_f / fmax(fabs(x), 1e-300));
}

static double largest(int n, int stride, const double *x)
{
  double most = 0.0;
  for (int i = 0; i < n; i++) most = fmax(most, fabs(x[i * stride]));
  return most;
}

static void check_jacobian(const taup_unit_program *p, const taup_graph *g, const point *at,
                           const taup_node *f, double *R)
{
  const int n = p->system.n;
  double *J = calloc((size_t)p->system.column_start[n] + 1, sizeof *J),
         *want = calloc((size_t)n, sizeof *want), *F = calloc((size_t)n, sizeof *F);
  assert_int_equal(taup_program_run(p->program, TAUP_BODY_F, 1, R, F), 0);
  assert_int_equal(taup_program_run(p->program, TAUP_BODY_J, 1, R, J), 0);
  const double most = largest(n, 1, F);
  for (int column = 0; column < n; column++) {
    column_by_step(g, at, TAUP_STATE, column, n, f, want);
    for (int k = p->system.column_start[column]; k < p->system.column_start[column + 1]; k++) {
      const int row = p->system.row[k];
      if (!(fabs(J[k] - want[row]) <= 1e-12 * scale_of(want[row], most, at->re_im[TAUP_STATE][2 * column])))
        fail_msg("df%d/dy%d is %.17g, by complex step %.17g", row, column, J[k], want[row]);
      want[row] = 0.0;
    }
    for (int row = 0; row < n; row++)
      if (want[row] != 0.0) fail_msg("df%d/dy%d = %g is missing in the pattern", row, column, want[row]);
  }
  free(J);
  free(want);
  free(F);
}

/* f's derivatives to what is known once a run or once a unit, by a program of their own. */
static void check_others(taup_graph *g, const point *at, taup_binding wrt, const taup_node *f, int n_f)
{
  taup_diff *d = NULL;
  assert_int_equal(taup_diff_new(&d, g, wrt), TAU_OK);
  double *want = calloc((size_t)n_f * (size_t)at->n[wrt] + 1, sizeof *want), value[2 * 64];
  assert_true(n_f <= 64);
  for (int column = 0; column < at->n[wrt]; column++)
    column_by_step(g, at, wrt, column, n_f, f, want + column * n_f);
  const double *const values[4] = {at->re_im[0], at->re_im[1], at->re_im[2], at->re_im[3]};
  assert_int_equal(taup_complex_eval(g, values, n_f, f, value), TAU_OK);
  const double most = largest(n_f, 2, value);
  for (int row = 0; row < n_f; row++) {
    const taup_partial *partials;
    const int n = taup_diff_of(d, f[row], &partials);
    if (!n) continue;
    taup_node *nodes = calloc((size_t)n, sizeof *nodes);
    double *O = calloc((size_t)n, sizeof *O);
    for (int i = 0; i < n; i++) nodes[i] = partials[i].node;
    const taup_body body = {n, nodes, "derivatives"};
    taup_program *q = NULL;
    if (taup_program_new(&q, g, at->n, 1, &body) < 0) fail_msg("%s", tau_last_error());
    double *R = aligned_alloc(64, taup_program_bytes(q, 1));
    taup_program_init(q, 1, R);
    for (int b = TAUP_PARAMETER; b <= TAUP_STATE; b++)
      for (int i = 0; i < at->n[b]; i++)
        *taup_program_input(q, 1, R, (taup_binding)b, i) = at->re_im[b][2 * i];
    taup_program_prologue(q, TAUP_PARAMETER, 1, R);
    taup_program_prologue(q, TAUP_INLET, 1, R);
    assert_int_equal(taup_program_run(q, 0, 1, R, O), 0);
    for (int i = 0; i < n; i++) {
      const double x = at->re_im[wrt][2 * partials[i].symbol], by_step = want[partials[i].symbol * n_f + row];
      if (isnan(x)) continue; /* a parameter that is not given */
      if (!(fabs(O[i] - by_step) <= 1e-12 * scale_of(by_step, most, x)))
        fail_msg("df%d to %s %d (%g) is %.17g, by complex step %.17g", row,
                 wrt == TAUP_INLET ? "inlet" : "parameter", partials[i].symbol, x, O[i], by_step);
    }
    taup_program_free(q);
    free(R);
    free(nodes);
    free(O);
  }
  free(want);
  taup_diff_free(d);
}

static void slopes_agree_with_the_complex_step(void **state)
{
  const unit_case *k = *state;
  if (k->kind->family == TAUP_JUNCTION) return; /* no equations of its own */
  tau_train *t = small_train(k->model);
  tau_workspace *w = NULL;
  const tau_result *r;
  int i_program;
  const taup_unit_program *p = program_of(t, &i_program);
  assert_int_equal(tau_workspace_new(&w, t), TAU_OK);
  if (tau_train_run_in(&r, w, NULL, NULL) != TAU_OK) fail_msg("%s", tau_last_error());
  double *R = w->engines[i_program].R;
  taup_callback callbacks[8];
  taup_builder b;
  taup_equations e = {0};
  taup_graph *g = equations_of(t, p, callbacks, &b, &e);
  assert_int_equal(b.n_state, p->system.n);
  move_away(p, R);
  const int n[4] = {0, b.n_roles, taup_n_inlet_symbols(t->d.chemistry.n_species), b.n_inputs};
  point at = point_of(p, R, n);
  check_jacobian(p, g, &at, e.f, R);
  check_others(g, &at, TAUP_PARAMETER, e.f, b.n_state);
  check_others(g, &at, TAUP_INLET, e.f, b.n_state);
  free_point(&at);
  taup_builder_free(&b);
  taup_graph_free(g);
  tau_workspace_free(w);
  tau_train_free(t);
}

/* --- file --- */

static void its_file_goes_round(void **state)
{
  const unit_case *k = *state;
  tau_model *m = small_model(k->model), *back = NULL;
  char *text = NULL;
  assert_int_equal(tau_model_print(m, &text), TAU_OK);
  if (tau_model_parse(&back, text, strlen(text), "printed", NULL, NULL) < 0)
    fail_msg("%s\n%s", tau_last_error(), text);
  assert_true(tau_model_equal(m, back));
  tau_result *a = small_result(k->model), *b = small_result(text);
  assert_int_equal(tau_result_n_observables(a), tau_result_n_observables(b));
  assert_memory_equal(tau_result_values(a), tau_result_values(b),
                      (size_t)tau_result_n_observables(a) * sizeof(double));
  tau_result_free(a);
  tau_result_free(b);
  tau_text_free(text);
  tau_model_free(m);
  tau_model_free(back);
}

/* --- memory --- */

static void a_warm_run_allocates_nothing(void **state)
{
  const unit_case *k = *state;
  ledger l;
  ledger_open(&l, 0);
  tau_train *t = small_train(k->model);
  tau_workspace *w = NULL;
  const tau_result *r;
  assert_int_equal(tau_workspace_new(&w, t), TAU_OK);
  assert_int_equal(tau_train_run_in(&r, w, NULL, NULL), TAU_OK);
  const long before = l.n_requests;
  const struct mallinfo2 heap = mallinfo2();
  for (int i = 0; i < 3; i++) assert_int_equal(tau_train_run_in(&r, w, NULL, NULL), TAU_OK);
  assert_int_equal(l.n_requests, before);
  assert_true(mallinfo2().uordblks == heap.uordblks); /* nor does SUNDIALS keep any */
  tau_workspace_free(w);
  tau_train_free(t);
  ledger_close();
  assert_int_equal(l.n_alive, 0);
}

/* --- limits --- */

static void without_reaction_nothing_changes(void **state)
{
  const unit_case *k = *state;
  tau_train *t = small_train(k->model);
  tau_inputs *inputs = NULL;
  assert_int_equal(tau_inputs_new(&inputs, t), TAU_OK);
  assert_int_equal(tau_inputs_set(inputs, "reactions/r/k/k_ref", 0.0), TAU_OK);
  assert_int_equal(tau_inputs_set(inputs, "reactions/s/k", 0.0), TAU_OK);
  tau_result *r = small_result_of(t, inputs);
  const tau_stream in = tau_result_inlet(r, 0);
  for (int i = 0; i < tau_result_n_species(r); i++) {
    double out = 0.0;
    for (int port = 0; port < tau_result_n_outlets(r, 0); port++) out += tau_result_outlet(r, 0, port).F[i];
    assert_close(out, in.F[i], 1e-11 * in.F[i] + 1e-11 * in.flow); /* atol is 2e-11 mol/m^3 */
  }
  if (k->heat == TAUP_HEAT_FEED || k->heat == TAUP_HEAT_ADIABATIC) {
    assert_close_rel(small_value(r, "outlet/T"), in.T, 1e-11);
    assert_close_rel(tau_result_outlet(r, 0, 0).c[0], in.c[0], 1e-11);
  }
  tau_result_free(r);
  tau_inputs_free(inputs);
  tau_train_free(t);
}

static void a_size_of_zero_is_refused(void **state)
{
  const unit_case *k = *state;
  tau_train *t = small_train(k->model);
  tau_inputs *inputs = NULL;
  assert_int_equal(tau_inputs_new(&inputs, t), TAU_OK);
  for (int i = 0; i < k->kind->n_fields; i++) {
    char path[80];
    const taup_field *f = &k->kind->fields[i];
    snprintf(path, sizeof path, "units/u/%s", f->name);
    if (k->alternative == k->kind->n_fields) continue; /* a list stands for all of them */
    if (f->flags & TAUP_FIELD_POSITIVE) {
      assert_int_equal(tau_inputs_set(inputs, path, 0.0), TAU_E_VALUE);
      assert_non_null(strstr(tau_last_error(), path));
    }
    assert_int_equal(tau_inputs_set(inputs, path, (double)NAN), TAU_E_VALUE);
    if (isfinite(f->lower)) assert_int_equal(tau_inputs_set(inputs, path, f->lower - 1.0), TAU_E_VALUE);
  }
  if (k->alternative > 0 && k->alternative == k->kind->n_fields)
    assert_int_equal(tau_inputs_set(inputs, "units/u/volumes/2", 0.0), TAU_E_VALUE);
  tau_result *r = small_result_of(t, inputs); /* what was refused has changed nothing */
  tau_result_free(r);
  tau_inputs_free(inputs);
  tau_train_free(t);
}

static void an_empty_feed_stays_empty(void **state)
{
  unit_case *k = calloc(1, sizeof *k);
  *k = *(const unit_case *)*state;
  write_case(k, "feeds:\n  f: {flow: 1 mL/min, temperature: 290 K, concentration: {A: 0 mol/L}}\n"
                "  g: {flow: 2 mL/min, temperature: 310 K, concentration: {B: 0 mol/L}}\n");
  tau_train *t = small_train(k->model);
  tau_inputs *inputs = NULL;
  assert_int_equal(tau_inputs_new(&inputs, t), TAU_OK);
  if (k->kind->flags & TAUP_UNIT_CHARGE) {
    assert_int_equal(tau_inputs_set(inputs, "units/u/charge/concentration/A", 0.0), TAU_OK);
    assert_int_equal(tau_inputs_set(inputs, "units/u/charge/concentration/B", 0.0), TAU_OK);
  }
  tau_result *r = small_result_of(t, inputs);
  for (int i = 0; i < 4; i++)
    assert_true(fabs(tau_result_outlet(r, 0, 0).c[i]) <= 1e-14); /* the default atol without a feed */
  tau_result_free(r);
  tau_inputs_free(inputs);
  tau_train_free(t);
  free(k);
}

/* Order 1/2 runs out in a finite time; A stays at zero and does not go through it, to what the absolute tolerance promises: the error test
 * holds the root of the mean square over the at most 6 states, so one of them may be sqrt(6) atol off after a step, and the estimate of a
 * step's error is good to a factor of 2 where the rate has its corner. */
static void what_runs_out_stays_at_zero(void **state)
{
  const unit_case *k = *state;
  if (k->kind->family == TAUP_JUNCTION) return;
  tau_model *m = small_model(k->model);
  assert_int_equal(tau_model_set(m, "reactions/r/orders/A", "0.5"), TAU_OK);
  assert_int_equal(tau_model_set(m, "reactions/r/k/arrhenius/k_ref", "0.2 L^0.5/mol^0.5/s"), TAU_OK);
  assert_int_equal(tau_model_set(m, "solver/rtol", "1e-8"), TAU_OK);
  assert_int_equal(tau_model_set(m, "solver/atol", "1e-9 mol/L"), TAU_OK);
  tau_train *t = NULL;
  tau_result *r = NULL;
  if (tau_train_compile(&t, m) < 0) fail_msg("%s", tau_last_error());
  if (tau_train_run(&r, t, NULL, NULL) != TAU_OK) fail_msg("%s", tau_last_error());
  const tau_profile p = tau_result_profile(r, 0);
  const int n = tau_result_n_species(r);
  const double least = -2.0 * sqrt(6.0) * 1e-6;
  for (int i = 0; i < p.n_points; i++) assert_true(p.c[i * n] >= least);
  assert_true(small_value(r, "outlet/c/A") >= least);
  if (k->kind->family != TAUP_WELL_MIXED && !k->mixing) assert_true(small_value(r, "outlet/c/A") <= 1e-6);
  tau_result_free(r);
  tau_train_free(t);
  tau_model_free(m);
}

/* --- one test a case --- */

typedef struct property {
  const char *name;
  CMUnitTestFunction test;
} property;

static const property properties[] = {
  {"closes", it_closes},
  {"slopes", slopes_agree_with_the_complex_step},
  {"file", its_file_goes_round},
  {"memory", a_warm_run_allocates_nothing},
  {"no_reaction", without_reaction_nothing_changes},
  {"zero_size", a_size_of_zero_is_refused},
  {"empty_feed", an_empty_feed_stays_empty},
  {"exhaustion", what_runs_out_stays_at_zero},
};
enum { N_PROPERTIES = sizeof properties / sizeof properties[0] };

static struct CMUnitTest tests[MOST_CASES * N_PROPERTIES];
static char names[MOST_CASES * N_PROPERTIES][160];

int main(void)
{
  int n = 0;
  n_cases = all_cases(cases, MOST_CASES);
  for (int i = 0; i < n_cases; i++)
    for (int k = 0; k < N_PROPERTIES; k++, n++) {
      snprintf(names[n], sizeof names[0], "%s_%s", cases[i].name, properties[k].name);
      tests[n] =
        (struct CMUnitTest){.name = names[n], .test_func = properties[k].test, .initial_state = &cases[i]};
    }
  return _cmocka_run_group_tests("units", tests, (size_t)n, NULL, NULL);
}
