# SPDX-License-Identifier: Apache-2.0
"""Rtd: a distribution of residence times, and what it does to a signal."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _core
from ._errors import InputError, PathError
from ._labelled import Array
from ._quantity import PintQuantity, Quantity, in_si, is_number, number
from ._table import Column, html_table, table
from ._train import Parameter, Table, nearest, parameters_of

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.figure import Figure

Times = Quantity | npt.ArrayLike
N_TIMES = 401
_N_PERIOD = 2048  # points of a period of a pulsation


class Atom(NamedTuple):
    """A share of the flow that leaves at one time.

    Attributes
    ----------
    time : float
        [s]
    weight : float
        Share of the flow [-].
    """

    time: float
    weight: float


class RtdMoments(NamedTuple):
    """Moments of a distribution, atoms included; infinite where they are.

    Attributes
    ----------
    mean, variance, third_central : float
        [s], [s^2] and [s^3], the last two about the mean.
    skewness : float
        third_central/variance^1.5 [-]; nan for plug flow.
    """

    mean: float
    variance: float
    third_central: float
    skewness: float


class Frequency(NamedTuple):
    """What is left of a sine of each frequency, and how far it lags.

    Attributes
    ----------
    gain : ndarray
        Amplitude at the outlet over amplitude at the inlet [-].
    phase : ndarray
        Below zero for a lag [rad], without jumps.
    """

    gain: Array
    phase: Array


def numbers_in(values: Times, unit: str, what: str) -> Array:
    """Numbers in SI, of the shape given: numbers, texts with units, a quantity, or arrays of them."""
    if isinstance(values, PintQuantity):
        magnitude = np.asarray(values.magnitude, dtype=float)
        scale, shift = _line(values, unit)
        return np.array(scale * magnitude + shift, order="C")
    if isinstance(values, str) or is_number(values):
        return np.array(in_si(values, unit))
    array = np.asarray(values)
    if array.dtype.kind in "fiu":
        return np.array(array, dtype=float, order="C")  # a number stays one: it has no shape
    out = np.array([in_si(_item(x, what), unit) for x in array.ravel().tolist()], dtype=float)
    return out.reshape(array.shape)


def _item(x: Any, what: str) -> Quantity:
    if isinstance(x, str | PintQuantity) or is_number(x):
        return x
    raise InputError(f"{what}: {x!r} is no quantity; numbers in SI or texts with units are needed")


def _line(values: PintQuantity, unit: str) -> tuple[float, float]:
    """Factor and offset to SI of an array of pint: exact, since units are linear."""
    one = type(values)
    units = getattr(values, "units", None)
    zero, full = (in_si(one(x, units), unit) for x in (0.0, 1.0))  # type: ignore[call-arg]  # as of pint
    return full - zero, zero


def address(array: Array) -> int:
    """Where the library finds the numbers of a contiguous array."""
    return int(array.ctypes.data)


class Rtd:
    """A distribution of residence times: immutable, comparable, picklable.

    Made by ``tt.rtd.plug("5 s")``, ``tt.rtd.tanks("2 min", n=3.2)``, ``tt.rtd.measured(t, signal)`` ...,
    by `Model.rtd` of a whole train, and of others: ``a + b`` is one after the other, ``tt.rtd.parallel`` side
    by side, ``tt.rtd.recycle`` a loop. Times are numbers in s, texts with units, quantities or arrays of
    them; what comes out is SI and has the shape of the times.

    Attributes
    ----------
    fraction : float
        Share of what enters that leaves here: 1 but for the distribution of a train with several outlets.

    Examples
    --------
    >>> coil = tt.rtd.dispersion("2 min", peclet=100)
    >>> both = tt.rtd.plug("10 s") + coil
    >>> both.mean
    130.0
    >>> both.washout_time("99.9 %")  # doctest: +SKIP
    """

    def __init__(self, handle: Any, fraction: float = 1.0) -> None:
        self._handle = handle
        self.fraction = fraction

    # --- what it is ---

    @property
    def tree(self) -> tuple[Any, ...]:
        """What it is made of, as nested tuples with all values in SI.

        ``(model, {parameter: value})``, ``("measured", t, signal)``, ``("series", parts)``, ``("parallel",
        parts, fractions)`` (all but the last one), ``("recycle", parts, ratio)``.
        """
        return _core.taupy_rtd_tree(self._handle)

    @property
    def parameters(self) -> Table[Parameter]:
        """Its numbers by path: ``peclet``; of a composition ``1/mean``, ``0/fraction``, ``back/mean``."""
        h = self._handle

        def one(i: int) -> tuple[str, float, float, float, float, str, str, str]:
            path, unit = _core.tau_rtd_parameter_path(h, i), _core.tau_rtd_parameter_unit(h, i)
            lower, upper = _core.tau_rtd_parameter_lower(h, i), _core.tau_rtd_parameter_upper(h, i)
            return path, _core.tau_rtd_parameter_value(h, i), 0.0, lower, upper, unit, unit, ""

        return parameters_of(_core.tau_rtd_n_parameters(h), one)

    def with_values(self, values: Mapping[str, Quantity]) -> Rtd:
        """The same distribution with other values of some parameters.

        Parameters
        ----------
        values : mapping
            Quantities by path, as in `parameters`.

        Returns
        -------
        Rtd
        """
        table_ = self.parameters
        paths = list(table_)
        new = np.array([row.value for row in table_.values()])
        for path, value in values.items():
            if path not in table_:
                raise PathError(
                    f"'{path}' is no parameter of this distribution{nearest(path, table_)}",
                    kind="unknown-parameter",
                )
            new[paths.index(path)] = in_si(value, table_[path].si_unit)
        return Rtd(_core.tau_rtd_with(self._handle, address(new)), self.fraction)

    @property
    def warning(self) -> str:
        """What a model in it says of its own range; empty where nothing."""
        return _core.tau_rtd_warning(self._handle) or ""

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """Shares that leave at one time: of plug flow, of a bypass; in the order of time."""
        return tuple(Atom(*pair) for pair in _core.taupy_rtd_atoms(self._handle))

    # --- curves ---

    def _curve(self, evaluate: Any, t: Times) -> tuple[Array, float]:
        times = numbers_in(t, "s", "t")
        out = np.empty_like(times)
        error = evaluate(self._handle, times.size, address(times), address(out))
        return out[()], error

    def E(self, t: Times) -> Array:  # noqa: N802  the field's symbol
        """Density E(t) without the atoms [1/s], 0 before 0.

        Parameters
        ----------
        t : times
            [s], in any order.

        Returns
        -------
        ndarray
            Of the shape of t.
        """
        return self._curve(_core.tau_rtd_density, t)[0]

    def F(self, t: Times) -> Array:  # noqa: N802  the field's symbol
        """Share that has left by t [-], atoms included."""
        return self._curve(_core.tau_rtd_cumulative, t)[0]

    def W(self, t: Times) -> Array:  # noqa: N802  the field's symbol
        """Share that is still inside at t [-], 1 - F, to relative accuracy in the tail."""
        return self._curve(_core.tau_rtd_washout, t)[0]

    def I(self, t: Times) -> Array:  # noqa: E743, N802  the field's symbol
        """Density of ages inside the vessel [1/s], W/mean."""
        return self._curve(_core.tau_rtd_internal_age, t)[0]

    def errors(self, t: Times) -> dict[str, float]:
        """Estimates of the largest absolute error of E [1/s], F and W [-] at some times."""
        curves = {
            "E": _core.tau_rtd_density,
            "F": _core.tau_rtd_cumulative,
            "W": _core.tau_rtd_washout,
        }
        return {name: self._curve(curve, t)[1] for name, curve in curves.items()}

    def E_slopes(self, t: Times) -> Array:  # noqa: N802  the field's symbol
        """Derivatives of E to the parameters, exact [..., parameter]; order as in `parameters`."""
        times = numbers_in(t, "s", "t")
        out = np.empty((*times.shape, _core.tau_rtd_n_parameters(self._handle)))
        _core.tau_rtd_density_slopes(self._handle, times.size, address(times), address(out))
        return out

    def transform(self, s: npt.ArrayLike) -> npt.NDArray[np.complex128]:
        """Laplace transform G(s), the integral of E(t) exp(-s t).

        Parameters
        ----------
        s : complex or array of them
            [1/s], right of the singularities of G.

        Returns
        -------
        ndarray
            Complex, of the shape of s.
        """
        at = np.array(s, dtype=complex, order="C")
        out = np.empty_like(at)
        _core.tau_rtd_transform(self._handle, at.size, int(at.ctypes.data), int(out.ctypes.data))
        return out[()]

    def times(self, n: int = N_TIMES) -> Array:
        """So many places that show the curve [s], denser where it is steep.

        From 0 to where 99.9 % has left.
        """
        if n < 2:
            raise InputError(f"{n} times: at least 2 are needed")
        out = np.empty(n)
        _core.tau_rtd_times(self._handle, n, address(out))
        return out

    # --- numbers ---

    @property
    def moments(self) -> RtdMoments:
        """Mean, variance, third central moment and skewness, in closed form."""
        return RtdMoments(*_core.taupy_rtd_moments(self._handle))

    @property
    def mean(self) -> float:
        """Mean residence time [s]."""
        return self.moments.mean

    @property
    def variance(self) -> float:
        """Second moment about the mean [s^2]; inf for laminar flow without diffusion."""
        return self.moments.variance

    @property
    def sigma(self) -> float:
        """Standard deviation [s], the square root of the variance."""
        return math.sqrt(self.moments.variance)

    @property
    def skewness(self) -> float:
        """Third central moment/sigma^3 [-]; nan for plug flow."""
        return self.moments.skewness

    def truncated_moments(self, t_end: Quantity) -> tuple[float, float, float]:
        """Integrals of E, t E and t^2 E from 0 to t_end, atoms included: [-], [s], [s^2]."""
        return _core.tau_rtd_truncated_moments(self._handle, in_si(t_end, "s"))

    def quantile(self, fraction: Quantity) -> float:
        """Time at which a fraction has left [s].

        Parameters
        ----------
        fraction : quantity
            Above 0 and below 1: 0.5 or ``"50 %"``.
        """
        return _core.tau_rtd_quantile(self._handle, in_si(fraction, ""))

    def washout_time(self, purity: Quantity) -> float:
        """Time after a switch of the feed from which the outlet has a purity [s].

        Parameters
        ----------
        purity : quantity
            Share of the new feed at the outlet: 0.999 or ``"99.9 %"``.
        """
        return _core.tau_rtd_washout_time(self._handle, in_si(purity, ""))

    # --- signals ---

    def respond(self, t_in: Times, c_in: npt.ArrayLike, t: Times) -> Array:
        """Outlet signal for an inlet signal.

        The inlet is the polyline through its points, held at the first value before them and at the last one
        after them; a step is two points at one time. Exact for the polyline: no grid is used.

        Parameters
        ----------
        t_in : times
            Of the inlet, ascending [s].
        c_in : array
            Numbers in any unit, as many as t_in.
        t : times
            Of the outlet [s], in any order.

        Returns
        -------
        ndarray
            In the unit of c_in, of the shape of t.
        """
        inlet, times = np.atleast_1d(numbers_in(t_in, "s", "t_in")), numbers_in(t, "s", "t")
        signal = np.atleast_1d(np.ascontiguousarray(c_in, dtype=float))
        if inlet.shape != signal.shape or inlet.ndim != 1:
            raise InputError(
                f"t_in has the shape {inlet.shape} and c_in {signal.shape}; one number a time is needed"
            )
        out = np.empty_like(times)
        _core.tau_rtd_respond(
            self._handle,
            inlet.size,
            address(inlet),
            address(signal),
            times.size,
            address(times),
            address(out),
        )
        return out[()]

    def respond_step(self, t: Times, before: float = 0.0, after: float = 1.0, at: Quantity = 0.0) -> Array:
        """Outlet for an inlet that jumps from `before` to `after` at a time [s]."""
        start = in_si(at, "s")
        return self.respond([start, start], [before, after], t)

    def respond_pulse(
        self, t: Times, duration: Quantity, height: float = 1.0, at: Quantity = 0.0, base: float = 0.0
    ) -> Array:
        """Outlet for an inlet at `base` that is at `height` from a time on, for a duration [s]."""
        start, long = in_si(at, "s"), in_si(duration, "s")
        if not long > 0.0:
            raise InputError(f"the duration is {number(long)} s; more than 0 is needed")
        end = start + long
        return self.respond([start, start, end, end], [base, height, height, base], t)

    def respond_sine(
        self, t: Times, frequency: Quantity, amplitude: float = 1.0, mean: float = 0.0, phase: float = 0.0
    ) -> Array:
        """Outlet for mean + amplitude sin(2 pi f t + phase) that has been going on for ever.

        Parameters
        ----------
        t : times
            [s]
        frequency : quantity
            [1/s]
        """
        f = in_si(frequency, "1/s")
        gain, lag = self.frequency(f)
        angle = 2.0 * np.pi * f * numbers_in(t, "s", "t") + phase + lag
        return np.asarray(mean + amplitude * gain * np.sin(angle))[()]

    def frequency(self, f: Times) -> Frequency:
        """Gain and phase of sines.

        Parameters
        ----------
        f : frequencies
            In Hz, or ``"6 1/min"``; in any order.

        Returns
        -------
        Frequency
            gain [-] and phase [rad], of the shape of f.
        """
        asked = numbers_in(f, "1/s", "f")
        flat = asked.ravel()
        order = np.argsort(flat)
        omega = np.ascontiguousarray(2.0 * np.pi * flat[order])
        gain, phase = np.empty_like(omega), np.empty_like(omega)
        _core.tau_rtd_frequency(self._handle, omega.size, address(omega), address(gain), address(phase))
        back = np.empty_like(order)
        back[order] = np.arange(order.size)
        return Frequency(*(x[back].reshape(asked.shape)[()] for x in (gain, phase)))

    def damping(self, f: Times, shape: str = "sine") -> Array:
        """What is left of the pulsation of a pump: peak-to-peak height at the outlet over that at the inlet.

        Parameters
        ----------
        f : frequencies
            Strokes: in Hz, or ``"60 1/min"``.
        shape : {"sine", "piston"}
            Of the signal over a stroke: a sine; or half a sine, then nothing, as one piston delivers (its
            Fourier series to the 1000th harmonic, good to 1e-3).

        Returns
        -------
        ndarray
            [-], of the shape of f.
        """
        asked = numbers_in(f, "1/s", "f")
        if shape == "sine":
            return self.frequency(asked).gain
        if shape != "piston":
            raise InputError(f"there is no shape '{shape}'; there are sine and piston")
        out = np.array([self._piston(float(one)) for one in asked.ravel()])
        return out.reshape(asked.shape)[()]

    def _piston(self, f: float) -> float:
        """From 1/pi + sin(x)/2 - 2/pi sum of cos(k x)/(k^2 - 1) over even k, of height 1."""
        k = np.array([1, *range(2, 1001, 2)])
        height = np.array([0.5, *(-2.0 / (np.pi * (k[1:] ** 2 - 1.0)))])
        gain, phase = self.frequency(f * k)
        angle = 2.0 * np.pi * np.arange(_N_PERIOD) / _N_PERIOD
        waves = np.sin(np.outer(k, angle) + phase[:, None] + 0.5 * np.pi * (k > 1)[:, None])
        return float(np.ptp((height * gain) @ waves))

    # --- shown ---

    def to_pandas(self, t: Times | None = None) -> pandas.DataFrame:
        """E, F and W over time in s; `times` where t is left out."""
        from ._export import lacks

        try:
            import pandas
        except ImportError as error:
            raise lacks("pandas", error) from error
        at = self._places(t)
        columns = {"E [1/s]": self.E(at), "F": self.F(at), "W": self.W(at)}
        return pandas.DataFrame(columns, index=pandas.Index(at, name="time [s]"))

    def to_xarray(self, t: Times | None = None) -> xarray.Dataset:
        """E, F and W over time with units; moments and atoms are in it too."""
        from ._export import lacks

        try:
            import xarray
        except ImportError as error:
            raise lacks("xarray", error) from error
        at = self._places(t)
        variables: dict[str, Any] = {
            "E": ("time", self.E(at), {"units": "1/s", "long_name": "density, without atoms"}),
            "F": ("time", self.F(at), {"units": "1", "long_name": "share that has left"}),
            "W": ("time", self.W(at), {"units": "1", "long_name": "share that is still inside"}),
        }
        units = ("s", "s^2", "s^3", "1")
        for name, value, unit in zip(RtdMoments._fields, self.moments, units, strict=True):
            variables[name] = ((), value, {"units": unit})
        coords: dict[str, Any] = {"time": ("time", at, {"units": "s", "long_name": "time"})}
        if self.atoms:
            coords["atom"] = ("atom", [a.time for a in self.atoms], {"units": "s", "long_name": "time"})
            variables["weight"] = ("atom", [a.weight for a in self.atoms], {"units": "1"})
        return xarray.Dataset(variables, coords, {"title": self._title()})

    def _places(self, t: Times | None) -> Array:
        return self.times() if t is None else np.atleast_1d(numbers_in(t, "s", "t"))

    def plot(self, path: str | os.PathLike[str] | None = None, *, t: Times | None = None) -> Figure:
        """E above with the atoms as stems, F and W below.

        Parameters
        ----------
        path : path, optional
            Write the picture there.
        t : times, optional
            `times` where left out.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from ._rtd_plot import plot

        return plot({"": self}, path, None if t is None else self._places(t))

    def save(
        self,
        file: str | os.PathLike[str],
        name: str = "rtd",
        *,
        t: Times | None = None,
        overwrite: bool = False,
    ) -> None:
        """Write the curves, moments and parameters as an HDF5 file; see `save` of ``tt.rtd`` for several."""
        from ._rtd_make import save

        save(file, {name: self}, t=t, overwrite=overwrite)

    def to_yaml(self) -> str:
        """Text as it stands behind a name in the block ``rtd:`` of a model file; `tt.rtd.parse` reads it."""
        return _core.tau_rtd_print(self._handle)

    def _title(self) -> str:
        return outline(self.tree)

    def _rows(self) -> list[list[str]]:
        m = self.moments
        rows = [[p.path, *_shown(p.value, p.si_unit)] for p in self.parameters.values()]
        rows += [
            ["mean residence time", *_shown(m.mean, "s")],
            ["sigma", *_shown(math.sqrt(m.variance), "s")],
        ]
        rows += [["variance/mean^2", number(m.variance / m.mean**2) if m.mean else "-", ""]]
        rows += [["skewness", number(m.skewness), ""]]
        rows += [[f"{q} % has left", *_shown(self.quantile(0.01 * q), "s")] for q in (5, 50, 95)]
        rows += [["99.9 % has left", *_shown(self.washout_time(0.999), "s")]]
        rows += [
            [f"atom of {number(100.0 * a.weight)} %", *_shown(a.time, "s")] for a in self.atoms[:_MOST_ATOMS]
        ]
        if len(self.atoms) > _MOST_ATOMS:
            rows += [[f"and {len(self.atoms) - _MOST_ATOMS} atoms more", "", ""]]
        if self.fraction < 1.0 - 1e-12:
            rows += [["share that leaves here", number(100.0 * self.fraction), "%"]]
        return rows

    def __repr__(self) -> str:
        note = f"\nwarning: {self.warning}" if self.warning else ""
        return f"{self._title()}\n{table(_COLUMNS, self._rows(), '  ')}{note}"

    def _repr_html_(self) -> str:
        return html_table(_COLUMNS, self._rows(), self._title())

    # --- compared, copied, joined ---

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rtd):
            return NotImplemented
        return self.fraction == other.fraction and self.tree == other.tree

    def __hash__(self) -> int:
        return hash(repr(self.tree))

    def __reduce__(self) -> tuple[Any, ...]:
        from ._rtd_make import rebuilt

        return rebuilt, (self.tree, self.fraction)

    def __add__(self, other: Rtd) -> Rtd:
        if not isinstance(other, Rtd):
            return NotImplemented
        from ._rtd_make import series

        return series(self, other)


_COLUMNS = [Column(""), Column("", True), Column("")]
_MOST_ATOMS = 5


def _shown(seconds: float, unit: str) -> tuple[str, str]:
    """Times in s below two minutes, then in min."""
    if unit == "s" and 119.9999 <= abs(seconds) < math.inf:
        return number(seconds / 60.0), "min"
    return number(seconds), unit


# --- said in one line ---


def outline(tree: tuple[Any, ...]) -> str:
    """One line: ``plug + dispersion``, ``0.3 plug | 0.7 tanks``, ``recycle(dispersion, back plug)``."""
    kind, body = tree[0], tree[1]
    if kind == "series":
        return " + ".join(f"({outline(p)})" if p[0] == "parallel" else outline(p) for p in body)
    if kind == "parallel":
        shares = [*tree[2], 1.0 - sum(tree[2])]
        return " | ".join(f"{number(x)} {outline(p)}" for x, p in zip(shares, body, strict=True))
    if kind == "recycle":
        return f"recycle({', back '.join(outline(p) for p in body)})"
    return str(kind)
