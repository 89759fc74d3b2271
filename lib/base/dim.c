/* SPDX-License-Identifier: Apache-2.0 */
/* dim.c - invariant: exponents are rounded to 1/1000, so that equal dimensions are equal bit by bit. */
#include "base/dim.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static float rounded(double x)
{
  const double r = round(x * 1000.0) / 1000.0;
  return (float)(r == 0.0 ? 0.0 : r); /* no -0 */
}

bool taup_dim_equal(taup_dim a, taup_dim b)
{
  for (int i = 0; i < TAUP_N_BASE; i++)
    if (a.exponent[i] != b.exponent[i]) return false;
  return true;
}

bool taup_dim_is_none(taup_dim a) { return taup_dim_equal(a, TAUP_DIM_NONE); }

taup_dim taup_dim_multiply(taup_dim a, taup_dim b)
{
  for (int i = 0; i < TAUP_N_BASE; i++)
    a.exponent[i] = rounded((double)a.exponent[i] + (double)b.exponent[i]);
  return a;
}

taup_dim taup_dim_divide(taup_dim a, taup_dim b) { return taup_dim_multiply(a, taup_dim_power(b, -1.0)); }

taup_dim taup_dim_power(taup_dim a, double exponent)
{
  for (int i = 0; i < TAUP_N_BASE; i++) a.exponent[i] = rounded((double)a.exponent[i] * exponent);
  return a;
}

static const struct {
  const char *name;
  taup_dim dim;
} derived[] = {
  {"W", {{2, 1, -3, 0, 0, 0, 0}}},
  {"J", {{2, 1, -2, 0, 0, 0, 0}}},
  {"Pa", {{-1, 1, -2, 0, 0, 0, 0}}},
};

/* Energy and power read better as J and W; what is left beside them must be simple. */
static const char *derived_name(taup_dim *rest, taup_dim dim)
{
  *rest = dim;
  if (dim.exponent[TAUP_KG] != 1.0f) return NULL;
  for (size_t k = 0; k < sizeof derived / sizeof derived[0]; k++) /* the whole first: Pa, not J/m^3 */
    if (taup_dim_equal(dim, derived[k].dim)) {
      *rest = TAUP_DIM_NONE;
      return derived[k].name;
    }
  for (size_t k = 0; k < sizeof derived / sizeof derived[0]; k++) {
    const taup_dim left = taup_dim_divide(dim, derived[k].dim);
    if (left.exponent[TAUP_S] == 0.0f && left.exponent[TAUP_M] <= 0.0f) {
      *rest = left;
      return derived[k].name;
    }
  }
  return NULL;
}

static size_t add(char *buffer, size_t n_bytes, size_t at, const char *separator, const char *name,
                  double power)
{
  char piece[40];
  if (power == 1.0) snprintf(piece, sizeof piece, "%s%s", separator, name);
  else snprintf(piece, sizeof piece, "%s%s^%.6g", separator, name, power);
  if (at < n_bytes) snprintf(buffer + at, n_bytes - at, "%s", piece);
  return at + strlen(piece);
}

const char *taup_dim_text(char *buffer, size_t n_bytes, taup_dim dim)
{
  static const char *const names[TAUP_N_BASE] = {"m", "kg", "s", "K", "mol", "A", "cd"};
  static const int order[TAUP_N_BASE] = {TAUP_KG, TAUP_MOL, TAUP_M, TAUP_S, TAUP_K, TAUP_A, TAUP_CD};
  static const int under[TAUP_N_BASE] = {TAUP_KG, TAUP_M, TAUP_MOL, TAUP_S, TAUP_K, TAUP_A, TAUP_CD};
  size_t at = 0;
  taup_dim rest;
  buffer[0] = '\0';
  /* J/kg/K has no kilogram of its own left */
  const taup_dim per_mass = {{2, 0, -2, dim.exponent[TAUP_K], 0, 0, 0}};
  const char *energy = derived_name(&rest, dim);
  if (!energy && dim.exponent[TAUP_K] <= 0.0f && taup_dim_equal(dim, per_mass)) {
    energy = "J";
    rest = (taup_dim){{0, -1, 0, dim.exponent[TAUP_K], 0, 0, 0}};
  }
  if (energy) at = add(buffer, n_bytes, at, "", energy, 1.0);
  for (int k = 0; k < TAUP_N_BASE; k++)
    if (rest.exponent[order[k]] > 0.0f)
      at = add(buffer, n_bytes, at, at ? " " : "", names[order[k]], (double)rest.exponent[order[k]]);
  bool none_above = at == 0;
  for (int k = 0; k < TAUP_N_BASE; k++)
    if (rest.exponent[under[k]] < 0.0f) {
      at =
        add(buffer, n_bytes, at, none_above ? "1/" : "/", names[under[k]], -(double)rest.exponent[under[k]]);
      none_above = false;
    }
  return buffer;
}
