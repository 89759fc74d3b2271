# SPDX-License-Identifier: Apache-2.0
"""The commands ``tautrain sweep`` and ``tautrain merge``."""

from __future__ import annotations

import shlex
import sys
import time
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.text import Text

from . import cli
from ._model import Model
from ._sweep import Sweep, merge, open_sweep
from ._sweep_file import holds_sweep
from ._sweep_run import part_file

SECONDS_A_LINE = 60.0  # without a terminal


class _Rate(ProgressColumn):
    """Runs a second, over the whole time: blocks come in bursts."""

    def render(self, task: Task) -> Text:
        elapsed, started = task.elapsed or 0.0, task.fields["started"]
        return Text(
            f"{(task.completed - started) / elapsed:.3g} runs/s" if elapsed > 0.0 else "", style="dim"
        )


class Teller:
    """Says how far a sweep is: a bar on a terminal, else a line a minute, both on standard error."""

    def __init__(self, watch: cli._Watch, is_terminal: bool) -> None:
        self._watch = watch
        self._bar: Progress | None = None
        if is_terminal:
            columns = (BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task: Any = None
        self._begun = 0
        self._since = self._said = time.monotonic()

    def __enter__(self) -> Teller:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def progress(self, n_done: int, n_runs: int) -> bool:
        """Asked again and again; first with the runs that are there already."""
        if self._task is None:
            self._begin(n_done, n_runs)
        if self._bar:
            self._bar.update(self._task, completed=n_done)
        elif time.monotonic() - self._said >= SECONDS_A_LINE:
            self._said = time.monotonic()
            cli.say(self._line(n_done, n_runs))
        return self._watch.asked

    def _begin(self, n_done: int, n_runs: int) -> None:
        self._begun = n_done
        self._since = time.monotonic()
        self._task = (
            self._bar.add_task("", total=n_runs, completed=n_done, started=n_done) if self._bar else 0
        )
        if n_done:
            cli.say(
                f"{n_done} of {n_runs} runs are there already" + ("; going on" if n_done < n_runs else "")
            )

    def _line(self, n_done: int, n_runs: int) -> str:
        rate = (n_done - self._begun) / max(time.monotonic() - self._since, 1e-9)
        left = f", {(n_runs - n_done) / rate:.0f} s left" if rate > 0.0 else ""
        return f"{n_done} of {n_runs} runs, {rate:.3g} runs/s{left}"


def _part(given: str | None) -> tuple[int, int] | None:
    if given is None:
        return None
    k, slash, m = given.partition("/")
    if not (slash and k.strip().isdigit() and m.strip().isdigit()):
        cli.fail(cli.WRONG_INPUT, f"--part {given}: two whole numbers are needed, such as 3/16")
    return int(k), int(m)


def as_json(sweep: Sweep) -> dict[str, Any]:
    """A sweep as the JSON of the command line."""
    return {
        "title": sweep.title,
        "status": sweep.state,
        "file": sweep.file,
        "n_runs": sweep.n_runs,
        "n_done": sweep.n_done,
        "n_failed": sweep.n_failed,
        "failures": [asdict(failure) for failure in sweep.failures],
        "engine": sweep.engine,
        "n_handed_over": sweep.n_handed_over,
        "largest_difference": cli.finite(sweep.largest_difference),
        "wall_time": sweep.wall_time,
        "rate": cli.finite(sweep.rate),
    }


def _report(sweep: Sweep, json: bool) -> None:
    if json:
        cli.print_json(as_json(sweep))
    else:
        print("\n".join(sweep.summary()))


def shown(file: str, json: bool) -> bool:
    """Print what the file of a sweep holds; False where it is none."""
    if not holds_sweep(file):
        return False
    found = open_sweep(file)
    if json:
        cli.print_json(as_json(found))
    else:
        print(found)
    return True


@cli.app.command()
def sweep(
    model: cli.ModelFile,
    design: Annotated[
        str,
        typer.Option("--design", metavar="FILE", help="the operating points: .yaml or .csv, see the manual"),
    ],
    out: Annotated[
        str,
        typer.Option("--out", metavar="FILE.h5", help="write the results there; an unfinished one goes on"),
    ],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="change a parameter of all runs; may be repeated"),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="GLOB", help='observables that are kept, "yield/*"; may be repeated'),
    ] = None,
    profiles: Annotated[
        list[str] | None,
        typer.Option("--profiles", metavar="UNIT", help="keep the profiles of a unit; may be repeated"),
    ] = None,
    sensitivities: Annotated[
        list[str] | None,
        typer.Option(
            "--sensitivities",
            metavar="GLOB",
            help="keep derivatives of what is kept to parameters; may be repeated",
        ),
    ] = None,
    threads: Annotated[int | None, typer.Option("--threads", help="one a processor where left out")] = None,
    engine: Annotated[str, typer.Option("--engine", help="auto, lanes or cvodes")] = "auto",
    part: Annotated[
        str | None,
        typer.Option(
            "--part", metavar="K/M", help="the K-th of M parts, into FILE.part-K-of-M.h5; see merge"
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="in place of the design's own")] = None,
    force: Annotated[bool, typer.Option("--force", help="begin anew, replacing an existing file")] = False,
    json: cli.Json = False,
    max_time: Annotated[
        str | None, typer.Option("--max-time", metavar="TIME", help='limit of wall time of the whole, "8 h"')
    ] = None,
    rtol: cli.Rtol = None,
    atol: cli.Atol = None,
) -> None:
    """Run a model at many operating points, into a results file. The same command goes on after a break."""
    parts = _part(part)
    with cli.told(json), cli._Watch(False) as watch:
        inputs = cli._assignments(set_ or [])
        train = Model.read(model).compile()
        with Teller(watch, sys.stderr.isatty() and not json) as teller:
            done = train.sweep(
                design,
                keep=keep or None,
                profiles=profiles or (),
                sensitivities=sensitivities or (),
                engine=engine,
                threads=threads,
                out=out,
                overwrite=force,
                inputs=inputs,
                seed=seed,
                part=parts,
                rtol=rtol,
                atol=cli._si_or_text(atol),
                max_time=cli._si_or_text(max_time),
                progress=teller.progress,
                command=shlex.join(["tautrain", *sys.argv[1:]]),
            )
        _report(done, json)
        if done.state != "complete":
            cli.say(f"stopped; what is done is kept in {part_file(out, parts)}, and the same command goes on")
            raise cli.EndError(cli.STOPPED)
        if done.n_failed == done.n_runs:
            raise cli.EndError(cli.FAILED)


@cli.app.command(name="merge")
def merge_(
    out: Annotated[str, typer.Argument(metavar="SWEEP.h5", help="the file that is made")],
    parts: Annotated[list[str], typer.Argument(metavar="PARTS...", help="all parts, in any order")],
    force: Annotated[bool, typer.Option("--force", help="replace an existing file")] = False,
    json: cli.Json = False,
) -> None:
    """Join the parts of a sweep in one small file that refers to them; keep them beside each other."""
    with cli.told(json):
        _report(merge(out, parts, overwrite=force), json)
