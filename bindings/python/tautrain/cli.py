# SPDX-License-Identifier: Apache-2.0
"""The command line, `tautrain`.

Exit status: 0 complete; 1 the run failed; 2 the input was wrong; 3 stopped (time limit, Ctrl-C). Errors go to
standard error, one line each. With ``--json`` nothing but JSON stands on standard output.
"""

from __future__ import annotations

import csv as csv_module
import json
import math
import os
import shlex
import signal
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from . import __version__
from ._errors import (
    CallbackError,
    ConvergenceError,
    DomainError,
    FileError,
    Mistake,
    ModelError,
    TautrainError,
    errors,
    with_id,
)
from ._model import Model
from ._result import Result, load
from ._table import Column, table
from ._train import nearest
from ._verify import verify as verify_result

COMPLETE, FAILED, WRONG_INPUT, STOPPED = range(4)
_PICTURES = (".png", ".svg", ".pdf", ".jpg", ".jpeg")

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Models of continuous-flow synthesis: check, run, show and verify.",
)

ModelFile = Annotated[str, typer.Argument(metavar="MODEL.yaml", help="the model file")]
ResultFile = Annotated[str, typer.Argument(metavar="RESULTS.h5", help="the results file")]
Json = Annotated[bool, typer.Option("--json", help="print JSON and nothing else")]
Rtol = Annotated[float | None, typer.Option("--rtol", help="relative tolerance [-]")]
Atol = Annotated[str | None, typer.Option("--atol", metavar="C", help='absolute tolerance, "1e-14 mol/L"')]


def say(message: object) -> None:
    """To standard error, each line as it is."""
    print(message, file=sys.stderr)


def finite(x: float) -> float | None:
    """For JSON, which has neither nan nor inf."""
    return x if math.isfinite(x) else None


def as_json(result: Result) -> dict[str, Any]:
    """A result as the JSON of the command line."""
    o = result.observables
    return {
        "title": result.title,
        "status": result.status,
        "evidence": result.evidence,
        "message": result.message,
        "id": result.error_id,
        "warnings": list(result.warnings),
        "observables": {path: {"value": finite(x), "unit": o.unit(path)} for path, x in o.items()},
    }


def print_json(content: Mapping[str, Any]) -> None:
    """One object on standard output."""
    print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


