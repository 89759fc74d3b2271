/* SPDX-License-Identifier: Apache-2.0 */
/* solvent.c - density and enthalpy of the pure liquid as nodes of T.
 *
 * The equations and their units stand in solvent_table.c. The enthalpy is the integral of the heat
 * capacity, so that the heat capacity is its derivative to the last bit; with t = 1 - T/Tc, dT = -Tc dt:
 *
 *     DIPPR100   H = sum c_i T^(i+1) / (i+1)                                            [J/kmol]
 *     DIPPR114   H = -Tc (c0^2 ln t + c1 t - c0 c2 t^2 - c0 c3 t^3/3
 *                         - c2^2 t^4/12 - c2 c3 t^5/10 - c3^2 t^6/30)                   [J/kmol]
 *     h(T) = (H(T*) - H(298.15 K)) / (1000 M) + cp(T*) (T - T*)                         [J/kg]
 *
 * T* is T within the range of the equation, and its nearest end outside: there the heat capacity stays
 * what it is at the end, and so does the density. Near the critical point the density's slope is
 * infinite, so its range ends at 0.99 Tc.
 *
 * Sources: see the table (DIPPR 100, 105, 114 as in Perry's Handbook; PPDS 10 as in the VDI Heat Atlas). */
#include "chem/solvent.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define T_ZERO 298.15
#define BELOW_CRITICAL 0.99

/* --- names --- */

static bool is_alias(const char *aliases, const char *name)
{
  const size_t n = strlen(name);
  for (const char *at = aliases; at && *at;) {
    const size_t n_alias = strcspn(at, ",");
    if (n_alias == n && !strncasecmp(at, name, n)) return true;
    at += n_alias + (at[n_alias] == ',');
  }
  return false;
}

int taup_solvent_find(const char *name)
{
  for (int i = 0; i < taup_n_solvents; i++)
    if (!strcasecmp(taup_solvents[i].name, name) || is_alias(taup_solvents[i].aliases, name)) return i;
  return -1;
}

/* --- pieces --- */

/* T within [lower, upper], as a number of kelvins. */
static taup_node clamped(taup_graph *g, taup_node T, double lower, double upper)
{
  const taup_node above = taup_max(g, T, taup_const(g, lower, TAUP_DIM_TEMPERATURE));
  return taup_min(g, above, taup_const(g, upper, TAUP_DIM_TEMPERATURE));
}

static taup_node kelvins(taup_graph *g, taup_node T) { return taup_redim(g, T, TAUP_DIM_NONE); }

/* 1 - T/Tc */
static taup_node distance_to_critical(taup_graph *g, taup_node T, double T_critical)
{
  return taup_sub(g, taup_number(g, 1.0), taup_scale(g, 1.0 / T_critical, T));
}

/* c[0] + c[1] x + ... by Horner's rule */
static taup_node polynomial(taup_graph *g, int n, const double *c, taup_node x)
{
  taup_node sum = taup_number(g, c[n - 1]);
  for (int i = n - 2; i >= 0; i--) sum = taup_add(g, taup_number(g, c[i]), taup_mul(g, x, sum));
  return sum;
}

static double polynomial_value(int n, const double *c, double x)
{
  double sum = 0.0;
  for (int i = n - 1; i >= 0; i--) sum = c[i] + x * sum;
  return sum;
}

/* --- density --- */

/* M c0 / c1^(1 + t^c3) */
static taup_node density_dippr105(taup_graph *g, const taup_solvent *s, taup_node T)
{
  const double *c = s->density_c;
  const taup_node t = distance_to_critical(g, T, c[2]);
  const taup_node exponent = taup_add(g, taup_number(g, 1.0), taup_powi(g, t, c[3]));
  return taup_scale(g, s->molar_mass * c[0], taup_exp(g, taup_scale(g, -log(c[1]), exponent)));
}

static taup_node density_ppds10(taup_graph *g, const taup_solvent *s, taup_node T)
{
  const double *c = s->density_c, factors[5] = {c[5], c[0], c[1], c[2], c[3]};
  const taup_node t = distance_to_critical(g, T, c[4]);
  const taup_node terms[5] = {taup_number(g, 1.0), taup_powi(g, t, 0.35), taup_powi(g, t, 2.0 / 3.0), t,
                              taup_powi(g, t, 4.0 / 3.0)};
  return taup_sum(g, 5, factors, terms);
}

