/* SPDX-License-Identifier: Apache-2.0 */
/* calls.c - each public function with the k-th request of memory refused, for all k.
 *
 * A row is a call (or several that belong together) upon a `world` in which there is one of everything. Where
 * a request is refused the call must say TAU_E_NOMEM with a text that says so, hand out nothing, lose nothing
 * and leave the world as it was; the same call must work right afterwards. Calls that take no memory are
 * rows as well: that they take none is what is tested. A public function without a row fails a test. */
#include "support/small_run.h"

#include <ctype.h>
#include <dirent.h>
#include <unistd.h>

#include "fault/routes.h"
#include "support/ledger.h"
#include "support/sanitized.h"

typedef struct world {
  tau_model *model;
  tau_model *changed; /* not as it was read */
  tau_model *network; /* with a loop */
  tau_train *train;
  tau_inputs *inputs;
  tau_workspace *workspace;
  tau_result *result;
  bool gave_out; /* a call failed and handed out something all the same */
  int n_drops;   /* functions of the user that were let go */
} world;

static const char bad_text[] = "tautrain: 1\n"
                               "species: {A: {}, B: {molar_mas: 3 g/mol}}\n"
                               "reactions: {r: {equation: A -> C, k: 1 m}}\n"
                               "units: {b: {type: tube, volume: 1 L}}\n";

/* --- the world --- */

static void world_free(world *w)
{
  tau_result_free(w->result);
  tau_workspace_free(w->workspace);
  tau_inputs_free(w->inputs);
  tau_train_free(w->train);
  tau_model_free(w->network);
  tau_model_free(w->changed);
  tau_model_free(w->model);
  *w = (world){0};
}

static world world_new(void)
{
  world w = {0};
  if (tau_model_parse(&w.model, route_text, strlen(route_text), "route", NULL, NULL) < 0 ||
      tau_model_parse_network(&w.network, loop_text, strlen(loop_text), "loop", NULL, NULL) < 0 ||
      tau_model_copy(&w.changed, w.model) < 0 || tau_model_set(w.changed, "title", "another") < 0 ||
      tau_train_compile(&w.train, w.model) < 0 || tau_inputs_new(&w.inputs, w.train) < 0 ||
      tau_workspace_new(&w.workspace, w.train) < 0 || tau_train_run(&w.result, w.train, NULL, NULL) < 0)
    fail_msg("%s", tau_last_error());
  return w;
}

/* All that the world says, as text (free). */
static char *world_says(const world *w)
{
  char *printed = NULL;
  assert_int_equal(tau_model_print(w->model, &printed), TAU_OK);
  const int n = tau_train_n_parameters(w->train), m = tau_result_n_observables(w->result);
  const size_t room = strlen(printed) + 32 * (size_t)(n + m) + 1;
  char *said = malloc(room);
  assert_non_null(said);
  size_t at = (size_t)snprintf(said, room, "%s", printed);
  for (int i = 0; i < n; i++)
    at += (size_t)snprintf(said + at, room - at, "%.17g\n", tau_inputs_value(w->inputs, i));
  for (int i = 0; i < m; i++)
    at += (size_t)snprintf(said + at, room - at, "%.17g\n", tau_result_values(w->result)[i]);
  tau_text_free(printed);
  return said;
}

/* --- models --- */

static tau_status handed(world *w, tau_status st, const void *out)
{
  w->gave_out = w->gave_out || (st < 0 && out) || (st == TAU_OK && !out);
  return st;
}

static tau_status model_and_free(world *w, tau_status st, tau_model *m)
{
  handed(w, st, m);
  tau_model_free(m);
  return st;
}

static tau_status model_new(world *w)
{
  tau_model *m = NULL;
  const tau_status st = tau_model_new(&m);
  return model_and_free(w, st, m);
}

static tau_status model_copy(world *w)
{
  tau_model *m = NULL;
  const tau_status st = tau_model_copy(&m, w->model);
  return model_and_free(w, st, m);
}

static tau_status model_read(world *w)
{
  tau_model *m = NULL;
  const tau_status st = tau_model_read(&m, "route.yaml");
  return model_and_free(w, st, m);
}

static void listen(void *user, const tau_mistake *mistake)
{
  (void)user;
  assert_true(mistake->text[0] != '\0');
}

static tau_status model_read_reported(world *w)
{
  tau_model *m = NULL;
  const tau_status st = tau_model_read_reported(&m, "route.yaml", listen, NULL);
  return model_and_free(w, st, m);
}

static tau_status model_parse(world *w)
{
  tau_model *m = NULL;
  const tau_status st = tau_model_parse(&m, route_text, strlen(route_text), "route", listen, NULL);
  return model_and_free(w, st, m);
}

/* A status that is right for the call; TAU_E_NOMEM stays what it is. */
static tau_status expected(tau_status st, tau_status right)
{
  if (st == right) return TAU_OK;
  return st == TAU_OK ? TAU_STATUS_END_ : st;
}

