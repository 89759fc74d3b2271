# SPDX-License-Identifier: Apache-2.0
"""Designs from files: YAML and CSV. Mistakes are told as those of a model file: line, column, all at once."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from . import _core
from ._design import Array, Binder, Design, Grid, Points, finite, in_unit, split_header, table_points
from ._errors import FileError, InputError, Mistake, ModelError, TautrainError
from ._quantity import linspace
from ._sampling import DISTRIBUTIONS, drawn
from ._train import nearest

if TYPE_CHECKING:
    from ._train import Train

T = TypeVar("T")
_MOST = 20  # mistakes that are told, as of a model
_SAMPLERS = ("latin-hypercube", "sobol", "halton", "monte-carlo")


class Node:
    """A value of the file, and where it stands."""

    def __init__(self, tree: tuple[Any, ...], path: str = "") -> None:
        self.text: str | None
        self.text, self.line, self.column, self.key, self.key_line, self.key_column, children = tree
        self.path = f"{path}/{self.key}" if path and self.key else self.key or path
        self.items = None if children is None else [Node(child, self.path) for child in children]

    @property
    def is_map(self) -> bool:
        """Whether it is a block of keys."""
        return bool(self.items) and all(item.key is not None for item in self.items or ())

    def get(self, key: str) -> Node | None:
        """The value of a key."""
        return next((item for item in self.items or () if item.key == key), None)


class Mistakes:
    """Collects what is wrong with a file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Mistake] = []

    def add(self, line: int, column: int, path: str, text: str, kind: str) -> None:
        """One more."""
        if len(self.found) < _MOST:
            self.found.append(Mistake(self.file, line, column, path, text, kind))

    def at(self, node: Node, text: str, kind: str) -> None:
        """At a value."""
        self.add(node.line, node.column, node.path, text, kind)

    def at_key(self, node: Node, text: str, kind: str) -> None:
        """At its key."""
        self.add(node.key_line, node.key_column, node.path, text, kind)

    def tried(self, node: Node, do: Callable[[], T]) -> T | None:
        """What a call gives; None after its mistake was taken down."""
        try:
            return do()
        except TautrainError as error:
            (self.at_key if error.id == "unknown-parameter" else self.at)(node, error.message, error.id)
            return None

    def end(self) -> None:
        """Raise them."""
        if self.found:
            self.found.sort(key=lambda m: (m.line, m.column))
            raise ModelError(self.found[0].text, self.found)


class DesignFile(Design):
    """A design in a file: ``.csv`` is a table, anything else YAML."""

    def __init__(self, file: str | os.PathLike[str], seed: int | None = None) -> None:
        self._file = os.fspath(file)
        self._seed = seed

    def seeded(self, seed: int) -> Design:
        return DesignFile(self._file, seed)

    def on(self, train: Train) -> Points:
        if self._file.lower().endswith((".csv", ".tsv")):
            return _CsvReader(self._file, train).points()
        return _YamlReader(self._file, train, self._seed).design().on(train)


# --- YAML ---


