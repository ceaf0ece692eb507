"""NEWS2 against the chart of the Royal College of Physicians, written down here a second time."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base.score_report import ScoreReport
from detectors.news2 import News2Params
from detectors.scores.news2_chart import SIGNALS, Points, interval, points
from detectors.worker.bed_scores import TURNS, bed_scores
from quality.rows_of_detector import DetectorRows
from tests.detectors.builders import at, reading
from tests.detectors.test_beds import BedSetup, beds, news2
from tests.kit.examples import examples
from tests.kit.log_records import log_messages
from ward.score import BedScore, ScorePart
from ward.topics import BED_SCORES
from ward.wire import BED_SCORE_WIRE

NAN = float("nan")
HEALTHY = {
    "respiratory_rate": 16.0, "spo2": 97.0, "oxygen": 0.0, "systolic_bp": 120.0, "heart_rate": 70.0,
    "consciousness": 0.0, "temperature": 37.0, "spo2_scale": NAN,
}  # fmt: skip

HEALTHY_VALUES: dict[str, Any] = {name: x for name, x in HEALTHY.items() if x == x}

# Ranges of each observation with their points; both ends belong to a range.
CHART: dict[str, Sequence[tuple[float, float, int]]] = {
    "respiratory_rate": [(0, 8, 3), (9, 11, 1), (12, 20, 0), (21, 24, 2), (25, 80, 3)],
    "spo2": [(30, 91, 3), (92, 93, 2), (94, 95, 1), (96, 100, 0)],
    "oxygen": [(0, 0, 0), (0.5, 60, 2)],
    "systolic_bp": [(30, 90, 3), (91, 100, 2), (101, 110, 1), (111, 219, 0), (220, 300, 3)],
    "heart_rate": [(15, 40, 3), (41, 50, 1), (51, 90, 0), (91, 110, 1), (111, 130, 2), (131, 300, 3)],
    "consciousness": [(0, 0, 0), (1, 4, 3)],
    "temperature": [(25, 35.0, 3), (35.1, 36.0, 1), (36.1, 38.0, 0), (38.1, 39.0, 1), (39.1, 45, 2)],
}
SCALE_2_AIR = [(30, 83, 3), (84, 85, 2), (86, 87, 1), (88, 100, 0)]
SCALE_2_OXYGEN = [(30, 83, 3), (84, 85, 2), (86, 87, 1), (88, 92, 0), (93, 94, 1), (95, 96, 2), (97, 100, 3)]


def score(**values: float) -> Points:
    value = np.array([[values.get(name, healthy)] for name, healthy in HEALTHY.items()])
    return points(value, value == value)


def ends(ranges: Sequence[tuple[float, float, int]]) -> Iterator[tuple[float, int]]:
    return ((end, mark) for low, high, mark in ranges for end in (low, high))


@pytest.mark.parametrize(("name", "value", "mark"), [(n, v, m) for n, r in CHART.items() for v, m in ends(r)])
def test_both_ends_of_each_range_have_its_points(name: str, value: float, mark: int) -> None:
    found = score(**{name: value})
    assert found.at_least[0] == mark
    assert found.points[SIGNALS.index(name), 0] == mark
    assert found.whole[0]


@pytest.mark.parametrize(("oxygen", "ranges"), [(0.0, SCALE_2_AIR), (2.0, SCALE_2_OXYGEN)])
def test_scale_2_depends_on_oxygen_and_its_low_ranges_do_not(
    oxygen: float, ranges: Sequence[tuple[float, float, int]]
) -> None:
    for value, mark in ends(ranges):
        assert score(spo2=value, oxygen=oxygen, spo2_scale=2.0).points[1, 0] == mark, value


@pytest.mark.parametrize(("spo2", "known"), [(70, True), (87, True), (90, True), (92, True), (93, False), (98, False)])
def test_on_scale_2_a_high_spo2_without_knowing_oxygen_is_not_known(spo2: float, known: bool) -> None:
    found = score(spo2=float(spo2), oxygen=NAN, spo2_scale=2.0)
    assert found.known[1, 0] == known
    assert not found.whole[0]


def test_scale_1_holds_where_no_scale_or_scale_1_is_documented() -> None:
    assert [score(spo2=90.0, spo2_scale=scale).points[1, 0] for scale in (NAN, 1.0, 2.0)] == [3, 3, 0]


@pytest.mark.parametrize(
    ("name", "value", "mark"),
    [
        ("temperature", 36.05, 1), ("temperature", 38.05, 1), ("temperature", 36.04, 1), ("temperature", 36.06, 0),
        ("heart_rate", 90.5, 1), ("heart_rate", 90.4, 0), ("heart_rate", 40.5, 3), ("spo2", 95.5, 1), ("spo2", 95.6, 0),
        ("respiratory_rate", 20.5, 2), ("respiratory_rate", 11.5, 1),
    ],
)  # fmt: skip
def test_between_two_steps_of_the_chart_the_nearer_counts_and_of_equal_ones_the_more_abnormal(
    name: str, value: float, mark: int
) -> None:
    assert score(**{name: value}).at_least[0] == mark


def test_an_observation_that_is_not_known_has_no_points_and_is_no_zero() -> None:
    found = score(consciousness=NAN, heart_rate=125.0)
    assert found.at_least[0] == 2
    assert not found.whole[0]
    assert not found.known[5, 0]
    assert score(oxygen=15.0).single_three[0] == np.False_, "oxygen has 2 points at most"


@settings(max_examples=examples(50, 1000))
@given(st.dictionaries(st.sampled_from(SIGNALS), st.floats(allow_nan=True, allow_infinity=True)))
def test_any_numbers_give_finite_points_between_0_and_20(values: dict[str, float]) -> None:
    with np.errstate(all="ignore"):
        found = score(**values)
    assert 0 <= found.at_least[0] <= 20


@pytest.mark.parametrize(
    ("values", "hours"),
    [
        ({}, 12), ({"heart_rate": 95.0}, 4), ({"temperature": 34.0}, 1),
        ({"heart_rate": 125.0, "spo2": 92.0, "temperature": 39.0}, 1),
        ({"heart_rate": 125.0, "spo2": 92.0, "consciousness": 1.0}, 0),
    ],
)  # fmt: skip
def test_the_next_observation_is_due_as_the_chart_says(values: dict[str, float], hours: float) -> None:
    assert interval(score(**values)) == hours * 3600


def published(setup: BedSetup) -> list[BedScore]:
    return log_messages(setup.log, BED_SCORES, BED_SCORE_WIRE)


def test_a_score_is_published_every_ten_seconds_with_its_parts_and_what_is_not_known() -> None:
    setup = BedSetup(beds(news2(single=False, medium=3)))
    setup.send(reading("m1", 1, heart_rate=125.0, respiratory_rate=22.0))
    setup.run(35)
    scores = [one for one in published(setup) if one.bed == "b1"]
    assert [b.at - a.at for a, b in pairwise(scores)] == [TURNS * 1_000_000] * (len(scores) - 1)
    newest = scores[-1]
    assert (newest.value, newest.at_least, newest.highest, newest.severity) == (None, 4, 20, "medium")
    assert newest.text.startswith(
        "NEWS2 at least 4 (2 for respiratory rate, 2 for heart rate); not known: oxygen, consciousness and 3 more"
    )
    assert newest.parts[4] == ScorePart(signal="heart_rate", value=125.0, at=at(1), points=2.0)
    assert newest.parts[5] == ScorePart(signal="consciousness")
    assert newest.observed_until is None


def test_a_whole_score_says_until_when_what_people_observed_holds() -> None:
    setup = BedSetup(beds(news2(medium=3)))
    setup.send(reading("m1", 1, **(HEALTHY_VALUES | {"heart_rate": 95.0})))
    setup.run(15)
    newest = published(setup)[-1]
    assert (newest.value, newest.at_least, newest.response) == (1, 1, "Routine observations")
    assert newest.observed_until == at(1 + 4 * 3600)


def test_a_value_that_is_too_old_is_shown_without_points() -> None:
    setup = BedSetup(beds(news2(medium=3, vital_for="20s")))
    setup.send(reading("m1", 1, heart_rate=125.0))
    setup.send(reading("m1", 30, temperature=37.0))
    setup.run(45)
    newest = published(setup)[-1]
    assert newest.parts[4] == ScorePart(signal="heart_rate", value=125.0, at=at(1), too_old=True)
    assert newest.text == "NEWS2 at least 0 (no points); not known: oxygen, consciousness and 4 more"


def reported(values: Mapping[str, float], ages: Mapping[str, float]) -> ScoreReport:
    """The score of a patient by values, of which some are so many seconds old."""
    made, t = DetectorRows("news2", {}), 1e6
    state, p = made.rows()
    state.value = np.array([[values[name]] for name in SIGNALS])
    state.measured_at = np.array([[t - ages.get(name, 0.0)] for name in SIGNALS])
    detector: Any = made.detector
    report = detector.report(state, p, News2Params(), t)
    assert isinstance(report, ScoreReport)
    return report


@pytest.mark.parametrize(
    ("changes", "total", "response"),
    [
        ({}, 0, "Routine observations"), ({"heart_rate": 115.0, "systolic_bp": 95.0}, 4, "Routine observations"),
        ({"temperature": 34.0}, 3, "Inform the medical team for a review"),
        ({"heart_rate": 115.0, "systolic_bp": 95.0, "spo2": 95.0}, 5, "Urgent assessment by a clinician"),
        ({"consciousness": 1.0, "oxygen": 2.0, "spo2": 95.0}, 6, "Urgent assessment by a clinician"),
        ({"consciousness": 1.0, "oxygen": 2.0, "spo2": 93.0}, 7, "Emergency assessment by the critical care team"),
    ],
)  # fmt: skip
def test_the_response_is_what_the_chart_asks_for(changes: dict[str, float], total: float, response: str) -> None:
    report = reported(HEALTHY | changes, {})
    assert (report.value, report.response) == (total, response)


@pytest.mark.parametrize(
    ("hours", "signals"),
    [
        (1 / 12, ("respiratory_rate", "spo2", "heart_rate")), (1, ("systolic_bp",)), (4, ("temperature",)),
        (12, ("oxygen", "consciousness")),
    ],
)  # fmt: skip
def test_each_observation_may_be_as_old_as_its_parameter_says(hours: float, signals: Sequence[str]) -> None:
    for age, counts in ((hours * 3600, True), (hours * 3600 + 1, False)):
        report = reported(HEALTHY, dict.fromkeys(signals, age))
        assert {part.signal for part in report.parts if part.too_old} == (set() if counts else set(signals))
        assert (report.value is None) == (not counts)


def test_a_score_is_shown_while_the_devices_of_another_partition_are_not_evaluated() -> None:
    setup = BedSetup(beds(news2(medium=3)), partitions=4)
    setup.send(reading("m1", 1, heart_rate=125.0))
    setup.run(2)
    for _ in range(30):  # the worker of the devices is stopped
        setup.clock.advance(1)
        setup.beds.step(0)
    assert published(setup)[-1].at >= at(25)


def test_a_bed_of_which_nothing_is_known_has_no_score() -> None:
    setup = BedSetup(beds())
    setup.run(25)
    assert published(setup) == []
    assert list(bed_scores(setup.beds._engine, at(0), at(30))) == []


def test_an_observation_is_due_again_before_it_is_too_old() -> None:
    setup = BedSetup(beds(news2(medium=3, observed_for="1h")))
    setup.send(reading("m1", 1, **HEALTHY_VALUES))
    setup.run(15)
    assert published(setup)[-1].observed_until == at(1 + 3600)


def test_the_longest_text_of_an_alert_fits_into_a_message() -> None:
    known: dict[str, Any] = {"respiratory_rate": 30.0, "systolic_bp": 80.0, "heart_rate": 140.0, "temperature": 34.0}
    setup = BedSetup(beds(news2()))
    setup.send(reading("m1", 1, **known))
    setup.run(2)
    assert setup.found[-1].text == (
        "NEWS2 at least 12 (3 for respiratory rate and 3 more); not known: oxygen and 2 more. Emergency assessment by "
        "the critical care team"
    )
