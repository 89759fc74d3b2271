#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reference solutions of the dispersed tube, for test_dispersed.c.

y'' / Pe - y' - Da r(y) = 0,  y(0) - y'(0) / Pe = 1,  y'(1) = 0

with r = y^2 or r = (1 + K) y / (K + y), by Chebyshev collocation on one interval (L. N. Trefethen, Spectral
Methods in MATLAB, SIAM 2000, ch. 6 and 13) and Newton's method, in 40 digits. Each case is solved with two
numbers of points; what is printed agrees between them to 1e-13, or the program fails. Nothing of the library
is used.

python3 dispersed_reference.py > dispersed_reference.h      (needs mpmath; some minutes)
"""

from __future__ import annotations

import sys

from mpmath import lu_solve, matrix, mp, mpf

mp.dps = 40

# law (0: second order, else K of Michaelis and Menten), Da, Pe, points
CASES = [
    ("0", "0.5", "0.1", 20),
    ("0", "2", "1", 24),
    ("0", "5", "10", 36),
    ("0", "20", "50", 70),
    ("0", "10", "200", 100),
    ("0.5", "1", "0.1", 20),
    ("0.5", "2", "1", 24),
    ("0.1", "0.9", "10", 44),
    ("0.05", "0.8", "50", 70),
    ("0.5", "3", "200", 100),
]


def differentiation(n: int) -> tuple[list[mpf], matrix]:
    """Points on [0, 1] from 0 on, and the matrix of d/ds."""
    x = [-mp.cos(mp.pi * k / n) for k in range(n + 1)]
    c = [(2 if k in (0, n) else 1) * (-1) ** k for k in range(n + 1)]
    d = matrix(n + 1, n + 1)
    for i in range(n + 1):
        for j in range(n + 1):
            if i != j:
                d[i, j] = mpf(c[i]) / c[j] / (x[i] - x[j])
        d[i, i] = -mp.fsum(d[i, j] for j in range(n + 1) if j != i)
    return [(1 + v) / 2 for v in x], 2 * d


def rate(k: mpf, y: mpf) -> tuple[mpf, mpf]:
    """Rate and its slope."""
    if k == 0:
        return y * y, 2 * y
    return (1 + k) * y / (k + y), (1 + k) * k / (k + y) ** 2


def solve(k: mpf, da: mpf, pe: mpf, n: int) -> list[mpf]:
    """Solution at s = 0+, 1/2 and 1."""
    s, d = differentiation(n)
    d2 = d * d
    y = matrix([mp.exp(-da * v / 2) for v in s])
    for _ in range(60):
        dy, ddy = d * y, d2 * y
        f, jacobian = matrix(n + 1, 1), d2 / pe - d
        for i in range(n + 1):
            r, slope = rate(k, y[i])
            f[i] = ddy[i] / pe - dy[i] - da * r
            jacobian[i, i] -= da * slope
        f[0], f[n] = y[0] - dy[0] / pe - 1, dy[n]
        for j in range(n + 1):
            jacobian[0, j] = (1 if j == 0 else 0) - d[0, j] / pe
            jacobian[n, j] = d[n, j]
        step = lu_solve(jacobian, f)
        largest = max(abs(v) for v in step)
        y -= step * min(mpf(1), 1 / (2 * largest))
        if largest < mpf("1e-25"):
            return [y[0], y[n // 2], y[n]]
    raise SystemExit(f"no convergence: K {k}, Da {da}, Pe {pe}, {n} points")


def main() -> None:
    """Print the table as a C header."""
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print(
        "/* dispersed_reference.h - made by dispersed_reference.py: K of Michaelis, Menten (0: order 2), Da,"
    )
    print(" * Pe, y at s = 0+, 1/2 and 1. */")
    print("static const double references[][6] = {")
    for k, da, pe, n in CASES:
        a = solve(mpf(k), mpf(da), mpf(pe), n)
        b = solve(mpf(k), mpf(da), mpf(pe), n + 14)
        worst = max(abs(u / v - 1) for u, v in zip(a, b, strict=True))
        print(f"{k} {da} {pe}: {n} and {n + 14} points differ by {mp.nstr(worst, 3)}", file=sys.stderr)
        if worst > mpf("1e-13"):
            raise SystemExit("too few points")
        print(f"  {{{k}, {da}, {pe}, " + ", ".join(mp.nstr(v, 17) for v in b) + "},", flush=True)
    print("};")


if __name__ == "__main__":
    main()