static tau_status model_parse_mistakes(world *w)
{
  tau_model *m = NULL;
  const tau_status st = tau_model_parse(&m, bad_text, strlen(bad_text), "bad", listen, NULL);
  w->gave_out = w->gave_out || m;
  return expected(st, TAU_E_MODEL);
}

static tau_status model_parse_no_yaml(world *w)
{
  tau_model *m = NULL;
  const tau_status st = tau_model_parse(&m, "a: [1, {b: 2\n", 13, "bad", listen, NULL);
  w->gave_out = w->gave_out || m;
  return expected(st, TAU_E_PARSE);
}

static tau_status model_write(world *w) { return tau_model_write(w->model, "written.yaml", true); }

static tau_status model_print(world *w)
{
  char *text = NULL;
  const tau_status st = tau_model_print(w->model, &text);
  handed(w, st, text);
  tau_text_free(text);
  return st;
}

static tau_status model_set(world *w) { return tau_model_set(w->model, "species/E/molar_mass", "100 g/mol"); }
static tau_status model_set_leaf(world *w)
{
  return tau_model_set(w->model, "title", "a title of another length");
}
static tau_status model_append(world *w) { return tau_model_append(w->model, "units/tee/in", "h"); }
static tau_status model_append_new(world *w) { return tau_model_append(w->model, "units/new/in", "h"); }
static tau_status model_remove(world *w) { return tau_model_remove(w->model, "species/A"); }
static tau_status model_check(world *w) { return tau_model_check(w->model, listen, NULL); }

static tau_status model_check_mistakes(world *w)
{
  tau_model *m = NULL;
  tau_status st = tau_model_copy(&m, w->model);
  if (st == TAU_OK) st = tau_model_remove(m, "species");
  if (st == TAU_OK) st = expected(tau_model_check(m, listen, NULL), TAU_E_MODEL);
  tau_model_free(m);
  return st;
}

static int no_function(void *user, int n, const double *x, double *value, double *gradient)
{
  (void)user;
  *value = 0.0;
  for (int i = 0; i < n && gradient; i++) gradient[i] = x[i] * 0.0;
  return 0;
}

static void drop(void *user) { ++*(int *)user; }

static tau_status model_set_function(world *w)
{
  const int before = w->n_drops;
  const tau_status st =
    tau_model_set_function(w->model, "reactions/t/rate", "B D T", no_function, NULL, &w->n_drops, drop);
  w->gave_out = w->gave_out || (st < 0 && w->n_drops != before);
  return st;
}

static tau_status model_source(world *w)
{
  size_t n = 0;
  const char *text = tau_model_source(w->changed, &n);
  w->gave_out = w->gave_out || (text ? strlen(text) : 0) != n;
  return text ? TAU_OK : TAU_E_NOMEM;
}

static tau_status model_questions(world *w)
{
  const bool good = tau_model_text(w->model, "title") && tau_model_n_keys(w->model, "") > 0 &&
                    tau_model_key(w->model, "", 0) && tau_model_equal(w->model, w->model) &&
                    !tau_model_text(w->model, "no/such/path") && tau_model_source(w->model, NULL);
  return good ? TAU_OK : TAU_STATUS_END_;
}

/* --- trains and inputs --- */

static tau_status train_compile(world *w)
{
  tau_train *t = NULL;
  const tau_status st = tau_train_compile(&t, w->model);
  handed(w, st, t);
  tau_train_free(t);
  return st;
}

static tau_status train_program_text(world *w)
{
  tau_status st = TAU_OK;
  for (int u = 0; u < tau_train_n_units(w->train) && st == TAU_OK; u++) {
    char *text = NULL;
    st = tau_train_program_text(w->train, u, &text);
    handed(w, st, text);
    tau_text_free(text);
  }
  return st;
}

static tau_status train_questions(world *w)
{
  tau_train_free(tau_train_ref(w->train));
  size_t n = 0;
  for (int i = 0; i < tau_train_n_parameters(w->train); i++)
    n += strlen(tau_train_parameter(w->train, i).path);
  for (int i = 0; i < tau_train_n_observables(w->train); i++)
    n += strlen(tau_train_observable(w->train, i).path);
  for (int i = 0; i < tau_train_n_species(w->train); i++) n += strlen(tau_train_species(w->train, i));
  for (int i = 0; i < tau_train_n_reactions(w->train); i++) n += strlen(tau_train_reaction(w->train, i));
  for (int i = 0; i < tau_train_n_units(w->train); i++)
    n += strlen(tau_train_unit(w->train, i)) + strlen(tau_train_unit_kind(w->train, i));
  for (int i = 0; i < tau_train_n_moieties(w->train); i++) n += strlen(tau_train_moiety(w->train, i));
  const bool good = n > 0 && tau_train_parameter_index(w->train, "units/tank/volume") >= 0 &&
                    tau_train_parameter_index(w->train, "units/tank/volum") == -1 &&
                    tau_train_observable_index(w->train, "outlet/c/D") >= 0 &&
                    tau_train_observable_index(w->train, "outlet/d/D") == -1;
  return good ? TAU_OK : TAU_STATUS_END_;
}

