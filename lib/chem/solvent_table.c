/* SPDX-License-Identifier: Apache-2.0 */
/* solvent_table.c - liquids that a model file may name as its solvent.
 *
 * Written by data/solvents/make_table.py from the CSV files beside it; change those, not this file.
 *
 * Coefficients stand in the units of their source, with M the molar mass [kg/mol]:
 *
 *   DIPPR105   rho / M = c0 / c1^(1 + (1 - T/c2)^c3)                                  [mol/m^3]
 *   PPDS10     rho = c5 + c0 t^0.35 + c1 t^(2/3) + c2 t + c3 t^(4/3),  t = 1 - T/c4   [kg/m^3]
 *   DIPPR100   1000 M cp = c0 + c1 T + c2 T^2 + c3 T^3 + c4 T^4                       [J/kmol/K]
 *   DIPPR114   1000 M cp = c0^2/t + c1 - 2 c0 c2 t - c0 c3 t^2                        [J/kmol/K]
 *                          - c2^2 t^3/3 - c2 c3 t^4/2 - c3^2 t^5/5,    t = 1 - T/c4
 *
 * R. H. Perry and D. W. Green (eds), Perry's Chemical Engineers' Handbook, 8th ed. (2008), tables 2-32/2-105
 * and 2-153; water's density: VDI Heat Atlas; boiling points and the two densities without an equation: CRC
 * Handbook of Chemistry and Physics, "Physical Constants of Organic Compounds". Transcribed in C. Bell,
 * `chemicals` (MIT licence, see data/solvents/LICENSE-chemicals.txt).
 *
 * Invariant: names and aliases are unique, whatever the case of their letters; density_25C and
 * heat_capacity_25C are the equations at 298.15 K to seven digits wherever there is an equation.
 * 2-Methyltetrahydrofuran and N-methyl-2-pyrrolidone have none in these tables: their density is that of the
 * CRC Handbook (near 20 to 25 degC), their heat capacity is unknown. */
#include "chem/solvent.h"

#include <math.h>

