"""Actions of people: valid for one episode, stored for good, applied once."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from tests.kit.log_records import log_messages
from ward.action import Action, ActionType
from ward.wire import ACTION_WIRE

ROUTE = {"receiver": "nurses", "group_wait": "5s", "repeat_interval": "1m"}


def _stored(timeline: AlertTimeline, action: Action) -> Action:
    body = timeline.store.record("action", action.id)
    assert body is not None
    return ACTION_WIRE.decode(body)


def test_the_first_acknowledgement_counts_and_all_are_recorded(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).acks("spo2_low", by="anna")
    timeline.at(3).acks("spo2_low", by="berta")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.run(100)
    alert = timeline.alerts()["spo2_low icu-7"]
    assert alert.ack is not None
    assert alert.ack.by == "anna"
    assert [(done.type, done.by) for done in alert.actions] == [
        (ActionType.ACKNOWLEDGE, "anna"),
        (ActionType.ACKNOWLEDGE, "berta"),
    ]
    assert alert.reason == "no further messages: acknowledged"
    assert timeline.reasons()["acknowledged already: ignored"] == 1


def test_an_acknowledgement_of_an_ended_or_unknown_alert_changes_nothing_and_is_counted(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(10).acks("spo2_low")  # of the first one, but it comes after the second has begun
    late = timeline.script.pop()[2]
    timeline.at(2).clears("spo2_low")
    timeline.at(20).raises("spo2_low")
    timeline.at(25).then(late)
    timeline.at(26).then(
        lambda: timeline.do(Action(id="x", type=ActionType.ACKNOWLEDGE, subject="nothing", by="a", at=0))
    )
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(between(7, 7.5), "ALERT ENDED")
    timeline.want(immediately(20), "HIGH priority, ICU bed 7")
    timeline.want(between(80, 80.5), "HIGH priority, ICU bed 7")
    timeline.run(90)
    ended, active = {alert.id: alert for alert in timeline.published()}.values()
    assert (ended.ack, active.ack) == (None, None)
    assert [done.by for done in ended.actions] == ["nurse.anna"]
    assert timeline.reasons()["acknowledgement of an ended alert: ignored"] == 1
    assert timeline.reasons()["acknowledgement of an unknown alert: ignored"] == 1


def test_a_repeated_action_is_applied_once_even_after_a_restart(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).acks("spo2_low")
    ack = timeline.script[-1][2]
    timeline.at(3).then(ack)
    timeline.at(4).unacks("spo2_low")
    timeline.at(5).restarts()
    timeline.at(6).then(ack)
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(immediately(4), "HIGH priority, ICU bed 7")
    timeline.run(50)
    assert timeline.alerts()["spo2_low icu-7"].ack is None
    assert timeline.reasons()["action repeated: ignored"] == 2


def test_unacknowledging_an_unacknowledged_alert_changes_nothing(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).unacks("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.run(50)
    assert timeline.reasons()["withdrawal of an acknowledgement that was not there: ignored"] == 1


def test_all_actions_are_recorded_with_name_time_and_note(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.advance_to(2)
    episode = timeline.episodes["spo2_low", "icu-7"].episode
    action = Action(
        id="a1", type=ActionType.ACKNOWLEDGE, subject=episode, by="anna", at=timeline.time_at(2), note="on my way"
    )
    actions = [
        action,
        replace(action, id="a2", type=ActionType.UNACKNOWLEDGE),
        replace(action, id="a3", subject="nothing"),
    ]
    for each in actions:
        timeline.do(each)
    timeline.advance_to(4)
    assert [_stored(timeline, each) for each in actions] == actions
    timeline.pipeline.close()


def test_an_alert_acknowledged_before_the_first_notification_notifies_nobody(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("silent", severity="low")
    timeline.at(2).acks("silent")
    timeline.run(50)
    assert timeline.alerts()["silent icu-7"].reason == "no further messages: acknowledged"


def test_a_record_that_cannot_be_decoded_is_quarantined_and_the_others_are_applied(tmp_path: Path) -> None:
    from ward.topics import ACTIONS, FINDINGS, QUARANTINE
    from ward.wire import QUARANTINED_WIRE

    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    for rubbish in (b"", b"{}", b'{"v": 2}', b"\xff", b'{"v":1,"episode":"x"}'):
        timeline.log.send(FINDINGS, [("mon-icu-7", rubbish)])
        timeline.log.send(ACTIONS, [("a", rubbish)])
    timeline.at(1).raises("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.run(20)
    records = log_messages(timeline.log, QUARANTINE, QUARANTINED_WIRE)
    assert len(records) == 10
    assert {record.stage for record in records} == {"alerts"}
    assert timeline.metrics.samples()['wardwatch_messages_quarantined_total{reason="record",stage="alerts"}'] == 10


@pytest.mark.guarantee("A nurse takes over an alert that another one has acknowledged, and both stay in its record.")
def test_another_nurse_takes_over_and_both_are_recorded(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).acks("spo2_low", by="anna")
    timeline.at(3).acks("spo2_low", by="berta", type_=ActionType.TAKE_OVER)
    timeline.at(4).restarts()
    timeline.at(5).acks("spo2_low", by="carla", type_=ActionType.TAKE_OVER)
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.run(100)
    alert = timeline.alerts()["spo2_low icu-7"]
    assert alert.ack is not None
    assert (alert.ack.by, alert.ack.at, alert.ack.taken_over_from) == ("carla", timeline.time_at(5), "berta")
    assert [(str(done.type), done.by) for done in alert.actions] == [
        ("acknowledge", "anna"),
        ("take_over", "berta"),
        ("take_over", "carla"),
    ]
    assert timeline.reasons()["acknowledgement taken over"] == 2


def test_only_what_another_person_has_can_be_taken_over(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).acks("spo2_low", by="anna", type_=ActionType.TAKE_OVER)  # nobody has it
    timeline.at(3).acks("spo2_low", by="anna")
    timeline.at(4).acks("spo2_low", by="anna", type_=ActionType.TAKE_OVER)  # she has it herself
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.run(50)
    alert = timeline.alerts()["spo2_low icu-7"]
    assert alert.ack is not None
    assert (alert.ack.by, alert.ack.at, alert.ack.taken_over_from) == ("anna", timeline.time_at(3), "")
    assert timeline.reasons()["take-over of what nobody has acknowledged: ignored"] == 1
    assert timeline.reasons()["take-over by the person who has it: ignored"] == 1


def test_an_alert_that_gets_worse_is_not_taken_over_unseen(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low", severity="medium")
    timeline.at(2).acks("spo2_low", by="anna")
    timeline.at(3).changes("spo2_low", severity="high")
    timeline.at(4).acks("spo2_low", by="berta", type_=ActionType.TAKE_OVER)
    timeline.want(immediately(1), "MEDIUM priority, ICU bed 7")
    timeline.want(immediately(3), "HIGH priority, ICU bed 7")
    timeline.run(50)
    assert timeline.alerts()["spo2_low icu-7"].ack is None
