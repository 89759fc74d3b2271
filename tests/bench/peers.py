# SPDX-License-Identifier: Apache-2.0
"""The small networks in other people's programs: time of one run [us] and the error of its end.

Every program gets the same mechanism, read from networks/*.yaml, and is timed at the loosest tolerance (of a
ladder of sqrt(10)) at which its largest error is at most `ALLOWED`, so that times are compared at equal
error. Models are built, and right-hand sides compiled, before. Errors are of |c| + atol / rtol, where rtol =
1e-8 and atol are those of the model file; of the feed for the coil. The right answers are a Runge-Kutta
solution made here (snar), the reference solutions that tests/oracle keeps (rober, hires), and that of the
test set (pollu).
"""

from __future__ import annotations

import importlib
import json
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ALLOWED = 1e-6
RTOL = 1e-8  # of the model files
LADDER = [10 ** (-4 - k / 2) for k in range(19)]

State = list[float]
Solve = Callable[[float, float], Sequence[float]]
"""The state at the end [mol/L], from rtol and atol [mol/L]."""


@dataclass
class Reaction:
    """Mass action: reactants and products with repeats, k in mol/L and the problem's unit of time."""

    reactants: list[str]
    products: list[str]
    k: float


@dataclass
class Problem:
    """A closed vessel, or a coil seen along its space time."""

    name: str
    start: dict[str, float]
    end: float
    atol: float
    seconds: float = 1.0  # in the unit of time of the k's
    from_feed: bool = False  # errors are of the feed, not of |c|
    reactions: list[Reaction] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return list(self.start)

    def derivatives(self) -> list[str]:
        """dc/dt of each species as Python, unrolled; y is the state."""
        terms: dict[str, list[str]] = {name: [] for name in self.names}
        for i, r in enumerate(self.reactions):
            for name in self.names:
                net = r.products.count(name) - r.reactants.count(name)
                if net:
                    terms[name].append(f"{net:+d}.0*r{i}")
        return [" ".join(terms[name]) or "0.0" for name in self.names]

    def rates(self, constants: str = "") -> list[str]:
        """Each reaction's rate as Python; its k a number, or an item of the array of that name."""
        index = {name: i for i, name in enumerate(self.names)}
        return [
            "*".join(
                [f"{constants}[{i}]" if constants else repr(r.k), *(f"y[{index[x]}]" for x in r.reactants)]
            )
            for i, r in enumerate(self.reactions)
        ]


# --- the problems, from their model files ----------------------------------------------------------

LINE = re.compile(
    r'^  \w+: +\{equation: "?([^",]*)"?, +k: (?:\{arrhenius: \{k_ref: )?([\d.e+-]+) ', re.MULTILINE
)


def side(text: str) -> list[str]:
    """Names of one side, each as often as its coefficient says."""
    names: list[str] = []
    for term in filter(None, (part.strip() for part in text.split("+"))):
        *count, name = term.split()
        names += [name] * int(count[0] if count else 1)
    return names


def problem(name: str, start: dict[str, float], end: float, **more: Any) -> Problem:
    """A problem with the reactions of its file; k of the coil is that at 90 degC, its T_ref."""
    text = (HERE / "networks" / f"{name}.yaml").read_text(encoding="utf-8")
    found = [(left_right.split("->"), float(k)) for left_right, k in LINE.findall(text)]
    reactions = [Reaction(side(left), side(right), k) for (left, right), k in found]
    names = sorted({x for r in reactions for x in r.reactants + r.products}, key=lambda x: (len(x), x))
    species = list(start) if more.get("from_feed") else names
    return Problem(name, {x: start.get(x, 0.0) for x in species}, end, reactions=reactions, **more)


