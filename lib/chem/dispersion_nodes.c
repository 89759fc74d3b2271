/* SPDX-License-Identifier: Apache-2.0 */
/* dispersion_nodes.c - D_ax of a tube as nodes, so that it has exact derivatives and stands in the equations of a unit.
 *
 *     straight, Re < 2100          D_ax = D_m (1 + (u d/D_m)^2/192)                                   Re = u d/nu
 *     straight, 2100 <= Re < 2e4   D_ax = u d (3e7/Re^2.1 + 1.35/Re^(1/8))
 *     straight, 2e4 <= Re          D_ax = 10.1 (d/2) u / ((0.790 ln Re - 1.64) sqrt(8))
 *     packed                       D_ax = u d_p / (0.2 + 0.011 Re^0.48)                               Re = u d_p/nu
 *
 * The relations, their sources and ranges are those of dispersion.c, which evaluates them without memory of its own; a test compares the
 * two (tests/unit/test_tube.c). D_ax jumps where one relation takes over from another. */
#include "chem/dispersion_nodes.h"

static taup_node reynolds(taup_graph *g, const taup_flow_nodes *f)
{
  return taup_div(g, taup_mul(g, f->velocity, f->diameter), f->nu);
}

static taup_node taylor_aris(taup_graph *g, const taup_flow_nodes *f)
{
  const taup_node pe = taup_div(g, taup_mul(g, f->velocity, f->diameter), f->diffusivity);
  const taup_node ratio = taup_add(g, taup_number(g, 1.0), taup_scale(g, 1.0 / 192.0, taup_powi(g, pe, 2.0)));
  return taup_mul(g, f->diffusivity, ratio);
}

static taup_node wen_fan(taup_graph *g, const taup_flow_nodes *f, taup_node re)
{
  const taup_node terms[2] = {taup_pow(g, re, taup_number(g, -2.1)), taup_pow(g, re, taup_number(g, -0.125))};
  return taup_product(g, 3,
                      (taup_node[]){f->velocity, f->diameter, taup_sum(g, 2, (double[]){3e7, 1.35}, terms)});
}

/* f = (0.790 ln Re - 1.64)^-2; R = d/2. */
static taup_node taylor_turbulent(taup_graph *g, const taup_flow_nodes *f, taup_node re)
{
  const taup_node inverse_root =
    taup_sum(g, 2, (double[]){0.790, -1.64}, (taup_node[]){taup_log(g, re), taup_number(g, 1.0)});
  const taup_node ud = taup_mul(g, f->velocity, f->diameter);
  return taup_scale(g, 10.1 * 0.5 / 2.8284271247461900976, taup_div(g, ud, inverse_root));
}

taup_node taup_dispersion_straight(taup_graph *g, const taup_flow_nodes *f)
{
  const taup_node re = reynolds(g, f);
  const taup_node turbulent =
    taup_select(g, taup_number(g, 2e4), re, wen_fan(g, f, re), taylor_turbulent(g, f, re));
  return taup_select(g, taup_number(g, 2100.0), re, taylor_aris(g, f), turbulent);
}

taup_node taup_dispersion_packed(taup_graph *g, const taup_flow_nodes *f)
{
  const taup_node terms[2] = {taup_number(g, 1.0), taup_pow(g, reynolds(g, f), taup_number(g, 0.48))};
  return taup_div(g, taup_mul(g, f->velocity, f->diameter), taup_sum(g, 2, (double[]){0.2, 0.011}, terms));
}
