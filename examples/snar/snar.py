# SPDX-License-Identifier: Apache-2.0
"""The SNAr coil at 40 conditions, compared with concentrations that another integrator found.

python snar.py
"""

from __future__ import annotations

import csv
from pathlib import Path

import tautrain as tt

HERE = Path(__file__).parent
MODEL = HERE / "snar.yaml"
REFERENCE = HERE / "snar_pyrrolidine_oracle.csv"

COIL = 5.0  # mL
R = 8.31446261815324  # J/mol/K, exact since 2019; tautrain's
R_REFERENCE = 8.314  # J/mol/K, with which the reference file was computed (README.md)

ACTIVATION_ENERGY = {"a": 33.3, "b": 35.3, "c": 38.9, "d": 44.8}  # kJ/mol, as in snar.yaml
COLUMNS = {"DFNB": "c_dfnb_out", "Pyrr": "c_pyrr_out", "ortho": "c_ortho", "para": "c_para", "bis": "c_bis"}


def conditions() -> list[dict[str, float]]:
    """Rows of the reference file: what went in, what comes out."""
    with REFERENCE.open(newline="") as f:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(x for x in f if x[0] != "#")]


def inputs(row: dict[str, float], gas_constant: float = R_REFERENCE) -> dict[str, str]:
    """Turn one condition into inputs of the train.

    The file states the concentration of DFNB after mixing and the equivalents of pyrrolidine. Both feeds run
    at the same rate, so each is made up twice as strong; the coil stays, its flow gives the residence time.

    Parameters
    ----------
    row : dict
        One row of the reference file.
    gas_constant : float
        Gas constant [J/mol/K] that the activation energies belong to. An Arrhenius law holds Ea/R: to compare
        with a file made with a rounded R, Ea is scaled by the ratio of the two.

    Returns
    -------
    dict
        Values with units, by path.
    """
    flow = 0.5 * COIL / row["tau_min"]
    c = row["c_dfnb_M"]
    energies = {
        f"reactions/{name}/k/Ea": f"{Ea * R / gas_constant!r} kJ/mol"
        for name, Ea in ACTIVATION_ENERGY.items()
    }
    return energies | {
        "feeds/nitro/flow": f"{flow!r} mL/min",
        "feeds/amine/flow": f"{flow!r} mL/min",
        "feeds/nitro/concentration/DFNB": f"{2.0 * c!r} mol/L",
        "feeds/amine/concentration/Pyrr": f"{2.0 * c * row['eq_pyrrolidine']!r} mol/L",
        "units/coil/temperature": f"{row['T_C']!r} degC",
    }


def differences(
    train: tt.Train, row: dict[str, float], gas_constant: float = R_REFERENCE
) -> dict[str, float]:
    """Outlet concentrations minus the reference, as fractions of the DFNB that was fed."""
    result = train.run(inputs(row, gas_constant))
    return {
        species: (result.value(f"outlet/c/{species}", "mol/L") - row[column]) / row["c_dfnb_M"]
        for species, column in COLUMNS.items()
    }


def main() -> None:
    """Run every condition and print the table."""
    model = tt.read(MODEL)
    train = model.compile()  # once; each run only changes parameters
    print("                              outlet [mol/L]                           largest difference")
    print("tau/min  equiv  T/degC    DFNB      ortho     para      bis            (fraction of the feed)")
    worst = 0.0
    for row in conditions():
        result = train.run(inputs(row))
        c = {species: result.value(f"outlet/c/{species}", "mol/L") for species in COLUMNS}
        off = max(abs(c[species] - row[column]) for species, column in COLUMNS.items()) / row["c_dfnb_M"]
        worst = max(worst, off)
        print(
            f"{row['tau_min']:7.3f} {row['eq_pyrrolidine']:6.3f} {row['T_C']:7.2f}  "
            f"{c['DFNB']:9.2e} {c['ortho']:9.6f} {c['para']:9.6f} {c['bis']:9.6f}     {off:.1e}"
        )
    print(f"40 conditions, largest difference {worst:.1e} of the DFNB fed")
    print(f"evidence: {result.evidence}")


if __name__ == "__main__":
    main()
