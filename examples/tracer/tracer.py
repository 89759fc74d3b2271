#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Five tracer pulses: moments against published values, fits of models with their intervals, pictures."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import tautrain as tt

HERE = Path(__file__).parent
FILE = HERE / "rtd_tracer_pulses.csv"
MODELS = ("tanks", "dispersion", "dispersion-open", "plug+tanks")

# mean and variance as published, in the unit of the data and its square; README.md says where
PUBLISHED = {"B": (5.15, 6.1), "C": (10.0, 74.0), "D": (1.752, 0.620), "E": (5.515, 4.44)}
FLOWS = {"C": "10 L/min", "D": "0.6 L/s", "E": "0.2 L/s"}


@dataclass(frozen=True)
class Pulse:
    """One experiment of the file."""

    name: str
    unit: str  # of time
    tracer: tt.Tracer

    @property
    def mean(self) -> float:
        """In the unit of the data."""
        return tt.convert(self.tracer.mean.value, "s", self.unit)

    @property
    def variance(self) -> float:
        """In the square of that unit."""
        return self.tracer.variance.value * tt.convert(1.0, "s", self.unit) ** 2


def read() -> list[Pulse]:
    """All five, with default options."""
    rows: dict[str, list[dict[str, str]]] = {}
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            rows.setdefault(row["dataset"].split("_")[1], []).append(row)
    return [_evaluate(name, points) for name, points in rows.items()]


def _evaluate(name: str, points: list[dict[str, str]]) -> Pulse:
    t, c = ([float(point[column]) for point in points] for column in ("time", "tracer"))
    unit, of_tracer = points[0]["time_unit"], points[0]["tracer_unit"]
    flow = FLOWS.get(name)
    return Pulse(name, unit, tt.tracer(t, c, time_unit=unit, unit=of_tracer, flow=flow))


def main() -> None:
    """Print both tables, draw the pictures."""
    pulses = read()
    print(
        "| pulse | mean | published | off by | variance | published | off by |\n|---|---|---|---|---|---|---|"
    )
    for p in pulses:
        if p.name not in PUBLISHED:
            print(f"| {p.name} | {p.mean:.3f} {p.unit} | | | {p.variance:.3f} {p.unit}^2 | | |")
            continue
        mean, variance = PUBLISHED[p.name]
        print(
            f"| {p.name} | {p.mean:.3f} {p.unit} | {mean} | {100.0 * (p.mean / mean - 1.0):+.1f} % "
            f"| {p.variance:.3f} {p.unit}^2 | {variance} | {100.0 * (p.variance / variance - 1.0):+.1f} % |"
        )
    print("\n| pulse | best model | weight | its parameters, with 95 % intervals |\n|---|---|---|---|")
    for p in pulses:
        ranking = p.tracer.rank(MODELS)
        best = ranking[0]
        named = [x for x in best.parameters.values() if x.path != "area"]
        values = ", ".join(f"{x.path} {x.value:.4g} +- {x.half_width:.2g} {x.unit}".rstrip() for x in named)
        print(f"| {p.name} | {best.model} | {ranking.weights[0]:.2f} | {values} |")
        best.plot(f"tracer-{p.name}.png")
        ranking.plot(f"tracer-{p.name}-models.png")


if __name__ == "__main__":
    main()
