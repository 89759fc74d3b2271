# SPDX-License-Identifier: Apache-2.0
"""Distributions of residence time in Python: closed forms, units, copies, mistakes.

The closed forms: one tank exp(-t/tau)/tau; n tanks the gamma density; plug flow a delay; O. Levenspiel,
Chemical Reaction Engineering, 3rd ed. (1999), ch. 13 to 15.
"""

from __future__ import annotations

import copy
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
import tautrain as tt
from known_models import RTD_TRAIN

TAU = 120.0
T = np.array([0.5, 10.0, 60.0, 119.0, 121.0, 400.0, 2000.0])


def gamma_density(t: np.ndarray, mean: float, n: float) -> np.ndarray:
    """E of n tanks."""
    return np.exp(n * np.log(n / mean) + (n - 1.0) * np.log(t) - n * t / mean - math.lgamma(n))


# --- closed forms ---


def test_one_tank_decays():
    tank = tt.rtd.tanks(TAU)
    np.testing.assert_allclose(tank.E(T), np.exp(-T / TAU) / TAU, rtol=1e-12)
    np.testing.assert_allclose(tank.F(T), -np.expm1(-T / TAU), rtol=1e-12)
    np.testing.assert_allclose(tank.W(T), np.exp(-T / TAU), rtol=1e-12)
    np.testing.assert_allclose(tank.I(T), np.exp(-T / TAU) / TAU, rtol=1e-12)
    assert tank.E(-1.0) == tank.F(-1.0) == 0.0


@pytest.mark.parametrize("n", [0.5, 1.0, 3.2, 50.0])
def test_tanks_are_a_gamma_density(n):
    tanks = tt.rtd.tanks(mean=TAU, n=n)
    np.testing.assert_allclose(tanks.E(T), gamma_density(T, TAU, n), rtol=1e-9)
    assert tanks.moments == pytest.approx((TAU, TAU**2 / n, 2.0 * TAU**3 / n**2, 2.0 / math.sqrt(n)))
    assert tanks.sigma == pytest.approx(TAU / math.sqrt(n), rel=1e-14)


def test_tanks_in_series_are_tanks():
    several = tt.rtd.series(*[tt.rtd.tanks(TAU / 4)] * 4)
    np.testing.assert_allclose(several.E(T), gamma_density(T, TAU, 4.0), rtol=1e-9)
    assert several.variance == pytest.approx(TAU**2 / 4.0)


def test_plug_flow_delays():
    plug = tt.rtd.plug("2 min")
    assert plug.atoms == ((TAU, 1.0),)
    assert plug.F(np.array([119.0, 120.0, 121.0])).tolist() == [0.0, 1.0, 1.0]
    assert plug.E(T).tolist() == [0.0] * len(T)
    assert (plug.mean, plug.sigma) == (TAU, 0.0)
    assert plug.quantile(0.5) == pytest.approx(TAU, rel=1e-12)
    assert math.isnan(plug.skewness)
    later = plug + tt.rtd.tanks(60.0)
    assert later.atoms == ()
    np.testing.assert_allclose(later.E(T + TAU), np.exp(-T / 60.0) / 60.0, rtol=1e-11)
    assert later.F(119.9) == 0.0


def test_closed_vessel_has_the_variance_of_van_der_laan():
    # sigma^2/tau^2 = 2/Pe - 2/Pe^2 (1 - exp(-Pe)); E. Th. van der Laan, Chem. Eng. Sci. 7 (1958) 187
    for Pe in (0.1, 1.0, 20.0, 1e5):
        got = tt.rtd.dispersion(TAU, Pe)
        assert got.variance == pytest.approx(
            TAU**2 * (2.0 / Pe - 2.0 / Pe**2 * -math.expm1(-Pe)), rel=1e-9 if Pe > 1 else 1e-7
        )


def test_an_open_vessel_is_that_of_levenspiel_and_smith():
    # E = sqrt(Pe/(4 pi t tau)) exp(-Pe (t - tau)^2/(4 t tau))
    # O. Levenspiel, W. K. Smith, Chem. Eng. Sci. 6 (1957) 227
    Pe = 30.0
    right = np.sqrt(Pe / (4.0 * np.pi * T * TAU)) * np.exp(-Pe * (T - TAU) ** 2 / (4.0 * T * TAU))
    made = tt.rtd.dispersion("2 min", peclet=Pe, ends="open-open")
    np.testing.assert_allclose(made.E(T), right, rtol=1e-8, atol=1e-13 * right.max())
    assert made == tt.rtd.dispersion_open(TAU, Pe) == tt.rtd["dispersion-open"](TAU, Pe)
    assert made != tt.rtd.dispersion("2 min", peclet=Pe)


