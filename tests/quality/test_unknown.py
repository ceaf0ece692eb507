"""Made series with their labels, and how scores of them are judged."""

import math

import numpy as np
import pytest

from quality.unknown.bases import DEVELOPMENT
from quality.unknown.corpus import QUIET_SHARE, labelled, normal
from quality.unknown.faults import FITTING
from quality.unknown.held_out import HELD_OUT
from quality.unknown.judging import (
    PROFILES,
    Labels,
    Profile,
    Windows,
    average_precision,
    episodes,
    nab_points,
    nab_score,
    volume,
)

FAMILIES = {**DEVELOPMENT, **HELD_OUT}


def test_every_family_has_faults_and_stands_on_one_side_only() -> None:
    assert set(FITTING) == set(FAMILIES)
    assert not set(DEVELOPMENT) & set(HELD_OUT)


def test_labels_are_where_the_series_differs_from_one_without_a_fault() -> None:
    names = set()
    for series in labelled(FAMILIES, 3):
        names.add(series.name)
        assert np.isfinite(series.x).all()
        assert (np.diff(series.t) >= 60).all()
        assert len(series.x) == len(series.t) == len(series.labels)
        inside = np.zeros(len(series.x), dtype=bool)
        for begin, end in series.windows:
            inside[begin:end] = True
        assert np.array_equal(inside, series.labels)
        assert not series.labels[: int(0.9 * QUIET_SHARE * len(series.x))].any()
    assert len(names) == sum(map(len, FITTING.values()))


def test_series_are_the_same_for_the_same_seed_and_differ_for_another() -> None:
    one, same, other = (next(iter(normal(DEVELOPMENT, seed, 300))).x for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_area_is_that_of_precision_at_each_hit() -> None:
    rng = np.random.default_rng(1)
    labels, scores = rng.random(200) < 0.2, rng.random(200)
    order = np.argsort(-scores)
    precision = [labels[order[: i + 1]].mean() for i in range(200) if labels[order[i]]]
    assert average_precision(labels, scores) == pytest.approx(np.mean(precision))
    assert average_precision(labels, labels.astype(float)) == 1
    assert average_precision(labels, np.zeros(200)) == pytest.approx(labels.mean())
    assert math.isnan(average_precision(np.zeros(3, dtype=bool), np.zeros(3)))


def test_a_hit_just_beside_a_label_counts_with_a_wider_label() -> None:
    scores = np.zeros(300)
    scores[104] = 1.0
    assert 2 * volume(((100, 104),), scores, (0,)) < volume(((100, 104),), scores, (8,))


def score_of(windows: Windows, alarms: Labels, scored_from: int, profile: Profile) -> float:
    return nab_score(nab_points(windows, alarms, scored_from, profile), len(windows), profile)


def test_the_score_of_nab_is_100_for_the_first_value_of_each_window_and_0_without_an_alarm() -> None:
    windows, none = ((100, 151), (300, 351)), np.zeros(500, dtype=bool)
    found = none.copy()
    found[[100, 300]] = True
    for profile in PROFILES.values():
        assert score_of(windows, none, 50, profile) == 0
        assert score_of(windows, found, 50, profile) == pytest.approx(100)
    found[120:151] = True  # further alarms in a window change nothing
    assert score_of(windows, found, 50, PROFILES["standard"]) == pytest.approx(100)


def test_false_alarms_and_misses_cost_what_the_profile_says() -> None:
    windows, alarms = ((100, 151), (300, 351)), np.zeros(500, dtype=bool)
    alarms[[100, 250]] = True
    # One window found, one missed, and a false alarm two windows after the first: −1 < −tanh(5) < −0.9999.
    for name, missed in (("standard", 0.11), ("low FP", 0.22), ("low FN", 0.11)):
        weight = PROFILES[name].missed
        total, best = 1 - weight - missed * math.tanh(5 * (250 - 150) / 50 / 2), 2.0
        assert score_of(windows, alarms, 50, PROFILES[name]) == pytest.approx(
            100 * (total + 2 * weight) / (best + 2 * weight)
        )
    alarms[40] = True  # before the judged part
    assert score_of(windows, alarms, 50, PROFILES["standard"]) > score_of(windows, alarms, 0, PROFILES["standard"])


def test_a_late_find_gains_less_and_a_false_alarm_right_after_a_window_costs_less() -> None:
    windows = ((100, 151),)
    gains: list[float] = []
    costs: list[float] = []
    for place in (100, 125, 150, 152, 170):
        alarms = np.zeros(400, dtype=bool)
        alarms[place] = True
        (gains if place < 151 else costs).append(score_of(windows, alarms, 50, PROFILES["standard"]))
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] == pytest.approx(50)  # at the last value of the window the gain is 0: neither missed nor found
    assert 0 > costs[0] > costs[1]


def test_an_alert_is_counted_once_however_long_it_is() -> None:
    assert episodes(np.array([True, True, False, True, True, True])).tolist() == [0, 3]
