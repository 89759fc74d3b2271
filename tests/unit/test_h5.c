/* SPDX-License-Identifier: Apache-2.0 */
/* test_h5.c - results to a file and back: bit for bit, whole or not at all. */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "unit/h5_file.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "io/sha256.h"
#include "support/ledger.h"
#include "train/result.h"

static const char two_coils[] =
  "tautrain: 1\n"
  "solvent: {density: 1000 kg/m^3, heat_capacity: 4000 J/kg/K}\n"
  "species: {A: {}, B: {}}\n"
  "reactions: {r: {equation: A -> B, k: 0.1 1/s}}\n"
  "feeds: {f: {flow: 1 mL/min, temperature: 25 degC, concentration: {A: 1 mol/L}}}\n"
  "units: {first: {type: pfr, in: f, volume: 1 mL}, second: {type: pfr, in: first, volume: 1 mL}}\n";

/* --- everything that can be asked --- */

static void same_numbers(const char *what, const double *x, const double *y, int n)
{
  if (n > 0 && memcmp(x, y, (size_t)n * sizeof *x) != 0) fail_msg("%s differ", what);
}

static void same_number(const char *what, double x, double y) { same_numbers(what, &x, &y, 1); }

static void same_names(const tau_result *a, const tau_result *b)
{
  size_t n = 0, m = 0;
  assert_int_equal(tau_result_status(a), tau_result_status(b));
  assert_string_equal(tau_result_message(a), tau_result_message(b));
  assert_string_equal(tau_result_title(a), tau_result_title(b));
  assert_string_equal(tau_result_evidence(a), tau_result_evidence(b));
  assert_string_equal(tau_result_model_text(a, &n), tau_result_model_text(b, &m));
  assert_int_equal(n, m);
  assert_int_equal(tau_result_n_warnings(a), tau_result_n_warnings(b));
  for (int i = 0; i < tau_result_n_warnings(a); i++)
    assert_string_equal(tau_result_warning(a, i), tau_result_warning(b, i));
  assert_int_equal(tau_result_n_species(a), tau_result_n_species(b));
  for (int i = 0; i < tau_result_n_species(a); i++)
    assert_string_equal(tau_result_species(a, i), tau_result_species(b, i));
  assert_int_equal(tau_result_n_reactions(a), tau_result_n_reactions(b));
  for (int i = 0; i < tau_result_n_reactions(a); i++) {
    assert_string_equal(tau_result_reaction(a, i), tau_result_reaction(b, i));
    assert_string_equal(a->layout->equations[i], b->layout->equations[i]);
  }
}

static void same_tables(const tau_result *a, const tau_result *b)
{
  assert_int_equal(tau_result_n_parameters(a), tau_result_n_parameters(b));
  for (int i = 0; i < tau_result_n_parameters(a); i++) {
    const tau_parameter p = tau_result_parameter(a, i), q = tau_result_parameter(b, i);
    assert_string_equal(p.path, q.path);
    assert_string_equal(p.unit, q.unit);
    assert_string_equal(p.si_unit, q.si_unit);
    assert_string_equal(p.doc, q.doc);
    same_numbers(p.path, (const double[]){p.value, p.uncertainty, p.lower, p.upper},
                 (const double[]){q.value, q.uncertainty, q.lower, q.upper}, 4);
  }
  assert_int_equal(tau_result_n_observables(a), tau_result_n_observables(b));
  for (int i = 0; i < tau_result_n_observables(a); i++) {
    const tau_observable p = tau_result_observable(a, i), q = tau_result_observable(b, i);
    assert_string_equal(p.path, q.path);
    assert_string_equal(p.unit, q.unit);
    assert_string_equal(p.doc, q.doc);
    same_number(p.path, small_value(a, p.path), small_value(b, p.path));
  }
  assert_int_equal(tau_result_n_balances(a), tau_result_n_balances(b));
  for (int i = 0; i < tau_result_n_balances(a); i++) {
    const tau_balance p = tau_result_balance(a, i), q = tau_result_balance(b, i);
    assert_string_equal(p.name, q.name);
    same_numbers(p.name, (const double[]){p.in, p.out, p.error}, (const double[]){q.in, q.out, q.error}, 3);
  }
}

static void same_stream(const char *what, tau_stream a, tau_stream b, int n_species)
{
  same_numbers(what, a.c, b.c, n_species);
  same_numbers(what, a.F, b.F, n_species);
  same_numbers(what, (const double[]){a.T, a.P, a.flow, a.mass_flow},
               (const double[]){b.T, b.P, b.flow, b.mass_flow}, 4);
}

