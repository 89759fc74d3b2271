# SPDX-License-Identifier: Apache-2.0
"""The lomustine route against what is published, against SciPy, and against its own README."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import tautrain as tt
from scipy.integrate import solve_ivp

sys.path.insert(0, str(Path(__file__).parent))
import lomustine

R = 8.31446261815324  # J/mol/K
SPECIES = ["CyNH2", "ClEtNCO", "Et3N", "urea", "TBN", "adduct", "lomustine", "isomer", "tBuOH"]
M_LOMUSTINE = 233.70  # g/mol, C9H16ClN3O2


@pytest.fixture(scope="module")
def train() -> tt.Train:
    return lomustine.compile_route()


@pytest.fixture(scope="module")
def result(train: tt.Train) -> tt.Result:
    return train.run()


def coil(c: npt.NDArray[np.float64], T: float, time: float) -> npt.NDArray[np.float64]:
    """Concentrations [mol/L] after a time [s] in plug flow, the rate laws written out by hand."""
    k_carbamoylation = 2.7 * np.exp(-7.3 * 4184.0 / R * (1.0 / T - 1.0 / 323.15))
    k_association = 0.01222 * np.exp(-50e3 / R * (1.0 / T - 1.0 / 298.15))

    def rates(_: float, c: npt.NDArray[np.float64]) -> list[float]:
        amine, isocyanate, base, urea, nitrite, adduct = c[:6]
        carbamoylation = k_carbamoylation * amine * isocyanate * base
        association = k_association * (urea * nitrite - adduct / 1.0)
        collapse, misplacement = 0.95 * adduct, 0.05 * adduct
        together = collapse + misplacement
        return [
            -carbamoylation,
            -carbamoylation,
            0.0,
            carbamoylation - association,
            -association,
            association - together,
            collapse,
            misplacement,
            together,
        ]

    return solve_ivp(rates, (0.0, time), c, method="LSODA", rtol=1e-11, atol=1e-15).y[:, -1]


def outlet_by_scipy() -> npt.NDArray[np.float64]:
    """Outlet concentrations [mol/L] of the two coils with the mixing done by hand."""
    c = np.zeros(len(SPECIES))
    c[:3] = 0.25, 1.1 * 0.25, 0.25  # 25 uL/min of 0.5 mol/L, diluted by the same flow of isocyanate
    c = 0.5 * coil(c, 323.15, 60.0)  # diluted by the same flow of nitrite
    c[4] = 2.0 * 0.125
    return coil(c, 298.15, 480.0)


def test_the_outlet_agrees_with_scipy(result: tt.Result) -> None:
    c = [result.value(f"outlet/c/{species}", "mol/L") for species in SPECIES]
    assert c == pytest.approx(outlet_by_scipy(), abs=1e-6 * 0.125)


def test_the_yield_is_the_published_one_by_construction(result: tt.Result) -> None:
    assert result.value("yield/lomustine", "%") == pytest.approx(lomustine.PUBLISHED_YIELD, abs=0.01)


def test_the_fit_gives_the_constant_of_the_file(train: tt.Train) -> None:
    assert lomustine.fit(train) == pytest.approx(0.01222, rel=2e-4)  # the file has four digits


def test_time_and_production_are_the_published_ones(result: tt.Result) -> None:
    assert result.value("residence_time", "min") == pytest.approx(9.0, rel=1e-12)
    assert result.value("units/coil-1/residence_time", "min") == pytest.approx(1.0, rel=1e-12)
    # 0.5 mol/L x 25 uL/min x 63 % x M: 110.4 mg/h, published 110
    production = 0.5 * 25e-6 * 60.0 * result.value("yield/lomustine") * M_LOMUSTINE * 1e3
    assert result.value("productivity/lomustine", "mg/h") == pytest.approx(production, rel=2e-5)
    assert production == pytest.approx(110.0, abs=0.5)


def test_the_weakest_evidence_travels_into_the_result(result: tt.Result) -> None:
    assert result.evidence == "illustrative"


def test_matter_is_kept(result: tt.Result) -> None:
    assert result.value("balance/closure") < 1e-9


def test_the_readme_says_how_much_the_assumed_constants_matter(train: tt.Train) -> None:
    readme = (lomustine.ROUTE.parent / "README.md").read_text()
    found = list(lomustine.yields(train).values())
    pairs = [f"| {a:.1f} / {b:.1f} % |" for a, b in zip(found[0:8:2], found[1:8:2], strict=True)]
    for text in [*pairs, f"| {found[8]:.1f} % |"]:
        assert text in readme
