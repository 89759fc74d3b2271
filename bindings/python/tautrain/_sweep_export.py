# SPDX-License-Identifier: Apache-2.0
"""Sweeps as xarray and pandas objects; both are imported only here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ._export import lacks

if TYPE_CHECKING:
    import pandas
    import xarray

    from ._sweep import Sweep


_SLOPES = {"long_name": "derivative of observable to parameter, in SI (observable_unit / parameter_unit)"}


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
    if sweep.sensitivities:
        variables["sensitivity"] = ((*dims, "observable", "parameter"), _slopes(sweep), _SLOPES)
        coords |= {
            "observable": list(sweep.observables),
            "parameter": list(sweep.sensitivities),
            "observable_unit": ("observable", [o.unit for o in facts.observables]),
            "parameter_unit": ("parameter", [p.si_unit for p in facts.sensitivities]),
        }
    attributes = {"title": sweep.title, "engine": sweep.engine, "state": sweep.state}
    return xarray.Dataset(variables, coords, attributes)


def _column(sweep: Sweep, path: str) -> Any:
    """A number of all runs."""
    if not sweep.file:
        return sweep[path]
    return _lazy(sweep.shape, lambda key: _outer(sweep[path], key))


def _slopes(sweep: Sweep) -> Any:
    """All sensitivities; of a file those of the observables and parameters that are asked for are read."""
    shape = (*sweep.shape, len(sweep.observables), len(sweep.sensitivities))

    def read(key: Any) -> Any:
        places = [np.atleast_1d(np.arange(shape[axis])[key[axis]]) for axis in (-2, -1)]
        values = sweep._source.slopes(*places).reshape(*sweep.shape, *map(len, places))
        rest = [0 if isinstance(k, int | np.integer) else slice(None) for k in key[-2:]]
        return _outer(values, (*key[:-2], *rest))

    return _lazy(shape, read) if sweep.file else read((slice(None),) * len(shape))


def _outer(values: Any, key: Any) -> Any:
    """Indexed one axis after the other."""
    for axis in reversed(range(len(key))):
        values = values[(slice(None),) * axis + (key[axis],)]
    return values


def _lazy(shape: tuple[int, ...], read: Callable[[Any], Any]) -> Any:
    """Numbers that are read when xarray needs them, and then kept."""
    from xarray.backends import BackendArray
    from xarray.core import indexing

    class Lazy(BackendArray):
        def __init__(self) -> None:
            self.shape = shape
            self.dtype = np.dtype(np.float64)

        def __getitem__(self, key: Any) -> Any:
            support = indexing.IndexingSupport.OUTER
            return indexing.explicit_indexing_adapter(key, self.shape, support, read)

    lazy: Any = indexing.LazilyIndexedArray(Lazy())
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
