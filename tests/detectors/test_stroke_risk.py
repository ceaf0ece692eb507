"""The stroke risk profile: the points of a man of the study, what is missing, and when there is none."""

from typing import Any

import numpy as np
import pytest

from detectors.scores.stroke_profile import CHANCES, HIGHEST, PARTS, Profile, chance, profile
from detectors.worker.bed_scores import TURNS
from quality.rows_of_detector import DetectorRows
from tests.detectors.bed_rules import bed_rule
from tests.detectors.builders import at, reading
from tests.detectors.test_beds import BedSetup, beds
from tests.detectors.test_news2 import published

NAN = float("nan")
# The table for men, each row from 0 to 10 points, as printed; the last two pressures are the ends of the table.
AGES = ((54, 56), (57, 59), (60, 62), (63, 65), (66, 68), (69, 72), (73, 75), (76, 78), (79, 81), (82, 84), (85, 85))
UNTREATED = (
    (97, 105), (106, 115), (116, 125), (126, 135), (136, 145), (146, 155), (156, 165), (166, 175), (176, 185),
    (186, 195), (196, 205),
)  # fmt: skip
TREATED = (
    (97, 105), (106, 112), (113, 117), (118, 123), (124, 129), (130, 135), (136, 142), (143, 150), (151, 161),
    (162, 176), (177, 205),
)  # fmt: skip
WELL = {**dict.fromkeys(PARTS, 0.0), "systolic_bp": 100.0, "age": 55.0, "sex": 1.0}


def of(**values: float) -> Profile:
    value = np.array([[values.get(name, well)] for name, well in WELL.items()])
    return profile(value, value == value)


@pytest.mark.parametrize(
    ("part", "rows", "more"),
    [
        ("age", AGES, {}), ("systolic_bp", UNTREATED, {}), ("systolic_bp", TREATED, {"hypertension_treated": 1.0}),
    ],
)  # fmt: skip
def test_both_ends_of_each_band_have_its_points(part: str, rows: Any, more: dict[str, float]) -> None:
    for points, (low, high) in enumerate(rows):
        found = [of(**{part: float(end)}, **more).points[PARTS.index(part), 0] for end in (low, high)]
        assert found == [points, points], (low, high)


@pytest.mark.parametrize(
    ("part", "points"),
    [
        ("diabetes", 2), ("smoking", 3), ("cardiovascular_disease", 4), ("atrial_fibrillation", 4),
        ("left_ventricular_hypertrophy", 5),
    ],
)  # fmt: skip
def test_each_finding_has_its_points(part: str, points: float) -> None:
    assert of(**{part: 1.0}).at_least[0] == points


def test_a_whole_profile_is_the_sum_and_has_a_chance() -> None:
    """A worked example: a man of 70 with a treated pressure of 140, diabetes and atrial fibrillation."""
    found = of(age=70.0, systolic_bp=140.0, hypertension_treated=1.0, diabetes=1.0, atrial_fibrillation=1.0)
    assert found.whole[0]
    assert found.at_least[0] == 5 + 6 + 2 + 4
    assert chance(found.at_least[0]) == 26
    assert of(**dict.fromkeys(PARTS[3:], 1.0), age=85.0, systolic_bp=205.0).at_least[0] == HIGHEST == 38


def test_chances_never_fall_and_have_the_ends_of_the_table() -> None:
    assert list(CHANCES) == sorted(CHANCES)
    assert (len(CHANCES), chance(1), chance(10), chance(20), chance(30)) == (30, 3, 10, 37, 88)


def test_what_is_not_known_has_no_points_and_makes_a_lower_bound() -> None:
    found = of(smoking=NAN, age=70.0)
    assert not found.whole[0]
    assert not found.known[PARTS.index("smoking"), 0]
    assert found.at_least[0] == 5


def test_without_knowing_the_treatment_the_points_are_the_lower_ones() -> None:
    for pressure in range(90, 211):
        points = [of(systolic_bp=float(pressure), hypertension_treated=x).points[0, 0] for x in (0.0, 1.0, NAN)]
        assert points[2] == min(points)


@pytest.mark.parametrize("values", [{"sex": 2.0}, {"age": 53.0}, {"age": 86.0}])
def test_women_and_other_ages_have_no_profile(values: dict[str, float]) -> None:
    found = of(**values, smoking=1.0)
    assert (found.applies[0], found.whole[0], found.at_least[0]) == (False, False, 0)


def test_without_knowing_the_sex_there_are_no_points() -> None:
    found = of(sex=NAN, smoking=1.0)
    assert (found.applies[0], found.whole[0], found.at_least[0]) == (True, False, 0)


