# SPDX-License-Identifier: Apache-2.0
"""Reaction in a distribution of residence times: what the tail of a unit costs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import _core
from ._errors import InputError, PathError
from ._quantity import Quantity, convert, in_si, number
from ._rtd import Rtd
from ._sensitivity import Globs, _chosen
from ._table import Column, html_table, table
from ._tracer_fit import TracerFit
from ._train import Progress, nearest, run_options

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

    from ._model import Model

MIXINGS = ("plug", "segregated", "maximum", "exchange")
_HEADS = {
    "plug": "plug flow",
    "segregated": "segregated",
    "maximum": "maximum mixedness",
    "exchange": "exchange",
}
_COUNTED = ("conversion/", "yield/", "selectivity/", "impurity/")


class Reacted:
    """A train with one unit in plug flow and in its distribution: segregated, and mixed as early as can be.

    Made by `Model.react`. Dimensionless counts are shown in per cent; values are SI.

    Attributes
    ----------
    unit : str
    rtd : Rtd
        The distribution that the unit has.
    mixings : tuple of str
        Ways that were run: ``plug``, ``segregated``, ``maximum`` and, where a time was given, ``exchange``.
    observables : tuple of str
        What is shown; `value` knows all.
    has_errors : bool
        Whether the errors of a tracer's fit are known.

    Examples
    --------
    >>> reacted = model.react("coil", tracer.fit("dispersion"))
    >>> reacted.cost("conversion/A")
    >>> reacted.plot("tail.png")
    """

    def __init__(self, handle: Any, observables: Globs) -> None:
        self._handle = handle
        self.unit = _core.tau_react_unit(handle)
        self.rtd = Rtd(_core.taupy_react_rtd(handle))
        self.mixings = tuple(m for i, m in enumerate(MIXINGS) if _core.tau_react_has(handle, i))
        rows = [_core.tau_react_observable(handle, i) for i in range(_core.tau_react_n_observables(handle))]
        self._units = {path: unit for path, unit, _ in rows}
        self._paths = [path for path, _, _ in rows]
        self._values = {m: _core.taupy_react_numbers(handle, MIXINGS.index(m), 0.0) for m in self.mixings}
        self.observables = tuple(_chosen(observables, self._paths, "observable", self._usual()))
        half = _core.taupy_react_numbers(handle, 1, 0.5)
        self.has_errors = any(x == x for x in half)

    def _usual(self) -> list[str]:
        """Conversions, impurities, and yields of what is made."""
        made = dict(zip(self._paths, self._values["plug"], strict=True))
        yields = [path for path in self._paths if path.startswith("yield/") and made[path] > 0.0]
        heads = ("conversion/", "impurity/")
        return [*(path for path in self._paths if path.startswith(heads)), *yields]

    def _place(self, path: str) -> int:
        if path not in self._units:
            raise PathError(
                f"'{path}' is no observable{nearest(path, tuple(self._paths))}", kind="unknown-observable"
            )
        return self._paths.index(path)

    def _way(self, mixing: str) -> int:
        if mixing in self.mixings:
            return MIXINGS.index(mixing)
        if mixing == "exchange":
            raise InputError("there was no run with mixing by exchange: give its time, exchange=")
        raise InputError(f"{mixing!r} is no way of mixing; {', '.join(self.mixings)} were run")

    def value(self, path: str, mixing: str = "segregated", unit: str | None = None) -> float:
        """An observable of a way, SI or in a unit."""
        self._way(mixing)
        x = float(self._values[mixing][self._place(path)])
        return x if unit is None else convert(x, self._units[path], unit)

    def half_width(self, path: str, mixing: str = "segregated", level: float = 0.95) -> float:
        """Half of the interval that the tracer's fit leaves open, SI; nan without errors and for exchange."""
        if not 0.0 < level < 1.0:
            raise InputError(f"level is {level!r}; needs a number between 0 and 1")
        at = self._place(path)
        return float(_core.tau_react_half_width(self._handle, self._way(mixing), at, level))

    def interval(self, path: str, mixing: str = "segregated", level: float = 0.95) -> tuple[float, float]:
        """Ends of that interval, SI."""
        x, h = self.value(path, mixing), self.half_width(path, mixing, level)
        return x - h, x + h

    def bounds(self, path: str, level: float = 0.95) -> tuple[float, float]:
        """Between segregation and maximum mixedness, widened by what the tracer's fit leaves open, SI."""
        ends: list[float] = []
        for mixing in ("segregated", "maximum"):
            x = self.value(path, mixing)
            h = self.half_width(path, mixing, level) if self.has_errors else 0.0
            ends += [x - h, x + h]
        return min(ends), max(ends)

    def cost(self, path: str, level: float = 0.95) -> tuple[float, float]:
        """Ends of what the distribution changes: observable less that in plug flow of the same mean, SI."""
        low, high = self.bounds(path, level)
        plug = self.value(path, "plug")
        return low - plug, high - plug

    def model(self, mixing: str = "segregated") -> Model:
        """The model of a way, to be run, swept or written."""
        from ._model import Model

        return Model._own(_core.tau_react_model(self._handle, self._way(mixing)))

    def to_pandas(self, level: float = 0.95) -> pandas.DataFrame:
        """A row an observable, SI: the ways, ends of the bounds."""
        from ._export import lacks

        try:
            import pandas
        except ImportError as error:
            raise lacks("pandas", error) from error
        rows = []
        for path in self.observables:
            low, high = self.bounds(path, level)
            row: dict[str, float | str] = {m: self.value(path, m) for m in self.mixings}
            rows.append({**row, "low": low, "high": high, "unit": self._units[path]})
        return pandas.DataFrame(rows, index=pandas.Index(self.observables, name="observable"))

    def plot(self, path: str | os.PathLike[str] | None = None, *, level: float = 0.95) -> Figure:
        """Each observable in all ways, with intervals.

        Parameters
        ----------
        path : path, optional
            Write the picture there.
        level : float
            Of the intervals.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from ._react_plot import ways

        return ways(self, path, level)

    def _shown(self, path: str, x: float) -> str:
        return f"{100.0 * x:.3f}" if path.startswith(_COUNTED) else f"{x:.6g}"

    def _unit(self, path: str) -> str:
        return "%" if path.startswith(_COUNTED) else self._units[path]

    def _table(self) -> tuple[list[Column], list[list[str]]]:
        heads = [Column(""), Column("")]
        for m in self.mixings:
            heads.append(Column(_HEADS[m], True))
            if self.has_errors and m != "exchange":
                heads.append(Column("+/-", True))
        heads.append(Column("cost", True))
        rows = []
        for path in self.observables:
            row = [path, self._unit(path)]
            for m in self.mixings:
                row.append(self._shown(path, self.value(path, m)))
                if self.has_errors and m != "exchange":
                    row.append(self._shown(path, self.half_width(path, m)))
            low, high = self.cost(path)
            rows.append([*row, f"{self._shown(path, low)} to {self._shown(path, high)}"])
        return heads, rows

    def _head(self) -> str:
        mean = number(self.rtd.mean)
        text = f"unit '{self.unit}' in plug flow of {mean} s, and in its distribution of residence times"
        return text + ("; +/- of 95 % by the tracer's fit" if self.has_errors else "")

    def __repr__(self) -> str:
        return f"{self._head()}\n\n{table(*self._table(), indent='  ')}"

    def _repr_html_(self) -> str:
        return html_table(*self._table(), self._head())


def react(
    model: Model,
    unit: str | None,
    rtd: Rtd | TracerFit | None,
    exchange: Quantity | None,
    observables: Globs,
    rtol: float | None,
    atol: Quantity | None,
    max_time: Quantity | None,
    max_steps: int | None,
    progress: Progress | None,
) -> Reacted:
    """What `Model.react` says."""
    if rtd is not None and not isinstance(rtd, Rtd | TracerFit):
        raise InputError(f"rtd is {rtd!r}; a distribution (tt.rtd...), a fit of a tracer or None is needed")
    handle = _core.taupy_react(
        model._handle,
        unit,
        rtd._handle if isinstance(rtd, Rtd) else None,
        rtd._handle if isinstance(rtd, TracerFit) else None,
        0.0 if exchange is None else in_si(exchange, "s"),
        *run_options(rtol, atol, max_time, max_steps),
        progress,
    )
    return Reacted(handle, observables)


def as_json(reacted: Reacted, finite: Any) -> dict[str, Any]:
    """Numbers by observable, SI."""
    rows: dict[str, Any] = {}
    for path in reacted.observables:
        low, high = reacted.bounds(path)
        rows[path] = {
            "unit": reacted._units[path],
            **{m: finite(reacted.value(path, m)) for m in reacted.mixings},
            "low": finite(low),
            "high": finite(high),
        }
    return {"unit": reacted.unit, "mean": finite(reacted.rtd.mean), "observables": rows}


__all__: Sequence[str] = ("MIXINGS", "Reacted", "as_json", "react")
