"""What people do: bound to the incarnation, kept for good, done once."""

from pathlib import Path

from msgspec.structs import replace

from tests.alerts.play import Play, at_once, between, ward_config
from tests.kit.log_records import log_messages
from ward.action import Action, ActionType
from ward.wire import ACTION_WIRE

ROUTE = {"receiver": "nurses", "group_wait": "5s", "repeat_interval": "1m"}


def _kept(play: Play, action: Action) -> Action:
    body = play.pipeline._store.record("action", action.id)
    assert body is not None
    return ACTION_WIRE.decode(body)


def test_the_first_acknowledgement_keeps_it_and_all_are_kept(tmp_path: Path) -> None:
    play = Play(tmp_path, ward_config(route=ROUTE))
    play.at(1).raises("spo2_low")
    play.at(2).acks("spo2_low", by="anna")
    play.at(3).acks("spo2_low", by="berta")
    play.want(at_once(1), "HIGH priority, ICU bed 7")
    play.run(100)
    alert = play.alerts()["spo2_low icu-7"]
    assert alert.ack is not None
    assert alert.ack.by == "anna"
    assert [(done.type, done.by) for done in alert.actions] == [
        (ActionType.ACKNOWLEDGE, "anna"),
        (ActionType.ACKNOWLEDGE, "berta"),
    ]
    assert alert.reason == "no further messages: acknowledged"
    assert play.reasons()["acknowledged already: ignored"] == 1


def test_an_acknowledgement_of_an_ended_or_unknown_incarnation_changes_nothing_and_is_counted(tmp_path: Path) -> None:
    play = Play(tmp_path, ward_config(route=ROUTE))
    play.at(1).raises("spo2_low")
    play.at(10).acks("spo2_low")  # of the first one, but it comes after the second has begun
    late = play.script.pop()[2]
    play.at(2).clears("spo2_low")
    play.at(20).raises("spo2_low")
    play.at(25).then(late)
    play.at(26).then(lambda: play.do(Action(id="x", type=ActionType.ACKNOWLEDGE, subject="nothing", by="a", at=0)))
    play.want(at_once(1), "HIGH priority, ICU bed 7")
    play.want(between(7, 7.5), "ALERT ENDED")
    play.want(at_once(20), "HIGH priority, ICU bed 7")
    play.want(between(80, 80.5), "HIGH priority, ICU bed 7")
    play.run(90)
    ended, active = {alert.id: alert for alert in play.published()}.values()
    assert (ended.ack, active.ack) == (None, None)
    assert [done.by for done in ended.actions] == ["nurse.anna"]
    assert play.reasons()["acknowledgement of an ended alert: ignored"] == 1
    assert play.reasons()["acknowledgement of an unknown alert: ignored"] == 1


def test_a_repeated_request_is_done_once_even_after_a_restart(tmp_path: Path) -> None:
    play = Play(tmp_path, ward_config(route=ROUTE))
    play.at(1).raises("spo2_low")
    play.at(2).acks("spo2_low")
    ack = play.script[-1][2]
    play.at(3).then(ack)
    play.at(4).unacks("spo2_low")
    play.at(5).restarts()
    play.at(6).then(ack)
    play.want(at_once(1), "HIGH priority, ICU bed 7")
    play.want(at_once(4), "HIGH priority, ICU bed 7")
    play.run(50)
    assert play.alerts()["spo2_low icu-7"].ack is None
    assert play.reasons()["action repeated: ignored"] == 2


def test_giving_back_what_nobody_had_changes_nothing(tmp_path: Path) -> None:
    play = Play(tmp_path, ward_config(route=ROUTE))
    play.at(1).raises("spo2_low")
    play.at(2).unacks("spo2_low")
    play.want(at_once(1), "HIGH priority, ICU bed 7")
    play.run(50)
    assert play.reasons()["withdrawal of an acknowledgement that was not there: ignored"] == 1


def test_everything_people_did_is_kept_with_who_when_and_note(tmp_path: Path) -> None:
    play = Play(tmp_path, ward_config(route=ROUTE))
    play.at(1).raises("spo2_low")
    play.play(2)
    episode = play.episodes["spo2_low", "icu-7"].episode
    action = Action(id="a1", type=ActionType.ACKNOWLEDGE, subject=episode, by="anna", at=play.wall(2), note="on my way")
    actions = [
        action,
        replace(action, id="a2", type=ActionType.UNACKNOWLEDGE),
        replace(action, id="a3", subject="nothing"),
    ]
    for each in actions:
        play.do(each)
    play.play(4)
    assert [_kept(play, each) for each in actions] == actions
    play.pipeline.close()


def test_an_acknowledgement_before_anyone_was_told_leaves_them_in_peace(tmp_path: Path) -> None:
    play = Play(tmp_path, ward_config(route=ROUTE))
    play.at(1).raises("silent", severity="low")
    play.at(2).acks("silent")
    play.run(50)
    assert play.alerts()["silent icu-7"].reason == "no further messages: acknowledged"


def test_a_message_that_cannot_be_read_is_quarantined_and_harms_no_other(tmp_path: Path) -> None:
    from ward.topics import ACTIONS, FINDINGS, QUARANTINE
    from ward.wire import QUARANTINED_WIRE

    play = Play(tmp_path, ward_config(route=ROUTE))
    for rubbish in (b"", b"{}", b'{"v": 2}', b"\xff", b'{"v":1,"episode":"x"}'):
        play.log.send(FINDINGS, [("mon-icu-7", rubbish)])
        play.log.send(ACTIONS, [("a", rubbish)])
    play.at(1).raises("spo2_low")
    play.want(at_once(1), "HIGH priority, ICU bed 7")
    play.run(20)
    records = log_messages(play.log, QUARANTINE, QUARANTINED_WIRE)
    assert len(records) == 10
    assert {record.stage for record in records} == {"alerts"}
    assert play.metrics.numbers()['wardwatch_messages_quarantined_total{reason="wire",stage="alerts"}'] == 10
