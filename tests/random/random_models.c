/* SPDX-License-Identifier: Apache-2.0 */
/* random_models.c - runs random models through the public functions and checks what must hold for each of them.
 *
 *     random_models [--seed N] [--first N] [--count N] [--seconds S] [--least-newton PERCENT]
 *                   [--verbose]
 *     random_models --print INDEX [--seed N]
 *
 * A run may fail, but with a message that names the place. A complete run must close its balances, agree
 * with itself (conversion from flows, c F Q, a tank's balance of each species) and hold no negative
 * concentration. A model that crashes or hangs is named before the program ends. What failed is listed by
 * cause: its message with names and numbers left out.
 *
 * Exit status: 0 all held, 1 something did not, 2 wrong call. */
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <tautrain.h>

#include "random_model.h"

enum { MOST_CAUSES = 400, CAUSE_BYTES = 300, EXAMPLES = 6 };

typedef struct cause {
  char text[CAUSE_BYTES];
  long count;
  long examples[EXAMPLES];
} cause;

typedef struct table {
  const char *title;
  cause causes[MOST_CAUSES];
  int n;
} table;

typedef struct counts {
  long models, complete, failed, refused, stopped, tanks, by_newton, unstable, unstable_by_newton, marches,
    dispersed, cascades, mixed, energy_above, closure_above;
  double slowest, worst_closure, worst_energy, worst_tank, least_c;
  long i_slowest, i_closure, i_energy, i_tank, i_least_c;
} counts;

typedef struct options {
  unsigned long long seed;
  long first, count, print;
  double seconds, least_newton;
  bool verbose;
} options;

static table failures = {.title = "failures"}, wrong = {.title = "WRONG"},
             not_numbers = {.title = "not a number"};
static counts seen;
static options asked = {1, 0, 300, -1, 10.0, 0.0, false};
static volatile sig_atomic_t running; /* the model at hand */
static random_model model;

/* The limits; README.md gives the reason of each. */
static const double least_fraction = 1e-6, closure_limit = 1e-8, closure_floor = 1e-10, energy_limit = 1e-4,
                    tank_limit = 2e-6;

/* --- causes --- */

static bool is_number(const char *s)
{
  return (*s >= '0' && *s <= '9') || ((*s == '-' || *s == '.') && s[1] >= '0' && s[1] <= '9');
}

/* A message with quoted names as *, numbers as #. */
static void general(const char *text, char *out)
{
  size_t n = 0;
  for (const char *s = text; *s && n + 2 < CAUSE_BYTES; s++) {
    const char *close = *s == '\'' ? strchr(s + 1, '\'') : NULL;
    if (close) {
      out[n++] = '*';
      s = close;
    } else if (is_number(s)) {
      char *end = NULL;
      strtod(s, &end);
      out[n++] = '#';
      s = end - 1;
    } else out[n++] = *s;
  }
  out[n] = '\0';
}

static void note(table *t, long index, const char *text)
{
  char key[CAUSE_BYTES];
  int i = 0;
  general(text, key);
  while (i < t->n && strcmp(t->causes[i].text, key) != 0) i++;
  if (i == MOST_CAUSES) i--;
  if (i == t->n) {
    snprintf(t->causes[i].text, CAUSE_BYTES, "%s", key);
    t->n++;
  }
  cause *c = &t->causes[i];
  if (c->count < EXAMPLES) c->examples[c->count] = index;
  c->count++;
  if (asked.verbose || (t == &wrong && c->count <= 3)) printf("%s %ld: %s\n", t->title, index, text);
}

__attribute__((format(printf, 2, 3))) static void complain(long index, const char *format, ...)
{
  char text[CAUSE_BYTES];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  note(&wrong, index, text);
}

static int by_count(const void *a, const void *b)
{
  const long x = ((const cause *)a)->count, y = ((const cause *)b)->count;
  return (x < y) - (x > y);
}

static void print_table(table *t)
{
  qsort(t->causes, (size_t)t->n, sizeof t->causes[0], by_count);
  printf("\n%s: %d kinds\n", t->title, t->n);
  for (int i = 0; i < t->n; i++) {
    const cause *c = &t->causes[i];
    printf("%7ld  %s  [", c->count, c->text);
    for (int k = 0; k < EXAMPLES && k < c->count; k++) printf("%s%ld", k ? " " : "", c->examples[k]);
    printf("]\n");
  }
}

