# SPDX-License-Identifier: Apache-2.0
"""Quantities, kinds, and what importing costs."""

from __future__ import annotations

import inspect
import math
import subprocess
import sys

import numpy as np
import pint
import pytest
import tautrain as tt
from hypothesis import given
from hypothesis import strategies as st
from tautrain._quantity import in_si, shown, text

UNITS = pint.UnitRegistry()


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (60.0, "s", "min", 1.0),
        (0.0, "degC", "K", 273.15),
        (100.0, "degC", "degF", 212.0),
        (1.0, "kcal/mol", "J/mol", 4184.0),  # the chemist's calorie
        (1.0, "mol/L", "mol/m^3", 1000.0),
        (1.0, "L/mol/s", "m^3/mol/s", 1e-3),
    ],
)
def test_convert(value: float, source: str, target: str, expected: float) -> None:
    assert tt.convert(value, source, target) == pytest.approx(expected, rel=1e-14)


def test_convert_refuses_what_does_not_agree() -> None:
    with pytest.raises(tt.UnitsError, match="min"):
        tt.convert(1.0, "min", "K")
    with pytest.raises(ValueError, match="blob"):
        tt.convert(1.0, "blob", "K")


def test_linspace_is_in_si() -> None:
    assert tt.linspace("60 degC", "120 degC", 61)[[0, 1, -1]] == pytest.approx([333.15, 334.15, 393.15])
    assert tt.linspace("30 s", "2 min", 2) == pytest.approx([30.0, 120.0])
    assert tt.linspace(1, 3, 3) == pytest.approx([1, 2, 3])
    with pytest.raises(tt.UnitsError):
        tt.linspace("1 s", "2 K", 3)
    with pytest.raises(tt.UnitsError):
        tt.linspace("1 s", 2, 3)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_become_text_to_the_last_digit(x: float) -> None:
    assert float(text(x)) == x
    assert in_si(np.float64(x), "s") == x


@pytest.mark.parametrize(
    ("quantity", "expected", "unit"),
    [
        (UNITS("2.5 mL/min"), 2.5e-6 / 60, "m^3/s"),
        (UNITS.Quantity(80, "degC"), 353.15, "K"),
        (UNITS("0.579 L/mol/s"), 0.579e-3, "m^3/mol/s"),
        (UNITS("33.3 kJ/mol"), 33.3e3, None),
        (UNITS.Quantity(0.5, ""), 0.5, ""),
    ],
)
def test_pint_quantities(quantity: pint.Quantity, expected: float, unit: str | None) -> None:
    assert in_si(text(quantity), unit or "J/mol" if unit is None else unit) == pytest.approx(
        expected, rel=1e-12
    )


def test_a_quantity_of_another_dimension_is_refused() -> None:
    with pytest.raises(tt.UnitsError, match="K"):
        in_si("5 K", "s")


def test_numbers_are_shown_in_bench_units() -> None:
    assert shown(1e-6, "units/coil/volume", "m^3") == ("1", "mL")
    assert shown(363.15, "outlet/T", "K") == ("90", "degC")
    assert shown(5.0, "units/coil/adiabatic_rise", "K") == ("5", "K")  # a difference
    assert shown(0.5, "conversion/A", "") == ("50", "%")
    assert shown(math.nan, "outlet/T", "K") == ("-", "degC")


def test_unit_kinds_document_themselves() -> None:
    pfr = tt.units.pfr
    assert "volume : quantity [m^3]" in (inspect.getdoc(pfr) or "")
    assert {"volume", "residence_time", "length", "diameter", "inlets"} <= set(
        inspect.signature(pfr).parameters
    )
    assert {"mixer", "splitter", "pfr", "cstr", "tanks", "batch"} <= set(dir(tt.units))
    assert pfr(volume="5 mL") == {"volume": "5 mL"}
    with pytest.raises(AttributeError, match="cstr"):
        tt.units.nosuch  # noqa: B018  the look-up itself is to fail
    for kind in tt.units:
        assert tt.units[kind].__doc__


def test_laws_and_solvents_document_themselves() -> None:
    assert "michaelis_menten" in dir(tt.laws)
    assert "km" in inspect.signature(tt.laws.michaelis_menten).parameters
    ethanol = tt.solvents.ethanol
    assert ethanol == "ethanol"
    assert ethanol.properties["density"][0] == pytest.approx(785, abs=5)  # kg/m^3 at 25 degC
    assert "ethanol" in tt.solvents
    assert "pfr" in repr(tt.units)


def test_forms_of_k_refuse_half_of_a_form() -> None:
    with pytest.raises(TypeError):
        tt.arrhenius(k_ref="1 1/s", Ea="50 kJ/mol")
    assert tt.arrhenius(A="1e7 1/s", Ea="60 kJ/mol") == {"arrhenius": {"A": "1e7 1/s", "Ea": "60 kJ/mol"}}
    assert tt.eyring(dH="60 kJ/mol", dS="-50 J/mol/K") == {"eyring": {"dH": "60 kJ/mol", "dS": "-50 J/mol/K"}}
    assert list(tt.van_t_hoff(K_ref="2 L/mol", T_ref="25 degC", dH="-40 kJ/mol")) == ["van-t-hoff"]


def test_the_package_is_light_to_import() -> None:
    heavy = ["xarray", "pandas", "matplotlib", "h5py", "scipy", "typer", "rich"]
    code = f"import sys, tautrain; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_version() -> None:
    assert tt.__version__.count(".") == 2
