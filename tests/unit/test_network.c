/* SPDX-License-Identifier: Apache-2.0 */
/* test_network.c - conserved moieties. Independent check: L N = 0 entry by entry, and as many rows as n - rank(N), the rank by Gaussian
 * elimination in floating point with full pivoting. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/map.h"
#include "chem/equation.h"
#include "chem/network.h"

enum { MOST_SPECIES = 40 };

typedef struct network {
  taup_stoichiometry s;
  int *start, *species, n, capacity_species, capacity_coefficient;
  double *coefficient;
  const char *names[MOST_SPECIES];
  taup_arena arena;
  int n_moieties;
  const taup_moiety *moieties;
} network;

static void add_entry(network *net, int species, double coefficient)
{
  assert_int_equal(taup_grow(&net->species, &net->capacity_species, net->n + 1, sizeof *net->species), TAU_OK);
  assert_int_equal(taup_grow(&net->coefficient, &net->capacity_coefficient, net->n + 1,
                             sizeof *net->coefficient),
                   TAU_OK);
  net->species[net->n] = species;
  net->coefficient[net->n++] = coefficient;
}

static int index_of(network *net, const char *name)
{
  for (int i = 0; i < net->s.n_species; i++)
    if (!strcmp(net->names[i], name)) return i;
  assert_true(net->s.n_species < MOST_SPECIES);
  net->names[net->s.n_species] = name;
  return net->s.n_species++;
}

static void add_reaction(network *net, const char *text, int j)
{
  taup_equation e;
  int column;
  double sum[MOST_SPECIES] = {0};
  if (taup_equation_parse(text, &net->arena, &e, &column) != TAU_OK) fail_msg("%s", tau_last_error());
  for (int k = 0; k < e.n_left; k++) sum[index_of(net, e.left[k].name)] -= e.left[k].coefficient;
  for (int k = 0; k < e.n_right; k++) sum[index_of(net, e.right[k].name)] += e.right[k].coefficient;
  for (int i = 0; i < net->s.n_species; i++)
    if (sum[i] != 0.0) add_entry(net, i, sum[i]);
  net->start[j + 1] = net->n;
}

static tau_status solve(network *net)
{
  net->s.start = net->start;
  net->s.species = net->species;
  net->s.coefficient = net->coefficient;
  return taup_moieties(&net->s, &net->arena, &net->n_moieties, &net->moieties);
}

static void read(network *net, int n_reactions, const char *const *equations)
{
  *net = (network){0};
  net->start = taup_calloc((size_t)n_reactions + 1, sizeof *net->start);
  assert_non_null(net->start);
  net->s.n_reactions = n_reactions;
  for (int j = 0; j < n_reactions; j++) add_reaction(net, equations[j], j);
  if (solve(net) != TAU_OK) fail_msg("%s", tau_last_error());
}

static void release(network *net)
{
  taup_free(net->start);
  taup_free(net->species);
  taup_free(net->coefficient);
  taup_arena_free(&net->arena);
}

static void print_moiety(const network *net, int r, char *out, size_t n_bytes)
{
  const taup_moiety *m = &net->moieties[r];
  size_t at = 0;
  for (int k = 0; k < m->n && at < n_bytes; k++) {
    const double x = m->coefficient[k];
    const char *sign = x < 0.0 ? (k ? " - " : "-") : (k ? " + " : "");
    at += (size_t)snprintf(out + at, n_bytes - at, "%s", sign);
    if (fabs(x) != 1.0) at += (size_t)snprintf(out + at, n_bytes - at, "%g ", fabs(x));
    at += (size_t)snprintf(out + at, n_bytes - at, "%s", net->names[m->species[k]]);
  }
}

/* The moieties of the equations, one a line; lone: the lone species of the first, NULL for none. */
static void check(int n, const char *const *equations, const char *want, const char *lone)
{
  network net;
  char got[1000] = "";
  read(&net, n, equations);
  for (int r = 0; r < net.n_moieties; r++) {
    print_moiety(&net, r, got + strlen(got), sizeof got - strlen(got) - 2);
    if (r + 1 < net.n_moieties) strcat(got, "\n");
  }
  if (strcmp(got, want) != 0) fail_msg("moieties are\n%s\nwant\n%s", got, want);
  const int first = net.n_moieties ? net.moieties[0].lone : -1;
  if (lone) assert_true(first >= 0 && !strcmp(net.names[first], lone));
  else assert_int_equal(first, -1);
  release(&net);
}

