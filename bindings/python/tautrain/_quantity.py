# SPDX-License-Identifier: Apache-2.0
"""Quantities: a number in SI, a text with its unit, or a quantity of pint."""

from __future__ import annotations

import math
import numbers
from typing import Any, Protocol, TypeAlias, TypeGuard, runtime_checkable

import numpy as np
import numpy.typing as npt

from . import _core
from ._errors import UnitsError


@runtime_checkable
class PintQuantity(Protocol):
    """What is used of a quantity of pint."""

    @property
    def magnitude(self) -> Any:
        """The number."""
        ...

    def to_base_units(self) -> Any:
        """The same in base units."""
        ...


Quantity: TypeAlias = float | str | PintQuantity


def is_number(value: object) -> TypeGuard[float]:
    """Whether it is a real number; True and False are none."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)


def text(value: object) -> str:
    """A quantity as a model file has it.

    Parameters
    ----------
    value : float, str or pint quantity
        A number becomes text without a unit, to its last digit.

    Returns
    -------
    str
        ``2.5 mL/min``
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        return repr(float(value))
    if isinstance(value, PintQuantity):
        return _pint_text(value)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return text(value.item())
    raise TypeError(f"{value!r} is no quantity; a number, a text with its unit or a pint quantity is needed")


def _pint_text(value: PintQuantity) -> str:
    base = value.to_base_units()
    unit = format(base.units, "~C").replace("**", "^").replace("Δ", "")
    return f"{float(base.magnitude)!r} {'' if unit == 'dimensionless' else unit}".strip()


def in_si(value: Quantity, unit: str) -> float:
    """A quantity as a number in SI.

    Parameters
    ----------
    value : float, str or pint quantity
        A plain number is in SI already.
    unit : str
        The SI unit that it must have, ``s``.

    Returns
    -------
    float
    """
    if is_number(value):
        return float(value)
    x, found = _core.tau_quantity_parse(text(value))
    if found != unit:
        raise UnitsError(
            f"'{text(value)}' is in {found or '1'}; {unit or 'a plain number'} or the like is needed",
            kind="wrong-unit" if found else "missing-unit",
        )
    return x


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """Convert a number from one unit to another.

    Parameters
    ----------
    value : float
        In ``from_unit``. degC and degF convert as temperatures.
    from_unit, to_unit : str
        Units as in a model file.

    Returns
    -------
    float
        In ``to_unit``.

    Raises
    ------
    UnitsError
        A unit is unknown, or the dimensions differ.

    Examples
    --------
    >>> convert(90.0, "s", "min")
    1.5
    """
    return _core.tau_convert(float(value), from_unit, to_unit)


def linspace(first: Quantity, last: Quantity, n: int) -> npt.NDArray[np.float64]:
    """Values at equal distances.

    Parameters
    ----------
    first, last : quantity
        The ends, both in the result. Plain numbers are in SI.
    n : int
        How many.

    Returns
    -------
    ndarray
        n numbers in SI, as every input takes them.

    Examples
    --------
    >>> linspace("0 degC", "100 degC", 3)
    array([273.15, 323.15, 373.15])
    """
    if is_number(first) and is_number(last):
        return np.linspace(float(first), float(last), n)
    if is_number(first) or is_number(last):
        raise UnitsError(
            f"'{first}' and '{last}': both ends need a unit, or none of them", kind="missing-unit"
        )
    a, unit = _core.tau_quantity_parse(text(first))
    b, other = _core.tau_quantity_parse(text(last))
    if unit != other:
        raise UnitsError(
            f"'{text(first)}' is in {unit or '1'}, '{text(last)}' in {other or '1'}; they must agree",
            kind="wrong-unit",
        )
    return np.linspace(a, b, n)


# How a number is shown to a chemist: SI unit, bench unit.
_BENCH = {
    "mol/m^3": "mol/L",
    "m^3/s": "mL/min",
    "m^3": "mL",
    "kg/s": "g/h",
    "kg/m^3/s": "g/L/h",
    "mol/s": "mmol/min",
    "s": "min",
}
_PERCENT = ("conversion/", "yield/", "selectivity/")
_TEMPERATURES = ("T", "T_max")


def bench_unit(path: str, si_unit: str) -> str:
    """The unit in which a chemist reads an observable or a parameter, "degC" for ``outlet/T``."""
    if path.startswith(_PERCENT) and not si_unit:
        return "%"
    if si_unit == "K" and path.rsplit("/", 1)[-1] in _TEMPERATURES:
        return "degC"
    return _BENCH.get(si_unit, si_unit)


def shown(value: float, path: str, si_unit: str) -> tuple[str, str]:
    """A value in SI as text for a table, and its bench unit."""
    unit = bench_unit(path, si_unit)
    if math.isnan(value):
        return "-", unit
    if unit == "%" and abs(value) < 1e-14:  # rounding of 1 - out/in
        return "0", unit
    return number(value if unit == si_unit else _core.tau_convert(value, si_unit or "1", unit)), unit


def number(x: float) -> str:
    """Four digits."""
    if math.isnan(x):
        return "-"
    return f"{x:.4g}" if x == 0 or 1e-3 <= abs(x) < 1e5 or math.isinf(x) else f"{x:.3e}"
