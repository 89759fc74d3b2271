# SPDX-License-Identifier: Apache-2.0
"""The published cases against their sources, and against the same equations solved by SciPy."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

sys.path.insert(0, str(Path(__file__).parent))
import published
from published import Row

R = 8.31446261815324  # J/mol/K


@pytest.fixture(scope="module")
def rows() -> dict[str, list[Row]]:
    return {case.__name__: list(case()) for case in published.CASES}


@pytest.mark.parametrize("case", [case.__name__ for case in published.CASES])
def test_ours_agrees_with_the_source(rows: dict[str, list[Row]], case: str) -> None:
    assert rows[case]
    for row in rows[case]:
        assert row.ours == pytest.approx(row.theirs, rel=0.0, abs=row.tolerance), str(row)


def test_the_readme_has_the_table(rows: dict[str, list[Row]]) -> None:
    text = (published.HERE / "README.md").read_text()
    for case in rows.values():
        for row in case:
            assert str(row) in text


# --- the same equations, solved otherwise -------------------------------------------------------------------


def test_van_de_vusse_has_the_digits_of_acado(rows: dict[str, list[Row]]) -> None:
    # steady state written out in ACADO Toolkit, examples/code_generation/mpc_mhe/cstr.cpp
    digits = [2.1402105301746182, 1.0903043613077321, 114.19108442079495, 112.90659291045561]
    assert [row.ours for row in rows["van_de_vusse"]] == pytest.approx(digits, rel=1e-9)


CP = (35.0 * 43.04 + 18.0 * 802.8 + 19.5 * 71.87) / 43.04  # Btu/degR per lbmol of oxide fed
UA = 40.0 * 100.0 / 43.04


def crossings(
    dH: float, dcp: float, ua: float, tau: float, T0: float, T_coil: float, Ea_R: float, cp: float = CP
) -> Iterator[float]:
    """Temperatures [degR] at which mole and energy balance of the propylene oxide tank give one conversion.

    Fogler, 3rd ed., eqs. E8-4.13 and E8-5.2; dH [Btu/lbmol] at 528 R, ua and cp per lbmol of oxide, tau [h].
    """

    def apart(T: float) -> float:
        x = tau * 16.96e12 * math.exp(-Ea_R / T)
        return x / (1.0 + x) - (cp * (T - T0) + ua * (T - T_coil)) / (dH + dcp * (T - 528.0))

    grid = np.linspace(500.0, 800.0, 301)
    for a, b in pairwise(grid):
        if apart(a) * apart(b) < 0.0:
            yield brentq(apart, a, b, xtol=1e-10)


@pytest.mark.parametrize(("row", "ua"), [(1, UA), (3, 0.0)])
def test_propylene_oxide_is_where_the_balances_cross(rows: dict[str, list[Row]], row: int, ua: float) -> None:
    (T,) = crossings(36400.0, 7.0, ua, 0.1229, 535.0, 545.0, 32400.0 / 1.987)
    assert rows["propylene_oxide"][row].ours == pytest.approx(T, rel=1e-5)  # digits of the model file


def test_the_rounding_of_the_book_explains_its_difference() -> None:
    # the book rounds UA/F to 92.9 and the heat capacities to 403.3 Btu/lbmol/R
    (T,) = crossings(36400.0, 7.0, 92.9, 0.1229, 535.0, 545.0, 32400.0 / 1.987, cp=403.3)
    assert pytest.approx(563.729, abs=5e-4) == T


def test_the_three_states_are_where_the_balances_cross(rows: dict[str, list[Row]]) -> None:
    tau = 10.0 / 7.481 / 326.34
    states = list(crossings(108000.0, 8.0, UA, tau, 534.67, 544.67, 32400.0 / 1.986))
    assert [row.ours for row in rows["three_states"]] == pytest.approx(states, rel=1e-5)
    assert [row.theirs for row in rows["three_states"]] == pytest.approx(states, abs=0.005)


def butane_rate(X: float) -> float:
    """Rate [kmol/m^3/h] along the adiabatic path; H. S. Fogler, eqs. E11-3.7 to E11-3.14."""
    T = 330.0 + 6900.0 * X / (141.0 + 161.0 / 9.0)
    k = 31.1 * math.exp(-65700.0 / R * (1.0 / T - 1.0 / 360.0))
    K = 3.03 * math.exp(6900.0 / R * (1.0 / T - 1.0 / 333.0))
    return k * 9.3 * (1.0 - (1.0 + 1.0 / K) * X)


def test_butane_agrees_with_the_integral(rows: dict[str, list[Row]]) -> None:
    tubes = [quad(lambda X: 146.7 / butane_rate(X), 0.0, X, epsabs=1e-12)[0] for X in (0.7, 0.4)]
    expected = [*tubes, 146.7 * 0.4 / butane_rate(0.4), brentq(butane_rate, 0.6, 0.8)]
    assert [row.ours for row in rows["butane"]] == pytest.approx(expected, rel=1e-5)


def test_a_tank_needs_less_than_a_tube_while_the_rate_grows(rows: dict[str, list[Row]]) -> None:
    _, tube, tank, _ = rows["butane"]
    assert tank.ours < 0.9 * tube.ours


def test_energies_stated_as_temperatures_are_shown_so() -> None:
    assert published.read("van-de-vusse").compile().parameters["reactions/wanted/k/Ea"].shown == "9758.3 K"
    assert (
        published.read("propylene-oxide").compile().parameters["reactions/hydrolysis/k/Ea"].shown
        == "16306 degR"
    )


# --- the lines ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "table", "T_ref", "scatter"),
    [
        ("amine-isocyanate", published.amines, 290.15, 0.04),
        ("epirubicin", published.degradation, 348.0, 0.25),  # group 2 is known to +/- 50 to 90 % only
    ],
)
def test_the_constants_of_the_file_are_the_line(
    name: str, table: Callable[[], dict[str, published.Points]], T_ref: float, scatter: float
) -> None:
    train = published.read(name).compile()
    for reaction, (T, k, _) in table().items():
        k_ref, Ea = published.line(T, k, T_ref)
        in_file = train.parameters[f"reactions/{reaction}/k/Ea"]
        assert in_file.value == pytest.approx(Ea, rel=3e-4)
        unit = "L/mol/s" if "L" in train.parameters[f"reactions/{reaction}/k/k_ref"].unit else "1/s"
        for T_i, k_i in zip(T, k, strict=True):
            ours = train.run({"units/flask/temperature": T_i}).value(f"units/flask/k/{reaction}", unit)
            assert ours == pytest.approx(k_ref * math.exp(-Ea / R * (1.0 / T_i - 1.0 / T_ref)), rel=1e-3)
            assert ours == pytest.approx(k_i, rel=scatter)


def test_the_constant_of_aspirin_is_the_line() -> None:
    t, aspirin, salicylic = published.aspirin_table()
    slope, at_zero = np.polyfit(t, np.log(aspirin), 1)
    k = published.read("aspirin").compile().parameters["reactions/hydrolysis/k"].value
    assert k * 3600.0 == pytest.approx(-slope, rel=2e-5)
    assert math.exp(at_zero) == pytest.approx(5.55, rel=1e-4)
    assert aspirin + salicylic == pytest.approx(np.full(5, 5.55), abs=1e-12)


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str], rows: dict[str, list[Row]]) -> None:
    published.main()
    assert capsys.readouterr().out.count("\n") == 2 + sum(map(len, rows.values()))
