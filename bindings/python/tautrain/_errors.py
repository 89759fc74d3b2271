# SPDX-License-Identifier: Apache-2.0
"""Exceptions. All are ``TautrainError``; each is also the built-in one that its meaning calls for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _core

if TYPE_CHECKING:
    from ._fit import Fit
    from ._result import Result, Statistics


class TautrainError(Exception):
    """Anything that tautrain cannot do; the message is one line that says what, where and what is needed.

    Attributes
    ----------
    id : str
        Its kind, ``unknown-key``: stable from release to release, shown in brackets behind the message, and
        explained by `errors` and in the manual. Empty for an error that is none of the library's kinds.
    """

    def __init__(self, *args: object, kind: str = "") -> None:
        super().__init__(*args)
        self.id = kind

    @property
    def message(self) -> str:
        """The line without the id."""
        return str(self.args[0]) if self.args else ""

    def __str__(self) -> str:
        return with_id(self.message, self.id)


def with_id(message: str, kind: str) -> str:
    """A message as it is shown, with its id behind it."""
    return f"{message} [{kind}]" if kind else message


@contextmanager
def tells_overwrite() -> Iterator[None]:
    """Let the message that a file exists say what replaces it."""
    try:
        yield
    except ExistsError as error:
        raise ExistsError(f"{error.message}; overwrite=True replaces it", kind=error.id) from None


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
    id : str
        Its kind, ``unknown-key``.
    """

    file: str
    line: int
    column: int
    path: str
    text: str
    id: str = ""

    def __str__(self) -> str:
        text = with_id(self.text, self.id)
        if self.line > 0:
            return f"{self.file or '<model>'}:{self.line}:{self.column}: {text}"
        where = ": ".join(part for part in (self.file, self.path) if part)
        return f"{where}: {text}" if where else text


class ModelError(TautrainError, ValueError):
    """A model has mistakes; the message has all of them, one a line.

    Attributes
    ----------
    mistakes : tuple of Mistake
        At most 20.
    file, line, column, path, id
        Those of the first.
    """

    def __init__(self, message: str, mistakes: Sequence[Mistake] = (), *, kind: str = "") -> None:
        self.mistakes = tuple(mistakes) or (Mistake("", 0, 0, "", message, kind),)
        super().__init__(message, tuple(mistakes), kind=self.mistakes[0].id)

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
    fit : Fit or None
        Of a fit that did not come to an end: the best there was.
    """

    fit: Fit | None = None

    def __init__(
        self,
        message: str,
        *,
        kind: str = "",
        unit: str = "",
        position: float = float("nan"),
        species: tuple[str, ...] = (),
        statistics: Statistics | None = None,
        result: Result | None = None,
    ) -> None:
        super().__init__(message, kind=kind)
        self.unit = unit
        self.position = position
        self.species = species
        self.statistics = statistics
        self.result = result

    def __reduce__(self) -> tuple[Any, ...]:
        return _convergence_error, (
            self.message,
            self.id,
            self.unit,
            self.position,
            self.species,
            self.statistics,
            self.result,
        )


def _convergence_error(
    message: str,
    kind: str,
    unit: str,
    position: float,
    species: tuple[str, ...],
    statistics: Statistics | None,
    result: Result | None,
) -> ConvergenceError:
    return ConvergenceError(
        message,
        kind=kind,
        unit=unit,
        position=position,
        species=species,
        statistics=statistics,
        result=result,
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


_CLASSES: dict[int, Callable[..., TautrainError]] = {
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


def from_status(status: int, message: str, kind: str = "") -> Exception:
    """The exception of a status of the library; called by the compiled module."""
    said = message or _core.tau_status_text(status)
    if status == _core.TAU_E_NOMEM:
        return MemoryError(with_id(said, kind))
    return _CLASSES.get(status, TautrainError)(said, kind=kind)


# --- the table of kinds ---


@dataclass(frozen=True)
class ErrorKind:
    """One kind of error.

    Attributes
    ----------
    id : str
        ``unknown-key``; no release renames it or gives it another meaning.
    status : str
        Name of the status that a function of C returns, ``TAU_E_UNITS``. A mistake of a model is
        ``TAU_E_MODEL`` or ``TAU_E_PARSE``, of whatever kind.
    meaning : str
        What it means.
    cure : str
        What to do.
    """

    id: str
    status: str
    meaning: str
    cure: str


def errors() -> tuple[ErrorKind, ...]:
    """Every kind of error that tautrain tells, in the order of the manual.

    Returns
    -------
    tuple of ErrorKind
        Their ids stand behind messages in brackets, and are the ``id`` of exceptions and mistakes.
    """
    rows = (_core.tau_error(i) for i in range(_core.tau_n_errors()))
    return tuple(
        ErrorKind(kind, _core.tau_status_name(status), meaning, cure) for kind, status, meaning, cure in rows
    )
