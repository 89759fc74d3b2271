# SPDX-License-Identifier: Apache-2.0
"""The command ``tautrain rtd``."""

from __future__ import annotations

import math
import shlex
import sys
from typing import Annotated, Any

import numpy as np
import typer

from . import cli
from ._labelled import Array
from ._model import Model
from ._quantity import in_si, linspace, number
from ._react import Reacted
from ._react import as_json as _react_json
from ._rtd import Rtd, RtdMoments, outline
from ._rtd_make import parse, save
from ._rtd_plot import plot as draw
from ._sweep_file import _text
from ._table import Column, table
from ._tracer_file import read_tracer

QUANTILES = (0.01, 0.05, 0.1, 0.5, 0.9, 0.95, 0.99)
PURITIES = (0.9, 0.99, 0.999, 0.9999)
_UNITS = ("s", "s^2", "s^3", "")


def as_json(rtd: Rtd, t: Array | None) -> dict[str, Any]:
    """A distribution as the JSON of the command line."""
    moments = {
        name: {"value": cli.finite(x), "unit": unit}
        for name, x, unit in zip(RtdMoments._fields, rtd.moments, _UNITS, strict=True)
    }
    out: dict[str, Any] = {
        "made_of": outline(rtd.tree),
        "fraction": rtd.fraction,
        **moments,
        "sigma": {"value": cli.finite(math.sqrt(rtd.variance)), "unit": "s"},
        "quantiles": {f"{q:g}": rtd.quantile(q) for q in QUANTILES},
        "washout_times": {f"{p:g}": rtd.washout_time(p) for p in PURITIES},
        "atoms": [{"time": a.time, "weight": a.weight} for a in rtd.atoms],
        "parameters": {p.path: {"value": p.value, "unit": p.si_unit} for p in rtd.parameters.values()},
        "warning": rtd.warning,
    }
    if t is not None:
        curves = {"time": t, "E": rtd.E(t), "F": rtd.F(t), "W": rtd.W(t)}
        out["curves"] = {name: [cli.finite(float(x)) for x in values] for name, values in curves.items()}
    return out


def _time(given: str) -> float:
    try:
        return float(given)
    except ValueError:
        return in_si(given, "s")


def _times(given: str | None) -> Array | None:
    """``"0 s : 10 min : 201"`` (first, last, how many) or ``"10 s, 20 s, 1 min"``."""
    if given is None:
        return None
    parts = [part.strip() for part in given.split(":")]
    if len(parts) == 3 and parts[2].isdigit() and int(parts[2]) > 1:
        return linspace(_time(parts[0]), _time(parts[1]), int(parts[2]))
    if len(parts) != 1:
        cli.fail(cli.WRONG_INPUT, f'--times {given}: "first : last : number" or times with commas are needed')
    return np.array([_time(x.strip()) for x in given.split(",")])


def _chosen(
    source: str, names: list[str], feed: str | None, outlet: str | None, set_: list[str]
) -> tuple[Model | None, dict[str, Rtd]]:
    if source.lstrip().startswith("{"):
        if names or feed or outlet or set_:
            cli.fail(cli.WRONG_INPUT, "--name, --feed, --outlet and --set need a model file")
        return None, {"rtd": parse(source)}
    model = Model.read(source, loops=True)
    for path, value in cli._assignments(set_).items():
        model.set(path, value)
    if not names and model.rtds and not model.keys("units"):
        names = ["*"]
    if not names:
        return model, {"train": model.rtd(feed=feed, outlet=outlet)}
    if "*" in names:
        names = list(model.rtds)
    return model, {name: model.rtd(name, feed=feed, outlet=outlet) for name in names}


def _curves(rtd: Rtd, t: Array) -> str:
    columns = [Column(head, True) for head in ("time [s]", "E [1/s]", "F", "W")]
    rows = [[f"{x:.6g}" for x in row] for row in zip(t, rtd.E(t), rtd.F(t), rtd.W(t), strict=True)]
    return table(columns, rows, "  ")


def _purities(rtd: Rtd) -> str:
    rows = [[f"{100.0 * p:g} %", number(rtd.washout_time(p)), "s"] for p in PURITIES]
    return table([Column("purity after a switch"), Column("from", True), Column("")], rows, "  ")


