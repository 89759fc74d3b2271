/* SPDX-License-Identifier: Apache-2.0 */
/* test_washout.c - the table of W and E against the distribution it was made of: values, atoms, derivatives to parameters, sums over ages,
 * and memory that is refused. */
#include "rtd/washout.h"

#include <float.h>

#include "support/ledger.h"
#include "unit/rtd_values.h"

/* --- distributions: every row of their table in several sizes, what is made of them, and a measured curve --- */

static const char *const cases[] = {
  "{model: tanks, mean: 10 s, n: 1}",
  "{model: tanks, mean: 10 s, n: 2.5}",
  "{model: tanks, mean: 10 s, n: 50}",
  "{model: tanks, mean: 10 s, n: 3000}",
  "{model: dispersion, mean: 10 s, peclet: 0.001}",
  "{model: dispersion, mean: 10 s, peclet: 1}",
  "{model: dispersion, mean: 10 s, peclet: 100}",
  "{model: dispersion, mean: 10 s, peclet: 100000}",
  "{model: dispersion, mean: 10 s, peclet: 0.5, ends: open}",
  "{model: dispersion, mean: 10 s, peclet: 100, ends: open}",
  "{model: dispersion, mean: 10 s, peclet: 1, ends: open-closed}",
  "{model: dispersion, mean: 10 s, peclet: 1000, ends: open-closed}",
  "{model: dispersion, mean: 10 s, peclet: 1, ends: closed-open}",
  "{model: dispersion, mean: 10 s, peclet: 30, ends: closed-open}",
  "{model: laminar, mean: 10 s}",
  "{model: taylor-aris, mean: 100 s, length: 2 m, diameter: 0.5 mm, diffusivity: 1e-9 m^2/s}",
  "{model: taylor-aris, mean: 1000 s, length: 2 m, diameter: 0.5 mm, diffusivity: 1e-8 m^2/s}",
  "{model: compartment, space_time: 10 s, dead: 0.2, bypass: 0.1}",
  "{model: compartment, space_time: 10 s}",
  "{model: tank-exchange, mean: 10 s, stagnant: 0.3, exchange: 0.25}",
  "{model: tank-exchange, mean: 10 s, stagnant: 0.05, exchange: 30}",
  "{series: [{model: plug, mean: 4 s}, {model: tanks, mean: 6 s, n: 1}]}",
  "{series: [{model: plug, mean: 4 s}, {model: dispersion, mean: 6 s, peclet: 200}]}",
  "{series: [{model: laminar, mean: 4 s}, {model: tanks, mean: 6 s, n: 2}]}",
  "{parallel: [{model: plug, mean: 0 s, fraction: 0.1}, {model: tanks, mean: 10 s, n: 3, fraction: rest}]}",
  "{parallel: [{model: plug, mean: 8 s, fraction: 0.4}, {model: tanks, mean: 10 s, n: 2, fraction: rest}]}",
  "{recycle: {forward: {model: tanks, mean: 4 s, n: 3}, ratio: 1.5}}",
  "{recycle: {forward: {series: [{model: plug, mean: 2 s}, {model: tanks, mean: 2 s, n: 2}]}, ratio: 0.5}}",
  "{model: measured, time: [1 s, 2 s, 4 s, 9 s, 15 s], signal: [0, 3, 2, 0.5, 0]}",
};
enum { N_CASES = sizeof cases / sizeof cases[0], N_TIMES = 1000 };

static tau_rtd *parsed(const char *text)
{
  tau_rtd *rtd = NULL;
  if (tau_rtd_parse(&rtd, text) < 0) fail_msg("%s: %s", text, tau_last_error());
  return rtd;
}

static taup_washout *table_of(const tau_rtd *rtd, bool slopes)
{
  taup_washout *w = NULL;
  MUST(taup_washout_new(&w, rtd, slopes));
  return w;
}

static double end_of(const taup_washout *w) { return taup_washout_begin(w, taup_washout_n(w)); }

/* Half of the times evenly to five means, half by equal factors from 1e-4 of the mean to the end; none where a piece begins, on whose
 * sides W may differ. */