def test_laminar_flow_has_no_variance():
    laminar = tt.rtd.laminar("2 min")
    np.testing.assert_allclose(laminar.W([61.0, 600.0]), [(60.0 / 61.0) ** 2, 0.01], rtol=1e-12)
    assert (laminar.variance, laminar.sigma) == (math.inf, math.inf)
    assert laminar.mean == TAU


def test_quantiles_and_washout_of_a_tank():
    tank = tt.rtd.tanks(TAU)
    assert tank.quantile(0.5) == tank.quantile("50 %") == pytest.approx(TAU * math.log(2.0), rel=1e-12)
    assert tank.washout_time("99.9 %") == pytest.approx(TAU * math.log(1000.0), rel=1e-11)


def test_truncated_moments_of_a_tank():
    # integrals of exp(-x), x exp(-x), x^2 exp(-x) from 0 to 1
    e = math.exp(-1.0)
    right = (1.0 - e, TAU * (1.0 - 2.0 * e), TAU**2 * (2.0 - 5.0 * e))
    assert tt.rtd.tanks(TAU).truncated_moments("2 min") == pytest.approx(right, rel=1e-9)


def test_transform_of_a_tank():
    s = np.array([[0.0, 0.01], [0.02j, 0.1 - 0.3j]])
    np.testing.assert_allclose(tt.rtd.tanks(TAU).transform(s), 1.0 / (1.0 + s * TAU), rtol=1e-13)


# --- compositions ---


def test_side_by_side():
    fast, slow = tt.rtd.plug("10 s"), tt.rtd.tanks(TAU)
    both = tt.rtd.parallel({fast: "30 %", slow: 0.7})
    assert both.atoms == ((10.0, 0.3),)
    np.testing.assert_allclose(both.E(T), 0.7 * np.exp(-T / TAU) / TAU, rtol=1e-12)
    assert both.mean == pytest.approx(0.3 * 10.0 + 0.7 * TAU)
    twice = tt.rtd.parallel([(slow, 0.5), (slow, 0.5)])
    np.testing.assert_allclose(twice.E(T), slow.E(T), rtol=1e-12)


def test_a_tank_with_recycle_is_a_tank():
    # 1/(1 + s tau) with r: 1/(1 + (1 + r) s tau): the volume over the flow through
    loop = tt.rtd.recycle(tt.rtd.tanks(TAU), ratio=2.0)
    np.testing.assert_allclose(loop.E(T), np.exp(-T / (3 * TAU)) / (3 * TAU), rtol=1e-9)
    assert loop.mean == pytest.approx(3.0 * TAU)
    with_back = tt.rtd.recycle(tt.rtd.tanks(TAU), tt.rtd.plug("5 s"), 2.0)
    assert with_back.mean == pytest.approx(3.0 * TAU + 2.0 * 5.0)


def test_a_measured_curve_is_scaled():
    triangle = tt.rtd.measured(["0 s", "1 min", "2 min"], [0.0, 7.0, 0.0])
    assert triangle.mean == pytest.approx(60.0)
    assert triangle.variance == pytest.approx(60.0**2 / 6.0)  # of a triangle of half width a: a^2/6
    assert triangle.E("1 min") == pytest.approx(1.0 / 60.0)


def test_text_of_a_model_file():
    text = "{series: [{model: plug, mean: 5 s}, {model: tanks, mean: 2 min, n: 3.2}]}"
    assert tt.rtd.parse(text) == tt.rtd.plug(5.0) + tt.rtd.tanks("2 min", n=3.2)
    with pytest.raises(tt.ModelError, match="plugg"):
        tt.rtd.parse("{model: plugg, mean: 5 s}")


# --- signals ---


def test_a_step_gives_what_has_left_and_a_pulse_its_difference():
    tank = tt.rtd.tanks(TAU)
    np.testing.assert_allclose(tank.respond_step(T, 2.0, 5.0), 2.0 + 3.0 * tank.F(T), rtol=1e-12)
    np.testing.assert_allclose(
        tank.respond_pulse(T, "30 s", 4.0, at="10 s"), 4.0 * (tank.F(T - 10.0) - tank.F(T - 40.0)), atol=1e-13
    )


