# SPDX-License-Identifier: Apache-2.0
"""Sweeps: one train at many operating points."""

from __future__ import annotations

import fnmatch
import html
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _core
from ._design import DesignLike, Points, as_design, at_least_one
from ._errors import InputError, PathError, from_status
from ._export import lacks
from ._feasible import Condition
from ._labelled import view
from ._quantity import Quantity, bench_unit, in_si, number
from ._table import Column, html_table, table
from ._train import Observable, Parameter, nearest

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ._train import Train

Array: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int32]
SweepProgress = Callable[[int, int], object]

NOT_RUN = 100  # status of a run that was not reached
_CHUNK = 65536  # rows of the design that are in memory at once
_DEFAULT = ("[!u]*", "u[!n]*", "units/*/T_max", "units/*/residence_time")  # all but what is inside of units


@dataclass(frozen=True)
class Failure:
    """What made runs fail.

    Attributes
    ----------
    text : str
        Message of the first such run.
    id : str
        Its kind, ``step-too-small`` (see `errors`).
    status : int
        Of the library; positive where a run was over its own limit of time.
    unit : str
        Where it ended; empty before the first unit.
    n_runs, first_run : int
        How many, and the number of the first.
    """

    text: str
    id: str
    status: int
    unit: str
    n_runs: int
    first_run: int


@dataclass(frozen=True)
class Profiles:
    """What was kept along one unit, run by run.

    Attributes
    ----------
    unit, coordinate, coordinate_unit : str
        Name of the unit, what `position` is, and its SI unit.
    species : tuple of str
    position : ndarray
        (n_runs, n_points); nan where a run has no more points.
    c : ndarray
        Concentration [mol/m^3], (n_runs, n_points, n_species).
    T : ndarray
        Temperature [K], (n_runs, n_points).
    """

    unit: str
    coordinate: str
    coordinate_unit: str
    species: tuple[str, ...]
    position: Array
    c: Array
    T: Array


@dataclass
class Facts:
    """What a sweep was, beside its numbers."""

    title: str
    evidence: str
    design: Mapping[str, Any]
    parameters: list[Parameter]
    observables: list[Observable]
    units: list[str]  # whose profiles are kept
    species: tuple[str, ...]
    n_runs: int
    first_run: int = 0
    n_all: int = 0
    status: str = "complete"
    engine: str = ""
    n_handed_over: int = 0
    largest_difference: float = float("nan")
    wall_time: float = 0.0
    n_timed: int = 0  # runs that wall_time was spent on
    failures: list[Failure] = field(default_factory=list)


class Source(Protocol):
    """Where the numbers of a sweep are."""

    facts: Facts
    file: str

    def inputs(self, j: int) -> Array:
        """Column of a varied parameter."""
        ...

    def observables(self, j: int) -> Array:
        """Column of an observable."""
        ...

    def status(self) -> Ints:
        """Of each run."""
        ...

    def codes(self) -> Ints:
        """Of each run, from 1: number of its failure."""
        ...

    def profiles(self, j: int) -> Profiles:
        """Of the j-th kept unit."""
        ...


class _Memory:
    """A sweep without a file."""

    file = ""

    def __init__(self, facts: Facts, points: Points, coordinates: list[tuple[str, str]]) -> None:
        self.facts = facts
        n = facts.n_runs
        self._points = points
        self._values = np.full((n, len(facts.observables)), np.nan)
        self._status = np.full(n, NOT_RUN, dtype=np.int32)
        self._codes = np.zeros(n, dtype=np.int32)
        self._coordinates = coordinates
        self._profiles: list[list[Array]] = [[] for _ in facts.units]

    def take(self, block: tuple[Any, ...]) -> None:
        """Copy what the library lends for the time of the call."""
        first, n, values, status, code, profiles = block
        at = slice(first - self.facts.first_run, first - self.facts.first_run + n)
        self._values[at] = view(values, (n, self._values.shape[1]), None)
        self._status[at] = _int_view(status, n)
        self._codes[at] = _int_view(code, n)
        for kept, (n_points, *addresses) in zip(self._profiles, profiles, strict=True):
            shapes = ((n, n_points), (n, n_points, len(self.facts.species)), (n, n_points))
            if not kept:
                kept += [np.full((self.facts.n_runs, *shape[1:]), np.nan) for shape in shapes]
            for whole, address, shape in zip(kept, addresses, shapes, strict=True):
                whole[at] = view(address, shape, None)

    def recode(self, first: int, n: int, codes: list[int]) -> None:
        """The codes of one call of the library become those of the whole."""
        at = slice(first, first + n)
        self._codes[at] = np.array([0, *codes], dtype=np.int32)[self._codes[at]]

    def inputs(self, j: int) -> Array:
        n = self.facts.n_runs
        pieces = [
            self._points.rows(self.facts.first_run + i, min(_CHUNK, n - i))[:, j] for i in range(0, n, _CHUNK)
        ]
        return np.concatenate(pieces)

    def observables(self, j: int) -> Array:
        return self._values[:, j].copy()

    def status(self) -> Ints:
        return self._status

    def codes(self) -> Ints:
        return self._codes

    def profiles(self, j: int) -> Profiles:
        facts = self.facts
        empty = [
            np.empty((facts.n_runs, 0)),
            np.empty((facts.n_runs, 0, len(facts.species))),
            np.empty((facts.n_runs, 0)),
        ]
        position, c, T = self._profiles[j] or empty
        return Profiles(facts.units[j], *self._coordinates[j], facts.species, position, c, T)


