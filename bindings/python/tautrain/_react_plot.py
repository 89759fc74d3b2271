# SPDX-License-Identifier: Apache-2.0
"""Pictures of reaction in a distribution; matplotlib is imported only here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ._errors import InputError, TautrainError
from ._plot import _save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ._react import Reacted

_MOST = 9
_COLOURS = {"plug": "0.45", "segregated": "C0", "exchange": "C2", "maximum": "C1"}
_LABELS = {"plug": "plug", "segregated": "segreg.", "exchange": "exch.", "maximum": "max. mixed"}


def ways(reacted: Reacted, path: str | os.PathLike[str] | None, level: float) -> Figure:
    """A panel an observable: plug flow, then from segregation to maximum mixedness."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise TautrainError(
            f"matplotlib is needed for a plot: pip install 'tautrain[plot]' ({error})"
        ) from error
    shown = [o for o in reacted.observables if reacted.value(o) == reacted.value(o)]
    if not 0 < len(shown) <= _MOST:
        raise InputError(f"{len(shown)} observables for one picture: choose 1 to {_MOST} (observables=)")
    n_columns = min(len(shown), 3)
    n_rows = -(-len(shown) // n_columns)
    figure = Figure(figsize=(3.4 * n_columns, 2.7 * n_rows + 0.4), layout="constrained")
    panels = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    for ax, observable in zip(panels, shown, strict=False):
        _panel(ax, reacted, observable, level)
    for ax in panels[len(shown) :]:
        ax.set_visible(False)
    figure.suptitle(f"unit {reacted.unit}, mean {reacted.rtd.mean:.4g} s", fontsize="medium")
    if path is not None:
        _save(figure, path)
    return figure


def _panel(ax: Any, reacted: Reacted, observable: str, level: float) -> None:
    unit = reacted._unit(observable)
    scale = 100.0 if unit == "%" else 1.0
    order = [m for m in ("plug", "segregated", "exchange", "maximum") if m in reacted.mixings]
    low, high = reacted.bounds(observable, level)
    ax.axhspan(scale * low, scale * high, color="C0", alpha=0.10, lw=0.0)
    for i, m in enumerate(order):
        half = reacted.half_width(observable, m, level)
        error = scale * half if half == half else None
        ax.errorbar(
            i, scale * reacted.value(observable, m), yerr=error, fmt="o", color=_COLOURS[m], capsize=4
        )
    ax.set_xticks(range(len(order)), [_LABELS[m] for m in order], fontsize="small")
    ax.set_xlim(-0.5, len(order) - 0.5)
    ax.set_title(observable, fontsize="medium")
    ax.set_ylabel(unit or "-")
    ax.ticklabel_format(axis="y", useOffset=False)
