# SPDX-License-Identifier: Apache-2.0
"""A Python function as a rate: traced into an expression where that can be done, else called with numbers.

Tracing calls the function once with symbols. Operators, the functions here and NumPy's write down what is
done to them; whatever needs a number (``if``, ``while``, ``math.exp``) cannot be traced. Such a function is
called during the run, with complex numbers whose imaginary part carries the derivative where it accepts them,
else with differences.
"""

from __future__ import annotations

import builtins
import cmath
import inspect
import math
import numbers
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

_RESERVED = frozenset("T P R pi c exp log log10 sqrt pow abs min max tanh".split())
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SUM, _PRODUCT, _POWER, _ATOM = range(4)  # a sign binds like a sum, so that it stands in parentheses inside

Value: TypeAlias = (
    Any  # a number, a Symbol, a Step or an array of numbers: what the user's function calculates with
)


class CannotTraceError(TypeError):
    """The function asks a symbol for its value."""


def symbol_name(name: str, species: bool) -> str:
    """A name as an expression has it: itself, or ``c["a-b"]`` for a species whose name is no identifier."""
    plain = _IDENTIFIER.match(name) and not (species and name in _RESERVED)
    return name if plain else f'c["{name}"]'


class Symbol:
    """A part of an expression: its text, and how tightly its outermost operator binds."""

    __slots__ = ("level", "text")
    __hash__ = None  # type: ignore[assignment]  # object has a method there; None says "no hash"

    def __init__(self, text: str, level: int = _ATOM) -> None:
        self.text = text
        self.level = level

    def _at(self, level: int) -> str:
        return self.text if self.level >= level else f"({self.text})"

    def __repr__(self) -> str:
        return self.text

    def __add__(self, other: Value) -> Symbol:
        return _binary("+", self, other, _SUM, _SUM, _PRODUCT)

    def __radd__(self, other: Value) -> Symbol:
        return _binary("+", other, self, _SUM, _SUM, _PRODUCT)

    def __sub__(self, other: Value) -> Symbol:
        return _binary("-", self, other, _SUM, _SUM, _PRODUCT)

    def __rsub__(self, other: Value) -> Symbol:
        return _binary("-", other, self, _SUM, _SUM, _PRODUCT)

    def __mul__(self, other: Value) -> Symbol:
        return _binary("*", self, other, _PRODUCT, _PRODUCT, _POWER)

    def __rmul__(self, other: Value) -> Symbol:
        return _binary("*", other, self, _PRODUCT, _PRODUCT, _POWER)

    def __truediv__(self, other: Value) -> Symbol:
        return _binary("/", self, other, _PRODUCT, _PRODUCT, _POWER)

    def __rtruediv__(self, other: Value) -> Symbol:
        return _binary("/", other, self, _PRODUCT, _PRODUCT, _POWER)

    def __pow__(self, other: Value) -> Symbol:
        return _binary("^", self, other, _POWER, _ATOM, _ATOM)

    def __rpow__(self, other: Value) -> Symbol:
        return _binary("^", other, self, _POWER, _ATOM, _ATOM)

    def __neg__(self) -> Symbol:
        return Symbol(f"-{self._at(_POWER)}", _SUM)

    def __pos__(self) -> Symbol:
        return self

    def __abs__(self) -> Symbol:
        return _call("abs", self)

    def _refuse(self, *_: object) -> Any:
        raise CannotTraceError("the value of a symbol is not known while a rate is traced")

    __bool__ = __float__ = __complex__ = __int__ = __index__ = __len__ = __iter__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __floordiv__ = __mod__ = __round__ = _refuse
    __eq__ = __ne__ = _refuse

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Value, **kwargs: object) -> Any:
        known = _UFUNCS.get(ufunc.__name__)
        if method != "__call__" or kwargs or known is None:
            raise CannotTraceError(f"{ufunc.__name__} has no counterpart in expressions")
        return known(*inputs)


def _symbol(value: Value) -> Symbol:
    if isinstance(value, Symbol):
        return value
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        x = float(value)
        if not math.isfinite(x):
            raise CannotTraceError(f"{x} has no place in an expression")
        plain = repr(int(x)) if x == int(x) and abs(x) < 1e15 else repr(x)
        return Symbol(plain, _SUM if x < 0 else _ATOM)
    raise CannotTraceError(f"{value!r} cannot stand in an expression")


def _binary(sign: str, a: Value, b: Value, level: int, left: int, right: int) -> Symbol:
    gap = "" if sign in "*/^" else " "
    return Symbol(f"{_symbol(a)._at(left)}{gap}{sign}{gap}{_symbol(b)._at(right)}", level)


def _call(name: str, *args: Value) -> Symbol:
    return Symbol(f"{name}({', '.join(_symbol(a).text for a in args)})")


