"""Problem with delivery is visible: in numbers, and as an alert of our own through the other channels."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from alerts.model.delivery_result import Outcome, RecipientState
from alerts.storage.outbox_file import OutboxFile
from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from ward.finding import Severity

SETTINGS: dict[str, Any] = {
    "channels": [{"name": name, "urls": ["json://127.0.0.1:9"]} for name in ("mail", "chat", "sms")],
    "receivers": [{"name": "nurses", "channels": ["mail"]}],
    "route": {"receiver": "nurses", "group_wait": "5s", "repeat_interval": "1h"},
    "problem_after": "60s",
}


def test_a_channel_that_does_not_deliver_is_reported_on_the_others(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.unavailable_channels = {"mail"}
    timeline.at(10).raises("spo2_low")
    timeline.at(100).then(timeline.unavailable_channels.clear)
    since = "has delivered nothing since 16:00:10 UTC"
    text = f"HIGH priority, Channel mail {since}, watch the ward screen"
    timeline.want(between(70, 71.5), text, "chat")
    timeline.want(between(70, 71.5), text, "sms")
    timeline.want(immediately(100), "HIGH priority, ICU bed 7", "mail")
    timeline.want(
        between(105, 107),
        "ALERT ENDED: Channel mail delivers again (was HIGH priority: Channel mail has delivered nothing since",
        "chat",
    )
    timeline.want(
        between(105, 107),
        "ALERT ENDED: Channel mail delivers again (was HIGH priority: Channel mail has delivered nothing since",
        "sms",
    )
    timeline.run(150)


def test_the_alert_about_a_channel_has_its_last_error(tmp_path: Path) -> None:
    from alerts.storage.schema import FILE

    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.unavailable_channels = {"mail"}
    timeline.at(10).raises("spo2_low")
    timeline.advance_to(30)
    outbox = OutboxFile(tmp_path / FILE)
    outbox.attempted(next(outbox.waiting("mail")), "535 authentication failed")
    outbox.close()
    timeline.advance_to(80)
    timeline.pipeline.close()
    assert (
        timeline.alerts()["channel-problem"]
        .annotations["summary"]
        .endswith("UTC, watch the ward screen: 535 authentication failed")
    )


def test_waiting_messages_and_their_age_are_metrics(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.unavailable_channels = {"mail"}
    timeline.at(10).raises("spo2_low").raises("spo2_low", bed=8)
    timeline.advance_to(40)
    assert timeline.counted("wardwatch_outbox_notifications") == {"mail": 2, "chat": 0, "sms": 0}
    assert 29 <= timeline.counted("wardwatch_outbox_oldest_age_seconds")["mail"] <= 31
    assert timeline.counted("wardwatch_alerts_active") == {"high": 2, "medium": 0, "low": 0}
    assert timeline.metrics.samples()["wardwatch_alerts_unacknowledged"] == 2
    timeline.unavailable_channels.clear()
    timeline.advance_to(45)
    assert timeline.counted("wardwatch_outbox_oldest_age_seconds")["mail"] == 0
    timeline.pipeline.close()


def test_a_step_of_the_clock_raises_no_channel_alert(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.unavailable_channels = {"mail"}
    timeline.at(10).raises("spo2_low")
    timeline.at(20).steps_the_clock(3600)
    timeline.at(40).then(timeline.unavailable_channels.clear)
    timeline.want(between(40, 41), "HIGH priority, ICU bed 7", "mail")
    timeline.run(100)


def test_messages_for_a_removed_channel_are_withdrawn_and_counted(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.unavailable_channels = {"mail"}
    timeline.at(10).raises("spo2_low")
    rest = {**SETTINGS, "channels": SETTINGS["channels"][1:], "receivers": [{"name": "nurses", "channels": ["chat"]}]}
    timeline.at(20).reloads(ward_config(**rest))
    timeline.run(120)
    assert timeline.metrics.samples()['wardwatch_notification_attempts_total{channel="mail",result="withdrawn"}'] == 1
    assert "channel-problem" not in timeline.alerts()


def test_each_decision_is_counted(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).raises("tachycardia", severity="low")
    timeline.at(4).acks("spo2_low")
    timeline.at(20).clears("spo2_low").clears("tachycardia")
    timeline.advance_to(40)
    timeline.pipeline.close()
    assert timeline.reasons() == {
        "new alert": 2, "ended": 2, "acknowledged": 1, "sent immediately: HIGH priority": 1,
        "not sent yet: waits for grouping": 3,
        "sent after grouping": 1, "no further messages: acknowledged": 1, "sent: alert ended": 2,
    }  # fmt: skip


@pytest.mark.guarantee("The alert about a channel names each recipient who is not reached, the reply, and who is.")
def test_a_refused_recipient_is_named_with_the_reply_until_it_accepts(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    states = {"ann@ward.test": DELIVERED, "ben@ward.test": refused(1), "cleo@ward.test": DELIVERED}
    timeline.at(10).raises("spo2_low").then(lambda: mail_states(timeline, states))
    timeline.at(30).raises("spo2_low", bed=8).then(lambda: mail_states(timeline, dict.fromkeys(states, DELIVERED)))
    timeline.unavailable_channels = {"mail", "sms"}
    timeline.advance_to(20)
    alert = timeline.alerts()["channel-problem"]
    assert alert.annotations["summary"] == (
        "Channel mail has not reached ben@ward.test since 16:00:10 UTC (delivered to 2 of 3): 550 no such user"
    )
    assert alert.severity is Severity.MEDIUM
    timeline.advance_to(40)
    assert not timeline.alerts()["channel-problem"].active
    timeline.pipeline.close()


def test_a_channel_that_reaches_nobody_any_more_becomes_a_high_alert(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.unavailable_channels = {"mail"}
    for at, of_ann in ((10, DELIVERED), (20, refused(1))):
        states = {"ann@ward.test": of_ann, "ben@ward.test": refused(3)}
        timeline.at(at).raises("spo2_low", bed=at).then(lambda states=states: mail_states(timeline, states))  # type: ignore[misc]
    timeline.advance_to(15)
    assert timeline.alerts()["channel-problem"].severity is Severity.MEDIUM
    timeline.advance_to(25)
    alert = timeline.alerts()["channel-problem"]
    assert alert.severity is Severity.HIGH
    assert "has delivered nothing since" in alert.annotations["summary"]
    assert "ann@ward.test: 550 no such user; ben@ward.test: 550 no such user" in alert.annotations["summary"]
    timeline.pipeline.close()


DELIVERED = RecipientState(Outcome.DELIVERED)


def refused(attempts: int) -> RecipientState:
    return RecipientState(Outcome.REFUSED, attempts, "550 no such user")


def mail_states(timeline: AlertTimeline, states: Mapping[str, RecipientState]) -> None:
    """As the senders write the results of the newest mail: after one more step of the pipeline."""
    timeline.pipeline.step(0)
    with closing(OutboxFile.in_folder(timeline.path, durable=False)) as outbox:
        outbox.set_recipients("mail", states)
        for entry in list(outbox.waiting("mail"))[-1:]:
            for name, state in states.items():
                outbox.record(entry, name, state, timeline.clock.now())
            outbox.finish(entry.number, "delivered")
