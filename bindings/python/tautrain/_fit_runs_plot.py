# SPDX-License-Identifier: Apache-2.0
"""The picture of a fit to runs; matplotlib is imported only here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from ._errors import TautrainError
from ._plot import _save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ._fit_runs import Point, RunsFit

_MOST = 4  # panels side by side


def plot(fit: RunsFit, path: str | os.PathLike[str] | None, level: float) -> Figure:
    """Measured over fitted above, residuals over fitted below; a column for each unit."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise TautrainError(
            f"matplotlib is needed for a plot: pip install 'tautrain[plot]' ({error})"
        ) from error
    units = list(dict.fromkeys(point.unit for point in fit.points))[:_MOST]
    figure = Figure(figsize=(1.6 + 4.0 * len(units), 5.6), layout="constrained")
    axes = figure.subplots(2, len(units), sharex="col", height_ratios=[3.0, 1.0], squeeze=False)
    half = _half_widths(fit, level)
    for j, unit in enumerate(units):
        chosen = [(point, h) for point, h in zip(fit.points, half, strict=True) if point.unit == unit]
        _column(axes[:, j], chosen, unit)
    figure.suptitle(fit._title(), fontsize="medium")
    if path is not None:
        _save(figure, path)
    return figure


def _half_widths(fit: RunsFit, level: float) -> list[float]:
    """Of the band, at each point."""
    _, half = fit.predict(level=level)
    place = {column.path: j for j, column in enumerate(fit._runs.observed)}
    return [float(half[point.run, place[point.observable]]) for point in fit.points]


def _column(axes: Any, chosen: list[tuple[Point, float]], unit: str) -> None:
    above, below = axes
    for k, name in enumerate(dict.fromkeys(point.observable for point, _ in chosen)):
        mine = [(point, half) for point, half in chosen if point.observable == name]
        x = np.array([point.fitted for point, _ in mine])
        y = np.array([point.measured for point, _ in mine])
        style = {"color": f"C{k % 10}", "markersize": 4.0, "linewidth": 0.8}
        above.errorbar(x, y, xerr=[half for _, half in mine], fmt="o", label=name, **style)
        below.plot(x, y - x, "o", color=f"C{k % 10}", markersize=4.0)
    ends = [min(above.get_xlim()[0], above.get_ylim()[0]), max(above.get_xlim()[1], above.get_ylim()[1])]
    above.plot(ends, ends, color="0.5", linewidth=0.8, zorder=0)
    below.axhline(0.0, color="0.5", linewidth=0.8, zorder=0)
    above.legend(fontsize="small", frameon=False)
    said = f" [{unit}]" if unit else ""
    above.set_ylabel(f"measured{said}")
    below.set_ylabel(f"residual{said}")
    below.set_xlabel(f"fitted{said}")
    for ax in axes:
        ax.grid(visible=True, color="0.9")