/* --- the worst of each check --- */

static void keep_largest(double x, double *most, long *at)
{
  if (!(x > *most)) return;
  *most = x;
  *at = running;
}

/* --- what must hold --- */

static double value(const tau_result *r, const char *path)
{
  double x = (double)NAN;
  if (tau_result_value(r, path, &x) != TAU_OK) complain(running, "%s", tau_last_error());
  return x;
}

/* The largest molar flow (of a batch: amount) of any solute: what the tolerances leave of nothing is counted against it. */
static double all_that_flows(const tau_result *r)
{
  double most = 0.0;
  for (int u = 0; u < tau_result_n_units(r); u++)
    for (int i = 0; i < model.n_species; i++) most = fmax(most, fabs(tau_result_inlet(r, u).F[i]));
  return most;
}

static void check_balances(const tau_result *r)
{
  const double closure = value(r, "balance/closure"), energy = value(r, "balance/energy");
  for (int b = 0; b < tau_result_n_balances(r); b++) {
    const tau_balance sum = tau_result_balance(r, b);
    if (sum.error > closure_limit && fabs(sum.in - sum.out) > closure_floor * all_that_flows(r))
      complain(running, "a conserved sum closes to %.3g", sum.error);
  }
  if (energy > energy_limit) complain(running, "balance/energy is %.3g", energy);
  seen.energy_above += energy > 1e-6;
  seen.closure_above += closure > closure_limit;
  keep_largest(closure, &seen.worst_closure, &seen.i_closure);
  keep_largest(energy, &seen.worst_energy, &seen.i_energy);
}

/* The largest concentration that comes in anywhere, the measure of what is small. */
static double largest_c(const tau_result *r)
{
  double most = 0.0;
  for (int u = 0; u < tau_result_n_units(r); u++) {
    const tau_stream in = tau_result_inlet(r, u), out = tau_result_outlet(r, u, 0);
    for (int i = 0; i < model.n_species; i++) most = fmax(most, fmax(in.c[i], out.c[i]));
  }
  return most;
}

static void check_c(int n, const double *c, double most, const char *where, const char *kind)
{
  double least = 0.0;
  for (int i = 0; i < n; i++) {
    if (!isfinite(c[i])) complain(running, "%s of %s holds a concentration %g", where, kind, c[i]);
    least = fmin(least, c[i]);
  }
  if (least < -least_fraction * most)
    complain(running, "%s of %s holds a concentration %g of %g", where, kind, least, most);
  keep_largest(-least / most, &seen.least_c, &seen.i_least_c);
}

static void check_stream(const tau_result *r, tau_stream s, double most, const char *where, int u)
{
  check_c(tau_result_n_species(r), s.c, most, where, tau_result_unit_kind(r, u));
  for (int i = 0; i < tau_result_n_species(r); i++)
    if (!(fabs(s.c[i] * s.flow - s.F[i]) <= 1e-12 * fabs(s.F[i]) + 1e-300))
      complain(running, "%s: c Q is not F, %g %g", where, s.c[i] * s.flow, s.F[i]);
  if (!(s.flow > 0.0) && !(s.flow == 0.0 && strcmp(where, "outlet") == 0))
    complain(running, "%s has a flow of %g", where, s.flow);
  if (model.has_temperature && !(s.T > 0.0 && s.T < 3000.0))
    complain(running, "%s of a %s has a temperature of %g K", where, tau_result_unit_kind(r, u), s.T);
}

