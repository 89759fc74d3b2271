# SPDX-License-Identifier: Apache-2.0
"""Results as xarray and pandas objects; both are imported only here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._errors import TautrainError

if TYPE_CHECKING:
    import pandas
    import xarray

    from ._result import Result, UnitResult


def lacks(module: str, error: ImportError) -> TautrainError:
    """The error that says how to get an optional part."""
    return TautrainError(f"{module} is needed for this: pip install 'tautrain[data]' ({error})")


def unit_dataset(unit: UnitResult) -> xarray.Dataset:
    """Profiles over position, species and reaction."""
    try:
        import xarray
    except ImportError as error:
        raise lacks("xarray", error) from error
    batch = unit.coordinate == "time" and unit.kind == "batch"
    variables: dict[str, Any] = {
        "c": (("position", "species"), unit.c.values, {"units": "mol/m^3", "long_name": "concentration"}),
        "T": ("position", unit.T, {"units": "K", "long_name": "temperature"}),
        "flow": (
            "position",
            unit.flow,
            {"units": "m^3" if batch else "m^3/s", "long_name": "volume" if batch else "volume flow"},
        ),
        "rate": (
            ("position", "reaction"),
            unit.rate.values,
            {"units": "mol/m^3/s", "long_name": "rate of reaction"},
        ),
        "heat_rate": (
            "position",
            unit.heat_rate,
            {"units": "W/m^3", "long_name": "heat released by reaction"},
        ),
    }
    coords = {
        "position": (
            "position",
            unit.position,
            {"units": unit.coordinate_unit, "long_name": unit.coordinate},
        ),
        "species": list(unit.c.names),
        "reaction": list(unit.rate.names),
    }
    return xarray.Dataset(variables, coords, {"unit": unit.name, "kind": unit.kind})


def _observables_dataset(result: Result) -> xarray.Dataset:
    import xarray

    o = result.observables
    coords = {
        "path": list(o),
        "unit": ("path", [o.unit(p) for p in o]),
        "description": ("path", [o.describe(p) for p in o]),
    }
    return xarray.Dataset({"value": ("path", o.values_si)}, coords)


def _parameters_dataset(result: Result) -> xarray.Dataset:
    import xarray

    rows = result.parameters.values()
    coords = {"path": [p.path for p in rows], "unit": ("path", [p.si_unit for p in rows])}
    return xarray.Dataset({"value": ("path", [p.value for p in rows])}, coords)


def result_tree(result: Result) -> xarray.DataTree:
    """The whole result, laid out like a results file."""
    try:
        import xarray
    except ImportError as error:
        raise lacks("xarray", error) from error
    if not hasattr(xarray, "DataTree"):
        raise TautrainError(f"xarray {xarray.__version__} has no DataTree; 2024.10 or later is needed")
    root = {
        "title": result.title,
        "evidence": result.evidence,
        "status": result.status,
        "message": result.message,
        "error_id": result.error_id,
    }
    groups = {f"/units/{name}": unit_dataset(unit) for name, unit in result.units.items()}
    return xarray.DataTree.from_dict(
        {
            "/": xarray.Dataset(attrs=root),
            "/observables": _observables_dataset(result),
            "/parameters": _parameters_dataset(result),
            **groups,
        }
    )


def unit_frame(unit: UnitResult) -> pandas.DataFrame:
    """Profiles as columns."""
    try:
        import pandas
    except ImportError as error:
        raise lacks("pandas", error) from error
    columns: dict[str, Any] = {f"{unit.coordinate} [{unit.coordinate_unit}]": unit.position, "T [K]": unit.T}
    columns["flow [m^3/s]" if unit.kind != "batch" else "volume [m^3]"] = unit.flow
    columns["heat_rate [W/m^3]"] = unit.heat_rate
    columns |= {f"c {name} [mol/m^3]": column for name, column in unit.c.items()}
    columns |= {f"rate {name} [mol/m^3/s]": column for name, column in unit.rate.items()}
    return pandas.DataFrame(columns)


def observables_frame(result: Result) -> pandas.DataFrame:
    """Value, unit and description by path."""
    try:
        import pandas
    except ImportError as error:
        raise lacks("pandas", error) from error
    o = result.observables
    data = {"value": o.values_si, "unit": [o.unit(p) for p in o], "description": [o.describe(p) for p in o]}
    return pandas.DataFrame(data, index=pandas.Index(list(o), name="path"))
