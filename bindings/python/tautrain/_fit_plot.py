# SPDX-License-Identifier: Apache-2.0
"""The picture of a fit; matplotlib is imported only here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ._errors import TautrainError
from ._plot import _save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ._fit import Fit

_POINTS = 301


def plot(fit: Fit, path: str | os.PathLike[str] | None, level: float) -> Figure:
    """Points, curve and band above, residuals below; over the one variable, or the number of the point."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise TautrainError(
            f"matplotlib is needed for a plot: pip install 'tautrain[plot]' ({error})"
        ) from error
    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3.0, 1.0])
    x, label, at, values, half = _curve(fit, level)
    above.fill_between(at, values - half, values + half, color="C0", alpha=0.25, linewidth=0.0)
    above.plot(at, values, color="C0", label=f"fit, {100.0 * level:g} % band")
    above.plot(x, fit._y, "o", color="0.2", markersize=4.0, label="measured")
    above.legend(fontsize="small", frameon=False)
    above.set_ylabel("y")
    below.axhline(0.0, color="C0")
    below.plot(x, fit.residuals, "o", color="0.2", markersize=4.0)
    below.set_ylabel("residual")
    below.set_xlabel(label)
    for ax in (above, below):
        ax.grid(visible=True, color="0.9")
    figure.suptitle(fit._expression or "fit of a function", fontsize="medium")
    if path is not None:
        _save(figure, path)
    return figure


def _curve(
    fit: Fit, level: float
) -> tuple[NDArray[np.float64], str, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Abscissa of the points and its name; then abscissa, values and half-widths of the curve."""
    if len(fit._x) == 1:
        ((name, x),) = fit._x.items()
        at = np.linspace(x.min(), x.max(), _POINTS)
        return x, name, at, *fit.predict({name: at}, level=level)
    number = np.arange(1.0, len(fit._y) + 1.0)
    return number, "point", number, *fit.predict(level=level)