class _Ints:
    def __init__(self, address: int, n: int) -> None:
        order = "<" if np.little_endian else ">"
        self.__array_interface__ = {
            "version": 3,
            "typestr": f"{order}i4",
            "shape": (n,),
            "data": (address, True),
        }


def _int_view(address: int, n: int) -> Ints:
    return np.asarray(_Ints(address, n))


# --- running one ---


@dataclass
class Request:
    """What `Train.sweep` was asked for."""

    keep: Sequence[str] | str | None = None
    profiles: Sequence[str] | str = ()
    engine: str = "auto"
    threads: int | None = None
    out: str | os.PathLike[str] | None = None
    overwrite: bool = False
    inputs: Mapping[str, Quantity] | None = None
    seed: int | None = None
    part: tuple[int, int] | None = None
    rtol: float | None = None
    atol: Quantity | None = None
    max_time: Quantity | None = None
    max_steps: int | None = None
    checked: int | None = None
    progress: SweepProgress | None = None
    command: str = ""


_ENGINES = {"auto": "TAU_ENGINE_AUTO", "cvodes": "TAU_ENGINE_CVODES", "lanes": "TAU_ENGINE_LANES"}


def kept_observables(train: Train, keep: Sequence[str] | str | None) -> list[str]:
    """Observables by globs, in the train's order."""
    globs = _DEFAULT if keep is None else (keep,) if isinstance(keep, str) else tuple(keep)
    found: set[str] = set()
    for glob in globs:
        matched = {path for path in train.observables if fnmatch.fnmatchcase(path, glob)}
        if not matched and keep is not None:
            raise PathError(
                f"'{glob}' is no observable of this train and matches none{nearest(glob, train.observables)}",
                kind="unknown-observable",
            )
        found |= matched
    return [path for path in train.observables if path in found]


def kept_units(train: Train, profiles: Sequence[str] | str) -> list[str]:
    """Units whose profiles are kept."""
    names = [profiles] if isinstance(profiles, str) else list(dict.fromkeys(profiles))
    for name in names:
        if name not in train.units:
            raise PathError(f"'{name}' is no unit of this train{nearest(name, train.units)}")
    return names


def part_range(n_runs: int, part: tuple[int, int] | None) -> tuple[int, int]:
    """First run of a part, and of the next."""
    if part is None:
        return 0, n_runs
    k, m = part
    if not 1 <= k <= m <= n_runs:
        raise InputError(
            f"part {k}/{m} of {n_runs} runs; 1/{m} to {m}/{m} are parts, with a run each at least",
            kind="out-of-range",
        )
    return (k - 1) * n_runs // m, k * n_runs // m


def part_file(out: str | os.PathLike[str], part: tuple[int, int] | None) -> str:
    """Name of the file of a part: ``sweep.part-03-of-16.h5``."""
    if part is None:
        return os.fspath(out)
    path = Path(out)
    k, m = part
    return os.fspath(path.with_name(f"{path.stem}.part-{k:0{len(str(m))}d}-of-{m}{path.suffix}"))