#define COUNT(array) (int)(sizeof(array) / sizeof(array)[0])

static void amination_conserves_its_aromatics_and_its_amine(void **state)
{
  (void)state;
  static const char *const snar[] = {"DFNB + Pyrr -> ortho", "DFNB + Pyrr -> para", "ortho + Pyrr -> bis",
                                     "para + Pyrr -> bis"};
  check(COUNT(snar), snar, "DFNB + ortho + para + bis\nPyrr + ortho + para + 2 bis", NULL);
}

static void e5_conserves_a_difference_whose_lone_species_is_y2(void **state)
{
  (void)state;
  /* E. Hairer and G. Wanner, Solving Ordinary Differential Equations II (1996), IV.10: y2 = y3 + y4 */
  static const char *const e5[] = {"y1 -> y2 + y3", "y1 + y3 -> y4", "y4 -> y3", "y2 + y3 ->"};
  check(COUNT(e5), e5, "y2 - y3 - y4", "y2");
}

static void robertson_conserves_the_sum(void **state)
{
  (void)state;
  static const char *const rober[] = {"A -> B", "2 B -> B + C", "B + C -> A + C"};
  check(COUNT(rober), rober, "A + B + C", NULL);
}

static void enzyme_and_substrate_are_conserved(void **state)
{
  (void)state;
  static const char *const enzyme[] = {"E + S <=> ES", "ES -> E + P"};
  check(COUNT(enzyme), enzyme, "E + ES\nS + ES + P", NULL);
}

static void halves_are_scaled_to_whole_numbers(void **state)
{
  (void)state;
  static const char *const oxidation[] = {"H2 + 0.5 O2 -> H2O"};
  check(1, oxidation, "H2 + H2O\n2 O2 + H2O", NULL);
  static const char *const thirds[] = {"3 A -> 0.7 B"};
  check(1, thirds, "7 A + 30 B", NULL);
}

static void a_catalyst_and_an_absent_species_make_no_moiety(void **state)
{
  (void)state;
  static const char *const catalysis[] = {"A + cat -> B + cat"};
  check(1, catalysis, "A + B", NULL);
}

static void open_networks_may_conserve_nothing(void **state)
{
  (void)state;
  static const char *const open[] = {"A ->", "A -> B", "B -> 2 B"};
  check(COUNT(open), open, "", NULL);
  check(0, NULL, "", NULL);
}

static void the_carrier_of_a_chain_is_found_among_long_sums(void **state)
{
  (void)state;
  /* nitrosation by a fast step after an equilibrium, with a base that comes back */
  static const char *const route[] = {"Amine + Iso + TEA -> Urea + TEA", "Urea + TBN <=> Int",
                                      "Int -> Lom + tBuOH"};
  check(COUNT(route), route,
        "Amine + Urea + Int + Lom\nIso + Urea + Int + Lom\nTBN + Int + Lom\nTBN + Int + tBuOH", NULL);
}

static void a_coefficient_that_is_no_fraction_is_an_error(void **state)
{
  (void)state;
  const int start[] = {0, 2}, species[] = {0, 1};
  const double coefficient[] = {-1.0, 3.14159265358979};
  const taup_stoichiometry s = {2, 1, start, species, coefficient};
  taup_arena arena = {0};
  int n;
  const taup_moiety *m;
  assert_int_equal(taup_moieties(&s, &arena, &n, &m), TAU_E_DOMAIN);
  assert_int_equal(n, 0);
  taup_arena_free(&arena);
}

/* --- random networks ---------------------------------------------------------------------------------------------- */

/* splitmix64 (G. L. Steele, D. Lea and C. H. Flood, OOPSLA 2014) */
static double uniform(uint64_t *seed)
{
  *seed += UINT64_C(0x9E3779B97F4A7C15);
  uint64_t z = *seed;
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  z ^= z >> 31;
  return (double)(z >> 11) * 0x1p-53;
}