class _YamlReader:
    def __init__(self, file: str, train: Train, seed: int | None) -> None:
        found: list[tuple[int, int, str, str, str]] = []
        try:
            self.root = Node(_core.taupy_yaml(file, found))
        except (ModelError, InputError) as error:
            raise ModelError(error.message, [Mistake(file, *one) for one in found], kind=error.id) from None
        self.binder = Binder(train)
        self.mistakes = Mistakes(file)
        self.seed = seed

    def design(self) -> Design:
        """Read it whole; every value has been looked at."""
        kinds = ("grid", *_SAMPLERS)
        self._known(self.root, ("tautrain", *kinds))
        version = self.root.get("tautrain")
        if version is None or version.text != "1":
            at = version or self.root
            self.mistakes.at(
                at, "the file says no format that is known; it begins with 'tautrain: 1'", "format-version"
            )
        blocks = [node for node in self.root.items or () if node.key in kinds]
        if len(blocks) != 1 and (blocks or not self.mistakes.found):  # one that is misspelt is told
            at = blocks[1] if blocks else self.root
            report = self.mistakes.at_key if blocks else self.mistakes.at
            report(
                at,
                f"{len(blocks)} designs; one of {', '.join(kinds)} is needed",
                "conflicting-keys" if blocks else "missing-key",
            )
        self.mistakes.end()
        design = self._grid(blocks[0]) if blocks[0].key == "grid" else self._sampled(blocks[0])
        self.mistakes.end()
        assert design is not None
        self.mistakes.tried(
            blocks[0], lambda: design.on(self.binder.train)
        )  # what concerns all values together
        self.mistakes.end()
        return design

    def _known(self, block: Node, keys: tuple[str, ...]) -> None:
        for item in block.items or ():
            if item.key not in keys:
                message = f"'{item.key}' is not a key here{nearest(str(item.key), keys)}"
                self.mistakes.at_key(item, message, "unknown-key")

    def _paths(self, block: Node) -> Iterator[tuple[str, Node]]:
        """Members of a block whose keys are parameters."""
        if not block.is_map:
            self.mistakes.at(block, "a block of parameters with their values is needed", "wrong-shape")
            return
        for item in block.items or ():
            path = str(item.key)
            if self.mistakes.tried(item, partial(self.binder.index, path)) is not None:
                yield path, item

    # grid

    def _grid(self, block: Node) -> Design:
        axes = {path: self._axis(path, item) for path, item in self._paths(block)}
        return Grid({path: values for path, values in axes.items() if values is not None})

    def _axis(self, path: str, node: Node) -> Array | None:
        if node.is_map:
            return self._range(path, node)
        texts = [node] if node.items is None else node.items
        values = [self._value(path, item) for item in texts]
        return None if None in values else np.array(values, dtype=np.float64)

    def _value(self, path: str, node: Node) -> float | None:
        if node.text is None:
            self.mistakes.at(node, f"{path}: a value is needed here", "wrong-shape")
            return None
        return self.mistakes.tried(node, lambda: self.binder.si(path, node.text or ""))

    def _range(self, path: str, node: Node) -> Array | None:
        self._known(node, ("from", "to", "n", "spacing"))
        first, last, n = (self._required(node, key) for key in ("from", "to", "n"))
        spacing = node.get("spacing")
        if spacing is not None and spacing.text not in ("linear", "log"):
            self.mistakes.at(
                spacing, f"'{spacing.text}' is no spacing; linear or log is needed", "unknown-choice"
            )
            return None
        if first is None or last is None or n is None:
            return None
        a, b, count = self._value(path, first), self._value(path, last), self._count(n)
        if a is None or b is None or count is None:
            return None
        if spacing is None or spacing.text == "linear":
            return linspace(a, b, count)
        if min(a, b) <= 0.0:
            self.mistakes.at(node, f"{path}: both ends must be above zero for spacing: log", "out-of-range")
            return None
        return np.geomspace(a, b, count)

    def _required(self, block: Node, key: str) -> Node | None:
        found = block.get(key)
        if found is None:
            self.mistakes.at(block, f"'{key}' is missing here", "missing-key")
        return found

    def _count(self, node: Node) -> int | None:
        """A whole number of at least 1."""
        try:
            n = int(node.text or "")
        except ValueError:
            n = 0
        if n >= 1:
            return n
        self.mistakes.at(node, f"'{node.text}': a whole number of at least 1 is needed", "out-of-range")
        return None

    # samples

    def _sampled(self, block: Node) -> Design | None:
        kind = str(block.key)
        is_random = kind == "monte-carlo"
        if not block.is_map:
            self.mistakes.at(block, f"{kind} needs keys: n, seed, parameters", "wrong-shape")
            return None
        self._known(block, ("n", "seed", "parameters", *(("correlation",) if is_random else ())))
        n = self._required(block, "n")
        count = self._count(n) if n else None
        seed_node, parameters = block.get("seed"), block.get("parameters")
        seed = 0
        if seed_node is not None and not (seed_node.text or "").isdigit():
            self.mistakes.at(seed_node, f"'{seed_node.text}': a whole number is needed", "bad-number")
        elif seed_node is not None:
            seed = int(seed_node.text or "0")
        if parameters is None and not is_random:
            self._required(block, "parameters")
        given = (
            None if parameters is None else {p: self._drawn(p, item) for p, item in self._paths(parameters)}
        )
        correlation = self._correlation(block.get("correlation"))
        if self.mistakes.found or count is None:
            return None
        return drawn(kind, given, count, seed if self.seed is None else self.seed, correlation)

    def _drawn(self, path: str, node: Node) -> Any:
        """Two ends, a value with its +/-, or a distribution with what it needs."""
        given: Any = node.text
        if node.is_map:
            items = node.items or []
            kind = str(items[0].key)
            if len(items) != 1 or kind not in DISTRIBUTIONS:
                known = ", ".join(DISTRIBUTIONS)
                self.mistakes.at(node, f"{path}: one distribution is needed: {known}", "unknown-choice")
                return None
            given = (kind, *(item.text for item in items[0].items or ()))
        elif node.items is not None:
            given = tuple(item.text for item in node.items)
        if isinstance(given, tuple) and None in given:
            self.mistakes.at(node, f"{path}: values are needed here, no blocks", "wrong-shape")
            return None
        one = drawn("monte-carlo", {path: given}, 1, 0)
        self.mistakes.tried(node, lambda: one.on(self.binder.train))
        return given

    def _correlation(self, node: Node | None) -> dict[tuple[str, str], float] | None:
        if node is None:
            return None
        found: dict[tuple[str, str], float] = {}
        for item in node.items or ():
            texts = [one.text for one in item.items or ()]
            try:
                a, b, value = str(texts[0]), str(texts[1]), float(str(texts[2]))
            except (IndexError, ValueError):
                self.mistakes.at(item, "two paths and a number are needed, [path, path, 0.8]", "wrong-shape")
                continue
            found[(a, b)] = value
        if not node.items:
            self.mistakes.at(node, "a list of [path, path, 0.8] is needed", "wrong-shape")
        return found


