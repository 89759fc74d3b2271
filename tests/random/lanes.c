/* SPDX-License-Identifier: Apache-2.0 */
/* lanes.c - random mass-action networks by the lane integrators and by CVODES, each against a reference by CVODES at 1e-13.
 *
 *     random_lanes [--seed N] [--first N] [--count N] [--verbose]
 *
 * A network: 2 to 30 species; A -> B, A -> B + C, A + B -> C, A + B -> C + D, 2 A -> B, two in five of them reversible; constants over 2 to
 * 10 decades, s from 0 to 1; one in three adiabatic, with its species' enthalpies and Arrhenius' law. rtol 1e-6, 1e-7 or 1e-8 in
 * turn, atol 1e-4 times it (mol/L); widths 1, 4, 8 in turn. The error of a run is max_i |y_i - reference_i| / (rtol |y|), |y| the
 * largest amount of the start, and 350 K for T: how many times the tolerance it is off. At most 10; but 10 times the condition where a
 * tolerance more or less on the way moves the end by more than one (sensitive: ignitions, growth of what begins as nothing).
 *
 * Exit status: 0 when at most 2 % are given up and no error of the lanes is beyond its limit; 1 else; 2 wrong call. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solve/lanes.h"

enum { MOST_SPECIES = 30, MOST_STATES = MOST_SPECIES + 1, MOST_REACTIONS = 60, MOST_STEPS = 100000 };
static const double most_error = 10.0, most_given_up = 0.02, warm = 350.0, gas_constant = 8.314462618,
                    heat_capacity = 1700.0;

typedef struct reaction {
  int n_left, n_right, left[2], right[2];
  double k, k_reverse, Ea; /* k_reverse 0: none */
} reaction;

typedef struct network {
  int n_species, n_reactions, n; /* n states: the species, then T where it is adiabatic */
  bool adiabatic;
  reaction reactions[MOST_REACTIONS];
  double enthalpy[MOST_SPECIES], y0[MOST_STATES], largest;
} network;

typedef struct equations {
  taup_system system;
  taup_program *program;
  double *R;
  int column_start[MOST_STATES + 1], row[MOST_STATES * MOST_STATES];
} equations;

/* --- a random network --- */

static uint64_t seed_state;

static double uniform(double a, double b)
{
  uint64_t z = seed_state += 0x9E3779B97F4A7C15u; /* splitmix64 */
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return a + (b - a) * ((double)(z >> 11) * 0x1p-53);
}

static int below(int n) { return (int)uniform(0.0, n); }
static double decades(double a, double b) { return pow(10.0, uniform(a, b)); }

/* Two distinct numbers that are not a; of n >= 4 species. */
static void two_others(int n, int a, int out[2])
{
  do out[0] = below(n);
  while (out[0] == a);
  do out[1] = below(n);
  while (out[1] == a || out[1] == out[0]);
}

/* Nothing grows without end: what comes out is at most as many molecules as went in, but for A -> B + C with B, C behind A. */
static void choose_sides(reaction *r, int n)
{
  int others[2] = {0, 0};
  const double kind = uniform(0.0, 1.0);
  const int a = below(n);
  if (n >= 4) two_others(n, a, others);
  else others[0] = (a + 1) % n;
  *r = (reaction){.n_left = 1, .n_right = 1, .left = {a, others[1]}, .right = {others[0], below(n)}};
  if (n < 4 || kind < 0.35) return;
  if (kind < 0.45 && a < n - 2) {
    r->n_right = 2;
    r->right[0] = a + 1 + below(n - 1 - a);
    r->right[1] = a + 1 + below(n - 1 - a);
  } else if (kind < 0.6) r->n_left = 2;
  else if (kind < 0.9) r->n_left = r->n_right = 2;
  else {
    r->n_left = 2;
    r->left[1] = a;
  }
}

