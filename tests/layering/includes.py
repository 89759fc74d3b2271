#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks who may include whom in lib/, and that chemistry and reactors only build expression nodes.

``includes.py SOURCE_DIR`` checks the project, ``includes.py --self-test`` the rules themselves, on sources
that break each of them.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

# A layer sees itself and these.
SEES = {
    "base": set[str](),
    "num": {"base"},
    "expr": {"base", "num"},
    "chem": {"base", "num", "expr"},
    "model": {"base", "num", "expr", "chem"},
    "reactor": {"base", "num", "expr", "chem", "model"},
    "rtd": {"base", "num", "expr", "chem", "model"},
    "solve": {"base", "num", "expr"},
}
SEES["train"] = SEES["model"] | {"model", "reactor", "rtd", "solve"}
SEES["study"] = SEES["train"] | {"train"}
SEES["io"] = SEES["study"] | {"study"}

# A header of somebody else, and the only files of lib/ that may name it.
SUNDIALS = r"(sundials|cvodes|kinsol|nvector|sun(matrix|linsol|nonlinsol))/.*"
THIRD_PARTY = {
    SUNDIALS: r"solve/(cvodes|kinsol|klu|sundials)\w*\.[ch]",
    r"klu\.h": r"solve/klu\w*\.[ch]",
    r"yaml\.h": r"io/yaml\w*\.c",
    r"(hdf5(_hl)?|H5FDdevelop)\.h": r"io/h5\w*\.c",
    r"udunits2\.h": r"chem/units\w*\.c",
    r"lapacke\.h": r"num/lapack\.c",
    r"(sleef|immintrin|x86intrin|cpuid)\.h": r"expr/(eval\w*|vector)\.[ch]",
    r"nlopt\.h": r"study/nlopt\w*\.c",
    r"omp\.h": r"base/parallel\.c",
}

STANDARD = set(
    """assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
    stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype
    fcntl pthread sched strings sys/file sys/stat sys/types unistd""".split()
)

# These folders only build nodes: no number is computed there, no derivative is written.
NODES_ONLY = re.compile(r"(chem/law|chem/kt|reactor)/")
LIBM = re.compile(
    r"\b(f?abs|acosh?|asinh?|atan[2h]?|cbrt|ceil|cosh?|erfc?|exp[2]?|expm1|floor|fma|fmax|fmin|fmod|hypot|l?gamma|ldexp"
    r"|log(?:10|1p|2)?|pow|round|sinh?|sqrt|tanh?|trunc)[fl]?\s*\("
)
DERIVATIVE = re.compile(  # but asking the graph for one is welcome
    r"\b(?!taup_builder_derivative\b|taup_diff|taup_partial\b)"
    r"(?:\w+_)?(?:jac|jacobian|deriv|derivatives?|gradient|diff|differentiate|tangents?)(?:_\w+)?\b"
    r"|\bd[A-Za-z]{1,2}_?d[A-Z][A-Za-z]?\b|\bd[A-Za-z]{1,2}_d[A-Za-z]{1,2}\b"
)

# Not in a library: output, leaving the process, the environment; memory comes from base/alloc.h.
UNWELCOME = re.compile(
    r"\b(?:v?printf|puts|putchar|perror|exit|_Exit|quick_exit|abort|getenv|secure_getenv|setenv|system)\s*\("
    r"|\bstd(?:out|err|in)\b"
)
MEMORY = re.compile(
    r"(?<![\w.>])(?:[mc]alloc|realloc|aligned_alloc|posix_memalign|free|strn?dup|asprintf)\s*\("
)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'", re.DOTALL)


def code_of(source: str) -> str:
    """The source with comments and literals blanked, line by line in place."""
    return TEXT.sub(lambda m: "\n" * m.group().count("\n") or " ", source)


def found(pattern: re.Pattern[str], code: str) -> Iterator[tuple[int, str]]:
    for match in pattern.finditer(code):
        yield code.count("\n", 0, match.start()) + 1, match.group().strip("( ")


def resolve(lib: Path, file: Path, name: str) -> str | None:
    """Path below lib/ of a quoted header, or None when there is no such file."""
    for candidate in (file.parent / name, lib / name):
        if candidate.is_file() and candidate.resolve().is_relative_to(lib.resolve()):
            return candidate.resolve().relative_to(lib.resolve()).as_posix()
    return None


def include_faults(lib: Path, file: Path, source: str) -> Iterator[tuple[int, str]]:
    here = file.relative_to(lib).as_posix()
    layer = here.split("/")[0]
    for match in INCLUDE.finditer(source):
        line = source.count("\n", 0, match.start()) + 1
        quote, name = match.groups()
        for header, where in THIRD_PARTY.items():
            if re.fullmatch(header, name):
                if not re.fullmatch(where, here):
                    yield line, f"<{name}> may only be named in lib/{where}"
                break
        else:
            if quote == "<":
                if not re.fullmatch(r"tautrain(/\w+)?\.h", name) and name.removesuffix(".h") not in STANDARD:
                    yield line, f"<{name}> is neither standard nor in the table of tests/layering/includes.py"
            elif name not in ("build_info.h",):
                target = resolve(lib, file, name)
                if target is None:
                    yield line, f'"{name}" is not a file of lib/'
                elif (other := target.split("/")[0]) != layer and other not in SEES[layer]:
                    yield line, f'layer {layer} may not see {other} ("{name}")'


