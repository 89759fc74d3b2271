# SPDX-License-Identifier: Apache-2.0
"""``tt.rtd``: models of residence time by name, from the library's own table, and what is made of them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

from . import _core, _rtd_make
from ._errors import InputError, PathError
from ._kinds import Field, Namespace, _document, _fields, _identifier
from ._quantity import Quantity, in_si
from ._rtd import Rtd
from ._train import nearest

_ENDS = {
    "closed": "dispersion",
    "closed-closed": "dispersion",
    "open": "dispersion-open",
    "open-open": "dispersion-open",
    "open-closed": "dispersion-open-closed",
    "closed-open": "dispersion-closed-open",
}
_ENDS_DOC = """ends : str
    Inlet and outlet: ``closed`` or ``closed-closed`` (where left out), ``open`` or ``open-open``,
    ``open-closed``, ``closed-open``."""


def _values(name: str, fields: list[Field], args: tuple[Any, ...], given: dict[str, Any]) -> dict[str, float]:
    """Arguments of a model in SI, by name."""
    known = {f.name: f for f in fields}
    if len(args) > len(fields):
        raise TypeError(f"{name} takes {', '.join(known)}; {len(args)} values were given")
    both = dict(zip(known, args, strict=False))
    for key, value in given.items():
        if key not in known:
            raise PathError(
                f"'{key}' is no parameter of {name}{nearest(key, known)}; there are {', '.join(known)}",
                kind="unknown-parameter",
            )
        if key in both:
            raise InputError(f"{key} of {name} is given twice")
        both[key] = value
    return {key: in_si(value, known[key].unit or "") for key, value in both.items() if value is not None}


def _signature(fields: list[Field], more: list[inspect.Parameter]) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = []
    for field in sorted(fields, key=lambda f: not math.isnan(f.default)):
        default = inspect.Parameter.empty if math.isnan(field.default) else field.default
        parameters.append(inspect.Parameter(field.name, kind, default=default))
    return inspect.Signature([*parameters, *more])


def _make(table: int, i_row: int) -> Callable[..., Rtd]:
    name = _core.tau_table_name(table, i_row)
    fields = _fields(table, i_row)
    has_ends = name == "dispersion"

    def kind(*args: Quantity, **given: Any) -> Rtd:
        model = _model_of_ends(given.pop("ends", "closed-closed")) if has_ends else name
        return _rtd_make.row(model, _values(name, fields, args, given))

    ends = inspect.Parameter("ends", inspect.Parameter.KEYWORD_ONLY, default="closed-closed")
    kind.__name__ = kind.__qualname__ = _identifier(name)
    kind.__module__ = "tautrain"
    kind.__doc__ = _document(
        _core.tau_table_doc(table, i_row),
        fields,
        _core.tau_table_latex(table, i_row),
        _ENDS_DOC if has_ends else "",
    )
    kind.__signature__ = _signature(fields, [ends] if has_ends else [])  # type: ignore[attr-defined]  # for help() and completion
    kind.fields = tuple(fields)  # type: ignore[attr-defined]  # for help() and completion
    return kind


def _model_of_ends(ends: object) -> str:
    model = _ENDS.get(str(ends))
    if model is None:
        raise InputError(f"ends is '{ends}'; there are {', '.join(_ENDS)}")
    return model


class RtdNamespace(Namespace):
    """Models of residence time, each a function that makes an `Rtd`; and what is made of several.

    >>> tt.rtd.plug("5 s") + tt.rtd.tanks("2 min", n=3.2)  # doctest: +SKIP
    """

    def __init__(self) -> None:
        super().__init__(_core.TAU_TABLE_RTD, "models of residence time", _make)

    series = staticmethod(_rtd_make.series)
    parallel = staticmethod(_rtd_make.parallel)
    recycle = staticmethod(_rtd_make.recycle)
    measured = staticmethod(_rtd_make.measured)
    parse = staticmethod(_rtd_make.parse)
    save = staticmethod(_rtd_make.save)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), "series", "parallel", "recycle", "measured", "parse", "save"]


rtd = RtdNamespace()
