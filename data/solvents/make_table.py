#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the solvent table of the library, lib/chem/solvent_table.c, from the CSV files beside this script.

    python3 data/solvents/make_table.py            write the table
    python3 data/solvents/make_table.py --check    only say whether it is up to date (exit status 1 when not)

Every run first evaluates the equations at 25 degC and compares them with ``solvents_25C.csv``, which was
computed apart from this script: a coefficient that was copied wrongly stops it. Needs only Python.
"""

from __future__ import annotations

import ast
import csv
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
TABLE = HERE.parents[1] / "lib" / "chem" / "solvent_table.c"
T_25C = 298.15

# Names that chemists use, beside the one in the CSV files, and the formula, which is checked below against
# the molar mass in the CSV (to 1e-4: its atomic weight of chlorine is an older one).
NAMES = {
    "water": ("H2O", "H2O"),
    "methanol": ("MeOH", "CH4O"),
    "ethanol": ("EtOH", "C2H6O"),
    "2-propanol": ("isopropanol,IPA,iPrOH", "C3H8O"),
    "acetonitrile": ("MeCN,ACN", "C2H3N"),
    "tetrahydrofuran": ("THF", "C4H8O"),
    "2-methyltetrahydrofuran": ("2-MeTHF,MeTHF", "C5H10O"),
    "toluene": ("PhMe", "C7H8"),
    "dichloromethane": ("DCM,methylene chloride,CH2Cl2", "CH2Cl2"),
    "N,N-dimethylformamide": ("DMF,dimethylformamide", "C3H7NO"),
    "dimethyl sulfoxide": ("DMSO", "C2H6OS"),
    "N-methyl-2-pyrrolidone": ("NMP", "C5H9NO"),
    "ethyl acetate": ("EtOAc", "C4H8O2"),
    "acetone": ("propanone,Me2CO", "C3H6O"),
    "n-heptane": ("heptane", "C7H16"),
    "MTBE": ("methyl tert-butyl ether,tBuOMe,TBME", "C5H12O"),
    "acetic acid": ("AcOH", "C2H4O2"),
    "1,4-dioxane": ("dioxane", "C4H8O2"),
}

# IUPAC standard atomic weights (abridged), g/mol: only to check the formulas above.
ATOMIC_WEIGHT = {"H": 1.008, "C": 12.011, "N": 14.007, "O": 15.999, "S": 32.06, "Cl": 35.45}

PERRY = "Perry's Handbook, 8th ed., tables 2-32/2-105 and 2-153; boiling point: CRC Handbook"
WATER = "VDI Heat Atlas (density), Perry's Handbook, 8th ed., table 2-153; boiling point: CRC Handbook"
CRC = "CRC Handbook: density near 20 to 25 degC, boiling point"


@dataclass
class Equation:
    """A correlation: the name of its form, up to six coefficients in the units of its source, range in K."""

    form: str
    c: list[float]
    T_min: float
    T_max: float


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a CSV file whose first lines begin with '#'."""
    with (HERE / name).open(newline="") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


def molar_mass(formula: str) -> float:
    """Molar mass [g/mol] of a formula without brackets."""
    total, i = 0.0, 0
    while i < len(formula):
        symbol = formula[i : i + 2] if formula[i : i + 2] in ATOMIC_WEIGHT else formula[i]
        i += len(symbol)
        digits = ""
        while i < len(formula) and formula[i].isdigit():
            digits += formula[i]
            i += 1
        total += ATOMIC_WEIGHT[symbol] * int(digits or 1)
    return total


def density_equation(row: dict[str, str]) -> Equation:
    c = [float(row[f"c{i}"]) for i in range(1, 5)]
    if row["equation"] == "DIPPR105":
        return Equation("DIPPR105", c, float(row["Tmin_K"]), float(row["Tmax_K"]))
    assert row["equation"].startswith("VDI-PPDS10")
    constants = re.search(r"Tc=([\d.]+) rhoc=([\d.]+)", row["equation"])
    assert constants
    T_c, rho_c = map(float, constants.groups())
    return Equation(
        "PPDS10", [*c, T_c, rho_c], 273.16, T_c
    )  # triple to critical point: the file gives no range


def cp_equation(row: dict[str, str], T_c: float) -> Equation:
    if row["equation"] == "DIPPR100":
        c = [float(row[f"c{i}"]) for i in range(1, 6)]
        return Equation("DIPPR100", c, float(row["Tmin_K"]), float(row["Tmax_K"]))
    assert row["equation"].startswith("DIPPR114")
    p = ast.literal_eval(row["equation"].split(" ", 1)[1])
    assert float(p["E"]) == 0.0
    return Equation("DIPPR114", [*(float(p[k]) for k in "ABCD"), T_c], float(p["Tmin"]), float(p["Tmax"]))


