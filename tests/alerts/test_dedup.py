"""Dedup: new alerts, changes of priority, ends and repeats are sent; anything else is not."""

from pathlib import Path

from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from ward.finding import EndReason

ROUTE = {"receiver": "nurses", "group_wait": "10s", "group_interval": "60s", "repeat_interval": "3m"}


def test_an_unchanged_alert_is_sent_again_only_after_repeat_interval(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s")
    timeline.want(
        between(181, 181.5),
        "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s (measured at 16:00:01 UTC; not acknowledged for 3 min)",
    )
    timeline.want(
        between(361, 361.5),
        "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s (measured at 16:00:01 UTC; not acknowledged for 6 min)",
    )
    timeline.run(500, every=0.5)


def test_an_acknowledgement_stops_repeats_and_unacknowledging_repeats_immediately(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(30).acks("spo2_low")
    timeline.at(400).unacks("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(
        immediately(400),
        "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s (measured at 16:00:01 UTC; alert for 6 min 54 s; "
        "not acknowledged for 0 s)",
    )
    timeline.want(
        between(580, 580.5),
        "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s (measured at 16:00:01 UTC; alert for 9 min 54 s; "
        "not acknowledged for 3 min)",
    )
    timeline.run(700, every=0.5)


def test_a_higher_priority_is_sent_immediately_and_a_lower_one_with_the_group(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low", severity="low")
    timeline.at(20).changes("spo2_low", severity="high", text="SpO2 79 % < 80")
    timeline.at(30).changes("spo2_low", severity="medium", text="SpO2 84 % < 88")
    timeline.want(immediately(1), "LOW priority, ICU bed 7: SpO2 84 % < 88 for 15 s")
    timeline.want(immediately(20), "HIGH priority, ICU bed 7: SpO2 79 % < 80 (was LOW priority)")
    timeline.want(between(80, 80.5), "MEDIUM priority, ICU bed 7: SpO2 84 % < 88 (alert for 94 s; was HIGH priority)")
    timeline.run(150)


def test_a_higher_priority_removes_the_acknowledgement(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low", severity="medium")
    timeline.at(5).acks("spo2_low")
    timeline.at(300).changes("spo2_low", severity="high")
    timeline.want(immediately(1), "MEDIUM priority, ICU bed 7")
    timeline.want(immediately(300), "HIGH priority, ICU bed 7")
    timeline.want(
        between(480, 480.5),
        "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s (measured at 16:05:00 UTC; alert for 8 min 14 s; "
        "not acknowledged for 3 min)",
    )
    timeline.run(500, every=0.5)
    alert = timeline.alerts()["spo2_low icu-7"]
    assert alert.ack is None
    assert [done.by for done in alert.actions] == ["nurse.anna"]
    assert timeline.reasons()["acknowledgement removed: priority increased"] == 1


def test_an_end_is_sent_once_after_group_wait_and_not_after_group_interval(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(20).clears("spo2_low")
    timeline.at(25).clears("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(between(30, 30.5), "ALERT ENDED, ICU bed 7: was HIGH priority: SpO2 84 % < 88 for 15 s")
    timeline.run(200)
    assert not timeline.pipeline.state.alerts


def test_each_kind_of_end_has_its_own_text(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    subjects = {
        EndReason.RECOVERED: "ALERT ENDED, ICU bed",
        EndReason.RULE_CHANGED: "ALERT CLOSED, NOT KNOWN WHETHER IT HAS ENDED (rule changed by config, or "
        "device moved), ICU bed",
        EndReason.DISCHARGED: "ALERT CLOSED (patient discharged or moved), ICU bed",
        EndReason.PAUSED: "ALERT CLOSED, NO LONGER CHECKED (paused), ICU bed",
    }
    for bed, (ended, subject) in enumerate(subjects.items(), 1):
        timeline.at(1).raises("spo2_low", bed=bed)
        timeline.at(5).clears("spo2_low", bed=bed, ended=ended)
        timeline.want(immediately(1), f"HIGH priority, ICU bed {bed}:")
        timeline.want(between(15, 15.5), f"{subject} {bed}:")
    timeline.run(30)


def test_an_alert_that_ended_before_its_first_notification_notifies_nobody(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("silent", severity="low")
    timeline.at(5).clears("silent")
    timeline.run(30)
    assert timeline.alerts()["silent icu-7"].reason == "not sent: ended before it was due"
    assert timeline.reasons()["not sent: ended before it was due"] == 1


def test_a_receiver_without_send_resolved_gets_no_ends(tmp_path: Path) -> None:
    config = ward_config(route=ROUTE, receivers=[{"name": "nurses", "channels": ["nurse"], "send_resolved": False}])
    timeline = AlertTimeline(tmp_path, config)
    timeline.at(1).raises("spo2_low")
    timeline.at(5).clears("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.run(60)
    assert timeline.alerts()["spo2_low icu-7"].reason == "end not sent: the receiver gets no ends"


def test_repeats_of_a_group_are_sent_together(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route={**ROUTE, "group_by": ["ward"]}))
    timeline.at(1).raises("spo2_low", bed=1)
    timeline.at(40).raises("spo2_low", bed=2)
    timeline.want(immediately(1), "HIGH priority, ICU bed 1")
    timeline.want(immediately(40), "HIGH priority, ICU bed 2")
    timeline.want(
        between(181, 181.5),
        "HIGH priority, ICU bed 2: SpO2 84 % < 88 for 15 s (measured at 16:00:40 UTC; not acknowledged for 2 min 21 s) "
        "and 1 more alert: HIGH priority, ICU bed 1",
    )
    timeline.run(300)


def test_a_reload_of_the_routes_repeats_no_notification(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(10).reloads(ward_config(route={**ROUTE, "group_by": ["ward"], "group_interval": "30s"}))
    timeline.at(20).clears("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(between(30, 30.5), "ALERT ENDED, ICU bed 7")
    timeline.run(60)


def test_a_replay_of_everything_changes_nothing(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low", severity="medium")
    timeline.at(2).changes("spo2_low", severity="high")
    first, second = timeline.script[0][2], timeline.script[1][2]
    timeline.at(3).then(first).then(second)
    timeline.at(10).clears("spo2_low")
    timeline.at(40).then(first).then(second)
    timeline.want(immediately(1), "MEDIUM priority, ICU bed 7")
    timeline.want(immediately(2), "HIGH priority, ICU bed 7")
    timeline.want(between(20, 20.5), "ALERT ENDED, ICU bed 7")
    timeline.run(100)
    assert timeline.counted("wardwatch_alerts") == {"started": 1, "ended": 1}
    assert timeline.reasons()["known already: ignored"] == 4


def test_the_end_of_an_unknown_episode_is_recorded_and_makes_no_alert(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path)
    timeline.at(1).raises("spo2_low")
    timeline.script.clear()
    timeline.at(2).clears("spo2_low")
    timeline.run(30)
    assert timeline.alerts() == {}
    assert timeline.reasons() == {"end of an unknown alert: stored, no alert made": 1}


def test_a_new_episode_supersedes_one_whose_end_never_came(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).acks("spo2_low")
    timeline.at(100).raises("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(
        immediately(100),
        "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s and 1 more alert: "
        "ALERT CLOSED (replaced by a newer alert), was HIGH priority: SpO2 84 % < 88 for 15 s",
    )
    timeline.run(150)
    old, new = {a.id: a for a in timeline.published()}.values()
    assert (str(old.ended), new.active, new.ack) == ("superseded", True, None)


def test_a_latched_alert_stays_active_until_it_is_acknowledged(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE, latch=['severity="high"']))
    timeline.at(1).raises("spo2_low")
    timeline.at(10).clears("spo2_low")
    timeline.at(300).acks("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(
        between(181, 181.5),
        "ENDED, NOT ACKNOWLEDGED, ICU bed 7: was HIGH priority: SpO2 84 % < 88 for 15 s (ended at 16:00:10 UTC; "
        "not acknowledged for 3 min)",
    )
    timeline.want(between(310, 310.5), "ALERT ENDED, ICU bed 7")
    timeline.run(400, every=0.5)


def test_what_was_sent_is_kept_when_the_alert_moves_to_a_receiver_without_a_channel(tmp_path: Path) -> None:
    """HIGH is sent to nurses; LOW then leads to the screen alone."""
    timeline = AlertTimeline(
        tmp_path,
        ward_config(
            receivers=[{"name": "nurses", "channels": ["nurse"]}, {"name": "screen", "channels": []}],
            route={"receiver": "nurses", "group_interval": "5s",
                   "routes": [{"matchers": ["severity=low"], "receiver": "screen"}]},
        ),
    )  # fmt: skip
    timeline.at(1).raises("spo2_low", bed=1)
    timeline.at(5).changes("spo2_low", 1, "low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 1:")
    timeline.want(between(5, 20), "LOW priority, ICU bed 1:")
    timeline.run(30)

    (tracked,) = timeline.pipeline.state.alerts.values()
    (sent,) = tracked.alert.sent_to
    assert (sent.receiver, sent.channels) == ("nurses", ("nurse",))
    assert tracked.alert.notified_at == sent.first < sent.last
    assert tracked.alert.reason != "not sent: the receiver has no channel, only the screen shows it"
