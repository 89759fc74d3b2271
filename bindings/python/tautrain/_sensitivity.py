# SPDX-License-Identifier: Apache-2.0
"""Sensitivity: exact derivatives of observables to parameters."""

from __future__ import annotations

import fnmatch
import math
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._errors import InputError, PathError
from ._quantity import Quantity
from ._result import Result
from ._table import Column, html_table, table
from ._train import Progress, Train, _failure, _in_unit, nearest, run_options

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.figure import Figure

Globs = Sequence[str] | str | None

_MOST_COLUMNS, _MOST_BARS, _MOST_PANELS = 5, 15, 6


class Sensitivity:
    """Derivatives of observables to parameters at one operating point.

    Made by `Train.sensitivity`. Rows are observables, columns parameters; everything is SI.

    Attributes
    ----------
    observables, parameters : tuple of str
        Paths, in the train's order.
    values : ndarray
        do/dp [observable, parameter], read-only; nan where there is no derivative (see `reason`).
    result : Result
        The run itself.
    """

    def __init__(
        self, train: Train, handle: Any, result: Result, observables: list[str], parameters: list[str]
    ) -> None:
        import ctypes

        self._handle = handle
        self.result = result
        self.observables = tuple(observables)
        self.parameters = tuple(parameters)
        everything = list(train.observables)
        shape = (len(everything), len(parameters))
        self._rows = [everything.index(path) for path in observables]
        self.values: NDArray[np.float64] = np.empty((len(observables), len(parameters)))
        if shape[0] * shape[1]:
            address = _core.tau_sensitivity_values(handle)
            block = ctypes.cast(address, ctypes.POINTER(ctypes.c_double))
            self.values = np.ctypeslib.as_array(block, shape)[self._rows]  # a copy
        self.values.flags.writeable = False
        self._o = [train.observables[path] for path in observables]
        self._p = [train.parameters[path] for path in parameters]
        self._at = result.parameters

    def value(self, observable: str, parameter: str) -> float:
        """One derivative, SI."""
        return float(self.values[self._place(observable, parameter)])

    def reason(self, observable: str, parameter: str) -> str:
        """Why there is no derivative; empty where there is one."""
        i, j = self._place(observable, parameter)
        return _core.tau_sensitivity_reason(self._handle, self._rows[i], j)

    def unit(self, observable: str, parameter: str) -> str:
        """SI unit of a derivative, ``(mol/m^3)/(1/s)``."""
        i, j = self._place(observable, parameter)
        above, below = self._o[i].unit or "1", self._p[j].si_unit
        return f"({above})/({below})" if below else above

    def normalised(self) -> NDArray[np.float64]:
        """Per cent of the observable for one per cent of the parameter: p/o do/dp.

        Returns
        -------
        ndarray
            [observable, parameter]; nan where the observable is 0.
        """
        o = np.array([self.result.value(path) for path in self.observables])
        with np.errstate(divide="ignore", invalid="ignore"):
            out = self.values * np.array([self._parameter(j) for j in range(len(self._p))]) / o[:, None]
        out[o == 0.0] = np.nan
        return np.asarray(out)

    def changes(self, by: float | str = 0.01) -> NDArray[np.float64]:
        """How far observables move, to first order, when each parameter moves alone.

        Parameters
        ----------
        by : float or "uncertainty"
            A relative change, 0.01 for 1 %; or what the model file states behind ``+/-``.

        Returns
        -------
        ndarray
            do/dp times the change of p [observable, parameter], SI. A parameter without an uncertainty does
            not move.
        """
        return self.values * self._steps(by)

    def to_pandas(self, *, normalised: bool = False) -> pandas.DataFrame:
        """As a table: a row a parameter, a column an observable.

        Parameters
        ----------
        normalised : bool
            p/o do/dp in place of do/dp in SI.
        """
        from ._export import lacks

        try:
            import pandas
        except ImportError as error:
            raise lacks("pandas", error) from error
        values = self.normalised() if normalised else self.values
        return pandas.DataFrame(
            values.T,
            index=pandas.Index(self.parameters, name="parameter"),
            columns=pandas.Index(self.observables, name="observable"),
        )

    def to_xarray(self) -> xarray.Dataset:
        """Both kinds over observable and parameter, with values and units as coordinates."""
        from ._export import lacks

        try:
            import xarray
        except ImportError as error:
            raise lacks("xarray", error) from error
        both = ("observable", "parameter")
        value = [self.result.value(path) for path in self.observables]
        at = [self._parameter(j) for j in range(len(self._p))]
        return xarray.Dataset(
            {
                "sensitivity": (both, self.values, {"long_name": "derivative, in SI units"}),
                "normalised": (both, self.normalised(), {"units": "1", "long_name": "p/o do/dp"}),
            },
            {
                "observable": list(self.observables),
                "parameter": list(self.parameters),
                "observable_value": ("observable", value),
                "observable_unit": ("observable", [o.unit for o in self._o]),
                "parameter_value": ("parameter", at),
                "parameter_unit": ("parameter", [p.si_unit for p in self._p]),
            },
            {"title": self.result.title, "evidence": self.result.evidence},
        )

    def plot(
        self, path: str | os.PathLike[str] | None = None, *, by: float | str = 0.01, most: int = _MOST_BARS
    ) -> Figure:
        """A tornado of each observable: what moves it most stands on top.

        Parameters
        ----------
        path : path, optional
            Write the picture there.
        by : float or "uncertainty"
            As in `changes`.
        most : int
            Bars of one observable.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from ._sensitivity_plot import tornado

        return tornado(self, path, by, most)

    def _parameter(self, j: int) -> float:
        return float(self._at[self.parameters[j]].value)

    def _place(self, observable: str, parameter: str) -> tuple[int, int]:
        for path, among, what in (
            (observable, self.observables, "observable"),
            (parameter, self.parameters, "parameter"),
        ):
            if path not in among:
                raise PathError(
                    f"'{path}' is no {what} of this table{nearest(path, among)}", kind=f"unknown-{what}"
                )
        return self.observables.index(observable), self.parameters.index(parameter)

    def _steps(self, by: float | str) -> NDArray[np.float64]:
        if by == "uncertainty":
            return np.array([p.uncertainty for p in self._p])
        if isinstance(by, str) or not math.isfinite(by):
            raise InputError(f"by is {by!r}: a relative change such as 0.01, or 'uncertainty', is needed")
        return np.array([by * self._parameter(j) for j in range(len(self._p))])

    def _cells(self) -> tuple[list[Column], list[list[str]]]:
        shown = self.observables[:_MOST_COLUMNS]
        normalised = self.normalised()
        rows = [
            [path, self._shown(j), *(_short(normalised[i, j]) for i in range(len(shown)))]
            for j, path in enumerate(self.parameters)
        ]
        value = ["", "", *(_short(self.result.value(path)) for path in shown)]
        heads = [Column("parameter"), Column("value", True), *(Column(path, True) for path in shown)]
        return heads, [value, *rows]

    def _shown(self, j: int) -> str:
        p = self._p[j]
        unit = p.unit or p.si_unit
        return f"{_in_unit(self._parameter(j), p.si_unit, unit):.6g} {unit}".rstrip()

    def _note(self) -> str:
        left = len(self.observables) - _MOST_COLUMNS
        return f"\nand {left} observables more" if left > 0 else ""

    def __repr__(self) -> str:
        head = "per cent for one per cent of the parameter (p/o do/dp); first the observable itself, SI\n"
        return head + table(*self._cells()) + self._note()

    def _repr_html_(self) -> str:
        caption = "per cent for one per cent of the parameter; first the observable, SI"
        return html_table(*self._cells(), caption)


def _short(x: float) -> str:
    return "-" if math.isnan(x) else f"{x:.4g}"


def _chosen(globs: Globs, paths: list[str], what: str, default: list[str]) -> list[str]:
    """Paths that match, in the train's order."""
    if globs is None:
        return default
    matched: set[str] = set()
    for glob in (globs,) if isinstance(globs, str) else globs:
        found = {path for path in paths if path == glob or fnmatch.fnmatchcase(path, glob)}
        if not found:
            raise PathError(
                f"'{glob}' is no {what} of this train and matches none{nearest(glob, tuple(paths))}",
                kind=f"unknown-{what}",
            )
        matched |= found
    return [path for path in paths if path in matched]


