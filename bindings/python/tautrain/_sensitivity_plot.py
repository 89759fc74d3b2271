# SPDX-License-Identifier: Apache-2.0
"""Tornado plots; matplotlib is imported only here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._errors import InputError, TautrainError
from ._plot import _save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ._sensitivity import Sensitivity

_MOST_PANELS = 6
_DOWN, _UP = "C0", "C1"  # the parameter falls, rises


def tornado(s: Sensitivity, path: str | os.PathLike[str] | None, by: float | str, most: int) -> Figure:
    """One panel an observable; bars from what is most to what is least."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise TautrainError(
            f"matplotlib is needed for a plot: pip install 'tautrain[plot]' ({error})"
        ) from error
    if len(s.observables) > _MOST_PANELS:
        raise InputError(
            f"{len(s.observables)} observables are too many for one picture: choose at most {_MOST_PANELS}"
        )
    changes = s.changes(by)
    bars = [_largest(row, most) for row in changes]
    height = 1.5 + 0.27 * max((len(b) for b in bars), default=1)
    figure = Figure(figsize=(1.6 + 4.6 * len(bars), height), layout="constrained")
    panels = figure.subplots(1, max(len(bars), 1), squeeze=False)[0]
    for i, ax in enumerate(panels[: len(bars)]):
        _panel(ax, s, i, changes[i], bars[i])
    what = "its stated uncertainty" if by == "uncertainty" else f"{100.0 * float(by):g} %"
    figure.suptitle(f"each parameter moved alone by {what}, to first order", fontsize="medium")
    figure.supxlabel(f"evidence: {s.result.evidence}", fontsize="small", color="0.35", x=0.01, ha="left")
    if path is not None:
        _save(figure, path)
    return figure


def _largest(row: NDArray[np.float64], most: int) -> list[int]:
    """Places of the largest changes; what does not move the observable has no bar."""
    size = np.nan_to_num(np.abs(row))
    order = np.lexsort((np.arange(size.size), -size))
    return [int(j) for j in order[:most] if size[j] > 1e-12 * size[order[0]]]


def _panel(ax: Any, s: Sensitivity, i: int, change: NDArray[np.float64], bars: list[int]) -> None:
    value = s.result.value(s.observables[i])
    scale, unit = (100.0 / abs(value), "%") if value != 0.0 else (1.0, s._o[i].unit or "-")
    place = np.arange(len(bars))
    up = np.array([change[j] for j in bars]) * scale
    ax.barh(place, -up, color=_DOWN, height=0.7, label="lower")
    ax.barh(place, up, color=_UP, height=0.7, label="higher")
    ax.set_yticks(place, [s.parameters[j] for j in bars], fontsize="small")
    ax.invert_yaxis()
    ax.axvline(0.0, color="0.3", linewidth=0.8)
    ax.grid(visible=True, axis="x", color="0.9")
    ax.set_axisbelow(True)
    ax.set_xlabel(f"change of {s.observables[i]} [{unit}]", fontsize="small")
    ax.set_title(f"{s.observables[i]} = {value:.5g} {s._o[i].unit}".rstrip(), fontsize="medium")
    if not bars:
        ax.text(0.5, 0.5, "nothing moves it", transform=ax.transAxes, ha="center", va="center", color="0.5")
    if bars:
        ax.legend(fontsize="small", frameon=False, title="parameter", title_fontsize="small")
