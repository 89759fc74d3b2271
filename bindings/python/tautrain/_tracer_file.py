# SPDX-License-Identifier: Apache-2.0
"""Tracer curves from CSV files."""

from __future__ import annotations

import csv
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from . import _core
from ._errors import FileError, InputError, UnitsError
from ._labelled import Array
from ._tracer import Tracer, tracer

_HEAD = re.compile(r"\s*([A-Za-z][\w ]*?)\s*(?:\[([^\]]*)\]|\(([^)]*)\)|/\s*(\S.*))?\s*")
_NAMES = {
    "time": "time",
    "t": "time",
    "signal": "signal",
    "outlet": "signal",
    "c": "signal",
    "inlet": "inlet",
    "inlet time": "inlet time",
    "t inlet": "inlet time",
}


class _Columns:
    """Where each column stands, and in which unit."""

    def __init__(self, at: str, cells: list[str]) -> None:
        self.place: dict[str, int] = {}
        self.unit: dict[str, str] = {}
        for i, cell in enumerate(cells):
            found = _HEAD.fullmatch(cell)
            name = _NAMES.get(found[1].lower().replace("_", " ")) if found else None
            if found is None or name is None:
                raise InputError(
                    f"{at}: column {i + 1} is '{cell.strip()}'; there may be "
                    "'time [unit]', 'signal [unit]', 'inlet [unit]' and 'inlet time [unit]'"
                )
            if name in self.place:
                raise InputError(f"{at}: column {i + 1} says '{name}' a second time")
            self.place[name] = i
            self.unit[name] = (found[2] or found[3] or found[4] or "").strip()
        self._check(at)

    def _check(self, at: str) -> None:
        for name in ("time", "signal"):
            if name not in self.place:
                raise InputError(
                    f"{at}: there is no column '{name}'; the first line names the columns, "
                    "such as 'time [s],signal [mV]'"
                )
        if "inlet time" in self.place and "inlet" not in self.place:
            raise InputError(f"{at}: there is a column 'inlet time' and none 'inlet'")
        for name in ("time", "inlet time"):
            if name in self.place:
                self._check_time(at, name)

    def _check_time(self, at: str, name: str) -> None:
        unit = self.unit[name]
        if not unit:
            raise UnitsError(
                f"{at}: column '{name}' has no unit; write it behind the name, 'time [s]'",
                kind="missing-unit",
            )
        try:
            _core.tau_convert(1.0, unit, "s")
        except UnitsError as error:
            raise UnitsError(f"{at}: column '{name}': {error.message}", kind=error.id) from None


def _rows(path: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells; comments and empty lines are passed over."""
    lines = text.splitlines()
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    separator = max(",;\t", key=first.count)
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = next(csv.reader([line], delimiter=separator))
        yield number, [cell.strip().replace(",", ".") if separator == ";" else cell.strip() for cell in cells]


def _number(at: str, name: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        raise InputError(f"{at}: {name} is '{cell}', which is no number", kind="bad-number") from None
    if not math.isfinite(value):
        raise InputError(f"{at}: {name} is '{cell}'; a finite number is needed", kind="not-finite")
    return value


class _Reader:
    """Fills the columns row by row."""

    def __init__(self, path: str, columns: _Columns) -> None:
        self.path = path
        self.columns = columns
        self.values: dict[str, list[float]] = {name: [] for name in columns.place}

    def take(self, line: int, cells: list[str]) -> None:
        at = f"{self.path}:{line}"
        if len(cells) > len(self.columns.place):
            raise InputError(f"{at}: {len(cells)} cells under {len(self.columns.place)} columns")
        row = {name: cells[i] if i < len(cells) else "" for name, i in self.columns.place.items()}
        groups = [["time", "signal"], ["inlet time", "inlet"]]
        if "inlet time" not in row:
            groups = [["time", "signal"] + (["inlet"] if "inlet" in row else [])]
        for group in groups:
            self._take_group(at, row, [name for name in group if name in row])

    def _take_group(self, at: str, row: dict[str, str], names: list[str]) -> None:
        if not names or not any(row[name] for name in names):
            return
        for name in names:
            if not row[name]:
                raise InputError(f"{at}: {name} is empty")
            self.values[name].append(_number(at, name, row[name]))
        times = self.values[names[0]]
        if len(times) > 1 and not times[-1] > times[-2]:
            raise InputError(
                f"{at}: {names[0]} {times[-1]:g} does not come after {times[-2]:g}; times must ascend"
            )

    def seconds(self, name: str) -> Array:
        return np.array(self.values[name]) * _core.tau_convert(1.0, self.columns.unit[name], "s")


def _read(path: str) -> _Reader:
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(
            f"{path}: it cannot be read: {error.strerror or error}", kind="cannot-read"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8", kind="not-utf-8") from error
    reader: _Reader | None = None
    for line, cells in _rows(path, text):
        if reader is None:
            reader = _Reader(path, _Columns(f"{path}:{line}", cells))
        else:
            reader.take(line, cells)
    if reader is None:
        raise InputError(f"{path}: the file holds nothing", kind="empty-file")
    return reader


def read_tracer(path: str | os.PathLike[str], **options: Any) -> Tracer:
    """Evaluate a tracer experiment from a CSV file.

    Parameters
    ----------
    path : path
        A text file. Lines that begin with ``#`` are passed over. The first other line names the columns,
        with units in brackets: ``time [min]`` and ``signal [mol/m^3]`` (any name of a unit: the signal is
        not converted), and, where the inlet was measured too, ``inlet [...]`` at the same times, or ``inlet
        time [min]`` and ``inlet [...]`` with times of its own (cells may then be empty at the end). Columns
        are divided by commas, semicolons (decimal commas are then read) or tabs.
    **options
        Those of `tracer`, but for ``t``, ``c``, ``inlet`` and ``time_unit``: times among them are in s or
        texts with units.

    Returns
    -------
    Tracer

    Raises
    ------
    InputError
        With the line, ``pulse.csv:7: signal is 'x', which is no number``.
    UnitsError
        The time has no unit, or one that is none of time.
    """
    reader = _read(os.fspath(path))
    outlet = reader.seconds("time")
    if len(outlet) < 3:
        raise InputError(f"{os.fspath(path)}: {len(outlet)} points; at least 3 are needed")
    if "inlet" in reader.values and "inlet" not in options:
        times = reader.seconds("inlet time") if "inlet time" in reader.values else outlet
        options["inlet"] = (times, reader.values["inlet"])
    options.setdefault("unit", reader.columns.unit["signal"])
    return tracer(outlet, reader.values["signal"], **options)
