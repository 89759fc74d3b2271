# SPDX-License-Identifier: Apache-2.0
"""The coil's distribution of residence times, from its own log, and what it does to the predicted conversion.

The coil begins full of water; then the mixture breaks through. What leaves at an age a has reacted for a, so
the conductivity is

    L(t) = L_water W(t - t0) + integral from 0 to t - t0 of E(a) L_batch(a) da,

which holds for segregated flow, conductivity being linear in composition. So dF = dL/(L_batch(t - t0) -
L_water), and the flasks give L_batch. The log does not say when the feeds began: t0 is the one at which the
mean is V/Q, 150 s, and only the spread is taken from the curve. It holds the connections and the probe too:
an upper bound of the coil's own.

python tail.py      prints the tables, writes saponification-tail.png
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import saponification
import tautrain as tt
from saponification import C0_BATCH, C0_TUBE, CONVERSION, LAST, RATE, TUBE_LOG, Array, Kinetics, R, Steady

MEAN = 150.0  # s, V/Q: a column of the log
FROM = 136.0  # s of the log: water, steady; the first rise of the three runs is at 172 s
N_WATER = 15  # samples of that, 30 s
MODEL = "plug+tanks"  # the best or second of five by AICc at each temperature
WINDOWS = ((0.1, 0.5), (0.1, 0.7), (-1.0, 2.0))  # conversions between which k was taken, README.md
STUDENT_1 = math.tan(0.475 * math.pi)  # 12.706: 95 %, one degree of freedom, in closed form
TEMPERATURE = "units/reactor/temperature"


@dataclass(frozen=True)
class Tail:
    """The breakthrough of a run.

    Attributes
    ----------
    start : float
        Time of the log at which the feeds began [s], so that the mean is `MEAN`.
    tracer : Tracer
        F as a step up, from `start`.
    fit : TracerFit
    """

    start: float
    tracer: tt.Tracer
    fit: tt.TracerFit


@dataclass(frozen=True)
class Interval:
    """A predicted conversion of the coil, and half widths of 95 % [-].

    Attributes
    ----------
    run : Steady
        What was measured.
    plug, value, mixed : float
        In plug flow, in the distribution segregated, and at maximum mixedness.
    tracer : float
        Covariance of the tracer's fit.
    ends : float
        Farther of plug flow and maximum mixedness from `value`: the spread may be the coil's or not.
    covariance : float
        Of k_ref and Ea in the fit to the flasks, which takes points for independent.
    drawn : float
        Largest change with the part of the logs that k is taken from, and with that fit for the line.
    probe : float
        Change with the temperatures of the flasks' probe for the nominal ones.
    temperature : float
        A step of the log of the coil's probe: on the prediction less on the reading.
    flasks : float
        Scatter of the three flasks about the line of ln k, with its one degree of freedom.
    """

    run: Steady
    plug: float
    value: float
    mixed: float
    tracer: float
    ends: float
    covariance: float
    drawn: float
    probe: float
    temperature: float
    flasks: float

    @property
    def narrow(self) -> float:
        """Half width without the scatter of the flasks."""
        parts = (self.tracer, self.ends, self.covariance, self.drawn, self.probe, self.temperature)
        return math.hypot(*parts)

    @property
    def half_width(self) -> float:
        """Half width of everything, in quadrature."""
        return math.hypot(self.narrow, self.flasks)

    @property
    def off(self) -> float:
        """Measured less predicted."""
        return self.run.conversion - self.value


def rate_constant(k: Kinetics, T: float) -> float:
    """At a temperature [degC], in L/mol/s."""
    return k.k_25 * math.exp(-k.Ea / R * (1.0 / (T + 273.15) - 1.0 / 298.15))


def batch_conductivity(age: Array, k: Kinetics, T: float) -> Array:
    """Conductivity [mS/cm] of the coil's mixture after an age [s], by the relation of `conversion`."""
    Da = rate_constant(k, T) * C0_TUBE * np.maximum(age, 0.0)
    empty, full = saponification.conversion(np.array([0.0, 1.0]), C0_TUBE, T)  # linear in the conductivity
    return np.asarray((Da / (1.0 + Da) - empty) / (full - empty))


def cumulative(t: Array, signal: Array, start: float, k: Kinetics, T: float) -> Array:
    """F of a breakthrough, by trapezoids of dL/(L_batch - L_water); its end is 1 if the flasks are right."""
    water = signal[:N_WATER].mean()
    step = batch_conductivity(t - start, k, T) - water
    return np.concatenate([[0.0], np.cumsum(np.diff(signal) / (0.5 * (step[1:] + step[:-1])))])


def breakthrough(t: Array, signal: Array, k: Kinetics, T: float) -> Tail:
    """Tracer curve and fit of a log that begins with water; the start is such that the fit's mean is V/Q."""
    start = 0.0
    for _ in range(30):
        F = cumulative(t, signal, start, k, T)
        tracer = tt.tracer(t, F, kind="step up", start=start, n_first=N_WATER, n_last=LAST)
        fit = tracer.fit(MODEL)
        late = fit.rtd.mean - MEAN
        if abs(late) < 1e-6:
            break
        start += late
    return Tail(start, tracer, fit)