static void choose_network(network *w, uint64_t seed, long index)
{
  seed_state = seed * 0x9E3779B97F4A7C15u + (uint64_t)index * 0xD1B54A32D192ED03u;
  memset(w, 0, sizeof *w);
  w->n_species = 2 + below(MOST_SPECIES - 1);
  w->n_reactions = w->n_species + below(w->n_species);
  w->adiabatic = uniform(0.0, 1.0) < 1.0 / 3.0;
  w->n = w->n_species + w->adiabatic;
  const double slow = uniform(-3.0, 0.0), fast = uniform(-1.0, 7.0);
  for (int j = 0; j < w->n_reactions; j++) {
    reaction *r = &w->reactions[j];
    choose_sides(r, w->n_species);
    r->k = decades(fmin(slow, fast), fmax(slow, fast));
    r->k_reverse = uniform(0.0, 1.0) < 0.4 ? r->k * decades(-3.0, 1.0) : 0.0;
    r->Ea = uniform(2e4, 9e4);
  }
  for (int i = 0; i < w->n_species; i++) {
    w->enthalpy[i] = uniform(-4e4, 4e4);
    w->y0[i] = i == 0 || uniform(0.0, 1.0) < 0.4 ? uniform(0.05, 1.0) : 0.0;
    w->largest = fmax(w->largest, w->y0[i]);
  }
  if (w->adiabatic) w->y0[w->n - 1] = warm;
}

/* --- its equations --- */

static taup_node state(taup_graph *g, int i) { return taup_symbol(g, TAUP_STATE, i, TAUP_DIM_NONE, "y"); }

/* k exp(-Ea/R (1/T - 1/T0)), times the concentrations. */
static taup_node one_way(taup_graph *g, const network *w, double k, double Ea, int n, const int *species)
{
  taup_node factors[3];
  for (int i = 0; i < n; i++) factors[i] = state(g, species[i]);
  if (w->adiabatic) {
    const taup_node away = taup_sub(g, taup_recip(g, state(g, w->n - 1)), taup_number(g, 1.0 / warm));
    factors[n++] = taup_exp(g, taup_scale(g, -Ea / gas_constant, away));
  }
  return taup_scale(g, k, n == 1 ? factors[0] : taup_product(g, n, factors));
}

/* What a reaction makes of each species, and its heat [J/mol]. */
static double change(const network *w, const reaction *r, double *nu)
{
  double heat = 0.0;
  memset(nu, 0, MOST_SPECIES * sizeof *nu);
  for (int i = 0; i < r->n_left; i++) nu[r->left[i]] -= 1.0;
  for (int i = 0; i < r->n_right; i++) nu[r->right[i]] += 1.0;
  for (int i = 0; i < w->n_species; i++) heat += nu[i] * w->enthalpy[i];
  return heat;
}

static void write_f(taup_graph *g, const network *w, taup_node *f)
{
  static double coefficients[MOST_STATES][MOST_REACTIONS];
  taup_node rates[MOST_REACTIONS];
  for (int j = 0; j < w->n_reactions; j++) {
    const reaction *r = &w->reactions[j];
    double nu[MOST_SPECIES];
    const double heat = change(w, r, nu);
    rates[j] = one_way(g, w, r->k, r->Ea, r->n_left, r->left);
    if (r->k_reverse > 0.0)
      rates[j] = taup_sub(g, rates[j], one_way(g, w, r->k_reverse, r->Ea - heat, r->n_right, r->right));
    for (int i = 0; i < w->n_species; i++) coefficients[i][j] = nu[i];
    coefficients[w->n_species][j] = -heat / heat_capacity;
  }
  for (int i = 0; i < w->n; i++) f[i] = taup_sum(g, w->n_reactions, coefficients[i], rates);
}

