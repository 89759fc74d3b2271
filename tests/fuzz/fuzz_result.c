/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_result.c - any bytes as a results file. What loads is read from end to end. HDF5 itself is not instrumented. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tautrain.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/tmp/tautrain-fuzz-XXXXXX";

static void remove_file(void) { unlink(path); }

static double sum(int n, const double *x)
{
  double s = 0.0;
  for (int i = 0; i < n; i++) s += x[i];
  return s;
}

/* Touches every array and text, for the sanitizers. */
static double read_all(const tau_result *r)
{
  const int n = tau_result_n_species(r);
  double s = sum(tau_result_n_observables(r), tau_result_values(r));
  for (int i = 0; i < tau_result_n_observables(r); i++) s += (double)strlen(tau_result_observable(r, i).path);
  for (int i = 0; i < tau_result_n_parameters(r); i++)
    s += tau_result_parameter(r, i).value + (double)strlen(tau_result_parameter(r, i).path);
  for (int i = 0; i < n; i++) s += (double)strlen(tau_result_species(r, i));
  for (int i = 0; i < tau_result_n_balances(r); i++)
    s += tau_result_balance(r, i).in + (double)strlen(tau_result_balance(r, i).name);
  for (int u = 0; u < tau_result_n_units(r); u++) {
    const tau_profile p = tau_result_profile(r, u);
    s += (double)strlen(tau_result_unit_kind(r, u)) + sum(n, tau_result_inlet(r, u).c) +
         sum(n, tau_result_inlet(r, u).F);
    for (int k = 0; k < tau_result_n_outlets(r, u); k++)
      s += sum(n, tau_result_outlet(r, u, k).F) + (double)strlen(tau_result_outlet_name(r, u, k));
    if (p.n_points > 0)
      s += sum(p.n_points, p.position) + sum(p.n_points * n, p.c) +
           sum(p.n_points * tau_result_n_reactions(r), p.rate);
  }
  return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static int file = -1;
  static volatile double keep;
  tau_result *r = NULL;
  if (file < 0) {
    file = mkstemp(path);
    atexit(remove_file);
  }
  if (file < 0 || ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != (ssize_t)size) return 0;
  const tau_status st = tau_result_load(&r, path);
  if ((st == TAU_OK) != (r != NULL)) abort();
  if (r) keep = read_all(r);
  tau_result_free(r);
  return 0;
}
