# SPDX-License-Identifier: Apache-2.0
"""Fit: parameters of a curve, or of a function, by least squares."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from ._errors import ConvergenceError, InputError, PathError, from_status, tells_overwrite
from ._fit_function import Wrapped, copied
from ._table import Column, html_table, table

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
Bounds = Mapping[str, tuple[float | None, float | None]]
Model = Callable[..., Any]

_LOSSES = ("linear", "huber", "soft_l1", "cauchy")
_EXACT, _DIFFERENCES = 1e-13, 1e-9  # relative errors of derivatives


class Fit:
    """Parameters that fit points best, with their uncertainty. Made by `fit_curve` and `fit`.

    Attributes
    ----------
    names : tuple of str
        The parameters, in the order of `covariance`.
    value, error : dict
        Of each parameter: its value, and its standard error (0 where fixed; nan where at a bound or not
        determined).
    covariance, correlation : ndarray
        [parameter, parameter], read-only.
    chi2, dof : float, int
        sum(((f - y)/sigma)^2); points less free parameters.
    sigma : float
        Residual standard deviation, sqrt(chi2/dof); without `sigma` that of a point.
    aicc, r_squared : float
        Akaike's criterion with the correction for few points (smaller is better); coefficient of
        determination.
    residuals, fitted : ndarray
        y - f and f at the points, read-only.
    message : str
        What the reader must know: a parameter at its bound, one that the data do not determine; else empty.
    derivatives : str
        Where they came from: expression, function, complex step, differences.
    """

    def __init__(
        self, handle: Any, x: dict[str, Array], y: Array, expression: str, derivatives: str, model: Any
    ) -> None:
        n, m = _core.tau_fit_n_parameters(handle), _core.tau_fit_n_points(handle)
        self._handle, self._x, self._y, self._expression = handle, x, y, expression
        self._model = model  # the fit calls it
        self.derivatives = derivatives
        self.names = tuple(_core.tau_fit_name(handle, i) for i in range(n))
        self.value = {name: _core.tau_fit_value(handle, i) for i, name in enumerate(self.names)}
        self.error = {name: _core.tau_fit_standard_error(handle, i) for i, name in enumerate(self.names)}
        self.fixed = tuple(name for i, name in enumerate(self.names) if _core.tau_fit_is_fixed(handle, i))
        self.covariance = copied(_core.tau_fit_covariance(handle), n, n)
        self.correlation = copied(_core.tau_fit_correlation(handle), n, n)
        self.residuals = copied(_core.tau_fit_residuals(handle), m)
        self.fitted = copied(_core.tau_fit_fitted(handle), m)
        self.chi2 = _core.tau_fit_chi2(handle)
        self.cost = _core.tau_fit_cost(handle)
        self.dof = _core.tau_fit_dof(handle)
        self.sigma = _core.tau_fit_residual_deviation(handle)
        self.aicc = _core.tau_fit_aicc(handle)
        self.r_squared = _core.tau_fit_r_squared(handle)
        self.n_iterations = _core.tau_fit_n_iterations(handle)
        self.message = _core.tau_fit_message(handle)

    def interval(self, name: str, level: float = 0.95, *, method: str = "t") -> tuple[float, float]:
        """Where a parameter lies with a probability.

        Parameters
        ----------
        name : str
            The parameter.
        level : float
            Probability, between 0 and 1.
        method : {"t", "profile"}
            value +- t error; or the profile likelihood, which need not be symmetric, and whose end is
            infinite where the data set none.

        Returns
        -------
        tuple of float
            Lower and upper end.
        """
        i = self._place(name)
        if not 0.0 < level < 1.0:
            raise InputError(f"the level is {level:g}; needs a number between 0 and 1", kind="fit-data")
        if method == "profile":
            return _core.taupy_fit_profile(self._handle, i, level)
        if method != "t":
            raise InputError(f"method is {method!r}; 't' or 'profile' is needed")
        value, half = _core.tau_fit_value(self._handle, i), _core.tau_fit_half_width(self._handle, i, level)
        return value - half, value + half

    def predict(
        self, x: Mapping[str, ArrayLike] | Model | None = None, *, level: float = 0.95
    ) -> tuple[Array, Array]:
        """The curve elsewhere, and half of its confidence band.

        Parameters
        ----------
        x : mapping or callable, optional
            For `fit_curve`: the variables, arrays of one length or numbers. For `fit`: a function of the same
            parameters. Without it at the points of the fit.
        level : float
            Probability of the band, for each place alone.

        Returns
        -------
        values, half_widths : ndarray
        """
        if self._expression and not callable(x):
            return self._predict_curve(self._x if x is None else x, level)
        if x is not None and not callable(x):
            raise InputError("this fit is one of a function: predict(function of the same parameters)")
        wrapped = self._model if x is None else Wrapped(x, self.names)
        values, J = wrapped.at(np.array([self.value[name] for name in self.names]))
        half = np.empty(len(values))
        J = np.ascontiguousarray(J)
        _core.taupy_fit_band(self._handle, len(values), J.ctypes.data, level, half.ctypes.data)
        return values, half

    def to_pandas(self, level: float = 0.95) -> pandas.DataFrame:
        """As a table: a row a parameter; value, error, lower and upper end by t."""
        from ._export import lacks

        try:
            import pandas
        except ImportError as error:
            raise lacks("pandas", error) from error
        ends = [self.interval(name, level) for name in self.names]
        return pandas.DataFrame(
            {
                "value": [self.value[name] for name in self.names],
                "error": [self.error[name] for name in self.names],
                "lower": [lower for lower, _ in ends],
                "upper": [upper for _, upper in ends],
            },
            index=pandas.Index(self.names, name="parameter"),
        )

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the fit as an HDF5 file, group ``/fit``: parameters, covariance, points by their number.

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
        how = ("point", "", "", self._expression, overwrite)
        with tells_overwrite():
            _core.taupy_fit_save(os.fspath(path), self._handle, [""] * len(self.names), 0, how)

    def plot(self, path: str | os.PathLike[str] | None = None, *, level: float = 0.95) -> Figure:
        """Points, curve and band above, residuals below.

        Parameters
        ----------
        path : path, optional
            Write the picture there.
        level : float
            Probability of the band.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from ._fit_plot import plot

        return plot(self, path, level)

    def _predict_curve(self, x: Mapping[str, ArrayLike], level: float) -> tuple[Array, Array]:
        columns = _columns({name: _given(x, name) for name in self._x})
        n = len(next(iter(columns.values()))) if columns else 1
        flat = _flat(columns, n)
        values, half = np.empty(n), np.empty(n)
        _core.taupy_fit_predict(
            self._handle, n, flat.ctypes.data, level, values.ctypes.data, half.ctypes.data
        )
        return values, half

    def _place(self, name: str) -> int:
        if name not in self.names:
            raise PathError(
                f"'{name}' is no parameter of this fit: {', '.join(self.names)}", kind="unknown-parameter"
            )
        return self.names.index(name)

    def _cells(self) -> tuple[list[Column], list[list[str]]]:
        rows = []
        for i, name in enumerate(self.names):
            at = _core.tau_fit_at_bound(self._handle, i)
            note = (
                "fixed"
                if name in self.fixed
                else "at its lower bound"
                if at < 0
                else "at its upper bound"
                if at
                else ""
            )
            ends = ["-", "-"] if note else [_short(end) for end in self.interval(name)]
            error = "-" if note else _short(self.error[name])
            rows.append([name, f"{self.value[name]:.8g}", error, *ends, note])
        heads = [
            Column("parameter"),
            *(Column(h, True) for h in ("value", "error", "95 % from", "to")),
            Column(""),
        ]
        return heads, rows

    def _foot(self) -> str:
        foot = f"chi2 {self.chi2:.6g}, {self.dof} degrees of freedom"
        foot += f", sigma {_short(self.sigma)}, AICc {_short(self.aicc)}"
        return foot + (f"\n{self.message}" if self.message else "")

    def __repr__(self) -> str:
        return f"{self._expression or 'fit of a function'}\n{table(*self._cells())}\n{self._foot()}"

    def _repr_html_(self) -> str:
        import html

        foot = html.escape(self._foot()).replace("\n", "<br>")
        return f"{html_table(*self._cells(), self._expression or 'fit of a function')}<small>{foot}</small>"