static int write_J(taup_graph *g, int n, const taup_node *f, equations *e, taup_node *J)
{
  static taup_node dense[MOST_STATES][MOST_STATES]; /* column, row */
  taup_diff *diff = NULL;
  int count = 0;
  if (taup_diff_new(&diff, g, TAUP_STATE) < 0) return -1;
  for (int j = 0; j < n; j++)
    for (int i = 0; i < n; i++) dense[j][i] = i == j ? taup_number(g, 0.0) : TAUP_NODE_NONE;
  for (int i = 0; i < n; i++) {
    const taup_partial *partials = NULL;
    const int n_partials = taup_diff_of(diff, f[i], &partials);
    for (int k = 0; k < n_partials; k++) dense[partials[k].symbol][i] = partials[k].node;
  }
  taup_diff_free(diff);
  for (int j = 0; j < n; j++) {
    e->column_start[j] = count;
    for (int i = 0; i < n; i++)
      if (dense[j][i] != TAUP_NODE_NONE) {
        e->row[count] = i;
        J[count++] = dense[j][i];
      }
  }
  return e->column_start[n] = count;
}

static bool write_equations(const network *w, equations *e)
{
  static taup_node f[MOST_STATES], J[MOST_STATES * MOST_STATES];
  taup_graph *g = NULL;
  *e = (equations){0};
  if (taup_graph_new(&g) < 0) return false;
  write_f(g, w, f);
  const int n_entries = write_J(g, w->n, f, e, J), n_inputs[] = {0, 0, 0, w->n};
  const taup_body bodies[] = {{w->n, f, "f"}, {n_entries, J, "J"}};
  const bool good =
    n_entries >= 0 && taup_graph_status(g) >= 0 && taup_program_new(&e->program, g, n_inputs, 2, bodies) >= 0;
  taup_graph_free(g);
  if (!good) return false;
  e->R = aligned_alloc(64, (taup_program_bytes(e->program, 1) + 63) / 64 * 64);
  taup_program_init(e->program, 1, e->R);
  taup_program_prologue(e->program, TAUP_PARAMETER, 1, e->R);
  taup_program_prologue(e->program, TAUP_INLET, 1, e->R);
  e->system = (taup_system){.program = e->program,
                            .n = w->n,
                            .body_J = 1,
                            .body_q = -1,
                            .column_start = e->column_start,
                            .row = e->row};
  return true;
}

static void free_equations(equations *e)
{
  taup_program_free(e->program);
  free(e->R);
}

/* --- the runs --- */

typedef struct outcome {
  bool done, stiff;
  int n_steps, n_rejected;
  double error, limit, s, y[MOST_STATES]; /* limit: of the error */
} outcome;

static void set_atol(const network *w, double rtol, double *atol)
{
  for (int i = 0; i < w->n; i++) atol[i] = 1e-4 * rtol * (i < w->n_species ? 1.0 : warm);
}

/* Ends a march at a place. */
static int end_at(void *user, taup_march *m, double s0, double s1)
{
  const double *s = user;
  (void)s0;
  if (s1 < *s) return 0;
  taup_march_end(m, *s);
  return TAUP_STOP_HERE;
}

/* From y over a part of [0, 1]. */
static outcome by_cvodes(const network *w, const equations *e, double rtol, const double *y, double part)
{
  outcome o = {0};
  double atol[MOST_STATES];
  taup_march *m = NULL;
  set_atol(w, rtol, atol);
  memcpy(o.y, y, sizeof o.y);
  const taup_march_options options = {.rtol = rtol, .atol = atol, .max_steps = MOST_STEPS};
  if (taup_march_new(&m, &e->system) < 0) return o;
  o.done = taup_march_run(m, e->R, o.y, NULL, &options, end_at, &part) == TAU_OK;
  const taup_solver_counts counts = taup_march_counts(m);
  o.n_steps = (int)counts.n_steps;
  o.n_rejected = (int)counts.n_error_failures;
  o.s = taup_march_failure(m).s;
  taup_march_free(m);
  return o;
}