@cli.app.command()
def rtd(
    model: Annotated[
        str, typer.Argument(metavar="MODEL.yaml", help="the model file, or a distribution as '{model: ...}'")
    ],
    name: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="NAME", help="of the block rtd:, '*' for all; may be repeated"),
    ] = None,
    feed: Annotated[
        str | None, typer.Option("--feed", metavar="FEED", help="where tracer goes into the train")
    ] = None,
    outlet: Annotated[
        str | None, typer.Option("--outlet", metavar="UNIT[/PORT]", help="where it comes out")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="change a value of the file; may be repeated"),
    ] = None,
    times: Annotated[
        str | None,
        typer.Option("--times", metavar="TIMES", help='"0 s : 10 min : 201", or "10 s, 20 s, 1 min"'),
    ] = None,
    out: Annotated[
        str | None, typer.Option("--out", metavar="FILE.h5", help="write the curves there")
    ] = None,
    plot: Annotated[
        str | None, typer.Option("--plot", metavar="FILE.png", help="draw E, F and W there")
    ] = None,
    react: Annotated[
        bool, typer.Option("--react", help="what the distribution of a unit does to its chemistry")
    ] = False,
    unit: Annotated[
        str | None, typer.Option("--unit", metavar="UNIT", help="with --react: which; the only one")
    ] = None,
    tracer: Annotated[
        str | None,
        typer.Option("--tracer", metavar="FILE.csv", help="with --react: fit its distribution to this pulse"),
    ] = None,
    fit: Annotated[
        str, typer.Option("--fit", metavar="MODEL", help="with --tracer: dispersion, tanks, plug+tanks ...")
    ] = "dispersion",
    exchange: Annotated[
        str | None, typer.Option("--exchange", metavar="TIME", help="with --react: mixing in this time too")
    ] = None,
    observable: Annotated[
        list[str] | None,
        typer.Option("--observable", metavar="GLOB", help="with --react: what is shown; may be repeated"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace existing files")] = False,
    json: cli.Json = False,
) -> None:
    """Residence-time distribution of a train, from a feed to an outlet, or of the block rtd: of a file."""
    for file in (out, plot):
        cli._check_output(file, force)
    if react:
        if name or feed or outlet or times or out:
            cli.fail(cli.WRONG_INPUT, "--react has no --name, --feed, --outlet, --times or --out")
        with cli.told(json):
            reacted = _reacted(model, unit, (tracer, fit), exchange, observable, set_ or [])
            if plot:
                reacted.plot(plot)
            if json:
                cli.print_json(_react_json(reacted, cli.finite))
            else:
                print(reacted)
        return
    if unit or tracer or exchange or observable:
        cli.fail(cli.WRONG_INPUT, "--unit, --tracer, --exchange and --observable need --react")
    with cli.told(json):
        t = _times(times)
        read, found = _chosen(model, name or [], feed, outlet, set_ or [])
        if json:
            title = (read.get("title") if read else None) or ""
            cli.print_json({"title": title, "rtd": {key: as_json(one, t) for key, one in found.items()}})
        else:
            for key, one in found.items():
                print(f"{key}: {one}\n{_purities(one)}")
                if t is not None:
                    print(_curves(one, t))
        lines = _written(found, read, t, out, plot, force)
    if lines and not json:
        print("\n" + "    ".join(lines))


def _reacted(
    source: str,
    unit: str | None,
    tracer: tuple[str | None, str],
    exchange: str | None,
    observables: list[str] | None,
    set_: list[str],
) -> Reacted:
    model = Model.read(source)
    for path, value in cli._assignments(set_).items():
        model.set(path, value)
    file, what = tracer
    found = None if file is None else read_tracer(file).fit(what)
    return model.react(unit, found, exchange=exchange, observables=observables)


def shown(file: str, json: bool) -> bool:
    """Print what a file of distributions holds; False where it is none."""
    found = stored(file)
    if found is None:
        return False
    if json:
        rows = {
            name: {key: {"value": cli.finite(x), "unit": unit} for key, (x, unit) in values.items()}
            for name, values in found.items()
        }
        cli.print_json({"file": file, "rtd": rows})
        return True
    for name, values in found.items():
        print(name)
        print(table(_STORED, [[key, f"{x:.6g}", unit] for key, (x, unit) in values.items()], "  "))
    return True


_STORED = [Column(""), Column("", True), Column("")]


def stored(file: str) -> dict[str, dict[str, tuple[float, str]]] | None:
    """Parameters and moments of each distribution in a file, with units; None where it holds none."""
    try:
        import h5py

        with h5py.File(file, "r") as f:
            if _text(f.attrs.get("tautrain_content", "")) != "rtd":
                return None
            return {name: _stored(group) for name, group in f["rtd"].items()}
    except (ImportError, OSError):
        return None


def _stored(group: Any) -> dict[str, tuple[float, str]]:
    out: dict[str, tuple[float, str]] = {}
    if "parameters" in group:
        p = group["parameters"]
        for path, x, unit in zip(p["path"][:], p["value"][:], p["unit"][:], strict=True):
            out[_text(path)] = float(x), _text(unit)
    for name, data in group["moments"].items():
        unit = _text(data.attrs["units"])
        out[f"moments/{name}"] = float(data[()]), "" if unit == "1" else unit
    return out


def _written(
    found: dict[str, Rtd],
    read: Model | None,
    t: Array | None,
    out: str | None,
    plot: str | None,
    force: bool,
) -> list[str]:
    lines = []
    if out:
        command = shlex.join(["tautrain", *sys.argv[1:]])
        save(out, found, t=t, model=read, overwrite=force, command=command)
        lines.append(f"results {out}")
    if plot:
        draw(found, plot, t)
        lines.append(f"picture {plot}")
    return lines
