# SPDX-License-Identifier: Apache-2.0
"""The command ``tautrain sensitivity``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from . import cli
from ._errors import ConvergenceError, DomainError, with_id
from ._model import Model
from ._sensitivity import Sensitivity


def as_json(s: Sensitivity) -> dict[str, Any]:
    """Sensitivities as the JSON of the command line; what is not there says why."""
    normalised = s.normalised()

    def one(i: int, observable: str, j: int, parameter: str) -> dict[str, Any]:
        out: dict[str, Any] = {
            "value": cli.finite(float(s.values[i, j])),
            "unit": s.unit(observable, parameter),
            "normalised": cli.finite(float(normalised[i, j])),
        }
        why = s.reason(observable, parameter)
        return {**out, "reason": why} if why else out

    return {
        "title": s.result.title,
        "status": s.result.status,
        "evidence": s.result.evidence,
        "message": s.result.message,
        "sensitivities": {
            o: {p: one(i, o, j, p) for j, p in enumerate(s.parameters)} for i, o in enumerate(s.observables)
        },
    }


def _by(given: str) -> float | str:
    if given == "uncertainty":
        return given
    number, percent, _ = given.partition("%")
    try:
        return float(number) / (100.0 if percent else 1.0)
    except ValueError:
        cli.fail(cli.WRONG_INPUT, f"--by {given}: a change such as '1 %', or 'uncertainty', is needed")


@cli.app.command()
def sensitivity(
    model: cli.ModelFile,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--parameters", metavar="GLOB", help='to which, "reactions/*"; may be repeated'),
    ] = None,
    observables: Annotated[
        list[str] | None,
        typer.Option("--observables", metavar="GLOB", help='of which, "yield/*"; may be repeated'),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="change a parameter; may be repeated"),
    ] = None,
    plot: Annotated[
        str | None, typer.Option("--plot", metavar="FILE.png", help="draw a tornado of each observable")
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="CHANGE", help='in the picture: "1 %" or "uncertainty"')
    ] = "1 %",
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE.csv", help="write the derivatives there, in SI")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace existing files")] = False,
    json: cli.Json = False,
    rtol: cli.Rtol = None,
    max_time: Annotated[
        str | None, typer.Option("--max-time", metavar="TIME", help='limit of wall time, "60 s"')
    ] = None,
) -> None:
    """Exact derivatives of what comes out to what goes in, at one operating point."""
    change = _by(by)
    for file in (plot, csv):
        cli._check_output(file, force)
    with cli.told(json), cli._Watch(sys.stderr.isatty()) as watch:
        inputs = cli._assignments(set_ or [])
        train = Model.read(model).compile()
        try:
            s = train.sensitivity(
                parameters,
                observables,
                inputs=inputs,
                rtol=rtol,
                max_time=cli._si_or_text(max_time),
                progress=watch.progress,
            )
        except (ConvergenceError, DomainError) as error:
            cli.say(error)
            raise cli.EndError(cli.FAILED) from None
        if plot:
            s.plot(plot, by=change)
        if csv:
            _write_csv(s, csv)
    if json:
        cli.print_json(as_json(s))
    else:
        print(s)
        written = [f"{name} written" for name in (plot, csv) if name]
        if written:
            print("\n" + "    ".join(written))
    if s.result.status == "stopped":
        cli.say(with_id(s.result.message, s.result.error_id))
        raise cli.EndError(cli.STOPPED)


def _write_csv(s: Sensitivity, file: str) -> None:
    head = ["observable", "parameter", "value", "unit", "normalised"]
    normalised = s.normalised()
    rows = [
        [o, p, repr(float(s.values[i, j])), s.unit(o, p), repr(float(normalised[i, j]))]
        for i, o in enumerate(s.observables)
        for j, p in enumerate(s.parameters)
    ]
    cli._write_rows(Path(file), head, rows)
