"""A receiver with a schedule is whoever is on call when it is decided. Timelines begin at 16:00 UTC."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from ward.action import Action, ActionType, Report
from ward.config.config import Config
from ward.reason import Reason

FIRST = "HIGH priority, ICU bed 7"


def config(shifts: list[dict[str, Any]] | None = None, no_address: str = "", **changes: Any) -> Config:
    """Ada is on call until 16:05, Ben after that; nobody's shift is the doctors' common telephone."""
    by_default = [
        {"people": ["ada"], "from": "07:00", "until": "16:05"}, {"people": ["ben"], "from": "16:05", "until": "07:00"}
    ]  # fmt: skip
    settings: dict[str, Any] = {
        "channels": [
            {"name": name, "urls": [] if name == no_address else ["json://127.0.0.1:9"]}
            for name in ("nurse", "ada_sms", "ben_sms", "telephone")
        ],
        "people": [{"name": "ada", "channels": ["ada_sms"]}, {"name": "ben", "channels": ["ben_sms"]}],
        "schedules": [{"name": "doctors", "shifts": by_default if shifts is None else shifts}],
        "receivers": [
            {"name": "nurses", "channels": ["nurse"]},
            {"name": "on_call", "schedule": "doctors", "channels": ["telephone"]},
        ],
        "route": {"receiver": "on_call", "repeat_interval": "4m", "group_wait": "10s"},
        **changes,
    }  # fmt: skip
    return ward_config(**settings)


@pytest.mark.guarantee("An alert that nobody has acknowledged is sent to the new person when the on-call duty changes.")
def test_who_comes_on_call_is_notified_of_what_is_not_acknowledged(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    timeline.at(10).raises("spo2_low")
    timeline.want(immediately(10), FIRST, "ada_sms")
    timeline.want(between(250, 251), f"{FIRST}: SpO2 84 % < 88 for 15 s (measured", "ada_sms")
    timeline.want(between(300, 301.5), FIRST, "ben_sms")
    timeline.want(between(540, 542), FIRST, "ben_sms")  # repeats go to Ben alone
    timeline.run(600, every=0.5)
    (alert,) = timeline.alerts().values()
    assert [(sent.receiver, sent.channels) for sent in alert.sent_to] == [
        ("on_call (ada)", ("ada_sms",)), ("on_call (ben)", ("ben_sms",))
    ]  # fmt: skip
    assert alert.receivers == ("on_call (ben)",)
    assert timeline.reasons()[Reason.ON_CALL_CHANGED] == 1


def test_what_somebody_has_is_not_sent_to_the_next_person_until_it_is_withdrawn(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    timeline.at(10).raises("spo2_low")
    timeline.at(100).acks("spo2_low")
    timeline.at(400).unacks("spo2_low")
    timeline.want(immediately(10), FIRST, "ada_sms")
    timeline.want(immediately(400), FIRST, "ben_sms")
    timeline.run(500, every=0.5)


def test_who_is_not_on_call_any_more_gets_neither_changes_nor_the_end(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    timeline.at(10).raises("spo2_low", severity="medium")
    timeline.at(320).changes("spo2_low", severity="high")
    timeline.at(400).clears("spo2_low")
    timeline.want(immediately(10), "MEDIUM priority, ICU bed 7", "ada_sms")
    timeline.want(between(250, 251), "MEDIUM priority, ICU bed 7", "ada_sms")
    timeline.want(between(300, 301.5), "MEDIUM priority, ICU bed 7", "ben_sms")
    timeline.want(immediately(320), FIRST, "ben_sms")
    timeline.want(between(409, 411), "ALERT ENDED, ICU bed 7", "ben_sms")
    timeline.run(500, every=0.5)


def test_an_escalation_goes_to_who_is_on_call_then(tmp_path: Path) -> None:
    route = {"receiver": "nurses", "repeat_interval": "1h", "escalate": [{"after": "6m", "receiver": "on_call"}]}
    timeline = AlertTimeline(tmp_path, config(route=route))
    timeline.at(10).raises("spo2_low")
    timeline.want(immediately(10), FIRST)
    timeline.want(between(370, 371), FIRST, "ben_sms")
    timeline.run(500, every=0.5)


def test_an_escalation_to_who_was_on_call_goes_on_with_the_next_person(tmp_path: Path) -> None:
    route = {"receiver": "nurses", "repeat_interval": "1h", "escalate": [{"after": "2m", "receiver": "on_call"}]}
    timeline = AlertTimeline(tmp_path, config(route=route))
    timeline.at(10).raises("spo2_low")
    timeline.at(200).restarts()
    timeline.want(immediately(10), FIRST)
    timeline.want(between(130, 131), FIRST, "ada_sms")
    timeline.want(between(300, 301.5), FIRST, "ben_sms")
    timeline.run(500, every=0.5)


def test_a_change_of_duty_follows_a_clock_that_is_set_forward(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    timeline.at(10).raises("spo2_low")
    timeline.at(100).then(lambda: timeline.clock.step(200))
    timeline.want(immediately(10), FIRST, "ada_sms")
    timeline.want(between(100, 102), FIRST, "ben_sms")
    timeline.run(200, every=0.5)


@pytest.mark.guarantee(
    "While nobody is on call, alerts go to the other channels of the receiver, and an alert says so."
)
def test_while_nobody_is_on_call_the_channels_of_the_receiver_are_used_and_an_alert_says_so(tmp_path: Path) -> None:
    gap = [
        {"people": ["ada"], "from": "07:00", "until": "16:05"},
        {"people": ["ben"], "from": "16:08", "until": "07:00"},
    ]
    routes = [{"matchers": ["kind=technical"], "receiver": "nurses"}]
    route = {"receiver": "on_call", "repeat_interval": "1h", "group_wait": "10s", "routes": routes}
    timeline = AlertTimeline(tmp_path, config(gap, route=route))
    timeline.at(10).raises("spo2_low")
    timeline.want(immediately(10), FIRST, "ada_sms")
    timeline.want(between(300, 301.5), FIRST, "telephone")
    text = "Nobody is on call by schedule doctors until 16:08:00 UTC: messages to on_call go to telephone"
    timeline.want(between(310, 312), f"MEDIUM priority, {text}", "nurse")
    timeline.want(between(480, 481.5), FIRST, "ben_sms")
    timeline.want(between(489, 492), "ALERT ENDED", "nurse")
    timeline.run(600, every=0.5)
    about = [alert.labels for alert in timeline.published() if alert.labels["alertname"] == "nobody-on-call"]
    assert {labels["schedule"] for labels in about} == {"doctors"}


def test_a_person_without_an_address_counts_as_not_on_call(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config(no_address="ada_sms"))
    timeline.at(10).raises("spo2_low")
    timeline.want(immediately(10), FIRST, "telephone")
    timeline.want(
        between(10, 11), "MEDIUM priority, No channel of ada, on call by schedule doctors, has an", "telephone"
    )
    timeline.run(60, every=0.5)


def test_two_people_on_call_at_one_time_are_both_notified(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config([{"people": ["ada", "ben"], "from": "00:00", "until": "00:00"}]))
    timeline.at(10).raises("spo2_low")
    timeline.want(immediately(10), FIRST, "ada_sms")
    timeline.want(immediately(10), FIRST, "ben_sms")
    timeline.run(60, every=0.5)


def test_a_report_goes_to_who_is_on_call_when_it_is_queued(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    for at, id_ in ((10, "before"), (400, "after")):
        text = Report(receivers=("on_call",), subject=id_, body="", short="", until=timeline.time_at(2000))
        action = Action(
            id=id_, type=ActionType.REPORT, subject="handover icu", by="wardwatch", at=timeline.time_at(at), report=text
        )
        timeline.at(at).then(partial(timeline.do, action))
    timeline.want(immediately(10), "before", "ada_sms")
    timeline.want(immediately(400), "after", "ben_sms")
    timeline.run(500, every=0.5)