class _Running:
    """The calls of the library that make one sweep."""

    def __init__(self, train: Train, design: DesignLike, request: Request) -> None:
        self.train, self.request = train, request
        given = as_design(design)
        self.points = (given if request.seed is None else given.seeded(request.seed)).on(train)
        for path in request.inputs or ():
            if path in self.points.paths:
                raise InputError(
                    f"'{path}' is varied by the design and set for all runs", kind="conflicting-keys"
                )
        self.first, self.end = part_range(self.points.n_runs, request.part)
        self.observables = kept_observables(train, request.keep)
        self.units = kept_units(train, request.profiles)
        if request.engine not in _ENGINES:
            known = ", ".join(_ENGINES)
            raise InputError(f"engine '{request.engine}'; one of {known} is needed", kind="unknown-choice")
        parameters, paths, names = list(train.parameters), list(train.observables), list(train.units)
        self._parameters = np.array([parameters.index(p) for p in self.points.paths], dtype=np.int32)
        self._observables = np.array([paths.index(p) for p in self.observables], dtype=np.int32)
        self._units = np.array([names.index(u) for u in self.units], dtype=np.int32)
        self._inputs = train._inputs(request.inputs) if request.inputs else None
        self._started = time.monotonic()
        self._failures: dict[tuple[str, str], Failure] = {}
        self.facts = self._facts()

    def _facts(self) -> Facts:
        train = self.train
        return Facts(
            title=train._model.get("title") or "",
            evidence="",
            design=json.loads(self.points.text()),
            parameters=[train.parameters[p] for p in self.points.paths],
            observables=[train.observables[p] for p in self.observables],
            units=self.units,
            species=train.species,
            n_runs=self.end - self.first,
            first_run=self.first,
            n_all=self.points.n_runs,
        )

    # structs of the library

    def _design(self, n_runs: int, values: int) -> tuple[int, int, int, int]:
        return n_runs, len(self._parameters), self._parameters.ctypes.data, values

    def _kept(self) -> tuple[int, int, int, int]:
        return (
            len(self._observables),
            self._observables.ctypes.data,
            len(self._units),
            self._units.ctypes.data,
        )

    def _options(self, first_run: int) -> tuple[float, float, float, int, int, int, int, int, float]:
        r = self.request
        left = 0.0
        if r.max_time is not None:  # 0 would mean none
            left = max(in_si(r.max_time, "s") - (time.monotonic() - self._started), 1e-9)
        return (
            0.0 if r.rtol is None else float(r.rtol),
            0.0 if r.atol is None else in_si(r.atol, "mol/m^3"),
            -1.0,
            0 if r.max_steps is None else int(r.max_steps),
            int(getattr(_core, _ENGINES[r.engine])),
            0 if r.threads is None else at_least_one(r.threads, "threads"),
            -1 if r.checked is None else int(r.checked),
            first_run,
            left,
        )

    # the two ways

    def in_memory(self) -> Source:
        """Keep all numbers here."""
        coordinates = [_coordinate(self.train, name) for name in self.units]
        source = _Memory(self.facts, self.points, coordinates)
        self._all(0, source.take, source)
        return source

    def in_file(self) -> str:
        """Stream them into a file; what is there already is not computed again."""
        r = self.request
        assert r.out is not None
        file = part_file(r.out, r.part)
        n = self.end - self.first
        handle, n_done = _core.taupy_sweep_file_open(
            self.train._handle,
            self._inputs,
            file,
            r.overwrite,
            self._design(n, 0),
            self._kept(),
            self._options(self.first),
            self.points.n_runs,
            self.points.text(),
            r.command,
        )
        summary = None
        try:
            summary = self._all(n_done, handle, None)
        finally:
            _core.taupy_sweep_file_close(handle, summary)
        return file

    def _all(self, n_done: int, take: Any, memory: _Memory | None) -> Any:
        """Piece by piece, from the first run that is not there."""
        n = self.end - self.first
        summary = None
        self._tell(n_done, n)
        with ThreadPoolExecutor(1) as pool:  # draws the next points while these are run
            coming = pool.submit(self._rows, n_done)
            for at in range(n_done, n, _CHUNK):
                rows = coming.result()
                coming = pool.submit(self._rows, at + _CHUNK)
                summary, status = self._piece(at, rows, take)
                done = _core.tau_sweep_n_done(summary)
                codes = self._note(summary, done)
                if memory is not None:
                    memory.recode(at, done, codes)
                if status > 0:
                    self.facts.status = "stopped"
                    break
        return summary

    def _rows(self, at: int) -> Array:
        m = max(0, min(_CHUNK, self.end - self.first - at))
        return np.ascontiguousarray(self.points.rows(self.first + at, m)) if m else np.empty((0, 0))

    def _piece(self, at: int, rows: Array, take: Any) -> tuple[Any, int]:
        n = self.end - self.first
        asked = self.request.progress
        status, summary, message, kind = _core.taupy_sweep(
            self.train._handle,
            self._inputs,
            self._design(len(rows), rows.ctypes.data),
            self._kept(),
            self._options(self.first + at),
            take,
            None if asked is None else lambda done, _: asked(at + done, n),
        )
        if status < 0:
            raise from_status(status, message, kind)
        return summary, status

    def _tell(self, done: int, n: int) -> None:
        if self.request.progress is not None:
            self.request.progress(done, n)

    def _note(self, summary: Any, done: int) -> list[int]:
        """Add the summary of a piece; its codes as codes of the whole."""
        facts = self.facts
        facts.engine = engine_name(_core.tau_sweep_engine(summary))
        facts.n_handed_over += _core.tau_sweep_n_handed_over(summary)
        facts.largest_difference = float(
            np.fmax(facts.largest_difference, _core.tau_sweep_largest_difference(summary))
        )
        facts.wall_time += _core.tau_sweep_wall_time(summary)
        facts.n_timed += done
        codes = []
        for code in range(1, _core.tau_sweep_n_codes(summary) + 1):
            found = Failure(*_core.tau_sweep_message_of(summary, code))
            known = self._failures.get((found.id, found.unit))
            self._failures[found.id, found.unit] = (
                replace(known, n_runs=known.n_runs + found.n_runs) if known else found
            )
            codes.append(list(self._failures).index((found.id, found.unit)) + 1)
        facts.failures = list(self._failures.values())
        return codes