static outcome by_lanes(const network *w, const equations *e, double rtol, int width, bool stiff)
{
  outcome o = {0};
  double atol[MOST_STATES];
  taup_lanes *l = NULL;
  set_atol(w, rtol, atol);
  memcpy(o.y, w->y0, sizeof o.y);
  taup_lane_point p = {.R = e->R, .atol = atol, .y = o.y};
  const taup_lane_options options = {.rtol = rtol, .max_steps = MOST_STEPS, .stiff = stiff};
  if (taup_lanes_new(&l, &e->system, width) < 0) return o;
  taup_lanes_march(l, 1, &p, &options);
  taup_lanes_free(l);
  o.done = p.end == TAUP_LANE_DONE;
  o.stiff = p.stiff;
  o.n_steps = p.n_steps;
  o.n_rejected = p.n_rejected;
  o.s = p.s;
  return o;
}

static double distance(const network *w, const double *a, const double *b, double rtol)
{
  double worst = 0.0;
  for (int i = 0; i < w->n; i++)
    worst = fmax(worst, fabs(a[i] - b[i]) / (rtol * (i < w->n_species ? w->largest : warm)));
  return worst;
}

/* --- the tables --- */

typedef struct sums {
  long n, n_failed, n_off, n_sensitive, steps, rejected, i_worst;
  double worst, logs;
} sums;

static void add(sums *s, const outcome *o, long index)
{
  s->n++;
  s->n_failed += !o->done;
  if (!o->done) return;
  s->n_off += o->error > o->limit;
  s->n_sensitive += o->error > most_error && o->error <= o->limit;
  s->steps += o->n_steps;
  s->rejected += o->n_rejected;
  s->logs += log10(fmax(o->error, 1e-6));
  if (o->error > most_error || o->error <= s->worst) return;
  s->worst = o->error;
  s->i_worst = index;
}

static void print_sums(const char *name, const sums *s)
{
  const double n = (double)(s->n > s->n_failed ? s->n - s->n_failed : 1);
  printf("%-22s %6ld %7ld %7ld %9ld %9.1f %9.2f %10.3f %10.3g (%ld)\n", name, s->n, s->n_failed, s->n_off,
         s->n_sensitive, (double)s->steps / n, (double)s->rejected / n, pow(10.0, s->logs / n), s->worst,
         s->i_worst);
}

enum { BY_VERN7, BY_BOTH, BY_CVODES, N_SUMS };
static sums all[N_SUMS];
static long no_reference, doubtful;
static bool verbose;

/* The reference, and whether the lanes at 1e-11 agree with it to a tenth of the finest tolerance where that is asked. */
static bool find_reference(const network *w, const equations *e, outcome *reference)
{
  *reference = by_cvodes(w, e, 1e-13, w->y0, 1.0);
  if (!reference->done) *reference = by_lanes(w, e, 1e-12, 1, true);
  return reference->done;
}

static void check_reference(const network *w, const equations *e, const outcome *reference, long index)
{
  const outcome other = by_lanes(w, e, 1e-11, 1, true);
  const double apart = distance(w, other.y, reference->y, 1e-8);
  if (other.done && apart <= 1.0) return;
  doubtful++;
  printf("%ld: the reference is doubtful: Rodas5P at 1e-11 %s, %.3g times 1e-8 apart\n", index,
         other.done ? "done" : "gave up", apart);
}

/* Every amount one tolerance up or down. */
static void move(const network *w, double rtol, int trial, double *y)
{
  double atol[MOST_STATES];
  set_atol(w, rtol, atol);
  seed_state = (uint64_t)trial;
  for (int i = 0; i < w->n; i++) {
    const double step = rtol * fabs(y[i]) + atol[i];
    if (y[i] > step && uniform(0.0, 1.0) < 0.5) y[i] -= step;
    else y[i] += step;
  }
}

/* How far, in tolerances, the end moves when every amount moves by one somewhere on the way: what no method with an error control of its
 * steps can do better. */
static double condition(const network *w, const equations *e, const outcome *reference, double rtol)
{
  static const double places[] = {0.0, 1e-5, 1e-3, 1e-2, 0.05, 0.2, 0.5};
  double most = 1.0;
  for (int trial = 0; trial < 21; trial++) {
    const double place = places[trial % 7];
    outcome o = {.done = true};
    memcpy(o.y, w->y0, sizeof o.y);
    if (place > 0.0) o = by_cvodes(w, e, 1e-12, w->y0, place);
    if (!o.done) continue;
    move(w, rtol, trial, o.y);
    o = by_cvodes(w, e, 1e-12, o.y, 1.0 - place);
    if (o.done) most = fmax(most, distance(w, o.y, reference->y, rtol));
  }
  return most;
}

