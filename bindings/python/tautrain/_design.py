# SPDX-License-Identifier: Apache-2.0
"""Designs: which operating points a sweep runs.

A design is given without a train, with units; ``design.on(train)`` looks at it and gives its points: numbers
in SI, made a piece at a time, so that memory does not grow with them. Point i is the same whoever asks.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from . import _core
from ._errors import InputError, TautrainError, UnitsError
from ._quantity import Quantity, is_number, text

if TYPE_CHECKING:
    import pandas
    import xarray

    from ._train import Train

Array: TypeAlias = npt.NDArray[np.float64]
Values: TypeAlias = Quantity | Sequence[Quantity] | npt.NDArray[Any]
DesignLike: TypeAlias = (
    "Design | Mapping[str, Values] | pandas.DataFrame | xarray.Dataset | tuple[Any, Sequence[str]]"
    " | str | os.PathLike[str]"
)

_R = 8.31446261815324  # J/mol/K
_HEADER = re.compile(r"^(?P<path>.*?)\s*(?:\[(?P<unit>[^\[\]]*)\])?\s*$")


class Points(ABC):
    """The operating points of a design on a train.

    Attributes
    ----------
    n_runs : int
        How many.
    paths : tuple of str
        The parameters that are varied.
    shape : tuple of int or None
        Of a grid: number of values of each path; the last changes fastest.
    """

    def __init__(self, n_runs: int, paths: Sequence[str], shape: tuple[int, ...] | None = None) -> None:
        self.n_runs = n_runs
        self.paths = tuple(paths)
        self.shape = shape

    @abstractmethod
    def rows(self, first: int, n: int) -> Array:
        """Points first to first + n - 1, (n, n_paths), SI."""

    @abstractmethod
    def _said(self) -> dict[str, Any]:
        """What, with n_runs and paths, makes the design this one."""

    def text(self) -> str:
        """Say what the design is, canonically: equal text, equal points. Kept in the sweep's file."""
        return json.dumps({**self._said(), "runs": self.n_runs, "paths": self.paths}, ensure_ascii=False)

    def __repr__(self) -> str:
        return self.text()


class Design(ABC):
    """Operating points, before it is known on which train."""

    @abstractmethod
    def on(self, train: Train) -> Points:
        """Look at it for a train: names, units, bounds, alternatives.

        Parameters
        ----------
        train : Train

        Returns
        -------
        Points

        Raises
        ------
        PathError
            The train has no such parameter; the nearest is offered.
        UnitsError
            A unit is of another dimension.
        InputError
            A value is out of its bounds, or two paths are alternatives of each other.
        """

    def seeded(self, seed: int) -> Design:
        """The same with another seed; itself where nothing is random."""
        return self


class Binder:
    """Looks at paths and values for a train."""

    def __init__(self, train: Train) -> None:
        self.train = train
        self._index = {path: i for i, path in enumerate(train.parameters)}

    def index(self, path: str) -> int:
        """Number of a parameter."""
        self.train.parameters[path]  # or says which is near
        return self._index[path]

    def si(self, path: str, value: Quantity) -> float:
        """A value of a parameter in SI."""
        return self.si_pm(path, value)[0]

    def si_pm(self, path: str, value: Quantity) -> tuple[float, float]:
        """A value and what stands behind its +/-, 0 where nothing does."""
        index = self.index(path)
        if is_number(value):
            return float(value), 0.0
        return _core.taupy_parameter_value(self.train._handle, index, text(value).replace("±", "+/-"))

    def difference(self, path: str, value: Quantity) -> float:
        """A width, such as a standard deviation, in SI."""
        if is_number(value):
            return float(value)
        written = text(value)
        x, unit = _core.tau_quantity_parse(written)
        needed = self.train.parameters[path].si_unit
        if unit == "K" and needed == "J/mol":
            return x * _R
        if unit != needed:
            raise UnitsError(_wrong_unit(path, written, unit, needed), kind="wrong-unit")
        zero = (
            _core.tau_quantity_parse(f"0 {written.split(maxsplit=1)[1]}")[0]
            if " " in written.strip()
            else 0.0
        )
        if zero != 0.0:
            raise UnitsError(
                f"{path}: a width of '{written}' is on a scale with a zero of its own; give it in {unit}",
                kind="offset-unit",
            )
        return x

    def values(self, path: str, given: Values) -> Array:
        """One value or several, in SI."""
        self.index(path)
        if isinstance(given, np.ndarray) and given.dtype.kind in "fiu":
            return np.asarray(given, dtype=np.float64).ravel()
        is_one = is_number(given) or isinstance(given, str)
        if is_one or np.ndim(getattr(given, "magnitude", [0.0])) == 0:
            return np.array([self.si(path, cast(Quantity, given))])
        return np.array([self.si(path, value) for value in cast(Iterable[Quantity], given)])

    def column(self, header: str, values: Any) -> tuple[str, Array]:
        """A column of a table: ``path [unit]``, or SI without a unit."""
        path, unit = split_header(header)
        needed = self.train.parameters[path].si_unit
        try:
            x = np.asarray(values, dtype=np.float64).ravel()
        except (TypeError, ValueError):
            return path, self.values(path, list(values))
        return path, x if unit is None else in_unit(path, x, unit, needed)

    def check(self, paths: Sequence[str], low: Sequence[float], high: Sequence[float]) -> None:
        """Bounds, twice the same, alternatives of each other."""
        inputs = _core.tau_inputs_new(self.train._handle)
        for path, *ends in zip(paths, low, high, strict=True):
            for value in ends:
                _core.tau_inputs_set(inputs, path, float(value))
        for i, path in enumerate(paths):
            if path in paths[:i]:
                raise InputError(f"'{path}' is varied twice", kind="duplicate-key")
        for i, path in enumerate(paths):
            if np.isnan(_core.tau_inputs_value(inputs, self.index(path))):
                other = next(p for p in reversed(paths[i + 1 :]) if self._replaces(p, path))
                raise InputError(
                    f"'{path}' and '{other}' are alternatives: only one of them can be varied",
                    kind="conflicting-keys",
                )

    def _replaces(self, path: str, other: str) -> bool:
        inputs = _core.tau_inputs_new(self.train._handle)
        for one in (other, path):
            _core.tau_inputs_set(inputs, one, 1.0)
        return bool(np.isnan(_core.tau_inputs_value(inputs, self.index(other))))


