# SPDX-License-Identifier: Apache-2.0
"""Rates as Python functions: traced into expressions, or called with complex or real numbers."""

from __future__ import annotations

import copy
import math
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tautrain as tt
from hypothesis import given
from hypothesis import strategies as st
from known_models import LEFT, decay
from tautrain._trace import Step, Symbol, accepts_complex, trace

NONE: frozenset[str] = frozenset()
K = {"k": "0.01 1/s"}


def with_rate(rate: Callable[..., Any], **more: Any) -> tt.Model:
    m = decay()
    m.reaction("r", "A -> B", rate=rate, **more)
    return m


def test_a_traced_function_becomes_an_expression() -> None:
    m = with_rate(lambda A, k: k * A, parameters=K)
    assert m.get("reactions/r/rate") == "k*A"
    assert m.run().value("outlet/c/A") == pytest.approx(LEFT, rel=1e-7)
    assert pickle.loads(pickle.dumps(m)) == m


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda A, B: A - (B - A), "A - (B - A)"),
        (lambda A, B: (A + B) * A / (B * A), "(A + B)*A/(B*A)"),
        (lambda A, B: A / (1 + 3 * B) ** 2, "A/(1 + 3*B)^2"),
        (lambda A, B: -A * (-B) ** 3, "(-A)*(-B)^3"),
        (lambda A, B: 2 ** (A / B), "2^(A/B)"),
        (lambda A, B: (A**2) ** B, "(A^2)^B"),
        (lambda A, B: A * tt.exp(-B / A), "A*exp((-B)/A)"),
        (lambda A, B: A * np.exp(B / A), "A*exp(B/A)"),
        (lambda A, B: np.float64(2.5) * A * B, "2.5*A*B"),
        (lambda A, B: A * np.sqrt(np.maximum(A, B)), "A*sqrt(max(A, B))"),
        (lambda A, B: abs(A - B) * tt.minimum(A, B), "abs(A - B)*min(A, B)"),
        (lambda A, B: 1 / tt.log(A) - tt.tanh(B), "1/log(A) - tanh(B)"),
    ],
)
def test_tracing_writes_down_what_is_done(function: Callable[..., Any], text: str) -> None:
    assert trace(function, ["A", "B"], NONE) == text


numbers = st.floats(0.5, 4.0)


@given(a=numbers, b=numbers, c=numbers)
def test_the_text_means_what_the_function_computes(a: float, b: float, c: float) -> None:
    def function(A: Any, B: Any, C: Any) -> Any:
        return (A - B) / (C + A) ** 2 - (-A) * tt.exp(-B * C) / (2 - -A) + (A**B) ** -C - B / (A / C)

    text = trace(function, ["A", "B", "C"], NONE)
    assert text is not None
    value = eval(text.replace("^", "**"), {"A": a, "B": b, "C": c, "exp": math.exp})
    assert value == pytest.approx(function(a, b, c), rel=1e-12)


def test_names_that_are_no_identifiers_are_quoted() -> None:
    assert trace(lambda x, T: x * T, ["a-b", "T"], frozenset("T")) == 'c["a-b"]*T'
    m = tt.Model("decay", solvent="water")
    m.species({"a-b": "100 g/mol", "b": "100 g/mol"})
    m.reaction("r", "a-b -> b", rate=lambda c, k: k * c, arguments=["a-b", "k"], parameters=K)
    m.feed("feed", flow="1 mL/min", temperature="20 degC", concentration={"a-b": "1 mol/L"})
    m.unit("coil", "pfr", inlets="feed", volume="1 mL")
    assert m.run().value("outlet/c/a-b") == pytest.approx(LEFT, rel=1e-7)


def test_units_of_a_traced_function_are_checked() -> None:
    with pytest.raises(tt.ModelError, match="mol/m"):
        with_rate(lambda A: 0.01 * A).check()
    assert with_rate(lambda A: 0.01 * A, trace=False).run().value("outlet/c/A") == pytest.approx(
        LEFT, rel=1e-7
    )


@pytest.mark.parametrize(
    "function",
    [
        lambda A: 0.01 * A if A > 0 else 0.0 * A,
        lambda A: A * math.exp(math.log(0.01)),
        lambda A: 0.01 * math.exp(math.log(A)) if A > 1e-3 else 0.01 * A,
    ],
    ids=["if", "constant", "math"],
)
def test_functions_that_cannot_be_traced_are_called(function: Callable[..., Any]) -> None:
    m = with_rate(function, trace=False)
    assert m.run().value("outlet/c/A") == pytest.approx(LEFT, rel=1e-6)


