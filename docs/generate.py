# SPDX-License-Identifier: Apache-2.0
"""Pages of the manual that are made, not written.

The C reference comes from the headers, the tables of kinds with their equations from the library, the table
of oracles from the tests, the errors from their table, the table of benches from the measurement that is kept
(`make bench KEEP=yes`).

python docs/generate.py      writes docs/_generated/
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
OUT = HERE / "_generated"

# --- the C reference, from the public headers -------------------------------------------------------------

HEADERS = [
    "model",
    "train",
    "run",
    "result",
    "sensitivity",
    "sweep",
    "fit",
    "fit_runs",
    "react",
    "fit_file",
    "rtd",
    "rtd_file",
    "train_rtd",
    "tracer",
    "tracer_fit",
    "dispersion",
    "kinds",
    "units",
    "status",
    "alloc",
    "version",
]
SKIPPED = re.compile(r"^(#(ifndef TAUTRAIN|define TAUTRAIN|include|endif)|TAU_(BEGIN|END)_DECLS)")
NAME = re.compile(
    r"\b(tau_\w+)\s*\(|}\s*(tau_\w+);|\(\*(tau_\w+)\)|#define (TAU_\w+)|typedef struct (tau_\w+) \w+;"
)


def escape(text: str) -> str:
    """Text for Markdown: signs that it would read are escaped, but not between backticks."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([*_<>\[\]$|])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)


