#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All benches in one go: single runs and sweeps in C, results, the first one, the Python package, and peers.

bench.py --programs FOLDER --out build/bench.json [--seconds S] [--keep docs/bench.json]

Prints a table and writes a list of {name, ours, base, unit, ratio, target, error_ours, error_base, note}:
ratio = ours/base, smaller is better; target is the largest ratio allowed, null where none is set. --keep
writes the same with the machine, the compiler, the versions and the date, for the manual. Exit
status 1 where a C program finds that the two sides did not do the same work, or that a sweep is wrong; a
missed target is printed, not asserted, for times on shared machines swing by a factor of two.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import peer_sweeps
import peers
import rtd_rows

HERE = Path(__file__).parent
NETWORKS = HERE / "networks"
SNAR, REPEATS = NETWORKS / "snar.yaml", 2000
Row = dict[str, Any]


def row(
    name: str,
    ours: float,
    base: float,
    unit: str,
    target: float | None,
    note: str,
    errors: tuple[float | None, float | None] = (None, None),
) -> Row:
    """One row of the table."""
    return {
        "name": name,
        "ours": ours,
        "base": base,
        "unit": unit,
        "ratio": ours / base,
        "target": target,
        "error_ours": errors[0],
        "error_base": errors[1],
        "note": note,
    }


# --- from a model file to the first result ---------------------------------------------------------


def net_file(folder: Path, n_species: int, n_reactions: int) -> Path:
    """The synthetic network as a model file."""
    path = folder / f"net{n_species}.yaml"
    command = [sys.executable, str(NETWORKS / "net.py"), str(n_species), str(n_reactions), "11"]
    path.write_text(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout, encoding="utf-8"
    )
    return path


def first(program: Path, model: Path, repeats: int) -> dict[str, float]:
    """Medians over processes that run the model once."""
    outputs = [
        subprocess.run([program, model], check=True, capture_output=True, text=True).stdout
        for _ in range(repeats)
    ]
    runs = [json.loads(output) for output in outputs]
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def first_rows(program: Path, small: Path, large: Path) -> list[Row]:
    a, b = first(program, small, 5), first(program, large, 3)
    parts = "read {read:.3g} s, compile {compile:.3g} s, run {run:.3g} s, {MB:.0f} MB"
    note = "10 x net1000 is the base: 1 is linear; "
    made_small, made_large = a["read"] + a["compile"], b["read"] + b["compile"]
    return [
        row(
            "net1000, first result",
            a["total"],
            2.0,
            "s",
            1.0,
            "base: 2 s; " + parts.format(**a, MB=a["memory"] / 1e6),
        ),
        row(
            "net10000, model to train",
            made_large,
            10 * made_small,
            "s",
            1.5,
            note + parts.format(**b, MB=b["memory"] / 1e6),
        ),
        row(
            "net10000, run", b["run"], 10 * a["run"], "s", 1.5, note + "steps and the fill of the LU grow too"
        ),
        row(
            "net10000, memory",
            b["memory"] / 1e6,
            10 * a["memory"] / 1e6,
            "MB",
            1.2,
            note + "most resident size, all of it",
        ),
    ]


# --- results ----------------------------------------------------------------------------------------


