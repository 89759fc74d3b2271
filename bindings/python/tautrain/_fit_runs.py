# SPDX-License-Identifier: Apache-2.0
"""Fits of a train's parameters to measured runs."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from . import _core
from ._design import Binder, split_header
from ._errors import ConvergenceError, InputError, PathError, from_status
from ._fit import _EXACT, Array, Fit, _options, _short
from ._fit_data import MEASURED, DataLike, Observed, Runs, scale_of
from ._quantity import Quantity
from ._sensitivity import chosen_parameters
from ._table import Column
from ._train import Train, _in_unit, nearest, run_options

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ._model import Model
    from ._sensitivity import Sensitivity

Start: TypeAlias = "str | Iterable[str] | Mapping[str, Quantity | None]"
QuantityBounds: TypeAlias = Mapping[str, tuple[Quantity | None, Quantity | None]]


@dataclass(frozen=True)
class Point:
    """A measured value and what the fit has in its place.

    Attributes
    ----------
    run : int
        Row of the data, from 0.
    observable, unit : str
        Path, and the unit of the column; the numbers are in it.
    measured, fitted, sigma : float
    """

    run: int
    observable: str
    unit: str
    measured: float
    fitted: float
    sigma: float

    @property
    def residual(self) -> float:
        """Measured - fitted."""
        return self.measured - self.fitted


@dataclass(frozen=True)
class Request:
    """What is fitted, and how; see `Train.fit`."""

    bounds: QuantityBounds | None
    fixed: Iterable[str]
    log: Iterable[str]
    sigma: Mapping[str, Quantity] | None
    loss: str
    loss_scale: float
    absolute_sigma: bool
    max_iterations: int
    tolerance: float
    rtol: float | None
    atol: Quantity | None
    max_steps: int | None


class RunsFit(Fit):
    """Parameters of a train that fit measured runs best, with their uncertainty. Made by `Train.fit`.

    What `Fit` says holds, with these differences: `value`, `error` and `covariance` are SI, by the paths of
    the parameters; `interval` of a parameter that was fitted as its logarithm is not symmetric; `fitted` and
    `residuals` are in the units of their columns.

    Attributes
    ----------
    points : tuple of Point
        Each measured value, in the order of `fitted`.
    log : tuple of str
        Parameters of which the logarithm was fitted.
    """

    def __init__(self, handle: Any, train: Train, runs: Runs, log: tuple[str, ...]) -> None:
        measured, where = runs.measured()
        super().__init__(handle, {}, measured["value"], "", "sensitivities", None)
        self._train, self._runs, self.log = train, runs, log
        self.names = tuple(name.removeprefix("ln ") for name in self.names)
        plain, errors = self.value.values(), self.error.values()  # of logarithms as they are
        self.fixed = tuple(name.removeprefix("ln ") for name in self.fixed)
        self.value = {n: _exp(x) if n in log else x for n, x in zip(self.names, plain, strict=True)}
        slopes = np.array([self.value[name] if name in log else 1.0 for name in self.names])
        self.error = {n: float(s) * e for n, s, e in zip(self.names, slopes, errors, strict=True)}
        self.covariance = self.covariance * np.outer(slopes, slopes)
        self.covariance.flags.writeable = False
        self.points = tuple(
            _point(i, column, row["value"], fitted, row["sigma"])
            for (i, column), row, fitted in zip(where, measured, self.fitted, strict=True)
        )
        self.fitted = np.array([point.fitted for point in self.points])
        self.residuals = np.array([point.residual for point in self.points])

    @property
    def model(self) -> Model:
        """The model with the fitted values, and their standard errors behind ``+/-``."""
        model = self._train.model
        for name in self.names:
            if name not in self.fixed:
                model.set(name, self._written(name))
        return model

    def interval(self, name: str, level: float = 0.95, *, method: str = "t") -> tuple[float, float]:
        """As `Fit.interval`; of a logarithm that was fitted, the ends are those of the parameter itself."""
        lower, upper = super().interval(name, level, method=method)
        return (_exp(lower), _exp(upper)) if name in self.log else (lower, upper)

    def predict(
        self, x: Any = None, *, observables: str | Iterable[str] = (), level: float = 0.95
    ) -> tuple[Array, Array]:
        """Observables in other runs, and half of their confidence bands.

        Parameters
        ----------
        x : table, mapping or CSV file, optional
            Inputs by ``path [unit]``, a row a run, as in `Train.fit`; the runs of the fit where left out.
        observables : str or list of str
            Which, ``"outlet/c/A [mol/L]"``; SI where no unit is said. Those that were measured, in the units
            of their columns, where left out.
        level : float
            Probability of the band, for each number alone.

        Returns
        -------
        values, half_widths : ndarray
            [run, observable]
        """
        runs = self._runs if x is None else Runs(self._train, x)
        asked = [observables] if isinstance(observables, str) else list(observables)
        wanted = [self._wanted(one) for one in asked] or [
            (column.path, column.unit) for column in self._runs.observed
        ]
        names = list(self._train.observables)
        rows = [(i, names.index(path), 0.0, 0.0) for i in range(runs.n) for path, _ in wanted]
        measured, inputs = np.array(rows, dtype=MEASURED), runs.values()
        values, half = np.empty(len(rows)), np.empty(len(rows))
        _core.taupy_fit_predict_runs(
            self._handle, runs.n, runs.places(), inputs.ctypes.data, len(rows), measured.ctypes.data, level,
            values.ctypes.data, half.ctypes.data,
        )  # fmt: skip
        shape = (runs.n, len(wanted))
        values, half = values.reshape(shape), half.reshape(shape)
        for j, (path, unit) in enumerate(wanted):
            scale, zero = scale_of(path, unit, self._train.observables[path].unit)
            values[:, j] = (values[:, j] - zero) / scale
            half[:, j] /= scale
        return values, half

    def band(self, of: Sensitivity, level: float = 0.95) -> Array:
        """Half of the confidence bands of what another train gives with the fitted values.

        Parameters
        ----------
        of : Sensitivity
            Of that train, at the fitted values (``inputs=fit.value``), to the parameters of the fit.
        level : float
            Probability, for each observable alone.

        Returns
        -------
        ndarray
            A number for each of ``of.observables``, SI; nan where the fit does not determine a parameter that
            counts.
        """
        J = np.zeros((len(of.observables), len(self.names)))
        for j, name in enumerate(self.names):
            if name in self.fixed:
                continue
            if name not in of.parameters:
                raise PathError(
                    f"the sensitivities are not to '{name}', which was fitted; take them to fit.names",
                    kind="unknown-parameter",
                )
            slope = self.value[name] if name in self.log else 1.0
            J[:, j] = of.values[:, of.parameters.index(name)] * slope
        half = np.empty(len(J))
        _core.taupy_fit_band(self._handle, len(J), J.ctypes.data, level, half.ctypes.data)
        return half

    def plot(self, path: str | os.PathLike[str] | None = None, *, level: float = 0.95) -> Figure:
        """Measured over fitted, and residuals, a column of panels for each unit that was measured.

        Parameters
        ----------
        path : path, optional
            Write the picture there.
        level : float
            Of the band of the fitted values.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from ._fit_runs_plot import plot

        return plot(self, path, level)

    def _wanted(self, head: str) -> tuple[str, str]:
        path, unit = split_header(head)
        observable = self._train.observables[path]
        return path, observable.unit if unit is None else unit.strip()

    def _unit(self, name: str) -> str:
        p = self._train.parameters[name]
        return p.unit or p.si_unit

    def _shown(self, name: str, x: float) -> float:
        return x if math.isinf(x) else _in_unit(x, self._train.parameters[name].si_unit, self._unit(name))

    def _width(self, name: str) -> float:
        """The standard error in the unit of the parameter."""
        return self._shown(name, self.error[name]) - self._shown(name, 0.0)

    def _written(self, name: str) -> str:
        error = self._width(name)
        known = math.isfinite(error) and self._shown(name, 0.0) == 0.0
        both = f"{self._shown(name, self.value[name])!r}" + (f" +/- {error:.3g}" if known else "")
        return f"{both} {self._unit(name)}".rstrip()

    def _cells(self) -> tuple[list[Column], list[list[str]]]:
        heads, rows = super()._cells()
        for row, name in zip(rows, self.names, strict=True):
            row[1] = f"{self._shown(name, self.value[name]):.6g}"
            if row[2] != "-":
                row[2:5] = [
                    _short(self._width(name)),
                    *(_short(self._shown(name, x)) for x in self.interval(name)),
                ]
            row.insert(5, self._unit(name))
        heads.insert(5, Column("unit"))
        return heads, rows

    def __repr__(self) -> str:
        return super().__repr__().replace("fit of a function", self._title(), 1)

    def _repr_html_(self) -> str:
        return super()._repr_html_().replace("fit of a function", self._title(), 1)

    def _title(self) -> str:
        return f"fit of {len(self.points)} values from {self._runs.n} runs"


