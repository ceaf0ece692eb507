"""CUSUM: the published run lengths, what it learns, and its texts."""

import numpy as np
import pytest

from detectors.cusum import CusumParams
from quality.average_run_length import average
from tests.detectors.builders import reading, rule, ward
from tests.detectors.engine_setup import EngineSetup
from tests.detectors.series import play

# Lucas and Crosier (1982), table 1: two-sided, k = 0.5, h = 4, by shift in standard deviations.
SHIFTS = (0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 5)
PLAIN = (168, 74.2, 26.6, 13.3, 8.38, 4.75, 3.34, 2.62, 2.19, 1.71, 1.31)
HEAD_START = (149, 62.7, 20.1, 8.97, 5.29, 2.86, 2.01, 1.59, 1.32, 1.07, 1.01)


@pytest.mark.parametrize(("shift", "arl"), [*zip(SHIFTS, PLAIN, strict=True)])
def test_run_lengths_are_those_of_lucas_and_crosier(shift: float, arl: float) -> None:
    assert average("cusum", shift, slack=0.5, limit=4) == pytest.approx(arl, rel=0.03)


@pytest.mark.parametrize(("shift", "arl"), [*zip(SHIFTS, HEAD_START, strict=True)])
def test_run_lengths_with_a_head_start_are_those_of_lucas_and_crosier(shift: float, arl: float) -> None:
    assert average("cusum", shift, slack=0.5, limit=4, head_start=2) == pytest.approx(arl, rel=0.03)


def test_a_run_length_is_the_one_computed_by_sas_qc() -> None:
    assert average("cusum", 2.5, slack=0.25, limit=8) == pytest.approx(4.15008, rel=0.03)


def test_a_long_calibration_gives_the_run_length_of_given_parameters() -> None:
    learned = average("cusum", 0.3, series=3000, target=None, sd=None, calibrate_values=3000, slack=0.5, limit=4)
    assert learned - 3000 == pytest.approx(168, rel=0.06)


def test_target_and_sd_are_those_of_the_calibration() -> None:
    values = np.random.default_rng(3).normal(80, 4, 50).round()
    setup = EngineSetup(ward(rule("shift", "cusum", "heart_rate", calibrate_values=50, limit=100), devices=1))
    setup.receive(*(reading("m1", t, heart_rate=float(x)) for t, x in enumerate(values)))
    table = next(iter(setup.engine.rules.tables.values()))
    curves = table.curves(np.array([0]))
    assert curves is not None
    assert curves["target"][0] == pytest.approx(values.mean())
    assert curves["sd"][0] == pytest.approx(values.std(ddof=1))


def test_a_calibration_ends_after_its_time_and_number_of_values() -> None:
    rules = rule("shift", "cusum", "heart_rate", calibrate_values=10, calibrate_for="60s", sd_floor=1, limit=2)
    setup = EngineSetup(ward(rules, devices=1))
    assert setup.receive(*(reading("m1", t, heart_rate=80) for t in range(59))) == []
    assert setup.receive(reading("m1", 59, heart_rate=90)) == []  # still learning
    assert setup.receive(reading("m1", 60, heart_rate=90)) == []  # the one that completes it
    assert setup.receive(reading("m1", 61, heart_rate=90)) == ["shift m1 raised medium"]


def test_the_text_has_the_estimated_shift() -> None:
    rules = rule("drift", "cusum", "temperature", target=36.8, sd=0.1, limit=8, every="1h", ceiling=20)
    setup = EngineSetup(ward(rules, devices=1))
    setup.receive(*(reading("m1", 600 * i, temperature=37.1) for i in range(6 * 40)))
    assert [f.text for f in setup.found] == ["Temperature is 0.30 °C above its target 36.80 °C for 4 h: check probe"]
    assert setup.found[0].value == pytest.approx(37.1)
    assert setup.found[0].limit is None


def test_the_ceiling_lets_an_alert_end_soon_after_a_long_shift() -> None:
    setup = EngineSetup(ward(rule("shift", "cusum", "heart_rate", target=80, sd=1, limit=5), devices=1))
    setup.receive(*(reading("m1", t, heart_rate=85) for t in range(1000)))
    assert setup.receive(*(reading("m1", 1000 + t, heart_rate=80) for t in range(16))) == ["shift m1 cleared recovered"]


def test_a_rule_without_target_needs_a_calibration() -> None:
    with pytest.raises(ValueError, match="say how long to learn"):
        CusumParams.model_validate({"target": 80})


def test_a_quiet_calibration_has_the_smallest_standard_deviation() -> None:
    found = play("cusum", [80.0] * 10 + [81.0], calibrate_values=10, sd_floor=0.5, slack=0.5, limit=10)
    assert found.state("sd") == 0.5
    assert found.scores[-1] == pytest.approx((1 / 0.5 - 0.5) / 10)