/* whole: it ends with what leaves. */
static void check_profile(const tau_result *r, int u, double most, bool whole)
{
  const tau_profile p = tau_result_profile(r, u);
  const tau_stream out = tau_result_outlet(r, u, 0);
  const int n = tau_result_n_species(r);
  if (p.n_points == 0) {
    complain(running, "a %s has no profile", tau_result_unit_kind(r, u));
    return;
  }
  for (int k = 1; k < p.n_points; k++)
    if (!(p.position[k] > p.position[k - 1]))
      complain(running, "positions do not rise: %g, %g", p.position[k - 1], p.position[k]);
  check_c(p.n_points * n, p.c, most, "profile", tau_result_unit_kind(r, u));
  for (int i = 0; whole && i < n; i++)
    if (!(fabs(p.c[(p.n_points - 1) * n + i] - out.c[i]) <= 1e-9 * most))
      complain(running, "the profile ends at %g, the outlet has %g", p.c[(p.n_points - 1) * n + i], out.c[i]);
}

/* F_in - F_out + V sum nu r = 0, each against the largest of its terms. (An exhausted reactant of order 0 is
 * known to atol, its rate to 3e-6.) */
static void check_tank(const tau_result *r, int u, double largest)
{
  char path[80];
  const tau_stream in = tau_result_inlet(r, u), out = tau_result_outlet(r, u, 0);
  const char *name = tau_result_unit(r, u);
  double rate[MOST_REACTIONS];
  snprintf(path, sizeof path, "units/%s/volume", name);
  const double V = value(r, path);
  for (int j = 0; j < model.n_reactions; j++) {
    snprintf(path, sizeof path, "units/%s/rate/r%d", name, j);
    rate[j] = value(r, path);
  }
  for (int i = 0; i < model.n_species; i++) {
    double rest = in.F[i] - out.F[i], most = fmax(fabs(in.F[i]), fabs(out.F[i]));
    for (int j = 0; j < model.n_reactions; j++) {
      rest += V * model.nu[j][i] * rate[j];
      most = fmax(most, fabs(V * model.nu[j][i] * rate[j]));
    }
    const double error = most > 0.0 ? fabs(rest) / (most + 1e-10 * largest * in.flow) : 0.0;
    if (!(error <= tank_limit) && most > 1e-6 * largest * in.flow)
      complain(running, "tank: the balance of a species is off by %.3g of %.3g mol/s", error, most);
    keep_largest(error, &seen.worst_tank, &seen.i_tank);
  }
}

/* The same of the whole: sum over the tanks of V_k r_k, from the rows of the profile, one a tank. */
static void check_cascade(const tau_result *r, int u, double largest)
{
  const tau_profile p = tau_result_profile(r, u);
  const tau_stream in = tau_result_inlet(r, u), out = tau_result_outlet(r, u, 0);
  for (int i = 0; i < model.n_species; i++) {
    double rest = in.F[i] - out.F[i], most = fmax(fabs(in.F[i]), fabs(out.F[i]));
    for (int k = 0; k < p.n_points; k++) {
      const double V = p.position[k] - (k ? p.position[k - 1] : 0.0);
      for (int j = 0; j < model.n_reactions; j++) {
        const double made = V * model.nu[j][i] * p.rate[k * model.n_reactions + j];
        rest += made;
        most = fmax(most, fabs(made));
      }
    }
    const double error = most > 0.0 ? fabs(rest) / (most + 1e-10 * largest * in.flow) : 0.0;
    if (!(error <= p.n_points * tank_limit) && most > 1e-6 * largest * in.flow)
      complain(running, "tanks: the balance of a species is off by %.3g of %.3g mol/s", error, most);
  }
}

static void count_solver(const tau_result *r, int u)
{
  char path[80];
  const tau_statistics s = tau_result_statistics(r, u);
  const char *kind = tau_result_unit_kind(r, u);
  if (strcmp(kind, "cstr") != 0) {
    seen.cascades += strcmp(kind, "tanks") == 0;
    seen.marches += strcmp(kind, "pfr") == 0 || strcmp(kind, "batch") == 0;
    seen.dispersed += strcmp(kind, "pfr-dispersed") == 0;
    return;
  }
  seen.tanks++;
  const bool newton = s.method && strcmp(s.method, "newton") == 0;
  snprintf(path, sizeof path, "units/%s/stable", tau_result_unit(r, u));
  const bool unstable = value(r, path) == 0.0;
  seen.by_newton += newton;
  seen.unstable += unstable;
  seen.unstable_by_newton += unstable && newton;
}