def density(eq: Equation, M: float, T: float) -> float:
    """Density [kg/m^3]; M in kg/mol."""
    if eq.form == "DIPPR105":
        c1, c2, c3, c4 = eq.c
        return M * c1 / math.pow(c2, 1.0 + math.pow(1.0 - T / c3, c4))
    a, b, c, d, T_c, rho_c = eq.c
    t = 1.0 - T / T_c
    return rho_c + a * math.pow(t, 0.35) + b * math.pow(t, 2 / 3) + c * t + d * math.pow(t, 4 / 3)


def heat_capacity(eq: Equation, M: float, T: float) -> float:
    """Heat capacity [J/kg/K]; M in kg/mol. The equations give J/kmol/K."""
    if eq.form == "DIPPR100":
        return sum(c * T**i for i, c in enumerate(eq.c)) / (1e3 * M)
    a, b, c, d, T_c = eq.c
    t = 1.0 - T / T_c
    per_kmol = a**2 / t + b - 2 * a * c * t - a * d * t**2
    per_kmol -= c**2 * t**3 / 3 + c * d * t**4 / 2 + d**2 * t**5 / 5
    return per_kmol / (1e3 * M)


def check(name: str, what: str, value: float, expected: str) -> None:
    """Stop when a value differs from the CSV's by more than the rounding of its last digit."""
    half_digit = 0.501 * 10.0 ** -len(expected.partition(".")[2])
    if abs(value - float(expected)) > half_digit:
        sys.exit(f"{name}: {what} at 25 degC: {value:.6g} from the equation, {expected} in solvents_25C.csv")


def numbers(c: list[float]) -> str:
    return "{" + ", ".join(repr(x) for x in c) + "}"


def entry(row: dict[str, str], found: dict[str, dict[str, str]]) -> str:
    """One initialiser of the C table."""
    name = row["solvent"]
    aliases, formula = NAMES[name]
    M = float(row["MW_g_mol"]) / 1e3
    if not math.isclose(molar_mass(formula), 1e3 * M, rel_tol=1e-4):
        sys.exit(f"{name}: {formula} weighs {molar_mass(formula):.4f} g/mol, the CSV says {1e3 * M:.4f}")

    lines = [f'    .name = "{name}", .aliases = "{aliases}", .formula = "{formula}",']
    lines.append(f"    .molar_mass = {M:.7g}, .boiling_point = {row['Tb_K']},")
    rho_row = found.get("rho_molar") or found.get("rho_mass")
    if rho_row is None:
        lines.append(f"    .density_25C = {row['rho_CRC_kg_m3']}, .heat_capacity_25C = (double)NAN,")
        lines.append("    .density_form = TAUP_DENSITY_NONE, .cp_form = TAUP_CP_NONE,")
        lines.append(f'    .source = "{CRC}",')
        return "  {\n" + "\n".join(lines) + "\n  },"

    rho = density_equation(rho_row)
    T_c = rho.c[2] if rho.form == "DIPPR105" else rho.c[4]
    cp = cp_equation(found["cp"], T_c)
    rho_25, cp_25 = density(rho, M, T_25C), heat_capacity(cp, M, T_25C)
    check(name, "density", rho_25, row["rho_kg_m3"])
    check(name, "heat capacity", cp_25, row["cp_J_kgK"])
    lines.append(f"    .density_25C = {rho_25:.7g}, .heat_capacity_25C = {cp_25:.7g},")
    lines.append(f"    .density_form = TAUP_DENSITY_{rho.form},")
    lines.append(f"    .density_c = {numbers(rho.c)},")
    lines.append(f"    .density_T_min = {rho.T_min!r}, .density_T_max = {rho.T_max!r},")
    lines.append(f"    .cp_form = TAUP_CP_{cp.form},")
    lines.append(f"    .cp_c = {numbers(cp.c)},")
    lines.append(f"    .cp_T_min = {cp.T_min!r}, .cp_T_max = {cp.T_max!r},")
    lines.append(f'    .source = "{WATER if name == "water" else PERRY}",')
    return "  {\n" + "\n".join(lines) + "\n  },"


HEAD = """\
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
"""

TAIL = """
};

const int taup_n_solvents = (int)(sizeof taup_solvents / sizeof taup_solvents[0]);
"""


def table() -> str:
    """Make the whole C file."""
    coefficients: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows("solvents_coefficients.csv"):
        coefficients.setdefault(row["solvent"], {})[row["property"]] = row
    solvents = rows("solvents_25C.csv")
    if [row["solvent"] for row in solvents] != list(NAMES):
        sys.exit("solvents_25C.csv does not list the solvents that this script knows")
    known = [n.lower() for name, (aliases, _) in NAMES.items() for n in (name, *aliases.split(","))]
    doubles = {n for n in known if known.count(n) > 1}
    if doubles:
        sys.exit(f"names used twice: {sorted(doubles)}")
    return HEAD + "\n".join(entry(row, coefficients.get(row["solvent"], {})) for row in solvents) + TAIL


def main() -> None:
    text = table()
    if "--check" in sys.argv[1:]:
        if TABLE.read_text() != text:
            sys.exit(f"{TABLE} is not what {Path(__file__).name} writes; run it")
        return
    TABLE.write_text(text)


if __name__ == "__main__":
    main()
