# SPDX-License-Identifier: Apache-2.0
"""Ethyl acetate and sodium hydroxide: kinetics from a flask, conversion of a coil predicted.

python saponification.py      writes tube-25C.h5 ... tank-35C.h5 and saponification.png
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import tautrain as tt

HERE = Path(__file__).parent
BATCH_LOG = HERE / "saponification_batch_armfield_ceb.csv"
TUBE_LOG = HERE / "saponification_tubular_armfield_cet.csv"

R = 8.31446261815324  # J/mol/K
C0_BATCH = 0.025  # mol/L of each, after mixing equal volumes of 0.05 mol/L
C0_TUBE = 0.05  # mol/L of each, after mixing equal flows of 0.1 mol/L
WINDOW = (0.1, 0.7)  # conversions between which the line is drawn
LAST = 20  # samples of the coil that are taken as steady

RATE = "reactions/saponification/k"
CONVERSION = "conversion/NaOH"

Array: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Kinetics:
    """A rate constant by Arrhenius.

    Attributes
    ----------
    k_25 : float
        At 25 degC [L/mol/s].
    Ea : float
        [J/mol]
    """

    k_25: float
    Ea: float

    @property
    def inputs(self) -> dict[str, str]:
        """The parameters of the models."""
        return {f"{RATE}/k_ref": f"{self.k_25!r} L/mol/s", f"{RATE}/Ea": f"{self.Ea!r} J/mol"}


@dataclass(frozen=True)
class Steady:
    """A run of the coil when it no longer changed: mean of the last samples."""

    name: str
    T: float  # degC
    conversion: float


def read(log: Path, run: str, column: str) -> dict[str, Array]:
    """Columns of a log, of the rows where `column` is `run`."""
    with log.open(newline="", encoding="utf-8") as f:
        rows = [row for row in csv.DictReader(x for x in f if x[0] != "#") if row[column] == run]
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name != column}


def conversion(conductivity: Array, c0: float, T: float) -> Array:
    """Conversion from the conductivity, by the relation that came with the apparatus (Armfield).

    Hydroxide conducts better than acetate, and both are linear in concentration and in temperature; ethanol
    and ethyl acetate do not conduct. So the conversion is how far the conductivity went from that of c0 of
    NaOH to that of c0 of sodium acetate.

    Parameters
    ----------
    conductivity : array
        [mS/cm]
    c0 : float
        NaOH and ester at the start [mol/L].
    T : float
        [degC]
    """
    warmer = T + 273.0 - 294.0  # K, as the relation has it
    hydroxide = 195.0 * (1.0 + 0.0184 * warmer) * c0
    acetate = 70.0 * (1.0 + 0.0284 * warmer) * c0
    return np.asarray((hydroxide - conductivity) / (hydroxide - acetate))


def batch(T: int) -> tuple[Array, Array]:
    """Time [s] and conversion in the flask at 25, 30 or 35 degC."""
    log = read(BATCH_LOG, str(T), "T_nominal_C")
    return log["t_s"], conversion(log["conductivity_mS_cm"], C0_BATCH, float(T))


def inside(X: Array, window: tuple[float, float] = WINDOW) -> npt.NDArray[np.bool_]:
    """Which points the line is drawn through."""
    low, high = window
    return np.asarray((low <= X) & (high >= X))


def rate_constant(T: int, window: tuple[float, float] = WINDOW) -> float:
    """Rate constant [L/mol/s] of the flask: slope of 1/c over time.

    For equal concentrations 1/c - 1/c0 = k t. The line may start anywhere: time 0 of the log is not sharp,
    since mixing and the probe take time.
    """
    t, X = batch(T)
    used = inside(X, window)
    slope, _ = np.polyfit(t[used], 1.0 / (C0_BATCH * (1.0 - X[used])), 1)
    return float(slope)


def kinetics(window: tuple[float, float] = WINDOW) -> Kinetics:
    """The line of ln k over 1/T through the three flasks."""
    T = np.array([25, 30, 35])
    k = [rate_constant(x, window) for x in T.tolist()]
    slope, at_25 = np.polyfit(1.0 / (T + 273.15) - 1.0 / 298.15, np.log(k), 1)
    return Kinetics(float(np.exp(at_25)), float(-slope * R))


def measured() -> list[Steady]:
    """The three runs of the coil."""
    out = []
    for name in ("25C", "30C", "35C"):
        log = read(TUBE_LOG, name, "run")
        T = float(log["T_reactor_C"][-LAST:].mean())
        X = conversion(log["conductivity_mS_cm"][-LAST:].mean(), C0_TUBE, T)
        out.append(Steady(name, T, float(X)))
    return out


def tube() -> tt.Train:
    """The coil."""
    return tt.read(HERE / "tube.yaml").compile()


def tank() -> tt.Train:
    """A stirred tank of the same volume."""
    model = tt.read(HERE / "tube.yaml")
    model.set("units/reactor/type", "cstr")
    return model.compile()


def run(train: tt.Train, k: Kinetics, T: float) -> tt.Result:
    """Run the coil or the tank at a temperature [degC]."""
    return train.run(k.inputs | {"units/reactor/temperature": f"{T!r} degC"})


def flask(k: Kinetics, T: float) -> tt.UnitResult:
    """Run the flask at a temperature [degC]."""
    model = tt.read(HERE / "batch.yaml")
    return model.run(k.inputs | {"units/flask/temperature": f"{T!r} degC"})["flask"]


def draw(k: Kinetics, path: Path) -> None:
    """Left the flasks, to which the line was fitted; right the coil, which it predicts."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for i, T in enumerate((25, 30, 35)):
        t, X = batch(T)
        model = flask(k, T)
        left.plot(t[::6], X[::6], ".", color=f"C{i}", markersize=4)
        left.plot(model.position, 1.0 - model.c["NaOH"] / (1e3 * C0_BATCH), color=f"C{i}", label=f"{T} degC")
    left.axhspan(*WINDOW, color="0.94", zorder=0)
    left.set(xlabel="time [s]", ylabel="conversion of NaOH", title="flask: logs and fitted model")
    left.legend(loc="lower right")

    temperatures = np.linspace(24.0, 36.0, 25)
    for train, name, style in ((tube(), "tube, predicted", "-"), (tank(), "stirred tank, predicted", "--")):
        X = np.array([run(train, k, T).value(CONVERSION) for T in temperatures.tolist()])
        right.plot(temperatures, X, style, color="0.25", label=name)
    runs = measured()
    right.plot([x.T for x in runs], [x.conversion for x in runs], "o", color="C3", label="coil, measured")
    right.set(xlabel="temperature [degC]", title="coil of 0.4 L, 150 s: nothing fitted", ylim=(0.25, 0.7))
    right.legend(loc="upper left")
    figure.savefig(path, dpi=150)


def main() -> None:
    """Fit, predict, compare, save, draw."""
    k = kinetics()
    for T in (25, 30, 35):
        print(f"flask at {T} degC: k = {rate_constant(T):.4f} L/mol/s")
    print(f"line: k(25 degC) = {k.k_25:.4f} L/mol/s, Ea = {k.Ea / 1e3:.1f} kJ/mol\n")

    print("| coil at | measured | tube | off by | stirred tank | off by |\n|---|---|---|---|---|---|")
    trains = {"tube": tube(), "tank": tank()}
    for x in measured():
        line = f"| {x.T:.2f} degC | {x.conversion:.3f} |"
        for name, train in trains.items():
            result = run(train, k, x.T)
            result.save(f"{name}-{x.name}.h5", overwrite=True)
            X = result.value(CONVERSION)
            line += f" {X:.3f} | {100.0 * (X / x.conversion - 1.0):+.1f} % |"
        print(line)
    draw(k, Path("saponification.png"))
    print("\nresults tube-25C.h5 ... tank-35C.h5    picture saponification.png")


if __name__ == "__main__":
    main()
