/* SPDX-License-Identifier: Apache-2.0 */
/* dispersion.c - axial dispersion in a vessel whose ends are closed or open to it.
 *
 *     a = sqrt(1 + 4 s tau/Pe),   tau = volume over flow,   Pe = u L/D,   x = 2 s tau/(1 + a) = Pe (a - 1)/2
 *     closed, closed    G = exp(-x) / (1 + (a - 1)^2 T/(2 a (1 + T))),   T = tanh(a Pe/2)
 *     one of them open  G = 2 exp(-x)/(1 + a)
 *     open, open        G = exp(-x)/a
 *
 * The first is 4 a exp(Pe/2)/((1 + a)^2 exp(a Pe/2) - (1 - a)^2 exp(-a Pe/2)) with its exponentials divided out:
 * nothing overflows for any Pe, and no two large numbers are subtracted (2 T/(1 + T) = 1 - exp(-a Pe)).
 * E. Th. van der Laan, Chem. Eng. Sci. 7 (1958) 187, doi 10.1016/0009-2509(58)80025-1; closed: S. Yagi and
 * T. Miyauchi, Kagaku Kogaku 17 (1953) 382; H. Brenner, Chem. Eng. Sci. 17 (1962) 229; open: O. Levenspiel and
 * W. K. Smith, Chem. Eng. Sci. 6 (1957) 227.
 *
 * Singularities. Open: the branch point a = 0, s = -Pe/(4 tau). Closed: G is even in a, there is none; poles at
 * a = 2 i mu/Pe, 2 U mu cos mu = (mu^2 - U^2) sin mu, U = Pe/2, the first with mu in (0, pi), s = -(U^2 + mu^2)/(Pe tau). */
#include <float.h>

#include "num/root.h"
#include "rtd/rtd.h"

enum { MEAN, PECLET, N_FIELDS };

#define PECLET_FIELD                                                                              \
  {                                                                                               \
    "peclet", TAUP_INIT_NONE, 1e-3, 1e6, NAN, 0, "Pe = u L/D: velocity, length, axial dispersion" \
  }

static const taup_field fields[N_FIELDS] = {
  [MEAN] = {"mean", TAUP_INIT_TIME, 0.0, DBL_MAX, NAN, TAUP_FIELD_POSITIVE, "mean residence time"},
  [PECLET] = PECLET_FIELD,
};

static const taup_field open_fields[N_FIELDS] = {
  [MEAN] =
    {"mean", TAUP_INIT_TIME, 0.0, DBL_MAX, NAN, TAUP_FIELD_POSITIVE,
     "volume over flow; tracer that diffuses over an open end stays longer: by 1/Pe of it for each such end"},
  [PECLET] = PECLET_FIELD,
};

typedef struct roots {
  taup_node one, a, x; /* x = 2 s tau/(1 + a) */
} roots;

static roots roots_of(taup_graph *g, taup_node s, taup_node mean, taup_node peclet)
{
  roots r = {.one = taup_number(g, 1.0)};
  const taup_node s_tau = taup_mul(g, s, mean);
  r.a = taup_sqrt(g, taup_add(g, r.one, taup_scale(g, 4.0, taup_div(g, s_tau, peclet))));
  r.x = taup_scale(g, 2.0, taup_div(g, s_tau, taup_add(g, r.one, r.a)));
  return r;
}

/* --- closed at both ends --- */

taup_node taup_rtd_closed_vessel(taup_graph *g, taup_node s, taup_node mean, taup_node peclet)
{
  const roots r = roots_of(g, s, mean, peclet);
  const taup_node less = taup_scale(g, 2.0, taup_div(g, r.x, peclet)); /* a - 1 */
  const taup_node T = taup_tanh(g, taup_scale(g, 0.5, taup_mul(g, r.a, peclet)));
  const taup_node below = taup_scale(g, 2.0, taup_mul(g, r.a, taup_add(g, r.one, T)));
  const taup_node more = taup_div(g, taup_product(g, 3, (taup_node[]){less, less, T}), below);
  return taup_neg(g, taup_add(g, r.x, taup_log(g, taup_add(g, r.one, more))));
}

static double first_pole(void *user, double mu)
{
  const double U = *(const double *)user;
  return 2.0 * U * mu * cos(mu) - (mu * mu - U * U) * sin(mu);
}

/* Above 0 for small mu (2 U + U^2), below at pi. */
double taup_rtd_closed_vessel_edge(double mean, double peclet)
{
  double U = 0.5 * peclet;
  const double low = 1e-9, high = 3.14159265358979312;
  const double mu =
    taup_bracketed_root(first_pole, &U, low, first_pole(&U, low), high, first_pole(&U, high), 1e-15);
  return -(U * U + mu * mu) / (peclet * mean);
}

