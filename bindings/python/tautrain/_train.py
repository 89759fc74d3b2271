# SPDX-License-Identifier: Apache-2.0
"""Train: the compiled route, immutable and shared by threads."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from . import _core
from ._errors import (
    CallbackError,
    ConvergenceError,
    DomainError,
    InputError,
    PathError,
    UnitsError,
    from_status,
)
from ._quantity import Quantity, in_si, is_number, text
from ._result import Result
from ._table import Column, table

if TYPE_CHECKING:
    from ._design import DesignLike
    from ._fit_data import DataLike
    from ._fit_runs import QuantityBounds, RunsFit, Start
    from ._model import Model
    from ._rtd import Rtd
    from ._sensitivity import Globs, Sensitivity
    from ._sweep import Sweep
    from ._sweep_run import SweepProgress

Progress = Callable[[str, float], object]
ENGINES = {"auto": "TAU_ENGINE_AUTO", "cvodes": "TAU_ENGINE_CVODES", "lanes": "TAU_ENGINE_LANES"}

_R = 8.31446261815324  # J/mol/K


@dataclass(frozen=True)
class Parameter:
    """A number that goes in.

    Attributes
    ----------
    path : str
        ``reactions/a/k/Ea``
    value : float
        SI; nan: not given, another of its group is.
    uncertainty : float
        SI, as stated by +/-; 0 where nothing is said.
    lower, upper : float
        Bounds, SI.
    si_unit : str
        Empty for a plain number.
    unit : str
        As the user wrote it.
    doc : str
        One line.
    """

    path: str
    value: float
    uncertainty: float
    lower: float
    upper: float
    si_unit: str
    unit: str
    doc: str

    @property
    def shown(self) -> str:
        """Value and unit as the user wrote it, ``90 degC``."""
        if math.isnan(self.value):
            return "-"
        unit = self.unit or self.si_unit
        return f"{_in_unit(self.value, self.si_unit, unit):.6g} {unit}".rstrip()


def _in_unit(value: float, si_unit: str, unit: str) -> float:
    """Value in the unit that the user wrote."""
    if unit == si_unit:
        return value
    try:
        return _core.tau_convert(value, si_unit, unit)
    except UnitsError:
        if si_unit != "J/mol":
            raise
        return _core.tau_convert(value / _R, "K", unit)  # an energy per mole, stated as E/R


@dataclass(frozen=True)
class Observable:
    """A number that comes out.

    Attributes
    ----------
    path : str
        ``outlet/c/ortho``
    unit : str
        SI; empty for a plain number.
    doc : str
        One line.
    """

    path: str
    unit: str
    doc: str


Row = TypeVar("Row", Parameter, Observable)


class Table(Mapping[str, Row]):
    """Parameters or observables by path, in their order; shown as a table."""

    def __init__(self, rows: list[Row], what: str) -> None:
        self._rows: dict[str, Row] = {row.path: row for row in rows}
        self._what = what

    def __getitem__(self, path: str) -> Row:
        try:
            return self._rows[path]
        except KeyError:
            raise PathError(
                f"'{path}' is no {self._what}{nearest(path, self._rows)}", kind=f"unknown-{self._what}"
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def _cells(self) -> list[list[str]]:
        return [
            [r.path, r.shown if isinstance(r, Parameter) else r.unit or "-", r.doc]
            for r in self._rows.values()
        ]

    def __repr__(self) -> str:
        return table(self._columns(), self._cells())

    def _columns(self) -> list[Column]:
        return [
            Column(self._what),
            Column("value" if self._what == "parameter" else "unit"),
            Column("what it is"),
        ]


def nearest(name: str, among: Mapping[str, object] | tuple[str, ...]) -> str:
    """``; did you mean 'x'?``, or nothing."""
    import difflib

    close = difflib.get_close_matches(name, list(among), 1, 0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def parameters_of(
    n: int, get: Callable[[int], tuple[str, float, float, float, float, str, str, str]]
) -> Table[Parameter]:
    """The table of n parameters."""
    return Table([Parameter(*get(i)) for i in range(n)], "parameter")


class Train:
    """Reactors joined by streams, compiled to be run many times with changed parameters.

    Made by `Model.compile`. Immutable: any number of threads may run one train at once.
    """

    def __init__(self, model: Model) -> None:
        self._model = model.copy()
        self._handle = _core.tau_train_compile(self._model._handle)

    @property
    def model(self) -> Model:
        """A copy of the model that was compiled."""
        return self._model.copy()

    @cached_property
    def parameters(self) -> Table[Parameter]:
        """Every number that goes in, by path."""
        h = self._handle
        return parameters_of(_core.tau_train_n_parameters(h), lambda i: _core.tau_train_parameter(h, i))

    @cached_property
    def observables(self) -> Table[Observable]:
        """Every number that comes out, by path."""
        h = self._handle
        return Table(
            [Observable(*_core.tau_train_observable(h, i)) for i in range(_core.tau_train_n_observables(h))],
            "observable",
        )

    @cached_property
    def species(self) -> tuple[str, ...]:
        """Names of the species, in the order of the columns of `c`."""
        return tuple(
            _core.tau_train_species(self._handle, i) for i in range(_core.tau_train_n_species(self._handle))
        )

    @cached_property
    def reactions(self) -> tuple[str, ...]:
        """Names of the reactions."""
        return tuple(
            _core.tau_train_reaction(self._handle, i)
            for i in range(_core.tau_train_n_reactions(self._handle))
        )

    @cached_property
    def units(self) -> dict[str, str]:
        """Kind of each unit by name, in the order of solution."""
        h = self._handle
        return {
            _core.tau_train_unit(h, i): _core.tau_train_unit_kind(h, i)
            for i in range(_core.tau_train_n_units(h))
        }

    @cached_property
    def moieties(self) -> tuple[str, ...]:
        """Sums of species that no reaction changes, ``DFNB + ortho + para + bis``."""
        return tuple(
            _core.tau_train_moiety(self._handle, i) for i in range(_core.tau_train_n_moieties(self._handle))
        )

    def program_text(self, unit: str) -> str:
        """The compiled program of a unit, one instruction a line.

        Parameters
        ----------
        unit : str
            Name of the unit.

        Returns
        -------
        str
            With what is computed once a run, once a unit and at every step.
        """
        names = list(self.units)
        if unit not in names:
            raise PathError(f"'{unit}' is no unit of this train{nearest(unit, self.units)}")
        return _core.tau_train_program_text(self._handle, names.index(unit))

    def run(
        self,
        inputs: Mapping[str, Quantity] | None = None,
        *,
        rtol: float | None = None,
        atol: Quantity | None = None,
        max_time: Quantity | None = None,
        max_steps: int | None = None,
        engine: str | None = None,
        progress: Progress | None = None,
    ) -> Result:
        """Solve the train from its feeds to its outlet.

        The GIL is released. Ctrl-C stops the run between two steps.

        Parameters
        ----------
        inputs : mapping, optional
            Parameters by path, each a number in SI, a text with its unit or a pint quantity; the model's own
            where left out. Setting one of a group of alternatives (volume, residence_time) replaces the
            group; setting two of them is an error.
        rtol : float, optional
            Relative tolerance [-]; 1e-8 where the model says nothing.
        atol : quantity, optional
            Absolute tolerance [mol/m^3]; 1e-14 of the largest feed concentration where the model says
            nothing.
        max_time : quantity, optional
            Limit of wall time [s]. The result says ``stopped`` when it is reached.
        max_steps : int, optional
            Most steps in one unit; 100000 where the model says nothing.
        engine : str, optional
            What marches through tubes and batches: ``cvodes``, ``lanes`` (the library's own integrators, and
            tanks in lanes) or ``auto``, the faster; what the model says, else ``auto``.
        progress : callable, optional
            Called as ``progress(unit, fraction)`` at most every 20 ms; a true answer stops the run.

        Returns
        -------
        Result
            Read-only; it stays valid after the train is gone.

        Raises
        ------
        PathError
            No parameter has that path; the nearest is offered.
        InputError, UnitsError
            A value is out of its bounds, or its unit is of another dimension; there is no such engine.
        UnsupportedError
            Lanes can run no unit of this train.
        ConvergenceError
            The solver gave up; ``error.unit``, ``error.position`` and ``error.result`` say where and what
            there is so far.
        DomainError
            Nothing flows, a temperature is missing ...
        """
        status, handle, message, kind = _core.taupy_run(
            self._handle,
            self._inputs(inputs) if inputs else None,
            *run_options(rtol, atol, max_time, max_steps),
            engine_code(engine or "auto"),
            progress,
        )
        result = None if handle is None else Result(handle)
        if status < 0:
            raise _failure(status, message, kind, result)
        assert result is not None
        return result

    def rtd(
        self,
        inputs: Mapping[str, Quantity] | None = None,
        *,
        feed: str | None = None,
        outlet: str | None = None,
    ) -> Rtd:
        """Distribution of residence times from a feed to an outlet.

        Parameters
        ----------
        inputs : mapping, optional
            Parameters by path, as in `run`.
        feed, outlet : str, optional
            As in `Model.rtd`.

        Returns
        -------
        Rtd
        """
        from ._rtd import Rtd

        handle = self._inputs(inputs) if inputs else None
        return Rtd(*_core.tau_train_rtd(self._handle, handle, feed, outlet))

    def sensitivity(
        self,
        parameters: Globs = None,
        observables: Globs = None,
        *,
        inputs: Mapping[str, Quantity] | None = None,
        rtol: float | None = None,
        atol: Quantity | None = None,
        max_time: Quantity | None = None,
        max_steps: int | None = None,
        progress: Progress | None = None,
    ) -> Sensitivity:
        """Exact derivatives of observables to parameters, at one operating point.

        No differences are taken: the equations are differentiated, and their tangents carried through the
        train with the run's own control of errors.

        Parameters
        ----------
        parameters : str or list of str, optional
            Paths or globs, ``"reactions/*"``; all that are given where left out.
        observables : str or list of str, optional
            Paths or globs, ``"yield/*"``; all but those inside of units where left out. They cost nothing.
        inputs, rtol, atol, max_time, max_steps, progress
            As in `run`.

        Returns
        -------
        Sensitivity
            Its ``values`` are nan where there is no derivative; ``reason`` says why.

        Raises
        ------
        PathError
            A path is none, or a glob matches nothing.
        ConvergenceError, DomainError
            As in `run`.

        Examples
        --------
        >>> s = train.sensitivity("reactions/*", "yield/ortho")
        >>> s.plot("tornado.png", by="uncertainty")
        """
        from ._sensitivity import sensitivity

        return sensitivity(self, parameters, observables, inputs, rtol, atol, max_time, max_steps, progress)

    def fit(
        self,
        data: DataLike,
        parameters: Start,
        *,
        bounds: QuantityBounds | None = None,
        fixed: Iterable[str] = (),
        log: Iterable[str] = (),
        sigma: Mapping[str, Quantity] | None = None,
        loss: str = "linear",
        loss_scale: float = 1.0,
        absolute_sigma: bool = False,
        max_iterations: int = 2000,
        tolerance: float = 1e-6,
        rtol: float | None = None,
        atol: Quantity | None = None,
        max_steps: int | None = None,
    ) -> RunsFit:
        """Fit parameters to measured runs by least squares, with exact derivatives.

        Parameters
        ----------
        data : DataFrame, mapping or CSV file
            A row a run. Columns ``path [unit]`` (SI without a unit) are parameters that were set, or
            observables that were measured; ``sigma(path) [unit]`` is the standard deviation of a measured
            column. A batch over time has a column ``units/flask/time [min]``. An empty cell is a value that
            was not measured, or the model's own.
        parameters : str, list of str or mapping
            What is fitted: paths or globs, which begin at the model's own values; or paths with the value
            where to begin (None: the model's own).
        bounds : mapping, optional
            Lower and upper bound of parameters by path, beside their own; None for none.
        fixed : iterable of str
            Parameters that stay at their start.
        log : iterable of str
            Parameters whose logarithm is fitted: for rate constants known to orders of magnitude.
        sigma : mapping, optional
            Standard deviations of whole columns by path.
        loss, loss_scale, absolute_sigma, max_iterations, tolerance
            As in `fit_curve`. Without any sigma each value weighs as 1 of its column's unit.
        rtol, atol, max_steps
            Of the runs, as in `run`.

        Returns
        -------
        RunsFit

        Raises
        ------
        PathError, UnitsError, InputError
            Something is wrong with the data or the parameters; nothing has run then.
        DomainError, ConvergenceError
            A run fails at the start; the search came to no end, and ``error.fit`` is the best there was.

        Examples
        --------
        >>> fit = train.fit("flask.csv", "reactions/*/k")
        >>> fit.model.write("fitted.yaml")
        """
        from ._fit_runs import Request, fit_runs

        request = Request(
            bounds, fixed, log, sigma, loss, loss_scale, absolute_sigma, max_iterations, tolerance, rtol,
            atol, max_steps,
        )  # fmt: skip
        return fit_runs(self, data, parameters, request)

    def sweep(
        self,
        design: DesignLike,
        *,
        keep: Sequence[str] | str | None = None,
        profiles: Sequence[str] | str = (),
        sensitivities: Sequence[str] | str = (),
        engine: str = "auto",
        threads: int | None = None,
        out: str | os.PathLike[str] | None = None,
        overwrite: bool = False,
        inputs: Mapping[str, Quantity] | None = None,
        seed: int | None = None,
        part: tuple[int, int] | None = None,
        rtol: float | None = None,
        atol: Quantity | None = None,
        max_time: Quantity | None = None,
        max_steps: int | None = None,
        checked: int | None = None,
        progress: SweepProgress | None = None,
        command: str = "",
    ) -> Sweep:
        """Solve the train at many operating points, on all processors.

        The GIL is released. A run that fails becomes a row of nan with its status; the sweep goes on. Values
        do not depend on the number of threads. Ctrl-C ends it: a file keeps what is done.

        Parameters
        ----------
        design : mapping, table, file or Design
            Which points: ``{path: values}`` for a grid, where values come from `linspace`, `logspace` or a
            list of quantities; a pandas DataFrame (heads are ``path [unit]``, or paths in SI), an xarray
            Dataset, ``(array, paths)``; the name of a CSV or YAML file; `latin_hypercube`, `sobol`, `halton`
            or `monte_carlo`.
        keep : str or list of str, optional
            Observables, also by globs, ``"yield/*"``; all but those inside of units, with their hottest
            temperature and residence time, where left out.
        profiles : str or list of str
            Units whose profiles are kept: 101 points each, or those that `at` in the model gives.
        sensitivities : str or list of str
            Parameters, also by globs, to which the derivative of each kept observable is kept.
        engine : str
            ``auto``, ``lanes`` (many points at once) or ``cvodes``.
        threads : int, optional
            One a processor where left out.
        out : path, optional
            Stream into this file (HDF5). Where it holds the same sweep unfinished, it goes on from there.
        overwrite : bool
            Whether another file there may be replaced; the same sweep begins anew.
        inputs : mapping, optional
            Parameters that are not varied, as in `run`.
        seed : int, optional
            In place of the design's own.
        part : tuple of int, optional
            ``(3, 16)``: the third of 16 parts, for as many processes; `merge` joins their files. The name of
            the file says the part.
        rtol, atol, max_steps
            As in `run`.
        max_time : quantity, optional
            Limit of wall time of the whole [s]; what is done by then is kept.
        checked : int, optional
            Runs that are computed again by CVODES at a hundredth of the tolerance, in each 65536 runs; 8
            where lanes are used and this is left out.
        progress : callable, optional
            Called as ``progress(n_done, n_runs)`` about ten times a second; a true answer stops the sweep.
        command : str
            Stored in the file: how this was made.

        Returns
        -------
        Sweep

        Raises
        ------
        PathError, UnitsError, InputError
            Something is wrong with the design; nothing has run then.
        ModelError
            The same in a file, with lines and columns.
        ExistsError
            Something else stands at `out`.
        """
        from ._sweep_run import Request, sweep

        request = Request(
            keep, profiles, sensitivities, engine, threads, out, overwrite, inputs, seed, part, rtol, atol,
            max_time, max_steps, checked, progress, command,
        )  # fmt: skip
        return sweep(self, design, request)

    def _inputs(self, given: Mapping[str, Quantity]) -> Any:
        inputs = _core.tau_inputs_new(self._handle)
        for path, value in given.items():
            if is_number(value):
                _core.tau_inputs_set(inputs, path, float(value))
            else:
                _core.tau_inputs_set_text(inputs, path, text(value))
        if len(given) > 1:
            for i, path in enumerate(self.parameters):
                if path in given and math.isnan(_core.tau_inputs_value(inputs, i)):
                    raise InputError(
                        f"'{path}' is set, and another that says the same size; needs one of the two",
                        kind="conflicting-keys",
                    )
        return inputs

    def __eq__(self, other: object) -> bool:
        return self._model == other._model if isinstance(other, Train) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # object has a method there; None says "no hash"

    def __reduce__(self) -> tuple[Any, ...]:
        return Train, (self._model,)

    def __copy__(self) -> Train:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Train:
        return self

    def __repr__(self) -> str:
        units = ", ".join(f"{name} ({kind})" for name, kind in self.units.items())
        return (
            f"train: {units}\n{len(self.species)} species, {len(self.reactions)} reactions, "
            f"{len(self.parameters)} parameters, {len(self.observables)} observables"
        )


def engine_code(name: str) -> int:
    """An engine as C takes it."""
    if name not in ENGINES:
        raise InputError(f"engine '{name}'; one of {', '.join(ENGINES)} is needed", kind="unknown-choice")
    return int(getattr(_core, ENGINES[name]))


def run_options(
    rtol: float | None, atol: Quantity | None, max_time: Quantity | None, max_steps: int | None
) -> tuple[float, float, float, int]:
    """The options of a run as C takes them: what is not given is as the file says."""
    return (
        0.0 if rtol is None else float(rtol),
        0.0 if atol is None else in_si(atol, "mol/m^3"),
        -1.0 if max_time is None else in_si(max_time, "s"),
        0 if max_steps is None else int(max_steps),
    )


def _failure(status: int, message: str, kind: str, result: Result | None) -> Exception:
    """The exception of a failed run, with what there is of a result."""
    error = from_status(status, message, kind)
    if isinstance(error, DomainError):
        error.result = result
    if isinstance(error, CallbackError) or result is None or not isinstance(error, ConvergenceError):
        return error
    unit = _unit_of(message, result)
    named = (*result.species, *result.reactions)
    return ConvergenceError(
        message,
        kind=kind,
        unit=unit,
        position=_last_position(result, unit),
        species=tuple(name for name in named if f"'{name}'" in message),
        statistics=result[unit].statistics if unit else None,
        result=result,
    )


def _unit_of(message: str, result: Result) -> str:
    """The unit that a message names: before its colon or in quotes; else the last one with a profile."""
    head = message.split(":", 1)[0]
    for name in result.units:
        if head == name or f"unit '{name}'" in message:
            return name
    return ""


def _last_position(result: Result, unit: str) -> float:
    return float(result[unit].position[-1]) if unit and len(result[unit].position) else math.nan