def _wrong_unit(path: str, written: str, found: str, needed: str) -> str:
    return f"{path}: '{written}' is in {found or '1'}; {needed or 'a plain number'} or the like is needed"


def split_header(header: str) -> tuple[str, str | None]:
    """``path [unit]`` as path and unit; None where none is said."""
    match = _HEADER.match(str(header).strip())
    assert match is not None  # anything matches
    return match["path"], match["unit"]


def in_unit(path: str, x: Array, unit: str, needed: str) -> Array:
    """Numbers in a unit as numbers in SI."""
    unit = unit.strip() or "1"
    found = _core.tau_quantity_parse("1" if unit == "1" else f"1 {unit}")[1]
    factor = _R if (found, needed) == ("K", "J/mol") else 1.0
    if found != needed and factor == 1.0:
        raise UnitsError(_wrong_unit(path, f"{path} [{unit}]", found, needed), kind="wrong-unit")
    zero = _core.tau_convert(0.0, unit, found or "1")
    far = 2.0**40  # so that the zero of a scale takes no digits of its degree
    degree = (_core.tau_convert(far, unit, found or "1") - zero) / far
    converted: Array = (x * degree + zero) * factor
    return converted


def digest(*arrays: Array) -> str:
    """What tells these numbers from others."""
    state = hashlib.sha256()
    for array in arrays:
        state.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return state.hexdigest()


def at_least_one(n: int, what: str = "runs") -> int:
    """A number of runs."""
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise InputError(f"{n!r} {what}; a whole number of at least 1 is needed", kind="out-of-range")
    return int(n)


# --- grids ---


class GridPoints(Points):
    """Every combination of the values of each path; the last path changes fastest."""

    def __init__(self, axes: Mapping[str, Array]) -> None:
        shape = tuple(len(values) for values in axes.values())
        super().__init__(int(np.prod(shape, dtype=object)), list(axes), shape)
        self._axes = list(axes.values())

    def rows(self, first: int, n: int) -> Array:
        rest = np.arange(first, first + n, dtype=np.int64)
        out = np.empty((n, len(self._axes)))
        for j in range(len(self._axes) - 1, -1, -1):
            rest, at = np.divmod(rest, len(self._axes[j]))
            out[:, j] = self._axes[j][at]
        return out

    def _said(self) -> dict[str, Any]:
        return {"design": "grid", "shape": self.shape, "sha256": digest(*self._axes)}


class Grid(Design):
    """Every combination of the values of each path."""

    def __init__(self, axes: Mapping[str, Values]) -> None:
        self._axes = dict(axes)

    def on(self, train: Train) -> Points:
        binder = Binder(train)
        if not self._axes:
            raise InputError(
                "the design varies nothing; at least one path with its values is needed", kind="empty-value"
            )
        axes = {path: binder.values(path, given) for path, given in self._axes.items()}
        for path, values in axes.items():
            if len(values) == 0:
                raise InputError(f"'{path}' has no values", kind="empty-value")
            if len(np.unique(values)) < len(values):
                raise InputError(f"a value of '{path}' stands twice in the grid", kind="duplicate-key")
        finite(axes)
        binder.check(list(axes), [v.min() for v in axes.values()], [v.max() for v in axes.values()])
        return GridPoints(axes)


