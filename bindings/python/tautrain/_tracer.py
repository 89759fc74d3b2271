# SPDX-License-Identifier: Apache-2.0
"""Tracer experiments: what a pulse or step at the inlet of a vessel says of its residence times."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._errors import InputError, TautrainError
from ._labelled import Array, view
from ._quantity import Quantity, bench_unit, in_si, number
from ._table import Column, html_table, table

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

    from ._rtd import Rtd
    from ._tracer_fit import Ranking, TracerFit

_KINDS = ("pulse", "step up", "step down", "inlet")
_BASELINES = ("none", "constant", "linear")
_TAILS = ("none", "cut", "exponential")
_RULES = ("trapezoid", "simpson")
_NOISE = ("given", "of the base line", "of neighbouring points")


@dataclass(frozen=True)
class Measured:
    """A value and its standard error.

    Attributes
    ----------
    value, error : float
        NaN where there is none.
    unit : str
        SI; that of the signal is written ``sig``.
    """

    value: float
    error: float
    unit: str = ""

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        return f"{number(self.value)} +- {number(self.error)} {self.unit}".rstrip()


@dataclass(frozen=True)
class Moments:
    """Moments of a signal or of a vessel, each with its standard error.

    Attributes
    ----------
    area : Measured
        Of a pulse [sig s]; of a step its height [sig].
    mean, variance, third, skewness : Measured
        [s], [s^2], about the mean [s^3], third/variance^1.5 [-].
    tail_area, tail_mean, tail_variance : float
        What the extrapolation added: share of the area [-], [s], [s^2].
    noise : float
        Standard deviation of a point [sig].
    noise_from : str
        Where it comes from: ``given``, ``of the base line`` or ``of neighbouring points``.
    """

    area: Measured
    mean: Measured
    variance: Measured
    third: Measured
    skewness: Measured
    tail_area: float
    tail_mean: float
    tail_variance: float
    noise: float
    noise_from: str


def _moments(raw: tuple[Any, ...], step: bool) -> Moments:
    units = ("sig" if step else "sig s", "s", "s^2", "s^3", "")
    area, *rest = [Measured(x, error, unit) for (x, error), unit in zip(raw[:5], units, strict=True)]
    mean, variance, third, skewness = rest
    return Moments(area, mean, variance, third, skewness, raw[5], raw[6], raw[7], raw[8], _NOISE[raw[9]])


def _word(words: Sequence[str], given: str, what: str) -> int:
    plain = given.replace("_", " ").replace("-", " ")
    if plain not in words:
        raise InputError(f"there is no {what} '{given}'; there are {', '.join(words)}")
    return words.index(plain)


def _points(values: npt.ArrayLike, what: str) -> Array:
    array = np.ascontiguousarray(values, dtype=float)
    if array.ndim != 1:
        raise InputError(f"{what} has {array.ndim} dimensions; one is needed")
    return array


class Tracer:
    """An evaluated tracer experiment; made by `tracer` or `read_tracer`.

    Attributes
    ----------
    kind : str
        ``pulse``, ``step up``, ``step down`` or ``inlet``.
    time, signal : ndarray
        As measured [s], [sig].
    inlet_time, inlet_signal : ndarray or None
        Likewise, where an inlet signal was measured.
    outlet, inlet, vessel : Moments
        Of the outlet signal, of the inlet signal (NaN without one), and of the vessel: their difference.
    mean, variance, skewness : Measured
        Of the vessel.
    tanks : Measured
        N = 1/sigma_theta^2.
    peclet : Measured
        uL/D of the dispersion model with closed ends.
    peclets : dict of Measured
        By the closed formulas: ``small``, ``closed``, ``open``, ``open_mean``.
    recovery : Measured
        Tracer found / tracer injected [-].
    volume, dead : Measured
        mean x flow [m^3]; share of the nominal volume that the tracer does not see [-].
    rule : str
        ``trapezoid`` or ``simpson``.
    """

    def __init__(
        self,
        outlet: tuple[Array, Array],
        inlet: tuple[Array, Array] | None,
        kind: int,
        options: tuple[Any, ...],
        unit: str,
    ) -> None:
        self.time, self.signal = outlet
        self.inlet_time: Array | None = inlet[0] if inlet is not None else None
        self.inlet_signal: Array | None = inlet[1] if inlet is not None else None
        if len(self.time) != len(self.signal):
            raise InputError(f"{len(self.time)} times and {len(self.signal)} signals do not go together")
        arrays = [*outlet, *(inlet or (np.empty(0), np.empty(0)))]
        if len(arrays[2]) != len(arrays[3]):
            raise InputError(f"{len(arrays[2])} inlet times and {len(arrays[3])} signals do not go together")
        n_inlet = len(arrays[2])
        addresses = [array.ctypes.data for array in arrays]
        self._handle = _core.taupy_tracer(
            (kind, len(self.time), addresses[0], addresses[1], n_inlet, addresses[2], addresses[3]), options
        )
        self.kind = _KINDS[kind]
        self.unit = unit
        self.rule = _RULES[options[8]]
        self.baseline, self.tail = _BASELINES[options[0]], _TAILS[options[5]]
        self.start = float(options[9])
        self._read()

    def _read(self) -> None:
        step = self.kind.startswith("step")
        out, into, vessel, equivalents, balances, counts = _core.taupy_tracer_values(self._handle)
        self.outlet, self.inlet, self.vessel = (_moments(raw, step) for raw in (out, into, vessel))
        self.mean, self.variance, self.skewness = self.vessel.mean, self.vessel.variance, self.vessel.skewness
        self.sigma_theta2, self.tanks, *peclets = (Measured(*pair) for pair in equivalents)
        self.peclets = dict(zip(("small", "closed", "open", "open_mean"), peclets, strict=True))
        self.peclet = self.peclets["closed"]
        self.recovery = Measured(*balances[0])
        self.volume, self.dead = Measured(*balances[1], "m^3"), Measured(*balances[2])
        self.n_first, self.n_last, self.n_tail = counts

    def _array(self, address: int) -> Array:
        return view(address, (_core.tau_tracer_n_points(self._handle),), self._handle)

    @property
    def t(self) -> Array:
        """Times of the evaluated points from the start [s], up to the cut."""
        return self._array(_core.tau_tracer_times(self._handle))

    @property
    def c(self) -> Array:
        """The signal above its base line [sig]; of a step its distance from the level it goes to."""
        return self._array(_core.tau_tracer_signal(self._handle))

    @property
    def E(self) -> Array:  # noqa: N802
        """Density of the outlet signal on the points [1/s]."""
        return self._array(_core.tau_tracer_density(self._handle))

    @property
    def F(self) -> Array:  # noqa: N802
        """What has left by then [-]."""
        return self._array(_core.tau_tracer_cumulative(self._handle))

    def reason(self, name: str) -> str:
        """Why a value is NaN.

        Parameters
        ----------
        name : str
            ``tanks``, ``peclet`` (or ``peclet_small``, ``peclet_closed``, ``peclet_open``,
            ``peclet_open_mean``), ``recovery``, ``volume``, ``dead``.

        Returns
        -------
        str
            Empty where there is a value.
        """
        return _core.tau_tracer_reason(self._handle, "peclet_closed" if name == "peclet" else name)

    # --- shown ---

    def _time_row(self, name: str, x: Measured, power: int) -> list[str]:
        unit = bench_unit("", "s") if abs(self.mean.value) >= 120.0 else "s"
        factor = _core.tau_convert(1.0, "s", unit) ** power
        suffix = f"{unit}^{power}" if power > 1 else unit
        return [name, number(x.value * factor), number(x.error * factor), suffix]

    def _rows(self) -> list[list[str]]:
        m = self.vessel
        rows = [
            [
                ("height" if self.kind.startswith("step") else "area"),
                number(m.area.value),
                number(m.area.error),
            ]
        ]
        rows[0].append(m.area.unit.replace("sig", self.unit or "sig"))
        rows.append(self._time_row("mean", m.mean, 1))
        rows.append(self._time_row("variance", m.variance, 2))
        rows.append(["skewness", number(m.skewness.value), number(m.skewness.error), ""])
        named = {"tanks, N": self.tanks} | {f"Pe, {k.replace('_', ' ')}": x for k, x in self.peclets.items()}
        named |= {"recovery": self.recovery, "volume": self.volume, "dead share": self.dead}
        for name, x in named.items():
            if math.isnan(x.value):
                continue
            factor, unit = (1e6, "mL") if x.unit == "m^3" else (1.0, x.unit)
            rows.append([name, number(x.value * factor), number(x.error * factor), unit])
        return rows

    def _head(self) -> str:
        how = f"{self.rule} rule, base line {self.baseline}, tail {self.tail}"
        return f"{self.kind}, {len(self.t)} points, {how}"

    def _notes(self) -> list[str]:
        m = self.outlet
        notes = [f"errors from a noise of {number(m.noise)} {self.unit or 'sig'} ({m.noise_from})"]
        if self.n_tail:
            notes.append(
                f"tail from {self.n_tail} points: {100.0 * m.tail_area:.2g} % of the area, "
                f"mean {m.tail_mean:+.3g} s, variance {m.tail_variance:+.3g} s^2"
            )
        names = ("tanks", "peclet_closed", "peclet_open", "peclet_open_mean")
        notes += [f"no {name}: {why}" for name in names if (why := self.reason(name))]
        return notes

    _COLUMNS = (Column("vessel"), Column("value", True), Column("+-", True), Column(""))

    def __repr__(self) -> str:
        return "\n".join([self._head(), table(self._COLUMNS, self._rows(), "  "), *self._notes()])

    def _repr_html_(self) -> str:
        return html_table(self._COLUMNS, self._rows(), "; ".join([self._head(), *self._notes()]))

    def to_pandas(self) -> pandas.DataFrame:
        """The evaluated points: columns ``signal`` [sig], ``E`` [1/s] and ``F``, index ``t`` [s]."""
        from ._export import lacks

        try:
            import pandas
        except ImportError as error:
            raise lacks("pandas", error) from error
        columns = {"signal": self.c, "E": self.E, "F": self.F}
        return pandas.DataFrame(columns, index=pandas.Index(self.t, name="t"))

    def fit(
        self,
        model: str | Rtd,
        *,
        start: Mapping[str, Quantity] | None = None,
        bounds: Mapping[str, tuple[Quantity | None, Quantity | None]] | None = None,
        fixed: Mapping[str, Quantity] | Sequence[str] | None = None,
        offset: bool = False,
        set_up: Rtd | None = None,
        loss: str = "linear",
        loss_scale: float = 1.0,
        noise_is_known: bool = False,
    ) -> TracerFit:
        """Fit a model of the residence times in the time domain, by least squares.

        Parameters
        ----------
        model : str or Rtd
            A name of the table of distributions, or several after one another, ``plug+tanks``: these
            start from the moments. One of `tt.rtd` starts from its own values.
        start, bounds, fixed : mapping, optional
            By path (``peclet``, ``1/mean``, ``area``, ``offset``): other starts; (lower, upper), None for
            as it is; values that stay (or names only: they stay at their start).
        offset : bool
            Fit a constant that is added to the signal.
        set_up : Rtd, optional
            Known tubes and cells behind the vessel; nothing in it is fitted.
        loss : str
            ``linear``, or ``huber``, ``soft_l1``, ``cauchy``: single wrong points weigh less.
        loss_scale : float
            Where that begins, in standard deviations.
        noise_is_known : bool
            Errors follow from the tracer's noise, not from the residuals.

        Returns
        -------
        TracerFit

        Raises
        ------
        ConvergenceError, InputError, UnsupportedError
        """
        from ._tracer_fit import fit

        return fit(self, model, start, bounds, fixed, offset, set_up, loss, loss_scale, noise_is_known)

    def rank(self, models: Sequence[str], **options: Any) -> Ranking:
        """Fit several models and order them by AICc.

        Parameters
        ----------
        models : sequence of str
            As for `fit`.
        **options
            Those of `fit`.

        Returns
        -------
        Ranking
            Models that could not be fitted are in its ``failures``.
        """
        from ._tracer_fit import Ranking

        fits, failures = [], {}
        for model in models:
            try:
                fits.append(self.fit(model, **options))
            except TautrainError as error:
                failures[str(model)] = error.message
        if not fits:
            raise InputError(f"no model could be fitted: {'; '.join(failures.values())}")
        return Ranking(fits, failures)

    def plot(self, path: str | os.PathLike[str] | None = None) -> Figure:
        """Signals as measured and evaluated, E and F.

        Parameters
        ----------
        path : path, optional
            Where to save the picture.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from ._tracer_plot import plot

        return plot(self, path)


