"""The test of a channel: sent once, marked, behind every alert, never muted, bounded; and its answers come back."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.webhook_notifier import _json
from alerts.model.delivery_result import Outcome, RecipientState
from alerts.storage.outbox_file import OutboxFile
from tests.kit.alert_timeline import AlertTimeline, immediately, ward_config
from tests.kit.log_records import log_messages
from ward.action import Action, ActionType
from ward.channel_test import NO_ALERT, ChannelTest, ChannelTestResult
from ward.clock import SECOND
from ward.config.config import Config
from ward.reason import Reason
from ward.topics import ACTIONS
from ward.wire import ACTION_WIRE


def config(**more: Any) -> Config:
    settings: dict[str, Any] = {"receiver": "nurses", "group_wait": "5s", "repeat_interval": "1h"}
    return ward_config(
        channels=[
            {"name": "nurse", "urls": ["json://127.0.0.1:9"]}, {"name": "mail", "urls": ["json://127.0.0.1:9/mail"]},
            {"name": "sms", "urls": ["json://127.0.0.1:9/sms"], "max_characters": 160}, {"name": "fax"},
        ],
        receivers=[{"name": "nurses", "channels": ["nurse"]}],
        route=settings | more.pop("route", {}), **more,
    )  # fmt: skip


def asked(timeline: AlertTimeline, at: float, *channels: str, id_: str = "t1") -> Action:
    return Action(
        id=id_, type=ActionType.TEST, subject=" ".join(channels), by="Nurse Ada", at=timeline.time_at(at),
        note="new telephones", test=ChannelTest(channels=channels, until=timeline.time_at(at) + 600 * SECOND),
    )  # fmt: skip


def does(timeline: AlertTimeline, at: float, *actions: Action) -> None:
    for action in actions:
        timeline.at(at).then(lambda action=action: timeline.do(action))  # type: ignore[misc]


def subjects(timeline: AlertTimeline) -> list[tuple[str, str]]:
    return [(notified.channel, notified.message.subject) for notified in timeline.notified]


def results(timeline: AlertTimeline, test: str = "t1") -> list[ChannelTestResult]:
    """What was published about a test, in order."""
    actions = log_messages(timeline.log, ACTIONS, ACTION_WIRE)
    return [action.result for action in actions if action.subject == test and action.result is not None]


def answers(timeline: AlertTimeline, channel: str, recipient: str, outcome: Outcome, reply: str = "") -> None:
    """The service of a recipient answers about the message that waits, as the senders store it."""
    with closing(OutboxFile.in_folder(timeline.path, durable=False)) as outbox:
        for entry in list(outbox.waiting(channel)):
            outbox.record(entry, recipient, RecipientState(outcome, 1, reply), timeline.time_at())
            if outcome is Outcome.DELIVERED:
                outbox.delivered(entry)


@pytest.mark.guarantee(
    "A test of a channel is sent once, however often it is asked for and whichever program restarts."
)
def test_two_tests_at_once_and_a_restart_between_are_each_sent_once(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    one, other = asked(timeline, 1, "mail", "sms"), asked(timeline, 1, "mail", id_="t2")
    timeline.unavailable_channels.update(("mail", "sms"))
    does(timeline, 1, one, other, one)
    timeline.at(2).restarts()
    does(timeline, 3, one, other)
    timeline.advance_to(4)
    timeline.unavailable_channels.clear()
    timeline.advance_to(6)

    assert sorted(channel for channel, _ in subjects(timeline)) == ["mail", "mail", "sms"]
    assert len({notified.message.key for notified in timeline.notified}) == 3


def test_a_test_says_that_it_is_no_alert_who_asked_and_has_no_link(tmp_path: Path) -> None:
    timeline = AlertTimeline(
        tmp_path, config(external_url="http://ward.test", link_keys=[{"name": "a", "key": "k" * 32}])
    )
    does(timeline, 1, asked(timeline, 1, "mail", "sms"))
    timeline.advance_to(3)

    mail, sms = (notified.message for notified in timeline.notified)
    assert mail.subject.startswith("TEST of Wardwatch, no alert: channel mail, asked for by Nurse Ada at ")
    assert mail.body.startswith(
        "This is a test of the channel mail. Nobody needs to come.\nAsked for by Nurse Ada on 20"
    )
    assert mail.body.endswith("\nNote of Nurse Ada: new telephones")
    assert "http" not in mail.body
    assert sms.subject.startswith("TEST of Wardwatch, no alert: channel sms, asked for by Nurse Ada at ")
    assert (sms.body, len(sms.subject) <= 160, sms.subject.isascii()) == ("", True, True)


@pytest.mark.guarantee("Every message about an alert goes before a test of its channel.")
def test_every_alert_goes_before_a_test_of_its_channel(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    timeline.unavailable_channels.add("nurse")
    does(timeline, 1, asked(timeline, 1, "nurse"))
    timeline.at(2).raises("spo2_low", bed=7, severity="low")
    timeline.advance_to(10)
    timeline.unavailable_channels.clear()
    timeline.advance_to(11)

    assert [subject[:12] for _, subject in subjects(timeline)] == ["LOW priority", "TEST of Ward"]


def test_no_mute_time_and_no_silence_holds_a_test_back_and_it_is_no_alert(tmp_path: Path) -> None:
    always = {"name": "always", "windows": [{"from": "00:00", "until": "24:00"}]}
    muted = config(mute_times=[always], route={"routes": [{"matchers": ["ward=icu"], "mute": ["always"]}]})
    timeline = AlertTimeline(tmp_path, muted)
    timeline.at(0.5).silences("s1", 'alertname=~".+"', lasts=3600)
    timeline.at(0.75).raises("silent", bed=3, severity="low").raises("news2", bed=4)
    does(timeline, 1, asked(timeline, 1, "nurse"))
    timeline.advance_to(9)

    assert [subject[: len(NO_ALERT)] for _, subject in subjects(timeline)] == [NO_ALERT]
    assert sorted(timeline.alerts()) == ["news2 icu-4", "silent icu-3"]


def test_what_each_service_answered_and_when_is_published_once(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    timeline.unavailable_channels.add("mail")
    does(timeline, 1, asked(timeline, 1, "mail"))
    timeline.at(3).then(lambda: answers(timeline, "mail", "ben@ward.test", Outcome.NO_ANSWER, "no connection"))
    timeline.at(6).then(lambda: answers(timeline, "mail", "ben@ward.test", Outcome.NO_ANSWER, "no connection"))
    timeline.at(9).then(lambda: answers(timeline, "mail", "ben@ward.test", Outcome.DELIVERED, "250 OK"))
    timeline.advance_to(12)

    found = results(timeline)
    assert [result.state for result in found] == ["waiting", "waiting", "delivered"]
    assert found[0].queued_at == timeline.time_at(1)
    assert [(r.recipient, r.outcome, r.reply, r.at) for r in found[2].recipients] == [
        ("ben@ward.test", "delivered", "250 OK", timeline.time_at(9))
    ]


def test_a_restart_between_sending_and_publishing_loses_no_answer(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    timeline.unavailable_channels.add("mail")
    does(timeline, 1, asked(timeline, 1, "mail"))
    timeline.at(2).then(lambda: answers(timeline, "mail", "ben@ward.test", Outcome.DELIVERED, "250 OK")).restarts()
    timeline.advance_to(5)

    assert [result.state for result in results(timeline)] == ["waiting", "delivered"]


def test_a_script_in_a_loop_gets_three_tests_of_a_channel_in_ten_minutes(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    for n in range(40):
        does(timeline, 1 + n, asked(timeline, 1 + n, "sms", id_=f"t{n}"))
    does(timeline, 30, asked(timeline, 30, "mail", id_="other"))
    timeline.at(35).restarts()
    timeline.advance_to(50)
    assert [channel for channel, _ in subjects(timeline)] == ["sms", "sms", "sms", "mail"]
    assert results(timeline, "t39")[-1].why == "this channel had 3 tests in the last 10 min: wait"

    does(timeline, 650, asked(timeline, 650, "sms", id_="later"))
    timeline.advance_to(655)
    assert len(timeline.notified) == 5


def test_a_channel_without_an_address_and_one_that_is_gone_say_so(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    does(timeline, 1, asked(timeline, 1, "fax", "pager", "mail"))
    timeline.advance_to(3)

    states = [(result.channel, str(result.state)) for result in results(timeline)[:3]]
    assert states == [("fax", "not sent"), ("pager", "not sent"), ("mail", "waiting")]
    assert [channel for channel, _ in subjects(timeline)] == ["mail"]


def test_a_test_that_is_not_accepted_in_ten_minutes_is_given_up(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    timeline.unavailable_channels.add("mail")
    does(timeline, 1, asked(timeline, 1, "mail"))
    timeline.advance_to(605)
    timeline.unavailable_channels.clear()
    timeline.advance_to(610)

    assert "mail" not in [channel for channel, _ in subjects(timeline)]
    assert (results(timeline)[-1].state, results(timeline)[-1].why) == ("not delivered", "given up after 10 min")
    assert timeline.pipeline.state.tests == {}


def test_a_test_that_is_read_too_late_is_not_sent_and_harms_no_alert(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    does(timeline, 1, asked(timeline, -700, "mail"))
    timeline.at(1).raises("spo2_low", bed=7)
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.run(3)

    assert timeline.reasons()[Reason.TEST_LATE] == 1


def test_another_system_gets_a_test_as_a_message_without_alerts(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, config())
    does(timeline, 1, asked(timeline, 1, "mail"))
    timeline.advance_to(3)

    body = _json(timeline.notified[0].message)
    assert '"alerts": []' in body
    assert '"status": "resolved"' in body
    assert NO_ALERT in body
