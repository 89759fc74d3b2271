# SPDX-License-Identifier: Apache-2.0
"""Models of residence times fitted to tracer curves."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._errors import InputError, from_status, tells_overwrite
from ._labelled import Array, view
from ._quantity import Quantity, in_si, number
from ._rtd import Rtd
from ._table import Column, html_table, table

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

    from ._tracer import Tracer

_LOSSES = ("linear", "huber", "soft_l1", "cauchy")


@dataclass(frozen=True)
class Fitted:
    """A parameter of a fit.

    Attributes
    ----------
    path : str
        ``peclet``, ``1/mean``, ``area``, ``offset``
    value, error, half_width : float
        SI; the standard error, and half of the 95 % interval. NaN where the data do not determine it.
    unit : str
        SI; ``sig`` stands for the signal's.
    at_bound : int
        -1 at its lower bound, 1 at its upper, else 0.
    fixed : bool
    """

    path: str
    value: float
    error: float
    half_width: float
    at_bound: int
    fixed: bool
    unit: str

    def __float__(self) -> float:
        return self.value

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of the 95 % interval."""
        return self.value - self.half_width, self.value + self.half_width


class TracerFit:
    """A model of the residence times, fitted to a tracer curve; made by `Tracer.fit`.

    Attributes
    ----------
    model : str
        What was fitted.
    parameters : dict of Fitted
        By path; ``fit["peclet"]`` is short for one of them.
    covariance, correlation : ndarray
        Of the parameters in their order, SI.
    t, signal, fitted, residuals : ndarray
        The points [s], [sig]: above the base line, as the model has them, and their difference.
    chi2, deviation, aicc, r_squared : float
        Sum of squares, standard deviation of the residuals [sig], Akaike's criterion for few points,
        coefficient of determination.
    dof : int
        Points less free parameters.
    converged : bool
    message : str
        What must be known of it: a parameter at its bound or not determined; empty for nothing.
    tracer : Tracer
    """

    def __init__(self, tracer: Tracer, model: str, handle: _core._TracerFit) -> None:
        self.tracer, self.model, self._handle = tracer, model, handle
        numbers = _core.taupy_tracer_fit_numbers(handle)
        n_b, self.chi2, self.dof, self.deviation, self.aicc, self.r_squared, self.n_iterations = numbers[:7]
        self.converged, self.message = bool(numbers[7]), numbers[8]
        n = numbers[15]
        self.covariance = view(numbers[9], (n_b, n_b), handle)
        self.correlation = view(numbers[10], (n_b, n_b), handle)
        self.fitted, self.residuals, self.t, self.signal = (view(x, (n,), handle) for x in numbers[11:15])
        raw = [_core.taupy_tracer_fit_parameter(handle, i, 0.95) for i in range(n_b)]
        self.parameters = {r[0]: Fitted(r[0], r[1], r[2], r[3], r[4], bool(r[5]), r[6]) for r in raw}

    def __getitem__(self, path: str) -> Fitted:
        return self.parameters[path]

    @property
    def rtd(self) -> Rtd:
        """The model with the values found."""
        return Rtd(_core.taupy_tracer_fit_rtd(self._handle))

    def profile(self, path: str, level: float = 0.95) -> tuple[float, float]:
        """Ends of the profile-likelihood interval of a parameter; infinite where the data set none.

        Parameters
        ----------
        path : str
        level : float
            Probability [-].

        Returns
        -------
        tuple of float
            SI.
        """
        return _core.taupy_tracer_fit_profile(self._handle, list(self.parameters).index(path), level)

    def curve(self, t: npt.ArrayLike, level: float = 0.95) -> tuple[Array, Array]:
        """The fitted signal above its base line, and half the width of its confidence band.

        Parameters
        ----------
        t : array_like
            Times from the start [s].
        level : float
            Probability [-].

        Returns
        -------
        tuple of ndarray
            [sig], in the shape of ``t``.
        """
        times = np.ascontiguousarray(t, dtype=float)
        values, half = np.empty_like(times), np.empty_like(times)
        _core.taupy_tracer_fit_curve(
            self._handle, times.size, times.ctypes.data, level, values.ctypes.data, half.ctypes.data
        )
        return values, half

    _COLUMNS = (Column("parameter"), Column("value", True), Column("+- (95 %)", True), Column(""), Column(""))

    def _rows(self) -> list[list[str]]:
        rows = []
        for p in self.parameters.values():
            unit = p.unit.replace("sig", self.tracer.unit or "sig")
            if (
                p.path == "area"
                and not self.tracer.kind.startswith("step")
                and self.tracer.inlet_time is None
            ):
                unit += " s"
            note = (
                "fixed"
                if p.fixed
                else {-1: "at its lower bound", 1: "at its upper bound"}.get(p.at_bound, "")
            )
            rows.append([p.path, number(p.value), "-" if p.fixed else number(p.half_width), unit, note])
        return rows

    def _foot(self) -> str:
        text = f"residuals {number(self.deviation)} {self.tracer.unit or 'sig'}, R^2 {self.r_squared:.6g}, "
        text += f"AICc {number(self.aicc)}, {self.dof} degrees of freedom"
        return text + (f"\n{self.message}" if self.message else "")

    def __repr__(self) -> str:
        head = f"{self.model}: {len(self.t)} points, {self.n_iterations} iterations"
        return "\n".join([head, table(self._COLUMNS, self._rows(), "  "), self._foot()])

    def _repr_html_(self) -> str:
        return html_table(self._COLUMNS, self._rows(), f"{self.model}. {self._foot()}")

    def to_pandas(self) -> pandas.DataFrame:
        """The points: ``signal``, ``fitted`` and ``residual`` [sig], index ``t`` [s]."""
        from ._export import lacks

        try:
            import pandas
        except ImportError as error:
            raise lacks("pandas", error) from error
        columns = {"signal": self.signal, "fitted": self.fitted, "residual": self.residuals}
        return pandas.DataFrame(columns, index=pandas.Index(self.t, name="t"))

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the fit as an HDF5 file, group ``/fit``: parameters, covariance, points.

        Parameters
        ----------
        path : path
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        ExistsError
            The file exists.
        """
        units = [p.unit.replace("sig", self.tracer.unit or "sig") for p in self.parameters.values()]
        how = ("time", "s", self.tracer.unit, self.model, overwrite)
        with tells_overwrite():
            _core.taupy_tracer_fit_save(os.fspath(path), self._handle, units, how)

    def plot(self, path: str | os.PathLike[str] | None = None) -> Figure:
        """The points, the fit with its 95 % band, and the residuals below.

        Parameters
        ----------
        path : path, optional
            Where to save the picture.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from ._tracer_plot import plot_fit

        return plot_fit(self, path)


