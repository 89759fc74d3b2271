# SPDX-License-Identifier: Apache-2.0
"""Pictures of tracer curves; matplotlib is imported only here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._errors import TautrainError
from ._plot import _save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ._tracer import Tracer
    from ._tracer_fit import Ranking, TracerFit


def _figure(size: tuple[float, float]) -> Figure:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise TautrainError(
            f"matplotlib is needed for a plot: pip install 'tautrain[plot]' ({error})"
        ) from error
    return Figure(figsize=size, layout="constrained")


def time_scale(tracer: Tracer) -> tuple[float, str]:
    """Factor from seconds to what the axis shows."""
    unit = "min" if abs(tracer.mean.value) >= 120.0 else "s"
    return _core.tau_convert(1.0, "s", unit), unit


def _signals(ax: Any, tracer: Tracer, factor: float, unit: str) -> None:
    if tracer.inlet_time is not None and tracer.inlet_signal is not None:
        ax.plot(tracer.inlet_time * factor, tracer.inlet_signal, ".-", color="C1", label="inlet")
    ax.plot(tracer.time * factor, tracer.signal, ".-", color="C0", label="outlet")
    if tracer.baseline != "none" and not tracer.kind.startswith("step"):
        t = tracer.t + tracer.start
        ax.plot(
            t * factor, np.interp(t, tracer.time, tracer.signal) - tracer.c, color="0.5", label="base line"
        )
    ax.set_xlabel(f"time [{unit}]")
    ax.set_ylabel(f"signal [{tracer.unit or 'sig'}]")
    ax.legend(fontsize="small", frameon=False)


def _density(ax: Any, tracer: Tracer, factor: float, unit: str) -> None:
    t = tracer.t * factor
    ax.plot(t, tracer.E / factor, ".-", color="C0")
    mean, spread = tracer.outlet.mean.value * factor, np.sqrt(tracer.outlet.variance.value) * factor
    ax.axvline(mean, color="0.3", linewidth=0.8)
    ax.axvspan(mean - spread, mean + spread, color="0.93", zorder=0)
    ax.set_xlabel(f"time from the start [{unit}]")
    ax.set_ylabel(f"E [1/{unit}]", color="C0")
    other = ax.twinx()
    other.plot(t, tracer.F, color="C2")
    other.set_ylim(0.0, 1.05)
    other.set_ylabel("F [-]", color="C2")


def plot(tracer: Tracer, path: str | os.PathLike[str] | None) -> Figure:
    """Left what was measured, right E and F with mean and standard deviation."""
    figure = _figure((9.6, 3.6))
    factor, unit = time_scale(tracer)
    left, right = figure.subplots(1, 2)
    _signals(left, tracer, factor, unit)
    _density(right, tracer, factor, unit)
    mean, N = tracer.mean, tracer.tanks
    figure.suptitle(
        f"{tracer.kind}: mean {mean.value * factor:.4g} +- {mean.error * factor:.2g} {unit}, N {N.value:.3g}",
        fontsize="medium",
    )
    if path is not None:
        _save(figure, path)
    return figure


def plot_fit(fit: TracerFit, path: str | os.PathLike[str] | None) -> Figure:
    """Points and fit with its band above, residuals below."""
    figure = _figure((7.2, 5.0))
    factor, unit = time_scale(fit.tracer)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    t = np.linspace(fit.t[0], fit.t[-1], 400)
    values, half = fit.curve(t)
    above.fill_between(
        t * factor, values - half, values + half, color="C1", alpha=0.25, linewidth=0.0, label="95 %"
    )
    above.plot(t * factor, values, color="C1", label=fit.model)
    above.plot(fit.t * factor, fit.signal, ".", color="C0", label="measured")
    above.set_ylabel(f"signal [{fit.tracer.unit or 'sig'}]")
    above.legend(fontsize="small", frameon=False)
    below.axhline(0.0, color="0.3", linewidth=0.8)
    below.plot(fit.t * factor, fit.residuals, ".", color="C0")
    below.set_ylabel("residual")
    below.set_xlabel(f"time from the start [{unit}]")
    shown = [p for p in fit.parameters.values() if p.path not in ("area", "offset")]
    texts = [f"{p.path} {p.value:.4g} +- {p.half_width:.2g} {p.unit}".rstrip() for p in shown]
    figure.suptitle(", ".join(texts), fontsize="medium")
    if path is not None:
        _save(figure, path)
    return figure


def plot_ranking(ranking: Ranking, path: str | os.PathLike[str] | None) -> Figure:
    """The points once, every model as a line; weights in the legend."""
    figure = _figure((7.2, 4.2))
    ax = figure.subplots()
    for i, (fit, weight) in enumerate(zip(ranking, ranking.weights, strict=True)):
        factor, unit = time_scale(fit.tracer)
        t = np.linspace(fit.t[0], fit.t[-1], 400)
        ax.plot(
            t * factor,
            fit.curve(t)[0],
            color=f"C{(i + 1) % 10}",
            label=f"{fit.model}: {100.0 * weight:.0f} %",
        )
        if i == 0:
            ax.plot(fit.t * factor, fit.signal, ".", color="C0", zorder=3)
            ax.set_xlabel(f"time from the start [{unit}]")
            ax.set_ylabel(f"signal [{fit.tracer.unit or 'sig'}]")
    ax.legend(fontsize="small", frameon=False, title="Akaike weight", title_fontsize="small")
    if path is not None:
        _save(figure, path)
    return figure
