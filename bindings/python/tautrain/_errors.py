# SPDX-License-Identifier: Apache-2.0
"""Exceptions. All are ``TautrainError``; each is also the built-in one that its meaning calls for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _core

if TYPE_CHECKING:
    from ._result import Result, Statistics


class TautrainError(Exception):
    """Anything that tautrain cannot do; the message is one line that says what, where and what is needed."""


@dataclass(frozen=True)
class Mistake:
    """One mistake of a model.

    Attributes
    ----------
    file : str
        Name of the file; empty where the model came from none.
    line, column : int
        Where it stands, from 1; 0 where the model came from no file.
    path : str
        The block or key that it is in, ``feeds/amine/flwo``.
    text : str
        What is wrong, what was found, what is needed.
    """

    file: str
    line: int
    column: int
    path: str
    text: str

    def __str__(self) -> str:
        if self.line > 0:
            return f"{self.file or '<model>'}:{self.line}:{self.column}: {self.text}"
        where = ": ".join(part for part in (self.file, self.path) if part)
        return f"{where}: {self.text}" if where else self.text


class ModelError(TautrainError, ValueError):
    """A model has mistakes; the message has all of them, one a line.

    Attributes
    ----------
    mistakes : tuple of Mistake
        At most 20.
    file, line, column, path
        Those of the first.
    """

    def __init__(self, message: str, mistakes: Sequence[Mistake] = ()) -> None:
        super().__init__(message, tuple(mistakes))
        self.mistakes = tuple(mistakes) or (Mistake("", 0, 0, "", message),)

    def __str__(self) -> str:
        return "\n".join(str(mistake) for mistake in self.mistakes)

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.mistakes[0].file

    @property
    def line(self) -> int:
        """Line of the first mistake, from 1."""
        return self.mistakes[0].line

    @property
    def column(self) -> int:
        """Column of the first mistake, from 1."""
        return self.mistakes[0].column

    @property
    def path(self) -> str:
        """Block or key of the first mistake."""
        return self.mistakes[0].path


class UnitsError(TautrainError, ValueError):
    """A unit is unknown, ambiguous or of another dimension than needed."""


class InputError(TautrainError, ValueError):
    """A value is out of its bounds, or a text is no quantity."""


class PathError(TautrainError, KeyError):
    """No parameter, observable, unit or species has that name; the message offers the nearest."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class DomainError(TautrainError, ArithmeticError):
    """The numbers of a run are outside of what the model can say: no flow, no volume, no temperature.

    Attributes
    ----------
    result : Result or None
        What there is up to then.
    """

    result: Result | None = None


class ConvergenceError(TautrainError, ArithmeticError):
    """The solver gave up.

    Attributes
    ----------
    unit : str
        Name of the unit; empty where none was reached.
    position : float
        How far it got: the last position of the unit's profile, in ``result[unit].coordinate_unit``;
        nan for a unit without a length or a time.
    species : tuple of str
        Species and reactions that the message names.
    statistics : Statistics or None
        What the solver of that unit did.
    result : Result or None
        What there is up to then; what was not reached is nan.
    """

    def __init__(
        self,
        message: str,
        *,
        unit: str = "",
        position: float = float("nan"),
        species: tuple[str, ...] = (),
        statistics: Statistics | None = None,
        result: Result | None = None,
    ) -> None:
        super().__init__(message)
        self.unit = unit
        self.position = position
        self.species = species
        self.statistics = statistics
        self.result = result

    def __reduce__(self) -> tuple[Any, ...]:
        return _convergence_error, (
            str(self),
            self.unit,
            self.position,
            self.species,
            self.statistics,
            self.result,
        )


def _convergence_error(
    message: str,
    unit: str,
    position: float,
    species: tuple[str, ...],
    statistics: Statistics | None,
    result: Result | None,
) -> ConvergenceError:
    return ConvergenceError(
        message, unit=unit, position=position, species=species, statistics=statistics, result=result
    )


class CallbackError(TautrainError):
    """A function of the user failed without an exception of its own."""


class FileError(TautrainError, OSError):
    """A file cannot be read or written."""


class ResultFileError(FileError):
    """A file is no results file of tautrain, or it is damaged."""


class ExistsError(FileError, FileExistsError):
    """The file exists already and was not to be overwritten."""


class UnsupportedError(TautrainError, NotImplementedError):
    """Not supported, such as writing a model in which a Python function stands."""


_CLASSES: dict[int, Callable[[str], Exception]] = {
    _core.TAU_E_NOMEM: MemoryError,
    _core.TAU_E_UNITS: UnitsError,
    _core.TAU_E_DOMAIN: DomainError,
    _core.TAU_E_PARSE: InputError,
    _core.TAU_E_MODEL: ModelError,
    _core.TAU_E_NAME: PathError,
    _core.TAU_E_VALUE: InputError,
    _core.TAU_E_SOLVER: ConvergenceError,
    _core.TAU_E_IO: FileError,
    _core.TAU_E_FORMAT: ResultFileError,
    _core.TAU_E_EXISTS: ExistsError,
    _core.TAU_E_CALLBACK: CallbackError,
    _core.TAU_E_UNSUPPORTED: UnsupportedError,
}


def from_status(status: int, message: str) -> Exception:
    """The exception of a status of the library; called by the compiled module."""
    return _CLASSES.get(status, TautrainError)(message or _core.tau_status_text(status))