static int choose_times(const tau_rtd *rtd, const taup_washout *w, double *t)
{
  tau_rtd_moments m;
  tau_rtd_get_moments(rtd, &m);
  const double end = end_of(w);
  int n = 0;
  for (int i = 0; i < N_TIMES; i++) {
    const double x = (i / 2 + 0.381966) / (N_TIMES / 2);
    const double at = i % 2 ? 1e-4 * m.mean * pow(end / (1e-4 * m.mean), x) : fmin(5.0 * m.mean, end) * x;
    const int piece = taup_washout_piece(w, 0, at);
    if (at - taup_washout_begin(w, piece) < 1e-9 * at || taup_washout_begin(w, piece + 1) - at < 1e-9 * at)
      continue;
    t[n++] = at;
  }
  assert_true(n > N_TIMES - 20);
  return n;
}

static void the_table_is_the_distribution(void **state)
{
  (void)state;
  static double t[N_TIMES], W[N_TIMES], E[N_TIMES];
  for (int c = 0; c < N_CASES; c++) {
    tau_rtd *rtd = parsed(cases[c]);
    taup_washout *w = table_of(rtd, false);
    const int n = choose_times(rtd, w, t);
    MUST(tau_rtd_washout(rtd, n, t, W, NULL));
    MUST(tau_rtd_density(rtd, n, t, E, NULL));
    double peak = 0.0;
    for (int i = 0; i < n; i++) peak = fmax(peak, E[i]);
    for (int i = 0, piece = 0; i < n; i++) {
      piece = taup_washout_piece(w, piece, t[i]);
      check_near(cases[c], taup_washout_W(w, piece, t[i]), W[i], 1e-11);
      check_near(cases[c], taup_washout_E(w, piece, t[i]), E[i], 1e-8 * peak);
    }
    taup_washout_free(w);
    tau_rtd_free(rtd);
  }
}

/* Every row of the table of distributions stands in a case, but for plug flow, which has no density. */
static void every_row_has_a_case(void **state)
{
  (void)state;
  for (int i = 0; i < tau_table_n_rows(TAU_TABLE_RTD); i++) {
    const char *name = tau_table_name(TAU_TABLE_RTD, i);
    char model[80];
    bool found = false;
    const bool dispersed = strncmp(name, "dispersion-", 11) == 0;
    snprintf(model, sizeof model, dispersed ? "ends: %s}" : "model: %s,", dispersed ? name + 11 : name);
    for (int c = 0; c < N_CASES; c++) found = found || strstr(cases[c], model);
    if (!found) fail_msg("no case for '%s'", name);
  }
}

/* Half a tank: E = exp(-t/(2 m))/sqrt(2 pi m t), W = erfc(sqrt(t/(2 m))), with no derivative at 0. */
static void half_a_tank_has_an_infinite_density_at_0(void **state)
{
  (void)state;
  const double mean = 10.0, pi = 3.14159265358979324;
  tau_rtd *rtd = parsed("{model: tanks, mean: 10 s, n: 0.5}");
  taup_washout *w = table_of(rtd, false);
  for (int i = 0, piece = 0; i < N_TIMES; i++) {
    const double t = mean * pow(10.0, -6.0 + 7.5 * i / N_TIMES);
    piece = taup_washout_piece(w, piece, t);
    check_near("W", taup_washout_W(w, piece, t), erfc(sqrt(0.5 * t / mean)), 1e-11);
    const double E = exp(-0.5 * t / mean) / sqrt(2.0 * pi * mean * t);
    check_near("E", taup_washout_E(w, piece, t), E, 1e-8 * fmax(E, 1.0 / mean));
    const double dE = -0.5 * E * (1.0 / mean + 1.0 / t);
    check_near("dE/dt", taup_washout_E_slope(w, piece, t), dE, 1e-6 * (fabs(dE) + 1.0 / (mean * mean)));
  }
  taup_washout_free(w);
  tau_rtd_free(rtd);
}

