# SPDX-License-Identifier: Apache-2.0
"""What a sweep holds, wherever its numbers are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from ._train import Observable, Parameter

Array: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int32]
Places: TypeAlias = npt.NDArray[np.intp]

NOT_RUN = 100  # status of a run that was not reached


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
    shape: tuple[int, ...] | None  # of a grid
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
    failures: list[Failure] = field(default_factory=list)
    sensitivities: list[Parameter] = field(default_factory=list)  # to which derivatives are kept


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

    def slopes(self, observables: Places, parameters: Places) -> Array:
        """Derivatives, (n_runs, observables, parameters), of the kept ones at these places."""
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
