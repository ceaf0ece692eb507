"""The wall clock is set forward or back by an hour: nothing stops, and no notification is sent twice."""

from pathlib import Path

import pytest

from tests.alerts.test_escalate import SETTINGS
from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config

ROUTE = {"receiver": "nurses", "group_wait": "10s", "group_interval": "1m", "repeat_interval": "3m"}
HOUR = 3600.0


@pytest.mark.parametrize("step", [HOUR, -HOUR])
@pytest.mark.parametrize("again", [False, True])
def test_group_wait_and_repeats_keep_their_time(tmp_path: Path, step: float, again: bool) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low").raises("silent", severity="low")
    timeline.at(5).steps_the_clock(step)
    if again:
        timeline.at(8).steps_the_clock(-2 * step)
        timeline.at(60).restarts()
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(between(11, 11.5), "LOW priority, ICU bed 7: no data")
    timeline.want(between(181, 181.5), "HIGH priority, ICU bed 7")
    timeline.want(between(191, 191.5), "LOW priority, ICU bed 7")
    timeline.run(300, every=0.5)


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_escalation_keeps_its_time(tmp_path: Path, step: float) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(10).raises("spo2_low")
    timeline.at(50).steps_the_clock(step)
    timeline.want(immediately(10), "HIGH priority, ICU bed 7")
    timeline.want(between(130, 131), "HIGH priority, ICU bed 7", "doctor")
    timeline.want(between(310, 311), "HIGH priority, ICU bed 7", "chief")
    timeline.run(400, every=0.5)


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_a_silence_keeps_its_duration(tmp_path: Path, step: float) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).silences("s1", "ward=icu", lasts=60)
    timeline.at(5).steps_the_clock(step)
    timeline.at(10).raises("spo2_low", ago=-step)
    timeline.want(immediately(61), "HIGH priority, ICU bed 7")
    timeline.run(90)


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_a_silence_set_after_a_step_has_its_full_duration(tmp_path: Path, step: float) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(0.5).steps_the_clock(step)
    timeline.at(1).silences("s1", "ward=icu", starts=step, lasts=60)
    timeline.at(10).raises("spo2_low", ago=-step)
    timeline.want(immediately(61), "HIGH priority, ICU bed 7")
    timeline.run(90)


def test_an_end_before_the_start_by_the_wall_clock_ends_the_alert(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(20).clears("spo2_low", ago=HOUR)
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(between(30, 30.5), "ALERT ENDED, ICU bed 7")
    timeline.run(60)


def test_time_passed_while_the_pipeline_was_down_counts(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(10).raises("spo2_low")
    timeline.advance_to(20)
    timeline.pipeline.close()
    timeline.clock.advance(100)
    timeline.pipeline = timeline.open()
    timeline.want(immediately(10), "HIGH priority, ICU bed 7")
    timeline.want(between(130, 131), "HIGH priority, ICU bed 7", "doctor")
    timeline.run(200)


def test_a_clock_set_back_while_the_pipeline_was_down_delays_by_the_downtime_at_most(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(10).raises("spo2_low")
    timeline.advance_to(20)
    timeline.pipeline.close()
    timeline.clock.advance(5)
    timeline.clock.step(-HOUR)
    timeline.pipeline = timeline.open()
    timeline.want(immediately(10), "HIGH priority, ICU bed 7")
    timeline.want(between(130, 140), "HIGH priority, ICU bed 7", "doctor")
    timeline.run(200)
