# SPDX-License-Identifier: Apache-2.0
"""Running a sweep: the calls of the library, into memory or a file."""

from __future__ import annotations

import fnmatch
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._design import DesignLike, Points, as_design, at_least_one
from ._errors import InputError, PathError, from_status
from ._labelled import view
from ._quantity import Quantity, in_si
from ._sensitivity import chosen_parameters
from ._sweep import Sweep
from ._sweep_data import NOT_RUN, Array, Facts, Failure, Ints, Places, Profiles, Source
from ._train import ENGINES, engine_code, nearest

if TYPE_CHECKING:
    from ._train import Train

SweepProgress = Callable[[int, int], object]

_CHUNK = 65536  # rows of the design that are in memory at once
_DEFAULT = ("[!u]*", "u[!n]*", "units/*/T_max", "units/*/residence_time")  # all but what is inside of units

# --- into memory ---


class _Memory:
    """A sweep without a file."""

    file = ""

    def __init__(self, facts: Facts, points: Points, coordinates: list[tuple[str, str]]) -> None:
        self.facts = facts
        n = facts.n_runs
        self._points = points
        self._values = np.full((n, len(facts.observables)), np.nan)
        self._slopes = np.full((n, len(facts.observables), len(facts.sensitivities)), np.nan)
        self._status = np.full(n, NOT_RUN, dtype=np.int32)
        self._codes = np.zeros(n, dtype=np.int32)
        self._coordinates = coordinates
        self._profiles: list[list[Array]] = [[] for _ in facts.units]

    def take(self, block: tuple[Any, ...]) -> None:
        """Copy what the library lends for the time of the call."""
        first, n, values, slopes, status, code, profiles = block
        at = slice(first - self.facts.first_run, first - self.facts.first_run + n)
        self._values[at] = view(values, (n, self._values.shape[1]), None)
        self._slopes[at] = view(slopes, (n, *self._slopes.shape[1:]), None)
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

    def slopes(self, observables: Places, parameters: Places) -> Array:
        return self._slopes[:, observables][:, :, parameters]

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
    sensitivities: Sequence[str] | str = ()
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


def kept_observables(train: Train, keep: Sequence[str] | str | None) -> list[str]:
    """Observables by globs, in the train's order."""
    globs = _DEFAULT if keep is None else (keep,) if isinstance(keep, str) else tuple(keep)
    found: set[str] = set()
    for glob in globs:
        matched = set(fnmatch.filter(train.observables, glob))
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
        self._engine = engine_code(request.engine)
        parameters, paths, names = list(train.parameters), list(train.observables), list(train.units)
        self._parameters = np.array([parameters.index(p) for p in self.points.paths], dtype=np.int32)
        self._observables = np.array([paths.index(p) for p in self.observables], dtype=np.int32)
        self._units = np.array([names.index(u) for u in self.units], dtype=np.int32)
        self._inputs = train._inputs(request.inputs) if request.inputs else None
        globs = (request.sensitivities,) if isinstance(request.sensitivities, str) else request.sensitivities
        self.sensitivities = chosen_parameters(train, list(globs), self._inputs, self.points.paths)
        self._sensitivities = np.array([parameters.index(p) for p in self.sensitivities], dtype=np.int32)
        self._started = time.monotonic()
        self._failures: dict[tuple[str, str], Failure] = {}
        self.facts = self._facts()

    def _facts(self) -> Facts:
        train = self.train
        return Facts(
            title=train._model.get("title") or "",
            evidence="",
            shape=self.points.shape,
            parameters=[train.parameters[p] for p in self.points.paths],
            observables=[train.observables[p] for p in self.observables],
            units=self.units,
            species=train.species,
            sensitivities=[train.parameters[p] for p in self.sensitivities],
            n_runs=self.end - self.first,
            first_run=self.first,
            n_all=self.points.n_runs,
        )

    # structs of the library

    def _design(self, n_runs: int, values: int) -> tuple[int, int, int, int]:
        return n_runs, len(self._parameters), self._parameters.ctypes.data, values

    def _kept(self) -> tuple[int, int, int, int, int, int]:
        return (
            len(self._observables),
            self._observables.ctypes.data,
            len(self._units),
            self._units.ctypes.data,
            len(self._sensitivities),
            self._sensitivities.ctypes.data,
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
            self._engine,
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
        try:
            self._all(n_done, handle, None)
        finally:
            _core.taupy_sweep_file_close(handle)
        return file

    def _all(self, n_done: int, take: Any, memory: _Memory | None) -> None:
        """Piece by piece, from the first run that is not there."""
        n = self.end - self.first
        self._tell(n_done, n)
        for at, rows in self._pieces(n_done, n):
            summary, status = self._piece(at, rows, take)
            done = _core.tau_sweep_n_done(summary)
            codes = self._note(summary)
            if memory is not None and codes:
                memory.recode(at, done, codes)
            if status > 0:
                self.facts.status = "stopped"
                break

    def _pieces(self, n_done: int, n: int) -> Iterator[tuple[int, Array]]:
        """Each piece's first run and its points; the next are drawn while these are run."""
        if n - n_done <= _CHUNK:  # a thread would cost more than it saves
            if n > n_done:
                yield n_done, self._rows(n_done)
            return
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(self._rows, n_done)
            for at in range(n_done, n, _CHUNK):
                rows = coming.result()
                coming = pool.submit(self._rows, at + _CHUNK)
                yield at, rows

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

    def _note(self, summary: Any) -> list[int]:
        """Add the summary of a piece; its codes as codes of the whole."""
        facts = self.facts
        facts.engine = engine_name(_core.tau_sweep_engine(summary))
        facts.n_handed_over += _core.tau_sweep_n_handed_over(summary)
        facts.largest_difference = float(
            np.fmax(facts.largest_difference, _core.tau_sweep_largest_difference(summary))
        )
        facts.wall_time += _core.tau_sweep_wall_time(summary)
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
    return next(name for name, constant in ENGINES.items() if getattr(_core, constant) == engine)


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
    return Sweep(FileSource(file))
