# SPDX-License-Identifier: Apache-2.0
"""Published cases: what the source says beside what the model file gives.

python published.py
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tautrain as tt

HERE = Path(__file__).parent
R = 8.31446261815324  # J/mol/K

Array = npt.NDArray[np.float64]
Points = tuple[Array, Array, float]  # temperatures [K], rate constants, published activation energy


@dataclass(frozen=True)
class Row:
    """One number of a source beside ours.

    Attributes
    ----------
    case, quantity : str
        What it is; the quantity with its unit.
    theirs, ours : float
        In that unit.
    digits : int
        Decimals that are shown.
    tolerance : float
        Largest absolute difference; half of the source's last digit unless README.md says why not.
    printed : bool
        Whether the source prints it; else it is what its equations give, solved by another method.
    """

    case: str
    quantity: str
    theirs: float
    ours: float
    digits: int
    tolerance: float
    printed: bool = True

    def __str__(self) -> str:
        theirs, ours = (f"{x:.{self.digits}f}" for x in (self.theirs, self.ours))
        how = "printed" if self.printed else "its equations"
        return f"| {self.case} | {self.quantity} | {theirs} | {how} | {ours} |"


def read(name: str) -> tt.Model:
    """Model of a case."""
    return tt.read(HERE / f"{name}.yaml")


def rows_of(name: str) -> list[dict[str, str]]:
    """Rows of a table of measured values."""
    with (HERE / name).open(newline="", encoding="utf-8") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


def secant(f: Callable[[float], float], a: float, b: float) -> float:
    """Root of a function that is nearly a line, from two points beside it."""
    fa, fb = f(a), f(b)
    for _ in range(50):
        if abs(b - a) <= 1e-12 * abs(b):
            return b
        a, b, fa = b, b - fb * (b - a) / (fb - fa), fb
        fb = f(b)
    raise RuntimeError(f"no root near {b}")


# --- tanks and tubes with heat ------------------------------------------------------------------------------

COOLANT_TAKES = 1113.5  # kJ/h


def van_de_vusse() -> Iterator[Row]:
    """Find the temperature at which the coolant takes what the benchmark says, and the state there."""
    train = read("van-de-vusse").compile()

    def run(T: float) -> tt.Result:
        return train.run({"units/tank/heat/jacket/temperature": f"{T!r} degC"})

    T = secant(lambda T: run(T).value("units/tank/duty", "kJ/h") + COOLANT_TAKES, 112.0, 113.0)
    result = run(T)
    case = "van de Vusse, jacketed tank"
    yield Row(case, "A [mol/L]", 2.14, result.value("outlet/c/A", "mol/L"), 2, 0.005)
    yield Row(case, "B [mol/L]", 1.09, result.value("outlet/c/B", "mol/L"), 2, 0.005)
    yield Row(case, "temperature [degC]", 114.2, result.value("outlet/T", "degC"), 1, 0.05)
    yield Row(case, "temperature of the coolant [degC]", 112.9, T, 1, 0.05)


def propylene_oxide() -> Iterator[Row]:
    """The tank with its coil, and the same tank without one."""
    case = "propylene oxide, tank with a coil"
    model = read("propylene-oxide")
    result = model.run()
    yield Row(case, "conversion", 0.363609, result.value("conversion/oxide"), 4, 0.0004)
    yield Row(case, "temperature [degR]", 563.729, result.value("outlet/T", "degR"), 2, 0.05)

    case = "propylene oxide, adiabatic tank"
    model.set("units/tank/heat", "adiabatic")
    result = model.run()
    yield Row(case, "conversion", 0.8574, result.value("conversion/oxide"), 4, 0.0001, printed=False)
    yield Row(case, "temperature [degR]", 613.66, result.value("outlet/T", "degR"), 2, 0.02, printed=False)


# A lecture makes the reaction three times as hot and the tank 10 gallons, with R = 1.986, 45 Btu/lbmol/R for
# the glycol, and 0 degF at 459.67 degR. Heat at 298.15 K: -108000 at 528 R, less 8 times 8.67 R.
HOTTER = {
    "reactions/hydrolysis/heat": f"{-2.326 * (108000.0 + 8.0 * 8.67)!r} J/mol",
    "reactions/hydrolysis/k/Ea": f"{32400.0 / 1.986!r} degR",
    "species/glycol/heat_capacity": f"{45.0 / 76.10!r} Btu/lb/degR",
    "feeds/feed/temperature": "534.67 degR",
    "units/tank/heat/jacket/temperature": "544.67 degR",
    "units/tank/volume": f"{10.0 / 7.481!r} ft^3",
}
STATES = (  # start [degR] and conversion there; where the two balances of the lecture cross [degR]; stable?
    (530.0, 0.0, 537.54, True),
    (660.0, 0.5, 660.14, False),
    (750.0, 0.95, 748.91, True),
)


def three_states() -> Iterator[Row]:
    """The states of one tank, each from its own start."""
    oxide = 2.1126  # mol/L in the feed
    for start, conversion, theirs, stable in STATES:
        model = read("propylene-oxide")
        model.set("units/tank/start/temperature", f"{start} degR")
        model.set("units/tank/start/concentration/oxide", f"{oxide * (1.0 - conversion)!r} mol/L")
        model.set("units/tank/start/concentration/glycol", f"{oxide * conversion!r} mol/L")
        result = model.run(HOTTER)
        if bool(result.value("units/tank/stable")) != stable:
            raise RuntimeError(f"the state at {theirs} degR is not {'stable' if stable else 'unstable'}")
        case = f"propylene oxide, three states, {'stable' if stable else 'unstable'}"
        yield Row(
            case, "temperature [degR]", theirs, result.value("outlet/T", "degR"), 2, 0.006, printed=False
        )


def butane() -> Iterator[Row]:
    """Volumes that a tube and a tank need, without heat exchange."""
    for conversion, theirs, tolerance in ((70, 2.6, 0.15), (40, 1.15, 0.005)):
        model = read("butane")
        model.set("units/reactor/until", f"conversion/nbutane >= {conversion} %")
        volume = model.run().value("units/reactor/volume", "m^3")
        yield Row(f"butane, tube to {conversion} %", "volume [m^3]", theirs, volume, 2, tolerance)

    model = read("butane")
    model.set("units/reactor/type", "cstr")
    train = model.compile()

    def beyond(volume: float) -> float:
        return train.run({"units/reactor/volume": f"{volume!r} m^3"}).value("conversion/nbutane") - 0.4

    yield Row("butane, tank to 40 %", "volume [m^3]", 1.0, secant(beyond, 0.99, 1.0), 2, 0.01)
    at_the_end = read("butane").run({"units/reactor/volume": "100 m^3"})
    yield Row("butane, equilibrium", "conversion", 0.71, at_the_end.value("conversion/nbutane"), 2, 0.005)


# --- rate constants -----------------------------------------------------------------------------------------


def line(T: Array, k: Array, T_ref: float) -> tuple[float, float]:
    """Fit ln k over 1/T by a line, every point with the same weight.

    Parameters
    ----------
    T, k : array
        Temperatures [K] and rate constants in any unit.
    T_ref : float
        [K]

    Returns
    -------
    tuple
        k at T_ref in that unit, and the activation energy [J/mol].
    """
    slope, at_zero = np.polyfit(1.0 / T, np.log(k), 1)
    return float(np.exp(at_zero + slope / T_ref)), float(-slope * R)


def activation_energy(train: tt.Train, path: str, T: Array) -> float:
    """Activation energy [J/mol] of a model's k between the lowest and the highest of some temperatures."""
    ends = (float(T.min()), float(T.max()))
    k = [train.run({"units/flask/temperature": f"{x!r} K"}).value(path) for x in ends]
    return float(R * np.log(k[1] / k[0]) / (1.0 / ends[0] - 1.0 / ends[1]))


