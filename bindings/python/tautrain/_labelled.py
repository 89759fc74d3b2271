# SPDX-License-Identifier: Apache-2.0
"""Arrays whose last axis has names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ._errors import PathError
from ._export import lacks

if TYPE_CHECKING:
    import pandas
    import xarray

Array = npt.NDArray[np.float64]


class _Memory:
    """The library's memory as NumPy sees it: read-only, and alive as long as its owner."""

    def __init__(self, address: int, shape: tuple[int, ...], owner: object) -> None:
        self._owner = owner
        self.__array_interface__ = {
            "version": 3,
            "typestr": "<f8" if np.little_endian else ">f8",
            "shape": shape,
            "data": (address, True),
        }


def view(address: int, shape: tuple[int, ...], owner: object) -> Array:
    """A read-only array over the library's memory, without a copy; it keeps the owner alive."""
    if 0 in shape:
        array = np.empty(shape)
        array.flags.writeable = False
        return array
    return np.asarray(_Memory(address, shape, owner))


class Labelled:
    """An array with a name for each column: ``c["ortho"]``, and ``np.asarray(c)`` for all of it.

    Attributes
    ----------
    values : ndarray
        (n_points, n_names) or (n_names,), read-only.
    names : tuple of str
        Of the last axis.
    unit : str
        SI.
    """

    def __init__(
        self,
        values: Array,
        names: tuple[str, ...],
        unit: str,
        what: str,
        axis: str,
        position: tuple[str, str, Array] | None = None,
    ) -> None:
        self.values = values
        self.names = names
        self.unit = unit
        self._what = what
        self._axis = axis
        self._position = position
        self._index = {name: i for i, name in enumerate(names)}

    def __getitem__(self, name: str) -> Any:
        if name not in self._index:
            from ._train import nearest

            raise PathError(f"'{name}' is no {self._axis}{nearest(name, self._index)}")
        column = self.values[..., self._index[name]]
        return column if column.ndim else float(column)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        array = self.values if dtype is None else self.values.astype(dtype)
        return array.copy() if copy else array

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def keys(self) -> tuple[str, ...]:
        """The names."""
        return self.names

    def items(self) -> Iterator[tuple[str, Any]]:
        """Names and columns."""
        return ((name, self[name]) for name in self.names)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the values."""
        return self.values.shape

    def to_xarray(self) -> xarray.DataArray:
        """The same with coordinates; units are in the attributes."""
        try:
            import xarray
        except ImportError as error:
            raise lacks("xarray", error) from error

        coords: dict[str, Any] = {self._axis: list(self.names)}
        dims = [self._axis]
        if self._position:
            coordinate, unit, position = self._position
            dims.insert(0, "position")
            coords["position"] = ("position", position, {"units": unit, "long_name": coordinate})
        attributes = {"units": self.unit, "long_name": self._what}
        return xarray.DataArray(
            self.values, coords, dims, attrs=attributes, name=self._what.replace(" ", "_")
        )

    def to_pandas(self) -> pandas.DataFrame | pandas.Series:
        """The same as a table over position, or as a series of one number a name; in SI."""
        try:
            import pandas
        except ImportError as error:
            raise lacks("pandas", error) from error

        if self.values.ndim == 1:
            return pandas.Series(
                self.values, index=pandas.Index(self.names, name=self._axis), name=self._what
            )
        frame = pandas.DataFrame(self.values, columns=pandas.Index(self.names, name=self._axis))
        if self._position:
            frame.index = pandas.Index(self._position[2], name=f"{self._position[0]} [{self._position[1]}]")
        return frame

    def __repr__(self) -> str:
        from ._quantity import number

        if self.values.ndim == 1:
            return f"{self._what} [{self.unit}]: " + ", ".join(f"{n} {number(x)}" for n, x in self.items())
        ends = [
            f"{name} {number(column[0])} .. {number(column[-1])}" if len(column) else name
            for name, column in self.items()
        ]
        return f"{self._what} [{self.unit}], {self.values.shape[0]} points: " + ", ".join(ends)
