# SPDX-License-Identifier: Apache-2.0
"""The sweeps in other people's programs: time of a point [us] at equal error.

The points, their right answers and what errors are of come from `sweeps` (POINTS.json), and with them time
and error of ours. Each program runs at the loosest tolerance of its ladder at which its error (the root mean
square over its points and all species) is at most ours, one thread, one point after the other; those in
Python run fewer points. Right-hand sides are compiled before.
"""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import peers

Run = Callable[[float], Any]
"""The ends [mol/L] of all points, (n, n_species), from rtol."""

FAILED = (ArithmeticError, RuntimeError, ValueError)


@dataclass
class Points:
    """A sample of a sweep, in the base's units; arrays, one row a point."""

    name: str
    problem: peers.Problem
    us: float  # a point of ours
    error: float
    atol_of_rtol: float  # [mol/L]
    end: Any
    k: Any
    start: Any
    right: Any
    scale: Any

    def first(self, n: int) -> Points:
        """Only n of them."""
        cut = [x[:n] for x in (self.end, self.k, self.start, self.right, self.scale)]
        return Points(self.name, self.problem, self.us, self.error, self.atol_of_rtol, *cut)


@dataclass
class Outcome:
    """A program on a sweep, at equal error."""

    program: Program
    points: Points
    us: float
    error: float
    rtol: float


def read(file: Path) -> list[Points]:
    """What `sweeps` wrote."""
    np: Any = importlib.import_module("numpy")
    problems = {p.name: p for p in peers.problems()}
    found = []
    for sweep in json.loads(file.read_text(encoding="utf-8")):
        arrays = [
            np.array([point[key] for point in sweep["points"]], dtype=float)
            for key in ("end", "k", "start", "right", "scale")
        ]
        problem = problems[sweep["name"].split("_")[0]]
        found.append(
            Points(sweep["name"], problem, sweep["us"], sweep["error"], sweep["atol_of_rtol"], *arrays)
        )
    return found


# --- the programs: each gives a Run for points ------------------------------------------------------------


def numbalsoda(p: Points, solver: str) -> Run:
    """Loop and right-hand side compiled by numba."""
    numba: Any = importlib.import_module("numba")
    np: Any = importlib.import_module("numpy")
    solve: Any = getattr(importlib.import_module("numbalsoda"), solver)
    signature: Any = importlib.import_module("numbalsoda").lsoda_sig
    f = numba.cfunc(signature)(peers.right_side_into(p.problem, "parameters"))

    @numba.njit  # type: ignore[untyped-decorator, unused-ignore]
    def loop(address: int, start: Any, k: Any, end: Any, rtol: float, atol: float, out: Any) -> bool:
        good = True
        times = np.zeros(2)
        for i in range(len(end)):
            times[1] = end[i]
            c, success = solve(address, start[i], times, k[i], rtol, atol, 1000000)
            out[i] = c[-1]
            good = good and success
        return good

    out = np.empty_like(p.start)

    def run(rtol: float) -> Any:
        if not loop(f.address, p.start, p.k, p.end, rtol, rtol * p.atol_of_rtol, out):
            raise ArithmeticError("it gave up")
        return out

    return run


def heyoka(p: Points) -> Run:
    """The faster of batches as wide as heyoka advises and twice as wide (of AVX-512 it advises half)."""
    advised = importlib.import_module("heyoka").recommended_simd_size()
    runs = [taylor(p, advised), taylor(p, 2 * advised)]
    return min(runs, key=lambda run: peers.median_of(partial(run, 1e-7), 0.1))