class Ranking(Sequence["TracerFit"]):
    """Fits of one curve, the best first, by AICc.

    Attributes
    ----------
    weights : ndarray
        Akaike's: how well each is supported among these [-]; they sum to 1.
    failures : dict of str
        Models that could not be fitted, and why.
    """

    def __init__(self, fits: Sequence[TracerFit], failures: Mapping[str, str]) -> None:
        aicc = np.array([fit.aicc for fit in fits])
        weights = np.empty_like(aicc)
        _core.taupy_akaike_weights(len(fits), aicc.ctypes.data, weights.ctypes.data)
        # a model with a parameter at its bound is as good as the one without it, which is the simpler
        keys = [
            (math.inf if math.isnan(fit.aicc) else round(fit.aicc, 6), len(fit.parameters)) for fit in fits
        ]
        order = sorted(range(len(fits)), key=keys.__getitem__)
        self._fits = [fits[i] for i in order]
        self.weights: Array = weights[order]
        self.failures = dict(failures)

    def __len__(self) -> int:
        return len(self._fits)

    def __getitem__(self, i: Any) -> Any:
        return self._fits[i]

    _COLUMNS = (
        Column("model"),
        Column("AICc", True),
        Column("weight", True),
        Column("residuals", True),
        Column("parameters"),
    )

    def _rows(self) -> list[list[str]]:
        rows = []
        for fit, weight in zip(self._fits, self.weights, strict=True):
            values = ", ".join(
                f"{p.path} {number(p.value)}" for p in fit.parameters.values() if p.path != "area"
            )
            rows.append([fit.model, number(fit.aicc), f"{weight:.3f}", number(fit.deviation), values])
        return rows

    def __repr__(self) -> str:
        lines = [table(self._COLUMNS, self._rows())]
        return "\n".join(lines + [f"{name}: {why}" for name, why in self.failures.items()])

    def _repr_html_(self) -> str:
        return html_table(
            self._COLUMNS, self._rows(), "; ".join(f"{n}: {why}" for n, why in self.failures.items())
        )

    def plot(self, path: str | os.PathLike[str] | None = None) -> Figure:
        """All fits over the points, with their weights.

        Parameters
        ----------
        path : path, optional

        Returns
        -------
        matplotlib.figure.Figure
        """
        from ._tracer_plot import plot_ranking

        return plot_ranking(self, path)