def said(program: Path, *arguments: str | Path) -> dict[str, Any]:
    """What a program prints, as JSON."""
    done = subprocess.run([program, *arguments], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def result_rows(program: Path, folder: Path) -> list[Row]:
    """What it costs to keep a profile of 50 places, and whether memory grows with the runs."""
    places = ", ".join(f"{0.1 * (i + 1):.1f} mL" for i in range(49))  # and the end, at 5 mL
    model, file = folder / "snar50.yaml", folder / "kept.h5"
    text = SNAR.read_text(encoding="utf-8").replace("volume: 5 mL", f"volume: 5 mL, at: [{places}]")
    model.write_text(text, encoding="utf-8")
    times = said(program, "--profiles", model, file, "20000")
    few, many = (said(program, "--memory", SNAR, file, n) for n in ("10000", "1000000"))
    MB = [(run["memory"] - run["design"]) / 1e6 for run in (few, many)]
    return [
        row(
            "results, 50 x 5",
            times["results"],
            2.0,
            "us",
            1.0,
            "base: 2 us; of a run, to open, write and close the file of 20000; computed and written by two "
            "threads it is {file:.1f} us a run, {memory:.1f} us where nothing is kept".format(**times),
        ),
        row(
            "sweep, memory",
            MB[1],
            MB[0],
            "MB",
            1.2,
            f"1000000 runs into a file, base 10000; most resident size, {many['memory'] / 1e6:.1f} and "
            f"{few['memory'] / 1e6:.1f} MB, less the design of {many['design'] / 1e6:.1f} and "
            f"{few['design'] / 1e6:.1f} MB",
        ),
    ]


# --- Python -----------------------------------------------------------------------------------------


def importable(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def import_time() -> float:
    """Seconds of `import tautrain` in a fresh process, less those of the empty one."""

    def median(code: str) -> float:
        took = []
        for _ in range(9):
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            took.append(time.perf_counter() - begin)
        return statistics.median(took)

    return median("import tautrain") - median("pass")


def python_rows(program: Path) -> list[Row]:
    import tautrain

    over_in_c = said(program, SNAR, str(REPEATS))["over"]
    train = tautrain.read(str(SNAR)).compile()
    over = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        result = train.run()
        took = time.perf_counter() - begin
        over.append(took - result.wall_time)
    in_python = 1e6 * statistics.median(over)
    more = in_python - 1e6 * over_in_c
    note = f"base: 10 us; besides the units {in_python:.1f} us from Python, {1e6 * over_in_c:.1f} us in C"
    took = import_time()
    return [
        row("train.run over C", more, 10.0, "us", 1.0, note),
        row("import tautrain", took, 0.3, "s", 1.0, "base: 0.3 s; less the start of Python"),
    ]


def sweep_row() -> Row:
    """What Python adds to a sweep of 10,000 points."""
    import numpy as np
    import tautrain

    model = tautrain.read(str(SNAR))
    u = np.random.default_rng(20231).random((10000, 4))
    nitro = 2e3 * (0.1 + 0.4 * u[:, 2])
    columns = [333.15 + 60.0 * u[:, 0], 30.0 + 90.0 * u[:, 1], nitro, nitro * (1.0 + 4.0 * u[:, 3])]
    paths = ["units/coil/temperature", "units/coil/residence_time"]
    paths += ["feeds/nitro/concentration/DFNB", "feeds/amine/concentration/Pyrr"]
    design = np.column_stack(columns), paths
    took, ratios = [], []
    for _ in range(15):
        begin = time.perf_counter()
        sweep = model.sweep(design, keep="outlet/c/*", engine="lanes", rtol=1e-6, threads=1)
        end = time.perf_counter()
        took.append((end - begin, sweep.wall_time))
        ratios.append((end - begin) / sweep.wall_time)
    whole, in_c = (1e3 * statistics.median(x) for x in zip(*took, strict=True))
    note = "10000 points of the coil, one thread; the base is the part in tau_sweep; median of 15"
    found = row("model.sweep over tau_sweep", whole, in_c, "ms", 1.01, note)
    return {**found, "ratio": statistics.median(ratios)}


# --- peers ------------------------------------------------------------------------------------------


def our_solve(program: Path, p: peers.Problem) -> peers.Solve:
    """Ours through the C program, a few runs."""
    model = NETWORKS / f"{p.name}.yaml"

    def solve(rtol: float, atol: float) -> list[float]:
        command = [str(program), str(model), "3", repr(rtol), repr(atol)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise ArithmeticError(done.stderr)
        return [float(x) for x in json.loads(done.stdout)["c"]]

    return solve


def ours_on(program: Path, p: peers.Problem, right: peers.State) -> peers.Outcome:
    """Ours at the loosest tolerance that is right enough."""
    rtol, error = peers.loosest(p, our_solve(program, p), right)
    tolerances = [repr(rtol), repr(p.atol * rtol / peers.RTOL)]
    command = [str(program), str(NETWORKS / f"{p.name}.yaml"), str(REPEATS), *tolerances]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return peers.Outcome(json.loads(done.stdout)["us"], rtol, error)


def peer_rows(program: Path) -> tuple[list[Row], list[str]]:
    """A row for each network and each peer found, at equal error; and what was left out, with the reason."""
    found = [name for name in peers.PEERS if importable(name)]
    left_out = [f"{name} (not on this machine)" for name in peers.PEERS if name not in found]
    rows = []
    for p in peers.problems() if found else []:
        right = peers.reference(p)
        ours = ours_on(program, p, right)
        for name in found:
            try:
                peer = peers.run(name, p, right)
            except (NotImplementedError, ArithmeticError) as reason:
                left_out.append(f"{name} on {p.name} ({reason})")
                continue
            note = f"{peers.PEERS[name].__doc__}; rtol {ours.rtol:.1e} and {peer.rtol:.1e}"
            errors = (ours.error, peer.error)
            rows.append(row(f"{p.name}, {name}", ours.us, peer.us, "us", None, note, errors))
    return rows, left_out


def peer_sweep_rows(points: Path) -> tuple[list[Row], list[str]]:
    """A row for each program found on each sweep, at equal error; and what was left out, with the reason."""
    found = [program for program in peer_sweeps.PROGRAMS if importable(program.package)]
    left_out = [
        f"{program.name} in sweeps (not on this machine)"
        for program in peer_sweeps.PROGRAMS
        if program not in found
    ]
    rows = []
    for o in peer_sweeps.outcomes(points, found) if importable("numpy") else ():
        if isinstance(o, str):
            left_out.append(o)
            continue
        p = o.points
        note = f"a point, of {len(p.end)}; {o.program.note}; rtol {o.rtol:.1e}; errors are rms"
        target = o.program.targets.get(p.name)
        name = f"{p.name}_sweep, {o.program.name}"
        rows.append(row(name, p.us, o.us, "us", target, note, (p.error, o.error)))
    return rows, left_out


# --- on what it was measured ---------------------------------------------------------------------------

PACKAGES = {"numba": "numba", "roadrunner": "libroadrunner"}


def versions() -> dict[str, str]:
    """Versions of the Python packages that took part."""
    found = {}
    for name in (*peers.PEERS, "diffrax", "heyoka", "numba", "numpy"):
        package = PACKAGES.get(name, name)
        if importable(name):
            found[package] = importlib.metadata.version(package)
    return found


def processor() -> str:
    """Name of the processor, where the system tells (Linux)."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def measured_on(program: Path) -> dict[str, Any]:
    library = said(program, "--about")
    return {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()}",
        "compiler": library["compiler"],
        "versions": {
            "tautrain": library["version"],
            "SUNDIALS": library["sundials"],
            "Python": platform.python_version(),
            **versions(),
        },
    }


# --- the whole --------------------------------------------------------------------------------------


def c_rows(program: Path, beside: Path, out: Path, seconds: float) -> tuple[list[Row], bool]:
    """What a C program measured; False where it found something wrong. `beside`: a file it reads or makes."""
    done = subprocess.run([program, NETWORKS, beside, out, str(seconds)], check=False)
    return json.loads(out.read_text(encoding="utf-8")), done.returncode == 0


def number(x: float | None, form: str = ".4g") -> str:
    return "" if x is None else format(x, form)


def print_table(rows: list[Row]) -> None:
    head = ["name", "ours", "base", "unit", "ratio", "target", "", "error ours", "base", "note"]
    lines = [head]
    for r in rows:
        verdict = "" if r["target"] is None else "met" if r["ratio"] <= r["target"] else "MISSED"
        errors = [number(r["error_ours"], ".1e"), number(r["error_base"], ".1e")]
        numbers = [
            number(r["ours"]),
            number(r["base"]),
            r["unit"],
            number(r["ratio"], ".3g"),
            number(r["target"], ".3g"),
            verdict,
        ]
        lines.append([r["name"], *numbers, *errors, r["note"]])
    widths = [max(len(line[k]) for line in lines) for k in range(len(head) - 1)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        print("  ".join([*cells, line[-1]]).rstrip())


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each work")
    parser.add_argument("--keep", type=Path, help="a second file, with what it was measured on")
    args = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its idle threads would spin beside what is timed
    folder = args.out.resolve().parent  # the C program reads a path that begins with / as it stands
    folder.mkdir(parents=True, exist_ok=True)
    small, large = net_file(folder, 1000, 3000), net_file(folder, 10000, 30000)

    points = folder / "sweep-points.json"
    rows, same_work = c_rows(args.programs / "bench", small, folder / "bench-c.json", args.seconds)
    sweeps, as_good = c_rows(args.programs / "sweeps", points, folder / "bench-sweeps.json", args.seconds)
    rows += sweeps
    field, near_enough = c_rows(args.programs / "field", points, folder / "bench-field.json", args.seconds)
    rows += field
    rows += result_rows(args.programs / "kept", folder)
    rows += first_rows(args.programs / "first", small, large)
    if importable("tautrain"):
        rows += [*python_rows(args.programs / "first"), sweep_row()]
    found, left_out = peer_rows(args.programs / "first")
    of_sweeps, not_swept = peer_sweep_rows(points)
    rows += found + of_sweeps
    left_out += not_swept
    if importable("tautrain"):
        of_rtd, not_there = rtd_rows.rows()
        rows += of_rtd
        left_out += not_there
    if not importable("tautrain"):
        left_out.insert(0, "the Python package (not on this machine)")

    args.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if args.keep:
        kept = {**measured_on(args.programs / "first"), "rows": rows, "left_out": left_out}
        args.keep.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print_table(rows)
    if left_out:
        print("left out: " + ", ".join(left_out))
    if not same_work:
        print("WRONG: a pair of C programs did not do the same work, see above")
    if not as_good:
        print("WRONG: a sweep failed, is never right enough, or has other bits by two threads, see above")
    if not near_enough:
        print("WRONG: the dispersed tube does not come as near as 400 cells")
    return 0 if same_work and as_good and near_enough else 1


if __name__ == "__main__":
    sys.exit(main())