def taylor(p: Points, width: int) -> Run:
    """Taylor series in batches; rtol is its one tolerance."""
    hy: Any = importlib.import_module("heyoka")
    np: Any = importlib.import_module("numpy")
    variables = list(hy.make_vars(*[f"y{i}" for i in range(len(p.problem.names))]))
    lines = [f"    r{i} = {rate}" for i, rate in enumerate(p.problem.rates("k"))]
    text = "\n".join(["def f(y, k):", *lines, f"    return [{', '.join(p.problem.derivatives())}]"])
    constants = [hy.par[i] for i in range(p.k.shape[1])]
    slopes = peers.function(text)(variables, constants)
    system = list(zip(variables, slopes, strict=True))
    n = len(p.end) // width * width
    batches = [
        (
            np.ascontiguousarray(p.start[i : i + width].T),
            np.ascontiguousarray(p.k[i : i + width].T),
            p.end[i : i + width],
        )
        for i in range(0, n, width)
    ]
    made: dict[float, Any] = {}  # an integrator is compiled for its tolerance

    def run(rtol: float) -> Any:
        if rtol not in made:
            start, k, _ = batches[0]
            made[rtol] = hy.taylor_adaptive_batch(system, start.copy(), pars=k.copy(), tol=rtol)
        integrator, out = made[rtol], np.empty((n, p.start.shape[1]))
        for i, (start, k, end) in enumerate(batches):
            integrator.set_time(0.0)
            integrator.state[:] = start
            integrator.pars[:] = k
            integrator.propagate_until(end)
            out[i * width : (i + 1) * width] = integrator.state.T
        return out

    return run


def scipy(p: Points, method: str) -> Run:
    """solve_ivp, right-hand side in Python."""
    integrate: Any = importlib.import_module("scipy.integrate")
    np: Any = importlib.import_module("numpy")
    lines = [f"    r{i} = {rate}" for i, rate in enumerate(p.problem.rates("k"))]
    f = peers.function(
        "\n".join(["def f(t, y, k):", *lines, f"    return [{', '.join(p.problem.derivatives())}]"])
    )

    def run(rtol: float) -> Any:
        out = np.empty_like(p.start)
        for i in range(len(p.end)):
            done = integrate.solve_ivp(
                f,
                (0.0, p.end[i]),
                p.start[i],
                method=method,
                rtol=rtol,
                atol=rtol * p.atol_of_rtol,
                args=(list(p.k[i]),),
            )
            if not done.success:
                raise ArithmeticError(done.message)
            out[i] = done.y[:, -1]
        return out

    return run


def diffrax(p: Points) -> Run:
    """Forward derivatives of Dopri8 to the logarithms of all k_ref and Ea, compiled by XLA, in 64 bits.

    All points in one vector, or one after the other: the faster.
    """
    runs = [jacobians(p, "vmap"), jacobians(p, "map")]
    return min(runs, key=lambda run: peers.median_of(partial(run, 1e-6), 0.1))


def jacobians(p: Points, how: str) -> Run:
    """All points' p dc/dp; k of a point is (k_ref, Ea, T)."""
    jax: Any = importlib.import_module("jax")
    dfx: Any = importlib.import_module("diffrax")
    jax.config.update("jax_enable_x64", True)
    jnp, n_k = jax.numpy, p.k.shape[1] // 2
    lines = [f"    r{i} = {rate}" for i, rate in enumerate(p.problem.rates("k"))]
    text = "\n".join(["def f(t, y, k):", *lines, f"    return [{', '.join(p.problem.derivatives())}]"])
    each = peers.function(text)

    def f(t: Any, y: Any, k: Any) -> Any:
        return jnp.stack(each(t, y, k))

    def end(u: Any, point: Any, start: Any, time: Any, rtol: float) -> Any:
        scaled, T = point[:-1] * jnp.exp(u), point[-1]
        k = scaled[:n_k] * jnp.exp(-scaled[n_k:] / 8.31446261815324 * (1.0 / T - 1.0 / 363.15))
        control = dfx.PIDController(rtol=rtol, atol=rtol * p.atol_of_rtol)
        term, solver, save = dfx.ODETerm(f), dfx.Dopri8(), dfx.SaveAt(t1=True)
        adjoint = dfx.ForwardMode()
        done = dfx.diffeqsolve(
            term, solver, 0.0, time, None, start, k, saveat=save, stepsize_controller=control,
            adjoint=adjoint, max_steps=100000,
        )  # fmt: skip
        return done.ys[0]

    def slopes(point: Any, start: Any, time: Any, rtol: float) -> Any:
        return jax.jacfwd(end)(jnp.zeros(2 * n_k), point, start, time, rtol).T.ravel()

    @jax.jit  # type: ignore[untyped-decorator, unused-ignore]
    def loop(rtol: float) -> Any:
        if how == "vmap":
            return jax.vmap(lambda k, c, t: slopes(k, c, t, rtol))(p.k, p.start, p.end)
        return jax.lax.map(lambda x: slopes(x[0], x[1], x[2], rtol), (p.k, p.start, p.end))

    def run(rtol: float) -> Any:
        return loop(rtol).block_until_ready()

    return run


