"""What people read: subjects, bodies, digests, short messages, and nothing in them that could do harm."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model.channel_message import ChannelMessage
from alerts.text.limits import LONGEST_SUBJECT, body_of, overhead, shorten, to_ascii
from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from tests.kit.examples import examples
from ward.config.rule import DetectorParams, Match, Override, Rule
from ward.finding import Kind
from ward.local_time import local_time

ROUTE = {"receiver": "nurses", "group_wait": "5s", "repeat_interval": "1h"}


def _body(timeline: AlertTimeline, index: int = 0) -> list[str]:
    return timeline.notified[index].message.body.split("\n")


def test_a_message_about_one_alert_has_value_limit_time_place_and_what_to_do(tmp_path: Path) -> None:
    timeline = AlertTimeline(
        tmp_path, ward_config(route=ROUTE, external_url="https://ward.test/", timezone="Europe/Berlin")
    )
    timeline.at(1).raises("spo2_low", patient="p-0042", runbook="https://ward.test/docs/spo2")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s")
    timeline.run(2)
    alert = timeline.alerts()["spo2_low icu-7"]
    # The clock of a timeline begins at 2025-11-24T16:00:00Z.
    assert _body(timeline) == [
        "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s",
        "",
        "Value 84 % at 17:00:01 CET, limit 88 %",
        "Alert since 16:59:46 CET, for 15 s",
        "Patient p-0042",
        "Device mon-icu-7",
        "Ward icu",
        f"Rule spo2_low, config {timeline.config.hash}",
        "",
        "What to do: https://ward.test/docs/spo2",
        f"Acknowledge: https://ward.test/bed/icu-7?alert={alert.id}",
        "Reason for this message: sent immediately: HIGH priority",
    ]


def test_an_alert_explains_itself_in_its_annotations(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE, external_url="https://ward.test"))
    timeline.at(1).raises("spo2_low", runbook="https://ward.test/docs/spo2")
    timeline.advance_to(2)
    timeline.pipeline.close()
    alert = timeline.alerts()["spo2_low icu-7"]
    assert alert.labels == {
        "alertname": "spo2_low", "severity": "high", "kind": "physiological", "ward": "icu", "bed": "icu-7",
        "device_id": "mon-icu-7", "metric": "spo2",
    }  # fmt: skip
    assert alert.annotations == {
        "summary": "ICU bed 7: SpO2 84 % < 88 for 15 s",
        "description": "ICU bed 7: SpO2 84 % < 88 for 15 s. Since 15:59:46 UTC, detected after 15 s. "
        f"Rule spo2_low, config {timeline.config.hash}.",
        "value": "84 %", "limit": "88 %", "since": "2025-11-24 15:59:46 UTC", "rule": "spo2_low",
        "config": timeline.config.hash, "runbook_url": "https://ward.test/docs/spo2",
        "dashboard_url": "https://ward.test/bed/icu-7",
    }  # fmt: skip


def test_an_override_says_why(tmp_path: Path) -> None:
    import dataclasses

    override = Override(where=Match(bed=("icu-7",)), set={}, why="COPD, target 88-92 %")
    rule = Rule("spo2_low", "limits", ("spo2",), Kind.PHYSIOLOGICAL, DetectorParams, {}, overrides=(override,))
    timeline = AlertTimeline(tmp_path, dataclasses.replace(ward_config(route=ROUTE), rules=(rule,)))
    timeline.at(1).raises("spo2_low").raises("spo2_low", bed=8)
    timeline.advance_to(2)
    timeline.pipeline.close()
    alerts = timeline.alerts()
    assert alerts["spo2_low icu-7"].annotations["override"] == "COPD, target 88-92 %"
    assert "Special limits: COPD, target 88-92 %." in alerts["spo2_low icu-7"].annotations["description"]
    assert "override" not in alerts["spo2_low icu-8"].annotations


def test_the_message_of_an_end_says_how_when_and_after_how_long(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(181).clears("spo2_low", text="SpO2 95 %")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(between(186, 186.5), "ALERT ENDED, ICU bed 7")
    timeline.run(200)
    assert "Ended, at 16:03:01 UTC after 3 min 15 s: SpO2 95 %" in _body(timeline, 1)


def test_the_message_of_an_end_names_who_acknowledged(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(10).acks("spo2_low")
    timeline.at(20).clears("spo2_low")
    timeline.advance_to(30)
    timeline.pipeline.close()
    assert "Acknowledged by nurse.anna at 16:00:10 UTC" in _body(timeline, 1)


def test_a_channel_about_alerts_gets_one_message_per_alert(tmp_path: Path) -> None:
    channels = [{"name": "nurse", "urls": ["json://127.0.0.1:9"], "message_per": "alert"}]
    timeline = AlertTimeline(tmp_path, ward_config(channels=channels, route={**ROUTE, "group_by": ["ward"]}))
    timeline.at(1).raises("spo2_low", bed=1).raises("spo2_low", bed=2)
    timeline.want(immediately(1), "HIGH priority, ICU bed 1: SpO2 84 % < 88 for 15 s")
    timeline.want(immediately(1), "HIGH priority, ICU bed 2: SpO2 84 % < 88 for 15 s")
    timeline.run(3)
    assert len({notified.message.key for notified in timeline.notified}) == 2


def test_a_message_about_several_alerts_lists_updates_and_other_active_alerts(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route={**ROUTE, "group_by": ["ward"]}))
    timeline.at(1).raises("spo2_low", bed=1)
    timeline.at(5).acks("spo2_low", bed=1)
    timeline.at(10).raises("spo2_low", bed=2).raises("tachycardia", bed=3, severity="medium")
    timeline.want(immediately(1), "HIGH priority, ICU bed 1")
    timeline.want(
        immediately(10),
        "HIGH priority, ICU bed 2: SpO2 84 % < 88 for 15 s and 1 more alert: "
        "MEDIUM priority, ICU bed 3: Heart rate 137 /min > 120 for 5 s",
    )
    timeline.run(12)
    body = _body(timeline, 1)
    still = body.index("Other active alerts:")
    assert body[0].startswith("HIGH priority, ICU bed 2")
    assert body[still + 1] == "HIGH priority, ICU bed 1: SpO2 84 % < 88 for 15 s (acknowledged by nurse.anna)"
    assert any(line.startswith("MEDIUM priority, ICU bed 3: Heart rate") for line in body[:still])
    assert body[-1] == "All alerts: http://127.0.0.1:8080/"


@pytest.mark.parametrize("limit", [60, 80, 120, 160, 300])
def test_a_short_message_fits_with_its_key_and_begins_with_priority_and_place(tmp_path: Path, limit: int) -> None:
    channels = [{"name": "nurse", "urls": ["json://127.0.0.1:9"], "max_characters": limit}]
    timeline = AlertTimeline(tmp_path, ward_config(channels=channels, route=ROUTE, external_url="https://ward.test"))
    timeline.at(1).raises("spo2_low", text="SpO2 84 % < 88 for 15 s – Sättigung ≤ 88 …" * 2)
    timeline.advance_to(2)
    timeline.pipeline.close()
    message = timeline.notified[0].message
    assert len(f"{message.subject}\r\n{message.body}\n\nkey: {message.key}") <= limit
    # The value is cut off only where there is no room for it at all.
    room = limit - overhead(message.key) - len("...")
    assert message.subject.startswith("HIGH priority, ICU bed 7: SpO2 84"[:room])
    assert (message.subject + message.body).isascii()
    if limit >= 300:
        assert "https://ward.test/bed/icu-7?alert=" in message.body


EVIL = ["<script>alert(1)</script>", "a\r\nBcc: x@y", "\u202eabc", "\x00\x1b[2J", "') |> drop()", "../../etc/passwd"]


@pytest.mark.parametrize("evil", EVIL)
def test_texts_from_outside_break_no_line_and_hide_no_characters(tmp_path: Path, evil: str) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises(
        "spo2_low", text=f"SpO2 {evil}", device=evil, patient=evil, runbook=evil, config=evil, signal=evil
    )
    timeline.at(2).acks("spo2_low", by=evil)
    timeline.at(3).clears("spo2_low", text=evil)
    timeline.advance_to(10)
    timeline.pipeline.close()
    assert len(timeline.notified) == 2
    for notified in timeline.notified:
        assert notified.message.subject.isprintable()
        assert notified.message.body.replace("\n", "").isprintable()
    assert len(_body(timeline)) == 12


def test_a_device_at_no_bed_is_named_by_ward_and_device(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("tachycardia", bed="nowhere", device="x7", ward="w1", severity="medium")
    timeline.want(immediately(1), "MEDIUM priority, w1 x7: Heart rate 137 /min > 120 for 5 s")
    timeline.run(2)


def _delayed(timeline: AlertTimeline, *ended: int, limit: int = 0) -> ChannelMessage:
    """The first message, as it is sent after the alerts of some beds have ended."""
    found = timeline.current(timeline.notified[0], at=32, limit=limit)
    assert found.message is not None
    assert found.priority == (timeline.notified[0].entry.priority if len(ended) < 2 else 0)
    return found.message


def _two_alerts(path: Path, *ended: int, zone: str = "UTC", **channel: Any) -> AlertTimeline:
    channels = [{"name": "nurse", "urls": ["json://127.0.0.1:9"], **channel}]
    route = {**ROUTE, "group_by": ["ward"]}
    timeline = AlertTimeline(path, ward_config(channels=channels, route=route, timezone=zone))
    timeline.at(1).raises("spo2_low", bed=1).raises("spo2_low", bed=2)
    for bed in ended:
        timeline.at(60).clears("spo2_low", bed=bed)
    timeline.advance_to(62)
    timeline.pipeline.close()
    return timeline


def test_a_delayed_message_whose_alerts_have_ended_says_so_first(tmp_path: Path) -> None:
    timeline = _two_alerts(tmp_path, 1, 2)
    message = _delayed(timeline, 1, 2)
    assert message.key == timeline.notified[0].message.key
    assert message.subject.startswith("ALERT ENDED at 16:01:00 UTC (delayed message): HIGH priority, ICU bed ")
    assert message.body.startswith("This message could not be sent in time. What it reports has ended:\n")


def test_a_delayed_message_is_in_the_zone_of_the_site(tmp_path: Path) -> None:
    message = _delayed(_two_alerts(tmp_path, 1, 2, zone="Europe/Berlin"), 1, 2)
    assert message.subject.startswith("ALERT ENDED at 17:01:00 CET (delayed message): HIGH priority, ICU bed ")
    assert "UTC" not in message.body


def test_a_delayed_message_says_which_of_its_alerts_have_ended(tmp_path: Path) -> None:
    message = _delayed(_two_alerts(tmp_path, 1), 1)
    assert message.subject.startswith("HIGH priority, ICU bed ")
    first, second = message.body.split("\n")[:2]
    assert first == "This message could not be sent in time. Some of what it reports has ended:"
    assert second.startswith("ICU bed 1: SpO2 84 % < 88 for 15 s: ended, at 16:01:00 UTC after ")


def test_a_message_whose_alerts_are_all_active_is_unchanged(tmp_path: Path) -> None:
    timeline = _two_alerts(tmp_path)
    assert _delayed(timeline) == timeline.notified[0].message


def test_a_message_that_waited_says_when_it_was_written(tmp_path: Path) -> None:
    timeline = _two_alerts(tmp_path)
    found = timeline.current(timeline.notified[0], at=90).message
    assert found is not None
    assert found.subject == f"{timeline.notified[0].message.subject} (delayed message of 16:00:01 UTC)"
    assert found.body == timeline.notified[0].message.body


def _acknowledged(path: Path, *beds: int, ended: tuple[int, ...] = ()) -> AlertTimeline:
    timeline = AlertTimeline(path, ward_config(route={**ROUTE, "group_by": ["ward"]}))
    timeline.at(1).raises("spo2_low", bed=1).raises("spo2_low", bed=2)
    for bed in beds:
        timeline.at(30).acks("spo2_low", bed=bed)
    for bed in ended:
        timeline.at(31).clears("spo2_low", bed=bed)
    timeline.advance_to(32)
    timeline.pipeline.close()
    return timeline


@pytest.mark.guarantee("A message that waited while its alerts were acknowledged is not sent.")
def test_a_message_whose_alerts_are_all_acknowledged_is_not_sent(tmp_path: Path) -> None:
    timeline = _acknowledged(tmp_path, 1, 2)
    assert timeline.current(timeline.notified[0], at=32) == (None, 0)


def test_what_is_acknowledged_is_not_in_the_subject_of_a_message_that_waited(tmp_path: Path) -> None:
    timeline = _acknowledged(tmp_path, 1)
    found = timeline.current(timeline.notified[0], at=32)
    assert found.message is not None
    assert timeline.notified[0].message.subject.startswith("HIGH priority, ICU bed 1")
    assert found.message.subject == "HIGH priority, ICU bed 2: SpO2 84 % < 88 for 15 s (delayed message)"
    acknowledged = "ICU bed 1: SpO2 84 % < 88 for 15 s: acknowledged by nurse.anna at 16:00:30 UTC"
    assert found.message.body.split("\n")[1] == acknowledged
    assert found.priority == timeline.notified[0].entry.priority


def test_a_message_about_an_end_and_an_acknowledgement_says_both_and_is_urgent_no_more(tmp_path: Path) -> None:
    timeline = _acknowledged(tmp_path, 1, ended=(2,))
    found = timeline.current(timeline.notified[0], at=32)
    assert found.message is not None
    assert found.message.subject.startswith("ALERT ENDED OR ACKNOWLEDGED at 16:00:31 UTC (delayed message): HIGH")
    assert found.priority == 0


def test_a_message_about_a_lowered_alert_has_the_priority_of_now(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low", bed=1)
    timeline.at(30).changes("spo2_low", bed=1, severity="low")
    timeline.advance_to(32)
    timeline.pipeline.close()
    found = timeline.current(timeline.notified[0], at=32)
    assert found.message is not None
    assert found.message.subject == "LOW priority, ICU bed 1: SpO2 84 % < 88 for 15 s (delayed message)"
    assert found.priority < timeline.notified[0].entry.priority


def test_a_delayed_short_message_still_fits(tmp_path: Path) -> None:
    message = _delayed(_two_alerts(tmp_path, 1, 2, max_characters=160), 1, 2, limit=160)
    assert message.subject.startswith("ALERT ENDED at 16:01:00 UTC (delayed message): HIGH priority, ICU bed ")
    assert len(f"{message.subject}\r\n{message.body}\n\nkey: {message.key}") <= 160


@pytest.mark.parametrize(("limit", "longest"), [(0, LONGEST_SUBJECT), (160, 160)])
def test_a_delayed_message_with_a_long_subject_keeps_its_time(tmp_path: Path, limit: int, longest: int) -> None:
    channels = [{"name": "nurse", "urls": ["json://127.0.0.1:9"], **({"max_characters": limit} if limit else {})}]
    timeline = AlertTimeline(tmp_path, ward_config(channels=channels, route={**ROUTE, "group_by": ["ward"]}))
    for bed in range(1, 10):
        timeline.at(1).raises("spo2_low", bed=bed)
    timeline.advance_to(100)
    timeline.pipeline.close()
    found = timeline.current(timeline.notified[0], at=100, limit=limit)
    assert found.message is not None
    assert found.message.subject.endswith("(delayed message of 16:00:01 UTC)")
    assert len(found.message.subject) <= longest


@settings(max_examples=examples(20, 120))
@given(st.lists(st.text(), max_size=5))
def test_a_body_has_as_many_lines_as_were_written(lines: list[str]) -> None:
    body = body_of(lines)
    assert body.count("\n") == max(0, len(lines) - 1)
    assert body.replace("\n", "").isprintable()


@settings(max_examples=examples(20, 120))
@given(st.text(), st.integers(0, 200))
def test_a_shortened_text_is_within_its_limit_and_to_ascii_gives_ascii(given_text: str, limit: int) -> None:
    assert len(shorten(given_text, limit)) <= limit
    assert to_ascii(given_text).isascii()


@pytest.mark.parametrize(
    ("zone", "shown"), [("UTC", "00:30:00 UTC"), ("Europe/Berlin", "01:30:00 CET"), ("Asia/Kolkata", "06:00:00 IST")]
)
def test_times_are_in_the_zone_of_the_site(zone: str, shown: str) -> None:
    at = 1_764_030_600 * 1_000_000
    assert local_time(at, zone, at) == shown
    assert local_time(at, zone, at + 2 * 86400 * 1_000_000).endswith(shown)
    assert local_time(at, zone, at + 2 * 86400 * 1_000_000).startswith("2025-11-25")
