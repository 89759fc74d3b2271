# SPDX-License-Identifier: Apache-2.0
"""Reference densities of the closed dispersed vessel for test_rtd.c, in 60 digits (needs mpmath).

rtd_reference.py        prints the rows {Pe, theta, E} of the test

Three methods, none of which the library uses. Pe <= 1: eigenfunction series (S. Yagi and T. Miyauchi, Kagaku
Kogaku 17 (1953) 382; H. Brenner, Chem. Eng. Sci. 17 (1962) 229). Times below 0.004 at Pe = 0.001, where it
needs thousands of terms: Talbot's contour, degree 60. Pe >= 1000: trapezoid rule on the vertical through the
saddle of the open vessel.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

mp: Any = import_module("mpmath")

CASES: dict[str, list[float]] = {
    "0.001": [1e-5, 1e-4, 3e-4, 1e-3, 0.01, 0.1, 0.5, 1, 2, 5],
    "1": [0.02, 0.05, 0.1, 0.3, 0.5, 1, 2, 5],
    "1000": [0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.25],
    "100000": [0.975, 0.99, 0.995, 1, 1.005, 1.01, 1.03],
    "1000000": [0.99, 0.995, 0.998, 0.999, 1, 1.001, 1.002, 1.005, 1.01],
}


def transform(s: Any, peclet: Any) -> Any:
    """G of the closed vessel of mean 1."""
    a = mp.sqrt(1 + 4 * s / peclet)
    return 4 * a * mp.exp(peclet * (1 - a) / 2) / ((1 + a) ** 2 - (1 - a) ** 2 * mp.exp(-a * peclet))


def eigenvalue(n: int, u: Any) -> Any:
    """The root of 2 u m cos m = (m^2 - u^2) sin m between n pi and (n + 1) pi."""

    def function(m: Any) -> Any:
        return 2 * u * m * mp.cos(m) - (m * m - u * u) * mp.sin(m)

    low, high = n * mp.pi + mp.mpf(10) ** -40, (n + 1) * mp.pi
    for _ in range(30):
        middle = (low + high) / 2
        if function(low) * function(middle) <= 0:
            high = middle
        else:
            low = middle
    tolerance = mp.mpf(10) ** (10 - 2 * mp.mp.dps)
    return mp.findroot(function, (low, high), solver="anderson", tol=tolerance, verify=False)


def by_series(peclet: Any, theta: Any) -> Any:
    """E by the eigenfunction series."""
    u, total = peclet / 2, mp.mpf(0)
    for n in range(4000):
        m = eigenvalue(n, u)
        decay = mp.exp(u - (u * u + m * m) * theta / peclet)
        total += 2 * m * (u * mp.sin(m) + m * mp.cos(m)) / (u * u + peclet + m * m) * decay
        if n > 5 and abs(decay) * m * 10 < mp.mpf(10) ** -45:
            return total
    raise ArithmeticError("the series did not converge")


def by_vertical(peclet: Any, theta: Any) -> Any:
    """E by the trapezoid rule on a vertical."""
    s_0, width = (1 / theta**2 - 1) * peclet / 4, mp.sqrt(peclet / 2) / theta ** mp.mpf(1.5)

    def integrand(y: Any) -> Any:
        s = s_0 + 1j * y
        return (transform(s, peclet) * mp.exp(s * theta)).real

    step = width / 12
    total = integrand(mp.mpf(0)) / 2
    for k in range(1, 20000):
        value = integrand(step * k)
        total += value
        if k * step > 14 * width and abs(value) < abs(total) * mp.mpf(10) ** -45:
            return total * step / mp.pi
    raise ArithmeticError("the integral did not converge")


def density(peclet: Any, theta: Any) -> Any:
    """E by the method for the place."""
    if peclet > 1:
        return by_vertical(peclet, theta)
    if peclet < 1 and theta < 0.004:
        return mp.invertlaplace(lambda s: transform(s, peclet), theta, method="talbot", degree=60)
    return by_series(peclet, theta)


def main() -> None:
    """Print the table."""
    mp.mp.dps = 60
    for peclet, thetas in CASES.items():
        for theta in thetas:
            print(f"  {{{peclet}, {theta}, {mp.nstr(density(mp.mpf(float(peclet)), mp.mpf(theta)), 25)}}},")


if __name__ == "__main__":
    main()