def test_a_ramp_through_a_tank():
    # c_in = t: c = t - tau (1 - exp(-t/tau))
    got = tt.rtd.tanks(TAU).respond([0.0, 5000.0], [0.0, 5000.0], T)
    np.testing.assert_allclose(got, T + TAU * np.expm1(-T / TAU), rtol=1e-9, atol=1e-10)


def test_sines_through_a_tank():
    # gain 1/sqrt(1 + (omega tau)^2), phase -atan(omega tau)
    tank, f = tt.rtd.tanks(TAU), np.array([0.01, 0.001, 0.0])
    w = 2.0 * np.pi * f * TAU
    gain, phase = tank.frequency(f)
    np.testing.assert_allclose(gain, 1.0 / np.hypot(1.0, w), rtol=1e-12)
    np.testing.assert_allclose(phase, -np.arctan(w), rtol=1e-12)
    assert tank.frequency("0.6 1/min").gain == pytest.approx(gain[0])
    assert tank.damping("0.01 Hz") == pytest.approx(gain[0])
    t = np.linspace(0.0, 300.0, 7)
    right = 1.0 + gain[0] * np.sin(2.0 * np.pi * 0.01 * t + phase[0])
    np.testing.assert_allclose(tank.respond_sine(t, 0.01, mean=1.0), right, rtol=1e-12)


def test_a_piston_through_plug_flow_and_a_tank():
    assert tt.rtd.plug("7 s").damping(0.3, "piston") == pytest.approx(1.0, abs=1e-3)
    # far above its corner a tank integrates max(sin x, 0) - 1/pi, from asin(1/pi) to pi - asin(1/pi)
    tank, zero = tt.rtd.tanks(TAU), math.asin(1.0 / math.pi)
    height = 2.0 * math.cos(zero) - 1.0 + 2.0 * zero / math.pi
    assert tank.damping(1.0, "piston") == pytest.approx(height / (2.0 * math.pi * TAU), rel=1e-4)
    with pytest.raises(tt.InputError, match="sine and piston"):
        tank.damping(1.0, "saw")


# --- units and shapes ---


def test_times_come_in_any_form():
    tank = tt.rtd.tanks("2 min")
    want = tank.E([60.0, 120.0])
    assert tank.E(["1 min", "120 s"]).tolist() == want.tolist()
    assert tank.E("1 min") == pytest.approx(want[0], rel=1e-14)
    assert tank.E(np.float32(60.0)) == tank.E("1 min") == tank.E(60)
    assert tank.E(np.full((2, 3), 60)).shape == (2, 3)
    assert tank.E([]).shape == (0,)
    assert tank.E(np.array(60.0)).shape == tank.transform(0.1).shape == ()
    assert tank.damping(np.array(0.1)).shape == tank.damping(0.1, "piston").shape == ()
    fortran = np.asfortranarray([[1.0, 2.0], [3.0, 4.0]])
    assert tank.E(fortran).tolist() == tank.E(fortran.tolist()).tolist()
    with pytest.raises(tt.UnitsError):
        tank.E("1 mL")
    with pytest.raises(tt.InputError, match="t: None"):
        tank.E([1.0, None])


def test_times_of_pint():
    pint = pytest.importorskip("pint")
    q = pint.UnitRegistry().Quantity
    tank = tt.rtd.tanks(q(2.0, "min"))
    assert tank.mean == TAU
    np.testing.assert_allclose(tank.E(q([1.0, 2.0], "min")), tank.E([60.0, 120.0]), rtol=1e-12)


def test_times_show_the_curve():
    both = tt.rtd.plug("100 s") + tt.rtd.dispersion("1 s", peclet=1000.0)
    t = both.times(201)
    assert t[0] == 0.0
    assert np.all(np.diff(t) > 0.0)
    assert both.W(t[-1]) == pytest.approx(1e-3, rel=1e-6)
    area = np.trapezoid(both.E(t), t)  # a peak of 0.04 s behind 100 s is not missed
    assert area == pytest.approx(1.0, abs=0.01)
    assert tt.rtd.plug("3 s").times(4).tolist()[0] == 0.0


# --- parameters ---