static tau_status inputs_and_free(world *w, tau_status st, tau_inputs *in)
{
  handed(w, st, in);
  tau_inputs_free(in);
  return st;
}

static tau_status inputs_new(world *w)
{
  tau_inputs *in = NULL;
  const tau_status st = tau_inputs_new(&in, w->train);
  return inputs_and_free(w, st, in);
}

static tau_status inputs_copy(world *w)
{
  tau_inputs *in = NULL;
  const tau_status st = tau_inputs_copy(&in, w->inputs);
  return inputs_and_free(w, st, in);
}

static tau_status inputs_set(world *w)
{
  const int i = tau_train_parameter_index(w->train, "units/tank/volume");
  tau_status st = tau_inputs_set(w->inputs, "units/tank/volume", 2e-6);
  if (st == TAU_OK) st = tau_inputs_set_text(w->inputs, "units/coil/volume", "3 mL");
  if (st == TAU_OK) st = tau_inputs_set_index(w->inputs, i, 3e-6);
  if (st == TAU_OK && tau_inputs_value(w->inputs, i) != 3e-6) st = TAU_STATUS_END_;
  if (st == TAU_OK) st = expected(tau_inputs_set(w->inputs, "units/tank/volum", 1.0), TAU_E_NAME);
  if (st == TAU_OK) st = expected(tau_inputs_set(w->inputs, "units/tank/volume", -1.0), TAU_E_VALUE);
  if (st == TAU_OK) st = expected(tau_inputs_set_text(w->inputs, "units/tank/volume", "1 s"), TAU_E_UNITS);
  tau_inputs_reset(w->inputs);
  return st;
}

/* --- runs and results --- */

static tau_status train_run(world *w)
{
  tau_result *r = NULL;
  const tau_status st = tau_train_run(&r, w->train, w->inputs, NULL);
  w->gave_out = w->gave_out || (st == TAU_OK && !r);
  tau_result_free(r); /* there may be one after a failure */
  return st;
}

static int stop(void *user, const char *unit, double fraction)
{
  (void)user;
  (void)unit;
  (void)fraction;
  return 1;
}

static tau_status train_run_stopped(world *w)
{
  tau_result *r = NULL;
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  options.max_steps = 3;
  options.progress = stop;
  const tau_status st = tau_train_run(&r, w->train, NULL, &options);
  tau_result_free(r);
  return st == TAU_STOPPED_USER ? TAU_OK : expected(st, TAU_E_SOLVER);
}

static tau_status workspace_new(world *w)
{
  tau_workspace *ws = NULL;
  const tau_status st = tau_workspace_new(&ws, w->train);
  handed(w, st, ws);
  tau_workspace_free(ws);
  return st;
}

static tau_status train_run_in(world *w)
{
  const tau_result *r = NULL;
  const tau_status st = tau_train_run_in(&r, w->workspace, w->inputs, NULL);
  return handed(w, st, r);
}

static const int three_parameters[] = {0, 3, 5};

/* The object, all that it tells, and a second run in it. */
static tau_status train_sensitivity(world *w)
{
  tau_sensitivity *s = NULL;
  tau_status st = tau_train_sensitivity(&s, w->train, w->inputs, 3, three_parameters, NULL);
  handed(w, st, s);
  if (st == TAU_OK) {
    assert_int_equal(tau_sensitivity_n_parameters(s), 3);
    assert_int_equal(tau_sensitivity_parameter(s, 1), 3);
    assert_true(tau_sensitivity_values(s)[0] == tau_sensitivity_value(s, 0, 0));
    assert_non_null(tau_sensitivity_reason(s, 0, 0));
    tau_sensitivity_normalised(s, 0, 0);
    assert_non_null(tau_sensitivity_result(s));
    tau_result_free(tau_sensitivity_take_result(s));
    assert_null(tau_sensitivity_take_result(s));
    st = tau_sensitivity_run(s, w->inputs, NULL);
  }
  tau_sensitivity_free(s);
  return st;
}

static tau_status result_save(world *w) { return tau_result_save(w->result, "saved.h5", "calls", true); }
static tau_status result_save_refused(world *w)
{
  return expected(tau_result_save(w->result, "kept.h5", NULL, false), TAU_E_EXISTS);
}

static tau_status result_load(world *w)
{
  tau_result *r = NULL;
  const tau_status st = tau_result_load(&r, "kept.h5");
  handed(w, st, r);
  tau_result_free(r);
  return st;
}

static tau_status result_load_foreign(world *w)
{
  tau_result *r = NULL;
  const tau_status st = tau_result_load(&r, "route.yaml");
  w->gave_out = w->gave_out || r;
  return expected(st, TAU_E_FORMAT);
}

