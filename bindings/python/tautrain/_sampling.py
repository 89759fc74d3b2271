# SPDX-License-Identifier: Apache-2.0
"""Designs that are drawn: Latin hypercube, Sobol, Halton, Monte Carlo.

Every number comes from its own counter (Philox of J. K. Salmon et al., SC'11, doi:10.1145/2063384.2063405, of
whose bits NumPy promises that they stay), so that any piece can be made alone, anywhere, and is the same.
"""

from __future__ import annotations

import itertools
import math
import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ._design import Array, Binder, Design, Points, at_least_one
from ._errors import InputError, TautrainError
from ._normal import distribution, distributions, quantile
from ._quantity import Quantity, is_number

if TYPE_CHECKING:
    from ._train import Train

Words: TypeAlias = npt.NDArray[np.uint64]
Range: TypeAlias = Quantity | tuple[Any, ...] | list[Any]

_BLOCK = 4096  # points that are drawn together
_SOBOL_BITS = 32  # more, and SciPy cannot skip ahead


def _words(seed: int, stream: int, block: int, n: int) -> Words:
    """Draw 64-bit words that belong to a seed, a purpose and a number; n of them."""
    generator = np.random.Philox(counter=[0, block, 0, 0], key=[seed % 2**64, stream])
    return np.asarray(generator.random_raw(n), dtype=np.uint64)


def _fractions(words: Words) -> Array:
    """Strictly between 0 and 1."""
    return (np.asarray(words >> np.uint64(12), dtype=np.float64) + 0.5) * 2.0**-52


class _Cube(ABC):
    """Points in the unit cube, by number."""

    name: str

    def __init__(self, n: int, n_axes: int, seed: int) -> None:
        self.n, self.n_axes, self.seed = n, n_axes, seed

    @abstractmethod
    def block(self, first: int, n: int) -> Array:
        """Points first to first + n - 1; first is a multiple of 4096."""

    def points(self, first: int, n: int) -> Array:
        """Any piece, cut from whole blocks: what a point is cannot depend on the piece."""
        begin = first - first % _BLOCK
        pieces = [self.block(b, min(_BLOCK, self.n - b)) for b in range(begin, first + n, _BLOCK)]
        return np.concatenate(pieces)[first - begin : first - begin + n]


