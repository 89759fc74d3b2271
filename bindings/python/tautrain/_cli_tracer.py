# SPDX-License-Identifier: Apache-2.0
"""The command ``tautrain tracer``."""

from __future__ import annotations

import math
from typing import Annotated, Any

import typer

from . import cli
from ._tracer import Measured, Tracer
from ._tracer_file import read_tracer
from ._tracer_fit import TracerFit


def _pair(x: Measured) -> dict[str, Any]:
    return {"value": cli.finite(x.value), "error": cli.finite(x.error), "unit": x.unit}


def as_json(tracer: Tracer) -> dict[str, Any]:
    """An evaluated tracer curve as the JSON of the command line."""
    values = {
        "area": tracer.vessel.area,
        "mean": tracer.mean,
        "variance": tracer.variance,
        "third": tracer.vessel.third,
        "skewness": tracer.skewness,
        "sigma_theta2": tracer.sigma_theta2,
        "tanks": tracer.tanks,
        **{f"peclet_{name}": x for name, x in tracer.peclets.items()},
        "recovery": tracer.recovery,
        "volume": tracer.volume,
        "dead": tracer.dead,
    }
    reasons = {
        name: why for name in values if math.isnan(values[name].value) and (why := tracer.reason(name))
    }
    return {
        "kind": tracer.kind,
        "n_points": len(tracer.t),
        "rule": tracer.rule,
        "baseline": tracer.baseline,
        "tail": tracer.tail,
        "tail_effect": {
            "area": tracer.outlet.tail_area,
            "mean": tracer.outlet.tail_mean,
            "variance": tracer.outlet.tail_variance,
        },
        "noise": {"value": cli.finite(tracer.outlet.noise), "from": tracer.outlet.noise_from},
        "values": {name: _pair(x) for name, x in values.items()},
        "reasons": reasons,
    }


def _fit(fit: TracerFit) -> dict[str, Any]:
    parameters = {
        p.path: {
            "value": p.value,
            "error": cli.finite(p.error),
            "half_width": cli.finite(p.half_width),
            "unit": p.unit,
        }
        for p in fit.parameters.values()
    }
    numbers = {"chi2": fit.chi2, "aicc": cli.finite(fit.aicc), "dof": fit.dof, "message": fit.message}
    return {"model": fit.model, "parameters": parameters, **numbers}


@cli.app.command()
def tracer(
    data: Annotated[
        str, typer.Argument(metavar="DATA.csv", help="columns 'time [unit]', 'signal [unit]', 'inlet [unit]'")
    ],
    kind: Annotated[str, typer.Option("--kind", help="pulse, step-up, step-down or inlet")] = "pulse",
    baseline: Annotated[
        str,
        typer.Option("--baseline", help="none, constant, linear, or the value of the signal without tracer"),
    ] = "none",
    n_first: Annotated[
        int, typer.Option("--first", metavar="N", help="points of the base line at the start")
    ] = 0,
    n_last: Annotated[
        int, typer.Option("--last", metavar="N", help="points of the base line at the end")
    ] = 0,
    tail: Annotated[str, typer.Option("--tail", help="none, cut or exponential")] = "none",
    t_cut: Annotated[
        str | None, typer.Option("--cut", metavar="TIME", help='leave out what comes after, "5 min"')
    ] = None,
    rule: Annotated[str, typer.Option("--rule", help="trapezoid or simpson")] = "trapezoid",
    start: Annotated[str, typer.Option("--start", metavar="TIME", help="of the pulse or step")] = "0 s",
    flow: Annotated[str | None, typer.Option("--flow", metavar="FLOW", help='"10 mL/min"')] = None,
    amount: Annotated[
        str | None,
        typer.Option("--amount", metavar="AMOUNT", help="injected, where the signal is mol/m^3 or kg/m^3"),
    ] = None,
    volume: Annotated[
        str | None, typer.Option("--volume", metavar="VOLUME", help="nominal, for the dead share")
    ] = None,
    fit: Annotated[
        list[str] | None,
        typer.Option(
            "--fit", metavar="MODEL", help="fit a model, 'dispersion', 'plug+tanks'; may be repeated"
        ),
    ] = None,
    plot: Annotated[str | None, typer.Option("--plot", metavar="PICTURE", help="draw into this file")] = None,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE", help="write t [s], signal, E [1/s] and F")
    ] = None,
    json: cli.Json = False,
) -> None:
    """Evaluate a tracer experiment: moments with errors, tanks, Peclet numbers, recovery."""
    try:
        base: str | float = float(baseline)
    except ValueError:
        base = baseline
    with cli.told(json):
        found = read_tracer(
            data,
            kind=kind,
            baseline=base,
            n_first=n_first,
            n_last=n_last,
            tail=tail,
            t_cut=t_cut,
            rule=rule,
            start=start,
            flow=flow,
            amount=amount,
            volume=volume,
        )
        ranking = found.rank(fit) if fit else None
        if plot:
            (ranking[0] if ranking else found).plot(plot)
        if csv:
            _write(csv, found)
        if json:
            cli.print_json({**as_json(found), **({"fits": [_fit(x) for x in ranking]} if ranking else {})})
        else:
            print(found)
            if ranking:
                print(f"\n{ranking}\n\n{ranking[0]}")


def _write(path: str, tracer: Tracer) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write("time [s],signal,E [1/s],F\n")
        for row in zip(tracer.t, tracer.c, tracer.E, tracer.F, strict=True):
            file.write(",".join(repr(float(x)) for x in row) + "\n")