/* Pieces follow one another to where W has fallen to 1e-12, and are found from any other. */
static void pieces_lie_side_by_side(void **state)
{
  (void)state;
  for (int c = 0; c < N_CASES; c++) {
    tau_rtd *rtd = parsed(cases[c]);
    taup_washout *w = table_of(rtd, false);
    const int n = taup_washout_n(w);
    assert_true(n > 0 && taup_washout_begin(w, 0) == 0.0);
    for (int i = 0; i < n; i++) {
      const double t = 0.5 * (taup_washout_begin(w, i) + taup_washout_begin(w, i + 1));
      assert_true(taup_washout_begin(w, i) < taup_washout_begin(w, i + 1));
      assert_int_equal(taup_washout_piece(w, 0, t), i);
      assert_int_equal(taup_washout_piece(w, n - 1, t), i);
      assert_int_equal(taup_washout_piece(w, -7, t), i);
      assert_int_equal(taup_washout_piece(w, n + 7, t), i);
    }
    assert_int_equal(taup_washout_piece(w, 0, 2.0 * end_of(w)), n - 1);
    assert_int_equal(taup_washout_piece(w, n, -1.0), 0);
    assert_true(fabs(taup_washout_W(w, n - 1, end_of(w)) - taup_washout_atom(w, n)) < 3e-12);
    taup_washout_free(w);
    tau_rtd_free(rtd);
  }
}

/* W falls by E and by atoms: what is missing from 1 between the pieces is the weights of the atoms. */
static void jumps_of_W_are_the_atoms(void **state)
{
  (void)state;
  for (int c = 0; c < N_CASES; c++) {
    tau_rtd *rtd = parsed(cases[c]);
    taup_washout *w = table_of(rtd, false);
    const int n = taup_washout_n(w);
    double before = 1.0, sum = 0.0, want = 0.0;
    for (int i = 0; i <= n; i++) {
      const double after = i < n ? taup_washout_W(w, i, taup_washout_begin(w, i)) : 0.0;
      if (i < n) check_near(cases[c], before - after, taup_washout_atom(w, i), 3e-12);
      sum += taup_washout_atom(w, i);
      if (i < n) before = taup_washout_W(w, i, taup_washout_begin(w, i + 1));
    }
    for (int i = 0; i < tau_rtd_n_atoms(rtd); i++) {
      double time, weight;
      tau_rtd_atom(rtd, i, &time, &weight);
      want += time <= end_of(w) ? weight : 0.0;
    }
    check_near(cases[c], sum, want, 1e-14);
    taup_washout_free(w);
    tau_rtd_free(rtd);
  }
}

static void plug_flow_is_one_atom_at_the_end(void **state)
{
  (void)state;
  tau_rtd *rtd = parsed("{model: plug, mean: 3 s}");
  taup_washout *w = table_of(rtd, true);
  const int n = taup_washout_n(w);
  double moves;
  check_near("end", end_of(w), 3.0, 0.0);
  check_near("atom at the end", taup_washout_atom(w, n), 1.0, 0.0);
  taup_washout_moves(w, n, &moves);
  check_near("d(time of all)/d(mean)", moves, 1.0, 0.0);
  for (int i = 0; i < n; i++) {
    const double t = 0.5 * (taup_washout_begin(w, i) + taup_washout_begin(w, i + 1));
    check_near("W before", taup_washout_W(w, i, t), 1.0, 1e-15);
    check_near("E before", taup_washout_E(w, i, t), 0.0, 1e-12);
  }
  taup_washout_free(w);
  tau_rtd_free(rtd);
}

/* A short cut: all of it leaves at 0, and there are no pieces. */
static void a_short_cut_has_no_pieces(void **state)
{
  (void)state;
  tau_rtd *rtd = parsed("{model: plug, mean: 0 s}");
  taup_washout *w = table_of(rtd, true);
  assert_int_equal(taup_washout_n(w), 0);
  check_near("end", end_of(w), 0.0, 0.0);
  check_near("atom", taup_washout_atom(w, 0), 1.0, 0.0);
  taup_washout_free(w);
  tau_rtd_free(rtd);
}

/* --- derivatives to the parameters --- */

/* W at t of the distribution with parameter k at p. */
static double moved(const tau_rtd *rtd, int k, double p, double t)
{
  double values[MOST_SLOPES];
  tau_rtd *other = NULL;
  for (int i = 0; i < tau_rtd_n_parameters(rtd); i++) values[i] = tau_rtd_parameter_value(rtd, i);
  values[k] = p;
  MUST(tau_rtd_with(&other, rtd, values));
  const double W = at_time(tau_rtd_washout, other, t);
  tau_rtd_free(other);
  return W;
}

/* Differences of fourth order, (8 (W+ - W-) - (W2+ - W2-))/12h; of a parameter at its bound 0 there are none. Where a corner
 * lies within the steps they say nothing. */
