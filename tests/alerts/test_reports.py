"""A report goes to the channels of its receivers once, behind every alert, and not when it is old."""

from pathlib import Path
from typing import Any

import pytest

from tests.kit.alert_timeline import AlertTimeline, immediately, ward_config
from ward.action import Action, ActionType, Report
from ward.clock import SECOND
from ward.config.config import Config
from ward.reason import Reason

BODY = "ICU bed 7\n  HIGH priority: SpO2 84 %"


def config(**more: Any) -> Config:
    return ward_config(
        channels=[
            {"name": "nurse", "urls": ["json://127.0.0.1:9"]}, {"name": "mail", "urls": ["json://127.0.0.1:9/mail"]},
            {"name": "sms", "urls": ["json://127.0.0.1:9/sms"], "max_characters": 160}, {"name": "fax"},
        ],
        receivers=[
            {"name": "nurses", "channels": ["nurse"]}, {"name": "ward_heads", "channels": ["mail", "sms"]},
            {"name": "office", "channels": ["mail", "fax"]}, {"name": "archive", "channels": ["fax"]},
        ],
        route={"receiver": "nurses", "group_wait": "5s", "repeat_interval": "1h"}, **more,
    )  # fmt: skip


def report(timeline: AlertTimeline, at: float, *receivers: str, id_: str = "h1", lasts: float = 7200) -> Action:
    return Action(
        id=id_, type=ActionType.REPORT, subject="handover icu", by="wardwatch", at=timeline.time_at(at),
        report=Report(
            receivers=receivers, subject="Handover, Intensive care", body=BODY, short="Handover ICU: 3 open, 12 ended",
            until=timeline.time_at(at) + round(lasts * SECOND),
        ),
    )  # fmt: skip


def sent(timeline: AlertTimeline) -> list[tuple[str, str]]:
    return [(notified.channel, notified.message.subject) for notified in timeline.notified]


@pytest.mark.guarantee("A handover is sent once, however many programs ask for it and whichever restart.")
def test_each_channel_gets_a_report_once_with_two_webs_two_requests_and_a_restart(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    action = report(timeline, 1, "ward_heads", "office")
    timeline.at(1).then(lambda: timeline.do(action)).then(lambda: timeline.do(action))
    timeline.at(2).restarts().then(lambda: timeline.do(action))
    timeline.advance_to(4)

    assert sent(timeline) == [("mail", "Handover, Intensive care"), ("sms", "Handover ICU: 3 open, 12 ended")]
    assert timeline.notified[0].message.body == BODY
    assert timeline.reasons()[Reason.ACTION_REPEATED] == 2


def test_every_alert_goes_before_a_report(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    timeline.unavailable_channels.add("nurse")
    timeline.at(1).then(lambda: timeline.do(report(timeline, 1, "nurses")))
    timeline.at(2).raises("spo2_low", bed=7, severity="low")
    timeline.advance_to(10)
    timeline.unavailable_channels.clear()
    timeline.advance_to(11)

    assert [subject[:12] for _, subject in sent(timeline)] == ["LOW priority", "Handover, In"]


def test_a_report_that_is_read_too_late_is_not_sent_as_news(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    timeline.at(1).then(lambda: timeline.do(report(timeline, -10_000, "office")))
    timeline.run(3)

    assert timeline.reasons()[Reason.REPORT_LATE] == 1


def test_a_report_without_a_channel_harms_no_alert(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    timeline.at(1).then(lambda: timeline.do(report(timeline, 1, "archive", "nobody"))).raises("spo2_low", bed=7)
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.run(3)

    assert timeline.reasons()[Reason.REPORT_WITHOUT_CHANNEL] == 1


def test_a_report_that_was_not_delivered_at_once_says_from_when_it_is(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    timeline.at(1).then(lambda: timeline.do(report(timeline, 1, "office")))
    timeline.advance_to(2)

    message = timeline.current(timeline.notified[0], at=600).message
    assert message is not None
    assert message.subject.startswith("Handover, Intensive care (delayed message of")
    assert message.body == BODY
