# SPDX-License-Identifier: Apache-2.0
"""Axial dispersion from dimensions, and which model of the residence times holds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from . import _core
from ._errors import InputError
from ._quantity import Quantity, in_si, number, shown
from ._table import Column, html_table, table

_GEOMETRIES = ("tube", "coil", "packed", "plates", "tank")
_REGIMES = ("unknown", "laminar", "transitional", "turbulent")
_MODELS = ("plug", "dispersion", "laminar", "between", "tank")
_UNITS = {
    "velocity": "m/s",
    "length": "m",
    "diameter": "m",
    "density": "kg/m^3",
    "viscosity": "kg/m/s",
    "diffusivity": "m^2/s",
    "coil_diameter": "m",
    "particle_diameter": "m",
    "void_fraction": "",
    "residence_time": "s",
    "impeller_diameter": "m",
    "speed": "1/s",
    "power_number": "",
}
_NUMBERS = {
    "residence_time": "s",
    "reynolds": "",
    "schmidt": "",
    "peclet_radial": "",
    "fourier": "",
    "dean": "",
    "dispersion": "m^2/s",
    "dispersion_low": "m^2/s",
    "bodenstein": "",
    "bodenstein_high": "",
    "mixing_time": "s",
}


@dataclass(frozen=True)
class Correlation:
    """A relation for dispersion or mixing.

    Attributes
    ----------
    name, formula, range, source : str
    """

    name: str
    formula: str
    range: str
    source: str


def correlations() -> tuple[Correlation, ...]:
    """Every relation that `flow_regime` may use, with its range and source."""
    return tuple(Correlation(*_core.tau_correlation_row(i)) for i in range(_core.tau_n_correlations()))


@dataclass(frozen=True)
class FlowReport:
    """What dimensions and liquid say of the spread of residence times; NaN where a number does not apply.

    Attributes
    ----------
    model : str
        Which model holds: ``plug`` (Bo >= 1000), ``dispersion``, ``laminar`` (convection), ``between``
        (laminar, neither) or ``tank``.
    why : str
        The reason, with its numbers.
    warning : str
        What is out of range or assumed; empty for nothing.
    regime : str
        ``laminar``, ``transitional``, ``turbulent`` or ``unknown``.
    correlation : Correlation
        The relation that was used.
    in_range : bool
        Whether it holds for these numbers.
    residence_time : float
        [s]
    reynolds, schmidt, peclet_radial, fourier, dean : float
        Re (of beds with the particle, of tanks with the impeller), Sc, u d/D_m, D_m tau/R^2, Re
        sqrt(d/coil_diameter).
    dispersion, dispersion_low : float
        D_ax [m^2/s]; of a coil the upper and the lower bound.
    bodenstein, bodenstein_high : float
        u L/D_ax of these.
    mixing_time : float
        Of a tank, to 95 % [s].
    """

    model: str
    why: str
    warning: str
    regime: str
    correlation: Correlation
    in_range: bool
    residence_time: float
    reynolds: float
    schmidt: float
    peclet_radial: float
    fourier: float
    dean: float
    dispersion: float
    dispersion_low: float
    bodenstein: float
    bodenstein_high: float
    mixing_time: float

    def _rows(self) -> list[list[str]]:
        rows = []
        for name, unit in _NUMBERS.items():
            value = getattr(self, name)
            twin = {"dispersion_low": self.dispersion, "bodenstein_high": self.bodenstein}.get(name)
            if math.isnan(value) or value == twin:
                continue
            text, bench = shown(value, "", unit) if unit == "s" else (number(value), unit)
            rows.append([name, text, bench])
        return rows

    def __repr__(self) -> str:
        lines = [self.why, table([Column(""), Column("", True), Column("")], self._rows(), "  ")]
        lines.append(f"by {self.correlation.name}: {self.correlation.formula}")
        lines.append(f"   for {self.correlation.range}; {self.correlation.source}")
        return "\n".join(lines + ([f"warning: {self.warning}"] if self.warning else []))

    def _repr_html_(self) -> str:
        caption = f"{self.why}. {self.warning}"
        return html_table([Column(""), Column("", True), Column("")], self._rows(), caption)


def _velocity(given: dict[str, float], geometry: str, flow: Quantity) -> float:
    """Mean velocity of a volume flow through a round tube."""
    d = given.get("diameter", math.nan)
    if geometry in ("plates", "tank") or not d > 0.0:
        raise InputError(
            "a flow gives the velocity of a round tube of known diameter only; give the velocity"
        )
    return in_si(flow, "m^3/s") / (0.25 * math.pi * d * d)


def flow_regime(
    geometry: str = "tube", *, flow: Quantity | None = None, **dimensions: Quantity
) -> FlowReport:
    """Say how a tube, coil, bed, slit or tank spreads residence times, and which model holds.

    Parameters
    ----------
    geometry : str
        ``tube`` (straight, round), ``coil``, ``packed``, ``plates`` or ``tank``.
    flow : quantity, optional
        Volume flow [m^3/s] in place of ``velocity``, where the cross-section is round.
    **dimensions : quantity
        SI numbers, texts with units or pint quantities: ``velocity`` (packed: superficial), ``length``,
        ``diameter`` (plates: the gap), ``diffusivity``; ``density`` and ``viscosity`` for Re;
        ``coil_diameter``; ``particle_diameter`` and ``void_fraction``; of a tank ``residence_time``,
        ``diameter``, ``impeller_diameter``, ``speed`` and ``power_number``.

    Returns
    -------
    FlowReport

    Examples
    --------
    >>> size = {"length": "10 m", "diameter": "1 mm"}
    >>> report = flow_regime("tube", flow="1 mL/min", diffusivity="1e-9 m^2/s", **size)
    >>> report.model, round(report.bodenstein, 1)
    ('dispersion', 90.5)
    """
    if geometry not in _GEOMETRIES:
        raise InputError(f"there is no geometry '{geometry}'; there are {', '.join(_GEOMETRIES)}")
    unknown = set(dimensions) - set(_UNITS)
    if unknown:
        raise InputError(f"'{sorted(unknown)[0]}' is no dimension of a flow; there are {', '.join(_UNITS)}")
    given = {name: in_si(value, _UNITS[name]) for name, value in dimensions.items()}
    if flow is not None:
        if "velocity" in given:
            raise InputError("flow and velocity say the same thing; give one of them")
        given["velocity"] = _velocity(given, geometry, flow)
    numbers, regime, model, row, in_range, why, warning = _core.taupy_flow(
        _GEOMETRIES.index(geometry), tuple(given.get(name, math.nan) for name in _UNITS)
    )
    return FlowReport(
        _MODELS[model],
        why,
        warning,
        _REGIMES[regime],
        correlations()[row],
        bool(in_range),
        *numbers,
    )


def dispersion(geometry: str = "tube", *, flow: Quantity | None = None, **dimensions: Quantity) -> float:
    """Axial dispersion coefficient D_ax [m^2/s] by the relations of `correlations`.

    Parameters
    ----------
    geometry, flow, **dimensions
        As for `flow_regime`, which also says whether the relation holds.

    Returns
    -------
    float
        Of a coil the upper bound.
    """
    return flow_regime(geometry, flow=flow, **dimensions).dispersion