@dataclass(frozen=True)
class Program:
    """A way to sweep."""

    name: str
    package: str
    make: Callable[[Points], Run]
    sweeps: tuple[str, ...]  # those it is made for
    n_points: int
    rungs: int  # of its ladder, in a factor of ten
    note: str
    targets: dict[str, float] = field(default_factory=dict)  # of ours / its time


def dop853(p: Points) -> Run:
    return numbalsoda(p, "dop853")


def numba_lsoda(p: Points) -> Run:
    return numbalsoda(p, "lsoda")


def scipy_lsoda(p: Points) -> Run:
    return scipy(p, "LSODA")


def scipy_bdf(p: Points) -> Run:
    return scipy(p, "BDF")


MILD = ("snar",)
ALL = ("snar", "rober_1e5", "rober_4e10", "hires", "pollu")
NUMBA, PYTHON = "loop and rates compiled by numba", "solve_ivp, rates in Python"
PROGRAMS = [
    Program("numbalsoda dop853", "numbalsoda", dop853, MILD, 500, 8, NUMBA, {"snar": 1 / 4.5}),
    Program("numbalsoda LSODA", "numbalsoda", numba_lsoda, ALL, 500, 8, NUMBA),
    Program(
        "heyoka batch", "heyoka", heyoka, MILD, 500, 4, "Taylor series, vectors of points", {"snar": 1 / 1.5}
    ),
    Program("diffrax", "diffrax", diffrax, ("snar_sens",), 50, 4, "jacfwd of Dopri8", {"snar_sens": 1 / 50}),
    Program("scipy LSODA", "scipy", scipy_lsoda, ALL, 8, 2, PYTHON),
    Program("scipy BDF", "scipy", scipy_bdf, ALL, 4, 2, PYTHON),
]

# --- equal error --------------------------------------------------------------------------------------------


def error(p: Points, c: Any) -> float:
    """Root mean square, in the scale of each; of as many points as were run."""
    off = (c - p.right[: len(c)]) / p.scale[: len(c)]
    return math.sqrt(float((off * off).mean()))


def on(program: Program, p: Points) -> Outcome:
    """A program on a sweep. ArithmeticError: no tolerance is good enough."""
    some = p.first(program.n_points)
    run = program.make(some)
    for rung in range(4 * program.rungs, 13 * program.rungs):
        rtol = 10.0 ** (-rung / program.rungs)
        try:
            ends = run(rtol)
        except FAILED:  # a tighter one may go through
            continue
        found = error(some, ends)
        if found <= p.error:
            us = peers.median_of(partial(run, rtol), least=1)
            return Outcome(program, some, us / len(ends), found, rtol)
    raise ArithmeticError(f"no tolerance gives an error of {p.error:.1e}")


def outcomes(file: Path, programs: list[Program]) -> Iterator[Outcome | str]:
    """Each program on each sweep it is made for; a text where it failed."""
    for p in read(file):
        for program in programs:
            if p.name not in program.sweeps:
                continue
            try:
                yield on(program, p)
            except FAILED as reason:
                yield f"{program.name} on the sweep of {p.name} ({reason})"
