# SPDX-License-Identifier: Apache-2.0
"""What the library knows: unit models, rate laws, forms of k(T), solvents, made from its own tables."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import _core
from ._quantity import Quantity, number, text


@dataclass(frozen=True)
class Field:
    """One parameter of a kind.

    Attributes
    ----------
    name : str
        Key in a model file.
    unit : str or None
        SI unit; empty for a plain number, None where it follows from elsewhere (k from the order).
    lower, upper : float
        Bounds, SI.
    default : float
        SI; nan where it must be given or may be left out.
    doc : str
        One line.
    """

    name: str
    unit: str | None
    lower: float
    upper: float
    default: float
    doc: str

    def __str__(self) -> str:
        unit = (
            "" if self.unit == "" else f" [{'follows from the orders' if self.unit is None else self.unit}]"
        )
        default = "" if math.isnan(self.default) else f"; default {number(self.default)}"
        return f"{self.name} : quantity{unit}{default}\n    {self.doc[:1].upper()}{self.doc[1:]}."


class Spec(dict[str, Any]):
    """A kind with its fields, for a model; made by ``tt.units.pfr(...)``, ``tt.laws.power(...)``."""

    def __init__(self, kind: str, fields: dict[str, Any]) -> None:
        super().__init__({key: value for key, value in fields.items() if value is not None})
        self.kind = kind

    def __repr__(self) -> str:
        return f"{self.kind}({', '.join(f'{k}={v!r}' for k, v in self.items())})"


class Solvent(str):
    """A solvent by name, with its properties at 25 degC in SI.

    Attributes
    ----------
    properties : dict
        Value and unit by name.
    """

    properties: dict[str, tuple[float, str]]

    def __repr__(self) -> str:
        rows = ", ".join(f"{k} {number(v)} {unit}".rstrip() for k, (v, unit) in self.properties.items())
        return f"{self} (25 degC: {rows})"


def _identifier(name: str) -> str:
    words = name.replace("-", "_").replace(" ", "_").replace(",", "_")
    return words if words.isidentifier() else "".join(c if c.isalnum() else "_" for c in f"_{words}")


def _fields(table: int, row: int) -> list[Field]:
    return [
        Field(*_core.tau_table_parameter(table, row, i))
        for i in range(_core.tau_table_n_parameters(table, row))
    ]


def _document(doc: str, fields: list[Field], latex: str | None, more: str) -> str:
    parts = [doc, "", "Parameters", "----------", *(str(f) for f in fields), more]
    if latex:
        parts += ["", "Notes", "-----", *(f"    {line}" for line in latex.splitlines())]
    return "\n".join(part for part in parts if part is not None).rstrip() + "\n"


def _signature(fields: list[Field], before: list[str], after: list[str]) -> inspect.Signature:
    kind = inspect.Parameter.KEYWORD_ONLY
    names = [*before, *(f.name for f in fields), *after]
    parameters = [inspect.Parameter(n, kind, default=None) for n in names if n.isidentifier()]
    return inspect.Signature([*parameters, inspect.Parameter("more", inspect.Parameter.VAR_KEYWORD)])


class Namespace:
    """Rows of one table of the library, each an attribute; Tab lists them, ``help()`` explains one.

    Names are those of model files with ``-`` written ``_``; ``namespace["michaelis-menten"]`` takes them as
    they are.
    """

    def __init__(self, table: int, what: str, make: Callable[[int, int], Any]) -> None:
        self._table = table
        self._what = what
        self._make = make
        self._made: dict[int, Any] = {}
        self.__doc__ = f"The {what} that are known: {{}}."

    def _names(self) -> list[str]:
        return [_core.tau_table_name(self._table, i) for i in range(_core.tau_table_n_rows(self._table))]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def __getitem__(self, name: str) -> Any:
        names = self._names()
        if name not in names:
            raise KeyError(f"'{name}' is none of the {self._what}: {', '.join(names)}")
        row = names.index(name)
        if row not in self._made:
            self._made[row] = self._make(self._table, row)
        return self._made[row]

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            for row in self._names():
                if _identifier(row) == name:
                    return self[row]
        raise AttributeError(
            f"'{name}' is none of the {self._what}: {', '.join(map(_identifier, self._names()))}"
        )

    def __dir__(self) -> list[str]:
        return [_identifier(name) for name in self._names()]

    def __repr__(self) -> str:
        lines = [
            f"{_identifier(n):<20} {_core.tau_table_doc(self._table, i).splitlines()[0]}"
            for i, n in enumerate(self._names())
        ]
        return "\n".join([self._what, *lines])


def _maker(before: list[str], after: list[str], more: str) -> Callable[[int, int], Any]:
    def make(table: int, row: int) -> Callable[..., Spec]:
        name = _core.tau_table_name(table, row)
        fields = _fields(table, row)

        def kind(**given: Any) -> Spec:
            return Spec(name, given)

        kind.__name__ = kind.__qualname__ = _identifier(name)
        kind.__module__ = "tautrain"
        kind.__doc__ = _document(
            _core.tau_table_doc(table, row), fields, _core.tau_table_latex(table, row), more
        )
        kind.__signature__ = _signature(fields, before, after)  # type: ignore[attr-defined]  # for help() and completion
        kind.fields = tuple(fields)  # type: ignore[attr-defined]  # for help() and completion
        return kind

    return make


def _make_solvent(table: int, row: int) -> Solvent:
    solvent = Solvent(_core.tau_table_name(table, row))
    solvent.properties = {f.name: (f.default, f.unit or "") for f in _fields(table, row)}
    solvent.__doc__ = _core.tau_table_doc(table, row)
    return solvent


_OF_A_UNIT = """inlets : str or list of str
    Feeds, units or "unit/port" that it takes.
