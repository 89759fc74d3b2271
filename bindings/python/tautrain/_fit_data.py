# SPDX-License-Identifier: Apache-2.0
"""Measured runs: a table whose columns are inputs and observables of a train, a row a run."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from ._design import Array, Binder, in_unit, split_header
from ._errors import FileError, InputError, PathError
from ._quantity import Quantity, is_number, text
from ._train import Train, nearest

if TYPE_CHECKING:
    import pandas

DataLike: TypeAlias = "Mapping[str, ArrayLike] | pandas.DataFrame | str | os.PathLike[str]"

# struct tau_measured_value
MEASURED = np.dtype([("i_run", "i4"), ("i_observable", "i4"), ("value", "f8"), ("sigma", "f8")], align=True)

_SIGMA = re.compile(r"^sigma\((?P<path>.*)\)$")


class Observed:
    """A column of measured values.

    Attributes
    ----------
    path, unit : str
        Observable, and the unit of the column (SI where it said none).
    scale, zero : float
        SI of one unit, and of 0 of it.
    values, sigma : ndarray
        A number a run, SI; nan where nothing was measured. sigma is None where none is known.
    """

    def __init__(self, path: str, unit: str, needed: str, values: Array) -> None:
        self.path, self.unit = path, unit
        self.scale, self.zero = scale_of(path, unit, needed)
        self.values = values if unit == needed else in_unit(path, values, unit, needed)
        self.sigma: Array | None = None


class Runs:
    """Runs of a train, and what was measured in them.

    Attributes
    ----------
    n : int
        How many runs.
    inputs : dict
        Number of a parameter's values by path, SI; nan: the model's own.
    observed : list of Observed
    """

    def __init__(self, train: Train, data: DataLike) -> None:
        self.train = train
        self._binder = Binder(train)
        self.inputs: dict[str, Array] = {}
        self.observed: list[Observed] = []
        self.n = 0
        sigmas: list[tuple[str, str | None, Array]] = []
        for header, values in columns(data):
            self._length(header, values)
            path, unit = split_header(header)
            match = _SIGMA.match(path)
            if match:
                sigmas.append((match["path"].strip(), unit, values))
            else:
                self._column(path, unit, values)
        for path, unit, values in sigmas:
            self._set_sigma(path, unit, values)

    def give_sigma(self, sigma: Mapping[str, Quantity] | None) -> None:
        """Standard deviations of whole columns, by path."""
        for path, given in (sigma or {}).items():
            column = self._observed(path)
            if is_number(given):
                column.sigma = np.full(self.n, float(given))
                continue
            x, unit = split_quantity(text(given))
            column.sigma = np.full(self.n, x * scale_of(path, unit, self.train.observables[path].unit)[0])

    def values(self) -> Array:
        """[run, input], SI."""
        if not self.inputs:
            return np.empty((self.n, 0))
        return np.ascontiguousarray(np.column_stack(list(self.inputs.values())))

    def places(self) -> list[int]:
        """Numbers of the inputs."""
        return [self._binder.index(path) for path in self.inputs]

    def measured(self) -> tuple[NDArray[Any], list[tuple[int, Observed]]]:
        """As C takes them, run by run; and of each its run and its column."""
        known = [column.sigma is not None for column in self.observed]
        if any(known) and not all(known):
            column = self.observed[known.index(False)]
            raise InputError(
                f"'{column.path}' has no sigma, others have; give it for all, or for none", kind="fit-data"
            )
        names = list(self.train.observables)
        rows, where = [], []
        for i in range(self.n):
            for column in self.observed:
                if np.isnan(column.values[i]):
                    continue
                sigma = column.scale if column.sigma is None else column.sigma[i]
                rows.append((i, names.index(column.path), column.values[i], sigma))
                where.append((i, column))
        return np.array(rows, dtype=MEASURED), where

    def _length(self, header: str, values: Array) -> None:
        if self.n and len(values) != self.n:
            raise InputError(f"'{header}' has {len(values)} rows, others have {self.n}", kind="fit-data")
        self.n = len(values)

    def _column(self, path: str, unit: str | None, values: Array) -> None:
        if path in self.inputs or any(path == column.path for column in self.observed):
            raise InputError(f"'{path}' heads two columns of the data", kind="duplicate-key")
        if path in self.train.parameters:
            needed = self.train.parameters[path].si_unit
            self.inputs[path] = values if unit is None else in_unit(path, values, unit, needed)
        elif path in self.train.observables:
            needed = self.train.observables[path].unit
            self.observed.append(Observed(path, needed if unit is None else unit.strip(), needed, values))
        else:
            known = (*self.train.observables, *self.train.parameters)
            raise PathError(
                f"'{path}' is no observable and no parameter of this train{nearest(path, known)}",
                kind="unknown-observable",
            )

    def _set_sigma(self, path: str, unit: str | None, values: Array) -> None:
        column = self._observed(path)
        factor = 1.0 if unit is None else scale_of(path, unit, self.train.observables[path].unit)[0]
        column.sigma = values * factor

    def _observed(self, path: str) -> Observed:
        for column in self.observed:
            if column.path == path:
                return column
        raise PathError(
            f"sigma({path}): the data have no such column of measured values"
            f"{nearest(path, tuple(column.path for column in self.observed))}",
            kind="unknown-observable",
        )


def scale_of(path: str, unit: str, needed: str) -> tuple[float, float]:
    """SI of a width of one unit, and of its zero: 1 and 273.15 for degC."""
    if unit == needed:
        return 1.0, 0.0
    far = 2.0**40  # so that the zero takes no digits
    zero, end = in_unit(path, np.array([0.0, far]), unit, needed)
    return float((end - zero) / far), float(zero)


def split_quantity(written: str) -> tuple[float, str]:
    """Number and unit of a text."""
    number, _, unit = written.strip().partition(" ")
    try:
        return float(number), unit.strip() or "1"
    except ValueError:
        return _core.tau_quantity_parse(written)


def columns(data: DataLike) -> list[tuple[str, Array]]:
    """Heads and numbers of a table; an empty cell is nan."""
    if isinstance(data, str | os.PathLike):
        return _csv(os.fspath(data))
    if isinstance(data, Mapping) or hasattr(data, "columns"):
        n = max((np.size(data[head]) for head in data), default=0)
        return [(str(head), _numbers(str(head), data[head], n)) for head in data]
    raise InputError(
        f"data are a {type(data).__name__}; a table, a mapping of columns or a CSV file is needed"
    )


def _numbers(header: str, values: ArrayLike, n: int) -> Array:
    try:
        x = np.asarray(values, dtype=np.float64).ravel()
    except (TypeError, ValueError) as error:
        raise InputError(f"'{header}' has values that are no numbers: {error}", kind="bad-number") from None
    return np.array(np.broadcast_to(x, (n,))) if x.size == 1 else np.array(x)


def _csv(file: str) -> list[tuple[str, Array]]:
    try:
        with open(file, newline="", encoding="utf-8-sig") as f:
            reader = csv.reader(f, delimiter="\t" if file.lower().endswith(".tsv") else ",")
            rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise FileError(f"{file}: cannot be read: {reason}", kind="cannot-read") from None
    rows = [(line, row) for line, row in rows if not row[0].lstrip().startswith("#")]
    if len(rows) < 2:
        raise InputError(f"{file}: a head and rows of numbers are needed", kind="empty-file")
    head = [cell.strip() for cell in rows[0][1]]
    body = np.array([_row(file, line, row, len(head)) for line, row in rows[1:]])
    return [(header, body[:, j]) for j, header in enumerate(head)]


def _row(file: str, line: int, row: Sequence[str], n: int) -> list[float]:
    if len(row) != n:
        raise InputError(f"{file}:{line}: {len(row)} cells; the head has {n}", kind="bad-number")
    out = []
    for cell in row:
        try:
            out.append(float(cell) if cell.strip() else np.nan)
        except ValueError:
            raise InputError(f"{file}:{line}: '{cell.strip()}' is no number", kind="bad-number") from None
    return out