def plain(comment: str) -> str:
    """Text of a C comment as Markdown: indented lines become code, signs that Markdown reads are escaped."""
    body = re.sub(r"^/\*|\*/$", "", comment.strip())
    lines = [re.sub(r"^ ?\* ?", "", line.rstrip()) for line in body.splitlines()]
    out: list[str] = []
    code: list[str] = []
    for line in [*lines, ""]:
        if line.startswith("    "):
            code.append(line[4:])
            continue
        if code:
            out += ["", "```c", *code, "```", ""]
            code = []
        out.append(escape(line.strip()))
    return "\n".join(out).strip()


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Comment and declaration, in order; a comment at the margin begins a piece, an empty line ends one."""
    comment, code, inside = [], [], False
    for line in [*text.splitlines(), ""]:
        starts = line.startswith("/*")
        if (starts and code) or not (line.strip() or inside):
            if comment or code:
                yield "\n".join(comment), "\n".join(code)
            comment, code = [], []
        if not line.strip() and not inside:
            continue
        if starts or inside:
            comment.append(line)
            inside = "*/" not in line
        elif not SKIPPED.match(line):
            code.append(line)


def heading(code: str) -> str:
    """Names that a declaration brings."""
    outside = re.sub(r"\{.*?\n\}", "{}", code, flags=re.DOTALL)
    names: list[str] = []
    for match in NAME.finditer(outside):
        name = next(group for group in match.groups() if group)
        if name not in names:
            names.append(name)
    return ", ".join(f"`{name}`" for name in names)


def header_page(name: str) -> str:
    """One header as a page."""
    text = (ROOT / "include" / "tautrain" / f"{name}.h").read_text(encoding="utf-8")
    text = text.split("\n", 1)[1]  # without the licence line
    out = [f"# {name}.h"]
    for i, (comment, code) in enumerate(pieces(text)):
        prose = plain(comment) if comment else ""
        if i == 0:
            prose = re.sub(rf"^{name}\.h - ", "", prose)
            out += ["", prose[:1].upper() + prose[1:]]
            continue
        if code.strip():
            out += ["", f"## {heading(code) or 'More'}"]
            out += ["", prose] if prose else []
            out += ["", "```c", code.rstrip().replace("TAU_API ", ""), "```"]
        elif prose:
            out += ["", prose]
    return "\n".join(out) + "\n"


def c_reference() -> None:
    for name in HEADERS:
        write(f"c/{name}.md", header_page(name))
    lines = [
        "# C",
        "",
        "Everything public is in `<tautrain.h>`; the pages below are its parts, made from the headers.",
    ]
    lines += ["", "```{toctree}", ":maxdepth: 1", "", *HEADERS, "```", ""]
    write("c/index.md", "\n".join(lines))


# --- the tables of kinds, from the library ------------------------------------------------------------------


def number(x: float) -> str:
    return "" if math.isnan(x) or math.isinf(x) else f"{x:g}"


def parameters(rows: Iterable[tuple[str, str | None, float, float, float, str]]) -> list[str]:
    out = ["| parameter | SI unit | default | meaning |", "|---|---|---|---|"]
    for name, unit, _lower, _upper, default, doc in rows:
        si = "follows from the orders" if unit is None else unit or "1"
        out.append(f"| `{name}` | {si} | {number(default)} | {doc} |")
    return out


def equations(latex: str | None) -> list[str]:
    """LaTeX lines in one block, aligned at their first equals sign."""
    if not latex:
        return []
    aligned = " \\\\\n".join(line.replace(" = ", " &= ", 1) for line in latex.splitlines())
    return ["", "$$", "\\begin{aligned}", aligned, "\\end{aligned}", "$$", ""]


def kind_sections(core: Any, table: int) -> list[str]:
    out: list[str] = []
    for i in range(core.tau_table_n_rows(table)):
        out += ["", f"## `{core.tau_table_name(table, i)}`", "", escape(core.tau_table_doc(table, i))]
        out += equations(core.tau_table_latex(table, i))
        n = core.tau_table_n_parameters(table, i)
        if n:
            out += ["", *parameters(core.tau_table_parameter(table, i, k) for k in range(n))]
    return out


KINDS = [
    (
        "TAU_TABLE_UNIT",
        "units",
        "Unit models",
        """
        Each kind writes its local balance once; the equations below are printed from the graph that is
        compiled, for one reaction A -> B (rate constant $k$, enthalpy $H_r$) in a liquid of constant
        density $\\rho$ and heat capacity $c_p$, with a wall at $T_{jacket}$ of area $a$ per volume. $s$
        runs from 0 to 1 along a tube (of `laminar` each ring, for its own time:
        [](../../theory/mixing.md)) or over the time of a batch, $\\theta$ is time over the space time
        $V/Q$ of a tank. Isothermal, the last line is absent; adiabatic, $U$ is 0. A mixer and a splitter
        have no volume and no equation of this kind: molar flows and enthalpies add, or are divided.
        """,
    ),
    (
        "TAU_TABLE_LAW",
        "laws",
        "Rate laws",
        """
        Printed for A + B -> C with the orders of its sides; where the law knows a way back, also with
        each constant that gives it. For laws of one substrate that is A. `power` has the orders that the
        model lists. What a power of an order that is not whole means is said in
        [](../../theory/powers.md).
        """,
    ),
    (
        "TAU_TABLE_KT",
        "kt",
        "Forms of k(T)",
        """
        Printed for a rate constant of first order, or an equilibrium constant without dimension. Names
        are the keys of the model file; $R$ is 8.31446261815324 J/mol/K.
        """,
    ),
    (
        "TAU_TABLE_RTD",
        "rtd",
        "Models of residence time",
        """
        A row is $G(s) = e^{-s t_0} (b + (1 - b) H(s))$: a delay $t_0$, a share $b$ that goes past, and
        the transform $H$ of a density, whose logarithm is printed from the graph that is computed with.
        `laminar` has $H = 2 e^x E_3(x)$, $x = s \\, \\mathrm{mean}/2$, in code of its own. How they are
        put together and inverted is said in [](../../theory/rtd.md).
        """,
    ),
]


def properties(core: Any, i_solvent: int) -> dict[str, float]:
    table = core.TAU_TABLE_SOLVENT
    rows = (
        core.tau_table_parameter(table, i_solvent, k)
        for k in range(core.tau_table_n_parameters(table, i_solvent))
    )
    return {row[0]: row[4] for row in rows}


def solvent_table(core: Any) -> list[str]:
    table = core.TAU_TABLE_SOLVENT
    head = ["solvent", "molar mass [g/mol]", "boils at [degC]", "density [kg/m^3]", "heat capacity [J/kg/K]"]
    out = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for i in range(core.tau_table_n_rows(table)):
        p = properties(core, i)
        cells = [1e3 * p["molar_mass"], p["boiling_point"] - 273.15, p["density"], p["heat_capacity"]]
        texts = ["unknown" if math.isnan(x) else f"{x:.5g}" for x in cells]
        out.append(f"| {core.tau_table_name(table, i)} | " + " | ".join(texts) + " |")
    return out


def kinds() -> None:
    from tautrain import _core

    for table, file, title, words in KINDS:
        text = textwrap.dedent(words).strip()
        sections = kind_sections(_core, getattr(_core, table))
        write(f"kinds/{file}.md", "\n".join([f"# {title}", "", text, *sections, ""]))
    words = "At 25 degC and, for the boiling point, 1 atm. Sources and licence: `data/solvents/README.md`."
    write("kinds/solvents.md", "\n".join(["# Solvents", "", words, "", *solvent_table(_core), ""]))


# --- the kinds of errors ----------------------------------------------------------------------------------

ERRORS = """
# Errors

