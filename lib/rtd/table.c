/* SPDX-License-Identifier: Apache-2.0 */
/* table.c - the models of residence time, one row each, in the order of the documentation. */
#include "rtd/rtd.h"

extern const taup_rtd_row taup_rtd_plug, taup_rtd_tanks, taup_rtd_dispersion, taup_rtd_dispersion_open,
  taup_rtd_dispersion_open_closed, taup_rtd_dispersion_closed_open, taup_rtd_laminar, taup_rtd_taylor_aris,
  taup_rtd_compartment, taup_rtd_tank_exchange;

const taup_rtd_row *const taup_rtd_rows[] = {
  &taup_rtd_plug,
  &taup_rtd_tanks,
  &taup_rtd_dispersion,
  &taup_rtd_dispersion_open,
  &taup_rtd_dispersion_open_closed,
  &taup_rtd_dispersion_closed_open,
  &taup_rtd_laminar,
  &taup_rtd_taylor_aris,
  &taup_rtd_compartment,
  &taup_rtd_tank_exchange,
};

const int taup_n_rtd_rows = (int)(sizeof taup_rtd_rows / sizeof taup_rtd_rows[0]);