def amines() -> dict[str, Points]:
    """Temperatures [K], rate constants [L/mol/s] and published activation energy [kcal/mol] by reaction."""
    table = rows_of("amine_phenylisocyanate_rate_constants.csv")
    out = {}
    for name in ("n-butyl", "sec-butyl"):
        rows = [row for row in table if row["amine"] == f"{name}amine"]
        T = np.array([float(row["T_C"]) + 273.15 for row in rows])
        k = np.array([float(row["k_M-1_s-1"]) for row in rows])
        out[name] = T, k, float(rows[0]["Ea_reported_kcal_mol"])
    return out


def amine_isocyanate() -> Iterator[Row]:
    """Activation energies of two amines."""
    train = read("amine-isocyanate").compile()
    for name, (T, _, theirs) in amines().items():
        ours = activation_energy(train, f"units/flask/k/{name}", T) / 4184.0
        yield Row(f"{name}amine and phenyl isocyanate", "Ea [kcal/mol]", theirs, ours, 1, 0.05)


def degradation() -> dict[str, Points]:
    """Temperatures [K], rate constants as in the table, published activation energy [kJ/mol] by reaction."""
    table = rows_of("epirubicin_degradation_rate_constants.csv")
    out = {}
    for group in "12345":
        rows = [row for row in table if row["group"] == group]
        T = np.array([float(row["T_K"]) for row in rows])
        k = np.array([float(row["k"]) for row in rows])
        out[f"group-{group}"] = T, k, float(rows[0]["Ea_kJ_mol_reported"])
    return out


def epirubicin() -> Iterator[Row]:
    """Activation energies of five ways to degrade."""
    train = read("epirubicin").compile()
    for name, (T, _, theirs) in degradation().items():
        ours = activation_energy(train, f"units/flask/k/{name}", T) / 1e3
        tolerance = 0.7 if name == "group-5" else 0.1
        yield Row(f"epirubicin, {name}", "Ea [kJ/mol]", theirs, ours, 1, tolerance)


def aspirin_table() -> tuple[Array, Array, Array]:
    """Time [h], aspirin and salicylic acid [mmol/L]."""
    table = rows_of("aspirin_hydrolysis_pH7_37C.csv")
    columns = ([float(row[name]) for row in table] for name in ("t_h", "aspirin_M", "salicylic_acid_M"))
    t, aspirin, salicylic = map(np.array, columns)
    return t, 1e3 * aspirin, 1e3 * salicylic


def aspirin() -> Iterator[Row]:
    """Concentrations over 300 h."""
    t, *theirs = aspirin_table()
    flask = read("aspirin").run()["flask"]
    if not np.allclose(flask.position, 3600.0 * t, rtol=1e-12):
        raise RuntimeError(f"stored at {flask.position} s, the table is at {3600.0 * t} s")
    for species, column in zip(("aspirin", "salicylic"), theirs, strict=True):
        ours = flask.c[species]
        for i, time in enumerate(t):
            yield Row(f"aspirin at {time:.0f} h", f"{species} [mmol/L]", column[i], ours[i], 2, 0.005)


CASES = (van_de_vusse, propylene_oxide, three_states, butane, amine_isocyanate, epirubicin, aspirin)


def main() -> None:
    """Print the table of README.md."""
    print("| case | quantity | source | how | tautrain |\n|---|---|---|---|---|")
    for case in CASES:
        for row in case():
            print(row)


if __name__ == "__main__":
    main()
