# SPDX-License-Identifier: Apache-2.0
"""Run again what a results file says was run, and compare."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from ._errors import ResultFileError, TautrainError
from ._model import Model
from ._quantity import number
from ._result import Result, load
from ._table import Column, table


@dataclass(frozen=True)
class Verification:
    """What was stored against what comes out now.

    Attributes
    ----------
    rows : tuple
        (path, stored, computed, difference), the difference relative to the larger of the two; differences
        below 1e-9 of the largest number in the same unit are counted relative to that.
    """

    rows: tuple[tuple[str, float, float, float], ...]

    @property
    def largest(self) -> float:
        """Largest difference [-]; nan where a number is missing on one side."""
        return max((d for *_, d in self.rows), default=0.0, key=lambda d: math.inf if math.isnan(d) else d)

    def __repr__(self) -> str:
        columns = [
            Column("observable"),
            Column("stored", True),
            Column("computed", True),
            Column("difference", True),
        ]
        rows = [[p, number(a), number(b), f"{d:.1e}"] for p, a, b, d in self.rows]
        return f"{table(columns, rows)}\n{len(rows)} observables, largest difference {self.largest:.1e}"


def stored_options(file: str | os.PathLike[str]) -> dict[str, float]:
    """The options of the solver in a results file, in SI."""
    try:
        import h5py
    except ImportError as error:
        raise TautrainError(
            f"h5py is needed to read the options of a results file: pip install 'tautrain[data]' ({error})"
        ) from error
    try:
        with h5py.File(file, "r") as f:
            attributes = dict(f["options"].attrs)
    except (OSError, KeyError) as error:
        raise ResultFileError(
            f"{os.fspath(file)}: its options cannot be read: {error}", kind="damaged-results-file"
        ) from None
    return {key: float(attributes[key]) for key in ("rtol", "atol", "max_steps") if key in attributes}


def rerun(result: Result, options: dict[str, float]) -> Result:
    """Run the model of a result again, with its parameters."""
    train = Model.parse(result.model_text, "the model in the file").compile()
    own = train.parameters
    inputs: dict[str, float | str] = {
        path: p.value
        for path, p in result.parameters.items()
        if not math.isnan(p.value) and not (path in own and own[path].value == p.value)
    }
    max_steps = int(options["max_steps"]) if "max_steps" in options else None
    return train.run(inputs, rtol=options.get("rtol"), atol=options.get("atol"), max_steps=max_steps)


def differences(stored: Result, computed: Result) -> Verification:
    """Compare all observables."""
    a, b = stored.observables, computed.observables
    largest: dict[str, float] = {}
    for path, x in a.items():
        if math.isfinite(x):
            largest[a.unit(path)] = max(largest.get(a.unit(path), 0.0), abs(x))
    rows = []
    for path, x in a.items():
        y = b.get(path, math.nan)
        rows.append((path, x, y, _difference(x, y, largest.get(a.unit(path), 0.0))))
    return Verification(tuple(rows))


def _difference(x: float, y: float, largest: float) -> float:
    if x == y or (math.isnan(x) and math.isnan(y)):
        return 0.0
    return abs(x - y) / max(abs(x), abs(y), 1e-9 * largest)


def verify(file: str | os.PathLike[str]) -> Verification:
    """Run the model inside a results file again and compare every observable.

    Parameters
    ----------
    file : path
        A results file of a complete run.

    Returns
    -------
    Verification
    """
    stored = load(file)
    return differences(stored, rerun(stored, stored_options(file)))
