"""Reminders of alerts that were acknowledged and are still active."""

from pathlib import Path

import pytest

from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from ward.action import ActionType
from ward.finding import EndReason

ROUTE = {"receiver": "nurses", "group_wait": "5s", "repeat_interval": "10s", "remind_interval": "1m"}
REMINDER = "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s ("


@pytest.mark.guarantee("An alert that was acknowledged and is still active after a set time is notified again.")
def test_what_was_acknowledged_and_is_still_active_is_notified_once_in_each_interval(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).acks("spo2_low", by="anna")
    timeline.at(30).restarts()
    timeline.at(40).then(lambda: timeline.clock.step(3600))
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(immediately(62), REMINDER)
    timeline.want(immediately(122), REMINDER)
    timeline.run(130)
    subject, body = timeline.notified[1].message.subject, timeline.notified[1].message.body
    assert "acknowledged by anna at" in subject
    assert subject.endswith(", still active after 60 s)")
    assert "Reason for this message: sent again: acknowledged some time ago, and still active" in body
    assert timeline.alerts()["spo2_low icu-7"].reason == "no further messages: acknowledged"


def test_a_reminder_ends_with_the_alert(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).acks("spo2_low")
    timeline.at(30).clears("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(between(30, 36), "ALERT ENDED")
    timeline.run(130)


def test_other_news_of_the_bed_does_not_bring_a_reminder_forward(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route={**ROUTE, "repeat_interval": "1h"}))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).acks("spo2_low")
    timeline.at(30).raises("tachycardia")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(immediately(30), "HIGH priority, ICU bed 7: Heart rate")
    timeline.want(immediately(62), REMINDER)
    timeline.run(70)
    assert "acknowledged by" not in timeline.notified[1].message.subject


def test_the_time_counts_from_the_last_take_over_and_the_reminder_names_both(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).acks("spo2_low", by="anna")
    timeline.at(50).acks("spo2_low", by="berta", type_=ActionType.TAKE_OVER)
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(immediately(110), REMINDER)
    timeline.run(115)
    assert "acknowledged by berta, who took it over from anna, at" in timeline.notified[1].message.subject


def test_an_alert_whose_signal_was_lost_after_the_acknowledgement_is_reminded_of_until_a_person_looks(
    tmp_path: Path,
) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).acks("spo2_low", by="anna")
    timeline.at(3).clears("spo2_low", ended=EndReason.SIGNAL_LOST)
    timeline.at(150).acks("spo2_low", by="berta")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(between(3, 64), "SIGNAL LOST, alert still active")
    timeline.want(immediately(121), REMINDER)
    timeline.want(between(150, 156), "SIGNAL LOST, ALERT CLOSED")
    timeline.run(200)


def test_without_an_interval_an_acknowledged_alert_is_not_notified_again(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route={**ROUTE, "remind_interval": 0}))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).acks("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.run(200)


def test_a_receiver_that_knows_nothing_of_an_alert_acknowledged_on_the_screen_is_reminded_of_it(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("silent", severity="low")
    timeline.at(2).acks("silent")
    timeline.want(immediately(62), "LOW priority, ICU bed 7: no data for 15 s (")
    timeline.run(100)
