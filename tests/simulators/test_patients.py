"""The equations of the simulated body. A patient is compared with itself, so that random numbers cancel."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.devices.instrument_error import add_instrument_noise, round_as_displayed
from simulators.patients.baselines import draw_baselines
from simulators.patients.patients import VITALS, Patients
from simulators.random_streams import FloatArray
from simulators.scenarios import Scenario
from simulators.scenarios.scenario import Step
from tests.kit.examples import examples
from ward.clock import SECOND

NAMES = [f"p-{i}" for i in range(30)]
AT_TEN = 10 * 3600 * SECOND
HEALTHY = {
    "heart_rate": (45, 115),
    "spo2": (92, 100),
    "temperature": (35.8, 38.2),
    "systolic_bp": (95, 165),
    "respiratory_rate": (8, 24),
}


def test_baselines_depend_on_name_and_seed() -> None:
    for name in ("heart_rate", "systolic", "pulse_pressure", "spo2", "temperature", "respiratory_rate"):
        own, same, other = (getattr(draw_baselines(seed, NAMES), name) for seed in (7, 7, 8))
        assert len(set(own.round(3).tolist())) > 20, name
        assert (own == same).all()
        assert (own != other).any()


def happening(**influences: float) -> Scenario:
    steps = tuple(Step.model_validate({"at": 0, "influence": what, "to": to}) for what, to in influences.items())
    return Scenario(label="", about="", already_present=True, timeline=steps)


def change(after: float = 600, **influences: float) -> dict[str, FloatArray]:
    """What influences do to each vital sign of thirty patients, `after` seconds of having them."""
    steps = round(after / 2.5)
    calm = Patients(NAMES, seed=7, start=AT_TEN)
    struck = Patients(NAMES, seed=7, start=AT_TEN)
    for i in range(len(NAMES)):
        struck.begin(i, happening(**influences))
    moved = (struck.advance(steps)[0] - calm.advance(steps)[0])[-1]
    return {name: moved[:, i] for i, name in enumerate(VITALS)}


def day(seed: int, names: list[str], hours: float = 24, period: float = 2.5) -> FloatArray:
    patients = Patients(names, seed=seed, start=0, period=period)
    parts = []
    left = round(hours * 3600 / period)
    while left:
        parts.append(round_as_displayed(add_instrument_noise(*patients.advance(min(2048, left)))))
        left -= len(parts[-1])
    return np.concatenate(parts)


def test_a_degree_of_fever_adds_8_to_10_beats_and_2_to_3_breaths() -> None:
    by = change(fever=1)
    assert np.allclose(by["temperature"], 1)
    assert ((by["heart_rate"] >= 8) & (by["heart_rate"] <= 10)).all()
    assert ((by["respiratory_rate"] >= 2) & (by["respiratory_rate"] <= 3)).all()
    assert np.allclose(by["spo2"], 0)


def test_at_15_percent_blood_loss_only_heart_rate_and_pulse_pressure_change() -> None:
    by = change(blood_loss=0.15)
    assert ((by["heart_rate"] > 15) & (by["heart_rate"] < 30)).all()
    assert ((by["systolic_bp"] < 0) & (by["systolic_bp"] > -10)).all()
    assert (by["diastolic_bp"] > 0).all(), "vessels narrow"


def test_at_30_percent_blood_loss_pressure_falls_and_heart_rate_and_respiration_rise() -> None:
    third, more = change(blood_loss=0.3), change(blood_loss=0.4)
    assert (third["systolic_bp"] < -20).all()
    assert (more["systolic_bp"] < -50).all()
    assert (more["systolic_bp"] < third["systolic_bp"]).all()
    assert (third["systolic_bp"] - third["diastolic_bp"] < -12).all(), "the pulse pressure is narrow"
    assert (third["heart_rate"] > 40).all()
    assert (more["heart_rate"] > third["heart_rate"]).all()
    assert (third["respiratory_rate"] > 6).all()


def test_desaturation_raises_respiration_and_heart_rate_beyond_a_small_one() -> None:
    small, deep = change(desaturation=2), change(desaturation=14)
    assert np.allclose(small["spo2"], -2, atol=0.5)
    assert (small["heart_rate"] < 1.5).all()
    assert (deep["respiratory_rate"] > 5).all()
    assert (deep["heart_rate"] > 6).all()


def test_long_desaturation_first_raises_and_then_lowers_heart_rate() -> None:
    first, late = change(after=30, desaturation=40), change(after=480, desaturation=40)
    assert (first["heart_rate"] > late["heart_rate"] + 10).all()
    struck = Patients(NAMES, seed=7, start=AT_TEN)
    for i in range(len(NAMES)):
        step = Step.model_validate({"at": "60s", "over": "20s", "influence": "desaturation", "to": 40})
        struck.begin(i, Scenario(label="", about="", timeline=(step,)))
    heart = struck.advance(260)[0][..., 0]
    assert (heart[40:60].max(axis=0) > heart[:24].mean(axis=0) + 8).all()
    assert (heart[-1] < heart[:24].mean(axis=0) - 15).all()


def test_vasodilation_lowers_both_pressures_and_raises_heart_rate() -> None:
    by = change(vasodilation=0.8)
    assert (by["systolic_bp"] < -25).all()
    assert (by["diastolic_bp"] < -20).all()
    assert (by["heart_rate"] > 20).all()


def test_an_opioid_slows_breathing_and_suppresses_the_response_to_hypoxia() -> None:
    by = change(respiratory_drive=-9)
    assert (by["respiratory_rate"] < -6).all()
    assert (by["spo2"] < -6).all()


def test_vagal_tone_slows_the_heart_and_lowers_pressure_a_little() -> None:
    by = change(vagal_tone=30)
    assert (by["heart_rate"] < -25).all()
    assert ((by["systolic_bp"] < -5) & (by["systolic_bp"] > -20)).all()


def test_arousal_raises_heart_rate_pressure_and_respiration() -> None:
    by = change(arousal=1)
    assert all((by[name] > 2).all() for name in ("heart_rate", "systolic_bp", "respiratory_rate"))


def test_an_influence_acts_with_its_time_constant() -> None:
    step = Step.model_validate({"at": 0, "influence": "desaturation", "to": 10})
    calm, struck = Patients(["a"], seed=1), Patients(["a"], seed=1)
    struck.begin(0, Scenario(label="", about="", timeline=(step,)))
    fall = (struck.advance(200)[0] - calm.advance(200)[0])[:, 0, VITALS.index("spo2")]
    assert fall[0] > -2
    assert fall[8] == pytest.approx(-10 * (1 - np.exp(-9 * 2.5 / 20)), abs=0.3)
    assert fall[-1] == pytest.approx(-10, abs=0.3)


def test_healthy_patients_stay_within_conservative_limits_all_day() -> None:
    values = day(11, [f"h-{i}" for i in range(examples(40, 200))])
    for name, (low, high) in HEALTHY.items():
        column = values[..., VITALS.index(name)]
        outside = ((column < low) | (column > high)).mean(axis=0).max()
        assert outside * 3600 < 4, f"{name}: {outside * 3600:.1f} s in an hour outside {low}..{high}"
    pulse = values[..., 1] - values[..., 2]
    assert pulse.min() >= 20
    assert pulse.max() <= 75


def test_temperature_and_heart_rate_have_a_daily_rhythm() -> None:
    values = day(3, NAMES, period=60)
    by_hour = values.reshape(24, 60, len(NAMES), 6).mean(axis=(1, 2))
    temperature, heart = by_hour[:, 4], by_hour[:, 0]
    assert 15 <= temperature.argmax() <= 20
    assert 0.3 < temperature.max() - temperature.min() < 0.8
    assert heart[12:18].mean() > heart[1:5].mean() + 4


def test_vital_signs_are_autocorrelated_over_minutes_and_not_over_hours() -> None:
    values = day(5, NAMES, hours=12)
    for name, least in (("heart_rate", 0.6), ("systolic_bp", 0.6), ("respiratory_rate", 0.4)):
        x = values[..., VITALS.index(name)] - values[..., VITALS.index(name)].mean(axis=0)
        lag = [(x[k:] * x[: len(x) - k]).mean() / (x * x).mean() for k in (1, 24)]
        assert least < lag[0] < 0.99, name
        assert lag[1] < lag[0], name


def test_patients_differ_and_each_is_consistent() -> None:
    one, two = Patients(["a", "b"], seed=1), Patients(["b"], seed=1)
    both, alone = one.advance(50)[0], two.advance(50)[0]
    assert np.array_equal(both[:, 1], alone[:, 0]), "who else is there must not matter"
    assert not np.array_equal(both[:, 0], both[:, 1])
    assert not np.array_equal(alone, Patients(["b"], seed=2).advance(50)[0])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=6))
def test_the_step_size_changes_no_byte(pieces: list[int]) -> None:
    whole, parts = Patients(["a", "b"], seed=9), Patients(["a", "b"], seed=9)
    for patients in (whole, parts):
        patients.begin(0, happening(desaturation=12, fever=1), at=100)
    steps = sum(pieces)
    expected = round_as_displayed(add_instrument_noise(*whole.advance(steps)))
    found = np.concatenate([round_as_displayed(add_instrument_noise(*parts.advance(n))) for n in pieces])
    assert hashlib.sha256(expected.tobytes()).digest() == hashlib.sha256(found.tobytes()).digest()


def test_a_scenario_cannot_begin_in_the_computed_past() -> None:
    patients = Patients(["a"], seed=1)
    patients.advance(10)
    with pytest.raises(ValueError, match=r"cannot begin at 20 s: the patient is already at 25 s"):
        patients.begin(0, happening(fever=1), at=20)


def test_an_already_present_scenario_has_its_full_effect_at_once_on_its_patient_only() -> None:
    calm, struck = Patients(["a", "b"], seed=1), Patients(["a", "b"], seed=1)
    struck.begin(0, happening(fever=2), at=25)
    moved = (struck.advance(20)[0] - calm.advance(20)[0])[:, :, VITALS.index("temperature")]
    assert np.allclose(moved[:10, 0], 0)
    assert np.allclose(moved[10:, 0], 2)
    assert np.allclose(moved[:, 1], 0)


def test_vital_signs_stay_in_physiological_ranges_under_any_influence() -> None:
    patients = Patients(NAMES, seed=1)
    for i in range(len(NAMES)):
        worst = happening(fever=3, blood_loss=0.55, vasodilation=1, desaturation=60, arousal=1, vagal_tone=60)
        patients.begin(i, worst)
    truth, _ = patients.advance(1000)
    assert np.isfinite(truth).all()
    assert truth[..., 0].min() >= 18
    assert (truth[..., 2] >= 10).all()
    assert (truth[..., 1] - truth[..., 2] >= 10).all()
    assert truth[..., 3].min() >= 30
    assert truth[..., 5].max() <= 60