class EndError(Exception):
    """Ends a command: its exit status, after everything has been said."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def fail(
    code: int, message: str, as_json: bool = False, *, kind: str = "", shown: str | None = None
) -> NoReturn:
    """Say what went wrong and end."""
    say(with_id(message, kind) if shown is None else shown)
    if as_json:
        status = "stopped" if code == STOPPED else "failed"
        end = {"title": "", "status": status, "evidence": "unstated", "message": message, "id": kind}
        print_json({**end, "observables": {}})
    raise EndError(code)


@contextmanager
def told(as_json: bool = False) -> Iterator[None]:
    """Turn the errors of the library into lines and exit statuses."""
    try:
        yield
    except ModelError as error:
        n = len(error.mistakes)
        lines = f"{error}\n{n} mistake{'s' if n > 1 else ''}"
        fail(WRONG_INPUT, lines, as_json, kind=error.id, shown=lines)
    except (ConvergenceError, DomainError, CallbackError) as error:
        fail(FAILED, error.message, as_json, kind=error.id)
    except TautrainError as error:
        fail(WRONG_INPUT, error.message, as_json, kind=error.id)
    except BrokenPipeError:  # whoever reads what is printed has seen enough
        raise
    except OSError as error:
        fail(WRONG_INPUT, str(error), as_json)


def _read(model: str) -> Model:
    """A model file; a results file given in its place is told, not read as YAML."""
    try:
        with open(model, "rb") as file:
            is_results = file.read(4) == b"\x89HDF"
    except OSError:  # the library says what is wrong
        is_results = False
    if is_results:
        lines = (
            f"{model} is a results file, not a model; `tautrain show` prints it, `tautrain verify` runs it"
        )
        raise FileError(lines, kind="cannot-read")
    return Model.read(model)


@app.command()
def check(model: ModelFile, json: Json = False) -> None:
    """Look for mistakes in a model file; all are reported at once."""
    mistakes: tuple[Mistake, ...] = ()
    with told(False):
        try:
            train = _read(model).compile()
        except ModelError as error:
            mistakes = error.mistakes
            if not json:
                raise
    if json:
        print_json({"file": model, "mistakes": [asdict(mistake) for mistake in mistakes]})
    if mistakes:
        raise EndError(WRONG_INPUT)
    if not json:
        print(f"{model}: {train!r}")


# --- run ---


class _Watch:
    """Shows on a terminal where a run is; Ctrl-C ends it between two steps, what there is by then is kept."""

    def __init__(self, shows: bool) -> None:
        self.asked = False
        self._before: Any = None
        self._status = Console(stderr=True).status("") if shows else None
        self._next = time.monotonic() + 0.5

    def __enter__(self) -> _Watch:
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()
        signal.signal(signal.SIGINT, self._before)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def progress(self, unit: str, fraction: float) -> bool:
        """Asked again and again during a run."""
        if self._status and time.monotonic() > self._next:
            self._next = time.monotonic() + 0.1
            self._status.start()
            self._status.update(f"{escape(unit)}: {100.0 * fraction:.0f} %")
        return self.asked


def _assignments(given: list[str]) -> dict[str, str]:
    pairs = {}
    for one in given:
        path, equals, value = one.partition("=")
        if not equals or not path.strip() or not value.strip():
            fail(WRONG_INPUT, f'--set {one}: path=value is needed, such as units/coil/temperature="100 degC"')
        pairs[path.strip()] = value.strip()
    return pairs


def _check_output(path: str | None, force: bool) -> None:
    """Before anything is computed: whether the file can be written."""
    if not path:
        return
    file = Path(path)
    folder = file.parent
    if os.path.lexists(file) and not force:
        fail(WRONG_INPUT, f"{path} exists already; --force replaces it", kind="file-exists")
    if file.is_dir():
        fail(WRONG_INPUT, f"{path} is a folder", kind="no-regular-file")
    if not folder.is_dir():
        fail(WRONG_INPUT, f"{path}: {folder} is no folder", kind="cannot-write")
    if not os.access(folder, os.W_OK):
        fail(WRONG_INPUT, f"{path}: the folder {folder} cannot be written to", kind="cannot-write")


def _profile_file(csv: str, unit: str) -> Path:
    file = Path(csv)
    return file.with_name(f"{file.stem}-{unit}{file.suffix or '.csv'}")


def write_csv(result: Result, csv: str) -> None:
    """Observables into one file, the profile of each unit that has one into another beside it."""
    o = result.observables
    rows = [[p, repr(x), o.unit(p), o.describe(p)] for p, x in o.items()]
    _write_rows(Path(csv), ["path", "value", "unit", "description"], rows)
    for name, unit in result.units.items():
        if not unit.has_profile:
            continue
        head = [f"{unit.coordinate} [{unit.coordinate_unit}]", "T [K]"]
        head += [f"c {s} [mol/m^3]" for s in unit.c] + [f"rate {j} [mol/m^3/s]" for j in unit.rate]
        columns = [unit.position, unit.T, *(c for _, c in unit.c.items()), *(r for _, r in unit.rate.items())]
        _write_rows(
            _profile_file(csv, name),
            head,
            [[repr(float(x)) for x in row] for row in zip(*columns, strict=True)],
        )


def _write_rows(file: Path, head: list[str], rows: list[list[str]]) -> None:
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with part.open("w", newline="", encoding="utf-8") as f:
            writer = csv_module.writer(f)
            writer.writerow(head)
            writer.writerows(rows)
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise FileError(f"{file}: cannot be written: {error.strerror}", kind="cannot-write") from None


def _write_outputs(
    result: Result, out: str | None, plot: str | None, csv: str | None, force: bool
) -> list[str]:
    command = shlex.join(["tautrain", *sys.argv[1:]])
    lines = []
    try:
        if out:
            result.save(out, overwrite=force, command=command)
            lines.append(f"results {out}")
        if csv:
            write_csv(result, csv)
            lines.append(f"table {csv}")
        if plot:
            result.plot(plot)
            lines.append(f"picture {plot}")
    except (TautrainError, OSError) as error:  # also without matplotlib
        fail(FAILED, str(error))
    return lines


@app.command()
def run(
    model: ModelFile,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="change a parameter; may be repeated"),
    ] = None,
    out: Annotated[
        str | None, typer.Option("--out", metavar="FILE.h5", help="write the results there")
    ] = None,
    plot: Annotated[
        str | None,
        typer.Option(
            "--plot",
            metavar="[FILE.png]",
            help="draw the profiles (.png, .svg, .pdf, .jpg); MODEL.png where no file is named",
        ),
    ] = None,
    csv: Annotated[
        str | None,
        typer.Option("--csv", metavar="FILE.csv", help="write observables there, profiles beside it"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace existing files")] = False,
    json: Json = False,
    max_time: Annotated[
        str | None, typer.Option("--max-time", metavar="TIME", help='limit of wall time, "60 s"')
    ] = None,
    rtol: Rtol = None,
    atol: Atol = None,
) -> None:
    """Run a model file and print what comes out."""
    if plot == "":
        plot = f"{Path(model).stem}.png"
    for file in (out, plot, csv):
        _check_output(file, force)
    with told(json), _Watch(sys.stderr.isatty()) as watch:
        inputs = _assignments(set_ or [])
        train = _read(model).compile()
        try:
            result = train.run(
                inputs,
                rtol=rtol,
                atol=_si_or_text(atol),
                max_time=_si_or_text(max_time),
                progress=watch.progress,
            )
        except (ConvergenceError, DomainError) as error:
            if error.result is None:
                raise
            _report(error.result, json)
            say(error)
            _write_outputs(error.result, out, None, None, force)
            raise EndError(FAILED) from None
    _report(result, json)
    if result.status == "stopped":
        say(with_id(result.message, result.error_id))
        _write_outputs(result, out, None, None, force)
        raise EndError(STOPPED)
    lines = _write_outputs(result, out, plot, csv, force)
    if lines and not json:
        print("\n" + "    ".join(lines))


def _si_or_text(given: str | None) -> float | str | None:
    """A bare number is in SI, as in Python."""
    try:
        return None if given is None else float(given)
    except ValueError:
        return given


def _report(result: Result, json: bool) -> None:
    if json:
        print_json(as_json(result))
    elif result.status == "complete":
        print(result)


# --- results files ---


@app.command()
def show(
    file: ResultFile,
    all_: Annotated[bool, typer.Option("--all", help="every observable")] = False,
    json: Json = False,
) -> None:
    """Print what a results file holds, of a run, of a sweep or of distributions."""
    with told(json):
        if _cli_sweep.shown(file, json) or _cli_rtd.shown(file, json):
            return
        result = load(file)
        if json:
            print_json(as_json(result))
        else:
            print(result.observables if all_ else result)


@app.command()
def verify(
    file: ResultFile,
    tolerance: Annotated[
        float, typer.Option("--tolerance", help="largest relative difference allowed [-]")
    ] = 1e-6,
    json: Json = False,
) -> None:
    """Run the model inside a results file again, with the options inside it, and compare every observable."""
    with told(json):
        found = verify_result(file)
    worst = found.largest
    if json:
        content = {
            p: {"stored": finite(a), "computed": finite(b), "difference": finite(d)}
            for p, a, b, d in found.rows
        }
        print_json(
            {
                "file": file,
                "largest_difference": finite(worst),
                "tolerance": tolerance,
                "observables": content,
            }
        )
    else:
        print(found)
    if not worst <= tolerance:
        fail(FAILED, f"{file}: the largest difference is {worst:.1e}; at most {tolerance:.1e} was allowed")


@app.command()
def paths(model: ModelFile, json: Json = False) -> None:
    """List every parameter of a model with its value, every observable with its unit."""
    with told(json):
        train = _read(model).compile()
    if json:
        print_json(
            {
                "parameters": {
                    p.path: {"value": finite(p.value), "unit": p.si_unit, "written": p.unit, "doc": p.doc}
                    for p in train.parameters.values()
                },
                "observables": {o.path: {"unit": o.unit, "doc": o.doc} for o in train.observables.values()},
            }
        )
        return
    print(train.parameters)
    print()
    print(
        table(
            [Column("observable"), Column("unit"), Column("what it is")],
            [[o.path, o.unit or "-", o.doc] for o in train.observables.values()],
        )
    )


@app.command()
def explain(
    error: Annotated[
        str, typer.Argument(metavar="[ID]", help="what stands in brackets behind a message; without it, all")
    ] = "",
    json: Json = False,
) -> None:
    """Say what an error means and what to do about it."""
    kinds = {kind.id: kind for kind in errors()}
    wanted = error.strip().strip("[]")
    if wanted and wanted not in kinds:
        fail(WRONG_INPUT, f"'{wanted}' is no id of an error{nearest(wanted, tuple(kinds))}")
    shown = [kinds[wanted]] if wanted else list(kinds.values())
    if json:
        print_json({kind.id: {"meaning": kind.meaning, "cure": kind.cure} for kind in shown})
        return
    for kind in shown:
        print(kind.id)
        for text in (kind.meaning, kind.cure):
            print(textwrap.fill(text, 100, initial_indent="    ", subsequent_indent="    "))


from . import _cli_fit as _cli_fit  # noqa: E402  adds its command, with what stands above
from . import _cli_rtd as _cli_rtd  # noqa: E402  adds its command
from . import _cli_sensitivity as _cli_sensitivity  # noqa: E402  add their commands, with what stands above
from . import _cli_sweep as _cli_sweep  # noqa: E402  adds its commands, with what stands above
from . import _cli_tracer as _cli_tracer  # noqa: E402  adds its command

# --- entry ---


def _version(wanted: bool) -> None:
    if wanted:
        print(f"tautrain {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    pass


def _plot_without_file(arguments: list[str]) -> list[str]:
    """Give a ``--plot`` that names no picture the empty name, so that it can stand alone."""
    out = []
    for i, argument in enumerate(arguments):
        out.append(argument)
        following = arguments[i + 1] if i + 1 < len(arguments) else ""
        if argument == "--plot" and not following.lower().endswith(_PICTURES):
            out.append("")
    return out


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit."""
    given = sys.argv[1:] if arguments is None else arguments
    sys.exit(_run(_plot_without_file(given)))


def _run(arguments: list[str]) -> int:
    try:
        return int(app(arguments, prog_name="tautrain", standalone_mode=False) or 0)
    except EndError as end:
        return end.code
    except KeyboardInterrupt:
        say("stopped: cancelled")
        return STOPPED
    except BrokenPipeError:  # `tautrain paths model.yaml | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COMPLETE
    except Exception as error:
        message = getattr(error, "format_message", None)  # of click: a wrong option or argument
        if message is None:
            name = type(error).__name__
            if name in ("Abort", "Exit"):
                return STOPPED if name == "Abort" else int(getattr(error, "exit_code", 0))
            raise
        if type(error).__name__ == "NoArgsIsHelpError":
            print(message())
            return WRONG_INPUT
        say(f"tautrain: {' '.join(str(message()).split())}")
        return WRONG_INPUT


if __name__ == "__main__":
    main()