static bool difference(const tau_rtd *rtd, int k, double t, double *out)
{
  const double p = tau_rtd_parameter_value(rtd, k), h = 1e-3 * p;
  if (!(p - 2.0 * h > tau_rtd_parameter_lower(rtd, k)) || !(p + 2.0 * h < tau_rtd_parameter_upper(rtd, k)))
    return false;
  *out = (8.0 * (moved(rtd, k, p + h, t) - moved(rtd, k, p - h, t)) -
          (moved(rtd, k, p + 2.0 * h, t) - moved(rtd, k, p - 2.0 * h, t))) /
         (12.0 * h);
  return true;
}

static bool near_a_corner(const taup_washout *w, int n_parameters, double t)
{
  double shift[MOST_SLOPES];
  for (int i = 0; i <= taup_washout_n(w); i++) {
    taup_washout_shift(w, i, shift);
    for (int k = 0; k < n_parameters; k++)
      if (shift[k] != 0.0 && fabs(t - taup_washout_begin(w, i)) < 0.05 * t) return true;
  }
  return false;
}

static void check_slopes(const tau_rtd *rtd, const char *text, int *n_compared)
{
  const int np = tau_rtd_n_parameters(rtd);
  double dW[MOST_SLOPES], dE[MOST_SLOPES], want;
  taup_washout *w = table_of(rtd, true);
  tau_rtd_moments m;
  tau_rtd_get_moments(rtd, &m);
  assert_true(np <= MOST_SLOPES);
  for (double x = 0.31; x < 3.0; x += 0.46) {
    const double t = x * m.mean;
    if (t >= end_of(w) || near_a_corner(w, np, t)) continue;
    const int piece = taup_washout_piece(w, 0, t);
    taup_washout_slopes(w, piece, t, dW, dE);
    for (int k = 0; k < np; k++) {
      if (!difference(rtd, k, t, &want)) continue;
      check_near(text, dW[k] * tau_rtd_parameter_value(rtd, k), want * tau_rtd_parameter_value(rtd, k), 3e-8);
      ++*n_compared;
    }
  }
  taup_washout_free(w);
}

static void derivatives_are_those_of_differences(void **state)
{
  (void)state;
  int n_compared = 0;
  for (int c = 0; c < N_CASES; c++) {
    /* A step of 1e-3 in the mean is many widths of these, and no difference. */
    if (strstr(cases[c], "100000}") || strstr(cases[c], "n: 3000")) continue;
    tau_rtd *rtd = parsed(cases[c]);
    check_slopes(rtd, cases[c], &n_compared);
    tau_rtd_free(rtd);
  }
  assert_true(n_compared > 150);
}