def fit_curve(
    expression: str,
    x: Mapping[str, ArrayLike],
    y: ArrayLike,
    start: Mapping[str, float],
    *,
    sigma: ArrayLike | None = None,
    bounds: Bounds | None = None,
    fixed: Iterable[str] = (),
    loss: str = "linear",
    loss_scale: float = 1.0,
    absolute_sigma: bool = False,
    max_iterations: int = 2000,
    tolerance: float = 1e-6,
) -> Fit:
    """Fit an expression to points by least squares; its derivatives are exact.

    Parameters
    ----------
    expression : str
        In the grammar of rate expressions: ``"b1*(1 - exp(-b2*x))"``, powers as ``^``. Every name is a
        variable or a parameter.
    x : mapping
        The variables by name, arrays of one length.
    y : array_like
        What was measured.
    start : mapping
        The parameters by name, each with the value where the search begins.
    sigma : array_like or float, optional
        Standard deviations of y; only their ratios count unless `absolute_sigma`.
    bounds : mapping, optional
        Lower and upper bound of parameters by name; None for no bound.
    fixed : iterable of str
        Parameters that stay at their start.
    loss : {"linear", "huber", "soft_l1", "cauchy"}
        All but linear let single wrong points weigh less.
    loss_scale : float
        The residual (over sigma) from which on they do.
    absolute_sigma : bool
        Sigma is known: errors are not scaled by chi2/dof.
    max_iterations, tolerance
        When the search ends: cosine between the residuals and the tangent plane. A polish to rounding
        follows.

    Returns
    -------
    Fit

    Raises
    ------
    InputError, PathError
        Numbers or the expression have a mistake; the message has its column.
    ConvergenceError
        The search came to no end; ``error.fit`` is the best there was.
    """
    columns = _columns(x)
    values = _vector(y, "y")
    for name, column in columns.items():
        if column.size != values.size:
            raise InputError(f"'{name}' has {column.size} values, y has {values.size}", kind="fit-data")
    deviations = _sigma(sigma, values.size)
    flat = _flat(columns, values.size)
    options = _options(loss, loss_scale, absolute_sigma, max_iterations, tolerance, _EXACT)
    answer = _core.taupy_fit_curve(
        expression,
        values.size,
        values.ctypes.data,
        0 if deviations is None else deviations.ctypes.data,
        tuple(columns),
        flat.ctypes.data,
        _parameters(start, bounds, fixed),
        options,
    )
    return _made(answer, columns, values, expression, "expression", None)


