/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c - the whole way from a file's text to a result, with the k-th request of memory refused, for
 * all k: each way ends in TAU_E_NOMEM (or unharmed, where the library can do without), loses nothing and
 * crashes nowhere. Third-party libraries keep their own allocators. */
#include "support/small_run.h"

#include "base/status.h"
#include "support/ledger.h"

/* Something of everything: k(T) of all forms, a reversible reaction, an expression, a moiety, splitter,
 * mixer, tank, tube, `until`, `at`. */
static const char model_text[] =
  "tautrain: 1\n"
  "title: all together\n"
  "solvent: {name: ethanol, density: temperature}\n"
  "species: {A: {formula: C2H4}, B: {formula: H2O}, C: {formula: C2H6O}, D: {formula: C2H6O}}\n"
  "reactions:\n"
  "  r: {equation: A + B -> C, k: {arrhenius: {A: 1e5 L/mol/s, Ea: 40 kJ/mol}}, heat: -30 kJ/mol}\n"
  "  s: {equation: C <=> D, k: {eyring: {dH: 80 kJ/mol, dS: -20 J/mol/K}}, K: {van-t-hoff: {K_ref: 2, T_ref: "
  "300 K, dH: 5 kJ/mol}}, heat: 5 kJ/mol}\n"
  "  t: {equation: D -> C, rate: \"kd*D/(1 + KB*B)\", parameters: {kd: 0.01 1/s, KB: 0.1 L/mol}, heat: 0 "
  "J/mol}\n"
  "feeds:\n"
  "  f: {flow: 1 mL/min, temperature: 290 K, concentration: {A: 2 mol/L}}\n"
  "  g: {flow: 2 mL/min, temperature: 310 K, concentration: {B: 1.5 mol/L}}\n"
  "units:\n"
  "  tee: {type: mixer, in: [f, g]}\n"
  "  split: {type: splitter, in: tee, outlets: {a: 0.3, b: rest}}\n"
  "  tank: {type: cstr, in: split/a, volume: 1 mL, heat: adiabatic}\n"
  "  coil: {type: pfr, in: split/b, residence_time: 2 min, temperature: 330 K, at: [10 s, 60 s], until: "
  "conversion/A >= 99 %}\n"
  "  end: {type: pfr, in: [tank, coil], volume: 1 mL, heat: adiabatic}\n"
  "key: {reactant: A, product: D}\n"
  "solver: {rtol: 1e-5}\n";

static const char batch_text[] = "tautrain: 1\n"
                                 "species: {A: {}, B: {}}\n"
                                 "reactions: {r: {equation: 2 A -> B, k: 0.01 L/mol/s}}\n"
                                 "units: {b: {type: batch, time: 1 min, charge: {volume: 1 L, concentration: "
                                 "{A: 1 mol/L}}, at: [10 s, 20 s]}}\n";

/* Parse, print, copy, compile, set, run. */
static tau_status whole_way(const char *text)
{
  tau_model *model = NULL, *copy = NULL;
  tau_train *train = NULL;
  tau_inputs *inputs = NULL;
  tau_result *result = NULL;
  char *printed = NULL, *listing = NULL;
  tau_status st;
  if ((st = tau_model_parse(&model, text, strlen(text), "memory", NULL, NULL)) < 0) goto done;
  if ((st = tau_model_copy(&copy, model)) < 0) goto done;
  if ((st = tau_model_set(copy, "title", "another")) < 0) goto done;
  if ((st = tau_model_print(copy, &printed)) < 0) goto done;
  if ((st = tau_train_compile(&train, copy)) < 0) goto done;
  if ((st = tau_train_program_text(train, tau_train_n_units(train) - 1, &listing)) < 0) goto done;
  if ((st = tau_inputs_new(&inputs, train)) < 0) goto done;
  if ((st = tau_inputs_set(inputs, "flow_factor", 1.25)) < 0 && st != TAU_E_NAME) goto done;
  st = tau_train_run(&result, train, inputs, NULL);
done:
  tau_result_free(result);
  tau_inputs_free(inputs);
  tau_train_free(train);
  tau_text_free(listing);
  tau_text_free(printed);
  tau_model_free(copy);
  tau_model_free(model);
  return st;
}

static void refuse_all_requests(const char *text)
{
  ledger l;
  assert_int_equal(whole_way(text), TAU_OK); /* what is made once in a process (units) is made now */
  ledger_open(&l, 0);
  const tau_status whole = whole_way(text);
  ledger_close();
  assert_int_equal(whole, TAU_OK);
  assert_int_equal(l.n_alive, 0);
  const long n = l.n_requests;
  assert_true(n > 200);
  for (long k = 1; k <= n; k++) {
    ledger_open(&l, k);
    const tau_status st = whole_way(text);
    ledger_close();
    if (l.n_failed != 1 || st != TAU_E_NOMEM || l.n_alive != 0)
      fail_msg("request %ld of %ld refused: %s (%s), %ld blocks left", k, n, tau_status_name(st),
               tau_last_error(), l.n_alive);
  }
}

static void a_train_survives_any_refused_request(void **state)
{
  (void)state;
  refuse_all_requests(model_text);
}

static void a_batch_survives_any_refused_request(void **state)
{
  (void)state;
  refuse_all_requests(batch_text);
}

static void models_built_in_c_survive_any_refused_request(void **state)
{
  (void)state;
  ledger l;
  long n = 1;
  for (long k = 0; k <= n; k++) {
    ledger_open(&l, k);
    tau_model *m = NULL;
    tau_status st = tau_model_new(&m);
    if (st == TAU_OK) st = tau_model_set(m, "species/A/molar_mass", "100 g/mol");
    if (st == TAU_OK) st = tau_model_append(m, "units/tee/in", "f");
    if (st == TAU_OK) st = tau_model_append(m, "units/tee/in", "g");
    if (st == TAU_OK) st = tau_model_set(m, "units/tee/in/1", "h");
    if (st == TAU_OK) st = tau_model_remove(m, "species/A");
    tau_model_free(m);
    ledger_close();
    if (!k) n = l.n_requests;
    assert_int_equal(st, k ? TAU_E_NOMEM : TAU_OK);
    assert_int_equal(l.n_alive, 0);
  }
  assert_true(n > 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_train_survives_any_refused_request),
    cmocka_unit_test(a_batch_survives_any_refused_request),
    cmocka_unit_test(models_built_in_c_survive_any_refused_request),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