static tau_status result_value(world *w)
{
  double x = 0.0;
  tau_status st = tau_result_value(w->result, "outlet/c/D", &x);
  if (st == TAU_OK) st = tau_result_value_in(w->result, "outlet/c/D", "mmol/L", &x);
  if (st == TAU_OK) st = expected(tau_result_value(w->result, "outlet/c/d", &x), TAU_E_NAME);
  return st;
}

static size_t length(const char *text) { return text ? strlen(text) : 0; }

static size_t result_units(const tau_result *r)
{
  size_t n = 0;
  for (int u = 0; u < tau_result_n_units(r); u++) {
    n += length(tau_result_unit_kind(r, u)) + (size_t)tau_result_profile(r, u).n_points;
    n += tau_result_unit_index(r, tau_result_unit(r, u)) == u && tau_result_inlet(r, u).c;
    for (int k = 0; k < tau_result_n_outlets(r, u); k++)
      n += length(tau_result_outlet_name(r, u, k)) + (tau_result_outlet(r, u, k).T > 0.0);
    n += length(tau_result_statistics(r, u).method);
  }
  return n;
}

static tau_status result_questions(world *w)
{
  const tau_result *r = w->result;
  size_t n = 0, n_text = 0;
  n += length(tau_result_message(r)) + length(tau_result_error_id(r)) + length(tau_result_title(r)) +
       length(tau_result_evidence(r));
  for (int i = 0; i < tau_result_n_warnings(r); i++) n += length(tau_result_warning(r, i));
  for (int i = 0; i < tau_result_n_observables(r); i++) n += length(tau_result_observable(r, i).path);
  for (int i = 0; i < tau_result_n_parameters(r); i++) n += length(tau_result_parameter(r, i).path);
  for (int i = 0; i < tau_result_n_species(r); i++) n += length(tau_result_species(r, i));
  for (int i = 0; i < tau_result_n_reactions(r); i++) n += length(tau_result_reaction(r, i));
  for (int i = 0; i < tau_result_n_balances(r); i++) n += length(tau_result_balance(r, i).name);
  n += result_units(r) + length(tau_result_model_text(r, &n_text));
  return tau_result_status(r) == TAU_OK && tau_result_values(r) && n > n_text ? TAU_OK : TAU_STATUS_END_;
}

/* --- what needs no world --- */

static tau_status tracer(world *w)
{
  const double t[] = {0.0, 1.0, 2.0, 3.0}, y[] = {0.0, 2.0, 1.0, 0.0};
  tau_tracer_data data = TAU_TRACER_DATA_INIT;
  data.n = data.n_inlet = 4;
  data.t = data.t_inlet = t;
  data.signal = data.inlet = y;
  tau_tracer *made = NULL;
  tau_tracer_options options = tau_tracer_options_default();
  const tau_status st = tau_tracer_new(&made, &data, &options);
  handed(w, st, made);
  if (made) {
    assert_int_equal(tau_tracer_kind_of(made), TAU_TRACER_PULSE);
    assert_int_equal(tau_tracer_options_of(made).n_tail, 0);
    assert_true(tau_tracer_outlet(made).mean.value == tau_tracer_inlet(made).mean.value);
    assert_true(tau_tracer_vessel(made).mean.value == 0.0 && isnan(tau_tracer_equivalent(made).tanks.value));
    assert_true(tau_tracer_balances(made).recovery.value == 1.0 && tau_tracer_reason(made, "tanks")[0]);
    assert_true(tau_tracer_n_points(made) == 4 && tau_tracer_times(made)[3] == 3.0);
    assert_true(tau_tracer_signal(made)[1] == 2.0 && tau_tracer_density(made)[0] == 0.0);
    assert_true(tau_tracer_cumulative(made)[3] == 1.0);
  }
  tau_tracer_free(made);
  return st;
}

static tau_status some_tracer(tau_tracer **out)
{
  double t[12], y[12];
  for (int i = 0; i < 12; i++) {
    t[i] = 10.0 * i;
    y[i] = t[i] * exp(-t[i] / 20.0); /* two tanks of 20 s */
  }
  tau_tracer_data data = TAU_TRACER_DATA_INIT;
  data.n = 12;
  data.t = t;
  data.signal = y;
  return tau_tracer_new(out, &data, NULL);
}

static void ask_tracer_fit(tau_tracer_fit *fit)
{
  const double aicc = 1.0;
  double weight;
  assert_true(tau_tracer_fit_n_points(fit) == 12 && tau_tracer_fit_times(fit)[1] == 10.0);
  assert_true(tau_tracer_fit_signal(fit)[0] == 0.0);
  assert_true(fabs(tau_fit_value(tau_tracer_fit_statistics(fit), 0) - 40.0) < 1e-6);
  assert_true(fabs(tau_rtd_parameter_value(tau_tracer_fit_rtd(fit), 1) - 2.0) < 1e-6);
  tau_akaike_weights(1, &aicc, &weight);
  assert_true(weight == 1.0);
}