/* 2 (Pe - 1 + exp(-Pe))/Pe^2 and 12 (Pe - 2 + (Pe + 2) exp(-Pe))/Pe^3; by their series below Pe = 1. */
void taup_rtd_closed_vessel_cumulants(double mean, double peclet, double k[3])
{
  double second = 2.0 * (peclet + expm1(-peclet)) / (peclet * peclet);
  double third = 12.0 * (peclet - 2.0 + (peclet + 2.0) * exp(-peclet)) / (peclet * peclet * peclet);
  if (peclet < 1.0) {
    second = third = 0.0;
    double power = 0.5; /* (-Pe)^j/(j + 2)! */
    for (int j = 0; j < 20; j++) {
      second += 2.0 * power;
      third += 12.0 * power * (j + 1) / (j + 3); /* of exp(-Pe): Pe/(j+2)! and 2/(j+3)! together */
      power *= -peclet / (j + 3);
    }
  }
  k[0] = mean;
  k[1] = second * mean * mean;
  k[2] = third * mean * mean * mean;
}

static taup_node closed(taup_graph *g, taup_node s, const taup_node *p)
{
  return taup_rtd_closed_vessel(g, s, p[MEAN], p[PECLET]);
}

static double closed_edge(const double *p) { return taup_rtd_closed_vessel_edge(p[MEAN], p[PECLET]); }

static void closed_cumulants(const double *p, double k[3])
{
  taup_rtd_closed_vessel_cumulants(p[MEAN], p[PECLET], k);
}

const taup_rtd_row taup_rtd_dispersion = {
  .name = "dispersion",
  .doc = "Axial dispersion, closed at both ends: no tracer diffuses back over inlet or outlet (E. Th. van "
         "der Laan, "
         "Chem. Eng. Sci. 7 (1958) 187).",
  .fields = fields,
  .n_fields = N_FIELDS,
  .log_transform = closed,
  .edge = closed_edge,
  .cumulants = closed_cumulants,
};

/* --- open at one end, at both --- */

static double open_edge(const double *p) { return -0.25 * p[PECLET] / p[MEAN]; }

static taup_node half_open(taup_graph *g, taup_node s, const taup_node *p)
{
  const roots r = roots_of(g, s, p[MEAN], p[PECLET]);
  const taup_node half = taup_scale(g, 0.5, taup_add(g, r.one, r.a));
  return taup_neg(g, taup_add(g, r.x, taup_log(g, half)));
}

static taup_node open(taup_graph *g, taup_node s, const taup_node *p)
{
  const roots r = roots_of(g, s, p[MEAN], p[PECLET]);
  return taup_neg(g, taup_add(g, r.x, taup_log(g, r.a)));
}

/* mean^j times a polynomial in y = 1/Pe: from ln G, with n_open open ends. */
static void half_open_cumulants(const double *p, double k[3])
{
  const double y = 1.0 / p[PECLET], m = p[MEAN];
  k[0] = m * (1.0 + y);
  k[1] = m * m * y * (2.0 + 3.0 * y);
  k[2] = m * m * m * y * y * (12.0 + 20.0 * y);
}

static void open_cumulants(const double *p, double k[3])
{
  const double y = 1.0 / p[PECLET], m = p[MEAN];
  k[0] = m * (1.0 + 2.0 * y);
  k[1] = m * m * y * (2.0 + 8.0 * y);
  k[2] = m * m * m * y * y * (12.0 + 64.0 * y);
}

const taup_rtd_row taup_rtd_dispersion_open = {
  .name = "dispersion-open",
  .doc = "Axial dispersion, open at both ends: the vessel is a piece of a longer one (O. Levenspiel and W. "
         "K. Smith, "
         "Chem. Eng. Sci. 6 (1957) 227).",
  .fields = open_fields,
  .n_fields = N_FIELDS,
  .log_transform = open,
  .edge = open_edge,
  .cumulants = open_cumulants,
};

const taup_rtd_row taup_rtd_dispersion_open_closed = {
  .name = "dispersion-open-closed",
  .doc = "Axial dispersion, open at the inlet and closed at the outlet (E. Th. van der Laan, Chem. Eng. Sci. "
         "7 (1958) "
         "187); the same distribution as the other way round.",
  .fields = open_fields,
  .n_fields = N_FIELDS,
  .log_transform = half_open,
  .edge = open_edge,
  .cumulants = half_open_cumulants,
};

const taup_rtd_row taup_rtd_dispersion_closed_open = {
  .name = "dispersion-closed-open",
  .doc = "Axial dispersion, closed at the inlet and open at the outlet (E. Th. van der Laan, Chem. Eng. Sci. "
         "7 (1958) "
         "187).",
  .fields = open_fields,
  .n_fields = N_FIELDS,
  .log_transform = half_open,
  .edge = open_edge,
  .cumulants = half_open_cumulants,
};