static void same_profile(tau_profile a, tau_profile b, int n_species, int n_reactions)
{
  assert_string_equal(a.coordinate, b.coordinate);
  assert_string_equal(a.coordinate_unit, b.coordinate_unit);
  assert_int_equal(a.n_points, b.n_points);
  same_numbers("positions", a.position, b.position, a.n_points);
  same_numbers("c", a.c, b.c, a.n_points * n_species);
  same_numbers("T", a.T, b.T, a.n_points);
  same_numbers("flow", a.flow, b.flow, a.n_points);
  same_numbers("rate", a.rate, b.rate, a.n_points * n_reactions);
  same_numbers("heat_rate", a.heat_rate, b.heat_rate, a.n_points);
}

static void same_units(const tau_result *a, const tau_result *b)
{
  const int n = tau_result_n_species(a), m = tau_result_n_reactions(a);
  assert_int_equal(tau_result_n_units(a), tau_result_n_units(b));
  for (int u = 0; u < tau_result_n_units(a); u++) {
    const char *name = tau_result_unit(a, u);
    const tau_statistics p = tau_result_statistics(a, u), q = tau_result_statistics(b, u);
    assert_string_equal(name, tau_result_unit(b, u));
    assert_string_equal(tau_result_unit_kind(a, u), tau_result_unit_kind(b, u));
    assert_int_equal(tau_result_unit_index(b, name), u);
    assert_string_equal(p.method, q.method);
    assert_memory_equal(&p, &q, offsetof(tau_statistics, method));
    same_profile(tau_result_profile(a, u), tau_result_profile(b, u), n, m);
    same_stream(name, tau_result_inlet(a, u), tau_result_inlet(b, u), n);
    same_numbers(name, a->data + a->layout->units[u].scalars, b->data + b->layout->units[u].scalars,
                 TAUP_N_SCALARS);
    assert_int_equal(tau_result_n_outlets(a, u), tau_result_n_outlets(b, u));
    for (int k = 0; k < tau_result_n_outlets(a, u); k++) {
      assert_string_equal(tau_result_outlet_name(a, u, k), tau_result_outlet_name(b, u, k));
      same_stream(name, tau_result_outlet(a, u, k), tau_result_outlet(b, u, k), n);
    }
  }
}

static void same(const tau_result *a, const tau_result *b)
{
  same_names(a, b);
  same_tables(a, b);
  same_units(a, b);
  same_numbers("options", (const double[]){a->rtol, a->atol, a->max_time, a->wall_time},
               (const double[]){b->rtol, b->atol, b->max_time, b->wall_time}, 4);
  assert_int_equal(a->max_steps, b->max_steps);
}

/* There and back, and there and back again. Takes r over. */
static void round_trip(tau_result *r)
{
  const char *file = in_folder("there.h5");
  save(r, file);
  tau_result *once = load(file);
  same(r, once);
  save(once, file);
  tau_result *twice = load(file);
  same(r, twice);
  tau_result_free(twice);
  tau_result_free(once);
  tau_result_free(r);
  assert_int_equal(unlink(file), 0);
}

static void a_train_comes_back_bit_for_bit(void **state)
{
  (void)state;
  tau_result *r = small_result(train_text);
  assert_int_equal(tau_result_n_outlets(r, tau_result_unit_index(r, "split")), 2);
  round_trip(r);
}

static void a_batch_comes_back_bit_for_bit(void **state)
{
  (void)state;
  round_trip(small_result(batch_text));
}

static void a_mixer_without_reactions_comes_back(void **state)
{
  (void)state;
  round_trip(small_result("tautrain: 1\nspecies: {A: {}}\n"
                          "feeds: {f: {flow: 1 mL/min, temperature: 25 degC, concentration: {A: 1 mol/L}}}\n"
                          "units: {m: {type: mixer, in: [f]}}\n"));
}

static tau_result *run_badly(const char *text, double max_time, int max_steps, tau_status want)
{
  tau_train *train = small_train(text);
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  tau_result *r = NULL;
  options.max_time = max_time;
  options.max_steps = max_steps;
  assert_int_equal(tau_train_run(&r, train, NULL, &options), want);
  tau_train_free(train);
  return r;
}

static void what_there_is_of_a_failed_run_comes_back(void **state)
{
  (void)state;
  round_trip(run_badly(two_coils, 0.0, 0, TAU_STOPPED_TIME)); /* nothing was reached: profiles of no points */
  round_trip(run_badly(two_coils, -1.0, 3, TAU_E_SOLVER));
}