static void show(const char *engine, const network *w, const outcome *o, double rtol, long index)
{
  printf("%ld: %s %s: %d states%s, rtol %g, s %.6g, %d steps, %d rejected, %s, off by %.3g (limit %.3g)\n",
         index, engine,
         !o->done                ? "gave up"
         : o->error > o->limit   ? "is off"
         : o->error > most_error ? "is sensitive"
                                 : "done",
         w->n, w->adiabatic ? ", adiabatic" : "", rtol, o->s, o->n_steps, o->n_rejected,
         o->stiff ? "stiff" : "not stiff", o->error, o->limit);
}

static void run_one(uint64_t seed, long index)
{
  static const int widths[3] = {1, 4, 8};
  static network w;
  static equations e;
  outcome reference;
  choose_network(&w, seed, index);
  const double rtol = pow(10.0, -6.0 - (double)(index % 3));
  const int width = taup_width_is_there(widths[index / 3 % 3]) ? widths[index / 3 % 3] : 1;
  if (!write_equations(&w, &e)) {
    printf("%ld: no equations: %s\n", index, tau_last_error());
    exit(1);
  }
  outcome lanes = by_lanes(&w, &e, rtol, width, false), cvodes = by_cvodes(&w, &e, rtol, w.y0, 1.0);
  lanes.limit = cvodes.limit = most_error;
  if (find_reference(&w, &e, &reference)) {
    lanes.error = distance(&w, lanes.y, reference.y, rtol);
    cvodes.error = distance(&w, cvodes.y, reference.y, rtol);
    if ((lanes.done && lanes.error > most_error) || (cvodes.done && cvodes.error > most_error))
      lanes.limit = cvodes.limit = most_error * condition(&w, &e, &reference, rtol);
    if (index % 20 == 0 || (lanes.done && lanes.error > most_error))
      check_reference(&w, &e, &reference, index);
  } else no_reference++;
  add(&all[lanes.stiff ? BY_BOTH : BY_VERN7], &lanes, index);
  add(&all[BY_CVODES], &cvodes, index);
  if (verbose || !lanes.done || lanes.error > most_error) show("lanes", &w, &lanes, rtol, index);
  if (verbose || !cvodes.done) show("CVODES", &w, &cvodes, rtol, index);
  free_equations(&e);
}

int main(int argc, char **argv)
{
  long first = 0, count = 60;
  unsigned long long seed = 1;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--verbose") == 0) verbose = true;
    else if (i + 1 == argc) return 2;
    else if (strcmp(argv[i], "--seed") == 0) seed = strtoull(argv[++i], NULL, 10);
    else if (strcmp(argv[i], "--first") == 0) first = strtol(argv[++i], NULL, 10);
    else if (strcmp(argv[i], "--count") == 0) count = strtol(argv[++i], NULL, 10);
    else return 2;
  }
  for (long i = first; i < first + count; i++) run_one(seed, i);

  const long given_up = all[BY_VERN7].n_failed + all[BY_BOTH].n_failed,
             off = all[BY_VERN7].n_off + all[BY_BOTH].n_off;
  printf("%-22s %6s %7s %7s %9s %9s %9s %10s %10s\n", "", "runs", "failed", "off", "sensitive", "steps",
         "rejected", "mean error", "worst (of)");
  print_sums("Vern7 to the end", &all[BY_VERN7]);
  print_sums("over to Rodas5P", &all[BY_BOTH]);
  print_sums("CVODES", &all[BY_CVODES]);
  printf("given up %ld of %ld, off %ld; without a reference %ld, with a doubtful "
         "one %ld\n",
         given_up, count, off, no_reference, doubtful);
  return (double)given_up > most_given_up * (double)count || off > 0 ? 1 : 0;
}