def test_parameters_by_path():
    both = tt.rtd.plug("5 s") + tt.rtd.dispersion("2 min", peclet=100)
    assert {p.path: (p.value, p.si_unit) for p in both.parameters.values()} == {
        "0/mean": (5.0, "s"),
        "1/mean": (120.0, "s"),
        "1/peclet": (100.0, ""),
    }
    other = both.with_values({"1/mean": "3 min", "0/mean": 2.0})
    assert other == tt.rtd.plug(2.0) + tt.rtd.dispersion(180.0, 100.0)
    assert both.mean == 125.0
    with pytest.raises(tt.PathError, match="did you mean '1/peclet'"):
        both.with_values({"1/peclett": 3.0})
    with pytest.raises(tt.InputError):
        both.with_values({"1/peclet": -3.0})
    with pytest.raises(tt.UnitsError):
        both.with_values({"1/mean": "3 mL"})


def test_slopes_are_those_of_a_tank():
    # dE/dtau = exp(-t/tau) (t/tau - 1)/tau^2
    slopes = tt.rtd.tanks(TAU).E_slopes(T)
    assert slopes.shape == (len(T), 2)
    np.testing.assert_allclose(slopes[:, 0], np.exp(-T / TAU) * (T / TAU - 1.0) / TAU**2, atol=1e-15)


def test_mistakes_of_arguments():
    with pytest.raises(tt.PathError, match="did you mean 'peclet'"):
        tt.rtd.dispersion("2 min", pecelt=100)
    with pytest.raises(tt.InputError, match="peclet"):
        tt.rtd.dispersion("2 min")
    with pytest.raises(tt.InputError, match="closed-open"):
        tt.rtd.dispersion("2 min", peclet=3, ends="half")
    with pytest.raises(tt.InputError, match="twice"):
        tt.rtd.plug("1 s", mean="2 s")
    with pytest.raises(TypeError, match="mean"):
        tt.rtd.plug("1 s", "2 s")
    with pytest.raises(tt.InputError):
        tt.rtd.plug("-1 s")
    with pytest.raises(tt.InputError, match="shape"):
        tt.rtd.measured([0.0, 1.0], [1.0])
    with pytest.raises(tt.InputError, match="at least one"):
        tt.rtd.series()
    with pytest.raises(tt.InputError):
        tt.rtd.parallel({tt.rtd.plug(1.0): 0.3})
    with pytest.raises(tt.InputError):
        tt.rtd.tanks(TAU).quantile(1.0)
    with pytest.raises(AttributeError, match="none of the models"):
        tt.rtd.tnaks  # noqa: B018  the attribute is asked for
    with pytest.raises(TypeError):
        tt.rtd.plug(1.0) + 3  # type: ignore[operator]  # that is what is tried


# --- shown, copied, stored ---


def every_kind() -> list[tt.Rtd]:
    """One of each kind of composition."""
    a, b = tt.rtd.tanks("1 min", n=2.5), tt.rtd.compartment("2 min", dead=0.2, bypass=0.1)
    return [
        a,
        b,
        tt.rtd.measured([0.0, 3.0, 5.0, 9.0], [0.0, 2.0, 1.0, 0.0]),
        a + b + tt.rtd.plug("1 s"),
        tt.rtd.parallel([(a, 0.2), (b, 0.3), (tt.rtd.laminar("9 s"), 0.5)]),
        tt.rtd.recycle(a, tt.rtd.plug("3 s"), 0.7),
    ]


@pytest.mark.parametrize("i", range(6))
def test_copies_are_equal(i):
    one = every_kind()[i]
    for other in (pickle.loads(pickle.dumps(one)), copy.copy(one), copy.deepcopy(one)):
        assert other == one
        assert hash(other) == hash(one)
        np.testing.assert_allclose(other.E([1.0, 5.0]), one.E([1.0, 5.0]), rtol=1e-12)
    assert one != every_kind()[i - 1]
    assert one != "a text"


@pytest.mark.parametrize("i", range(6))
def test_everything_is_shown(i):
    one = every_kind()[i]
    assert "mean residence time" in repr(one)
    assert "99.9 % has left" in one._repr_html_()


def test_a_table_has_units():
    text = repr(tt.rtd.dispersion("5 min", peclet=100))
    assert "5  min" in text
    assert "peclet" in text


def test_pandas_and_xarray():
    pytest.importorskip("pandas")
    pytest.importorskip("xarray")
    one = tt.rtd.parallel({tt.rtd.plug("10 s"): 0.3, tt.rtd.tanks(TAU): 0.7})
    frame = one.to_pandas(["10 s", "1 min"])
    assert list(frame.columns) == ["E [1/s]", "F", "W"]
    assert frame["F"].iloc[0] == one.F(10.0)
    data = one.to_xarray()
    assert data.E.attrs["units"] == "1/s"
    assert float(data["mean"]) == one.mean
    assert data.weight.values.tolist() == [0.3]


