# SPDX-License-Identifier: Apache-2.0
"""Sweeps: one train at many operating points."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._errors import PathError
from ._export import lacks
from ._feasible import Condition
from ._quantity import Quantity, bench_unit, number
from ._sweep_data import NOT_RUN, Array, Facts, Failure, Ints, Profiles, Source
from ._table import Column, html_table, table
from ._train import nearest

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Sweep:
    """Many runs of one train.

    ``sweep["yield/ortho"]`` is any kept number, over the axes of a grid or over the runs; ``sweep.value(...,
    "%")`` the same in the unit wanted. Runs that failed are nan. The numbers of one with a file stay there
    until they are asked for.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    # --- what it is ---

    @property
    def _facts(self) -> Facts:
        return self._source.facts

    @property
    def file(self) -> str:
        """Name of its file; empty without."""
        return self._source.file

    @property
    def title(self) -> str:
        """Title of the model."""
        return self._facts.title

    @property
    def state(self) -> str:
        """``complete``, ``stopped`` (time limit, cancelled) or ``running`` (also where it was broken off)."""
        return self._facts.status

    @property
    def n_runs(self) -> int:
        """How many runs it has, with those that were not reached."""
        return self._facts.n_runs

    @property
    def n_done(self) -> int:
        """How many were run."""
        return int(np.count_nonzero(self.status != NOT_RUN))

    @property
    def n_failed(self) -> int:
        """How many of them failed."""
        return len(self.failed)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each varied parameter for a whole grid; else (n_runs,)."""
        shape = self._facts.shape
        return shape if shape and int(np.prod(shape, dtype=object)) == self.n_runs else (self.n_runs,)

    @property
    def is_grid(self) -> bool:
        """Whether each varied parameter is an axis."""
        return self._facts.shape is not None and self.shape == self._facts.shape

    @property
    def paths(self) -> tuple[str, ...]:
        """The parameters that were varied, in the order of the axes."""
        return tuple(p.path for p in self._facts.parameters)

    @property
    def observables(self) -> tuple[str, ...]:
        """What was kept."""
        return tuple(o.path for o in self._facts.observables)

    @property
    def sensitivities(self) -> tuple[str, ...]:
        """The parameters to which derivatives were kept."""
        return tuple(p.path for p in self._facts.sensitivities)

    @property
    def profiles(self) -> tuple[str, ...]:
        """Units whose profiles were kept."""
        return tuple(self._facts.units)

    @property
    def engine(self) -> str:
        """What solved the units: ``lanes`` or ``cvodes``."""
        return self._facts.engine

    @property
    def n_handed_over(self) -> int:
        """Runs that were handed from lanes to CVODES."""
        return self._facts.n_handed_over

    @property
    def largest_difference(self) -> float:
        """Largest relative difference of the runs that were checked with CVODES; nan where none was."""
        return self._facts.largest_difference

    @property
    def wall_time(self) -> float:
        """How long it took [s]: of a file, in all sessions and parts together."""
        return self._facts.wall_time

    @property
    def rate(self) -> float:
        """Runs per second of `wall_time`; nan where nothing was run."""
        return self.n_done / self.wall_time if self.wall_time > 0.0 else float("nan")

    # --- how it went ---

    @cached_property
    def status(self) -> Ints:
        """Of each run, (n_runs,): 0 it worked, negative it failed, 100 it was not reached."""
        return self._source.status()

    @cached_property
    def failed(self) -> npt.NDArray[np.int64]:
        """Numbers of the runs that failed."""
        return np.flatnonzero((self.status != 0) & (self.status != NOT_RUN))

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What made runs fail, how often, and the first of each."""
        return tuple(self._facts.failures)

    def failed_table(self) -> pandas.DataFrame:
        """The runs that failed: what went in, and why."""
        try:
            import pandas
        except ImportError as error:
            raise lacks("pandas", error) from error
        columns: dict[str, Any] = {
            f"{p.path} [{p.si_unit or '1'}]": self._source.inputs(j)[self.failed]
            for j, p in enumerate(self._facts.parameters)
        }
        why = [self.failures[code - 1] for code in self._source.codes()[self.failed]]
        columns |= {
            "unit": [f.unit for f in why],
            "id": [f.id for f in why],
            "message": [f.text for f in why],
        }
        return pandas.DataFrame(columns, index=pandas.Index(self.failed, name="run"))

    # --- numbers ---

    def unit(self, path: str) -> str:
        """SI unit of a kept or varied number; empty for a plain number."""
        return self._units()[path] if path in self._units() else self._unknown(path)

    def _units(self) -> dict[str, str]:
        facts = self._facts
        return {o.path: o.unit for o in facts.observables} | {p.path: p.si_unit for p in facts.parameters}

    def _unknown(self, path: str) -> Any:
        raise PathError(
            f"'{path}' was neither kept nor varied{nearest(path, (*self.observables, *self.paths))}",
            kind="unknown-observable",
        )

    def _flat(self, path: str) -> Array:
        if path in self.paths:
            return self._source.inputs(self.paths.index(path))
        return (
            self._source.observables(self.observables.index(path))
            if path in self.observables
            else self._unknown(path)
        )

    def __getitem__(self, path: str) -> Array:
        """A kept or varied number in SI, in the shape of the grid or (n_runs,)."""
        return self._flat(path).reshape(self.shape)

    def __contains__(self, path: object) -> bool:
        return path in self.observables or path in self.paths

    def __len__(self) -> int:
        return self.n_runs

    def value(self, path: str, unit: str | None = None) -> Array:
        """A kept or varied number of every run.

        Parameters
        ----------
        path : str
            ``yield/ortho``, ``units/coil/temperature`` ...
        unit : str, optional
            The unit wanted, ``%``, ``degC``; SI where left out.

        Returns
        -------
        ndarray
            In the shape of the grid, else (n_runs,); nan where a run failed.
        """
        si = self.unit(path)
        return self[path] if unit is None else from_si(self[path], si, unit)

    def axis(self, path: str, unit: str | None = None) -> Array:
        """The values of a varied parameter of a grid, each once."""
        if not self.is_grid or path not in self.paths:
            raise PathError(f"'{path}' is no axis of a grid of this sweep{nearest(path, self.paths)}")
        j = self.paths.index(path)
        index = [0] * len(self.shape)
        along: Any = (*index[:j], slice(None), *index[j + 1 :])
        values: Array = self[path][along]
        return values if unit is None else from_si(values, self.unit(path), unit)

    def feasible(self, condition: str) -> npt.NDArray[np.bool_]:
        """Where a condition holds.

        Parameters
        ----------
        condition : str
            Comparisons of kept or varied numbers with numbers and their units, chains of them, and, or, not
            and parentheses: ``"impurity/bis < 0.5 % and 60 degC <= outlet/T < 90 degC"``.

        Returns
        -------
        ndarray of bool
            In the shape of the grid, else (n_runs,). A run that failed is not feasible.
        """
        return Condition(condition, self._units())(self.__getitem__)

    def _margin(self, condition: str) -> Array:
        """By how much it holds: for the edge of the region in a picture."""
        return Condition(condition, self._units()).margin(self.__getitem__)

    def sensitivity(self, observable: str, parameter: str) -> Array:
        """Derivative of a kept observable to a parameter, of every run.

        Parameters
        ----------
        observable, parameter : str
            One of `observables`, one of `sensitivities`.

        Returns
        -------
        ndarray
            do/dp in SI, in the shape of the grid, else (n_runs,); nan where a run failed or has none.
        """
        for path, among, what in (
            (observable, self.observables, "observable"),
            (parameter, self.sensitivities, "parameter"),
        ):
            if path not in among:
                raise PathError(
                    f"no sensitivities {'of' if what == 'observable' else 'to'} '{path}' were kept"
                    f"{nearest(path, among)}",
                    kind=f"unknown-{what}",
                )
        i, j = self.observables.index(observable), self.sensitivities.index(parameter)
        return self._source.slopes(np.array([i]), np.array([j])).reshape(self.shape)

    def profile(self, unit: str) -> Profiles:
        """What was kept along a unit."""
        if unit not in self.profiles:
            raise PathError(f"no profiles of '{unit}' were kept{nearest(unit, self.profiles)}")
        return self._source.profiles(self.profiles.index(unit))

    # --- to elsewhere ---

    def to_xarray(self) -> xarray.Dataset:
        """All kept numbers: a grid over its own dimensions, anything else over ``run``.

        Units are in the attributes. Sensitivities are the variable ``sensitivity``, which has the dimensions
        ``observable`` and ``parameter`` more. Of a sweep in a file each variable is read when it is needed.
        """
        from ._sweep_export import dataset

        return dataset(self)

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each run, with what went in, what came out (in SI, units in the heads) and its status.

        Profiles and sensitivities are left out: `to_xarray` has them.
        """
        from ._sweep_export import frame

        return frame(self)

    def plot(
        self,
        observable: str,
        feasible: str | None = None,
        *,
        x: str | None = None,
        y: str | None = None,
        at: Mapping[str, Quantity] | None = None,
        unit: str | None = None,
        ax: Axes | None = None,
        path: str | os.PathLike[str] | None = None,
    ) -> Figure:
        """Draw a number over what was varied: a line over one parameter, a map with contours over two.

        Parameters
        ----------
        observable : str
            What is drawn, ``yield/ortho``.
        feasible : str, optional
            A condition as in `feasible`; where it does not hold, the map is shaded.
        x, y : str, optional
            Which varied parameters are the axes, where there are more than two.
        at : mapping, optional
            Where the others are held, by path: the nearest value of the grid is taken.
        unit : str, optional
            Of the observable; one that a chemist reads where left out.
        ax : matplotlib Axes, optional
            Draw into it.
        path : path, optional
            Write the picture there too; the format follows from the suffix.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from ._sweep_plot import plot

        return plot(self, observable, feasible, x=x, y=y, at=at, unit=unit, ax=ax, path=path)

    def plot_profiles(
        self,
        unit: str,
        what: str,
        *,
        colour: str | None = None,
        most: int = 50,
        ax: Axes | None = None,
        path: str | os.PathLike[str] | None = None,
    ) -> Figure:
        """Draw one profile of every run along a unit.

        Parameters
        ----------
        unit : str
            Name of the unit; its profiles must have been kept.
        what : str
            A species, or ``T``.
        colour : str, optional
            A varied parameter or kept number that colours the lines; the first varied one where left out.
        most : int
            Most lines; of more runs, that many at equal distances are drawn.
        ax : matplotlib Axes, optional
            Draw into it.
        path : path, optional
            Write the picture there too.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from ._sweep_plot import plot_profiles

        return plot_profiles(self, unit, what, colour=colour, most=most, ax=ax, path=path)

    # --- shown ---

    def summary(self) -> list[str]:
        """How it went, a line each: counts by cause with the first of each, the rate, the check, the file."""
        facts = self._facts
        part = (
            f" (runs {facts.first_run} to {facts.first_run + facts.n_runs - 1} of {facts.n_all})"
            if facts.n_all > facts.n_runs
            else ""
        )
        done = f"{self.n_done} of {self.n_runs} runs{part}, {facts.status}"
        lines = [done + (f", {self.rate:.4g} runs/s, {facts.engine}" if np.isfinite(self.rate) else "")]
        if self.n_failed:
            lines.append(f"{self.n_failed} failed:")
            lines += [f"  {f.n_runs} x {f.id}, first run {f.first_run}: {f.text}" for f in self.failures]
        if facts.n_handed_over:
            lines.append(f"{facts.n_handed_over} were handed over to CVODES")
        if np.isfinite(facts.largest_difference):
            lines.append(
                "largest difference from CVODES at a hundredth of the tolerance: "
                f"{facts.largest_difference:.1e}"
            )
        return [*lines, *([f"results {self.file}"] if self.file else [])]

    def _rows(self) -> tuple[list[Column], list[list[str]]]:
        columns = [Column("number"), *(Column(head, True) for head in ("least", "largest", "unit"))]
        rows = []
        for path, unit in [
            *((p, self.unit(p)) for p in self.paths),
            *((o, self.unit(o)) for o in self.observables),
        ]:
            x = self._flat(path)
            x = x[np.isfinite(x)]
            ends = [x.min(), x.max()] if len(x) else [np.nan, np.nan]
            reading = reading_unit(path, unit)
            cells = [number(float(end)) for end in from_si(np.array(ends), unit, reading or "1")]
            rows.append([path, *cells, reading or "-"])
        return columns, rows

    def __repr__(self) -> str:
        title = f"{self.title or 'sweep'}: {' x '.join(map(str, self.shape))}"
        return "\n".join([title, table(*self._rows()), *self.summary()])

    def _repr_html_(self) -> str:
        return (
            html_table(*self._rows(), caption=self.title)
            + f"<pre>{html.escape(chr(10).join(self.summary()))}</pre>"
        )


def reading_unit(path: str, si_unit: str) -> str:
    """The unit in which a chemist reads a number of a sweep."""
    last = path.rsplit("/", 1)[-1]
    is_temperature = si_unit == "K" and ("temperature" in last or last in ("T", "T_max", "T_ref"))
    return "degC" if is_temperature else bench_unit(path, si_unit)


def from_si(x: Array, si_unit: str, unit: str) -> Array:
    """Numbers in SI in another unit."""
    if unit in (si_unit, si_unit or "1"):
        return x
    zero = _core.tau_convert(0.0, si_unit or "1", unit)
    far = 2.0**40  # so that the zero of a scale takes no digits of its degree
    degree = (_core.tau_convert(far, si_unit or "1", unit) - zero) / far
    return x * degree + zero


def merge(
    out: str | os.PathLike[str], parts: Sequence[str | os.PathLike[str]], overwrite: bool = False
) -> Sweep:
    """Join the parts of a sweep into one file, which refers to them: keep them beside each other.

    Parameters
    ----------
    out : path
        The file that is made.
    parts : sequence of path
        The parts, in any order, all of them and each complete.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    Sweep

    Raises
    ------
    InputError
        Parts are of different sweeps, missing, twice there, or not complete.
    """
    _core.taupy_sweep_merge(os.fspath(out), [os.fspath(p) for p in parts], overwrite)
    return open_sweep(out)


def open_sweep(file: str | os.PathLike[str]) -> Sweep:
    """Open the file of a sweep; numbers are read when they are asked for.

    Parameters
    ----------
    file : path
        Written by `Model.sweep`, ``tautrain sweep --out`` or `merge`; also one that is not finished.

    Returns
    -------
    Sweep

    Raises
    ------
    ResultFileError
        It is no file of a sweep, or it is damaged.
    """
    from ._sweep_file import FileSource

    return Sweep(FileSource(os.fspath(file)))
