#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds a small program against tautrain as its users do, and runs it.

``consumer.py SOURCE_DIR --build BUILD_DIR`` takes the library of a build tree: it is installed, moved, and
found by find_package and by pkg-config. ``consumer.py SOURCE_DIR --shared 0|1`` begins with add_subdirectory
and that kind of library, then goes on in the same way.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


class Consumer:
    """One temporary folder, and the tools to work in it."""

    def __init__(self, folder: Path, args: argparse.Namespace) -> None:
        self.folder = folder
        self.args = args
        self.program = args.source / "tests" / "consumer"
        self.version = re.search(
            r'TAU_VERSION "([^"]+)"', (args.source / "include/tautrain/version.h").read_text(encoding="utf-8")
        ).group(1)  # type: ignore[union-attr]  # the header has its version

    def run(self, *command: str | Path, env: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            [str(word) for word in command],
            env={**os.environ, **(env or {})},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}\nfailed with {done.returncode}")
        return done.stdout

    def check(self, what: str, program: Path, **env: str) -> None:
        said = self.run(program, env=env).strip()
        if said != f"tautrain {self.version}":
            sys.exit(f"{what}: the program said {said!r}, not 'tautrain {self.version}'")
        print(f"{what}: {said}")

    def configure(self, build: Path, *options: str) -> None:
        self.run(
            self.args.cmake,
            *("-S", self.program, "-B", build, "-G", self.args.generator),
            *(f"-DCMAKE_C_COMPILER={self.args.cc}", *options),
        )
        self.run(self.args.cmake, "--build", build)

    def install(self, build: Path) -> Path:
        """Installs, then moves: nothing may remember where it was."""
        first, prefix = self.folder / "first", self.folder / "moved"
        self.run(self.args.cmake, "--install", build, "--prefix", first)
        first.rename(prefix)
        return prefix

    def by_find_package(self, prefix: Path) -> None:
        build = self.folder / "find_package"
        self.configure(build, f"-DCMAKE_PREFIX_PATH={prefix}")
        self.check("find_package", build / "consumer")

    def by_pkg_config(self, prefix: Path) -> None:
        pc = next(prefix.rglob("tautrain.pc"))
        static = not list(prefix.rglob("libtautrain.so"))
        env = {"PKG_CONFIG_PATH": str(pc.parent)}
        query = ["pkg-config", *(["--static"] if static else []), "--cflags", "--libs", "tautrain"]
        flags = self.run(*query, env=env).split()
        program = self.folder / "by_pkg_config"
        self.run(self.args.cc, "-std=c11", self.program / "main.c", "-o", program, *flags)
        self.check("pkg-config", program, LD_LIBRARY_PATH=str(pc.parent.parent))

    def example(self, prefix: Path) -> None:
        """The pages of C that the manual shows, each with its own check."""
        static = [] if list(prefix.rglob("libtautrain.so")) else ["--static"]
        for folder in ("examples/c-embedding", "examples/rtd-train", "docs/howto/c"):
            script = self.args.source / folder / "check.py"
            print(self.run(sys.executable, script, prefix, *static).strip())

    def by_subdirectory(self, shared: bool) -> Path:
        build = self.folder / "subdirectory"
        self.configure(
            build,
            f"-DTAUTRAIN_SOURCE={self.args.source}",
            f"-DBUILD_SHARED_LIBS={'ON' if shared else 'OFF'}",
            "-DTAUTRAIN_INSTALL=ON",
            *(f"-D{definition}" for definition in self.args.define),
        )
        self.check("add_subdirectory", build / "consumer")
        return build


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("--build", type=Path)
    parser.add_argument("--shared", choices=["0", "1"], default="0")
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--generator", default="Ninja")
    parser.add_argument("--define", action="append", default=[], help="passed on to the second build")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        consumer = Consumer(Path(folder), args)
        prefix = consumer.install(args.build or consumer.by_subdirectory(args.shared == "1"))
        consumer.by_find_package(prefix)
        consumer.by_pkg_config(prefix)
        consumer.example(prefix)
    return 0


if __name__ == "__main__":
    sys.exit(main())
