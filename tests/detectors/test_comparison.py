"""Median polish, and members of a cohort compared."""

from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base import robust
from detectors.peers.comparison import compare, median_polish
from detectors.peers.history import add_mean, means_until, windows_after
from detectors.peers.membership import Membership, parts_of
from detectors.peers.subject import CohortSubject, cohort_of
from quality.rows_of_detector import DetectorRows
from tests.detectors.builders import rule as make_rule
from tests.kit.examples import examples
from ward.inventory import Assignment, Device, Inventory, Place

# Deaths from sport parachuting by experience, 1973 to 1975: Velleman, P. F. and Hoaglin, D. C. (1981), Applications,
# Basics, and Computing of Exploratory Data Analysis, 224.
DEATHS = np.array([[14, 15, 14], [7, 4, 7], [8, 2, 10], [15, 9, 10], [0, 2, 0]], dtype=np.float64)


def test_median_polish_of_a_published_table() -> None:
    fit = median_polish(DEATHS)
    assert fit.own.tolist() == [6, -1, 0, 2, -8]
    assert fit.common.tolist() == [8, 7, 8]  # 8 overall, and 0, -1, 0 by year
    assert fit.residual.tolist() == [[0, 2, 0], [0, -2, 0], [0, -5, 2], [5, 0, 0], [0, 3, 0]]


TABLES = st.integers(3, 6).flatmap(
    lambda width: st.lists(
        st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=width, max_size=width), min_size=3, max_size=7
    )
)


@settings(max_examples=examples(40, 500), deadline=None)
@given(TABLES)
def test_median_polish_equals_the_plain_loop(rows: list[list[int | None]]) -> None:
    x = np.array([[np.nan if v is None else float(v) for v in row] for row in rows])
    fit = median_polish(x)
    own, common = plain_polish(x)
    assert np.allclose(fit.own, own, atol=1e-6)
    assert np.allclose(fit.common, common, atol=1e-6)
    there = x == x
    assert np.allclose((fit.own[:, None] + fit.common + fit.residual)[there], x[there])


def plain_polish(x: npt.NDArray[Any]) -> tuple[list[float], list[float]]:
    """Medians along rows and columns in turns, one number after the other, as in the book."""
    rest: list[list[Any]] = [[None if v != v else float(v) for v in row] for row in x]
    own, common = [0.0] * len(rest), [0.0] * len(rest[0])
    for _ in range(20):
        moved = 0.0
        for i, row in enumerate(rest):
            by = median([v for v in row if v is not None] or [0.0])
            own[i], moved = own[i] + by, max(moved, abs(by))
            rest[i] = [None if v is None else v - by for v in row]
        for j in range(len(common)):
            by = median([row[j] for row in rest if row[j] is not None] or [0.0])
            common[j], moved = common[j] + by, max(moved, abs(by))
            for row in rest:
                row[j] = None if row[j] is None else row[j] - by
        if moved == 0:
            break
    level = median(own)
    return [value - level for value in own], [value + level for value in common]


@settings(max_examples=examples(40, 500), deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=9))
def test_a_median_is_that_of_what_is_there(values: list[float | None]) -> None:
    x = np.array([np.nan if v is None else v for v in values] or [np.nan])
    there = [v for v in values if v is not None]
    found = float(robust.median(x, axis=None))
    assert found == pytest.approx(median(there), rel=1e-12, abs=1e-300) if there else np.isnan(found)


def table(members: int = 8, windows: int = 24, seed: int = 1) -> npt.NDArray[Any]:
    """Members with offsets of their own in a room that warms and cools, with a little noise."""
    rng = np.random.default_rng(seed)
    room = np.sin(np.arange(windows) / 4.0)
    return 20 + rng.normal(0, 0.5, members)[:, None] + room + rng.normal(0, 0.02, (members, windows))


def test_offsets_are_learned_once_and_then_held() -> None:
    means = table()
    first = compare(means, np.full(8, np.nan), 24, 5)
    assert np.isnan(first.deviation).all()  # what was learned from is not scored
    assert first.members == 8
    moved = np.roll(means, -1, axis=1)
    moved[:, -1] = means[:, -1] + 1.0  # the room is one degree warmer
    moved[3, -1] += 0.3
    second = compare(moved, first.offset, 24, 5)
    assert second.offset.tolist() == first.offset.tolist()
    assert abs(second.deviation[3] - 0.3) < 0.06
    assert np.abs(np.delete(second.deviation, 3)).max() < 0.06
    away = moved - first.offset[:, None]
    away = away - np.median(away, axis=0)
    assert second.spread == pytest.approx(np.median(np.abs(away)) / 0.6744897501960817)