static void check_units(const tau_result *r)
{
  const double most = largest_c(r);
  for (int u = 0; u < tau_result_n_units(r); u++) {
    const char *kind = tau_result_unit_kind(r, u);
    check_stream(r, tau_result_inlet(r, u), most, "inlet", u);
    for (int k = 0; k < tau_result_n_outlets(r, u); k++) {
      const tau_stream out = tau_result_outlet(r, u, k);
      if (out.flow != 0.0) check_stream(r, out, most, "outlet", u);
    }
    const bool dispersed = strcmp(kind, "pfr-dispersed") == 0;
    const bool cascade = strcmp(kind, "tanks") == 0;
    if (model.is_mixed[atoi(tau_result_unit(r, u) + 1)]) {
      check_profile(r, u, most, false);
      seen.mixed++;
      continue;
    }
    if (dispersed || cascade || strcmp(kind, "pfr") == 0 || strcmp(kind, "batch") == 0)
      check_profile(r, u, most, true);
    if (strcmp(kind, "cstr") == 0) check_tank(r, u, most);
    if (cascade) check_cascade(r, u, most);
    count_solver(r, u);
  }
}

/* What all feeds bring: what enters units, less what came from other units. */
static double fed(const tau_result *r, int species)
{
  double sum = 0.0;
  for (int u = 0; u < tau_result_n_units(r); u++) {
    const int own = atoi(tau_result_unit(r, u) + 1);
    sum += tau_result_inlet(r, u).F[species];
    for (int k = 0; k < tau_result_n_outlets(r, u); k++)
      if (!model.is_end[own][k]) sum -= tau_result_outlet(r, u, k).F[species];
  }
  return sum;
}

/* Made for the outlet; a splitter's fed amounts cancel to rounding only. */
static void check_conversions(const tau_result *r)
{
  char path[64];
  for (int i = 0; i < model.n_species; i++) {
    double x, out;
    snprintf(path, sizeof path, "conversion/%s", random_species(i));
    if (tau_result_value(r, path, &x) != TAU_OK) continue; /* nothing of it is fed */
    snprintf(path, sizeof path, "outlet/F/%s", random_species(i));
    out = value(r, path);
    const double total = fed(r, i), want = 1.0 - out / total;
    double through = 0.0;
    for (int u = 0; u < tau_result_n_units(r); u++)
      through = fmax(through, fabs(tau_result_inlet(r, u).F[i]) + fabs(out));
    if (total > 1e-6 * through && !(fabs(x - want) <= 1e-12 * (1.0 + fabs(want)) * through / total))
      complain(running, "conversion is %.17g, from the flows %.17g", x, want);
  }
}

/* The end of a path, the name of a species or reaction behind it left out. */
static const char *without_name(const tau_result *r, const char *path)
{
  const char *slash = strrchr(path, '/'), *end = path + strlen(path);
  if (!slash) return end;
  for (int i = 0; i < tau_result_n_species(r); i++)
    if (strcmp(tau_result_species(r, i), slash + 1) == 0) return slash + 1;
  for (int j = 0; j < tau_result_n_reactions(r); j++)
    if (strcmp(tau_result_reaction(r, j), slash + 1) == 0) return slash + 1;
  return end;
}

/* Which observables are no numbers, by their path without names. */
static void list_not_numbers(const tau_result *r)
{
  const double *values = tau_result_values(r);
  for (int k = 0; k < tau_result_n_observables(r); k++) {
    char text[CAUSE_BYTES];
    if (isfinite(values[k])) continue;
    const char *path = tau_result_observable(r, k).path;
    const char *end = without_name(r, path);
    const char *units = strncmp(path, "units/", 6) == 0 ? strchr(path + 6, '/') : NULL;
    if (!units) units = path;
    snprintf(text, sizeof text, "%s%.*s is %s%s", units == path ? "" : "units/U", (int)(end - units), units,
             isnan(values[k]) ? "nan" : "inf", model.has_temperature ? "" : " (no temperature)");
    note(&not_numbers, running, text);
  }
}

static void check_complete(const tau_result *r)
{
  seen.complete++;
  if (tau_result_message(r)[0]) complain(running, "a complete run has a message: %s", tau_result_message(r));
  check_balances(r);
  check_units(r);
  check_conversions(r);
  list_not_numbers(r);
}