def code_faults(here: str, source: str) -> Iterator[tuple[int, str]]:
    code = code_of(source)
    if NODES_ONLY.match(here):
        for line, what in found(LIBM, code):
            yield line, f"{what}() computes a number; files here only build nodes (taup_{what})"
        for line, what in found(DERIVATIVE, code):
            yield line, f"'{what}' looks like a derivative; derivatives come from the graph"
    for line, what in found(UNWELCOME, code):
        yield line, f"{what} has no place in the library"
    if here != "base/alloc.c":
        for line, what in found(MEMORY, code):
            yield line, f"{what}() goes round base/alloc.h"


def library_faults(root: Path) -> Iterator[str]:
    lib = root / "lib"
    for file in sorted(lib.rglob("*.[ch]")):
        here = file.relative_to(lib).as_posix()
        if here.split("/")[0] not in SEES:
            yield f"lib/{here}:1: stands in no layer"
            continue
        source = file.read_text(encoding="utf-8")
        for line, fault in [*include_faults(lib, file, source), *code_faults(here, source)]:
            yield f"lib/{here}:{line}: {fault}"


def outside_faults(root: Path) -> Iterator[str]:
    """Bindings and examples are users: they see include/ only."""
    include = re.compile(r'^[ \t]*[#%][ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
    for folder in ("bindings", "examples"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in (".c", ".h", ".i"):
                continue
            source = file.read_text(encoding="utf-8")
            for match in include.finditer(source):
                name = match.group(2)
                if (root / "lib" / name).exists() or "lib/" in name:
                    place = (
                        f"{file.relative_to(root).as_posix()}:{source.count(chr(10), 0, match.start()) + 1}"
                    )
                    yield f"{place}: sees the inside of the library ({name})"


def faults(root: Path) -> list[str]:
    return [*library_faults(root), *outside_faults(root)]


# One line of code per rule that must be refused, and some that must not.
REFUSED = {
    "base/a.c": '#include "num/n.h"',
    "expr/a.c": '#include "chem/n.h"',
    "solve/a.c": '#include "chem/n.h"',
    "reactor/a.c": '#include "solve/n.h"',
    "rtd/a.c": '#include "reactor/n.h"',
    "train/a.c": '#include "io/n.h"',
    "model/a.c": "#include <yaml.h>",
    "io/csv.c": "#include <hdf5.h>",
    "train/b.c": "#include <cvodes/cvodes.h>",
    "num/root.c": "#include <lapacke.h>",
    "chem/a.c": "#include <sleef.h>",
    "chem/b.c": "#include <glib.h>",
    "chem/c.c": '#include "chem/absent.h"',
    "stray/a.c": "int x;",
    "chem/law/a.c": "double r = k * exp(-E / T);",
    "chem/kt/a.c": "double r = pow(T, n);",
    "reactor/b.c": "taup_node dr_dc = taup_mul(g, a, b);",
    "reactor/c.c": "static void jacobian(void) {}",
    "reactor/d.c": "double dHdT;",
    "io/a.c": 'void f(void) { printf("x"); }',
    "io/b.c": 'void f(void) { fputs("x", stderr); }',
    "io/c.c": "void f(void) { exit(1); }",
    "io/d.c": "char *f(void) { return malloc(3); }",
}
ACCEPTED = {
    "io/e.c": "void f(void *x) { taup_free(x); x->free(x); free_all(x); }",
    "io/h5.c": "#include <hdf5.h>",
    "solve/cvodes.c": "#include <cvodes/cvodes.h>\n#include <math.h>",
    "reactor/e.c": '/* dr_dc, exp( */ taup_node n = taup_exp(g, taup_log(g, x)); const char *s = "sqrt(x)";',
    "reactor/f.c": '#include "chem/n.h"',
    "chem/law/b.c": "int density_default, different, add_d;",
    "base/alloc.c": "void *p = malloc(n);",
}


def self_test() -> list[str]:
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for here, source in (REFUSED | ACCEPTED).items():
            root = Path(folder) / here.replace("/", "-")
            file = root / "lib" / here
            file.parent.mkdir(parents=True)
            for layer in SEES:
                (root / "lib" / layer).mkdir(exist_ok=True)
                (root / "lib" / layer / "n.h").write_text("")
            file.write_text(source + "\n")
            got = faults(root)
            if bool(got) != (here in REFUSED):
                wrong.append(f"{here}: {source!r}: {got or 'accepted'}")
    return wrong


def main() -> int:
    wrong = self_test() if "--self-test" in sys.argv else faults(Path(sys.argv[1]))
    print("\n".join(wrong) or "ok")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