_UFUNCS: dict[str, Callable[..., Value]] = {
    "add": lambda a, b: _binary("+", a, b, _SUM, _SUM, _PRODUCT),
    "subtract": lambda a, b: _binary("-", a, b, _SUM, _SUM, _PRODUCT),
    "multiply": lambda a, b: _binary("*", a, b, _PRODUCT, _PRODUCT, _POWER),
    "divide": lambda a, b: _binary("/", a, b, _PRODUCT, _PRODUCT, _POWER),
    "true_divide": lambda a, b: _binary("/", a, b, _PRODUCT, _PRODUCT, _POWER),
    "power": lambda a, b: _binary("^", a, b, _POWER, _ATOM, _ATOM),
    "float_power": lambda a, b: _binary("^", a, b, _POWER, _ATOM, _ATOM),
    "negative": lambda a: -a,
    "positive": lambda a: a,
    "square": lambda a: a**2,
    "reciprocal": lambda a: 1 / a,
    "exp": lambda a: _call("exp", a),
    "log": lambda a: _call("log", a),
    "log10": lambda a: _call("log10", a),
    "sqrt": lambda a: _call("sqrt", a),
    "tanh": lambda a: _call("tanh", a),
    "absolute": lambda a: _call("abs", a),
    "fabs": lambda a: _call("abs", a),
    "minimum": lambda a, b: _call("min", a, b),
    "maximum": lambda a, b: _call("max", a, b),
    "fmin": lambda a, b: _call("min", a, b),
    "fmax": lambda a, b: _call("max", a, b),
}


class Step:
    """A complex number compared by its real part; x + ih carries derivatives through ``if`` and ``max``."""

    __slots__ = ("z",)
    __hash__ = None  # type: ignore[assignment]  # object has a method there; None says "no hash"

    def __init__(self, z: complex) -> None:
        self.z = complex(z)

    def __repr__(self) -> str:
        return repr(self.z.real)

    def __add__(self, o: Value) -> Step:
        return Step(self.z + _z(o))

    __radd__ = __add__

    def __sub__(self, o: Value) -> Step:
        return Step(self.z - _z(o))

    def __rsub__(self, o: Value) -> Step:
        return Step(_z(o) - self.z)

    def __mul__(self, o: Value) -> Step:
        return Step(self.z * _z(o))

    __rmul__ = __mul__

    def __truediv__(self, o: Value) -> Step:
        return Step(self.z / _z(o))

    def __rtruediv__(self, o: Value) -> Step:
        return Step(_z(o) / self.z)

    def __pow__(self, o: Value) -> Step:
        return Step(_power(self.z, _z(o)))

    def __rpow__(self, o: Value) -> Step:
        return Step(_power(_z(o), self.z))

    def __neg__(self) -> Step:
        return Step(-self.z)

    def __pos__(self) -> Step:
        return self

    def __abs__(self) -> Step:
        return self if self.z.real >= 0 else -self

    def __complex__(self) -> complex:
        return self.z

    def __float__(self) -> float:
        raise TypeError(
            "a complex step cannot become a real number: use tt.exp, tt.log ... in place of math's"
        )

    def __bool__(self) -> bool:
        return self.z.real != 0

    def __lt__(self, o: Value) -> bool:
        return self.z.real < _z(o).real

    def __le__(self, o: Value) -> bool:
        return self.z.real <= _z(o).real

    def __gt__(self, o: Value) -> bool:
        return self.z.real > _z(o).real

    def __ge__(self, o: Value) -> bool:
        return self.z.real >= _z(o).real

    def __eq__(self, o: object) -> bool:
        return isinstance(o, Step | numbers.Number) and self.z.real == _z(o).real

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Value, **kwargs: object) -> Any:
        name = ufunc.__name__
        if method != "__call__" or kwargs:
            return NotImplemented
        if name in ("minimum", "fmin"):
            return builtins.min(*inputs, key=lambda x: _z(x).real)
        if name in ("maximum", "fmax"):
            return builtins.max(*inputs, key=lambda x: _z(x).real)
        if name in ("absolute", "fabs"):
            return abs(inputs[0])
        if name in ("power", "float_power"):
            return Step(_power(_z(inputs[0]), _z(inputs[1])))
        if name in ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal"):
            return bool(ufunc(*(_z(x).real for x in inputs)))
        return Step(ufunc(*(_z(x) for x in inputs)))


def _z(x: Value) -> complex:
    return x.z if isinstance(x, Step) else complex(x)


def _power(a: complex, b: complex) -> complex:
    """a^b without the noise that a complex logarithm leaves at a whole or real exponent."""
    if b.imag == 0 and b.real == int(b.real) and abs(b.real) < 100:
        return a ** int(b.real)
    return a**b if a != 0 else 0j


# --- functions for rates: of numbers, arrays, symbols and complex steps ---