temperature : quantity [K]
    Isothermal at this temperature; without it at the temperature of what comes in.
heat : "adiabatic" or dict
    ``{"jacket": {"temperature": ..., "U": ..., "area": ...}}``.
**more
    Any other key of the model file."""
_OF_A_LAW = """**more
    Any other key of a reaction in the model file: orders, K, k_reverse, heat, substrate ..."""

units = Namespace(
    _core.TAU_TABLE_UNIT, "unit models", _maker(["inlets"], ["temperature", "heat"], _OF_A_UNIT)
)
laws = Namespace(_core.TAU_TABLE_LAW, "rate laws", _maker([], [], _OF_A_LAW))
solvents = Namespace(_core.TAU_TABLE_SOLVENT, "solvents", _make_solvent)


def forms() -> list[str]:
    """Names of the forms of k(T)."""
    return [
        _core.tau_table_name(_core.TAU_TABLE_KT, i) for i in range(_core.tau_table_n_rows(_core.TAU_TABLE_KT))
    ]


# --- forms of k(T) ---


def _form(name: str, given: dict[str, Quantity | None]) -> dict[str, dict[str, str]]:
    return {name: {key: text(value) for key, value in given.items() if value is not None}}


def constant(k: Quantity) -> str:
    """A constant that does not depend on temperature.

    Parameters
    ----------
    k : quantity
        ``0.1 1/s``

    Returns
    -------
    str
        For ``k=`` of a reaction.
    """
    return text(k)


def arrhenius(
    *,
    A: Quantity | None = None,
    Ea: Quantity,
    n: float | None = None,
    k_ref: Quantity | None = None,
    T_ref: Quantity | None = None,
) -> dict[str, dict[str, str]]:
    """K = A (T/K)^n exp(-Ea / R T), or k = k_ref exp(-Ea/R (1/T - 1/T_ref)).

    Parameters
    ----------
    A : quantity
        Pre-exponential factor, in the unit of k; with ``Ea`` and perhaps ``n``.
    Ea : quantity
        Activation energy [J/mol], or Ea/R [K].
    n : float
        Exponent of T [-].
    k_ref, T_ref : quantity
        k at a temperature, in place of ``A``.

    Returns
    -------
    dict
        For ``k=`` of a reaction.
    """
    if (A is None) == (k_ref is None) or (k_ref is None) != (T_ref is None):
        raise TypeError("arrhenius takes A and Ea, or k_ref, T_ref and Ea")
    return _form("arrhenius", {"A": A, "k_ref": k_ref, "T_ref": T_ref, "Ea": Ea, "n": n})


def eyring(*, dH: Quantity, dS: Quantity) -> dict[str, dict[str, str]]:
    """K = (kB T / h) exp(dS/R - dH / R T).

    Parameters
    ----------
    dH : quantity
        Enthalpy of activation [J/mol].
    dS : quantity
        Entropy of activation [J/mol/K].

    Returns
    -------
    dict
        For ``k=`` of a reaction.
    """
    return _form("eyring", {"dH": dH, "dS": dS})


def van_t_hoff(*, K_ref: Quantity, T_ref: Quantity, dH: Quantity) -> dict[str, dict[str, str]]:
    """K = K_ref exp(-dH/R (1/T - 1/T_ref)), an equilibrium constant.

    Parameters
    ----------
    K_ref : quantity
        K at ``T_ref``, with its unit.
    T_ref : quantity
        Temperature [K].
    dH : quantity
        Enthalpy of reaction [J/mol].

    Returns
    -------
    dict
        For ``K=`` of a reaction.
    """
    return _form("van-t-hoff", {"K_ref": K_ref, "T_ref": T_ref, "dH": dH})