def fit(
    function: Model,
    y: ArrayLike,
    start: Mapping[str, float],
    *,
    sigma: ArrayLike | None = None,
    bounds: Bounds | None = None,
    fixed: Iterable[str] = (),
    loss: str = "linear",
    loss_scale: float = 1.0,
    absolute_sigma: bool = False,
    max_iterations: int = 2000,
    tolerance: float = 1e-6,
) -> Fit:
    """Fit a function of Python to points by least squares.

    Parameters
    ----------
    function : callable
        Called with the parameters by name; returns the values that stand for y, or a tuple of them and of
        their derivatives [point, parameter]. Without derivatives they are taken by complex step where the
        function takes complex numbers, else by differences (``fit.derivatives`` says which). An
        ArithmeticError, or a value that is not finite, means "not there".
    y, start, sigma, bounds, fixed, loss, loss_scale, absolute_sigma, max_iterations, tolerance
        As in `fit_curve`.

    Returns
    -------
    Fit

    Raises
    ------
    InputError, DomainError, ConvergenceError
        As `fit_curve`; what the function raises comes out unchanged.
    """
    values = _vector(y, "y")
    deviations = _sigma(sigma, values.size)
    parameters = _parameters(start, bounds, fixed)
    wrapped = Wrapped(function, tuple(name for name, *_ in parameters))
    wrapped.n_points = values.size
    try:
        with np.errstate(all="ignore"):
            wrapped.at(np.array([row[1] for row in parameters]))  # finds out what derivatives there are
    except ArithmeticError:
        pass  # the fit says that the start is outside
    error = _DIFFERENCES if wrapped.kind == "differences" else _EXACT
    answer = _core.taupy_fit_new(
        wrapped,
        values.size,
        values.ctypes.data,
        0 if deviations is None else deviations.ctypes.data,
        parameters,
        _options(loss, loss_scale, absolute_sigma, max_iterations, tolerance, error),
    )
    return _made(answer, {}, values, "", wrapped.kind, wrapped)