def problems() -> list[Problem]:
    feed = {"DFNB": 0.5, "Pyrr": 1.0, "ortho": 0.0, "para": 0.0, "bis": 0.0}
    smog = {"y2": 0.2, "y4": 0.04, "y7": 0.1, "y8": 0.3, "y9": 0.01, "y17": 0.007}
    return [
        problem("snar", feed, 120.0, atol=1e-12, from_feed=True),
        problem("rober", {"y1": 1.0}, 4e10, atol=1e-14),
        problem("hires", {"y1": 1.0, "y8": 0.0057}, 321.8122, atol=1e-12),
        problem("pollu", smog, 60.0, atol=1e-14, seconds=60.0),
    ]


# --- right answers -----------------------------------------------------------------------------------

# POLLU at 60 min: Test Set for IVP Solvers, release 2.4 (F. Mazzia, C. Magherini), problem POLLU
# (J. G. Verwer, SIAM J. Sci. Comput. 15 (1994) 1243).
POLLU = """
5.646255480022769e-02 1.342484130422339e-01 4.139734331099427e-09 5.523140207484359e-03 2.018977262302196e-07
1.464541863493966e-07 7.784249118997964e-02 3.245075353396018e-01 7.494013383880406e-03 1.622293157301561e-08
1.135863833257075e-08 2.230505975721359e-03 2.087162882798630e-04 1.396921016840158e-05 8.964884856898295e-03
4.352846369330103e-18 6.899219696263405e-03 1.007803037365946e-04 1.772146513969984e-06 5.682943292316392e-05
"""


def runge_kutta(p: Problem, n: int) -> State:
    """The classical method in n steps; for the coil, at 20,000, the error is below 1e-12 of the feed."""
    f = right_side(p)
    c, h = list(p.start.values()), p.end / n
    for _ in range(n):
        k1 = f(0.0, c)
        k2 = f(0.0, [x + 0.5 * h * k for x, k in zip(c, k1, strict=True)])
        k3 = f(0.0, [x + 0.5 * h * k for x, k in zip(c, k2, strict=True)])
        k4 = f(0.0, [x + h * k for x, k in zip(c, k3, strict=True)])
        mean = [a + 2.0 * b + 2.0 * d + e for a, b, d, e in zip(k1, k2, k3, k4, strict=True)]
        c = [x + h / 6.0 * m for x, m in zip(c, mean, strict=True)]
    return c


def kept(case: str, time_of_interest: float) -> State:
    """The state of a case of tests/oracle at a time; its case.json names origin and second method."""
    case_file = HERE.parent / "oracle" / case / "case.json"
    content = json.loads(case_file.read_text(encoding="utf-8"))
    row = content["inputs"]["t"]["value"].index(time_of_interest)
    return [float(x) for x in content["outputs"][0]["value"][row]]


def reference(p: Problem) -> State:
    if p.name == "snar":
        return runge_kutta(p, 20000)
    if p.name == "pollu":
        return [float(x) for x in POLLU.split()]
    return kept({"rober": "g2-01-robertson", "hires": "g2-02-hires"}[p.name], p.end)


def error(p: Problem, c: Sequence[float], right: State) -> float:
    """Largest error, of the feed or of |c| + atol / rtol."""
    feed = max(p.start.values()) if p.name != "snar" else p.start["DFNB"]
    scales = [feed if p.from_feed else abs(x) + p.atol / RTOL for x in right]
    return max(abs(a - b) / s for a, b, s in zip(c, right, scales, strict=True))


# --- the right-hand side, written out ----------------------------------------------------------------


def function(text: str) -> Callable[..., Any]:
    """The function `f` that a text defines."""
    names: dict[str, Any] = {}
    exec(text, names)
    found: Callable[..., Any] = names["f"]
    return found


def right_side(p: Problem) -> Callable[[float, Sequence[float]], State]:
    """f(t, y) that returns a list."""
    lines = [f"    r{i} = {rate}" for i, rate in enumerate(p.rates())]
    return function("\n".join(["def f(t, y):", *lines, f"    return [{', '.join(p.derivatives())}]"]))