def _exp(x: float) -> float:
    """Infinite where it overflows."""
    return math.exp(x) if x < 709.0 else math.inf


def _point(i: int, column: Observed, measured: float, fitted: float, sigma: float) -> Point:
    scale, zero = column.scale, column.zero
    numbers = (measured - zero) / scale, (fitted - zero) / scale, sigma / scale
    return Point(i, column.path, column.unit, *map(float, numbers))


def fit_runs(train: Train, data: DataLike, parameters: Start, request: Request) -> RunsFit:
    """What `Train.fit` says."""
    runs = Runs(train, data)
    runs.give_sigma(request.sigma)
    chosen = _chosen(train, parameters, request)
    if not runs.observed:
        known = tuple(train.observables)
        raise InputError(
            f"the data have no measured values; a column such as '{known[0]}' is needed", kind="fit-data"
        )
    measured, _ = runs.measured()
    inputs = runs.values()
    options = _options(
        request.loss,
        request.loss_scale,
        request.absolute_sigma,
        request.max_iterations,
        request.tolerance,
        _EXACT,
    )
    status, handle, message, kind = _core.taupy_fit_runs(
        train._handle, runs.n, runs.places(), inputs.ctypes.data, len(measured), measured.ctypes.data,
        list(chosen.values()), options, *run_options(request.rtol, request.atol, None, request.max_steps),
    )  # fmt: skip
    log = tuple(path for path, row in chosen.items() if row[5])
    made = None if handle is None else RunsFit(handle, train, runs, log)
    if status >= 0:
        assert made is not None
        return made
    error = from_status(status, message, kind)
    if isinstance(error, ConvergenceError):
        error.fit = made
    raise error