A message ends with its kind in brackets: `[unknown-key]`. The kind is the `id` of exceptions and of mistakes
in Python, `tau_last_error_id()` and `mistake->id` in C, and what `tautrain explain unknown-key` explains. An
id is stable: no release renames it or gives it another meaning.

The status is what a function of C returns; a mistake of a model is `TAU_E_MODEL` or `TAU_E_PARSE`.
"""


def error_groups() -> dict[str, str]:
    """The heading under which an id stands in the table, for the first id under it."""
    text = (ROOT / "lib" / "base" / "errors.def").read_text(encoding="utf-8")
    found = re.findall(r'^/\* --- (.+) --- \*/\nX\(\w+, "([^"]+)"', text, re.MULTILINE)
    return {kind: title for title, kind in found}


def error_examples() -> dict[str, str]:
    """A line of the bad model files for each id, the shortest."""
    found: dict[str, str] = {}
    for golden in sorted((ROOT / "tests" / "invalid").glob("*/error")):
        for line in golden.read_text(encoding="utf-8").splitlines():
            kind = line.rsplit("[", 1)[1].rstrip("]")
            found[kind] = min(line, found.get(kind, line), key=len)
    return found


def error_page() -> str:
    import tautrain

    groups, examples = error_groups(), error_examples()
    out = [ERRORS.strip()]
    for kind in tautrain.errors():
        if kind.id in groups:
            title = groups[kind.id]
            out += ["", f"## {title[:1].upper()}{title[1:]}"]
        out += ["", f"### `{kind.id}`", "", f"{escape(kind.meaning)} (`{kind.status}`)"]
        if kind.id in examples:
            out += ["", "```{code-block} none", examples[kind.id], "```"]
        out += ["", f"**What to do.** {escape(kind.cure)}"]
    return "\n".join([*out, ""])


# --- the table of oracles ---------------------------------------------------------------------------------


def oracle_table() -> str:
    """Run the cases where the test program was built; else the table as it was when it was last committed."""
    tool = ROOT / "tools" / "oracle_table.py"
    for preset in ("release", "dev"):
        program = ROOT / "build" / preset / "tests" / "oracle" / "test_oracle"
        if program.exists():
            command = [sys.executable, tool, "--run", program, ROOT / "tests" / "oracle"]
            return subprocess.run(command, text=True, capture_output=True, check=True).stdout
    return (HERE / "oracle_table.md").read_text(encoding="utf-8")


# --- the table of benches ---------------------------------------------------------------------------------

BENCH_COLUMNS = ["name", "ours", "base", "unit", "ratio", "target", "error ours", "error base", "note"]


def bench_cells(row: dict[str, Any]) -> list[str]:
    def text(key: str, form: str) -> str:
        return "" if row[key] is None else format(row[key], form)

    numbers = [text("ours", ".4g"), text("base", ".4g"), row["unit"], text("ratio", ".3g")]
    checks = [text("target", ".3g"), text("error_ours", ".1e"), text("error_base", ".1e")]
    return [escape(row["name"]), *numbers, *checks, escape(row["note"])]


def bench_table() -> str:
    """What `make bench` measured last, on what, and when."""
    kept = json.loads((HERE / "bench.json").read_text(encoding="utf-8"))
    packages = ", ".join(f"{name} {version}" for name, version in kept["versions"].items())
    out = [f"Measured on {kept['date']}: {kept['machine']}; compiler {kept['compiler']}; {packages}.", ""]
    out += ["| " + " | ".join(BENCH_COLUMNS) + " |", "|---" * len(BENCH_COLUMNS) + "|"]
    out += ["| " + " | ".join(bench_cells(row)) + " |" for row in kept["rows"]]
    if kept["left_out"]:
        out += ["", f"Left out: {escape(', '.join(kept['left_out']))}."]
    return "\n".join([*out, ""])


def write(path: str, text: str) -> None:
    """Write a page; one that did not change keeps its time, so that Sphinx does not read it again."""
    file = OUT / path
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")


def main() -> None:
    c_reference()
    kinds()
    write("errors.md", error_page())
    write("parts/oracles.md", oracle_table())
    write("parts/bench.md", bench_table())


if __name__ == "__main__":
    main()