static tau_status fit_saved(const char *file, bool overwrite)
{
  const double x[] = {0.0, 1.0, 2.0, 3.0}, y[] = {1.0, 2.9, 5.1, 7.0};
  const char *const variables[] = {"x"};
  const tau_fit_parameter b[] = {{"a", 1.0, -INFINITY, INFINITY, false},
                                 {"b", 1.0, -INFINITY, INFINITY, false}};
  const tau_curve curve = {"a + b*x", 4, y, NULL, 1, variables, x, 2, b};
  tau_fit_save_options options = TAU_FIT_SAVE_OPTIONS_INIT;
  tau_fit *fit = NULL;
  options.overwrite = overwrite;
  tau_status st = tau_fit_curve(&fit, &curve, NULL);
  if (st >= 0) st = tau_fit_save(file, fit, &options);
  tau_fit_free(fit);
  return st;
}

static tau_status fit_save(world *w)
{
  (void)w;
  return fit_saved("fit.h5", true);
}

static tau_status fit_save_refused(world *w)
{
  (void)w;
  return expected(fit_saved("kept.h5", false), TAU_E_EXISTS);
}

static tau_status tracer_fit(world *w)
{
  tau_tracer *made = NULL;
  tau_rtd *start = NULL;
  tau_tracer_fit *fit = NULL;
  tau_tracer_fit_model model = TAU_TRACER_FIT_MODEL_INIT;
  double t = 30.0, value, half, lower, upper;
  tau_status st = some_tracer(&made);
  if (st >= 0) st = tau_tracer_start(&start, made, "tanks");
  model.rtd = start;
  if (st >= 0) {
    st = tau_tracer_fit_new(&fit, made, &model, NULL);
    handed(w, st, fit);
  }
  if (fit) ask_tracer_fit(fit);
  if (st >= 0) st = tau_tracer_fit_curve(fit, 1, &t, 0.95, &value, &half);
  if (st >= 0) st = tau_tracer_fit_profile(fit, 0, 0.95, &lower, &upper);
  tau_tracer_fit_free(fit);
  tau_rtd_free(start);
  tau_tracer_free(made);
  return st;
}

static tau_status dispersion(world *w)
{
  (void)w;
  tau_flow flow = tau_flow_default(TAU_GEOMETRY_TUBE);
  tau_flow_report report;
  flow.velocity = flow.length = flow.diameter = flow.diffusivity = 1.0;
  assert_true(tau_correlation_row(tau_n_correlations() - 1).name[0]);
  return tau_flow_evaluate(&flow, &report);
}

static tau_status quantities(world *w)
{
  (void)w;
  double x = 0.0;
  const char *dimension = NULL;
  tau_status st = tau_quantity_parse("2.5 kmol/hour", &x, &dimension);
  if (st == TAU_OK) st = tau_convert(60.0, "s", "min", &x);
  if (st == TAU_OK) st = expected(tau_convert(60.0, "s", "parsecond", &x), TAU_E_UNITS);
  return st;
}

static tau_status units_database(world *w)
{
  (void)w;
  tau_status st = expected(tau_units_database("no such file.xml"), TAU_E_IO);
  if (st == TAU_OK) st = tau_units_database(NULL);
  return st;
}

static tau_status table_questions(world *w)
{
  (void)w;
  size_t n = 0;
  for (tau_table table = TAU_TABLE_LAW; table <= TAU_TABLE_SOLVENT; table++)
    for (int i = 0; i < tau_table_n_rows(table); i++) {
      n += length(tau_table_name(table, i)) + length(tau_table_doc(table, i));
      for (int k = 0; k < tau_table_n_parameters(table, i); k++)
        n += length(tau_table_parameter(table, i, k).name);
    }
  return n > 0 ? TAU_OK : TAU_STATUS_END_;
}

/* One of each table that has equations: NULL is "there is none" as well. */
static tau_status table_latex(world *w)
{
  (void)w;
  const bool all = tau_table_latex(TAU_TABLE_LAW, 0) && tau_table_latex(TAU_TABLE_KT, 1) &&
                   tau_table_latex(TAU_TABLE_UNIT, tau_table_n_rows(TAU_TABLE_UNIT) - 1);
  return all ? TAU_OK : TAU_E_NOMEM;
}

static tau_status words(world *w)
{
  (void)w;
  const bool good = tau_version() && tau_build_info("hdf5") && !tau_build_info("no such thing") &&
                    tau_status_text(TAU_E_IO) && tau_status_name(TAU_E_IO) && tau_last_error() &&
                    tau_last_error_id() && tau_error(tau_n_errors() - 1).id;
  return good ? TAU_OK : TAU_STATUS_END_;
}

#include "fault/rtd_calls.h" /* upon the world above */
#include "fault/train_rtd_calls.h"
#include "fault/react_calls.h"

/* --- the table --- */

enum {
  TAKES = 0,
  TAKES_NOTHING = 1,
  CHANGES = 2 /* the world, when it works */,
  MANY = 4 /* requests: a test of its own */
};

