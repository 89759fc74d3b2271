/* SPDX-License-Identifier: Apache-2.0 */
/* pfr_dispersed.c - a tube with dispersion along it: the local balance of plug flow, another transport.
 *
 *     N_i = Q c_i - A D_ax dc_i/dx        dN_i/dV = sum_j nu_ij r_j                              [mol/s, mol/s/m^3]
 *     H = rho cp (Q T - A D_ax dT/dx)     dH/dV   = sum_j (-dH_j) r_j + U a (T_wall - T)         [W, W/m^3]
 *     N_i(0) = F_i,in, H(0) = H_in        dc_i/dx = dT/dx = 0 at the outlet
 *
 * P. V. Danckwerts, Chem. Eng. Sci. 2 (1953) 1. With open ends the steady reactor is the same: J. F. Wehner, R. H. Wilhelm, Chem. Eng.
 * Sci. 6 (1956) 89. The volume flow Q must be the same all along the tube.
 *
 * D_ax is given, follows from Pe = Q V / (A^2 D_ax), or from a relation of chem/dispersion_nodes.h (`tube:`); A is the cross-section of the
 * liquid, pi/4 d^2, of a packed tube its void fraction of that. */
#include <float.h>

#include "reactor/builder.h"

enum {
  VOLUME,
  RESIDENCE_TIME,
  LENGTH,
  DIAMETER,
  PECLET,
  DISPERSION,
  DIFFUSIVITY,
  VISCOSITY,
  PARTICLE_DIAMETER,
  VOID_FRACTION,
  N_FIELDS
};

#define ONE_OF (TAUP_FIELD_ALTERNATIVE | TAUP_FIELD_OPTIONAL | TAUP_FIELD_POSITIVE)
#define MAY_BE (TAUP_FIELD_OPTIONAL | TAUP_FIELD_POSITIVE)
#define OF_FLOW (MAY_BE | TAUP_FIELD_RELATION)
#define ONE_OF_2 (TAUP_FIELD_ALTERNATIVE_2 | TAUP_FIELD_OPTIONAL | TAUP_FIELD_POSITIVE)

static const taup_field fields[N_FIELDS] = {
  [VOLUME] = {"volume", TAUP_INIT_VOLUME, 0.0, DBL_MAX, NAN, ONE_OF, "volume of the tube"},
  [RESIDENCE_TIME] = {"residence_time", TAUP_INIT_TIME, 0.0, DBL_MAX, NAN, ONE_OF,
                      "space time: volume over the flow that comes in"},
  [LENGTH] = {"length", TAUP_INIT_LENGTH, 0.0, DBL_MAX, NAN, ONE_OF, "length of the tube, with its diameter"},
  [DIAMETER] = {"diameter", TAUP_INIT_LENGTH, 0.0, DBL_MAX, NAN, MAY_BE, "inner diameter of the tube"},
  [PECLET] = {"peclet", TAUP_INIT_NONE, 0.0, DBL_MAX, NAN, ONE_OF_2, "Pe = u L / D_ax"},
  [DISPERSION] = {"dispersion", TAUP_INIT(2, 0, -1, 0, 0), 0.0, DBL_MAX, NAN, ONE_OF_2,
                  "coefficient of axial dispersion D_ax, with the tube's diameter"},
  [DIFFUSIVITY] = {"diffusivity", TAUP_INIT(2, 0, -1, 0, 0), 0.0, DBL_MAX, NAN, OF_FLOW,
                   "molecular diffusivity of what disperses; tube: straight needs it"},
  [VISCOSITY] = {"viscosity", TAUP_INIT(-1, 1, -1, 0, 0), 0.0, DBL_MAX, NAN, OF_FLOW,
                 "viscosity of the liquid in the tube; tube: needs it"},
  [PARTICLE_DIAMETER] = {"particle_diameter", TAUP_INIT_LENGTH, 0.0, DBL_MAX, NAN, OF_FLOW,
                         "of the particles of tube: packed"},
  [VOID_FRACTION] = {"void_fraction", TAUP_INIT_NONE, 0.0, 1.0, NAN, OF_FLOW,
                     "share of the liquid in tube: packed; its volume is that of the liquid"},
};

static void balance(taup_builder *b)
{
  static const taup_dispersing dispersing = {PECLET,      DISPERSION, DIAMETER,
                                             DIFFUSIVITY, VISCOSITY,  PARTICLE_DIAMETER};
  taup_builder_pack(b, VOID_FRACTION);
  taup_builder_size(b, taup_builder_volume(b, VOLUME, RESIDENCE_TIME, LENGTH, DIAMETER));
  taup_builder_react(b, DIAMETER);
  taup_builder_disperse(b, &dispersing);
}

const taup_unit_kind taup_pfr_dispersed = {
  .name = "pfr-dispersed",
  .doc =
    "A tube with axial dispersion of matter and heat, closed or open ends (Danckwerts, Chem. Eng. Sci. 2, "
    "1953, 1): by Pe, by D_ax, or by the relation of tube: straight or tube: packed.",
  .family = TAUP_DISTRIBUTED,
  .transport = TAUP_DISPERSED,
  .rtd = "dispersion",
  .flags = TAUP_UNIT_TUBE | TAUP_UNIT_AT | TAUP_UNIT_START | TAUP_UNIT_ENDS | TAUP_UNIT_RELATION,
  .fields = fields,
  .n_fields = N_FIELDS,
  .balance = balance,
};
