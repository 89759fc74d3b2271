#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Values of E(t) for the bench of distributions: rtd_reference.py > rtd_reference.json (needs mpmath).

Transforms of the textbooks (closed vessel: E. Th. van der Laan, Chem. Eng. Sci. 7 (1958) 187) inverted by
Talbot's contour in 60 digits and more, A. Talbot, J. Inst. Maths Applics 23 (1979) 97; each value is
computed with two numbers of points, which agree to 15 digits of the peak. Nothing of this library is used.
"""

from __future__ import annotations

import importlib
import json
import math
import sys
from typing import Any

mp: Any = importlib.import_module("mpmath").mp

# name, units (kind, mean, second parameter), n points at 0, dt, 2 dt ...
CASES: list[tuple[str, list[list[Any]], float, int]] = [
    ("Pe 1", [["dispersion", 1.0, 1.0]], 0.01, 500),
    ("Pe 20", [["dispersion", 1.0, 20.0]], 0.005, 500),
    ("Pe 1000", [["dispersion", 1.0, 1000.0]], 0.0025, 600),
    (
        "five",
        [
            ["plug", 0.5],
            ["tanks", 0.4, 1.0],
            ["tanks", 0.6, 3.0],
            ["dispersion", 1.0, 20.0],
            ["dispersion", 0.5, 100.0],
        ],
        0.01,
        1000,
    ),
]
N_VALUES = 25
DEGREES = {"Pe 1": (40, 60), "Pe 20": (70, 100), "Pe 1000": (270, 330), "five": (110, 150)}


def transform(unit: list[Any], s: Any) -> Any:
    """G of a unit other than plug flow."""
    mean, p = mp.mpf(unit[1]), mp.mpf(unit[2])
    if unit[0] == "tanks":
        return (1 + s * mean / p) ** -p
    a = mp.sqrt(1 + 4 * s * mean / p)
    return 4 * a * mp.exp(p / 2) / ((1 + a) ** 2 * mp.exp(a * p / 2) - (1 - a) ** 2 * mp.exp(-a * p / 2))


def variance(unit: list[Any]) -> float:
    """Of a unit: where to look."""
    if unit[0] == "plug":
        return 0.0
    mean, p = float(unit[1]), float(unit[2])
    return float(mean**2 * (1.0 / p if unit[0] == "tanks" else 2.0 / p - 2.0 / p**2 * -math.expm1(-p)))


def density(units: list[list[Any]], t: float, degree: int) -> Any:
    """E(t) by one number of points."""
    delay = sum(unit[1] for unit in units if unit[0] == "plug")
    if t <= delay:
        return mp.mpf(0)
    rest = [unit for unit in units if unit[0] != "plug"]
    return mp.invertlaplace(
        lambda s: mp.fprod(transform(unit, s) for unit in rest),
        mp.mpf(t) - mp.mpf(delay),
        method="talbot",
        degree=degree,
    )


def places(units: list[list[Any]], dt: float, n: int) -> list[int]:
    """Points from 2.5 standard deviations before the mean to 3.5 behind it."""
    mean, sigma = sum(unit[1] for unit in units), math.sqrt(sum(map(variance, units)))
    first, last = max(mean - 2.5 * sigma, 2.0 * dt), mean + 3.5 * sigma
    at = [round((first + (last - first) * k / (N_VALUES - 1)) / dt) for k in range(N_VALUES)]
    return sorted({min(i, n - 1) for i in at})


def main() -> None:
    """Print the cases as JSON."""
    mp.dps = 60
    out = []
    for name, units, dt, n in CASES:
        at = places(units, dt, n)
        few, many = ([density(units, i * dt, degree) for i in at] for degree in DEGREES[name])
        peak = max(many)
        worst = max(abs(a - b) for a, b in zip(few, many, strict=True)) / peak
        if worst > mp.mpf(10) ** -15:
            sys.exit(f"{name}: two numbers of points differ by {mp.nstr(worst, 3)} of the peak")
        E = [float(x) for x in many]
        out.append({"name": name, "units": units, "dt": dt, "n": n, "at": at, "E": E})
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