static const struct row {
  const char *names; /* the functions that the call is about */
  tau_status (*call)(world *w);
  int flags;
} rows[] = {
  {"tau_rtd_new tau_rtd_free tau_rtd_ref tau_rtd_n_parameters tau_rtd_parameter_path tau_rtd_parameter_unit "
   "tau_rtd_parameter_value tau_rtd_parameter_lower tau_rtd_parameter_upper tau_rtd_warning tau_rtd_n_atoms "
   "tau_rtd_atom tau_rtd_get_moments",
   rtd_new, TAKES},
  {"tau_rtd_measured", rtd_measured, TAKES},
  {"tau_rtd_series tau_rtd_parallel tau_rtd_recycle", rtd_compose, TAKES},
  {"tau_rtd_with", rtd_with, TAKES},
  {"tau_rtd_parse", rtd_parse, TAKES},
  {"tau_rtd_print", rtd_print, TAKES},
  {"tau_model_set_rtd", model_set_rtd, TAKES},
  {"tau_react_new tau_react_free tau_react_unit tau_react_rtd tau_react_has tau_react_n_observables "
   "tau_react_observable tau_react_index tau_react_value tau_react_half_width tau_react_result "
   "tau_react_model",
   react, MANY},
  {"tau_model_n_rtds tau_model_rtd_name tau_model_rtd", model_rtd, TAKES},
  {"tau_rtd_density tau_rtd_cumulative tau_rtd_washout tau_rtd_internal_age tau_rtd_density_slopes "
   "tau_rtd_cumulative_slopes tau_rtd_truncated_moments",
   rtd_at_times, TAKES},
  {"tau_rtd_quantile tau_rtd_washout_time", rtd_quantile, TAKES},
  {"tau_rtd_transform tau_rtd_frequency", rtd_frequency, TAKES},
  {"tau_rtd_respond tau_rtd_respond_slopes", rtd_respond, TAKES},
  {"tau_rtd_times", rtd_times, TAKES},
  {"tau_fit_save", fit_save, TAKES | CHANGES},
  {"tau_fit_save (there already)", fit_save_refused, TAKES},
  {"tau_rtd_save", rtd_save, TAKES | CHANGES},
  {"tau_rtd_save (there already)", rtd_save_refused, TAKES},
  {"tau_train_rtd", train_rtd, TAKES},
  {"tau_train_rtd (refused)", train_rtd_refused, TAKES},
  {"tau_model_train_rtd", model_train_rtd, TAKES},
  {"tau_model_parse_network", model_parse_network, TAKES},
  {"tau_model_read_network", model_read_network, TAKES},
  {"tau_model_new tau_model_free", model_new, TAKES},
  {"tau_model_copy", model_copy, TAKES},
  {"tau_model_read", model_read, TAKES},
  {"tau_model_read_reported", model_read_reported, TAKES},
  {"tau_model_parse", model_parse, TAKES},
  {"tau_model_parse (mistakes)", model_parse_mistakes, TAKES},
  {"tau_model_parse (no YAML)", model_parse_no_yaml, TAKES},
  {"tau_model_write", model_write, TAKES},
  {"tau_model_print tau_text_free", model_print, TAKES},
  {"tau_model_set (blocks)", model_set, CHANGES},
  {"tau_model_set (leaf)", model_set_leaf, CHANGES},
  {"tau_model_append", model_append, CHANGES},
  {"tau_model_append (blocks)", model_append_new, CHANGES},
  {"tau_model_set_function", model_set_function, CHANGES},
  {"tau_model_remove", model_remove, TAKES_NOTHING | CHANGES},
  {"tau_model_check", model_check, TAKES},
  {"tau_model_check (mistakes)", model_check_mistakes, TAKES},
  {"tau_model_source", model_source, CHANGES},
  {"tau_model_text tau_model_n_keys tau_model_key tau_model_equal", model_questions, TAKES_NOTHING},
  {"tau_train_compile", train_compile, TAKES},
  {"tau_train_program_text", train_program_text, TAKES},
  {"tau_train_ref tau_train_free tau_train_n_parameters tau_train_parameter tau_train_parameter_index "
   "tau_train_n_observables tau_train_observable tau_train_observable_index tau_train_n_species "
   "tau_train_species tau_train_n_reactions tau_train_reaction tau_train_n_units tau_train_unit "
   "tau_train_unit_kind tau_train_n_moieties tau_train_moiety",
   train_questions, TAKES_NOTHING},
  {"tau_inputs_new tau_inputs_free", inputs_new, TAKES},
  {"tau_inputs_copy", inputs_copy, TAKES},
  {"tau_inputs_set tau_inputs_set_text tau_inputs_set_index tau_inputs_value tau_inputs_reset", inputs_set,
   TAKES_NOTHING},
  {"tau_train_run", train_run, TAKES},
  {"tau_train_run (stopped)", train_run_stopped, TAKES},
  {"tau_workspace_new tau_workspace_free", workspace_new, TAKES},
  {"tau_train_run_in", train_run_in, TAKES_NOTHING},
  {"tau_train_sensitivity tau_sensitivity_new tau_sensitivity_run tau_sensitivity_free "
   "tau_sensitivity_n_parameters tau_sensitivity_parameter tau_sensitivity_values tau_sensitivity_value "
   "tau_sensitivity_reason tau_sensitivity_normalised tau_sensitivity_result tau_sensitivity_take_result",
   train_sensitivity, MANY},
  {"tau_result_save", result_save, TAKES},
  {"tau_result_save (there already)", result_save_refused, TAKES},
  {"tau_result_load tau_result_free", result_load, TAKES},
  {"tau_result_load (foreign)", result_load_foreign, TAKES},
  {"tau_result_value tau_result_value_in", result_value, TAKES_NOTHING},
  {"tau_result_status tau_result_message tau_result_error_id tau_result_title tau_result_evidence "
   "tau_result_n_warnings "
   "tau_result_warning tau_result_n_observables tau_result_observable tau_result_values "
   "tau_result_n_parameters tau_result_parameter tau_result_n_species tau_result_species "
   "tau_result_n_reactions tau_result_reaction tau_result_n_units tau_result_unit tau_result_unit_kind "
   "tau_result_unit_index tau_result_profile tau_result_inlet tau_result_n_outlets tau_result_outlet_name "
   "tau_result_outlet tau_result_statistics tau_result_n_balances tau_result_balance tau_result_model_text",
   result_questions, TAKES_NOTHING},
  {"tau_tracer_new tau_tracer_free tau_tracer_options_default tau_tracer_kind_of tau_tracer_options_of "
   "tau_tracer_outlet "
   "tau_tracer_inlet tau_tracer_vessel tau_tracer_equivalent tau_tracer_balances tau_tracer_reason "
   "tau_tracer_n_points "
   "tau_tracer_times tau_tracer_signal tau_tracer_density tau_tracer_cumulative",
   tracer, TAKES},
  {"tau_tracer_start tau_tracer_fit_new tau_tracer_fit_free tau_tracer_fit_statistics tau_tracer_fit_rtd "
   "tau_tracer_fit_profile tau_tracer_fit_n_points tau_tracer_fit_times tau_tracer_fit_signal "
   "tau_tracer_fit_curve "
   "tau_akaike_weights",
   tracer_fit, TAKES},
  {"tau_flow_evaluate tau_flow_default tau_n_correlations tau_correlation_row", dispersion, TAKES_NOTHING},
  {"tau_quantity_parse tau_convert", quantities, TAKES_NOTHING},
  {"tau_units_database", units_database, TAKES_NOTHING},
  {"tau_table_n_rows tau_table_name tau_table_doc tau_table_n_parameters tau_table_parameter",
   table_questions, TAKES_NOTHING},
  {"tau_table_latex", table_latex, TAKES},
  {"tau_version tau_build_info tau_status_text tau_status_name tau_last_error tau_last_error_id tau_n_errors "
   "tau_error",
   words, TAKES_NOTHING},
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

/* --- every k --- */

/* The call with its request k refused. */
static void refuse(const struct row *row, world *w, ledger *l, long k)
{
  char *before = world_says(w);
  const long alive = l->n_alive;
  l->n_requests = 0;
  l->n_failed = 0;
  l->fail_at = k;
  const tau_status st = row->call(w);
  l->fail_at = 0;
  char *after = world_says(w);
  if (l->n_failed != 1 || st != TAU_E_NOMEM || w->gave_out || !strstr(tau_last_error(), "memory") ||
      (!(row->flags & CHANGES) && l->n_alive != alive) || strcmp(before, after) != 0)
    fail_msg("%s, request %ld refused: %s (%s), %ld blocks more, %s%s", row->names, k, tau_status_name(st),
             tau_last_error(), l->n_alive - alive, w->gave_out ? "handed something out, " : "",
             strcmp(before, after) != 0 ? "and the objects are not as before" : "");
  free(after);
  free(before);
}

/* Of more than a few requests every 17th is refused: those of reading, compiling and running are, one by one, in memory.c. */
enum { FEW = SANITIZED ? 100 : 1000, STRIDE = 17 };

static void refuse_all(const struct row *row)
{
  ledger l;
  long n = 1, again = 1; /* each so many refusals the call is made again, and must work */
  ledger_open(&l, 0);
  world w = world_new();
  row->call(&w); /* what is made once in a process is made now */
  for (long k = 0; k <= n; k += k > 0 && n > FEW ? STRIDE : 1) {
    if (k == 0 || row->flags & CHANGES) {
      world_free(&w);
      if (l.n_alive != 0)
        fail_msg("%s, request %ld refused: %ld blocks are lost", row->names, k - 1, l.n_alive);
      w = world_new();
    }
    if (k > 0) refuse(row, &w, &l, k);
    if (k % again) continue;
    l.n_requests = 0;
    const tau_status st = row->call(&w);
    if (st != TAU_OK)
      fail_msg("%s after refusal %ld: %s: %s", row->names, k, tau_status_name(st), tau_last_error());
    if (k == 0) n = l.n_requests;
    if (n > 400) again = 32;
  }
  world_free(&w);
  const long left = l.n_alive;
  ledger_close();
  if (left || w.gave_out) fail_msg("%s: %ld blocks are lost", row->names, left);
  if ((n == 0) != (row->flags & TAKES_NOTHING)) fail_msg("%s: %ld requests", row->names, n);
  print_message("%5ld requests: %.60s\n", n, row->names);
}

static void write_files(void)
{
  tau_result *r = small_result(route_text);
  tau_model *m = small_model(route_text);
  assert_int_equal(tau_model_write(m, "route.yaml", true), TAU_OK);
  assert_int_equal(tau_result_save(r, "kept.h5", NULL, true), TAU_OK);
  tau_model_free(m);
  tau_result_free(r);
}

static void refuse_rows(int flags)
{
  write_files();
  for (int i = 0; i < N_ROWS; i++)
    if ((rows[i].flags & MANY) == flags) refuse_all(&rows[i]);
  assert_int_not_equal(system("ls -A | grep -F .tmp-"), 0); /* nothing temporary stays */
}

static void every_call_survives_any_refused_request(void **state)
{
  (void)state;
  refuse_rows(0);
}

static void sensitivities_survive_any_refused_request(void **state)
{
  (void)state;
  refuse_rows(MANY);
}

/* --- no function without a row --- */

/* Called with every request refused in sweep_memory.c, which needs a train and files of its own. */
static const char in_sweep_memory[] =
  " tau_sweep tau_sweep_engine tau_sweep_file_add tau_sweep_file_close tau_sweep_file_open "
  "tau_sweep_file_sink tau_sweep_largest_difference "
  "tau_sweep_merge tau_sweep_message_of tau_sweep_n_codes "
  "tau_sweep_n_done tau_sweep_n_failed tau_sweep_n_handed_over "
  "tau_sweep_summary_free tau_sweep_wall_time ";

/* The same in fit_memory.c. */
static const char in_fit_memory[] =
  " tau_fit_new tau_fit_free tau_fit_curve tau_fit_n_points tau_fit_n_parameters tau_fit_name "
  "tau_fit_value tau_fit_standard_error tau_fit_half_width tau_fit_at_bound tau_fit_is_fixed "
  "tau_fit_covariance tau_fit_correlation tau_fit_chi2 tau_fit_cost tau_fit_dof "
  "tau_fit_residual_deviation tau_fit_residuals tau_fit_fitted tau_fit_aicc tau_fit_r_squared "
  "tau_fit_n_iterations tau_fit_has_converged tau_fit_message tau_fit_profile tau_fit_band "
  "tau_fit_predict tau_fit_runs tau_fit_predict_runs ";

static bool has_row(const char *name)
{
  char word[96];
  snprintf(word, sizeof word, " %s ", name);
  if (strstr(in_sweep_memory, word) || strstr(in_fit_memory, word)) return true;
  const size_t n = strlen(name);
  for (int i = 0; i < N_ROWS; i++)
    for (const char *at = rows[i].names; (at = strstr(at, name)); at += n)
      if ((at == rows[i].names || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0')) return true;
  return !strcmp(name, "tau_allocator_set"); /* how it is done */
}

/* The names before the '(' that follow each TAU_API; how many. */
static int check_header(const char *text)
{
  int n = 0;
  for (const char *at = text; (at = strstr(at, "TAU_API "));) {
    at += strlen("TAU_API ");
    const char *end = strchr(at, '('), *start = end;
    while (end && start > at && (isalnum((unsigned char)start[-1]) || start[-1] == '_')) start--;
    char name[80] = "";
    if (end) snprintf(name, sizeof name, "%.*s", (int)(end - start), start);
    if (strncmp(name, "tau_", 4) != 0) continue;
    n++;
    if (!has_row(name)) fail_msg("%s() has no row in tests/fault/calls.c", name);
  }
  return n;
}

static char *text_of(const char *folder, const char *name)
{
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  enum { MOST = 200000 };
  char *text = calloc(MOST, 1);
  assert_non_null(text);
  const size_t n = fread(text, 1, MOST - 1, f);
  assert_true(n > 0 && n < MOST - 1);
  fclose(f);
  return text;
}

static void every_public_function_has_a_row(void **state)
{
  (void)state;
  static const char folder[] = TAUTRAIN_SOURCE_DIR "/include/tautrain";
  int n = 0;
  DIR *headers = opendir(folder);
  assert_non_null(headers);
  for (struct dirent *e; (e = readdir(headers));) {
    if (e->d_name[0] == '.') continue;
    char *text = text_of(folder, e->d_name);
    n += check_header(text);
    free(text);
  }
  closedir(headers);
  print_message("%d public functions\n", n);
  assert_true(n >= 90);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_public_function_has_a_row),
    cmocka_unit_test(every_call_survives_any_refused_request),
    cmocka_unit_test(sensitivities_survive_any_refused_request),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
