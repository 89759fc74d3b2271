# SPDX-License-Identifier: Apache-2.0
"""The picture of distributions; matplotlib is imported only here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ._errors import TautrainError
from ._labelled import Array
from ._plot import _colour, _save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ._rtd import Rtd

_MINUTES = 300.0  # from here on the axis is in min


def plot(rtds: Mapping[str, Rtd], path: str | os.PathLike[str] | None, times: Array | None) -> Figure:
    """E above, with atoms as stems on an axis of their own; F and W below."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise TautrainError(
            f"matplotlib is needed for a plot: pip install 'tautrain[plot]' ({error})"
        ) from error
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[1.4, 1.0])
    places = {name: one.times() if times is None else times for name, one in rtds.items()}
    in_minutes = max((float(t[-1]) for t in places.values()), default=0.0) >= _MINUTES
    scale, unit = (60.0, "min") if in_minutes else (1.0, "s")
    atoms = None
    for i, (name, one) in enumerate(rtds.items()):
        t = places[name]
        colour = _colour(i)
        if np.any(one.E(t) > 0.0):
            top.plot(t / scale, one.E(t) * scale, label=name or one._title(), **colour)
        bottom.plot(t / scale, one.F(t), label="F", **colour)
        bottom.plot(t / scale, one.W(t), label="W", color=colour["color"], linestyle=":")
        if one.atoms:
            atoms = top.twinx() if atoms is None else atoms
            _stems(atoms, one, scale, colour["color"])
    top.set_ylabel(f"E [1/{unit}]")
    top.set_ylim(bottom=0.0)
    bottom.set_ylabel("F, W (dotted)")
    bottom.set_xlabel(f"time [{unit}]")
    for ax in (top, bottom):
        ax.grid(visible=True, color="0.9")
        ax.margins(x=0.0)
    if len(rtds) > 1:
        top.legend(fontsize="small", frameon=False)
    figure.suptitle(next(iter(rtds.values()))._title() if len(rtds) == 1 else "", fontsize="medium")
    if path is not None:
        _save(figure, path)
    return figure


def _stems(ax: Any, one: Rtd, scale: float, colour: str) -> None:
    for atom in one.atoms:
        ax.plot([atom.time / scale] * 2, [0.0, atom.weight], color=colour, linewidth=1.5)
        ax.plot([atom.time / scale], [atom.weight], marker="o", color=colour, markersize=4)
    ax.set_ylim(0.0, 1.05)
    ax.set_ylabel("share of an atom")
