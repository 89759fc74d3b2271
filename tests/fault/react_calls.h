/* SPDX-License-Identifier: Apache-2.0 */
/* react_calls.h - the calls of react.h, and those that write a distribution, upon the world of calls.c. */
#ifndef REACT_CALLS_H
#define REACT_CALLS_H

static tau_status rtd_print(world *w)
{
  tau_rtd *rtd = NULL;
  char *text = NULL;
  tau_status st = tau_rtd_parse(&rtd, train_text);
  if (st == TAU_OK) st = tau_rtd_print(rtd, &text);
  w->gave_out = w->gave_out || (st < 0 && text);
  tau_text_free(text);
  tau_rtd_free(rtd);
  return st;
}

static tau_status model_set_rtd(world *w)
{
  tau_rtd *rtd = NULL;
  tau_model *model = NULL;
  (void)w;
  tau_status st = tau_model_new(&model);
  if (st == TAU_OK) st = tau_rtd_new(&rtd, "tanks", 2, tank_names, tank_values);
  if (st == TAU_OK) st = tau_model_set_rtd(model, "rtd/a", rtd);
  if (st == TAU_OK) assert_string_equal(tau_model_text(model, "rtd/a/model"), "tanks");
  tau_rtd_free(rtd);
  tau_model_free(model);
  return st;
}

static tau_status react(world *w)
{
  static const char text[] =
    "tautrain: 1\nspecies: {A: {}, B: {}}\nreactions:\n  a: {equation: A -> B, k: 1 1/s}\n"
    "feeds:\n  f: {flow: 1 mL/s, concentration: {A: 1 mol/L}}\n"
    "units:\n  u: {type: cstr, in: f, volume: 1 mL}\n";
  static const double covariance[] = {1e-4, 0.0, 0.0, 1e-4};
  tau_model *model = NULL, *copy = NULL;
  tau_react *react = NULL;
  tau_react_options options = TAU_REACT_OPTIONS_INIT;
  options.covariance = covariance;
  tau_status st = tau_model_parse(&model, text, strlen(text), "react", NULL, NULL);
  if (st == TAU_OK) st = tau_react_new(&react, model, &options);
  if (st == TAU_OK) st = tau_react_model(react, TAU_REACT_MAXIMUM, &copy);
  if (st == TAU_OK) {
    const int i = tau_react_index(react, "conversion/A");
    assert_string_equal(tau_react_unit(react), "u");
    assert_true(tau_react_has(react, TAU_REACT_PLUG) && !tau_react_has(react, TAU_REACT_EXCHANGE));
    assert_string_equal(tau_react_observable(react, i).path, "conversion/A");
    assert_true(i < tau_react_n_observables(react));
    assert_true(fabs(tau_react_value(react, TAU_REACT_SEGREGATED, i) - 0.5) < 1e-8);
    assert_true(tau_react_half_width(react, TAU_REACT_SEGREGATED, i, 0.95) > 0.0);
    assert_non_null(tau_react_result(react, TAU_REACT_PLUG));
    assert_int_equal(tau_rtd_n_parameters(tau_react_rtd(react)), 2);
  }
  w->gave_out = w->gave_out || (st < 0 && copy);
  tau_react_free(react);
  tau_model_free(copy);
  tau_model_free(model);
  return st;
}

#endif