def test_one_that_joins_is_compared_with_those_who_are_known() -> None:
    means = table()
    known = compare(means, np.full(8, np.nan), 24, 5).offset
    known[6:] = np.nan
    means[6, :4] = np.nan
    found = compare(means, known, 20, 5)
    common = np.median(means[:6] - known[:6, None], axis=0)
    assert found.offset[6] == pytest.approx(np.median((means[6] - common)[4:]))
    assert np.isnan(found.deviation[6:]).all()
    assert np.isnan(compare(means, known, 21, 5).offset[6])  # 20 windows of 21
    assert found.windows.tolist() == [24] * 6 + [20, 24]


@pytest.mark.parametrize(("there", "at_least", "compared"), [(4, 5, False), (5, 5, True)])
def test_of_too_few_nobody_is_compared(there: int, at_least: int, compared: bool) -> None:
    means = table()
    offset = compare(means, np.full(8, np.nan), 24, 5).offset
    means[there:, -1] = np.nan
    found = compare(means, offset, 24, at_least)
    assert np.isfinite(found.deviation).sum() == (there if compared else 0)
    learned = compare(table(members=there), np.full(there, np.nan), 24, at_least)
    assert np.isfinite(learned.offset).all() == compared
    assert learned.members == there


def test_the_history_has_each_mean_in_its_window() -> None:
    means, newest = np.full(5, np.nan), np.nan
    for window, x in ((10, 1.0), (12, 2.0), (11, 3.0), (12, 2.5), (4, 9.0), (15, 4.0)):
        newest = add_mean(means, newest, float(window), x)
    assert newest == 15
    assert means_until(means[:, None], np.array([newest]), 15.0, 5).tolist()[0][:2] == [3.0, 2.5]
    assert windows_after(means[:, None], np.array([newest]), -np.inf) == [11.0, 12.0, 15.0]
    assert windows_after(means[:, None], np.array([newest]), 11.0) == [12.0, 15.0]
    add_mean(means, newest, 99.0, 7.0)
    assert np.isnan(means[1:]).all()


@settings(max_examples=examples(20, 300), deadline=None)
@given(st.text(min_size=1, max_size=9), st.text(max_size=9), st.text(min_size=1, max_size=9), st.integers(0, 999))
def test_the_name_of_a_cohort_can_be_read_back(rule: str, ward: str, kind: str, part: int) -> None:
    cohort = CohortSubject(rule, "spo2", ward, kind, part)
    assert cohort_of(cohort.name) == cohort


def test_the_devices_of_a_large_cohort_are_divided_by_their_names() -> None:
    at_ward = (Assignment(ward="w1"),)
    devices = [Device(id=f"m{i}", device_kind="monitor", assignments=at_ward) for i in range(700)]
    membership, rule = Membership(Inventory(devices=devices)), make_rule("drifting", "cohort", "temperature")
    place = Place(ward="w1", device_kind="monitor")
    found = [membership.of(rule, "temperature", device.id, place) for device in devices]
    parts = [cohort.part for cohort in found if cohort is not None]
    assert len(parts) == 700
    assert set(parts) == {0, 1}
    assert 300 < sum(parts) < 400
    assert found == [membership.of(rule, "temperature", device.id, place) for device in devices]


def test_parts_have_about_five_hundred_members_at_most() -> None:
    for members in (1, 512, 513, 5000, 100_000):
        assert 256 <= members / parts_of(members) <= 512 or parts_of(members) == 1


def test_the_score_is_the_deviation_over_the_limit_in_standard_deviations_or_in_the_smallest_of_them() -> None:
    made = DetectorRows("cohort", {"limit": 3, "sd_floor": 0.1}, series=2)
    state, p = made.rows()
    state.spread = np.array([0.5, 0.05])
    score = made.detector.update(state, np.array([-3.0, 0.6]), np.zeros(2), p)
    np.testing.assert_allclose(score, [3 / (3 * 0.5), 0.6 / (3 * 0.1)])
