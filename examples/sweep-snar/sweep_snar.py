# SPDX-License-Identifier: Apache-2.0
"""The SNAr coil over temperature, residence time, concentration and equivalents: where is it good enough?

python sweep_snar.py                     4096 points
python sweep_snar.py 1000000             a million; broken off, the same command goes on
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tautrain as tt
from matplotlib.figure import Figure

MODEL = Path(__file__).parent / "snar.yaml"
T, TAU = "units/coil/temperature", "units/coil/residence_time"
C, EQUIVALENTS = "feeds/nitro/concentration/DFNB", "feeds/amine/equivalents/Pyrr"
KEEP = ["conversion/DFNB", "yield/ortho", "impurity/bis"]
CONSTANTS = ((0.579, 33.3e3), (0.0270, 35.3e3), (0.00865, 38.9e3))  # a, b, c at 90 degC [L/mol/s], J/mol
PANELS = ((0.0, 0.5, 1.0), (0.0, 0.25, 1.0))  # of the range of C and EQUIVALENTS


def design(n_points: int) -> dict[str, np.ndarray]:
    """Make a grid of about so many points.

    Parameters
    ----------
    n_points : int
        The fourth root of it, rounded, is the number of values of each variable.

    Returns
    -------
    dict
        Values in SI, by path.
    """
    n = max(2, round(n_points**0.25))
    return {
        T: tt.linspace("60 degC", "120 degC", n),
        TAU: tt.linspace("0.5 min", "2 min", n),
        C: tt.linspace("0.2 mol/L", "1 mol/L", n),  # of the feed: 0.1 to 0.5 mol/L behind the tee
        EQUIVALENTS: tt.linspace("1", "5", n),
    }


def condition(conversion: float, bis: float) -> str:
    """Say the region that is wanted; both in percent, the bis product in moles per mole of product."""
    return f"conversion/DFNB > {conversion} % and impurity/bis < {bis} %"


def least_bis(left: float | np.ndarray, celsius: float = 60.0) -> float | np.ndarray:
    """Bis product per ortho product at a conversion, whatever the time, concentration and equivalents.

    Both steps take pyrrolidine in the same way, so it drops out: with A the DFNB that is left and s = ka/(ka
    + kb), dO/dA = -s + r O / A, r = kc / (ka + kb), thus O = s (A^r - A) / (1 - r). What left O is bis; that
    from para comes on top.

    Parameters
    ----------
    left : float or array
        DFNB not converted, as a fraction.
    celsius : float
        Temperature: the lowest is best, since c has the larger activation energy.
    """
    inverse = 1.0 / (celsius + 273.15) - 1.0 / 363.15
    ka, kb, kc = (k * np.exp(-E / 8.31446261815324 * inverse) for k, E in CONSTANTS)
    r = kc / (ka + kb)
    return (1.0 - left) * (1.0 - r) / (left**r - left) - 1.0


def report(sweep: tt.Sweep, conversion: float, bis: float) -> None:
    """Print the rate, how large the region is, and the point that comes nearest to it."""
    inside = sweep.feasible(condition(conversion, bis))
    print("\n".join(sweep.summary()))
    print(f"{np.count_nonzero(inside)} of {sweep.n_runs} points have {condition(conversion, bis)}")
    beyond = sweep.feasible(f"conversion/DFNB > {conversion} %")
    if beyond.any():
        best = int(np.argmin(np.where(beyond, sweep["impurity/bis"], np.inf)))
        at = ", ".join(
            f"{sweep.value(path, unit).ravel()[best]:.3g} {name}"
            for path, unit, name in (
                (T, "degC", "degC"),
                (TAU, "min", "min"),
                (C, "mol/L", "mol/L in the feed"),
                (EQUIVALENTS, "1", "equivalents"),
            )
        )
        least = sweep.value("impurity/bis", "%").ravel()[best]
        print(f"least bis product beyond {conversion} % conversion: {least:.2f} % at {at}")
        print(f"by the closed form no less than {100.0 * least_bis(1.0 - 0.01 * conversion):.2f} %")


def draw(sweep: tt.Sweep, conversion: float, bis: float, picture: Path) -> None:
    """Draw maps over temperature and time, and what can be had at all.

    Parameters
    ----------
    sweep : Sweep
    conversion, bis : float
        The region [%].
    picture : path
        Where the picture goes.
    """
    figure = Figure(figsize=(13.0, 8.0), layout="constrained")
    maps, whole = figure.subfigures(1, 2, width_ratios=(2.1, 1.0))
    axes = maps.subplots(3, 3)
    values = {path: sweep.axis(path) for path in (C, EQUIVALENTS)}
    for i, j in np.ndindex(3, 3):
        ax = axes[i, j]
        at = {
            C: float(np.quantile(values[C], PANELS[0][i])),
            EQUIVALENTS: float(np.quantile(values[EQUIVALENTS], PANELS[1][j])),
        }
        sweep.plot("impurity/bis", condition(conversion, bis), x=T, y=TAU, at=at, unit="%", ax=ax)
        k = [int(np.argmin(abs(values[path] - at[path]))) for path in (C, EQUIVALENTS)]
        reached = sweep["conversion/DFNB"][:, :, k[0], k[1]].T - 0.01 * conversion
        if reached.min() < 0.0 < reached.max():
            x, y = sweep.axis(T, "degC"), sweep.axis(TAU, "min")
            ax.contour(x, y, reached, levels=[0.0], colors="tab:red", linewidths=1.8)
        ax.set_title(
            f"{values[C][k[0]] / 2000.0:.2g} mol/L, {values[EQUIVALENTS][k[1]]:.2g} equivalents",
            fontsize="small",
        )
        ax.set_xlabel("T [°C]" if i == 2 else "")
        ax.set_ylabel("residence time [min]" if j == 0 else "")
    maps.suptitle(
        f"bis product [%]; red: {conversion:g} % conversion; not shaded: both wanted", fontsize="medium"
    )
    _draw_whole(whole, sweep, conversion, bis)
    figure.savefig(picture, dpi=90)


def _draw_whole(figure: Figure, sweep: tt.Sweep, conversion: float, bis: float) -> None:
    """Every point: what is not converted against the bis product; the corner that is wanted."""
    ax = figure.subplots()
    left = 100.0 - sweep.value("conversion/DFNB", "%").ravel()
    other = sweep.value("impurity/bis", "%").ravel()
    seen = (left > 1e-4) & (other > 0.0)
    ax.hexbin(
        left[seen], other[seen], xscale="log", yscale="log", gridsize=60, mincnt=1, cmap="Blues", bins="log"
    )
    ax.fill_between([1e-4, 100.0 - conversion], 1e-2, bis, color="tab:green", alpha=0.35, linewidth=0)
    x = np.geomspace(1e-4, 99.0, 200)
    ax.plot(x, 100.0 * least_bis(0.01 * x), "k--", linewidth=1.0, label="least at 60 °C, closed form")
    ax.legend(loc="upper right", frameon=False)
    ax.set_xlim(1e-4, 100.0)
    ax.set_ylim(1e-1, 1e3)
    ax.set_xlabel("DFNB not converted [%]")
    ax.set_ylabel("bis product [% of ortho]")
    ax.set_title("every point; green: what is wanted", fontsize="medium")
    ax.grid(visible=True, color="0.9")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the sweep, print how fast it went, draw the region."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("n_points", type=int, nargs="?", default=4096)
    parser.add_argument("--conversion", type=float, default=99.0, help="at least [%%]")
    parser.add_argument("--bis", type=float, default=0.5, help="at most [%% of the product]")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--out", type=Path, default=None, help="file of the sweep; sweep-snar-N.h5")
    given = parser.parse_args(arguments)
    out = given.out or Path(f"sweep-snar-{given.n_points}.h5")
    sweep = tt.read(MODEL).sweep(design(given.n_points), keep=KEEP, engine=given.engine, out=out)
    report(sweep, given.conversion, given.bis)
    draw(sweep, given.conversion, given.bis, out.with_suffix(".png"))
    print(f"picture {out.with_suffix('.png')}")


if __name__ == "__main__":
    main()
