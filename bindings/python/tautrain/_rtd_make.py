# SPDX-License-Identifier: Apache-2.0
"""Distributions made: of others, of a curve, of a text, of a model; and written to a file."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._errors import InputError, tells_overwrite
from ._quantity import Quantity, in_si
from ._rtd import N_TIMES, Rtd, Times, address, numbers_in


def series(*parts: Rtd) -> Rtd:
    """One after the other; the same as ``a + b``.

    Parameters
    ----------
    *parts : Rtd
        At least one.

    Returns
    -------
    Rtd
    """
    if not parts:
        raise InputError("a series needs at least one distribution")
    share = math.prod(part.fraction for part in parts)
    return Rtd(_core.taupy_rtd_series([part._handle for part in parts]), share)


def parallel(parts: Mapping[Rtd, Quantity] | Iterable[tuple[Rtd, Quantity]]) -> Rtd:
    """Side by side.

    Parameters
    ----------
    parts : mapping or pairs
        Share of the flow [-] by distribution: ``{a: 0.3, b: "70 %"}``, ``[(a, 0.5), (a, 0.5)]``; they sum to
        1.

    Returns
    -------
    Rtd
    """
    pairs = list(parts.items() if isinstance(parts, Mapping) else parts)
    if not pairs:
        raise InputError("a parallel needs at least one distribution")
    shares = np.array([in_si(share, "") for _, share in pairs])
    return Rtd(_core.taupy_rtd_parallel([part._handle for part, _ in pairs], address(shares)))


def recycle(forward: Rtd, back: Rtd | None = None, ratio: Quantity = 1.0) -> Rtd:
    """A loop: a part of what leaves goes back to the inlet.

    Parameters
    ----------
    forward : Rtd
        From the inlet to the outlet; its times are at the flow inside the loop.
    back : Rtd, optional
        From the outlet to the inlet; at once where left out.
    ratio : quantity
        Flow back over flow through [-].

    Returns
    -------
    Rtd
    """
    parts = [forward._handle] + ([] if back is None else [back._handle])
    return Rtd(_core.taupy_rtd_recycle(parts, in_si(ratio, "")))


def measured(t: Times, signal: npt.ArrayLike) -> Rtd:
    """A measured curve of a pulse: E is proportional to the polyline through the points, and 0 outside.

    Parameters
    ----------
    t : times
        Ascending [s].
    signal : array
        In any unit, without its base line; scaled to the area 1.

    Returns
    -------
    Rtd
    """
    times, y = numbers_in(t, "s", "t"), np.ascontiguousarray(signal, dtype=float)
    if times.shape != y.shape or times.ndim != 1:
        raise InputError(
            f"t has the shape {times.shape} and signal {y.shape}; one number for each time is needed"
        )
    return Rtd(_core.tau_rtd_measured(times.size, address(times), address(y)))


def parse(text: str) -> Rtd:
    """A distribution as it stands in a model file.

    Parameters
    ----------
    text : str
        YAML: ``{series: [{model: plug, mean: 5 s}, {model: tanks, mean: 2 min, n: 3.2}]}``.

    Returns
    -------
    Rtd

    Raises
    ------
    ModelError
        With the first mistake, its line and column.
    """
    return Rtd(_core.tau_rtd_parse(text))


def row(model: str, values: Mapping[str, float]) -> Rtd:
    """A row of the table by parameters in SI."""
    x = np.array([float(value) for value in values.values()])
    return Rtd(_core.taupy_rtd_new(model, list(values), address(x)))


def from_tree(tree: tuple[Any, ...]) -> Rtd:
    """A distribution from its `Rtd.tree`."""
    kind, body = tree[0], tree[1]
    if kind == "measured":
        return measured(body, tree[2])
    if kind == "series":
        return series(*map(from_tree, body))
    if kind == "recycle":
        return recycle(from_tree(body[0]), from_tree(body[1]) if len(body) > 1 else None, tree[2])
    if kind == "parallel":
        shares = np.array([*tree[2], max(1.0 - math.fsum(tree[2]), 0.0)])
        parts = [from_tree(part) for part in body]
        return Rtd(_core.taupy_rtd_parallel([part._handle for part in parts], address(shares)))
    return row(kind, body)


def rebuilt(tree: tuple[Any, ...], fraction: float) -> Rtd:
    """The same with its share, for pickle."""
    return Rtd(from_tree(tree)._handle, fraction)


def save(
    file: str | os.PathLike[str],
    rtds: Mapping[str, Rtd],
    *,
    t: Times | None = None,
    model: Any | None = None,
    overwrite: bool = False,
    command: str = "",
) -> None:
    """Write distributions as an HDF5 file, group ``/rtd/<name>`` each.

    Parameters
    ----------
    file : path
    rtds : mapping
        Distributions by name.
    t : times, optional
        Of the curves, ascending [s]; `Rtd.times` of each where left out.
    model : Model, optional
        From which they come; its text is stored.
    overwrite : bool
        Whether an existing file may be replaced.
    command : str
        Stored as an attribute.

    Raises
    ------
    ExistsError
        The file exists.
    """
    at = None if t is None else np.atleast_1d(numbers_in(t, "s", "t"))
    with tells_overwrite():
        _core.taupy_rtd_save(
            os.fspath(file),
            list(rtds),
            [one._handle for one in rtds.values()],
            N_TIMES if at is None else at.size,
            0 if at is None else address(at),
            None if model is None else model._handle,
            command,
            overwrite,
        )