static int rank_of(int n, int m, double *a)
{
  int rank = 0;
  for (; rank < n && rank < m; rank++) {
    int pi = rank, pj = rank;
    for (int i = rank; i < n; i++)
      for (int j = rank; j < m; j++)
        if (fabs(a[i * m + j]) > fabs(a[pi * m + pj])) pi = i, pj = j;
    if (fabs(a[pi * m + pj]) < 1e-9) break;
    for (int j = 0; j < m; j++) {
      const double swap = a[rank * m + j];
      a[rank * m + j] = a[pi * m + j];
      a[pi * m + j] = swap;
    }
    for (int i = 0; i < n; i++) {
      const double swap = a[i * m + rank];
      a[i * m + rank] = a[i * m + pj];
      a[i * m + pj] = swap;
    }
    for (int i = rank + 1; i < n; i++) {
      const double f = a[i * m + rank] / a[rank * m + rank];
      for (int j = rank; j < m; j++) a[i * m + j] -= f * a[rank * m + j];
    }
  }
  return rank;
}

/* A reaction of up to 2 + 2 species with coefficients 0.5, 1, 1.5, 2. */
static void random_reaction(network *net, int n_species, int j, uint64_t *seed)
{
  double sum[MOST_SPECIES] = {0};
  for (int k = 0; k < 4; k++) {
    const int i = (int)(uniform(seed) * n_species);
    const double size = uniform(seed) < 0.7 ? 1.0 : 0.5 * (1.0 + (double)(int)(uniform(seed) * 4.0));
    if (k == 0 || k == 2 || uniform(seed) < 0.5) sum[i] += k < 2 ? -size : size;
  }
  for (int i = 0; i < n_species; i++)
    if (sum[i] != 0.0) add_entry(net, i, sum[i]);
  net->start[j + 1] = net->n;
}

static void check_conserved(const network *net)
{
  for (int r = 0; r < net->n_moieties; r++) {
    const taup_moiety *m = &net->moieties[r];
    double row[MOST_SPECIES] = {0};
    assert_true(m->n > 0 && m->coefficient[0] > 0.0);
    for (int k = 0; k < m->n; k++) {
      row[m->species[k]] = m->coefficient[k];
      assert_true(m->coefficient[k] != 0.0 && m->coefficient[k] == floor(m->coefficient[k]));
      assert_true(k == 0 || m->species[k] > m->species[k - 1]);
    }
    for (int j = 0; j < net->s.n_reactions; j++) {
      double sum = 0.0;
      for (int k = net->start[j]; k < net->start[j + 1]; k++)
        sum += row[net->species[k]] * net->coefficient[k];
      assert_true(sum == 0.0); /* halves and whole numbers: exact */
    }
  }
}

static void check_independent_and_complete(const network *net)
{
  static double a[MOST_SPECIES * MOST_SPECIES * 2];
  const int n = net->s.n_species, m = net->s.n_reactions;
  bool touched[MOST_SPECIES] = {false};
  int n_touched = 0;
  memset(a, 0, sizeof a);
  for (int j = 0; j < m; j++)
    for (int k = net->start[j]; k < net->start[j + 1]; k++) {
      a[net->species[k] * m + j] = net->coefficient[k];
      touched[net->species[k]] = true;
    }
  for (int i = 0; i < n; i++) n_touched += touched[i];
  assert_int_equal(net->n_moieties, n_touched - rank_of(n, m, a));
  memset(a, 0, sizeof a);
  for (int r = 0; r < net->n_moieties; r++)
    for (int k = 0; k < net->moieties[r].n; k++) {
      assert_true(touched[net->moieties[r].species[k]]);
      a[r * n + net->moieties[r].species[k]] = net->moieties[r].coefficient[k];
    }
  assert_int_equal(rank_of(net->n_moieties, n, a), net->n_moieties);
}

