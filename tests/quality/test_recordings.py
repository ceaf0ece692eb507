"""Recorded values under the shipped rules: each alert has a comment, and irregular intervals change no finding."""

from pathlib import Path

import pytest

from app.simulated_past.longer_periods import with_longer_periods
from quality import bedside, eicu, mimic
from quality.bedside import Sample
from quality.shipped import shipped_config
from ward.finding import Transition

LOW = with_longer_periods(eicu.without_delays(shipped_config()), eicu.EVERY, {})


def pressures(*values: tuple[float, float]) -> list[Sample]:
    return [(60 * minute, {"systolic_bp": x}) for minute, x in values]


def test_each_alert_of_the_short_recording_has_a_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mimic, "FILES", f"{mimic.DYING}*.csv")
    found = list(mimic.rows(True, lambda _: None))
    assert [row.what.partition(":")[0] for row in found] == [mimic.DYING] * 10
    assert not [row.what for row in found if row.met is False]


def test_an_alert_without_a_comment_is_not_met() -> None:
    low = next(bedside.findings(LOW, pressures((0, 120), (17, 85)), "cuff", 100))
    assert [row.met for row in mimic._by_rule("somebody", [low])] == [False]
    assert [row.met for row in mimic._by_rule(mimic.DYING, [low])] == [True]


def test_limits_without_delays_hold_from_one_measurement_to_the_next_beyond() -> None:
    stay = pressures((0, 120), (17, 85), (40, 84), (95, 78), (130, 125))
    found = list(bedside.findings(LOW, stay, "cuff", 100))
    assert [(bedside.seconds(f.received_at) / 60, f.transition) for f in found] == [
        (17, Transition.RAISED), (95, Transition.CHANGED), (130, Transition.CLEARED),
    ]  # fmt: skip


def test_a_value_is_repeated_each_minute_until_the_next() -> None:
    found = list(eicu.each_minute(pressures((0, 120), (3, 85), (4, 90))))
    assert [(t / 60, values["systolic_bp"]) for t, values in found] == [(0, 120), (1, 120), (2, 120), (3, 85), (4, 90)]


def test_findings_that_differ_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    stay = pressures((0, 120), (17, 85), (40, 84), (95, 78), (130, 125))
    assert eicu._repeated([stay], lambda _: None).ours == "0 of 3"
    monkeypatch.setattr(eicu, "each_minute", lambda stay: stay[:3])
    changed = eicu._repeated([stay], lambda _: None)
    assert (changed.ours, changed.met) == ("2 of 3", False)


def test_stays_are_read_in_order_of_time_and_those_with_few_measurements_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gzip

    path = tmp_path / "vitalAperiodic.csv.gz"
    with gzip.open(path, "wt") as out:
        out.write("vitalaperiodicid,patientunitstayid,observationoffset,noninvasivesystolic,noninvasivediastolic\n")
        out.write("1,7,30,120,80\n2,7,10,110,\n3,7,-5,90,60\n4,8,10,100,60\n")
    monkeypatch.setattr(eicu, "FEWEST", 2)
    assert eicu._stays(path, 5) == [[
        (600.0, {"systolic_bp": 110.0}), (1800.0, {"systolic_bp": 120.0, "diastolic_bp": 80.0}),
    ]]  # fmt: skip
