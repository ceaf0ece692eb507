"""qSOFA against the three criteria of its source, written down here a second time."""

import numpy as np
import pytest

from detectors.qsofa import SIGNALS
from detectors.worker.bed_scores import TURNS
from quality.rows_of_detector import DetectorRows
from tests.detectors.bed_rules import bed_rule
from tests.detectors.builders import at, reading
from tests.detectors.test_beds import BedSetup, beds
from tests.detectors.test_news2 import published
from ward.score import ScorePart

NAN = float("nan")


def score(**values: float) -> float:
    """The share of what a rule asks for, which is one sign."""
    x = np.array([[values.get(name, NAN)] for name in SIGNALS])
    return float(DetectorRows("qsofa", {"limit": 1}).update(x, 100.0)[0])


@pytest.mark.parametrize(
    ("signal", "value", "sign"),
    [
        ("respiratory_rate", 22.0, 1), ("respiratory_rate", 21.0, 0), ("respiratory_rate", 21.5, 1),
        ("respiratory_rate", 21.4, 0), ("systolic_bp", 100.0, 1), ("systolic_bp", 101.0, 0), ("systolic_bp", 100.5, 1),
        ("systolic_bp", 100.6, 0), ("consciousness", 0.0, 0), ("consciousness", 1.0, 1), ("consciousness", 4.0, 1),
    ],
)  # fmt: skip
def test_a_sign_begins_at_its_limit(signal: str, value: float, sign: int) -> None:
    assert score(**{signal: value}) == sign


def test_signs_add_up_and_nothing_known_is_no_score() -> None:
    assert score(respiratory_rate=30, systolic_bp=80, consciousness=2) == 3
    assert score(respiratory_rate=12, systolic_bp=130, consciousness=0) == 0
    assert np.isnan(score())


def test_a_part_that_is_not_known_makes_it_a_lower_bound_that_says_so() -> None:
    setup = BedSetup(beds(bed_rule("qsofa")))
    setup.send(reading("m1", 1, respiratory_rate=24.0, systolic_bp=96.0))
    setup.run(TURNS + 2)
    (newest,) = [one for one in published(setup) if one.bed == "b1"][-1:]
    assert (newest.value, newest.at_least, newest.highest, newest.severity) == (None, 2, 3, "medium")
    assert newest.text == (
        "qSOFA at least 2 of 3 (respiratory rate 24 /min, systolic pressure 96 mmHg); not known: consciousness"
    )
    assert newest.parts[0] == ScorePart(signal="respiratory_rate", value=24.0, at=at(1), points=1.0)
    assert newest.parts[2] == ScorePart(signal="consciousness")
    assert newest.observed_until is None


def test_a_whole_score_has_a_number_and_says_until_when_the_observation_holds() -> None:
    setup = BedSetup(beds(bed_rule("qsofa", observed_for="1h")))
    setup.send(reading("m1", 1, respiratory_rate=24.0, systolic_bp=126.0, consciousness=0.0))
    setup.run(TURNS + 2)
    newest = published(setup)[-1]
    assert (newest.value, newest.severity, newest.observed_until) == (1, "", at(1 + 3600))
    assert newest.text == "qSOFA 1 of 3 (respiratory rate 24 /min)"


def test_an_alert_is_held_while_a_part_is_not_known_any_more() -> None:
    setup = BedSetup(beds(bed_rule("qsofa", pressure_for="30s")))
    setup.send(reading("m1", 1, respiratory_rate=24.0, systolic_bp=96.0))
    setup.send(*(reading("m1", t, respiratory_rate=24.0) for t in range(10, 100, 10)))
    assert not [one for one in setup.run(110) if "cleared" in one]
    assert setup.found[-1].text == (
        "qSOFA at least 1 of 3, and 2 or more with what was last known: observe systolic pressure, consciousness again"
    )
    setup.send(reading("m1", 120, respiratory_rate=14.0))
    setup.run(20)
    assert setup.found[-1].text == (
        "qSOFA at least 0 of 3, no longer 2 or more by what is known; not known: systolic pressure, consciousness"
    )
