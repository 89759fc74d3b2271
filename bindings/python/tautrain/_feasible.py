# SPDX-License-Identifier: Apache-2.0
"""Conditions over the numbers of a sweep: ``conversion/DFNB > 99 % and impurity/bis < 0.5 %``.

    condition  = part {"or" part}
    part       = factor {"and" factor}
    factor     = ["not"] ("(" condition ")" | chain)
    chain      = operand comparison operand {comparison operand}
    operand    = a path, or a number with its unit

Nothing of it is run as code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _core
from ._errors import InputError, PathError, TautrainError, UnitsError
from ._train import nearest

Array: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

_COMPARE: dict[str, Callable[[Array | float, Array | float], Bools]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_Node: TypeAlias = Callable[[Callable[[str], Array], bool], Any]
_MARK = re.compile(r"(?P<compare><=|>=|<|>|≤|≥)|(?<![^\s()])(?P<word>and|or|not)(?![^\s()])")
_WRITTEN = {"≤": "<=", "≥": ">="}


@dataclass(frozen=True)
class Token:
    """A piece of the text: operand, compare, word, ( or ) or end; at a column from 1."""

    kind: str
    text: str
    column: int


def _tokens(text: str) -> list[Token]:
    """Cut at comparisons, words and parentheses; a parenthesis inside of a name belongs to it."""
    out: list[Token] = []
    at = begin = depth = 0

    def operand(end: int) -> None:
        piece = text[begin:end]
        if piece.strip():
            out.append(Token("operand", piece.strip(), begin + len(piece) - len(piece.lstrip()) + 1))

    while at < len(text):
        mark = _MARK.match(text, at)
        inside = bool(text[begin:at].strip())
        if mark and not depth:
            operand(at)
            kind = str(mark.lastgroup)
            out.append(Token(kind, _WRITTEN.get(mark.group(), mark.group()), at + 1))
            at = begin = mark.end()
            continue
        if text[at] == "(" and inside:
            depth += 1  # of a name: outlet/c/(R)-A
        elif text[at] == ")" and depth:
            depth -= 1
        elif text[at] in "()":
            operand(at)
            out.append(Token(text[at], text[at], at + 1))
            begin = at + 1
        at += 1
    operand(len(text))
    return [*out, Token("end", "the end", len(text) + 1)]


def _margin(a: Array | float, sign: str, b: Array | float) -> Array:
    """By how much a comparison holds, at most 1; -1 where there is no number."""
    margin = np.asarray(b - a if sign.startswith("<") else a - b, dtype=np.float64)
    largest = float(np.nanmax(np.abs(margin), initial=0.0))
    return np.nan_to_num(margin / (largest or 1.0), nan=-1.0)


class Condition:
    """A condition, read and looked at.

    Parameters
    ----------
    text : str
        ``impurity/bis < 0.005 and units/coil/T_max <= 130 degC``
    units : mapping
        SI unit of every path that may be named.
    """

    def __init__(self, text: str, units: Mapping[str, str]) -> None:
        self.text = text
        self._units = units
        self._tokens = _tokens(text)
        self._next = 0
        self.paths: list[str] = []
        self._tree = self._or()
        if self._peek().kind != "end":
            raise self._wrong(f"'{self._peek().text}' is not expected")

    def __call__(self, column: Callable[[str], Array]) -> Bools:
        """Where it holds; a comparison with nan does not."""
        holds: Bools = self._tree(column, False)
        return holds

    def margin(self, column: Callable[[str], Array]) -> Array:
        """By how much it holds: above zero inside of the region, 0 on its edge; at most 1."""
        margin: Array = self._tree(column, True)
        return margin

    # --- reading ---

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._peek()
        self._next += token.kind != "end"
        return token

    def _is(self, word: str) -> bool:
        if self._peek().text != word or self._peek().kind == "operand":
            return False
        self._next += 1
        return True

    def _wrong(self, what: str) -> InputError:
        return InputError(
            f"'{self.text}', column {self._peek().column}: {what}; needed is something like"
            " 'impurity/bis < 0.005 and outlet/T < 90 degC'",
            kind="bad-condition",
        )

    def _or(self) -> _Node:
        parts = [self._and()]
        while self._is("or"):
            parts.append(self._and())
        return lambda column, margin: (np.maximum if margin else np.logical_or).reduce(
            [part(column, margin) for part in parts]
        )

    def _and(self) -> _Node:
        parts = [self._factor()]
        while self._is("and"):
            parts.append(self._factor())
        return lambda column, margin: (np.minimum if margin else np.logical_and).reduce(
            [part(column, margin) for part in parts]
        )

    def _factor(self) -> _Node:
        if self._is("not"):
            inner = self._factor()
            return lambda column, margin: -inner(column, True) if margin else ~inner(column, False)
        if self._is("("):
            inner = self._or()
            if not self._is(")"):
                raise self._wrong("a ')' is missing")
            return inner
        return self._chain()

    def _chain(self) -> _Node:
        operands, signs = [self._operand()], []
        while self._peek().kind == "compare":
            signs.append(self._take().text)
            operands.append(self._operand())
        if not signs:
            raise self._wrong("a comparison is missing: <, <=, > or >=")
        values = self._values(operands)

        def holds(column: Callable[[str], Array], margin: bool) -> Any:
            x = [column(v) if isinstance(v, str) else v for v in values]
            pairs = list(zip(x, signs, x[1:], strict=False))
            if margin:
                return np.minimum.reduce([_margin(a, sign, b) for a, sign, b in pairs])
            return np.logical_and.reduce([_COMPARE[sign](a, b) for a, sign, b in pairs])

        return holds

    def _operand(self) -> Token:
        token = self._peek()
        if token.kind != "operand":
            raise self._wrong("a path or a number is missing")
        return self._take()

    def _values(self, operands: list[Token]) -> list[str | float]:
        """Paths stay; numbers become SI in the unit of the paths beside them."""
        named = [token.text for token in operands if token.text in self._units]
        units = {self._units[path] for path in named}
        if not named:
            raise self._unknown(operands[0])
        if len(units) > 1:
            what = " and ".join(f"'{path}' in {self._units[path] or '1'}" for path in named)
            raise UnitsError(f"'{self.text}' compares {what}", kind="wrong-unit")
        self.paths += named
        return [token.text if token.text in self._units else self._number(token, units) for token in operands]

    def _unknown(self, token: Token) -> PathError:
        near = nearest(token.text, tuple(self._units))
        return PathError(f"'{token.text}' was neither kept nor varied{near}", kind="unknown-observable")

    def _number(self, token: Token, units: set[str]) -> float:
        (needed,) = units
        if not re.match(r"[-+.\d]", token.text):
            raise self._unknown(token)
        try:
            x, found = _core.tau_quantity_parse(token.text)
        except TautrainError as error:
            raise type(error)(
                f"'{self.text}', column {token.column}: {error.message}", kind=error.id
            ) from None
        if found != needed:
            raise UnitsError(
                f"'{self.text}', column {token.column}: '{token.text}' is in {found or '1'}; {needed or '1'}"
                " or the like is needed",
                kind="wrong-unit" if found else "missing-unit",
            )
        return x