def engine_name(engine: int) -> str:
    """``cvodes`` or ``lanes``."""
    return next(name for name, constant in _ENGINES.items() if getattr(_core, constant) == engine)


def _coordinate(train: Train, unit: str) -> tuple[str, str]:
    """What the profiles of a unit are along: a kind of unit says it."""
    return ("time", "s") if train.units[unit] == "batch" else ("volume", "m^3")


def sweep(train: Train, design: DesignLike, request: Request) -> Sweep:
    """Run a design; see `Train.sweep`."""
    running = _Running(train, design, request)
    if request.out is None:
        return Sweep(running.in_memory())
    from ._sweep_file import FileSource

    file = running.in_file()
    return Sweep(FileSource(file, running.facts))


# --- what comes out ---


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
        shape = tuple(self._facts.design.get("shape", ()))
        return shape if shape and int(np.prod(shape, dtype=object)) == self.n_runs else (self.n_runs,)

    @property
    def is_grid(self) -> bool:
        """Whether each varied parameter is an axis."""
        return "shape" in self._facts.design and self.shape == tuple(self._facts.design["shape"])

    @property
    def paths(self) -> tuple[str, ...]:
        """The parameters that were varied, in the order of the axes."""
        return tuple(p.path for p in self._facts.parameters)

    @property
    def observables(self) -> tuple[str, ...]:
        """What was kept."""
        return tuple(o.path for o in self._facts.observables)

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
        """How long it took [s]."""
        return self._facts.wall_time

    @property
    def rate(self) -> float:
        """Runs per second; nan where nothing had to be run."""
        return self._facts.n_timed / self.wall_time if self.wall_time > 0.0 else float("nan")

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

    def profile(self, unit: str) -> Profiles:
        """What was kept along a unit."""
        if unit not in self.profiles:
            raise PathError(f"no profiles of '{unit}' were kept{nearest(unit, self.profiles)}")
        return self._source.profiles(self.profiles.index(unit))

    # --- to elsewhere ---

    def to_xarray(self) -> xarray.Dataset:
        """All kept numbers: a grid over its own dimensions, anything else over ``run``.

        Units are in the attributes. Of a sweep in a file each variable is read when it is needed.
        """
        from ._sweep_export import dataset

        return dataset(self)

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each run, with what went in, what came out (in SI, units in the heads) and its status."""
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