def right_side_into(p: Problem, constants: str = "") -> Callable[..., None]:
    """f(t, y, out, parameters), the form that numbalsoda calls; constants="parameters": they are the k's."""
    lines = [f"    r{i} = {rate}" for i, rate in enumerate(p.rates(constants))]
    lines += [f"    out[{i}] = {text}" for i, text in enumerate(p.derivatives())]
    return function("\n".join(["def f(t, y, out, parameters):", *lines]))


# --- the programs: each gives a Solve for a problem ----------------------------------------------------


def scipy(p: Problem) -> Solve:
    """solve_ivp, LSODA, right-hand side in Python"""
    integrate: Any = importlib.import_module("scipy.integrate")
    f, start = right_side(p), list(p.start.values())

    def solve(rtol: float, atol: float) -> Sequence[float]:
        done = integrate.solve_ivp(f, (0.0, p.end), start, method="LSODA", rtol=rtol, atol=atol)
        if not done.success:
            raise ArithmeticError(done.message)
        return list(done.y[:, -1])

    return solve


def numbalsoda(p: Problem) -> Solve:
    """LSODA, right-hand side compiled by numba"""
    numba: Any = importlib.import_module("numba")
    np: Any = importlib.import_module("numpy")
    nb: Any = importlib.import_module("numbalsoda")
    compiled = numba.cfunc(nb.lsoda_sig)(right_side_into(p))
    start, times = np.array(list(p.start.values())), np.array([0.0, p.end])

    def solve(rtol: float, atol: float) -> Sequence[float]:
        c, success = nb.lsoda(compiled.address, start, times, rtol=rtol, atol=atol, mxstep=1_000_000)
        if not success:
            raise ArithmeticError("LSODA gave up")
        return list(c[-1])

    return solve


def conserved(p: Problem) -> dict[str, int]:
    """How many of one element are in each species, where each reaction keeps their number."""
    if p.name == "snar":  # the molecules that were joined
        return {"DFNB": 1, "Pyrr": 1, "ortho": 2, "para": 2, "bis": 3}
    if all(len(r.reactants) == len(r.products) for r in p.reactions):
        return dict.fromkeys(p.names, 1)
    raise NotImplementedError("its reactions must keep elements")


def cantera(p: Problem) -> Solve:
    """ReactorNet (CVODES) of a closed vessel at constant T and V"""
    ct: Any = importlib.import_module("cantera")
    T = 363.15
    species = []
    for name, n in conserved(p).items():
        s = ct.Species(name, {"Ar": n})
        s.thermo = ct.ConstantCp(200.0, 5000.0, ct.one_atm, [298.15, 0.0, 0.0, 1e5])  # plays no part
        species.append(s)
    reactions = []
    for r in p.reactions:
        # A catalyst on both sides would be read as a third body: net sides, and the orders beside them.
        net = {x: r.products.count(x) - r.reactants.count(x) for x in r.reactants + r.products}
        left, right = {x: -n for x, n in net.items() if n < 0}, {x: n for x, n in net.items() if n > 0}
        reaction = ct.Reaction(left, right, ct.ArrheniusRate(r.k, 0.0, 0.0))
        reaction.allow_nonreactant_orders = True
        reaction.orders = {x: float(r.reactants.count(x)) for x in r.reactants}
        reaction.reversible = False
        reactions.append(reaction)
    gas = ct.Solution(thermo="ideal-gas", kinetics="gas", species=species, reactions=reactions)
    start = list(p.start.values())
    pressure = sum(start) * ct.gas_constant * T  # mol/L is kmol/m^3

    def solve(rtol: float, atol: float) -> Sequence[float]:
        gas.TPX = T, pressure, start
        net = ct.ReactorNet([ct.IdealGasReactor(gas, energy="off")])
        net.rtol, net.atol, net.max_steps = rtol, atol, 1_000_000
        net.advance(p.end)
        return list(gas.concentrations)

    return solve