class _Random(_Cube):
    name = "monte-carlo"

    def block(self, first: int, n: int) -> Array:
        drawn = _words(self.seed, 1, first // _BLOCK, _BLOCK * self.n_axes)
        return _fractions(drawn).reshape(_BLOCK, self.n_axes)[:n]


class _LatinHypercube(_Cube):
    """One point in each of n slices along every axis (M. D. McKay et al., Technometrics 21 (1979) 239)."""

    name = "latin-hypercube"

    def block(self, first: int, n: int) -> Array:
        inside = _fractions(_words(self.seed, 1, first // _BLOCK, _BLOCK * self.n_axes)).reshape(_BLOCK, -1)
        out = np.empty((n, self.n_axes))
        for j in range(self.n_axes):
            out[:, j] = (
                _shuffled(np.arange(first, first + n), self.n, self.seed, j) + inside[:n, j]
            ) / self.n
        return out


def _shuffled(i: npt.NDArray[np.int64], n: int, seed: int, axis: int) -> Array:
    """Where numbers below n go in a permutation that is never written down.

    A Feistel network of 4 rounds permutes the numbers below 4^h >= n; what lands outside is sent on until it
    is inside (M. Luby and C. Rackoff, SIAM J. Comput. 17 (1988) 373; J. Black and P. Rogaway, CT-RSA 2002).
    """
    half = max(5, math.ceil(math.log2(max(n, 2)) / 2))
    keys = _words(seed, 2, axis, 4)
    x = i.astype(np.uint64)
    todo = np.ones(len(x), dtype=bool)
    while todo.any():
        x[todo] = _feistel(x[todo], half, keys)
        todo = x >= np.uint64(n)
    return x.astype(np.float64)


def _feistel(x: Words, half: int, keys: Words) -> Words:
    width, low = np.uint64(half), np.uint64(2**half - 1)
    left, right = x >> width, x & low
    for key in keys:
        left, right = right, left ^ (_mixed(right ^ key) >> np.uint64(64 - half))
    return (left << width) | right


def _mixed(z: Words) -> Words:
    """The finaliser of SplitMix64 (G. L. Steele et al., OOPSLA 2014)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


class _Halton(_Cube):
    """Digits of the number turned round in a prime base for each axis.

    The digits are permuted at random, each place its own way (A. B. Owen, arXiv:1706.02808).
    """

    name = "halton"

    def __init__(self, n: int, n_axes: int, seed: int) -> None:
        super().__init__(n, n_axes, seed)
        self._permutations: dict[int, list[npt.NDArray[np.int64]]] = {}

    def block(self, first: int, n: int) -> Array:
        i = np.arange(first, first + n, dtype=np.int64)
        return np.column_stack([self._axis(i, base, j) for j, base in enumerate(_primes(self.n_axes))])

    def _axis(self, i: npt.NDArray[np.int64], base: int, axis: int) -> Array:
        digits = self._digits(base, axis)
        out = np.zeros(len(i))
        weight = 1.0
        for place, digit in enumerate(digits):
            if base**place > self.n:  # the digits from here on are 0 for every point
                rest = sum(
                    float(d[0]) * weight * float(base) ** -(k + 1) for k, d in enumerate(digits[place:])
                )
                out += rest + 0.5 * float(base) ** -len(digits)
                break
            weight /= base
            i, last = np.divmod(i, base)
            out += digit[last] * weight
        return np.minimum(out, 1.0 - 2.0**-53)

    def _digits(self, base: int, axis: int) -> list[npt.NDArray[np.int64]]:
        if axis not in self._permutations:
            n = math.ceil(52.0 / math.log2(base))
            self._permutations[axis] = [self.digits(base, axis, place) for place in range(n)]
        return self._permutations[axis]

    def digits(self, base: int, axis: int, place: int) -> npt.NDArray[np.int64]:
        """What each digit becomes."""
        return np.argsort(_words(self.seed, 3, axis * 64 + place, base))


def _primes(n: int) -> list[int]:
    found: list[int] = []
    for candidate in itertools.count(2):
        if len(found) == n:
            break
        if all(candidate % p for p in found):
            found.append(candidate)
    return found


class _Sobol(_Cube):
    """Sobol's sequence with the directions of S. Joe and F. Y. Kuo, SIAM J. Sci. Comput. 30 (2008) 2635.

    A random digital shift keeps the net that it is, and takes the first point out of the corner.
    """

    name = "sobol"

    def __init__(self, n: int, n_axes: int, seed: int) -> None:
        super().__init__(n, n_axes, seed)
        self._engine = _scipy_qmc().Sobol(n_axes, scramble=False, bits=_SOBOL_BITS)
        self._next = 0
        self._shift = _words(seed, 4, 0, n_axes) >> np.uint64(64 - _SOBOL_BITS)

    def block(self, first: int, n: int) -> Array:
        if first < self._next:
            self._engine.reset()
            self._next = 0
        if first > self._next:
            self._engine.fast_forward(first - self._next)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # n need not be a power of 2
            drawn = self._engine.random(n)
        self._next = first + n
        bits = np.asarray(drawn * 2.0**_SOBOL_BITS, dtype=np.uint64) ^ self._shift
        return (np.asarray(bits, dtype=np.float64) + 0.5) * 2.0**-_SOBOL_BITS


def _scipy_qmc() -> Any:
    try:
        from scipy.stats import qmc
    except ImportError as error:
        raise TautrainError(
            f"scipy is needed for Sobol points: pip install 'tautrain[data]' ({error})"
        ) from error
    return qmc


# --- one number: from a fraction to a value ---


@dataclass(frozen=True)
class _Uniform:
    low: float
    high: float
    log: bool = False

    def at(self, u: Array) -> Array:
        if self.log:
            return self.low * np.asarray(np.exp(u * math.log(self.high / self.low)))
        return self.low + u * (self.high - self.low)

    def ends(self, lower: float, upper: float) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True)
class _Normal:
    """Cut at the bounds of the parameter."""

    mean: float
    sd: float
    begin: float = 0.0  # fraction below the lower bound, and up to the upper one
    end: float = 1.0

    def at(self, u: Array) -> Array:
        return self.mean + self.sd * quantile(self.begin + u * (self.end - self.begin))

    def ends(self, lower: float, upper: float) -> tuple[float, float]:
        return self.mean, self.mean

    def cut(self, path: str, lower: float, upper: float) -> _Normal:
        begin, end = (distribution((x - self.mean) / self.sd) for x in (lower, upper))
        if end - begin < 0.5:
            raise InputError(
                f"{path}: more than half of the normal distribution around {self.mean:g} lies outside of what"
                " the parameter can be",
                kind="out-of-range",
            )
        return _Normal(self.mean, self.sd, begin, end)


@dataclass(frozen=True)
class _LogNormal:
    median: float
    factor: float

    def at(self, u: Array) -> Array:
        return np.asarray(self.median * np.exp(math.log(self.factor) * quantile(u)))

    def ends(self, lower: float, upper: float) -> tuple[float, float]:
        return self.median, self.median


@dataclass(frozen=True)
class _Triangular:
    low: float
    mode: float
    high: float

    def at(self, u: Array) -> Array:
        a, m, b = self.low, self.mode, self.high
        rising = a + np.sqrt(u * (b - a) * (m - a))
        falling = b - np.sqrt((1.0 - u) * (b - a) * (b - m))
        return np.where(u * (b - a) < m - a, rising, falling)

    def ends(self, lower: float, upper: float) -> tuple[float, float]:
        return self.low, self.high


_Marginal: TypeAlias = _Uniform | _Normal | _LogNormal | _Triangular
DISTRIBUTIONS = {"uniform": 2, "log-uniform": 2, "normal": 2, "lognormal": 2, "triangular": 3}


def _wrong(path: str, what: str) -> InputError:
    return InputError(f"{path}: {what}", kind="out-of-range")


def _marginal(binder: Binder, path: str, given: Range) -> _Marginal:
    """What a parameter is drawn from: ``(lo, hi)``, ``"80 +/- 2 degC"`` or ``("normal", mean, sd)``."""
    p = binder.train.parameters[path]
    if not isinstance(given, tuple | list):
        mean, sd = binder.si_pm(path, given)
        if not sd > 0.0:
            raise _wrong(path, f"'{given}' has no width; 80 +/- 2 degC, two ends or a distribution is needed")
        return _Normal(mean, sd).cut(path, p.lower, p.upper)
    named = bool(given) and isinstance(given[0], str) and given[0] in DISTRIBUTIONS
    kind, rest = (str(given[0]), given[1:]) if named else ("uniform", given)
    if len(rest) != DISTRIBUTIONS[kind]:
        known = ", ".join(DISTRIBUTIONS)
        raise _wrong(
            path,
            f"{len(rest)} values for '{kind}', {DISTRIBUTIONS[kind]} are needed; two ends, or one of {known}",
        )
    if kind == "lognormal":
        return _lognormal(binder, path, *rest)
    if kind == "normal":
        mean, sd = binder.si(path, rest[0]), binder.difference(path, rest[1])
        if not 0.0 < sd < math.inf:
            raise _wrong(path, f"the standard deviation is {sd:g}; above zero is needed")
        return _Normal(mean, sd).cut(path, p.lower, p.upper)
    return _between(path, kind, [binder.si(path, x) for x in rest])


def _lognormal(binder: Binder, path: str, median: Quantity, factor: Quantity) -> _LogNormal:
    middle = binder.si(path, median)
    try:
        by = float(factor) if is_number(factor) or isinstance(factor, str) else math.nan
    except ValueError:
        by = math.nan
    if not (middle > 0.0 and 1.0 < by < math.inf):
        raise _wrong(
            path,
            f"lognormal of {median}, {factor}; a median above zero and a factor above 1 are needed"
            " (68 % lie between median / factor and median * factor)",
        )
    return _LogNormal(middle, by)


def _between(path: str, kind: str, ends: list[float]) -> _Marginal:
    if not all(map(math.isfinite, ends)) or ends != sorted(ends) or ends[0] == ends[-1]:
        raise _wrong(path, f"{' to '.join(f'{x:g}' for x in ends)}: the values must rise")
    if kind == "log-uniform" and ends[0] <= 0.0:
        raise _wrong(path, f"log-uniform from {ends[0]:g}; both ends must be above zero")
    return _Triangular(*ends) if kind == "triangular" else _Uniform(ends[0], ends[1], kind == "log-uniform")


# --- the designs ---


class _DrawnPoints(Points):
    def __init__(self, cube: _Cube, marginals: Mapping[str, _Marginal], factor: Array | None) -> None:
        super().__init__(cube.n, list(marginals))
        self._cube, self._marginals, self._factor = cube, list(marginals.values()), factor

    def rows(self, first: int, n: int) -> Array:
        n = min(n, self.n_runs - first)
        u = self._cube.points(first, n)
        if self._factor is not None:
            u = _correlated(u, self._factor)
        return np.column_stack([m.at(u[:, j]) for j, m in enumerate(self._marginals)])

    def _said(self) -> dict[str, Any]:
        drawn = [[type(m).__name__.strip("_").lower(), *asdict(m).values()] for m in self._marginals]
        said = {"design": self._cube.name, "seed": self._cube.seed, "from": drawn}
        if self._factor is not None:
            said["correlated"] = self._factor.tolist()
        return said


class _Drawn(Design):
    """Points drawn from ranges or distributions."""

    def __init__(
        self,
        cube: type[_Cube],
        drawn: Mapping[str, Range] | None,
        n: int,
        seed: int,
        correlation: Correlation | None = None,
    ) -> None:
        self._cube, self._drawn = cube, None if drawn is None else dict(drawn)
        self._n, self._seed, self._correlation = at_least_one(n), seed, correlation

    def seeded(self, seed: int) -> Design:
        return _Drawn(self._cube, self._drawn, self._n, seed, self._correlation)

    def on(self, train: Train) -> Points:
        binder = Binder(train)
        marginals = (
            _of_the_model(train)
            if self._drawn is None
            else {path: _marginal(binder, path, given) for path, given in self._drawn.items()}
        )
        if not marginals:
            raise InputError("the design varies nothing; at least one path is needed", kind="empty-value")
        parameters = [train.parameters[path] for path in marginals]
        ends = [m.ends(p.lower, p.upper) for m, p in zip(marginals.values(), parameters, strict=True)]
        binder.check(list(marginals), [low for low, _ in ends], [high for _, high in ends])
        factor = None if self._correlation is None else _factor(self._correlation, tuple(marginals))
        return _DrawnPoints(self._cube(self._n, len(marginals), int(self._seed)), marginals, factor)


def _of_the_model(train: Train) -> dict[str, _Marginal]:
    """What the model file says behind its +/-."""
    found: dict[str, _Marginal] = {
        path: _Normal(p.value, p.uncertainty).cut(path, p.lower, p.upper)
        for path, p in train.parameters.items()
        if p.uncertainty > 0.0 and math.isfinite(p.value)
    }
    if not found:
        raise InputError(
            "the model states no uncertainty; write 80 +/- 2 degC in it, or give the distributions",
            kind="empty-value",
        )
    return found


# --- correlation: normal scores are mixed by the Cholesky factor, ranks keep their distributions ---

Correlation: TypeAlias = Mapping[tuple[str, str], float] | Sequence[Sequence[float]] | npt.NDArray[Any]


def _matrix(given: Correlation, paths: tuple[str, ...]) -> Array:
    n = len(paths)
    if not isinstance(given, Mapping):
        matrix = np.array(given, dtype=np.float64)
        if matrix.shape != (n, n):
            raise InputError(
                f"a correlation of shape {matrix.shape}; ({n}, {n}) is needed", kind="wrong-shape"
            )
        return matrix
    matrix = np.eye(n)
    for pair, value in given.items():
        if len(pair) != 2 or pair[0] == pair[1] or not {*pair} <= {*paths}:
            raise InputError(
                f"a correlation of {pair}; two of {', '.join(paths)} are needed", kind="unknown-parameter"
            )
        i, j = (paths.index(path) for path in pair)
        matrix[i, j] = matrix[j, i] = value
    return matrix


def _factor(given: Correlation, paths: tuple[str, ...]) -> Array:
    """The lower Cholesky factor; row by row, so that it has the same bits everywhere."""
    c = _matrix(given, paths)
    if not (np.isfinite(c).all() and (c == c.T).all() and (np.diag(c) == 1.0).all()):
        raise InputError("a correlation must be symmetric, with ones on its diagonal", kind="out-of-range")
    low = np.zeros_like(c)
    for i, j in itertools.product(range(len(c)), repeat=2):
        if j > i:
            continue
        rest = float(c[i, j]) - math.fsum(float(low[i, k]) * float(low[j, k]) for k in range(j))
        if (i == j and rest < -1e-12) or (i > j and low[j, j] == 0.0 and abs(rest) > 1e-12):
            raise InputError(
                "no numbers can be correlated so: the matrix is not positive definite", kind="out-of-range"
            )
        low[i, j] = (
            (math.sqrt(max(rest, 0.0)) if rest > 1e-14 else 0.0)
            if i == j
            else (rest / low[j, j] if low[j, j] else 0.0)
        )
    return low


def _correlated(u: Array, factor: Array) -> Array:
    z = quantile(u)
    out = np.zeros_like(z)
    for i, j in itertools.product(range(len(factor)), repeat=2):
        if factor[i, j]:
            out[:, i] += factor[i, j] * z[:, j]
    return np.clip(distributions(out), 2.0**-53, 1.0 - 2.0**-53)


# --- what users call ---


def latin_hypercube(ranges: Mapping[str, Range], n: int, seed: int = 0) -> Design:
    """Draw a Latin hypercube: n points, one in each of n slices along every parameter.

    Parameters
    ----------
    ranges : mapping
        By path: two ends ``("60 degC", "120 degC")``, or a distribution as in `monte_carlo`.
    n : int
        How many.
    seed : int
        The same seed gives the same points, on any machine and in any part of a sweep.

    Returns
    -------
    Design
        For `Model.sweep`.
    """
    return _Drawn(_LatinHypercube, ranges, n, seed)


def sobol(ranges: Mapping[str, Range], n: int, seed: int = 0) -> Design:
    """Draw points of Sobol's sequence, shifted at random; even over all parameters at once. Needs SciPy.

    Parameters
    ----------
    ranges : mapping
        By path: two ends ``("60 degC", "120 degC")``, or a distribution as in `monte_carlo`.
    n : int
        How many; a power of 2 is most even.
    seed : int
        Of the shift.

    Returns
    -------
    Design
        For `Model.sweep`.
    """
    return _Drawn(_Sobol, ranges, n, seed)


def halton(ranges: Mapping[str, Range], n: int, seed: int = 0) -> Design:
    """Draw points of Halton's sequence, its digits permuted at random; even for any n.

    Parameters
    ----------
    ranges : mapping
        By path: two ends ``("60 degC", "120 degC")``, or a distribution as in `monte_carlo`.
    n : int
        How many; more can be added later, the first ones stay.
    seed : int
        Of the permutations.

    Returns
    -------
    Design
        For `Model.sweep`.
    """
    return _Drawn(_Halton, ranges, n, seed)


def monte_carlo(
    n: int,
    distributions: Mapping[str, Range] | None = None,
    *,
    seed: int = 0,
    correlation: Correlation | None = None,
) -> Design:
    """Draw points at random.

    Parameters
    ----------
    n : int
        How many.
    distributions : mapping, optional
        By path: ``"80 +/- 2 degC"`` or ``("normal", mean, sd)``, cut at the parameter's bounds;
        ``("lognormal", median, factor)``, of which 68 % lies between median / factor and median * factor;
        ``("uniform", lo, hi)``, also as ``(lo, hi)``; ``("log-uniform", lo, hi)``; ``("triangular", lo, mode,
        hi)``. Where left out: every value of the model that has a +/-.
    seed : int
        The same seed gives the same points, on any machine and in any part of a sweep.
    correlation : mapping or matrix, optional
        ``{(path, other): 0.8}``, or a matrix in the order of the paths: correlation of the normal scores
        (Gaussian copula), which for normal distributions is their own.

    Returns
    -------
    Design
        For `Model.sweep`.
    """
    return _Drawn(_Random, distributions, n, seed, correlation)


SAMPLERS: dict[str, type[_Cube]] = {cube.name: cube for cube in (_LatinHypercube, _Sobol, _Halton, _Random)}


def drawn(
    kind: str,
    given: Mapping[str, Range] | None,
    n: int,
    seed: int,
    correlation: Correlation | None = None,
) -> Design:
    """A design by its name in a design file."""
    return _Drawn(SAMPLERS[kind], given, n, seed, correlation)
