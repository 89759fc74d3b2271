# SPDX-License-Identifier: Apache-2.0
"""Two results side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ._export import lacks
from ._quantity import shown
from ._show import highlights
from ._table import Column, html_table, table

if TYPE_CHECKING:
    import pandas

    from ._result import Result


class Comparison:
    """What went into two runs and what came out; made by `compare`.

    Attributes
    ----------
    inputs, outputs : tuple of str
        Paths of the parameters that differ; of the observables shown.
    """

    def __init__(self, a: Result, b: Result) -> None:
        self._results = (a, b)
        pa, pb = a.parameters, b.parameters
        either = [*pa, *(path for path in pb if path not in pa)]
        self.inputs = tuple(
            p for p in either if not (p in pa and p in pb and _equal(pa[p].value, pb[p].value))
        )
        paths = [*highlights(a), *highlights(b), *(f"outlet/c/{s}" for s in (*a.species, *b.species))]
        paths += [p for r in (a, b) for p in r.observables if p.startswith("units/") and p.endswith("/T_max")]
        self.outputs = tuple(dict.fromkeys([*paths, "balance/closure"]))

    def _rows(self) -> list[list[str]]:
        rows = []
        for path in self.inputs:
            found = [r.parameters.get(path) for r in self._results]
            rows.append([path, *("-" if p is None else p.shown for p in found), ""])
        for path in self.outputs:
            found_unit = next((r.observables.unit(path) for r in self._results if path in r.observables), "")
            cells = [shown(r.observables.get(path, math.nan), path, found_unit) for r in self._results]
            rows.append([path, cells[0][0], cells[1][0], cells[0][1]])
        return rows

    _COLUMNS = (Column("path"), Column("first", True), Column("second", True), Column("unit"))

    def __repr__(self) -> str:
        evidence = " / ".join(dict.fromkeys(r.evidence for r in self._results))
        return f"{table(self._COLUMNS, self._rows())}\nevidence: {evidence}"

    def _repr_html_(self) -> str:
        return html_table(self._COLUMNS, self._rows())

    def to_pandas(self) -> pandas.DataFrame:
        """All observables of both, in SI, with their difference."""
        try:
            import pandas
        except ImportError as error:
            raise lacks("pandas", error) from error

        a, b = (pandas.Series(dict(r.observables), dtype=float) for r in self._results)
        frame = pandas.DataFrame({"first": a, "second": b})
        frame["difference"] = frame["second"] - frame["first"]
        return frame.reindex(list(dict.fromkeys([*a.index, *b.index])))


def _equal(x: float, y: float) -> bool:
    return x == y or (math.isnan(x) and math.isnan(y))


def compare(a: Result, b: Result) -> Comparison:
    """Put two results side by side: the parameters that differ, and what came out.

    Parameters
    ----------
    a, b : Result

    Returns
    -------
    Comparison
        Shown as a table; ``.to_pandas()`` has every observable.
    """
    return Comparison(a, b)