def tracer(
    t: npt.ArrayLike,
    c: npt.ArrayLike,
    *,
    inlet: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    kind: str = "pulse",
    baseline: str | float = "none",
    n_first: int = 0,
    n_last: int = 0,
    level: float | None = None,
    tail: str = "none",
    t_cut: Quantity | None = None,
    n_tail: int = 0,
    rule: str = "trapezoid",
    start: Quantity = 0.0,
    flow: Quantity | None = None,
    amount: Quantity | None = None,
    volume: Quantity | None = None,
    noise: float | None = None,
    time_unit: str = "s",
    unit: str = "",
) -> Tracer:
    """Evaluate a tracer experiment.

    Parameters
    ----------
    t, c : array_like
        Times, which ascend [time_unit], and the signal at the outlet [any unit].
    inlet : tuple of two array_like, optional
        Times and signal at the inlet, on a grid of their own; mean and variance of the vessel are then
        differences.
    kind : str
        ``pulse``, ``step up``, ``step down`` or ``inlet`` (any inlet signal that comes and goes).
    baseline : str or float
        ``none``, ``constant`` or ``linear`` (through ``n_first`` and ``n_last`` points at either end), or
        its value.
    n_first, n_last : int
        Points of the base line, or of a step's levels; 0 and 0: a twentieth of the points.
    level : float, optional
        A step's level far from the base line; from the points where left out.
    tail : str
        ``none``, ``cut`` (at ``t_cut``) or ``exponential`` (continued beyond the last ``n_tail`` points).
    t_cut : quantity, optional
        Points after it are left out [s, or text].
    n_tail : int
        Points that the tail is fitted to; 0: the last fifth.
    rule : str
        ``trapezoid`` on the points, or ``simpson`` (unequal steps).
    start : quantity
        Of the pulse or step [s]; means are counted from it.
    flow, amount, volume : quantity, optional
        Volume flow [m^3/s] and what was injected (signal unit times m^3; a number, or text such as "2 mmol"
        where the signal is in mol/m^3) for the recovery; nominal volume [m^3] for the dead share.
    noise : float, optional
        Standard deviation of a point, in the signal's unit; estimated where left out.
    time_unit : str
        Of ``t``, of ``inlet`` times, and of ``start`` and ``t_cut`` where they are plain numbers.
    unit : str
        Of the signal, for tables and plots.

    Returns
    -------
    Tracer

    Raises
    ------
    InputError
        Times that do not ascend, options that do not fit.
    DomainError
        No tracer is seen, or a tail does not fall.

    Examples
    --------
    >>> pulse = tracer([0, 5, 10, 15, 20, 25, 30, 35], [0, 3, 5, 5, 4, 2, 1, 0], time_unit="min")
    >>> round(pulse.mean.value / 60.0, 3), round(pulse.tanks.value, 3)
    (15.0, 4.737)
    """
    second = _core.tau_convert(1.0, time_unit, "s")

    def seconds(x: Quantity | None) -> float:
        if x is None:
            return math.nan
        return float(x) * second if isinstance(x, int | float) else in_si(x, "s")

    fixed = math.nan if isinstance(baseline, str) else float(baseline)
    options = (
        _word(_BASELINES, baseline if isinstance(baseline, str) else "constant", "base line"),
        int(n_first),
        int(n_last),
        fixed,
        math.nan if level is None else float(level),
        _word(_TAILS, tail, "tail"),
        seconds(t_cut),
        int(n_tail),
        _word(_RULES, rule, "rule"),
        seconds(start),
        math.nan if flow is None else in_si(flow, "m^3/s"),
        math.nan if amount is None else _amount(amount),
        math.nan if volume is None else in_si(volume, "m^3"),
        math.nan if noise is None else float(noise),
    )
    outlet = (_points(t, "t") * second, _points(c, "c"))
    given = None if inlet is None else (_points(inlet[0], "inlet times") * second, _points(inlet[1], "inlet"))
    return Tracer(outlet, given, _word(_KINDS, kind, "kind of tracer experiment"), options, unit)


def _amount(given: Quantity) -> float:
    """mol, kg or a plain number: whatever it is, in SI."""
    if isinstance(given, int | float):
        return float(given)
    from ._quantity import text

    return _core.tau_quantity_parse(text(given))[0]