@cache
def line() -> Kinetics:
    """The kinetics of the flasks."""
    return saponification.kinetics()


@cache
def tail(name: str) -> Tail:
    """The breakthrough of the run ``25C``, ``30C`` or ``35C``."""
    log = saponification.read(TUBE_LOG, name, "run")
    T = float(log["T_reactor_C"][-LAST:].mean())
    used = log["elapsed_s"] >= FROM
    return breakthrough(log["elapsed_s"][used], log["conductivity_mS_cm"][used], line(), T)


def react(run: Steady) -> tt.Reacted:
    """The coil in plug flow and in its distribution, with the kinetics of the flasks."""
    model = tt.read(saponification.HERE / "tube.yaml")
    for path, value in (line().inputs | {TEMPERATURE: f"{run.T!r} degC"}).items():
        model.set(path, value)
    return model.react("reactor", tail(run.name).fit, observables=CONVERSION)


@cache
def fit_flasks() -> tt.RunsFit:
    """k_ref and Ea by least squares on every twentieth point of the flasks."""
    columns: list[tuple[float, float, float]] = []
    for T in (25, 30, 35):
        t, X = saponification.batch(T)
        used = saponification.inside(X)
        columns += [(float(T), a, C0_BATCH * (1.0 - x)) for a, x in zip(t[used], X[used], strict=True)]
    heads = ("units/flask/temperature [degC]", "units/flask/time [s]", "outlet/c/NaOH [mol/L]")
    data = dict(zip(heads, np.array(columns[::20]).T, strict=True))
    start = {f"{RATE}/k_ref": "0.01 L/mol/s", f"{RATE}/Ea": "30 kJ/mol"}
    return tt.read(saponification.HERE / "batch.yaml").fit(data, start)


def kinetics_by_probe() -> Kinetics:
    """The line with the mean temperatures of the flasks' probe in the window for the nominal ones."""
    T, k = [], []
    for nominal in (25, 30, 35):
        log = saponification.read(saponification.BATCH_LOG, str(nominal), "T_nominal_C")
        _, X = saponification.batch(nominal)
        T.append(float(log["T_probe_C"][saponification.inside(X)].mean()))
        X = saponification.conversion(log["conductivity_mS_cm"], C0_BATCH, T[-1])
        used = saponification.inside(X)
        k.append(np.polyfit(log["t_s"][used], 1.0 / (C0_BATCH * (1.0 - X[used])), 1)[0])
    slope, at_25 = np.polyfit(1.0 / (np.array(T) + 273.15) - 1.0 / 298.15, np.log(k), 1)
    return Kinetics(float(np.exp(at_25)), float(-slope * R))


def scatter(T: float) -> float:
    """Standard error of ln k of the line at a temperature [degC], from the three flasks about it."""
    x = 1.0 / (np.array([25.0, 30.0, 35.0]) + 273.15)
    ln_k = np.log([saponification.rate_constant(i) for i in (25, 30, 35)])
    off = ln_k - np.polyval(np.polyfit(x - x.mean(), ln_k, 1), x - x.mean())
    away = 1.0 / (T + 273.15) - x.mean()
    variance = float(off @ off) / 1.0  # three flasks less two parameters
    return math.sqrt(variance * (1.0 / 3.0 + away**2 / float(np.sum((x - x.mean()) ** 2))))


def log_step(name: str) -> float:
    """Smallest step of temperature that a log of the coil has [K]."""
    seen = np.unique(saponification.read(TUBE_LOG, name, "run")["T_reactor_C"])
    return float(np.diff(seen).min())


def reading_slope(run: Steady) -> float:
    """Change of the measured conversion with the temperature that it is read at [1/K]."""
    L = saponification.read(TUBE_LOG, run.name, "run")["conductivity_mS_cm"][-LAST:].mean()
    up, down = (saponification.conversion(L, C0_TUBE, run.T + d) for d in (0.5, -0.5))
    return float(up - down)


def interval(run: Steady) -> Interval:
    """The prediction for a run of the coil and every contribution to its interval."""
    reacted = react(run)
    train = reacted.model("segregated").compile()
    value = reacted.value(CONVERSION)
    ends = [reacted.value(CONVERSION, way) for way in ("plug", "maximum")]

    def at(k: Kinetics, T: float = run.T) -> float:
        return saponification.run(train, k, T).value(CONVERSION)

    fit = fit_flasks()
    to_fitted = train.sensitivity(fit.names, CONVERSION, inputs=fit.value | {TEMPERATURE: f"{run.T!r} degC"})
    k_ref, Ea = (fit.value[f"{RATE}/{x}"] for x in ("k_ref", "Ea"))
    others = [saponification.kinetics(window) for window in WINDOWS] + [Kinetics(1e3 * k_ref, Ea)]
    per_K = at(line(), run.T + 0.5) - at(line(), run.T - 0.5) - reading_slope(run)
    u = scatter(run.T)
    up, down = (Kinetics(line().k_25 * math.exp(d), line().Ea) for d in (u, -u))
    return Interval(
        run,
        ends[0],
        value,
        ends[1],
        tracer=reacted.half_width(CONVERSION),
        ends=max(abs(x - value) for x in ends),
        covariance=float(fit.band(to_fitted)[0]),
        drawn=max(abs(at(k) - value) for k in others),
        probe=abs(at(kinetics_by_probe()) - value),
        temperature=abs(per_K) * log_step(run.name),
        flasks=STUDENT_1 * 0.5 * (at(up) - at(down)),
    )