def finite(columns: Mapping[str, Array]) -> None:
    """No nan and no inf; the run is named."""
    for path, x in columns.items():
        if not np.isfinite(x).all():
            wrong = np.flatnonzero(~np.isfinite(x))
            raise InputError(
                f"'{path}' is {x[wrong[0]]} in point {wrong[0]}; a number is needed", kind="not-finite"
            )


# --- tables ---


class TablePoints(Points):
    """Points that stand in a table."""

    def __init__(self, columns: Mapping[str, Array]) -> None:
        self._values = np.column_stack(list(columns.values()))
        super().__init__(len(self._values), list(columns))

    def rows(self, first: int, n: int) -> Array:
        return np.array(self._values[first : first + n])

    def _said(self) -> dict[str, Any]:
        return {"design": "table", "sha256": digest(self._values)}


def table_points(binder: Binder, columns: Mapping[str, Array]) -> Points:
    """Look at columns in SI."""
    if not columns or not len(next(iter(columns.values()))):
        raise InputError("the table of the design is empty", kind="empty-value")
    finite(columns)
    binder.check(list(columns), [x.min() for x in columns.values()], [x.max() for x in columns.values()])
    return TablePoints(columns)


class Table(Design):
    """Points that stand in a table: columns by ``path [unit]``, or in SI."""

    def __init__(self, columns: Iterable[tuple[str, Any]]) -> None:
        self._columns = list(columns)

    def on(self, train: Train) -> Points:
        binder = Binder(train)
        columns: dict[str, Array] = {}
        for header, values in self._columns:
            path, x = binder.column(header, values)
            if path in columns:
                raise InputError(f"'{path}' is varied twice", kind="duplicate-key")
            columns[path] = x
        return table_points(binder, columns)


def _of_array(given: tuple[Any, Sequence[str]]) -> Table:
    values, headers = np.asarray(given[0], dtype=np.float64), list(given[1])
    if values.ndim != 2 or values.shape[1] != len(headers):
        raise InputError(
            f"an array of shape {values.shape} and {len(headers)} paths; (runs, {len(headers)}) is needed",
            kind="wrong-shape",
        )
    return Table((header, values[:, j]) for j, header in enumerate(headers))


def _header_of(name: object, attributes: Mapping[str, Any]) -> str:
    unit = attributes.get("units")
    return f"{name} [{unit}]" if unit is not None and split_header(str(name))[1] is None else str(name)


def _of_dataset(given: xarray.Dataset) -> Design:
    """Variables are columns, broadcast against each other; coordinates alone are a grid."""
    if not given.data_vars:
        return _CoordinateGrid([(_header_of(d, given[d].attrs), given[d].values) for d in given.dims])
    import xarray

    variables = xarray.broadcast(*[given[name] for name in given.data_vars])
    return Table(
        (_header_of(name, given[name].attrs), v.values)
        for name, v in zip(given.data_vars, variables, strict=True)
    )


class _CoordinateGrid(Design):
    def __init__(self, columns: list[tuple[str, Any]]) -> None:
        self._columns = columns

    def on(self, train: Train) -> Points:
        binder = Binder(train)
        return Grid(dict(binder.column(header, values) for header, values in self._columns)).on(train)


# --- whatever was given ---


def as_design(given: Any) -> Design:
    """A design from any of its forms (DesignLike)."""
    if isinstance(given, Design):
        return given
    if hasattr(given, "data_vars"):
        return _of_dataset(given)
    if hasattr(given, "iloc") and hasattr(given, "columns"):
        return Table((str(name), given[name].to_numpy()) for name in given.columns)
    if isinstance(given, str | os.PathLike):
        from ._design_file import DesignFile

        return DesignFile(given)
    if isinstance(given, Mapping):
        return Grid(given)
    if isinstance(given, tuple) and len(given) == 2:
        return _of_array(given)
    raise TypeError(
        f"{type(given).__name__} is no design; a mapping of paths to values, a table (pandas, xarray,"
        " (array, paths)), a file (.csv, .yaml) or tt.latin_hypercube, tt.sobol, tt.halton, tt.monte_carlo"
        " is needed"
    )


def logspace(first: Quantity, last: Quantity, n: int) -> Array:
    """Values at equal ratios.

    Parameters
    ----------
    first, last : quantity
        The ends, both in the result, both above zero (temperatures in kelvin). Plain numbers are in SI.
    n : int
        How many.

    Returns
    -------
    ndarray
        n numbers in SI, as every input takes them.

    Examples
    --------
    >>> logspace("0.1 s", "10 s", 3)
    array([ 0.1,  1. , 10. ])
    """
    from ._quantity import linspace

    ends = linspace(first, last, 2)
    if min(ends) <= 0.0:
        raise InputError(
            f"'{text(first)}' to '{text(last)}': both ends must be above zero", kind="out-of-range"
        )
    return np.geomspace(ends[0], ends[1], n)


__all__ = [
    "Binder",
    "Design",
    "DesignLike",
    "Grid",
    "Points",
    "Table",
    "TautrainError",
    "as_design",
    "logspace",
]
