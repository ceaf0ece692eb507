"""Escalation: while nobody has acknowledged an alert, further receivers are notified."""

from pathlib import Path
from typing import Any

from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config

SETTINGS: dict[str, Any] = {
    "channels": [{"name": name, "urls": ["json://127.0.0.1:9"]} for name in ("nurse", "doctor", "chief")],
    "receivers": [{"name": f"{name}s", "channels": [name]} for name in ("nurse", "doctor", "chief")],
    "route": {
        "receiver": "nurses", "repeat_interval": "1h", "group_wait": "10s",
        "escalate": [{"after": "2m", "receiver": "doctors"}, {"after": "5m", "receiver": "chiefs"}],
    },
}  # fmt: skip


def test_each_escalation_is_sent_after_its_time(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(10).raises("spo2_low")
    timeline.want(immediately(10), "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s")
    timeline.want(
        between(130, 131),
        "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s (measured at 16:00:10 UTC; not acknowledged for 2 min)",
        "doctor",
    )
    timeline.want(
        between(310, 311),
        "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s (measured at 16:00:10 UTC; not acknowledged for 5 min)",
        "chief",
    )
    timeline.run(400, every=0.5)


def test_an_acknowledgement_ends_the_escalation_and_unacknowledging_starts_it_again(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(10).raises("spo2_low")
    timeline.at(129).acks("spo2_low")
    timeline.at(300).unacks("spo2_low")
    timeline.want(immediately(10), "HIGH priority, ICU bed 7")
    timeline.want(immediately(300), "HIGH priority, ICU bed 7")
    timeline.want(between(420, 421), "HIGH priority, ICU bed 7", "doctor")
    timeline.run(500, every=0.5)


def test_a_receiver_added_by_escalation_gets_the_end(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(10).raises("spo2_low")
    timeline.at(200).clears("spo2_low")
    timeline.want(immediately(10), "HIGH priority, ICU bed 7")
    timeline.want(between(130, 131), "HIGH priority, ICU bed 7", "doctor")
    timeline.want(between(210, 211), "ALERT ENDED, ICU bed 7")
    timeline.want(between(210, 211), "ALERT ENDED, ICU bed 7", "doctor")
    timeline.run(400, every=0.5)


def test_a_restart_neither_loses_nor_repeats_an_escalation(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(10).raises("spo2_low")
    timeline.at(100).restarts()
    timeline.at(200).restarts()
    timeline.want(immediately(10), "HIGH priority, ICU bed 7")
    timeline.want(between(130, 131), "HIGH priority, ICU bed 7", "doctor")
    timeline.want(between(310, 311), "HIGH priority, ICU bed 7", "chief")
    timeline.run(400, every=0.5)


def test_a_silenced_alert_does_not_escalate_until_the_silence_is_over(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(10).raises("spo2_low")
    timeline.at(20).silences("s1", "bed=icu-7", lasts=180)
    timeline.want(immediately(10), "HIGH priority, ICU bed 7")
    timeline.want(immediately(200), "HIGH priority, ICU bed 7", "doctor")
    timeline.run(250, every=0.5)


def test_a_receiver_of_the_higher_priority_gets_the_end_at_a_lower_one(tmp_path: Path) -> None:
    settings = {
        **SETTINGS,
        "route": {
            "receiver": "nurses", "group_interval": "30s",
            "routes": [{"matchers": ['severity="high"'], "receiver": "doctors"}],
        },
    }  # fmt: skip
    timeline = AlertTimeline(tmp_path, ward_config(**settings))
    timeline.at(1).raises("spo2_low", severity="high")
    timeline.at(5).changes("spo2_low", severity="medium")
    timeline.at(100).clears("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7", "doctor")
    timeline.want(immediately(5), "MEDIUM priority, ICU bed 7", "nurse")
    timeline.want(
        between(31, 31.5), "MEDIUM priority, ICU bed 7: SpO2 84 % < 88 for 15 s (was HIGH priority)", "doctor"
    )
    timeline.want(between(110, 110.5), "ALERT ENDED, ICU bed 7", "doctor")
    timeline.want(between(110, 110.5), "ALERT ENDED, ICU bed 7", "nurse")
    timeline.run(200)


def test_a_silence_delays_the_escalation_by_its_duration(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(10).raises("spo2_low")
    timeline.at(100).silences("s1", "bed=icu-7", lasts=60)
    timeline.want(immediately(10), "HIGH priority, ICU bed 7")
    timeline.want(immediately(160), "HIGH priority, ICU bed 7", "doctor")
    timeline.run(200, every=0.5)


def test_a_receiver_that_no_route_leads_to_any_more_gets_no_repeats(tmp_path: Path) -> None:
    settings = {
        **SETTINGS,
        "route": {
            "receiver": "nurses", "group_interval": "30s", "repeat_interval": "1m",
            "routes": [{"matchers": ['severity="high"'], "receiver": "doctors"}],
        },
    }  # fmt: skip
    timeline = AlertTimeline(tmp_path, ward_config(**settings))
    timeline.at(1).raises("spo2_low", severity="high")
    timeline.at(5).changes("spo2_low", severity="medium")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7", "doctor")
    timeline.want(immediately(5), "MEDIUM priority, ICU bed 7", "nurse")
    timeline.want(between(31, 31.5), "MEDIUM priority, ICU bed 7", "doctor")
    timeline.want(between(65, 65.5), "MEDIUM priority, ICU bed 7", "nurse")
    timeline.want(between(125, 125.5), "MEDIUM priority, ICU bed 7", "nurse")
    timeline.run(150)
