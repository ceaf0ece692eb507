"""Silences: no notifications of matching alerts for a while."""

from pathlib import Path

import pytest

from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from tests.kit.log_records import log_messages
from ward.action import silences_after
from ward.matcher import Matcher
from ward.silence import Silence, SilenceState
from ward.topics import ACTIONS
from ward.wire import ACTION_WIRE

ROUTE = {"receiver": "nurses", "group_wait": "10s", "repeat_interval": "1m"}


def test_a_silenced_alert_that_goes_on_is_sent_when_the_silence_ends(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).silences("s1", 'bed=~"icu-[78]"', lasts=100)
    timeline.at(10).raises("spo2_low", bed=7).raises("spo2_low", bed=8).raises("spo2_low", bed=9)
    timeline.at(50).clears("spo2_low", bed=8)
    timeline.want(immediately(10), "HIGH priority, ICU bed 9")
    timeline.want(between(70, 70.5), "HIGH priority, ICU bed 9")
    timeline.want(immediately(101), "HIGH priority, ICU bed 7")
    timeline.run(120)
    assert timeline.alerts()["spo2_low icu-8"].reason == "no messages: silenced"


def test_a_silence_stops_repeats_and_the_end(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(5).silences("s1", "alertname=spo2_low", lasts=600)
    timeline.at(200).clears("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.run(700, every=0.5)


def test_a_silenced_alert_has_the_silences_id_while_it_is_active(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).silences("s1", "ward=icu", lasts=10)
    timeline.at(2).raises("spo2_low")
    timeline.want(immediately(11), "HIGH priority, ICU bed 7")
    timeline.run(30)
    states = [alert.silenced_by for alert in timeline.published()]
    assert states[0] == ("s1",)
    assert states[-1] == ()


def test_a_pending_silence_starts_at_its_time(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).silences("s1", "ward=icu", starts=30, lasts=10)
    timeline.at(2).raises("spo2_low", bed=1)
    timeline.at(32).raises("spo2_low", bed=2)
    timeline.want(immediately(2), "HIGH priority, ICU bed 1")
    timeline.want(immediately(41), "HIGH priority, ICU bed 2")
    timeline.run(50)


def test_expiring_a_silence_ends_it_immediately_and_an_unknown_one_changes_nothing(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).silences("s1", "ward=icu", lasts=1000)
    timeline.at(2).raises("spo2_low")
    timeline.at(20).expires("nothing").expires("s1")
    timeline.want(immediately(20), "HIGH priority, ICU bed 7")
    timeline.run(30)
    assert timeline.reasons()["end of an unknown silence: ignored"] == 1


def test_a_silence_bound_to_an_alert_ends_with_it_and_says_so_in_the_log(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(5).silences("s1", "bed=icu-7", lasts=1000, alert=timeline.episodes["spo2_low", "icu-7"].episode)
    timeline.at(20).clears("spo2_low")
    timeline.at(60).raises("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    # The silence ended with the alert: the end is sent, and the next alert is not silenced.
    timeline.want(between(30, 30.5), "ALERT ENDED, ICU bed 7")
    timeline.want(immediately(60), "HIGH priority, ICU bed 7")
    timeline.run(100)
    silences: dict[str, Silence] = {}
    for action in log_messages(timeline.log, ACTIONS, ACTION_WIRE):
        silences_after(silences, action)
    assert silences["s1"].state(timeline.time_at(21)) is SilenceState.EXPIRED
    assert silences["s1"].state(timeline.time_at(19)) is SilenceState.ACTIVE


def test_a_silence_survives_a_restart(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).silences("s1", "ward=icu", lasts=30)
    timeline.at(5).restarts()
    timeline.at(10).raises("spo2_low")
    timeline.want(immediately(31), "HIGH priority, ICU bed 7")
    timeline.run(50)


@pytest.mark.parametrize("matchers", [(), ("bed!=icu-1",), ('bed=~".*"',), ('bed=""',)])
def test_a_silence_of_everything_is_refused(matchers: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="silence everything"):
        Silence(
            id="s", matchers=tuple(map(Matcher.parse, matchers)), starts_at=0, ends_at=1, by="a", comment="c",
            updated_at=0,
        )  # fmt: skip