def _chosen(
    train: Train, parameters: Start, request: Request
) -> dict[str, tuple[int, float, float, float, bool, bool]]:
    """Each parameter as C takes it."""
    binder = Binder(train)
    start: Mapping[str, Quantity | None]
    if isinstance(parameters, Mapping):
        start = parameters
    else:
        globs = [parameters] if isinstance(parameters, str) else list(parameters)
        start = dict.fromkeys(chosen_parameters(train, globs, None))
    fixed, log = _named(request.fixed, start), _named(request.log, start)
    bounds = request.bounds or {}
    _named(bounds, start)

    def one(path: str, given: Quantity | None) -> tuple[int, float, float, float, bool, bool]:
        lower, upper = bounds.get(path, (None, None))
        ends = (
            -math.inf if lower is None else binder.si(path, lower),
            math.inf if upper is None else binder.si(path, upper),
        )
        begin = math.nan if given is None else binder.si(path, given)
        return binder.index(path), begin, *ends, path in fixed, path in log

    return {path: one(path, given) for path, given in start.items()}


def _named(paths: Iterable[str], start: Mapping[str, object]) -> set[str]:
    """Paths, each of which must be fitted."""
    given = {paths} if isinstance(paths, str) else set(paths)
    for path in sorted(given - set(start)):
        raise PathError(f"'{path}' is not fitted{nearest(path, tuple(start))}", kind="unknown-parameter")
    return given
