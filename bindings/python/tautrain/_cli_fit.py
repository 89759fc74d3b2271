# SPDX-License-Identifier: Apache-2.0
"""The command ``tautrain fit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from . import cli
from ._errors import ConvergenceError, TautrainError
from ._fit_runs import RunsFit
from ._model import Model


def as_json(fit: RunsFit) -> dict[str, Any]:
    """A fit as the JSON of the command line, SI but for the points, which are in their columns' units."""

    def one(name: str) -> dict[str, Any]:
        lower, upper = fit.interval(name)
        return {
            "value": fit.value[name],
            "unit": fit._train.parameters[name].si_unit,
            "error": cli.finite(fit.error[name]),
            "lower": cli.finite(lower),
            "upper": cli.finite(upper),
        }

    return {
        "parameters": {name: one(name) for name in fit.names},
        "chi2": fit.chi2,
        "dof": fit.dof,
        "sigma": cli.finite(fit.sigma),
        "aicc": cli.finite(fit.aicc),
        "r_squared": cli.finite(fit.r_squared),
        "message": fit.message,
        "correlation": [[cli.finite(x) for x in row] for row in fit.correlation.tolist()],
        "points": [
            {
                "run": p.run,
                "observable": p.observable,
                "unit": p.unit,
                "measured": p.measured,
                "fitted": cli.finite(p.fitted),
            }
            for p in fit.points
        ],
    }


def _started(given: list[str]) -> dict[str, str | None] | list[str]:
    """PATH or PATH=START; without any start they may be globs."""
    pairs = [one.partition("=") for one in given]
    if not any(equals for _, equals, _ in pairs):
        return given
    return {path.strip(): start.strip() if equals else None for path, equals, start in pairs}


def _bounds(given: list[str]) -> dict[str, tuple[str | None, str | None]]:
    out = {}
    for one in given:
        path, equals, ends = one.partition("=")
        lower, colon, upper = ends.partition(":")
        if not equals or not colon:
            cli.fail(
                cli.WRONG_INPUT,
                f"--bounds {one}: path=lower:upper is needed, each with its unit; an end may be left out",
            )
        out[path.strip()] = (lower.strip() or None, upper.strip() or None)
    return out


@cli.app.command()
def fit(
    model: cli.ModelFile,
    data: Annotated[
        str, typer.Argument(metavar="DATA.csv", help="a row a run: columns path [unit], set or measured")
    ],
    parameters: Annotated[
        list[str],
        typer.Option(
            "--parameter",
            metavar="PATH[=START]",
            help='what is fitted, or globs, "reactions/*/k"; may be repeated',
        ),
    ],
    bounds: Annotated[
        list[str] | None,
        typer.Option("--bounds", metavar="PATH=LOWER:UPPER", help="of the search; may be repeated"),
    ] = None,
    log: Annotated[
        list[str] | None,
        typer.Option("--log", metavar="PATH", help="fit the logarithm of this one; may be repeated"),
    ] = None,
    absolute_sigma: Annotated[
        bool, typer.Option("--absolute-sigma", help="sigma(path) of the data is known: do not scale errors")
    ] = False,
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="FITTED.yaml", help="write the model with the fitted values"),
    ] = None,
    plot: Annotated[
        str | None,
        typer.Option("--plot", metavar="FILE.png", help="draw measured over fitted, and residuals"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace existing files")] = False,
    json: cli.Json = False,
    rtol: cli.Rtol = None,
) -> None:
    """Fit parameters of a model to measured runs by least squares."""
    for file in (out, plot):
        cli._check_output(file, force)
    limits = _bounds(bounds or [])
    with cli.told(json):
        train = Model.read(model).compile()
        try:
            found = train.fit(
                data,
                _started(parameters),
                bounds=limits,
                log=log or (),
                absolute_sigma=absolute_sigma,
                rtol=rtol,
            )
        except ConvergenceError as error:
            if error.fit is not None and not json:
                print(error.fit)
            raise
    if json:
        cli.print_json(as_json(found))
    else:
        print(found)
    lines = _written(found, out, plot, force)
    if lines and not json:
        print("\n" + "    ".join(lines))


def _written(found: RunsFit, out: str | None, plot: str | None, force: bool) -> list[str]:
    lines = []
    try:
        if out:
            found.model.write(out, overwrite=force)
            lines.append(f"model {Path(out)}")
        if plot:
            found.plot(plot)
            lines.append(f"picture {plot}")
    except (TautrainError, OSError) as error:  # also without matplotlib
        cli.fail(cli.FAILED, str(error))
    return lines
