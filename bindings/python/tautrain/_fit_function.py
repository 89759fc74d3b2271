# SPDX-License-Identifier: Apache-2.0
"""A function of Python as the model of a fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._errors import InputError

Array = NDArray[np.float64]
Model = Callable[..., Any]


def view(address: int, *shape: int) -> Array:
    """Numbers of the library, in place."""
    import ctypes

    block = ctypes.cast(address, ctypes.POINTER(ctypes.c_double))
    return np.ctypeslib.as_array(block, shape)


def copied(address: int, *shape: int) -> Array:
    """The same, read-only and for ever."""
    out = view(address, *shape).copy()
    out.flags.writeable = False
    return out


class Wrapped:
    """A function of Python as the model of a fit: f and J, by itself, complex step or differences."""

    def __init__(self, function: Model, names: tuple[str, ...]) -> None:
        self._function, self._names = function, names
        self.kind = ""
        self.n_points = 0

    def _call(self, b: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
        got = self._function(**dict(zip(self._names, b.tolist(), strict=True)))
        f, J = got if isinstance(got, tuple) else (got, None)
        return np.atleast_1d(np.asarray(f)), None if J is None else np.asarray(J, dtype=float)

    def at(self, b: Array) -> tuple[Array, Array]:
        """F [n] and J [n, parameter]."""
        raw, J = self._call(b)
        f = np.asarray(raw.real, dtype=float)
        shape = (f.size, len(self._names))
        if J is not None:
            if J.shape != shape:
                raise InputError(f"the function's derivatives have the shape {J.shape}; {shape} is needed")
            self.kind = "function"
            return f, J
        if self.kind in ("", "complex step"):
            stepped = self._by_complex_step(b, f)
            if stepped is not None:
                self.kind = "complex step"
                return f, stepped
        self.kind = "differences"
        return f, self._by_differences(b)

    def values(self, b: Array) -> Array:
        """F [n]."""
        return np.asarray(self._call(b)[0].real, dtype=float)

    def _by_complex_step(self, b: Array, f: Array) -> Array | None:
        """None where the function does not take complex numbers; compared with differences the first time."""
        J = np.empty((f.size, b.size))
        for j in range(b.size):
            z = b.astype(complex)
            h = 1e-30 * max(abs(b[j]), 1e-30)
            z[j] += 1j * h
            try:
                with np.errstate(all="ignore"):
                    got = self._call(z)[0]
            except (TypeError, ValueError, AttributeError):
                return None
            if got.dtype.kind != "c" or got.shape != f.shape:
                return None
            J[:, j] = got.imag / h
        if not self.kind:
            other = self._by_differences(b)
            scale = np.abs(other).max(axis=0, initial=1e-300)
            known = np.isfinite(other).all(axis=0)
            if not (np.abs(J - other)[:, known] <= 1e-3 * scale[known]).all():
                return None  # abs, real, or a comparison inside has cut the imaginary part off
        return J

    def _by_differences(self, b: Array) -> Array:
        """Central, fourth order."""
        columns = []
        for j in range(b.size):
            h = 1e-3 * (abs(b[j]) or 1.0)
            f = []
            for k in (-2, -1, 1, 2):
                at = b.copy()
                at[j] += k * h
                with np.errstate(all="ignore"):
                    f.append(self.values(at))
            columns.append((f[0] - 8.0 * f[1] + 8.0 * f[2] - f[3]) / (12.0 * h))
        return np.stack(columns, axis=1)

    def __call__(self, address_b: int, address_f: int, address_J: int) -> bool:
        """For the library: fill f, and J where there is an address; false outside the domain."""
        n = len(self._names)
        b = copied(address_b, n)
        try:
            with np.errstate(all="ignore"):
                f, J = self.at(b) if address_J else (self.values(b), None)
        except (ArithmeticError, FloatingPointError):
            return False
        if f.shape != (self.n_points,):
            raise InputError(
                f"the function gives the shape {f.shape}; {self.n_points} values are needed, one for each y"
            )
        view(address_f, self.n_points)[:] = f
        if J is not None:
            view(address_J, self.n_points, n)[:] = J
        return True