def test_the_pressure_is_the_mean_by_time_of_about_a_day() -> None:
    """Against weights of each value that are summed: the time since the one before, less by how long ago it was."""
    rng = np.random.default_rng(5)
    rows, t, course = DetectorRows("stroke_risk", {}), 0.0, []
    for i in range(200):
        gap = float(rng.choice([5.0, 300.0, 5000.0]))
        t, x = t + gap, float(rng.integers(90, 190))
        rows.update(np.array([[x], [80.0], *[[NAN]] * 8]), t)
        course.append((t, 60.0 if i == 0 else min(gap, 900.0), x))
    weights = np.array([lasted * np.exp(-(t - when) / 86400) for when, lasted, _ in course])
    wanted = np.average([x for _, _, x in course], weights=weights)
    assert rows.rows()[0].mean[0] == pytest.approx(wanted)


@pytest.mark.parametrize(("systolic", "diastolic", "score"), [(180, 80, 1.0), (90, 120, 1.0), (171, 60, 0.95)])
def test_either_pressure_counts_by_its_limit(systolic: float, diastolic: float, score: float) -> None:
    x = np.array([[float(systolic)], [float(diastolic)], *[[NAN]] * 8])
    assert DetectorRows("stroke_risk", {}).update(x, 100.0)[0] == pytest.approx(score)


@pytest.mark.parametrize(("age", "score"), [(3600.0, 1.0), (3601.0, 0.5)])
def test_a_pressure_that_is_too_old_does_not_count(age: float, score: float) -> None:
    made, t = DetectorRows("stroke_risk", {"pressure_for": "1h"}), 1e6
    state, p = made.rows()
    x = np.array([[180.0], [60.0], *[[NAN]] * 8])
    state.measured_at = np.array([[t - age], *[[t]] * 9])
    assert made.detector.update(state, x, np.array([t]), p)[0] == score


KNOWN: dict[str, Any] = {"age": 70.0, "sex": 1.0, "diabetes": 0.0, "smoking": 0.0, "atrial_fibrillation": 0.0}
REST: dict[str, Any] = {"hypertension_treated": 1.0, "cardiovascular_disease": 0.0, "left_ventricular_hypertrophy": 0.0}


def test_the_profile_is_shown_with_what_is_not_known_and_needs_no_new_observation() -> None:
    setup = BedSetup(beds(bed_rule("stroke_risk")))
    setup.send(reading("m1", 1, systolic_bp=184.0, diastolic_bp=96.0, **KNOWN))
    setup.run(TURNS + 2)
    newest = published(setup)[-1]
    assert (newest.value, newest.at_least, newest.highest, newest.observed_until) == (None, 13, 38, None)
    assert newest.text == (
        "Stroke risk profile (experimental): at least 13 of 38 points; not known: treatment of hypertension, "
        "cardiovascular disease, left ventricular hypertrophy"
    )
    assert [(p.signal, p.points) for p in newest.parts][:4] == [
        ("systolic_bp", 8), ("age", 5), ("sex", 0), ("hypertension_treated", None),
    ]  # fmt: skip
    assert newest.parts[1].at == at(1)
    assert not any(part.too_old for part in newest.parts)  # not counted, and not because of its age
    assert "experimental" in setup.found[0].text
    assert len(setup.found[0].text) < 160
    setup.send(reading("m1", 20, **REST))
    setup.run(TURNS + 10)
    newest = published(setup)[-1]
    assert (newest.value, newest.text) == (
        15, "Stroke risk profile (experimental): 15 of 38 points, 20 % within 10 years"
    )  # fmt: skip


def test_what_is_known_of_a_patient_does_not_go_stale() -> None:
    setup = BedSetup(beds(bed_rule("stroke_risk")))
    setup.send(reading("m1", 1, **KNOWN, **REST), reading("m1", 5 * 86400.0, systolic_bp=120.0, diastolic_bp=80.0))
    setup.run(1)
    setup.clock.advance(5 * 86400)
    setup.run(TURNS + 2)
    assert published(setup)[-1].value == 8


def test_a_woman_has_no_profile_and_the_text_says_why() -> None:
    setup = BedSetup(beds(bed_rule("stroke_risk")))
    setup.send(reading("m1", 1, systolic_bp=150.0, diastolic_bp=96.0, **(KNOWN | {"sex": 2.0})))
    setup.run(TURNS + 2)
    newest = published(setup)[-1]
    assert (newest.value, newest.at_least) == (None, 0)
    assert newest.text == "No stroke risk profile: it is for men of 54 to 85 years"
    assert {part.points for part in newest.parts} == {None}