static void a_message_cut_within_a_character_is_stored_up_to_it(void **state)
{
  (void)state;
  tau_result *r = small_result(batch_text);
  memset(r->message, 'x', sizeof r->message - 1);
  memcpy(r->message + sizeof r->message - 2, "\xc3", 2);
  save(r, in_folder("cut.h5"));
  tau_result *back = load(in_folder("cut.h5"));
  assert_int_equal(strlen(back->message), sizeof r->message - 2);
  tau_result_free(back);
  tau_result_free(r);
  unlink(in_folder("cut.h5"));
}

/* --- writing --- */

static void a_file_that_is_there_stays_unless_asked(void **state)
{
  (void)state;
  tau_result *r = small_result(batch_text);
  const char *file = in_folder("kept.h5");
  write_bytes(file, "mine", 4);
  assert_int_equal(tau_result_save(r, file, NULL, false), TAU_E_EXISTS);
  size_t n = 0;
  char *bytes = read_bytes(file, &n);
  assert_int_equal(n, 4);
  taup_free(bytes);
  assert_int_equal(tau_result_save(r, file, NULL, true), TAU_OK);
  tau_result *back = load(file);
  same(r, back);
  tau_result_free(back);
  tau_result_free(r);
  assert_int_equal(count_files(), 1);
  unlink(file);
}

static void assert_not_saved(const tau_result *r, const char *file, const char *part)
{
  const int before = count_files();
  const tau_status st = tau_result_save(r, file, NULL, true);
  if (st != TAU_E_IO || !strstr(tau_last_error(), part) || strchr(tau_last_error(), '\n'))
    fail_msg("%s: %s: %s", file, tau_status_name(st), tau_last_error());
  assert_int_equal(count_files(), before); /* nothing temporary stays */
}

/* A limit on the size of files stands for a full disk: the write stops half-way. SIGXFSZ is ignored in
 * main(). */