def chosen_parameters(
    train: Train, parameters: Globs, inputs: Any | None, varied: Sequence[str] = ()
) -> list[str]:
    """Parameters by paths and globs, in the train's order; None: all that are given.

    A glob means what is given in a run; a path may ask for more, and learns why there is nothing.
    """
    if not parameters and parameters is not None:
        return []
    paths = list(train.parameters)
    given = [
        path
        for i, path in enumerate(paths)
        if path in varied
        or not math.isnan(
            _core.tau_inputs_value(inputs, i) if inputs is not None else train.parameters[path].value
        )
    ]
    chosen = _chosen(parameters, paths, "parameter", given)
    named = given if parameters is None else [parameters] if isinstance(parameters, str) else [*parameters]
    return [path for path in chosen if path in given or path in named]


def sensitivity(
    train: Train,
    parameters: Globs,
    observables: Globs,
    inputs: Mapping[str, Quantity] | None,
    rtol: float | None,
    atol: Quantity | None,
    max_time: Quantity | None,
    max_steps: int | None,
    progress: Progress | None,
) -> Sensitivity:
    """What `Train.sensitivity` says."""
    all_o, all_p = list(train.observables), list(train.parameters)
    handle = train._inputs(inputs) if inputs else None
    whole = [path for path in all_o if not path.startswith(("units/", "balance/"))]
    chosen_p = chosen_parameters(train, parameters, handle)
    chosen_o = _chosen(observables, all_o, "observable", whole)
    status, made, result, message, kind = _core.taupy_sensitivity(
        train._handle,
        handle,
        [all_p.index(path) for path in chosen_p],
        *run_options(rtol, atol, max_time, max_steps),
        progress,
    )
    ran = None if result is None else Result(result)
    if status < 0:
        raise _failure(status, message, kind, ran)
    assert ran is not None
    return Sensitivity(train, made, ran, chosen_o, chosen_p)
