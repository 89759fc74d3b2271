# SPDX-License-Identifier: Apache-2.0
"""How results look: tables in the units of the bench, as text and as HTML."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

from ._quantity import bench_unit, number, shown
from ._table import Column, html_table, table

if TYPE_CHECKING:
    from ._result import Result, UnitResult

Rows = list[list[str]]
_VALUE = [Column(""), Column("", right=True), Column("")]
_LABELS = {
    "space_time_yield": "space-time yield",
    "e_factor": "E-factor",
    "e_factor_with_solvent": "E-factor with solvent",
    "pmi": "PMI",
    "residence_time": "residence time",
}


def highlights(result: Result) -> list[str]:
    """Paths of the numbers that a chemist looks at first."""
    key = result.key
    paths = [f"conversion/{key[0]}", f"yield/{key[1]}", f"selectivity/{key[1]}"] if key else []
    if not key:
        paths += [path for path in result.observables if path.startswith("conversion/")]
    paths += ["residence_time"]
    if key:
        paths += [f"productivity/{key[1]}", "space_time_yield", "e_factor", "pmi"]
    return [path for path in paths if path in result.observables]


def label(path: str) -> str:
    """A path in words: ``conversion of DFNB``."""
    head, _, name = path.partition("/")
    return f"{head} of {name}" if name else _LABELS.get(path, path)


def value_rows(result: Result, paths: list[str]) -> Rows:
    """Label, value, unit."""
    return [[label(p), *shown(result.observables[p], p, result.observables.unit(p))] for p in paths]


def _outlet(result: Result) -> tuple[list[Column], Rows]:
    columns = [Column("outlet"), Column("c [mol/L]", True), Column("F [mmol/min]", True)]
    o = result.observables
    closed = bool(result.species) and o.unit(f"outlet/F/{result.species[0]}") == "mol"
    if closed:
        columns[2] = Column("n [mol]", True)
    rows = []
    for s in result.species:
        F = number(o[f"outlet/F/{s}"]) if closed else shown(o[f"outlet/F/{s}"], "", "mol/s")[0]
        rows.append([s, shown(o[f"outlet/c/{s}"], "", "mol/m^3")[0], F])
    return columns, rows


_OF_A_UNIT = ["volume", "residence_time", "T_max", "duty"]


def _units(result: Result) -> tuple[list[Column], Rows]:
    columns = [Column("unit"), Column("kind")]
    units = {
        q: next(
            (
                result.observables.unit(p)
                for u in result.units
                if (p := f"units/{u}/{q}") in result.observables
            ),
            "",
        )
        for q in _OF_A_UNIT
    }
    units = {q: si for q, si in units.items() if si}  # a batch has no volume: no column without a unit
    columns += [Column(f"{_LABELS.get(q, q)} [{bench_unit(q, si)}]", True) for q, si in units.items()]
    rows = []
    for name, unit in result.units.items():
        cells = [
            shown(result.observables.get(f"units/{name}/{q}", math.nan), q, si)[0] for q, si in units.items()
        ]
        rows.append([name, unit.kind, *cells])
    return columns, rows


def closure_line(result: Result) -> str:
    """How well the balances close."""
    closure, energy = (result.observables.get(f"balance/{what}", math.nan) for what in ("closure", "energy"))
    parts = [
        f"balances closed to {closure:.1e}"
        if not math.isnan(closure)
        else "balances not closed: the run did not end"
    ]
    if not math.isnan(energy):
        parts.append(f"energy to {energy:.1e}")
    return ", ".join(parts)


def _head(result: Result) -> list[str]:
    lines = [f"{result.title or 'result'}    evidence: {result.evidence}"]
    if result.status != "complete":
        lines.append(f"{result.status.upper()}: {result.message}")
    return lines


def _foot(result: Result) -> list[str]:
    solved = f"{closure_line(result)}; solved in {1e3 * result.wall_time:.3g} ms"
    return [solved, *(f"warning: {w}" for w in result.warnings)]


def result_text(result: Result) -> str:
    """A result as a table."""
    parts = [
        "\n".join(_head(result)),
        table(_VALUE, value_rows(result, highlights(result)), "  "),
        table(*_outlet(result), "  "),
        table(*_units(result), "  "),
        "\n".join(_foot(result)),
    ]
    return "\n\n".join(part for part in parts if part)


def result_html(result: Result) -> str:
    """The same for a notebook."""
    head, foot = ("<br>".join(map(html.escape, lines)) for lines in (_head(result), _foot(result)))
    tables = [
        html_table(_VALUE, value_rows(result, highlights(result))),
        html_table(*_outlet(result)),
        html_table(*_units(result)),
    ]
    return f"<div><b>{head}</b>{''.join(tables)}<small>{foot}</small></div>"


def observables_text(result: Result) -> str:
    """All observables with unit and meaning."""
    o = result.observables
    rows = [[path, *shown(x, path, o.unit(path)), o.describe(path)] for path, x in o.items()]
    return table([Column("observable"), Column("value", True), Column("unit"), Column("what it is")], rows)


def unit_text(unit: UnitResult) -> str:
    """One unit: what came in and out, what the solver did."""
    columns = [
        Column(f"{unit.name} ({unit.kind})"),
        Column("inlet", True),
        Column("outlet", True),
        Column(""),
    ]
    outlet, inlet = unit.outlet, unit.inlet
    rows = [
        [f"c {s}", shown(inlet.c[s], "", "mol/m^3")[0], shown(outlet.c[s], "", "mol/m^3")[0], "mol/L"]
        for s in inlet.c
    ]
    rows.append(["T", shown(inlet.T, "T", "K")[0], shown(outlet.T, "T", "K")[0], "degC"])
    if unit._result.observables.unit(f"units/{unit.name}/inlet/flow") == "m^3/s":
        rows.append(["flow", shown(inlet.flow, "", "m^3/s")[0], shown(outlet.flow, "", "m^3/s")[0], "mL/min"])
    s = unit.statistics
    points = f"{len(unit.position)} points along its {unit.coordinate}; " if unit.has_profile else ""
    solver = (
        f"{s.method}: {s.n_steps} steps, {1e3 * s.wall_time:.3g} ms" if s.method else "no equations to solve"
    )
    return f"{table(columns, rows)}\n{points}{solver}"
