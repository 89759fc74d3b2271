# SPDX-License-Identifier: Apache-2.0
"""The SNAr coil at 90 degC in other people's programs: time of one run [us] and outlet [mol/L] of each.

Times are medians of calls in this process, at rtol 1e-8 and atol 1e-12 mol/L, models built before. Feed
0.5 mol/L DFNB and 1 mol/L Pyrr, 120 s, as networks/snar.yaml.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

NAMES = ["DFNB", "Pyrr", "ortho", "para", "bis"]
REACTIONS = [
    ("DFNB", "Pyrr", "ortho"),
    ("DFNB", "Pyrr", "para"),
    ("ortho", "Pyrr", "bis"),
    ("para", "Pyrr", "bis"),
]
K90 = [0.579, 0.0270, 0.00865, 0.0163]  # L/mol/s, networks/snar.yaml at its reference temperature
START, TAU, T = [0.5, 1.0, 0.0, 0.0, 0.0], 120.0, 363.15
RTOL, ATOL = 1e-8, 1e-12
Outcome = tuple[float, list[float]]


def rates(_t: float, c: Any) -> list[float]:
    """Rates of change dc/dt."""
    a, b, d, e = K90[0] * c[0] * c[1], K90[1] * c[0] * c[1], K90[2] * c[2] * c[1], K90[3] * c[3] * c[1]
    return [-a - b, -a - b - d - e, a - d, b - e, d + e]


def reference() -> list[float]:
    """Outlet by the classical Runge-Kutta method with 20,000 steps: error below 1e-12 of the feed."""
    c, n = list(START), 20000
    h = TAU / n
    for _ in range(n):
        k1 = rates(0.0, c)
        k2 = rates(0.0, [x + 0.5 * h * k for x, k in zip(c, k1, strict=True)])
        k3 = rates(0.0, [x + 0.5 * h * k for x, k in zip(c, k2, strict=True)])
        k4 = rates(0.0, [x + h * k for x, k in zip(c, k3, strict=True)])
        c = [
            x + h / 6.0 * (p + 2.0 * q + 2.0 * r + s) for x, p, q, r, s in zip(c, k1, k2, k3, k4, strict=True)
        ]
    return c


def error(c: list[float], right: list[float]) -> float:
    """Largest error, of the feed."""
    return max(abs(a - b) for a, b in zip(c, right, strict=True)) / START[0]


def median_of(call: Callable[[], Any], seconds: float = 1.0) -> tuple[float, Any]:
    """Median time of a call [us], and what it gave."""
    result, took = call(), []
    end = time.perf_counter() + seconds
    while len(took) < 3 or time.perf_counter() < end:
        begin = time.perf_counter()
        result = call()
        took.append(time.perf_counter() - begin)
    return 1e6 * statistics.median(took), result


def scipy() -> Outcome:
    """solve_ivp, LSODA, right-hand side in Python"""
    from scipy.integrate import solve_ivp

    us, solution = median_of(
        lambda: solve_ivp(rates, (0.0, TAU), START, method="LSODA", rtol=RTOL, atol=ATOL)
    )
    return us, [float(x) for x in solution.y[:, -1]]


def numbalsoda() -> Outcome:
    """LSODA, right-hand side compiled by numba"""
    import numba
    import numpy as np
    from numbalsoda import lsoda, lsoda_sig

    k0, k1, k2, k3 = K90

    @numba.cfunc(lsoda_sig)  # type: ignore[misc]
    def f(_t: Any, c: Any, out: Any, _p: Any) -> None:
        a, b, d, e = k0 * c[0] * c[1], k1 * c[0] * c[1], k2 * c[2] * c[1], k3 * c[3] * c[1]
        out[0] = -a - b
        out[1] = -a - b - d - e
        out[2] = a - d
        out[3] = b - e
        out[4] = d + e

    start, times = np.array(START), np.array([0.0, TAU])
    us, (c, _) = median_of(lambda: lsoda(f.address, start, times, rtol=RTOL, atol=ATOL))
    return us, [float(x) for x in c[-1]]


def cantera() -> Outcome:
    """ReactorNet (CVODES) of a closed vessel at constant T and V"""
    import cantera as ct

    # An element that counts the molecules joined balances the scheme; the thermodynamics play no part
    # at constant T and V.
    n_joined = {"DFNB": 1, "Pyrr": 1, "ortho": 2, "para": 2, "bis": 3}
    species = []
    for name in NAMES:
        s = ct.Species(name, {"Ar": n_joined[name]})
        s.thermo = ct.ConstantCp(200.0, 5000.0, ct.one_atm, [298.15, 0.0, 0.0, 1e5])
        species.append(s)
    reactions = []
    for (a, b, p), k in zip(REACTIONS, K90, strict=True):
        reaction = ct.Reaction({a: 1.0, b: 1.0}, {p: 1.0}, ct.ArrheniusRate(k, 0.0, 0.0))
        reaction.reversible = False
        reactions.append(reaction)
    gas = ct.Solution(thermo="ideal-gas", kinetics="gas", species=species, reactions=reactions)
    pressure = sum(START) * ct.gas_constant * T  # mol/L is kmol/m^3

    def run() -> Any:
        gas.TPX = T, pressure, START
        net = ct.ReactorNet([ct.IdealGasReactor(gas, energy="off")])
        net.rtol, net.atol = RTOL, ATOL
        net.advance(TAU)
        return gas.concentrations

    us, c = median_of(run)
    return us, [float(x) for x in c]


def roadrunner() -> Outcome:
    """CVODE, right-hand side compiled by LLVM"""
    import roadrunner as rr

    model = rr.RoadRunner(sbml())
    model.integrator.relative_tolerance, model.integrator.absolute_tolerance = RTOL, ATOL
    wanted = [f"[{name}]" for name in NAMES]

    def run() -> Any:
        model.reset()
        return model.simulate(0.0, TAU, 2, wanted)

    us, c = median_of(run)
    return us, [float(x) for x in c[-1]]


MATHML = "http://www.w3.org/1998/Math/MathML"
SBML = "http://www.sbml.org/sbml/level3/version1/core"


def sbml() -> str:
    """The scheme in SBML, level 3."""
    amounts = 'hasOnlySubstanceUnits="false" boundaryCondition="false" constant="false"'
    species = "".join(
        f'<species id="{name}" compartment="v" initialConcentration="{c}" {amounts}/>'
        for name, c in zip(NAMES, START, strict=True)
    )

    def side(role: str, names: list[str]) -> str:
        rows = [f'<speciesReference species="{name}" stoichiometry="1" constant="true"/>' for name in names]
        return f"<listOf{role}>{''.join(rows)}</listOf{role}>"

    reactions = ""
    for i, ((a, b, p), k) in enumerate(zip(REACTIONS, K90, strict=True)):
        law = f"<apply><times/><cn>{k}</cn><ci>{a}</ci><ci>{b}</ci><ci>v</ci></apply>"
        reactions += f'<reaction id="r{i}" reversible="false" fast="false">'
        reactions += side("Reactants", [a, b]) + side("Products", [p])
        reactions += f'<kineticLaw><math xmlns="{MATHML}">{law}</math></kineticLaw></reaction>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><sbml xmlns="{SBML}" level="3" version="1"><model id="m">'
        '<listOfCompartments><compartment id="v" spatialDimensions="3" size="1" constant="true"/>'
        f"</listOfCompartments><listOfSpecies>{species}</listOfSpecies>"
        f"<listOfReactions>{reactions}</listOfReactions></model></sbml>"
    )


PEERS: dict[str, Callable[[], Outcome]] = {
    "scipy": scipy,
    "cantera": cantera,
    "numbalsoda": numbalsoda,
    "roadrunner": roadrunner,
}