/* Of narrow ones by their closed scale: W depends on t/mean, so that mean dW/dmean = t E. */
static void the_derivative_to_a_mean_is_t_E(void **state)
{
  (void)state;
  static const int scaled[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
  for (size_t c = 0; c < sizeof scaled / sizeof scaled[0]; c++) {
    tau_rtd *rtd = parsed(cases[scaled[c]]);
    taup_washout *w = table_of(rtd, true);
    double dW[MOST_SLOPES], dE[MOST_SLOPES];
    assert_string_equal(tau_rtd_parameter_path(rtd, 0), "mean");
    for (double x = 0.97; x < 1.04; x += 0.0123) {
      const double t = 10.0 * x, E = at_time(tau_rtd_density, rtd, t);
      taup_washout_slopes(w, taup_washout_piece(w, 0, t), t, dW, dE);
      check_near(cases[scaled[c]], 10.0 * dW[0], t * E, 1e-9 * fmax(t * E, 1.0));
    }
    taup_washout_free(w);
    tau_rtd_free(rtd);
  }
}

/* dE/dp is the rate at which dW/dp falls: differences of it in time, inside a piece. */
static void dE_is_the_fall_of_dW(void **state)
{
  (void)state;
  for (int c = 0; c < N_CASES; c++) {
    tau_rtd *rtd = parsed(cases[c]);
    taup_washout *w = table_of(rtd, true);
    const int np = tau_rtd_n_parameters(rtd), piece = taup_washout_n(w) / 2;
    double above[MOST_SLOPES], below[MOST_SLOPES], dE[MOST_SLOPES], none[MOST_SLOPES];
    const double a = taup_washout_begin(w, piece), b = taup_washout_begin(w, piece + 1), h = 1e-4 * (b - a);
    const double t = a + 0.37 * (b - a);
    taup_washout_slopes(w, piece, t + h, above, none);
    taup_washout_slopes(w, piece, t - h, below, none);
    taup_washout_slopes(w, piece, t, none, dE);
    for (int k = 0; k < np; k++) {
      const double scale = fmax(fabs(dE[k]), (fabs(above[k]) + 1e-9) / (b - a));
      check_near(cases[c], -(above[k] - below[k]) / (2.0 * h), dE[k], 1e-5 * scale);
    }
    taup_washout_free(w);
    tau_rtd_free(rtd);
  }
}

/* Corners move with what is before them: a plug of mean d shifts the whole curve; an atom of weight w by w. */
static void corners_and_atoms_move(void **state)
{
  (void)state;
  double shift[MOST_SLOPES], moves[MOST_SLOPES];
  tau_rtd *rtd =
    parsed("{parallel: [{model: plug, mean: 8 s, fraction: 0.4}, {series: [{model: plug, mean: 3 s}, "
           "{model: tanks, mean: 10 s, n: 2}], fraction: rest}]}");
  taup_washout *w = table_of(rtd, true);
  int n_seen = 0;
  for (int i = 0; i <= taup_washout_n(w); i++) {
    const double t = taup_washout_begin(w, i);
    taup_washout_shift(w, i, shift);
    taup_washout_moves(w, i, moves);
    for (int k = 0; k < tau_rtd_n_parameters(rtd); k++) {
      const double value = tau_rtd_parameter_value(rtd, k);
      const bool is_plug = value == t && (t == 8.0 || t == 3.0);
      check_near("shift of a corner", shift[k], is_plug ? 1.0 : 0.0, 0.0);
      check_near("moves of atoms", moves[k], is_plug && t == 8.0 ? 0.4 : 0.0, 1e-15);
      n_seen += is_plug;
    }
  }
  assert_int_equal(n_seen, 2);
  taup_washout_free(w);
  tau_rtd_free(rtd);
}

/* --- memory --- */

static void shared_tables_are_freed_with_the_last(void **state)
{
  (void)state;
  ledger l;
  tau_rtd *rtd = parsed(cases[1]);
  ledger_open(&l, 0);
  taup_washout *w = table_of(rtd, true), *again = taup_washout_ref(w);
  taup_washout_free(w);
  const double W = taup_washout_W(again, 0, 0.0);
  taup_washout_free(again);
  taup_washout_free(NULL);
  ledger_close();
  check_near("W(0)", W, 1.0, 1e-12);
  assert_int_equal(l.n_alive, 0);
  tau_rtd_free(rtd);
}

static void a_refused_request_loses_nothing(void **state)
{
  (void)state;
  static const char *const texts[] = {
    "{series: [{model: plug, mean: 4 s}, {model: tanks, mean: 6 s, n: 2}]}",
    "{model: measured, time: [1 s, 2 s, 4 s], signal: [0, 3, 0]}",
  };
  for (int c = 0; c < 2; c++) {
    tau_rtd *rtd = parsed(texts[c]);
    long k = 1;
    for (bool refused = true; refused; k++) {
      taup_washout *w = NULL;
      ledger l;
      ledger_open(&l, k);
      const tau_status st = taup_washout_new(&w, rtd, true);
      taup_washout_free(w);
      ledger_close();
      refused = l.n_failed > 0;
      assert_int_equal(st, refused ? TAU_E_NOMEM : TAU_OK);
      assert_true(!refused || !w);
      assert_int_equal(l.n_alive, 0);
    }
    assert_true(k > 8);
    tau_rtd_free(rtd);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_table_is_the_distribution),
    cmocka_unit_test(every_row_has_a_case),
    cmocka_unit_test(half_a_tank_has_an_infinite_density_at_0),
    cmocka_unit_test(pieces_lie_side_by_side),
    cmocka_unit_test(jumps_of_W_are_the_atoms),
    cmocka_unit_test(plug_flow_is_one_atom_at_the_end),
    cmocka_unit_test(a_short_cut_has_no_pieces),
    cmocka_unit_test(derivatives_are_those_of_differences),
    cmocka_unit_test(the_derivative_to_a_mean_is_t_E),
    cmocka_unit_test(dE_is_the_fall_of_dW),
    cmocka_unit_test(corners_and_atoms_move),
    cmocka_unit_test(shared_tables_are_freed_with_the_last),
    cmocka_unit_test(a_refused_request_loses_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