# --- CSV ---


class _CsvReader:
    """A head of ``path [unit]``, a row a run; lines that begin with # are skipped."""

    def __init__(self, file: str, train: Train) -> None:
        self.file = file
        self.binder = Binder(train)
        self.mistakes = Mistakes(file)

    def points(self) -> Points:
        """Read it whole."""
        rows = self._rows()
        line, head = next(rows, (1, []))
        if not head:
            self.mistakes.add(1, 1, "", "the table is empty; a head of paths is needed", "empty-file")
        places = _columns(head)
        columns = [self._column(line, place, header) for place, header in zip(places, head, strict=True)]
        self.mistakes.end()
        values = self._numbers(rows, [path for path, _ in columns])
        self.mistakes.end()
        table = {
            path: in_unit(path, values[:, j], unit, self.binder.train.parameters[path].si_unit)
            if unit is not None
            else values[:, j]
            for j, (path, unit) in enumerate(columns)
        }
        try:
            finite(table)
            return table_points(self.binder, table)
        except TautrainError as error:
            raise ModelError(
                error.message, [Mistake(self.file, line, 1, "", error.message, error.id)]
            ) from None

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        try:
            with open(self.file, newline="", encoding="utf-8-sig") as f:
                reader = csv.reader(
                    f, delimiter="\t" if self.file.lower().endswith(".tsv") else ",", strict=True
                )
                for row in reader:
                    if row and not row[0].lstrip().startswith("#") and any(cell.strip() for cell in row):
                        yield reader.line_num, row
        except OSError as error:
            raise FileError(f"{self.file}: cannot be read: {error.strerror}", kind="cannot-read") from None
        except (csv.Error, UnicodeDecodeError) as error:
            kind = "not-utf-8" if isinstance(error, UnicodeDecodeError) else "bad-number"
            message = f"cannot be read as a table: {error}"
            raise ModelError(message, [Mistake(self.file, reader.line_num, 1, "", message, kind)]) from None

    def _column(self, line: int, column: int, header: str) -> tuple[str, str | None]:
        path, unit = split_header(header)
        try:
            self.binder.column(header, np.ones(1))
        except TautrainError as error:
            self.mistakes.add(line, column, path, error.message, error.id)
        return path, unit

    def _numbers(self, rows: Iterator[tuple[int, list[str]]], paths: list[str]) -> Array:
        values: list[float] = []
        n_rows = 0
        for line, row in rows:
            n_rows += 1
            if len(row) != len(paths):
                message = f"{len(row)} cells; the head has {len(paths)}"
                self.mistakes.add(line, 1, "", message, "wrong-shape")
                continue
            try:
                values.extend(map(float, row))
            except ValueError:
                self._cells(line, row, paths)
        if n_rows == 0:
            self.mistakes.add(1, 1, "", "the table has no rows", "empty-file")
        return np.array(values if not self.mistakes.found else [], dtype=np.float64).reshape(-1, len(paths))

    def _cells(self, line: int, row: list[str], paths: list[str]) -> None:
        for place, cell, path in zip(_columns(row), row, paths, strict=True):
            try:
                float(cell)
            except ValueError:
                message = f"{path}: '{cell.strip()}' is no number; units stand in the head"
                self.mistakes.add(line, place, path, message, "bad-number")


def _columns(cells: list[str]) -> list[int]:
    """Where each cell begins, from 1; exact where none is quoted."""
    places = [1]
    for cell in cells[:-1]:
        places.append(places[-1] + len(cell) + 1)
    return places[: len(cells)]