# --- made ---


def _handle_of(tracer: Tracer, model: str | Rtd) -> tuple[str, _core._Rtd]:
    """Name and distribution of a name, or of a distribution."""
    if isinstance(model, Rtd):
        return str(model.tree[0]), model._handle
    return model, _core.taupy_tracer_start(tracer._handle, model.replace(" ", ""))


def _si(path: str, value: Quantity) -> float:
    if not isinstance(value, str):
        return in_si(value, "")
    x, _ = _core.tau_quantity_parse(value)
    return x


def _changes(
    start: Mapping[str, Quantity] | None,
    bounds: Mapping[str, tuple[Quantity | None, Quantity | None]] | None,
    fixed: Mapping[str, Quantity] | Sequence[str] | None,
) -> list[tuple[str, float, float, float, int]]:
    """One row for each path that is named."""
    held: dict[str, Quantity | None] = (
        dict(fixed) if isinstance(fixed, Mapping) else dict.fromkeys(fixed or ())
    )
    rows = []
    for path in dict.fromkeys([*(start or {}), *(bounds or {}), *held]):
        value = held.get(path)
        if value is None:
            value = (start or {}).get(path)
        low, high = (bounds or {}).get(path, (None, None))
        numbers = [math.nan if x is None else _si(path, x) for x in (value, low, high)]
        rows.append((path, *numbers, int(path in held)))
    return rows  # type: ignore[return-value]


def fit(
    tracer: Tracer,
    model: str | Rtd,
    start: Mapping[str, Quantity] | None,
    bounds: Mapping[str, tuple[Quantity | None, Quantity | None]] | None,
    fixed: Mapping[str, Quantity] | Sequence[str] | None,
    offset: bool,
    set_up: Rtd | None,
    loss: str,
    loss_scale: float,
    noise_is_known: bool,
) -> TracerFit:
    """What `Tracer.fit` does."""
    if loss not in _LOSSES:
        raise InputError(f"there is no loss '{loss}'; there are {', '.join(_LOSSES)}")
    name, rtd = _handle_of(tracer, model)
    known = None if set_up is None else set_up._handle
    options = (_LOSSES.index(loss), float(loss_scale), int(noise_is_known))
    status, handle, message, kind = _core.taupy_tracer_fit(
        tracer._handle, rtd, known, offset, _changes(start, bounds, fixed), options
    )
    if status < 0:
        raise from_status(status, f"{name}: {message}", kind)
    assert handle is not None
    return TracerFit(tracer, name, handle)
