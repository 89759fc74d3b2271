# SPDX-License-Identifier: Apache-2.0
"""Result: what a run gave. Arrays are read-only views of memory that lives as long as any of them."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _core
from ._errors import PathError, ResultFileError, tells_overwrite
from ._labelled import Labelled, view

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.figure import Figure

    from ._train import Parameter, Table

Array: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Stream:
    """A stream; of a batch the charge or the end, with amounts [mol] and volume [m^3] in place of flows.

    Attributes
    ----------
    c : Labelled
        Concentration [mol/m^3], (n_species,).
    F : Labelled
        Molar flow [mol/s], (n_species,).
    T : float
        Temperature [K]; nan where nothing depends on it.
    P : float
        Pressure [Pa].
    flow : float
        Volume flow [m^3/s].
    mass_flow : float
        Mass flow [kg/s]; nan where no density is known.
    """

    c: Labelled
    F: Labelled
    T: float
    P: float
    flow: float
    mass_flow: float


@dataclass(frozen=True)
class Statistics:
    """What the solver of a unit did.

    Attributes
    ----------
    n_steps, n_rhs, n_jacobian, n_error_failures, n_newton : int
        Steps, right-hand sides, Jacobians, steps refused for their error, iterations of Newton's method.
    last_step : float
        As a fraction of the unit.
    wall_time : float
        [s]
    method : str
        ``cvodes-bdf-dense``, ``newton`` ...
    """

    n_steps: int
    n_rhs: int
    n_jacobian: int
    n_error_failures: int
    n_newton: int
    last_step: float
    wall_time: float
    method: str


@dataclass(frozen=True)
class Balance:
    """A conserved sum (a moiety or an atom) over the whole train.

    Attributes
    ----------
    name : str
        ``DFNB + ortho + para + bis`` or ``atom C``.
    inlet, outlet : float
        [mol/s], of a batch [mol].
    error : float
        ``|in - out| / max(|in|, |out|)``
    """

    name: str
    inlet: float
    outlet: float
    error: float


class UnitResult:
    """What happened in one unit.

    A unit without a length or a time (mixer, splitter, cstr) holds one point: its outlet, at position nan.
    Each of `tanks` is a point, at the volume up to it, its own included.
    """

    def __init__(self, result: Result, index: int) -> None:
        self._result = result
        self._index = index
        self._profile = _core.tau_result_profile(result._handle, index)

    def __repr__(self) -> str:
        from ._show import unit_text

        return unit_text(self)

    @property
    def name(self) -> str:
        """Name of the unit."""
        return _core.tau_result_unit(self._result._handle, self._index)

    @property
    def kind(self) -> str:
        """Its model, ``pfr``."""
        return _core.tau_result_unit_kind(self._result._handle, self._index)

    @property
    def has_profile(self) -> bool:
        """Whether it has a length or a time."""
        return self._profile[0] > 0

    @property
    def coordinate(self) -> str:
        """What `position` is: ``volume``, ``length`` or ``time``."""
        return self._profile[1] or "volume"

    @property
    def coordinate_unit(self) -> str:
        """Unit of `position`, SI."""
        return self._profile[2] or "m^3"

    def _view(self, address: int, *columns: int) -> Array:
        return view(address, (self._profile[0], *columns), self._result._handle)

    @cached_property
    def position(self) -> Array:
        """Where each point is, in `coordinate_unit`, (n_points,)."""
        return self._view(self._profile[3]) if self.has_profile else _one(math.nan)

    @cached_property
    def c(self) -> Labelled:
        """Concentration [mol/m^3], (n_points, n_species); ``c["ortho"]`` is one column."""
        r = self._result
        values = (
            self._view(self._profile[4], len(r.species))
            if self.has_profile
            else self.outlet.c.values.reshape(1, -1)
        )
        return Labelled(values, r.species, "mol/m^3", "concentration", "species", self._axis())

    @cached_property
    def T(self) -> Array:  # noqa: N802 - the field's symbol
        """Temperature [K], (n_points,)."""
        return self._view(self._profile[5]) if self.has_profile else _one(self.outlet.T)

    @cached_property
    def flow(self) -> Array:
        """Volume flow [m^3/s], of a batch volume [m^3], (n_points,)."""
        return (
            self._view(self._profile[6])
            if self.has_profile
            else _one(sum(s.flow for s in self.outlets.values()))
        )

    @cached_property
    def rate(self) -> Labelled:
        """Rate of each reaction [mol/m^3/s], (n_points, n_reactions)."""
        r = self._result
        if self.has_profile:
            values = self._view(self._profile[7], len(r.reactions))
        else:
            values = np.array([[r.observables.get(f"units/{self.name}/rate/{j}", 0.0) for j in r.reactions]])
            values.flags.writeable = False
        return Labelled(values, r.reactions, "mol/m^3/s", "rate of reaction", "reaction", self._axis())

    @cached_property
    def heat_rate(self) -> Array:
        """Heat released by reaction [W/m^3], (n_points,)."""
        return self._view(self._profile[8]) if self.has_profile else _one(math.nan)

    @cached_property
    def inlet(self) -> Stream:
        """What comes in, mixed."""
        return _stream(self._result, _core.tau_result_inlet(self._result._handle, self._index))

    @cached_property
    def outlets(self) -> dict[str, Stream]:
        """What goes out, by port; the name is empty where there is one."""
        h, i = self._result._handle, self._index
        return {
            _core.tau_result_outlet_name(h, i, k): _stream(self._result, _core.tau_result_outlet(h, i, k))
            for k in range(_core.tau_result_n_outlets(h, i))
        }

    @property
    def outlet(self) -> Stream:
        """What goes out; of several, the first."""
        return next(iter(self.outlets.values()))

    @cached_property
    def statistics(self) -> Statistics:
        """What the solver did."""
        s = _core.tau_result_statistics(self._result._handle, self._index)
        return Statistics(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7] or "")

    def _axis(self) -> tuple[str, str, Array]:
        return self.coordinate, self.coordinate_unit, self.position

    def to_xarray(self) -> xarray.Dataset:
        """The profiles as a dataset over position, species and reaction; units are in the attributes."""
        from ._export import unit_dataset

        return unit_dataset(self)

    def to_pandas(self) -> pandas.DataFrame:
        """The profiles as a table in SI: position, T, flow, heat_rate, a column for each species and rate."""
        from ._export import unit_frame

        return unit_frame(self)


class Observables(Mapping[str, float]):
    """Every number that came out, in SI, by path; nan where the run did not get that far."""

    def __init__(self, result: Result) -> None:
        h = result._handle
        rows = [_core.tau_result_observable(h, i) for i in range(_core.tau_result_n_observables(h))]
        self._index = {path: i for i, (path, _, _) in enumerate(rows)}
        self._rows = rows
        self._result = result
        self.values_si: Array = view(_core.tau_result_values(h), (len(rows),), h)

    def __getitem__(self, path: str) -> float:
        if path not in self._index:
            raise PathError(
                f"'{path}' is no observable of this train{_nearest(path, self._index)}",
                kind="unknown-observable",
            )
        return float(self.values_si[self._index[path]])

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._rows)

    def unit(self, path: str) -> str:
        """SI unit of one; empty for a plain number."""
        self[path]
        return self._rows[self._index[path]][1]

    def describe(self, path: str) -> str:
        """What one is, in a line."""
        self[path]
        return self._rows[self._index[path]][2]

    def __repr__(self) -> str:
        from ._show import observables_text

        return observables_text(self._result)


class Result:
    """What a run gave.

    ``result["coil"]`` is one unit, ``result.value("conversion/DFNB", "%")`` any number that came out, in the
    unit asked for. Read-only; it may be read by any number of threads and outlives its train.
    """

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    # --- how it went ---

    @cached_property
    def status(self) -> str:
        """``complete``, ``stopped`` (time limit, cancelled) or ``failed``."""
        status = _core.tau_result_status(self._handle)
        return "complete" if status == 0 else "stopped" if status > 0 else "failed"

    @property
    def message(self) -> str:
        """Why it stopped or failed; empty when complete."""
        return _core.tau_result_message(self._handle)

    @property
    def error_id(self) -> str:
        """Kind of what stopped it or made it fail, ``time-limit`` (see `errors`); empty when complete."""
        return _core.tau_result_error_id(self._handle)

    @property
    def title(self) -> str:
        """Title of the model."""
        return _core.tau_result_title(self._handle)

    @property
    def evidence(self) -> str:
        """The weakest evidence tag of the model: measured, published, estimated, illustrative or unstated."""
        return _core.tau_result_evidence(self._handle) or "unstated"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What should be known about the run, each said once."""
        h = self._handle
        return tuple(_core.tau_result_warning(h, i) for i in range(_core.tau_result_n_warnings(h)))

    @property
    def model_text(self) -> str:
        """The text of the model that was run."""
        return _core.tau_result_model_text(self._handle)

    # --- names ---

    @cached_property
    def species(self) -> tuple[str, ...]:
        """Names of the species."""
        return tuple(
            _core.tau_result_species(self._handle, i) for i in range(_core.tau_result_n_species(self._handle))
        )

    @cached_property
    def reactions(self) -> tuple[str, ...]:
        """Names of the reactions."""
        h = self._handle
        return tuple(_core.tau_result_reaction(h, i) for i in range(_core.tau_result_n_reactions(h)))

    @cached_property
    def units(self) -> dict[str, UnitResult]:
        """The units by name, in the order of solution."""
        h = self._handle
        return {_core.tau_result_unit(h, i): UnitResult(self, i) for i in range(_core.tau_result_n_units(h))}

    def __getitem__(self, unit: str) -> UnitResult:
        try:
            return self.units[unit]
        except KeyError:
            hint = _nearest(unit, self.units)
            if unit in self.observables:
                hint = f"; it is an observable: result.value('{unit}')"
            raise PathError(f"'{unit}' is no unit of this train{hint}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.units)

    def __len__(self) -> int:
        return len(self.units)

    @cached_property
    def key(self) -> tuple[str, str] | None:
        """Key reactant and key product, or None for a model without."""
        paths = self.observables
        without = [[s for s in self.species if f"{what}/{s}" not in paths] for what in ("yield", "impurity")]
        return (without[0][0], without[1][0]) if len(without[0]) == 1 == len(without[1]) else None

    # --- numbers ---

    @cached_property
    def observables(self) -> Observables:
        """Every number that came out, in SI, by path."""
        return Observables(self)

    @cached_property
    def parameters(self) -> Table[Parameter]:
        """Every number that went in, by path."""
        from ._train import parameters_of

        h = self._handle
        return parameters_of(_core.tau_result_n_parameters(h), lambda i: _core.tau_result_parameter(h, i))

    def value(self, path: str, unit: str | None = None) -> float:
        """A number that came out.

        Parameters
        ----------
        path : str
            ``conversion/DFNB``, ``units/coil/T_max`` ...; `observables` lists them.
        unit : str, optional
            The unit wanted, ``%``, ``degC``; SI where left out.

        Returns
        -------
        float
            nan where the run did not get that far.

        Raises
        ------
        PathError
            There is none of that path; the nearest is offered.
        UnitsError
            The unit is of another dimension.
        """
        if unit is None:
            return _core.tau_result_value(self._handle, path)
        return _core.tau_result_value_in(self._handle, path, unit)

    @cached_property
    def outlet(self) -> Stream:
        """What leaves the train."""
        o = self.observables
        c, F = (np.array([o[f"outlet/{q}/{s}"] for s in self.species]) for q in "cF")
        c.flags.writeable = F.flags.writeable = False
        last = [u.outlet for u in self.units.values() if _same(u.outlet.c.values, c)]
        P, mass_flow = (last[-1].P, last[-1].mass_flow) if last else (math.nan, math.nan)
        return Stream(
            Labelled(c, self.species, "mol/m^3", "concentration", "species"),
            Labelled(
                F,
                self.species,
                o.unit(f"outlet/F/{self.species[0]}") if self.species else "mol/s",
                "molar flow",
                "species",
            ),
            o["outlet/T"],
            P,
            o["outlet/flow"],
            mass_flow,
        )

    @cached_property
    def balances(self) -> tuple[Balance, ...]:
        """Conserved sums, in and out."""
        h = self._handle
        return tuple(Balance(*_core.tau_result_balance(h, i)) for i in range(_core.tau_result_n_balances(h)))

    @property
    def wall_time(self) -> float:
        """Time that the solvers took [s]."""
        return sum(unit.statistics.wall_time for unit in self.units.values())

    # --- to elsewhere ---

    def to_xarray(self) -> xarray.DataTree:
        """The result as a tree of datasets, ``tree["units/coil"]``; units are in the attributes.

        Needs xarray 2024.10 or later; ``result["coil"].to_xarray()`` works with any.
        """
        from ._export import result_tree

        return result_tree(self)

    def to_pandas(self) -> pandas.DataFrame:
        """Value, unit and description of all observables. Profiles: ``result["coil"].to_pandas()``."""
        from ._export import observables_frame

        return observables_frame(self)

    def save(self, path: str | os.PathLike[str], overwrite: bool = False, *, command: str = "") -> None:
        """Write a results file (HDF5), under another name first, so that no half file is ever seen.

        Parameters
        ----------
        path : path
        overwrite : bool
            Whether an existing file may be replaced.
        command : str
            Stored in the file: how this was made.

        Raises
        ------
        ExistsError
            The file exists.
        FileError
            It cannot be written.
        """
        with tells_overwrite():
            _core.tau_result_save(self._handle, os.fspath(path), command, overwrite)

    def plot(self, path: str | os.PathLike[str] | None = None) -> Figure:
        """Draw concentrations and temperature along the train.

        Parameters
        ----------
        path : path, optional
            Write it there too; the format follows from the suffix.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from ._plot import plot

        return plot(self, path)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Result):
            return NotImplemented
        return (
            self.model_text == other.model_text
            and self.status == other.status
            and list(self.observables) == list(other.observables)
            and _same(self.observables.values_si, other.observables.values_si)
            and [repr(p) for p in self.parameters.values()] == [repr(p) for p in other.parameters.values()]
        )

    __hash__ = None  # type: ignore[assignment]  # object has a method there; None says "no hash"

    def __copy__(self) -> Result:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Result:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        with tempfile.TemporaryDirectory(prefix="tautrain-") as folder:
            file = os.path.join(folder, "result.h5")
            self.save(file)
            with open(file, "rb") as f:
                return _unpickle, (f.read(),)

    def __repr__(self) -> str:
        from ._show import result_text

        return result_text(self)

    def _repr_html_(self) -> str:
        from ._show import result_html

        return result_html(self)


def load(path: str | os.PathLike[str]) -> Result:
    """Read a results file.

    Parameters
    ----------
    path : path
        Written by `Result.save` or ``tautrain run --out``.

    Returns
    -------
    Result

    Raises
    ------
    ResultFileError
        It is no results file of tautrain, or it is damaged.
    FileError
        It cannot be read.
    """
    try:
        return Result(_core.tau_result_load(os.fspath(path)))
    except ResultFileError:
        from ._sweep_file import holds_sweep

        if holds_sweep(os.fspath(path)):
            raise ResultFileError(
                f"{os.fspath(path)} holds a sweep; tt.open_sweep opens it", kind="not-a-results-file"
            ) from None
        raise


def _unpickle(content: bytes) -> Result:
    with tempfile.TemporaryDirectory(prefix="tautrain-") as folder:
        file = os.path.join(folder, "result.h5")
        with open(file, "wb") as f:
            f.write(content)
        return load(file)


def _nearest(name: str, among: Mapping[str, object]) -> str:
    from ._train import nearest

    return nearest(name, among)


def _one(x: float) -> Array:
    array = np.array([x])
    array.flags.writeable = False
    return array


def _same(a: Array, b: Array) -> bool:
    return bool(np.array_equal(a, b, equal_nan=True))


def _stream(result: Result, stream: tuple[int, int, float, float, float, float]) -> Stream:
    n = (len(result.species),)
    c, F = (view(address, n, result._handle) for address in stream[:2])
    return Stream(
        Labelled(c, result.species, "mol/m^3", "concentration", "species"),
        Labelled(F, result.species, "mol/s", "molar flow", "species"),
        *stream[2:],
    )