def _function(
    name: str, real: Callable[[float], float], complex_: Callable[[complex], complex]
) -> Callable[[Value], Value]:
    ufunc = getattr(np, name)

    def function(x: Value) -> Value:
        if isinstance(x, Symbol):
            return _call(name, x)
        if isinstance(x, Step):
            return Step(complex_(x.z))
        if isinstance(x, complex):
            return complex_(x)
        return real(x) if isinstance(x, float | int) else ufunc(x)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name} of a number, an array or a part of a rate that is traced."
    return function


exp = _function("exp", math.exp, cmath.exp)
log = _function("log", math.log, cmath.log)
log10 = _function("log10", math.log10, cmath.log10)
sqrt = _function("sqrt", math.sqrt, cmath.sqrt)
tanh = _function("tanh", math.tanh, cmath.tanh)


def minimum(a: Value, b: Value) -> Value:
    """The smaller of two, of numbers, arrays or parts of a rate that is traced."""
    return np.minimum(a, b)


def maximum(a: Value, b: Value) -> Value:
    """The larger of two, of numbers, arrays or parts of a rate that is traced."""
    return np.maximum(a, b)


# --- from a function to a rate ---


def argument_names(function: Callable[..., Value]) -> tuple[str, ...]:
    """Names of the arguments of a function.

    Raises
    ------
    TypeError
        The function has ``*args``, or no signature that Python knows.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        raise TypeError(f"{function!r} does not say its arguments; name them by arguments=[...]") from None
    for p in parameters:
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD, p.KEYWORD_ONLY):
            raise TypeError(
                f"'{p.name}' of {function!r} is no plain argument; name the arguments by arguments=[...]"
            )
    return tuple(p.name for p in parameters)


def trace(
    function: Callable[..., Value], arguments: Sequence[str], not_species: frozenset[str]
) -> str | None:
    """The expression that a function computes, or None where it cannot be traced.

    Parameters
    ----------
    function : callable
        Called once.
    arguments : sequence of str
        What it is called with: species, parameters of the reaction, T.
    not_species : frozenset of str
        Those that are parameters or reserved.

    Returns
    -------
    str or None
    """
    symbols = [Symbol(symbol_name(a, a not in not_species)) for a in arguments]
    try:
        return _symbol(function(*symbols)).text
    except CannotTraceError:
        return None
    except (TypeError, AttributeError) as error:
        if isinstance(error.__cause__ or error.__context__, CannotTraceError) or "Symbol" in str(error):
            return None
        raise


def accepts_complex(function: Callable[..., Value], arguments: Sequence[str]) -> bool:
    """Whether a function can be called with complex steps: tried at one point, compared with a difference."""
    at = tuple(300.0 if name == "T" else 1.0 + 0.1 * i for i, name in enumerate(arguments))
    try:
        base = float(function(*at))
        for i in range(len(at)):
            z = _z(function(*(Step(complex(x, 1e-20 if k == i else 0.0)) for k, x in enumerate(at))))
            slope = _difference(function, at, i)
            if not (
                math.isclose(z.real, base, rel_tol=1e-9, abs_tol=1e-300)
                and math.isclose(z.imag * 1e20, slope, rel_tol=1e-3, abs_tol=1e-6 * max(1.0, abs(base)))
            ):
                return False
    except Exception:  # what it does at a made-up point says nothing about the run
        return False
    return True


# Weights of the derivative of fourth order at x + k h: central, and one-sided.
_CENTRAL = {-2: 1 / 12, -1: -8 / 12, 1: 8 / 12, 2: -1 / 12}
_ONE_SIDED = {0: -25 / 12, 1: 4.0, 2: -3.0, 3: 16 / 12, 4: -3 / 12}


def _difference(function: Callable[..., Value], at: tuple[float, ...], i: int) -> float:
    """Derivative to argument i by differences; one-sided near 0, where a rate may not be defined below."""
    x = at[i]
    h = 1e-3 * max(abs(x), 1e-3)
    weights = _ONE_SIDED if 0 <= x < 2 * h else _CENTRAL
    return sum(w * float(function(*at[:i], x + k * h, *at[i + 1 :])) for k, w in weights.items()) / h


def complex_callback(function: Callable[..., Value]) -> Callable[[tuple[complex, ...]], tuple[float, float]]:
    """What the library calls with complex numbers: z to the real and imaginary part of the value."""

    def call(z: tuple[complex, ...]) -> tuple[float, float]:
        value = _z(function(*map(Step, z)))
        return value.real, value.imag

    return call


def real_callback(function: Callable[..., Value]) -> Callable[[tuple[float, ...], int], tuple[float, ...]]:
    """What the library calls with real numbers: x to the value, and its derivatives where they are wanted."""

    def call(x: tuple[float, ...], wants_gradient: int) -> tuple[float, ...]:
        value = float(function(*x))
        if not wants_gradient:
            return (value,)
        return value, *(_difference(function, x, i) for i in range(len(x)))

    return call
