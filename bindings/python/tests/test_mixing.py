# SPDX-License-Identifier: Apache-2.0
"""Units that are run in their distribution of residence times."""

from __future__ import annotations

import numpy as np
import pytest
import tautrain as tt

MODEL = """
tautrain: 1
species: {{A: {{}}, B: {{}}, P: {{}}}}
reactions: {{r: {{equation: A + B -> P, k: 0.02 L/mol/s}}}}
feeds: {{f: {{flow: 2 mL/min, concentration: {{A: 0.5 mol/L, B: 0.6 mol/L}}}}}}
units: {{coil: {{type: pfr, in: f, volume: 20 mL, {keys}}}}}
key: {{reactant: A, product: P}}
"""


def model(keys: str) -> tt.Model:
    return tt.Model.parse(MODEL.format(keys=keys))


def plug_conversion(time: float) -> float:
    """Conversion of A after a time [s], in closed form (O. Levenspiel, 3rd ed., 1999, ch. 3)."""
    a, b, k = 0.5, 0.6, 0.02
    grown = np.exp((b - a) * k * time)
    return float(b * (grown - 1.0) / (b * grown - a))


def test_a_bypass_leaves_unreacted_what_it_takes() -> None:
    """One tenth at age 0, the rest at one time: segregated, a sum of two."""
    coil = model(
        "rtd: {parallel: [{fraction: 0.1, model: plug, mean: 0 s}, "
        "{fraction: rest, model: plug, mean: 600 s}]}, mixing: segregated"
    )
    assert coil.run().value("conversion/A") == pytest.approx(0.9 * plug_conversion(600.0), rel=1e-7)


@pytest.mark.parametrize("mixing", ["segregated", "maximum"])
@pytest.mark.parametrize("path", ["0/fraction", "1/n", "1/mean"])
@pytest.mark.parametrize("mean", ["0 s", "60 s"])
def test_derivatives_beside_an_atom_agree_with_differences(mixing: str, path: str, mean: str) -> None:
    coil = model(
        f"rtd: {{parallel: [{{fraction: 0.1, model: plug, mean: {mean}}}, "
        f"{{fraction: rest, model: tanks, n: 3, mean: 660 s}}]}}, mixing: {mixing}"
    )
    at, x = f"units/coil/rtd/{path}", {"0/fraction": 0.1, "1/n": 3.0, "1/mean": 660.0}[path]

    def slope(step: float) -> float:
        up, down = (coil.run({at: x + d}, rtol=1e-10).value("conversion/A") for d in (step, -step))
        return (up - down) / (2.0 * step)

    h = 4e-3 * x
    wanted = (4.0 * slope(0.5 * h) - slope(h)) / 3.0
    assert coil.sensitivity(at, "conversion/A").value("conversion/A", at) == pytest.approx(wanted, rel=2e-5)


def test_a_mean_that_is_not_volume_over_flow_is_told() -> None:
    assert not model("rtd: {model: tanks, n: 3, mean: 600 s}, mixing: segregated").run().warnings
    (said,) = model("rtd: {model: tanks, n: 3, mean: 540 s}, mixing: segregated").run().warnings
    assert "540 s" in said
    assert "600 s" in said


def test_exchange_is_the_same_in_a_sweep() -> None:
    coil = model("rtd: {model: tanks, n: 3}, mixing: {exchange: 60 s}")
    times = np.array([30.0, 60.0, 120.0])
    sweep = coil.sweep({"units/coil/mixing/exchange": times}, keep="conversion/A", engine="lanes")
    single = [coil.run({"units/coil/mixing/exchange": t}).value("conversion/A") for t in times]
    assert sweep["conversion/A"] == pytest.approx(single, rel=1e-6)
    assert single == sorted(single)


def test_a_measured_curve_is_heeded() -> None:
    """A triangle, against the sum over its ages."""
    coil = model(
        "rtd: {model: measured, time: [5 min, 10 min, 15 min], signal: [0, 1, 0]}, mixing: segregated"
    )
    ages = np.linspace(300.0, 900.0, 60001)
    density = np.maximum(0.0, 1.0 - np.abs(ages - 600.0) / 300.0) / 300.0
    wanted = np.trapezoid(density * [plug_conversion(t) for t in ages], ages)
    assert coil.run().value("conversion/A") == pytest.approx(wanted, rel=1e-7)