def test_a_function_gets_parameters_and_temperature_in_si() -> None:
    seen: list[tuple[float, float]] = []

    def rate(A: Any, k: Any, T: Any) -> Any:
        seen.append((complex(k).real, complex(T).real))
        return k * A if T > 0 else 0.0

    m = with_rate(rate, parameters={"k": "0.6 1/min"})
    seen.clear()
    assert m.run().value("outlet/c/A") == pytest.approx(LEFT, rel=1e-6)
    assert seen[-1] == (pytest.approx(0.01), pytest.approx(293.15))


def test_complex_steps_are_used_where_the_function_accepts_them() -> None:
    assert accepts_complex(lambda A, T: A * tt.exp(-100 / T) if A > 0 else 0 * A, ["A", "T"])
    assert accepts_complex(lambda A, B: np.maximum(A, B) ** 1.5 / (1 + np.abs(A)), ["A", "B"])
    assert not accepts_complex(lambda A: math.exp(A), ["A"])
    assert not accepts_complex(lambda A: A.z if isinstance(A, Step) else float(A), ["B", "C"])


@given(a=numbers, b=numbers)
def test_a_complex_step_has_the_derivative(a: float, b: float) -> None:
    h = 1e-20
    f = (Step(complex(a, h)) ** b * tt.exp(Step(a) / b)) / (1 + Step(complex(a, h)))
    power = a**b * math.exp(a / b)
    slope = (b * a ** (b - 1) * math.exp(a / b)) / (1 + a) - power / (1 + a) ** 2
    assert f.z.imag / h == pytest.approx(slope, rel=1e-10)


class OwnError(Exception):
    pass


@pytest.mark.parametrize("tracing", [True, False])
def test_an_exception_of_the_user_comes_out_unchanged(tracing: bool) -> None:
    error = OwnError("no such rate")
    calls = []

    def rate(A: float) -> float:
        calls.append(A)
        if A < 900 and len(calls) > 30:  # not while it is tried at 1 mol/m^3
            raise error
        return 0.01 * A

    with pytest.raises(OwnError) as caught:
        with_rate(rate, trace=tracing).run()
    assert caught.value is error


def test_a_model_with_a_function_refuses_to_be_written_or_pickled(tmp_path: Path) -> None:
    m = with_rate(lambda A: 0.01 * A if A > 0 else 0.0)
    with pytest.raises(tt.UnsupportedError, match="reactions/r/rate"):
        pickle.dumps(m)
    with pytest.raises(tt.UnsupportedError):
        m.write(tmp_path / "m.yaml")
    assert not (tmp_path / "m.yaml").exists()
    assert "<function>" in str(m)


def test_a_model_with_a_function_copies_and_shares_it() -> None:
    m = with_rate(lambda A: 0.01 * A if A > 0 else 0.0)
    twin = copy.deepcopy(m)
    assert twin == m
    del m
    assert twin.run().value("outlet/c/A") == pytest.approx(LEFT, rel=1e-6)


def test_a_train_keeps_the_function_of_a_model_that_is_gone() -> None:
    train = with_rate(lambda A: 0.01 * A if A > 0 else 0.0).compile()
    assert train.run().value("outlet/c/A") == pytest.approx(LEFT, rel=1e-6)


def test_eight_threads_call_one_function() -> None:
    train = with_rate(lambda A: 0.01 * A if A > 0 else 0.0).compile()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: train.run().value("outlet/c/A"), range(24)))
    assert found == [pytest.approx(LEFT, rel=1e-6)] * 24
    assert len(set(found)) == 1


def test_an_exception_in_one_thread_is_not_seen_by_another() -> None:
    def rate(A: Any) -> Any:
        if threading.current_thread().name == "bad":
            raise OwnError
        return 0.01 * A if A > 0 else 0.0

    train, seen = with_rate(rate).compile(), []

    def bad() -> None:
        for _ in range(10):
            try:
                train.run()
            except OwnError as error:
                seen.append(error)

    thread = threading.Thread(target=bad, name="bad")
    thread.start()
    for _ in range(10):
        assert train.run().status == "complete"
    thread.join()
    assert len(seen) == 10


def test_arguments_must_be_plain() -> None:
    with pytest.raises(TypeError, match="rest"):
        with_rate(lambda *rest: 0.01 * rest[0])


def test_an_unknown_argument_is_a_mistake_of_the_model() -> None:
    with pytest.raises(tt.ModelError, match="Q"):
        with_rate(lambda A, Q: A if Q > 0 else 0.0).check()


def test_functions_for_rates_are_those_of_mathematics() -> None:
    assert tt.exp(1.0) == math.e
    assert np.allclose(tt.log(np.array([1.0, math.e])), [0.0, 1.0])
    assert repr(tt.sqrt(Symbol("A"))) == "sqrt(A)"
    assert tt.maximum(1.0, 2.0) == 2.0