taup_node taup_solvent_density(taup_graph *g, const taup_solvent *solvent, taup_node T)
{
  if (solvent->density_form == TAUP_DENSITY_NONE)
    return taup_const(g, solvent->density_25C, TAUP_DIM_DENSITY);
  const bool dippr105 = solvent->density_form == TAUP_DENSITY_DIPPR105;
  const double T_critical = solvent->density_c[dippr105 ? 2 : 4];
  const double upper = fmin(solvent->density_T_max, BELOW_CRITICAL * T_critical);
  const taup_node x = kelvins(g, clamped(g, T, solvent->density_T_min, upper));
  return taup_redim(g, dippr105 ? density_dippr105(g, solvent, x) : density_ppds10(g, solvent, x),
                    TAUP_DIM_DENSITY);
}

/* --- enthalpy --- */

enum { N_CP = 5 };

/* A heat capacity [J/kmol/K] and its integral in a variable x: both are polynomials, and what DIPPR114
 * has besides. */
typedef struct cp_equation {
  double cp[N_CP + 1], H[N_CP + 2]; /* coefficients in x */
  int n_cp, n_H;
  double per_x, log_x; /* cp has per_x / x, H has log_x ln x; 0 for DIPPR100 */
  double T_critical;   /* x = 1 - T/Tc; 0: x = T */
} cp_equation;

static cp_equation dippr100(const double *c)
{
  cp_equation e = {.n_cp = N_CP, .n_H = N_CP + 1};
  for (int i = 0; i < N_CP; i++) {
    e.cp[i] = c[i];
    e.H[i + 1] = c[i] / (i + 1);
  }
  return e;
}

static cp_equation dippr114(const double *c)
{
  cp_equation e = {.cp = {c[1], -2 * c[0] * c[2], -c[0] * c[3], -c[2] * c[2] / 3, -c[2] * c[3] / 2,
                          -c[3] * c[3] / 5},
                   .n_cp = N_CP + 1,
                   .n_H = N_CP + 2,
                   .per_x = c[0] * c[0],
                   .T_critical = c[4]};
  for (int i = 0; i < e.n_cp; i++) e.H[i + 1] = -e.T_critical * e.cp[i] / (i + 1);
  e.log_x = -e.T_critical * e.per_x;
  return e;
}

static double H_value(const cp_equation *e, double T)
{
  const double x = e->T_critical > 0.0 ? 1.0 - T / e->T_critical : T;
  return polynomial_value(e->n_H, e->H, x) + (e->log_x != 0.0 ? e->log_x * log(x) : 0.0);
}

static taup_node H_node(taup_graph *g, const cp_equation *e, taup_node x)
{
  const taup_node H = polynomial(g, e->n_H, e->H, x);
  return e->log_x != 0.0 ? taup_add(g, H, taup_scale(g, e->log_x, taup_log(g, x))) : H;
}

static taup_node cp_node(taup_graph *g, const cp_equation *e, taup_node x)
{
  const taup_node cp = polynomial(g, e->n_cp, e->cp, x);
  return e->per_x != 0.0 ? taup_add(g, cp, taup_scale(g, e->per_x, taup_recip(g, x))) : cp;
}

taup_node taup_solvent_enthalpy(taup_graph *g, const taup_solvent *solvent, taup_node T)
{
  const taup_dim dim = taup_dim_multiply(TAUP_DIM_HEAT_CAPACITY, TAUP_DIM_TEMPERATURE);
  if (solvent->cp_form == TAUP_CP_NONE) {
    if (!isfinite(solvent->heat_capacity_25C))
      return taup_graph_fail(g, TAUP_ERR_MISSING_LIQUID,
                             "no heat capacity of %s is known; give it with `heat_capacity:`", solvent->name);
    const taup_node cp = taup_const(g, solvent->heat_capacity_25C, TAUP_DIM_HEAT_CAPACITY);
    return taup_mul(g, cp, taup_sub(g, T, taup_const(g, T_ZERO, TAUP_DIM_TEMPERATURE)));
  }
  const cp_equation e =
    solvent->cp_form == TAUP_CP_DIPPR100 ? dippr100(solvent->cp_c) : dippr114(solvent->cp_c);
  const taup_node inside = clamped(g, T, solvent->cp_T_min, solvent->cp_T_max);
  const taup_node x =
    e.T_critical > 0.0 ? distance_to_critical(g, kelvins(g, inside), e.T_critical) : kelvins(g, inside);
  const taup_node within = taup_sub(g, H_node(g, &e, x), taup_number(g, H_value(&e, T_ZERO)));
  const taup_node beyond = taup_mul(g, cp_node(g, &e, x), kelvins(g, taup_sub(g, T, inside)));
  return taup_redim(g, taup_scale(g, 1e-3 / solvent->molar_mass, taup_add(g, within, beyond)), dim);
}