def needed_mean(run: Steady) -> float:
    """Residence time [s] at which plug flow gives what was measured, X = Da/(1 + Da)."""
    X = run.conversion
    return X / (1.0 - X) / (rate_constant(line(), run.T) * C0_TUBE)


def curve_rows() -> list[str]:
    """A line of a table for each breakthrough."""
    rows = [
        "| coil at | start | height | sigma | by moments | plug part | tanks |",
        "|---|---|---|---|---|---|---|",
    ]
    for run in saponification.measured():
        x = tail(run.name)
        m, p = x.tracer, x.fit
        sigma = math.sqrt(m.variance.value)
        error = 0.5 * m.variance.error / sigma
        rows.append(
            f"| {run.T:.2f} degC | {x.start:.1f} s | {p['area'].value:.3f} | {p.rtd.sigma:.1f} s | "
            f"{sigma:.2f} +- {error:.2f} s | {p['0/mean'].value:.0f} +- {p['0/mean'].half_width:.0f} s | "
            f"{p['1/n'].value:.1f} +- {p['1/n'].half_width:.1f} |"
        )
    return rows


def interval_rows(found: list[Interval]) -> list[str]:
    """Lines of a table: a contribution a line, a run of the coil a column."""
    head = "| | " + " | ".join(f"{x.run.T:.2f} degC" for x in found) + " |"

    def row(name: str, values: list[float], digits: int = 3) -> str:
        return f"| {name} | " + " | ".join(f"{x:.{digits}f}" for x in values) + " |"

    def between(name: str, half: list[float]) -> str:
        ends = (f"{x.value - h:.3f} to {x.value + h:.3f}" for x, h in zip(found, half, strict=True))
        return f"| {name} | " + " | ".join(ends) + " |"

    narrow, whole = [x.narrow for x in found], [x.half_width for x in found]
    return [
        head,
        "|---|---|---|---|",
        row("plug flow", [x.plug for x in found]),
        row("segregated", [x.value for x in found]),
        row("maximum mixedness", [x.mixed for x in found]),
        row("+- tracer's fit", [x.tracer for x in found], 4),
        row("+- spread of the coil or of the connections", [x.ends for x in found], 4),
        row("+- covariance of k and Ea", [x.covariance for x in found], 4),
        row("+- which part of the flasks' logs", [x.drawn for x in found], 4),
        row("+- flasks: probe or nominal", [x.probe for x in found], 4),
        row("+- probe of the coil", [x.temperature for x in found], 4),
        row("+- scatter between flasks", [x.flasks for x in found], 4),
        between("without that scatter", narrow),
        between("with it", whole),
        row("measured", [x.run.conversion for x in found]),
        "| inside, without and with | "
        + " | ".join(
            " and ".join("yes" if abs(x.off) <= h else "no" for h in (x.narrow, x.half_width)) for x in found
        )
        + " |",
        row("mean that plug flow would need [s]", [needed_mean(x.run) for x in found], 0),
    ]


def draw(found: list[Interval], path: Path) -> None:
    """Left the breakthroughs with their fits; right the intervals and what was measured."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for i, x in enumerate(found):
        curve = tail(x.run.name)
        F = curve.fit.signal / curve.fit["area"].value
        left.plot(curve.fit.t, F, ".", color=f"C{i}", markersize=4)
        ages = np.linspace(100.0, 230.0, 261)
        left.plot(ages, curve.fit.rtd.F(ages), color=f"C{i}", label=f"{x.run.T:.1f} degC")
    left.set(xlim=(100, 230), xlabel="age [s]", ylabel="F", title="breakthrough of the mixture, and fit")
    left.legend(loc="upper left")

    T = [x.run.T for x in found]
    value = [x.value for x in found]
    bar = {"fmt": "none", "color": "0.25"}
    right.errorbar(T, value, [x.half_width for x in found], capsize=5, label="with scatter of flasks", **bar)
    right.errorbar(T, value, [x.narrow for x in found], linewidth=5, label="without it", **bar)
    right.plot(T, [x.run.conversion for x in found], "o", color="C3", label="measured")
    right.set(xlabel="temperature [degC]", ylabel="conversion of NaOH", title="coil: 95 % intervals")
    right.legend(loc="upper left")
    figure.savefig(path, dpi=150)


def main() -> None:
    """Evaluate, predict, compare, draw."""
    found = [interval(run) for run in saponification.measured()]
    print("\n".join(curve_rows()), end="\n\n")
    print("\n".join(interval_rows(found)))
    draw(found, Path("saponification-tail.png"))
    print("\npicture saponification-tail.png")


if __name__ == "__main__":
    main()
