# SPDX-License-Identifier: Apache-2.0
"""The picture of a result; matplotlib is imported only here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._errors import FileError, TautrainError
from ._quantity import bench_unit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ._result import Result, UnitResult

_STYLES = ["-", "--", "-.", ":"]


def plot(result: Result, path: str | os.PathLike[str] | None = None) -> Figure:
    """Concentrations above, temperature below, one column a unit with a length or a time."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise TautrainError(
            f"matplotlib is needed for a plot: pip install 'tautrain[plot]' ({error})"
        ) from error
    units = [u for u in result.units.values() if len(u.position) > 1]
    figure = Figure(figsize=(max(6.4, 2.4 + 3.2 * len(units)), 4.8), layout="constrained")
    if units:
        _profiles(figure, result, units)
    else:
        _bars(figure, result)
    figure.suptitle(result.title or "result", fontsize="medium")
    note = f"evidence: {result.evidence}" + (
        "" if result.status == "complete" else f"   {result.status.upper()}: {result.message}"
    )
    figure.supxlabel(note, fontsize="small", color="0.35", x=0.01, ha="left")
    if path is not None:
        _save(figure, path)
    return figure


def _save(figure: Figure, path: str | os.PathLike[str]) -> None:
    try:
        figure.savefig(os.fspath(path), dpi=150)
    except OSError as error:
        raise FileError(
            f"{os.fspath(path)}: the picture cannot be written: {error.strerror or error}",
            kind="cannot-write",
        ) from error
    except ValueError as error:  # of matplotlib: a suffix that it does not draw
        raise FileError(f"{os.fspath(path)}: {error}", kind="cannot-write") from error


def _colour(i: int) -> dict[str, Any]:
    return {"color": f"C{i % 10}", "linestyle": _STYLES[i // 10 % len(_STYLES)]}


def _profiles(figure: Figure, result: Result, units: list[UnitResult]) -> None:
    has_T = any(np.isfinite(u.T).any() for u in units)
    ratios = [3.0, 1.0] if has_T else [1.0]
    axes = figure.subplots(
        len(ratios), len(units), squeeze=False, sharex="col", sharey="row", height_ratios=ratios
    )
    seen = [s for s in result.species if max(np.nanmax(u.c[s], initial=0.0) for u in units) > 0.0]
    lines: dict[str, Any] = {}
    for column, unit in enumerate(units):
        at = bench_unit("", unit.coordinate_unit)
        factor = _core.tau_convert(1.0, unit.coordinate_unit, at)
        x = unit.position * factor
        for i, name in enumerate(seen):
            if np.nanmax(unit.c[name], initial=0.0) > 0.0:
                lines[name] = axes[0, column].plot(x, unit.c[name] * 1e-3, **_colour(i))[0]
        if has_T:
            axes[1, column].plot(x, unit.T - 273.15, color="0.3")
            axes[1, column].margins(y=0.3)
        axes[0, column].set_title(f"{unit.name} ({unit.kind})", fontsize="medium")
        axes[-1, column].set_xlabel(f"{unit.coordinate} [{at}]")
    for row in axes:
        for ax in row:
            ax.grid(visible=True, color="0.9")
            ax.margins(x=0.0)
    axes[0, 0].set_ylabel("concentration [mol/L]")
    if has_T:
        axes[1, 0].set_ylabel("T [°C]")
    names = [name for name in seen if name in lines]
    figure.legend(
        [lines[n] for n in names], names, loc="outside right upper", fontsize="small", frameon=False
    )


def _bars(figure: Figure, result: Result) -> None:
    """A train without a profile: what leaves it."""
    ax = figure.subplots()
    names = list(result.species)
    ax.bar(range(len(names)), [result.outlet.c[s] * 1e-3 for s in names], color="C0")
    ax.set_xticks(range(len(names)), names, rotation=45 if len(names) > 6 else 0)
    ax.set_ylabel("outlet concentration [mol/L]")
