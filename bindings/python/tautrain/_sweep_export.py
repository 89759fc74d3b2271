# SPDX-License-Identifier: Apache-2.0
"""Sweeps as xarray and pandas objects; both are imported only here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._export import lacks

if TYPE_CHECKING:
    import pandas
    import xarray

    from ._sweep import Sweep


def _attributes(unit: str, doc: str) -> dict[str, str]:
    return {"units": unit or "1", "long_name": doc}


def dataset(sweep: Sweep) -> xarray.Dataset:
    """Over the axes of a grid, else over run."""
    try:
        import xarray
    except ImportError as error:
        raise lacks("xarray", error) from error
    facts = sweep._facts
    dims = sweep.paths if sweep.is_grid else ("run",)
    coords: dict[str, Any] = {}
    for p in facts.parameters:
        values = sweep.axis(p.path) if sweep.is_grid else sweep[p.path]
        coords[p.path] = ((p.path,) if sweep.is_grid else dims, values, _attributes(p.si_unit, p.doc))
    if not sweep.is_grid:
        coords["run"] = facts.first_run + np.arange(sweep.n_runs)
    variables: dict[str, Any] = {
        o.path: (dims, _column(sweep, o.path), _attributes(o.unit, o.doc)) for o in facts.observables
    }
    variables["status"] = (dims, sweep.status.reshape(sweep.shape), {"long_name": "0: it worked"})
    for name in sweep.profiles:
        variables |= _profiles(sweep, name, dims)
    if sweep.profiles:
        coords["species"] = list(facts.species)
    attributes = {"title": sweep.title, "engine": sweep.engine, "state": sweep.state}
    return xarray.Dataset(variables, coords, attributes)


def _column(sweep: Sweep, path: str) -> Any:
    """A number of all runs; of a sweep in a file it is read when xarray needs it, and then kept."""
    if not sweep.file:
        return sweep[path]
    from xarray.backends import BackendArray
    from xarray.core import indexing

    class Column(BackendArray):
        shape = sweep.shape
        dtype = np.dtype(np.float64)

        def __getitem__(self, key: Any) -> Any:
            support = indexing.IndexingSupport.OUTER
            return indexing.explicit_indexing_adapter(key, self.shape, support, self._read)

        def _read(self, key: Any) -> Any:
            values: Any = sweep[path]
            for axis in reversed(range(len(key))):  # one axis after the other: outer indexing
                values = values[(slice(None),) * axis + (key[axis],)]
            return values

    lazy: Any = indexing.LazilyIndexedArray(Column())
    kept: Any = indexing.MemoryCachedArray  # which has no types
    return kept(lazy)


def _profiles(sweep: Sweep, name: str, dims: tuple[str, ...]) -> dict[str, Any]:
    p = sweep.profile(name)
    points = f"units/{name}/point"

    def shaped(values: Any) -> Any:
        return values.reshape(*sweep.shape, *values.shape[1:])

    along = (*dims, points)
    return {
        f"units/{name}/position": (along, shaped(p.position), _attributes(p.coordinate_unit, p.coordinate)),
        f"units/{name}/c": ((*along, "species"), shaped(p.c), _attributes("mol/m^3", "concentration")),
        f"units/{name}/T": (along, shaped(p.T), _attributes("K", "temperature")),
    }


def frame(sweep: Sweep) -> pandas.DataFrame:
    """A row for each run."""
    try:
        import pandas
    except ImportError as error:
        raise lacks("pandas", error) from error
    facts = sweep._facts
    heads = [(p.path, p.si_unit) for p in facts.parameters] + [(o.path, o.unit) for o in facts.observables]
    columns: dict[str, Any] = {f"{path} [{unit or '1'}]": sweep[path].ravel() for path, unit in heads}
    columns["status"] = sweep.status
    return pandas.DataFrame(
        columns, index=pandas.RangeIndex(facts.first_run, facts.first_run + sweep.n_runs, name="run")
    )