static void random_networks_give_a_whole_basis(void **state)
{
  (void)state;
  uint64_t seed = 7;
  int n_found = 0;
  for (int trial = 0; trial < 500; trial++) {
    const int n_species = 2 + (int)(uniform(&seed) * (MOST_SPECIES - 2)),
              n_reactions = 1 + (int)(uniform(&seed) * 50.0);
    network net = {0};
    net.start = taup_calloc((size_t)n_reactions + 1, sizeof *net.start);
    assert_non_null(net.start);
    net.s.n_species = n_species;
    net.s.n_reactions = n_reactions;
    for (int j = 0; j < n_reactions; j++) random_reaction(&net, n_species, j, &seed);
    const tau_status st = solve(&net);
    if (st == TAU_OK) {
      check_conserved(&net);
      check_independent_and_complete(&net);
      n_found++;
    } else {
      assert_int_equal(st, TAU_E_DOMAIN); /* numbers beyond int64 */
    }
    release(&net);
  }
  assert_true(n_found >= 490);
}

static void lone_species_have_the_other_sign(void **state)
{
  (void)state;
  static const char *const pairs[] = {"A -> P + N", "P + N ->"};
  network net;
  read(&net, COUNT(pairs), pairs);
  assert_int_equal(net.n_moieties, 1); /* P - N */
  assert_int_equal(net.moieties[0].n, 2);
  assert_true(net.moieties[0].coefficient[0] * net.moieties[0].coefficient[1] == -1.0);
  assert_true(net.moieties[0].lone >= 0);
  release(&net);
}

/* A network like those of the benches: every species is consumed once, most reactions meet one of 8 hubs. */
static void hub_reaction(network *net, int n_species, int j, uint64_t *seed)
{
  const int a = j < n_species ? j : (int)(uniform(seed) * n_species);
  const int p = (a + 1 + (int)(uniform(seed) * 12.0)) % n_species;
  add_entry(net, a, -1.0);
  add_entry(net, p, 1.0);
  if (uniform(seed) > 0.35) {
    const int b = (int)(uniform(seed) * 8.0), q = (int)(uniform(seed) * 8.0);
    if (b != q && b != a && b != p && q != a && q != p) {
      add_entry(net, b, -1.0);
      add_entry(net, q, 1.0);
    }
  }
  net->start[j + 1] = net->n;
}

static void ten_thousand_species_take_less_than_a_second(void **state)
{
  (void)state;
  const int n_species = 10000, n_reactions = 30000;
  uint64_t seed = 11;
  network net = {0};
  net.start = taup_calloc((size_t)n_reactions + 1, sizeof *net.start);
  assert_non_null(net.start);
  net.s.n_species = n_species;
  net.s.n_reactions = n_reactions;
  for (int j = 0; j < n_reactions; j++) hub_reaction(&net, n_species, j, &seed);
  const clock_t before = clock();
  assert_int_equal(solve(&net), TAU_OK);
  const double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
  assert_int_equal(net.n_moieties, 1);
  assert_int_equal(net.moieties[0].n, n_species);
  for (int k = 0; k < n_species; k++) assert_true(net.moieties[0].coefficient[k] == 1.0);
  if (seconds > 1.0)
    fail_msg("10,000 species and 30,000 reactions took %g s", seconds); /* 0.01 s; sanitizers: 0.1 s */
  release(&net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(amination_conserves_its_aromatics_and_its_amine),
    cmocka_unit_test(e5_conserves_a_difference_whose_lone_species_is_y2),
    cmocka_unit_test(robertson_conserves_the_sum),
    cmocka_unit_test(enzyme_and_substrate_are_conserved),
    cmocka_unit_test(halves_are_scaled_to_whole_numbers),
    cmocka_unit_test(a_catalyst_and_an_absent_species_make_no_moiety),
    cmocka_unit_test(open_networks_may_conserve_nothing),
    cmocka_unit_test(the_carrier_of_a_chain_is_found_among_long_sums),
    cmocka_unit_test(a_coefficient_that_is_no_fraction_is_an_error),
    cmocka_unit_test(random_networks_give_a_whole_basis),
    cmocka_unit_test(lone_species_have_the_other_sign),
    cmocka_unit_test(ten_thousand_species_take_less_than_a_second),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