def test_a_picture(tmp_path):
    pytest.importorskip("matplotlib")
    one = tt.rtd.parallel({tt.rtd.plug("10 s"): 0.3, tt.rtd.tanks(TAU): 0.7})
    figure = one.plot(tmp_path / "e.png")
    assert (tmp_path / "e.png").stat().st_size > 1000
    labels = [ax.get_ylabel() for ax in figure.axes]
    assert labels == ["E [1/min]", "F, W (dotted)", "share of an atom"]


def test_a_file(tmp_path: Path):
    h5py = pytest.importorskip("h5py")
    one, file = tt.rtd.plug("5 s") + tt.rtd.tanks(TAU), tmp_path / "o.h5"
    bypass = tt.rtd.compartment("2 min", bypass=0.1)
    tt.rtd.save(file, {"line": one, "tank": bypass}, t=["0 s", "1 min", "2 min"])
    with h5py.File(file) as f:
        group = f["rtd/line"]
        assert group["time"][:].tolist() == [0.0, 60.0, 120.0]
        assert group["E"][:].tolist() == one.E([0.0, 60.0, 120.0]).tolist()
        assert group["E"].attrs["units"] in ("1/s", b"1/s")
        assert group["W"].dims[0][0].name == "/rtd/line/time"
        assert group["moments/variance"][()] == one.variance
        assert group["parameters/value"][:].tolist() == [5.0, TAU, 1.0]
        assert "atoms" not in group
        assert f["rtd/tank/atoms/weight"][:].tolist() == [0.1]
        assert group.attrs["error_estimate"] < 1e-10
    with pytest.raises(tt.ExistsError, match="overwrite=True"):
        tt.rtd.save(file, {"line": one})
    one.save(file, overwrite=True)
    with h5py.File(file) as f:
        assert f["rtd/rtd/time"].shape == (401,)
    for names in ({"a/b": one}, {"": one}, {".": one}):
        with pytest.raises(tt.InputError, match="named"):
            tt.rtd.save(tmp_path / "n.h5", names)
    with pytest.raises(tt.InputError, match="ascend"):
        one.save(tmp_path / "n.h5", t=[1.0, 1.0])
    with pytest.raises(tt.InputError, match="at least 2"):
        one.save(tmp_path / "n.h5", t=[1.0])
    with pytest.raises(tt.FileError):
        one.save(tmp_path / "none" / "n.h5")
    assert not (tmp_path / "n.h5").exists()


# --- of a train ---


def test_the_distribution_of_a_train():
    model = tt.parse(RTD_TRAIN)
    whole = model.rtd()
    assert whole.fraction == pytest.approx(0.75)
    assert whole.mean == pytest.approx(180.0)
    np.testing.assert_allclose(whole.E(T + 60.0), np.exp(-T / TAU) / TAU, rtol=1e-10)
    assert model.rtd(feed="dye", outlet="coil").atoms == ((pytest.approx(60.0), pytest.approx(1.0)),)
    assert model.rtd(outlet="split/waste").fraction == pytest.approx(0.25)
    assert pickle.loads(pickle.dumps(whole)) == whole
    faster = model.compile().rtd({"feeds/dye/flow": "2 mL/min"})
    assert faster.mean == pytest.approx(90.0)
    with pytest.raises(tt.PathError, match="nope"):
        model.rtd(feed="nope")


def test_entries_of_a_model():
    model = tt.parse(RTD_TRAIN)
    assert model.rtds == ("pump", "line")
    assert model.rtd("line") == tt.rtd.plug("5 s") + tt.rtd.tanks("2 min", n=3.2)
    with pytest.raises(tt.PathError, match="did you mean 'line'"):
        model.rtd("lyne")
    with pytest.raises(tt.InputError, match="no feed"):
        model.rtd("line", feed="dye")


def test_a_loop_has_a_distribution_but_no_run():
    text = RTD_TRAIN.replace("in: dye", "in: tee").replace(
        "units:", "units:\n  tee: {type: mixer, in: [dye, split/waste]}"
    )
    with pytest.raises(tt.ModelError):
        tt.parse(text)
    loop = tt.parse(text, loops=True).rtd()
    # all of the dye leaves at last: the mean is the volume over the flow through
    assert loop.fraction == pytest.approx(1.0)
    assert loop.mean == pytest.approx(180.0)