def roadrunner(p: Problem) -> Solve:
    """CVODE, right-hand side compiled by LLVM"""
    rr: Any = importlib.import_module("roadrunner")
    model = rr.RoadRunner(sbml(p))
    model.integrator.maximum_num_steps = 1_000_000
    wanted = [f"[{name}]" for name in p.names]

    def solve(rtol: float, atol: float) -> Sequence[float]:
        model.reset()
        model.integrator.relative_tolerance, model.integrator.absolute_tolerance = rtol, atol
        return list(model.simulate(0.0, p.end, 2, wanted)[-1])

    return solve


MATHML = "http://www.w3.org/1998/Math/MathML"
SBML = "http://www.sbml.org/sbml/level3/version1/core"


def sbml_side(role: str, names: list[str]) -> str:
    rows = [
        f'<speciesReference species="{name}" stoichiometry="{names.count(name)}" constant="true"/>'
        for name in dict.fromkeys(names)
    ]
    return f"<listOf{role}>{''.join(rows)}</listOf{role}>" if rows else ""


def sbml(p: Problem) -> str:
    """The scheme in SBML, level 3."""
    amounts = 'hasOnlySubstanceUnits="false" boundaryCondition="false" constant="false"'
    species = "".join(
        f'<species id="{name}" compartment="v" initialConcentration="{c}" {amounts}/>'
        for name, c in p.start.items()
    )
    reactions = ""
    for i, r in enumerate(p.reactions):
        factors = "".join(f"<ci>{name}</ci>" for name in r.reactants)
        law = f"<apply><times/><cn>{r.k:f}</cn>{factors}<ci>v</ci></apply>"
        reactions += f'<reaction id="r{i}" reversible="false" fast="false">'
        reactions += sbml_side("Reactants", r.reactants) + sbml_side("Products", r.products)
        reactions += f'<kineticLaw><math xmlns="{MATHML}">{law}</math></kineticLaw></reaction>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><sbml xmlns="{SBML}" level="3" version="1"><model id="m">'
        '<listOfCompartments><compartment id="v" spatialDimensions="3" size="1" constant="true"/>'
        f"</listOfCompartments><listOfSpecies>{species}</listOfSpecies>"
        f"<listOfReactions>{reactions}</listOfReactions></model></sbml>"
    )


PEERS: dict[str, Callable[[Problem], Solve]] = {
    "scipy": scipy,
    "numbalsoda": numbalsoda,
    "cantera": cantera,
    "roadrunner": roadrunner,
}

# --- equal error -------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """A run that is right enough."""

    us: float
    rtol: float
    error: float


def loosest(p: Problem, solve: Solve, right: State) -> tuple[float, float]:
    """The loosest rtol of the ladder with an error that is allowed, and that error."""
    best = float("inf")
    for rtol in LADDER:
        try:
            found = error(p, solve(rtol, p.atol * rtol / RTOL), right)
        except (ArithmeticError, RuntimeError):  # it gave up there; a tighter one may go through
            continue
        if found <= ALLOWED:
            return rtol, found
        best = min(best, found)
    raise ArithmeticError(f"no tolerance gives an error of {ALLOWED:g}; the best is {best:.1e}")


def median_of(call: Callable[[], Any], seconds: float = 0.5, least: int = 3) -> float:
    """Median time of a call [us], of `least` calls at least."""
    took: list[float] = []
    end = time.perf_counter() + seconds
    while len(took) < least or time.perf_counter() < end:
        begin = time.perf_counter()
        call()
        took.append(time.perf_counter() - begin)
    return 1e6 * statistics.median(took)


def run(name: str, p: Problem, right: State) -> Outcome:
    """A peer on a problem. NotImplementedError: it cannot say it; ArithmeticError: it fails."""
    solve = PEERS[name](p)
    rtol, found = loosest(p, solve, right)
    return Outcome(median_of(lambda: solve(rtol, p.atol * rtol / RTOL)), rtol, found)