def _made(
    answer: tuple[int, Any, str, str],
    x: dict[str, Array],
    y: Array,
    expression: str,
    derivatives: str,
    model: Any,
) -> Fit:
    status, handle, message, kind = answer
    made = None if handle is None else Fit(handle, x, y, expression, derivatives, model)
    if status >= 0:
        assert made is not None
        return made
    error = from_status(status, message, kind)
    if isinstance(error, ConvergenceError):
        error.fit = made
    raise error


def _parameters(
    start: Mapping[str, float], bounds: Bounds | None, fixed: Iterable[str]
) -> list[tuple[str, float, float, float, bool]]:
    held = {fixed} if isinstance(fixed, str) else set(fixed)
    for name in [*(bounds or {}), *held]:
        if name not in start:
            raise PathError(
                f"'{name}' has no start; parameters are {', '.join(start)}", kind="unknown-parameter"
            )
    out = []
    for name, value in start.items():
        lower, upper = (bounds or {}).get(name, (None, None))
        ends = (-math.inf if lower is None else float(lower), math.inf if upper is None else float(upper))
        out.append((name, float(value), *ends, name in held))
    return out


def _options(
    loss: str, scale: float, known: bool, most: int, tolerance: float, error: float
) -> tuple[int, float, bool, int, float, float]:
    if loss not in _LOSSES:
        raise InputError(f"loss is {loss!r}; one of {', '.join(_LOSSES)} is needed", kind="fit-data")
    return _LOSSES.index(loss), float(scale), known, most, float(tolerance), error


def _vector(values: ArrayLike, what: str) -> Array:
    out = np.ascontiguousarray(values, dtype=float)
    if out.ndim != 1:
        raise InputError(f"{what} has {out.ndim} dimensions; one is needed", kind="fit-data")
    return out


def _sigma(sigma: ArrayLike | None, n: int) -> Array | None:
    if sigma is None:
        return None
    return np.ascontiguousarray(np.broadcast_to(np.asarray(sigma, dtype=float), (n,)))


def _columns(x: Mapping[str, ArrayLike]) -> dict[str, Array]:
    """Arrays of one length; numbers are repeated."""
    arrays = {name: np.atleast_1d(np.asarray(values, dtype=float)) for name, values in x.items()}
    n = max((a.size for a in arrays.values()), default=1)
    for name, a in arrays.items():
        if a.ndim != 1 or a.size not in (1, n):
            raise InputError(f"'{name}' has the shape {a.shape}; ({n},) is needed", kind="fit-data")
    return {name: np.ascontiguousarray(np.broadcast_to(a, (n,))) for name, a in arrays.items()}


def _flat(columns: Mapping[str, Array], n: int) -> Array:
    return np.ascontiguousarray(np.stack([*columns.values()], axis=1)) if columns else np.empty((n, 0))


def _given(x: Mapping[str, ArrayLike], name: str) -> ArrayLike:
    if name not in x:
        raise PathError(f"the variable '{name}' of the curve is not given", kind="unknown-parameter")
    return x[name]


def _short(x: float) -> str:
    return "-" if math.isnan(x) else f"{x:.4g}"