const taup_solvent taup_solvents[] = {
  {
    .name = "water", .aliases = "H2O", .formula = "H2O",
    .molar_mass = 0.0180153, .boiling_point = 373.15,
    .density_25C = 997.2695, .heat_capacity_25C = 4184.455,
    .density_form = TAUP_DENSITY_PPDS10,
    .density_c = {1094.0233, -1813.2295, 3863.9557, -2479.813, 647.1, 322.0},
    .density_T_min = 273.16, .density_T_max = 647.1,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {276370.0, -2090.1, 8.125, -0.014116, 9.3701e-06},
    .cp_T_min = 273.16, .cp_T_max = 533.15,
    .source = "VDI Heat Atlas (density), Perry's Handbook, 8th ed., table 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "methanol", .aliases = "MeOH", .formula = "CH4O",
    .molar_mass = 0.0320419, .boiling_point = 337.65,
    .density_25C = 789.6099, .heat_capacity_25C = 2533.379,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {2326.7, 0.27073, 512.5, 0.24713},
    .density_T_min = 175.47, .density_T_max = 512.5,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {105800.0, -362.23, 0.9379, 0.0, 0.0},
    .cp_T_min = 175.47, .cp_T_max = 400.0,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "ethanol", .aliases = "EtOH", .formula = "C2H6O",
    .molar_mass = 0.0460684, .boiling_point = 351.39,
    .density_25C = 785.8848, .heat_capacity_25C = 2438.6,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {1628.8, 0.27469, 514.0, 0.23178},
    .density_T_min = 159.05, .density_T_max = 514.0,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {102640.0, -139.63, -0.030341, 0.0020386, 0.0},
    .cp_T_min = 159.05, .cp_T_max = 390.0,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "2-propanol", .aliases = "isopropanol,IPA,iPrOH", .formula = "C3H8O",
    .molar_mass = 0.060095, .boiling_point = 355.36,
    .density_25C = 781.8323, .heat_capacity_25C = 2610.541,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {1179.9, 0.2644, 508.3, 0.24653},
    .density_T_min = 185.26, .density_T_max = 508.3,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {471710.0, -4172.1, 14.745, -0.0144, 0.0},
    .cp_T_min = 185.26, .cp_T_max = 355.3,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "acetonitrile", .aliases = "MeCN,ACN", .formula = "C2H3N",
    .molar_mass = 0.0410519, .boiling_point = 354.75,
    .density_25C = 776.6491, .heat_capacity_25C = 2227.604,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {1306.4, 0.22597, 545.5, 0.28678},
    .density_T_min = 229.32, .density_T_max = 545.5,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {97582.0, -122.2, 0.34085, 0.0, 0.0},
    .cp_T_min = 229.32, .cp_T_max = 354.75,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "tetrahydrofuran", .aliases = "THF", .formula = "C4H8O",
    .molar_mass = 0.0721057, .boiling_point = 339.15,
    .density_25C = 879.9637, .heat_capacity_25C = 1719.357,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {1254.3, 0.28084, 540.15, 0.2912},
    .density_T_min = 164.65, .density_T_max = 540.15,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {171730.0, -800.47, 2.8934, -0.0025015, 0.0},
    .cp_T_min = 164.65, .cp_T_max = 339.12,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "2-methyltetrahydrofuran", .aliases = "2-MeTHF,MeTHF", .formula = "C5H10O",
    .molar_mass = 0.0861323, .boiling_point = 353.15,
    .density_25C = 855.22, .heat_capacity_25C = (double)NAN,
    .density_form = TAUP_DENSITY_NONE, .cp_form = TAUP_CP_NONE,
    .source = "CRC Handbook: density near 20 to 25 degC, boiling point",
  },
  {
    .name = "toluene", .aliases = "PhMe", .formula = "C7H8",
    .molar_mass = 0.0921384, .boiling_point = 383.75,
    .density_25C = 863.9139, .heat_capacity_25C = 1698.669,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {879.2, 0.27136, 591.75, 0.29241},
    .density_T_min = 178.18, .density_T_max = 591.75,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {140140.0, -152.3, 0.695, 0.0, 0.0},
    .cp_T_min = 178.18, .cp_T_max = 500.0,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "dichloromethane", .aliases = "DCM,methylene chloride,CH2Cl2", .formula = "CH2Cl2",
    .molar_mass = 0.0849326, .boiling_point = 312.95,
    .density_25C = 1318.25, .heat_capacity_25C = 1187.803,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {1389.7, 0.25678, 510.0, 0.2902},
    .density_T_min = 178.01, .density_T_max = 510.0,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {98968.0, -62.941, 0.23265, 0.0, 0.0},
    .cp_T_min = 180.0, .cp_T_max = 320.0,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "N,N-dimethylformamide", .aliases = "DMF,dimethylformamide", .formula = "C3H7NO",
    .molar_mass = 0.0730938, .boiling_point = 425.95,
    .density_25C = 944.4821, .heat_capacity_25C = 2058.057,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {896.15, 0.23478, 649.6, 0.28091},
    .density_T_min = 212.72, .density_T_max = 649.6,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {147900.0, -106.0, 0.384, 0.0, 0.0},
    .cp_T_min = 273.82, .cp_T_max = 466.44,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "dimethyl sulfoxide", .aliases = "DMSO", .formula = "C2H6OS",
    .molar_mass = 0.078133, .boiling_point = 465.05,
    .density_25C = 1096.188, .heat_capacity_25C = 1957.557,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {1109.6, 0.25189, 729.0, 0.3311},
    .density_T_min = 291.67, .density_T_max = 729.0,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {240300.0, -595.0, 1.013, 0.0, 0.0},
    .cp_T_min = 291.67, .cp_T_max = 422.15,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "N-methyl-2-pyrrolidone", .aliases = "NMP", .formula = "C5H9NO",
    .molar_mass = 0.0991311, .boiling_point = 477.35,
    .density_25C = 1023.02, .heat_capacity_25C = (double)NAN,
    .density_form = TAUP_DENSITY_NONE, .cp_form = TAUP_CP_NONE,
    .source = "CRC Handbook: density near 20 to 25 degC, boiling point",
  },
  {
    .name = "ethyl acetate", .aliases = "EtOAc", .formula = "C4H8O2",
    .molar_mass = 0.0881051, .boiling_point = 350.25,
    .density_25C = 893.6162, .heat_capacity_25C = 1938.56,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {899.6, 0.25856, 523.3, 0.278},
    .density_T_min = 189.6, .density_T_max = 523.3,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {226230.0, -624.8, 1.472, 0.0, 0.0},
    .cp_T_min = 189.6, .cp_T_max = 350.21,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "acetone", .aliases = "propanone,Me2CO", .formula = "C3H6O",
    .molar_mass = 0.0580791, .boiling_point = 329.23,
    .density_25C = 786.5684, .heat_capacity_25C = 2174.749,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {1233.2, 0.25886, 508.2, 0.2913},
    .density_T_min = 178.45, .density_T_max = 508.2,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {135600.0, -177.0, 0.2837, 0.000689, 0.0},
    .cp_T_min = 178.45, .cp_T_max = 329.44,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "n-heptane", .aliases = "heptane", .formula = "C7H16",
    .molar_mass = 0.1002019, .boiling_point = 371.53,
    .density_25C = 681.5348, .heat_capacity_25C = 2239.183,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {612.59, 0.26211, 540.2, 0.28141},
    .density_T_min = 182.57, .density_T_max = 540.2,
    .cp_form = TAUP_CP_DIPPR114,
    .cp_c = {61.26, 314410.0, 1824.6, -2547.9, 540.2},
    .cp_T_min = 182.57, .cp_T_max = 520.0,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "MTBE", .aliases = "methyl tert-butyl ether,tBuOMe,TBME", .formula = "C5H12O",
    .molar_mass = 0.0881482, .boiling_point = 328.25,
    .density_25C = 735.7829, .heat_capacity_25C = 2133.997,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {928.0, 0.289, 497.1, 0.286},
    .density_T_min = 164.55, .density_T_max = 497.1,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {134300.0, 94.356, -0.0032, 0.0009795, 0.0},
    .cp_T_min = 164.55, .cp_T_max = 328.18,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "acetic acid", .aliases = "AcOH", .formula = "C2H4O2",
    .molar_mass = 0.060052, .boiling_point = 391.05,
    .density_25C = 1042.002, .heat_capacity_25C = 2062.616,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {1448.6, 0.25892, 591.95, 0.2529},
    .density_T_min = 289.81, .density_T_max = 591.95,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {139640.0, -320.8, 0.8985, 0.0, 0.0},
    .cp_T_min = 289.81, .cp_T_max = 391.05,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
  {
    .name = "1,4-dioxane", .aliases = "dioxane", .formula = "C4H8O2",
    .molar_mass = 0.0881051, .boiling_point = 374.35,
    .density_25C = 1028.502, .heat_capacity_25C = 1743.996,
    .density_form = TAUP_DENSITY_DIPPR105,
    .density_c = {1181.9, 0.2813, 587.0, 0.3047},
    .density_T_min = 284.95, .density_T_max = 587.0,
    .cp_form = TAUP_CP_DIPPR100,
    .cp_c = {956860.0, -5559.9, 9.6124, 0.0, 0.0},
    .cp_T_min = 284.95, .cp_T_max = 374.47,
    .source = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook",
  },
};

const int taup_n_solvents = (int)(sizeof taup_solvents / sizeof taup_solvents[0]);