/* --- one model --- */

static bool names_a_place(const char *message)
{
  static const char *const places[] = {"unit '", "feed '", "splitter '", "reaction '", "tank '"};
  for (size_t k = 0; k < sizeof places / sizeof places[0]; k++)
    if (strstr(message, places[k])) return true;
  return false;
}

static double clock_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool same(const tau_result *a, const tau_result *b)
{
  const size_t n = (size_t)tau_result_n_observables(a);
  return n == (size_t)tau_result_n_observables(b) &&
         memcmp(tau_result_values(a), tau_result_values(b), n * sizeof(double)) == 0;
}

/* Every tenth model again: the same run gives the same bits. */
static void check_again(const tau_train *train, const tau_result *first, const tau_run_options *run)
{
  tau_result *second = NULL;
  if (running % 10 != 0) return;
  const tau_status st = tau_train_run(&second, train, NULL, run);
  if (st != tau_result_status(first) || !second || !same(first, second))
    complain(running, "a second run gives other numbers");
  tau_result_free(second);
}

/* The cause of a failure, with the kind of unit that failed in front: "cstr with start". */
static void note_failure(const tau_result *r)
{
  char text[CAUSE_BYTES + 64], line[24];
  const char *message = tau_result_message(r), *quote = strstr(message, "unit 'u");
  const char *kind = "", *start = "";
  if (quote) {
    const int u = tau_result_unit_index(r, (snprintf(line, sizeof line, "u%d", atoi(quote + 7)), line));
    if (u >= 0) kind = tau_result_unit_kind(r, u);
    snprintf(line, sizeof line, "\n  u%d: {", atoi(quote + 7));
    const char *block = strstr(model.text, line), *end = block ? strchr(block + 1, '\n') : NULL,
               *found = block ? strstr(block, ", start: ") : NULL;
    if (found && (!end || found < end)) start = " with start";
  }
  snprintf(text, sizeof text, "%s%s: %s", kind, start, message);
  note(&failures, running, text);
}

static void run_train(const tau_train *train)
{
  tau_run_options run = TAU_RUN_OPTIONS_INIT;
  tau_result *result = NULL;
  run.max_time = asked.seconds;
  const double before = clock_now();
  const tau_status st = tau_train_run(&result, train, NULL, &run);
  keep_largest(clock_now() - before, &seen.slowest, &seen.i_slowest);
  if (!result) {
    complain(running, "a run gave no result: %s", tau_last_error());
    return;
  }
  if (st != tau_result_status(result))
    complain(running, "the status is %d, in the result %d", st, tau_result_status(result));
  if (st == TAU_OK) {
    if (model.is_overfull) complain(running, "a feed that is more than full is taken");
    check_complete(result);
  } else {
    const bool refused = strstr(tau_result_message(result), "has no room for its solvent") != NULL;
    seen.refused += refused;
    seen.failed += st < 0 && !refused;
    seen.stopped += st > 0;
    note_failure(result);
    if (!names_a_place(tau_result_message(result)))
      complain(running, "a message without a place: %s", tau_result_message(result));
  }
  if (st <= 0) check_again(train, result, &run);
  tau_result_free(result);
}

/* What was read prints to text that reads back equal. */
static void check_text(const tau_model *m)
{
  char *text = NULL;
  tau_model *back = NULL;
  if (tau_model_print(m, &text) != TAU_OK) complain(running, "a model does not print: %s", tau_last_error());
  else if (tau_model_parse(&back, text, strlen(text), "printed", NULL, NULL) != TAU_OK)
    complain(running, "a printed model does not read: %s", tau_last_error());
  else if (!tau_model_equal(m, back)) complain(running, "a printed model reads back otherwise");
  tau_model_free(back);
  tau_text_free(text);
}