static void what_cannot_be_written_says_so_in_one_line(void **state)
{
  (void)state;
  tau_result *r = small_result(batch_text);
  struct rlimit old;
  write_bytes(in_folder("file"), "x", 1);
  assert_not_saved(r, in_folder("no/r.h5"), "No such file or directory");
  assert_not_saved(r, in_folder("file/r.h5"), "Not a directory");
  assert_not_saved(r, folder(), "no regular file");
  assert_int_equal(mkdir(in_folder("closed"), 0555), 0);
  if (geteuid() != 0) assert_not_saved(r, in_folder("closed/r.h5"), "Permission denied");
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  const struct rlimit small = {8192, old.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  assert_not_saved(r, in_folder("full.h5"), "File too large");
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
  tau_result_free(r);
  unlink(in_folder("file"));
  rmdir(in_folder("closed"));
}

/* A chain S0 -> S1 -> ... of 1000 species in a tube. */
static void a_large_network_is_saved_and_loaded_in_time(void **state)
{
  (void)state;
  enum { N = 1000, ROOM = 256 * 1024 };
  char *text = calloc(ROOM, 1);
  int n = snprintf(text, ROOM, "tautrain: 1\nsolver: {rtol: 1e-4}\nspecies:\n");
  for (int i = 0; i < N; i++) n += snprintf(text + n, (size_t)(ROOM - n), "  S%d: {}\n", i);
  n += snprintf(text + n, (size_t)(ROOM - n), "reactions:\n");
  for (int i = 0; i + 1 < N; i++)
    n += snprintf(text + n, (size_t)(ROOM - n), "  r%d: {equation: S%d -> S%d, k: 0.1 1/s}\n", i, i, i + 1);
  snprintf(text + n, (size_t)(ROOM - n),
           "feeds: {f: {flow: 1 mL/min, temperature: 25 degC, concentration: {S0: 1 mol/L}}}\nunits: {u: "
           "{type: pfr, in: f, volume: 1 mL}}\n");
  tau_result *r = small_result(text);
  struct timespec t[3];
  struct stat there;
  timespec_get(&t[0], TIME_UTC);
  save(r, in_folder("large.h5"));
  timespec_get(&t[1], TIME_UTC);
  tau_result *back = load(in_folder("large.h5"));
  timespec_get(&t[2], TIME_UTC);
  same(r, back);
  double seconds[2];
  for (int k = 0; k < 2; k++)
    seconds[k] = (double)(t[k + 1].tv_sec - t[k].tv_sec) + 1e-9 * (double)(t[k + 1].tv_nsec - t[k].tv_nsec);
  assert_int_equal(stat(in_folder("large.h5"), &there), 0);
  print_message("1000 species: %.1f MB saved in %.0f ms, loaded in %.0f ms\n", 1e-6 * (double)there.st_size,
                1e3 * seconds[0], 1e3 * seconds[1]);
  assert_true(seconds[0] < 10.0 &&
              seconds[1] < 10.0); /* some 0.1 s: this finds a cost that grows with the square */
  tau_result_free(back);
  tau_result_free(r);
  free(text);
  unlink(in_folder("large.h5"));
}

typedef struct worker {
  pthread_t thread;
  const tau_result *r;
  char file[128];
  int n_wrong;
} worker;

static void *save_and_load(void *user)
{
  worker *w = user;
  for (int k = 0; k < 10; k++) {
    tau_result *back = NULL;
    if (tau_result_save(w->r, w->file, "thread", true) < 0 || tau_result_load(&back, w->file) < 0 ||
        memcmp(tau_result_values(back), tau_result_values(w->r),
               (size_t)tau_result_n_observables(back) * sizeof(double)) != 0)
      w->n_wrong++;
    tau_result_free(back);
  }
  return NULL;
}

static void threads_save_and_load_at_once(void **state)
{
  (void)state;
  enum { N = 4 };
  worker w[N];
  tau_result *r = small_result(train_text);
  for (int i = 0; i < N; i++) {
    w[i] = (worker){.r = r};
    snprintf(w[i].file, sizeof w[i].file, "%s/thread-%d.h5", folder(), i);
    assert_int_equal(pthread_create(&w[i].thread, NULL, save_and_load, &w[i]), 0);
  }
  for (int i = 0; i < N; i++) {
    assert_int_equal(pthread_join(w[i].thread, NULL), 0);
    assert_int_equal(w[i].n_wrong, 0);
    unlink(w[i].file);
  }
  tau_result_free(r);
}

/* --- memory --- */

static void saving_and_loading_survive_any_refused_request(void **state)
{
  (void)state;
  const char *file = in_folder("memory.h5");
  tau_result *r = small_result(train_text);
  save(r, file);
  for (int loading = 0; loading < 2; loading++) {
    long n = 1;
    for (long k = 0; k <= n; k++) {
      ledger l;
      tau_result *back = NULL;
      ledger_open(&l, k);
      const tau_status st = loading ? tau_result_load(&back, file) : tau_result_save(r, file, NULL, true);
      tau_result_free(back);
      ledger_close();
      if (!k) n = l.n_requests;
      if (st != (k ? TAU_E_NOMEM : TAU_OK) || l.n_alive != 0)
        fail_msg("loading %d, request %ld of %ld: %s (%s), %ld blocks left", loading, k, n,
                 tau_status_name(st), tau_last_error(), l.n_alive);
    }
    assert_true(n > 10);
    assert_int_equal(count_files(), 1);
  }
  tau_result_free(r);
  unlink(file);
}

/* --- SHA-256 --- */

/* FIPS 180-2, appendix B: "abc", two blocks, a million times "a"; and nothing (NIST CAVP, SHA256ShortMsg, Len
 * = 0). */
static void digests_are_those_of_the_standard(void **state)
{
  (void)state;
  char text[TAUP_SHA256_TEXT];
  char *a = malloc(1000000);
  memset(a, 'a', 1000000);
  assert_string_equal(taup_sha256(text, "abc", 3),
                      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert_string_equal(taup_sha256(text, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56),
                      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  assert_string_equal(taup_sha256(text, a, 1000000),
                      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  assert_string_equal(taup_sha256(text, NULL, 0),
                      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  free(a);
}

int main(void)
{
  signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error of write(), as a full disk is */
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_train_comes_back_bit_for_bit),
    cmocka_unit_test(a_batch_comes_back_bit_for_bit),
    cmocka_unit_test(a_mixer_without_reactions_comes_back),
    cmocka_unit_test(what_there_is_of_a_failed_run_comes_back),
    cmocka_unit_test(a_message_cut_within_a_character_is_stored_up_to_it),
    cmocka_unit_test(a_file_that_is_there_stays_unless_asked),
    cmocka_unit_test(what_cannot_be_written_says_so_in_one_line),
    cmocka_unit_test(a_large_network_is_saved_and_loaded_in_time),
    cmocka_unit_test(threads_save_and_load_at_once),
    cmocka_unit_test(saving_and_loading_survive_any_refused_request),
    cmocka_unit_test(digests_are_those_of_the_standard),
  };
  return cmocka_run_group_tests(tests, NULL, remove_folder);
}
