# SPDX-License-Identifier: Apache-2.0
"""Small models with a known answer."""

from __future__ import annotations

import math
from pathlib import Path

import tautrain as tt

ROOT = Path(__file__).parents[3]
SNAR = ROOT / "examples" / "snar" / "snar.yaml"
LOMUSTINE = ROOT / "data" / "routes" / "lomustine" / "route.yaml"
SEVERAL_MISTAKES = ROOT / "tests" / "invalid" / "several-mistakes" / "model.yaml"

K, TAU, FEED = 0.01, 60.0, 1000.0  # 1/s, s, mol/m^3
LEFT = FEED * math.exp(-K * TAU)  # A at the outlet of `decay`: dc/dtau = -k c


def decay(title: str = "decay") -> tt.Model:
    """A -> B in plug flow, first order."""
    m = tt.Model(title, solvent="water")
    m.species(A="100 g/mol", B="100 g/mol")
    m.reaction("r", "A -> B", k="0.01 1/s")
    m.feed("feed", flow="1 mL/min", temperature="20 degC", concentration={"A": "1 mol/L"})
    m.unit("coil", "pfr", inlets="feed", volume="1 mL")
    m.key("A", "B")
    return m


def endless() -> tt.Model:
    """The Brusselator (Prigogine and Lefever 1968) in a batch of 30 years; never at rest as B > 1 + A^2."""
    m = tt.Model("brusselator")
    m.species("A", "B", "X", "Y")
    m.reaction("in", "A -> A + X", k="1 1/s")
    m.reaction("auto", "2 X + Y -> 3 X", k="1 L^2/mol^2/s")
    m.reaction("turn", "B + X -> B + Y", k="1 L/mol/s")
    m.reaction("out", "X -> ", k="1 1/s")
    c = {"A": "1 mol/L", "B": "3 mol/L", "X": "1 mol/L", "Y": "1 mol/L"}
    m.unit("vessel", "batch", time="1e9 s", charge={"volume": "1 L", "concentration": c})
    return m


# a tube of 1 min, a tank of 2 min, a splitter; and distributions by name
RTD_TRAIN = """
tautrain: 1
species: {A: {molar_mass: 100 g/mol}, B: {molar_mass: 100 g/mol}}
reactions: {r: {equation: A -> B, k: 0.1 1/s}}
feeds: {dye: {flow: 1 mL/min, temperature: 20 degC, concentration: {A: 1 mol/L}}}
units:
  coil: {type: pfr, in: dye, volume: 1 mL}
  tank: {type: cstr, in: coil, volume: 2 mL}
  split: {type: splitter, in: tank, outlets: {waste: 0.25, product: rest}}
outlet: split/product
rtd:
  pump: {model: plug, mean: 5 s}
  line: {series: [pump, {model: tanks, mean: 2 min, n: 3.2}]}
"""
