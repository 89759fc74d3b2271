# SPDX-License-Identifier: Apache-2.0
"""Pictures of a sweep; matplotlib is imported only here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ._design import Array
from ._errors import InputError, PathError, TautrainError
from ._plot import _save
from ._quantity import Quantity, bench_unit, in_si
from ._sweep import from_si, reading_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ._feasible import Bools
    from ._sweep import Sweep

_SHADE: dict[str, Any] = {"colors": "white", "alpha": 0.65}


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise TautrainError(
            f"matplotlib is needed for a plot: pip install 'tautrain[plot]' ({error})"
        ) from error
    return Figure(figsize=(6.4, 4.8), layout="constrained").subplots()


def _figure(ax: Axes) -> Figure:
    return cast("Figure", ax.get_figure())


def _done(ax: Axes, path: str | os.PathLike[str] | None) -> Figure:
    figure = _figure(ax)
    if path is not None:
        _save(figure, path)
    return figure


def _label(path: str, unit: str) -> str:
    return f"{path} [{unit.replace('degC', '°C')}]" if unit else path


class _Slice:
    """The part of a sweep that is drawn: one or two varied parameters, the others held."""

    def __init__(self, sweep: Sweep, x: str | None, y: str | None, at: Mapping[str, Quantity]) -> None:
        self.sweep = sweep
        moving = [p for p in sweep.paths if p not in at]
        for path in (*at, *(p for p in (x, y) if p)):
            if path not in sweep.paths:
                sweep.unit(path)
                raise PathError(f"'{path}' was kept, not varied; {', '.join(sweep.paths)} were")
        if sweep.is_grid:
            moving = [p for p in moving if sweep.shape[sweep.paths.index(p)] > 1] or moving[:1]
        axes = [p for p in (x, y) if p is not None] or moving
        rest = [p for p in moving if p not in axes]
        if len(axes) == 1 and x is None and y is not None:
            raise InputError("y alone is no axis; x is needed too")
        if not axes or len(axes) > 2 or (rest and sweep.is_grid):
            what = rest or moving
            raise InputError(
                f"more than two parameters vary; say the axes by x and y, and where {', '.join(what)} are"
                " held by at={path: value}"
            )
        if at and not sweep.is_grid:
            raise InputError("at needs a grid: the points of this sweep have no two values in common")
        self.axes, self.at = axes, at
        self.index = tuple(self._index(p) for p in sweep.paths) if sweep.is_grid else ()

    def _index(self, path: str) -> Any:
        if path in self.axes:
            return slice(None)
        if path not in self.at:
            return 0
        values = self.sweep.axis(path)
        return int(np.argmin(np.abs(values - in_si(self.at[path], self.sweep.unit(path)))))

    def __call__(self, values: Any) -> Any:
        """The same part of an array: over y and x, or over x."""
        if not self.sweep.is_grid:
            return values
        part = values[self.index]
        order = [p for p in self.sweep.paths if p in self.axes]
        return part.T if len(self.axes) == 2 and order == self.axes else part

    def axis(self, i: int) -> tuple[Array, str]:
        """Values of an axis, and what stands beside it."""
        path = self.axes[i]
        unit = reading_unit(path, self.sweep.unit(path))
        values = self.sweep.axis(path) if self.sweep.is_grid else self.sweep[path]
        return from_si(values, self.sweep.unit(path), unit or "1"), _label(path, unit)

    @property
    def held(self) -> str:
        """What is held, and where."""
        parts = []
        for path in self.at:
            unit = reading_unit(path, self.sweep.unit(path))
            value = from_si(self.sweep.axis(path), self.sweep.unit(path), unit or "1")[self._index(path)]
            parts.append(f"{path} = {value:.4g} {unit.replace('degC', '°C')}".rstrip())
        return ", ".join(parts)


def plot(
    sweep: Sweep,
    observable: str,
    feasible: str | None,
    *,
    x: str | None,
    y: str | None,
    at: Mapping[str, Quantity] | None,
    unit: str | None,
    ax: Axes | None,
    path: str | os.PathLike[str] | None,
) -> Figure:
    """A line or a map."""
    part = _Slice(sweep, x, y, at or {})
    unit = reading_unit(observable, sweep.unit(observable)) if unit is None else unit
    z = part(from_si(sweep[observable], sweep.unit(observable), unit or "1"))
    holds = None if feasible is None else part(sweep.feasible(feasible))
    ax = _axes(ax)
    if len(part.axes) == 1:
        _line(ax, part, z, holds)
        ax.set_ylabel(_label(observable, unit))
    else:
        margin = part(sweep._margin(feasible)) if feasible and sweep.is_grid else None
        if sweep.is_grid:
            _map(ax, part, z, margin, _label(observable, unit))
        else:
            _scattered(ax, part, z, holds, _label(observable, unit))
        ax.set_ylabel(part.axis(1)[1])
    ax.set_xlabel(part.axis(0)[1])
    title = [sweep.title, part.held, f"not shaded: {feasible}" if feasible else ""]
    ax.set_title("\n".join(line for line in title if line), fontsize="small")
    return _done(ax, path)


def _line(ax: Axes, part: _Slice, z: Array, holds: Bools | None) -> None:
    values = part.axis(0)[0]
    order = np.argsort(values)
    values, z = values[order], z[order]
    ax.plot(values, z, marker="." if len(values) <= 100 else "")
    ax.grid(visible=True, color="0.9")
    ax.margins(x=0.0)
    if holds is not None:
        ax.fill_between(
            values,
            0.0,
            1.0,
            where=~holds[order],
            color="0.85",
            step="mid",
            linewidth=0,
            transform=ax.get_xaxis_transform(),
        )


def _map(ax: Axes, part: _Slice, z: Array, margin: Array | None, label: str) -> None:
    (x, _), (y, _) = part.axis(0), part.axis(1)
    order_x, order_y = np.argsort(x), np.argsort(y)
    x, y, z = x[order_x], y[order_y], z[np.ix_(order_y, order_x)]
    mesh = ax.pcolormesh(x, y, z, shading="nearest", cmap="viridis", rasterized=True)
    _figure(ax).colorbar(mesh, ax=ax, label=label)
    if min(z.shape) < 2:
        return
    ax.set_xlim(x[0], x[-1])  # cells at the edge are half outside, and contours end at the points
    ax.set_ylim(y[0], y[-1])
    if margin is not None:
        margin = margin[np.ix_(order_y, order_x)]
        if margin.min() < 0.0:
            ax.contourf(x, y, margin, levels=[-2.0, 0.0], **_SHADE)
        if margin.min() < 0.0 < margin.max():
            ax.contour(x, y, margin, levels=[0.0], colors="k", linewidths=1.5)
    if np.nanmax(z, initial=-np.inf) > np.nanmin(z, initial=np.inf):
        lines = ax.contour(x, y, z, levels=6, colors="0.25", linewidths=0.6)
        ax.clabel(lines, fontsize="x-small")


def _scattered(ax: Axes, part: _Slice, z: Array, holds: Bools | None, label: str) -> None:
    (x, _), (y, _) = part.axis(0), part.axis(1)
    good = np.isfinite(z)
    inside = good if holds is None else good & holds
    small = 12 if len(z) <= 5000 else 2
    ax.scatter(x[good & ~inside], y[good & ~inside], c="0.85", s=small, linewidths=0, rasterized=True)
    points = ax.scatter(
        x[inside], y[inside], c=z[inside], s=small, cmap="viridis", linewidths=0, rasterized=True
    )
    _figure(ax).colorbar(points, ax=ax, label=label)


def plot_profiles(
    sweep: Sweep,
    unit: str,
    what: str,
    *,
    colour: str | None,
    most: int,
    ax: Axes | None,
    path: str | os.PathLike[str] | None,
) -> Figure:
    """One line a run."""
    p = sweep.profile(unit)
    if what != "T" and what not in p.species:
        raise PathError(f"'{what}' is no species and not T; {', '.join(p.species)}")
    z = p.T - 273.15 if what == "T" else p.c[:, :, p.species.index(what)] * 1e-3
    shade_path = sweep.paths[0] if colour is None else colour
    shade_unit = reading_unit(shade_path, sweep.unit(shade_path))
    shade = from_si(sweep[shade_path].ravel(), sweep.unit(shade_path), shade_unit or "1")
    along = bench_unit("", p.coordinate_unit)
    position = from_si(p.position, p.coordinate_unit, along)
    drawn = np.flatnonzero(sweep.status == 0)
    drawn = (
        drawn[np.unique(np.linspace(0, len(drawn) - 1, most).round().astype(int))]
        if len(drawn) > most
        else drawn
    )
    ax = _axes(ax)
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    ends = (float(shade[drawn].min()), float(shade[drawn].max())) if len(drawn) else (0.0, 1.0)
    scale = Normalize(*ends)
    for run in drawn:
        ax.plot(position[run], z[run], color=colormaps["viridis"](scale(shade[run])), linewidth=0.9)
    mappable = ScalarMappable(scale, "viridis")
    _figure(ax).colorbar(mappable, ax=ax, label=_label(shade_path, shade_unit))
    ax.grid(visible=True, color="0.9")
    ax.margins(x=0.0)
    ax.set_xlabel(f"{p.coordinate} in {unit} [{along}]")
    ax.set_ylabel("T [°C]" if what == "T" else f"{what} [mol/L]")
    ax.set_title(sweep.title, fontsize="small")
    return _done(ax, path)