static void run_model(long index)
{
  tau_model *m = NULL;
  tau_train *train = NULL;
  running = (sig_atomic_t)index;
  random_model_write(&model, asked.seed, (uint64_t)index);
  alarm((unsigned)(4.0 * asked.seconds + 5.0));
  seen.models++;
  if (tau_model_parse(&m, model.text, strlen(model.text), "model", NULL, NULL) != TAU_OK) {
    complain(index, "does not read: %s", tau_last_error());
    return;
  }
  check_text(m);
  if (tau_train_compile(&train, m) != TAU_OK) complain(index, "does not compile: %s", tau_last_error());
  else run_train(train);
  tau_train_free(train);
  tau_model_free(m);
}

/* --- all models --- */

/* Only what may be called in a handler. */
static void on_signal(int signal_number)
{
  char text[96] = "model ";
  size_t n = 6, digits = 0;
  char reversed[24];
  for (long x = running; x > 0 || digits == 0; x /= 10) reversed[digits++] = (char)('0' + x % 10);
  while (digits > 0) text[n++] = reversed[--digits];
  const char *what = signal_number == SIGALRM ? " hangs\n" : " crashes\n";
  for (; *what; what++) text[n++] = *what;
  const ssize_t written = write(STDERR_FILENO, text, n);
  (void)written;
  signal(signal_number, SIG_DFL);
  raise(signal_number == SIGALRM ? SIGABRT : signal_number);
}

static int print_all(void)
{
  const double percent = seen.tanks ? 100.0 * (double)seen.by_newton / (double)seen.tanks : 100.0;
  printf("\nmodels %ld: complete %ld, refused rightly %ld, failed %ld, stopped by time %ld\n", seen.models,
         seen.complete, seen.refused, seen.failed, seen.stopped);
  printf("tanks %ld: by Newton alone %ld (%.1f %%); in an unstable state %ld, by Newton %ld; marches %ld; "
         "dispersed tubes %ld, cascades %ld, in distributions %ld\n",
         seen.tanks, seen.by_newton, percent, seen.unstable, seen.unstable_by_newton, seen.marches,
         seen.dispersed, seen.cascades, seen.mixed);
  printf("worst closure %.2g [%ld], energy %.2g [%ld], tank %.2g [%ld], least c / largest %.2g [%ld]; "
         "slowest %.2f s [%ld]; energy above 1e-6: %ld, closure above 1e-8: %ld\n",
         seen.worst_closure, seen.i_closure, seen.worst_energy, seen.i_energy, seen.worst_tank, seen.i_tank,
         -seen.least_c, seen.i_least_c, seen.slowest, seen.i_slowest, seen.energy_above, seen.closure_above);
  print_table(&not_numbers);
  print_table(&failures);
  print_table(&wrong);
  if (percent < asked.least_newton)
    printf("\nNewton alone solved less than %g %% of the tanks\n", asked.least_newton);
  return wrong.n > 0 || percent < asked.least_newton;
}

static bool read_options(int argc, char **argv)
{
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--verbose") == 0) {
      asked.verbose = true;
      continue;
    }
    if (i + 1 == argc) return false;
    char *end = NULL;
    const char *name = argv[i], *text = argv[++i];
    const double x = strtod(text, &end);
    if (*end || end == text) return false;
    if (strcmp(name, "--seed") == 0) asked.seed = (unsigned long long)x;
    else if (strcmp(name, "--first") == 0) asked.first = (long)x;
    else if (strcmp(name, "--count") == 0) asked.count = (long)x;
    else if (strcmp(name, "--print") == 0) asked.print = (long)x;
    else if (strcmp(name, "--seconds") == 0) asked.seconds = x;
    else if (strcmp(name, "--least-newton") == 0) asked.least_newton = x;
    else return false;
  }
  return true;
}

int main(int argc, char **argv)
{
  static const int signals[] = {SIGSEGV, SIGFPE, SIGBUS, SIGILL, SIGABRT, SIGALRM};
  if (!read_options(argc, argv)) {
    fprintf(stderr, "random_models: unknown option, or one without its number\n");
    return 2;
  }
  if (asked.print >= 0) {
    random_model_write(&model, asked.seed, (uint64_t)asked.print);
    fputs(model.text, stdout);
    return 0;
  }
  for (size_t k = 0; k < sizeof signals / sizeof signals[0]; k++) signal(signals[k], on_signal);
  for (long i = asked.first; i < asked.first + asked.count; i++) run_model(i);
  return print_all();
}
